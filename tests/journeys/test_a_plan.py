"""A failed standard leads to a plan: one that is kept, and the measure never takes effect; one that fails."""

from datetime import timedelta

import pytest

from comity.actions import clock
from comity.actions.guard import is_frozen
from comity.actions.plans import verbs
from comity.actions.plans.reading import plan_before, waits_for
from comity.records import rebuild
from comity.records.models import Notice
from tests.actions.plans.rules import DAY, EVALUATED, LOOKED_AT, asked, freeze, plan, sells, staged, turned
from tests.cast import Cast, hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
WRITTEN, ACCEPTED = LOOKED_AT + 2 * DAY, LOOKED_AT + 3 * DAY
CHECKED = ACCEPTED + 30 * DAY


def same_again(cast: Cast, at: float) -> None:
    """What a replay rules is what life ruled, and every row follows from the lines."""
    assert replayed(cast.seller, until=hours(at)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def running(cast: Cast) -> None:
    """The plan is written, sent back, written anew, and accepted."""
    verbs.write(cast.li, plan(), text="We shall be careful.", actions=["something_else"], at=hours(WRITTEN))
    verbs.send_back(cast.ken, plan(), because="Say what you will check.", at=hours(WRITTEN + 1))
    assert (plan().stage, plan().version) == ("sent_back", 1)
    anew = ["check_before_shipping", "ship_earlier"]
    verbs.write(cast.li, plan(), text="Each lamp is lit before it is packed.", actions=anew, at=hours(WRITTEN + 2))
    assert (plan().stage, plan().version, plan().codes) == ("written", 2, ["ship_earlier", "check_before_shipping"])
    verbs.accept(cast.ken, plan(), shown=plan().written_at, at=hours(ACCEPTED))


def test_a_plan_that_is_kept() -> None:
    cast = staged()
    asked(cast)
    assert (plan().stage, plan().counted, plan().faulty) == ("asked", 5, 2)
    assert plan().rated_at == hours(EVALUATED)
    assert waits_for(plan()) == ("seller", hours(LOOKED_AT) + timedelta(days=7), "failed")
    assert (freeze().status, freeze().effective_at) == ("placed", None), "the measure waits for the plan"
    assert plan_before(freeze()) == plan()
    assert Notice.objects.filter(party=cast.seller, kind="plan.asked").count() == 1

    running(cast)
    assert (plan().stage, plan().check_at) == ("running", hours(CHECKED))
    sells(cast, 10, 6, 1, at=20 * DAY)
    turned(25 * DAY)
    assert (freeze().status, freeze().effective_at) == ("placed", None), "it waits on"
    turned(CHECKED + 1)
    assert (plan().stage, plan().because, plan().ended_at) == ("kept", "checked", hours(CHECKED))
    assert (plan().checked_counted, plan().checked_faulty) == (6, 1)
    assert freeze().status == "overturned"
    assert not is_frozen(cast.seller, hours(CHECKED + 2))
    turned(CHECKED + 60 * DAY)
    assert freeze().status == "overturned"
    same_again(cast, CHECKED + 60 * DAY)


def test_a_plan_that_fails() -> None:
    cast = staged()
    asked(cast)
    running(cast)
    sells(cast, 10, 6, 3, at=20 * DAY)
    turned(CHECKED - 1)
    assert not is_frozen(cast.seller, hours(CHECKED - 1))
    turned(CHECKED + 3)
    assert (plan().stage, plan().because, plan().ended_at) == ("failed", "checked", hours(CHECKED))
    assert (plan().checked_counted, plan().checked_faulty) == (6, 3)
    assert (freeze().status, freeze().effective_at) == ("placed", hours(CHECKED)), "dated when it failed"
    assert freeze().until == hours(CHECKED + 7 * DAY)
    assert is_frozen(cast.seller, hours(CHECKED + 7 * DAY - 1))
    assert not is_frozen(cast.seller, hours(CHECKED + 7 * DAY))
    clock.turn(hours(CHECKED + 8 * DAY))
    same_again(cast, CHECKED + 8 * DAY)
