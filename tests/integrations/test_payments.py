"""Refunds over a payment system that fails in every way, over the shop's own, and over Stripe by its recorded shapes."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from django.test import Client
from standardwebhooks import Webhook as Verifier

from comity.actions import money, orders, payouts, reports
from comity.actions.money import Instruction
from comity.actions.orders import Line, NewPayment
from comity.actions.reports import Outcome
from comity.cli import errands as lanes
from comity.integrations.payments import sending, stripe
from comity.integrations.payments.asking import Asked, ToldByWebhook
from comity.integrations.payments.fake import FakePayments
from comity.integrations.payments.sending import ASKED_EVERY, WAITS, send_due
from comity.integrations.payments.shop import Shop, read
from comity.integrations.payments.stripe import Stripe, from_stripe, to_stripe
from comity.lib import options
from comity.lib.money import Money
from comity.records.models import Dispute, JournalLine, Order, Refund
from tests.cast import Cast, hours
from tests.data import real
from tests.disputing import rulebook, stage
from tests.web.test_pages import sign_in

ASKED = Asked("k1", "pi_1", Money(1500, "EUR"), "refund:r", "77")
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def paid(cast: Cast, minor: int = 9000, **more: Any) -> Order:
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, lines=(Line("Vase", 1, Money(minor, "EUR")),), handling_hours=24,
        deliver_by=hours(900), **more,
    )  # fmt: skip
    return orders.pay(cast.platform, orders.place(cast.platform, new, at=hours(0)), at=hours(0))


def give(cast: Cast, order: Order, minor: int = 3000, at: float = 1) -> Refund:
    return money.instruct(cast.platform, order, Instruction(Money(minor, order.currency)), at=hours(at))


def sums(order: Order) -> tuple[int, int, int]:
    order.refresh_from_db()
    return order.refunded, order.instructed, money.of(order).refundable


def told(order: Order) -> list[str]:
    kinds = JournalLine.objects.filter(matter=order.ref).order_by("seq").values_list("kind", flat=True)
    return [kind for kind in kinds if "refund" in kind]


# The fake, which fails in every way


def test_a_refund_is_sent_and_confirmed(cast: Cast) -> None:
    order, fake = paid(cast), FakePayments()
    refund = give(cast, order)
    assert send_due(hours(0.5), provider=fake) == 0, "not before it is due"
    assert send_due(hours(1), provider=fake) == 1
    assert sums(order) == (3000, 0, 6000)
    refund.refresh_from_db()
    assert (refund.state, refund.sent_at, refund.due_at) == ("confirmed", hours(1), None)
    assert send_due(hours(2), provider=fake) == 0
    assert fake.given == 3000


def test_a_lost_answer_never_becomes_a_second_refund(cast: Cast) -> None:
    order, fake = paid(cast), FakePayments(["lose", "lose"])
    refund = give(cast, order)
    now = hours(1)
    for wait in WAITS[:2]:
        assert send_due(now, provider=fake) == 1
        assert sums(order) == (0, 3000, 6000)
        refund.refresh_from_db()
        assert (refund.due_at, refund.failed_why) == (now + wait, "no whole answer within 20 s")
        now += wait
    send_due(now, provider=fake)
    assert sums(order) == (3000, 0, 6000)
    assert len({asked.key for asked in fake.asked}) == len(fake.books) == 1
    assert fake.given == 3000
    assert [asked.sent for asked in fake.asked] == [False, True, True]
    assert told(order) == ["refund.instructed", "order.refunded"]


def test_a_provider_that_is_down_for_days_is_on_the_desk_and_its_money_stays_counted(cast: Cast) -> None:
    order, fake = paid(cast), FakePayments(["down"] * (len(WAITS) + 1))
    refund = give(cast, order)
    now = hours(1)
    for wait in (*WAITS, timedelta()):
        send_due(now, provider=fake)
        now += wait
    refund.refresh_from_db()
    assert (refund.due_at, refund.attempts) == (None, len(WAITS) + 1)
    assert send_due(now + timedelta(days=30), provider=fake) == 0
    assert sums(order) == (0, 3000, 6000), "nobody knows, so it counts"
    desk = sign_in(cast.ken)
    page = desk.get("/desk/errands/?kind=refund").content.decode()
    assert "no whole answer within 20 s" in page
    assert f"{order.key}: €30.00" in page
    desk.post("/desk/errands/refund/again/")
    refund.refresh_from_db()
    assert refund.due_at is not None
    send_due(refund.due_at, provider=fake)
    assert sums(order) == (3000, 0, 6000)
    assert len({asked.key for asked in fake.asked}) == 1


def test_what_was_taken_fails_days_later_and_an_agent_sends_it_anew(cast: Cast) -> None:
    order, fake = paid(cast), FakePayments(["fail_later"])
    refund = give(cast, order)
    send_due(hours(1), provider=fake)
    refund.refresh_from_db()
    assert (refund.state, refund.due_at) == ("instructed", hours(1) + ASKED_EVERY)
    (report,) = fake.settle()
    for _ in range(2):
        reports.report(cast.platform, report, at=hours(47))
    assert sums(order) == (0, 0, 9000)
    desk = sign_in(cast.ken)
    assert "the account is closed" in desk.get("/desk/errands/?kind=refund").content.decode()
    desk.post("/desk/errands/refund/again/", {"key": refund.pk})
    desk.post("/desk/errands/refund/again/", {"key": refund.pk})
    new = Refund.objects.get(replaces=refund)
    assert new.due_at is not None
    send_due(new.due_at, provider=fake)
    reports.report(cast.platform, report, at=hours(60))
    assert sums(order) == (3000, 0, 6000)
    assert (len(fake.books), fake.given) == (2, 3000)
    assert "the account is closed" not in desk.get("/desk/errands/?kind=refund").content.decode()


def test_what_was_taken_is_asked_about_and_shown_where_it_is_never_confirmed(cast: Cast) -> None:
    order, fake = paid(cast), FakePayments(["pend"])
    refund = give(cast, order)
    send_due(hours(1), provider=fake)
    send_due(hours(1) + ASKED_EVERY, provider=fake)
    assert len(fake.asked) == 1, "it is asked about, not sent once more"
    late = hours(1) + timedelta(days=4)
    send_due(late, provider=fake)
    refund.refresh_from_db()
    assert (refund.failed_why, refund.due_at) == ("not confirmed for 4 days", late + ASKED_EVERY)
    assert "not confirmed for 4 days" in sign_in(cast.ken).get("/desk/errands/?kind=refund").content.decode()
    list(fake.settle())
    send_due(late + ASKED_EVERY, provider=fake)
    assert sums(order) == (3000, 0, 6000)
    refund.refresh_from_db()
    assert refund.failed_why == ""


def test_a_definite_no_frees_the_amount_at_once(cast: Cast) -> None:
    order, fake = paid(cast), FakePayments(["refuse"])
    give(cast, order)
    send_due(hours(1), provider=fake)
    assert sums(order) == (0, 0, 9000)
    assert told(order) == ["refund.instructed", "refund.failed"]


def test_a_report_that_overtakes_the_answer_is_the_same_refund(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PAYMENTS", "fake")
    order, fake = paid(cast), FakePayments()

    class Overtaken(FakePayments):
        def refund(self, asked: Asked) -> Outcome:
            outcome = fake.refund(asked)
            reports.report(cast.platform, fake.report(fake.books[asked.key]), at=hours(1))
            return outcome

    give(cast, order)
    send_due(hours(1), provider=Overtaken())
    assert sums(order) == (3000, 0, 6000)
    assert told(order) == ["refund.instructed", "order.refunded"]


def test_a_mistake_in_one_refund_keeps_no_other_waiting(cast: Cast) -> None:
    order = paid(cast)
    bad, good = give(cast, order, 1000), give(cast, order, 2000, at=1.5)

    class Mistaken(FakePayments):
        def refund(self, asked: Asked) -> Outcome:
            return super().refund(asked) if asked.amount.minor > 1000 else Outcome(1 / 0)  # type: ignore[arg-type]

    assert send_due(hours(2), provider=Mistaken()) == 2
    states = {row.pk: (row.state, row.failed_why) for row in Refund.objects.all()}
    assert states == {bad.pk: ("instructed", "ZeroDivisionError: division by zero"), good.pk: ("confirmed", "")}


def test_without_a_payment_system_the_shop_hears_of_it_and_reports(cast: Cast) -> None:
    order = paid(cast)
    give(cast, order)
    assert isinstance(sending.chosen(), ToldByWebhook)
    send_due(hours(1))
    assert sums(order) == (0, 3000, 6000)
    what = reports.Report("refunded", order=order, reference="r1", amount=Money(3000, "EUR"))
    reports.report(cast.platform, what, at=hours(2))
    assert sums(order) == (3000, 0, 6000)
    assert Refund.objects.count() == 1


def test_provider_failing_in_the_middle(cast: Cast) -> None:
    """Two ways of paying: one goes through, the other's answer is lost, then it fails; the rest is sent anew."""
    payments = (NewPayment("gift card", Money(3000, "EUR"), "g1"), NewPayment("card", Money(6000, "EUR"), "c1"))
    order = paid(cast, payments=payments)
    refund, fake = give(cast, order, 7500), FakePayments(["succeed", "down"])
    send_due(hours(1), provider=fake)
    assert sums(order) == (2500, 5000, 1500)
    assert payouts.of_order(cast.platform, order, now=hours(999)).due == 1500
    fake.script = ["refuse"]
    refund.refresh_from_db()
    assert refund.due_at is not None
    send_due(refund.due_at, provider=fake)
    assert sums(order) == (2500, 0, 6500)
    refund.refresh_from_db()
    assert (refund.state, refund.confirmed) == ("failed", 2500)
    rest = money.again(cast.ken, refund, at=hours(3))
    send_due(hours(3), provider=fake)
    assert sums(order) == (7500, 0, 1500)
    assert list(rest.ways.values_list("payment__name", "amount")) == [("card", 5000)]
    assert fake.given == 7500


