"""What holds for every life in the table, whatever it is: a new one is tested by standing in it."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.lib.moments import to_text
from comity.policy import judge as judge_module
from comity.policy import memory as memory_module
from comity.policy.dossier import Dossier
from comity.policy.duties.matter import DutyState
from comity.policy.duties.rulings import Move
from comity.policy.facts import KINDS, Fact, Scalar
from comity.policy.judge import deadline, judge
from comity.policy.life import Life
from comity.policy.lives import LIVES, RULINGS
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Overturn, Ruling
from comity.policy.sanctions.rulings import Place, Propose
from comity.policy.standards.running import Tallies
from comity.rulebooks.language.parse import parse
from comity.rulebooks.shelf import text_of
from tests.policy.random_rulebooks import END, noted, texts
from tests.policy.strategies import PARTY, hour
from tests.profiles import examples

STAMP = timedelta(microseconds=777)
KEEPING = [life for life in LIVES if life.apply is not None]


@st.composite
def decided(draw: st.DrawFn) -> tuple[Rulebooks, list[Fact]]:
    """Random rules and a history noted late, with decisions about the measures that come to be proposed."""
    versions, facts = draw(told())
    return Rulebooks(map(parse, versions)), facts


DONE_TO_MEASURES: list[tuple[str, dict[str, str | int]]] = [
    ("sanction.approved", {}),
    ("sanction.approved", {}),
    ("sanction.declined", {}),
    ("sanction.released", {}),
    ("sanction.unreached", {"because": "bounced"}),
    ("sanction.told", {"how": "page"}),
    ("sanction.told", {"how": "late"}),
    ("appeal.decided", {"result": "falls"}),
    ("appeal.decided", {"result": "shortened", "length": 3600}),
]

#: What is noted when it happens and not told with anything else: our own verbs alone say it.
AT_ONCE = {
    "sanction.released", "sanction.unreached", "sanction.told", "appeal.decided", "charge.taken_over", "charge.cleared",
    "account.gave_back",
}  # fmt: skip
#: What became of the word that tells of a measure: nobody decides that.
TOLD = {"sanction.unreached", "sanction.told"}


@st.composite
def told(draw: st.DrawFn) -> tuple[list[str], list[Fact]]:
    """The same, the rules as TOML."""
    versions, facts = draw(texts()), draw(noted())
    books = Rulebooks(map(parse, versions))
    in_time = sorted((at_once(fact) for fact in facts), key=lambda fact: fact.place)
    memory = Memory(books, PARTY)
    rulings = [ruling for fact in in_time for ruling in memory.note(fact)] + memory.turn(END)
    issued = {each.key: each for each in reversed(rulings) if isinstance(each, Propose | Place)}
    for number, ruling in enumerate(issued.values()):
        # Of two decisions on one measure the second is noted second: agents decide here, not elsewhere.
        at, late = (ruling.at - hour(0)) // timedelta(hours=1) - 5, draw(st.sampled_from([0, 0, 5, 60]))
        for second in range(draw(st.integers(0, 2))):
            at = max(at + draw(st.integers(1, 20)), 0)
            kind, said = draw(st.sampled_from(DONE_TO_MEASURES))
            # A clock that is late tells of a measure when it issues it: before all else is done to it, and before it ends.
            if said.get("how") == "late" and (second or at > (ruling.at - hour(0)) // timedelta(hours=1) + 5):
                continue
            if kind in AT_ONCE and second and late:  # what was decided before is not known yet
                continue
            late = 0 if kind in AT_ONCE else late
            matter = ruling.matter.replace("sanction:", "appeal:") if kind == "appeal.decided" else ruling.matter
            by: dict[str, Scalar] = {} if kind in TOLD else {"agent": f"agent:{draw(st.integers(1, 2))}"}
            data = by | said
            facts.append(
                Fact(id=f"d{number:03d}{second}", kind=kind, at=hour(at), noted_at=hour(at + late), subject=ruling.matter,
                     matter=matter, party=PARTY, data=data)
            )  # fmt: skip
    if draw(st.booleans()):
        facts += draw(of_another())
    return versions, sorted(facts, key=lambda fact: (fact.noted_at, fact.id))


@st.composite
def of_another(draw: st.DrawFn) -> list[Fact]:
    """Points that come with an account that is taken over, change, and go again."""
    account, facts = {"account": "seller:other"}, []
    at = draw(st.integers(20, 90))
    for number in range(draw(st.integers(1, 3))):
        charge: dict[str, Scalar] = {
            "merge": "m", "of": f"c{number % 2}", "ledger": draw(st.sampled_from(["service", "score"])),
            "points": draw(st.sampled_from([2, 5, 40, -3])), "rule": "spam", "rulebook": "random@1",
            "charged_at": to_text(hour(at - 20)), "expires_at": to_text(hour(at + 40)),
        }  # fmt: skip
        facts.append(("charge.taken_over", charge))
    if draw(st.booleans()):
        facts.append(("charge.cleared", {"of": "c0"}))
    if draw(st.booleans()):
        facts.append(("account.gave_back", {"merge": "m", "agent": "agent:1", "asked_by": "agent:2"}))
    return [
        Fact(id=f"o{number}", kind=kind, at=hour(at + 7 * number), noted_at=hour(at + 7 * number), subject=PARTY,
             matter=PARTY, party=PARTY, data={**account, **data})
        for number, (kind, data) in enumerate(facts)
    ]  # fmt: skip


def at_once(fact: Fact) -> Fact:
    return msgspec.structs.replace(fact, noted_at=fact.at)


def stands(memory: Memory) -> dict[str, set[object]]:
    """What stands by life. When it was warned, how often a measure was issued, and what was seen then, depends on when
    facts were noted.
    """
    return {life.name: {_said(state) for state in _in_force(memory, life)} for life in KEEPING}


def _in_force(memory: Memory, life: Life) -> list[object]:
    return [state for state in memory.of(life.name).values() if not _overturned(state)]


def _overturned(state: object) -> bool:
    return getattr(state, "overturned_at", None) is not None or str(getattr(state, "status", "")) == "overturned"


def _said(state: object) -> tuple[object, ...]:
    told = {"warned", "next_at", "issue", "seconded_by", "seen"}
    return tuple(getattr(state, name) for name in getattr(state, "__struct_fields__") if name not in told)  # noqa: B009


def rulings(of: type[Ruling] = Ruling) -> Iterator[type[Ruling]]:
    for ruling in of.__subclasses__():
        yield from rulings(ruling) if ruling is Overturn else [ruling]


def test_every_ruling_says_to_whom_it_is_told_and_how_it_is_shown() -> None:
    silent = {ruling.__name__ for ruling in RULINGS.values() if not {"kind", "told", "tone"} <= vars(ruling).keys()}
    assert not silent, "what nobody is told says so, too"
    assert len(RULINGS) == len({ruling.__name__ for ruling in RULINGS.values()}), "each has a name of its own"


def test_every_ruling_changes_the_states_of_one_life() -> None:
    owners = Counter(ruling for life in LIVES for ruling in life.rulings)
    assert set(owners) == set(rulings()), "each ruling stands in the table"
    assert set(owners.values()) == {1}
    assert len({life.name for life in LIVES}) == len(LIVES)


def test_lives_flow_downhill() -> None:
    """A life looks at rulings of lives above it alone; what flows up is a fact."""
    above: set[type[Ruling]] = set()
    for life in LIVES:
        assert set(life.after) <= above, f"{life.name} looks at rulings of lives that are not above it"
        above |= set(life.rulings)


@pytest.mark.parametrize("life", KEEPING, ids=lambda life: life.name)
def test_an_overturning_says_whose_state_it_is(life: Life) -> None:
    (overturn,) = [ruling for ruling in life.rulings if issubclass(ruling, Overturn)]
    (what,) = [field.default for field in msgspec.structs.fields(overturn) if field.name == "what"]
    assert what == life.name


@pytest.mark.parametrize("life", KEEPING, ids=lambda life: life.name)
def test_what_is_not_its_ruling_is_refused(life: Life) -> None:
    assert life.apply is not None
    foreign = next(ruling for other in LIVES if other is not life for ruling in other.rulings)
    blank = foreign(**{field.name: field.default for field in msgspec.structs.fields(foreign)})
    with pytest.raises((TypeError, LookupError)):
        life.apply(None, blank)


#: Rulings that random stories bring too seldom; each has tests of its own.
SELDOM = {"Second", "Close"}


def test_every_ruling_is_drawn() -> None:
    """What no random rulebook or history brings is tried by none of the tests here."""
    missing = {ruling.__name__ for life in LIVES for ruling in life.rulings} - SELDOM

    @given(decided())
    @settings(max_examples=1000, derandomize=True, database=None)
    def draw(story: tuple[Rulebooks, list[Fact]]) -> None:
        if missing:  # once all were drawn, the rest costs nothing
            memory = Memory(story[0], PARTY)
            missing.difference_update(type(ruling).__name__ for ruling in [*memory.replay(story[1]), *memory.turn(END)])

    draw()
    assert not missing, "let tests/policy/random_rulebooks.py and told() draw what brings them"


def test_facts_and_rulings_have_names_of_their_own() -> None:
    """Sentences and the journal know both by these. What an agent declined, and that it is declined, share one."""
    assert KINDS.keys() & RULINGS.keys() == {"sanction.declined"}


def test_a_ruling_is_named_in_the_journal_by_its_class() -> None:
    assert {ruling.__name__: ruling.__struct_config__.tag for ruling in RULINGS.values()} == {
        ruling.__name__: ruling.__name__ for ruling in RULINGS.values()
    }


def test_nobody_outside_tells_of_what_is_ours() -> None:
    """A state that is a matter by itself is Comity's own: what happens to it follows from an action or the clock."""
    ours = {life.moments for life in LIVES if life.moments}
    assert {kind.name for kind in KINDS.values() if ours & set(kind.subjects) and kind.from_outside} == set()


