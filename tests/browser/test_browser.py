"""Walks through the pages in a real Chromium, at desktop and phone width; checked by axe for WCAG 2.2 AA."""

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.files.test_uploads import picture

pytestmark = pytest.mark.browser
AXE = next(Path(axe_core_python.__file__).parent.glob("**/axe.min.js")).read_text()
PAGES = {
    "": ["/", "/account/login/", "/account/password/reset/", "/help/rules/"],
    "seller": [
        "/sell/",
        "/sell/inbox/",
        "/sell/inbox/?view=all",
        "/sell/answers/",
        "/sell/numbers/",
        "/sell/reviews/",
        "/sell/ship/",
        "/sell/ship/promises/",
        "/sell/orders/",
        "/sell/disputes/",
        "/sell/health/",
        "/sell/listings/",
        "/sell/listings/?by=lane",
        "/notices/",
        "/settings/tokens/",
        "/account/password/change/",
        "/settings/",
    ],
    "buyer": ["/buy/", "/buy/conversations/", "/buy/disputes/", "/buy/standing/"],
    "agent": [
        "/desk/",
        "/desk/disputes/",
        "/desk/disputes/figures/",
        "/desk/network/",
        "/desk/carriers/",
        "/desk/tracking/",
        "/desk/journal/",
        "/desk/mail/",
        "/desk/errands/",
        "/desk/tokens/",
        "/desk/components/",
    ],
    "frozen": ["/sell/", "/sell/health/"],
}
#: Pages that are reached by a link on another.
BEHIND = {
    "seller": [".duty .act .button"],
    "buyer": [".cover", ".rows a"],
    "agent": ["tbody a", "tbody td:last-child a"],
}


def assert_accessible(page: Page) -> None:
    page.evaluate(AXE)
    found: Any = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    assert not [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found["violations"]], page.url


def assert_fits(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url} is {width} px wider than the window"


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_accessible_and_fits(site: Site, who: str, size: str) -> None:
    page = site.page(who, size)
    for address in PAGES[who]:
        page.goto(site.address + address)
        assert_accessible(page)
        assert_fits(page)
    for link in BEHIND.get(who, []):
        page.goto(site.address + (PAGES[who][1] if link == ".rows a" else PAGES[who][0]))
        page.locator(link).first.click()
        page.wait_for_load_state()
        assert_accessible(page)
        assert_fits(page)


@pytest.mark.parametrize("who", ["seller", "agent", "frozen"])
def test_dark_pages_have_contrast_too(site: Site, who: str) -> None:
    page = site.page(who, scheme="dark")
    for address in PAGES[who][:1] + PAGES[who][-1:]:
        page.goto(site.address + address)
        assert_accessible(page)


def test_a_seller_answers_what_is_due_first_and_sees_why(site: Site) -> None:
    page = site.page("seller", "phone")
    first = page.locator(".duty", has_text="Reply to a buyer").first
    expect(first.locator(".left")).to_contain_text("left")
    first.get_by_role("link", name="Why?").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("aliexpress@2026-01")
    expect(dialog).to_contain_text("What led here")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    first.get_by_role("link", name="Reply").click()
    expect(page.locator(".turn")).to_contain_text("Your turn.")
    page.fill("textarea", "It left our warehouse today. 今天已寄出。")
    page.locator("#reply button").dblclick()
    expect(page.locator(".turn")).to_contain_text("Nobody is waiting for an answer.")
    expect(page.locator(".bubble.mine", has_text="今天已寄出")).to_have_count(1)


