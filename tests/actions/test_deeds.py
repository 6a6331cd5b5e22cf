"""Each deed, by everybody, in each state: the page offers it, the action takes it and the API takes it, or none does."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from comity.actions import (
    addresses,
    cancellations,
    checks,
    conversations,
    deeds,
    delays,
    deliveries,
    messages,
    orders,
    returns,
    reviews,
    rulebooks,
    scans,
    shipments,
)
from comity.actions.addresses import ShipTo
from comity.actions.doing import Deed, NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.lib.money import Money
from comity.policy.powers import ACTIONS as POWERS
from comity.records.models import (
    AccountMerge,
    Conversation,
    JournalLine,
    Message,
    Order,
    Review,
    RulebookVersion,
    Sanction,
    SentAnswer,
    Shipment,
)
from comity.rulebooks.shelf import text_of
from comity.web.common.acts import Act
from comity.web.trade import conversation_acts, order_acts
from tests.api.client import Api
from tests.cast import START, Cast
from tests.web.test_pages import sign_in

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
WHO = ("ana", "li", "ken", "bea", "max", "platform")
BERLIN = ShipTo("Ana", "Torstraße 1", "Berlin", "DE")
ADDRESS = {"name": "Ana", "street": "Torstraße 1", "city": "Berlin", "country": "DE"}


class Undone(Exception):
    """Raised to take back what was tried."""


def order(cast: Cast, *, days_ago: float = 2, paid: bool = True) -> Order:
    at = NOW - timedelta(days=days_ago)
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, title="Lamp", price=Money(1999, "EUR"), handling_hours=72,
        deliver_by=at + timedelta(days=10), ship_to=ShipTo("Ana", "Rua 1", "Curitiba", "BR"),
    )  # fmt: skip
    placed = orders.place(cast.platform, new, at=at)
    return orders.pay(cast.platform, placed, at=at) if paid else placed


def sent(cast: Cast, found: Order) -> Order:
    shipments.dispatch(cast.li, found, shipments.Parcel("post", "A1"), at=NOW - timedelta(hours=20))
    return found


def arrived(cast: Cast, found: Order) -> Order:
    parcel = sent(cast, found).shipments.select_related("order__seller", "order__buyer").get()
    scans.scan(cast.platform, parcel, scans.Event("delivered", NOW - timedelta(hours=2)))
    return found


def then(found: Order, *deeds_: Callable[[Order], object]) -> Order:
    for deed in deeds_:
        deed(found)
    return found


def delayed(cast: Cast, found: Order) -> Order:
    assert found.deliver_by
    later = found.deliver_by + timedelta(days=3)
    delays.announce(cast.li, found, deliver_by=later, reason="weather", at=NOW - timedelta(hours=9))
    return found


def sent_back(cast: Cast, found: Order) -> Order:
    returns.send(cast.ana, found, shipments.Parcel("post", "R1"), at=NOW - timedelta(hours=1))
    return found


def wished(cast: Cast, found: Order) -> Order:
    cancellations.ask(cast.ana, found, reason="changed_mind", at=NOW - timedelta(hours=9))
    return found


CHECKED = """
[[checklist]]
name = "count"
title = "Count the pieces"
item = [{ name = "count", title = "All pieces are in the parcel" }]
"""


def want_checks(cast: Cast) -> None:
    """Publish rules that want a check before an order is sent, unless they are published."""
    if RulebookVersion.objects.filter(version="checked").exists():
        return
    text = re.sub(r"(?m)^version = .*$", 'version = "checked"', text_of("aliexpress"))
    text = re.sub(r"(?m)^in_force_from = .*$", f"in_force_from = {NOW - timedelta(days=3):%Y-%m-%d}", text)
    rulebooks.publish(cast.platform, text.replace("2025-12-15", "2025-12-01") + CHECKED, at=START)


def to_check(cast: Cast) -> Order:
    """An order under such rules."""
    want_checks(cast)
    return order(cast)


STATES: dict[str, Callable[[Cast], Order]] = {
    "to check": to_check,
    "placed": lambda cast: order(cast, paid=False),
    "paid": lambda cast: order(cast),
    "sent": lambda cast: sent(cast, order(cast)),
    "late": lambda cast: order(cast, days_ago=12),
    "arrived": lambda cast: arrived(cast, order(cast)),
    "judged": lambda cast: then(
        arrived(cast, order(cast)), lambda o: deliveries.judge(cast.ana, o, on_time=True, at=NOW)
    ),
    "cancelled": lambda cast: orders.cancel(cast.li, order(cast), reason="no_stock", at=NOW),
    "asked to cancel": lambda cast: wished(cast, order(cast)),
    "asked, then sent": lambda cast: sent(cast, wished(cast, order(cast))),
    "asked, then cancelled": lambda cast: orders.cancel(cast.ken, wished(cast, order(cast)), reason="other", at=NOW),
    "asked, and not agreed": lambda cast: then(
        wished(cast, order(cast)), lambda o: cancellations.answer(cast.li, o, accepted=False, at=NOW)
    ),
    "later": lambda cast: delayed(cast, order(cast)),
    "later, agreed": lambda cast: then(
        delayed(cast, order(cast)), lambda o: delays.answer(cast.ana, o, accepted=True, at=NOW)
    ),
    "another address": lambda cast: then(order(cast), lambda o: addresses.ask(cast.ana, o, BERLIN, at=NOW)),
    "rated by the buyer": lambda cast: then(
        arrived(cast, order(cast)), lambda o: reviews.write(cast.ana, o, score=2, at=NOW - timedelta(minutes=9))
    ),
    "sent back": lambda cast: sent_back(cast, arrived(cast, order(cast))),
    "back": lambda cast: then(
        sent_back(cast, arrived(cast, order(cast))), lambda o: returns.confirm(cast.li, o, at=NOW)
    ),
}


def scan(who: Actor, about: Order, at: datetime) -> object:
    parcel = about.shipments.select_related("order__seller", "order__buyer").order_by("pk").first()
    # Without a parcel there is nothing that an event could be entered of.
    return parcel and scans.scan(who, parcel, scans.Event("attempted", at - timedelta(minutes=7)), noted_at=at)


def reason(who: Actor) -> str:
    return orders.REASONS[who.role][0]


def later(about: Order) -> datetime:
    assert about.deliver_by
    return (about.deliver_by + timedelta(days=9)).replace(hour=12, minute=0, second=0, microsecond=0)


def yes(deed: Deed[Order], about: Order) -> dict[str, Any]:
    """A yes to what waits, as a body; where nothing waits, to what waited once."""
    assert deed.asked_at
    return {"accepted": True, "asked_at": (deed.asked_at(about) or NOW).isoformat()}


#: How each deed is done: by its action; by the page's form; by the API's address and body.
ACTIONS: dict[str, Callable[[Actor, Order, datetime], object]] = {
    "pay": lambda who, about, at: orders.pay(who, about, at=at),
    "dispatch": lambda who, about, at: shipments.dispatch(who, about, shipments.Parcel("post", "B1"), at=at),
    "answer-delay": lambda who, about, at: delays.answer(who, about, accepted=True, at=at),
    "answer-cancel": lambda who, about, at: cancellations.answer(who, about, accepted=True, at=at),
    "answer-address": lambda who, about, at: addresses.answer(who, about, accepted=True, at=at),
    "judge": lambda who, about, at: deliveries.judge(who, about, on_time=True, at=at),
    "announce-delay": lambda who, about, at: delays.announce(
        who, about, deliver_by=later(about), reason="weather", at=at
    ),
    "scan": scan,
    "ask-address": lambda who, about, at: addresses.ask(who, about, BERLIN, at=at),
    "send-back": lambda who, about, at: returns.send(who, about, shipments.Parcel("post", "R2"), at=at),
    "confirm-return": lambda who, about, at: returns.confirm(who, about, at=at),
    "ask-cancel": lambda who, about, at: cancellations.ask(who, about, reason="changed_mind", at=at),
    "check": lambda who, about, at: checks.fill(who, about, checks.Filled("count", {"count": "yes"}), at=at),
    "rate": lambda who, about, at: reviews.write(who, about, score=4, at=at),
    "cancel": lambda who, about, at: orders.cancel(who, about, reason=reason(who), at=at),
}
API: dict[str, Callable[[Actor, Order], tuple[str, Any]]] = {
    "pay": lambda who, about: ("pay", {}),
    "dispatch": lambda who, about: ("shipments", {"carrier": "post", "tracking_number": "B1"}),
    "answer-delay": lambda who, about: ("delays/answer", yes(delays.ANSWER, about)),
    "answer-cancel": lambda who, about: ("cancellation/answer", yes(cancellations.ANSWER, about)),
    "answer-address": lambda who, about: ("address/answer", yes(addresses.ANSWER, about)),
    "judge": lambda who, about: ("judgement", {"on_time": True}),
    "announce-delay": lambda who, about: ("delays", {"deliver_by": later(about).isoformat(), "reason": "weather"}),
    "ask-address": lambda who, about: ("address", ADDRESS),
    "send-back": lambda who, about: ("returns", {"carrier": "post", "tracking_number": "R2"}),
    "confirm-return": lambda who, about: ("returns/confirm", {}),
    "ask-cancel": lambda who, about: ("cancellation", {"reason": "changed_mind"}),
    "check": lambda who, about: ("checks", {"checklist": "count", "answers": {"count": "yes"}}),
    "rate": lambda who, about: ("reviews", {"score": 4}),
    "cancel": lambda who, about: ("cancel", {"reason": reason(who)}),
}


def lines() -> int:
    return JournalLine.objects.count()


def changes(what: Callable[..., object], *given: object) -> bool:
    """Whether something is written by `what`, which is then taken back."""
    before = lines()
    try:
        with transaction.atomic():
            what(*given)
            raise Undone(lines() - before)
    except Undone as undone:
        return bool(undone.args[0])
    except (Refused, Forbidden):
        assert lines() == before
        return False


def fresh(found: Order) -> Order:
    return Order.objects.select_related("buyer", "seller").get(pk=found.pk)


@pytest.mark.parametrize("state", STATES)
def test_page_action_and_api_agree_about_orders(cast: Cast, state: str) -> None:
    found = STATES[state](cast)
    for name in WHO:
        all_agree_about_an_order(cast, getattr(cast, name), found, f"{state}, {name}")


def all_agree_about_an_order(cast: Cast, who: Actor, found: Order, where: str) -> None:
    now, api, address = datetime.now(UTC), Api(cast.platform, who), f"/orders/{found.uuid}"
    possible = {deed.slug: deed.why_not(who, fresh(found), at=now) is None for deed in deeds.of(Order)}
    done = {slug: changes(do, who, fresh(found), now) for slug, do in ACTIONS.items()}
    assert done == possible, where
    for slug, request in API.items():
        path, body = request(who, fresh(found))
        assert changes(api.post, f"{address}/{path}", body) == possible[slug], (where, slug)
    told = api.get(f"{address}/deeds")
    if told.status_code == 200:
        assert {each["deed"]: each["possible"] for each in json.loads(told.content) if each["possible"]} == {
            slug: True for slug, may in possible.items() if may
        }, where
    assert shown(who, f"{address}/", order_acts.ACTS) == {
        act.deed.slug for act in order_acts.ACTS if possible[act.deed.slug] and who.role in act.roles
    }, where


def shown(who: Actor, address: str, acts: Iterable[Act[Any]]) -> set[str]:
    """The deeds whose forms `who` sees on a page."""
    page = sign_in(who).get(address).content.decode()
    return {act.deed.slug for act in acts if f'action="{address}{act.deed.slug}/"' in page}


def conversation(cast: Cast, *steps: str) -> Conversation:
    found = cast.conversation()
    how: dict[str, Callable[[], object]] = {
        "ask": lambda: messages.send(cast.ana, found, text="Where is it?", at=NOW),
        "answer": lambda: messages.send(cast.li, found, text="On its way.", at=NOW),
        "end": lambda: conversations.close(cast.ana, found, reason="solved", at=NOW),
        "agent": lambda: conversations.ask_agent(cast.ana, found, at=NOW),
        "join": lambda: conversations.join(cast.ken, found, at=NOW),
    }
    for step in steps:
        how[step]()
    return found


TALKS = ((), ("ask",), ("ask", "answer"), ("ask", "end"), ("ask", "agent"), ("ask", "agent", "join"),
         ("ask", "answer", "agent", "join"))  # fmt: skip
TALKED: dict[str, tuple[Callable[[Actor, Conversation, datetime], object], Any]] = {
    "no-reply-needed": (
        lambda who, about, at: conversations.no_reply_needed(who, about, reason="thanks", at=at), {"reason": "thanks"}
    ),
    "end": (lambda who, about, at: conversations.close(who, about, reason="solved", at=at), {"reason": "solved"}),
    "ask-agent": (lambda who, about, at: conversations.ask_agent(who, about, at=at), {}),
    "join": (lambda who, about, at: conversations.join(who, about, at=at), {}),
}  # fmt: skip


@pytest.mark.parametrize("steps", TALKS, ids=" ".join)
def test_page_action_and_api_agree_about_conversations(cast: Cast, steps: tuple[str, ...]) -> None:
    found = conversation(cast, *steps)
    for name in WHO:
        all_agree_about_a_conversation(cast, getattr(cast, name), found, f"{' '.join(steps)}, {name}")


def all_agree_about_a_conversation(cast: Cast, who: Actor, made: Conversation, where: str) -> None:
    now, api, address = datetime.now(UTC), Api(cast.platform, who), f"/conversations/{made.uuid}/"
    rows = Conversation.objects.select_related("buyer", "seller")
    possible = {deed.slug: deed.why_not(who, rows.get(), at=now) is None for deed in deeds.of(Conversation)}
    done = {slug: changes(do, who, rows.get(), now) for slug, (do, _) in TALKED.items()}
    assert done == possible, where
    by_api = {slug: changes(api.post, f"{address}{slug}", body) for slug, (_, body) in TALKED.items()}
    assert by_api == possible, where
    assert shown(who, address, conversation_acts.ACTS) == {
        act.deed.slug for act in conversation_acts.ACTS if possible[act.deed.slug] and who.role in act.roles
    }, where


def test_page_action_and_api_agree_about_changing_a_message(cast: Cast) -> None:
    talk = cast.conversation()
    old = messages.send(cast.ana, talk, text="An old one", at=NOW - timedelta(hours=25))
    new = messages.send(cast.ana, talk, text="A new one", at=NOW - timedelta(hours=1))
    for who in (cast.ana, cast.li, cast.ken, cast.bea, cast.platform):
        api = Api(cast.platform, who)
        page = sign_in(who).get(f"/conversations/{talk.uuid}/").content.decode()
        for each in (old, new):
            row = Message.objects.select_related("conversation__seller").get(pk=each.pk)
            possible = messages.EDIT.why_not(who, row, at=NOW) is None
            assert possible == (who is cast.ana and each is new)
            assert changes(edit, who, row) == possible
            path = f"/conversations/{talk.uuid}/messages/{each.uuid}"
            assert changes(api.put, path, {"text": "Changed"}) == possible
            assert (f'href="{path}/"' in page) == possible


def edit(who: Actor, message: Message) -> None:
    messages.edit(who, message, text="Changed", at=NOW)


TOLD_BY_THE_SHOP = {"pay"}  # no form on the order's page
ON_A_PAGE_OF_ITS_OWN = {"check"}  # photos and all
OF_PARCELS = {"scan"}  # asked for at /shipments/{uuid}/scans


def slugs(found: Any) -> set[str]:
    return {deed.slug for deed in found}


def test_every_deed_is_tried_here_and_has_its_form() -> None:
    of_orders, of_conversations = slugs(deeds.of(Order)), slugs(deeds.of(Conversation))
    assert of_orders - set(ACTIONS) == set(), "deeds without a line in ACTIONS of this file"
    assert of_orders - set(API) - OF_PARCELS == set(), "deeds without a line in API of this file"
    assert of_conversations - set(TALKED) == set(), "deeds without a line in TALKED of this file"
    forms = slugs(act.deed for act in order_acts.ACTS)
    assert of_orders - forms - TOLD_BY_THE_SHOP - ON_A_PAGE_OF_ITS_OWN == set(), (
        "deeds without an Act in web/trade/order_acts.py"
    )
    assert of_conversations - slugs(act.deed for act in conversation_acts.ACTS) == set(), (
        "deeds without an Act in web/trade/conversation_acts.py"
    )


def in_some_state(cast: Cast, asked: Callable[[Any, Actor, Order], bool]) -> set[str]:
    """The deeds of which `asked` is true of somebody in any of STATES."""
    slugs_ = set()
    for make in STATES.values():
        with transaction.atomic():
            found = make(cast)
            slugs_ |= {
                deed.slug
                for who in (cast.ana, cast.li, cast.ken, cast.platform)
                for deed in deeds.of(Order)
                if asked(deed, who, fresh(found))
            }
            transaction.set_rollback(True)
    return slugs_


def test_every_deed_of_an_order_is_possible_for_somebody_in_some_state(cast: Cast) -> None:
    """Else the page, the action and the API agree on nothing: add a state to STATES in which it can be done."""
    possible = in_some_state(cast, lambda deed, who, order_: deed.why_not(who, order_, at=NOW) is None)
    assert slugs(deeds.of(Order)) - possible == set()


def test_every_deed_of_an_order_is_against_some_state(cast: Cast) -> None:
    """A deed that its state never stops could be done twice: add a state to STATES in which it is done, or too late."""
    stopped = in_some_state(cast, lambda deed, who, order_: deed.against(who, order_, NOW) is not None)
    assert slugs(deeds.of(Order)) - stopped == set()


def test_every_thing_with_deeds_is_tried() -> None:
    """Here, or of a saved answer, a measure and a review in `test_conversations`, `test_standards`, `test_reviews`; of
    a merge in `identity.test_merges`.
    """
    assert deeds.things() == {Order, Conversation, Message, SentAnswer, Sanction, Review, AccountMerge}, (
        "a thing whose deeds no test tries"
    )


@pytest.mark.parametrize("thing", sorted(deeds.things(), key=str), ids=lambda thing: thing.__name__)
def test_every_deed_names_a_power_that_there_is(thing: Any) -> None:
    assert {deed.power for deed in deeds.of(thing)} <= set(POWERS)


def test_the_second_of_two_at_once_sees_what_the_first_has_done(cast: Cast) -> None:
    first, second = (fresh(found) for found in [order(cast)] * 2)
    orders.cancel(cast.li, first, reason="no_stock", at=NOW)
    with pytest.raises(NotNow) as refused:
        shipments.dispatch(cast.li, second, shipments.Parcel("post", "A1"), at=NOW)
    assert refused.value.code == "cancelled"
    assert not Shipment.objects.exists()


def test_the_api_says_why_not_by_a_code(cast: Cast) -> None:
    found = order(cast, paid=False)
    answer = Api(cast.platform, cast.li).post(f"/orders/{found.uuid}/shipments", {"carrier": "post"})
    assert answer.status_code == 422
    assert json.loads(answer.content)["code"] == "not_paid"
    told = {
        each["deed"]: each
        for each in json.loads(Api(cast.platform, cast.li).get(f"/orders/{found.uuid}/deeds").content)
    }
    assert told["dispatch"]["code"] == "not_paid"
    assert "not paid yet" in told["dispatch"]["why"]
    assert "pay" not in told, "a seller has no power to say so"


def test_a_yes_is_to_what_was_shown(cast: Cast) -> None:
    """Whatever was asked anew, answered or withdrawn since: nothing happens, by action, API and page."""
    delayed_, moved, wish = delayed(cast, order(cast)), order(cast), wished(cast, order(cast))
    browser = {id(who): sign_in(who) for who in (cast.ana, cast.li)}
    addresses.ask(cast.ana, moved, BERLIN, at=NOW - timedelta(hours=2))
    asked: list[tuple[Deed[Order], Actor, Order, Callable[[], object]]] = [
        (delays.ANSWER, cast.ana, delayed_, lambda: delays.announce(
            cast.li, fresh(delayed_), deliver_by=later(delayed_), reason="weather", at=NOW)),
        (addresses.ANSWER, cast.li, moved, lambda: addresses.ask(
            cast.ana, fresh(moved), ShipTo("Ana", "Rua 2", "Recife", "BR"), at=NOW)),
        (cancellations.ANSWER, cast.li, wish, lambda: orders.cancel(cast.ken, fresh(wish), reason="other", at=NOW)),
    ]  # fmt: skip
    for deed, who, about, meanwhile in asked:
        path, _ = API[deed.slug](who, about)
        seen = yes(deed, about)
        page = browser[id(who)].get(f"/orders/{about.uuid}/").content.decode()
        assert f'value="{seen["asked_at"]}"' in page
        api = Api(cast.platform, who)
        told = json.loads(api.get(f"/orders/{about.uuid}/deeds").content)
        said = next(each["asked_at"] for each in told if each["deed"] == deed.slug)
        assert said[:23] == seen["asked_at"][:23]
        meanwhile()
        before = lines()
        for accepted in (True, False):
            late = api.post(f"/orders/{about.uuid}/{path}", {**seen, "accepted": accepted})
            assert (late.status_code, json.loads(late.content)["code"]) == (422, "changed"), deed.slug
            form = {"accept" if accepted else "keep": "1", "asked_at": seen["asked_at"]}
            for given in (form, {**form, "asked_at": ""}, {**form, "asked_at": "0001-01-01T00:00:00+14:00"}):
                answered = browser[id(who)].post(f"/orders/{about.uuid}/{deed.slug}/", given, follow=True)
                assert "It has changed meanwhile" in answered.content.decode(), deed.slug
        assert lines() == before
        now = yes(deed, about)
        assert changes(api.post, f"/orders/{about.uuid}/{path}", now) == (deed is not cancellations.ANSWER)
        missing = api.post(f"/orders/{about.uuid}/{path}", {"accepted": True}).status_code
        assert missing == (200 if deed is cancellations.ANSWER else 422), (
            "one wish to cancel there can be; of others, which?"
        )
