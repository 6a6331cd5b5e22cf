"""The network's protocol against the real doors: signatures, the published flows, levels, doubles, and disputes."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import yaml
from django.test import Client

from comity.actions.disputes import claims, mediation, offers
from comity.actions.network import issue as issues
from comity.integrations.igm import following, receiving, sending, signing
from comity.lib.moments import parse
from comity.lib.money import Money
from comity.records.models import Dispute, DisputeText, Evidence, JournalLine
from comity.records.models.network import NetworkIssue, NetworkMessage, NetworkReply
from tests.data import real
from tests.disputing import Stage, agent
from tests.integrations.igm.stage import BUYER, OTHERS, SELLER, World, joined

AT = parse("2026-03-02T10:00:00+05:30")


# The published flows


def spec() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((real("disputes/ondc-igm") / "openapi.yaml").read_text())
    return found


def validated(said: Any, where: dict[str, Any], whole: dict[str, Any]) -> None:
    jsonschema_rs.validate({**where, "components": whole["components"]}, said)


def answers(whole: dict[str, Any], api: str) -> dict[str, Any]:
    found: dict[str, Any] = whole["paths"][f"/{api}"]["post"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    return found


def calls(whole: dict[str, Any], api: str) -> dict[str, Any]:
    found: dict[str, Any] = whole["paths"][f"/{api}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return found


FLOWS = [1, 2, 3, 4, 5]
ENDS = {1: {"CLOSED"}, 2: {"CLOSED"}, 3: {"CLOSED"}, 4: {"CLOSED"}, 5: {"CLOSED"}}


@pytest.mark.django_db
@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("side", ["issue", "on_issue"])
def test_the_published_flows(flow: int, side: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answers is sent what the complainants of a flow say; who complains, what is answered. Each is acknowledged."""
    whole = spec()
    messages = json.loads((real("disputes/ondc-igm") / f"flow{flow}.json").read_text())
    signers = {each.subscriber: each for each in (SELLER, BUYER, *OTHERS.values())}
    world = World(monkeypatch, AT)
    done = 0
    for each in messages:
        api, body = each["api"], each["body"]
        context = body["context"]
        world.goes_by(minutes=5)
        complains, replies = context["bap_id"], context["bpp_id"]
        if flow == 2:  # here it is the seller's app that complains
            complains, replies = replies, complains
        sender, own = (replies, complains) if api.startswith("on_") else (complains, replies)
        raw = json.dumps(body).encode()
        if api.replace("_status", "") != side:  # our own: noted as sent
            row = NetworkIssue.objects.filter(number=body["message"].get("issue", {}).get("id")).first()
            told = issues.read(body["message"]["issue"]) if "issue" in body["message"] else None
            if told is not None:
                kept = issues.read(row.body) if row is not None else None
                row = row or NetworkIssue(
                    number=told.id, complainant=complains, respondent=replies, ours="complainant", at=world.now,
                    transaction=context["transaction_id"],
                )  # fmt: skip
                row.level, row.status = told.level, told.status
                row.body, row.context = (
                    following.merged(kept, told, following.fresh(kept, told, replies) or ()),
                    context,
                )
                row.save()
            continue
        joined(tmp_path, monkeypatch, *signers.values(), own=signers[own])
        status, said = world.post(api, raw, {"Authorization": signing.header(signers[sender], raw, world.now)})
        assert (status, said) == (200, {"message": {"ack": {"status": "ACK"}}}), each["step"]
        validated(said, answers(whole, api), whole)
        done += 1
    assert done == sum(each["api"].replace("_status", "") == side for each in messages)
    assert {row.status for row in NetworkIssue.objects.all()} == ENDS[flow]
    for reply in NetworkReply.objects.all():
        validated(reply.body, calls(whole, reply.api), whole)


# Disputes


def acked(said: dict[str, Any]) -> bool:
    return bool(said["message"]["ack"]["status"] == "ACK")


