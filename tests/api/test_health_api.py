"""Health and complaints by the API: exact fractions, zones beside moments, and who may ask."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.actions.guard import Actor
from comity.records.models import Party
from tests.actions.sanctions.rules import staged, violation
from tests.api.client import Api
from tests.cast import Cast
from tests.records.test_complaints import dispute, listing, ordered
from tests.web.test_health import LADDER, STANDARD, sold

pytestmark = pytest.mark.django_db


def asked(cast: Cast, who: Actor, of: Party, what: str = "health", status: int = 200) -> Any:
    answer = Api(cast.platform, who).get(f"/parties/{of.uuid}/{what}")
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def test_a_ledger_is_told_with_its_ladder_and_what_ends_next() -> None:
    now = datetime.now(UTC)
    cast = staged(LADDER)
    first = violation(cast, now - timedelta(days=170), 6)
    violation(cast, now - timedelta(days=2), 7)
    told = asked(cast, cast.li, cast.seller)
    (ledger,) = told["ledgers"]
    assert (ledger["points"], ledger["rung"], ledger["following"]) == (13, {"at": 12, "measure": "freeze"}, None)
    assert [each["adds"] for each in ledger["counted"]] == [6, 7]
    assert [(each["points"], each["rung"], each["ending"]) for each in ledger["ahead"][:1]] == [
        (7, {"at": 4, "measure": "warning"}, [first.key]),
    ]  # fmt: skip
    (wait,) = told["helps"]
    assert (wait["what"], wait["before"], wait["after"], wait["leaves"]) == ("wait", "13", "7", "freeze")


def test_a_standard_is_told_exactly_with_its_zone() -> None:
    cast = sold('zone = "America/Los_Angeles"\n' + STANDARD.replace("<= 20%", "<= 10%"), datetime.now(UTC))
    for who in (cast.li, cast.ken):
        (standard,) = asked(cast, who, cast.seller)["standards"]
        (window,) = standard["now"]["windows"]
        assert (window["counted"], window["faulty"], window["rate"], window["rounded"]) == (5, 1, "1/5", 0.2)
        assert window["low"] < 0.2 < window["high"]
        assert (standard["now"]["zone"], window["begin"][-6:-3]) in (
            ("America/Los_Angeles", "-07"), ("America/Los_Angeles", "-08"),
        )  # fmt: skip
        assert (standard["now"]["state"], standard["limits"]) == ("broken", ["rate <= 10%"])
    clean = next(each for each in asked(cast, cast.li, cast.seller)["helps"] if each["what"] == "clean")
    assert (clean["number"], clean["before"], clean["after"]) == (5, "1/5", "1/10")


def test_complaints_are_told_by_listing_and_lane() -> None:
    cast = staged(LADDER)
    lamp = listing(cast.seller, "Lamp")
    paid = datetime.now(UTC) - timedelta(days=3)
    dispute(ordered(cast, lamp, paid_at=paid), "damaged")
    ordered(cast, lamp, paid_at=paid)
    page = asked(cast, cast.li, cast.seller, "complaints")
    (row,) = page["rows"]
    assert (page["total"], row["listing"], row["rate"], row["disputes"]) == (1, str(lamp.uuid), "1/2", {"damaged": 1})
    (lane,) = asked(cast, cast.ken, cast.seller, "complaints?by=lane&days=7")["rows"]
    assert (lane["country"], lane["carrier"], lane["orders"], lane["listing"]) == ("FR", "post", 2, None)
    assert asked(cast, cast.li, cast.seller, "complaints?days=1")["rows"] == []
    asked(cast, cast.li, cast.seller, "complaints?days=0", status=422)
    asked(cast, cast.ken, cast.buyer, "complaints", status=404)


def test_rivals_and_buyers_see_nothing() -> None:
    cast = staged(LADDER)
    for who in (cast.max, cast.ana):
        asked(cast, who, cast.seller, status=403)
        asked(cast, who, cast.seller, "complaints", status=403)
    assert asked(cast, cast.ana, cast.buyer)["standards"] == []
