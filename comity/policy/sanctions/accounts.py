"""Ledgers and measures as rulings: points come and go with what they are for, and measures with the points."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from comity.lib.ids import name_of
from comity.policy.dossier import ChargeState, Dossier, MeasureState, MeasureStatus
from comity.policy.facts import Fact
from comity.policy.matching import accepted
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import (
    Breach,
    Charge,
    Credit,
    Decline,
    Find,
    Hold,
    Lift,
    Overturn,
    Place,
    Propose,
    Rate,
    Restore,
    Ruling,
    Second,
)
from comity.policy.sanctions.measures import ChargeOf, Rung
from comity.policy.sanctions.points import Crossing, crossings, order
from comity.policy.standards.tally import Counting, Tallies

SYSTEM = "platform:clock"
GONE = (MeasureStatus.OVERTURNED,)
NO_ROWS = Tallies()

#: What points and measures can be for.
Cause = Breach | Find | Rate


class Brings(NamedTuple):
    """What a cause brings by the rule it follows from: points, and a measure named by where its rung is."""

    charge: ChargeOf | None
    origin: str = ""
    at: int = 0
    rung: Rung | None = None


def brought(book: Rulebook, cause: Cause, points: int | None = None) -> Brings:
    """Return what `cause` brings under `book`; nothing in the time in which breaches are reported alone."""
    if not book.charges(cause.at):
        return Brings(None)
    if isinstance(cause, Breach):
        breach = book.by_name[cause.rule].breach
        return Brings(breach.charge, f"duty:{cause.rule}", 0, breach.measure)
    if isinstance(cause, Rate):
        level = book.standards[cause.rule].levels[cause.level]
        return Brings(level.charge, f"standard:{cause.rule}", cause.level, level.measure)
    rule = book.conduct[cause.rule]
    return Brings(ChargeOf(rule.ledger, points or rule.points[0]) if rule.ledger else None)


def charge_for(rulebooks: Rulebooks, cause: Cause, points: int | None = None) -> Charge | None:
    """Return the charge that `cause` brings by the rule it follows from, or None."""
    book = rulebooks.version(cause.rulebook)
    charge = brought(book, cause, points).charge
    if charge is None:
        return None
    return Charge(
        at=cause.at, matter=cause.matter, rule=cause.rule, rulebook=cause.rulebook,
        key=name_of("charge", charge.ledger, cause.key), ledger=charge.ledger, points=charge.points,
        because=cause.key, expires_at=book.ledgers[charge.ledger].ends(cause.at),
    )  # fmt: skip


def credits(book: Rulebook, fact: Fact) -> list[Credit]:
    """Return the points that `fact` takes off."""
    if fact.kind not in book.earning_kinds:
        return []
    return [
        Credit(
            at=fact.at, matter=fact.matter, rule=f"{ledger.name}:earned", rulebook=book.ref,
            key=name_of("credit", ledger.name, str(number), fact.id), ledger=ledger.name, points=earning.points,
            because=fact.id, expires_at=ledger.ends(fact.at),
        )
        for ledger in book.ledgers.values()
        for number, earning in enumerate(ledger.earns)
        if earning.by.accepts(fact)
    ]  # fmt: skip


def held(charge: Charge | Credit) -> ChargeState:
    """Return the charge as it stands on its ledger. A credit's points are below zero; it names its fact by a key."""
    earned = isinstance(charge, Credit)
    return ChargeState(
        key=charge.key, ledger=charge.ledger, points=-charge.points if earned else charge.points,
        rulebook=charge.rulebook, rule=charge.rule, matter=charge.matter,
        because=name_of("fact", charge.because) if earned else charge.because, at=charge.at,
        expires_at=charge.expires_at,
    )  # fmt: skip


