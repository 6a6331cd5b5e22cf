"""Ledgers, one by one: when charges end, what each adds, which rung is reached, and what another account's count for."""

from collections.abc import Mapping
from dataclasses import replace as replace_dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from msgspec.structs import replace

from comity.lib.moments import UTC
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.sanctions import points
from comity.policy.sanctions.measures import Rung
from comity.policy.sanctions.points import Charges, ChargeState, Crossing
from comity.policy.sanctions.rule import reminds
from comity.policy.standards.rates import Count
from comity.policy.standards.running import NO_ROWS
from comity.policy.time.calendars import Days
from comity.policy.time.clocks import Interval
from comity.rulebooks.language.parse import parse

START = datetime(2026, 3, 2, tzinfo=UTC)
HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\n'
CONDUCT = '[[conduct]]\nname = "spam"\ntitle = "No spam"\nseverity = "low"\ncharge = { ledger = "points", points = [1, 500] }\n'
GOOD = '[[standard]]\nname = "good"\ncounted = { fact = "order.paid" }\nfaulty = { fact = "dispute.opened" }\nwindow = "30 days"\n'
YEAR = 'expires_after = "365 days"\n'
SCORE = YEAR + "score = { start = 200, most = 1000"


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def rungs(*of: tuple[int, str]) -> str:
    return "".join(f"[[ledger.rung]]\nat = {at}\n{measure}\n" for at, measure in of)


WARNING, LISTINGS = 'measure = "warning"', 'measure = "no new listings"\nlength = "7 days"\nnotice = "1 day"'
FREEZE = 'measure = "freeze"\nlength = "7 days"\nnotice = "1 day"'


def book(ledger: str, head: str = HEAD) -> Rulebook:
    return parse(head + CONDUCT + GOOD + '[[ledger]]\nname = "points"\n' + ledger)


def charge(number: int, at: float, worth: int, lives: float = 365, **more: object) -> ChargeState:
    told: dict[str, object] = {
        "key": f"c{number}", "ledger": "points", "points": worth, "rulebook": "b@1", "rule": "spam", "matter": "m",
        "because": f"{number:03d}", "at": day(at), "expires_at": day(at + lives),
    }  # fmt: skip
    return ChargeState(**(told | more))  # type: ignore[arg-type]


def several(*of: tuple[float, int]) -> list[ChargeState]:
    return [charge(number, at, worth) for number, (at, worth) in enumerate(of)]


def reached(rulebook: Rulebook, held: list[ChargeState]) -> list[tuple[str, int, str, int]]:
    """The charge, the threshold, the measure and the points of each crossing; and each the same, newest by newest."""
    books = Rulebooks([rulebook])
    found = points.crossings(books, held, NO_ROWS)
    anew = []
    for count in range(1, len(held) + 1):
        charges = Charges()
        for each in held[:count]:
            charges[each.key] = each
        if not held[count - 1].taken_from:
            anew += points.crossing_of_newest(books, charges, "points", NO_ROWS)
    assert anew == found
    return [(each.charge.key, each.at, each.rung.measure, each.points) for each in found]


@pytest.mark.parametrize(
    ("keys", "ends"),
    [
        ('expires_after = "10 days"\n', day(10)),
        ('expires_after = "24 hours"\n', day(1)),
        ('resets = "weekly on monday"\n', day(7)),
        ('expires_after = "10 days"\nresets = "weekly on monday"\n', day(7)),
        ('expires_after = "5 days"\nresets = "weekly on monday"\n', day(5)),
    ],
)
def test_when_a_charge_ends(keys: str, ends: datetime) -> None:
    assert book(keys).ledgers["points"].ends(START) == ends, "a Monday at 00:00: the next one resets"


def test_days_of_a_ledger_are_those_of_its_zone() -> None:
    berlin = book('expires_after = "1 day"\n', HEAD + 'zone = "Europe/Berlin"\n').ledgers["points"]
    assert berlin.ends(datetime(2026, 3, 28, 9, tzinfo=UTC)) == datetime(2026, 3, 29, 8, tzinfo=UTC)
    assert berlin.expires_after == Days(1)


