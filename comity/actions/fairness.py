"""Who is under measures: by size, age, country and category of sellers, with intervals; and what becomes of appeals.

A difference between groups is a question, not an answer: of small groups nothing is told, and each share has its
interval. And how often each standard would flag who keeps its limit, by chance.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.actions.guard import Actor, require
from comity.history import chances
from comity.policy.disputes.figures import Lengths, Share, lengths
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.appeals import fold
from comity.policy.sanctions.measures import MEASURES, WEIGHTS
from comity.policy.standards.rule import StandardRule
from comity.records import fairness, rulebooks, statements
from comity.records.fairness import Seller

DAYS, MOST_DAYS = 365, 1_095
_DAY = timedelta(days=1)
#: Of fewer days than these nobody's year is guessed.
_LEAST_DAYS = 30
#: Orders in the time from which on a seller belongs to a group, and days since he joined.
SIZES, AGES = (0, 1, 10, 100, 1_000), (0, 90, 365)
#: What a seller can have come under, by how heavy it is.
LEVELS: dict[str, Callable[[str], bool]] = {
    "warned": lambda measure: measure == "warning",
    "restricted": lambda measure: WEIGHTS["warning"] < WEIGHTS[measure] < WEIGHTS["freeze"],
    "stopped": lambda measure: WEIGHTS[measure] >= WEIGHTS["freeze"],
}


@dataclass(frozen=True, slots=True)
class Group:
    """Sellers that have something in common, and how many of them came under a measure of each level that stands.

    of    size, age, country or category
    name  the least of orders or days, the country as ISO 3166, or the category of most orders in the time, as the shop
          calls it; empty where it is not known
    """

    of: str
    name: str
    sellers: int
    shares: dict[str, Share]


@dataclass(frozen=True, slots=True)
class Keepers:
    """What chance would do to sellers of one size, if each kept exactly the limit of a level: simulated for a year.

    size      the least of orders in the time
    sellers   how many are of that size; `judged`: of them, those with enough orders to be judged at all
    raw       of the sellers, the share that would be flagged by the rate alone; `certain`: by evidence, None where the
              limit is no test of one rate over one window
    """

    rule: StandardRule
    level: int
    size: int
    sellers: int
    judged: int
    raw: float
    certain: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What is counted of the `days` before `at`.

    placed     measures that were placed; `automatic`: of them, without a person; `taken_back`: what does not stand
    appealed   measures against which an appeal was filed
    fell       of the appeals that were decided; `shortened` likewise; `took`: how long the decisions took
    keepers    by standard in force, level and size of sellers, where a chance can be told
    """

    at: datetime
    days: int
    groups: tuple[Group, ...]
    placed: int
    by_measure: tuple[tuple[str, int], ...]
    automatic: Share
    taken_back: Share
    appealed: Share
    fell: Share
    shortened: Share
    took: Lengths | None
    keepers: tuple[Keepers, ...]


def report(actor: Actor, *, days: int = DAYS, at: datetime) -> Report:
    """Return the report of the last `days`, at most MOST_DAYS. Raises Forbidden."""
    require(actor, "fairness.read", at=at)
    days = min(max(days, 1), MOST_DAYS)
    since = at - days * _DAY
    people = fairness.sellers(since, at)
    sellers = {each.key for each in people}
    placed_on_all = fairness.counted(since, at)
    bad = [each for each in placed_on_all if each.party in sellers and not MEASURES[each.measure].is_good]
    placed = sum(each.n for each in bad)
    appeals = _appeals(since, at)
    decided = [(result, took) for result, took in appeals if result]
    return Report(
        at=at,
        days=days,
        groups=tuple(_groups(people, {(each.party, each.measure) for each in bad if each.stands}, at)),
        placed=placed,
        by_measure=tuple((name, n) for name in MEASURES if (n := sum(each.n for each in bad if each.measure == name))),
        automatic=Share(sum(each.n for each in bad if each.automatic), placed),
        taken_back=Share(sum(each.n for each in bad if not each.stands), placed),
        appealed=Share(len(appeals), placed),
        fell=Share(sum(result == "falls" for result, _ in decided), len(decided)),
        shortened=Share(sum(result == "shortened" for result, _ in decided), len(decided)),
        took=lengths([took for _, took in decided if took is not None]),
        keepers=tuple(_keepers(people, days, at)),
    )


