"""Conduct: what a rule forbids is found by a fact, and stands unless another clears it."""

from collections.abc import Collection, Iterable

from comity.lib.ids import name_of
from comity.policy.conduct.rule import ConductRule
from comity.policy.dossier import ChargeState
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebook
from comity.policy.rulings import Find, Overturn

FOUND = "violation.found"
CLEARED = "violation.cleared"


def find(book: Rulebook, fact: Fact, known: Iterable[Fact]) -> Find | None:
    """Return the finding that `fact` proves under `book`, or None: no such rule, one that binds others, too little
    proof, or cleared since.
    """
    rule = book.conduct.get(str(fact.data["rule"]))
    if rule is None or not fact.party.startswith(f"{rule.who}:") or not proves(rule, fact):
        return None
    if any(o.kind == CLEARED and o.data["of"] == fact.id and o.place > fact.place for o in known):
        return None
    return Find(
        at=fact.at, matter=fact.matter, rule=rule.name, rulebook=book.ref, key=key_of(fact.id),
        severity=rule.severity, by=str(fact.data["by"]), found_by=fact.id,
    )  # fmt: skip


def proves(rule: ConductRule, fact: Fact) -> bool:
    """Whether what shows it is proof enough, and the points it asks for lie in the rule's range."""
    by, score, points = fact.data["by"], fact.data.get("score"), fact.data.get("points")
    if by not in rule.proved_by:
        return False
    if by == "classifier" and not (isinstance(score, int) and score >= rule.above):
        return False
    return points is None or (isinstance(points, int) and rule.points[0] <= points <= rule.points[1])


def clear(fact: Fact, charges: Collection[ChargeState]) -> list[Overturn]:
    """Return the finding of the same matter that `fact` (violation.cleared) takes back, where it had brought points.

    What happened before the finding takes nothing back, whenever it was noted.
    """
    of = str(fact.data["of"])
    key = key_of(of)
    found = [
        charge for charge in charges
        if charge.because == key and charge.matter == fact.matter and (charge.at, of) < fact.place
    ]  # fmt: skip
    return [
        Overturn(
            at=fact.noted_at, matter=fact.matter, rule=charge.rule, rulebook=charge.rulebook, what="finding", key=key,
            was="found", because=fact.id,
        )
        for charge in found[:1]
    ]  # fmt: skip


def key_of(fact_id: str) -> str:
    """Return the key of the finding that the fact `fact_id` proves."""
    return name_of("finding", fact_id)