@pytest.mark.parametrize(
    ("keys", "given", "adds"),
    [
        ("", [(0, 2), (0, -3), (0, 5)], [2, -3, 5]),
        ("cap_a_day = 4\n", [(0, 3), (0.5, 3), (0.9, 3), (1, 3), (1.5, -2), (1.6, 3)], [3, 1, 0, 3, -2, 1]),
        ('merges_within = "2 days"\n', [(0, 3), (1.9, 5), (2, 4), (3, -1), (3.9, 2), (4, 1)], [3, 0, 4, -1, 0, 1]),
        ('counts = "strikes"\n', [(0, 12), (1, 48), (2, -1)], [1, 1, -1]),
        ('counts = "strikes"\ncap_a_day = 2\n', [(0, 9), (0.1, 9), (0.2, 9)], [1, 1, 0]),
    ],
)
def test_what_each_charge_adds(keys: str, given: list[tuple[float, int]], adds: list[int]) -> None:
    assert points.weights(book(YEAR + keys).ledgers["points"], several(*given)) == adds


def test_a_day_of_the_cap_is_one_of_its_zone() -> None:
    manila = book(YEAR + "cap_a_day = 2\n", HEAD + 'zone = "Asia/Manila"\n').ledgers["points"]
    # Midnight there is 16:00 here.
    assert points.weights(manila, several((0.6, 2), (0.66, 2), (0.67, 2), (1, 1))) == [2, 0, 2, 0]


def test_charges_lie_in_the_order_of_their_moments_and_only_those_in_force() -> None:
    held = Charges()
    late, early, same = charge(3, 5, 1), charge(1, 2, 1), charge(2, 5, 1)
    for each in (late, early, same):
        held[each.key] = each
    assert held.on_ledger("points") == [early, same, late]
    assert held.on_ledger("others") == ()
    gone = replace(same, overturned_at=day(9))
    held["c2"] = gone
    assert held.on_ledger("points") == [early, late]
    assert held["c2"] == gone
    held["c2"] = same
    assert held.on_ledger("points") == [early, same, late]
    assert held.setdefault("c2", gone) == same, "what is here is newer"
    assert held.setdefault("c4", charge(4, 1, 1)).at == day(1)
    assert [each.key for each in held.on_ledger("points")] == ["c4", "c1", "c2", "c3"]


def test_what_lived_before_the_newest_and_what_it_adds() -> None:
    rulebook, held = book(YEAR + "cap_a_day = 4\n"), Charges()
    for each in (charge(1, 0, 3, lives=2), charge(2, 1, 2, lives=9)):
        held[each.key] = each
    assert held.newest(rulebook, "points") == (3, 2)
    held["c3"] = charge(3, 2, 9, lives=9)
    assert held.newest(rulebook, "points") == (2, 4), "the first has ended, at its moment sharp; nine are capped"
    held["c0"] = charge(0, -1, 1)
    assert held.newest(rulebook, "points") == (3, 4), "one that came late counts"
    held["c2"] = replace(held["c2"], overturned_at=day(9))
    assert held.newest(rulebook, "points") == (1, 4)
    held["c9"] = charge(9, 3, 1, taken_from="seller:old", counts_from=day(3))
    assert held.newest(rulebook, "points") is None


@pytest.mark.parametrize(
    ("keys", "given", "expected"),
    [
        (rungs((3, WARNING), (6, LISTINGS)), [(0, 2), (1, 1), (2, 1), (3, 2)], [("c1", 3, "warning", 3), ("c3", 6, "no new listings", 6)]),
        (rungs((3, WARNING), (6, LISTINGS)), [(0, 9)], [("c0", 6, "no new listings", 9)]),
        # Graver is what counts, not what lies further on; of two alike, the one further on.
        (rungs((3, LISTINGS), (6, WARNING), (9, LISTINGS)), [(0, 7)], [("c0", 3, "no new listings", 7)]),
        (rungs((3, WARNING), (6, WARNING)), [(0, 9)], [("c0", 6, "warning", 9)]),
        # A credit, what is capped and what is merged add nothing, and reach nothing.
        (rungs((3, WARNING)), [(0, 5), (1, -4), (2, 1), (3, 1)], [("c0", 3, "warning", 5), ("c3", 3, "warning", 3)]),
        ("cap_a_day = 3\n" + rungs((3, WARNING)), [(0, 3), (0.1, 3)], [("c0", 3, "warning", 3)]),
        # Repeated: at each multiple, once, however many are passed.
        (rungs((2, WARNING), (4, FREEZE + "\nevery = 3")), [(0, 3), (1, 1), (2, 2), (3, 1), (4, 6), (5, 1)], [("c0", 2, "warning", 3), ("c1", 4, "freeze", 4), ("c3", 7, "freeze", 7), ("c4", 13, "freeze", 13)]),
    ],
)  # fmt: skip
def test_which_rungs_are_reached(
    keys: str, given: list[tuple[float, int]], expected: list[tuple[str, int, str, int]]
) -> None:
    assert reached(book(YEAR + keys), several(*given)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([(0, 49), (1, 1), (2, 1)], [("c1", 150, "warning", 150)]),
        ([(0, 160)], [("c0", 100, "warning", 40)]),
        ([(0, 500), (1, 500)], [("c0", 0, "freeze", 0)]),
        ([(0, 199), (1, 1)], [("c0", 100, "warning", 1), ("c1", 0, "freeze", 0)]),
    ],
)
def test_a_score_falls_to_its_rungs(given: list[tuple[float, int]], expected: list[tuple[str, int, str, int]]) -> None:
    """Of two alike, the lower one."""
    assert (
        reached(book(SCORE + " }\n" + rungs((150, WARNING), (100, WARNING), (0, FREEZE))), several(*given)) == expected
    )


