"""Of two refunds at once that are each possible but not both, one is refused; what is told twice counts once."""

from datetime import UTC, datetime

from tests.properties import money_at_once
from tests.properties.conftest import Named
from tests.properties.lived import PROCESSES, Working
from tests.properties.money_at_once import TWICE

TIMES = 5


def test_money_is_counted_one_after_the_other(fresh_database: Named) -> None:
    with fresh_database("money") as database:
        keys = Working(money_at_once.stage, database, TIMES).result()
        at, together = datetime.now(UTC), PROCESSES.Barrier(2)
        both = [Working(money_at_once.act, database, keys, at, together) for _ in range(2)]
        said = list(zip(*(each.result() for each in both), strict=True))
        sums, facts, at_odds = Working(money_at_once.became, database, keys).result()
    wanted = [*TWICE.values()] * TIMES
    assert [answers.count("done") for answers in said] == [done for _, done, _ in wanted]
    refused = [answer for answers in said for answer in answers if answer != "done"]
    assert len(refused) == TIMES
    assert all("At most $30.00 is left of order" in each for each in refused)
    assert sums == [left for _, _, left in wanted]
    assert facts == [1] * len(keys)
    assert at_odds == 0
