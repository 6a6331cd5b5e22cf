"""What is personal in issues is forgotten, wherever it lies; what was done stays."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.core import serializers

from comity.actions.network import forgetting
from comity.cli.people import party
from comity.records.models import Dispute
from comity.records.models.network import NetworkIssue, NetworkMessage, NetworkReply
from tests.disputing import Stage
from tests.integrations.igm.stage import World
from tests.integrations.igm.test_igm import calls, codes, refusals, spec, validated

PERSON = {"name": "Asha Rao"}
ACTOR = {
    "id": "NP1", "type": "INTERFACING_NP",
    "info": {"org": {"name": "buyerapp.com"}, "person": PERSON, "contact": {"phone": "+919876", "email": "asha@x.in"}},
}  # fmt: skip
WORDS = ("Asha", "+919876", "asha@x.in")
TEXTS = ("My bath flooded", "Ring at Rao")
KEPT = timedelta(days=1095)


def kept() -> str:
    """Return all that lies in the tables of the network."""
    rows = [*NetworkIssue.objects.all(), *NetworkReply.objects.all(), *NetworkMessage.objects.all()]
    return str(serializers.serialize("json", rows))


def told(world: World, **more: Any) -> None:
    world.opened("O1", text=TEXTS[0], actors=[ACTOR], **more)
    world.answered()
    world.goes_by(hours=1)
    world.does("INFO_PROVIDED", text=TEXTS[1])


def there(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word in kept()]


def test_a_closed_issue_is_forgotten_with_what_was_sent_and_what_was_done_stays(world: World, here: Stage) -> None:
    told(world)
    world.does("CLOSED")
    world.app.send("issue_status", {"issue_id": "ISSUE-1"}, world.now)  # an answer that is still to be sent
    assert there((*WORDS, *TEXTS)) == [*WORDS, *TEXTS]
    assert forgetting.forget_buyer(here.cast.seller, world.now) == (0, 0), "nobody else's"
    done = CliRunner().invoke(party, ["forget-issues", str(here.cast.buyer.uuid), "--json"])
    assert json.loads(done.output) == {"wholly": 1, "by_name": 0}
    assert there((*WORDS, *TEXTS)) == []
    heard = world.answered()
    assert heard
    for api, said in heard:
        validated(said, calls(spec(), api), spec())
    assert codes(heard[-1][1]) == ["OPEN", "PROCESSING", "INFO_PROVIDED", "PROCESSING", "CLOSED"]
    row = NetworkIssue.objects.get()
    assert (row.status, row.body["refs"], row.body["descriptor"]) == (
        "CLOSED", [{"ref_id": "O1", "ref_type": "ORDER"}], {"code": "ITM004"},
    )  # fmt: skip
    world.does("INFO_PROVIDED", text="And more.")
    assert refusals(world.answered()) == ["IGM001"], "it is closed still"
    assert forgetting.forget_buyer(here.cast.buyer, world.now) == (1, 0), "again changes nothing"


def test_an_open_issue_is_forgotten_by_name_and_goes_on(world: World, here: Stage) -> None:
    told(world)
    assert forgetting.forget_buyer(here.cast.buyer, world.now) == (0, 1)
    assert (there(WORDS), NetworkIssue.objects.get().forgotten_at) == ([], None)
    assert there(TEXTS) == list(TEXTS)
    ((_, said),) = world.answered()
    assert "Asha" not in json.dumps(said)
    world.app.issues["ISSUE-1"]["actors"] = [ACTOR]
    world.does("CLOSED")
    assert (refusals(world.answered()), there(WORDS)) == ([], list(WORDS)), "told again"
    assert forgetting.forget_buyer(here.cast.buyer, world.now) == (1, 0)
    assert there((*WORDS, *TEXTS)) == []


@pytest.mark.parametrize("with_dispute", [True, False])
def test_what_need_not_stay_is_forgotten_by_itself(world: World, here: Stage, with_dispute: bool) -> None:
    del here
    more: dict[str, Any] = {} if with_dispute else {"refs": [{"ref_id": "T10", "ref_type": "TRANSACTION"}]}
    told(world, **more)
    if with_dispute:
        world.answered()
        assert forgetting.forget_due(world.now + 2 * KEPT) == 0, "its dispute is open"
        world.does("CLOSED")
        assert Dispute.objects.get().ended_at == world.now
    world.answered()
    assert forgetting.forget_due(world.now + KEPT - timedelta(minutes=1)) == 0
    assert there((*WORDS, *TEXTS)) == [*WORDS, *TEXTS]
    assert forgetting.forget_due(world.now + KEPT + timedelta(minutes=1)) == 1
    assert there((*WORDS, *TEXTS)) == []
    assert forgetting.forget_due(world.now + 2 * KEPT) == 0, "once"
