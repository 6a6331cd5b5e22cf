"""What a ruling is: a consequence, a frozen value with its reason in it: codes and values, never sentences.

Each cites the rule and the rulebook version it follows from (`rulebook` = name@version) and the moment it counts
from (`at`): a breach is dated at its deadline, not at the noticing. Rulings stand with the life that they change;
`lives.RULINGS` has them all.
"""

from datetime import datetime
from typing import ClassVar, Literal

import msgspec


class Ruling(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="ruling"):
    """What all rulings share. `key` names the state that it is about, for ever."""

    #: Its name in the journal.
    kind: ClassVar[str]
    #: To whom it is told: "seller", "who" must do the duty, those whom it "names", or nobody.
    told: ClassVar[Literal["", "seller", "who", "names"]]
    #: How pages show it.
    tone: ClassVar[Literal["plain", "good", "warn", "bad"]]

    at: datetime
    matter: str
    rule: str
    rulebook: str
    key: str


class Overturn(Ruling, frozen=True, kw_only=True, tag="Overturn"):
    """An earlier ruling no longer holds, because of the fact `because`, learned late.

    `what` is the life of the state it is about, `was` what that state was. A duty with `next_at` is open again; one
    without never should have been opened. What else is overturned is gone with all that hung on it.
    """

    kind = "ruling.overturned"
    told = "seller"
    tone = "good"
    what: str
    was: str
    because: str
    next_at: datetime | None = None
    warned: int = 0


_ENCODER = msgspec.json.Encoder(order="sorted")


def encode(ruling: Ruling) -> bytes:
    """Return a ruling as JSON bytes, keys sorted, for files of rulings."""
    return _ENCODER.encode(ruling)