def test_the_lane_sends_and_is_noted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PAYMENTS", "fake")
    order = paid(cast)
    give(cast, order)
    assert lanes.run_all(("refunds",)) == {"refunds sent": 1}
    assert sums(order) == (3000, 0, 6000)
    monkeypatch.setenv("COMITY_PAYMENTS", "gold")
    with pytest.raises(options.BadOption, match="must be shop, stripe, fake or empty"):
        sending.chosen()


# The shop's own


def answers(status: int, body: bytes, heard: list[httpx.Request] | None = None) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if heard is not None:
            heard.append(request)
        return httpx.Response(status, content=body)

    return httpx.MockTransport(answer)


def test_the_shop_is_asked_with_the_key_and_a_signature() -> None:
    heard: list[httpx.Request] = []
    shop = Shop(
        "https://shop.example/refunds", SECRET, answers(200, b'{"state": "confirmed", "reference": "r1"}', heard)
    )
    assert shop.refund(ASKED) == Outcome("confirmed", "r1")
    assert shop.look(ASKED) == Outcome("confirmed", "r1")
    first, second = heard
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == "k1"
    said = Verifier(SECRET).verify(first.content, dict(first.headers))
    assert said == {
        "type": "refund", "key": "k1", "refund": "refund:r", "order": "77", "payment": "pi_1", "amount": 1500,
        "currency": "EUR",
    }  # fmt: skip
    assert "webhook-signature" not in first.headers or first.headers["webhook-id"] == "k1"


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"state": "pending", "reference": "r1"}', Outcome("pending", "r1")),
        (202, b"", Outcome("pending")),
        (202, b'{"reference": "r1"}', Outcome("pending", "r1")),
        (422, b'{"state": "failed", "reason": "account_closed"}', Outcome("failed", "", "account_closed")),
        (200, b'{"state": "failed"}', Outcome("failed", "", "declined")),
        (200, b"<html>", Outcome("unknown", reason="it answered 200 with what is no JSON object")),
        (200, b"[]", Outcome("unknown", reason="it answered 200 with what is no JSON object")),
        (200, b"{}", Outcome("unknown", reason="it answered 200 with the state ''")),
        (200, b'{"state": "done"}', Outcome("unknown", reason="it answered 200 with the state 'done'")),
        (422, b'{"state": "confirmed"}', Outcome("unknown", reason="it answered 422 with the state 'confirmed'")),
        (200, b'{"state": "confirmed", "reference": 5}', Outcome("unknown", reason="state, reference and reason must be texts")),
    ],
)  # fmt: skip
def test_an_answer_counts_only_in_the_documented_form(status: int, body: bytes, outcome: Outcome) -> None:
    assert read(status, body) == outcome


