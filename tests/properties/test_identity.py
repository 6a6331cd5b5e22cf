"""Whatever links are found between accounts, in whatever order: few bring nothing, and nothing outlives its ground."""

from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import appeals, clock
from comity.actions.guard import Actor
from comity.actions.measured import written
from comity.policy.identity.links import KINDS_OF_LINKS
from comity.records import rebuild
from comity.records.models import Charge, Sanction
from tests.actions.identity.rules import joined, link, shut_out, staged
from tests.actions.sanctions.rules import agent
from tests.cast import Cast, hours
from tests.profiles import examples
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db


class Undo(Exception):
    """Rolls a story back, so that the next one begins on an empty stage."""


class Found(NamedTuple):
    """A link that was found of one of three sellers to another, so many hours after the one before."""

    of: int
    to: int
    kind: str
    after: int


found = st.builds(
    Found, of=st.integers(0, 2), to=st.integers(0, 2), kind=st.sampled_from(sorted(KINDS_OF_LINKS)), after=st.integers(1, 30)
).filter(lambda each: each.of != each.to)  # fmt: skip


def wanted(story: list[Found], shut: int) -> set[tuple[int, int]]:
    """Who is to be proposed for whose account, straight from the words of the rule."""
    kinds: dict[tuple[int, int], set[str]] = {}
    proposed: set[tuple[int, int]] = set()
    for each in story:
        pair = (each.of, each.to)
        kinds.setdefault(pair, set()).add(each.kind)
        strong = kinds[pair] & {"payout", "document", "admission"}
        if each.to == shut and len(kinds[pair]) >= 2 and strong and not proposed & {pair, pair[::-1]}:
            proposed.add(pair)
    return proposed


def live(cast: Cast, sellers: list[Actor], story: list[Found], shut: int, *, falls: bool) -> None:
    with pytest.raises(Undo), transaction.atomic():
        on, at = shut_out(cast, sellers[shut].party, 0), 1
        for each in story:
            at += each.after
            link(cast, sellers[each.of].party, sellers[each.to].party, each.kind, hours(at))
        rows = Sanction.objects.filter(origin="evasion:evasion")
        assert {row.party_id for row in rows} == {sellers[of].party.pk for of, _ in wanted(story, shut)}
        assert {row.status for row in rows} <= {"proposed"}
        if falls:
            appeals.file(sellers[shut], on, words=written("It was not me."), at=hours(at + 1))
            appeals.decide(agent(cast, "Iris"), on, result="falls", because="It was not.", at=hours(at + 2))
            assert {row.status for row in rows.all()} <= {"overturned"}
        assert not Charge.objects.exists()
        clock.turn(hours(at + 3))
        for seller in sellers:
            assert replayed(seller.party, until=hours(at + 3)) == ruled(seller.party)
            assert rebuild.at_odds(seller.party) == []
        raise Undo


def test_random_links_propose_what_the_rule_says_and_nothing_more() -> None:
    cast = staged()
    sellers = [cast.li, cast.max, joined(cast, "Kim")]

    @given(st.lists(found, max_size=8), st.integers(0, 2), st.booleans())
    @settings(max_examples=examples(40))
    def lived(story: list[Found], shut: int, falls: bool) -> None:
        live(cast, sellers, story, shut, falls=falls)

    lived()