def test_only_what_lives_counts_and_is_named() -> None:
    rulebook = book(YEAR + rungs((5, WARNING)))
    held = [charge(1, 0, 3, lives=4), charge(2, 1, -1, lives=9), charge(3, 2, 2, lives=9), charge(4, 4, 4, lives=9)]
    (found,) = points.crossings(Rulebooks([rulebook]), held, NO_ROWS)
    assert (found.charge.key, found.points, found.because) == ("c4", 5, ("c3", "c4")), "the first ended at day 4 sharp"
    assert points.crossings(Rulebooks([rulebook]), held[:3], NO_ROWS) == []
    assert points.crossings(Rulebooks([rulebook]), list(reversed(held)), NO_ROWS) == [found], "in any order"
    assert points.crossings(Rulebooks([rulebook]), [*held, charge(5, 5, 1)], NO_ROWS, last_only=True) == []


def test_the_newest_charge_is_judged_by_its_own_version() -> None:
    lax, strict = book(YEAR + rungs((50, WARNING))), book(YEAR + rungs((5, LISTINGS)), HEAD.replace('"1"', '"2"'))
    books = Rulebooks([lax, replace_dataclass(strict, in_force_from=day(1))])
    for newest, crossed in (("b@2", ["no new listings"]), ("b@1", [])):
        charges = Charges()
        for each in (charge(1, 0, 3), charge(2, 2, 2, rulebook=newest)):
            charges[each.key] = each
        found = points.crossing_of_newest(books, charges, "points", NO_ROWS)
        assert [each.rung.measure for each in found] == crossed


def test_charges_that_came_with_an_account_reach_nothing_and_count_from_then_on() -> None:
    rulebook = book(YEAR + "cap_a_day = 2\n" + rungs((5, WARNING)))
    joined = charge(1, 0, 4, taken_from="seller:old", counts_from=day(3))
    assert joined.since == day(3)
    assert [joined.counted_by(day(at)) for at in (2.9, 3, 3.1)] == [False, False, True]
    own = charge(2, 0, 4)
    assert (own.since, own.counted_by(day(0))) == (day(0), True)
    assert points.weights(rulebook.ledgers["points"], [joined, own]) == [4, 2], "weighed there already"
    assert reached(rulebook, [joined, charge(2, 3, 2)]) == []
    assert reached(rulebook, [joined, charge(2, 4, 2)]) == [("c2", 5, "warning", 6)]
    assert [points.standing(rulebook, "points", [joined, own], day(at), NO_ROWS) for at in (-1, 0, 2.9, 3)] == [
        0,
        2,
        2,
        6,
    ]


def test_where_a_ledger_stands() -> None:
    rulebook = book(YEAR)
    held = [charge(1, 0, 3, lives=5), charge(2, 1, -9, lives=2), replace(charge(3, 0, 7), ledger="others")]
    assert [points.standing(rulebook, "points", held, day(at), NO_ROWS) for at in (0, 1, 2.9, 3, 4.9, 5)] == [
        3,
        0,
        0,
        3,
        3,
        0,
    ]
    rule = book(SCORE + " }\n").ledgers["points"]
    assert [points.come_to(rule, held[:2], day(at), risen) for at, risen in ((1, 0), (1, 900), (9, 3))] == [
        206,
        1000,
        203,
    ]


