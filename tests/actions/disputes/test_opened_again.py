"""A dispute that is opened again after it was at the platform: the two are among themselves, with their windows."""

from datetime import timedelta

import pytest

from comity.actions.disputes import claims, deciding, opening
from comity.policy.disputes.case import Stage
from tests.cast import START
from tests.disputing import rulebook, stage

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db

ANSWER = """
[[duty]]
name = "answer the seller"
title = "Answer the seller within 7 days"
who = "buyer"
each = "dispute"
opened_by = { fact = "dispute.answered" }
met_by = [{ fact = "dispute.settled" }, { fact = "dispute.escalated" }]
voided_by = { fact = "dispute.closed" }
not_after = { fact = "dispute.escalated" }
within = "7 days"
repeats = true
breach = { close = "open again" }
"""
ANEW = 'anew_after = [{ fact = "dispute.opened" }, { fact = "dispute.revived" }]\n'


@pytest.mark.parametrize("anew", [True, False])
def test_the_buyer_has_a_window_to_answer_as_before(anew: bool) -> None:
    here = stage(rulebook(drop=("escalate",), more=ANSWER + (ANEW if anew else "")))
    ana, li, ken = here.cast.ana, here.cast.li, here.cast.ken
    here.open(START)
    dispute = here.mediate(START, ken)
    deciding.close(ken, dispute, because="cannot_judge", text="Nobody can tell.", again=True, at=START + DAY)
    opening.claim_it(ana, dispute, opening.Claim("damaged"), at=START + 2 * DAY)
    claims.reject(li, dispute, text="It is fine.", version=here.case().version, at=START + 3 * DAY)
    window = (START + 10 * DAY, "close", "open again") if anew else (None, "", "")
    assert here.waits(START + 3 * DAY) == ("buyer", *window)
    here.turn(START + 10 * DAY + timedelta(minutes=1))
    assert here.case().stage is (Stage.CLOSED if anew else Stage.NEGOTIATION)


def test_an_offer_made_while_the_platform_works_has_no_silence_of_its_own() -> None:
    here = stage(rulebook(drop=("escalate",), more=ANSWER + ANEW))
    here.open(START)
    here.mediate(START, here.cast.ken)
    here.offer(START + DAY, 1000)
    here.turn(START + 8 * DAY + timedelta(minutes=1))
    assert here.case().stage is Stage.MEDIATION