def account(
    rulebooks: Rulebooks,
    dossier: Dossier,
    because: Fact,
    *,
    causes: Sequence[Cause] = (),
    gone: frozenset[str] = frozenset(),
    earned: Sequence[Credit] = (),
    again: frozenset[str] = frozenset(),
) -> list[Ruling]:
    """Return the rulings on ledgers, ladders and measures once `causes` came and those of the keys `gone` went.

    The ladders of the ledgers `again` are looked at even where no charge came or went: their scores rose or fell.
    """
    counting = dossier.counting or NO_ROWS
    points = because.data.get("points")
    asked = points if isinstance(points, int) and not isinstance(points, bool) else None
    wanted = [charge for cause in causes if (charge := charge_for(rulebooks, cause, asked)) is not None]
    now = {charge.key: charge for charge in dossier.charges}
    same = {charge.key for charge in wanted if charge.key in now and now[charge.key].at == charge.at}
    reversed_ = sorted((c for c in dossier.charges if c.because in gone and c.key not in same), key=order)
    added: list[Charge | Credit] = [charge for charge in wanted if charge.key not in same]
    added += [credit for credit in earned if credit.key not in now]
    for gone_charge in reversed_:
        del now[gone_charge.key]
    now |= {charge.key: held(charge) for charge in added}
    rulings: list[Ruling] = [*(_reverse(charge, because) for charge in reversed_), *added]
    touched = {charge.ledger for charge in added} | {charge.ledger for charge in reversed_} | again
    for ledger in sorted(touched):
        in_ledger = [charge for charge in now.values() if charge.ledger == ledger]
        placed = [measure for measure in dossier.measures if measure.ledger == ledger]
        newest = max(in_ledger, key=order, default=None)
        in_turn = len(added) == 1 and not reversed_ and ledger not in again
        if in_turn and newest is not None and newest.key == added[0].key:
            rulings += [_place(crossing) for crossing in crossings(rulebooks, in_ledger, counting, last_only=True)]
        else:
            rulings += _ladder_anew(rulebooks, in_ledger, placed, because, counting)
    return rulings + _direct(rulebooks, dossier, because, causes, gone)


def _direct(
    rulebooks: Rulebooks, dossier: Dossier, because: Fact, causes: Sequence[Cause], gone: frozenset[str]
) -> list[Ruling]:
    """Return the measures that causes bring by themselves, and withdraw those whose cause went."""
    rulings: list[Ruling] = []
    wanted = {name_of("sanction", cause.key): cause for cause in causes}
    for measure in sorted(dossier.measures, key=lambda measure: measure.key):
        if ":" in measure.ledger and measure.status not in GONE and set(measure.because) & gone:
            if measure.key in wanted and wanted[measure.key].at == measure.at:
                del wanted[measure.key]
            else:
                rulings.append(_withdraw(measure, because))
    for key, cause in wanted.items():
        brings = brought(rulebooks.version(cause.rulebook), cause)
        if brings.rung is not None:
            rulings.append(
                _placed(brings.rung, key=key, at=cause.at, origin=brings.origin, number=brings.at,
                        rulebook=cause.rulebook, points=0, because=(cause.key,))
            )  # fmt: skip
    return rulings


def _reverse(charge: ChargeState, because: Fact) -> Overturn:
    return Overturn(
        at=because.noted_at, matter=charge.matter, rule=charge.rule, rulebook=charge.rulebook, what="charge",
        key=charge.key, was="charged", because=because.id,
    )  # fmt: skip


def _ladder_anew(
    rulebooks: Rulebooks,
    charges: list[ChargeState],
    measures: list[MeasureState],
    because: Fact,
    counting: Counting,
) -> list[Ruling]:
    """Compare the measures that ought to be with those there are.

    A measure that nobody decided is issued anew where the charges it rests on changed: its reasons must be true.
    """
    wanted = {crossing.key: crossing for crossing in crossings(rulebooks, charges, counting)}
    rulings: list[Ruling] = []
    for measure in sorted(measures, key=lambda measure: measure.key):
        if measure.status in GONE:
            continue
        crossing = wanted.get(measure.key)
        if crossing is not None and (_same(measure, crossing) or _decided(measure, crossing)):
            del wanted[measure.key]
        else:
            rulings.append(_withdraw(measure, because))
    return rulings + [_place(crossing) for crossing in wanted.values()]


def _same(measure: MeasureState, crossing: Crossing) -> bool:
    return measure.because == crossing.because and measure.at == crossing.charge.at


def _decided(measure: MeasureState, crossing: Crossing) -> bool:
    return not crossing.rung.automatic and measure.status is not MeasureStatus.PROPOSED


def _withdraw(measure: MeasureState, because: Fact) -> Overturn:
    return Overturn(
        at=because.noted_at, matter=f"sanction:{measure.key}", rule=f"{measure.ledger}:{measure.rung}",
        rulebook=measure.rulebook, what="sanction", key=measure.key, was=measure.status.value, because=because.id,
    )  # fmt: skip


def _place(crossing: Crossing) -> Propose | Place:
    charge = crossing.charge
    return _placed(
        crossing.rung, key=crossing.key, at=charge.at, origin=charge.ledger, number=crossing.at,
        rulebook=charge.rulebook, points=crossing.points, because=crossing.because,
    )  # fmt: skip


def _placed(
    rung: Rung, *, key: str, at: datetime, origin: str, number: int, rulebook: str, points: int,
    because: tuple[str, ...],
) -> Propose | Place:  # fmt: skip
    """Propose the measure where a person decides, else place it; its effect waits for its notice."""
    common: dict[str, Any] = {
        "at": at, "matter": f"sanction:{key}", "rule": f"{origin}:{number}", "rulebook": rulebook, "key": key,
        "measure": rung.measure, "ledger": origin, "rung": number, "points": points, "because": because,
    }  # fmt: skip
    if not rung.automatic:
        return Propose(**common)
    effective = at + rung.notice
    until = None if rung.length is None else effective + rung.length
    return Place(**common, effective_at=effective, until=until, decided_by=SYSTEM)


