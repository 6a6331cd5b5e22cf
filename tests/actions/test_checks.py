"""Checks before shipping: who needs which, what sending without one brings, and what is kept."""

import json
from datetime import timedelta

import pytest
from django.db import transaction

from comity.actions import checks, facts, listings, orders, rulebooks, shipments
from comity.actions.checks import Filled
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.files import MAX_FILES
from comity.actions.guard import Forbidden
from comity.actions.plans import verbs as plans
from comity.files.uploads import SafeFile, made_safe
from comity.lib.money import Money
from comity.policy.checks import MOST_PHOTOS
from comity.records.models import Check, CheckPhoto, JournalLine, Listing, Order, Shipment
from comity.rulebooks.language.reading import BadRulebook
from tests.actions.plans import rules as plan_rules
from tests.cast import START, Cast, assemble, hours, tell
from tests.files.test_uploads import picture

pytestmark = pytest.mark.django_db

BOOK = """
name = "shop"
version = "1"
in_force_from = 2026-01-01

[[duty]]
name = "reply"
title = "Reply"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "72 hours"

[[checklist]]
name = "before it leaves"
title = "Look at the goods"
categories = ["Lamps"]
without = "refused"
item = [
  { name = "works", title = "It lights up" },
  { name = "weight", title = "Weight in grams", asks = "number" },
  { name = "goods", title = "A photo of the goods", asks = "photo" },
]

[[checklist]]
name = "count"
title = "Count the pieces"
item = [{ name = "count", title = "All pieces are in the parcel" }]
"""


def photo() -> SafeFile:
    return made_safe("lamp.jpg", picture("JPEG"), max_bytes=10**6)


@pytest.fixture
def shop(db: None) -> Cast:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, BOOK, at=START)
    return cast


def ordered(cast: Cast, category: str = "", *, at: float = 0) -> Order:
    offered = listings.Offered(
        seller=cast.seller, title="Thing", price=Money(1999, "EUR"), handling_hours=24, category=category,
        external_id=category or "none",
    )  # fmt: skip
    listing = listings.offer(cast.platform, offered, at=START)
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, lines=(orders.Line("Thing", 1, Money(1999, "EUR"), listing),),
        handling_hours=24, deliver_by=hours(at) + timedelta(days=9),
    )  # fmt: skip
    return orders.pay(cast.platform, orders.place(cast.platform, new, at=hours(at)), at=hours(at))


def names(order: Order) -> list[str]:
    return [each.rule.name for each in checks.asked_of(order)]


def looked() -> Filled:
    return Filled("before it leaves", {"works": "yes", "weight": "812,5"}, {"goods": photo()})


def test_what_is_asked_follows_from_the_goods(shop: Cast) -> None:
    lamp, pen = ordered(shop, " LAMPS "), ordered(shop, "pens")
    assert set(Listing.objects.values_list("category", flat=True)) == {"lamps", "pens"}
    assert names(lamp) == ["before it leaves", "count"]
    assert names(pen) == ["count"]


def test_a_parcel_is_refused_or_marked(shop: Cast) -> None:
    order = ordered(shop, "lamps")
    with pytest.raises(Refused, match="fill in: “Look at the goods”"):
        shipments.dispatch(shop.li, order, shipments.Parcel("post", "A1"), at=hours(2))
    assert not Shipment.objects.exists()
    checks.fill(shop.li, order, looked(), at=hours(3))
    assert [each.name for each in checks.lacking(order)] == ["count"]
    shipments.dispatch(shop.li, order, shipments.Parcel("post", "A1"), at=hours(4))
    sent = JournalLine.objects.get(kind="shipment.dispatched")
    assert json.loads(sent.body)["data"]["unchecked"] is True
    other = ordered(shop, "pens", at=5)
    checks.fill(shop.li, other, Filled("count", {"count": "yes"}), at=hours(6))
    shipments.dispatch(shop.li, other, shipments.Parcel("post", "A2"), at=hours(7))
    assert (
        "unchecked" not in json.loads(JournalLine.objects.filter(kind="shipment.dispatched").latest("pk").body)["data"]
    )


def test_what_is_kept_is_evidence_and_the_journal_holds_digests(shop: Cast) -> None:
    order = ordered(shop, "lamps")
    made = checks.fill(shop.li, order, looked(), at=hours(1))
    again = checks.fill(shop.li, order, looked(), at=hours(2))
    assert (again.pk, Check.objects.count(), CheckPhoto.objects.count()) == (made.pk, 1, 1)
    line = JournalLine.objects.get(kind="check.filled")
    said = json.loads(line.body)["data"]
    assert (said["checklist"], said["passed"]) == ("before it leaves", True)
    assert "812" not in line.body
    kept = CheckPhoto.objects.get()
    for who in (shop.li, shop.ana, shop.ken):
        found, content = checks.opened(who, kept.uuid)
        assert (found.pk, content.read()[:2]) == (kept.pk, b"\xff\xd8")
        content.close()
    with pytest.raises(Forbidden):
        checks.opened(shop.bea, kept.uuid)


def test_another_answer_for_the_same_moment_is_refused_in_a_sentence(shop: Cast) -> None:
    order = ordered(shop, "pens")
    checks.fill(shop.li, order, Filled("count", {"count": "yes"}), at=hours(1))
    with pytest.raises(NotNow, match="changed meanwhile"):
        checks.fill(shop.li, order, Filled("count", {"count": "no"}), at=hours(1))
    assert Check.objects.get().passed


