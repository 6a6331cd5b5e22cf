"""Complaints that are no disputes: what waits on the desk, and what an agent does about it, by page and API."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.actions.disputes import interests
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.actions.network import desk
from comity.records.models import Dispute, JournalLine
from comity.records.models.network import NetworkIssue
from tests.api.client import Api
from tests.cast import tell
from tests.disputing import Stage
from tests.integrations.igm.stage import BUYER, World, joined
from tests.integrations.igm.test_igm import calls, codes, refusals, spec, validated
from tests.web.test_pages import sign_in, text

NO_ORDER: dict[str, Any] = {"refs": [{"ref_id": "T10", "ref_type": "TRANSACTION"}]}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two hours ago: pages and API read the time themselves."""
    joined(tmp_path, monkeypatch, BUYER)
    return World(monkeypatch, datetime.now(UTC) - timedelta(hours=2))


def the(number: str = "ISSUE-1") -> NetworkIssue:
    return NetworkIssue.objects.get(number=number)


def test_the_page_lists_what_waits_with_why_and_opens_a_dispute(world: World, here: Stage) -> None:
    world.opened("-", text="Es tropft <b>noch</b>.", **NO_ORDER)
    world.opened("O1", number="ISSUE-2", category="VIS001")
    world.answered()
    world.goes_by(hours=1)
    ken = sign_in(here.cast.ken)
    assert 'Complaints of the network <span class="tally">2</span>' in text(ken.get("/desk/disputes/"))
    page = text(ken.get("/desk/network/"))
    assert page.index("It names no order.") < page.index("no reason is set for the category VIS001")
    assert "Es tropft &lt;b&gt;noch&lt;/b&gt;." in page
    address = f"/desk/network/{the().pk}/"
    for order in ("", "O7", here.order.key):
        ken.post(
            address, {"do": "order", "order": order, "reason": "damaged" if order != here.order.key else "no such"}
        )
        assert (Dispute.objects.count(), the().dispute) == (0, None)
    ken.post(address, {"do": "order", "order": "O1", "reason": "damaged"})
    dispute = Dispute.objects.get()
    assert (the().dispute, the().order, dispute.reason, dispute.order) == (dispute, here.order, "damaged", here.order)
    assert JournalLine.objects.filter(kind="dispute.opened").count() == 1
    world.now = datetime.now(UTC)
    ((_, said),) = world.answered()
    assert codes(said) == ["OPEN", "PROCESSING", "PROCESSING"]
    page = text(ken.post(address, {"do": "order", "order": "O1", "reason": "damaged"}, follow=True))
    assert "It is a dispute, or was answered meanwhile" in page
    assert "Es tropft" not in page
    world.does("CLOSED")
    assert Dispute.objects.get().ended_how == "withdrawn", "from now on it goes as any other"


def test_an_answer_is_told_and_who_is_not_content_escalates(world: World, here: Stage) -> None:
    world.opened("-", **NO_ORDER)
    world.answered()
    api = Api(here.cast.platform, here.cast.ken, ["network.read", "network.answer"])
    ((listed),) = json.loads(api.get("/network-issues").content)
    assert (listed["number"], listed["why"], listed["text"]) == (the().pk, "no_order", "It came broken.")
    assert api.post(f"/network-issues/{the().pk}/answer", {"text": " "}).status_code == 422
    done = api.post(f"/network-issues/{the().pk}/answer", {"text": "We mended the list."})
    assert (done.status_code, json.loads(done.content)["status"]) == (200, "RESOLVED")
    assert json.loads(api.get("/network-issues").content) == []
    assert api.post(f"/network-issues/{the().pk}/answer", {"text": "Twice."}).status_code == 422
    assert api.post("/network-issues/99/answer", {"text": "Nobody's."}).status_code == 422
    world.now = datetime.now(UTC)
    ((_, said),) = world.answered()
    validated(said, calls(spec(), "on_issue"), spec())
    issue = said["message"]["issue"]
    assert issue["actions"][-1]["descriptor"] == {"code": "RESOLVED", "short_desc": "We mended the list."}
    assert issue["resolutions"][0]["descriptor"] == {"code": "NO_ACTION", "short_desc": "We mended the list."}
    world.goes_by(minutes=5)
    world.does("ESCALATED", level="GRIEVANCE", text="No.")
    assert refusals(world.answered()) == []
    assert [row.pk for row in desk.waiting(here.cast.ken)] == [the().pk], "it waits again"


@pytest.mark.parametrize("who", ["ana", "li"])
def test_only_agents(world: World, here: Stage, who: str) -> None:
    world.opened("-", **NO_ORDER)
    actor: Any = getattr(here.cast, who)
    for tried in (
        lambda: desk.waiting(actor),
        lambda: desk.answer(actor, the().pk, text="x", at=world.now),
        lambda: desk.name_order(actor, the().pk, here.order, reason="damaged", at=world.now),
    ):
        with pytest.raises(Forbidden):
            tried()
    assert the().status == "PROCESSING"


def test_whose_order_it_is_and_who_names_it(world: World, here: Stage) -> None:
    items = [{"ref_id": "I7", "ref_type": "ITEM"}, {"ref_id": "I8", "ref_type": "ITEM"}]
    world.opened("-", **NO_ORDER)
    world.opened("-", number="ISSUE-2", refs=[*NO_ORDER["refs"], *items])

    def name(number: str = "ISSUE-1") -> None:
        desk.name_order(here.cast.ken, the(number).pk, here.order, reason="damaged", at=world.now)

    with pytest.raises(Refused, match="no item I7"):
        name("ISSUE-2")
    tell(here.cast, "order.placed_through", "order:O1", world.now, participant="otherapp.com")
    with pytest.raises(Refused, match="another participant"):
        name()
    world.goes_by(minutes=1)
    tell(here.cast, "order.placed_through", "order:O1", world.now, participant="buyerapp.com")
    interests.declare(here.cast.ken, here.cast.buyer, at=world.now)
    with pytest.raises(Refused):
        name()
    assert (Dispute.objects.count(), the().dispute) == (0, None)
