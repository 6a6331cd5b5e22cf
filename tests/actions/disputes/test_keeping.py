"""Until when the evidence of a dispute stays: said on the page, and told a month before it ends, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comity.actions.disputes import claims, keeping
from comity.actions.disputes.cases import held
from comity.policy.disputes.keeping import kept_until
from comity.records.models import Dispute, Notice, Order
from tests.cast import START
from tests.disputing import stage
from tests.web.test_pages import sign_in, text

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("ended", "appeal", "paid", "law", "right"),
    [
        (None, None, 0, 1095, None),
        (10, 20, 0, 1095, 1105),
        (10, 20, 0, 30, 540),
        (600, 700, 0, 30, 700),
        (10, None, None, 30, 40),
    ],
)
def test_the_longest_counts(
    ended: int | None, appeal: int | None, paid: int | None, law: int, right: int | None
) -> None:
    def at(days: int | None) -> object:
        return START + days * DAY if days is not None else None

    found = kept_until(at(ended), appeal_until=at(appeal), paid_at=at(paid), law=law * DAY)  # type: ignore[arg-type]
    assert found == at(right)


@pytest.mark.django_db
def test_both_are_told_once_a_month_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_KEEP_DAYS", "700")
    here = stage()
    dispute = here.open(START, amount=6000)
    assert keeping.kept_until(held(dispute)) is None
    claims.withdraw(here.cast.ana, dispute, reason="solved", at=START + DAY)
    dispute.refresh_from_db()
    assert keeping.kept_until(held(dispute)) == START + 701 * DAY
    page = text(sign_in(here.cast.ana).get(f"/disputes/{dispute.key}/"))
    assert "All of it stays, and can be fetched, until" in page
    assert keeping.tell_ends(START + 670 * DAY) == 0
    assert (keeping.tell_ends(START + 671 * DAY), keeping.tell_ends(START + 672 * DAY)) == (1, 0)
    told = Notice.objects.filter(kind="dispute.keeping_ends")
    assert {notice.party.role for notice in told} == {"buyer", "seller"}
    said = text(sign_in(here.cast.li).get("/notices/"))
    assert f"The evidence of dispute {dispute.key} stays until" in said


@pytest.mark.django_db
def test_one_that_ended_earlier_and_stays_longer_keeps_none_from_being_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_KEEP_DAYS", "30")
    monkeypatch.setattr(keeping, "MOST", 1)
    here = stage()
    for ended, order in ((1, here.order), (2, here.cast.order())):
        dispute = replace(here, order=order).open(START, amount=1000)
        claims.withdraw(here.cast.ana, dispute, reason="solved", at=START + ended * DAY)
    first, second = Dispute.objects.order_by("ended_at")
    Order.objects.filter(pk=first.order_id).update(paid_at=START + 90 * DAY)
    Order.objects.filter(pk=second.order_id).update(paid_at=START)
    assert keeping.tell_ends(START + 511 * DAY) == 1
    assert Dispute.objects.get(keeping_told_at=None) == first
    assert keeping.tell_ends(START + 601 * DAY) == 1