def test_a_buyer_asks_about_an_order(site: Site) -> None:
    page = site.page("buyer", "phone")
    page.locator(".cover").first.click()
    page.fill("textarea", "Could you send it a day later?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".bubble.mine")).to_contain_text("a day later")
    expect(page.locator(".turn")).to_contain_text("must answer")


def test_the_inbox_by_keyboard(site: Site) -> None:
    page = site.page("seller")
    page.goto(f"{site.address}/sell/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".inbox li.here input")).to_be_checked()
    page.keyboard.press("/")
    page.keyboard.type("parcel")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Results for")
    page.goto(f"{site.address}/sell/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".turn").first).to_contain_text("Your turn.")


def test_a_message_appears_without_a_reload(site: Site) -> None:
    buyer, seller = site.page("buyer", "phone"), site.page("seller")
    buyer.goto(f"{site.address}/buy/conversations/")
    seller.goto(f"{site.address}/sell/inbox/")
    links = [page.evaluate("[...document.querySelectorAll('main li a')].map(a => a.href)") for page in (buyer, seller)]
    address = next(link for link in links[0] if link in links[1])
    buyer.goto(address)
    buyer.fill("textarea", "Is anybody there?")
    buyer.get_by_role("button", name="Send").click()
    expect(buyer.locator(".bubble.mine", has_text="anybody")).to_be_visible()
    seller.goto(address)
    seller.fill("textarea", "Yes, I am.")
    seller.get_by_role("button", name="Send").click()
    expect(buyer.locator(".bubble.theirs", has_text="Yes, I am.")).to_be_visible(timeout=20_000)
    expect(buyer.locator("#news")).to_have_text("Something new in this conversation")
    expect(buyer.locator(".turn")).to_contain_text("Nobody is waiting for an answer.")
    assert_accessible(buyer)


def test_pictures_are_sent_shown_and_refused_with_a_reason(site: Site) -> None:
    page = site.page("buyer", "phone")
    page.goto(f"{site.address}/buy/conversations/")
    page.locator(".rows a").first.click()
    page.fill("textarea", "It arrived like this.")
    page.set_input_files("[name=files]", {"name": "broken lamp.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.get_by_role("button", name="Send").click()
    shown = page.get_by_alt_text("broken lamp.jpg").last
    expect(shown).to_be_visible()
    assert shown.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 60
    assert_accessible(page)
    assert_fits(page)
    page.locator(".bubble.mine a", has_text="Change").last.click()
    page.fill("textarea", "It arrived broken.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".bubble.mine").last).to_contain_text("It arrived broken.")
    page.locator(".versions summary").last.click()
    expect(page.locator(".versions").last).to_contain_text("It arrived like this.")
    assert_accessible(page)


def test_a_look_before_sending_holds_a_message_once(site: Site) -> None:
    page = site.page("seller", "phone")
    page.goto(f"{site.address}/sell/inbox/")
    page.locator(".inbox a").first.click()
    page.fill("#reply textarea", "Call me: +49 30 901820")
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.locator("#remarks")).to_contain_text("A telephone number.")
    expect(page.locator(".bubble", has_text="901820")).to_have_count(0)
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="Send it as it is").click()
    expect(page.locator(".bubble.mine", has_text="901820")).to_have_count(1)


def test_wishes_are_kept(site: Site) -> None:
    page = site.page("buyer", "phone")
    page.goto(f"{site.address}/settings/")
    page.select_option("[name=digest]", "daily")
    page.select_option("[name=quiet_from]", "22")
    page.select_option("[name=quiet_until]", "7")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".flash.success")).to_contain_text("Saved.")
    page.reload()
    expect(page.locator("[name=digest]")).to_have_value("daily")
    expect(page.locator("[name=quiet_until]")).to_have_value("7")


def test_a_token_is_shown_once_and_revoked(site: Site) -> None:
    page = site.page("seller", "phone")
    page.goto(f"{site.address}/settings/tokens/")
    page.fill("[name=label]", "Stock keeping")
    page.check("[name=scope][value='order.read']")
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("code.secret")).to_contain_text("comity_")
    page.get_by_text("Revoke", exact=True).click()
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="Revoke “Stock keeping”").click()
    expect(page.locator(".flash.success")).to_contain_text("Revoked.")
    assert_accessible(page)
    expect(page.locator("code.secret")).to_have_count(0)


def test_a_draft_survives_a_reload(site: Site) -> None:
    page = site.page("buyer")
    page.goto(f"{site.address}/buy/conversations/")
    page.locator(".rows a").first.click()
    page.fill("textarea", "half a sentence")
    page.reload()
    expect(page.locator("textarea")).to_have_value("half a sentence")


def test_an_agent_verifies_a_chain_and_approves_a_measure(site: Site) -> None:
    page = site.page("agent")
    page.goto(f"{site.address}/desk/journal/")
    page.get_by_role("link", name="Verify").first.click()
    expect(page.locator(".banner[role=status]")).to_contain_text("nothing changed, dropped or slipped in")
    page.goto(f"{site.address}/desk/")
    waiting = page.locator("section", has_text="Waiting for your decision").locator("a")
    if waiting.count():
        waiting.first.click()
        page.get_by_role("button", name="Approve").first.click()
        expect(page.locator(".flashes")).to_contain_text("Approved")


def test_a_frozen_seller_is_told_and_can_still_work(site: Site) -> None:
    page = site.page("frozen")
    expect(page.locator(".banner.bad").first).to_contain_text("You can still answer buyers")


def test_pages_work_without_javascript(site: Site) -> None:
    context = site.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/sell/")
    page.fill("[name=login]", "seller@demo.example")
    page.fill("[name=password]", "only for this test")
    page.click("main .button.primary")
    page.get_by_role("link", name="Why?").first.click()
    expect(page.locator(".why-panel")).to_contain_text("What led here")


def test_the_keyboard_reaches_the_content(site: Site) -> None:
    page = site.page("seller")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_chinese_pages_have_their_glyphs_and_fit(site: Site) -> None:
    page = site.page("seller", "phone")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("h1")).to_have_text("今日")
    assert_fits(page)


