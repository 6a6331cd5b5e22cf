"""Accounts of one person, and links that were wrong, at the desk in a browser at two widths."""

import json
from collections.abc import Iterator

import pytest

from tests.browser.conftest import PASSWORD, Site, served
from tests.browser.test_browser import assert_accessible, assert_fits

BUILD = f"""
import django; django.setup()
import json
from datetime import datetime, timedelta, UTC
from django.core.management import call_command
call_command("migrate", verbosity=0)
from comity.actions import identity, merges, parties, sanctions
from comity.actions.measured import written
from comity.records.models import Sanction
from tests.actions.identity.rules import joined, link, shut_out, staged
from tests.actions.sanctions.rules import agent, violation
from tests.cast import START
cast, now = staged(), datetime.now(UTC)
since = (now - timedelta(days=2) - START) / timedelta(hours=1)
kim, noor, omar, words = joined(cast, "Kim").party, agent(cast, "Noor"), agent(cast, "Omar"), written("The same passport.")
for party in (cast.seller, cast.max.party):
    violation(cast, now - timedelta(days=3), 8, of=party)
shut_out(cast, kim, since)
at = now - timedelta(days=1)
link(cast, cast.seller, kim, "payout network", at)
row = Sanction.objects.get(party=cast.seller)
sanctions.approve(noor, row, at=at)
identity.unlink(omar, cast.seller, kim, ["payout"], words=written("A slip."), at=at)
done = merges.ask(noor, cast.max.party, cast.seller, words=words, at=at)
merges.approve(omar, done, at=at)
asked = merges.ask(noor, kim, cast.seller, words=words, at=at)
for role, party in (("seller", cast.seller), ("agent", cast.ken.party)):
    parties.give_login(party, email=role + "@demo.example", password={PASSWORD!r})
print(json.dumps({{
    "done": str(done.uuid), "asked": str(asked.uuid), "measure": row.key, "party": str(cast.seller.uuid)
}}))
"""


@pytest.fixture(scope="module")
def shop(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, str]]]:
    with served(BUILD, tmp_path_factory.mktemp("shop")) as (address, said):
        yield Site(address, site.browser, site.errors), json.loads(said)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_pages_of_merges_are_accessible_and_fit(shop: tuple[Site, dict[str, str]], size: str) -> None:
    site, keys = shop
    party = keys["party"]
    pages = {
        "agent": ["/desk/measures/", f"/desk/merges/{keys['done']}/", f"/desk/merges/{keys['asked']}/",
                  f"/desk/parties/{party}/", f"/desk/parties/{party}/take-over/",
                  f"/desk/measures/{party}/{keys['measure']}/"],
        "seller": ["/notices/", "/sell/health/"],
    }  # fmt: skip
    for who, addresses in pages.items():
        page = site.page(who, size)
        for address in addresses:
            answer = page.goto(site.address + address)
            assert answer is not None
            assert answer.ok, address
            if details := page.locator("details summary").all():
                details[0].click()
            assert_accessible(page)
            assert_fits(page)
