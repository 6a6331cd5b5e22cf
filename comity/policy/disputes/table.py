"""The decision table: which row speaks of a case."""

from collections.abc import Iterator, Mapping
from itertools import product

from comity.policy.disputes.rule import DisputeRules, Row


def decide(rules: DisputeRules, inputs: Mapping[str, str]) -> Row | None:
    """Return the first row of the decision table that speaks of the case, or None."""
    return next((row for row in rules.table if row.accepts(inputs)), None)


def all_cases(rules: DisputeRules) -> Iterator[dict[str, str]]:
    """Yield every case that the inputs allow."""
    for values in product(*rules.inputs.values()):
        yield dict(zip(rules.inputs, values, strict=True))
