"""A marketplace lived under each shipped rulebook: replay equals live, and every row follows from its chain."""

from datetime import UTC, datetime

import pytest

from comity.demo import simulation
from comity.demo.people import Scale
from comity.records import journal, rebuild
from comity.records.models import Party
from comity.rulebooks import shelf
from tests.properties.stories import replayed, ruled

#: Enough orders for two sellers to be evaluated at the same moment under rules that look at a handful.
SCALE = Scale(sellers=6, buyers=20, orders=150, days=75)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rulebook", shelf.names())
def test_replay_equals_live_and_rows_follow_from_the_chain(rulebook: str) -> None:
    simulation.build(seed=7, end=NOW, scale=SCALE, rulebook=rulebook)
    for party in Party.objects.filter(standing__chain_seq__gt=0):
        assert replayed(party, until=NOW) == ruled(party)
        assert rebuild.at_odds(party) == []
        assert list(journal.verify(party)) == []
