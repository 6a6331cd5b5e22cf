"""A marketplace lived under each shipped rulebook: replay equals live, rows follow from chains, and how facts are
delivered does not matter.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from comity.actions import clock, facts, parties
from comity.demo import simulation
from comity.demo.people import People, Scale
from comity.lib.moments import to_text
from comity.policy.facts import KINDS, Fact
from comity.records import journal, rebuild
from comity.records.models import Party
from comity.rulebooks import shelf
from tests.properties.stories import replayed, ruled, standing

#: Enough orders for two sellers to be evaluated at the same moment under rules that look at a handful.
SCALE = Scale(sellers=6, buyers=20, orders=100, days=75)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
#: Facts in a request, at most, and how many orders of chance they are told in.
REQUEST, SHUFFLES = 120, 1
#: What rules say is judged the same on every engine: each is lived on one, on PostgreSQL the one that says most.
_ON_POSTGRESQL = ("comity",)
RULEBOOKS = [name for name in shelf.names() if (name in _ON_POSTGRESQL) == (connection.vendor == "postgresql")]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_a_marketplace_lived_and_told_elsewhere(rulebook: str) -> None:
    people = simulation.build(seed=1, end=NOW, scale=SCALE, rulebook=rulebook)
    replay_equals_live_and_rows_follow()
    how_facts_are_delivered_does_not_matter(people)


def replay_equals_live_and_rows_follow() -> None:
    for party in Party.objects.filter(standing__chain_seq__gt=0):
        assert replayed(party, until=NOW) == ruled(party)
        assert rebuild.at_odds(party) == []
        assert list(journal.verify(party)) == []


def how_facts_are_delivered_does_not_matter(people: People) -> None:
    """Told to another marketplace in one request; or in an order of chance, in requests of any length, each twice."""
    told = sorted((fact for seller in people.sellers for fact in from_outside(seller)), key=lambda fact: fact.place)
    in_order = Elsewhere(people, "in order")
    in_order.tell([told])
    for number in range(SHUFFLES):
        shuffled = Elsewhere(people, f"shuffled {number}")
        shuffled.tell(cut(told * 2, random.Random(number)))
        for seller in people.sellers:
            one, other = in_order.stands(seller), shuffled.stands(seller)
            for what, found in one.items():
                assert found ^ other[what] == set(), what
            assert rebuild.at_odds(shuffled.sellers[seller.ref]) == []


def from_outside(seller: Party) -> list[Fact]:
    return [fact for fact in journal.facts_of(seller) if KINDS[fact.kind].from_outside]


def cut(told: list[Fact], chance: random.Random) -> Iterator[list[Fact]]:
    """Shuffle facts and cut them in requests."""
    chance.shuffle(told)
    while told:
        size = chance.randint(1, REQUEST)
        yield told[:size]
        del told[:size]


class Elsewhere:
    """The same sellers in another marketplace, to which facts are told."""

    def __init__(self, people: People, name: str):
        self.platform = people.platform
        self.sellers: dict[str, Party] = {}
        for seller in people.sellers:
            new = parties.NewParty(role="seller", name=name, external_id=f"{name} {seller.external_id}")
            self.sellers[seller.ref] = parties.add(people.platform, new, at=NOW)

    def tell(self, requests: Iterable[Sequence[Fact]]) -> None:
        for request in requests:
            answers = facts.record_all(self.platform, [self.event(fact) for fact in request], now=NOW)
            assert {answer.status for answer in answers} <= {"recorded", "known"}
        clock.turn(NOW + timedelta(hours=1))

    def event(self, fact: Fact) -> dict[str, Any]:
        """A fact of the first marketplace as an event of one of these sellers."""
        seller = self.sellers[fact.party]

        def called(name: Any) -> Any:
            """Things of the first marketplace are nobody's here: each has an id of the shop's."""
            kind, _, identity = str(name).partition(":")
            if kind in ("order", "shipment", "conversation"):
                return f"{kind}:shop-{identity}"
            return seller.ref if name == fact.party else name

        data = {name: called(value) for name, value in fact.data.items()}
        return {
            "specversion": "1.0", "id": fact.id, "source": "shop", "type": fact.kind, "time": to_text(fact.at),
            "subject": called(fact.subject), "data": {**data, "party": seller.ref, "matter": called(fact.matter)},
        }  # fmt: skip

    def stands(self, seller: Party) -> dict[str, Any]:
        return standing(self.sellers[seller.ref])
