"""Conduct as the rulebook forbids it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConductRule:
    """Behaviour that is not allowed, and what proves it.

    proved_by  reviewer, report or classifier; a classifier's word proves from `above` thousandths on
    points     from and to: what a finding may ask for; a finding that names none brings the fewest
    """

    name: str
    title: str
    who: str
    severity: str
    examples: tuple[str, ...]
    proved_by: tuple[str, ...]
    above: int
    ledger: str
    points: tuple[int, int]
    source: str = ""
