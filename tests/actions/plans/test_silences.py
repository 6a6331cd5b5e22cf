"""What silence means for a plan, and what becomes of one whose reason falls: dated when it fell due, whenever noted."""

from datetime import datetime, timedelta

import pytest

from comity.actions import clock, pauses, sanctions
from comity.actions.enact import sit
from comity.actions.plans import verbs
from comity.actions.plans.reading import waits_for
from comity.policy.facts import Fact
from comity.records import rebuild
from comity.records.models import Duty, ImprovementPlan, Notice, Rating, Sanction
from tests.actions.plans.rules import (
    BOOK,
    DAY,
    EVALUATED,
    LOOKED_AT,
    asked,
    freeze,
    plan,
    sells,
    staged,
    turned,
)
from tests.cast import Cast, hours, tell
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
WEEK = 7 * DAY


def same_again(cast: Cast, at: float) -> None:
    clock.turn(hours(at))
    assert replayed(cast.seller, until=hours(at)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_who_writes_no_plan_has_failed() -> None:
    cast = staged()
    asked(cast)
    due = LOOKED_AT + WEEK
    turned(due + 50)  # two days late
    assert (plan().stage, plan().because, plan().ended_at) == ("failed", "not_written", hours(due))
    assert freeze().effective_at == hours(due), "its notice had run meanwhile"
    assert Notice.objects.filter(party=cast.seller, kind="plan.failed").count() == 1
    same_again(cast, due + 60 * DAY)


def test_a_plan_that_nobody_looks_at_is_accepted() -> None:
    cast = staged()
    asked(cast)
    verbs.write(cast.li, plan(), text="With care.", actions=["ship_earlier"], at=hours(LOOKED_AT + DAY))
    due = LOOKED_AT + 6 * DAY
    turned(due + 3)
    assert (plan().stage, plan().accepted_by, plan().accepted_at) == ("running", "silence", hours(due))
    assert plan().check_at == hours(due + 30 * DAY)
    turned(due + 30 * DAY + 5)
    assert (plan().stage, plan().because) == ("kept", "too_few"), "nothing was sold meanwhile"
    assert plan().ended_at == hours(due + 30 * DAY)
    assert freeze().status == "overturned"
    assert not Duty.objects.filter(rule="check the plan", status="open").exists()
    same_again(cast, due + 60 * DAY)


def test_a_clock_that_was_down_for_months_comes_to_the_same_dates() -> None:
    cast = staged()
    asked(cast)
    verbs.write(cast.li, plan(), text="With care.", actions=["ship_earlier"], at=hours(LOOKED_AT + DAY))
    accepted = LOOKED_AT + 6 * DAY
    turned(accepted + 200 * DAY)
    assert (plan().accepted_at, plan().ended_at) == (hours(accepted), hours(accepted + 30 * DAY))
    same_again(cast, accepted + 201 * DAY)


def test_a_plan_is_asked_for_from_when_its_party_is_told() -> None:
    cast = staged()
    sells(cast, 0, 5, 2, at=1)
    turned(EVALUATED + 5 * DAY)
    assert (plan().rated_at, plan().asked_at) == (hours(EVALUATED), hours(EVALUATED + 5 * DAY))
    assert waits_for(plan()) == ("seller", hours(EVALUATED + 5 * DAY + WEEK), "failed")
    same_again(cast, EVALUATED + 6 * DAY)


def test_one_plan_at_a_time_and_one_measure_for_it() -> None:
    cast = staged()
    asked(cast)
    verbs.write(cast.li, plan(), text="With care.", actions=["ship_earlier"], at=hours(LOOKED_AT + DAY))
    verbs.accept(cast.ken, plan(), at=hours(LOOKED_AT + 2 * DAY))
    turned(LOOKED_AT + 3 * WEEK)  # three more Mondays on which the limit is broken
    assert Rating.objects.count() == 4
    assert ImprovementPlan.objects.count() == 1
    assert Sanction.objects.count() == 1
    same_again(cast, LOOKED_AT + 3 * WEEK + 1)


def test_a_plan_whose_reason_falls_is_withdrawn_and_nobody_is_blamed() -> None:
    cast = staged()
    asked(cast)
    tell(cast, "dispute.withdrawn", "order:0", hours(3), hours(LOOKED_AT + DAY))
    assert (plan().stage, plan().because) == ("withdrawn", "rating")
    assert freeze().status == "overturned"
    assert waits_for(plan()) is None
    turned(LOOKED_AT + 2 * WEEK)
    assert plan().stage == "withdrawn"
    assert not Duty.objects.filter(status__in=["breached", "cured"]).exists()
    same_again(cast, LOOKED_AT + 60 * DAY)


def test_a_rating_that_is_held_again_at_its_level_leaves_the_plan_as_it_is() -> None:
    cast = staged()
    asked(cast)
    verbs.write(cast.li, plan(), text="With care.", actions=["ship_earlier"], at=hours(LOOKED_AT + 1))
    tell(cast, "dispute.opened", "order:2", hours(3), hours(LOOKED_AT + DAY))
    assert Rating.objects.get(overturned_at=None).faulty == 3
    assert (plan().stage, plan().version, plan().faulty) == ("written", 1, 2), "as it was when it was asked for"
    assert freeze().effective_at is None
    same_again(cast, LOOKED_AT + 2 * DAY)


def test_a_reason_that_falls_and_comes_again_asks_for_another_plan() -> None:
    cast = staged()
    asked(cast)
    tell(cast, "dispute.withdrawn", "order:0", hours(3), hours(LOOKED_AT + DAY))
    tell(cast, "dispute.opened", "order:3", hours(4), hours(LOOKED_AT + 2 * DAY))
    first, second = ImprovementPlan.objects.order_by("asked_at")
    assert (first.stage, second.stage, first.rating) == ("withdrawn", "asked", second.rating)
    measure = Sanction.objects.get(status="placed")
    assert measure.effective_at is None
    same_again(cast, LOOKED_AT + 2 * DAY + 1)


def test_where_one_falls_the_next_evaluation_asks() -> None:
    """The measure that the first plan had stood for is issued, and waits for the second."""
    cast = staged()
    asked(cast)
    sells(cast, 10, 2, 2, at=LOOKED_AT + DAY)
    turned(LOOKED_AT + WEEK - 1)
    verbs.write(cast.li, plan(), text="With care.", actions=["ship_earlier"], at=hours(LOOKED_AT + WEEK - 1))
    turned(LOOKED_AT + WEEK)  # 4 of 7
    assert ImprovementPlan.objects.count() == 1
    tell(cast, "dispute.withdrawn", "order:0", hours(3), hours(LOOKED_AT + WEEK + DAY))  # now 1 of 5, then 3 of 7
    first, second = ImprovementPlan.objects.order_by("asked_at")
    assert (first.stage, second.stage) == ("withdrawn", "asked")
    assert second.rated_at == hours(EVALUATED + WEEK)
    (measure,) = Sanction.objects.filter(status="placed")
    assert (measure.at, measure.effective_at) == (hours(EVALUATED + WEEK), None)
    same_again(cast, LOOKED_AT + WEEK + 2 * DAY)


WORSE = """
[[standard.level]]
name = "worse"
limit = { rate = "<= 50%", at_least = 4 }
plan = { runs = "30 days" }
measure = { measure = "freeze", length = "3 days", notice = "24 hours", needs = "failed plan" }
"""
UP = ("proposed", "placed")
#: A measure that is over before the next evaluation does not keep that from bringing one (`sanctions.stacking`).
SHORT = BOOK.replace('length = "7 days"', 'length = "2 days"')


def standing(cast: Cast) -> tuple[list[int], list[int]]:
    """In how manieth week after the first was rated which asks for a plan that stands, and which brings a measure."""
    plans = ImprovementPlan.objects.exclude(stage="withdrawn").order_by("rated_at")
    ratings = {each.key: each.at for each in Rating.objects.all()}
    brought = sorted(ratings[each.because[0]] for each in Sanction.objects.filter(status__in=UP))
    return [_week(each.rated_at) for each in plans], [_week(each) for each in brought]


def _week(at: datetime) -> int:
    return (at - hours(EVALUATED)) // timedelta(hours=WEEK)


def test_what_comes_again_at_another_level_keeps_those_behind_it_from_a_second_measure() -> None:
    cast = staged(SHORT + WORSE)
    asked(cast)
    verbs.write(cast.li, plan(), text="With care.", actions=["ship_earlier"], at=hours(LOOKED_AT + DAY))
    sells(cast, 10, 4, 0, at=LOOKED_AT + 2 * DAY)  # 2 of 9 in the second week
    turned(LOOKED_AT + WEEK)
    assert standing(cast) == ([0], [0])
    later = LOOKED_AT + WEEK + DAY
    for order in (2, 3):  # 4 of 5 in the first week, 4 of 9 in the second
        tell(cast, "dispute.opened", f"order:{order}", hours(4), hours(later))
    turned(later + 1)
    assert [rated.level for rated in Rating.objects.filter(overturned_at=None).order_by("at")] == [1, 0]
    assert standing(cast) == ([0], [0]), "the new plan stands for the second week, too"
    assert Sanction.objects.get(status__in=UP).rung == 1
    same_again(cast, later + 2)


def test_an_evaluation_that_comes_back_before_the_one_that_falls_asks() -> None:
    """One word makes the second week fall and the first one come: there is one plan, of the first, and one measure."""
    cast = staged(SHORT)
    sells(cast, 0, 5, 1, at=1)  # 20 % in the first week: kept
    turned(EVALUATED + 1)
    sells(cast, 10, 5, 4, at=EVALUATED + 1)  # 5 of 10 in the second
    turned(LOOKED_AT + WEEK)
    assert standing(cast) == ([1], [1])
    later = LOOKED_AT + WEEK + DAY
    facts = [told(cast, "dispute.withdrawn", n, EVALUATED + 3, later) for n in (10, 11, 12, 13)]
    facts.append(told(cast, "dispute.opened", 1, 2, later))
    sit(cast.seller, facts)
    turned(later + 1)
    assert [_week(rated.at) for rated in Rating.objects.filter(overturned_at=None).order_by("at")] == [0]
    assert standing(cast) == ([0], [0])
    same_again(cast, later + 2)


def test_several_that_come_while_one_falls_have_one_plan_and_one_measure() -> None:
    cast = staged(SHORT)
    asked(cast)
    verbs.write(cast.li, plan(), text="With care.", actions=["ship_earlier"], at=hours(LOOKED_AT + DAY))
    turned(LOOKED_AT + 2 * WEEK)
    assert standing(cast) == ([0], [0])
    later = LOOKED_AT + 2 * WEEK + DAY
    # The first week falls; the other two are held again, with another number of faults.
    tell(cast, "dispute.withdrawn", "order:0", hours(3), hours(later))
    tell(cast, "dispute.opened", "order:4", hours(EVALUATED + 5), hours(later + 1))
    turned(later + 2)
    assert [_week(rated.at) for rated in Rating.objects.filter(overturned_at=None).order_by("at")] == [1, 2]
    assert standing(cast) == ([1], [1])
    same_again(cast, later + 3)


def test_a_silence_that_was_none_moved_nothing() -> None:
    """An outage that becomes known later had lain over the time to write."""
    cast = staged()
    asked(cast)
    due = LOOKED_AT + WEEK
    turned(due + 1)
    assert plan().stage == "failed"
    assert freeze().effective_at == hours(due)
    begin, end = hours(LOOKED_AT + DAY), hours(LOOKED_AT + 3 * DAY)
    pauses.record(cast.ken, cast.seller, begins=begin, ends=end, cause="platform_outage", at=hours(due + 2))
    assert (plan().stage, plan().ended_at) == ("asked", None)
    assert freeze().effective_at is None
    assert waits_for(plan()) == ("seller", hours(due + 2) + timedelta(days=7), "failed"), "its time begins anew"
    verbs.write(cast.li, plan(), text="Now.", actions=["ship_earlier"], at=hours(due + 3))
    assert plan().stage == "written"
    same_again(cast, due + 5)


def test_what_was_accepted_by_a_silence_that_was_none_waits_again() -> None:
    cast = staged()
    asked(cast)
    verbs.write(cast.li, plan(), text="With care.", actions=["ship_earlier"], at=hours(LOOKED_AT + DAY))
    accepted = LOOKED_AT + 6 * DAY
    turned(accepted + 1)
    assert plan().stage == "running"
    begin, end = hours(LOOKED_AT + 2 * DAY), hours(LOOKED_AT + 3 * DAY)
    pauses.record(cast.ken, cast.seller, begins=begin, ends=end, cause="platform_outage", at=hours(accepted + 2))
    assert (plan().stage, plan().check_at) == ("written", None)
    assert waits_for(plan()) == ("agent", hours(accepted + 2) + timedelta(days=5), "accepted")
    verbs.accept(cast.ken, plan(), at=hours(accepted + 3))
    assert waits_for(plan()) == ("platform", hours(accepted + 3) + timedelta(days=30), "checked")
    same_again(cast, accepted + 50 * DAY)
    assert plan().stage == "kept"


def test_a_level_without_a_measure_asks_for_a_plan_all_the_same() -> None:
    cast = staged(BOOK.replace(BOOK[BOOK.index("measure = {") : BOOK.rindex("}") + 1], ""))
    asked(cast)
    assert plan().stage == "asked"
    assert not Sanction.objects.exists()
    turned(LOOKED_AT + WEEK + 1)
    assert plan().stage == "failed"
    assert not Sanction.objects.exists()


def told(cast: Cast, kind: str, number: int, at: float, now: float) -> Fact:
    return Fact(
        id=f"{kind}:{number}", kind=kind, at=hours(at), noted_at=hours(now), subject=f"order:{number}",
        matter=f"order:{number}", party=cast.seller.ref, data={},
    )  # fmt: skip


def test_a_past_that_is_imported_asks_for_no_plan_and_a_person_decides() -> None:
    cast, now = staged(), 10 * WEEK + 3 * DAY
    for week in (0, 9):  # the first measure's time would be over since
        at = week * WEEK + 1
        facts = [told(cast, "order.paid", 10 * week + n, at, now) for n in range(5)]
        facts += [told(cast, "dispute.opened", 10 * week + n, at + 1, now) for n in range(2)]
        sit(cast.seller, facts, imported=True)
    assert Rating.objects.count() > 2
    assert not ImprovementPlan.objects.exists()
    (measure,) = Sanction.objects.all()
    assert (measure.status, measure.at) == ("proposed", hours(EVALUATED + 9 * WEEK))
    sanctions.approve(cast.ken, measure, at=hours(now + 1))
    assert (freeze().status, freeze().effective_at) == ("placed", hours(now + 25)), "there is no plan to wait for"
    same_again(cast, now + 2)
