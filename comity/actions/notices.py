"""Notices: who must be told of which ruling. Rows are written in the transaction of the ruling itself."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from comity.lib import moments
from comity.policy.duties.rulings import Warn
from comity.policy.follows import Follow
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.records import refs
from comity.records.statements import NewNotice

#: A warning that the clock notices later than this is no help any more; it stays in the journal.
STALE = timedelta(hours=1)
#: What follows a breach and concerns both sides.
_BOTH = ("decide", "escalate", "cancel", "close", "hand_over", "refund", "revive")
_TRADERS = frozenset({"buyer", "seller"})
#: Parts of a ruling of which no sentence is made: the matter stands beside it, the facts in the record.
_NOT_SAID = frozenset({"matter", "because", "origin"})


class Told(NamedTuple):
    """Rulings on one party that were noted at one moment."""

    party_id: int
    rulings: Iterable[Ruling]
    noted_at: datetime


def for_rulings(rulebooks: Rulebooks, told: Iterable[Told]) -> list[NewNotice]:
    """Return the notices that rulings ask for: to the party whom they concern, and to the buyer of the matter."""
    asked = [
        (role, party_id, ruling, noted_at)
        for party_id, rulings, noted_at in told
        for ruling in rulings
        if not (isinstance(ruling, Warn) and noted_at - ruling.at > STALE)
        for role in _told(rulebooks, ruling)
    ]
    buyers = _buyers_of((party_id, ruling.matter) for role, party_id, ruling, _ in asked if role == "buyer")
    notices = []
    for role, party_id, ruling, noted_at in asked:
        to = party_id if role == "seller" else buyers.get((party_id, ruling.matter))
        if to is not None:
            notices.append(NewNotice(to, ruling.kind, ruling.matter, noted_at, _values(ruling)))
    return notices


def _told(rulebooks: Rulebooks, ruling: Ruling) -> Iterator[str]:
    """Yield the roles that a ruling is told to. Who works for the platform reads queues, not notices."""
    match ruling.told:
        case "seller":
            yield "seller"
        case "who":
            rule = rulebooks.version(ruling.rulebook).by_name.get(ruling.rule)
            yield from _TRADERS & {rule.who if rule else "seller"}
        case "names" if isinstance(ruling, Follow):
            yield from _named(ruling)


def _named(ruling: Follow) -> Iterator[str]:
    """Yield whom what follows a breach concerns."""
    if ruling.what in ("notify", "remind"):
        yield from (role for role in ruling.value.split() if role in _TRADERS)
    else:
        yield from ("seller", "buyer") if ruling.what in _BOTH else ("seller",)


def _buyers_of(asked: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Return the buyers of the orders and conversations that matters of sellers are."""
    return {(party, matter): thing.buyer_id for (party, matter), thing in refs.things(asked).items()}


def _values(ruling: Ruling) -> dict[str, Any]:
    """Return the codes and values from which a sentence is made for the reader."""
    fields = {name: getattr(ruling, name) for name in ruling.__struct_fields__ if name not in _NOT_SAID}
    return {k: moments.to_text(v) if isinstance(v, datetime) else v for k, v in fields.items()}
