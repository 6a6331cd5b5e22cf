"""What may be ruled of points and of measures."""

from datetime import datetime
from typing import Literal

from comity.policy.rulings import Overturn, Ruling
from comity.policy.sanctions.measures import Origin


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


class TakeOver(Ruling, frozen=True, kw_only=True, tag="TakeOver"):
    """Points that came with another account (`taken_from`), for its charge `because`: dated as there, and ending alike.

    They count since `counts_from`. A credit's are below zero.
    """

    kind = "ledger.took_over"
    told = ""
    tone = "plain"
    ledger: str
    points: int
    because: str
    expires_at: datetime
    taken_from: str
    counts_from: datetime


class Propose(Ruling, frozen=True, kw_only=True, tag="Propose"):
    """A rung was reached, or an agent asks for a measure, that a person must approve.

    quiet     it is of an imported past: nobody was told of it
    asked_by  the agent who asks, for `asked_for` seconds (0: without end) after `asked_notice` seconds, of the things
              `of` where it is not about all of the party's trade; "" where a rule asks
    seen      what it rests on beside points, as things stood (`policy.sanctions.grounds`)
    """

    kind = "sanction.proposed"
    told = "seller"
    tone = "warn"
    origin: Origin
    rung: int
    measure: str
    points: int
    because: tuple[str, ...]
    quiet: bool = False
    asked_by: str = ""
    asked_for: int = 0
    asked_notice: int = 0
    of: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()


class Place(Ruling, frozen=True, kw_only=True, tag="Place"):
    """A measure is placed. It takes effect at `effective_at`, when its notice has run, and ends at `until` (or never).

    The notice runs from when the party was told: of a proposed measure, from the proposal. While what told it has not
    arrived, there is no such moment.

    `because` lists every charge that counted, `points` their sum, `seen` what else it rests on: the facts of the
    statement of reasons.
    """

    kind = "sanction.placed"
    told = "seller"
    tone = "bad"
    origin: Origin
    rung: int
    measure: str
    points: int
    because: tuple[str, ...]
    effective_at: datetime | None
    until: datetime | None
    decided_by: str
    seen: tuple[str, ...] = ()


class Second(Ruling, frozen=True, kw_only=True, tag="Second"):
    """One of two reviewers approved; another must."""

    kind = "sanction.seconded"
    told = ""
    tone = "plain"
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
    tone = "plain"
    decided_by: str


class Close(Ruling, frozen=True, kw_only=True, tag="Close"):
    """A measure that was still proposed is not decided on any more: `by`, a graver one of its ledger, was placed."""

    kind = "sanction.closed"
    told = "seller"
    tone = "plain"
    measure: str
    by: str


class Tell(Ruling, frozen=True, kw_only=True, tag="Tell"):
    """The party was told of a measure, later than when it was issued: its notice, and its length, run from here."""

    kind = "sanction.reached"
    told = ""
    tone = "plain"
    effective_at: datetime | None
    until: datetime | None


class Miss(Ruling, frozen=True, kw_only=True, tag="Miss"):
    """What told the party of a measure did not arrive: it waits until something does."""

    kind = "sanction.missed"
    told = ""
    tone = "warn"


class Begin(Ruling, frozen=True, kw_only=True, tag="Begin"):
    """When a measure takes effect that waits for something, and when it ends; None where it waits on.

    `shortened`: the seconds that it lasts from then on, where an appeal said so just now.
    """

    kind = "sanction.begins"
    told = "seller"
    tone = "warn"
    measure: str
    effective_at: datetime | None
    until: datetime | None
    shortened: int | None = None


class Lift(Ruling, frozen=True, kw_only=True, tag="Lift"):
    """A measure ended; `decided_by` names the agent who ended it before its time."""

    kind = "sanction.lifted"
    told = "seller"
    tone = "good"
    measure: str
    decided_by: str = ""


class OverturnCharge(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What the points were for is gone."""

    what: Literal["charge"] = "charge"


class OverturnMeasure(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What the measure rested on is gone, or changed."""

    what: Literal["sanction"] = "sanction"
