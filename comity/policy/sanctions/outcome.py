"""What becomes of a measure: it is issued, told, decided on by people, done with by its party, and ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import msgspec

from comity.policy.facts import Fact
from comity.policy.identity.links import CLEARED
from comity.policy.matching import accepted
from comity.policy.plans import fold as plans
from comity.policy.plans.fold import Plan, Stage
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.measures import MeasureState, MeasureStatus, Rung
from comity.policy.sanctions.rulings import (
    Begin,
    Close,
    Decline,
    Hold,
    Lift,
    Miss,
    OverturnMeasure,
    Place,
    Propose,
    Restore,
    Second,
    Tell,
)

SYSTEM = "platform:clock"
APPROVED, DECLINED, RELEASED = "sanction.approved", "sanction.declined", "sanction.released"
TOLD, UNREACHED = "sanction.told", "sanction.unreached"
APPEALED = "appeal.decided"
#: What people decide of a measure, or of another on which it hangs, and what becomes of the word that tells of it.
DECISIONS = frozenset({APPROVED, DECLINED, RELEASED, TOLD, UNREACHED, APPEALED, CLEARED})
_UP = (MeasureStatus.PROPOSED, MeasureStatus.PLACED)
#: How a party was told by a clock that ran late: nothing had told it before.
LATE = "late"


def rung_of(books: Rulebooks, measure: MeasureState | Propose) -> Rung:
    """Return the rung behind a measure: the rulebook's, or what the agent asked for. Raises LookupError."""
    if measure.origin.kind != "agent":
        return books.version(measure.rulebook).rung(measure.origin, measure.rung)
    return Rung(
        at=0,
        measure=measure.measure,
        length=timedelta(seconds=measure.asked_for) if measure.asked_for else None,
        notice=timedelta(seconds=measure.asked_notice),
        decided_by="two reviewers" if measure.measure == "closure" else "reviewer",
    )


def lived(books: Rulebooks, acts: Iterable[Fact], measure: MeasureState) -> list[Ruling]:
    """Return what becomes of a measure by `acts`: what agents decided of it, what told of it, what its party did.

    Of one that is issued late, or anew, all are asked: what was decided on it is remembered under its key, and counts
    however often it is issued.
    """
    acts = list(acts)
    after_plan = any(act.kind in plans.KINDS for act in acts) and rung_of(books, measure).needs == "failed plan"
    about = [
        act
        for act in acts
        if act.kind in books.restoring or act.subject == measure.matter or (after_plan and act.kind in plans.KINDS)
    ]
    rulings: list[Ruling] = []
    # Before it was told by a late clock it cannot have ended.
    for act in sorted((act for act in about if act.at >= measure.at), key=lambda act: (not _is_late(act), act.place)):
        # Its own end may have come before the act.
        while measure.next_at is not None and measure.next_at < act.at and not _is_late(act):
            rulings += (ended := end(books, measure))
            measure = reduce(apply, ended, measure)
        if act.kind in plans.KINDS:
            known = plans.of_all(each for each in acts if each.place <= act.place)
            ruled = after_plans(measure, rung_of(books, measure), known, act)
        else:
            ruled = decide(books, measure, act) if act.kind in DECISIONS else restored(books, [measure], act)
        rulings += ruled
        measure = reduce(apply, ruled, measure)
    return rulings


def after_plans(measure: MeasureState, rung: Rung, known: Iterable[Plan], fact: Fact) -> list[Ruling]:
    """Return what becomes of a measure that waits for its plan, as far as plans are known: it falls, begins, or waits.

    Without a plan nobody was asked for any, as of a past that was imported: who approves it knows that.
    """
    plan = plans.covering(known, measure.origin.name, measure.at)
    if plan is not None and plan.stage is Stage.KEPT and measure.status in _UP:
        at = fact.at if fact.kind in plans.KINDS else fact.undone_at
        return [OverturnMeasure(at=at, **measure.about, was=measure.status.value, because=fact.id)]
    if measure.status is not MeasureStatus.PLACED:
        return []
    return moved(measure, rung, _begins(measure, rung, plan), fact)


def _begins(measure: MeasureState, rung: Rung, plan: Plan | None) -> datetime | None:
    if measure.told_at is None or measure.placed_at is None:
        return None
    begin, _ = term(rung, told_at=measure.told_at, placed_at=measure.placed_at)
    if plan is None:
        return None if measure.decided_by == SYSTEM else begin
    return max(begin, plan.ended_at) if plan.stage is Stage.FAILED and plan.ended_at else None


def moved(measure: MeasureState, rung: Rung, begin: datetime | None, fact: Fact) -> list[Ruling]:
    """Return that a measure begins at another moment than is known of it."""
    if begin == measure.effective_at:
        return []
    length = lasts(rung, measure.shortened)
    until = None if begin is None or length is None else begin + length
    return [Begin(at=fact.at, **measure.about, measure=measure.measure, effective_at=begin, until=until)]


