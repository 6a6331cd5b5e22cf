"""A crowd of one moment: what only echoes another is passed over, and nothing else is."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.policy.duties.echoes import Echoes
from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.rulebooks.language.parse import parse
from tests.policy.random_rulebooks import END, noted, rulebooks
from tests.policy.strategies import PARTY, hour
from tests.profiles import examples


@st.composite
def crowds(draw: st.DrawFn) -> list[Fact]:
    """Facts of few matters at few moments, noted one by one in an order that their ids do not follow."""
    facts = [fact for size in (12, 12) for fact in draw(noted(size=size))]
    ids = draw(st.permutations(range(len(facts))))
    at = sorted(draw(st.sampled_from([10, 10, 10, 40])) for _ in facts)
    crowd = [
        msgspec.structs.replace(fact, id=f"f{number:03d}", at=hour(moment), noted_at=hour(moment))
        for fact, number, moment in zip(facts, ids, at, strict=True)
    ]
    return [fact for fact in crowd if fact.kind != "violation.cleared"]


@settings(max_examples=examples(400), deadline=None)
@given(rulebooks(), crowds())
def test_a_crowd_is_judged_as_if_each_fact_had_its_matter_judged_anew(books: Rulebooks, crowd: list[Fact]) -> None:
    quick, slow = Memory(books, PARTY), Memory(books, PARTY)
    with pytest.MonkeyPatch.context() as patch:
        ruled = [quick.note(fact) for fact in crowd] + [quick.turn(END)]
        patch.setattr(Echoes, "take", lambda *_, **__: False)
        assert [slow.note(fact) for fact in crowd] + [slow.turn(END)] == ruled
    assert quick.duties.by_key == slow.duties.by_key


HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2020-01-01\n[[duty]]\nname = "d"\ntitle = "D"\nwho = "seller"\n'


@pytest.mark.parametrize(
    ("rule", "said", "opened"),
    [
        # The first names no moment, and opens nothing.
        (
            'each = "order"\nopened_by = { fact = "order.placed" }\nmet_by = { fact = "shipment.dispatched" }\nby = "deliver_by"\n',
            (
                "order.placed",
                [{"a": 1}, {"deliver_by": "2026-03-20T00:00:00Z"}, {"deliver_by": "2026-03-21T00:00:00Z"}],
            ),
            1,
        ),
        # Each settles the one before, and asks anew.
        (
            'each = "order"\nrepeats = true\nopened_by = { fact = "order.paid" }\nmet_by = { fact = "order.paid" }\nwithin = "1 day"\n',
            ("order.paid", [{"a": 1}, {"a": 2}, {"a": 3}]),
            3,
        ),
    ],
    ids=["a moment that is named", "opens and ends"],
)
def test_what_counts_beside_another_is_no_echo(
    rule: str, said: tuple[str, list[dict[str, Scalar]]], opened: int
) -> None:
    kind, told = said
    memory = Memory(Rulebooks([parse(HEAD + rule)]), PARTY)
    for number, data in enumerate(told):
        memory.note(
            Fact(id=f"f{number}", kind=kind, at=hour(1), noted_at=hour(1), subject="order:1", matter="order:1",
                 party=PARTY, data=data)
        )  # fmt: skip
    assert len(memory.duties.by_key) == opened
