"""Two at once are as one after the other: every pair of verbs, in processes of their own, on the engine at hand."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.properties import at_once
from tests.properties.conftest import Named
from tests.properties.lived import PROCESSES, Working

#: So many pairs there are at least: fewer, and something is not tried any more.
LEAST = {"orders": 90, "conversations": 25, "measures": 20, "plans": 15}


@pytest.mark.parametrize("kind", at_once.KINDS)
def test_of_two_at_once_one_was_first(fresh_database: Named, kind: str) -> None:
    with fresh_database(kind) as database:
        jobs = Working(at_once.prepare, database, kind).result()
        assert len(jobs) >= LEAST[kind]
        at, together = datetime.now(UTC) + timedelta(minutes=1), PROCESSES.Barrier(2)
        both = [Working(at_once.at_once, database, kind, place, jobs, at, together) for place in (0, 1)]
        said = list(zip(*(each.result() for each in both), strict=True))
        in_turn = Working(at_once.one_after_the_other, database, kind, jobs, at).result()
        became = Working(at_once.became, database, kind, jobs).result()
        assert Working(at_once.at_odds, database, kind, jobs).result() == []
    wrong = [
        f"{job}: {answers}, {rows[0]}; in turn {list(zip(turns, rows[1:], strict=True))}"
        for job, answers, turns, rows in zip(jobs, said, in_turn, became, strict=True)
        if (answers, rows[0]) not in zip(turns, rows[1:], strict=True)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_more_orders_get_through_at_once_than_a_cap_leaves(fresh_database: Named) -> None:
    with fresh_database("capped") as database:
        lamp = Working(at_once.under_a_cap, database, 3).result()
        together = PROCESSES.Barrier(2)
        both = [Working(at_once.order_many, database, lamp, 4, together) for _ in range(2)]
        said = sorted(answer for each in both for answer in each.result())
    assert said == ["done"] * 3 + ["orders_capped"] * 5


TIMES = 6
#: What is told twice, where there may be only one: the second is refused; else the first is what both get.
REFUSED = {"answer", "webhook"}


def test_what_is_told_twice_at_once_is_there_once(fresh_database: Named) -> None:
    with fresh_database("first") as database:
        together = PROCESSES.Barrier(2)
        both = [Working(at_once.publish, database, version, together) for version in "12"]
        done, refused = sorted((each.result() for each in both), key=len)
        assert done == "done"
        assert "before its notice has run" in refused, "two rulebooks bind at once"
    with fresh_database("twice") as database:
        pairs, before = Working(at_once.seat, database, TIMES).result()
        at, together = datetime.now(UTC), PROCESSES.Barrier(2)
        both = [Working(at_once.tell_twice, database, pairs, at, together) for _ in range(2)]
        first, second = (each.result() for each in both)
        after = Working(at_once.counts, database).result()
    assert {name: count - before[name] for name, count in after.items()} == dict.fromkeys(at_once.TWICE, TIMES)
    for name, answers in first.items():
        for answer in zip(answers, second[name], strict=True):
            assert set(answer) == {"done"} or (name in REFUSED and answer.count("done") == 1), (name, answer)


def test_four_requests_with_one_key_are_one_message(fresh_database: Named) -> None:
    with fresh_database("four") as database:
        token, talks = Working(at_once.talk_with_token, database, TIMES).result()
        together = PROCESSES.Barrier(4)
        four = [Working(at_once.write, database, token, talks, together) for _ in range(4)]
        answers = list(zip(*(each.result() for each in four), strict=True))
        assert [len(set(each)) for each in answers] == [1] * TIMES, answers
        assert {status for of_one in answers for status, _ in of_one} == {201}
        assert Working(at_once.messages_in, database, talks).result() == [1] * TIMES
