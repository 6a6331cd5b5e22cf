"""Improvement plans follow facts: a row says what the fold over the facts of its plan says."""

from collections.abc import Iterable, Sequence
from typing import Any

from comity.policy.facts import Fact
from comity.policy.plans.fold import KINDS, Plan, fold
from comity.records.follow.world import World
from comity.records.models import ImprovementPlan


def moves(facts: Iterable[Fact]) -> bool:
    """Whether any of the facts of a matter is about a plan."""
    return any(fact.kind in KINDS for fact in facts)


def moved(world: World, facts: Sequence[Fact]) -> None:
    """Let a plan be what its facts say of it."""
    if (plan := fold(facts)) is None:
        return
    row = world.plan(plan.key)
    if row is None:
        row = ImprovementPlan(key=plan.key, party=world.party, **columns(plan))
        world.make(row)
    else:
        world.change(row, **columns(plan))


def columns(plan: Plan) -> dict[str, Any]:
    """Return what the row of a plan says."""
    counted, faulty = plan.checked or (None, None)
    return {
        "standard": plan.standard,
        "level": plan.level,
        "rulebook": plan.rulebook,
        "runs": int(plan.runs.total_seconds()),
        "rating": plan.rating,
        "rated_at": plan.rated_at,
        "counted": plan.counted,
        "faulty": plan.faulty,
        "asked_at": plan.asked_at,
        "stage": plan.stage.value,
        "since": plan.since,
        "version": plan.version,
        "actions": " ".join(plan.actions),
        "written_at": plan.written_at,
        "sent_back_at": plan.sent_back_at,
        "accepted_at": plan.accepted_at,
        "accepted_by": plan.accepted_by,
        "check_at": plan.check_at,
        "ended_at": plan.ended_at,
        "because": plan.because,
        "checked_counted": counted,
        "checked_faulty": faulty,
    }
