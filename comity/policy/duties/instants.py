"""Several facts of one moment: which of them counts first is said by what they mean, never by their ids.

For each duty by itself. What it needs to be known comes first, then what opens it, then what ends it: the answer to a
question of the same second is an answer, whichever was noted first.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from comity.policy.duties.matter import DutyState
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import Fact
from comity.policy.matching import accepted
from comity.policy.rulebook import Rulebooks


def by_moment(facts: Sequence[Fact]) -> Iterator[tuple[int, Sequence[Fact]]]:
    """Yield the facts of each moment, with the place of the first; what a breach brought comes alone, and last."""
    begin = 0
    while begin < len(facts):
        end = begin + 1
        while end < len(facts) and facts[end].at == facts[begin].at:
            end += 1
        if end == begin + 1:
            yield begin, facts[begin:end]
        else:
            here = [fact for fact in facts[begin:end] if not fact.follows]
            if here:
                yield begin, here
            brought = [fact for fact in facts[begin:end] if fact.follows]
            yield from ((end - len(brought) + number, [fact]) for number, fact in enumerate(brought))
        begin = end


def rules(books: Rulebooks, current: Iterable[DutyState], facts: Sequence[Fact]) -> list[str]:
    """Return the names of the rules that facts of one moment may bear on; one whose breach opens another before it.

    What such a breach opens may be done by the fact that showed it.
    """
    book = books.in_force(facts[0].at)
    opened = {rule.name for fact in facts for rule in (book.opened_by_kind.get(fact.kind, ()) if book else ())}
    names = {*opened, *(duty.rule for duty in current if duty.live)}
    chains = {each: _chain(books, facts[0], each) for name in names for each in _chain(books, facts[0], name)}
    return sorted(chains, key=lambda name: (-len(chains[name]), name))


def in_turn(books: Rulebooks, name: str, facts: Sequence[Fact]) -> list[Fact]:
    """Return facts of one moment in the order in which they count for a duty of the rule `name`."""
    rule = _rule(books, facts[0], name)
    return sorted(facts, key=lambda fact: _turn(rule, fact)) if rule is not None else list(facts)


def _rule(books: Rulebooks, fact: Fact, name: str) -> DutyRule | None:
    """Return the rule of that name, of the version in force or else of the newest that has it."""
    book = books.in_force(fact.at)
    if book is not None and name in book.by_name:
        return book.by_name[name]
    return next((book.by_name[name] for book in reversed(list(books)) if name in book.by_name), None)


def _chain(books: Rulebooks, fact: Fact, name: str) -> list[str]:
    """Return the duties that breaches open one after another, from `name` on."""
    chain = [name]
    while (rule := _rule(books, fact, chain[-1])) is not None and rule.breach.opens not in ("", *chain):
        chain.append(rule.breach.opens)
    return chain


def _turn(rule: DutyRule, fact: Fact) -> tuple[Any, ...]:
    opens = accepted(rule.opened_by, fact)
    # As one fact that is several of these: what is not known, then done, then not asked for any more.
    ways = (rule.unknown_by, rule.met_by, rule.waived_by, rule.voided_by)
    way = next((number for number, matches in enumerate(ways) if accepted(matches, fact)), None)
    if not opens and way is None and (fact.kind == rule.by_fact or accepted(rule.anew_after, fact)):
        rank = 0
    elif opens and way is None:
        rank = 1
    elif way is None or opens:
        rank = 2
    else:
        rank = 3
    return (rank, way or 0, *((fact.id,) if opens and way is not None else said(fact)))


def said(fact: Fact) -> tuple[Any, ...]:
    """Return by what the first of those is found that mean the same: what they say, ids where they say the same."""
    return (fact.kind, fact.subject, sorted((name, repr(value)) for name, value in fact.data.items()), fact.id)
