"""Notices as a page shows them: one line a subject for what is due; of a measure, what its own page says."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from comity.actions import clock, shipments
from comity.records.models import Notice, Sanction
from comity.web.common import times
from tests.actions.sanctions.rules import FREEZE, staged, violation
from tests.cast import START, assemble, tell
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db
SOON = """
[[ledger.rung]]
at = 12
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "automatic"
"""


def lines(page: str) -> list[str]:
    return re.findall(r'<li class="line.*?</li>', page)


def test_what_is_due_for_one_order_is_one_line_and_counts_as_one() -> None:
    now = datetime.now(UTC)
    cast = assemble(at=START)
    for name in ("o1", "o2"):
        tell(cast, "order.placed", f"order:{name}", now - timedelta(hours=3))
        tell(
            cast, "order.paid", f"order:{name}", now - timedelta(hours=2),
            dispatch_by=(now + timedelta(days=2)).isoformat(), deliver_by=(now + timedelta(days=9)).isoformat(),
        )  # fmt: skip
    dues = Notice.objects.filter(party=cast.seller, kind="duty.opened")
    assert dues.count() > dues.values("matter").distinct().count() == 2, "several things are due for each"
    page = text(sign_in(cast.li).get("/notices/"))
    due = [line for line in lines(page) if "due by" in line]
    assert len(due) == 2
    assert all(line.count("due by") == dues.count() / 2 for line in due)
    assert sorted(re.findall(r">Order (o\d)</a>", " ".join(due))) == ["o1", "o2"]
    others = Notice.objects.filter(party=cast.seller, read_at=None).exclude(kind="duty.opened").count()
    assert f'<span class="count">{others + 2}</span>' in page


def test_of_what_was_due_is_said_what_became_of_it() -> None:
    """Of two orders that were to be sent by now, the first was, and neither has arrived."""
    now = datetime.now(UTC)
    cast = assemble(at=START)
    since = (now - timedelta(days=6) - START) / timedelta(hours=1)
    kept, missed = cast.order(at=since), cast.order(at=since)
    shipments.dispatch(cast.li, kept, shipments.Parcel("post", "A1"), at=now - timedelta(days=5))
    clock.turn(now)
    page = text(sign_in(cast.li).get("/notices/"))
    became = {kept: "done in time", missed: "not done by"}
    for order, said in became.items():
        (line,) = [each for each in lines(page) if str(order.uuid) in each and "due by" in each]
        assert f"Send the order, with a tracking number, before the handling time ends: {said}" in line
        sentences = re.sub("<[^>]*>", "", line).split(" · ")
        is_open = ["due by" in each for each in sentences]
        assert is_open == sorted(is_open, reverse=True), "what is open comes first"


def test_a_proposal_says_that_one_is_heard_and_until_when() -> None:
    now = datetime.now(UTC)
    cast = staged(FREEZE)
    violation(cast, now - timedelta(hours=1), 12, now=now)
    row = Sanction.objects.get()
    (line,) = [each for each in lines(text(sign_in(cast.li).get("/notices/"))) if "Freeze proposed" in each]
    assert "You may say what you have to say to it before it takes effect, on" in line
    assert f'href="/measures/{cast.seller.uuid}/{row.key}/"' in line


def test_from_when_a_measure_is_in_effect_is_what_its_page_says() -> None:
    """It counts from days ago, and was told just now: so its notice runs since now."""
    now = datetime.now(UTC)
    cast = staged(SOON)
    violation(cast, now - timedelta(days=5), 12, now=now)
    clock.turn(now)
    row = Sanction.objects.get()
    assert row.effective_at is not None
    assert row.effective_at > now
    said = Notice.objects.get(kind="sanction.placed").values["effective_at"]
    assert datetime.fromisoformat(str(said)) < now, "as it was when it was written"
    browser = sign_in(cast.li)
    (line,) = [each for each in lines(text(browser.get("/notices/"))) if "in effect from" in each]
    assert f"in effect from {times.quiet(row.effective_at)} ·" in line
    assert f"From {times.moment(row.effective_at)} to" in text(browser.get(f"/measures/{cast.seller.uuid}/{row.key}/"))