def decide(rulebooks: Rulebooks, measure: MeasureState, fact: Fact) -> list[Ruling]:
    """Return what an agent's decision (sanction.approved, sanction.declined) makes of a proposed measure.

    Where two reviewers decide, the first approval waits for another agent's.
    """
    if measure.status is not MeasureStatus.PROPOSED:
        return []
    common: dict[str, Any] = {
        "at": fact.at, "matter": fact.matter, "rule": f"{measure.ledger}:{measure.rung}", "rulebook": measure.rulebook,
        "key": measure.key,
    }  # fmt: skip
    agent = str(fact.data["agent"])
    if fact.kind == "sanction.declined":
        return [Decline(**common, decided_by=agent)]
    rung = rulebooks.version(measure.rulebook).rung(measure.ledger, measure.rung)
    if rung.decided_by == "two reviewers" and measure.seconded_by in ("", agent):
        return [] if measure.seconded_by else [Second(**common, decided_by=agent)]
    effective = fact.at + rung.notice
    return [
        Place(
            **common, ledger=measure.ledger, rung=measure.rung, measure=measure.measure, points=measure.points,
            because=measure.because, effective_at=effective,
            until=None if rung.length is None else effective + rung.length, decided_by=agent,
        )
    ]  # fmt: skip


def restored(rulebooks: Rulebooks, measures: Iterable[MeasureState], fact: Fact) -> list[Ruling]:
    """Return what `fact` does for placed measures that end only when something has been done.

    It must have happened after the measure was placed. One whose time is over, or has no end else, ends now.
    """
    rulings: list[Ruling] = []
    for measure in sorted(measures, key=lambda measure: measure.key):
        if measure.status is not MeasureStatus.PLACED or measure.restored_at is not None or fact.at < measure.at:
            continue
        rung = rulebooks.version(measure.rulebook).rung(measure.ledger, measure.rung)
        if accepted(rung.restored_by, fact):
            rulings.append(Restore(**_about(measure, fact.at), restored_by=fact.id))
            if measure.next_at is None:
                rulings.append(Lift(**_about(measure, fact.at), measure=measure.measure))
    return rulings


def _about(measure: MeasureState, at: datetime) -> dict[str, Any]:
    return {
        "at": at, "matter": f"sanction:{measure.key}", "rule": f"{measure.ledger}:{measure.rung}",
        "rulebook": measure.rulebook, "key": measure.key,
    }  # fmt: skip


def end(rulebooks: Rulebooks, measure: MeasureState) -> list[Ruling]:
    """Return what follows when a placed measure's time is over: it is lifted, or held while it asks for something."""
    if measure.status is not MeasureStatus.PLACED or measure.next_at is None:
        return []
    rung = rulebooks.version(measure.rulebook).rung(measure.ledger, measure.rung)
    if rung.restored_by and measure.restored_at is None:
        return [Hold(**_about(measure, measure.next_at), measure=measure.measure)]
    return [Lift(**_about(measure, measure.next_at), measure=measure.measure)]


def apply(measure: MeasureState | None, ruling: Ruling) -> MeasureState:
    """Return the measure as it stands after `ruling`. The one definition of what each ruling does to a measure."""
    if isinstance(ruling, Propose | Place):
        placed = isinstance(ruling, Place)
        return MeasureState(
            key=ruling.key, ledger=ruling.ledger, rung=ruling.rung, measure=ruling.measure, points=ruling.points,
            rulebook=ruling.rulebook, at=ruling.at, because=ruling.because,
            status=MeasureStatus.PLACED if placed else MeasureStatus.PROPOSED,
            next_at=ruling.until if isinstance(ruling, Place) else None,
            issue=measure.issue + 1 if measure else 0,
        )  # fmt: skip
    if measure is None:
        raise LookupError(f"{type(ruling).__name__} is about a measure that is not there")
    changes: dict[str, Any]
    match ruling:
        case Second():
            changes = {"seconded_by": ruling.decided_by}
        case Restore():
            changes = {"restored_at": ruling.at}
        case Hold():
            changes = {"next_at": None}
        case Decline():
            changes = {"status": MeasureStatus.DECLINED, "next_at": None}
        case Lift():
            changes = {"status": MeasureStatus.LIFTED, "next_at": None}
        case Overturn():
            changes = {"status": MeasureStatus.OVERTURNED, "next_at": None}
        case _:
            raise TypeError(f"{type(ruling).__name__} is not a ruling on a measure")
    return msgspec.structs.replace(measure, **changes)
