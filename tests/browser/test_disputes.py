"""Disputes in a real Chromium: opened on a phone, settled by an offer, decided at the desk; every page by axe."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_browser import assert_accessible, assert_fits

pytestmark = pytest.mark.browser


def looked_at(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_joint_page_for_each_who_sees_it(site: Site, size: str) -> None:
    for who, begins in (("buyer", "/buy/disputes/"), ("seller", "/sell/disputes/"), ("agent", "/desk/disputes/")):
        page = site.page(who, size)
        page.goto(site.address + begins)
        looked_at(page)
        page.locator(".disputes a").first.click()
        expect(page.locator(".dispute-turn").first).to_be_visible()
        for each in page.locator(".acts details:not(.more details)").all():
            each.locator("summary").first.click()
        looked_at(page)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_buyer_opens_in_three_questions(site: Site, size: str) -> None:
    page = site.page("buyer", size)
    page.locator(".cover", has_text="Brass desk lamp").first.click()
    page.get_by_role("link", name="Something wrong?").click()
    looked_at(page)
    page.locator(".reasons a").first.click()
    expect(page.locator("main")).to_contain_text("What settles most such cases")
    looked_at(page)


def test_the_seller_offers_less_and_the_buyer_accepts_by_one_button(site: Site) -> None:
    page = site.page("buyer", "phone")
    page.goto(f"{site.address}/buy/disputes/")
    page.locator(".disputes a", has_text="Green scarf").click()
    expect(page.locator(".offers")).to_contain_text("6.00")
    page.get_by_role("button", name="Accept: refund of a part").dblclick()
    expect(page.locator(".flashes")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Agreed")
    expect(page.locator("main")).to_contain_text("on its way, not yet confirmed")
    looked_at(page)


def test_an_agent_takes_a_case_and_sees_both_accounts(site: Site) -> None:
    page = site.page("agent")
    page.goto(f"{site.address}/desk/disputes/")
    page.locator(".disputes a", has_text="Red hat").click()
    page.get_by_role("button", name="Take it").click()
    expect(page.locator("main")).to_contain_text("The case is yours")
    expect(page.locator("main")).to_contain_text("The decision table")
    expect(page.locator("main")).to_contain_text("Both accounts, one timeline")
    looked_at(page)


def test_something_new_is_shown_and_what_is_written_stays(site: Site) -> None:
    agent, other = site.page("agent"), site.page("agent")
    for page in (agent, other):
        page.goto(f"{site.address}/desk/disputes/")
        page.locator(".disputes a", has_text="Red hat").click()
    agent.keyboard.press("r")
    assert agent.evaluate("document.activeElement.closest('.acts') !== null"), "r begins with what can be done"
    box = agent.locator(".acts textarea").first
    box.evaluate("box => { box.closest('details')?.setAttribute('open', ''); box.value = 'Half a thought'; }")
    form = other.locator("form[action$='/say/']").first
    form.evaluate(
        "form => { for (let at = form; at; at = at.parentElement) if (at.matches('details')) at.open = true; }"
    )
    form.locator("textarea").fill("We look into it.")
    form.locator("button").click()
    fresh = agent.locator(".something-new")
    expect(fresh).to_be_visible(timeout=15_000)
    fresh.get_by_role("button").click()
    expect(agent.locator(".accounts").last).to_contain_text("We look into it.")
    expect(agent.locator(".acts textarea").first).to_have_value("Half a thought")
