"""Reviews in a real Chromium: given by keyboard on a phone, answered by the seller, removed at the desk; by axe."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, Site
from tests.browser.test_browser import assert_accessible, assert_fits

pytestmark = pytest.mark.browser


def looked_at(page: Page) -> None:
    """At both widths, with every form folded out."""
    folded = page.locator(".reviews details:not([open])")
    while folded.count():
        folded.first.locator("summary").click()
    for size in SIZES.values():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert_accessible(page)
        assert_fits(page)


def test_both_sides_rate_and_an_agent_removes(site: Site) -> None:
    buyer = site.page("buyer", "phone")
    buyer.locator(".cover", has_text="Red hat").first.click()
    looked_at(buyer)
    buyer.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    box = buyer.locator(".stars label").first.bounding_box()
    assert box is not None
    assert box["height"] >= 44, "large enough for a thumb"
    buyer.locator(".stars input").first.focus()
    buyer.keyboard.press("ArrowDown")
    buyer.keyboard.press("ArrowDown")
    buyer.keyboard.press("ArrowDown")
    expect(buyer.locator(".stars input:checked")).to_have_value("2")
    buyer.fill(".reviews textarea", "It is blue.")
    buyer.locator(".reviews textarea").press("Tab")
    buyer.keyboard.press("Enter")
    expect(buyer.locator(".flashes")).to_contain_text("shown once both sides have rated")
    expect(buyer.locator(".review")).to_contain_text("It is blue.")
    looked_at(buyer)
    order = re.sub(r"#.*", "", buyer.url)
    seller = site.page("seller", "phone")
    seller.goto(f"{site.address}/sell/reviews/")
    looked_at(seller)
    seller.goto(order)
    expect(seller.locator(".reviews")).not_to_contain_text("It is blue.")
    expect(seller.locator(".reviews")).to_contain_text("You see what it says once you have rated")
    seller.locator(".stars input").first.check()
    seller.get_by_role("button", name="Send the review").click()
    expect(seller.locator(".reviews")).to_contain_text("It is blue.")
    looked_at(seller)
    seller.locator("[action$='/answer/'] textarea").fill("It is red in daylight.")
    seller.get_by_role("button", name="Send the answer").click()
    expect(seller.locator(".reply")).to_contain_text("red in daylight")
    agent = site.page("agent")
    agent.goto(order)
    looked_at(agent)
    review = agent.locator(".review", has_text="It is blue.")
    review.locator("select").select_option("not_about_the_order")
    review.get_by_role("button", name="Remove the review").click()
    expect(agent.locator(".flashes")).to_contain_text("Both sides are told why")
    seller.goto(order)
    expect(seller.locator(".reviews")).not_to_contain_text("It is blue.")
    expect(seller.locator(".reviews")).to_contain_text("not about the order")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_pages_of_reviews(site: Site, size: str) -> None:
    page = site.page("seller", size)
    page.goto(f"{site.address}/sell/reviews/")
    expect(page.locator(".distribution li")).to_have_count(5)
    assert_accessible(page)
    assert_fits(page)
    dark = site.page("seller", size, scheme="dark")
    dark.goto(f"{site.address}/sell/reviews/")
    assert_accessible(dark)
