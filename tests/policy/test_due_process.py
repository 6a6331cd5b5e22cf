"""What holds of measures whatever is found, decided, told late or appealed against: random lives of a seller, judged.

Each property is one sentence of due process; the same with people who press buttons is in tests/properties.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.lib.moments import UTC
from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.measures import WEIGHTS, MeasureState, MeasureStatus, Rung
from comity.policy.sanctions.rulings import Decline, Place, Second
from comity.rulebooks.language.parse import parse
from tests.profiles import examples

SELLER = "seller:s"
START = datetime(2026, 3, 2, tzinfo=UTC)
END = START + timedelta(days=150)
HOUR = timedelta(hours=1)
BOOK = parse("""
name = "due"
version = "1"
in_force_from = 2026-01-01
[[conduct]]
name = "spam"
title = "No spam"
severity = "low"
proved_by = ["reviewer"]
charge = { ledger = "conduct", points = [1, 30] }
[[ledger]]
name = "conduct"
expires_after = "40 days"
[[ledger.rung]]
at = 4
measure = "warning"
length = "30 days"
decided_by = "automatic"
[[ledger.rung]]
at = 8
measure = "restriction"
length = "7 days"
notice = "24 hours"
decided_by = "automatic"
[[ledger.rung]]
at = 12
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "reviewer"
[[ledger.rung]]
at = 20
measure = "closure"
notice = "30 days"
decided_by = "two reviewers"
""")
BOOKS = Rulebooks([BOOK])
RUNGS: Sequence[Rung] = BOOK.ledgers["conduct"].rungs
ABOUT = ("sanction.approved", "sanction.declined", "sanction.released", "sanction.told", "sanction.unreached",
         "appeal.decided")  # fmt: skip


class Act(NamedTuple):
    """Something that happens `after` so many hours: to the measure or charge of that `place`, modulo how many there are.

    late  a finding that became known so many hours after it was
    """

    kind: str
    after: int
    place: int
    points: int
    agent: str
    result: str
    late: int


acts = st.lists(
    st.builds(
        Act,
        kind=st.sampled_from(("violation.found", "violation.found", "charge.taken_off", *ABOUT, "sanction.approved")),
        after=st.integers(0, 200), place=st.integers(0, 7), points=st.integers(1, 9),
        agent=st.sampled_from(("agent:1", "agent:2", "agent:3")), result=st.sampled_from(("stands", "falls", "shortened")),
        late=st.sampled_from((0, 0, 0, 30)),
    ),
    max_size=14,
)  # fmt: skip


class Life:
    """A seller's life, and all that was ruled of it."""

    def __init__(self, told: Iterable[Act]):
        self.memory = Memory(BOOKS, SELLER)
        self.rulings: list[Ruling] = []
        self.facts: list[Fact] = []
        at = START
        for number, act in enumerate(told):
            at += act.after * HOUR
            # What is decided meets what stands by then.
            self.rulings += self.memory.turn(at)
            if (fact := self._fact(number, act, at)) is not None:
                self.facts.append(fact)
                self.rulings += self.memory.note(fact)
        self.rulings += self.memory.turn(END)

    def _fact(self, number: int, act: Act, at: datetime) -> Fact | None:
        if act.kind == "violation.found":
            data: dict[str, Scalar] = {"rule": "spam", "by": "reviewer", "points": act.points}
            return _fact(number, act.kind, at - act.late * HOUR, at, f"listing:{number}", data)
        if act.kind == "charge.taken_off":
            charges = sorted(self.memory.charges)
            if not charges:
                return None
            data = {"of": charges[act.place % len(charges)], "agent": act.agent, "reason": "mistake"}
            return _fact(number, act.kind, at, at, SELLER, data)
        measures = sorted(self.memory.measures.values(), key=lambda measure: (measure.at, measure.key))
        if not measures:
            return None
        data = {"agent": act.agent, "result": act.result, "length": 3_600 * act.points, "how": "page"}
        return _fact(number, act.kind, at, at, measures[act.place % len(measures)].matter, data)

    @property
    def standing(self) -> list[MeasureState]:
        """Measures that were not taken back."""
        return [each for each in self.memory.measures.values() if each.status is not MeasureStatus.OVERTURNED]

    def stretches(self) -> Mapping[str, list[tuple[datetime, datetime]]]:
        """From when to when each kind of measure was in effect."""
        found: dict[str, list[tuple[datetime, datetime]]] = {}
        for each in self.memory.measures.values():
            if each.placed_at is not None and each.effective_at is not None:
                end = min(moment for moment in (each.until, each.ended_at, END) if moment is not None)
                if each.effective_at < end:
                    found.setdefault(each.measure, []).append((each.effective_at, end))
        return found


