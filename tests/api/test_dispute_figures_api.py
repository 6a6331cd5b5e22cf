"""Figures of disputes, told by the API; and that looking before a dispute is counted."""

import pytest

from comity.records.models import GuidedOpening
from tests.api.disputing import everybody
from tests.disputing import rulebook

pytestmark = pytest.mark.django_db
FIGURES = "/disputes/figures"


def test_figures_are_for_agents_and_the_platform() -> None:
    them = everybody(rulebook())
    case = them.mediated()
    them.do("ken", f"{case}/decide", {"outcome": "seller", "text": "It is fine.", "inputs": {"proof": "unclear"}})
    told = them.see("ken", FIGURES)
    assert (told["ended"], told["days"], told["cut"], told["oldest"]) == (1, 90, False, None)
    assert told["whole"]["n"] == 1
    assert [each["who"] for each in told["spent"]] == ["buyer", "seller", "both", "mediator", "nobody"]
    assert sum(each["spent"]["mean"] for each in told["spent"]) == pytest.approx(told["whole"]["mean"])
    assert told["own"]["decisions"] == told["everybody"]["decisions"] == 1
    assert told["own"]["for_buyer"] == {"part": 0, "of": 1, "rate": None, "low": None, "high": None}
    assert told["deciders"] is None
    (line,) = them.see("platform", FIGURES)["deciders"]
    assert (line["name"], line["id"], line["decisions"]) == ("Ken Adams", str(them.here.cast.ken.party.uuid), 1)
    assert told["consistency"]["decisions"] == 1
    for stranger in ("ana", "li", "bea", "max"):
        them.see(stranger, FIGURES, 403)
    for wrong in ("0", "731", "x"):
        them.see("ken", f"{FIGURES}?days={wrong}", 422)


def test_the_case_that_waits_longest_for_an_agent_is_named() -> None:
    them = everybody(rulebook())
    case = them.open()
    them.do("li", f"{case}/reject", {"version": 1, "text": "It is fine."})
    them.do("ana", f"{case}/escalate", {"text": "It is not."})
    told = them.see("ken", FIGURES)
    assert case.endswith(told["oldest"]["id"])
    assert {each["who"]: each["waiting"] for each in told["spent"] if each["waiting"]} == {"mediator": 1}


def test_looking_before_a_dispute_is_counted_once_and_not_where_the_seller_looks() -> None:
    them = everybody(rulebook())
    problem = f"/orders/{them.here.order.uuid}/problem"
    them.see("li", problem)
    assert not GuidedOpening.objects.exists()
    for who in ("ana", "platform", "ana"):
        them.see(who, problem)
    assert GuidedOpening.objects.get().step == "began"
    case = them.open()
    row = GuidedOpening.objects.select_related("dispute").get()
    assert row.dispute is not None
    assert case.endswith(str(row.dispute.uuid))
    assert (row.step, row.claimed_at is None) == ("opened", False)
    assert them.see("ken", FIGURES)["guided"]["young"] == 1
