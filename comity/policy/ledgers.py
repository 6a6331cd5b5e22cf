"""Ledgers and their ladders: points for breaches, and the measures at their thresholds.

A charge lives for a time. A rung is crossed when a charge lifts the live points from below its threshold to it or
above; where one charge crosses several, only the heaviest is executed. Which measures there ought to be follows from
the charges in force alone (`crossings`), so a charge that comes or goes late is handled by comparing.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from comity.lib.ids import name_of
from comity.policy.dossier import ChargeState, MeasureState, MeasureStatus
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebooks, Rung
from comity.policy.rulings import Breach, Charge, Decline, Lift, Overturn, Place, Propose, Ruling

SYSTEM = "platform:clock"
GONE = (MeasureStatus.OVERTURNED,)


class Crossing(NamedTuple):
    """A charge that reached a rung: the measure that ought to be, and every charge that counted."""

    key: str
    charge: ChargeState
    rung: Rung
    points: int
    because: tuple[str, ...]


def charge_for(rulebooks: Rulebooks, breach: Breach) -> Charge | None:
    """Return the charge that `breach` brings by the rule it was opened under, or None."""
    book = rulebooks.version(breach.rulebook)
    charge = book.by_name[breach.rule].charge
    if charge is None:
        return None
    return Charge(
        at=breach.at, matter=breach.matter, rule=breach.rule, rulebook=breach.rulebook,
        key=name_of("charge", charge.ledger, breach.key), ledger=charge.ledger, points=charge.points,
        because=breach.key, expires_at=breach.at + book.ledgers[charge.ledger].expires_after,
    )  # fmt: skip


def held(charge: Charge) -> ChargeState:
    """Return the charge as it stands on its ledger."""
    return ChargeState(
        key=charge.key, ledger=charge.ledger, points=charge.points, rulebook=charge.rulebook, rule=charge.rule,
        matter=charge.matter, because=charge.because, at=charge.at, expires_at=charge.expires_at,
    )  # fmt: skip


def points_at(charges: Iterable[ChargeState], at: datetime) -> int:
    """Return the live points at `at`: those charged and not expired. A charge expires at `expires_at` sharp."""
    return sum(charge.points for charge in charges if charge.at <= at < charge.expires_at)


def crossings(rulebooks: Rulebooks, charges: Sequence[ChargeState], *, last_only: bool = False) -> list[Crossing]:
    """Return the rungs that `charges` (of one ledger, any order) reach, one for each charge that reaches any.

    With `last_only`, look at the newest charge alone: enough when all others have been looked at before.
    """
    ordered = sorted(charges, key=_order)
    found = []
    for position in range(len(ordered) - 1 if last_only else 0, len(ordered)):
        charge = ordered[position]
        counted = [earlier for earlier in ordered[:position] if earlier.expires_at > charge.at]
        before = sum(earlier.points for earlier in counted)
        after = before + charge.points
        rungs = rulebooks.version(charge.rulebook).ledgers[charge.ledger].rungs
        reached = [rung for rung in rungs if before < rung.at <= after]
        if reached:
            rung = reached[-1]
            key = name_of("sanction", charge.ledger, str(rung.at), charge.key)
            because = tuple(each.key for each in [*counted, charge])
            found.append(Crossing(key, charge, rung, after, because))
    return found


def _order(charge: ChargeState) -> tuple[datetime, str]:
    return (charge.at, charge.because)


def account(
    rulebooks: Rulebooks,
    breaches: Sequence[Breach],
    gone: frozenset[str],
    charges: Collection[ChargeState],
    measures: Collection[MeasureState],
    because: Fact,
) -> list[Ruling]:
    """Return the rulings on ledgers and ladders once `breaches` came and those of the duties `gone` went.

    `charges` and `measures` are the party's in force before.
    """
    wanted = [charge for breach in breaches if (charge := charge_for(rulebooks, breach)) is not None]
    now = {charge.key: charge for charge in charges}
    same = {charge.key for charge in wanted if charge.key in now and now[charge.key].at == charge.at}
    reversed_ = sorted((c for c in charges if c.because in gone and c.key not in same), key=_order)
    added = [charge for charge in wanted if charge.key not in same]
    for gone_charge in reversed_:
        del now[gone_charge.key]
    now |= {charge.key: held(charge) for charge in added}
    rulings: list[Ruling] = [*(_reverse(charge, because) for charge in reversed_), *added]
    touched = {charge.ledger for charge in added} | {charge.ledger for charge in reversed_}
    for ledger in sorted(touched):
        in_ledger = [charge for charge in now.values() if charge.ledger == ledger]
        placed = [measure for measure in measures if measure.ledger == ledger]
        if len(added) == 1 and not reversed_ and max(in_ledger, key=_order).key == added[0].key:
            rulings += [_place(crossing) for crossing in crossings(rulebooks, in_ledger, last_only=True)]
        else:
            rulings += _ladder_anew(rulebooks, in_ledger, placed, because)
    return rulings


def _reverse(charge: ChargeState, because: Fact) -> Overturn:
    return Overturn(
        at=because.noted_at, matter=charge.matter, rule=charge.rule, rulebook=charge.rulebook, what="charge",
        key=charge.key, was="charged", because=because.id,
    )  # fmt: skip


def _ladder_anew(
    rulebooks: Rulebooks, charges: list[ChargeState], measures: list[MeasureState], because: Fact
) -> list[Ruling]:
    """Compare the measures that ought to be with those there are.

    A measure that nobody decided is issued anew where the charges it rests on changed: its reasons must be true.
    """
    wanted = {crossing.key: crossing for crossing in crossings(rulebooks, charges)}
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
    """Propose the measure where a person decides, else place it; its effect waits for its notice."""
    charge, rung = crossing.charge, crossing.rung
    common: dict[str, Any] = {
        "at": charge.at, "matter": f"sanction:{crossing.key}", "rule": f"{charge.ledger}:{rung.at}",
        "rulebook": charge.rulebook, "key": crossing.key, "measure": rung.measure,
    }  # fmt: skip
    reached: dict[str, Any] = {
        "ledger": charge.ledger, "rung": rung.at, "points": crossing.points, "because": crossing.because,
    }  # fmt: skip
    if not rung.automatic:
        return Propose(**common, **reached)
    effective = charge.at + rung.notice
    until = None if rung.length is None else effective + rung.length
    return Place(**common, **reached, effective_at=effective, until=until, decided_by=SYSTEM)


def decide(rulebooks: Rulebooks, measure: MeasureState, fact: Fact) -> list[Ruling]:
    """Return what an agent's decision (sanction.approved, sanction.declined) makes of a proposed measure."""
    if measure.status is not MeasureStatus.PROPOSED:
        return []
    common: dict[str, Any] = {
        "at": fact.at, "matter": fact.matter, "rule": f"{measure.ledger}:{measure.rung}", "rulebook": measure.rulebook,
        "key": measure.key,
    }  # fmt: skip
    agent = str(fact.data["agent"])
    if fact.kind == "sanction.declined":
        return [Decline(**common, decided_by=agent)]
    rungs = rulebooks.version(measure.rulebook).ledgers[measure.ledger].rungs
    rung = next(rung for rung in rungs if rung.at == measure.rung)
    effective = fact.at + rung.notice
    return [
        Place(
            **common, ledger=measure.ledger, rung=measure.rung, measure=measure.measure, points=measure.points,
            because=measure.because, effective_at=effective,
            until=None if rung.length is None else effective + rung.length, decided_by=agent,
        )
    ]  # fmt: skip


def end(measure: MeasureState) -> list[Ruling]:
    """Return what follows when a placed measure's time is over: it is lifted, at that time."""
    if measure.status is not MeasureStatus.PLACED or measure.next_at is None:
        return []
    return [
        Lift(
            at=measure.next_at, matter=f"sanction:{measure.key}", rule=f"{measure.ledger}:{measure.rung}",
            rulebook=measure.rulebook, key=measure.key, measure=measure.measure,
        )
    ]  # fmt: skip


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
    status = {
        Decline: MeasureStatus.DECLINED, Lift: MeasureStatus.LIFTED, Overturn: MeasureStatus.OVERTURNED,
    }[type(ruling)]  # fmt: skip
    return MeasureState(
        key=measure.key, ledger=measure.ledger, rung=measure.rung, measure=measure.measure, points=measure.points,
        rulebook=measure.rulebook, at=measure.at, because=measure.because, status=status,
    )  # fmt: skip
