"""Who is told of what: the one who must act, and both sides of what is decided."""

from datetime import datetime, timedelta

import pytest

from comity.actions import clock, facts
from comity.actions.disputes import cases, reaching
from comity.records.models import JournalLine, Notice, Order, Party
from tests.cast import START, Cast, hours
from tests.disputing import stage
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db


def tell(cast: Cast, kind: str, order: Order, at: datetime, now: datetime | None = None, **data: object) -> None:
    """The shop says that something happened to an order's dispute."""
    recorded = facts.record(cast.platform, {
        "specversion": "1.0", "id": f"{kind}:{at.isoformat()}", "source": "shop", "type": kind, "time": at.isoformat(),
        "subject": f"dispute:{order.uuid}", "data": {"party": cast.seller.ref, "matter": order.ref, **data},
    }, now=now or at)  # fmt: skip
    assert recorded.status == "recorded", recorded.problems


def kinds(party: Party) -> list[str]:
    return list(Notice.objects.filter(party=party).order_by("pk").values_list("kind", flat=True))


def test_a_sellers_silence_is_told_to_both(cast: Cast) -> None:
    order = cast.order(at=0)
    Notice.objects.all().delete()
    tell(cast, "dispute.opened", order, hours(1))
    assert kinds(cast.seller) == ["dispute.opened", "duty.opened"], "the platform's own duty is nobody's notice"
    clock.turn(hours(1 + 5 * 24 + 1))
    assert "breach.followed" in kinds(cast.buyer)
    assert "breach.followed" in kinds(cast.seller)
    told = Notice.objects.filter(party=cast.buyer, kind="breach.followed").values_list("values", flat=True)
    assert {(each["what"], each["value"]) for each in told} == {("decide", "buyer"), ("notify", "buyer")}


def test_a_buyers_duty_is_the_buyers(cast: Cast) -> None:
    order = cast.order(at=0)
    Notice.objects.all().delete()
    tell(cast, "dispute.opened", order, hours(1))
    tell(cast, "dispute.settled", order, hours(2), goes_back=True)
    assert "duty.opened" in kinds(cast.buyer), "the goods must be sent back"
    page = text(sign_in(cast.li).get("/sell/"))
    assert "Send the goods back" not in page
    assert "Send the goods back" in text(sign_in(cast.ana).get("/notices/"))


def test_late_news_takes_a_consequence_back(cast: Cast) -> None:
    order = cast.order(at=0)
    tell(cast, "dispute.opened", order, hours(1))
    clock.turn(hours(130))
    tell(cast, "dispute.answered", order, hours(100), now=hours(131))
    overturned = [line.body for line in JournalLine.objects.filter(kind="ruling.overturned")]
    assert sum('"what":"consequence"' in body for body in overturned) == 2


def test_what_one_did_oneself_rings_no_bell_and_does_not_count_as_read() -> None:
    here = stage()
    here.open(START)
    mine, theirs = (
        Notice.objects.get(party=each, kind="dispute.opened") for each in (here.cast.buyer, here.cast.seller)
    )
    assert (mine.read_at, mine.unsent, theirs.read_at, theirs.unsent) == (START, False, None, True)
    for side in ("buyer", "seller"):
        reached = reaching.reach(cases.held(here.the_dispute), side)
        assert (reached.is_reached, reached.acknowledged_at) == (True, None), side
    here.offer(START + timedelta(hours=1), 500)
    reached = reaching.reach(cases.held(here.the_dispute), "seller")
    assert reached.acknowledged_at == START + timedelta(hours=1), "reached by the own act"
