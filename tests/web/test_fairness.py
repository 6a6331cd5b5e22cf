"""The report on fairness: by groups, with intervals, what was taken back counts for nobody; page, CSV and API agree."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest

from comity.actions import appeals, listings, orders, parties
from comity.actions.fairness import report
from comity.actions.guard import Actor, Forbidden
from comity.actions.measured import written
from comity.lib.money import Money
from comity.records.models import Order, Sanction
from tests.actions.sanctions.rules import agent, staged, violation
from tests.api.client import Api
from tests.cast import Cast
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db
WARNED = """
[[ledger.rung]]
at = 2
measure = "warning"
decided_by = "automatic"
[[ledger.rung]]
at = 12
measure = "freeze"
length = "7 days"
notice = "1 hour"
decided_by = "automatic"
"""
STANDARD = """
[[standard]]
name = "disputes"
title = "Disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
window = "90 days"
evaluated = "daily"
limit = { rate = "<= 5%" }
breach = { notify = ["seller"] }
[[standard]]
name = "a target"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
window = "90 days"
limit = { rate = "<= 1%" }
"""


def many(cast: Cast, number: int, at: datetime) -> list[Actor]:
    new = [parties.NewParty(role="seller", name=f"S{n}", external_id=f"s{n}") for n in range(number)]
    return [Actor(parties.add(cast.platform, each, at=at)) for each in new]


def test_who_is_warned_and_stopped_by_groups_and_what_fell() -> None:
    now = datetime.now(UTC)
    cast = staged(WARNED)
    sellers = many(cast, 12, now - timedelta(days=30))
    for number, seller in enumerate(sellers[:4]):
        violation(cast, now - timedelta(days=3, hours=number), 12 if number == 0 else 2, of=seller.party)
    frozen = Sanction.objects.get(measure="freeze")
    appeals.file(sellers[0], frozen, words=written("No."), at=now - timedelta(days=2))
    found = report(cast.ken, days=90, at=now)
    young = next(group for group in found.groups if (group.of, group.name) == ("age", "0"))
    assert {level: (share.part, share.of) for level, share in young.shares.items()} == {
        "warned": (3, 12), "restricted": (0, 12), "stopped": (1, 12),
    }  # fmt: skip
    assert young.shares["warned"].bounds is not None
    (unknown,) = [group for group in found.groups if group.of == "country"]
    assert (unknown.name, unknown.sellers) == ("", 14)
    assert [group.sellers for group in found.groups if group.of == "size"] == [14], "without any order"
    assert (found.placed, found.appealed.part, found.fell.of, found.took) == (4, 1, 0, None)

    appeals.decide(cast.ken, frozen, result="falls", because="Right.", at=now - timedelta(days=1))
    after = report(cast.ken, days=90, at=now)
    young = next(group for group in after.groups if (group.of, group.name) == ("age", "0"))
    assert young.shares["stopped"].part == 0, "what was taken back counts for nobody"
    assert (after.fell.part, after.fell.of, after.taken_back.part) == (1, 1, 1)
    assert after.took is not None
    assert after.took.median == timedelta(days=1)

    told = json.loads(Api(cast.platform, cast.ken).get("/fairness?days=90").content)
    assert (told["placed"], told["fell"]["part"], told["median_seconds"]) == (4, 1, 86_400)
    browser = sign_in(cast.ken)
    page = browser.get("/desk/fairness/?days=90").content.decode()
    assert "4 were placed." in page
    assert "no orders" in page
    lines = list(csv.DictReader(StringIO(browser.get("/desk/fairness.csv?days=90").content.decode())))
    mine = next(line for line in lines if (line["of"], line["name"], line["what"]) == ("age", "0", "warned"))
    assert (mine["part"], mine["of_all"], mine["rate"]) == ("3", "12", "0.25")


def test_nobody_else_and_nothing_yet() -> None:
    cast = staged()
    for who in (cast.li, cast.ana):
        with pytest.raises(Forbidden):
            report(who, at=datetime.now(UTC))
    assert sign_in(cast.li).get("/desk/fairness/").status_code == 403
    empty = report(cast.ken, days=99_999, at=datetime.now(UTC))
    assert (empty.placed, empty.automatic.is_told, empty.days) == (0, False, 1_095)
    assert sign_in(agent(cast, "Noor")).get("/desk/fairness/?days=-1").status_code == 200


def sold(cast: Cast, seller: Actor, number: int, at: datetime) -> None:
    Order.objects.bulk_create(
        Order(
            uuid=uuid4(), key=f"{seller.party.pk}-{n}", external_id=f"{n}", buyer=cast.ana.party, seller=seller.party, title="Cup", amount=100,
            currency="EUR", handling_hours=24, placed_at=at,
        )
        for n in range(number)
    )  # fmt: skip


def test_who_joined_lately_is_known_by_the_days_since_then() -> None:
    now = datetime.now(UTC)
    cast = staged(WARNED + STANDARD.replace('"<= 5%" }', '"<= 5%", at_least = 25 }', 1))
    new, few = many(cast, 2, now - timedelta(days=60))
    sold(cast, new, 20, now - timedelta(days=50))
    sold(cast, few, 2, now - timedelta(days=50))
    found = [(each.size, each.judged) for each in report(cast.ken, days=365, at=now).keepers]
    assert found == [(1, 0), (10, 1)], "20 in 60 days are 30 in the 90 of the window"
    shown = sign_in(cast.ken).get("/desk/fairness/?days=365").content.decode()
    assert '<td class="num" data-label="By the rate alone">—</td>' in shown, "nobody of them can be flagged at all"


def test_how_often_keepers_of_the_limit_would_be_flagged() -> None:
    now = datetime.now(UTC)
    cast = staged(WARNED + STANDARD)
    one, other, large = many(cast, 3, now - timedelta(days=400))
    for seller, number in ((one, 3), (other, 4), (large, 100)):
        sold(cast, seller, number, now - timedelta(days=100))
    found = report(cast.ken, days=365, at=now)
    # The target brings nothing, and nobody without orders is asked about.
    assert [(each.rule.name, each.size, each.sellers, each.judged) for each in found.keepers] == [
        ("disputes", 1, 2, 2), ("disputes", 100, 1, 1),
    ]  # fmt: skip
    small, big = found.keepers
    # Any fault is over 5 %: of the three orders of the year, or of the one before it that the first window covers.
    assert small.raw == pytest.approx(1 - 0.95**4, abs=0.04)
    assert big.raw > 0.9
    assert small.certain == 0.0
    assert big.certain is not None
    assert big.certain < 0.05

    told = json.loads(Api(cast.platform, cast.ken).get("/fairness?days=365").content)["keepers"]
    assert [(each["standard"], each["decides"], each["limit"], each["size"]) for each in told] == [
        ("disputes", "raw", "rate <= 5%", 1), ("disputes", "raw", "rate <= 5%", 100),
    ]  # fmt: skip
    assert told[1]["raw"] == big.raw
    browser = sign_in(cast.ken)
    page = browser.get("/desk/fairness/?days=365").content.decode()
    assert "Decided by the rate alone." in page
    assert "1 to 9" in page
    lines = [
        (line["name"], line["what"], line["of_all"])
        for line in csv.DictReader(StringIO(browser.get("/desk/fairness.csv?days=365").content.decode()))
        if line["of"] == "keepers"
    ]
    assert lines[:2] == [("disputes: limit, 1", "raw", "2"), ("disputes: limit, 1", "certain", "2")]


def test_sellers_are_grouped_by_what_they_mostly_sell() -> None:
    now = datetime.now(UTC)
    cast = staged(WARNED)
    sellers, price = many(cast, 12, now - timedelta(days=30)), Money(500, "EUR")
    for number, seller in enumerate(sellers):
        for category, sold in (("lamps", 1), ("toys" if number < 11 else "", 2)):
            offered = listings.Offered(seller.party, "One", price, handling_hours=24, category=category)
            listing = listings.offer(seller, offered, at=now - timedelta(days=20))
            new = orders.NewOrder(
                buyer=cast.buyer, seller=seller.party, handling_hours=24,
                deliver_by=now, lines=(orders.Line("One", 1, price, listing),),
            )  # fmt: skip
            for _ in range(sold):
                orders.place(cast.platform, new, at=now - timedelta(days=9))
    violation(cast, now - timedelta(days=3), 2, of=sellers[0].party)
    found = [group for group in report(cast.ken, days=90, at=now).groups if group.of == "category"]
    assert {group.name: group.sellers for group in found} == {"": 2, "toys": 11, "lamps": 1}
    toys = next(group for group in found if group.name == "toys")
    assert (toys.shares["warned"].part, toys.shares["warned"].of) == (1, 11)
    assert toys.shares["warned"].bounds is not None
    assert "By what they mostly sell" in text(sign_in(cast.ken).get("/desk/fairness/"))
