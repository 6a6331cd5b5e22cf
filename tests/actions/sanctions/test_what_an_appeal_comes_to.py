"""What an appeal against a measure can come to: never something that becomes of no measure."""

from datetime import datetime, timedelta

import pytest

from comity.actions import appeals, clock, parties, reached, sanctions
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.measured import tell, written
from comity.actions.plans import verbs
from comity.records import rebuild
from comity.records.models import Charge, Sanction
from tests.actions.plans import rules as plans
from tests.actions.sanctions.rules import agent, asked, staged, violation
from tests.cast import Cast, hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
DAY = 24
WEEK = timedelta(days=7)


def one() -> Sanction:
    return Sanction.objects.get()


def same_when_replayed(cast: Cast, at: float) -> None:
    clock.turn(hours(at))
    assert replayed(cast.seller, until=hours(at)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def decides(who: Actor, result: str, at: datetime, days: float | None = None) -> None:
    length = timedelta(days=days) if days is not None else None
    appeals.decide(who, one(), result=result, because="So it is.", at=at, length=length)


def frozen() -> tuple[Cast, Actor]:
    """Li is frozen for a week since the second hour, and has appealed; and an agent who had no part."""
    cast = staged()
    row = asked(cast, agent(cast, "Noor"), "freeze", hours(0), WEEK, notice=1)
    sanctions.approve(agent(cast, "Omar"), row, at=hours(2))
    appeals.file(cast.li, one(), words=written("Too long."), at=hours(3))
    return cast, agent(cast, "Iris")


def test_shortened_it_ends_sooner() -> None:
    cast, iris = frozen()
    for days in (60, 7):
        with pytest.raises(Refused, match="sooner"):
            decides(iris, "shortened", hours(4), days)
    assert (one().until, appeals.appeals_of(one())[0].is_open) == (hours(2 + 7 * DAY), True)
    decides(iris, "shortened", hours(4), 3)
    assert one().until == hours(2 + 3 * DAY)
    same_when_replayed(cast, 30 * DAY)


def test_shortened_it_stays_whatever_becomes_of_the_mail_and_whenever_it_begins() -> None:
    cast = staged()
    row = asked(cast, agent(cast, "Noor"), "freeze", hours(0), WEEK, notice=48)
    sanctions.approve(agent(cast, "Omar"), row, at=hours(2))
    appeals.file(cast.li, one(), words=written("Too long."), at=hours(3))
    decides(agent(cast, "Iris"), "shortened", hours(4), 3)
    assert one().until == hours(48 + 3 * DAY)
    back = Actor(parties.platform(hours(5)))
    tell(back, cast.seller, "sanction.unreached", at=hours(5), about=one().ref, data={"because": "bounced"})
    assert (one().told_at, one().effective_at, one().until) == (None, None, None)
    reached.by_hand(cast.ken, one(), at=hours(100))
    assert (one().effective_at, one().until) == (hours(148), hours(148 + 3 * DAY))
    same_when_replayed(cast, 30 * DAY)
    statement = one().statement
    assert statement is not None
    assert statement["length_seconds"] == 3 * 86_400
    assert one().ended_at == hours(148 + 3 * DAY)


def test_one_that_is_over_stands_or_falls() -> None:
    cast, iris = frozen()
    at = hours(9 * DAY)
    assert appeals.results_of(one(), at) == ("stands", "falls"), "whether a clock has looked or not"
    with pytest.raises(Refused, match="stands, or it falls"):
        decides(iris, "shortened", at, 1)
    clock.turn(at)
    with pytest.raises(Refused, match="stands, or it falls"):
        decides(iris, "shortened", at, 1)
    decides(iris, "falls", at)
    assert one().status == "overturned"
    same_when_replayed(cast, 30 * DAY)


def test_one_that_waits_for_its_plan_is_not_shortened_and_then_forgotten() -> None:
    cast = plans.staged()
    plans.asked(cast)
    verbs.write(cast.li, plans.plan(), text="With care.", actions=["ship_earlier"], at=hours(plans.LOOKED_AT + 1))
    verbs.accept(cast.ken, plans.plan(), at=hours(plans.LOOKED_AT + 2))
    appeals.file(cast.li, one(), words=written("It was the carrier."), at=hours(plans.LOOKED_AT + 3))
    assert (one().status, one().effective_at) == ("placed", None)
    with pytest.raises(Refused, match="stands, or it falls"):
        decides(cast.ken, "shortened", hours(plans.LOOKED_AT + 4), 1)
    decides(cast.ken, "falls", hours(plans.LOOKED_AT + 4))
    assert one().status == "overturned"
    same_when_replayed(cast, 60 * DAY)


def test_of_one_that_fell_meanwhile_it_is_said_that_it_falls() -> None:
    cast = staged()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    violation(cast, hours(0), 12)
    sanctions.approve(noor, one(), at=hours(49))
    appeals.file(cast.li, one(), words=written("It was not me."), at=hours(50))
    sanctions.take_off(omar, Charge.objects.get(), reason="mistake", at=hours(51))
    assert (one().status, appeals.appeals_of(one())[0].is_open) == ("overturned", True), "she waits for an answer"
    for result, days in (("stands", None), ("shortened", 1)):
        with pytest.raises(Refused, match="fallen meanwhile"):
            decides(omar, result, hours(52), days)
    decides(omar, "falls", hours(52))
    assert appeals.appeals_of(one())[0].result == "falls"
    same_when_replayed(cast, 30 * DAY)


def test_with_points_without_which_it_falls_it_is_not_shortened() -> None:
    cast = staged()
    first = violation(cast, hours(0), 6)
    violation(cast, hours(1), 7)
    sanctions.approve(agent(cast, "Noor"), one(), at=hours(50))
    appeals.file(cast.li, one(), words=written("Not the first."), at=hours(51))
    three = timedelta(days=3)
    with pytest.raises(Refused, match="the measure falls"):
        appeals.decide(
            cast.ken, one(), result="shortened", because="So it is.", at=hours(52), length=three, charges=[first]
        )
    first.refresh_from_db()
    assert (one().status, first.overturned_at) == ("placed", None), "nothing of it is done"
    same_when_replayed(cast, 30 * DAY)


def test_what_was_added_is_read_before_it_is_decided() -> None:
    cast, iris = frozen()
    seen = appeals.last_said_at(one())
    appeals.file(cast.li, one(), words=written("And here is why."), at=hours(4))
    with pytest.raises(NotNow, match="changed meanwhile"):
        appeals.decide(iris, one(), result="stands", because="So it is.", at=hours(5), shown=seen)
    assert appeals.last_said_at(one()) == hours(4)
    appeals.decide(iris, one(), result="stands", because="So it is.", at=hours(5), shown=hours(4))
    assert appeals.last_said_at(one()) is None
