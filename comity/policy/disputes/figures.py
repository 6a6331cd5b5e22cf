"""Figures of disputes: lengths, shares that say how sure they are, deciders, and whether like cases end alike. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb
from statistics import median
from typing import NamedTuple

from comity.policy.disputes.case import Case
from comity.policy.disputes.fold import steps
from comity.policy.facts import Fact
from comity.policy.standards.rates import interval

#: Of fewer, no share and no median of a decider is told: chance would speak.
LEAST = 10
_REVERSED = ("changed", "sent_back")


@dataclass(frozen=True, slots=True)
class Share:
    """So many `part` of so many `of`."""

    part: int
    of: int

    @property
    def is_told(self) -> bool:
        """Whether they are enough to tell a rate."""
        return self.of >= LEAST

    @property
    def rate(self) -> float | None:
        """The share, 0 to 1; None where they are too few."""
        return self.part / self.of if self.is_told else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Its 95 % interval; None where they are too few."""
        return interval(self.part, self.of) if self.is_told else None


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long something took: of `n`, the median and the mean."""

    n: int
    median: timedelta
    mean: timedelta


def lengths(took: Sequence[timedelta]) -> Lengths | None:
    """Return the median and the mean of lengths of time; None where there are none."""
    if not took:
        return None
    middle = timedelta(seconds=median(each.total_seconds() for each in took))
    return Lengths(len(took), middle, sum(took, timedelta(0)) / len(took))


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision of a person, and what became of it.

    dispute      the case, as facts name it
    agent        who decided, as role:id
    at           when it was written, `fact` the fact by which it left
    took         since the decider took the case; None where nobody told when
    corrections  slips that were mended
    appeals      filed against it; `heard`: of these decided, `reversed`: of those changed or sent back
    """

    dispute: str
    agent: str
    at: datetime
    fact: str
    outcome: str
    row: str
    deviates: bool
    took: timedelta | None = None
    corrections: int = 0
    appeals: int = 0
    heard: int = 0
    reversed: int = 0


def rulings(facts: Iterable[Fact], ref: str) -> list[Ruling]:
    """Return what people decided in a dispute, in the order of time; `facts`: of its order, in that order.

    What silence, facts alone or an appeal decided is no ruling of a decider's.
    """
    before: Case | None = None
    begun: dict[str, tuple[datetime, timedelta | None]] = {}
    mended: Counter[str] = Counter()
    for fact, case in steps(facts, ref):
        if fact.kind == "dispute.decided" and before is not None:
            at = before.drafted_at or fact.at
            begun[fact.id] = (at, at - before.taken_at if before.taken_at is not None else None)
        elif fact.kind == "dispute.corrected" and case.decision is not None:
            mended[case.decision.fact] += 1
        before = case
    return list(_rulings(before, begun, mended)) if before is not None else []


