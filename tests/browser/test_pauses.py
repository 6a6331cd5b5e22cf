"""Holidays, the desk's pauses and stuck moments in a browser at two widths."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import PASSWORD, SIZES, Site, served
from tests.browser.test_browser import assert_accessible, assert_fits

BUILD = f"""
import django; django.setup()
from datetime import datetime, timedelta, UTC
from django.core.management import call_command
call_command("migrate", verbosity=0)
from comity.actions import parties, rulebooks
from comity.actions.excuses import verbs
from comity.actions.excuses.asked import Asked
from comity.records.models import Duty
from tests.actions.test_pauses import HOLIDAYS
from tests.cast import START, assemble
cast, now, day = assemble(publish=False), datetime.now(UTC), timedelta(days=1)
book = HOLIDAYS.replace('version = "2"', 'version = "1"').replace("2026-03-03", "2026-01-01")
rulebooks.publish(cast.platform, book.replace('pauses = ["holiday"]', 'pauses = ["holiday", "platform_outage"]'), at=START)
since = (now - 2 * day - START) / timedelta(hours=1)
for number in range(4):
    cast.order(at=since + number)
verbs.record(cast.li, Asked("holiday", now, now + 2 * day, about=cast.seller), at=now)
storm = Asked("force_majeure", now - day, now + day, places=("BR-SP", "PT"), evidence="Storm Ines, weather office")
verbs.record(cast.ken, storm, at=now)
duty = Duty.objects.first()
Duty.objects.filter(pk=duty.pk).update(stuck_at=now - day, stuck_why="LookupError: no rulebook late@3")
for role, party in (("seller", cast.seller), ("agent", cast.ken.party)):
    parties.give_login(party, email=role + "@demo.example", password={PASSWORD!r})
print("built")
"""


@pytest.fixture(scope="module")
def shop(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(BUILD, tmp_path_factory.mktemp("shop")) as (address, _said):
        yield Site(address, site.browser, site.errors)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_pages_of_pauses_are_accessible_and_fit(shop: Site, size: str) -> None:
    begins, ends = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (-3, 1))
    outage = f"cause=platform_outage&begins={begins}&ends={ends}"
    pages = {
        "agent": ["/desk/pauses/", "/desk/pauses/new/", f"/desk/pauses/new/?{outage}", "/desk/clock/"],
        "seller": ["/sell/holidays/"],
    }
    for who, addresses in pages.items():
        page = shop.page(who, size)
        for address in addresses:
            answer = page.goto(shop.address + address)
            assert answer is not None
            assert answer.ok, address
            if details := page.locator("details summary").all():
                details[0].click()
            assert_accessible(page)
            assert_fits(page)
            here = page.locator(".nav [aria-current]").bounding_box()
            assert here is not None
            assert 0 <= here["x"] <= here["x"] + here["width"] <= SIZES[size]["width"], "the current entry is in sight"
