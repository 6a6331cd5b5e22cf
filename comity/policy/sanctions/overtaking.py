"""A proposal that is overtaken closes: once a graver measure of its ledger is placed, nobody decides the lighter one.

Whether one is closed follows from the measures of the ledger that stand, and from what was decided on each by itself:
so it is the same in whichever order that came to be known. One that closed is proposed again, and heard anew, where the
graver one falls.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import reduce
from typing import NamedTuple

import msgspec

from comity.policy.dossier import Dossier
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.beginnings import measures_after
from comity.policy.sanctions.measures import MeasureState, MeasureStatus
from comity.policy.sanctions.outcome import DECISIONS, SYSTEM, apply, lived, rung_of
from comity.policy.sanctions.rulings import Close, Decline, OverturnMeasure, Place, Propose

#: What may change which proposals are overtaken.
_MOVES = (Propose, Place, Decline, OverturnMeasure)
_DECIDED_FOR = (MeasureStatus.PLACED, MeasureStatus.LIFTED)
_WAITS_FOR_WARNING = ("warning", "told warning")


class Overtaken(NamedTuple):
    """When a proposal is overtaken, and by which measure."""

    at: datetime
    by: str


def is_closed(measure: MeasureState) -> bool:
    """Whether a measure is a proposal that was overtaken."""
    return measure.status is MeasureStatus.DECLINED and measure.decided_by == SYSTEM


def overtaken(books: Rulebooks, dossier: Dossier, facts: Sequence[Fact], rulings: Sequence[Ruling]) -> list[Ruling]:
    """Return what closes, and what is proposed again, after `facts` brought `rulings` on the party's measures."""
    done = [fact for fact in facts if fact.kind in DECISIONS or fact.kind in books.restoring]
    about = {fact.subject for fact in done} | {ruling.matter for ruling in rulings if isinstance(ruling, _MOVES)}
    if not any(subject.startswith("sanction:") for subject in about):
        return []
    measures = measures_after(dossier, rulings)
    found: list[Ruling] = []
    for origin in sorted({each.origin for each in measures.values() if each.matter in about}):
        of_ledger = [each for each in measures.values() if origin.kind == "ledger" and each.origin == origin]
        if len(of_ledger) > 1:
            found += _Ladder(books, dossier, done, about).compared(of_ledger)
    return found


class _Ladder:
    """What was done about the measures of one ledger. `about`: those of which something is new, as sanction:key."""

    def __init__(self, books: Rulebooks, dossier: Dossier, done: Sequence[Fact], about: set[str]):
        self._books, self._dossier, self._done, self._about = books, dossier, done, about

    def compared(self, measures: Iterable[MeasureState]) -> Iterator[Ruling]:
        """Yield what leads from how measures stand to how they ought to: the gravest first, as it overtakes others."""
        standing = [each for each in measures if each.status is not MeasureStatus.OVERTURNED]
        placed: list[MeasureState] = []
        for measure in sorted(standing, key=lambda each: (rung_of(self._books, each).weight, each.key), reverse=True):
            rulings = self._changed(measure, self._overtaken(measure, placed))
            yield from rulings
            now = reduce(apply, rulings, measure)
            if now.status in _DECIDED_FOR:
                placed.append(now)

    def _overtaken(self, measure: MeasureState, placed: Iterable[MeasureState]) -> Overtaken | None:
        """Return by which of the graver ones that were placed after its proposal it is overtaken first.

        By none that waits for a warning, where it is one: that would wait for ever.
        """
        weight, proposed_at = rung_of(self._books, measure).weight, self._proposed_at(measure)
        by = []
        for each in placed:
            rung = rung_of(self._books, each)
            waits = measure.measure == "warning" and rung.needs in _WAITS_FOR_WARNING
            if each.placed_at is not None and each.placed_at > proposed_at and rung.weight > weight and not waits:
                by.append(Overtaken(each.placed_at, each.key))
        return min(by, default=None)

    def _changed(self, measure: MeasureState, by: Overtaken | None) -> list[Ruling]:
        if not is_closed(measure):
            decided = _decided_at(measure)
            if by is None or (decided is not None and decided <= by.at):
                return []
            if decided is None and all(act.at <= by.at for act in self._acts(measure) if act.subject == measure.matter):
                return [_close(measure, by)]
            return self._closed_anew(measure, by)
        if by is not None and measure.ended_at == by.at and measure.matter not in self._about:
            return []
        own = self._lived(measure, self._acts(measure))
        decided = _decided_at(reduce(apply, own, measure))
        if by is None or (decided is not None and decided <= by.at):
            return own
        return self._closed_anew(measure, by)

    def _closed_anew(self, measure: MeasureState, by: Overtaken) -> list[Ruling]:
        """Return that it was proposed, what became of it until it was overtaken, and that it closed then."""
        rulings = self._lived(measure, [act for act in self._acts(measure) if act.at <= by.at])
        rulings.append(_close(measure, by))
        now = reduce(apply, rulings, measure)
        return [] if msgspec.structs.replace(now, issue=measure.issue) == measure else rulings

    def _acts(self, measure: MeasureState) -> list[Fact]:
        at = self._proposed_at(measure)
        return [*self._dossier.remembered(at), *(act for act in self._done if act.at >= at)]

    def _proposed_at(self, measure: MeasureState) -> datetime:
        """Return when a measure was proposed: of one that a person decided for, `at` is the decision."""
        at: datetime = self._dossier.of("charge")[measure.because[-1]].at
        return at

    def _lived(self, measure: MeasureState, acts: Iterable[Fact]) -> list[Ruling]:
        again = Propose(
            at=self._proposed_at(measure), **measure.about, origin=measure.origin, rung=measure.rung,
            measure=measure.measure, points=measure.points, because=measure.because, quiet=measure.quiet,
            seen=measure.seen,
        )  # fmt: skip
        known = {act.id: act for act in acts}
        return [again, *lived(self._books, known.values(), apply(measure, again))]


def _decided_at(measure: MeasureState) -> datetime | None:
    """Return when a person, or a rule, decided on a measure by itself; None while it is proposed."""
    return measure.ended_at if measure.status is MeasureStatus.DECLINED else measure.placed_at


def _close(measure: MeasureState, by: Overtaken) -> Close:
    return Close(at=by.at, **measure.about, measure=measure.measure, by=by.by)
