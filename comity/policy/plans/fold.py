"""An improvement plan as it stands: a fold over its facts, whichever of them was known first.

Deadlines are duties of the rulebook, and what their silence means is noted as a fact like any other; so nothing is
stepped from an earlier state, and a silence that was none is left out as if it had not been (`plan.resumed`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from comity.policy.facts import Fact, moment_of, subject_kind

ASKED, WRITTEN, SENT_BACK, ACCEPTED = "plan.asked", "plan.written", "plan.sent_back", "plan.accepted"
KEPT, FAILED, WITHDRAWN, RESUMED = "plan.kept", "plan.failed", "plan.withdrawn", "plan.resumed"
KINDS = frozenset({ASKED, WRITTEN, SENT_BACK, ACCEPTED, KEPT, FAILED, WITHDRAWN, RESUMED})


class Stage(StrEnum):
    """Where a plan stands."""

    ASKED = "asked"
    WRITTEN = "written"
    SENT_BACK = "sent_back"
    RUNNING = "running"
    KEPT = "kept"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


#: It waits to be written; it is not over.
TO_WRITE = frozenset({Stage.ASKED, Stage.SENT_BACK})
OPEN = TO_WRITE | {Stage.WRITTEN, Stage.RUNNING}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One plan.

    rating       the evaluation that asked for it, at `rated_at`; `counted` and `faulty` are what it found
    runs         how long it runs once it is accepted
    version      how often it was written; `actions` are what the newest version says, as codes
    accepted_by  the agent, as role:id, or "silence"
    because      why it was kept or failed, or what it was withdrawn for
    checked      of one held against its standard: how many counted while it ran, and how many were at fault
    """

    ref: str
    standard: str
    level: int
    rulebook: str
    runs: timedelta
    rating: str
    rated_at: datetime
    counted: int
    faulty: int
    asked_at: datetime
    stage: Stage = Stage.ASKED
    since: datetime
    version: int = 0
    actions: tuple[str, ...] = ()
    written_at: datetime | None = None
    sent_back_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by: str = ""
    check_at: datetime | None = None
    ended_at: datetime | None = None
    because: str = ""
    checked: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        """Its key, by which pages and rows know it."""
        return self.ref.partition(":")[2]

    @property
    def is_open(self) -> bool:
        """Whether anything of it is still to come."""
        return self.stage in OPEN

    def covers(self, at: datetime) -> bool:
        """Whether it stands for an evaluation of that moment, and a measure waits for it: it was not over by then."""
        return self.stage is not Stage.WITHDRAWN and (self.ended_at is None or self.ended_at >= at)


def fold(facts: Iterable[Fact]) -> Plan | None:
    """Return the plan that facts of one matter tell of, in any order; None where nobody asked for it."""
    told = sorted((fact for fact in facts if fact.kind in KINDS), key=lambda fact: (fact.kind != ASKED, fact.place))
    none = {str(fact.data["of"]) for fact in told if fact.kind == RESUMED}
    plan: Plan | None = None
    for fact in told:
        if fact.kind == ASKED and plan is None:
            plan = _asked(fact)
        elif plan is not None and fact.id not in none:
            plan = _after(plan, fact)
    return plan


def of_all(facts: Iterable[Fact]) -> list[Plan]:
    """Return the plans that facts of a party tell of, in the order in which they were asked for."""
    by_plan: dict[str, list[Fact]] = {}
    for fact in facts:
        if subject_kind(fact.subject) == "plan":
            by_plan.setdefault(fact.subject, []).append(fact)
    plans = [plan for told in by_plan.values() if (plan := fold(told)) is not None]
    return sorted(plans, key=lambda plan: (plan.rated_at, plan.asked_at, plan.ref))


def covering(known: Iterable[Plan], standard: str, at: datetime) -> Plan | None:
    """Return the plan, of some in their order, that stands for an evaluation of a standard at a moment."""
    return next((plan for plan in known if plan.standard == standard and plan.covers(at)), None)


def _asked(fact: Fact) -> Plan:
    data = fact.data
    return Plan(
        ref=fact.subject, standard=str(data["standard"]), level=_number(fact, "level"),
        rulebook=str(data["rulebook"]), runs=timedelta(seconds=_number(fact, "runs")), rating=str(data["rating"]),
        rated_at=moment_of(str(data["rated_at"])), counted=_number(fact, "counted"), faulty=_number(fact, "faulty"),
        asked_at=fact.at, since=fact.at,
    )  # fmt: skip


def _number(fact: Fact, name: str) -> int:
    value = fact.data.get(name)
    return value if isinstance(value, int) else 0


#: From where each kind of fact leads on. What comes from elsewhere, such as an act that came too late, changes nothing.
_FROM: Mapping[str, frozenset[Stage]] = {
    WRITTEN: TO_WRITE | {Stage.WRITTEN},
    SENT_BACK: frozenset({Stage.WRITTEN}),
    ACCEPTED: frozenset({Stage.WRITTEN}),
    KEPT: frozenset({Stage.RUNNING}),
    FAILED: TO_WRITE | {Stage.RUNNING},
    WITHDRAWN: OPEN | {Stage.KEPT, Stage.FAILED},
}


def _after(plan: Plan, fact: Fact) -> Plan:
    """Return the plan as it stands after a fact about it."""
    if plan.stage not in _FROM.get(fact.kind, frozenset()):
        return plan
    data, at, replace = fact.data, fact.at, msgspec.structs.replace
    if fact.kind == WRITTEN:
        actions = tuple(str(data["actions"]).split())
        version = _number(fact, "version")
        return replace(plan, stage=Stage.WRITTEN, since=at, version=version, actions=actions, written_at=at)
    if fact.kind == SENT_BACK:
        return replace(plan, stage=Stage.SENT_BACK, since=at, sent_back_at=at)
    if fact.kind == ACCEPTED:
        by = str(data.get("agent") or data["by"])
        check_at = moment_of(str(data["check_at"]))
        return replace(plan, stage=Stage.RUNNING, since=at, accepted_at=at, accepted_by=by, check_at=check_at)
    stage = {KEPT: Stage.KEPT, FAILED: Stage.FAILED, WITHDRAWN: Stage.WITHDRAWN}[fact.kind]
    checked = (_number(fact, "counted"), _number(fact, "faulty")) if "counted" in data else plan.checked
    return replace(plan, stage=stage, since=at, ended_at=at, because=str(data["because"]), checked=checked)
