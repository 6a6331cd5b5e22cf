"""Two clocks that are an hour apart: nothing is done to a measure or a plan before it is there, and nothing is lost."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from comity.actions import appeals, clock, sanctions
from comity.actions.doing import NotNow
from comity.actions.measured import written
from comity.actions.plans import verbs
from comity.records import rebuild
from comity.records.models import JournalLine, Sanction
from tests.actions.plans import rules as plans
from tests.actions.sanctions.rules import agent, asked, staged
from tests.cast import hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
DAY = 24


def refused_then_taken(do: Callable[[datetime], object], early: float, at: float) -> None:
    before = JournalLine.objects.count()
    with pytest.raises(NotNow) as caught:
        do(hours(early))
    assert caught.value.code == "clock_behind"
    assert JournalLine.objects.count() == before
    do(hours(at))


def test_a_decision_from_an_hour_ago_is_taken_once_it_is_time() -> None:
    cast = staged()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    row = asked(cast, noor, "freeze", hours(10), timedelta(days=7), notice=9)
    one = Sanction.objects.get
    refused_then_taken(lambda at: sanctions.answer(cast.li, row, words=written("Not me."), at=at), 9, 11)
    refused_then_taken(lambda at: sanctions.approve(omar, one(), at=at, because="It was."), 9, 12)
    assert one().status == "placed"
    with pytest.raises(NotNow):
        sanctions.release(omar, one(), reason="mistake", at=hours(11))
    refused_then_taken(lambda at: appeals.file(cast.li, one(), words=written("Not me."), at=at), 11, 13)
    refused_then_taken(lambda at: appeals.file(cast.li, one(), words=written("But Max."), at=at), 12, 14)
    for early in (12, 13):
        with pytest.raises(NotNow):
            appeals.withdraw(cast.li, one(), at=hours(early))
    refused_then_taken(lambda at: appeals.decide(cast.ken, one(), result="falls", because="It was Max.", at=at), 13, 15)
    assert one().status == "overturned"
    clock.turn(hours(30 * DAY))
    assert replayed(cast.seller, until=hours(30 * DAY)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_a_plan_is_written_and_looked_at_after_it_is_there() -> None:
    cast = plans.staged()
    plans.asked(cast)
    at = plans.LOOKED_AT
    refused_then_taken(
        lambda when: verbs.write(cast.li, plans.plan(), text="With care.", actions=["ship_earlier"], at=when),
        at - 0.5, at + 2,
    )  # fmt: skip
    refused_then_taken(lambda when: verbs.send_back(cast.ken, plans.plan(), because="How?", at=when), at + 1, at + 3)
    refused_then_taken(
        lambda when: verbs.write(cast.li, plans.plan(), text="So.", actions=["ship_earlier"], at=when), at + 2, at + 4
    )
    refused_then_taken(lambda when: verbs.accept(cast.ken, plans.plan(), at=when), at + 3, at + 5)
    assert plans.plan().stage == "running"
