"""A story with the cast: a vase comes broken, the seller gives a third back, the answer of the payment system is lost,
days later the buyer's account turns out to be closed, an agent sends it anew, and the bank takes the payment meanwhile.
Nothing is paid twice, nothing is lost, and nobody is told "refunded" before it is true.
"""

import json
from datetime import timedelta
from typing import Any

import httpx

from comity.actions import money, orders, payouts, reports
from comity.actions.money import Instruction, Part
from comity.actions.orders import Line, NewPayment
from comity.actions.reports import Report
from comity.integrations.payments.sending import WAITS, send_due
from comity.integrations.payments.shop import Shop
from comity.lib.money import Money
from comity.policy.money import MONEY_KINDS
from comity.records import journal, rebuild
from comity.records.models import JournalLine, Order, Refund
from tests.api.client import Api
from tests.cast import Cast, hours
from tests.web.test_pages import sign_in, text

DAY = 24


class ShopsTill(httpx.AsyncBaseTransport):
    """The shop's own payment system: it keeps its books by key. `loses`: so many of its next answers are lost."""

    def __init__(self) -> None:
        self.books: dict[str, int] = {}
        self.keys: list[str] = []
        self.loses = 0
        self.says = "pending"

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        assert asked["key"] == request.headers["idempotency-key"]
        self.keys.append(asked["key"])
        self.books[asked["key"]] = asked["amount"]
        if self.loses:
            self.loses -= 1
            raise httpx.ReadTimeout("the answer is lost")
        return httpx.Response(200, json={"state": self.says, "reference": f"r-{asked['key'][-6:]}"})


def seen(api: Api, order: Order) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(api.get(f"/orders/{order.uuid}/money").content)
    return told


def test_a_refund_that_got_stuck(cast: Cast) -> None:
    ana = Api(cast.platform, cast.ana)
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, lines=(Line("Vase", 3, Money(3000, "EUR")),), handling_hours=24,
        deliver_by=hours(30 * DAY), payments=(NewPayment("card", Money(9000, "EUR"), "pi_1"),),
    )  # fmt: skip
    order = orders.pay(cast.platform, orders.place(cast.platform, new, at=hours(0)), at=hours(0))
    vases = order.lines.get()

    # One of three vases is worth a third of what was paid; more is refused before anything is sent.
    assert money.left_for(order, {vases: 1}) == Money(3000, "EUR")
    what = Instruction(Money(3000, "EUR"), (Part(vases, 3000, 1),), dispute_ref="dispute:d1")
    first = money.instruct(cast.li, order, what, at=hours(1))
    assert payouts.of_order(cast.li, order, now=hours(999)).held == 6000

    # The till carries it out, and its answer is lost twice: the same key each time, one entry in its books.
    till, now = ShopsTill(), hours(1)
    shop = Shop("https://shop.example/refunds", transport=till)
    till.loses = 2
    for wait in (*WAITS[:2], timedelta()):
        send_due(now, provider=shop)
        now += wait
    assert (len(till.keys), till.books) == (3, {till.keys[0]: 3000})
    told = seen(ana, order)
    assert (told["refunded"], told["instructed"], told["refunds"][0]["state"]) == (0, 3000, "instructed")

    # Two days later it fails: it counts nowhere, and is on the desk with its reason.
    failed = Report("failed", key=till.keys[0], reference="r-1", reason="account_closed")
    for at in (48, 49):
        reports.report(cast.platform, failed, at=hours(at))
    told = seen(ana, order)
    assert (told["refunded"], told["instructed"], told["refundable"]) == (0, 0, 9000)
    assert payouts.of_order(cast.li, order, now=hours(999)).why_held == "dispute", "it is not carried out"
    desk = sign_in(cast.ken)
    assert "the account is closed" in text(desk.get("/desk/errands/?kind=refund"))

    # Meanwhile the bank takes everything: nothing can be sent anew until it is back.
    reports.report(
        cast.platform, Report("charged_back", payment="pi_1", reference="c1", amount=Money(9000, "EUR")), at=hours(50)
    )
    page = desk.post("/desk/errands/refund/again/", {"key": first.pk}, follow=True)
    assert "bank has taken €90.00." in text(page)
    assert Refund.objects.count() == 1
    reports.report(cast.platform, Report("charge_back_reversed", reference="c1"), at=hours(60))

    # An agent sends it anew, once, with a key of its own; the till confirms.
    second = money.again(cast.ken, first, at=hours(61))
    till.says = "confirmed"
    send_due(hours(61), provider=shop)
    reports.report(cast.platform, failed, at=hours(62))
    assert len(till.books) == 2
    told = seen(ana, order)
    assert (told["refunded"], told["instructed"], told["refundable"]) == (3000, 0, 6000)
    assert [each["state"] for each in told["refunds"]] == ["failed", "confirmed"]
    assert told["refunds"][1]["replaces"] == str(first.uuid)

    # What is left is the seller's, and is paid once.
    due = payouts.of_order(cast.li, order, now=hours(999))
    assert (due.due, due.held) == (6000, 0)
    run = payouts.NewPayOut("po1", "EUR", (payouts.PaidLine(order, due.due),))
    for _ in range(2):
        payouts.paid_out(cast.platform, cast.seller, run, at=hours(70))
    assert payouts.due(cast.li, cast.seller, currency="EUR", now=hours(999)) == []

    lines = JournalLine.objects.filter(matter=order.ref, kind__in=MONEY_KINDS).order_by("seq")
    kinds = list(lines.values_list("kind", flat=True))
    assert kinds == [
        "refund.instructed", "refund.failed", "order.charged_back", "order.charge_back_reversed", "refund.instructed",
        "order.refunded", "payout.made",
    ]  # fmt: skip
    assert list(journal.verify(cast.seller)) == []
    assert rebuild.at_odds(cast.seller) == []
    assert second.ref in JournalLine.objects.get(kind="order.refunded").body
