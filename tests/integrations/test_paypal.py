"""PayPal's disputes come in: who sent them, what they take, what they are here, and what changes nothing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from comity.actions.disputes import claims, opening, view
from comity.actions.disputes.cases import facts_of
from comity.actions.doing import NotNow
from comity.actions.orders import NewPayment
from comity.integrations.payments import paypal
from comity.lib.money import Money
from comity.policy.disputes.case import Stage as At
from comity.records import rebuild
from comity.records.models import ChargeBack, Dispute, DisputeText, JournalLine
from comity.records.models.network import NetworkMessage
from tests.disputing import Stage, rulebook, stage
from tests.integrations.paypal import WEBHOOK, PayPal, certificate, headers, post, trusted
from tests.integrations.test_handing_in import codes, schemas
from tests.integrations.test_payments import paid
from tests.web.test_pages import sign_in

PAYMENT = "00D10444LD479031K"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LATE = (202, "a newer word of this dispute is known; nothing changes")
BEGAN = (datetime.now(UTC) - timedelta(days=13)).replace(microsecond=0)


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PAYPAL_WEBHOOK", WEBHOOK)
    monkeypatch.setenv("COMITY_PAYPAL_CERTIFICATE", trusted(tmp_path))


@pytest.fixture
def here() -> Stage:
    """An order of 60.00 EUR that was paid by PayPal five days before anybody complained. No silence decides here."""
    payments = (NewPayment("PayPal", Money(6000, "EUR"), PAYMENT),)
    return stage(rulebook(drop=["answer", "escalate"]), at=BEGAN - 5 * DAY, payments=payments, external_id="1002")


@pytest.fixture
def there() -> PayPal:
    return PayPal.about(PAYMENT, BEGAN)


def taken(here: Stage) -> tuple[int, int]:
    """What is with the payment system, and what can still go back."""
    money = here.money()
    return money["charged_back"], money["refundable"]


def kinds(here: Stage) -> list[str]:
    told = JournalLine.objects.filter(matter=here.order.ref).order_by("seq").values_list("kind", flat=True)
    return [kind for kind in told if kind.startswith(("dispute.", "order.charge"))]


# Who sent it


@pytest.mark.parametrize(
    ("why", "given"),
    [
        ("not right for this body and webhook", {"by": "another"}),
        ("not right for this body and webhook", {"webhook": "1JE7YOU4RS0TH3R"}),
        ("too long ago", {"age": 4 * 86_400}),
        ("or not yet", {"age": -600}),
        ("not right", {"PAYPAL-TRANSMISSION-ID": "another"}),
        ("SHA256withRSA", {"PAYPAL-AUTH-ALGO": "SHA1withRSA"}),
        ("cannot be read", {"PAYPAL-TRANSMISSION-SIG": "é"}),
        ("cannot be read", {"PAYPAL-TRANSMISSION-TIME": "yesterday"}),
        ("cannot be read", {"PAYPAL-TRANSMISSION-TIME": "2026-03-02T10:00:00"}),
        ("TRANSMISSION-SIG is missing", {"PAYPAL-TRANSMISSION-SIG": ""}),
    ],
)  # fmt: skip
def test_who_is_not_paypal_is_not_heard(here: Stage, there: PayPal, why: str, given: dict[str, Any]) -> None:
    body = there.event("CREATED", 0)
    status, said = post(body, headers(body, **given))
    assert (status, why in said) == (401, True), said
    assert kinds(here) == []
    assert not NetworkMessage.objects.exists()


def test_a_changed_byte_is_noticed_and_a_transmission_of_yesterday_is_heard(here: Stage, there: PayPal) -> None:
    body = there.stage("CHARGEBACK", 1)
    assert post(body.replace(b"60.00", b"06.00"), headers(body))[0] == 401
    assert post(body, headers(body, age=2 * 86_400)) == (202, "recorded"), "PayPal tries again for three days"
    assert taken(here) == (6000, 0)


def test_certificates_are_the_operators_and_end(
    here: Stage, there: PayPal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = there.event("CREATED", 0)
    trusted(tmp_path, certificate(days=-1))
    status, said = post(body)
    assert (status, "no certificate" in said) == (401, True)
    trusted(tmp_path, certificate("next"), certificate())
    assert post(body) == (202, "recorded"), "one of several has signed it"
    (tmp_path / "paypal.pem").write_text("no certificate")
    assert post(there.event("UPDATED", 1))[0] == 503
    monkeypatch.setenv("COMITY_PAYPAL_CERTIFICATE", "")
    assert post(body)[0] == 503, "half of it is a mistake of the operator's"
    monkeypatch.setenv("COMITY_PAYPAL_WEBHOOK", "")
    assert post(body)[0] == 404


# What cannot be read, and what is about nothing here


def changed(body: bytes, **more: Any) -> bytes:
    said = json.loads(body)
    return json.dumps({**said, "resource": {**said["resource"], **more}}).encode()


@pytest.mark.parametrize(
    ("status", "why", "more"),
    [
        (400, "lists no currency", {"dispute_amount": {"currency_code": "EUX", "value": "60.00"}}),
        (400, "more than 2", {"dispute_amount": {"currency_code": "EUR", "value": "60.001"}}),
        (400, "is no amount", {"dispute_amount": {"currency_code": "EUR", "value": "1e9"}}),
        (400, "dispute_amount is missing", {"dispute_amount": None}),
        (400, "dispute_amount must be an object", {"dispute_amount": "60.00"}),
        (400, "dispute_life_cycle_stage is one of", {"dispute_life_cycle_stage": "CLAIM"}),
        (400, "dispute_id", {"dispute_id": "PP D"}),
        (400, "dispute_id", {"dispute_id": "P" * 181}),
        (400, "between 1970", {"update_time": "0001-01-01T00:00:00Z"}),
        (400, "must be a text", {"reason": 5}),
        (400, "must be a list", {"disputed_transactions": {}}),
        (202, "in the future", {"update_time": "2199-01-01T00:00:00Z"}),
        (202, "The order is in EUR", {"dispute_amount": {"currency_code": "USD", "value": "60.00"}}),
        (202, "names no order that is known", {"disputed_transactions": [{"seller_transaction_id": "OTHER"}, 5]}),
        (202, "names no order that is known", {"disputed_transactions": []}),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_and_changes_nothing(
    here: Stage, there: PayPal, status: int, why: str, more: dict[str, Any]
) -> None:
    body = changed(there.stage("CHARGEBACK", 1), **more)
    found, said = post(body)
    assert (found, why in said) == (status, True), said
    assert (kinds(here), taken(here)) == ([], (0, 6000))
    assert not NetworkMessage.objects.exists(), "so that what is mended may come under the same id"


def test_what_is_no_event_of_a_dispute(here: Stage, there: PayPal) -> None:
    for body in (
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"event_type": 5}',
        b"[" * 5_000,
        b'{"event_type": "CUSTOMER.DISPUTE.CREATED"}',
    ):
        assert post(body)[0] == 400, body
    nameless = json.loads(there.stage("CHARGEBACK", 1))
    for identity in ("", "W" * 191, 5):
        assert post(json.dumps({**nameless, "id": identity}).encode())[0] == 400, identity
    assert post(b'{"event_type": "PAYMENT.SALE.COMPLETED"}') == (202, "nothing about a dispute")
    assert post(b"x" * 1_000_001)[0] == 413


# What it is here


def test_an_inquiry_is_what_the_buyer_asked_and_becomes_no_claim(here: Stage, there: PayPal) -> None:
    body = there.event("CREATED", 0)
    assert post(body) == (202, "recorded")
    assert post(body) == (202, "same")
    assert post(there.event("UPDATED", 2)) == (202, "same"), "another event of the same dispute"
    dispute = Dispute.objects.get()
    assert (dispute.stage, dispute.reason, dispute.external_id) == (At.INQUIRY, "not received", "PP-D-27803")
    assert (dispute.opened_at, DisputeText.objects.get().text) == (BEGAN, "Where is it?")
    assert (kinds(here), taken(here)) == (["dispute.inquired"], (0, 6000))
    seller = sign_in(here.cast.li)
    for page in (f"/orders/{here.order.uuid}/", f"/disputes/{dispute.key}/"):
        text = seller.get(page).content.decode()
        assert ("asked what is the matter" in text, dispute.key in text) == (True, True)
    assert "PP-D-27803" in text
    looked = view.of(here.cast.li, dispute, at=BEGAN + HOUR)
    assert (looked.turn.who, looked.now.case.amount) == ("seller", 0)
    assert post(there.resolved("RESOLVED_SELLER_FAVOUR", 50, stage="INQUIRY")) == (202, "recorded")
    dispute.refresh_from_db()
    assert (dispute.stage, dispute.ended_how, dispute.again) == (At.CLOSED, "ended_elsewhere", True)
    assert post(there.event("UPDATED", 3)) == LATE
    assert kinds(here) == ["dispute.inquired", "dispute.closed"]
    assert rebuild.at_odds(here.cast.seller) == []


def test_an_inquiry_that_the_buyer_takes_back_there_is_taken_back_here(here: Stage, there: PayPal) -> None:
    post(there.event("CREATED", 0))
    assert post(there.resolved("CANCELED_BY_BUYER", 9, stage="INQUIRY")) == (202, "recorded")
    assert Dispute.objects.get().stage == At.WITHDRAWN
    spoken = {fact.spoken_by for fact in facts_of(here.order) if fact.kind.startswith("dispute.")}
    assert spoken == {"platform"}, "the buyer's act, and it is known whose word it was"


def test_what_the_buyer_makes_a_claim_here_goes_on_when_it_ends_there(here: Stage, there: PayPal) -> None:
    post(there.event("CREATED", 0))
    claim = opening.Claim(reason="not received", text="I want my money.")
    opening.claim_it(here.cast.ana, Dispute.objects.get(), claim, at=BEGAN + HOUR)
    assert post(there.resolved("NONE", 9, stage="INQUIRY")) == (202, "same")
    assert Dispute.objects.get().stage == At.NEGOTIATION


def test_a_matter_that_is_in_dispute_here_is_that_dispute(here: Stage, there: PayPal) -> None:
    dispute = here.open(BEGAN - HOUR, reason="damaged")
    assert post(there.event("CREATED", 0)) == (202, "recorded"), "no piece is left to be asked about"
    dispute.refresh_from_db()
    assert (dispute.external_id, Dispute.objects.count()) == ("PP-D-27803", 1)
    assert post(there.resolved("CANCELED_BY_BUYER", 9, stage="INQUIRY")) == (202, "same"), "it goes on here"
    assert here.case().stage is At.NEGOTIATION


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("UNAUTHORISED", "the card's matter"), ("OTHER", "nothing is asked here"), ("NEW_ONE", "nothing is asked"),
        ("CREDIT_NOT_PROCESSED", "the rules list none of the reasons refund not received"),
    ],
)  # fmt: skip
def test_a_reason_that_is_none_about_goods_asks_nothing(here: Stage, there: PayPal, reason: str, why: str) -> None:
    there.dispute["reason"] = reason
    status, said = post(there.event("CREATED", 0))
    assert (status, why in said) == (202, True), said
    assert not Dispute.objects.exists()
    assert post(there.stage("CHARGEBACK", 5)) == (202, "recorded"), "its money counts all the same"
    assert taken(here) == (6000, 0)


# Money


def test_a_claim_there_takes_the_money_and_ours_waits(here: Stage, there: PayPal) -> None:
    dispute = here.open(BEGAN - HOUR, reason="not received", amount=6000)
    assert post(there.stage("CHARGEBACK", 5)) == (202, "recorded")
    assert post(there.stage("CHARGEBACK", 6)) == (202, "same")
    assert (kinds(here)[1:], taken(here)) == (["order.charged_back"], (6000, 0))
    row = ChargeBack.objects.select_related("payment").get()
    assert (row.reference, row.payment.reference if row.payment else "") == ("PP-D-27803", PAYMENT)
    assert view.of(here.cast.li, dispute, at=BEGAN + 5 * HOUR).turn.waits == "charge_back"
    assert post(there.resolved("RESOLVED_SELLER_FAVOUR", 90)) == (202, "recorded")
    assert (taken(here), here.case().stage) == ((0, 6000), At.NEGOTIATION)
    assert post(there.stage("PRE_ARBITRATION", 200)) == (202, "recorded")
    assert taken(here) == (6000, 0), "the bank takes it again"
    assert post(there.resolved("RESOLVED_BUYER_FAVOUR", 300, stage="PRE_ARBITRATION")) == (202, "recorded")
    assert (taken(here), here.case().stage, here.case().closed_because) == ((6000, 0), At.CLOSED, "charged_back")
    assert [row.amount - row.reversed for row in ChargeBack.objects.order_by("pk")] == [0, 6000]
    assert rebuild.at_odds(here.cast.seller) == []


def test_what_ended_before_it_was_heard_of_was_taken_all_the_same(here: Stage, there: PayPal) -> None:
    early = there.stage("CHARGEBACK", 5)
    assert post(there.resolved("CANCELED_BY_BUYER", 90)) == (202, "recorded")
    assert post(early) == LATE
    assert (kinds(here), taken(here)) == (["order.charged_back", "order.charge_back_reversed"], (0, 6000))


def test_a_part_for_the_buyer(here: Stage, there: PayPal) -> None:
    dispute = here.open(BEGAN + 300 * HOUR, reason="not received", amount=4000)
    post(there.stage("CHARGEBACK", 301))
    assert post(there.resolved("RESOLVED_BUYER_FAVOUR", 302, refunded="25.00")) == (202, "recorded")
    assert (taken(here), here.case().stage) == ((2500, 3500), At.NEGOTIATION), "15.00 are still argued about"
    with pytest.raises(NotNow, match=r"At most €35.00 is left"):
        claims.accept(here.cast.li, dispute, version=1, at=datetime.now(UTC))


def test_paypal_pays_the_buyer_itself(here: Stage, there: PayPal) -> None:
    """The seller has it again, the buyer too: nothing goes back twice."""
    here.open(BEGAN - HOUR, reason="not received", amount=6000)
    claims.accept(here.cast.li, here.the_dispute, version=1, at=BEGAN)
    post(there.stage("CHARGEBACK", 5))
    assert here.money()["instructed"] == 0, "what was not sent yet is recalled"
    euros = {"currency_code": "EUR", "value": "60.00"}
    moved = [
        {"affected_party": "SELLER", "type": kind, "reason": "DISPUTE_SETTLEMENT", "amount": euros}
        for kind in ("DEBIT", "CREDIT")
    ]
    fee = {"affected_party": "SELLER", "type": "DEBIT", "reason": "DISPUTE_FEE", "amount": euros}
    body = there.resolved("RESOLVED_WITH_PAYOUT", 90, refunded="60.00", money_movements=[*moved, fee])
    assert post(body) == (202, "recorded")
    assert (taken(here), here.money()["instructed"]) == ((0, 6000), 0)
    assert (here.case().stage, here.case().closed_because) == (At.CLOSED, "charged_back")


def test_how_it_ended_with_a_payout_does_not_say_who_bore_it(here: Stage, there: PayPal) -> None:
    post(there.stage("CHARGEBACK", 5))
    assert post(there.resolved("RESOLVED_WITH_PAYOUT", 90)) == (202, "same")
    assert taken(here) == (6000, 0)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1)])
def test_events_in_any_order_leave_the_same(here: Stage, there: PayPal, order: tuple[int, ...]) -> None:
    bodies = [
        there.event("CREATED", 0), there.stage("CHARGEBACK", 5), there.resolved("RESOLVED_SELLER_FAVOUR", 90),
        there.stage("PRE_ARBITRATION", 200),
    ]  # fmt: skip
    assert {post(bodies[number])[0] for number in (*order, *order)} == {202}
    assert taken(here) == (6000, 0), "the newest word counts"
    assert NetworkMessage.objects.count() == 4


def test_the_shops_number_names_the_order_where_no_payment_does(here: Stage, there: PayPal) -> None:
    there.dispute["disputed_transactions"] = [{"invoice_number": "1002"}]
    assert post(there.stage("CHARGEBACK", 5)) == (202, "recorded")
    assert taken(here) == (6000, 0)


def test_one_payment_for_several_orders_needs_the_shops_number(here: Stage, there: PayPal) -> None:
    other = paid(here.cast, payments=(NewPayment("PayPal", Money(9000, "EUR"), PAYMENT),))
    status, said = post(there.stage("CHARGEBACK", 5))
    assert (status, "several orders" in said) == (202, True)
    there.dispute["disputed_transactions"][0]["custom"] = "1002"
    whole = {"currency_code": "EUR", "value": "150.00"}
    assert (
        "several orders"
        in post(there.event("UPDATED", 6, dispute_life_cycle_stage="CHARGEBACK", dispute_amount=whole))[1]
    )
    assert post(there.stage("CHARGEBACK", 6)) == (202, "recorded")
    there.dispute["disputed_transactions"] = []
    assert post(there.stage("CHARGEBACK", 7)) == (202, "same"), "where it is known, it is known whose it is"
    assert (taken(here), other.charge_backs.count()) == ((6000, 0), 0)


# The published shape


def test_stages_outcomes_and_what_the_tests_send_are_as_published(there: PayPal) -> None:
    assert set(paypal.STAGES) == codes("dispute_lifecycle_stage")
    known = paypal.FOR_SELLER | paypal.FOR_BUYER | {"RESOLVED_WITH_PAYOUT", "NONE"}
    assert known == codes("dispute_outcome", "outcome_code")
    assert "DISPUTE_SETTLEMENT" in codes("money_movement_reason")
    shape = {**schemas()["dispute"], "components": {"schemas": schemas()}}
    for body in (there.event("CREATED", 0), there.resolved("DENIED", 1, refunded="1.00")):
        jsonschema_rs.validate(shape, json.loads(body)["resource"])
