"""What is known of an improvement plan: its rule, its dates, what was written of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from comity.policy.duties.matter import DutyStatus
from comity.policy.plans import fold as plans
from comity.policy.plans.checking import Checked, check, check_at
from comity.policy.plans.fold import Plan, Stage
from comity.policy.rulebook import NoRules
from comity.policy.standards.rating import peers_at
from comity.policy.standards.rule import Level, StandardRule
from comity.records import rulebooks, statements
from comity.records.carry_out.standards import peers_of
from comity.records.models import Duty, ImprovementPlan, MeasureText, Sanction
from comity.records.tallies import Tallies


def rule_of(plan: ImprovementPlan) -> StandardRule:
    """Return the standard that a plan is for, at the version that asked for it. Raises LookupError."""
    rule = rulebooks.current().version(plan.rulebook).standards.get(plan.standard)
    if rule is None or plan.level >= len(rule.levels):
        raise NoRules(f"{plan.rulebook} has no level {plan.level} of {plan.standard!r}")
    return rule


def level_of(plan: ImprovementPlan) -> Level:
    """Return the level that asks for a plan."""
    return rule_of(plan).levels[plan.level]


def would_end(plan: ImprovementPlan, accepted_at: datetime) -> datetime:
    """Return when a plan that is accepted at a moment would be held against its standard."""
    return check_at(rulebooks.current(), plan, accepted_at)


def held_against(plan: Plan, party_id: int, at: datetime) -> Checked:
    """Return what a plan that runs comes to at a moment, by what counted since it was accepted."""
    rule = rulebooks.current().version(plan.rulebook).standards[plan.standard]
    peers = peers_at(rule, peers_of(party_id), at) if rule.compares_with_peers else None
    return check(rule, plan, Tallies(party_id), at, peers)


def so_far(plan: ImprovementPlan, now: datetime) -> Checked | None:
    """Return what a plan that runs would come to if it were checked now; None for one that does not run."""
    known = plans.fold(statements.facts_of_matter(plan.party_id, plan.ref)) if plan.stage == Stage.RUNNING else None
    return held_against(known, plan.party_id, now) if known is not None else None


class Waits(NamedTuple):
    """Who has to act until when, and what it means if not: "failed", "accepted" or "checked"; "" for nothing."""

    who: str
    due: datetime
    otherwise: str


def waits_for(plan: ImprovementPlan) -> Waits | None:
    """Return what a plan waits for; None where nobody's time runs."""
    duties = Duty.objects.filter(party=plan.party_id, matter=plan.ref, status=DutyStatus.OPEN).order_by("due")
    if (duty := duties.first()) is None:
        return None
    rule = rulebooks.current().version(duty.rulebook).by_name[duty.rule]
    return Waits(rule.who, duty.due, rule.breach.plan)


def texts_of(plan: ImprovementPlan) -> Sequence[MeasureText]:
    """Return what was written of a plan, in the order of time: by its party, and by agents."""
    rows = MeasureText.objects.filter(party=plan.party_id, matter=plan.ref)
    return list(rows.select_related("author"))


def last_words(plan: ImprovementPlan) -> str:
    """Return the text of the newest version of a plan; empty where there is none."""
    rows = MeasureText.objects.filter(party=plan.party_id, matter=plan.ref, kind="written")
    newest = rows.order_by("at", "id").last()
    return newest.text if newest is not None else ""


def plan_before(measure: Sanction) -> ImprovementPlan | None:
    """Return the plan for which a measure waits, or fell or went on; None where it waits for none.

    The same plan as `policy.plans.fold.covering` finds.
    """
    origin = measure.comes_from
    if origin.kind != "standard":
        return None
    rung = rulebooks.current().version(measure.rulebook).rung(origin, measure.rung)
    if rung.needs != "failed plan":
        return None
    rows = ImprovementPlan.objects.filter(party=measure.party_id, standard=origin.name).exclude(stage="withdrawn")
    for row in rows.order_by("rated_at", "asked_at", "key"):
        if row.ended_at is None or row.ended_at >= measure.at:
            return row
    return None


def measure_of(plan: ImprovementPlan) -> Sanction | None:
    """Return the measure that waits for a plan, fell with it or went on after it; None where there is none."""
    origin = f"standard:{plan.standard}"
    rows = Sanction.objects.filter(party=plan.party_id, origin=origin, rung=plan.level).order_by("-at")
    return next((row for row in rows if plan_before(row) == plan), None)