@pytest.mark.parametrize("status", [302, 400, 404, 409, 429, 500, 503])
def test_any_other_answer_may_come_from_between_and_says_nothing(status: int) -> None:
    shop = Shop("https://shop.example/", transport=answers(status, b'{"state": "failed"}'))
    assert shop.refund(ASKED) == Outcome("unknown", reason=f"it answered {status}")


def test_nobody_there_is_unknown() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    assert Shop("https://shop.example/", transport=httpx.MockTransport(away)).refund(ASKED).state == "unknown"


def test_half_of_a_payment_system_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, wrong in (("shop", "COMITY_PAYMENTS_URL must be"), ("stripe", "COMITY_STRIPE_KEY is missing")):
        monkeypatch.setenv("COMITY_PAYMENTS", name)
        with pytest.raises(options.BadOption, match=wrong):
            sending.chosen()
    monkeypatch.setenv("COMITY_STRIPE_KEY", "sk_test_1\nX")
    with pytest.raises(options.BadOption, match="no key has") as error:
        sending.chosen()
    assert "sk_test" not in str(error.value)
    monkeypatch.setenv("COMITY_STRIPE_KEY", "sk_test_1")
    assert isinstance(sending.chosen(), Stripe)


# Stripe


def recorded() -> dict[str, Any]:
    """Stripe's sample objects, where they are at hand."""
    found: dict[str, Any] = json.loads((real("disputes/stripe") / "fixtures.json").read_text())
    return found


