"""Standards tried on the past: who would have been warned by the raw rate, who by evidence, and what came of them.

The rules are the product's own, from a rulebook (BOOK) that differs in `decides` alone; rows, windows and limits are
counted by `policy.standards`. Time is cut into periods as long as the window, from when the rulebook came into force:
for `certain` these are its seasons. Each night of a period is an evaluation, as live.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from comity.history.errors import BadFile
from comity.policy.disputes.figures import Share
from comity.policy.facts import Fact
from comity.policy.memory import fold
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.standards import levels
from comity.policy.standards.counting import rows_of_duty, rows_of_fact
from comity.policy.standards.running import Tallies
from comity.policy.standards.tally import Counting
from comity.rulebooks.language.parse import parse

TESTS = ("raw", "certain")
STANDARDS = ("late_handover", "low_reviews")
#: The least of orders counted with which a seller belongs to a band of size.
BANDS = (1, 10, 100, 1_000)
PERIOD = timedelta(days=90)
BOOK = """
name = "backtest"
version = "{decides}"
in_force_from = {since}
[[duty]]
name = "dispatch"
title = "Hand the order over in time"
who = "seller"
each = "order"
opened_by = {{ fact = "order.paid" }}
met_by = {{ fact = "shipment.handed_over" }}
unknown_by = {{ fact = "shipment.handed_over", where = {{ date_known = false }} }}
voided_by = {{ fact = "order.cancelled" }}
counts_before = true
by = "dispatch_by"
[[standard]]
name = "late_handover"
of_duty = "dispatch"
basis = "due"
window = "90 days"
evaluated = "daily"
decides = "{decides}"
limit = {{ rate = "<= {limit}%", at_least = {at_least} }}
{error}
[[standard]]
name = "low_reviews"
counted = {{ fact = "review.written" }}
faulty = {{ fact = "review.written", where = {{ score = [1, 2] }} }}
window = "90 days"
evaluated = "daily"
decides = "{decides}"
limit = {{ rate = "<= {limit}%", at_least = {at_least} }}
{error}
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A seller by one standard: orders counted in all and in each period, and where each test flags.

    flagged  by test and period: on some night of it, by all orders that the window then covers
    later    likewise, by the orders of that period alone: what came before it has no part in it
    """

    orders: int
    counted: tuple[int, ...]
    flagged: Mapping[str, tuple[bool, ...]]
    later: Mapping[str, tuple[bool, ...]]


@dataclass(frozen=True, slots=True)
class Band:
    """Sellers with at least `least` orders counted, and fewer than the next band: the share of them ever flagged."""

    least: int
    flagged: Share


@dataclass(frozen=True, slots=True)
class Tried:
    """How one test did by one standard.

    flagged    of the sellers of whom an order counts
    gone       seller-periods flagged after which no order of the seller counts in the next: nothing is known of them
    precision  of those flagged in a period: flagged in the next by its orders alone, by each test
    recall     of those flagged in a period by its orders alone, by each test: flagged in the period before
    """

    bands: tuple[Band, ...]
    flagged: Share
    gone: int
    precision: Mapping[str, Share]
    recall: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Backtest:
    """Sellers of the past, seen by both tests, from `since` on for so many `periods`."""

    since: datetime
    periods: int
    seen: Mapping[str, Sequence[Seen]]

    def tried(self, standard: str, test: str) -> Tried:
        """Return how a test did by a standard."""
        sellers = [each for each in self.seen[standard] if each.orders]
        turns = [turn for each in sellers for turn in _turns(each, test)]
        both = [turn for turn in turns if turn.stayed]
        return Tried(
            bands=tuple(_bands(sellers, test)),
            flagged=_share(any(each.flagged[test]) for each in sellers),
            gone=sum(turn.flagged for turn in turns if not turn.stayed),
            precision={by: _share(turn.later[by] for turn in both if turn.flagged) for by in TESTS},
            recall={by: _share(turn.flagged for turn in both if turn.later[by]) for by in TESTS},
        )


@dataclass(frozen=True, slots=True)
class _Turn:
    """From one period of a seller with orders to the next."""

    flagged: bool
    later: Mapping[str, bool]
    stayed: bool


def _turns(seen: Seen, test: str) -> Iterator[_Turn]:
    for now, following in pairwise(range(len(seen.counted))):
        if seen.counted[now]:
            later = {by: seen.later[by][following] for by in TESTS}
            yield _Turn(seen.flagged[test][now], later, bool(seen.counted[following]))


def _share(of: Iterable[bool]) -> Share:
    each = list(of)
    return Share(sum(each), len(each))


def _bands(sellers: Sequence[Seen], test: str) -> Iterator[Band]:
    for place, least in enumerate(BANDS):
        below = BANDS[place + 1] if place + 1 < len(BANDS) else None
        mine = [each for each in sellers if each.orders >= least and (below is None or each.orders < below)]
        yield Band(least, _share(any(each.flagged[test]) for each in mine))


def books(since: datetime, *, limit: float = 5, error: float = 0.05, at_least: int = 1) -> Mapping[str, Rulebook]:
    """Return the rulebook of each test: a limit in per cent, of `certain` the chance of being wrong.

    Raises language.reading.BadRulebook where the numbers make no limit.
    """
    given = {"since": since.date().isoformat(), "limit": f"{limit:f}", "at_least": at_least}
    wrong = {"raw": "", "certain": f'error = "{error * 100:f}%"'}
    return {test: parse(BOOK.format(decides=test, error=wrong[test], **given)) for test in TESTS}


def backtest(parties: Mapping[str, Sequence[Fact]], rules: Mapping[str, Rulebook], *, until: datetime) -> Backtest:
    """Look at sellers of the past through both rulebooks, on every night of every whole period before `until`.

    parties  the facts of each seller in the order of time
    """
    since = rules["raw"].in_force_from
    periods = (until - since) // PERIOD
    seen: dict[str, list[Seen]] = {name: [] for name in STANDARDS}
    # Judged without standards: their evaluations are held here, by both tests on the same rows.
    judging = Rulebooks([replace(rules["raw"], standards={})])
    for party, facts in parties.items():
        rows = _rows(rules["raw"], judging, party, facts, since + periods * PERIOD)
        for name in STANDARDS:
            seen[name].append(_seen(name, rules, rows, since, periods))
    return Backtest(since, periods, seen)


def by_party(facts: Iterable[Fact]) -> Mapping[str, Sequence[Fact]]:
    """Return the facts of each party, in the order in which they come."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.party, []).append(fact)
    return found


