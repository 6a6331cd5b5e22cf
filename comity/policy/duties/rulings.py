"""What may be ruled of a duty."""

from datetime import datetime
from typing import Literal

from comity.policy.rulings import Overturn, Ruling


class Open(Ruling, frozen=True, kw_only=True, tag="Open"):
    """A duty begins. `key` names it for ever; `next_at` is when the clock looks at it next."""

    kind = "duty.opened"
    told = "who"
    tone = "plain"
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
    """A duty's deadline moved: time was taken out, or a later question is now the oldest that waits."""

    kind = "duty.moved"
    told = "who"
    tone = "plain"
    was: datetime
    due: datetime
    next_at: datetime
    warned: int = 0


class Meet(Ruling, frozen=True, kw_only=True, tag="Meet"):
    """A duty was met in time, by the fact `met_by`."""

    kind = "duty.met"
    told = ""
    tone = "good"
    met_by: str


class Waive(Ruling, frozen=True, kw_only=True, tag="Waive"):
    """A duty is no longer asked for: somebody who may say so said so."""

    kind = "duty.waived"
    told = ""
    tone = "plain"
    waived_by: str


class Void(Ruling, frozen=True, kw_only=True, tag="Void"):
    """A duty fell away, because what it was about fell away (a cancelled order)."""

    kind = "duty.voided"
    told = ""
    tone = "plain"
    voided_by: str


class Unknown(Ruling, frozen=True, kw_only=True, tag="Unknown"):
    """Nobody is charged on missing data: the duty was done, but not when is known; or nothing is known of it at all.

    `unknown_by` is empty where nothing is known.
    """

    kind = "duty.unknown"
    told = ""
    tone = "plain"
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
    """A breached duty was done after all, so late.

    `late_seconds` by the wall, `late_seconds_on_clock` by the clock of the duty, pauses left out.
    """

    kind = "duty.cured"
    told = ""
    tone = "warn"
    cured_by: str
    late_seconds: int
    late_seconds_on_clock: int = 0  # lines of before it was told do not say it


class OverturnDuty(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """A duty is open again, or never should have been."""

    what: Literal["duty"] = "duty"


#: That something is due, and by when: the newest of one subject and rule says it all.
DUES = (Open.kind, Warn.kind, Move.kind)