class Till(httpx.AsyncBaseTransport):
    """Answers as Stripe does, in the recorded shape of a refund."""

    def __init__(self, refund: dict[str, Any], *, error: tuple[int, dict[str, Any]] | None = None):
        self.refund, self.error = refund, error
        self.heard: list[httpx.Request] = []
        self.made: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        if request.method == "GET" and request.url.path == "/v1/refunds":
            return httpx.Response(200, json={"object": "list", "data": self.made, "has_more": False})
        if request.method == "GET":
            return httpx.Response(200, json=self.refund)
        if self.error is not None:
            status, error = self.error
            return httpx.Response(status, json={"error": error})
        form = {name: value for name, (value,) in parse_qs(request.content.decode()).items()}
        made = {**self.refund, "amount": int(form["amount"]), "metadata": {"comity_key": form["metadata[comity_key]"]}}
        self.made.append(made)
        return httpx.Response(200, json=made)


def test_stripe_is_asked_with_amount_and_key_and_answers_in_its_recorded_shape() -> None:
    till = Till(recorded()["refund"])
    client = Stripe("sk_test_1", till)
    reference = recorded()["refund"]["id"]
    assert client.refund(ASKED) == Outcome("confirmed", reference)
    (request,) = till.heard
    assert request.headers["idempotency-key"] == "k1"
    assert request.headers["authorization"] == "Bearer sk_test_1"
    form = parse_qs(request.content.decode())
    assert form == {"payment_intent": ["pi_1"], "amount": ["1500"], "metadata[comity_key]": ["k1"]}
    assert client.look(Asked("k1", "pi_1", ASKED.amount, "refund:r", "77", reference)) == Outcome(
        "confirmed", reference
    )


