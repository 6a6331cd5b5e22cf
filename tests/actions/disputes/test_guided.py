"""The guided opening, counted: once for an order and a day, and what followed."""

from datetime import timedelta

import pytest

from comity.actions.disputes import figures, guided, opening
from comity.policy.disputes.figures import Share
from comity.records import figures as counted
from comity.records.models import GuidedOpening
from tests.cast import START
from tests.disputing import Stage, stage

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def begun() -> Stage:
    """Ana looks on day 1 what to do about her clock."""
    here = stage()
    guided.note(here.order, "began", at=START + DAY)
    return here


def test_it_is_noted_once_a_day_as_far_as_it_went() -> None:
    here = begun()
    for step, advised in (("reason", "ask_seller"), ("look", ""), ("began", ""), ("reason", "show_photos")):
        guided.note(here.order, step, advised=advised, at=START + DAY + timedelta(hours=1))
    row = GuidedOpening.objects.get()
    assert (row.step, row.advised, row.began_at, row.dispute) == ("look", "show_photos", START + DAY, None)
    guided.note(here.order, "began", at=START + 2 * DAY)
    assert GuidedOpening.objects.count() == 2


def test_with_a_dispute_open_nothing_begins_and_what_was_opened_stays_so() -> None:
    here = begun()
    here.open(START + DAY + timedelta(hours=2))
    for at in (START + DAY + timedelta(hours=3), START + 2 * DAY):
        guided.note(here.order, "reason", advised="wait", at=at)
    row = GuidedOpening.objects.get()
    assert (row.step, row.advised, row.dispute, row.claimed_at) == (
        "opened", "", here.dispute, START + DAY + timedelta(hours=2)
    )  # fmt: skip


def test_what_ended_there_is_counted_once_no_claim_can_follow_soon() -> None:
    here = begun()
    young = figures.figures(here.cast.platform, at=START + 7 * DAY).guided
    assert (young.begun, young.young, young.left) == (0, 1, Share(0, 0))
    old = figures.figures(here.cast.platform, at=START + 9 * DAY).guided
    assert (old.begun, old.young, old.left, old.within_days) == (1, 0, Share(1, 1), 7)
    assert [(each.advised, each.left) for each in old.by_advice] == [("", Share(1, 1))]


def test_a_claim_within_the_days_counts_and_a_later_one_does_not() -> None:
    here = begun()
    guided.note(here.order, "began", at=START + 9 * DAY)
    here.open(START + 9 * DAY)
    found = figures.figures(here.cast.platform, at=START + 20 * DAY).guided
    assert (found.begun, found.claimed, found.asked, found.left) == (2, 1, 0, Share(1, 2))


def test_a_question_is_no_claim_until_it_becomes_one() -> None:
    here = begun()
    asked = opening.inquire(here.cast.ana, here.order, reason="damaged", text="Is it?", at=START + 2 * DAY)
    found = figures.figures(here.cast.platform, at=START + 20 * DAY).guided
    assert (found.claimed, found.asked, found.left) == (0, 1, Share(1, 1))
    opening.claim_it(here.cast.ana, asked, opening.Claim("damaged"), at=START + 3 * DAY)
    found = figures.figures(here.cast.platform, at=START + 20 * DAY).guided
    assert (found.claimed, found.asked, found.left) == (1, 0, Share(0, 1))
    assert GuidedOpening.objects.get().claimed_at == START + 3 * DAY


def test_a_dispute_that_the_shop_tells_counts_too() -> None:
    here = begun()
    dispute = here.open(START + 2 * DAY)
    GuidedOpening.objects.update(dispute=None, claimed_at=None)
    dispute.named_by_shop, dispute.external_id = True, "77"
    dispute.save(update_fields=["named_by_shop", "external_id"])
    assert counted.guided(START, START + 20 * DAY, timedelta(days=7)) == [("", 1, 0, 1)]
    assert counted.guided(START, START + 20 * DAY, timedelta(hours=20)) == [("", 1, 0, 0)]
