"""Grounds: what a measure rests on beside points, as it was seen when the measure was issued.

It is kept with the measure, for what standards count and what duties come to may change later, and the reasons of a
measure are those for which it was issued. Each entry is an object of JSON; moments are texts, counts are numbers.
"""

from typing import Any

import msgspec

from comity.lib.moments import to_text
from comity.policy.dossier import Dossier
from comity.policy.duties.rulings import Breach
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.accounts import Cause
from comity.policy.sanctions.measures import MeasureState
from comity.policy.sanctions.points import ChargeState
from comity.policy.standards import levels
from comity.policy.standards.rating import peers_at
from comity.policy.standards.rulings import Rate

_ENCODER = msgspec.json.Encoder(order="sorted")


def of_cause(books: Rulebooks, dossier: Dossier, cause: Cause) -> tuple[str, ...]:
    """Return what a measure rests on that a breach or a rating brings by itself.

    Of a breach, one entry: `matter`, `due`, and `opened` where that is known. Of a rating, one for each window that
    matters: `window` (its place in the rule), `begin`, `end`, `counted`, `faulty`, `total`, `valued`, and `peers`, the
    rate of the others as a fraction; where a limit asks for it, `buyers`, how many different ones the faulty have.
    """
    if isinstance(cause, Breach):
        duty = dossier.here("duty", cause.key)
        opened = {} if duty is None else {"opened": to_text(duty.opened_at)}
        return (_entry({"matter": cause.matter, "due": to_text(cause.due), **opened}),)
    return _windows(books, dossier, cause) if isinstance(cause, Rate) else ()


def _windows(books: Rulebooks, dossier: Dossier, rated: Rate) -> tuple[str, ...]:
    book = books.version(rated.rulebook)
    rule = book.standards[rated.rule]
    peers = peers_at(rule, dossier.of("peer").values(), rated.at) if rule.compares_with_peers else None
    return tuple(
        _entry({
            "window": place, "begin": to_text(begin), "end": to_text(end), "counted": count.counted,
            "faulty": count.faulty, "total": count.total, "valued": count.valued,
            "peers": None if peers is None else str(peers),
            **({"buyers": count.buyers} if rule.asks_for_buyers else {}),
        })
        for place, (begin, end), count in levels.read(rule, dossier.counting, rated.at, book.in_force_from)
    )  # fmt: skip


def of_score(books: Rulebooks, charge: ChargeState, risen: int) -> tuple[str, ...]:
    """Return by how much a score had risen when a charge lowered it (`risen`); of what is none, nothing."""
    return (_entry({"risen": risen}),) if books.version(charge.rulebook).ledgers[charge.ledger].is_score else ()


def of_match(fact: Fact) -> tuple[str, ...]:
    """Return what a measure rests on whose party is linked to another under one: `kinds`, its `measure` and `since`.

    Nothing of it says who the other one is.
    """
    kinds = str(fact.data["kinds"]).split()
    return (_entry({"kinds": kinds, "measure": fact.data["measure"], "since": fact.data["since"]}),)


def read(measure: MeasureState) -> list[dict[str, Any]]:
    """Return what a measure rests on beside points, entry by entry."""
    return [msgspec.json.decode(entry) for entry in measure.seen]


def _entry(values: dict[str, Any]) -> str:
    return _ENCODER.encode(values).decode()
