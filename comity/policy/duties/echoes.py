"""Facts of one moment that change nothing, for one that means the same comes before them.

Of a crowd of messages in one second the first question opens a duty and the first answer meets it; where they come one
by one, each of the others would have its whole matter judged anew only to find that it changes nothing. What comes
behind another of the same meaning in `instants.in_turn` is an echo of it: what that one opened is open, and what it
ended has ended. Where more than this decides, such as which deadline a fact names, nothing is called an echo.
"""

from datetime import datetime

from comity.policy.duties.instants import said
from comity.policy.facts import NO_REPLY, Fact
from comity.policy.matching import accepted
from comity.policy.rulebook import Rulebooks

#: What a fact means to every duty of every version: the facts of one meaning differ by what they say alone.
Meaning = tuple[object, ...]


class Echoes:
    """The first fact of each meaning, of a matter's facts at its newest moment. Facts are taken as they are judged."""

    __slots__ = ("_first", "at")

    def __init__(self, at: datetime):
        self.at = at
        #: None: a fact of this moment looks at the others, so that each counts.
        self._first: dict[Meaning, tuple[object, ...]] | None = {}

    def take(self, books: Rulebooks, fact: Fact, *, looks_back: bool) -> bool:
        """Take up a fact of the moment, and return whether it is an echo of one that was taken before."""
        if looks_back or fact.kind == NO_REPLY or fact.follows or "of" in fact.data:
            self._first = None
        if self._first is None:
            return False
        meaning = _meaning(books, fact)
        if meaning is None:
            return False
        place = said(fact)
        first = self._first.get(meaning)
        if first is not None and first < place:
            return True
        self._first[meaning] = place
        return False


def _meaning(books: Rulebooks, fact: Fact) -> Meaning | None:
    """Return what a fact means to every duty; None where it may count beside one that means the same."""
    found: list[object] = [fact.kind, fact.subject, fact.data.get("dispute")]
    for book in books:
        for rule in book.duties:
            if fact.kind in rule.mentioned:
                opens = accepted(rule.opened_by, fact)
                ways = (rule.met_by, rule.waived_by, rule.voided_by, rule.unknown_by)
                ends = [accepted(matches, fact) for matches in ways]
                if fact.kind == rule.by_fact or accepted(rule.anew_after, fact):
                    return None
                if opens and (rule.by or any(ends)):
                    return None
                found.append((opens, *ends, accepted(rule.not_after, fact), accepted(rule.broken_by, fact)))
    return tuple(found)
