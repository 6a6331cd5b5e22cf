"""Payment systems' words for disputes, and what a seller hands in there, held against their published shapes."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from comity.actions.disputes import claims, deciding, evidence, mediation, offers
from comity.actions.disputes import view as looking
from comity.cli.main import run
from comity.integrations.payments import handing_in, vocabulary
from comity.lib.money import Money
from comity.rulebooks import shelf
from tests.cast import START
from tests.data import real
from tests.disputing import Stage, agent, sent, stage


def schemas() -> dict[str, Any]:
    said = json.loads((real("disputes/paypal") / "customer_disputes_v1.json").read_text())
    found: dict[str, Any] = said["components"]["schemas"]
    return found


def codes(name: str, field: str = "") -> set[str]:
    schema = schemas()[name]
    return set((schema["properties"][field] if field else schema)["enum"])


def test_every_published_reason_is_said_here_or_named_as_none() -> None:
    known = {vocabulary.RECEIVED, vocabulary.DESCRIBED, vocabulary.CREDIT, vocabulary.OTHER}
    assert known | vocabulary.WITHOUT.keys() == codes("dispute_reason")
    assert known.isdisjoint(vocabulary.WITHOUT)
    for theirs in codes("dispute_reason"):
        ours = vocabulary.reason_back(theirs)
        assert vocabulary.reason(ours) == (theirs if ours else vocabulary.OTHER)
    assert set(vocabulary.OFFERS.values()) < codes("offer_type")
    for theirs in codes("offer_type"):
        assert vocabulary.offer_back(theirs) in vocabulary.OFFERS
    assert {*vocabulary.ADJUDICATIONS.values(), vocabulary.ON_WHAT_THERE_WAS} <= codes("adjudication_reason")
    assert (vocabulary.stripe_reason("damaged"), vocabulary.stripe_reason("x")) == ("product_unacceptable", "general")


def test_the_reasons_of_the_rulebooks_that_come_with_comity_have_one_of_theirs() -> None:
    for name in shelf.names():
        for book in shelf.versions(name):
            for reason in book.dispute.reasons if book.dispute else ():
                is_known = vocabulary.reason(reason) != vocabulary.OTHER
                assert is_known or reason == "changed mind", f"{book.ref}: {reason}"  # for which they have no word


def standing(here: Stage) -> vocabulary.Standing:
    view = looking.of(here.cast.li, here.the_dispute, at=START)
    found = vocabulary.standing(view.now.case, view.turn.who)
    assert found.stage in codes("dispute_lifecycle_stage")
    assert found.status in codes("status")
    assert found.outcome in codes("dispute_outcome", "outcome_code")
    assert found.adjudication in codes("adjudication_reason") | {""}
    return found


@pytest.mark.django_db
def test_how_a_case_stands_in_their_words() -> None:
    here = stage()
    dispute = here.open(START, amount=6000)
    assert standing(here) == ("INQUIRY", "WAITING_FOR_SELLER_RESPONSE", "NONE", "")
    claims.reject(here.cast.li, dispute, text="No.", version=1, at=START)
    mediation.escalate(here.cast.ana, dispute, at=START)
    assert standing(here)[:2] == ("CHARGEBACK", "UNDER_REVIEW")
    ada = agent(here.cast, "ada")
    mediation.take(ada, dispute, at=START)
    judged = deciding.Judgement("buyer", Money(6000, "EUR"), inputs={"proof": "clear"}, text="As I see it.")
    deciding.decide(ada, dispute, judged, at=START)
    assert standing(here)[2:] == ("RESOLVED_BUYER_FAVOUR", "DECISION_BASED_ON_AVAILABLE_INFORMATION")


@pytest.mark.django_db
def test_a_case_that_was_taken_back() -> None:
    here = stage()
    claims.withdraw(here.cast.ana, here.open(START, amount=6000), reason="mistake", at=START)
    assert standing(here)[1:3] == ("RESOLVED", "CANCELED_BY_BUYER")


@pytest.mark.django_db
def test_a_case_that_was_agreed_on() -> None:
    here = stage()
    dispute = here.open(START, amount=6000)
    number = offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", Money(100, "EUR")), at=START)
    offers.accept(here.cast.ana, dispute, number=number, at=START)
    assert standing(here).outcome == "ACCEPTED"


def full(here: Stage) -> None:
    sent(here, START, number="RR123456785DE")
    dispute = here.open(START, amount=6000)
    claims.reject(here.cast.li, dispute, text="It was tested before it left.", version=1, at=START)
    evidence.give(
        here.cast.li, dispute, evidence.Given(text="Tested on Monday.", item="photo before shipping"), at=START
    )
    evidence.give(here.cast.li, dispute, evidence.Given(files=[("a.txt", b"The protocol.")]), at=START)
    hidden = evidence.Given(text="My supplier is Max.", sees="mediator", why="It names my supplier.")
    evidence.give(here.cast.li, dispute, hidden, at=START)
    evidence.give(here.cast.ana, dispute, evidence.Given(text="It is cracked."), at=START)


@pytest.mark.django_db
def test_what_is_handed_in_has_their_shape_and_nothing_private(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = stage()
    full(here)
    view = looking.of(here.cast.li, here.the_dispute, at=START)
    paypal, stripe = handing_in.for_paypal(view), handing_in.for_stripe(view)
    for bundle in (paypal, stripe):
        said = json.dumps(bundle.body)
        assert "My supplier" not in said
        assert "It is cracked." not in said
        assert list(bundle.files.values()) == [b"The protocol."]
    kinds = [each["evidence_type"] for each in paypal.body["evidences"]]
    assert kinds == ["PROOF_OF_FULFILLMENT", "PHOTOS_OF_SHIPPED_ITEM", "OTHER", "MERCHANT_RESPONSE"]
    assert paypal.body["evidences"][0]["evidence_info"]["tracking_info"][0]["tracking_number"] == "RR123456785DE"
    assert stripe.body["evidence"]["shipping_carrier"] == "post"
    assert "It was tested before it left." in stripe.body["evidence"]["uncategorized_text"]
    folder = tmp_path / "out"
    assert run(["dispute", "evidence", here.the_dispute.key, "--for", "stripe", "-o", str(folder)]) == 0
    assert json.loads((folder / "body.json").read_text()) == stripe.body
    assert "1 file" in capsys.readouterr().out
    assert run(["dispute", "evidence", "D-NONE", "--for", "paypal"]) == 2
    assert run(["dispute", "show", here.the_dispute.key, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["paypal"]
    assert (told["reason"], told["status"]) == ("MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED", "WAITING_FOR_BUYER_RESPONSE")


@pytest.mark.django_db
def test_bodies_are_as_published() -> None:
    here = stage()
    full(here)
    view = looking.of(here.cast.li, here.the_dispute, at=START)
    whole = schemas()
    spec = {"type": "array", "items": {"$ref": "#/components/schemas/evidence"}, "components": {"schemas": whole}}
    body = handing_in.for_paypal(view).body
    jsonschema_rs.validate(spec, body["evidences"])
    kinds = set(whole["evidence"]["properties"]["evidence_type"]["enum"])
    assert {each["evidence_type"] for each in body["evidences"]} <= kinds
    fields = json.loads((real("disputes/stripe") / "fixtures.json").read_text())
    known = fields.get("resources", fields)["dispute"]["evidence"].keys()
    assert handing_in.for_stripe(view).body["evidence"].keys() <= known
