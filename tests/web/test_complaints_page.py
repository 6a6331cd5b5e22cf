"""Complaints by listing and lane, as pages show them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import Cast
from tests.records.test_complaints import dispute, listing, ordered
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db


def test_a_seller_and_an_agent_see_rates_with_their_interval(cast: Cast) -> None:
    paid = datetime.now(UTC) - timedelta(days=40)
    lamp = listing(cast.seller, "Lamp <b>")
    dispute(ordered(cast, lamp, paid_at=paid), "damaged")
    for _ in range(3):
        ordered(cast, lamp, paid_at=paid)
    browser = sign_in(cast.li)
    page = text(browser.get("/sell/listings/"))
    assert "Lamp &lt;b&gt;" in page
    assert "1 of 4 at fault · 25% (4.6%–69.9%)" in page
    assert "Batches are not told by the shop" in page
    assert "No paid orders name a listing in this time" in text(browser.get("/sell/listings/?days=30"))
    assert "FR, post" in text(browser.get("/sell/listings/?by=lane&days=365"))
    for odd in ("?page=0", "?page=99999", "?page=x&days=-1", "?by=nothing"):
        assert browser.get(f"/sell/listings/{odd}").status_code == 200
    address = f"/desk/parties/{cast.seller.uuid}/listings/"
    assert "1 of 4 at fault" in text(sign_in(cast.ken).get(address))
    assert sign_in(cast.max).get(address).status_code == 403
