"""A measure that waits for its plan, a plan, and a check before shipping, in a browser at two widths."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Site, served
from tests.browser.test_browser import assert_accessible, assert_fits
from tests.files.test_uploads import picture

BUILD = f"""
import django; django.setup()
import json
from datetime import datetime, timedelta, UTC
from django.core.management import call_command
call_command("migrate", verbosity=0)
from comity.actions import clock, parties
from comity.records.models import ImprovementPlan, Sanction
from tests.actions.plans import rules
from tests.actions.test_checks import BOOK, ordered
from tests.cast import START, tell
cast = rules.staged(rules.BOOK + BOOK.partition("[[checklist]]")[1] + BOOK.partition("[[checklist]]")[2])
now = datetime.now(UTC)
# On a Monday of the last seven days it was looked at: two of five orders had been disputed.
for number in range(5):
    tell(cast, "order.paid", f"order:{{number}}", now - timedelta(days=9))
for number in range(2):
    tell(cast, "dispute.opened", f"order:{{number}}", now - timedelta(days=8))
clock.turn(now)
order = ordered(cast, "lamps", at=(now - timedelta(hours=5) - START) / timedelta(hours=1))
for role, party in (("buyer", cast.buyer), ("seller", cast.seller), ("agent", cast.ken.party)):
    parties.give_login(party, email=role + "@demo.example", password={PASSWORD!r})
print(json.dumps({{
    "plan": ImprovementPlan.objects.get().key, "order": str(order.uuid), "measure": Sanction.objects.get().key,
    "party": str(cast.seller.uuid),
}}))
"""


@pytest.fixture(scope="module")
def shop(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, str]]]:
    with served(BUILD, tmp_path_factory.mktemp("shop")) as (address, said):
        yield Site(address, site.browser, site.errors), json.loads(said)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_pages_of_plans_measures_and_checks_are_accessible_and_fit(
    shop: tuple[Site, dict[str, str]], size: str
) -> None:
    site, keys = shop
    measure, party = f"{keys['party']}/{keys['measure']}/", keys["party"]
    pages = {
        "seller": ["/sell/plans/", f"/sell/plans/{keys['plan']}/", f"/sell/check/{keys['order']}/",
                   f"/orders/{keys['order']}/", f"/measures/{measure}", "/sell/health/"],
        "agent": ["/desk/plans/", f"/desk/plans/{keys['plan']}/", "/desk/measures/", f"/desk/measures/{measure}",
                  f"/desk/parties/{party}/", f"/desk/parties/{party}/what-if/", f"/desk/parties/{party}/listings/",
                  "/desk/fairness/"],
        "buyer": ["/buy/standing/"],
    }  # fmt: skip
    for who, addresses in pages.items():
        page = site.page(who, size)
        for address in addresses:
            answer = page.goto(site.address + address)
            assert answer is not None
            assert answer.ok, address
            assert_accessible(page)
            assert_fits(page)


def test_a_check_is_filled_in_on_a_phone_and_opens_the_way(shop: tuple[Site, dict[str, str]]) -> None:
    site, keys = shop
    page = site.page("seller", "phone")
    page.goto(f"{site.address}/orders/{keys['order']}/")
    page.locator("[name=carrier]").first.fill("post")
    page.get_by_label("Tracking number").fill("A1")
    page.get_by_role("button", name="Note it as sent").click()
    expect(page.locator("main")).to_contain_text("Before this order is sent, fill in: “Look at the goods”.")
    page.get_by_role("link", name="Fill in the check").click()
    form = page.locator("form", has_text="Look at the goods")
    form.get_by_label("Yes").check()
    form.get_by_label("Weight in grams").fill("812")
    photo = {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": picture("JPEG")}
    form.get_by_label("A photo of the goods").set_input_files(photo)  # type: ignore[arg-type]
    form.get_by_role("button", name="Keep the check").click()
    expect(page.locator("main")).to_contain_text("The check is kept with the order.")
    page.goto(f"{site.address}/orders/{keys['order']}/")
    expect(page.locator("img[alt='A photo of the goods']")).to_be_visible()
    page.locator("[name=carrier]").first.fill("post")
    page.get_by_label("Tracking number").fill("A1")
    page.get_by_role("button", name="Note it as sent").click()
    expect(page.locator("main")).to_contain_text("The parcel is noted as sent.")


def test_a_plan_is_written_on_a_phone_and_accepted(shop: tuple[Site, dict[str, str]]) -> None:
    site, keys = shop
    page = site.page("seller", "phone")
    page.goto(f"{site.address}/sell/plans/{keys['plan']}/")
    page.get_by_role("checkbox").first.check()
    page.locator("textarea").fill("Each lamp is lit before it leaves.")
    page.locator("main form .button.primary").click()
    page.wait_for_load_state()
    desk = site.page("agent")
    desk.goto(f"{site.address}/desk/plans/{keys['plan']}/")
    expect(desk.locator("main")).to_contain_text("Each lamp is lit before it leaves.")
    desk.get_by_role("button", name="Accept").click()
    desk.wait_for_load_state()
    page.goto(f"{site.address}/sell/plans/{keys['plan']}/")
    expect(page.locator("main")).to_contain_text("It runs")
