"""A fact: something that happened. It is never changed; a wrong fact is followed by another fact."""

from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

import msgspec

from comity.lib import moments

EARLIEST, LATEST = moments.EARLIEST, moments.LATEST
#: The due date of what waits for something of which nobody knows when it will come.
NEVER = LATEST
DEADLINE = "deadline.fell"
#: It says who bought.
PLACED = "order.placed"
#: Those whose matters are judged. A fact about one of them is its own.
PARTIES = ("seller", "buyer")

Scalar: TypeAlias = str | int | bool | None


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Something that happened.

    id        unique for ever; given by whoever noticed, so that telling us twice changes nothing
    kind      one of `policy.facts.KINDS`
    at        when it happened (UTC)
    noted_at  when we learned of it (UTC), never before `at`
    subject   what it is about, as kind:id, such as shipment:0191…
    matter    the subject under which facts are judged together: an order with its shipments, a conversation
    party     whose matter it is, as role:id: the lock, the chain and the shard key
    data      small values; moments as text in the form of `comity.lib.moments`
    sitting   of facts that were judged together, the number of the first one's line; 0 for one judged alone
    spoken_by the role of who spoke for the party that did it, where it did not say so itself; its act all the same
    follows   the key of the duty whose breach brought it, or of the measure that it tells late: when it was noted, time
              had not passed beyond that
    """

    id: str
    kind: str
    at: datetime
    noted_at: datetime
    subject: str
    matter: str
    party: str
    data: dict[str, Scalar]
    sitting: int = 0
    spoken_by: str = ""
    follows: str = ""

    @property
    def place(self) -> tuple[datetime, str]:
        """Where the fact stands in time; ids break ties, so that the order of arrival cannot matter."""
        return (self.at, self.id)

    @property
    def undone_at(self) -> datetime:
        """When what it undoes is undone: when it was noted; where a moment passed, at that moment."""
        return self.at if self.kind == DEADLINE else self.noted_at


def subject_kind(subject: str) -> str:
    """Return "shipment" for "shipment:0191…"."""
    return subject.partition(":")[0]


def reference(text: str) -> tuple[str, str]:
    """Read how facts name a thing, such as "order:0191…": its kind, and its id in it. Without a colon, no id."""
    kind, _, identity = text.partition(":")
    return kind, identity


@lru_cache(maxsize=4096)
def moment_of(text: str) -> datetime:
    """Read a moment from a fact's data. Cached: many facts carry the same promised day."""
    return moments.parse(text)


read_fact = msgspec.json.Decoder(Fact).decode
