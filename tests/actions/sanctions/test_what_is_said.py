"""What is said of measures: signs that nobody sees say nothing, the same twice is once, and of what is closed, nothing."""

from datetime import timedelta

import pytest

from comity.actions import appeals, clock, measured, sanctions
from comity.actions.enact import Refused
from comity.actions.measured import written
from comity.records import rebuild
from comity.records.models import Sanction
from tests.actions.sanctions.rules import agent, asked, staged
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


@pytest.mark.parametrize("blank", ["\u200b", "\u202e\u200f", "\u2800 \u3164"])
def test_signs_that_nobody_sees_say_nothing(blank: str) -> None:
    cast = staged()
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    with pytest.raises(Refused, match="Say why"):
        sanctions.ask(noor, cast.seller, sanctions.Wanted("freeze", "spam", blank, WEEK), at=hours(0))
    row = asked(cast, noor, "freeze", hours(0), WEEK, notice=48)
    with pytest.raises(Refused, match="own words"):
        sanctions.answer(cast.li, row, words=written(blank), at=hours(1))
    sanctions.answer(cast.li, row, words=written("It was \ud800not me."), at=hours(1))
    with pytest.raises(Refused, match="what you make of that"):
        sanctions.approve(omar, row, at=hours(2), because=blank)
    sanctions.approve(omar, row, at=hours(2), because="It was.")
    with pytest.raises(Refused, match="own words"):
        appeals.file(cast.li, one(), words=written(blank), at=hours(3))


def test_an_answer_by_a_double_click_is_one() -> None:
    cast = staged()
    row = asked(cast, agent(cast, "Noor"), "freeze", hours(0), WEEK, notice=48)
    for at, text in enumerate(("It was not me.", "It was not me. ", "It was Max.", "It was not me.")):
        sanctions.answer(cast.li, row, words=written(text), at=hours(1 + at))
    said = [each.text for each in measured.texts_of(row) if each.kind == "answered"]
    assert said == ["It was not me.", "It was Max."]


def test_of_an_account_that_is_closed_nothing_more_is_asked_for() -> None:
    cast = staged()
    noor, omar, iris = agent(cast, "Noor"), agent(cast, "Omar"), agent(cast, "Iris")
    closing = sanctions.Wanted("closure", "spam", "Seen.", None, timedelta(days=30))
    row = sanctions.ask(noor, cast.seller, closing, at=hours(0))
    with pytest.raises(Refused, match="already"):
        sanctions.ask(omar, cast.seller, closing, at=hours(1))
    sanctions.approve(omar, row, at=hours(2))
    sanctions.approve(iris, row, at=hours(3))
    asked(cast, noor, "freeze", hours(4), WEEK)  # it begins before the account is closed
    for wanted in (closing, sanctions.Wanted("freeze", "spam", "Seen.", WEEK)):
        with pytest.raises(Refused, match="is closed"):
            sanctions.ask(iris, cast.seller, wanted, at=hours(31 * DAY))
    same_when_replayed(cast, 40 * DAY)
