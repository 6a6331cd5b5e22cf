"""What can be proved of a rulebook before it is published: over all cases, not only those of the past.

Each finding has a name, by which a rulebook may accept it with a reason, and a witness: a worked case, which is run
through the judge to confirm it. That a rule is dead is proved by there being no case at all.
"""

from collections.abc import Iterator
from dataclasses import replace

from comity.policy.rulebook import Rulebook, Rulebooks
from comity.rulebooks.workbench import tries
from comity.rulebooks.workbench.analysis import disputes, duties, ladders, standards
from comity.rulebooks.workbench.analysis.findings import Finding

__all__ = ["Finding", "analyse"]


def analyse(book: Rulebook) -> list[Finding]:
    """Return the findings on `book`, those that it accepts marked; and acceptances that speak of nothing."""
    reasons = {each.finding: each.reason for each in book.accepted}
    findings = []
    for finding in _all(book):
        accepted = reasons.pop(finding.name, "")
        findings.append(replace(finding, confirmed=_confirm(book, finding), accepted=accepted))
    findings += [Finding(f"accepted:{name}", f"{name} is accepted, but is not a finding") for name in reasons]
    return findings


def _all(book: Rulebook) -> Iterator[Finding]:
    yield from duties.findings(book)
    yield from standards.findings(book)
    yield from ladders.findings(book)
    yield from disputes.findings(book)
    yield from _powers(book)


def _powers(book: Rulebook) -> Iterator[Finding]:
    for role in sorted({power.who for power in book.powers}):
        may = {verb for power in book.powers if power.who == role for verb in power.may}
        may_not = {verb for power in book.powers if power.who == role for verb in power.may_not}
        for verb in sorted(may & may_not):
            yield Finding(f"conflict:power:{role}:{verb}", f"{role} may and may not {verb}; forbidding wins")


def _confirm(book: Rulebook, finding: Finding) -> bool:
    """Run the witness through the judge. A finding without one rests on the solver's proof alone."""
    if not finding.witness:
        return True
    return all(outcome.passed for outcome in tries.attempt_all(finding.witness, _Own(book), own=book.name))


class _Own(tries.Shelf):
    def __init__(self, book: Rulebook):
        self._book = book

    def books(self, name: str, version: str = "") -> Rulebooks:
        return Rulebooks([self._book])
