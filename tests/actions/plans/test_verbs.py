"""What people do with plans: who may, until when, and once."""

from datetime import timedelta

import pytest

from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.actions.plans import verbs
from comity.actions.plans.reading import last_words, texts_of, waits_for
from comity.records.models import Interest, JournalLine, Notice
from tests.actions.plans.rules import DAY, LOOKED_AT, agent, asked, plan, staged
from tests.cast import Cast, hours

pytestmark = pytest.mark.django_db
WRITTEN = LOOKED_AT + DAY


@pytest.fixture
def cast() -> Cast:
    made = staged()
    asked(made)
    return made


def writes(cast: Cast, text: str = "With care.", at: float = WRITTEN) -> None:
    verbs.write(cast.li, plan(), text=text, actions=["ship_earlier"], at=hours(at))


def test_a_plan_is_written_by_its_party_and_nobody_else(cast: Cast) -> None:
    for who in (cast.max, cast.ana, cast.ken):
        with pytest.raises(Forbidden):
            verbs.write(who, plan(), text="Mine.", actions=["ship_earlier"], at=hours(WRITTEN))
    for who in (cast.li, cast.max, cast.ana):
        with pytest.raises(Forbidden):
            verbs.accept(who, plan(), at=hours(WRITTEN))
        with pytest.raises(Forbidden):
            verbs.send_back(who, plan(), because="No.", at=hours(WRITTEN))
    assert plan().stage == "asked"


def test_what_a_plan_has_to_say(cast: Cast) -> None:
    for text, actions in (("", ["ship_earlier"]), ("Soon.", []), ("Soon.", ["pray"]), ("x" * 10_001, ["ship_earlier"])):
        with pytest.raises(Refused):
            verbs.write(cast.li, plan(), text=text, actions=actions, at=hours(WRITTEN))
    assert (plan().stage, plan().version) == ("asked", 0)
    assert list(texts_of(plan())) == []


def test_the_same_twice_is_once_and_no_text_is_in_the_journal(cast: Cast) -> None:
    writes(cast)
    writes(cast, at=WRITTEN + 1)
    assert (plan().version, len(texts_of(plan()))) == (1, 1)
    writes(cast, "With more care.", at=WRITTEN + 2)
    assert (plan().version, last_words(plan())) == (2, "With more care.")
    assert plan().written_at == hours(WRITTEN + 2)
    assert not JournalLine.objects.filter(body__icontains="With care").exists()
    verbs.accept(cast.ken, plan(), at=hours(WRITTEN + 3), because="Good.")
    with pytest.raises(NotNow) as error:
        verbs.accept(cast.ken, plan(), at=hours(WRITTEN + 4))
    assert error.value.code == "plan_not_waiting"
    assert JournalLine.objects.filter(kind="plan.accepted").count() == 1
    assert Notice.objects.filter(party=cast.seller, kind="plan.accepted").count() == 1


def test_a_plan_is_not_written_after_its_time(cast: Cast) -> None:
    """Whether a clock has looked since or not."""
    waits = waits_for(plan())
    assert waits is not None
    with pytest.raises(NotNow) as error:
        verbs.write(cast.li, plan(), text="Late.", actions=["ship_earlier"], at=waits.due + timedelta(seconds=1))
    assert error.value.code == "plan_too_late"
    assert "The time to write this plan is over" in str(error.value)
    assert (plan().stage, plan().because, plan().ended_at) == ("failed", "not_written", waits.due)


def test_at_the_last_moment_it_is_in_time(cast: Cast) -> None:
    waits = waits_for(plan())
    assert waits is not None
    verbs.write(cast.li, plan(), text="Just so.", actions=["ship_earlier"], at=waits.due)
    assert plan().stage == "written"


def test_only_the_version_that_was_shown_is_decided_on(cast: Cast) -> None:
    writes(cast)
    shown = plan().written_at
    writes(cast, "Otherwise.", at=WRITTEN + 1)
    with pytest.raises(NotNow) as accepted:
        verbs.accept(cast.ken, plan(), shown=shown, at=hours(WRITTEN + 2))
    with pytest.raises(NotNow) as sent_back:
        verbs.send_back(cast.ken, plan(), because="No.", shown=shown, at=hours(WRITTEN + 2))
    assert (accepted.value.code, sent_back.value.code) == ("changed", "changed")
    assert plan().stage == "written"


def test_it_is_sent_back_with_words(cast: Cast) -> None:
    writes(cast)
    with pytest.raises(Refused):
        verbs.send_back(cast.ken, plan(), because="  ", at=hours(WRITTEN + 1))
    verbs.send_back(cast.ken, plan(), because="How?", at=hours(WRITTEN + 1))
    assert waits_for(plan()) == ("seller", hours(WRITTEN + 1) + timedelta(days=7), "failed")
    writes(cast, at=WRITTEN + 2)
    assert (plan().stage, plan().version) == ("written", 2), "the same words may be the answer"


def test_who_has_an_interest_decides_nothing(cast: Cast) -> None:
    noor = agent(cast, "Noor")
    Interest.objects.create(agent=noor.party, party=cast.seller)
    writes(cast)
    with pytest.raises(NotNow) as error:
        verbs.accept(noor, plan(), at=hours(WRITTEN + 1))
    assert error.value.code == "interest"
