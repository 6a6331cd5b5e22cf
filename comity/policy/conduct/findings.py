"""Conduct: what a rule forbids is found by a fact, and stands unless another clears it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from comity.lib.ids import name_of
from comity.policy.conduct.rule import ConductRule
from comity.policy.conduct.rulings import Find, OverturnFinding
from comity.policy.dossier import Dossier
from comity.policy.facts import Fact
from comity.policy.life import Life
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Ruling

FOUND = "violation.found"
CLEARED = "violation.cleared"


class FindingState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Conduct that was found, by the fact `found_by`; it stands until something clears it, with points or without."""

    key: str
    rule: str
    rulebook: str
    matter: str
    at: datetime
    severity: str
    found_by: str
    overturned_at: datetime | None = None
    # It waits for nothing; but every state of a life can be asked.
    next_at: None = None

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it stands in time."""
        return (self.at, self.found_by)


def find(book: Rulebook, fact: Fact, known: Iterable[Fact]) -> Find | None:
    """Return the finding that `fact` proves under `book`, or None: no such rule, one that binds others, too little
    proof, or cleared since.
    """
    rule = book.conduct.get(str(fact.data["rule"]))
    if rule is None or not fact.party.startswith(f"{rule.who}:") or not proves(rule, fact):
        return None
    # The clearing may have been noted first: facts come in any order.
    if any(o.kind == CLEARED and o.data["of"] == fact.id and o.at >= fact.at for o in known):
        return None
    return Find(
        at=fact.at,
        matter=fact.matter,
        rule=rule.name,
        rulebook=book.ref,
        key=key_of(fact.id),
        severity=rule.severity,
        by=str(fact.data["by"]),
        found_by=fact.id,
    )


def proves(rule: ConductRule, fact: Fact) -> bool:
    """Whether what shows it is proof enough, and the points it asks for lie in the rule's range."""
    by, score, points = fact.data["by"], fact.data.get("score"), fact.data.get("points")
    if by not in rule.proved_by:
        return False
    if by == "classifier" and not (isinstance(score, int) and score >= rule.above):
        return False
    return points is None or (isinstance(points, int) and rule.points[0] <= points <= rule.points[1])


def clear(fact: Fact, finding: FindingState | None) -> list[Ruling]:
    """Return what `fact` (violation.cleared) takes back: a finding of the same matter that came before it.

    What happened before the finding takes nothing back, whenever it was noted.
    """
    if finding is None or finding.overturned_at is not None or finding.matter != fact.matter or finding.at > fact.at:
        return []
    return [
        OverturnFinding(
            at=fact.noted_at,
            matter=fact.matter,
            rule=finding.rule,
            rulebook=finding.rulebook,
            key=finding.key,
            was="found",
            because=fact.id,
        )
    ]


def key_of(fact_id: str) -> str:
    """Return the key of the finding that the fact `fact_id` proves."""
    return name_of("finding", fact_id)


def _rule(books: Rulebooks, dossier: Dossier, fact: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    if fact.kind == CLEARED:
        return clear(fact, dossier.of(FINDINGS.name).get(key_of(str(fact.data["of"]))))
    finding = find(dossier.book, fact, dossier.facts_of(fact.matter)) if dossier.book is not None else None
    return [finding] if finding else []


def apply(finding: FindingState | None, ruling: Ruling) -> FindingState:
    """Return the finding as it stands after `ruling`. The one definition of what each ruling does to a finding."""
    match ruling:
        case Find():
            return FindingState(
                key=ruling.key,
                rule=ruling.rule,
                rulebook=ruling.rulebook,
                matter=ruling.matter,
                at=ruling.at,
                severity=ruling.severity,
                found_by=ruling.found_by,
            )
        case OverturnFinding() if finding is not None:
            return msgspec.structs.replace(finding, overturned_at=ruling.at)
    raise TypeError(f"{type(ruling).__name__} is not a ruling on a finding that is there")


FINDINGS = Life(
    name="finding",
    rulings=(Find, OverturnFinding),
    kinds=lambda books: frozenset({FOUND, CLEARED}),
    rule=_rule,
    apply=apply,
    state=FindingState,
)
