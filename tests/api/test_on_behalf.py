"""The shop's token speaks for buyers and sellers: their acts, by their powers, and noted as told by the platform."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from comity.actions import answers, listings, messages, reviews
from comity.actions.guard import SCOPES
from comity.api import api
from comity.lib.money import Money
from comity.records import journal
from comity.records.models import Conversation, Duty, JournalLine, Message, Order, Review, SentAnswer
from tests.actions.test_deeds import want_checks
from tests.api.client import Api
from tests.api.test_scopes import BODIES, OPERATIONS, ask, kept, path_of, things
from tests.cast import Cast
from tests.web.test_pages import sign_in, text

NOW = datetime.now(UTC)
SCHEMAS = json.loads(json.dumps(api.get_openapi_schema()))["components"]["schemas"]
#: What only the platform or an agent may do, and so nobody can be spoken for.
OF_THE_PLATFORM = {("post", "/orders/{uuid}/pay"), ("post", "/conversations/{uuid}/join")}


def speaks(operation: dict[str, Any]) -> bool:
    """Whether its body has `on_behalf_of`."""
    media = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    refs = [media, *media.get("allOf", ()), *media.get("anyOf", ())]
    shapes = [SCHEMAS[each["$ref"].rpartition("/")[2]] for each in refs if "$ref" in each]
    return any("on_behalf_of" in shape["properties"] for shape in shapes)


SPOKEN = {key for key, operation in OPERATIONS.items() if speaks(operation)}


def kind_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, json.loads(answer.content)["type"].rpartition("/")[2]


def test_who_may_speak_for_whom(cast: Cast) -> None:
    named = things(cast)
    order = {"buyer": str(cast.buyer.uuid), "seller": str(cast.seller.uuid), "currency": "EUR"}
    bodies = BODIES | {
        ("post", "/orders"): {**order, "lines": [{"listing": named["listings"]}]},
        ("post", "/conversations"): {"seller": str(cast.seller.uuid), "topic": "Lamp"},
    }  # fmt: skip
    everything = {who: Api(cast.platform, getattr(cast, who)) for who in ("ana", "li", "ken", "platform")}
    narrow = Api(cast.platform, cast.platform, sorted(SCOPES - {"party.speak_for"}))
    before = kept()
    assert len(SPOKEN) > 20
    for method, template in SPOKEN:
        thing, key = named.get(template.split("/")[1], ""), (method, template)
        path = path_of(template, named, thing)

        def asked(api: Api, whose: str, method: str = method, path: str = path, key: tuple[str, str] = key) -> Any:
            return kind_of(ask(api, method, path, {**bodies.get(key, {}), "on_behalf_of": whose}))

        for who in ("ana", "li", "ken"):
            own = f"{getattr(cast, who).role}:{getattr(cast, who).party.external_id}"
            for whose in (own, "buyer:ana souza", "seller:li wei"):
                assert asked(everything[who], whose) == (403, "not-allowed"), (key, who, whose)
        assert asked(narrow, "buyer:ana souza") == (403, "out-of-scope"), key
        for nobody in (
            cast.ken.party.ref,
            cast.platform.party.ref,
            "buyer:nobody",
            "buyer",
            str(cast.buyer.uuid),
            "buyer:",
        ):
            assert asked(everything["platform"], nobody) == (422, "refused"), (key, nobody)
        # What is not one's own is answered like what never was, where there are many of the kind.
        rivals = (404, "not-found") if template.startswith(("/disputes", "/holidays/")) else (403, "not-allowed")
        if key not in {("post", "/conversations"), ("post", "/holidays")}:  # whoever begins one has it
            assert {asked(everything["platform"], who.party.ref) for who in (cast.bea, cast.max)} == {rivals}, key
    assert kept() == before


def test_a_party_s_act_told_by_the_shop(cast: Cast) -> None:
    shop, done = Api(cast.platform, cast.platform), set()
    offered = listings.Offered(
        seller=cast.seller, title="Lamp", price=Money(1999, "EUR"), handling_hours=72, delivery=listings.Delivery(20)
    )
    lamp = listings.offer(cast.li, offered, at=NOW)
    parties = {"buyer": "buyer:ana souza", "seller": cast.seller.ref}

    def tell(role: str, path: str, body: dict[str, Any], *, method: str = "post", **named: Any) -> Any:
        """Have the shop say it for a party, and see that the journal notes so."""
        newest = JournalLine.objects.count()
        where = path.format(**named)
        answer = ask(shop, method, where, {**body, "on_behalf_of": parties[role]})
        assert answer.status_code in (200, 201), (path, answer.content)
        new = [json.loads(line.body) for line in JournalLine.objects.order_by("pk")[newest:] if line.fact_id]
        facts = [fact for fact in new if fact["kind"] != "deadline.fell"]
        assert {fact.get("spoken_by") for fact in facts} <= {"platform"}, path
        by = {fact["data"]["by"] for fact in facts if "by" in fact["data"] and fact["kind"] != "review.removed"}
        assert by <= {role, "buyer"}, path
        assert facts or path == "/conversations", path
        done.add((method, path))
        return json.loads(answer.content)

    def asked(deed: str, uuid: str) -> str:
        who = Api(cast.platform, cast.li if deed == "answer-address" else cast.ana)
        told = json.loads(who.get(f"/orders/{uuid}/deeds").content)
        return next(str(each["asked_at"]) for each in told if each["deed"] == deed)

    want_checks(cast)
    new = {"buyer": str(cast.buyer.uuid), "seller": str(cast.seller.uuid), "currency": "EUR"}
    lines = {"lines": [{"listing": str(lamp.uuid)}]}
    for_cancelling, order = (tell("buyer", "/orders", new | lines)["uuid"] for _ in range(2))
    tell("buyer", "/orders/{uuid}/cancel", {"reason": "changed_mind"}, uuid=for_cancelling)
    assert (Order.objects.get(uuid=for_cancelling).cancelled_by, Order.objects.get(uuid=order).amount) == (
        "buyer",
        1999,
    )
    shop.post(f"/orders/{order}/pay")
    address = {"name": "Ana", "street": "Rua 1", "city": "Curitiba", "country": "BR"}
    later = (NOW + timedelta(days=30)).isoformat()
    tell("buyer", "/orders/{uuid}/address", address, uuid=order)
    tell(
        "seller",
        "/orders/{uuid}/address/answer",
        {"accepted": False, "asked_at": asked("answer-address", order)},
        uuid=order,
    )
    tell("seller", "/orders/{uuid}/delays", {"deliver_by": later, "reason": "weather"}, uuid=order)
    tell(
        "buyer",
        "/orders/{uuid}/delays/answer",
        {"accepted": True, "asked_at": asked("answer-delay", order)},
        uuid=order,
    )
    tell("buyer", "/orders/{uuid}/cancellation", {"reason": "changed_mind"}, uuid=order)
    tell("seller", "/orders/{uuid}/cancellation/answer", {"accepted": False}, uuid=order)

    talk = tell("buyer", "/conversations", {"seller": str(cast.seller.uuid), "topic": "Lamp", "order": order})["uuid"]
    asked = tell("buyer", "/conversations/{uuid}/messages", {"text": "Where?"}, uuid=talk)["uuid"]
    reply = Duty.objects.get(rule="reply")
    assert (reply.status, Message.objects.get().author, Message.objects.get().role) == ("open", cast.buyer, "buyer")
    change = "/conversations/{uuid}/messages/{message}"
    tell("buyer", change, {"text": "Where is it?"}, method="put", uuid=talk, message=asked)
    tell("seller", "/conversations/{uuid}/no-reply-needed", {"reason": "other"}, uuid=talk)
    tell("buyer", "/conversations/{uuid}/ask-agent", {}, uuid=talk)
    sent = answered(cast, Conversation.objects.get(uuid=talk))
    tell("buyer", "/conversations/{uuid}/messages/{message}/verdict", {"helped": True}, uuid=talk, message=sent.uuid)
    tell("buyer", "/conversations/{uuid}/end", {"reason": "solved"}, uuid=talk)

    tell("seller", "/orders/{uuid}/checks", {"checklist": "count", "answers": {"count": "yes"}}, uuid=order)
    parcel = tell("seller", "/orders/{uuid}/shipments", {"carrier": "post", "tracking_number": "A1"}, uuid=order)[
        "uuid"
    ]
    assert Duty.objects.get(rule="dispatch").status == "met"
    scan = {"status": "in_transit", "at": datetime.now(UTC).isoformat()}
    tell("seller", "/shipments/{uuid}/scans", scan, uuid=parcel)
    assert shop.post(f"/shipments/{parcel}/scans", scan | {"status": "delivered"}).status_code == 200
    tell("buyer", "/orders/{uuid}/judgement", {"on_time": True}, uuid=order)
    hers = tell("buyer", "/orders/{uuid}/reviews", {"score": 2}, uuid=order)["uuid"]
    his = tell("seller", "/orders/{uuid}/reviews", {"score": 5}, uuid=order)["uuid"]
    here = {"uuid": order, "review": hers}
    tell("buyer", "/orders/{uuid}/reviews/{review}/revise", {"score": 3}, **here)
    tell("seller", "/orders/{uuid}/reviews/{review}/answer", {"text": "Thank you."}, **here)
    wish = tell("seller", "/orders/{uuid}/reviews/{review}/ask-removal", {}, **here)["asked_at"]
    keeps = {"accepted": False, "asked_at": wish}
    tell("buyer", "/orders/{uuid}/reviews/{review}/answer-removal", keeps, **here)
    tell("buyer", "/orders/{uuid}/reviews/{review}/withdraw", {}, **here)
    reviews.moderate(cast.ken, Review.objects.get(uuid=his), because="offensive", at=datetime.now(UTC))
    tell("seller", "/orders/{uuid}/reviews/{review}/appeal", {"text": "It is true."}, uuid=order, review=his)
    tell("buyer", "/orders/{uuid}/returns", {"carrier": "post", "tracking_number": "R1"}, uuid=order)
    tell("seller", "/orders/{uuid}/returns/confirm", {}, uuid=order)
    tell("seller", "/orders/{uuid}/refunds", {"amount": 5, "currency": "EUR"}, uuid=order)

    now = datetime.now(UTC)
    days = [(now + timedelta(days=day)).isoformat() for day in range(3)]
    off = tell("seller", "/holidays", {"begins": days[0], "ends": days[1]})["uuid"]
    longer = tell("seller", "/holidays/{uuid}/change", {"ends": days[2]}, uuid=off)["uuid"]
    tell("seller", "/holidays/{uuid}/end", {}, uuid=longer)

    spoken = {key for key in SPOKEN if "/disputes" not in key[1] and "/inquiries" not in key[1]}
    assert spoken - OF_THE_PLATFORM - done == set(), "verbs for which nobody was spoken (disputes: test_disputes_api)"
    assert list(journal.verify(cast.seller)) == []
    own = JournalLine.objects.get(kind="shipment.delivered")
    assert "spoken_by" not in own.body, "what the shop says itself"
    page = text(sign_in(cast.li).get(f"/orders/{order}/"))
    assert "The buyer asked to cancel the order (told by the shop)" in page
    assert " · told by the shop</p>" in text(sign_in(cast.ana).get(f"/conversations/{talk}/"))


def answered(cast: Cast, talk: Conversation) -> Message:
    """The buyer asks, and is answered by a machine."""
    question = messages.send(cast.ana, talk, text="Where is it now?", at=NOW)
    wording = answers.Wording("Where", {"en": "On its way."}, [], automatic=True)
    answer = answers.save(cast.li, wording, at=NOW)
    sent = SentAnswer(answer=answer, question=question, model="m", certainty=990, at=NOW)
    extras = messages.Extras(automatic=True, answer=sent)
    return messages.send(cast.li, talk, text="On its way.", at=NOW, extras=extras)