def test_one_that_may_have_been_sent_is_looked_for_first() -> None:
    till = Till(recorded()["refund"])
    client = Stripe("sk_test_1", till)
    again = Asked("k1", "pi_1", ASKED.amount, "refund:r", "77", sent=True)
    assert client.refund(again).state == "confirmed", "it never came there"
    assert client.refund(again).state == "confirmed", "it is there"
    assert [request.method for request in till.heard] == ["GET", "POST", "GET"]
    assert len(till.made) == 1


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (400, {"type": "invalid_request_error", "code": "charge_already_refunded"}, Outcome("failed", reason="not_allowed")),
        (402, {"type": "card_error", "code": "insufficient_funds"}, Outcome("failed", reason="low_balance")),
        (400, {"type": "idempotency_error"}, Outcome("unknown", reason="it answered 400 idempotency_error")),
        (401, {"type": "invalid_request_error"}, Outcome("unknown", reason="it answered 401 invalid_request_error")),
        (409, {"type": "invalid_request_error", "code": "lock_timeout"}, Outcome("unknown", reason="it answered 409 lock_timeout")),
        (500, {"type": "api_error"}, Outcome("unknown", reason="it answered 500 api_error")),
    ],
)  # fmt: skip
def test_what_stripe_refuses_is_a_no_and_what_it_could_not_do_is_not(
    status: int, error: dict[str, Any], outcome: Outcome
) -> None:
    assert Stripe("sk_test_1", Till({}, error=(status, error))).refund(ASKED) == outcome


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"status": "pending"}, Outcome("pending", "re_1")),
        ({"status": "requires_action"}, Outcome("pending", "re_1")),
        ({"status": "failed", "failure_reason": "expired_or_canceled_card"}, Outcome("failed", "re_1", "account_closed")),
        ({"status": "canceled"}, Outcome("failed", "re_1", "cancelled_there")),
        ({"status": "new"}, Outcome("unknown", reason="the refund's status is 'new'")),
    ],
)  # fmt: skip
def test_what_a_refund_says(said: dict[str, Any], outcome: Outcome) -> None:
    assert stripe.outcome_of({"id": "re_1", **said}) == outcome


def test_minor_units_are_stripes_own_where_they_differ() -> None:
    for ours, theirs in (
        (Money(5800, "JPY"), 5800),
        (Money(1500, "KWD"), 1500),
        (Money(5, "ISK"), 500),
        (Money(500, "MGA"), 5),
    ):
        assert to_stripe(ours) == theirs
        assert from_stripe(theirs, ours.currency.lower()) == ours
    with pytest.raises(ValueError, match="cannot be said"):
        to_stripe(Money(501, "MGA"))
    with pytest.raises(ValueError, match="fraction"):
        from_stripe(501, "isk")
    assert Stripe("k", Till({})).refund(Asked("k", "pi_1", Money(501, "MGA"), "r", "o")).reason == "not_allowed"
    assert Stripe("k", Till({})).refund(Asked("k", "", Money(5, "EUR"), "r", "o")).reason == "no_payment_known"


def event(kind: str, found: dict[str, Any], at: datetime) -> bytes:
    """An event in its recorded shape."""
    whole = {**recorded()["event"], "type": kind, "created": int(at.timestamp()), "data": {"object": found}}
    return json.dumps(whole).encode()


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Send an event of Stripe's, signed."""
    monkeypatch.setenv("COMITY_STRIPE_SECRET", "whsec_test")

    def send(body: bytes, *, secret: str = "whsec_test", age: float = 0) -> tuple[int, str]:
        stamp = str(int(datetime.now(UTC).timestamp() - age))
        mark = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        answer = Client().post(
            "/hooks/payments/stripe/", body, content_type="application/json",
            headers={"Stripe-Signature": f"t={stamp},v1={mark},v0=x"},
        )  # fmt: skip
        return answer.status_code, json.loads(answer.content)["detail"]

    return send


