"""An improvement plan as the rulebook asks for it."""

from dataclasses import dataclass
from datetime import timedelta

#: What it can mean for a plan that a deadline passed.
SILENCES = ("failed", "accepted", "checked")


@dataclass(frozen=True, slots=True)
class PlanRule:
    """What a level asks for beside or before its measure.

    runs  how long a plan runs, from its acceptance to its check
    """

    runs: timedelta
