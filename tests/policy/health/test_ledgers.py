"""Ledgers as they stand: the sum, the rung, what expires when and what the sum is then."""

from datetime import datetime, timedelta

from comity.lib.moments import UTC
from comity.policy.health.known import Known
from comity.policy.health.ledgers import MOST_AHEAD, LedgerHealth, ledgers
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.points import ChargeState
from comity.policy.standards.running import NO_ROWS
from comity.rulebooks.language.parse import parse

START = datetime(2026, 3, 2, tzinfo=UTC)
HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\n'
SPAM = '[[conduct]]\nname = "spam"\ntitle = "No spam"\nseverity = "low"\nproved_by = ["reviewer"]\ncharge = { ledger = "points", points = [1, 50] }\n'
RUNGS = "".join(
    f'[[ledger.rung]]\nat = {at}\nmeasure = "{measure}"\nnotice = "31 days"\n'
    for at, measure in ((4, "warning"), (12, "freeze"), (20, "closure"))
)
POINTS = HEAD + SPAM + '[[ledger]]\nname = "points"\n'
PLAIN = POINTS + 'expires_after = "30 days"\n' + RUNGS
SCORE = POINTS + (
    'expires_after = "30 days"\nscore = { start = 48, most = 60 }\n'
    '[[ledger.rung]]\nat = 36\nmeasure = "warning"\n[[ledger.rung]]\nat = 12\nmeasure = "freeze"\nnotice = "1 day"\n'
)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def on(text: str, at: float, *given: tuple[float, int]) -> Known:
    """A seller with charges by day and points, at a day."""
    book = parse(text)
    rule = book.ledgers["points"]
    charges = [
        ChargeState(key=f"c{n}", ledger="points", points=worth, rulebook=book.ref, rule="spam", matter=f"order:{n}",
                    because=f"{n:04d}", at=day(when), expires_at=rule.ends(day(when)))
        for n, (when, worth) in enumerate(given)
    ]  # fmt: skip
    return Known(Rulebooks([book]), book, "seller", day(at), charges, [], [], [], NO_ROWS)


def only(known: Known) -> LedgerHealth:
    (health,) = ledgers(known)
    return health


def test_the_sum_its_rung_and_what_comes_by_time_alone() -> None:
    health = only(on(PLAIN, 20, (0, 6), (10, 5), (15, 2)))
    assert (health.points, health.rung and health.rung.measure) == (13, "freeze")
    assert health.following is not None
    assert (health.following[0], health.following[1].measure) == (20, "closure")
    assert [(each.at, each.points, each.rung and each.rung.measure, each.ending) for each in health.ahead] == [
        (day(30), 7, "warning", ("c0",)), (day(40), 2, None, ("c1",)), (day(45), 0, None, ("c2",)),
    ]  # fmt: skip


def test_a_charge_ends_sharp() -> None:
    assert only(on(PLAIN, 29.999, (0, 6))).points == 6
    over = only(on(PLAIN, 30, (0, 6)))
    assert (over.points, over.counted, over.ahead) == (0, (), ())


def test_what_was_capped_or_merged_adds_nothing_and_ends_unnoticed() -> None:
    merged = only(
        on(POINTS + 'expires_after = "30 days"\nmerges_within = "3 days"\n' + RUNGS, 6, (0, 6), (1, 9), (5, 5))
    )
    assert [(each.charge.key, each.adds) for each in merged.counted] == [("c0", 6), ("c1", 0), ("c2", 5)]
    assert [(each.points, each.ending) for each in merged.ahead] == [(5, ("c0",)), (0, ("c2",))]


def test_a_score_stands_on_the_rung_that_it_has_fallen_to() -> None:
    fell = only(on(SCORE, 5, (0, 10), (1, 6)))
    assert (fell.points, fell.rung and fell.rung.measure) == (32, "warning")
    assert fell.following is not None
    assert (fell.following[0], fell.following[1].measure) == (12, "freeze")
    assert [(each.points, each.rung and each.rung.measure) for each in fell.ahead] == [(42, None), (48, None)]
    assert only(on(SCORE, 5)).rung is None


def test_of_very_many_charges_the_next_moments_are_told() -> None:
    health = only(on(PLAIN, 29, *((number / 40, 1) for number in range(1_000))))
    assert health.points == 1_000
    assert len(health.ahead) == MOST_AHEAD
    assert [each.points for each in health.ahead[:3]] == [999, 998, 997]