@pytest.mark.django_db
def test_events_of_stripe_are_reports(cast: Cast, hook: Callable[..., tuple[int, str]]) -> None:
    order = paid(cast, payments=(NewPayment("card", Money(9000, "EUR"), "pi_1"),))
    refund, now = give(cast, order), datetime.now(UTC)
    key = refund.ways.get().key
    ours = {**recorded()["refund"], "payment_intent": "pi_1", "amount": 3000, "currency": "eur"}
    ours["metadata"] = {"comity_key": key}
    assert hook(event("refund.created", {**ours, "status": "pending"}, now)) == (202, "nothing that moves money")
    assert hook(event("refund.updated", ours, now)) == (202, "recorded")
    assert hook(event("charge.refund.updated", ours, now)) == (202, "same")
    assert sums(order) == (3000, 0, 6000)
    charge = {**recorded()["charge"], "payment_intent": "pi_1", "currency": "eur", "amount_refunded": 4000}
    other = {**ours, "id": "re_other", "metadata": {}, "created": 1234567899}
    charge["refunds"] = {"data": [ours, other]}
    assert hook(event("charge.refunded", charge, now)) == (202, "recorded")
    assert sums(order) == (4000, 0, 5000)
    assert hook(event("charge.refunded", {**charge, "refunds": None}, now)) == (202, "nothing that moves money")
    dispute = {**recorded()["dispute"], "payment_intent": "pi_1", "currency": "eur", "amount": 5000}
    assert "no reason of a dispute about goods" in hook(event("charge.dispute.created", dispute, now))[1]
    assert hook(event("charge.dispute.funds_withdrawn", dispute, now)) == (202, "recorded")
    assert (sums(order), order.charged_back) == ((4000, 0, 0), 5000)
    assert hook(event("charge.dispute.funds_reinstated", dispute, now)) == (202, "recorded")
    assert hook(event("refund.failed", {**ours, "status": "failed"}, now)) == (202, "recorded")
    assert sums(order) == (1000, 0, 8000)


class Bank:
    """A dispute at Stripe, its events by what was done, each a second after the one before."""

    def __init__(self, hook: Callable[..., tuple[int, str]], **said: Any):
        self.hook, self.at, self.sent = hook, datetime.now(UTC) - timedelta(days=1), 0
        self.dispute = {
            "object": "dispute", "id": "dp_1", "payment_intent": "pi_1", "currency": "eur", "amount": 9000,
            "reason": "product_not_received", "created": int(self.at.timestamp()), "balance_transactions": [],
        } | said  # fmt: skip

    def body(self, done: str, status: str, *moved: int) -> bytes:
        self.sent, self.at = self.sent + 1, self.at + timedelta(seconds=1)
        rows = [{"object": "balance_transaction", "amount": amount} for amount in moved]
        found = {**self.dispute, "status": status, "balance_transactions": rows}
        whole = {
            "id": f"evt_{self.sent}", "object": "event", "created": int(self.at.timestamp()),
            "type": f"charge.dispute.{done}", "data": {"object": found},
        }  # fmt: skip
        return json.dumps(whole).encode()

    def tell(self, done: str, status: str, *moved: int) -> str:
        code, said = self.hook(self.body(done, status, *moved))
        assert code == 202
        return said