def _rows(book: Rulebook, judging: Rulebooks, party: str, facts: Sequence[Fact], until: datetime) -> Tallies:
    known = [fact for fact in facts if fact.noted_at < until]
    books, rows = Rulebooks([book]), Tallies()
    for duty in fold(judging, party, known, until=until).all_duties():
        for row in rows_of_duty(books, duty):
            rows.put(row, instead=True)
    for fact in known:
        for row in rows_of_fact(book, party, fact):
            rows.put(row)
    return rows


def _seen(name: str, rules: Mapping[str, Rulebook], rows: Tallies, since: datetime, periods: int) -> Seen:
    begins = [since + number * PERIOD for number in range(periods)]
    mine = [row for row in rows.rows.get(name, {}).values() if row.basis is not None]
    parts = [Tallies(row for row in mine if row.basis and begin <= row.basis < begin + PERIOD) for begin in begins]
    end = since + periods * PERIOD
    counted = tuple(
        part.count(name, (begin, begin + PERIOD), end).counted for begin, part in zip(begins, parts, strict=True)
    )
    flagged, later = {}, {}
    for test in TESTS:
        # A window may reach back into the period before.
        reached = [any(counted[max(number - 1, 0) : number + 1]) for number in range(periods)]
        flagged[test] = tuple(
            there and _is_flagged(rules[test], name, rows, begin) for there, begin in zip(reached, begins, strict=True)
        )
        later[test] = tuple(
            bool(n) and _is_flagged(rules[test], name, part, begin)
            for n, part, begin in zip(counted, parts, begins, strict=True)
        )
    return Seen(sum(counted), counted, flagged, later)


def _is_flagged(book: Rulebook, name: str, counting: Counting, begin: datetime) -> bool:
    """Whether the level is reached on some night of the period that begins at `begin`."""
    rule, at, end = book.standards[name], begin, begin + PERIOD
    while (at := rule.evaluated.after(at)) <= end:
        if levels.evaluate(rule, counting, at, since=book.in_force_from).level is not None:
            return True
    return False


def stretch_of(parties: Mapping[str, Sequence[Fact]]) -> tuple[datetime, datetime]:
    """Return where the first period begins and the last ends, midnights (UTC): whole periods up to the last order.

    What was noted after the last order was paid is left out: it would be of old orders alone. Raises BadFile where
    there are fewer than two periods.
    """
    paid = [fact.at for facts in parties.values() for fact in facts if fact.kind == "order.paid"]
    if not paid:
        raise BadFile("no order was paid: there is nothing to look at")
    end = max(paid).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    periods = (end - min(paid)) // PERIOD
    if periods < 2:
        days = (max(paid) - min(paid)).days
        raise BadFile(f"its orders cover {days} days; at least {2 * PERIOD.days} are needed, to see what came later")
    return end - periods * PERIOD, end
