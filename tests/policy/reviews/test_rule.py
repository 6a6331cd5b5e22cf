"""What [reviews] says: windows by the calendar, what hides, until when a review may be changed."""

from datetime import UTC, datetime, timedelta

import pytest

from comity.policy.reviews.rule import ReviewRules
from comity.policy.time.calendars import Days
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook

HEAD = 'name = "shop"\nversion = "1"\nin_force_from = 2026-01-01\nzone = "Europe/Berlin"\n[reviews]\n'
CAME, PROMISED = datetime(2026, 3, 20, 12, tzinfo=UTC), datetime(2026, 3, 25, tzinfo=UTC)


def rules(text: str = "") -> ReviewRules:
    found = parse(HEAD + text).reviews
    assert found is not None
    return found


def test_what_is_left_out_is_as_usual() -> None:
    usual = rules()
    assert (usual.window, usual.hidden, usual.revise, usual.after_dispute) == (Days(60), "until both", None, Days(14))
    assert parse(HEAD.replace("[reviews]", '[[clock]]\nname = "x"\n[dispute]\ninputs = {}')).reviews is None


def test_days_are_those_of_the_zone() -> None:
    """Summer time began on 29 March: 10 days end at the same time of the day."""
    ten = rules('window = "10 days"')
    assert ten.open(CAME, PROMISED) == (CAME, CAME + timedelta(days=10, hours=-1))
    assert rules('window = "240 hours"').open(CAME, None) == (CAME, CAME + timedelta(days=10))


def test_what_never_came_is_rated_from_when_it_was_promised() -> None:
    window = rules().open(None, PROMISED)
    assert window is not None
    assert window[0] == PROMISED
    assert rules().open(None, None) is None


@pytest.mark.parametrize(("text", "shown"), [("", CAME), ('hidden = "until both"', CAME), ('hidden = "never"', None)])
def test_when_it_is_shown_at_the_latest(text: str, shown: datetime | None) -> None:
    assert rules(text).shown_by(CAME) == shown


def test_until_when_it_may_be_changed() -> None:
    written = datetime(2026, 2, 1, tzinfo=UTC)
    assert rules().changeable_until(written, CAME) == CAME
    assert rules('revise = "7 days"').changeable_until(written, CAME) == written + timedelta(days=7)
    assert rules('after_dispute = "3 days"').once_more_until(written) == written + timedelta(days=3)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('hidden = "for ever"', "unknown hidden"),
        ('window = "soon"', "not a length of time"),
        ('shown = "at once"', "unknown key 'shown'"),
    ],
)
def test_mistakes_are_said_with_their_line(text: str, problem: str) -> None:
    with pytest.raises(BadRulebook) as caught:
        parse(HEAD + text)
    (mistake,) = caught.value.mistakes
    assert mistake.line == 6
    assert problem in mistake.problem
