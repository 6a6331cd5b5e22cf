"""Automatic answers that the buyer rejected: they count as if they had not been written.

Whoever is to answer then owes it since the question. The time for which the answer stood counts against nobody: until
it was rejected, there was nothing to do.
"""

from collections.abc import Sequence

from comity.policy.facts import ANSWERED, REJECTED, Fact
from comity.policy.time.clocks import Stretch


def without_rejected(facts: Sequence[Fact]) -> tuple[Sequence[Fact], list[Stretch]]:
    """Return the facts of a matter without its rejected answers, and the stretches for which these had stood.

    Only what no person wrote can be rejected, and only after it was written; a rejection of anything else changes
    nothing.
    """
    rejections = {str(fact.data["of"]): fact for fact in facts if fact.kind == REJECTED}
    if not rejections:
        return facts, []
    kept: list[Fact] = []
    stood: list[Stretch] = []
    for fact in facts:
        rejection = rejections.get(fact.id) if fact.data.get("automatic") is True else None
        if rejection is None or rejection.place < fact.place:
            kept.append(fact)
        elif rejection.at > fact.at:
            stood.append((fact.at, rejection.at, ANSWERED))
    return kept, stood
