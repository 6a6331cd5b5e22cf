"""Every operation of the API, by a token of everybody who could do it, with each scope missing that it needs."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from ninja import Router, Schema

import comity.api
from comity.actions import answers, listings, merges, messages, money, outages, parties, reviews, shipments
from comity.actions import webhooks as hooks
from comity.actions.disputes import opening
from comity.actions.excuses import verbs
from comity.actions.excuses.asked import Asked
from comity.actions.guard import SCOPES, Actor
from comity.actions.measured import written
from comity.api import api
from comity.api.access import tell_scopes
from comity.files.uploads import SafeFile
from comity.identity import tokens
from comity.lib.money import Money
from comity.policy.powers import ACTIONS, RELATIONS, power
from comity.records.models import ApiToken, Attachment
from tests.api.client import Api
from tests.cast import START, Cast

NOW = datetime.now(UTC)
LATER = (NOW + timedelta(days=30)).isoformat()
OUT_OF_SCOPE = "https://comity.example/problems/out-of-scope"
ADDRESS = {"name": "Ana", "street": "Rua 1", "city": "Curitiba", "country": "BR"}
PARCEL = {"carrier": "post", "tracking_number": "A2"}
#: Operations for which any token will do, and why.
FOR_ANY_TOKEN = {("get", "/me"): "a program learns as whom it acts, and nothing else"}
OPERATIONS: dict[tuple[str, str], dict[str, Any]] = {
    (method, path.removeprefix("/api/v1")): operation
    for path, methods in json.loads(json.dumps(api.get_openapi_schema()))["paths"].items()
    for method, operation in methods.items()
}
#: Sound bodies, for an operation that looks at the body before it looks at the token would be told here.
BODIES: dict[tuple[str, str], Any] = {
    ("post", "/orders/{uuid}/address"): ADDRESS,
    ("post", "/orders/{uuid}/address/answer"): {"accepted": False, "asked_at": NOW.isoformat()},
    ("post", "/plans/{key}/written"): {"actions": ["ship_earlier"], "text": "The same day."},
    ("post", "/plans/{key}/accepted"): {"asked_at": NOW.isoformat()},
    ("post", "/plans/{key}/sent-back"): {"asked_at": NOW.isoformat(), "because": "How soon?"},
    ("post", "/answers"): {"title": "Hours", "texts": {"en": "From nine to five."}},
    ("put", "/answers/{uuid}"): {"title": "Hours", "texts": {"en": "From nine to five."}},
    ("post", "/orders/{uuid}/cancel"): {"reason": "other"},
    ("post", "/orders/{uuid}/cancellation"): {"reason": "changed_mind"},
    ("post", "/orders/{uuid}/cancellation/answer"): {"accepted": True},
    ("post", "/pauses"): {"cause": "platform_outage", "begins": NOW.isoformat(), "ends": LATER},
    ("post", "/pauses/preview"): {"cause": "platform_outage", "begins": NOW.isoformat(), "ends": LATER},
    ("post", "/pauses/{uuid}/change"): {"ends": LATER},
    ("post", "/holidays/{uuid}/change"): {"ends": LATER},
    ("post", "/holidays"): {"begins": NOW.isoformat(), "ends": LATER},
    ("post", "/outages"): {"carrier": "post", "begins": NOW.isoformat(), "ends": LATER},
    ("post", "/conversations/{uuid}/messages"): {
        "text": "Hello", "files": [{"name": "a.txt", "content": b64encode(b"words").decode()}]
    },
    ("put", "/conversations/{uuid}/messages/{message}"): {"text": "Hello?"},
    ("post", "/conversations/{uuid}/no-reply-needed"): {"reason": "thanks"},
    ("post", "/conversations/{uuid}/notes"): {"text": "Wants it soon."},
    ("post", "/conversations/{uuid}/messages/{message}/verdict"): {"helped": True},
    ("post", "/orders/{uuid}/delays"): {"deliver_by": LATER, "reason": "weather"},
    ("post", "/orders/{uuid}/delays/answer"): {"accepted": True, "asked_at": NOW.isoformat()},
    ("post", "/orders/{uuid}/judgement"): {"on_time": True},
    ("post", "/facts"): [{"specversion": "1.0"}],
    ("post", "/parties"): {"role": "buyer", "name": "Eva"},
    ("post", "/orders/{uuid}/returns"): PARCEL,
    ("post", "/parties/{uuid}/sanctions/{key}/approve"): {"asked_at": NOW.isoformat()},
    ("post", "/parties/{uuid}/sanctions/{key}/decline"): {"reason": "mistake", "asked_at": NOW.isoformat()},
    ("post", "/parties/{uuid}/sanctions"): {"measure": "freeze", "rule": "spam", "because": "Seen."},
    ("post", "/parties/{uuid}/sanctions/{key}/answer"): {"text": "Not me."},
    ("post", "/parties/{uuid}/sanctions/{key}/appeal"): {"text": "Not me."},
    ("post", "/parties/{uuid}/sanctions/{key}/appeal/decide"): {"result": "stands", "because": "As I see it."},
    ("post", "/parties/{uuid}/sanctions/{key}/release"): {"reason": "mistake"},
    ("post", "/parties/{uuid}/charges/{key}/take-off"): {"reason": "mistake"},
    ("post", "/parties/{uuid}/sanctions/{key}/take-back"): {"because": "Another Kim."},
    ("post", "/parties/{uuid}/sanctions/{key}/keep"): {"because": "It stands without."},
    ("post", "/parties/{uuid}/links/take-back"): {
        "other": "0190163d-8694-739b-aea5-966c26f8ad91", "kinds": ["payout"], "because": "Another Kim."
    },
    ("post", "/parties/{uuid}/merges"): {"account": "0190163d-8694-739b-aea5-966c26f8ad91", "because": "Same hand."},
    **{("post", f"/merges/{{uuid}}/{verb}"): {"because": "Twins."} for verb in ("ask-undo", "look")},
    **{
        ("post", f"/merges/{{uuid}}/{verb}"): {"because": "Twins.", "asked_at": NOW.isoformat()}
        for verb in ("approve", "decline", "undo", "keep")
    },
    ("post", "/orders/{uuid}/shipments"): PARCEL,
    ("post", "/shipments/{uuid}/scans"): {"status": "in_transit", "at": NOW.isoformat()},
    ("post", "/webhooks"): {"url": "https://shop.example/"},
    ("post", "/orders/{uuid}/refunds"): {"amount": 5, "currency": "EUR"},
    ("post", "/money/reports"): {"kind": "refunded", "reference": "r1", "amount": 5, "currency": "EUR"},
    ("post", "/orders/{uuid}/reviews"): {"score": 5},
    ("post", "/orders/{uuid}/checks"): {"checklist": "count", "answers": {"count": "yes"}},
    **{("post", f"/orders/{{uuid}}/reviews/{{review}}/{verb}"): body for verb, body in {
        "revise": {"score": 5}, "answer": {"text": "Thank you."}, "moderate": {"because": "offensive"}, "appeal": {"text": "It was so."}, "decide-appeal": {"result": "upheld", "text": "It was not."},
        "answer-removal": {"accepted": True, "asked_at": NOW.isoformat()},
    }.items()},
    ("post", "/orders/{uuid}/disputes"): {"reason": "not received"},
    ("post", "/orders/{uuid}/inquiries"): {"reason": "not received"},
    **{("post", f"/disputes/{{uuid}}/{verb}"): body for verb, body in {
        "claim": {"reason": "not received"}, "reopen": {"reason": "not received"}, "modify": {"reason": "not received"},
        "accept": {"version": 1}, "reject": {"version": 1, "text": "It arrived."}, "say": {"text": "Hello"},
        "offers": {"kind": "nothing"}, "propose": {"kind": "nothing"}, "bids": {"amount": 5, "currency": "EUR"},
        "send-back": PARCEL, "act": PARCEL, "contest-return": {"state": "empty"}, "answer-contest": {"text": "No."},
        "promise-evidence": {"item": "photo"}, "needed": {"needed": True},
        "hand-over": {"to": "0190163d-8694-739b-aea5-966c26f8ad91"}, "ask-information": {"of": "buyer", "text": "Where?"},
        "tell-progress": {"text": "Soon."}, "join": {"other": "0190163d-8694-739b-aea5-966c26f8ad91", "because": "repeat"},
        "decide": {"outcome": "nobody", "text": "Nobody."}, "correct": {"text": "A slip."}, "clarify": {"text": "So."},
        "close-without-winner": {"because": "cannot_judge", "text": "Nobody knows."}, "appeal": {"text": "New."},
        "answer-appeal": {"text": "No."}, "decide-appeal": {"result": "upheld", "text": "It stands."},
        "ask-set-aside": {"reason": "Ill.", "answer": "Sent."}, "set-aside": {"granted": True, "text": "Heard."},
        "carrier-claims": {"carrier": "post"}, "carrier-claims/{claim}/asks": {"text": "Weight?"},
        "carrier-claims/{claim}/tells": {"request": "0190163d-8694-739b-aea5-966c26f8ad91", "text": "5 kg."},
        "carrier-claims/{claim}/answer": {"accepted": True},
    }.items()},
    ("post", "/network-issues/{number}/order"): {
        "order": "0190163d-8694-739b-aea5-966c26f8ad91", "reason": "not received"
    },
    ("post", "/network-issues/{number}/answer"): {"text": "It is mended."},
    ("post", "/tokens"): {"label": "Another", "scopes": ["party.read"]},
}  # fmt: skip


def test_an_operation_that_says_nothing_of_scopes_cannot_be_added() -> None:
    router = Router()

    @router.get("/open")
    def open_(request: Any) -> None:
        """Forgotten."""

    with pytest.raises(TypeError, match="does not say which scopes it needs"):
        tell_scopes(router)


def test_every_operation_tells_its_scopes() -> None:
    silent = {key: operation for key, operation in OPERATIONS.items() if not operation.get("x-scopes")}
    assert set(silent) == set(FOR_ANY_TOKEN)
    assert {scope for operation in OPERATIONS.values() for scope in operation["x-scopes"]} <= SCOPES


def test_no_two_shapes_have_one_name() -> None:
    """The description for programs tells each shape by its name: of two, one would be told for both."""
    modules = [import_module(f"comity.api.{found.name}") for found in iter_modules(comity.api.__path__)]
    shapes = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    names = [shape.__name__ for shape in shapes if issubclass(shape, Schema) and shape is not Schema]
    assert sorted(names) == sorted(set(names))


def things(cast: Cast) -> dict[str, Any]:
    """A thing of each kind that an address names, by the first word of the address."""
    at = NOW - timedelta(hours=9)
    order, talk = cast.order(), cast.conversation()
    file = SafeFile("a.txt", "text/plain", b"words")
    message = messages.send(cast.ana, talk, text="Where?", at=at, extras=messages.Extras(files=(file,)))
    offered = listings.Offered(seller=cast.seller, title="Lamp", price=Money(100, "EUR"), handling_hours=24)
    wording = answers.Wording("Hours", {"en": "From nine to five."}, [], automatic=False)
    token = tokens.make(cast.li, party=cast.seller, label="x", scopes=["party.read"], at=at)
    # Its promise has ended, and the time to open a dispute has not.
    late = cast.order(at=(NOW - START).total_seconds() / 3600 - 24 * 25)
    failed = money.instruct(cast.platform, cast.order(), money.Instruction(Money(5, "EUR")), at=at)
    named: dict[str, Any] = {
        "orders": order,
        "refunds": failed,
        "shipments": shipments.dispatch(cast.li, cast.order(), shipments.Parcel("post", "A1"), at=at),
        "conversations": talk,
        "files": Attachment.objects.get(message=message),
        "answers": answers.save(cast.li, wording, at=at),
        "webhooks": hooks.add(cast.li, owner=cast.seller, url="https://shop.example/1", kinds=[], at=at),
        "disputes": opening.open_(cast.ana, late, opening.Claim("not received"), at=at),
        "listings": listings.offer(cast.li, offered, at=at),
        "outages": outages.record(cast.ken, carrier="post", begins=at, ends=at + timedelta(days=30), at=at),
    }
    long = Asked("force_majeure", at, at + timedelta(days=9), about=cast.seller)
    named["pauses"] = named["holidays"] = verbs.record(cast.ken, long, at=at)
    taken = parties.add(cast.platform, parties.NewParty(role="seller", name="Li again"), at=at)
    named["merges"] = merges.ask(cast.ken, taken, cast.seller, words=written("Same hand."), at=at)
    named["reviewed"], named["review"] = late, reviews.write(cast.ana, late, score=4, at=at)
    return {name: str(thing.uuid) for name, thing in named.items()} | {
        "message": str(message.uuid), "tokens": tokens.of_text(token).prefix
    }  # fmt: skip


def kept() -> dict[str, Any]:
    """What the database holds, but for the tokens themselves."""
    return {
        model.__name__: sorted(map(repr, model._default_manager.values_list()))
        for model in apps.get_app_config("records").get_models()
        if model is not ApiToken
    }


def who_could(cast: Cast, scopes: list[str]) -> list[Actor]:
    """Those whose role has each power, however they may stand to the thing."""
    everybody = (cast.ana, cast.li, cast.ken, cast.platform)
    return [
        who for who in everybody if all(any(power(who.role, s, each).allowed for each in RELATIONS) for s in scopes)
    ]


def path_of(template: str, named: dict[str, Any], thing: str) -> str:
    """The address of an operation, with the things in it."""
    other = {"claim": thing, "piece": thing, "asked": thing} if template.startswith("/disputes") else {}
    thing = named["reviewed"] if "{review}" in template else thing
    named_too = {"message": named["message"], "review": named["review"], "fact": f"message.sent:{named['message']}"}
    return template.format(uuid=thing, prefix=thing, key="x", number=1, **named_too, **other)


def ask(api: Api, method: str, path: str, body: Any) -> Any:
    if path.endswith("/evidence/files"):
        form = {**body, "files": SimpleUploadedFile("a.txt", b"words", "text/plain")}
        return api.client.post(f"/api/v1{path}", form, headers={"Authorization": f"Bearer {api.token}"})
    return api.client.generic(
        method.upper(), f"/api/v1{path}", json.dumps(body), content_type="application/json",
        headers={"Authorization": f"Bearer {api.token}"},
    )  # fmt: skip


@pytest.mark.once
def test_without_a_scope_nothing_is_shown_and_nothing_done(cast: Cast) -> None:
    """And with exactly those that an operation tells, no other is missed."""
    named = things(cast)
    order = {"buyer": str(cast.buyer.uuid), "seller": str(cast.seller.uuid), "currency": "EUR"}
    bodies = BODIES | {
        ("post", "/orders"): {**order, "lines": [{"listing": named["listings"]}]},
        ("post", "/conversations"): {"seller": str(cast.seller.uuid), "topic": "Lamp"},
        ("post", "/payouts"): {
            "seller": str(cast.seller.uuid), "reference": "p1", "currency": "EUR",
            "lines": [{"order": named["orders"], "amount": 5}],
        },
        ("post", "/listings"): {
            "seller": str(cast.seller.uuid), "title": "Mug", "amount": 5, "currency": "EUR", "handling_hours": 9
        },
    }  # fmt: skip
    before, asked = kept(), 0
    for (method, template), operation in OPERATIONS.items():
        scopes, body = operation["x-scopes"], bodies.get((method, template), {})
        kind = template.split("/")[1]
        for who in who_could(cast, scopes):
            thing = str(who.party.uuid) if kind == "parties" else named.get(kind, "")
            path = path_of(template, named, thing)
            path += "?currency=EUR" if template.endswith("/due") else ""
            where = (method, template, who.role)
            for missing in scopes:
                answer = ask(Api(cast.platform, who, sorted(SCOPES - {missing})), method, path, body)
                why = f"not allowed to {ACTIONS[missing]} (the token lacks the scope {missing})"
                told = {
                    "type": OUT_OF_SCOPE,
                    "title": "You may not do this",
                    "status": 403,
                    "detail": why,
                    "errors": [],
                }
                assert (answer.status_code, json.loads(answer.content)) == (403, told), (*where, missing)
                asked += 1
            with transaction.atomic():
                answer = ask(Api(cast.platform, who, scopes or ["party.read"]), method, path, body)
                kind_of = "" if answer.status_code < 400 else json.loads(answer.content)["type"].rpartition("/")[2]
                assert kind_of not in ("out-of-scope", "invalid", "not-signed-in", "request"), where
                for close in answer._resource_closers:  # not `answer.close()`: that ends the connection, too
                    close()
                transaction.set_rollback(True)
        assert kept() == before, (method, template)
    assert asked > 150
