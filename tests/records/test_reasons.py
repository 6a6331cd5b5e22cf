"""Statements of reasons in the rows follow from the chain, however a measure came about and whatever came late."""

from datetime import timedelta

import pytest

from comity.actions import clock, sanctions
from comity.records import rebuild
from comity.records.models import Sanction
from tests.actions.sanctions.rules import agent, asked, staged, violation
from tests.cast import START, Cast, hours, tell

pytestmark = pytest.mark.django_db
STANDARD = """
[[standard]]
name = "late"
title = "Orders without disputes"
each = "order"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
window = ["2 days", "30 days"]
evaluated = "daily"
limit = { rate = "< 40%" }
breach = { measure = { measure = "freeze", length = "7 days", notice = "48 hours", decided_by = "reviewer" } }
"""
DAY = 24


def orders(cast: Cast, numbers: range, at: float, *, disputed: int = 0) -> None:
    for n in numbers:
        tell(cast, "order.paid", f"order:{n}", hours(at))
    for n in list(numbers)[:disputed]:
        tell(cast, "dispute.opened", f"order:{n}", hours(at + 1), reason="other")


def test_of_a_standard_the_windows_are_kept_from_the_proposal_to_the_end() -> None:
    cast = staged(STANDARD)
    orders(cast, range(10), 1, disputed=0)
    orders(cast, range(10, 14), 5 * DAY, disputed=2)
    clock.turn(hours(6 * DAY))
    row = Sanction.objects.earliest("at")
    said = row.statement or {}
    two, thirty = said["windows"]
    assert (two["counted"], two["faulty"], two["kept"], two["would_keep"]) == (4, 2, False, 1)
    assert (thirty["counted"], thirty["faulty"], thirty["kept"]) == (14, 2, True)
    assert said["automated_decision"] == "partially"
    assert said["redress"]["appeal_until"] is None
    # What is learned later changes what counts, not for what the measure was proposed.
    tell(cast, "order.paid", "order:99", hours(5 * DAY + 2), now=hours(6 * DAY + 1))
    sanctions.approve(cast.ken, row, at=hours(6 * DAY + 2))
    row.refresh_from_db()
    placed = row.statement or {}
    assert placed["windows"] == said["windows"]
    assert placed["redress"]["appeal_until"] is not None
    assert rebuild.at_odds(cast.seller) == []
    clock.turn(hours(20 * DAY))
    row.refresh_from_db()
    assert row.status == "lifted"
    assert rebuild.at_odds(cast.seller) == []


def test_of_a_ledger_and_of_an_agents_own() -> None:
    cast = staged()
    for n in range(4):
        violation(cast, START + timedelta(hours=n), 4)
    noor = agent(cast, "Noor")
    own = asked(cast, noor, "no new listings", hours(5), timedelta(days=3))
    assert (own.statement or {})["agent"] == {"asked_by": noor.party.ref, "rule": "spam"}
    freeze = Sanction.objects.get(measure="freeze")
    sanctions.approve(cast.ken, freeze, at=hours(6))
    sanctions.release(noor, freeze, reason="mistake", at=hours(7))
    freeze.refresh_from_db()
    changed = (freeze.statement or {})["changed_by"]
    assert (len(changed["alone"]), changed["points"]) == (3, 8)
    assert rebuild.at_odds(cast.seller) == []
    # The charges go, the statement of what was taken back stays as it was.
    before = freeze.statement
    sanctions.take_off(noor, cast.seller.charges.order_by("at").first(), reason="mistake", at=hours(8))  # type: ignore[arg-type]
    freeze.refresh_from_db()
    assert (freeze.status, freeze.statement) == ("overturned", before)
    assert rebuild.at_odds(cast.seller) == []
