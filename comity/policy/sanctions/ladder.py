"""The ladder: measures come with the points or causes that they rest on, and go with them.

Which measures there ought to be follows from the charges in force alone (`points.crossings`), so whatever came or went,
however late, is handled by comparing what ought to be with what there is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce

import msgspec

from comity.lib.ids import name_of
from comity.policy.dossier import EARLIEST, Dossier
from comity.policy.facts import DEADLINE, IMPORTED, Fact
from comity.policy.identity.links import MATCHED
from comity.policy.life import Life
from comity.policy.matching import accepted
from comity.policy.plans.fold import KINDS as PLANS
from comity.policy.plans.fold import WITHDRAWN
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Overturn, Ruling
from comity.policy.sanctions import accounts
from comity.policy.sanctions.beginnings import begun, is_stood_for, next_asked, plans_of
from comity.policy.sanctions.grounds import of_cause, of_match, of_score
from comity.policy.sanctions.measures import MeasureState, MeasureStatus, Origin, Rung
from comity.policy.sanctions.outcome import (
    DECISIONS,
    SYSTEM,
    apply,
    decide,
    end,
    issue,
    lived,
    placed,
    restored,
    rung_of,
    term,
    was_reversed,
)
from comity.policy.sanctions.overtaking import overtaken
from comity.policy.sanctions.points import Charges, ChargeState, Crossing, crossing_of_newest, crossings
from comity.policy.sanctions.rulings import (
    Begin,
    Charge,
    Close,
    Credit,
    Decline,
    Hold,
    Lift,
    Miss,
    OverturnCharge,
    OverturnMeasure,
    Place,
    Propose,
    Restore,
    Second,
    TakeOver,
    Tell,
)
from comity.policy.sanctions.stacking import stacked
from comity.policy.standards.rulings import OverturnRating, Rate

#: An agent asks for a measure: a person approves it, as one that a rule asks for.
ASKED = "sanction.asked"
#: Facts that propose a measure of their own.
_PROPOSING = frozenset({ASKED, MATCHED})


def _kinds(books: Rulebooks) -> frozenset[str]:
    return DECISIONS | books.restoring | _PROPOSING | _of_plans(books)


def _remembers(books: Rulebooks) -> frozenset[str]:
    return DECISIONS | books.restoring | {IMPORTED} | _of_plans(books)


def _of_plans(books: Rulebooks) -> frozenset[str]:
    """Return the facts about plans, where a measure may wait for one to fail."""
    return PLANS if books.plan_first else frozenset()


def _since(books: Rulebooks, at: datetime) -> datetime:
    """Return since when acts may bear on a measure of a moment: a plan for which it waits was asked for earlier."""
    return EARLIEST if books.plan_first else at


def _rule(books: Rulebooks, dossier: Dossier, fact: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    """Return what follows for measures, and when those that need a warning begin."""
    rulings = _moved(books, dossier, fact, so_far)
    rulings += overtaken(books, dossier, [fact], rulings)
    return [*rulings, *begun(books, dossier, fact, [*so_far, *rulings])]


def _moved(books: Rulebooks, dossier: Dossier, fact: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    """Decide or end the measure that `fact` is about; else compare what ought to be with what there is."""
    if fact.kind in _PROPOSING:
        return _asked(books, dossier, fact)
    if fact.subject.startswith("sanction:"):
        return _about_one(books, dossier, fact)
    if fact.kind == WITHDRAWN:
        return _next_after(books, dossier, fact)
    rulings = [*_ladders(books, dossier, fact, so_far), *_direct(books, dossier, fact, so_far)]
    issued_now = [ruling for ruling in rulings if isinstance(ruling, Propose | Place)]
    if fact.kind in books.restoring:
        rulings += _no_longer_asked(books, dossier, [fact], rulings)
        changed = {ruling.key for ruling in rulings}
        # Those that were issued or withdrawn just now have their past looked at below.
        rulings += restored(books, (m for key, m in dossier.of(SANCTIONS.name).items() if key not in changed), fact)
    here = [fact] if fact.kind in books.restoring else []
    for ruling in issued_now:
        if acts := [*dossier.remembered(_since(books, ruling.at)), *here]:
            measure = apply(dossier.of(SANCTIONS.name).get(ruling.key), ruling)
            rulings += lived(books, acts, measure)
    return rulings


def _together(
    books: Rulebooks, dossier: Dossier, facts: Sequence[Fact], because: Fact, so_far: Sequence[Ruling]
) -> list[tuple[Fact, list[Ruling]]]:
    """Compare once what ought to be with what there is; then let each measure live through what was done about it."""
    rulings = [*_ladders(books, dossier, because, so_far), *_direct(books, dossier, because, so_far)]
    taken_by = {ruling.key: ruling.because for ruling in so_far if isinstance(ruling, Overturn)}
    standing: Mapping[str, MeasureState] = dossier.of(SANCTIONS.name)
    rulings = [
        msgspec.structs.replace(ruling, because=_reason(standing[ruling.key], taken_by, ruling.because))
        if isinstance(ruling, OverturnMeasure)
        else ruling
        for ruling in rulings
    ]
    rulings += _no_longer_asked(books, dossier, [fact for fact in facts if fact.kind in books.restoring], rulings)
    measures = dict(standing)
    for ruling in rulings:
        measures[ruling.key] = apply(measures.get(ruling.key), ruling)
    issued_now = {ruling.key for ruling in rulings if isinstance(ruling, Propose | Place)}
    acts = [fact for fact in facts if fact.kind in _kinds(books)]
    for key, measure in sorted(measures.items()):
        rulings += lived(books, dossier.remembered(_since(books, measure.at)) if key in issued_now else acts, measure)
    for fact in facts:
        if fact.kind in _PROPOSING:
            rulings += _asked(books, dossier, fact)
    rulings += overtaken(books, dossier, facts, rulings)
    rulings += begun(books, dossier, because, [*so_far, *rulings])
    return [(because, rulings)]


def _reason(measure: MeasureState, taken_by: Mapping[str, str], because: str) -> str:
    """Return the fact that took away what a measure rested on; `because` where its reasons only changed."""
    return next((taken_by[key] for key in measure.because if key in taken_by), because)


def _about_one(books: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    key = fact.subject.partition(":")[2]
    if fact.kind == DEADLINE:
        ending: MeasureState | None = dossier.here(SANCTIONS.name, key)
        return end(books, ending) if ending is not None and ending.next_at == fact.at else []
    measure = dossier.of(SANCTIONS.name).get(key)
    return [] if measure is None else decide(books, measure, fact)


def key_of_asked(fact_id: str) -> str:
    """Return the key of the measure that an agent asked for by a fact."""
    return name_of("sanction", "agent", fact_id)


def _asked(books: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    """Return the proposal of a measure that a fact asks for, and what was decided on it already."""
    key = key_of_matched(fact.id) if fact.kind == MATCHED else key_of_asked(fact.id)
    book = books.in_force(fact.at)
    if book is None or key in dossier.of(SANCTIONS.name):
        return []
    proposed = _of_match(book, key, fact) if fact.kind == MATCHED else _by_agent(book, key, fact)
    return [] if proposed is None else [proposed, *lived(books, dossier.remembered(fact.at), issue(None, proposed))]


def key_of_matched(fact_id: str) -> str:
    """Return the key of the measure that is proposed where links are enough, by the fact that says so."""
    return name_of("sanction", "evasion", fact_id)


def _of_match(book: Rulebook, key: str, fact: Fact) -> Propose | None:
    """Return the proposal against an account that is linked to one under a measure."""
    if book.evasion is None:
        return None
    return _proposed(
        book.evasion.measure, Origin("evasion", book.evasion.rule), 0, key=key, at=fact.at, rulebook=book.ref,
        because=(fact.id,), seen=of_match(fact),
    )  # fmt: skip


def _by_agent(book: Rulebook, key: str, fact: Fact) -> Propose:
    """Return the proposal of a measure that an agent asks for."""
    origin = Origin("agent", str(fact.data["rule"]))
    return Propose(
        at=fact.at, matter=f"{SANCTIONS.name}:{key}", rule=origin.rule(0), rulebook=book.ref, key=key, origin=origin,
        rung=0, measure=str(fact.data["measure"]), points=0, because=(fact.id,), asked_by=str(fact.data["agent"]),
        asked_for=_seconds(fact, "length"), asked_notice=_seconds(fact, "notice"),
        of=tuple(str(fact.data.get("of") or "").split()),
    )  # fmt: skip


def _seconds(fact: Fact, name: str) -> int:
    seconds = fact.data.get(name)
    return seconds if isinstance(seconds, int) else 0


def _ladders(books: Rulebooks, dossier: Dossier, because: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    """Look at the ladders of the ledgers on which a charge came or went, or whose score rose or fell."""
    added = [ruling for ruling in so_far if isinstance(ruling, Charge | Credit)]
    # Points of another account reach nothing; but what was done since they count may have reached something by them.
    late = {each.ledger for each in so_far if isinstance(each, TakeOver) and each.counts_from < because.noted_at}
    taken_off = [ruling for ruling in so_far if isinstance(ruling, OverturnCharge)]
    risen = _risen(books, dossier) if dossier.changed else frozenset()
    if not added and not taken_off and not risen and not late:
        return []
    charges: Charges = dossier.of("charge")
    touched = {charge.ledger for charge in added} | risen | late
    touched |= {charges[overturned.key].ledger for overturned in taken_off}
    rulings: list[Ruling] = []
    for ledger in sorted(touched):
        on_ledger = charges.on_ledger(ledger)
        # One charge, on top of all others: only that can reach a rung. Whatever else changed, the whole ladder is
        # compared.
        in_turn = len(added) == 1 and not taken_off and ledger not in risen | late
        if in_turn and on_ledger and on_ledger[-1].key == added[0].key:
            reached = crossing_of_newest(books, charges, ledger, dossier.counting)
            rulings += _crossed(books, dossier, reached, because)
        else:
            rulings += _compared(books, dossier, Origin("ledger", ledger), on_ledger, because)
    return rulings


def _risen(books: Rulebooks, dossier: Dossier) -> frozenset[str]:
    """Return the ledgers with charges since the rows changed with which their scores rise."""
    since = {name: begin for name, begin in dossier.changed.items() if name in books.accruing}
    if not since:
        return frozenset()
    return frozenset(
        charge.ledger
        for charge in dossier.in_force("charge")
        if (accrual := books.version(charge.rulebook).ledgers[charge.ledger].accrual) is not None
        and accrual.of in since
        and charge.at >= since[accrual.of]
    )


def _compared(
    books: Rulebooks, dossier: Dossier, origin: Origin, charges: Sequence[ChargeState], because: Fact
) -> list[Ruling]:
    """Compare the measures that ought to be on a ladder with those there are.

    One whose reasons changed is issued anew, for they must be true; what was decided on it is decided on it still.
    """
    wanted = {crossing.key: crossing for crossing in crossings(books, charges, dossier.counting, in_order=True)}
    rulings: list[Ruling] = []
    for measure in _standing(dossier):
        if measure.origin != origin:
            continue
        crossing = wanted.get(measure.key)
        if crossing is not None and _same(measure, crossing):
            del wanted[measure.key]
        else:
            rulings.append(_withdraw(measure, because))
    return [*rulings, *_crossed(books, dossier, wanted.values(), because)]


def _standing(dossier: Dossier) -> list[MeasureState]:
    """Return the measures that were not overturned, in the order of their keys."""
    measures = (m for m in dossier.of(SANCTIONS.name).values() if m.status is not MeasureStatus.OVERTURNED)
    return sorted(measures, key=lambda measure: measure.key)


def _same(measure: MeasureState, crossing: Crossing) -> bool:
    """Whether a measure is the one that ought to be. One that a person decided counts from the decision."""
    # Its moment is that of the person's decision; the charge's says nothing of it.
    decided = measure.decided_by not in ("", SYSTEM)
    same = (measure.because, measure.points) == (crossing.because, crossing.points)
    return same and (decided or measure.at == crossing.charge.at)


def _direct(books: Rulebooks, dossier: Dossier, because: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    """Return the measures that causes bring by themselves, and withdraw those whose cause went.

    A cause that went and came again, such as an evaluation that is held again, may bring another, or none. So may a
    further evaluation, where the measure of an earlier one runs or did (`stacking`).
    """
    freed, covered = _stacked(books, dossier, so_far)
    wanted = {
        proposed.key: (proposed, rung)
        for proposed, rung in _brought(books, dossier, [*so_far, *freed])
        if covered.isdisjoint(proposed.because)
    }
    taken_back = accounts.gone(so_far) | covered
    rulings: list[Ruling] = []
    for measure in _standing(dossier) if taken_back else ():
        if measure.origin.kind != "ledger" and taken_back.intersection(measure.because):
            again, _ = wanted.get(measure.key, (None, None))
            if again is not None and (again.at, again.rung) == (measure.at, measure.rung):
                del wanted[measure.key]
            else:
                rulings.append(_withdraw(measure, because))
    for proposed, rung in wanted.values():
        rulings += _issued(books, dossier, proposed, rung, because)
    return rulings


def _stacked(books: Rulebooks, dossier: Dossier, so_far: Sequence[Ruling]) -> tuple[list[Rate], frozenset[str]]:
    """Return the ratings of before that bring a measure now, and the keys of all that bring none, for one runs.

    Looked at are standards of which a rating came or went just now, from there on.
    """
    since: dict[str, datetime] = {}
    for ruling in so_far:
        if isinstance(ruling, Rate | OverturnRating) and _has_end(books, ruling):
            at = dossier.of("rating")[ruling.key].at
            since[ruling.rule] = min(at, since.get(ruling.rule, at))
    standing = {key for measure in _standing(dossier) for key in measure.because} if since else set()
    new = {ruling.key for ruling in so_far}
    freed: list[Rate] = []
    covered: frozenset[str] = frozenset()
    for name, begin in since.items():
        ratings = [rating for rating in dossier.in_force("rating") if rating.standard == name]
        covered |= stacked(books, ratings)
        freed += [
            rating.as_ruled(books)
            for rating in ratings
            if rating.at >= begin and rating.key not in covered | new | standing
        ]
    return freed, covered


def _has_end(books: Rulebooks, ruling: Rate | OverturnRating) -> bool:
    """Whether some measure of its standard has a length."""
    measures = [level.measure for level in books.version(ruling.rulebook).standards[ruling.rule].levels]
    return any(measure is not None and measure.length is not None for measure in measures)


def key_of_brought(cause: str) -> str:
    """Return the key of the measure that a breach or a rating brings by itself."""
    return name_of("sanction", cause)


def _next_after(books: Rulebooks, dossier: Dossier, withdrawn: Fact) -> list[Ruling]:
    """Return the measure that a plan had kept from being issued, where the plan is withdrawn.

    It is that of the evaluation for which a plan is asked next, if it does not stand already.
    """
    plan = next((each for each in plans_of(dossier, withdrawn) if each.ref == withdrawn.subject), None)
    rated = None if plan is None else next_asked(books, dossier, withdrawn, plan.standard)
    if rated is None:
        return []
    there = {measure.key for measure in _standing(dossier)}
    brought = _direct(books, dossier, withdrawn, [rated.as_ruled(books)])
    return [ruling for ruling in brought if ruling.key not in there]


def _brought(books: Rulebooks, dossier: Dossier, so_far: Sequence[Ruling]) -> Iterator[tuple[Propose, Rung]]:
    for cause in accounts.causes(so_far):
        _, origin, number, rung = accounts.brought(books.version(cause.rulebook), cause)
        if rung is not None and origin is not None:
            key = key_of_brought(cause.key)
            proposed = _proposed(
                rung, origin, number, key=key, at=cause.at, rulebook=cause.rulebook, because=(cause.key,),
                seen=of_cause(books, dossier, cause),
            )  # fmt: skip
            yield proposed, rung


def _withdraw(measure: MeasureState, because: Fact) -> OverturnMeasure:
    return OverturnMeasure(at=because.undone_at, **measure.about, was=measure.status.value, because=because.id)


def _crossed(books: Rulebooks, dossier: Dossier, reached: Iterable[Crossing], because: Fact) -> list[Propose | Place]:
    rulings: list[Propose | Place] = []
    for crossing in reached:
        charge, rung = crossing.charge, crossing.rung
        proposed = _proposed(
            rung, Origin("ledger", charge.ledger), crossing.at, key=crossing.key, at=charge.at,
            rulebook=charge.rulebook, because=crossing.because, points=crossing.points,
            seen=of_score(books, charge, crossing.risen),
        )  # fmt: skip
        rulings += _issued(books, dossier, proposed, rung, because)
    return rulings


def _proposed(
    rung: Rung, origin: Origin, number: int, *, key: str, at: datetime, rulebook: str, because: tuple[str, ...],
    points: int = 0, seen: tuple[str, ...] = (),
) -> Propose:  # fmt: skip
    return Propose(
        at=at, matter=f"{SANCTIONS.name}:{key}", rule=origin.rule(number), rulebook=rulebook, key=key, origin=origin,
        rung=number, measure=rung.measure, points=points, because=because, seen=seen,
    )  # fmt: skip


def _issued(books: Rulebooks, dossier: Dossier, proposed: Propose, rung: Rung, because: Fact) -> list[Propose | Place]:
    """Return the ruling that issues a measure: proposed where a person decides, else placed.

    For what was before the party's past was imported, a person always decides; and where the measure's time would be
    over since, there is nothing to decide.
    """
    if was_reversed(acts := dossier.remembered(proposed.at), proposed.key):
        return []
    if rung.needs == "failed plan" and is_stood_for(books, dossier, because, proposed):
        return []
    imported_at = _imported_at(acts)
    at_once = placed(issue(None, proposed), rung, at=proposed.at, decided_by=SYSTEM)
    if imported_at is None:
        return [at_once if rung.automatic else proposed]
    over = _is_over(books, acts, at_once, imported_at)
    return [] if over else [msgspec.structs.replace(proposed, quiet=True)]


def _imported_at(acts: Iterable[Fact]) -> datetime | None:
    return max((act.noted_at for act in acts if act.kind == IMPORTED), default=None)


def _no_longer_asked(
    books: Rulebooks, dossier: Dossier, restoring: Sequence[Fact], so_far: Sequence[Ruling]
) -> list[Ruling]:
    """Withdraw what an import proposed, where its party is known now to have done what it asks for, and it is over."""
    acts = [*dossier.remembered(EARLIEST), *restoring] if restoring else []
    if (imported_at := _imported_at(acts)) is None:
        return []
    changed = {ruling.key for ruling in so_far}
    rulings: list[Ruling] = []
    for measure in _standing(dossier):
        if measure.status is not MeasureStatus.PROPOSED or measure.at > imported_at or measure.key in changed:
            continue
        rung = rung_of(books, measure)
        did = next((act for act in restoring if accepted(rung.restored_by, act)), None)
        at_once = placed(measure, rung, at=measure.at, decided_by=SYSTEM)
        if did is not None and _is_over(books, acts, at_once, imported_at):
            rulings.append(_withdraw(measure, did))
    return rulings


def _is_over(books: Rulebooks, acts: Sequence[Fact], placing: Place, now: datetime) -> bool:
    """Whether a measure would have ended by `now`, had it been placed at once. One that was decided on is not."""
    if any(act.kind in DECISIONS and act.subject == placing.matter for act in acts):
        return False
    measure = apply(None, placing)
    if placing.effective_at is None:  # of what was before, no plan was asked for that it could wait for
        effective, until = term(rung_of(books, measure), told_at=placing.at, placed_at=placing.at)
        measure = msgspec.structs.replace(measure, effective_at=effective, until=until, next_at=until)
    measure = reduce(apply, lived(books, (act for act in acts if act.at <= now), measure), measure)
    if measure.next_at is not None and measure.next_at < now:
        measure = reduce(apply, end(books, measure), measure)
    return measure.status is MeasureStatus.LIFTED


SANCTIONS = Life(
    name="sanction",
    rulings=(Propose, Second, Place, Decline, Close, Restore, Tell, Miss, Begin, Hold, Lift, OverturnMeasure),
    kinds=_kinds,
    remembers=_remembers,
    moments="sanction",
    after=(*accounts.MOVE_POINTS, *accounts.CHARGES.rulings),
    deaf=lambda books: accounts.deaf(books, "measure"),
    after_rows=True,
    rule=_rule,
    together=_together,
    apply=apply,
    state=MeasureState,
)