def _rulings(
    case: Case, begun: Mapping[str, tuple[datetime, timedelta | None]], mended: Mapping[str, int]
) -> Iterator[Ruling]:
    for decision in case.decisions:
        if decision.because != "mediator" or not decision.agent or decision.fact not in begun:
            continue
        at, took = begun[decision.fact]
        results = [appeal.result for appeal in case.appeals if appeal.against == decision.fact]
        yield Ruling(
            dispute=case.ref, agent=decision.agent, at=at, fact=decision.fact, outcome=decision.outcome,
            row=decision.row, deviates=decision.deviates, took=took, corrections=mended.get(decision.fact, 0),
            appeals=len(results), heard=sum(map(bool, results)), reversed=sum(each in _REVERSED for each in results),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """How somebody decides, or all do (`agent` is empty then).

    took        from taking a case to writing its decision; None where they are too few
    for_buyer   of all that were decided; `deviating`: of those under a row of the table
    corrected, appealed   of all that were decided
    reversed    of the appeals that were decided
    """

    agent: str
    n: int
    took: Lengths | None
    for_buyer: Share
    deviating: Share
    corrected: Share
    appealed: Share
    reversed: Share


def line(agent: str, decided: Sequence[Ruling]) -> Line:
    """Return how `agent` decides, by these rulings."""
    n = len(decided)
    took = [each.took for each in decided if each.took is not None]
    return Line(
        agent=agent,
        n=n,
        took=lengths(took) if len(took) >= LEAST else None,
        for_buyer=Share(sum(each.outcome == "buyer" for each in decided), n),
        deviating=Share(sum(each.deviates for each in decided), sum(bool(each.row) for each in decided)),
        corrected=Share(sum(each.corrections > 0 for each in decided), n),
        appealed=Share(sum(each.appeals > 0 for each in decided), n),
        reversed=Share(sum(each.reversed for each in decided), sum(each.heard for each in decided)),
    )


def lines(decided: Iterable[Ruling]) -> list[Line]:
    """Return a line for each who decided, those with most decisions first."""
    by_agent: defaultdict[str, list[Ruling]] = defaultdict(list)
    for each in decided:
        by_agent[each.agent].append(each)
    return sorted((line(agent, own) for agent, own in by_agent.items()), key=lambda each: (-each.n, each.agent))


class Alike(NamedTuple):
    """What like cases have in common: the version of the rulebook, the row, and what the facts filled in of inputs."""

    rulebook: str
    row: str
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Decisions of like cases. `by_deviation`: without those that deviate from the row, all would agree."""

    alike: Alike
    rulings: tuple[Ruling, ...]

    @property
    def agrees(self) -> bool:
        """Whether all have one outcome."""
        return len({each.outcome for each in self.rulings}) < 2

    @property
    def by_deviation(self) -> bool:
        """Whether they disagree, and only by decisions that say why they deviate."""
        return not self.agrees and len({each.outcome for each in self.rulings if not each.deviates}) < 2


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of decisions of like cases: so many `n`, of which so many are the `same`. `by`: what else a pair shares."""

    by: str
    n: int
    same: int


#: What pairs are told apart by.
PAIRS = ("all", "one_decider", "two_deciders", "one_month", "two_months")


@dataclass(frozen=True, slots=True)
class Consistency:
    """Whether like cases end alike.

    groups        of the groups of at least two like cases, those in which all agree
    by_deviation  of those that disagree, where only a deviation is the reason
    pairs         of PAIRS
    apart         the groups that disagree, the largest first
    decisions     that were compared: with a row; `rowless`: those that no row spoke of
    deviating     of the compared, those that deviate from their row with a reason
    """

    groups: Share
    by_deviation: int
    pairs: tuple[Pairs, ...]
    apart: tuple[Group, ...]
    decisions: int
    rowless: int
    deviating: Share


def consistency(decided: Iterable[tuple[Alike, Ruling]]) -> Consistency:
    """Return whether like cases end alike. Of a case that was decided more than once, only the last decision counts."""
    last = {ruling.dispute: (alike, ruling) for alike, ruling in sorted(decided, key=lambda each: each[1].at)}
    of: defaultdict[Alike, list[Ruling]] = defaultdict(list)
    for alike, ruling in last.values():
        if alike.row:
            of[alike].append(ruling)
    groups = [Group(alike, tuple(found)) for alike, found in of.items() if len(found) > 1]
    apart = sorted((each for each in groups if not each.agrees), key=lambda each: (-len(each.rulings), each.alike))
    compared = [ruling for found in of.values() for ruling in found]
    return Consistency(
        groups=Share(len(groups) - len(apart), len(groups)),
        by_deviation=sum(each.by_deviation for each in apart),
        pairs=_pairs(groups),
        apart=tuple(apart),
        decisions=len(compared),
        rowless=len(last) - len(compared),
        deviating=Share(sum(each.deviates for each in compared), len(compared)),
    )


def _pairs(groups: Sequence[Group]) -> tuple[Pairs, ...]:
    every, same = _alike(groups, _nothing), _alike(groups, _nothing, same=True)
    found = [Pairs("all", every, same)]
    for one, two, name in (("one_decider", "two_deciders", _decider), ("one_month", "two_months", _month)):
        n, alike = _alike(groups, name), _alike(groups, name, same=True)
        found += [Pairs(one, n, alike), Pairs(two, every - n, same - alike)]
    return tuple(found)


def _alike(groups: Sequence[Group], name: Callable[[Ruling], Hashable], *, same: bool = False) -> int:
    """Return how many pairs of like cases share a name, and where `same` the outcome.

    Pairs are counted, not made: two thousand like cases have two million.
    """
    named = (Counter((name(each), each.outcome if same else "") for each in group.rulings) for group in groups)
    return sum(comb(n, 2) for counted in named for n in counted.values())


def _nothing(each: Ruling) -> Hashable:
    return ""


def _decider(each: Ruling) -> Hashable:
    return each.agent


def _month(each: Ruling) -> Hashable:
    return each.at.year, each.at.month
