"""What can be proved of standards: levels that nobody reaches, sizes of which no limit speaks, measures unannounced."""

from collections.abc import Iterator

from comity.policy.rulebook import Rulebook
from comity.policy.standards import sequential
from comity.policy.standards.levels import rate_limit
from comity.policy.standards.rule import StandardRule
from comity.rulebooks.workbench import solving
from comity.rulebooks.workbench.analysis.findings import Finding


def findings(book: Rulebook) -> Iterator[Finding]:
    """Yield what is found."""
    for rule in book.standards.values():
        yield from _dead_levels(rule)


def _dead_levels(rule: StandardRule) -> Iterator[Finding]:
    if rule.certain:
        for level in rule.levels:
            limits = [rate_limit(limit) for limit in level.limits]
            # The strongest evidence there is: two thousand of two thousand.
            if not any(sequential.is_certain(2_000, 2_000, limit, rule.error) for limit in limits):
                yield Finding(f"dead:{rule.name}:{level.name}", "no evidence could ever be enough")
        return
    counts = solving.Counts()
    broken = [counts.breaks(level) for level in rule.levels]
    for index, level in enumerate(rule.levels):
        # A graver level that must be broken several times running leaves this one reachable meanwhile.
        graver = [each for other, each in enumerate(broken) if other > index and rule.levels[other].running == 1]
        if solving.find(counts.sound, broken[index], solving.none_of(graver)) is None:
            says = "is never the gravest level reached" if graver else "can never be broken"
            yield Finding(f"dead:{rule.name}:{level.name}", f"{level.name} of {rule.name} {says}")