def _is_late(act: Fact) -> bool:
    return act.kind == TOLD and act.data.get("how") == LATE


def placed(measure: MeasureState, rung: Rung, *, at: datetime, decided_by: str) -> Place:
    """Return the ruling that places a measure. It waits for its notice, which runs since it was told."""
    # Of an imported past nobody was told before somebody decided.
    told = at if measure.quiet else measure.told_at
    effective, until = (None, None) if told is None else known_term(rung, told_at=told, placed_at=at)
    return Place(
        at=at, **measure.about, **_contents(measure), effective_at=effective, until=until, decided_by=decided_by
    )


def known_term(
    rung: Rung, *, told_at: datetime, placed_at: datetime, shortened: int | None = None
) -> tuple[datetime | None, datetime | None]:
    """The same as is known when it is placed or told: one that waits for a plan begins by what becomes of that."""
    if rung.needs == "failed plan":
        return None, None
    return term(rung, told_at=told_at, placed_at=placed_at, shortened=shortened)


def term(
    rung: Rung, *, told_at: datetime, placed_at: datetime, shortened: int | None = None
) -> tuple[datetime, datetime | None]:
    """Return from when to when a measure is in effect, for its party was told and it was placed at these moments.

    `shortened`: the seconds that it lasts, where an appeal shortened it.
    """
    effective, length = max(told_at + rung.notice, placed_at), lasts(rung, shortened)
    return effective, None if length is None else effective + length


def lasts(rung: Rung, shortened: int | None) -> timedelta | None:
    """Return how long a measure lasts; None where it has no end."""
    return rung.length if shortened is None else timedelta(seconds=shortened)


def _contents(measure: MeasureState) -> dict[str, Any]:
    return {
        "origin": measure.origin,
        "rung": measure.rung,
        "measure": measure.measure,
        "points": measure.points,
        "because": measure.because,
        "seen": measure.seen,
    }


def decide(books: Rulebooks, measure: MeasureState, fact: Fact) -> list[Ruling]:
    """Return what an agent's decision on a measure, or news of the word that tells of it, makes of it.

    Where two reviewers decide, the first approval waits for another agent's. A decision of before the measure was
    proposed is about nothing.
    """
    if fact.at < measure.at:
        return []
    if fact.kind in (TOLD, UNREACHED):
        return _reached(books, measure, fact)
    if fact.kind == APPEALED:
        return _appealed(books, measure, fact)
    if fact.kind == CLEARED:
        return _cleared(measure, fact)
    agent = str(fact.data["agent"])
    if fact.kind == RELEASED:
        if measure.status is not MeasureStatus.PLACED:
            return []
        return [Lift(at=fact.at, **measure.about, measure=measure.measure, decided_by=agent)]
    if measure.status is not MeasureStatus.PROPOSED:
        return []
    if fact.kind == DECLINED:
        return [Decline(at=fact.at, **measure.about, decided_by=agent)]
    rung = rung_of(books, measure)
    # The same agent twice is one reviewer, and who asked for a measure does not approve it.
    if agent == measure.asked_by:
        return []
    if rung.decided_by == "two reviewers" and measure.seconded_by in ("", agent):
        return [] if measure.seconded_by else [Second(at=fact.at, **measure.about, decided_by=agent)]
    return [placed(measure, rung, at=fact.at, decided_by=agent)]


def _reached(books: Rulebooks, measure: MeasureState, fact: Fact) -> list[Ruling]:
    """Return what it means that a measure was told, or that what told of it did not arrive.

    Of one that has taken effect the second means nothing any more, but of a warning: that one may be needed.
    """
    if measure.status not in (MeasureStatus.PROPOSED, MeasureStatus.PLACED):
        return []
    if fact.kind == UNREACHED:
        begun = measure.effective_at is not None and measure.effective_at <= fact.at
        # What did not arrive was sent before: something else has told of it since.
        missing = measure.told_at is None or measure.told_at > fact.at or (begun and measure.measure != "warning")
        return [] if missing else [Miss(at=fact.at, **measure.about)]
    if measure.told_at is not None and not (_is_late(fact) and measure.told_at < fact.at):
        return []
    effective, until = None, None
    if measure.status is MeasureStatus.PLACED and measure.placed_at is not None:
        effective, until = known_term(
            rung_of(books, measure), told_at=fact.at, placed_at=measure.placed_at, shortened=measure.shortened
        )
    return [Tell(at=fact.at, **measure.about, effective_at=effective, until=until)]


