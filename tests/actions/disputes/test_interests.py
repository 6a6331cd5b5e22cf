"""Agents who trade here as well declare it, and take no case of the own."""

from datetime import timedelta

import pytest

from comity.actions.disputes import interests, mediation
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.records.models import Interest
from tests.cast import START
from tests.disputing import stage

pytestmark = pytest.mark.django_db


def test_who_declares_an_account_takes_no_case_of_it_or_of_whom_it_traded_with() -> None:
    set_ = stage()
    dispute = set_.open(START)
    mediation.escalate(set_.cast.li, dispute, at=START + timedelta(hours=1))
    for _ in range(2):
        interests.declare(set_.cast.ken, set_.cast.buyer, at=START)
    assert [each.party for each in interests.of(set_.cast.ken.party)] == [set_.cast.buyer]
    with pytest.raises(NotNow, match="You have traded with one of the two"):
        mediation.take(set_.cast.ken, dispute, at=START + timedelta(hours=2))
    assert set_.case().holder == ""


def test_only_agents_declare_and_only_accounts_that_trade() -> None:
    cast = stage().cast
    for nobody in (cast.ana, cast.li):
        with pytest.raises(Forbidden):
            interests.declare(nobody, cast.buyer, at=START)
    with pytest.raises(Refused, match="a buyer or a seller"):
        interests.declare(cast.ken, cast.ken.party, at=START)
    assert not Interest.objects.exists()
