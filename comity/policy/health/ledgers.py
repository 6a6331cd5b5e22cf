"""Ledgers: the points alive now, the rung on which they stand, and how that changes by time alone."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from comity.policy.health.known import Known
from comity.policy.sanctions import points
from comity.policy.sanctions.measures import Rung
from comity.policy.sanctions.points import ChargeState
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards.tally import Counting

#: Most moments ahead at which the sum is told.
MOST_AHEAD = 12


class Counted(NamedTuple):
    """A charge that is alive, and what it adds to the sum: nothing where it was capped or merged into another."""

    charge: ChargeState
    adds: int


class Ahead(NamedTuple):
    """A moment at which charges end: the points then, the rung on which they stand then, and the keys that end."""

    at: datetime
    points: int
    rung: Rung | None
    ending: tuple[str, ...]


class LedgerHealth(NamedTuple):
    """A ledger of a party at one moment.

    points     alive now; of a score, the score
    rung       the gravest on which these stand; None below all
    following  the next one, with the points at which it is reached; None where none is left
    counted    the charges alive, in their order
    ahead      when the sum changes next by time alone, soonest first, at most `MOST_AHEAD`
    """

    rule: LedgerRule
    points: int
    rung: Rung | None
    following: tuple[int, Rung] | None
    counted: tuple[Counted, ...]
    ahead: tuple[Ahead, ...]


def ledgers(known: Known) -> list[LedgerHealth]:
    """Return how each ledger of the version in force stands, in the rulebook's order."""
    return [_ledger(known, rule) for rule in known.book.ledgers.values()]


def _ledger(known: Known, rule: LedgerRule) -> LedgerHealth:
    ordered = sorted(known.on_ledger(rule.name), key=points.order)
    adds = points.weights(rule, ordered)
    counted = map(Counted, ordered, adds)
    alive = [each for each in counted if each.charge.since <= known.at < each.charge.expires_at]
    now = standing(known, rule, ordered, known.at)
    return LedgerHealth(
        rule=rule, points=now, rung=rung_at(rule, now), following=following(rule, now), counted=tuple(alive),
        ahead=_ahead(known, rule, ordered, alive),
    )  # fmt: skip


def _ahead(
    known: Known, rule: LedgerRule, ordered: Sequence[ChargeState], alive: Iterable[Counted]
) -> tuple[Ahead, ...]:
    ending: dict[datetime, list[str]] = {}
    for charge, adds in alive:
        if adds:
            ending.setdefault(charge.expires_at, []).append(charge.key)
    found = []
    for at in sorted(ending)[:MOST_AHEAD]:
        then = standing(known, rule, ordered, at)
        found.append(Ahead(at, then, rung_at(rule, then), tuple(ending[at])))
    return tuple(found)


def standing(
    known: Known,
    rule: LedgerRule,
    charges: Iterable[ChargeState],
    at: datetime,
    counting: Counting | None = None,
) -> int:
    """Return what `charges` come to on a ledger at `at`, by the judge's own count."""
    rows = known.counting if counting is None else counting
    return points.standing(known.book, rule.name, charges, at, rows)


def rung_at(rule: LedgerRule, stand: int) -> Rung | None:
    """Return the gravest rung on which a sum, or a score, stands; None for none."""
    if rule.is_score:
        return min((rung for rung in rule.rungs if stand <= rung.at), key=lambda rung: rung.at, default=None)
    return max((rung for rung in rule.rungs if rung.at <= stand), key=lambda rung: rung.at, default=None)


def following(rule: LedgerRule, stand: int) -> tuple[int, Rung] | None:
    """Return the next rung that is further on, and at which points it is reached; None where there is none."""
    if rule.is_score:
        below = [rung for rung in rule.rungs if rung.at < stand]
        return max(((rung.at, rung) for rung in below), key=lambda each: each[0], default=None)
    further = [(at, rung) for rung in rule.rungs if (at := rung.following(stand)) is not None]
    return min(further, key=lambda each: each[0], default=None)
