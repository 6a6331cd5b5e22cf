"""What rules bring for improvement plans: one is asked for, and a deadline that passes moves it.

Each is noted as a fact, once, dated when it fell due; that a plan is asked for is dated when its party is told, so that
a clock that was late takes none of the time to write it.
"""

from datetime import datetime

from comity.actions.enact import enact
from comity.actions.plans.reading import held_against
from comity.lib.ids import name_of
from comity.lib.moments import to_text
from comity.policy.dossier import EARLIEST
from comity.policy.facts import IMPORTED, Fact, Scalar, subject_kind
from comity.policy.follows import Follow, OverturnConsequence
from comity.policy.plans import fold as plans
from comity.policy.plans.asking import next_asked
from comity.policy.plans.checking import check_at
from comity.policy.plans.fold import Plan, Stage
from comity.records import rulebooks, statements
from comity.records.models import Duty, ImprovementPlan, Party, Rating


def carry_out(party: Party, follow: Follow, *, noted_at: datetime) -> None:
    """Ask for a plan, or do to one what a silence means. The party is locked."""
    if follow.value == "asked":
        rating = Rating.objects.filter(party=party, key=follow.because, overturned_at=None).first()
        if rating is not None:
            _ask(party, rating.standard, noted_at=noted_at)
        return
    duty = Duty.objects.filter(party=party, key=follow.because).first()
    plan = _plan(party, duty.matter) if duty is not None else None
    if plan is None:
        return
    if follow.value == "failed" and plan.stage in plans.TO_WRITE:
        _note(party, plan.ref, "plan.failed", {"because": "not_written"}, at=follow.at, noted_at=noted_at)
    elif follow.value == "accepted" and plan.stage is Stage.WRITTEN:
        until = check_at(rulebooks.current(), plan, follow.at)
        data: dict[str, Scalar] = {"by": "silence", "version": plan.version, "check_at": to_text(until)}
        _note(party, plan.ref, "plan.accepted", data, at=follow.at, noted_at=noted_at)
    elif follow.value == "checked" and plan.stage is Stage.RUNNING:
        _check(party, plan, at=follow.at, noted_at=noted_at)


def take_back(party: Party, overturned: OverturnConsequence, *, noted_at: datetime) -> None:
    """Undo what a rating or a silence brought that does not hold. The party is locked.

    Where a rating is held again at the same level, its plan goes on. Else the first that stands, and for which no plan
    does, asks for a plan of its own.
    """
    if subject_kind(overturned.matter) == "plan":
        _resume(party, overturned, noted_at)
        return
    for row in ImprovementPlan.objects.filter(party=party, standard=overturned.rule).exclude(stage=Stage.WITHDRAWN):
        if name_of("plan", row.rating) != overturned.key:
            continue
        again = Rating.objects.filter(party=party, key=row.rating, overturned_at=None).first()
        if again is not None and again.level == row.level:
            return
        _note(party, row.ref, "plan.withdrawn", {"because": "rating"}, at=noted_at, noted_at=noted_at)
        _ask(party, row.standard, noted_at=noted_at)


def _resume(party: Party, overturned: OverturnConsequence, noted_at: datetime) -> None:
    """Let a plan be as it was before a silence that was none; its time begins anew."""
    facts = statements.facts_of_matter(party.pk, overturned.matter)
    gone = {str(fact.data["of"]) for fact in facts if fact.kind == plans.RESUMED}
    for fact in facts:
        if fact.follows and name_of("plan", fact.follows) == overturned.key and fact.id not in gone:
            before = plans.fold([each for each in facts if each.id != fact.id])
            if before is None or not before.is_open:
                continue
            data: dict[str, Scalar] = {"of": fact.id, "stage": before.stage.value}
            if before.check_at is not None:
                data["check_at"] = to_text(before.check_at)
            _note(party, overturned.matter, plans.RESUMED, data, at=noted_at, noted_at=noted_at)


def _ask(party: Party, standard: str, *, noted_at: datetime) -> None:
    """Ask for the plan of the first evaluation that stands and for which no plan does, if there is one."""
    books, known = rulebooks.current(), _plans(party, standard)
    imported = [fact.noted_at for fact in statements.facts_of_kinds(party.pk, [IMPORTED])]
    in_force = list(Rating.objects.filter(party=party, standard=standard, overturned_at=None))
    rating = next_asked(books, standard, in_force, known, max(imported, default=EARLIEST))
    if rating is None:
        return
    level = books.version(rating.rulebook).standards[standard].levels[rating.level]
    if level.plan is None:
        raise LookupError(f"level {rating.level} of {standard!r} of {rating.rulebook} asks for no plan")
    # A rating that fell and came again asks for another one.
    earlier = sum(plan.rating == rating.key for plan in known)
    key = name_of("plan", party.ref, rating.key, *([str(earlier)] if earlier else []))
    data: dict[str, Scalar] = {
        "standard": rating.standard, "level": rating.level, "rulebook": rating.rulebook,
        "runs": int(level.plan.runs.total_seconds()), "rating": rating.key, "rated_at": to_text(rating.at),
        "counted": rating.counted, "faulty": rating.faulty,
    }  # fmt: skip
    _note(party, f"plan:{key}", plans.ASKED, data, at=noted_at, noted_at=noted_at)


def _check(party: Party, plan: Plan, *, at: datetime, noted_at: datetime) -> None:
    found = held_against(plan, party.pk, at)
    data: dict[str, Scalar] = {"because": found.because, "counted": found.counted, "faulty": found.faulty}
    _note(party, plan.ref, f"plan.{found.result}", data, at=at, noted_at=noted_at)


def _plans(party: Party, standard: str) -> list[Plan]:
    """Return the plans of a standard that a party was ever asked for."""
    rows = ImprovementPlan.objects.filter(party=party, standard=standard)
    return plans.of_all(statements.facts_of_matters(party.pk, [row.ref for row in rows]))


def _plan(party: Party, matter: str) -> Plan | None:
    return plans.fold(statements.facts_of_matter(party.pk, matter))


def _note(party: Party, ref: str, kind: str, data: dict[str, Scalar], *, at: datetime, noted_at: datetime) -> None:
    fact = Fact(
        id=f"{kind}:{ref.partition(':')[2]}:{_apart(party, ref, kind)}",
        kind=kind,
        at=at,
        noted_at=noted_at,
        subject=ref,
        matter=ref,
        party=party.ref,
        data=data,
    )
    enact(party, fact, once=True)


def _apart(party: Party, ref: str, kind: str) -> int:
    """Return how often a plan was moved like this already: a silence that was none may come again."""
    return sum(fact.kind == kind for fact in statements.facts_of_matter(party.pk, ref))