def test_a_seller_ships_and_is_told_at_once_what_is_wrong(site: Site) -> None:
    page = site.page("seller", "phone")
    page.goto(f"{site.address}/sell/ship/")
    page.locator(".duty", has_text="Brass desk lamp").get_by_role("link", name="Open the order").first.click()
    page.wait_for_load_state()
    page.fill("[name=carrier]", "ups")
    page.locator("[name=number]").first.press_sequentially("1Z5R89390357567128")
    expect(page.locator("#number-said")).to_contain_text("wrong check digit")
    page.locator("[name=number]").first.fill("1Z5R89390357567127")
    page.locator("[name=number]").first.press("Tab")
    expect(page.locator("#number-said")).to_contain_text("fits ups")
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="Note it as sent", exact=True).click()
    expect(page.locator(".flash.success")).to_contain_text("noted as sent")
    expect(page.locator(".way [aria-current=step]")).to_contain_text("Sent")
    page.goto(f"{site.address}/sell/ship/")
    awaited = page.locator("section", has_text="Sent, and awaited from the carrier")
    expect(awaited.locator(".duty").first).to_contain_text("If not:")
    assert_accessible(page)


def test_a_seller_announces_a_delay_that_the_buyer_accepts(site: Site) -> None:
    buyer, seller = site.page("buyer", "phone"), site.page("seller", "phone")
    buyer.goto(f"{site.address}/buy/")
    buyer.locator(".card", has_text="Brass desk lamp").locator("a").first.click()
    buyer.wait_for_load_state()
    seller.goto(buyer.url)
    for days, said in ((400, "at most 180 days"), (60, "The buyer is told")):
        seller.get_by_text("Announce a delay", exact=True).click()
        seller.fill("[name=day]", (date.today() + timedelta(days=days)).isoformat())  # noqa: DTZ011
        seller.get_by_role("button", name="Announce it").click()
        expect(seller.locator(".flashes")).to_contain_text(said)
    expect(seller.locator("main")).to_contain_text("The buyer has not answered yet.")
    assert_accessible(seller)
    assert_fits(seller)
    buyer.reload()
    expect(buyer.locator("main")).to_contain_text("A later date")
    assert_accessible(buyer)
    assert_fits(buyer)
    buyer.get_by_role("button", name="Accept the later date").dblclick()
    expect(buyer.locator("main")).to_contain_text("Promised first")
    expect(buyer.locator(".timeline")).to_contain_text("The buyer accepted the later date")


def test_a_buyer_sees_how_far_the_order_is(site: Site) -> None:
    for size in ("desktop", "phone"):
        page = site.page("buyer", size)
        page.locator(".card", has_text="Brass desk lamp").locator("a").first.click()
        expect(page.locator(".way li")).to_have_count(5)
        expect(page.locator(".way-card .big")).to_contain_text("by")
        assert page.locator(".way").evaluate("line => line.scrollWidth <= line.clientWidth")
        assert_accessible(page)
        assert_fits(page)


def test_an_agent_compares_carriers_and_records_an_outage(site: Site) -> None:
    page = site.page("agent")
    page.goto(f"{site.address}/desk/carriers/")
    expect(page.locator(".ranges").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("sample-post")
    options = page.locator("[name=lane] option")
    assert options.count() > 1
    page.select_option("[name=lane]", index=1)
    page.get_by_role("button", name="Show").click()
    assert "lane=" in page.url
    page.fill("[name=carrier]", "sample-post")
    page.fill("[name=begins]", "2026-01-02T10:00")
    page.fill("[name=ends]", "2026-01-03T10:00")
    page.fill("[name=evidence]", "status page of the carrier")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator(".flash.success")).to_contain_text("The outage is recorded")
    expect(page.locator("table").last).to_contain_text("status page of the carrier")
    assert_accessible(page)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_measure_explains_itself_and_can_be_appealed_against(site: Site, size: str) -> None:
    page = site.page("frozen", size)
    page.goto(f"{site.address}/sell/health/")
    explained = page.locator("a[href*='/why/sanction/']").first.get_attribute("href")
    page.goto(f"{site.address}{explained}")
    page.locator("a[href*='/measures/']").first.click()
    page.wait_for_load_state()
    assert "Every charge that counted" in page.content()
    assert "What would have changed it" in page.content()
    assert_accessible(page)
    assert_fits(page)
    if page.get_by_role("button", name="File the appeal").count():
        page.get_by_label("Why it should fall, or be less").fill("The carrier was on strike that week.")
        page.get_by_role("button", name="File the appeal").click()
        page.wait_for_load_state()
        assert "The carrier was on strike that week." in page.content()
        assert_accessible(page)
        assert_fits(page)
    if shots := os.environ.get("COMITY_SHOTS"):
        page.screenshot(path=f"{shots}/measure-{size}.png", full_page=True)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_an_agent_sees_what_would_stand(site: Site, size: str) -> None:
    page = site.page("agent", size)
    page.goto(f"{site.address}/desk/")
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="What if").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="See what would stand").click()
    expect(page.get_by_role("heading", name="What would stand")).to_be_visible()
    expect(page.get_by_role("checkbox").first).to_be_checked()
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_subjects_behind_a_number_are_accessible(site: Site, size: str) -> None:
    page = site.page("seller", size)
    page.goto(f"{site.address}/sell/health/")
    page.get_by_role("link", name="What counted").first.click()
    page.get_by_role("link", name="counted (").first.click()
    assert_accessible(page)
    assert_fits(page)
