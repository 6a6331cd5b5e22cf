"""comity dispute list | show"""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from comity.actions.disputes import claims, mediation
from comity.cli.disputes import dispute as command
from tests.cast import START
from tests.disputing import stage

pytestmark = pytest.mark.django_db
RUN = CliRunner()


def said(*arguments: str) -> str:
    return RUN.invoke(command, list(arguments), standalone_mode=False).output


def test_open_and_closed_disputes_are_listed_and_one_is_shown() -> None:
    here = stage()
    dispute = here.open(START, amount=6000)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=START)
    assert dispute.key in said("list")
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


def test_a_dispute_that_is_not_there_says_what_to_do() -> None:
    assert "comity dispute list" in str(RUN.invoke(command, ["show", "D-NOWHERE"], standalone_mode=False).exception)
