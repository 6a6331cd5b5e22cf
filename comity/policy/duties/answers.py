"""Automatic answers of which the buyer said whether they helped.

One that was rejected counts as if it had not been written. Whoever is to answer then owes it since the question. The
time for which the answer stood counts against nobody: until it was rejected, there was nothing to do.

One that helped settles the question to which it was given, and no other.
"""

from collections.abc import Iterable, Sequence

from comity.policy.facts import ANSWERED, NO_REPLY, REJECTED, Fact
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
        if rejection is None or rejection.at < fact.at:
            kept.append(fact)
        elif rejection.at > fact.at:
            stood.append((fact.at, rejection.at, ANSWERED))
    return kept, stood


def settled(act: Fact, earlier: Iterable[Fact]) -> frozenset[str]:
    """Return the ids of the questions that need no answer any more, each said by itself, up to `act`.

    Empty where `act` is not about one question: then it is about all that was asked.
    """
    if act.kind != NO_REPLY or "of" not in act.data:
        return frozenset()
    return frozenset(str(fact.data["of"]) for fact in (*earlier, act) if fact.kind == NO_REPLY and "of" in fact.data)
