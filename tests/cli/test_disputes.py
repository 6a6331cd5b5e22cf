"""comity dispute list | show"""

import json
from datetime import timedelta

import pytest

from comity.actions.disputes import claims, mediation
from comity.cli.main import run
from tests.cast import START
from tests.disputing import stage

pytestmark = pytest.mark.django_db
Out = pytest.CaptureFixture[str]


def test_open_and_closed_disputes_are_listed_and_one_is_shown(capsys: Out) -> None:
    def said(*arguments: str) -> str:
        assert run(["dispute", *arguments]) == 0
        return capsys.readouterr().out

    here = stage()
    dispute = here.open(START, amount=6000)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=START)
    assert dispute.key in said("list")
    assert "€60.00" in said("list"), "and not 6000 EUR"
    assert "0 disputes" in said("list", "--closed")
    (row,) = json.loads(said("list", "--json"))["disputes"]
    assert (row["key"], row["stage"], row["asked"], row["ended_at"]) == (dispute.key, "negotiation", 6000, None)
    shown = json.loads(said("show", dispute.key, "--json"))
    assert [fact["kind"] for fact in shown["facts"]] == ["dispute.opened", "dispute.answered"]
    assert "dispute.answered  answer=rejected" in said("show", dispute.key)
    mediation.escalate(here.cast.ana, dispute, at=START + timedelta(days=1))
    claims.withdraw(here.cast.ana, dispute, at=START + timedelta(days=1))
    assert dispute.key in said("list", "--closed")
    assert json.loads(said("list", "--json")) == {"disputes": [], "total": 0}


def test_a_dispute_that_is_not_there_says_what_to_do(capsys: Out) -> None:
    assert run(["dispute", "show", "D-NOWHERE"]) != 0
    assert "comity dispute list" in capsys.readouterr().err
