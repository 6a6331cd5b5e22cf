"""Two rulebooks side by side: rule by rule, a history that both judge, and the first thing that differs.

What is compared is what the judge itself makes of it; nothing here knows which key means what. That no history is found
is no proof: `MOST_FACTS` bounds the search.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

import msgspec

from comity.lib import moments
from comity.policy.disputes import openings
from comity.policy.disputes.rule import DisputeRules
from comity.policy.facts import KINDS, Fact, problems
from comity.policy.memory import Memory, Stuck
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions import points
from comity.policy.standards import rating
from comity.policy.standards.rule import StandardRule
from comity.rulebooks import words
from comity.rulebooks.workbench.cases import PARTY, matter_of
from comity.rulebooks.workbench.histories import Histories
from comity.rulebooks.workbench.pairs import Pair
from comity.rulebooks.workbench.saying import wall, written

#: How many facts are judged in search of one history, and how many histories at the most.
MOST_FACTS, MOST_HISTORIES = 12_000, 600
#: Of so few facts each is made plainer, too.
MOST_PLAIN = 12
#: How long after the last fact is looked, beyond the longest length of the rule; and how long at the most.
_AFTER, _AT_MOST = timedelta(days=40), timedelta(days=800)
_TICK = timedelta(microseconds=1)
#: At how many evaluations a standard is read.
_LOOKS = 4
#: What a ruling says of itself alone, or what no reader can compare.
_UNSAID = frozenset({"at", "matter", "rule", "rulebook", "key", "because", "subject", "opened_by", "next_at", "warned",
                     "seen", "quiet", "origin"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contrast:
    """A history that two rulebooks treat differently: its lines as worked cases have them, and the first difference."""

    lines: tuple[str, ...]
    before: str
    after: str


def contrast(pair: Pair) -> Contrast | None:
    """Return a small history that the pair treats differently, or None where none was found."""
    histories, judged = Histories(pair.of, f"{pair.kind} {pair.name}"), 0
    for _ in range(MOST_HISTORIES):
        facts = histories.one(lambda so_far: _pending(pair, so_far))
        judged += len(facts)
        if facts and _difference(pair, facts) is not None:
            small = _smaller(pair, facts)
            before, after = _difference(pair, small) or ("", "")
            return Contrast(tuple(line(fact, pair.of.zone) for fact in small), before, after)
        if judged > MOST_FACTS:
            break
    return None


def _smaller(pair: Pair, facts: list[Fact]) -> list[Fact]:
    """Leave out what is not needed: halves first, then one fact after another, then what each says beside."""
    size = max(1, len(facts) // 2)
    while size:
        place = 0
        while place < len(facts):
            fewer = facts[:place] + facts[place + size :]
            if fewer and _difference(pair, fewer) is not None:
                facts = fewer
            else:
                place += size
        size //= 2
    for place in range(len(facts) if len(facts) <= MOST_PLAIN else 0):
        for plainer in _plainer(facts[place]):
            tried = [*facts[:place], plainer(facts[place]), *facts[place + 1 :]]
            if not any(problems(tried[place])) and _difference(pair, tried) is not None:
                facts = tried
    return facts


def _plainer(fact: Fact) -> Iterator[Callable[[Fact], Fact]]:
    """Yield ways to say less: noted at once, and without one field."""
    if fact.noted_at != fact.at:
        yield lambda each: msgspec.structs.replace(each, noted_at=each.at)
    for name in fact.data:
        yield lambda each, name=name: msgspec.structs.replace(  # type: ignore[misc]
            each, data={key: value for key, value in each.data.items() if key != name}
        )


# What is seen


def _difference(pair: Pair, facts: Sequence[Fact]) -> tuple[str, str] | None:
    """Return the first thing that the two say differently of the same facts, in words; None where they agree."""
    until = facts[-1].noted_at + min(pair.of.lengths[-1] + _AFTER, _AT_MOST) if facts else pair.of.begins
    try:
        one, other = (_seen(book, pair, facts, until) for book in (pair.old, pair.new))
    except (LookupError, ValueError, TypeError, Stuck):  # one of the two cannot judge it without its other rules
        return None
    for was, now in zip_longest(one, other, fillvalue=None):
        if was != now:
            # Where one has ruled and the other has not, the later of two things is not what differs.
            if was and now and was[0] != now[0]:
                was, now = (was, None) if was[0] < now[0] else (None, now)
            return tuple(each[1] if each else "nothing" for each in (was, now))  # type: ignore[return-value]
    return None


def _seen(book: Rulebook, pair: Pair, facts: Sequence[Fact], until: datetime) -> list[tuple[datetime, str]]:
    """Return what one rulebook makes of the facts: moments and words, in the order of time."""
    if pair.kind == "disputes":
        return list(_of_dispute(book.dispute, facts, pair.of.begins, pair.of.zone)) if book.dispute else []
    memory = Memory(Rulebooks([book]), PARTY)
    rulings: list[Ruling] = []
    seen: list[tuple[datetime, str]] = []
    for fact in facts:
        rulings += memory.note(fact)
        seen += _stands(book, pair, memory, fact.noted_at)
    at = facts[-1].noted_at
    if (rule := book.standards.get(pair.name)) is not None:
        for _ in range(_LOOKS):
            at = rule.evaluated.after(at)
            rulings += memory.turn(at + _TICK)
            seen.append((at, _read(book, rule, memory, at)))
    rulings += memory.turn(max(until, at))
    seen += _stands(book, pair, memory, max(until, at))
    return sorted([(each.at, _said(each, book, pair.of.zone)) for each in rulings] + seen, key=lambda each: each[0])


def _stands(book: Rulebook, pair: Pair, memory: Memory, at: datetime) -> Iterator[tuple[datetime, str]]:
    if pair.kind == "ledger" and pair.name in book.ledgers:
        stands = points.standing(book, pair.name, memory.charges.values(), at, memory.counting)
        yield at, f"{_moment(at, pair.of.zone)} {pair.name} stands at {stands}"


def _read(book: Rulebook, rule: StandardRule, memory: Memory, at: datetime) -> str:
    verdict = rating.verdict_at(book, rule, at, memory.counting, memory.of("peer").values())
    read = verdict.outcome.telling
    level = rule.levels[verdict.level].name if verdict.level is not None else "no level"
    return f"{rule.name} on {words.ENGLISH.moment(at)}: {read.faulty} faulty of {read.counted}, {level}"


def _of_dispute(
    rules: DisputeRules, facts: Sequence[Fact], begins: datetime, zone: str
) -> Iterator[tuple[datetime, str]]:
    if rules.hold is not None:
        leaves = rules.hold.leaves(begins + timedelta(hours=12))
        yield (
            begins,
            f"a decision of {_moment(begins + timedelta(hours=12), zone)} leaves {_moment(leaves, zone)}",
        )
    for number, fact in enumerate(facts, start=1):
        so_far = sorted(facts[:number], key=lambda each: each.place)
        for name in rules.reasons or ("",):
            window = openings.window_of(rules, name, so_far)
            begin, end = (_moment(each, zone) for each in (window.begin, window.end))
            yield fact.at, f"a dispute{name and f' for {name}'} may be opened from {begin} until {end}"
        if phase := openings.phase(rules, so_far):
            may = "; ".join(f"{side}: {', '.join(sorted(verbs))}" for side, verbs in sorted(phase.may.items()))
            for verb in phase.after:
                may += f"; {verb} from {_moment(phase.from_when(verb, fact.at), zone)}"
            yield fact.at, f"in {phase.name} {may}"
        until = openings.appeal_until(rules, so_far, zone)
        yield fact.at, f"the decision may be appealed against until {_moment(until, zone)}"
        received = openings.received_at(rules, so_far)
        yield fact.at, f"the order counts as received on {_moment(received, zone)}"


def _said(ruling: Ruling, book: Rulebook, zone: str) -> str:
    """A ruling as codes and values; a measure in full."""
    said = [ruling.kind, ruling.rule]
    for name in ruling.__struct_fields__:
        value = getattr(ruling, name)
        if name not in _UNSAID and value not in (None, "", False):
            said.append(f"{name} {_moment(value, zone) if isinstance(value, datetime) else value}")
    origin, at = getattr(ruling, "origin", None), getattr(ruling, "rung", None)
    if origin is not None and at is not None:
        rung = book.rung(origin, at)
        said.append(f"{words.measure(rung)}, appeals {', '.join(map(words.length, rung.appeals)) or 'none'}")
    if ruling.rule in book.by_name:
        said.append(f"(the {book.by_name[ruling.rule].who}'s)")
    return f"{_moment(ruling.at, zone)} " + " ".join(said)


def _moment(at: datetime | None, zone: str) -> str:
    return wall(at, zone) if at is not None else "never"


def _pending(pair: Pair, facts: Sequence[Fact]) -> list[datetime]:
    """Return the deadlines by both, and when charges end."""
    found: list[datetime] = []
    for book in (pair.old, pair.new):
        memory = Memory(Rulebooks([book]), PARTY)
        try:
            for fact in facts if len(facts) <= 6 else ():
                memory.note(fact)
        except (LookupError, ValueError, TypeError, Stuck):
            continue
        found += [duty.due for duty in memory.all_duties()]
        found += [charge.expires_at for charge in memory.charges.values()]
        for measure in memory.measures.values():
            found += [each for each in (measure.effective_at, measure.until) if each is not None]
    return sorted(set(found))


def line(fact: Fact, zone: str) -> str:
    """Return a fact as a worked case has it."""
    said = [wall(fact.at, zone), fact.kind]
    types = {name.rstrip("_"): field.type for name, field in KINDS[fact.kind].fields.items()}
    for name, value in fact.data.items():
        shown = wall(moments.parse(str(value)), zone) if types.get(name) is datetime else value
        said.append(f"{name}={written(shown)}")
    said.append(f"on={fact.subject}")
    said += [f"of={fact.matter}"] if fact.matter != matter_of(fact.subject) else []
    said += [f"noted={written(wall(fact.noted_at, zone))}"] if fact.noted_at != fact.at else []
    return " ".join(said)
