"""The health page: what counts, what expires, what helps; the subjects behind a number; what if; who may see it."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from comity.actions import clock, orders, rulebooks, shipments
from comity.lib.money import Money
from comity.records.models import Charge, JournalLine, Order, Sanction, Tally
from comity.web.common import shown
from tests.actions.sanctions.rules import staged, violation
from tests.cast import START, Cast, assemble, tell
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db
LADDER = """
[[ledger.rung]]
at = 4
measure = "warning"
decided_by = "automatic"
[[ledger.rung]]
at = 12
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "reviewer"
"""
STANDARD = """
name = "kept"
version = "1"
in_force_from = 2026-01-01

[[standard]]
name = "cancelled"
title = "Few cancellations"
counted = { fact = "order.paid" }
faulty = { fact = "order.cancelled", where = { by = "seller" } }
excluded = { fact = "order.cancelled", where = { by = "buyer" } }
window = "30 days"
evaluated = "daily"
limit = { rate = "<= 20%", at_least = 4 }
"""


def sold(rules: str, now: datetime) -> Cast:
    """Six paid orders: one cancelled by the seller, one by the buyer."""
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, rules, at=START)
    for n in range(6):
        tell(cast, "order.paid", f"order:o{n}", now - timedelta(days=3, minutes=n))
    tell(cast, "order.cancelled", "order:o0", now - timedelta(days=2), by="seller", reason="no_stock")
    tell(cast, "order.cancelled", "order:o1", now - timedelta(days=2), by="buyer", reason="changed_mind")
    return cast


def test_the_ladder_has_its_dot_in_words_and_every_charge_its_end() -> None:
    now = datetime.now(UTC)
    cast = staged(LADDER)
    violation(cast, now - timedelta(days=170), 6)
    violation(cast, now - timedelta(days=2), 7)
    page = text(sign_in(cast.li).get("/sell/health/"))
    assert "<title>13 points, on the rung Freeze</title>" in page
    assert '<li aria-current="step"><span class="num">12</span> Freeze' in page
    assert page.count("No spam") >= 2
    assert "By time alone" in page
    assert ": 7 points, Warning" in page, "what the sum is when the first ends"
    assert "Wait: on " in page
    assert "1 charge ends, and “Conduct” goes from 13 to 7 points." in page
    assert "That leaves the rung Freeze; a measure that is running goes on" in page


def test_a_standard_is_told_with_its_limit_interval_and_next_evaluation() -> None:
    now = datetime.now(UTC)
    cast = sold(STANDARD.replace("<= 20%", "<= 10%"), now)
    page = text(sign_in(cast.li).get("/sell/health/"))
    assert "1 of 5 at fault · 20% (3.6%–62.4%)" in page
    assert "5 more without a fault before" in page
    assert "“Few cancellations” comes from 20% to 10%. It is kept then." in page
    assert "It is judged once" not in page


def test_a_standard_says_from_how_many_on_it_is_judged() -> None:
    cast = sold(STANDARD.replace("at_least = 4", "at_least = 40"), datetime.now(UTC))
    page = text(sign_in(cast.li).get("/sell/health/"))
    assert "It is judged once 40 count." in page


def test_what_was_not_done_in_time_says_so_where_it_is_listed_and_with_its_key() -> None:
    rules = """
        name = "sent"
        version = "1"
        in_force_from = 2026-01-01
        [[duty]]
        name = "dispatch"
        title = "Send it"
        who = "seller"
        each = "order"
        opened_by = { fact = "order.paid" }
        met_by = { fact = "shipment.dispatched" }
        by = "dispatch_by"
        [[standard]]
        name = "late"
        title = "Few are late"
        of_duty = "dispatch"
        window = "30 days"
        evaluated = "daily"
        limit = { rate = "<= 20%" }
        """
    now = datetime.now(UTC)
    at = now - timedelta(days=6)
    cast = assemble(publish=False, at=at)
    rulebooks.publish(cast.platform, rules, at=START)
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, title="Lamp", price=Money(1, "EUR"), handling_hours=24, deliver_by=now
    )
    late, never = (orders.pay(cast.platform, orders.place(cast.platform, new, at=at), at=at) for _ in range(2))
    shipments.dispatch(cast.li, late, shipments.Parcel("post", "RR1"), at=now - timedelta(days=2))
    clock.turn(now)
    page = text(sign_in(cast.li).get(f"/standards/{cast.seller.uuid}/late/"))
    assert "done too late" in page
    assert "not done by then" in page
    assert late.key in page
    assert never.key in page
    asked = text(sign_in(cast.ken).get(f"/desk/parties/{cast.seller.uuid}/what-if/"))
    assert f'href="/standards/{cast.seller.uuid}/late/"' in asked


def test_subjects_are_listed_by_what_became_of_them_and_each_says_why() -> None:
    now = datetime.now(UTC)
    cast = sold(STANDARD, now)
    browser = sign_in(cast.li)
    address = f"/standards/{cast.seller.uuid}/cancelled/"
    faulty = text(browser.get(address))
    assert "at fault (1)" in faulty
    assert "counted (5)" in faulty
    assert "left out (1)" in faulty
    assert "Order o0" in faulty
    assert "The order was cancelled" in faulty
    assert "Order o1" not in faulty
    left = text(browser.get(f"{address}?which=left_out"))
    assert "Order o1" in left
    assert browser.get(f"{address}?which=nonsense&window=99&page=7").status_code == 200
    lines = list(csv.DictReader(StringIO(browser.get(f"{address[:-1]}.csv").content.decode())))
    assert [line["left_out"] for line in lines] == ["", "", "", "", "", "excluded"]
    assert all(line["zone"] == "UTC" and line["dated"].endswith("+00:00") for line in lines)


def test_only_the_party_and_agents_see_them() -> None:
    cast = sold(STANDARD, datetime.now(UTC))
    address = f"/standards/{cast.seller.uuid}/cancelled/"
    for who, status in ((cast.max, 403), (cast.ana, 403), (cast.ken, 200)):
        browser = sign_in(who)
        assert browser.get(address).status_code == status
        assert browser.get(f"{address[:-1]}.csv").status_code == status
    assert browser.get(f"/standards/{cast.seller.uuid}/nothing/").status_code == 404
    assert browser.get(f"/standards/{cast.buyer.uuid}/cancelled/").status_code == 404, "buyers are not held to it"


def test_a_buyer_sees_the_own_standing_in_small() -> None:
    now = datetime.now(UTC)
    cast = staged(LADDER)
    browser = sign_in(cast.ana)
    assert "Nothing counts against you." in text(browser.get("/buy/standing/"))
    violation(cast, now - timedelta(days=2), 5, of=cast.buyer)
    page = text(browser.get("/buy/standing/"))
    assert "Nothing counts against you." not in page
    assert "5 points, on the rung Warning, next at 12: Freeze" in page
    assert sign_in(cast.li).get("/buy/standing/").status_code == 403


def test_what_if_shows_what_would_stand_and_writes_nothing() -> None:
    now = datetime.now(UTC)
    cast = staged(LADDER)
    violation(cast, now - timedelta(days=5), 6)
    heavy = violation(cast, now - timedelta(days=2), 7)
    lines = JournalLine.objects.count()
    browser = sign_in(cast.ken)
    address = f"/desk/parties/{cast.seller.uuid}/what-if/"
    assert "What would stand</h2>" not in text(browser.get(address))
    page = text(browser.get(address, {"charge": [heavy.key, "nonsense"]}))
    assert "Conduct: 6 points instead of 13, Warning" in page
    assert page.count("would stand</li>") == 1
    assert page.count("would fall</li>") == 1
    assert f'value="{heavy.key}" checked' in page
    assert (JournalLine.objects.count(), Charge.objects.filter(overturned_at=None).count()) == (lines, 2)
    assert Sanction.objects.filter(status="overturned").count() == 0
    for who in (cast.li, cast.ana):
        assert sign_in(who).get(address).status_code == 403


@pytest.mark.parametrize(
    ("begin", "end", "says"),
    [
        ("2026-02-30", "", "Choose days."),
        ("x", "\x00", "Choose days."),
        ("2020-01-01", "2026-01-01", "Choose at most a year"),
        ("2026-03-05", "2026-03-01", "Choose at most a year"),
    ],
)
def test_days_that_are_none_are_refused_and_stay_in_the_form(begin: str, end: str, says: str) -> None:
    cast = staged(LADDER)
    page = text(sign_in(cast.ken).get(f"/desk/parties/{cast.seller.uuid}/what-if/", {"from": begin, "to": end}))
    assert says in page
    assert "What would stand</h2>" not in page


def test_excused_subjects_and_days_leave_a_standard() -> None:
    now = datetime.now(UTC)
    cast = sold(STANDARD.replace("<= 20%", "<= 10%"), now)
    browser = sign_in(cast.ken)
    address = f"/desk/parties/{cast.seller.uuid}/what-if/"
    row = Tally.objects.get(subject="order:o0")
    page = text(browser.get(address, {"subject": [f"cancelled|{row.subject}", "nothing|x", "cancelled|other"]}))
    assert "Few cancellations: 0 of 4 at fault · 0% (0%–49%) instead of 1 of 5 at fault" in page
    assert f'value="cancelled|{row.subject}" checked> Few cancellations: Order o0' in page
    days = {"from": f"{now - timedelta(days=4):%Y-%m-%d}", "to": f"{now:%Y-%m-%d}"}
    assert "Few cancellations: nothing counted instead of 1 of 5" in text(browser.get(address, days))


def test_the_whole_history_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    cast = staged(LADDER)
    monkeypatch.setattr(shown, "MOST", 2)
    for number in range(5):
        violation(cast, now - timedelta(days=5 - number), 1)
    browser = sign_in(cast.li)
    seen = [text(browser.get(f"/sell/health/?page={page}")).count("/why/charge/") for page in ("x", "2", "3", "4")]
    ledger = text(browser.get("/sell/health/?page=4")).count("/why/charge/")
    assert [count - ledger for count in seen] == [4, 4, 2, 0], "two links each: an address, and the same for the panel"
    assert 'href="?page=2">Older' in text(browser.get("/sell/health/"))
    assert "Older" not in text(browser.get("/sell/health/?page=3"))


def test_a_short_stretch_of_evidence_is_explained() -> None:
    now = datetime.now(UTC)
    rules = STANDARD.replace("2026-01-01", (now - timedelta(days=4)).date().isoformat())
    browser = sign_in(sold(rules.replace("limit =", 'decides = "certain"\nlimit ='), now).li)
    assert "in stretches of 30 days that follow each other and do not overlap: this one counts since" in text(
        browser.get("/sell/health/")
    )


def test_why_leads_from_points_to_where_they_are_contested_and_from_a_measure_to_its_orders() -> None:
    now = datetime.now(UTC)
    cast = staged(LADDER)
    browser = sign_in(cast.li)
    tell(cast, "order.paid", "order:o1", now - timedelta(days=3))
    tell(cast, "violation.found", "order:o1", now - timedelta(days=2), rule="spam", by="reviewer", points=2)
    lone = Charge.objects.get()
    why = f"/why/charge/{cast.seller.uuid}/"
    assert "No measure rests on these points." in text(browser.get(f"{why}{lone.key}/"))
    tell(cast, "violation.found", "order:o1", now - timedelta(days=1), rule="spam", by="reviewer", points=2)
    row = Sanction.objects.get()
    assert f'href="/measures/{cast.seller.uuid}/{row.key}/"' in text(browser.get(f"{why}{lone.key}/"))
    order = Order.objects.get(external_id="o1")
    said = text(browser.get(f"/why/sanction/{cast.seller.uuid}/{row.key}/"))
    assert said.count(f'<a href="/orders/{order.uuid}/"><bdi>Order o1</bdi></a>') == 2
