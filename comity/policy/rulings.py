"""Every consequence there is. A ruling is a frozen value with its reason in it: codes and values, never sentences.

Each cites the rule and the rulebook version it follows from (`rulebook` = name@version) and the moment it counts
from (`at`): a breach is dated at its deadline, not at the noticing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from comity.policy.sanctions.measures import Origin


class Ruling(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="ruling"):
    """What all rulings share. `key` names the state that it is about, for ever."""

    #: Its name in the journal.
    kind: ClassVar[str] = ""
    #: To whom it is told: "seller", "who" must do the duty, those whom it "names", or nobody.
    told: ClassVar[Literal["", "seller", "who", "names"]] = ""
    #: How pages show it.
    tone: ClassVar[Literal["plain", "good", "warn", "bad"]] = "plain"

    at: datetime
    matter: str
    rule: str
    rulebook: str
    key: str


class Open(Ruling, frozen=True, kw_only=True, tag="Open"):
    """A duty begins. `key` names it for ever; `next_at` is when the clock looks at it next."""

    kind = "duty.opened"
    told = "who"
    subject: str
    opened_by: str
    due: datetime
    next_at: datetime


class Warn(Ruling, frozen=True, kw_only=True, tag="Warn"):
    """A duty is not met yet and its deadline is near. Tells; changes nothing else."""

    kind = "duty.warned"
    told = "who"
    tone = "warn"
    due: datetime
    warned: int
    next_at: datetime


class Move(Ruling, frozen=True, kw_only=True, tag="Move"):
    """A duty's deadline moved, because a pause was recorded."""

    kind = "duty.moved"
    told = "who"
    was: datetime
    due: datetime
    next_at: datetime
    warned: int = 0


class Meet(Ruling, frozen=True, kw_only=True, tag="Meet"):
    """A duty was met in time, by the fact `met_by`."""

    kind = "duty.met"
    tone = "good"
    met_by: str


class Waive(Ruling, frozen=True, kw_only=True, tag="Waive"):
    """A duty is no longer asked for: somebody who may say so said so."""

    kind = "duty.waived"
    waived_by: str


class Void(Ruling, frozen=True, kw_only=True, tag="Void"):
    """A duty fell away, because what it was about fell away (a cancelled order)."""

    kind = "duty.voided"
    voided_by: str


class Unknown(Ruling, frozen=True, kw_only=True, tag="Unknown"):
    """Nobody is charged on missing data: the duty was done, but not when is known; or nothing is known of it at all.

    `unknown_by` is empty where nothing is known.
    """

    kind = "duty.unknown"
    unknown_by: str


class Breach(Ruling, frozen=True, kw_only=True, tag="Breach"):
    """The deadline passed and the duty was not met. Dated at the deadline.

    `final`: it was decided by what was known at that moment; nothing can be done about it any more.
    """

    kind = "duty.breached"
    told = "who"
    tone = "bad"
    due: datetime
    final: bool = False


class Cure(Ruling, frozen=True, kw_only=True, tag="Cure"):
    """A breached duty was done after all, `late_seconds` after its deadline."""

    kind = "duty.cured"
    tone = "warn"
    cured_by: str
    late_seconds: int


class Follow(Ruling, frozen=True, kw_only=True, tag="Follow"):
    """What else a breached duty (`because`) brings: `what` is decide, escalate, cancel, assign or notify.

    `value` says for whom a dispute is decided, which course is assigned, or who is told.
    """

    kind = "breach.followed"
    told = "names"
    tone = "warn"
    what: str
    value: str
    because: str


class Find(Ruling, frozen=True, kw_only=True, tag="Find"):
    """Conduct that a rule forbids was found, and proved by `by`."""

    kind = "conduct.found"
    told = "seller"
    tone = "bad"
    severity: str
    by: str
    found_by: str


class Rate(Ruling, frozen=True, kw_only=True, tag="Rate"):
    """A standard was evaluated and its level `name` reached: `faulty` of `counted` subjects.

    `rate` is the share in millionths, for several windows the worst.
    """

    kind = "standard.rated"
    told = "seller"
    tone = "bad"
    level: int
    name: str
    counted: int
    faulty: int
    rate: int | None


class Credit(Ruling, frozen=True, kw_only=True, tag="Credit"):
    """Points taken off a ledger for the fact `because`, as long as a charge lives."""

    kind = "ledger.credited"
    told = "seller"
    tone = "good"
    ledger: str
    points: int
    because: str
    expires_at: datetime


