"""Figures of disputes: what is told of deciders, when they are too few, and whether like cases end alike."""

from datetime import timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from comity.policy.disputes.figures import LEAST, Alike, Group, Pairs, Ruling, Share, consistency, lengths, line, lines
from comity.policy.disputes.figures import rulings as ruled
from comity.policy.standards.rates import interval
from tests.policy.disputes.test_spent import KEN, escalated
from tests.policy.disputes.told import CASE, day, fact

ADA = "agent:0195c0de-0000-7000-8000-000000000002"
SHOWN = Alike("duel@1", "shown", (("tracking", "none"),))


def ruling(number: int, outcome: str = "buyer", agent: str = KEN, **more: object) -> Ruling:
    said = {"row": "shown", "deviates": False, "took": timedelta(days=number), **more}
    return Ruling(f"dispute:{number}", agent, day(number), f"f{number}", outcome, **said)  # type: ignore[arg-type]


def test_few_tell_no_rate_and_enough_tell_it_with_its_interval() -> None:
    few, enough = Share(1, LEAST - 1), Share(3, LEAST)
    assert (few.rate, few.bounds) == (None, None)
    assert (enough.rate, enough.bounds) == (0.3, interval(3, LEAST))


def test_a_ruling_says_what_became_of_it() -> None:
    told = [
        *escalated(),
        fact("dispute.taken", 16, CASE, agent=KEN),
        fact("dispute.drafted", 17, CASE, agent=KEN, leaves_at=day(18)),
        fact("dispute.decided", 18, CASE, outcome="buyer", agent=KEN, amount=100, currency="AUD", row="shown",
             because="mediator", deviates=True),
        fact("dispute.corrected", 18.5, CASE, agent=KEN, amount=90, currency="AUD"),
        fact("dispute.appealed", 19, CASE, by="seller"),
        fact("dispute.appeal_decided", 21, CASE, result="sent_back", agent=ADA),
        fact("dispute.escalated", 21, CASE, by="platform"),
        fact("dispute.taken", 22, CASE, agent=ADA),
        fact("dispute.decided", 25, CASE, outcome="seller", agent=ADA, row="not shown", because="mediator"),
        fact("dispute.appealed", 26, CASE, by="buyer"),
    ]  # fmt: skip
    first, second = ruled(told, CASE)
    assert (first.agent, first.at, first.took, first.outcome) == (KEN, day(17), timedelta(days=1), "buyer")
    assert (first.deviates, first.corrections, first.appeals, first.heard, first.reversed) == (True, 1, 1, 1, 1)
    assert (second.agent, second.took, second.row, second.deviates) == (ADA, timedelta(days=3), "not shown", False)
    assert (second.corrections, second.appeals, second.heard, second.reversed) == (0, 1, 0, 0)


def test_what_silence_or_facts_decide_is_nobodys_ruling() -> None:
    for because in ("silence", "facts", "small_claim"):
        assert ruled([*escalated(), fact("dispute.decided", 18, CASE, outcome="buyer", because=because)], CASE) == []
    assert ruled([], CASE) == []


def test_each_decider_has_a_line() -> None:
    made = [ruling(number, "seller" if number % 2 else "buyer") for number in range(10)]
    made += [ruling(10 + number, agent=ADA, appeals=1, heard=1, reversed=1, row="") for number in range(3)]
    ken, ada = lines(made)
    assert (ken.agent, ken.n, ken.for_buyer, ken.deviating) == (KEN, 10, Share(5, 10), Share(0, 10))
    assert ken.took is not None
    assert (ken.took.median, ken.took.mean) == (timedelta(days=4.5), timedelta(days=4.5))
    assert (ada.agent, ada.n, ada.took, ada.deviating) == (ADA, 3, None, Share(0, 0))
    assert (ada.appealed, ada.reversed) == (Share(3, 3), Share(3, 3))
    assert line("", made).n == 13
    assert lengths([]) is None


def test_like_cases_that_end_differently_are_listed_and_a_deviation_is_told_apart() -> None:
    other = Alike("duel@1", "shown", (("tracking", "delivered"),))
    decided = [(SHOWN, ruling(1)), (SHOWN, ruling(2)), (SHOWN, ruling(3, "seller", ADA, deviates=True))]
    decided += [(other, ruling(4)), (other, ruling(5, "seller")), (other, ruling(40, agent=ADA))]
    decided += [(SHOWN._replace(inputs=()), ruling(6)), (Alike("duel@1", "", ()), ruling(7))]
    found = consistency(decided)
    assert (found.groups, found.by_deviation) == (Share(0, 2), 1)
    assert {group.alike: group.by_deviation for group in found.apart} == {SHOWN: True, other: False}
    assert (found.decisions, found.rowless, found.deviating) == (7, 1, Share(1, 7))
    by = {each.by: (each.n, each.same) for each in found.pairs}
    assert by == {
        "all": (6, 2), "one_decider": (2, 1), "two_deciders": (4, 1), "one_month": (4, 1), "two_months": (2, 1)
    }  # fmt: skip


def test_of_a_case_that_was_decided_twice_the_last_decision_is_compared() -> None:
    twice = [ruling(1, "seller"), ruling(3)]
    again = [
        (SHOWN, twice[0]),
        (SHOWN, ruling(2)),
        (SHOWN, Ruling("dispute:1", KEN, day(4), "g", "buyer", "shown", False)),
    ]
    assert consistency(again).groups == Share(1, 1)
    assert consistency([]).groups == Share(0, 0)
    assert not Group(SHOWN, tuple(twice)).agrees


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["buyer", "seller"]), st.sampled_from([KEN, ADA])), max_size=12
    )
)
def test_pairs_are_counted_as_if_each_were_made(drawn: list[tuple[int, str, str]]) -> None:
    decided = [
        (SHOWN._replace(row=str(group)), ruling(number * 9, outcome, agent))
        for number, (group, outcome, agent) in enumerate(drawn)
    ]
    pairs = [(a[1], b[1]) for a, b in combinations(decided, 2) if a[0] == b[0]]
    same = [(a, b) for a, b in pairs if a.outcome == b.outcome]
    own = [(a, b) for a, b in pairs if a.agent == b.agent]
    found = {each.by: each for each in consistency(decided).pairs}
    assert found["all"] == Pairs("all", len(pairs), len(same))
    assert found["one_decider"] == Pairs("one_decider", len(own), sum(a.outcome == b.outcome for a, b in own))
    assert found["two_deciders"].n == len(pairs) - len(own)