@pytest.mark.django_db
def test_an_inquiry_of_a_bank_takes_no_money_and_is_what_the_buyer_asked(
    hook: Callable[..., tuple[int, str]],
) -> None:
    here = stage(amount=9000, payments=(NewPayment("card", Money(9000, "EUR"), "pi_1"),))
    bank = Bank(hook)
    early, last = bank.body("created", "warning_needs_response"), bank.body("updated", "warning_under_review")
    assert hook(last) == (202, "recorded")
    assert hook(early)[1] == hook(last)[1].replace("same", "a newer word of this dispute is known; nothing changes")
    asked = Dispute.objects.get()
    assert (asked.stage, asked.reason, asked.external_id) == ("inquiry", "not received", "dp_1")
    bank.tell("updated", "warning_under_review", -1500)
    assert here.money()["charged_back"] == 0
    assert bank.tell("closed", "warning_closed") == "recorded"
    asked.refresh_from_db()
    assert (asked.stage, asked.ended_how, here.money()["charged_back"]) == ("closed", "ended_elsewhere", 0)
    assert bank.tell("closed", "warning_closed") == "same"


@pytest.mark.django_db
@pytest.mark.parametrize("withdrawn_first", [False, True])
def test_the_money_of_a_charge_back_counts_once_whichever_events_tell_it(
    hook: Callable[..., tuple[int, str]], withdrawn_first: bool
) -> None:
    here = stage(amount=9000, payments=(NewPayment("card", Money(9000, "EUR"), "pi_1"),))
    bank = Bank(hook)
    for done in ("funds_withdrawn", "created") if withdrawn_first else ("created", "funds_withdrawn"):
        bank.tell(done, "needs_response", -9000, -1500)
        assert here.money()["charged_back"] == 9000
    bank.tell("updated", "under_review", -9000)
    bank.tell("closed", "won", -9000, 9000)
    assert bank.tell("funds_reinstated", "won", -9000, 9000) == "same"
    assert (here.money()["charged_back"], Dispute.objects.count()) == (0, 0), "it is the bank's, and asked nothing here"


@pytest.mark.django_db
def test_a_charge_back_that_is_lost_ends_what_it_has_met(hook: Callable[..., tuple[int, str]]) -> None:
    begun = datetime.now(UTC) - timedelta(days=2)
    text = rulebook(drop=["answer", "escalate"])
    here = stage(text, at=begun, amount=9000, payments=(NewPayment("card", Money(9000, "EUR"), "pi_1"),))
    here.open(begun + timedelta(hours=1), reason="not received")
    bank = Bank(hook)
    assert "No charge-back dp_1 is known" in bank.tell("closed", "lost")
    assert bank.tell("updated", "under_review", 500) == "nothing that moves money"
    assert bank.tell("created", "needs_response", -9000) == "recorded"
    assert here.case().stage == "negotiation"
    assert bank.tell("closed", "lost", -9000) == "recorded"
    assert (here.case().stage, here.case().closed_because) == ("closed", "charged_back")
    assert bank.tell("closed", "lost", -9000) == "same"
    assert (here.money()["charged_back"], here.money()["refundable"]) == (9000, 0)


@pytest.mark.django_db
def test_who_cannot_sign_is_not_heard(
    cast: Cast, hook: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps({"type": "x", "created": 1, "data": {"object": {}}}).encode()
    assert hook(body)[0] == 202
    assert hook(body, secret="another")[0] == 401
    assert hook(body, age=301)[0] == 401
    for bad in (b"{", b"[]", b'{"type": "refund.updated", "data": {"object": {"object": "refund"}}}', b'{"data": 5}'):
        assert hook(bad)[0] in (202, 400), bad
    strange = {"object": "refund", "id": "re_9", "amount": 5, "currency": "eur", "status": "succeeded"}
    status, why = hook(json.dumps({"type": "refund.updated", "created": 1, "data": {"object": strange}}).encode())
    assert (status, "names no order" in why) == (202, True)
    assert hook(b"x" * 1_000_001)[0] == 413
    monkeypatch.setenv("COMITY_STRIPE_SECRET", "")
    assert hook(body)[0] == 404
