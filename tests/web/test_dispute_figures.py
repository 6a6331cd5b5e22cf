"""The page of figures: what it says, to whom, and that few decisions tell no rate."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.actions.disputes import claims, deciding, guided, mediation
from comity.actions.guard import Actor
from comity.policy.disputes.figures import LEAST
from comity.records.models import Dispute
from tests.cast import START
from tests.disputing import Stage, agent, rulebook, stage
from tests.web.test_dispute_pages import main, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/desk/disputes/figures/"
DAY = timedelta(days=1)
BEGAN = datetime.now(UTC) - 20 * DAY


def decided(here: Stage, who: Actor, outcome: str = "seller", reason: str = "") -> Dispute:
    """A case of four days: one with the seller, two with the buyer, one with the platform."""
    dispute = here.open(BEGAN + DAY)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=BEGAN + 2 * DAY)
    mediation.escalate(here.cast.ana, dispute, at=BEGAN + 4 * DAY)
    mediation.take(who, dispute, at=BEGAN + 4 * DAY)
    judged = deciding.Judgement(outcome, inputs={"proof": "unclear"}, text="So it is.", reason=reason)
    deciding.decide(who, dispute, judged, at=BEGAN + 5 * DAY)
    return dispute


def another(here: Stage) -> Stage:
    """One more order of the same two, of the same day."""
    return Stage(here.cast, here.cast.order(at=(BEGAN - START) / timedelta(hours=1)))


def test_nothing_yet_says_what_will_appear() -> None:
    here = stage(at=BEGAN)
    page = main(sign_in(here.cast.ken).get(PAGE))
    assert "No case ended in these days. How long cases are with whom will appear here." in page
    assert "No case waits for an agent to take it." in page
    assert "too few (0) ." not in page
    assert "ended the same. too few" not in page
    assert 'href="/desk/disputes/figures/"' in main(sign_in(here.cast.ken).get("/desk/disputes/"))


def bare(response: Any) -> str:
    """The page without the labels that a phone shows beside each figure."""
    return re.sub(r' data-label="[^"]*"', "", main(response))


def test_times_lines_groups_and_the_guided_opening() -> None:
    here = stage(at=BEGAN)
    ada, ben = agent(here.cast, "Ada", at=BEGAN), agent(here.cast, "Benedict", at=BEGAN)
    guided.note(here.order, "reason", advised="show_photos", at=BEGAN)
    decided(here, ada)
    other = decided(another(here), ben, "nobody", reason="Both were wrong.")
    page = bare(sign_in(ada).get(PAGE))
    assert "half took no more than 4 days, on average 4 days (2 cases)." in page
    assert '<tr><td>The seller</td><td class="num">1 day</td>' in page
    assert '<tr><td>The buyer</td><td class="num">2 days</td>' in page
    assert '<td dir="auto">All together</td><td class="num">2</td>' in page
    assert (
        '<td dir="auto">You</td><td class="num">1</td><td class="num"><span class="muted">too few</span></td>' in page
    )
    assert "Benedict" not in page, "colleagues are nobody's business"
    assert "You see your own line beside that of all." in page
    assert f'<a href="/desk/disputes/{other.key}/">{other.key}</a> nobody (other than the table)' in page
    assert "only by decisions that say why they differ" in page
    assert "Show the seller photos of it." in page
    assert "Followed by a claim: 1; by a question alone: 0." in page
    assert "Benedict" in main(sign_in(here.cast.platform).get(PAGE))


def test_a_rate_is_told_with_its_interval_from_enough_decisions_on() -> None:
    here = stage(at=BEGAN)
    ada = agent(here.cast, "Ada", at=BEGAN)
    decided(here, ada)
    for _ in range(LEAST - 1):
        decided(another(here), ada)
    page = main(sign_in(ada).get(PAGE))
    assert f'0% <span class="muted">0% – 27.8%, 0 of {LEAST}</span>' in page
    assert "in 1 of them all ended the same." in page


def test_days_are_asked_for_and_nonsense_is_not_taken() -> None:
    here = stage(rulebook(), at=BEGAN)
    decided(here, agent(here.cast, "Ada", at=BEGAN))
    client = sign_in(here.cast.ken)
    assert "0 cases that ended within 10 days" in main(client.get(PAGE, {"days": "10"}))
    for nonsense in ("", "x", "-1", "99999", "²"):
        assert "1 case that ended within 90 days" in main(client.get(PAGE, {"days": nonsense}))
    assert "within 730 days" in main(client.get(PAGE, {"days": "9999"}))
    assert "within 1 days" in main(client.get(PAGE, {"days": "0"}))


def test_buyers_and_sellers_never_see_them() -> None:
    here = stage(at=BEGAN)
    for stranger in (here.cast.ana, here.cast.li):
        assert sign_in(stranger).get(PAGE).status_code == 403
