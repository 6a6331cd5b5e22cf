"""A lighter proposal closes by itself once a graver measure of its ledger is placed, in whichever order that is told."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.measures import MeasureState
from comity.policy.sanctions.overtaking import is_closed
from comity.rulebooks.language.parse import parse
from tests.policy.test_lives import at_once, stands
from tests.profiles import examples

PARTY = "seller:s1"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
BOOK = """
name = "shop"
version = "1"
in_force_from = 2026-01-01

[[ledger]]
name = "conduct"
expires_after = "90 days"
[[ledger.rung]]
at = 2
measure = "restriction"
length = "5 days"
notice = "1 day"
[[ledger.rung]]
at = 4
measure = "orders capped"
most = 9
length = "5 days"
notice = "1 day"
[[ledger.rung]]
at = 6
measure = "freeze"
length = "5 days"
notice = "1 day"
AUTOMATIC

[[conduct]]
name = "spam"
title = "No spam"
severity = "low"
proved_by = ["reviewer"]
charge = { ledger = "conduct", points = 2 }
"""
BOOKS = [Rulebooks([parse(BOOK.replace("AUTOMATIC", more))]) for more in ("", 'decided_by = "automatic"')]


def fact(kind: str, about: str, hour: int, late: int = 0, **data: Scalar) -> Fact:
    at = START + timedelta(hours=hour)
    matter = about.replace("sanction:", "appeal:") if kind.startswith("appeal.") else about
    return Fact(
        id=f"{kind}:{about}:{hour}", kind=kind, at=at, noted_at=at + timedelta(hours=late), subject=about,
        matter=matter, party=PARTY, data=data,
    )  # fmt: skip


def spam(hour: int, late: int = 0) -> Fact:
    return fact("violation.found", f"listing:{hour}", hour, late, rule="spam", by="reviewer")


def cleared(hour: int, at: int) -> Fact:
    return fact("violation.cleared", f"listing:{hour}", at, of=spam(hour).id)


def proposed(memory: Memory) -> dict[str, MeasureState]:
    return {each.measure: each for each in memory.measures.values()}


def done(measure: MeasureState, kind: str, hour: int, late: int = 0, **data: Scalar) -> Fact:
    return fact(kind, measure.matter, hour, late, agent="agent:1", **data)


def statuses(memory: Memory) -> dict[str, str]:
    return {name: "closed" if is_closed(each) else each.status.value for name, each in proposed(memory).items()}


THREE = [spam(0), spam(10), spam(20)]


def three() -> Memory:
    memory = fold(BOOKS[0], PARTY, THREE)
    assert statuses(memory) == {"restriction": "proposed", "orders capped": "proposed", "freeze": "proposed"}
    return memory


def test_the_lighter_close_with_the_graver_and_not_the_graver_with_the_lighter() -> None:
    memory = three()
    capped = proposed(memory)["orders capped"]
    (placed, closed) = memory.note(done(capped, "sanction.approved", 30))
    assert (placed.kind, closed.kind, closed.at) == ("sanction.placed", "sanction.closed", START + timedelta(hours=30))
    assert statuses(memory) == {"restriction": "closed", "orders capped": "placed", "freeze": "proposed"}
    assert memory.note(done(proposed(memory)["restriction"], "sanction.approved", 31)) == [], "nothing is decided"
    assert memory.note(done(proposed(memory)["freeze"], "sanction.declined", 32)) != []
    assert statuses(memory)["restriction"] == "closed"


def test_what_was_decided_before_stays_and_what_is_proposed_after_is_new() -> None:
    memory = three()
    memory.note(done(proposed(memory)["restriction"], "sanction.approved", 25))
    memory.note(done(proposed(memory)["freeze"], "sanction.approved", 30))
    assert statuses(memory) == {"restriction": "placed", "orders capped": "closed", "freeze": "placed"}
    again = fold(
        BOOKS[0],
        PARTY,
        [spam(0), fact("sanction.approved", proposed(three())["restriction"].matter, 5, agent="agent:1")],
    )
    again.note(spam(10))
    assert statuses(again) == {"restriction": "placed", "orders capped": "proposed"}


def test_it_is_proposed_again_where_the_graver_one_falls() -> None:
    memory = three()
    freeze = proposed(memory)["freeze"]
    memory.note(done(freeze, "sanction.approved", 30))
    memory.note(done(freeze, "appeal.decided", 60, result="falls"))
    assert statuses(memory) == {"restriction": "proposed", "orders capped": "proposed", "freeze": "overturned"}
    # Another closes one of them; without the charge for which it was, the other is open again.
    memory.note(done(proposed(memory)["orders capped"], "sanction.approved", 70))
    assert statuses(memory)["restriction"] == "closed"
    memory.note(cleared(10, 80))
    assert statuses(memory)["restriction"] == "proposed"


def test_a_graver_one_that_a_rule_places_closes_them_too_and_as_of_then() -> None:
    memory = fold(BOOKS[1], PARTY, THREE[:2])
    memory.note(done(proposed(memory)["restriction"], "sanction.approved", 40))
    memory.note(spam(20, late=40))
    assert statuses(memory) == {"restriction": "closed", "orders capped": "closed", "freeze": "placed"}
    closed = proposed(memory)["restriction"]
    assert (closed.ended_at, closed.placed_at, closed.effective_at) == (START + timedelta(hours=20), None, None)


DONE = st.sampled_from(
    [("sanction.approved", {}), ("sanction.approved", {}), ("sanction.declined", {}), ("sanction.released", {}),
     ("appeal.decided", {"result": "falls"}), ("sanction.told", {"how": "page"}), ("sanction.unreached", {"because": "bounced"})]
)  # fmt: skip
LATE = st.sampled_from([0, 0, 5, 60])


@st.composite
def stories(draw: st.DrawFn) -> tuple[Rulebooks, list[Fact]]:
    """Charges and their end, and decisions on whatever was proposed by them in time; all told late now and then."""
    books = draw(st.sampled_from(BOOKS))
    found = [spam(hour, draw(LATE)) for hour in sorted(draw(st.sets(st.integers(0, 40), min_size=2, max_size=6)))]
    gone = [
        cleared(int((each.at - START).total_seconds() // 3600), draw(st.integers(41, 90)))
        for each in found
        if draw(st.integers(0, 4)) == 0
    ]
    known = fold(books, PARTY, sorted(found, key=lambda each: each.place))
    facts = [*found, *gone]
    for measure in known.measures.values():
        hour = int((measure.at - START).total_seconds() // 3600)
        acts = [draw(DONE) for _ in range(draw(st.integers(0, 2)))]
        # Of two decisions on one measure the second is noted second, and some are noted when they are made.
        late = draw(LATE) if {kind for kind, _ in acts} <= {"sanction.approved", "sanction.declined"} else 0
        for kind, said in acts:
            hour += draw(st.integers(1, 30))
            facts.append(done(measure, kind, hour, late, **said))
    return books, sorted(facts, key=lambda each: (each.noted_at, each.id))


@given(stories(), st.floats(0, 1))
@settings(max_examples=examples(600))
def test_the_order_of_arrival_does_not_matter(story: tuple[Rulebooks, list[Fact]], share: float) -> None:
    books, facts = story
    until = START + timedelta(days=30)
    in_time = fold(books, PARTY, sorted((at_once(each) for each in facts), key=lambda each: each.place), until=until)
    assert stands(fold(books, PARTY, facts, until=until)) == stands(in_time)
    told = [
        each
        for each in facts
        if each.kind in ("violation.found", "violation.cleared", "sanction.approved", "sanction.declined")
    ]
    plain = fold(books, PARTY, sorted((at_once(each) for each in told), key=lambda each: each.place), until=until)
    alone = int(len(told) * share)
    last = max(each.noted_at for each in told)
    rest = [replace(each, noted_at=last, sitting=alone + 1) for each in told[alone:]]
    assert stands(fold(books, PARTY, [*told[:alone], *rest], until=until)) == stands(plain), "as one sitting"
