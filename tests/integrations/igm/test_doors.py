"""What the doors keep, refuse and send: each message done once and wholly, and nothing said that is no protocol."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError

from comity.actions import parties
from comity.actions.disputes import mediation, offers, opening
from comity.actions.guard import Actor
from comity.actions.orders import Line
from comity.integrations.igm.acting import Carrier
from comity.lib.money import Money
from comity.records import rebuild
from comity.records.models import Dispute, JournalLine, Order, Party
from comity.records.models.network import NetworkIssue, NetworkMessage, NetworkReply
from tests.disputing import Stage, agent, stage
from tests.integrations.igm.stage import World
from tests.integrations.igm.test_bodies import message, sent
from tests.integrations.igm.test_igm import acked, calls, refusals, spec, validated


@pytest.fixture
def two(db: None, world: World) -> Stage:
    """An order of two things, named O1 by the shop."""
    del db
    lines = (Line("Clock", 1, Money(6000, "EUR")), Line("Vase", 1, Money(3000, "EUR")))
    found = stage(at=world.now - timedelta(days=3), lines=lines)
    Order.objects.filter(pk=found.order.pk).update(external_id="O1", named_by_shop=False)
    found.order.refresh_from_db()
    return found


def item(here: Stage, title: str) -> str:
    return str(here.line(title).pk)


@pytest.mark.parametrize("wrong", [IntegrityError, DatabaseError])
def test_what_fails_here_is_not_acknowledged_and_may_come_again(
    world: World, here: Stage, monkeypatch: pytest.MonkeyPatch, wrong: type[Exception]
) -> None:
    del here

    def fails(*_: object) -> None:
        raise wrong

    with monkeypatch.context() as patch:
        patch.setattr(Carrier, "__call__", fails)
        assert sent(world, "issue", message(world)) == (200, "NACK", "31001")
    assert (NetworkIssue.objects.count(), NetworkMessage.objects.count()) == (0, 0)
    assert sent(world, "issue", message(world)) == (200, "ACK", "")
    assert Dispute.objects.count() == 1


def test_a_file_that_cannot_be_used_is_a_failure_of_ours_that_is_said(
    world: World, here: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    del here
    monkeypatch.setenv("COMITY_IGM", "/nowhere/igm.toml")
    assert sent(world, "issue", message(world)) == (503, "NACK", "31001")


def test_a_second_complaint_about_one_of_the_same_items_is_a_double(world: World, two: Stage) -> None:
    clock, vase = item(two, "Clock"), item(two, "Vase")
    assert acked(world.opened("O1", items=(clock,)))
    world.answered()
    world.opened("O1", number="ISSUE-2", items=(vase, clock))
    world.opened("O1", number="ISSUE-3", items=(clock,), category="FLM001")  # its pieces are in a dispute
    heard = world.answered()
    assert refusals(heard) == ["IGM008", "IGM001"]
    assert heard[1][1]["error"]["type"] == "POLICY-ERROR", "the rules refuse it, not the protocol"
    assert [said["message"]["issue"] for _, said in heard] == [{"id": "ISSUE-2"}, {"id": "ISSUE-3"}]
    world.opened("O1", number="ISSUE-4", items=(vase,))
    assert (refusals(world.answered()), Dispute.objects.count()) == ([], 2)


def test_an_issue_joins_a_dispute_about_the_same_thing_and_no_other(world: World, two: Stage) -> None:
    clock, vase = two.line("Clock"), two.line("Vase")
    claim = opening.Claim(reason="damaged", pieces={clock.pk: 1}, text="It came broken.")
    there = opening.open_(Actor(two.order.buyer, spoken_by="platform"), two.order, claim, at=world.now)
    world.opened("O1", number="ISSUE-1", items=(str(vase.pk),))
    world.opened("O1", number="ISSUE-2", items=(str(clock.pk),))
    assert NetworkIssue.objects.get(number="ISSUE-2").dispute == there
    assert NetworkIssue.objects.get(number="ISSUE-1").dispute != there


def test_an_answer_is_of_the_message_that_it_answers_and_what_follows_has_its_own(world: World, here: Stage) -> None:
    world.opened("O1")
    ((_, first),) = world.answered()
    assert (first["context"]["message_id"], first["context"]["action"]) == ("M1", "on_issue")
    ada, dispute = agent(here.cast, "ada"), Dispute.objects.get()
    world.goes_by(days=1)
    world.does("ESCALATED", level="GRIEVANCE")
    mediation.take(ada, dispute, at=world.now)
    ids = [said["context"]["message_id"] for _, said in world.answered()]
    assert ids[0] == "M2"
    assert len({"M1", *ids}) == len(ids) + 1


def test_each_question_is_answered_by_itself(world: World, here: Stage) -> None:
    world.opened("O1")
    ada, dispute = agent(here.cast, "ada"), Dispute.objects.get()
    world.goes_by(days=1)
    world.does("ESCALATED", level="GRIEVANCE")
    mediation.take(ada, dispute, at=world.now)
    first, second = (
        mediation.ask(ada, dispute, of="buyer", text=text, at=world.now) for text in ("Which part?", "A picture?")
    )
    said = world.answered()[-1][1]
    ids = [each["id"] for each in said["message"]["issue"]["actions"] if each["descriptor"]["code"] == "INFO_REQUESTED"]
    world.does("INFO_NOT_AVAILABLE", ref=ids[1])
    world.does("INFO_PROVIDED", ref=ids[0], text="The shade.")
    told = {kind: JournalLine.objects.get(kind=f"dispute.information_{kind}").body for kind in ("given", "unavailable")}
    assert first in told["given"]
    assert second in told["unavailable"]


@pytest.mark.parametrize("level", ["ISSUE", "DISPUTE"])
def test_what_is_sent_is_of_the_protocol_whatever_came(world: World, here: Stage, level: str) -> None:
    del here
    whole = spec()
    extra: dict[str, Any] = {"level": level, "mood": "cross", "actions": [{"mood": "cross", "id": "A1",
        "descriptor": {"code": "OPEN"}, "action_by": "NP1"}]}  # fmt: skip
    issue = {"id": "I7", "status": "OPEN", "created_at": world.now.isoformat(), "descriptor": {"code": "ITM004"},
             "refs": [{"ref_id": "O1", "ref_type": "ORDER"}], **extra}  # fmt: skip
    assert acked(world.app.send("issue", {"issue": issue}, world.now))
    assert acked(world.app.send("issue_status", {"issue_id": "I7"}, world.now))
    for api, said in world.answered():
        validated(said, calls(whole, api), whole)
    assert NetworkReply.objects.count() == 2
    first = NetworkReply.objects.earliest("pk").body
    assert ("error" in first) == (level == "DISPUTE")


def test_no_pieces_and_another_item_are_not_taken(world: World, two: Stage) -> None:
    none = {"descriptor": {"code": "quantity.selected.count"}, "value": "0"}
    refs = [
        {"ref_id": "O1", "ref_type": "ORDER"},
        {"ref_id": item(two, "Vase"), "ref_type": "ITEM", "tags": [{"list": [none]}]},
    ]
    assert world.opened("O1", refs=refs)["error"]["code"] == "IGM001"
    assert acked(world.opened("O1", items=("a lamp",)))
    assert refusals(world.answered()) == ["IGM004"]


@pytest.mark.parametrize(("provider", "codes_"), [("li", []), ("bo", ["IGM002"]), ("P-of-the-network", [])])
def test_an_order_is_of_the_provider_that_is_named(world: World, here: Stage, provider: str, codes_: list[str]) -> None:
    Party.objects.filter(pk=here.order.seller.pk).update(external_id="li")
    parties.add(here.cast.platform, parties.NewParty(role="seller", name="Bo", external_id="bo"), at=world.now)
    refs = [{"ref_id": "O1", "ref_type": "ORDER"}, {"ref_id": provider, "ref_type": "PROVIDER"}]
    world.opened("O1", refs=refs)
    assert refusals(world.answered()) == codes_


def test_an_offer_that_is_over_is_not_accepted_and_it_is_said(world: World, here: Stage) -> None:
    world.opened("O1")
    dispute = Dispute.objects.get()
    offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", Money(100, "EUR")), at=world.now)
    world.answered()
    world.goes_by(hours=1)
    offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", Money(200, "EUR")), at=world.now)
    before, lines = world.answered()[-1][1]["message"]["issue"], JournalLine.objects.count()
    world.does("RESOLUTION_ACCEPTED", ref="R1")
    ((_, said),) = world.answered()
    assert (said["error"]["type"], said["message"]["issue"]) == ("POLICY-ERROR", before)
    assert JournalLine.objects.count() == lines
    world.does("RESOLUTION_ACCEPTED", ref="R2")
    dispute.refresh_from_db()
    assert (refusals(world.answered()), dispute.amount) == ([], 200)


def test_rows_made_anew_keep_what_the_network_was_told(world: World, here: Stage) -> None:
    world.opened("O1", text="Es kam zerbrochen.")
    world.does("INFO_PROVIDED", text="Die Kiste war zerrissen.")
    world.goes_by(days=1)
    world.does("ESCALATED", level="GRIEVANCE", text="Bitte entscheiden Sie.")
    world.answered()
    before = NetworkIssue.objects.values().get()
    party = here.order.seller
    assert rebuild.at_odds(party) == []
    rebuild.rebuild(party)
    assert NetworkIssue.objects.values().get() == before
    assert (world.answered(), Dispute.objects.get().stage) == ([], "mediation")
    journal = "".join(JournalLine.objects.values_list("body", flat=True))
    assert not [word for word in ("zerbrochen", "zerrissen", "entscheiden", "NP1", "buyerapp") if word in journal]


def test_what_is_agreed_is_a_resolution_of_the_issue_whoever_offered_it(world: World, here: Stage) -> None:
    world.opened("O1")
    dispute, buyer = Dispute.objects.get(), Actor(here.order.buyer)
    offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", Money(100, "EUR")), at=world.now)
    world.goes_by(hours=1)
    offers.offer(buyer, dispute, offers.NewOffer("partial refund", Money(900, "EUR")), at=world.now)
    offers.accept(here.cast.li, dispute, number=2, at=world.now)
    issue = world.answered()[-1][1]["message"]["issue"]
    assert (issue["actions"][-1]["descriptor"]["code"], issue["actions"][-1]["ref_id"]) == ("RESOLVED", "R2")
    amounts = {each["id"]: each["tags"][0]["list"][0]["value"] for each in issue["resolutions"]}
    assert amounts == {"R1": "1.00", "R2": "9.00"}
    assert len(issue["resolutions"]) == 2