def test_one_that_is_not_passed_does_not_open_the_way(shop: Cast) -> None:
    order = ordered(shop, "lamps")
    broken = Filled("before it leaves", {"works": "no", "weight": "812"}, {"goods": photo()})
    assert checks.fill(shop.li, order, broken, at=hours(1)).passed is False
    with pytest.raises(Refused, match="fill in"):
        shipments.dispatch(shop.li, order, shipments.Parcel("post", "A1"), at=hours(2))
    checks.fill(shop.li, order, looked(), at=hours(3))
    (asked, _) = checks.asked_of(order)
    assert (asked.passed, asked.at) == (True, hours(3))
    assert Check.objects.count() == 2


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (Filled("nothing"), "checklist must be one of before it leaves, count"),
        (Filled("before it leaves"), "say yes or no"),
        (Filled("before it leaves", {"works": "maybe", "weight": "1"}), "say yes or no"),
        (Filled("before it leaves", {"works": "yes", "weight": "٣"}), "write a number"),
        (Filled("before it leaves", {"works": "yes", "weight": "9" * 50}), "write a number"),
        (Filled("before it leaves", {"works": "yes", "weight": "1"}), "a photo is missing"),
        (Filled("before it leaves", {"works": "yes", "weight": "1"}, {"goods": SafeFile("a.txt", "text/plain", b"x")}),
         "a photo is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_in_a_sentence(shop: Cast, what: Filled, said: str) -> None:
    order = ordered(shop, "lamps")
    with pytest.raises(Refused, match=said):
        checks.fill(shop.li, order, what, at=hours(1))
    assert not Check.objects.exists()


def test_who_may_and_when(shop: Cast) -> None:
    order = ordered(shop, "lamps")
    for who in (shop.ana, shop.max, shop.ken):
        with pytest.raises(Forbidden):
            checks.fill(who, order, looked(), at=hours(1))
    with transaction.atomic():
        cancelled = ordered(shop, "pens")
        orders.cancel(shop.li, cancelled, reason="no_stock", at=hours(2))
        with pytest.raises(NotNow, match="was cancelled"):
            checks.fill(shop.li, cancelled, Filled("count", {"count": "yes"}), at=hours(3))
    tell(shop, "shipment.delivered", order.ref, hours(4))
    with pytest.raises(NotNow, match="has arrived"):
        checks.fill(shop.li, order, looked(), at=hours(5))


def test_the_rules_of_the_payment_count_and_the_shop_may_tell(shop: Cast) -> None:
    order = ordered(shop, "lamps")
    later = BOOK.replace('version = "1"', 'version = "2"').replace("2026-01-01", "2026-03-03").split("[[checklist]]")[0]
    rulebooks.publish(shop.platform, later, at=START)
    assert names(order) == ["before it leaves", "count"]
    assert names(ordered(shop, "lamps", at=48)) == []
    tell(shop, "check.filled", order.ref, hours(1), checklist="count", passed=True)
    assert [each.name for each in checks.lacking(order)] == ["before it leaves"]
    # What a shop tells is never refused: it has happened.
    event = {
        "specversion": "1.0", "id": "s1", "source": "shop", "type": "shipment.dispatched", "subject": "shipment:s1",
        "time": hours(2).isoformat(), "data": {"party": shop.seller.ref, "matter": order.ref, "tracked": False},
    }  # fmt: skip
    assert facts.record(shop.platform, event, now=hours(2)).status == "recorded"
    assert JournalLine.objects.filter(kind="shipment.dispatched").count() == 1


UNDER_PLAN = (
    plan_rules.BOOK
    + """
[[checklist]]
name = "before it leaves"
title = "Look at the goods"
under_plan = true
item = [{ name = "count", title = "All pieces are in the parcel" }]
"""
)


def test_a_running_plan_may_ask_for_a_check(db: None) -> None:
    cast = plan_rules.staged(UNDER_PLAN)
    plan = plan_rules.asked(cast)
    at = plan_rules.LOOKED_AT
    before = ordered(cast, "pens", at=at + 1)
    assert names(before) == []
    plans.write(cast.li, plan, actions=["check_before_shipping"], text="Each one.", at=hours(at + 2))
    plans.accept(cast.ken, plan_rules.plan(), at=hours(at + 3))
    during = ordered(cast, "pens", at=at + 4)
    assert (names(before), names(during)) == ([], ["before it leaves"])
    plan_rules.turned(at + 3 + 30 * 24 + 1)
    assert plan_rules.plan().stage == "kept"
    assert names(ordered(cast, "pens", at=at + 3 + 30 * 24 + 2)) == []
    assert names(during) == ["before it leaves"], "it was paid while the plan ran"


def test_a_checklist_asks_for_no_more_photos_than_are_taken_at_once() -> None:
    assert MOST_PHOTOS <= MAX_FILES
    cast = assemble(publish=False)
    items = [f'{{ name = "p{n}", title = "Photo {n}", asks = "photo" }}' for n in range(MOST_PHOTOS + 1)]
    book = f'{BOOK}\n[[checklist]]\nname = "many"\ntitle = "Many"\nwithout = "refused"\nitem = [%s]\n'
    with pytest.raises(BadRulebook, match="ask for a photo"):
        rulebooks.publish(cast.platform, book % ",\n".join(items), at=START)
    rulebooks.publish(cast.platform, book % ",\n".join(items[1:]), at=START)
    order = ordered(cast)
    photos = {f"p{n}": photo() for n in range(1, MOST_PHOTOS + 1)}
    assert checks.fill(cast.li, order, Filled("many", photos=photos), at=hours(1)).photos.count() == MOST_PHOTOS
