"""How reviews count: one that was removed counts as if it had not been written, one that was changed as it is now.

It does so since it was written, whenever the change is told: nobody is judged any longer by what is not so.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from comity.policy.facts import Fact, subject_kind
from comity.policy.facts.reviews import (
    ANSWERED,
    APPEAL_DECIDED,
    APPEALED,
    ASKED,
    DECLINED,
    REMOVED,
    REVISED,
    WRITTEN,
)
from comity.policy.matching import Match

#: Facts about reviews, and those of them that change how earlier ones count.
KINDS = frozenset({WRITTEN, REVISED, ANSWERED, ASKED, DECLINED, REMOVED, APPEALED, APPEAL_DECIDED})
CORRECTIONS = frozenset({REVISED, REMOVED, APPEAL_DECIDED})
_BY_ITS_WRITER = frozenset({WRITTEN, REVISED})
#: What is said of a review as long as it stands.
_SAID_OF_IT = frozenset({WRITTEN, REVISED, ANSWERED})


def writer(fact: Fact) -> str:
    """Return whose review a fact is about: the buyer's, where it does not say."""
    return str(fact.data.get(_names_writer(fact)) or "buyer")


def _names_writer(fact: Fact) -> str:
    return "by" if fact.kind in _BY_ITS_WRITER else "of"


def means(said: Fact, review: Fact) -> bool:
    """Whether what was said later is about a review that was written; without an id, about each of that side."""
    named = said.data.get("review")
    is_it = named is None or named == review.data.get("review")
    return is_it and said.at >= review.at and writer(said) == writer(review)


def as_they_stand(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Return the facts of a matter, in the order of time, without removed reviews and with scores as they are now.

    What was said of a removed review goes with it; that it was removed stays. One that was restored was never removed.
    """
    if not any(fact.kind in CORRECTIONS for fact in facts):
        return facts
    return list(_standing(facts))


def _standing(facts: Sequence[Fact]) -> Iterator[Fact]:
    removals = removals_of(facts)
    revisions = [fact for fact in facts if fact.kind == REVISED]
    for fact in facts:
        if fact.kind not in _SAID_OF_IT:
            yield fact
        elif any(removal.removes(fact) for removal in removals):
            continue
        elif fact.kind == WRITTEN and (last := [each for each in revisions if means(each, fact)]):
            yield replace(fact, data={**fact.data, "score": last[-1].data["score"]})
        else:
            yield fact


class Removal(NamedTuple):
    """That a review was removed, and the decisions that restored it."""

    fact: Fact
    restored: tuple[Fact, ...]

    def removes(self, review: Fact) -> bool:
        """Whether a review that was written is removed by it, and was not restored."""
        return means(self.fact, review) and not any(means(each, review) for each in self.restored)


def removals_of(facts: Sequence[Fact]) -> list[Removal]:
    """Return what was removed by facts of a matter in the order of time: by an agent, as long as nobody restored it."""
    decided = [fact for fact in facts if fact.kind == APPEAL_DECIDED and fact.data.get("result") == "restored"]
    return [
        Removal(fact, tuple(each for each in decided if fact.data.get("by") == "agent" and each.place > fact.place))
        for fact in facts
        if fact.kind == REMOVED
    ]


def in_time(known: Iterable[Fact], fact: Fact) -> list[Fact]:
    """Return the facts of a matter in the order of time, with one that may be among them already."""
    return sorted({each.id: each for each in (*known, fact)}.values(), key=lambda each: each.place)


def with_writer(fact: Fact) -> Fact:
    """Return a fact about a review that says whose it is, where it was left out."""
    name = _names_writer(fact)
    return fact if fact.data.get(name) else replace(fact, data={**fact.data, name: writer(fact)})


def asks_whose(matches: Iterable[Match]) -> bool:
    """Whether reviews are meant by whose they are."""
    fields = ({*match.where, *(test.field for test in match.tests)} for match in matches if match.fact in KINDS)
    return any({"by", "of"} & each for each in fields)


def is_own(party: str, fact: Fact) -> bool:
    """Whether a fact is about what `party` itself wrote: nobody is judged by how he rates others."""
    return writer(fact) == subject_kind(party)
