"""What would be fair, told by the API."""

import json
from datetime import timedelta

import pytest

from tests.actions.disputes.test_helping import closed
from tests.api.client import Api
from tests.cast import START
from tests.disputing import agent, stage

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def test_what_would_be_fair() -> None:
    here = stage()
    dispute = here.open(START + DAY, text="The screen is cracked.")
    for number in range(30):
        closed(dispute, number, 500, words="cracked screen")
    path = f"/disputes/{dispute.uuid}"
    told = json.loads(Api(here.cast.platform, here.cast.ana).get(f"{path}/help").content)
    assert (told["row"], told["by_rule"], told["asks"], told["currency"]) == ("", None, ["proof"], "EUR")
    assert (told["similar"]["n"], told["similar"]["median"]) == (30, 3000)
    assert Api(here.cast.platform, here.cast.ana).get(f"{path}/similar").status_code == 403
    assert Api(here.cast.platform, here.cast.max).get(f"{path}/help").status_code == 404
    found = json.loads(Api(here.cast.platform, agent(here.cast, "ada")).get(f"{path}/similar").content)
    assert (len(found), found[0]["share"], found[0]["reason"]) == (20, 500, "damaged")
