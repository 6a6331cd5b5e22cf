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


class Lift(Ruling, frozen=True, kw_only=True, tag="Lift"):
    """A measure ended."""

    kind = "sanction.lifted"
    told = "seller"
    tone = "good"
    measure: str


class OverturnCharge(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What the points were for is gone."""

    what: Literal["charge"] = "charge"


class OverturnMeasure(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What the measure rested on is gone, or changed."""

    what: Literal["sanction"] = "sanction"