def _fact(number: int, kind: str, at: datetime, noted_at: datetime, subject: str, data: Mapping[str, Scalar]) -> Fact:
    return Fact(
        id=f"f{number:03d}", kind=kind, at=at, noted_at=noted_at, subject=subject, matter=subject, party=SELLER,
        data=dict(data),
    )  # fmt: skip


@given(acts)
@settings(max_examples=examples(300))
def test_nothing_heavier_than_a_warning_begins_untold_unheard_or_undecided(told: list[Act]) -> None:
    for each in Life(told).memory.measures.values():
        if each.effective_at is None or each.measure == "warning":
            continue
        rung = next(rung for rung in RUNGS if rung.at == each.rung)
        assert each.told_at is not None
        assert each.placed_at is not None
        assert each.effective_at >= max(each.told_at + rung.notice, each.placed_at)
        assert each.because, "it says what it is for"
        assert each.decided_by.startswith("agent:" if not rung.automatic else "platform:")


@given(acts)
@settings(max_examples=examples(300))
def test_two_reviewers_are_two_and_nobody_decides_a_proposal_twice(told: list[Act]) -> None:
    decided: dict[str, list[Ruling]] = {}
    issued: Counter[str] = Counter()
    for ruling in Life(told).rulings:
        if isinstance(ruling, Second | Decline) or (
            isinstance(ruling, Place) and ruling.decided_by.startswith("agent")
        ):
            decided.setdefault(ruling.key, []).append(ruling)
        if ruling.kind == "sanction.proposed":
            issued[ruling.key] += 1
    for key, rulings in decided.items():
        agents = [getattr(ruling, "decided_by", "") for ruling in rulings]
        if issued[key] == 1:  # issued anew, its decisions are told again
            assert len(set(agents)) == len(agents)
            assert len([ruling for ruling in rulings if not isinstance(ruling, Second)]) <= 1


@given(acts)
@settings(max_examples=examples(300))
def test_only_the_heaviest_rung_that_a_charge_crosses_comes_of_it_and_once(told: list[Act]) -> None:
    life = Life(told)
    charges = life.memory.charges
    assert max(Counter(each.because[-1] for each in life.standing).values(), default=0) <= 1
    for each in life.standing:
        assert set(each.because) <= set(charges), "what was taken off is in no measure that stands"
        now = sum(charges[key].points for key in each.because)
        was = now - charges[each.because[-1]].points
        crossed = [rung for rung in RUNGS if was < rung.at <= now]
        assert each.rung == max(crossed, key=lambda rung: WEIGHTS[rung.measure]).at
        assert each.points == now


@given(acts)
@settings(max_examples=examples(300))
def test_what_was_taken_back_is_gone_for_good(told: list[Act]) -> None:
    life = Life(told)
    off = {str(fact.data["of"]) for fact in life.facts if fact.kind == "charge.taken_off"}
    assert not off & set(life.memory.charges)
    fell = {
        fact.subject for fact in life.facts
        if fact.kind == "appeal.decided" and fact.data["result"] == "falls" and _was_placed(life, fact)
    }  # fmt: skip
    assert not fell & {each.matter for each in life.standing}


def _was_placed(life: Life, appeal: Fact) -> bool:
    """Whether the measure that fell had been placed: a proposal cannot be appealed against."""
    return any(isinstance(r, Place) and r.matter == appeal.subject and r.at <= appeal.at for r in life.rulings)


@given(acts, st.sampled_from(("stands", "falls", "shortened")), st.integers(0, 7), st.integers(0, 400))
@settings(max_examples=examples(300))
def test_an_appeal_never_makes_it_worse(told: list[Act], result: str, place: int, length: int) -> None:
    without = Life(told)
    appeal = Act("appeal.decided", 1, place, max(length // 24, 1), "agent:3", result, 0)
    with_it = Life([*told, appeal])
    for measure, stretches in with_it.stretches().items():
        for begin, end in stretches:
            before = without.stretches().get(measure, [])
            assert any(first <= begin and end <= last for first, last in before), "in effect when it was not before"
    assert set(with_it.memory.charges) <= set(without.memory.charges)
    assert len(with_it.standing) <= len(without.standing)
