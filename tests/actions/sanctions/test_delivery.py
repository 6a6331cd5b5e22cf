"""A measure is told before it takes effect: its notice and its length run from there, and a warning comes first."""

import pytest

from comity.actions import clock, measured, sanctions
from comity.records import rebuild
from comity.records.models import JournalLine, Sanction
from tests.actions.sanctions.rules import in_force, staged, violation
from tests.cast import Cast, hours, tell
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
DAY = 24
WARNED_FIRST = """
[[ledger.rung]]
at = 2
measure = "warning"
decided_by = "automatic"
[[ledger.rung]]
at = 6
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "automatic"
needs = "%s"
"""
AUTOMATIC = """
[[ledger.rung]]
at = 6
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "automatic"
"""


def news(cast: Cast, row: Sanction, kind: str, at: float, **data: str) -> None:
    measured.tell(cast.platform, cast.seller, kind, at=hours(at), about=row.ref, data=data)


def one(measure: str) -> Sanction:
    return Sanction.objects.get(measure=measure)


def same_when_replayed(cast: Cast, at: float) -> None:
    clock.turn(hours(at))
    assert replayed(cast.seller, until=hours(at)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_a_warning_that_did_not_arrive_is_no_warning_yet() -> None:
    cast = staged(WARNED_FIRST % "told warning")
    violation(cast, hours(0), 2)
    news(cast, one("warning"), "sanction.unreached", 0.1, because="bounced")
    assert one("warning").told_at is None
    violation(cast, hours(10 * DAY), 4)
    news(cast, one("freeze"), "sanction.unreached", 10 * DAY + 0.1, because="bounced")
    clock.turn(hours(12 * DAY + 1))
    assert in_force(cast, 12 * DAY + 1) == [], "48 hours after the charge, but nothing was told"
    came = 15 * DAY
    for row in Sanction.objects.order_by("pk"):
        news(cast, row, "sanction.told", came, how="page")
    assert (one("warning").told_at, one("freeze").told_at) == (hours(came), hours(came))
    assert in_force(cast, came + 47) == []
    assert in_force(cast, came + 48) == [("freeze", hours(came + 48 + 7 * DAY))]
    assert in_force(cast, came + 48 + 7 * DAY) == []
    same_when_replayed(cast, came + 60 * DAY)
    assert one("freeze").ended_at == hours(came + 48 + 7 * DAY)


def test_a_warning_leaves_time_to_change() -> None:
    cast = staged(WARNED_FIRST % "warning")
    violation(cast, hours(0), 7)  # over both rungs at once: the heavier one is placed, and no warning was before it
    assert [row.measure for row in Sanction.objects.all()] == ["freeze"]
    clock.turn(hours(20 * DAY))
    assert in_force(cast, 20 * DAY) == []
    same_when_replayed(cast, 20 * DAY)


def test_after_a_warning_that_was_told_only_another_charge_brings_more() -> None:
    cast = staged(WARNED_FIRST % "warning")
    violation(cast, hours(0), 2)
    violation(cast, hours(DAY), 4)
    assert in_force(cast, DAY + 48) == [("freeze", hours(DAY + 48 + 7 * DAY))]
    same_when_replayed(cast, 30 * DAY)


def test_what_a_warning_that_arrived_late_came_before_counts_and_nothing_else() -> None:
    cast = staged(WARNED_FIRST % "warning")
    violation(cast, hours(0), 2)
    news(cast, one("warning"), "sanction.unreached", 0.1, because="bounced")
    violation(cast, hours(DAY), 4)
    news(cast, one("warning"), "sanction.told", 2 * DAY, how="by_hand")
    assert one("freeze").effective_at is None, "the charge was before the warning"
    violation(cast, hours(5 * DAY), 1)
    assert in_force(cast, 5 * DAY) == [("freeze", hours(12 * DAY))], "its notice has run, and this one was after"
    same_when_replayed(cast, 30 * DAY)


def test_a_length_runs_from_when_it_takes_effect_though_the_clock_was_late() -> None:
    cast = staged(AUTOMATIC)
    violation(cast, hours(0), 6, now=hours(3 * DAY))
    freeze = one("freeze")
    assert (freeze.at, freeze.told_at) == (hours(0), hours(3 * DAY))
    assert in_force(cast, 3 * DAY + 47) == []
    assert in_force(cast, 3 * DAY + 48) == [("freeze", hours(5 * DAY + 7 * DAY))], "seven whole days"
    told = JournalLine.objects.get(party=cast.seller, kind="sanction.told")
    assert told.at == hours(3 * DAY)
    same_when_replayed(cast, 30 * DAY)


def test_a_bounce_after_it_has_begun_takes_nothing_back() -> None:
    cast = staged(AUTOMATIC)
    violation(cast, hours(0), 6)
    news(cast, one("freeze"), "sanction.unreached", 3 * DAY, because="bounced")
    assert in_force(cast, 3 * DAY) == [("freeze", hours(9 * DAY))]
    same_when_replayed(cast, 30 * DAY)


def test_an_approved_measure_begins_when_its_notice_has_run_and_it_is_approved() -> None:
    cast = staged()
    violation(cast, hours(0), 12)
    assert one("freeze").status == "proposed"
    sanctions.approve(cast.ken, one("freeze"), at=hours(60))
    assert in_force(cast, 60) == [("freeze", hours(60 + 7 * DAY))], "the notice had run since it was proposed"
    same_when_replayed(cast, 30 * DAY)


def test_what_was_proposed_and_did_not_arrive_waits_though_it_is_approved() -> None:
    cast = staged()
    violation(cast, hours(0), 12)
    news(cast, one("freeze"), "sanction.unreached", 1, because="bounced")
    sanctions.approve(cast.ken, one("freeze"), at=hours(60))
    assert (one("freeze").status, one("freeze").effective_at) == ("placed", None)
    news(cast, one("freeze"), "sanction.told", 70, how="page")
    assert in_force(cast, 70 + 48) == [("freeze", hours(70 + 48 + 7 * DAY))]
    same_when_replayed(cast, 30 * DAY)


def test_a_shop_cannot_tell_what_only_we_know() -> None:
    cast = staged()
    violation(cast, hours(0), 12)
    with pytest.raises(AssertionError, match="cannot come from outside"):
        tell(cast, "sanction.told", one("freeze").ref, hours(1), how="page")


def test_what_is_taken_back_in_its_favour_makes_no_warning_run_anew() -> None:
    cast = staged(WARNED_FIRST.replace('"warning"\n', '"warning"\nlength = "30 days"\n', 1) % "warning")
    first = violation(cast, hours(0), 2)
    violation(cast, hours(DAY), 2)
    assert one("warning").until == hours(30 * DAY)
    sanctions.take_off(cast.ken, first, reason="mistake", at=hours(10 * DAY))
    now = Sanction.objects.get(measure="warning", status="placed")
    assert (now.at, now.told_at, now.until) == (hours(DAY), hours(DAY), hours(31 * DAY)), "as if it had been so"
    violation(cast, hours(11 * DAY), 4)
    assert one("freeze").effective_at == hours(13 * DAY), "and it was warned of"
    same_when_replayed(cast, 60 * DAY)


def test_one_that_was_over_is_over() -> None:
    cast = staged(WARNED_FIRST.replace('"warning"\n', '"warning"\nlength = "30 days"\n', 1) % "warning")
    first = violation(cast, hours(0), 2)
    violation(cast, hours(DAY), 2)
    clock.turn(hours(40 * DAY))
    sanctions.take_off(cast.ken, first, reason="mistake", at=hours(41 * DAY))
    clock.turn(hours(41 * DAY + 1))
    again = Sanction.objects.get(measure="warning", at=hours(DAY))
    assert (again.status, again.ended_at) == ("lifted", hours(31 * DAY))
    same_when_replayed(cast, 60 * DAY)


def test_one_that_was_told_late_is_told_when_that_was() -> None:
    cast = staged(WARNED_FIRST % "warning")
    first = violation(cast, hours(0), 2, now=hours(2 * DAY))
    violation(cast, hours(DAY), 2, now=hours(2 * DAY + 1))
    assert one("warning").told_at == hours(2 * DAY)
    sanctions.take_off(cast.ken, first, reason="mistake", at=hours(10 * DAY))
    now = Sanction.objects.get(measure="warning", status="placed")
    assert (now.at, now.told_at) == (hours(DAY), hours(2 * DAY))
    same_when_replayed(cast, 60 * DAY)


def test_an_approved_one_in_force_stays_so_for_other_reasons() -> None:
    cast = staged()
    first = violation(cast, hours(0), 3)
    violation(cast, hours(DAY), 12)
    sanctions.approve(cast.ken, one("freeze"), at=hours(4 * DAY))
    assert in_force(cast, 5 * DAY) == [("freeze", hours(11 * DAY))]
    sanctions.take_off(cast.ken, first, reason="mistake", at=hours(5 * DAY))
    assert in_force(cast, 5 * DAY) == [("freeze", hours(11 * DAY))]
    assert one("freeze").points == 12
    same_when_replayed(cast, 60 * DAY)
