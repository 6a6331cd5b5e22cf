"""When a measure begins that needs a warning before it: once that was told, and, by default, not heeded."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from comity.policy.dossier import Dossier
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.measures import MeasureState, MeasureStatus, Rung
from comity.policy.sanctions.outcome import apply, rung_of
from comity.policy.sanctions.points import Charges
from comity.policy.sanctions.rulings import Begin, Charge, Miss, OverturnCharge, OverturnMeasure, Place, Tell

#: What may change when such a measure begins.
_MOVES = (Place, Tell, Miss, OverturnMeasure, Charge, OverturnCharge)
_ON_CHARGES = (Charge, OverturnCharge)


def begun(books: Rulebooks, dossier: Dossier, fact: Fact, ruled: Sequence[Ruling]) -> list[Ruling]:
    """Return when measures begin that need a warning, where what was ruled changes that."""
    if not books.warning_first or not any(isinstance(ruling, _MOVES) for ruling in ruled):
        return []
    measures: dict[str, MeasureState] = dict(dossier.of("sanction"))
    for ruling in ruled:
        if ruling.matter.startswith("sanction:") and not isinstance(ruling, _ON_CHARGES):
            measures[ruling.key] = apply(measures.get(ruling.key), ruling)
    rulings: list[Ruling] = []
    for _, measure in sorted(measures.items()):
        if measure.status is not MeasureStatus.PLACED or not (rung := rung_of(books, measure)).needs:
            continue
        begin = begins(measure, rung, _warned(measures.values(), measure), _charged(dossier, measure))
        if begin != measure.effective_at:
            until = None if begin is None or rung.length is None else begin + rung.length
            rulings.append(Begin(at=fact.at, **measure.about, measure=measure.measure, effective_at=begin, until=until))
    return rulings


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
    yield from (charge.at for charge in charges.on_ledger(measure.origin.name) if charge.points > 0)
