"""Due process with people who press buttons: random lives of a seller, agents who decide, appeals, points taken off.

What is refused is refused in words; what is done holds what the law asks for: a statement with every measure, nobody
who decides twice in one matter, nothing in force that was taken back, and a record from which all of it follows.
"""

from collections import Counter
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import appeals, clock, sanctions
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.actions.measured import written
from comity.policy.facts import Fact
from comity.policy.sanctions.ladder import key_of_asked
from comity.records import journal, rebuild
from comity.records.models import Charge, RulebookVersion, Sanction
from comity.rulebooks.language.parse import parse
from tests.actions.sanctions.rules import BOOK, agent, violation
from tests.cast import START, Cast, assemble, hours
from tests.profiles import examples
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
RUNGS = """
[[ledger.rung]]
at = 4
measure = "warning"
decided_by = "automatic"
[[ledger.rung]]
at = 8
measure = "orders capped"
most = 2
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
"""
DECIDING = ("sanction.asked", "sanction.approved", "sanction.declined", "sanction.released", "appeal.decided")


class Undo(Exception):
    """Rolls a story back, so that the next one begins on an empty stage."""


class Press(NamedTuple):
    """A button that one of three agents, or the seller, presses so many hours later; of measures mostly the newest."""

    what: str
    after: int
    place: int
    who: int
    points: int
    result: str


#: In which order buttons make sense; who presses each is left to chance, and so is what comes between.
WAYS = (
    ("find", "approve", "approve", "appeal", "decide", "decide"),
    ("ask", "approve", "approve", "appeal", "decide", "decide"),
    ("find", "find", "approve", "take off", "approve", "release"),
    ("ask", "decline", "approve", "appeal", "decide"),
    ("find", "appeal", "decide", "find", "approve", "take off"),
)


def pressed(what: str) -> st.SearchStrategy[Press]:
    return st.builds(
        Press, what=st.just(what), after=st.integers(1, 60), place=st.sampled_from((0, 0, 0, 1)),
        who=st.integers(0, 2), points=st.integers(4, 14), result=st.sampled_from(("stands", "falls", "shortened")),
    )  # fmt: skip


presses = st.lists(st.sampled_from(WAYS), min_size=1, max_size=3).flatmap(
    lambda ways: st.tuples(*(pressed(what) for way in ways for what in way)).map(list)
)


def press(cast: Cast, agents: list[Actor], one: Press, at: float) -> None:
    """Press a button. Raises what the actions raise where it is not to be pressed."""
    now, who = hours(at), agents[one.who]
    if one.what == "find":
        violation(cast, now, one.points)
        return
    if one.what == "ask":
        wanted = sanctions.Wanted("freeze", "spam", "Seen.", timedelta(days=one.points), timedelta(hours=24))
        sanctions.ask(who, cast.seller, wanted, at=now)
        return
    rows = list(Sanction.objects.order_by("-at", "key"))
    if not rows:
        return
    row = rows[one.place % len(rows)]
    match one.what:
        case "approve":
            sanctions.approve(who, row, at=now)
        case "decline":
            sanctions.decline(who, row, at=now, reason="mistake")
        case "release":
            sanctions.release(who, row, reason="mistake", at=now, because="Enough.")
        case "appeal":
            appeals.file(cast.li, row, words=written(f"It was not me {at}."), at=now)
        case "decide":
            length = timedelta(hours=one.points) if one.result == "shortened" else None
            appeals.decide(who, row, result=one.result, because="So it is.", at=now, length=length)
        case "take off":
            charges = Charge.objects.filter(overturned_at=None).order_by("pk")
            if charge := charges.first():
                sanctions.take_off(who, charge, reason="mistake", at=now)


def test_whoever_presses_which_button_due_process_is_kept() -> None:
    cast = assemble(publish=False)
    text = BOOK % RUNGS
    RulebookVersion.objects.create(  # without the analysis, which would ask for more rungs
        name="small", version="1", text=text, in_force_from=parse(text).in_force_from, published_at=START
    )
    agents = [agent(cast, name) for name in ("Noor", "Omar", "Iris")]

    @given(presses)
    @settings(max_examples=examples(50))
    def lived(story: list[Press]) -> None:
        live(cast, agents, story)

    lived()


def live(cast: Cast, agents: list[Actor], story: list[Press]) -> None:
    with pytest.raises(Undo), transaction.atomic():
        at = 0.0
        for one in story:
            at += one.after
            clock.turn(hours(at))
            try:
                press(cast, agents, one, at)
            except (Refused, Forbidden) as refused:  # NotNow is a kind of the first
                assert str(refused), "a refusal says why"
        end = at + 24 * 40
        clock.turn(hours(end))
        every_measure_has_its_statement_and_its_time()
        nobody_decides_twice(cast)
        what_was_taken_back_is_gone(at, end)
        assert replayed(cast.seller, until=hours(end)) == ruled(cast.seller)
        assert rebuild.at_odds(cast.seller) == []
        raise Undo


def every_measure_has_its_statement_and_its_time() -> None:
    for row in Sanction.objects.exclude(placed_at=None):
        assert row.statement is not None
        assert row.statement["measure"] == row.measure
        if row.origin.startswith("ledger"):
            assert {each["key"] for each in row.statement["charges"]} >= set(row.because), "every infringement"
        if row.measure != "warning" and row.effective_at is not None:
            assert row.told_at is not None
            least = {"orders capped": 24, "freeze": 24 if row.origin.startswith("agent") else 48, "closure": 720}
            assert row.effective_at >= row.told_at + timedelta(hours=least[row.measure])


def nobody_decides_twice(cast: Cast) -> None:
    told: dict[str, list[Fact]] = {}
    for fact in journal.facts_of(cast.seller):
        if fact.kind in DECIDING:
            about = f"sanction:{key_of_asked(fact.id)}" if fact.kind == "sanction.asked" else fact.subject
            told.setdefault(about, []).append(fact)
    # What was issued anew, with other reasons, is another decision.
    for row in Sanction.objects.filter(issue__lte=1):
        facts = told.get(row.ref, [])
        # To take back what one asked for, or to end a measure, is against nobody.
        mild = ("sanction.declined", "sanction.released")
        by = [str(fact.data["agent"]) for fact in facts if fact.kind not in mild]
        assert len(set(by)) == len(by), "who asked does not approve, and who approved hears no appeal"
        kinds = Counter(fact.kind for fact in facts)
        assert kinds["appeal.decided"] <= 1
        assert kinds["sanction.declined"] <= 1
        if row.measure == "closure" and row.placed_at is not None:
            assert kinds["sanction.approved"] == 2


def what_was_taken_back_is_gone(at: float, end: float) -> None:
    off = set(Charge.objects.exclude(overturned_at=None).values_list("key", flat=True))
    for row in Sanction.objects.filter(origin__startswith="ledger").exclude(status="overturned"):
        assert not off.intersection(row.because)
    for row in Sanction.objects.filter(status="overturned"):
        assert row.ended_at is not None
        for moment in (at, end):
            assert hours(moment) < row.ended_at or not row.is_in_force(hours(moment))
    causes = Counter(
        row.because[-1] for row in Sanction.objects.filter(origin__startswith="ledger").exclude(status="overturned")
    )
    assert max(causes.values(), default=0) <= 1, "one charge, one measure: the heaviest"