def _appealed(books: Rulebooks, measure: MeasureState, fact: Fact) -> list[Ruling]:
    """Return what an appeal makes of a measure: it falls, however it stood; one that is placed may end sooner.

    That it is shortened holds whatever becomes of the word that tells of it, and whenever it begins.
    """
    result = str(fact.data["result"])
    if result == "falls" and measure.status is not MeasureStatus.OVERTURNED:
        return [OverturnMeasure(at=fact.undone_at, **measure.about, was=measure.status.value, because=fact.id)]
    if result != "shortened" or measure.status is not MeasureStatus.PLACED:
        return []
    shortened, begin = int(str(fact.data["length"])), measure.effective_at
    length = lasts(rung_of(books, measure), measure.shortened)
    until = None if begin is None else max(begin + timedelta(seconds=shortened), fact.at)
    if length is not None and length <= timedelta(seconds=shortened):
        return []
    if until is not None and measure.until is not None and measure.until <= until:
        return []
    said = Begin(
        at=fact.at, **measure.about, measure=measure.measure, effective_at=begin, until=until, shortened=shortened
    )
    return [said]


def _cleared(measure: MeasureState, fact: Fact) -> list[Ruling]:
    """Return that a measure falls with the one on which it hangs; one that was declined was none."""
    if measure.status not in (*_UP, MeasureStatus.LIFTED):
        return []
    return [OverturnMeasure(at=fact.undone_at, **measure.about, was=measure.status.value, because=fact.id)]


def was_reversed(acts: Iterable[Fact], key: str) -> bool:
    """Whether an appeal reversed the measure of that key: it is not issued again for what it was for."""
    return any(
        act.kind == APPEALED and act.subject == f"sanction:{key}" and act.data["result"] == "falls" for act in acts
    )


def restored(books: Rulebooks, measures: Iterable[MeasureState], fact: Fact) -> list[Ruling]:
    """Return what `fact` does for placed measures that end only when something has been done.

    It must have happened after the measure was placed. One whose time is over, or has no end else, ends now. Of several
    such things the first counts, in whichever order they became known.
    """
    rulings: list[Ruling] = []
    for measure in sorted(measures, key=lambda measure: measure.key):
        if fact.at < measure.at or not _waits_for_earlier(measure, fact.at):
            continue
        if accepted(rung_of(books, measure).restored_by, fact):
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
    waits = bool(rung_of(books, measure).restored_by) and measure.restored_at is None
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
        case Tell():
            changes = {"told_at": ruling.at, **_term(ruling)}
        case Miss():
            # A warning forbids nothing: it is there, only not told.
            lasts = measure.measure == "warning"
            changes = {"told_at": None} | ({} if lasts else {"effective_at": None, "until": None, "next_at": None})
        case Begin():
            shortened = measure.shortened if ruling.shortened is None else ruling.shortened
            changes = {**_term(ruling), "shortened": shortened}
        case Hold():
            changes = {"next_at": None}
        case Decline():
            changes = {"status": MeasureStatus.DECLINED, "decided_by": ruling.decided_by, **_ended(ruling)}
        case Close():
            # Of one that is told late to have closed, nothing is left of what was decided after that.
            changes = {"status": MeasureStatus.DECLINED, "decided_by": SYSTEM, **_ended(ruling)}
        case Lift():
            changes = {"status": MeasureStatus.LIFTED, **_ended(ruling)}
        case OverturnMeasure():
            # One that was over already ended then, not when it was taken back: in between it forbade nothing.
            ended = ruling.at if measure.ended_at is None else min(measure.ended_at, ruling.at)
            changes = {"status": MeasureStatus.OVERTURNED, "next_at": None, "ended_at": ended}
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
        told_at=ruling.at,
        seen=ruling.seen,
    )
    if isinstance(ruling, Propose):
        return msgspec.structs.replace(
            measure,
            quiet=ruling.quiet,
            asked_by=ruling.asked_by,
            asked_for=ruling.asked_for,
            asked_notice=ruling.asked_notice,
            of=ruling.of,
        )
    proposed = old if old is not None and old.status is MeasureStatus.PROPOSED else None
    told = ruling.at if proposed is None or proposed.quiet else proposed.told_at
    return msgspec.structs.replace(
        measure,
        status=MeasureStatus.PLACED,
        placed_at=ruling.at,
        told_at=told,
        effective_at=ruling.effective_at,
        until=ruling.until,
        next_at=ruling.until,
        decided_by=ruling.decided_by,
        seconded_by=old.seconded_by if old else "",
        **({name: getattr(proposed, name) for name in _ASKED} if proposed else {}),
    )


_ASKED = ("asked_by", "asked_for", "asked_notice", "of")


def _term(ruling: Tell | Begin) -> dict[str, Any]:
    return {"effective_at": ruling.effective_at, "until": ruling.until, "next_at": ruling.until}


def _ended(ruling: Ruling) -> dict[str, Any]:
    return {"next_at": None, "ended_at": ruling.at}
