"""What becomes of a measure: it is issued, decided on by people, done with by its party, and ends."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import Any

import msgspec

from comity.policy.facts import Fact
from comity.policy.matching import accepted
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.measures import MeasureState, MeasureStatus, Rung
from comity.policy.sanctions.rulings import Decline, Hold, Lift, OverturnMeasure, Place, Propose, Restore, Second

SYSTEM = "platform:clock"
APPROVED, DECLINED = "sanction.approved", "sanction.declined"
DECISIONS = frozenset({APPROVED, DECLINED})


def lived(books: Rulebooks, acts: Iterable[Fact], measure: MeasureState) -> list[Ruling]:
    """Return what becomes of a measure by `acts`: what agents decided of it, what its party did.

    Of one that is issued late, or anew, all are asked: what was decided on it is remembered under its key, and counts
    however often it is issued.
    """
    about = [act for act in acts if act.kind in books.restoring or act.matter == measure.matter]
    rulings: list[Ruling] = []
    for act in sorted((act for act in about if act.at >= measure.at), key=lambda act: act.place):
        # Its own end may have come before the act.
        while measure.next_at is not None and measure.next_at < act.at:
            rulings += (ended := end(books, measure))
            measure = reduce(apply, ended, measure)
        ruled = decide(books, measure, act) if act.kind in DECISIONS else restored(books, [measure], act)
        rulings += ruled
        measure = reduce(apply, ruled, measure)
    return rulings


def placed(measure: MeasureState, rung: Rung, *, at: datetime, decided_by: str) -> Place:
    """Return the ruling that places a measure; its effect waits for its notice, and its length runs from there."""
    effective = at + rung.notice
    until = None if rung.length is None else effective + rung.length
    return Place(
        at=at, **measure.about, **_contents(measure), effective_at=effective, until=until, decided_by=decided_by
    )


def _contents(measure: MeasureState) -> dict[str, Any]:
    return {
        "origin": measure.origin,
        "rung": measure.rung,
        "measure": measure.measure,
        "points": measure.points,
        "because": measure.because,
    }


def decide(books: Rulebooks, measure: MeasureState, fact: Fact) -> list[Ruling]:
    """Return what an agent's decision (sanction.approved, sanction.declined) makes of a proposed measure.

    Where two reviewers decide, the first approval waits for another agent's. A decision of before the measure was
    proposed is about nothing.
    """
    if measure.status is not MeasureStatus.PROPOSED or fact.at < measure.at:
        return []
    agent = str(fact.data["agent"])
    if fact.kind == DECLINED:
        return [Decline(at=fact.at, **measure.about, decided_by=agent)]
    rung = books.version(measure.rulebook).rung(measure.origin, measure.rung)
    # The same agent twice is one reviewer.
    if rung.decided_by == "two reviewers" and measure.seconded_by in ("", agent):
        return [] if measure.seconded_by else [Second(at=fact.at, **measure.about, decided_by=agent)]
    return [placed(measure, rung, at=fact.at, decided_by=agent)]


def restored(books: Rulebooks, measures: Iterable[MeasureState], fact: Fact) -> list[Ruling]:
    """Return what `fact` does for placed measures that end only when something has been done.

    It must have happened after the measure was placed. One whose time is over, or has no end else, ends now. Of several
    such things the first counts, in whichever order they became known.
    """
    rulings: list[Ruling] = []
    for measure in sorted(measures, key=lambda measure: measure.key):
        if fact.at < measure.at or not _waits_for_earlier(measure, fact.at):
            continue
        rung = books.version(measure.rulebook).rung(measure.origin, measure.rung)
        if accepted(rung.restored_by, fact):
            rulings.append(Restore(at=fact.at, **measure.about, restored_by=fact.id))
            # What was done in time, and became known after the end, ends it at its end.
            over = max(fact.at, measure.until or fact.at)
            if measure.next_at is None and measure.ended_at != over:
                rulings.append(Lift(at=over, **measure.about, measure=measure.measure))
    return rulings


def _waits_for_earlier(measure: MeasureState, at: datetime) -> bool:
    """Whether it matters to a measure that what it asks for was done at a moment: not yet, or later, as was known."""
    if measure.status is MeasureStatus.PLACED:
        return measure.restored_at is None or at < measure.restored_at
    return measure.status is MeasureStatus.LIFTED and measure.restored_at is not None and at < measure.restored_at


def end(books: Rulebooks, measure: MeasureState) -> list[Ruling]:
    """Return what follows when a placed measure's time is over: it is lifted, or held while it asks for something."""
    if measure.status is not MeasureStatus.PLACED or measure.next_at is None:
        return []
    rung = books.version(measure.rulebook).rung(measure.origin, measure.rung)
    waits = bool(rung.restored_by) and measure.restored_at is None
    return [(Hold if waits else Lift)(at=measure.next_at, **measure.about, measure=measure.measure)]


def apply(measure: MeasureState | None, ruling: Ruling) -> MeasureState:
    """Return the measure as it stands after `ruling`. The one definition of what each ruling does to a measure."""
    if isinstance(ruling, Propose | Place):
        return issue(measure, ruling)
    if measure is None:
        raise LookupError(f"{type(ruling).__name__} is about a measure that is not there")
    match ruling:
        case Second():
            changes: dict[str, Any] = {"seconded_by": ruling.decided_by}
        case Restore():
            changes = {"restored_at": ruling.at}
        case Hold():
            changes = {"next_at": None}
        case Decline():
            changes = {"status": MeasureStatus.DECLINED, "decided_by": ruling.decided_by, **_ended(ruling)}
        case Lift():
            changes = {"status": MeasureStatus.LIFTED, **_ended(ruling)}
        case OverturnMeasure():
            changes = {"status": MeasureStatus.OVERTURNED, **_ended(ruling)}
        case _:
            raise TypeError(f"{type(ruling).__name__} is not a ruling on a measure")
    return msgspec.structs.replace(measure, **changes)


def issue(old: MeasureState | None, ruling: Propose | Place) -> MeasureState:
    """Return a measure as it stands once it is issued; `old` is what it was under the same key, if it was."""
    measure = MeasureState(
        key=ruling.key,
        origin=ruling.origin,
        rung=ruling.rung,
        measure=ruling.measure,
        points=ruling.points,
        rulebook=ruling.rulebook,
        at=ruling.at,
        because=ruling.because,
        status=MeasureStatus.PROPOSED,
        issue=old.issue + 1 if old else 0,
    )
    if isinstance(ruling, Propose):
        return measure
    return msgspec.structs.replace(
        measure,
        status=MeasureStatus.PLACED,
        until=ruling.until,
        next_at=ruling.until,
        decided_by=ruling.decided_by,
        seconded_by=old.seconded_by if old else "",
    )


def _ended(ruling: Ruling) -> dict[str, Any]:
    return {"next_at": None, "ended_at": ruling.at}