def _appeals(since: datetime, until: datetime) -> list[tuple[str, timedelta | None]]:
    """Return what became of each appeal that was filed in the time, and how long that took; "" while it is open."""
    pairs = [(party, matter.replace("sanction:", "appeal:", 1)) for party, matter in fairness.appealed(since, until)]
    by_matter: dict[tuple[int, str], list[Fact]] = {}
    found: list[tuple[str, timedelta | None]] = []
    for party, fact in statements.facts_of_pairs(pairs) if pairs else ():
        by_matter.setdefault((party, fact.matter), []).append(fact)
    for facts in by_matter.values():
        for appeal in fold(facts):
            if since <= appeal.filed_at < until and appeal.withdrawn_at is None:
                took = appeal.decided_at - appeal.filed_at if appeal.decided_at else None
                found.append((appeal.result, took))
    return found


def _groups(people: Sequence[Seller], came_under: Iterable[tuple[int, str]], at: datetime) -> Iterable[Group]:
    under: dict[str, set[int]] = {level: set() for level in LEVELS}
    for party, measure in came_under:
        for level, fits in LEVELS.items():
            if fits(measure):
                under[level].add(party)
    ways: dict[str, Callable[[Seller], str]] = {
        "size": lambda each: str(_size(each)),
        "age": lambda each: str(max(age for age in AGES if age * _DAY <= at - each.joined_at)),
        "country": lambda each: each.country,
        "category": lambda each: each.category,
    }
    for of, way in ways.items():
        members: dict[str, list[int]] = {}
        for each in people:
            members.setdefault(way(each), []).append(each.key)
        for name in sorted(members, key=lambda name: (len(name), name)):
            mine = members[name]
            shares = {level: Share(len(under[level].intersection(mine)), len(mine)) for level in LEVELS}
            yield Group(of, name, len(mine), shares)


def _keepers(people: Sequence[Seller], days: int, at: datetime) -> Iterator[Keepers]:
    """Yield what chance would do to keepers of each limit; sellers without orders in the time are left out.

    A seller's orders of the time, or of what he was here of it, as many in a year, stand for what a standard counts of
    him. Each limit costs up to
    ten simulations of some 30 ms when it is first looked at; then they are kept.
    """
    book = rulebooks.current().in_force(at)
    if book is None:
        return
    by_size: dict[int, Counter[int]] = {}
    for each in people:
        if each.orders:
            by_size.setdefault(_size(each), Counter())[chances.nearest(_a_year(each, days, at))] += 1
    for rule in book.standards.values():
        for place, level in enumerate(rule.levels):
            if rule.who == "seller" and level.bites and chances.can_tell(rule, level):
                for size, volumes in sorted(by_size.items()):
                    yield _of_size(book, rule, place, size, volumes)


def _a_year(seller: Seller, days: int, at: datetime) -> float:
    """Return how many orders a year a seller has: of who joined lately, by the days since then, at least 30."""
    here = max((at - seller.joined_at) / _DAY, _LEAST_DAYS)
    return seller.orders * 365 / min(days, here)


def _of_size(book: Rulebook, rule: StandardRule, place: int, size: int, volumes: Mapping[int, int]) -> Keepers:
    told = {volume: chances.chance(book, rule.name, place, volume) for volume in volumes}
    judged = {volume: chance for volume, chance in told.items() if chance is not None}
    of = sum(volumes.values())
    certain = [chance.certain * volumes[volume] for volume, chance in judged.items() if chance.certain is not None]
    return Keepers(
        rule, place, size, of, sum(volumes[volume] for volume in judged),
        sum(chance.raw * volumes[volume] for volume, chance in judged.items()) / of,
        sum(certain) / of if len(certain) == len(judged) else None,
    )  # fmt: skip


def _size(seller: Seller) -> int:
    return max(size for size in SIZES if size <= seller.orders)
