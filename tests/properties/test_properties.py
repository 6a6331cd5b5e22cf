"""Properties 1, 2, 3 and 7 of the design, in the database, over random stories."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import clock, parties, rulebooks
from comity.actions.guard import Actor
from comity.demo import simulation
from comity.demo.people import Scale
from comity.policy.facts import Fact
from comity.records import journal
from comity.records import rulebooks as published
from comity.records.models import JournalLine, Party, RulebookVersion
from comity.rulebooks.language.parse import parse
from tests.policy.random_rulebooks import END as HISTORY_ENDS
from tests.policy.strategies import FIRST, SECOND, START, hour
from tests.policy.test_lives import told
from tests.profiles import examples
from tests.properties.stories import histories, noted, replayed, ruled, standing

END = hour(400)
pytestmark = pytest.mark.django_db


class Undo(Exception):
    """Rolls a story back, so that the next one begins on an empty stage."""


def seller_under_two_versions() -> Party:
    published.forget()
    platform = Actor(parties.platform(START))
    rulebooks.publish(platform, FIRST, at=START)
    rulebooks.publish(platform, SECOND, at=START)
    return parties.add(platform, parties.NewParty(role="seller", name="S", external_id="s1"), at=START)


def seller_under(versions: list[str]) -> Party:
    """A seller under random rules, which need no analysis before they are in force."""
    published.forget()
    platform = Actor(parties.platform(START))
    for text in versions:
        book = parse(text)
        RulebookVersion.objects.create(
            name=book.name, version=book.version, text=text, in_force_from=book.in_force_from, published_at=START
        )
    return parties.add(platform, parties.NewParty(role="seller", name="S", external_id="s1"), at=START)


@given(histories)
@settings(max_examples=examples(60))
def test_replay_equals_live(facts: list[Fact]) -> None:
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under_two_versions()
        noted(facts, seller)
        clock.turn(END)
        assert replayed(seller, until=END) == ruled(seller)
        assert list(journal.verify(seller)) == []
        raise Undo


@given(told())
@settings(max_examples=examples(60))
def test_replay_equals_live_for_every_life(story: tuple[list[str], list[Fact]]) -> None:
    """Random rules, findings, courses, decisions that come late: what is read lazily is what a replay has all along."""
    versions, facts = story
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under(versions)
        noted(facts, seller)
        clock.turn(HISTORY_ENDS)
        assert replayed(seller, until=HISTORY_ENDS) == ruled(seller)
        assert list(journal.verify(seller)) == []
        raise Undo


@given(histories, st.lists(st.integers(0, 300), max_size=8))
@settings(max_examples=examples(40))
def test_when_the_clock_is_turned_does_not_matter(facts: list[Fact], turns: list[int]) -> None:
    outcomes = []
    for moments in (turns, []):
        with pytest.raises(Undo), transaction.atomic():
            seller = seller_under_two_versions()
            pending = sorted({hour(turn) for turn in moments})
            for fact in facts:
                while pending and pending[0] <= fact.noted_at:
                    clock.turn(pending.pop(0))
                noted([fact], seller)
            clock.turn(END)
            outcomes.append([{k: v for k, v in body.items() if k != "party"} for body in ruled(seller)])
            raise Undo
    told, at_once = ([_but_since_told(body) for body in outcome if not _runs_since_told(body)] for outcome in outcomes)
    assert told == at_once


def _runs_since_told(body: dict[str, Any]) -> bool:
    """Whether a ruling says from when to when a measure is in effect: that is since its party was told (decision 36)."""
    return body["ruling"] in ("Tell", "Begin", "Hold", "Lift")


def _but_since_told(body: dict[str, Any]) -> dict[str, Any]:
    """A ruling without whether a measure was over already when it was taken back: that, too, is since it was told."""
    return body | {"was": ""} if (body["ruling"], body.get("what")) == ("Overturn", "sanction") else body


@given(histories)
@settings(max_examples=examples(40))
def test_the_order_of_arrival_does_not_matter(facts: list[Fact]) -> None:
    in_time = [Fact(id=f.id, kind=f.kind, at=f.at, noted_at=f.at, subject=f.subject, matter=f.matter, party=f.party, data=f.data)
               for f in facts]  # fmt: skip
    outcomes = []
    for order in (facts, sorted(in_time, key=lambda f: f.place)):
        with pytest.raises(Undo), transaction.atomic():
            seller = seller_under_two_versions()
            noted(order, seller)
            clock.turn(END)
            outcomes.append(standing(seller))
            raise Undo
    for what, found in outcomes[0].items():
        assert found ^ outcomes[1][what] == set(), what


@given(histories)
@settings(max_examples=examples(30))
def test_the_same_facts_twice_change_nothing(facts: list[Fact]) -> None:
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under_two_versions()
        noted(facts, seller)
        before = list(JournalLine.objects.order_by("pk").values_list("body", "hash"))
        noted(facts, seller)
        assert list(JournalLine.objects.order_by("pk").values_list("body", "hash")) == before
        raise Undo


SMALL = Scale(sellers=8, buyers=20, orders=60, days=30)
#: The same bytes twice are the same bytes of a few.
FEW = Scale(sellers=4, buyers=10, orders=25, days=30)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def bodies() -> list[str]:
    return list(JournalLine.objects.order_by("party__external_id", "party__role", "seq").values_list("body", flat=True))


def test_the_sample_marketplace_replays_to_the_same_rulings_and_bytes() -> None:
    people = simulation.build(seed=5, end=NOW, scale=SMALL)
    for seller in people.sellers:
        assert replayed(seller, until=NOW) == ruled(seller)
    assert JournalLine.objects.filter(kind="duty.breached").exists()
    assert JournalLine.objects.filter(kind="duty.met").count() > 50


@pytest.mark.once
def test_the_same_seed_gives_the_same_journal_bytes() -> None:
    told = []
    for seed in (5, 5, 6):
        with pytest.raises(Undo), transaction.atomic():
            published.forget()
            simulation.build(seed=seed, end=NOW, scale=FEW)
            told.append(bodies())
            raise Undo
    assert told[0] == told[1]
    assert told[0] != told[2]
