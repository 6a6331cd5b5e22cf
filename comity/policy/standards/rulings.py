"""What may be ruled of a standard."""

from typing import Literal

from comity.policy.rulings import Overturn, Ruling


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


class OverturnRating(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """An evaluation would have come out otherwise."""

    what: Literal["rating"] = "rating"

    @property
    def level(self) -> int:
        """The level that had been reached."""
        return int(self.was)
