"""Agents see how accounts are linked and why nothing follows; their holders do not see to whom."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from comity.actions import sanctions
from comity.integrations.transparency import sending, statements
from comity.records.models import Sanction
from tests.actions.identity.rules import joined, link, shut_out, staged
from tests.actions.sanctions.rules import agent
from tests.api.client import Api
from tests.cast import hours
from tests.web.test_pages import sign_in

pytestmark = pytest.mark.django_db


def test_the_desk_says_which_links_there_are_and_what_is_missing() -> None:
    cast = staged()
    kim = joined(cast, "Kim Hidden")
    shut_out(cast, kim.party, 0)
    link(cast, cast.seller, kim.party, "network", hours(1))
    ken = sign_in(cast.ken)
    page = ken.get(f"/desk/parties/{cast.seller.uuid}/").content.decode()
    assert "Kim Hidden" in page
    assert "same network address" in page
    assert "Not enough for a measure: it needs 2 different kinds" in page
    assert "A measure was proposed for it." not in page
    assert "found of the other account" in ken.get(f"/desk/parties/{kim.party.uuid}/").content.decode()
    link(cast, cast.seller, kim.party, "payout", hours(2))
    page = ken.get(f"/desk/parties/{cast.seller.uuid}/").content.decode()
    assert "same pay-out account, same network address" in page
    assert "A measure was proposed for it." in page
    journal = ken.get(f"/desk/parties/{cast.seller.uuid}/journal/").content.decode()
    assert "Links to another account are enough to propose a measure" in journal


def test_links_to_somebody_who_may_trade_say_so() -> None:
    cast = staged()
    link(cast, cast.seller, cast.max.party, "payout document", datetime.now(UTC) - timedelta(minutes=1))
    page = sign_in(cast.ken).get(f"/desk/parties/{cast.seller.uuid}/").content.decode()
    assert "The other account was under no closure or freeze when this was found." in page
    assert not Sanction.objects.exists()


def test_the_api_tells_agents_alone() -> None:
    cast = staged()
    shut_out(cast, cast.max.party, 0)
    link(cast, cast.seller, cast.max.party, "network payout", hours(1))
    for party in (cast.seller, cast.max.party):
        (told,) = json.loads(Api(cast.platform, cast.ken).get(f"/parties/{party.uuid}/links").content)
        assert (told["party"], told["other"]) == (str(cast.seller.uuid), str(cast.max.party.uuid))
        assert (told["kinds"], told["matched"]) == (["payout", "network"], True)
    for who in (cast.li, cast.max, cast.ana):
        assert Api(cast.platform, who).get(f"/parties/{cast.seller.uuid}/links").status_code == 403


def test_the_party_reads_why_and_not_who() -> None:
    cast = staged()
    kim = joined(cast, "Kim Hidden")
    shut_out(cast, kim.party, 0)
    link(cast, cast.seller, kim.party, "network payout", hours(1))
    row = Sanction.objects.get(party=cast.seller)
    li = sign_in(cast.li)
    for path in (
        f"/measures/{cast.seller.uuid}/{row.key}/",
        f"/why/sanction/{cast.seller.uuid}/{row.key}/",
        "/sell/health/",
    ):
        answer = li.get(path)
        assert answer.status_code == 200, path
        page = answer.content.decode()
        assert "Kim Hidden" not in page
        assert str(kim.party.uuid) not in page
    page = li.get(f"/measures/{cast.seller.uuid}/{row.key}/").content.decode()
    assert "linked to an account that was frozen on" in page
    assert "same pay-out account, same network address" in page
    assert "Clocks and counts found it. The rule proposed it; a person decides." in page


def test_what_is_stated_to_the_public_names_nobody() -> None:
    cast = staged()
    kim = joined(cast, "Kim Hidden")
    shut_out(cast, kim.party, 0)
    link(cast, cast.seller, kim.party, "network payout", hours(1))
    sanctions.approve(agent(cast, "Noor"), Sanction.objects.get(party=cast.seller), at=hours(2))
    body = sending.made(Sanction.objects.select_related("party").get(party=cast.seller))
    assert statements.problems(body) == []
    assert body["decision_facts"] == (
        "evasion: linked to an account under a freeze since 2026-03-02, by: payout, network."
    )
    assert (body["automated_detection"], body["automated_decision"]) == ("Yes", "AUTOMATED_DECISION_PARTIALLY")
    assert str(kim.party.uuid) not in str(body)


def test_what_if_and_the_health_page_bear_such_a_measure() -> None:
    cast = staged()
    shut_out(cast, cast.max.party, 0)
    link(cast, cast.seller, cast.max.party, "network payout", hours(1))
    ken = sign_in(cast.ken)
    assert ken.get(f"/desk/parties/{cast.seller.uuid}/what-if/").status_code == 200
    assert "Coming back with another account" in ken.get("/help/rules/").content.decode()