@given(decided())
@settings(max_examples=300)
def test_the_order_of_arrival_does_not_matter_for_any_life(story: tuple[Rulebooks, list[Fact]]) -> None:
    books, facts = story
    in_time = sorted((at_once(fact) for fact in facts), key=lambda fact: fact.place)
    until = max([END, *(fact.noted_at for fact in facts)])
    assert stands(fold(books, PARTY, facts, until=until)) == stands(fold(books, PARTY, in_time, until=until))


@given(decided())
@settings(max_examples=200)
def test_a_moment_ruled_on_twice_changes_nothing(story: tuple[Rulebooks, list[Fact]]) -> None:
    books, facts = story

    def twice(rulebooks: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
        rulings = judge(rulebooks, dossier, fact)
        if fact.kind == "deadline.fell":
            assert judge(rulebooks, dossier, fact) == [], f"{fact.matter} was ruled on twice"
        return rulings

    once, again_ = Memory(books, PARTY), Memory(books, PARTY)
    for fact in facts:
        expected = once.note(fact)
        with mock.patch.object(memory_module, "judge", twice):
            assert again_.note(fact) == expected
    expected = once.turn(END)
    with mock.patch.object(memory_module, "judge", twice):
        assert again_.turn(END) == expected


@given(decided())
@settings(max_examples=200)
def test_a_fresh_memory_for_each_fact_rules_the_same(story: tuple[Rulebooks, list[Fact]]) -> None:
    """What is read lazily is what would have been there: the memory that lives on is the measure."""
    books, facts = story
    living = Memory(books, PARTY)
    for fact in facts:
        fresh = again(living)
        assert fresh.note(fact) == living.note(fact)
    assert again(living).turn(END) == living.turn(END)


def again(memory: Memory) -> Memory:
    """Return a memory that must read everything again."""
    fresh = Memory(memory.rulebooks, memory.party)
    fresh.passed = memory.passed
    assert isinstance(memory.counting, Tallies)
    fresh.counting = Tallies(row for rows in memory.counting.rows.values() for row in rows.values())
    for name, shelf in memory.shelves.items():
        if name in ("duty", "standard"):
            fresh.load(name, sorted(shelf.values(), key=lambda state: getattr(state, "place", state.key)))
        else:
            fresh.fetch[name] = list(shelf.values()).copy
    for matter, facts in memory.history.items():
        fresh.recall(matter, last_at=None, facts=facts)
    fresh._last, fresh._pauses = dict(memory._last), {key: list(each) for key, each in memory._pauses.items()}
    for life in LIVES:
        for state in memory.shelves[life.name].values():
            if state.next_at is not None and life.name not in ("duty", "standard"):
                fresh.load(life.name, [state])
    return fresh


@given(decided())
@settings(max_examples=examples(200))
def test_what_is_taken_back_is_dated_when_it_was_noted_and_all_else_when_it_happened(
    story: tuple[Rulebooks, list[Fact]],
) -> None:
    """What is noted is stamped here with microseconds that nothing that happened has."""
    books, facts = story
    lines: list[Fact | Ruling] = []
    memory = Memory(books, PARTY, write=lines.append)
    for fact in facts:
        memory.note(msgspec.structs.replace(fact, noted_at=fact.noted_at + STAMP))
    memory.turn(END)
    causes = {line.id: line for line in lines if isinstance(line, Fact)}
    for ruling in lines:
        if isinstance(ruling, Overturn):
            assert ruling.at == causes[ruling.because].undone_at
        elif isinstance(ruling, Ruling) and not isinstance(ruling, Move):
            moments = [getattr(ruling, name, None) for name in ("at", "due", "expires_at", "effective_at", "until")]
            assert not [moment for moment in moments if moment and moment.microsecond == STAMP.microseconds]


@given(decided())
@settings(max_examples=examples(200))
def test_a_quiet_moment_rules_nothing(story: tuple[Rulebooks, list[Fact]]) -> None:
    """With a journal every moment is judged; without, quiet ones are passed over: the rulings are the same."""
    books, facts = story
    lines: list[Fact | Ruling] = []
    silent, written = Memory(books, PARTY), Memory(books, PARTY, write=lines.append)
    for fact in facts:
        assert silent.note(fact) == written.note(fact)
    assert silent.turn(END) == written.turn(END)
    assert {name: dict(shelf.items()) for name, shelf in silent.shelves.items() if name != "duty"} == {
        name: dict(shelf.items()) for name, shelf in written.shelves.items() if name != "duty"
    }


@given(decided())
@settings(max_examples=examples(200))
def test_a_life_asked_of_what_it_is_deaf_to_rules_nothing(story: tuple[Rulebooks, list[Fact]]) -> None:
    books, facts = story
    hearing = [dataclasses.replace(life, deaf=lambda books: frozenset()) for life in LIVES]
    all_asked = Rulebooks(books)
    with mock.patch.object(judge_module, "LIVES", hearing):
        judge_module._asked(all_asked)  # who is asked is kept from here on
    asked_all, asked = Memory(all_asked, PARTY), Memory(books, PARTY)
    for fact in facts:
        assert asked_all.note(fact) == asked.note(fact)
    assert asked_all.turn(END) == asked.turn(END)


def test_a_moment_has_an_id_of_its_own() -> None:
    ids = set()
    for turn in (0, 1):
        state = msgspec.structs.replace(_duty(), warned=turn)
        ids.add(deadline(state, PARTY, noted_at=hour(9)).id)
    assert len(ids) == 2


def _duty() -> DutyState:
    return DutyState(key="k", rule="r", rulebook="b@1", matter="order:1", subject="order:1", opened_at=hour(0),
                     opened_by="f", due=hour(5), next_at=hour(5))  # fmt: skip


@given(decided(), st.floats(0, 1), st.integers(0, 30))
@settings(max_examples=examples(300))
def test_many_facts_in_one_sitting_are_what_they_are_in_time(
    story: tuple[Rulebooks, list[Fact]], share: float, hours: int
) -> None:
    """The first part one by one, the rest told together, in any order: what stands is what would stand in time."""
    books, facts = story
    facts = [fact for fact in facts if fact.kind not in AT_ONCE]
    alone = int(len(facts) * share)
    last = max((fact.noted_at for fact in facts), default=hour(0)) + timedelta(hours=hours)
    rest = [msgspec.structs.replace(fact, noted_at=last, sitting=alone + 1) for fact in facts[alone:]]
    in_time = sorted((at_once(fact) for fact in facts), key=lambda fact: fact.place)
    until = max(END, last)
    told_late = fold(books, PARTY, [*facts[:alone], *sorted(rest, key=lambda fact: fact.id)], until=until)
    assert stands(told_late) == stands(fold(books, PARTY, in_time, until=until))


def test_old_orders_told_together_accuse_nobody() -> None:
    """Thirty orders sent in time, told months later: one by one each would be late first, and its lateness taken back."""
    books = Rulebooks([parse(text_of("aliexpress"))])
    facts = []
    for number in range(30):
        steps: tuple[tuple[str, int, dict[str, Scalar]], ...] = (
            ("order.paid", 24 * number, {"dispatch_by": to_text(hour(24 * number + 72))}),
            ("shipment.dispatched", 24 * number + 40, {"tracked": True}),
            ("shipment.scanned", 24 * number + 50, {"source": "carrier", "status": "in_transit"}),
            ("shipment.delivered", 24 * number + 200, {}),
        )
        for kind, at, data in steps:
            facts.append(
                Fact(id=f"{number}{kind}", kind=kind, at=hour(at), noted_at=hour(5_000), subject=f"{kind.partition('.')[0]}:{number}",
                     matter=f"order:{number}", party=PARTY, data=data)
            )  # fmt: skip
    one_by_one, together = Memory(books, PARTY), Memory(books, PARTY)
    many = [ruling for fact in sorted(facts, key=lambda fact: fact.place) for ruling in one_by_one.note(fact)]
    few = together.sit(facts) + together.turn(hour(5_000))
    assert stands(one_by_one) == stands(together)
    assert any(isinstance(ruling, Overturn) for ruling in many)
    assert {ruling.kind for ruling in few} <= {"duty.opened", "duty.warned", "duty.met"}
    assert len(few) < len(many) / 2
