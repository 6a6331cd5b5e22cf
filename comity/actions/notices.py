"""Notices: who must be told of which ruling. Rows are written in the transaction of the ruling itself."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from comity.lib import moments
from comity.policy.duties.rulings import Warn
from comity.policy.follows import Follow
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.records import refs
from comity.records.models import Standing
from comity.records.statements import NewNotice

#: A warning that the clock notices later than this is no help any more; it stays in the journal.
STALE = timedelta(hours=1)
#: What follows a breach and concerns both sides.
_BOTH = ("decide", "escalate", "cancel")
_TRADERS = frozenset({"buyer", "seller"})
#: Parts of a ruling of which no sentence is made: the matter stands beside it, the facts in the record.
_NOT_SAID = frozenset({"matter", "because", "origin"})


def for_rulings(
    rulebooks: Rulebooks, standing: Standing, rulings: Iterable[Ruling], noted_at: datetime
) -> list[NewNotice]:
    """Return the notices that `rulings` ask for: to the party whom they concern, and to the buyer of the matter."""
    notices = []
    for ruling in rulings:
        if isinstance(ruling, Warn) and noted_at - ruling.at > STALE:
            continue
        for role in _told(rulebooks, ruling):
            party = standing.party_id if role == "seller" else _buyer_of(standing.party_id, ruling.matter)
            if party is not None:
                notices.append(NewNotice(party, ruling.kind, ruling.matter, noted_at, _values(ruling)))
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
    if ruling.what == "notify":
        yield from (role for role in ruling.value.split() if role in _TRADERS)
    else:
        yield from ("seller", "buyer") if ruling.what in _BOTH else ("seller",)


def _buyer_of(party_id: int, matter: str) -> int | None:
    """Return the buyer of an order or a conversation; None where it is no such matter."""
    thing = refs.thing(party_id, matter)
    return thing.buyer_id if thing is not None else None


def _values(ruling: Ruling) -> dict[str, Any]:
    """Return the codes and values from which a sentence is made for the reader."""
    fields = {name: getattr(ruling, name) for name in ruling.__struct_fields__ if name not in _NOT_SAID}
    return {k: moments.to_text(v) if isinstance(v, datetime) else v for k, v in fields.items()}
