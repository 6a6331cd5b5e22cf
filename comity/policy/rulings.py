"""Every consequence there is. A ruling is a frozen value with its reason in it: codes and values, never sentences.

Each cites the rule and the rulebook version it follows from (`rulebook` = name@version) and the moment it counts
from (`at`): a breach is dated at its deadline, not at the noticing.
"""

from datetime import datetime
from typing import ClassVar

import msgspec


class Ruling(msgspec.Struct, frozen=True, kw_only=True, tag_field="ruling"):
    """What all rulings share."""

    #: What it says, in a few words, for the generated documentation.
    kind: ClassVar[str] = ""

    at: datetime
    matter: str
    rule: str
    rulebook: str


class Open(Ruling, frozen=True, kw_only=True, tag="Open"):
    """A duty begins. `key` names it for ever; `next_at` is when the clock looks at it next."""

    kind: ClassVar[str] = "duty.opened"
    key: str
    subject: str
    opened_by: str
    due: datetime
    next_at: datetime


class Warn(Ruling, frozen=True, kw_only=True, tag="Warn"):
    """A duty is not met yet and its deadline is near. Tells; changes nothing else."""

    kind: ClassVar[str] = "duty.warned"
    key: str
    due: datetime
    warned: int
    next_at: datetime


class Move(Ruling, frozen=True, kw_only=True, tag="Move"):
    """A duty's deadline moved, because a pause was recorded."""

    kind: ClassVar[str] = "duty.moved"
    key: str
    was: datetime
    due: datetime
    next_at: datetime
    warned: int = 0


class Meet(Ruling, frozen=True, kw_only=True, tag="Meet"):
    """A duty was met in time, by the fact `met_by`."""

    kind: ClassVar[str] = "duty.met"
    key: str
    met_by: str


class Waive(Ruling, frozen=True, kw_only=True, tag="Waive"):
    """A duty is no longer asked for: somebody who may say so said so."""

    kind: ClassVar[str] = "duty.waived"
    key: str
    waived_by: str


class Void(Ruling, frozen=True, kw_only=True, tag="Void"):
    """A duty fell away, because what it was about fell away (a cancelled order)."""

    kind: ClassVar[str] = "duty.voided"
    key: str
    voided_by: str


class Unknown(Ruling, frozen=True, kw_only=True, tag="Unknown"):
    """Nobody is charged on missing data: the duty was done, but not when is known; or nothing is known of it at all.

    `unknown_by` is empty where nothing is known.
    """

    kind: ClassVar[str] = "duty.unknown"
    key: str
    unknown_by: str


class Breach(Ruling, frozen=True, kw_only=True, tag="Breach"):
    """The deadline passed and the duty was not met. Dated at the deadline.

    `final`: it was decided by what was known at that moment; nothing can be done about it any more.
    """

    kind: ClassVar[str] = "duty.breached"
    key: str
    due: datetime
    final: bool = False


class Cure(Ruling, frozen=True, kw_only=True, tag="Cure"):
    """A breached duty was done after all, `late_seconds` after its deadline."""

    kind: ClassVar[str] = "duty.cured"
    key: str
    cured_by: str
    late_seconds: int


class Follow(Ruling, frozen=True, kw_only=True, tag="Follow"):
    """What else a breached duty (`because`) brings: `what` is decide, escalate, cancel, assign or notify.

    `value` says for whom a dispute is decided, which course is assigned, or who is told.
    """

    kind: ClassVar[str] = "breach.followed"
    key: str
    what: str
    value: str
    because: str


class Find(Ruling, frozen=True, kw_only=True, tag="Find"):
    """Conduct that a rule forbids was found, and proved by `by`."""

    kind: ClassVar[str] = "conduct.found"
    key: str
    severity: str
    by: str
    found_by: str


class Rate(Ruling, frozen=True, kw_only=True, tag="Rate"):
    """A standard was evaluated and its level `name` reached: `faulty` of `counted` subjects.

    `rate` is the share in millionths, for several windows the worst.
    """

    kind: ClassVar[str] = "standard.rated"
    key: str
    level: int
    name: str
    counted: int
    faulty: int
    rate: int | None


