"""What a rulebook says of accounts that belong to somebody whose account was closed."""

from dataclasses import dataclass

from comity.policy.sanctions.measures import Rung


@dataclass(frozen=True, slots=True)
class EvasionRule:
    """When a measure is proposed against an account that is linked to one under a closure or a freeze.

    rule     the conduct rule that names it, and says what it is
    measure  what is proposed: a person decides, after a notice in which the party is heard
    least    how many different kinds of links there must be; one of them is always a strong one
    """

    rule: str
    measure: Rung
    least: int = 2
    source: str = ""
