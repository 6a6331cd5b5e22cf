"""A stage with one standard that asks for a plan, and orders that are at fault."""

from datetime import datetime

from comity.actions import clock, parties, rulebooks
from comity.actions.guard import Actor
from comity.records.models import ImprovementPlan, Sanction
from tests.cast import START, Cast, assemble, hours, tell

DAY = 24
BOOK = """
name = "plans"
version = "1"
in_force_from = 2026-01-01

[[duty]]
name = "write the plan"
title = "Write the plan within 7 days"
who = "seller"
each = "plan"
opened_by = [{ fact = "plan.asked" }, { fact = "plan.sent_back" }, { fact = "plan.resumed", where = { stage = ["asked", "sent_back"] } }]
met_by = { fact = "plan.written" }
voided_by = [{ fact = "plan.withdrawn" }, { fact = "plan.failed" }]
within = "7 days"
repeats = true
breach = { plan = "failed" }

[[duty]]
name = "look at the plan"
title = "A plan is looked at within 5 days"
who = "agent"
each = "plan"
opened_by = [{ fact = "plan.written" }, { fact = "plan.resumed", where = { stage = "written" } }]
met_by = [{ fact = "plan.accepted" }, { fact = "plan.sent_back" }]
voided_by = { fact = "plan.withdrawn" }
within = "5 days"
repeats = true
breach = { plan = "accepted" }

[[duty]]
name = "check the plan"
title = "A plan that has run is checked"
who = "platform"
each = "plan"
opened_by = [{ fact = "plan.accepted" }, { fact = "plan.resumed", where = { stage = "running" } }]
met_by = { fact = "plan.kept" }
voided_by = [{ fact = "plan.failed" }, { fact = "plan.withdrawn" }, { fact = "plan.resumed", where = { stage = ["asked", "written", "sent_back"] } }]
by = "check_at"
repeats = true
breach = { plan = "checked" }

[[standard]]
name = "disputes"
title = "Few orders end in a dispute"
each = "order"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened", unless = "withdrawn" }
window = "30 days"
evaluated = "weekly on monday"

[[standard.level]]
name = "bad"
limit = { rate = "<= 20%", at_least = 4 }
plan = { runs = "30 days" }
measure = { measure = "freeze", length = "7 days", notice = "24 hours", decided_by = "automatic", needs = "failed plan" }
"""
#: Monday, 9 March, 0:00, in hours into the story: the first evaluation; and as late as it is looked at.
EVALUATED = 6 * DAY + 15
LOOKED_AT = EVALUATED + 1


def staged(book: str = BOOK) -> Cast:
    """The cast under these rules."""
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, book, at=START)
    return cast


def agent(cast: Cast, name: str) -> Actor:
    """One more agent."""
    joined = parties.NewParty(role="agent", name=name, external_id=name.lower())
    return Actor(parties.add(cast.platform, joined, at=START))


def sells(cast: Cast, first: int, number: int, faulty: int, at: float) -> None:
    """So many orders are paid at a moment, and the first of them are disputed an hour later."""
    for n in range(first, first + number):
        tell(cast, "order.paid", f"order:{n}", hours(at))
    for n in range(first, first + faulty):
        tell(cast, "dispute.opened", f"order:{n}", hours(at + 1))


def asked(cast: Cast) -> ImprovementPlan:
    """A plan that is asked for: 2 of 5 orders were disputed."""
    sells(cast, 0, 5, 2, at=1)
    clock.turn(hours(LOOKED_AT))
    return plan()


def plan() -> ImprovementPlan:
    """The one plan there is, as it stands."""
    return ImprovementPlan.objects.get()


def freeze() -> Sanction:
    """The one measure there is, as it stands."""
    return Sanction.objects.get()


def turned(at: float) -> datetime:
    """Let the clock look at a moment; return it."""
    clock.turn(hours(at))
    return hours(at)