def refusals(heard: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [said["error"]["code"] for _, said in heard if "error" in said]


def codes(said: dict[str, Any]) -> list[str]:
    return [each["descriptor"]["code"] for each in said["message"]["issue"]["actions"]]


def test_levels_rise_in_their_time_one_by_one_and_nothing_is_taken_twice(world: World, here: Stage) -> None:
    del here
    assert acked(world.opened("O1"))
    assert [codes(said) for _, said in world.answered()] == [["OPEN", "PROCESSING"]]
    lines = JournalLine.objects.count()
    # The same message again, word for word.
    again = dict(world.app.issues["ISSUE-1"], actions=world.app.issues["ISSUE-1"]["actions"][:1])
    world.goes_by(seconds=10)
    assert acked(world.app.send("issue", {"issue": again}, world.now))
    world.goes_by(hours=2)
    assert acked(world.opened("O1", number="ISSUE-2"))
    assert refusals(world.answered()) == ["IGM008"]
    world.goes_by(hours=8)
    assert acked(world.does("ESCALATED", level="GRIEVANCE"))
    assert refusals(world.answered()) == ["IGM007"], "ten hours of the day are over"
    world.now = AT + timedelta(days=1, seconds=1)
    world.does("ESCALATED", level="DISPUTE")
    assert refusals(world.answered()) == ["IGM007"]
    assert (JournalLine.objects.count(), NetworkIssue.objects.get().body) == (lines, NetworkIssue.objects.get().body)
    assert Dispute.objects.get().stage == "negotiation"
    world.goes_by(minutes=5)
    world.does("ESCALATED", level="GRIEVANCE")
    heard = world.answered()
    assert (refusals(heard), codes(heard[-1][1])) == ([], ["OPEN", "PROCESSING", "ESCALATED", "PROCESSING"])
    row = NetworkIssue.objects.get()
    assert (row.level, row.number, Dispute.objects.get().stage) == ("GRIEVANCE", "ISSUE-1", "mediation")


def test_offers_are_resolutions_and_a_yes_ends_it(world: World, here: Stage) -> None:
    world.opened("O1", text="破了。It came broken.")
    dispute = Dispute.objects.get()
    assert (dispute.reason, DisputeText.objects.get().text) == ("damaged", "破了。It came broken.")
    assert "破了" not in "".join(JournalLine.objects.values_list("body", flat=True))
    world.answered()
    world.goes_by(hours=1)
    claims.reject(here.cast.li, dispute, text="It left whole.", version=1, at=world.now)
    offers.offer(
        here.cast.li, dispute, offers.NewOffer("partial refund", Money(1234, here.order.currency)), at=world.now
    )
    ((_, said),) = world.answered()
    validated(said, calls(spec(), "on_issue"), spec())
    proposed = {each["id"]: each for each in said["message"]["issue"]["resolutions"]}
    assert (proposed["R0"]["descriptor"], proposed["R1"]["descriptor"]) == ({"code": "NO_ACTION"}, {"code": "REFUND"})
    assert proposed["R1"]["tags"][0]["list"] == [{"descriptor": {"code": "REFUND_AMOUNT"}, "value": "12.34"}]
    world.goes_by(hours=1)
    world.does("INFO_PROVIDED", text="The box was torn.")
    assert Evidence.objects.get().text == "The box was torn."
    world.does("RESOLUTION_ACCEPTED", ref="R1")
    dispute.refresh_from_db()
    assert (dispute.stage, dispute.amount) == ("carrying out", 1234)
    heard = world.answered()
    assert codes(heard[-1][1])[-1] == "RESOLVED"
    world.goes_by(hours=1)
    world.does("CLOSED")
    assert (NetworkIssue.objects.get().status, world.answered()) == ("CLOSED", [])
    world.does("INFO_PROVIDED", text="And another thing.")
    assert refusals(world.answered()) == ["IGM001"]
    assert Evidence.objects.count() == 1


def test_a_no_leaves_it_open_and_an_agent_decides(world: World, here: Stage) -> None:
    world.opened("O1")
    dispute = Dispute.objects.get()
    offers.offer(
        here.cast.li, dispute, offers.NewOffer("partial refund", Money(100, here.order.currency)), at=world.now
    )
    world.answered()
    world.goes_by(hours=1)
    world.does("RESOLUTION_REJECTED", ref="R1")
    world.goes_by(days=1)
    world.does("ESCALATED", level="GRIEVANCE")
    ada = agent(here.cast, "ada")
    dispute.refresh_from_db()
    mediation.take(ada, dispute, at=world.now)
    mediation.ask(ada, dispute, of="buyer", text="Which part is broken?", at=world.now)
    assert codes(world.answered()[-1][1])[-2:] == ["PROCESSING", "INFO_REQUESTED"]
    world.does("INFO_PROVIDED", text="The shade.")
    assert JournalLine.objects.filter(kind="dispute.information_given").count() == 1


@pytest.mark.parametrize(
    ("order", "more", "code"),
    [
        ("O2", {}, "IGM002"),
        ("O1", {"items": ("no such thing", "nor this")}, "IGM004"),
        ("O1", {"level": "GRIEVANCE"}, "IGM007"),
    ],
)
def test_what_is_not_here_is_refused_by_its_code(
    world: World, here: Stage, order: str, more: dict[str, Any], code: str
) -> None:
    del here
    assert acked(world.opened(order, **more))
    ((api, said),) = world.answered()
    assert (api, said["error"]["code"]) == ("on_issue", code)
    assert (NetworkIssue.objects.count(), Dispute.objects.count()) == (0, 0)


def test_an_issue_without_an_order_waits_without_a_dispute(world: World, here: Stage) -> None:
    del here
    refs = [{"ref_id": "T10", "ref_type": "TRANSACTION"}]
    assert acked(world.opened("-", category="VIS001", refs=refs))
    assert (NetworkIssue.objects.get().dispute, codes(world.answered()[0][1])) == (None, ["OPEN", "PROCESSING"])


def test_the_status_changes_nothing(world: World, here: Stage) -> None:
    del here
    world.opened("O1")
    world.answered()
    before = NetworkIssue.objects.get().body
    assert acked(world.app.send("issue_status", {"issue_id": "ISSUE-1"}, world.now))
    assert acked(world.app.send("issue_status", {"issue_id": "ISSUE-9"}, world.now))
    found, none = (said for _, said in world.answered())
    assert (found["message"]["issue"], none["error"]["code"]) == (before, "IGM005")
    assert NetworkIssue.objects.get().body == before


def test_what_came_late_or_tells_the_past_otherwise_changes_nothing(world: World, here: Stage) -> None:
    del here
    world.opened("O1")
    world.answered()
    world.goes_by(hours=1)
    world.does("INFO_PROVIDED", text="One.")
    world.answered()
    before = NetworkIssue.objects.get().body
    issue = world.app.issues["ISSUE-1"]
    late = {**issue, "actions": issue["actions"][:2], "created_at": "2020-01-01T00:00:00Z"}
    assert acked(world.app.send("issue", {"issue": late}, world.now))
    assert world.answered() == []
    otherwise = {**issue, "actions": [{**each, "descriptor": {"code": "CLOSED"}} for each in issue["actions"]]}
    assert acked(world.app.send("issue", {"issue": otherwise}, world.now))
    jumped = {
        **issue,
        "level": "GRIEVANCE",
        "actions": [*issue["actions"], {"id": "Z", "descriptor": {"code": "CLOSED"}}],
    }
    assert acked(world.app.send("issue", {"issue": jumped}, world.now))
    ours = {**issue, "actions": [*issue["actions"], {"id": "Z", "descriptor": {"code": "RESOLVED"}}]}
    assert acked(world.app.send("issue", {"issue": ours}, world.now))
    assert refusals(world.answered()) == ["IGM001", "IGM001", "IGM001"]
    assert NetworkIssue.objects.get().body == before


def test_a_refund_without_an_amount_cannot_be_accepted(world: World, here: Stage) -> None:
    del here
    world.opened("O1")
    world.answered()
    row = NetworkIssue.objects.get()
    row.body["resolutions"] = [
        {"id": "R7", "descriptor": {"code": "REFUND"}},
        {"id": "P", "descriptor": {"code": "PARENT"}},
    ]
    row.save()
    world.app.issues["ISSUE-1"]["resolutions"] = row.body["resolutions"]
    for ref in ("R7", "P", "R9"):
        world.does("RESOLUTION_ACCEPTED", ref=ref)
        assert refusals(world.answered()) == ["IGM001"], ref


@pytest.mark.parametrize(
    "change",
    [
        {"issue": None}, {"issue": []}, {"issue": {}}, {"issue": {"id": 7}},
        {"issue": {"id": "x", "status": "LOST", "level": "ISSUE"}},
        {"issue": {"id": "x", "status": "OPEN", "level": "ISSUE", "created_at": "yesterday"}},
        {"issue": {"id": "x\x00y", "status": "OPEN", "level": "ISSUE", "created_at": "2026-03-02T10:00:00Z"}},
        {"issue": {"id": "x", "status": "OPEN", "level": "ISSUE", "created_at": "2026-03-02T10:00:00Z", "actions": "all"}},
        {"issue": {"id": "x", "status": "OPEN", "level": "ISSUE", "created_at": "2026-03-02T10:00:00Z",
                   "actions": [{"id": "A1", "descriptor": {"code": "DANCE"}}]}},
        {"issue": {"id": "x", "status": "OPEN", "level": "ISSUE", "created_at": "2026-03-02T10:00:00Z",
                   "actions": [{"id": "A1", "descriptor": {"code": "OPEN"}}],
                   "expected_resolution_time": {"duration": "soon"}}},
    ],
)  # fmt: skip
def test_what_is_no_message_is_a_nack(world: World, here: Stage, change: dict[str, Any]) -> None:
    del here
    said = world.app.send("issue", change, world.now)
    assert (said["message"]["ack"]["status"], said["error"]["code"]) == ("NACK", "IGM001")
    validated(said, answers(spec(), "issue"), spec())
    assert NetworkMessage.objects.count() == 0


def test_who_is_not_who_signed_and_what_is_not_signed(world: World, here: Stage) -> None:
    del here
    app = world.app
    app.other = "someone.else"
    said = world.opened("O1")
    assert said["error"]["code"] == "IGM006"
    app.other, app.signer = "sellerapp.com", OTHERS["buyerNP.com"]
    said = world.opened("O1")
    assert (said["message"]["ack"]["status"], said["error"]["code"]) == ("NACK", "30016")
    app.signer = BUYER
    world.opened("O1", number="ISSUE-3")
    same = app.send(
        "issue", {"issue": {**app.issues["ISSUE-3"], "level": "DISPUTE"}}, world.now, message_id=f"M{app.sent}"
    )
    assert same["error"]["code"] == "IGM001", "another message under the same id"
    for raw in (b"", b"{", b"[]", b"\xff", b"[" * 9000):
        status, nack = world.post("issue", raw, {"Authorization": signing.header(BUYER, raw, world.now)})
        assert (status, nack["message"]["ack"]["status"]) == (200, "NACK")
    large = b"x" * (receiving.MAX_BYTES + 1)
    assert world.post("issue", large, {})[0] == 413
    assert world.post("on_issue", b"{}", {})[1]["error"]["code"] == "20001"
    assert Client().get("/hooks/igm/issue").status_code == 405


def test_what_the_other_side_does_not_take_is_sent_again(world: World, here: Stage) -> None:
    del here
    world.opened("O1")

    def down(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, text=str(request.url))

    assert sending.send_due(world.now, transport=httpx.MockTransport(down)) == 0
    reply = NetworkReply.objects.get()
    assert (reply.sent_at, reply.failed_why, reply.due_at) == (
        None, "answered with status 503", world.now + sending.WAITS[0],
    )  # fmt: skip
    world.goes_by(minutes=1)
    assert [codes(said) for _, said in world.answered()] == [["OPEN", "PROCESSING"]]
    assert NetworkReply.objects.get().sent_at == world.now

    def no(request: httpx.Request) -> httpx.Response:
        del request
        error = {"type": "DOMAIN-ERROR", "code": "IGM001"}
        return httpx.Response(200, json={"message": {"ack": {"status": "NACK"}}, "error": error})

    world.app.send("issue_status", {"issue_id": "ISSUE-1"}, world.now)
    sending.send_due(world.now, transport=httpx.MockTransport(no))
    refused = NetworkReply.objects.get(sent_at=None)
    assert (refused.due_at, "IGM001" in refused.failed_why) == (None, True)


def test_where_it_takes_no_part_the_doors_are_shut(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    del db
    monkeypatch.delenv("COMITY_IGM", raising=False)
    assert Client().post("/hooks/igm/issue", b"{}", content_type="application/json").status_code == 404
    assert sending.send_due(AT) == 0
