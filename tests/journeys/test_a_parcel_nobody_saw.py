"""A story with the cast: a label that nobody scanned, a scan that came late with an earlier time, and a seller whose
parcels stay untracked until the rulebook freezes him, every step shown to him before it was taken.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from comity.actions import clock, orders, sanctions, shipments
from comity.actions.guard import Actor, Forbidden, is_frozen
from comity.history import replay, source
from comity.integrations.tracking.fake import FakeCarrier, signature
from comity.integrations.tracking.news import read_all
from comity.lib.money import Money
from comity.policy.facts import DEADLINE
from comity.records import journal
from comity.records.models import Charge, Duty, JournalLine, Notice, Order, Sanction
from comity.rulebooks.shelf import text_of
from tests.cast import Cast, hours
from tests.web.test_pages import sign_in, text

DAY, SECRET, NUMBER = 24, "between us", "RR123456785CN"


@pytest.fixture
def look_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Client, str, datetime], str]:
    """See a page as it was at a moment of the story: pages read the time from their own module."""
    from comity.web.seller import selling, shipping

    def look(client: Client, path: str, at: datetime) -> str:
        class Then(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # noqa: ARG003
                return at

        for page in (selling, shipping):
            monkeypatch.setattr(page, "datetime", Then)
        return text(client.get(path))

    return look


def tell(scenario: str, now: float) -> None:
    """The aggregator tells what its carrier has told until `now`, signed, and errands read it."""
    carrier = FakeCarrier(hours(now), name="china-post")
    carrier.send(NUMBER, scenario, hours(5))
    body = carrier.body("aftership", NUMBER)
    answer = Client().post("/hooks/tracking/aftership/", body, content_type="application/json", headers=signature("aftership", body, SECRET))  # fmt: skip
    assert answer.status_code == 202
    read_all(hours(now))


def points(seller: Actor) -> int:
    rows = Charge.objects.filter(party=seller.party, overturned_at=None)
    return sum(rows.values_list("points", flat=True))


def test_a_scan_that_came_late_with_an_earlier_time(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, look_at: Callable[[Client, str, datetime], str], tmp_path: Path
) -> None:
    monkeypatch.setenv("COMITY_AFTERSHIP_SECRET", SECRET)
    li, ana = sign_in(cast.li), sign_in(cast.ana)

    # Ana orders; Li sees what follows if he does not send it, and sends it. The aggregator knows of a label.
    order = cast.order()
    assert "2 points on the ledger Service; at 2: Warning" in look_at(li, "/sell/ship/", hours(1))
    shipments.dispatch(cast.li, order, shipments.Parcel("china-post", NUMBER), at=hours(5))
    tell("label_only", 10)
    assert Duty.objects.get(rule="first scan").status == "open", "a label is no parcel"

    # A working day before the five are over he is warned: on the Friday, not in the night to Monday.
    clock.turn(hours(4 * DAY + 6))
    assert Notice.objects.filter(party=cast.seller, kind="duty.warned", values__rule="first scan").count() == 1

    # He is shown beforehand what follows if the carrier does not see it: when, how many points, and what these bring.
    page = look_at(li, "/sell/ship/", hours(6 * DAY))
    assert "Sent, and awaited from the carrier" in page
    assert "The carrier confirms the parcel within 5 working days of its dispatch" in page
    assert "If not: 2 points on the ledger Service; at 2: Warning" in page
    clock.turn(hours(6 * DAY + 6))

    # Five working days are over: a false shipment is suspected, charged, and a warning is placed.
    clock.turn(hours(8 * DAY))
    assert Duty.objects.get(rule="first scan").status == "breached"
    assert points(cast.li) == 2
    assert Sanction.objects.get(measure="warning").status == "placed"

    # A week later the carrier's news comes: it had the parcel on the second day, and delivered it on the sixth.
    tell("in_time", 15 * DAY)
    duty = Duty.objects.get(rule="first scan")
    assert (duty.status, duty.ended_at) == ("met", hours(25))
    assert points(cast.li) == 0
    assert Sanction.objects.get(measure="warning").status == "overturned"
    assert Notice.objects.filter(party=cast.seller, kind="ruling.overturned").count() >= 2
    assert JournalLine.objects.filter(kind="duty.breached", body__contains='"first scan"').count() == 1, "it stays"
    assert list(journal.verify(cast.seller)) == []

    # Ana sees when it arrived, and where the promise stood.
    page = text(ana.get(f"/orders/{order.uuid}/"))
    assert "Arrived on" in page
    assert "out for delivery, <bdi>Rio de Janeiro, BR</bdi>" in page
    assert Order.objects.get().delivered_at == hours(5 + 124)

    # Whoever replays the facts, without a database, comes to the same end.
    facts = (fact for fact in journal.facts_of(cast.seller) if fact.kind != DEADLINE)
    source.write(tmp_path / "facts.parquet", facts)
    told = replay.replay(tmp_path / "facts.parquet", [text_of("aliexpress")], tmp_path / "out", processes=1)
    assert (told.rules["first scan"]["met"], told.rules["first scan"]["breached"]) == (1, 0)


def test_a_seller_whose_parcels_stay_untracked(cast: Cast, look_at: Callable[[Client, str, datetime], str]) -> None:
    max_, buyer, sold = sign_in(cast.max), cast.buyer, []

    def sell(number: int) -> Order:
        at = hours(number * 10 * DAY)
        order = orders.place(
            cast.platform,
            orders.NewOrder(
                buyer=buyer,
                seller=cast.max.party,
                title=f"Lamp {number}",
                price=Money(999, "EUR"),
                handling_hours=72,
                deliver_by=at + timedelta(days=60),
            ),
            at=at,
        )
        return orders.pay(cast.platform, order, at=at)

    # What each missed scan brings is on his page before it does: the points, where they lead, and from where on a freeze.
    shown, steps = [], {2: "Warning", 6: "Restriction", 12: "Freeze"}
    for number in range(6):  # one every ten days; none of them is ever seen by its carrier
        sent_at = number * 10 * DAY + 5
        order = sell(number)
        sold.append(order)
        clock.turn(hours(sent_at))
        shipments.dispatch(cast.max, order, shipments.Parcel("post", f"NOBODY{number}"), at=hours(sent_at))
        page = look_at(max_, "/sell/ship/", hours(sent_at + 1))
        shown.append(re.findall(r"2 points on the ledger Service(?:; at (\d+): (\w+))?", page)[-1])
        assert points(cast.max) == 2 * number, "nothing yet for this one"
        warned_at = Duty.objects.get(rule="first scan", matter=order.ref).next_at
        assert warned_at is not None
        clock.turn(warned_at + timedelta(minutes=1))
        assert Notice.objects.filter(kind="duty.warned", values__rule="first scan").count() == number + 1
        clock.turn(hours(sent_at + 9 * DAY))
        assert points(cast.max) == 2 * (number + 1)
    assert shown == [("2", "Warning"), ("", ""), ("6", "Restriction"), ("", ""), ("", ""), ("12", "Freeze")]
    assert [int(at) for at, _ in shown if at] == list(steps)

    # Each step was taken as it had been said; a warning at once, a restriction after its notice, a freeze by a person.
    measures = {row.points: row for row in Sanction.objects.filter(party=cast.max.party)}
    assert {at: row.measure for at, row in measures.items()} == {2: "warning", 6: "restriction", 12: "freeze"}
    assert all((row.statement or {}).get("facts") for row in measures.values() if row.status != "proposed")
    freeze = measures[12]
    assert freeze.status == "proposed"
    assert freeze.told_at is not None
    proposed = freeze.told_at
    sanctions.approve(cast.ken, freeze, at=proposed + timedelta(hours=24))
    assert not is_frozen(cast.max.party, proposed + timedelta(hours=47)), "its notice of 48 hours runs"
    assert is_frozen(cast.max.party, proposed + timedelta(hours=48))
    told = Notice.objects.filter(party=cast.max.party, kind__in=["duty.warned", "ledger.charged", "sanction.placed", "sanction.proposed"])  # fmt: skip
    assert {"duty.warned", "ledger.charged", "sanction.placed", "sanction.proposed"} == set(told.values_list("kind", flat=True))  # fmt: skip

    # Frozen, he takes no new orders; what he owes goes on, and he may still send.
    with pytest.raises(Forbidden):
        orders.place(
            cast.platform,
            orders.NewOrder(
                buyer=buyer,
                seller=cast.max.party,
                title="One more",
                price=Money(1, "EUR"),
                handling_hours=72,
                deliver_by=hours(90 * DAY),
            ),
            at=proposed + timedelta(hours=72),
        )
    shipments.dispatch(cast.max, sold[0], shipments.Parcel("post", "SEEN"), at=proposed + timedelta(hours=72))
    assert list(journal.verify(cast.max.party)) == []
