"""Improvement plans by the API: what a shop's own pages need to have one written, looked at and followed."""

import json
from typing import Any

import pytest

from comity.policy.facts.plans import ACTIONS
from comity.records.models import ImprovementPlan
from tests.api.client import Api
from tests.cast import Cast
from tests.web.test_plan_pages import asked_for, cast

__all__ = ["cast"]
pytestmark = pytest.mark.django_db


def body(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def possible(plan: dict[str, Any]) -> set[str]:
    return {deed["deed"] for deed in plan["deeds"] if deed["possible"]}


def test_a_plan_from_being_asked_for_to_running(cast: Cast) -> None:
    row = asked_for(cast)
    li, ken = Api(cast.platform, cast.li), Api(cast.platform, cast.ken)
    (listed,) = body(li.get("/plans"))["items"]
    assert (listed["key"], listed["stage"], listed["counted"], listed["faulty"]) == (row.key, "asked", 6, 3)
    path = f"/plans/{row.key}"
    plan = body(li.get(path))
    assert (plan["limits"], plan["at_least"], plan["runs_seconds"]) == (["rate <= 20%"], 4, 30 * 86_400)
    assert (plan["waits"]["who"], plan["waits"]["otherwise"]) == ("seller", "failed")
    assert possible(plan) == {"write"}

    assert li.post(f"{path}/written", {"actions": [], "text": "Soon."}).status_code == 422
    assert "must be of" in body(li.post(f"{path}/written", {"actions": ["pray"], "text": "Soon."}), 422)["detail"]
    assert body(ken.post(f"{path}/written", {"actions": ["ship_earlier"], "text": "Soon."}), 403)
    for _ in range(2):
        plan = body(li.post(f"{path}/written", {"actions": ["ship_earlier"], "text": "Soon."}))
    assert (plan["stage"], plan["version"]) == ("written", 1), "the same again changes nothing"
    assert plan["texts"][0]["text"] == "Soon."

    seen = body(ken.get(path))
    assert possible(seen) == {"accept", "send_back"}
    shown = {"asked_at": seen["written_at"]}
    assert body(ken.post(f"{path}/sent-back", shown), 422)
    assert body(li.post(f"{path}/accepted", shown), 403)
    back = body(ken.post(f"{path}/sent-back", {**shown, "because": "How soon?"}))
    assert (back["stage"], back["waits"]["who"]) == ("sent_back", "seller")
    assert body(ken.post(f"{path}/accepted", shown), 422)["code"] == "plan_not_waiting"
    again = body(li.post(f"{path}/written", {"actions": ["ship_earlier"], "text": "The same day."}))
    shown = {"asked_at": again["written_at"]}
    runs = body(ken.post(f"{path}/accepted", shown))
    assert (runs["stage"], runs["accepted_by"]) == ("running", cast.ken.party.ref)
    assert runs["waits"]["otherwise"] == "checked"
    assert runs["waits"]["due"] == runs["check_at"]
    assert body(li.post(f"{path}/written", {"actions": ["ship_earlier"], "text": "No."}), 422)["code"] == "plan_runs"


def test_a_plan_is_no_business_of_others(cast: Cast) -> None:
    row = asked_for(cast)
    rival, buyer, agent = (Api(cast.platform, who) for who in (cast.max, cast.ana, cast.ken))
    assert body(rival.get("/plans"))["items"] == []
    assert body(rival.get(f"/plans/{row.key}"), 403)
    assert body(buyer.get(f"/plans/{row.key}"), 403)
    assert body(agent.get("/plans?stage=asked"))["items"][0]["key"] == row.key
    assert body(agent.get("/plans?stage=running"))["items"] == []
    assert body(agent.get("/plans/none-of-that-name"), 404)
    narrow = Api(cast.platform, cast.li, ["plan.read"])
    assert body(narrow.post(f"/plans/{row.key}/written", {"actions": list(ACTIONS), "text": "All."}), 403)
    assert ImprovementPlan.objects.get().version == 0
