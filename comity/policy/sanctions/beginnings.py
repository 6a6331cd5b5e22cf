"""When a measure begins that waits for something before it.

For a warning: once that was told, and, by default, not heeded. For an improvement plan: once that has failed; one whose
plan is kept falls.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from comity.policy.dossier import EARLIEST, Dossier
from comity.policy.facts import IMPORTED, Fact
from comity.policy.plans import asking
from comity.policy.plans import fold as plans
from comity.policy.plans.fold import Plan, Stage
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.measures import MeasureState, MeasureStatus, Rung
from comity.policy.sanctions.outcome import after_plans, apply, moved, rung_of
from comity.policy.sanctions.points import Charges
from comity.policy.sanctions.rulings import Charge, Close, Miss, OverturnCharge, OverturnMeasure, Place, Propose, Tell
from comity.policy.standards.rating import RatingState

#: What may change when such a measure begins.
_MOVES = (Place, Close, Tell, Miss, OverturnMeasure, Charge, OverturnCharge)
_BEFORE_PLANS = (Propose, Place, Tell)
_ON_CHARGES = (Charge, OverturnCharge)
_UP = (MeasureStatus.PROPOSED, MeasureStatus.PLACED)


def begun(books: Rulebooks, dossier: Dossier, fact: Fact, ruled: Sequence[Ruling]) -> list[Ruling]:
    """Return when measures begin that wait for something, where a fact or what was ruled changes that."""
    rulings: list[Ruling] = []
    if books.warning_first and any(isinstance(ruling, _MOVES) for ruling in ruled):
        rulings += _after_warnings(books, dossier, fact, measures_after(dossier, ruled))
    if books.plan_first and (fact.kind in plans.KINDS or any(isinstance(ruling, _BEFORE_PLANS) for ruling in ruled)):
        rulings += _after_plans(books, dossier, fact, measures_after(dossier, ruled))
    return rulings


def measures_after(dossier: Dossier, ruled: Sequence[Ruling]) -> dict[str, MeasureState]:
    """Return the measures as they are after what was ruled."""
    measures: dict[str, MeasureState] = dict(dossier.of("sanction"))
    for ruling in ruled:
        if ruling.matter.startswith("sanction:") and not isinstance(ruling, _ON_CHARGES):
            measures[ruling.key] = apply(measures.get(ruling.key), ruling)
    return measures


def _after_warnings(
    books: Rulebooks, dossier: Dossier, fact: Fact, measures: Mapping[str, MeasureState]
) -> Iterator[Ruling]:
    for _, measure in sorted(measures.items()):
        if measure.status is not MeasureStatus.PLACED:
            continue
        rung = rung_of(books, measure)
        if rung.needs in ("warning", "told warning"):
            begin = begins(measure, rung, _warned(measures.values(), measure), _charged(dossier, measure))
            yield from moved(measure, rung, begin, fact)


def _after_plans(
    books: Rulebooks, dossier: Dossier, fact: Fact, measures: Mapping[str, MeasureState]
) -> Iterator[Ruling]:
    waiting = [
        (measure, rung)
        for _, measure in sorted(measures.items())
        if measure.status in _UP and (rung := rung_of(books, measure)).needs == "failed plan"
    ]
    known = plans_of(dossier, fact) if waiting else []
    for measure, rung in waiting:
        yield from after_plans(measure, rung, known, fact)


def plans_of(dossier: Dossier, fact: Fact | None = None) -> list[Plan]:
    """Return the plans of a party, as far as its facts are known; `fact` is the one in hand."""
    told = {act.id: act for act in dossier.remembered(EARLIEST) if act.kind in plans.KINDS}
    if fact is not None and fact.kind in plans.KINDS:
        told[fact.id] = fact
    return plans.of_all(told.values())


def next_asked(books: Rulebooks, dossier: Dossier, fact: Fact, standard: str) -> RatingState | None:
    """Return the evaluation of a standard for which a plan is asked next, as far as is known; None for none."""
    since = max((act.noted_at for act in dossier.remembered(EARLIEST) if act.kind == IMPORTED), default=EARLIEST)
    return asking.next_asked(books, standard, dossier.in_force("rating"), plans_of(dossier, fact), since)


def is_stood_for(books: Rulebooks, dossier: Dossier, fact: Fact, proposed: Propose) -> bool:
    """Whether a plan stands for a measure, so that it is not issued: the plan was kept, or asked for earlier.

    Only one plan of a standard runs at a time, and one measure waits for it; a graver one does, too. Where none stands
    for it yet, the one that will be asked for does.
    """
    plan = plans.covering(
        asking.standing(plans_of(dossier, fact), dossier.in_force("rating")), proposed.origin.name, proposed.at
    )
    if plan is None:
        rated = next_asked(books, dossier, fact, proposed.origin.name)
        return rated is not None and rated.key not in proposed.because and proposed.rung <= rated.level
    return plan.stage is Stage.KEPT or (plan.rating not in proposed.because and proposed.rung <= plan.level)


def begins(
    measure: MeasureState, rung: Rung, warned: Iterable[datetime], charged: Iterable[datetime]
) -> datetime | None:
    """Return when a placed measure takes effect that needs a warning; None while it waits.

    warned   when warnings of the same ladder were told
    charged  when the charges on it that are in force were
    """
    if measure.told_at is None or measure.placed_at is None or (first := min(warned, default=None)) is None:
        return None
    after = first
    if rung.needs == "warning":
        # EU 2022/2065 art. 23: a warning leaves time to change. What was done before it was told is not done after it.
        later = min((at for at in charged if at > first), default=None)
        if later is None:
            return None
        after = later
    return max(measure.told_at + rung.notice, measure.placed_at, after)


def _warned(measures: Iterable[MeasureState], before: MeasureState) -> Iterator[datetime]:
    """Yield when the warnings of a measure's own ladder were told."""
    for measure in measures:
        stands = measure.status in (MeasureStatus.PLACED, MeasureStatus.LIFTED)
        if stands and measure.measure == "warning" and measure.origin == before.origin and measure.told_at is not None:
            yield measure.told_at


def _charged(dossier: Dossier, measure: MeasureState) -> Iterator[datetime]:
    """Yield when the charges on the ledger of a measure were; of one without points, when its cause was."""
    if measure.origin.kind != "ledger":
        yield measure.at
        return
    charges: Charges = dossier.of("charge")
    yield from (
        charge.at for charge in charges.on_ledger(measure.origin.name) if charge.points > 0 and not charge.taken_from
    )