class Orders:
    """So many orders that count, and are faulty, at each moment."""

    def __init__(self, counted: int, faulty: int):
        self._count = Count(counted, faulty)

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        assert (standard, window[1] - window[0]) == ("good", timedelta(days=30))
        return self._count

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        return {}


@pytest.mark.parametrize(
    ("counted", "faulty", "risen"), [(0, 0, 0), (209, 10, 0), (210, 10, 4), (411, 10, 8), (411, 12, 4)]
)
def test_a_score_rises_for_good_subjects(counted: int, faulty: int, risen: int) -> None:
    rulebook = book(SCORE + ', rises = { points = 4, every = 200, of = "good" } }\n' + rungs((150, WARNING)))
    orders = Orders(counted, faulty)
    assert points.standing(rulebook, "points", [charge(1, 0, 10)], day(1), orders) == 190 + risen
    found = points.crossings(Rulebooks([rulebook]), [charge(1, 0, 57)], orders)
    assert (not found) is (risen == 8), "57 less are 143, 147, and 151 with all that it rose"
    assert points.standing(book(SCORE + " }\n"), "points", [], day(1), orders) == 200, "where nothing lets it rise"


def test_the_newest_charge_by_itself() -> None:
    rulebook = book(YEAR + rungs((5, WARNING)))
    held = several((0, 3), (1, 2))
    found, stands = points.newest(rulebook, held, 0)
    assert isinstance(found, Crossing)
    assert (found.charge.key, found.at, found.points, found.risen, stands) == ("c1", 5, 5, 0, 5)
    assert points.newest(rulebook, held[:1], 0) == (None, 3)
    assert points.newest(rulebook, several((0, 6), (1, -2)), 0) == (None, 4)


@pytest.mark.parametrize(
    ("keys", "stands", "adds", "measure", "passed"),
    [
        (YEAR, 2, 1, "warning", 3),
        (YEAR, 3, 1, "", None),
        (YEAR, 2, 0, "", None),
        (YEAR, 0, 9, "no new listings", 6),
        (SCORE + " }\n", 7, 1, "warning", 6),
        (SCORE + " }\n", 6, 1, "", None),
        (SCORE + " }\n", 9, 9, "no new listings", 3),
    ],
)
def test_what_more_points_would_reach(keys: str, stands: int, adds: int, measure: str, passed: int | None) -> None:
    score = "score" in keys
    rule = book(keys + rungs(*((6, WARNING), (3, LISTINGS)) if score else ((3, WARNING), (6, LISTINGS)))).ledgers[
        "points"
    ]
    assert points.next_measure(rule, stands, adds) == measure
    assert points.passed(rule, stands, stands - adds if score else stands + adds) == passed


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (((1, WARNING),), [False]),
        (((1, WARNING), (2, LISTINGS)), [False, False]),
        (((1, LISTINGS), (2, WARNING), (3, LISTINGS)), [False, True, False]),
        (((1, LISTINGS), (2, WARNING), (3, FREEZE)), [False, True, False]),
        (((1, FREEZE), (2, WARNING), (3, LISTINGS)), [False, False, False]),
        (((1, LISTINGS), (2, WARNING)), [False, False]),
        (((1, WARNING), (2, WARNING), (3, LISTINGS)), [False, False, False]),
        (((1, FREEZE), (2, LISTINGS), (3, FREEZE)), [False, False, False]),
    ],
)
def test_a_warning_between_graver_rungs_reminds(of: tuple[tuple[int, str], ...], expected: list[bool]) -> None:
    length, notice = Days(7), timedelta(days=1)
    all_ = [Rung(at, measure.split('"')[1], length, notice, "reviewer") for at, measure in of]
    assert [reminds(all_, rung) for rung in all_] == expected


def test_what_adds_nothing_is_not_named_and_reaches_nothing() -> None:
    rulebook = book(YEAR + "cap_a_day = 3\n" + rungs((5, WARNING)))
    held = several((0, 3), (0.5, 2), (1, 2))
    (found,) = points.crossings(Rulebooks([rulebook]), held, NO_ROWS)
    assert (found.points, found.because, found.risen) == (5, ("c0", "c2"), 0), "the second was capped away"
    assert points.newest(rulebook, several((0, 3), (0.5, 9)), 0) == (None, 3)
    assert points.newest(rulebook, held, 0)[0] == found
