"""What may be ruled of conduct."""

from typing import Literal

from comity.policy.rulings import Overturn, Ruling


class Find(Ruling, frozen=True, kw_only=True, tag="Find"):
    """Conduct that a rule forbids was found, and proved by `by`."""

    kind = "conduct.found"
    told = "seller"
    tone = "bad"
    severity: str
    by: str
    found_by: str


class OverturnFinding(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What was found turned out to be no violation."""

    what: Literal["finding"] = "finding"
