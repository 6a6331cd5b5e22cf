"""Points that came with another account: what is carried over, and what becomes of it with the account it came from.

Two accounts of one person become one by what people decide. Points then count where the person goes on, dated and
weighed as they were; they reach no rung by coming, for what was done before the accounts were one was not done twice.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from comity.lib.ids import name_of
from comity.policy.facts import Fact, moment_of
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.sanctions.points import ChargeState, order, weights
from comity.policy.sanctions.rulings import TakeOver

TAKEN_OVER, CHARGE_CLEARED, GAVE_BACK = "charge.taken_over", "charge.cleared", "account.gave_back"
KINDS = frozenset({TAKEN_OVER, CHARGE_CLEARED, GAVE_BACK})
#: What is told of a charge that came: dated when it was known of the account it came from, whenever it was noted.
COMING = frozenset({TAKEN_OVER, CHARGE_CLEARED})


class Carried(NamedTuple):
    """A charge as it is carried to another account: `points` is what it adds where it was made."""

    charge: ChargeState
    points: int


def key_of(account: str, charge: str) -> str:
    """Return the key under which the charge `charge` of an account (role:id) counts on the one that took it over."""
    return name_of("taken over", account, charge)


def carried(book: Rulebook, charges: Iterable[ChargeState], at: datetime) -> list[Carried]:
    """Return what an account's charges in force that count at `at` add to its ledgers, credits first, then in order.

    One that adds nothing, because it was capped or merged, is carried too: with what it adds.
    """
    by_ledger: dict[str, list[ChargeState]] = {}
    for charge in sorted(charges, key=order):
        by_ledger.setdefault(charge.ledger, []).append(charge)
    found = [
        Carried(charge, points)
        for name, ordered in by_ledger.items()
        if name in book.ledgers
        for charge, points in zip(ordered, weights(book.ledgers[name], ordered), strict=True)
        if charge.since <= at < charge.expires_at
    ]
    return sorted(found, key=lambda each: (each.points >= 0, order(each.charge)))


def as_it_comes(key: str, carried_: Carried, account: str, at: datetime) -> ChargeState:
    """Return a charge as it counts under `key`, once it has come with its account at a moment."""
    charge, points = carried_
    return msgspec.structs.replace(
        charge, key=key, points=points, because=charge.key, taken_from=account, counts_from=at, overturned_at=None
    )


def moved(books: Rulebooks, charges: Mapping[str, ChargeState], fact: Fact) -> tuple[list[ChargeState], list[TakeOver]]:
    """Return the charges that leave by a fact, and those that come by it.

    One that comes with other points than before leaves and comes: it counts since it first came.
    """
    account = str(fact.data["account"])
    if fact.kind == GAVE_BACK:
        return [each for each in charges.values() if each.taken_from == account and _stands(each)], []
    there = charges.get(key_of(account, str(fact.data["of"])))
    stands = there is not None and _stands(there)
    leaving = [there] if there is not None and stands else []
    if fact.kind == CHARGE_CLEARED:
        return leaving, []
    coming = _coming(books, account, fact, there.counts_from if there is not None and stands else None)
    if coming is None or (there is not None and stands and there.points == coming.points):
        return [], []
    return leaving, [coming]


def _stands(charge: ChargeState) -> bool:
    return charge.overturned_at is None


def _coming(books: Rulebooks, account: str, fact: Fact, since: datetime | None) -> TakeOver | None:
    """Return the charge that a fact carries over; None where the rules in force have no such ledger."""
    book, data = books.in_force(fact.at), fact.data
    if book is None or (ledger := str(data["ledger"])) not in book.ledgers:
        return None
    points, known = data["points"], {each.ref for each in books}
    return TakeOver(
        at=moment_of(str(data["charged_at"])),
        matter=fact.matter,
        rule=str(data["rule"]),
        rulebook=ref if (ref := str(data["rulebook"])) in known else book.ref,
        key=key_of(account, str(data["of"])),
        ledger=ledger,
        points=points if isinstance(points, int) else 0,
        because=str(data["of"]),
        expires_at=moment_of(str(data["expires_at"])),
        taken_from=account,
        counts_from=since or fact.at,
    )