class Charge(Ruling, frozen=True, kw_only=True, tag="Charge"):
    """Points on a ledger for a breached duty, a finding or a rating (`because`), alive until `expires_at`."""

    kind = "ledger.charged"
    told = "seller"
    tone = "bad"
    ledger: str
    points: int
    because: str
    expires_at: datetime


class Propose(Ruling, frozen=True, kw_only=True, tag="Propose"):
    """A rung was reached whose measure a person must approve."""

    kind = "sanction.proposed"
    told = "seller"
    tone = "warn"
    origin: Origin
    rung: int
    measure: str
    points: int
    because: tuple[str, ...]


class Place(Ruling, frozen=True, kw_only=True, tag="Place"):
    """A measure is placed. It takes effect at `effective_at`, when its notice has run, and ends at `until` (or never).

    `because` lists every charge that counted, `points` their sum: the facts of the statement of reasons.
    """

    kind = "sanction.placed"
    told = "seller"
    tone = "bad"
    origin: Origin
    rung: int
    measure: str
    points: int
    because: tuple[str, ...]
    effective_at: datetime
    until: datetime | None
    decided_by: str


class Second(Ruling, frozen=True, kw_only=True, tag="Second"):
    """One of two reviewers approved; another must."""

    kind = "sanction.seconded"
    decided_by: str


class Restore(Ruling, frozen=True, kw_only=True, tag="Restore"):
    """What the measure asks of the party before it ends was done, by the fact `restored_by`."""

    kind = "sanction.restored"
    told = "seller"
    tone = "good"
    restored_by: str


class Hold(Ruling, frozen=True, kw_only=True, tag="Hold"):
    """A measure's time is over, but what it asks of the party was not done: it stays until then."""

    kind = "sanction.held"
    told = "seller"
    tone = "warn"
    measure: str


class Decline(Ruling, frozen=True, kw_only=True, tag="Decline"):
    """A proposed measure was declined by a person."""

    kind = "sanction.declined"
    told = "seller"
    decided_by: str


class Lift(Ruling, frozen=True, kw_only=True, tag="Lift"):
    """A measure ended."""

    kind = "sanction.lifted"
    told = "seller"
    tone = "good"
    measure: str


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


class OverturnDuty(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """A duty is open again, or never should have been."""

    what: Literal["duty"] = "duty"


class OverturnFinding(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What was found turned out to be no violation."""

    what: Literal["finding"] = "finding"


class OverturnRating(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """An evaluation would have come out otherwise."""

    what: Literal["rating"] = "rating"

    @property
    def level(self) -> int:
        """The level that had been reached."""
        return int(self.was)


class OverturnConsequence(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What followed a breach or a rating falls away with it."""

    what: Literal["consequence"] = "consequence"


class OverturnCharge(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What the points were for is gone."""

    what: Literal["charge"] = "charge"


class OverturnMeasure(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What the measure rested on is gone, or changed."""

    what: Literal["sanction"] = "sanction"


def _kinds(of: type[Ruling]) -> Iterator[type[Ruling]]:
    for ruling in of.__subclasses__():
        yield ruling
        if ruling is not Overturn:  # its own kinds share its name in the journal
            yield from _kinds(ruling)


#: Every ruling there is, in the order in which they stand here.
ALL: tuple[type[Ruling], ...] = tuple(_kinds(Ruling))
BY_KIND: dict[str, type[Ruling]] = {ruling.kind: ruling for ruling in ALL}

_ENCODER = msgspec.json.Encoder(order="sorted")


def encode(ruling: Ruling) -> bytes:
    """Return a ruling as JSON bytes, keys sorted, for files of rulings."""
    return _ENCODER.encode(ruling)


_BY_TAG: dict[str, type[Ruling]] = {ruling.__name__: ruling for ruling in ALL}
_OVERTURNINGS: dict[str, type[Overturn]] = {
    field.default: overturning
    for overturning in Overturn.__subclasses__()
    for field in msgspec.structs.fields(overturning)
    if field.name == "what"
}


def read(text: str) -> Ruling:
    """Return the ruling that a line of the journal says, one of before 0.1.0 too: its `origin` was a text, `ledger`.

    Raises ValueError for what is no ruling.
    """
    plain = msgspec.json.decode(text)
    tag = plain.get("ruling") if isinstance(plain, dict) else None
    ruling = _OVERTURNINGS.get(plain["what"]) if tag == "Overturn" else _BY_TAG.get(str(tag))
    if ruling is None:
        raise ValueError(f"{tag!r} is no ruling")
    if ruling in (Propose, Place) and "origin" not in plain:
        said = plain["ledger"]
        plain["origin"] = Origin.read(said if ":" in said else f"ledger:{said}")
    return msgspec.convert(plain, ruling)