class Credit(Ruling, frozen=True, kw_only=True, tag="Credit"):
    """Points taken off a ledger for the fact `because`, as long as a charge lives."""

    kind: ClassVar[str] = "ledger.credited"
    key: str
    ledger: str
    points: int
    because: str
    expires_at: datetime


class Charge(Ruling, frozen=True, kw_only=True, tag="Charge"):
    """Points on a ledger for a breached duty, a finding or a rating (`because`), alive until `expires_at`."""

    kind: ClassVar[str] = "ledger.charged"
    key: str
    ledger: str
    points: int
    because: str
    expires_at: datetime


class Propose(Ruling, frozen=True, kw_only=True, tag="Propose"):
    """A rung was reached whose measure a person must approve."""

    kind: ClassVar[str] = "sanction.proposed"
    key: str
    ledger: str
    rung: int
    measure: str
    points: int
    because: tuple[str, ...]


class Place(Ruling, frozen=True, kw_only=True, tag="Place"):
    """A measure is placed. It takes effect at `effective_at`, when its notice has run, and ends at `until` (or never).

    `because` lists every charge that counted, `points` their sum: the facts of the statement of reasons.
    """

    kind: ClassVar[str] = "sanction.placed"
    key: str
    ledger: str
    rung: int
    measure: str
    points: int
    because: tuple[str, ...]
    effective_at: datetime
    until: datetime | None
    decided_by: str


class Second(Ruling, frozen=True, kw_only=True, tag="Second"):
    """One of two reviewers approved; another must."""

    kind: ClassVar[str] = "sanction.seconded"
    key: str
    decided_by: str


class Restore(Ruling, frozen=True, kw_only=True, tag="Restore"):
    """What the measure asks of the party before it ends was done, by the fact `restored_by`."""

    kind: ClassVar[str] = "sanction.restored"
    key: str
    restored_by: str


class Hold(Ruling, frozen=True, kw_only=True, tag="Hold"):
    """A measure's time is over, but what it asks of the party was not done: it stays until then."""

    kind: ClassVar[str] = "sanction.held"
    key: str
    measure: str


class Decline(Ruling, frozen=True, kw_only=True, tag="Decline"):
    """A proposed measure was declined by a person."""

    kind: ClassVar[str] = "sanction.declined"
    key: str
    decided_by: str


class Lift(Ruling, frozen=True, kw_only=True, tag="Lift"):
    """A measure ended."""

    kind: ClassVar[str] = "sanction.lifted"
    key: str
    measure: str


class Overturn(Ruling, frozen=True, kw_only=True, tag="Overturn"):
    """An earlier ruling no longer holds, because of the fact `because`, learned late.

    `what` is duty, charge, sanction, finding, rating or consequence; `was` is the state it was in. A duty with
    `next_at` is open again; one without never should have been opened. A charge or sanction is gone with all that hung
    on it.
    """

    kind: ClassVar[str] = "ruling.overturned"
    what: str
    key: str
    was: str
    because: str
    next_at: datetime | None = None
    warned: int = 0


AnyRuling = (
    Open | Warn | Move | Meet | Waive | Void | Unknown | Breach | Cure | Follow | Find | Rate
    | Charge | Credit | Propose | Second | Place | Decline | Restore | Hold | Lift | Overturn
)  # fmt: skip
ALL: tuple[type[Ruling], ...] = (
    Open, Warn, Move, Meet, Waive, Void, Unknown, Breach, Cure, Follow, Find, Rate,
    Charge, Credit, Propose, Second, Place, Decline, Restore, Hold, Lift, Overturn,
)  # fmt: skip
BY_KIND: dict[str, type[Ruling]] = {ruling.kind: ruling for ruling in ALL}

_ENCODER = msgspec.json.Encoder(order="sorted")


def encode(ruling: Ruling) -> bytes:
    """Return a ruling as JSON bytes, keys sorted, for files of rulings."""
    return _ENCODER.encode(ruling)
