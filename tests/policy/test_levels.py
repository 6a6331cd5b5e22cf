"""What is read of a party in the windows of a standard, which levels that breaks, and which evaluations are held."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from math import exp, inf, log

import pytest

from comity.lib.moments import UTC
from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.standards import levels, sequential
from comity.policy.standards.counting import next_evaluation, night, stays
from comity.policy.standards.rates import Count, Reading
from comity.policy.standards.rating import evaluations, rate
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.rulings import OverturnRating, Rate
from comity.policy.standards.running import Tallies
from comity.policy.standards.tally import Tally
from comity.policy.time.clocks import Interval
from comity.rulebooks.language.parse import parse

HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\n'
STANDARD = '[[standard]]\nname = "s"\ncounted = { fact = "order.paid" }\nfaulty = { fact = "dispute.opened" }\n'
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return SINCE + timedelta(days=number)


def book(text: str, more: str = "") -> Rulebooks:
    return Rulebooks([parse(HEAD + STANDARD + text + more)])


def rule(text: str) -> StandardRule:
    return next(iter(book(text))).standards["s"]


class Given:
    """Counts by how many days a window is long, and by evaluation; asked is what was looked at."""

    def __init__(self, counts: Mapping[int, Count], buyers: int = 0):
        self.counts, self.number, self.asked = counts, buyers, list[int]()

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        length = (window[1] - window[0]).days
        self.asked.append(length)
        return self.counts[-length if latest is not None else length]

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        return dict.fromkeys(map(str, range(self.number)), 1)


CHOOSE = 'window = [{ length = "7 days", from = 10 }, { length = "30 days", from = 5 }, { length = "90 days" }]\n'


@pytest.mark.parametrize(
    ("counts", "chosen"),
    [((10, 50, 90), 0), ((9, 50, 90), 1), ((9, 5, 90), 1), ((9, 4, 90), 2), ((0, 0, 0), 2), ((0, 0, 3), 2)],
)
def test_the_first_window_with_enough_is_chosen_else_the_last(counts: tuple[int, int, int], chosen: int) -> None:
    of = rule(CHOOSE)
    given = Given(dict(zip((7, 30, 90), (Count(n, 1) for n in counts), strict=True)))
    (found,) = levels.outcome(of, given, day(200), SINCE).readings
    assert found.counted == counts[chosen]
    assert given.asked == [7, 30, 90][: chosen + 1], "no more is looked at than is needed"
    ((place, (begin, end), count),) = levels.read(of, given, day(200), SINCE)
    assert (place, (end - begin).days, count.counted) == (chosen, (7, 30, 90)[chosen], counts[chosen])


def test_of_several_windows_each_must_keep_the_limit_and_the_worst_is_told() -> None:
    of = rule('window = ["7 days", "30 days"]\nlimit = { rate = "<= 10%", at_least = 5 }\n')
    for few, many, broken, telling in (
        ((10, 1), (40, 4), (), 40),
        ((10, 2), (40, 4), (0,), 10),
        ((10, 0), (40, 5), (0,), 40),
        ((4, 4), (40, 4), (), 4),  # all of too few
        ((0, 0), (40, 0), (), 40),
    ):
        given = Given({7: Count(*few), 30: Count(*many)})
        found = levels.outcome(of, given, day(200), SINCE)
        assert (found.broken, found.telling.counted, found.enough) == (broken, telling, True)
        assert found.millionths == round(
            1_000_000 * max(f / max(n, 1) for f, n in ((few[1], few[0]), (many[1], many[0])))
        )
        assert [(place, count) for place, _, count in levels.read(of, given, day(200), SINCE)] == [
            (0, Count(*few)), (1, Count(*many)),
        ]  # fmt: skip


@pytest.mark.parametrize(("counted", "enough"), [(0, False), (4, False), (5, True)])
def test_whether_there_is_enough(counted: int, enough: bool) -> None:
    of = rule('window = "7 days"\nlimit = { rate = "<= 10%", at_least = 5 }\n')
    found = levels.outcome(of, Given({7: Count(counted)}), day(200), SINCE)
    assert (found.enough, found.millionths) == (enough, 0 if counted else None)
    assert levels.outcome(rule('window = "7 days"\n'), Given({7: Count(counted)}), day(200), SINCE).enough is (
        counted > 0
    )


def test_windows_are_weighted_and_one_that_is_not_known_makes_all_unknown() -> None:
    of = rule(
        'window = [{ length = "90 days", weight = "60%" }, { length = "90 days", weight = "40%", latest = "25%" }]\nlimit = { rate = "<= 29%" }\n'
    )
    given = Given({90: Count(100, 20, 7, 3, 2), -90: Count(25, 10)}, buyers=2)
    found = levels.outcome(of, given, day(200), SINCE)
    assert found.readings == (Reading(100, 20, Fraction(28, 100), Fraction(7, 3), 7, 2),)
    assert (found.broken, found.millionths) == ((), 280_000)
    assert levels.outcome(of, Given({90: Count(100, 20), -90: Count(25, 11)}), day(200), SINCE).broken == (0,)
    unknown = levels.outcome(of, Given({90: Count(100, 90), -90: Count()}), day(200), SINCE)
    assert (unknown.readings[0].rate, unknown.broken, unknown.millionths) == (None, (), None)


def test_buyers_are_counted_where_a_limit_asks() -> None:
    asks = rule('window = "7 days"\nlimit = { rate = "<= 1%", buyers = "<= 2", hold = "any" }\n')
    assert levels.outcome(asks, Given({7: Count(10, 3)}, buyers=3), day(200), SINCE).broken == (0,)
    assert levels.outcome(asks, Given({7: Count(10, 3)}, buyers=2), day(200), SINCE).broken == ()


def test_peers_make_an_outcome_of_their_own() -> None:
    of = rule('window = "7 days"\nlimit = { rate = "<= 200% of peers" }\n')
    given = Given({7: Count(10, 1)})
    assert [
        levels.outcome(of, given, day(200), SINCE, peers).broken for peers in (None, Fraction(1, 20), Fraction(1, 25))
    ] == [(), (), (0,)]


@pytest.mark.parametrize("kept", ["outcomes", "stretches"])
def test_what_is_kept_is_forgotten_in_time_and_no_less_true(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "MOST_KEPT", 2)
    of = rule('window = "7 days"\nlimit = { rate = "<= 10%" }\n')
    for number in range(5):
        found = levels.outcome(of, Given({7: Count(10, number)}), day(200 + number), SINCE)
        assert found.readings[0].faulty == number
        (covered,) = levels.stretches(of, day(200 + number), SINCE)
        assert covered == (of.windows[0], (day(193 + number), day(200 + number)))
        assert len(getattr(of, kept)) <= 2


CERTAIN = 'window = "10 days"\ndecides = "certain"\nerror = 0.01\nevaluated = "daily"\n'


@pytest.mark.parametrize(
    ("at", "begin", "end"),
    [(1, 0, 1), (9, 0, 9), (10, 0, 10), (11, 10, 11), (20, 10, 20), (21, 20, 21), (20.5, 20, 21), (0, 0, 0)],
)
def test_seasons_do_not_overlap(at: float, begin: float, end: float) -> None:
    of = rule(CERTAIN + 'limit = { rate = "<= 10%" }\n')
    assert levels.stretch(of, of.windows[0], day(at), SINCE) == (day(begin), day(end))
    plain = rule('window = "10 days"\nlimit = { rate = "<= 10%" }\n')
    assert levels.stretch(plain, plain.windows[0], day(20), SINCE) == (day(10), day(20))


@pytest.mark.parametrize(
    ("limit", "fewest"), [('{ rate = "<= 10%" }', 4), ('{ kept = ">= 90%" }', 4), ('{ rate = "<= 10%", from = 6 }', 6)]
)
def test_certain_levels_ask_for_evidence(limit: str, fewest: int) -> None:
    """All faulty: how many it takes until 1 to 100 speaks for a rate above one in ten."""
    of = rule(CERTAIN + f"limit = {limit}\n")
    broken = [n for n in range(1, 12) if levels.outcome(of, Given({9: Count(n, n)}), day(9), SINCE).broken]
    assert broken[0] == next(
        n for n in range(fewest, 12) if sequential.is_certain(n, n, Fraction(1, 10), Fraction(1, 100))
    )
    assert broken == list(range(broken[0], 12))
    assert levels.rate_limit(of.levels[0].limits[0]) == Fraction(1, 10)


@pytest.mark.parametrize("limit", [Fraction(1, 100), Fraction(1, 20), Fraction(3, 10)])
@pytest.mark.parametrize(("counted", "faulty"), [(1, 0), (1, 1), (10, 2), (200, 30), (1000, 20)])
def test_the_evidence_is_the_mixture_that_it_says(counted: int, faulty: int, limit: Fraction) -> None:
    """Written out with fractions, without a logarithm."""
    odds = limit / (1 - limit)
    steps = [Fraction(5, 4) ** step for step in range(1, 9)]
    total, evidence = sum(1 / step for step in steps), Fraction(0)
    for step in steps:
        r = odds * step / (1 + odds * step)
        evidence += 1 / step / total * (r / limit) ** faulty * ((1 - r) / (1 - limit)) ** (counted - faulty)
    assert sequential.log_evidence(counted, faulty, limit) == pytest.approx(log(evidence), rel=1e-9)
    found = exp(sequential.log_evidence(counted, faulty, limit))
    assert sequential.is_certain(counted, faulty, limit, Fraction(1 / found) * Fraction(1001, 1000))
    assert not sequential.is_certain(counted, faulty, limit, Fraction(1 / found) * Fraction(999, 1000))


def test_evidence_at_its_ends() -> None:
    assert sequential.log_evidence(5, 5, Fraction(1)) == 0.0, "no rate is above all"
    assert sequential.log_evidence(5, 0, Fraction(0)) == 0.0
    assert sequential.log_evidence(5, 1, Fraction(0)) == inf
    for counted, faulty in ((3, 4), (3, -1)):
        with pytest.raises(ValueError, match="is no count"):
            sequential.log_evidence(counted, faulty, Fraction(1, 2))
    assert sequential.log_evidence(0, 0, Fraction(1, 2)) == pytest.approx(0)


# Evaluations: when they are held, what they find, and what is held again.

WEEKLY = 'window = "7 days"\nevaluated = "weekly on monday"\nlimit = { rate = "<= 20%" }\n'
LEVELS = """
[[standard.level]]
name = "bad"
limit = { rate = "<= 20%" }
notify = ["agent"]
[[standard.level]]
name = "worse"
limit = { rate = "<= 40%" }
running = 2
notify = ["agent"]
"""


def rows(*faulty: tuple[float, bool]) -> Tallies:
    return Tallies(
        Tally(standard="s", subject=f"order:{n}", basis=day(at), counted_at=day(at), faulty_at=day(at) if bad else None)
        for n, (at, bad) in enumerate(faulty)
    )


def test_the_gravest_level_that_is_broken_as_often_as_it_asks() -> None:
    """Mondays are the 5th, 12th and 19th of January: days 4, 11 and 18."""
    books = book('window = "7 days"\nevaluated = "weekly on monday"\n' + LEVELS)
    bad, worse = [(True, False, False)], [(True, True, False)]
    for weeks, name in (
        ([bad], "bad"),
        ([worse], "bad"),
        ([worse, worse], "worse"),
        ([bad, worse], "bad"),
        ([worse, bad], "bad"),
    ):
        given = rows(*((4 + 7 * week + n, one) for week, each in enumerate(weeks) for n, one in enumerate(each[0])))
        found = rate(books, "s", day(4 + 7 * len(weeks)), given)
        assert found is not None
        assert (found.name, found.level, found.counted, found.rulebook) == (name, int(name == "worse"), 3, "b@1")
        assert found.rate == round(1_000_000 * Fraction(found.faulty, 3))
    assert rate(books, "s", day(11), rows((5, False))) is None
    assert rate(books, "other", day(11), rows((5, True))) is None
    assert rate(books, "s", datetime(2025, 6, 2, tzinfo=UTC), rows((5, True))) is None, "before there were rules"


def test_what_is_looked_at_every_night_counts_when_it_rises() -> None:
    books = book('window = "7 days"\nevaluated = "continuous"\n' + LEVELS.replace("running = 2\n", ""))
    given = rows(
        (1, True),
        (1, False),
        (1, False),
        (2, True),
        (3, False),
        (3, False),
        (3, False),
        (4, True),
        (4, True),
        (5, False),
    )
    found = [
        (night_, rated.name) for night_ in range(1, 9) if (rated := rate(books, "s", day(night_), given)) is not None
    ]
    # 1 of 3; 2 of 4; 2 of 7 is milder; 4 of 9 rises again; 4 of 10, as bad or milder.
    assert found == [(2, "bad"), (3, "worse"), (5, "worse")]
    daily = book('window = "7 days"\nevaluated = "daily"\n' + LEVELS.replace("running = 2\n", ""))
    assert [rate(daily, "s", day(each), given) is not None for each in range(1, 9)] == [False] + [True] * 7


def test_evaluations_are_held_from_the_first_moment_on_and_before_the_last() -> None:
    books = book(WEEKLY)
    assert list(evaluations(books, "s", day(4), day(18))) == [day(4), day(11)]
    assert list(evaluations(books, "s", day(4.1), day(18.1))) == [day(11), day(18)]
    assert list(evaluations(books, "s", day(4), day(4))) == []
    assert list(evaluations(books, "other", day(4), day(400))) == []


def test_a_version_that_begins_on_an_evaluation_of_its_own_holds_it() -> None:
    first, second = (
        parse(HEAD + STANDARD + WEEKLY),
        HEAD.replace('"1"', '"2"').replace("2026-01-01", "2026-01-12") + STANDARD,
    )
    books = Rulebooks([first, parse(second + WEEKLY)])
    assert [next_evaluation(books, "s", day(at)) for at in (4, 10, 11)] == [day(11), day(11), day(18)]
    fridays = Rulebooks([first, parse(second + WEEKLY.replace("monday", "friday"))])
    assert [next_evaluation(fridays, "s", day(at)) for at in (0, 4, 11)] == [day(4), day(15), day(15)]
    none = Rulebooks([first, parse(second.replace('"s"', '"t"') + WEEKLY)])
    assert [next_evaluation(none, "s", day(at)) for at in (0, 4)] == [day(4), None]
    assert next_evaluation(none, "t", day(0)) == day(11)
    assert next_evaluation(book(WEEKLY), "s", datetime(2025, 6, 1, tzinfo=UTC)) == day(4), "not before it is in force"


def test_what_the_calendar_says_of_a_night() -> None:
    two = 'window = ["7 days", "30 days"]\nevaluated = "weekly on monday"\nlimit = { rate = "<= 20%" }\n'
    here = night(book(two), "s", day(11))
    assert (here.last, here.following, here.earliest) == (day(4), day(18), day(-19))
    assert (here.comes_after(day(4)), here.comes_after(day(4.1))) == (True, False)
    assert night(book(two), "other", day(11)) == (None, None, None)
    assert not night(book(two), "other", day(11)).comes_after(day(0))


def test_evaluations_go_on_while_a_row_is_left_to_look_at() -> None:
    """From the one at day 11 on, the window begins with day 4."""
    books = book(WEEKLY)
    assert [stays(books, "s", day(11), rows((at, False))) for at in (3.9, 4, 20)] == [False, True, True]
    assert not stays(books, "s", day(11), rows())
    assert not stays(books, "other", day(11), rows((20, False)))


def fact(number: int, kind: str, at: float, noted: float | None = None, order: int = 1, **data: Scalar) -> Fact:
    return Fact(
        id=f"f{number:03d}", kind=kind, at=day(at), noted_at=day(at if noted is None else noted),
        subject=f"order:{order}", matter=f"order:{order}", party="seller:s", data=data,
    )  # fmt: skip


def rated(rulings: list[Ruling]) -> list[tuple[str, datetime]]:
    return [(type(each).__name__, each.at) for each in rulings if isinstance(each, Rate | OverturnRating)]


BITES = WEEKLY + 'breach = { notify = ["agent"] }\n'


def test_evaluations_that_a_late_fact_changes_are_held_again_and_no_others() -> None:
    memory = Memory(book(BITES), "seller:s")
    memory.note(fact(1, "order.paid", 5))
    memory.note(fact(2, "order.paid", 12, order=2))
    assert rated(memory.turn(day(19))) == []
    late = memory.note(fact(3, "dispute.opened", 10, noted=19))
    assert rated(late) == [("Rate", day(11))]
    for number in (4, 5, 6):  # of two, three, four
        again = memory.note(fact(number, "order.paid", 6, noted=15 + number, order=number))
        assert rated(again) == [("OverturnRating", day(15 + number)), ("Rate", day(11))]
    gone = memory.note(fact(7, "order.paid", 6, noted=22, order=7))
    assert rated(gone) == [("OverturnRating", day(22))], "one of five keeps the limit"
    assert rated(memory.note(fact(8, "order.paid", 6, noted=23, order=8))) == []


def test_what_is_noted_at_the_moment_of_an_evaluation_is_looked_at_by_it() -> None:
    memory = Memory(book(BITES), "seller:s")
    memory.note(fact(1, "order.paid", 2, noted=4))
    memory.note(fact(2, "dispute.opened", 3, noted=4))
    assert rated(memory.turn(day(5))) == [("Rate", day(4))]


def test_what_comes_in_time_changes_no_evaluation_that_was_held() -> None:
    memory = Memory(book(BITES), "seller:s")
    memory.note(fact(1, "order.paid", 5))
    memory.turn(day(12))
    assert rated(memory.note(fact(2, "dispute.opened", 12.5))) == []
    assert rated(memory.turn(day(30))) == [], "of the week before, and clean as things stood then"


def test_a_fact_of_before_the_rules_and_the_peers_word() -> None:
    asks = 'window = "7 days"\nevaluated = "weekly on monday"\nlimit = { rate = "<= 200% of peers" }\nbreach = { notify = ["agent"] }\n'
    memory = Memory(book(asks), "seller:s")
    memory.note(fact(1, "order.paid", 5))
    memory.note(fact(2, "dispute.opened", 6))
    assert rated(memory.turn(day(12))) == [], "nobody knows the peers"
    told = fact(3, "peers.measured", 10, noted=13, standard="s", counted=100, faulty=10)
    assert rated(memory.note(told)) == [("Rate", day(11))]
    again = fact(4, "peers.measured", 10.5, noted=14, standard="s", counted=100, faulty=60)
    assert rated(memory.note(again)) == [("OverturnRating", day(14))]
