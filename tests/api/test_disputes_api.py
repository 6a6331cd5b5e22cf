"""Disputes by the API: what stands before one, opened, answered, agreed, carried out; who sees and may do what."""

import json
from datetime import timedelta
from typing import Any

import pytest

from comity.actions.disputes.verbs import VERBS
from comity.actions.orders import Line
from comity.api.dispute_view import path_of
from comity.lib.money import Money
from comity.records.models import Dispute, JournalLine, Refund
from tests.api.client import Api
from tests.api.disputing import BEGAN, NEVER_WAS, NOW, Everybody, actions, body_of, everybody, moment_of, scopes_but
from tests.api.test_scopes import OPERATIONS
from tests.disputing import RULES, rulebook

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def all_() -> Everybody:
    return everybody()


def test_each_verb_is_posted_where_the_case_says() -> None:
    there = {path for method, path in OPERATIONS if method == "post"}
    said = {path_of(verb.slug, "{uuid}") for verb in VERBS if verb.slug != "pay-late"}
    assert said - there == set()


def test_what_stands_before_a_dispute(all_: Everybody) -> None:
    order = all_.here.order
    for who in ("ana", "li", "ken"):
        told = all_.see(who, f"/orders/{order.uuid}/problem")
    reasons = {each["reason"]: each for each in told["reasons"]}
    assert set(reasons) == {"not received", "not as described", "damaged"}
    missing = reasons["not received"]
    assert (missing["state"], missing["opening"], missing["waits_for"]) == ("open", "any", "")
    end = BEGAN + 90 * DAY
    assert end - timedelta(milliseconds=1) < moment_of(missing["end"]) <= end
    assert [step["code"] for step in missing["counted"]][:2] == ["from", "plus"]
    assert missing["evidence"] == [{"name": "proof of delivery", "side": "seller", "state": "missing", "weight": 1.0}]
    assert [each["code"] for each in told["now"]] == ["not_sent"]
    assert (told["most"], told["currency"], told["pieces"][0]["worth"]) == (6000, "EUR", 6000)
    assert "return and refund" in told["offers"]
    assert all_["bea"].get(f"/orders/{order.uuid}/problem").status_code == 403
    all_.open()
    told = all_.see("ana", f"/orders/{order.uuid}/problem")
    assert (told["pieces"], told["most"]) == ([], 0)


def test_a_window_that_is_ahead_says_from_when() -> None:
    rules = RULES.replace('after = { fact = "order.paid" }', 'after = { fact = "order.paid", plus = "10 days" }')
    all_ = everybody(rulebook(rules=rules))
    told = all_.see("ana", f"/orders/{all_.here.order.uuid}/problem")
    assert told["reasons"][0]["state"] == "ahead"
    assert BEGAN + 9 * DAY < moment_of(told["reasons"][0]["begin"]) <= BEGAN + 10 * DAY
    assert all_.refused("ana", f"/orders/{all_.here.order.uuid}/disputes", {"reason": "damaged"}) == "not_open_yet"


def test_a_life_by_the_api_alone(all_: Everybody) -> None:
    """Opened, offered, accepted, and closed once the payment system says that the money went back."""
    case = all_.open(amount=2500, currency="EUR", text="The glass is broken.")
    seen = all_.see("li", case)
    assert (seen["stage"], seen["turn"], seen["rule"]) == ("negotiation", "seller", "answer dispute")
    assert seen["otherwise"] == {"code": "decide", "value": "buyer", "amount": 2500, "currency": "EUR"}
    accept = actions(seen)["accept-claim"]
    assert (accept["until"], accept["otherwise"]) == (seen["until"], seen["otherwise"])
    assert accept["path"] == f"{case}/accept"
    assert [each["text"] for each in seen["texts"]] == ["The glass is broken."]
    offer = {"kind": "partial refund", "amount": 2000, "currency": "EUR", "shown": seen["last"]}
    first, again = (all_.do("li", f"{case}/offers", offer, 201, idempotency_key="k") for _ in range(2))
    assert first == again
    assert (first["number"], len(first["dispute"]["offers"])) == (1, 1)
    assert all_.refused("li", f"{case}/offers", offer) == "changed", "something is new since that was shown"
    seen = all_.see("ana", case)
    assert (seen["turn"], seen["offers"][0]["status"], seen["offers"][0]["amount"]) == ("buyer", "open", 2000)
    assert seen["offers"][0]["parts"] == []
    paths = actions(seen)["accept-offer"]["path"]
    agreed, same = (all_.do("ana", paths.replace("{number}", "1"), idempotency_key="yes") for _ in range(2))
    assert agreed == same
    assert (agreed["stage"], agreed["agreement"]["amount"]) == ("carrying out", 2000)
    assert agreed["money"] == {
        "currency": "EUR", "to_pay": 2000, "instructed": 2000, "confirmed": 0, "refundable": 4000, "most": 4000
    }  # fmt: skip
    refund = Refund.objects.get()
    report = {"kind": "refunded", "key": str(refund.uuid), "reference": "r1"}
    all_.do("platform", "/money/reports", report)
    seen = all_.see("ana", case)
    assert (seen["stage"], seen["ended_how"], seen["money"]["confirmed"]) == ("closed", "settled", 2000)
    assert (seen["turn"], seen["until"], seen["otherwise"]) == ("nobody", None, None)
    kinds = list(JournalLine.objects.filter(kind__startswith="dispute.").order_by("seq").values_list("kind", flat=True))
    assert kinds == ["dispute.opened", "dispute.answered", "dispute.offered", "dispute.settled"]


def test_an_offer_in_parts() -> None:
    """One of two pieces is refunded, one replaced: offered, accepted, and what became of each."""
    ours = everybody(lines=(Line("Glass", 3, Money(2000, "EUR")),))
    line = ours.here.line("Glass").pk
    case = ours.open(pieces=[{"line": line, "quantity": 2}])
    refund = {"line": line, "quantity": 1, "kind": "refund", "amount": 2000, "currency": "EUR"}
    another = {"line": line, "quantity": 1, "kind": "replacement"}
    for parts, says in (
        ([refund], "the parts of the offer about 1"),
        ([refund, refund | {"amount": 2001}], "At most €40.00 is left for “Glass”."),
        ([refund | {"amount": 2001}, another], "At most €20.00 is left for “Glass”."),
        ([refund | {"currency": None}, another], "amount and currency go together"),
        ([refund | {"line": line + 9}, another], f"not about line {line + 9}"),
    ):
        assert says in str(ours.do("li", f"{case}/offers", {"parts": parts}, 422)["errors"]), parts
    both = {"parts": [refund, another], "kind": "refund", "amount": 100, "currency": "EUR"}
    assert "leave amount and date" in str(ours.do("li", f"{case}/offers", both, 422)["errors"])
    assert ours.do("li", f"{case}/offers", {"parts": [refund] * 101}, 422)
    for odd in ({"quantity": "1"}, {"quantity": True}, {"quantity": 1.0}, {"line": str(refund["line"])}):
        told = ours.do("li", f"{case}/offers", {"parts": [refund | odd, another]}, 422)
        assert "valid integer" in told["errors"][0], odd
    made = ours.do("li", f"{case}/offers", {"parts": [refund, another], "text": "Sorry."}, 201)
    assert made["number"] == 1
    (offer,) = ours.see("ana", case)["offers"]
    assert (offer["kind"], offer["amount"], offer["status"]) == ("in parts", 2000, "open")
    assert [(each["line"], each["title"], each["quantity"], each["kind"], each["amount"]) for each in offer["parts"]] == [
        (str(line), "Glass", 1, "refund", 2000), (str(line), "Glass", 1, "replacement", 0)
    ]  # fmt: skip
    agreed = ours.do("ana", f"{case}/offers/1/accept")["agreement"]
    assert (agreed["amount"], agreed["at_once"], agreed["act"]) == (2000, 2000, "replacement")
    assert [each["state"] for each in agreed["parts"]] == ["money_on_its_way", "to_do"]
    ours.do("platform", "/money/reports", {"kind": "refunded", "key": str(Refund.objects.get().uuid), "reference": "r"})
    ours.do("li", f"{case}/act", {"carrier": "post", "tracking_number": "RR123456785DE", "sure": True})
    assert [each["state"] for each in ours.see("ana", case)["agreement"]["parts"]] == ["done", "on_its_way"]
    seen = ours.do("ana", f"{case}/fulfil")
    assert ([each["state"] for each in seen["agreement"]["parts"]], seen["stage"]) == (["done", "done"], "closed")


def test_a_mediator_proposes_in_parts() -> None:
    ours = everybody(lines=(Line("Glass", 2, Money(2000, "EUR")),))
    case, line = ours.mediated(), ours.here.line("Glass").pk
    half = {"line": line, "quantity": 1, "kind": "partial refund", "amount": 700, "currency": "EUR"}
    none = {"line": line, "quantity": 1, "kind": "nothing"}
    assert ours.do("ken", f"{case}/propose", {"parts": [half, none]}, 201)["number"] == 1
    for who in ("ana", "li"):
        seen = ours.do(who, f"{case}/offers/1/accept")
    assert (seen["stage"], seen["money"]["to_pay"]) == ("carrying out", 700)


def test_lists_and_what_an_order_tells(all_: Everybody) -> None:
    case = all_.open()
    uuid = case.rpartition("/")[2]
    for who, count in (("ana", 1), ("li", 1), ("ken", 1), ("platform", 1), ("bea", 0), ("max", 0)):
        told = all_.see(who, "/disputes")
        assert ([each["uuid"] for each in told["items"]], told["next"]) == ([uuid] * count, ""), who
    seller, far = all_.here.cast.seller.uuid, (NOW + DAY).isoformat().replace("+", "%2B")
    for query, count in (
        ("stage=negotiation", 1), ("stage=mediation", 0), ("reason=damaged", 1), ("reason=Schaden%20%E7%A0%B4", 0),
        (f"party={seller}", 1), (f"party={NEVER_WAS}", 0), (f"since={far}", 0),
    ):  # fmt: skip
        assert len(all_.see("ken", f"/disputes?{query}")["items"]) == count, query
    assert all_["ken"].get("/disputes?stage=nowhere").status_code == 422
    narrow = Api(all_.here.cast.platform, all_.here.cast.ken, scopes_but("dispute.list"))
    assert body_of(narrow.get("/disputes"))["items"] == []
    order = f"/orders/{all_.here.order.uuid}"
    for who in ("ana", "li", "ken"):
        told = all_.see(who, order)["disputes"]
        assert [(each["uuid"], each["stage"], each["reason"]) for each in told] == [(uuid, "negotiation", "damaged")]
    deaf = Api(all_.here.cast.platform, all_.here.cast.li, scopes_but("dispute.read"))
    assert body_of(deaf.get(order))["disputes"] == []
    assert body_of(deaf.get("/orders"))["items"][0]["disputes"] == []


def test_an_order_says_whether_a_dispute_may_begin(all_: Everybody) -> None:
    order = f"/orders/{all_.here.order.uuid}"
    (begin,) = all_.see("ana", order)["available_actions"]
    assert (begin["action"], begin["path"], begin["otherwise"]) == ("open-dispute", f"{order}/disputes", None)
    assert BEGAN + 89 * DAY < moment_of(begin["until"]) <= BEGAN + 90 * DAY
    assert all_.see("li", order)["available_actions"] == []
    all_.open()
    assert all_.see("ana", order)["available_actions"] == [], "all of its pieces are in a dispute"


def test_who_has_nothing_to_do_with_it_learns_nothing(all_: Everybody) -> None:
    """Whatever is asked of somebody else's dispute is answered as of one that never was, byte for byte."""
    case = all_.open()
    bodies: dict[str, Any] = {"accept": {"version": 1}, "offers": {"kind": "nothing"}, "withdraw": {}, "take": {}}
    for who in ("bea", "max"):
        mine, none = all_[who].get(case), all_[who].get(f"/disputes/{NEVER_WAS}")
        assert (mine.status_code, mine.content) == (404, none.content), who
        for verb, body in bodies.items():
            mine, none = (all_[who].post(f"{there}/{verb}", body) for there in (case, f"/disputes/{NEVER_WAS}"))
            assert (mine.status_code, mine.content, mine.headers["Content-Type"]) == (
                none.status_code, none.content, none.headers["Content-Type"]
            ), (who, verb)  # fmt: skip
            assert mine.status_code == 404
    assert Dispute.objects.get().stage == "negotiation"


def test_the_wrong_side_cannot(all_: Everybody) -> None:
    case = all_.open()
    for who, verb, body in (
        ("li", "withdraw", {}), ("li", "modify", {"reason": "damaged"}), ("ana", "accept", {"version": 1}),
        ("ana", "reject", {"version": 1, "text": "No."}), ("ana", "take", {}), ("li", "take", {}),
        ("li", "decide", {"outcome": "seller", "text": "Mine."}), ("ken", "offers", {"kind": "nothing"}),
        ("ken", "escalate", {}), ("ana", "label", {}), ("li", "send-back", {"carrier": "p", "tracking_number": "1"}),
        ("ana", "carrier-claims", {"carrier": "post"}), ("li", "set-aside", {"granted": True, "text": "Yes."}),
    ):  # fmt: skip
        told = all_.do(who, f"{case}/{verb}", body, 403)
        assert told["type"].endswith("/not-allowed"), (who, verb)
    assert all_["ana"].get(f"{case}/candidates").status_code == 403
    assert all_["li"].get(f"{case}/table").status_code == 403
    assert len(all_.see("ana", case)["texts"]) == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"amount": 0, "currency": "EUR"}, "amount"),
        ({"amount": -5, "currency": "EUR"}, "amount"),
        ({"amount": 14.5, "currency": "EUR"}, "amount"),
        ({"amount": 10**30, "currency": "EUR"}, "amount"),
        ({"amount": 6001, "currency": "EUR"}, "At most €60.00"),
        ({"amount": 100, "currency": "USD"}, "The order was paid in EUR"),
        ({"amount": 100}, "amount and currency go together"),
        ({"currency": "EUR"}, "amount and currency go together"),
        ({"amount": "viel", "currency": "EUR"}, "amount"),
        ({"amount": "2500", "currency": "EUR"}, "amount"),
        ({"amount": True, "currency": "EUR"}, "amount"),
        ({"at": -1}, "a moment is written as text"),
        ({"reason": "没有收到"}, "The rules list no such reason"),
        ({"wants": "الكل"}, "The rules list no such wish"),
        ({"pieces": [{"line": 10**12, "quantity": 1}]}, "is not one of this order"),
        ({"pieces": [{"line": 1, "quantity": 0}]}, "quantity"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "\x00"}, "NUL"),
        ({"amuont": 5}, "there is no such field"),
    ],
)
def test_what_cannot_be_claimed(all_: Everybody, change: dict[str, Any], why: str) -> None:
    told = all_.do("ana", f"/orders/{all_.here.order.uuid}/disputes", {"reason": "damaged", **change}, 422)
    assert any(why in each for each in told["errors"]), told
    assert not Dispute.objects.exists()


def test_a_body_of_nonsense(all_: Everybody) -> None:
    case = all_.open()
    for content in (b"[[", b"\xff\xfe", b"null", b'"x"', b"[]", b'{"version": {"a": 1}}'):
        answer = all_["li"].post(f"{case}/accept", content)
        assert answer.status_code in (400, 422), content
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert all_.see("li", case)["stage"] == "negotiation"


def test_words_of_any_script_come_back_as_they_were(all_: Everybody) -> None:
    text = "玻璃碎了 — شكراً 🙂\nВторая строка"
    case = all_.open(text=text)
    assert all_.see("li", case)["texts"][0]["text"] == text


def test_an_inquiry_becomes_a_claim_that_is_changed_taken_back_and_made_again(all_: Everybody) -> None:
    asked = {"reason": "not received", "text": "Where is it?"}
    told = all_.do("ana", f"/orders/{all_.here.order.uuid}/inquiries", asked, 201)
    case = f"/disputes/{told['uuid']}"
    assert (told["stage"], told["asked"]) == ("inquiry", 0)
    assert set(actions(told)) >= {"claim", "withdraw"}
    told = all_.do("ana", f"{case}/claim", {"reason": "not received", "amount": 3000, "currency": "EUR"})
    assert (told["stage"], told["claim"]["version"], told["asked"]) == ("negotiation", 1, 3000)
    told = all_.do(
        "ana", f"{case}/modify", {"reason": "damaged", "amount": 1000, "currency": "EUR", "shown": told["last"]}
    )
    assert (told["claim"]["version"], told["claim"]["reason"], told["asked"]) == (2, "damaged", 1000)
    assert all_.refused("li", f"{case}/accept", {"version": 1}) == "claim_changed"
    told = all_.do("ana", f"{case}/withdraw", {"reason": "mistake"})
    assert (told["stage"], told["again"]) == ("withdrawn", True)
    assert all_.refused("li", f"{case}/accept", {"version": 2}) == "withdrawn"
    told = all_.do("ana", f"{case}/reopen", {"reason": "damaged"})
    assert (told["stage"], told["claim"]["times_opened"]) == ("negotiation", 2)
    told = all_.do("ana", f"{case}/arrived")
    assert (told["stage"], told["ended_how"]) == ("closed", "arrived")
    assert all_.refused("ana", f"{case}/modify", {"reason": "damaged"}) == "arrived"


def test_the_seller_accepts_the_claim_once(all_: Everybody) -> None:
    case = all_.open(amount=2500, currency="EUR")
    all_.do("li", f"{case}/accept", {"version": 1})
    assert all_.refused("li", f"{case}/accept", {"version": 1}) == "agreed"
    assert [refund.amount for refund in Refund.objects.all()] == [2500]


def test_offers_are_countered_declined_taken_back_and_accepted_by_number(all_: Everybody) -> None:
    case = all_.open()
    for change, why in (
        ({"kind": "partial refund"}, "Name an amount"),
        ({"kind": "nothing", "amount": 5, "currency": "EUR"}, "there is no amount"),
        ({"kind": "partial refund", "amount": 9000, "currency": "EUR"}, "At most"),
        ({"kind": "partial refund", "amount": 90, "currency": "XXX"}, "paid in EUR"),
        ({"kind": "gift"}, "no such offer"),
        ({"kind": "nothing", "until": BEGAN.isoformat()}, "lies ahead"),
        ({"kind": "return and refund", "amount": 5, "currency": "EUR", "return_postage": "nobody"}, "way back"),
    ):
        told = all_.do("li", f"{case}/offers", change, 422)
        assert any(why in each for each in told["errors"]), (change, told)
    assert all_.do("li", f"{case}/offers", {"kind": "replacement"}, 201)["number"] == 1
    told = all_.do("ana", f"{case}/offers/1/decline", {"text": "No, thank you."})
    assert told["offers"][0]["status"] == "declined"
    assert (
        all_.do("li", f"{case}/offers", {"kind": "partial refund", "amount": 500, "currency": "EUR"}, 201)["number"]
        == 2
    )
    told = all_.do("li", f"{case}/offers/2/withdraw")
    assert told["offers"][1]["status"] == "withdrawn"
    for number in (1, 2, 10**40):
        assert all_.refused("ana", f"{case}/offers/{number}/accept") in ("no_offer", "offer_changed")
    counter = {"kind": "discount", "amount": 700, "currency": "EUR"}
    all_.do("ana", f"{case}/offers", counter, 201)
    told = all_.do("li", f"{case}/offers/3/accept")
    assert (told["agreement"]["kind"], told["agreement"]["amount"]) == ("discount", 700)
    assert all_["ana"].post(f"{case}/offers/x/accept").status_code == 422


def test_sealed_limits_settle_in_the_middle_and_nobody_learns_them(all_: Everybody) -> None:
    case = all_.open()
    told = all_.do("ana", f"{case}/bids", {"amount": 3400, "currency": "EUR"})
    assert (told["result"], told["dispute"]["bids"]) == ("waiting", ["buyer"])
    assert "3400" not in json.dumps(all_.see("li", case))
    told = all_.do("li", f"{case}/bids", {"amount": 3000, "currency": "EUR"})
    assert (told["result"], told["dispute"]["agreement"]["amount"]) == ("settled", 3200)


def test_goods_go_back_and_a_new_one_is_sent(all_: Everybody) -> None:
    case = all_.open()
    all_.do("li", f"{case}/offers", {"kind": "return and refund", "amount": 6000, "currency": "EUR"}, 201)
    all_.do("ana", f"{case}/offers/1/accept")
    told = all_.do("li", f"{case}/label", {"until": (NOW + 20 * DAY).isoformat()})
    assert (told["stage"], told["turn"], told["otherwise"]["value"]) == ("returning", "buyer", "seller")
    parcel = {"carrier": "post", "tracking_number": "RR123456785DE", "sure": True}
    told = all_.do("ana", f"{case}/send-back", parcel)
    assert told["way_back"]["sent_at"] is not None
    assert all_.refused("ana", f"{case}/send-back", parcel) == "sent_already"
    told = all_.do("li", f"{case}/contest-return", {"state": "empty", "text": "An empty box."})
    assert (told["way_back"]["state"], told["turn"]) == ("empty", "buyer")
    told = all_.do("ana", f"{case}/answer-contest", {"text": "It was in there."})
    assert told["stage"] == "mediation"
    assert Refund.objects.count() == 0


def test_a_return_that_is_right_is_paid(all_: Everybody) -> None:
    case = all_.open()
    all_.do("li", f"{case}/offers", {"kind": "return and refund", "amount": 6000, "currency": "EUR"}, 201)
    all_.do("ana", f"{case}/offers/1/accept")
    all_.do("li", f"{case}/label", {})
    seen = all_.do("ana", f"{case}/send-back", {"carrier": "post", "tracking_number": "RR123456785DE", "sure": True})
    told = all_.do("li", f"{case}/confirm-return", {"shown": seen["last"]}, idempotency_key="once")
    assert all_.do("li", f"{case}/confirm-return", {"shown": seen["last"]}, idempotency_key="once") == told
    assert [(refund.amount, refund.because) for refund in Refund.objects.all()] == [(6000, "returned")]


def test_what_was_promised_is_sent_and_confirmed(all_: Everybody) -> None:
    case = all_.open(reason="not received")
    all_.do("li", f"{case}/offers", {"kind": "resend"}, 201)
    told = all_.do("ana", f"{case}/offers/1/accept")
    assert (told["stage"], told["agreement"]["act"], told["turn"]) == ("settled", "resend", "seller")
    parcel = {"carrier": "post", "tracking_number": "RR123456785DE", "sure": True}
    told = all_.do("li", f"{case}/act", parcel)
    assert told["agreement"]["acted_at"] is not None
    told = all_.do("ana", f"{case}/fulfil")
    assert (told["stage"], told["ended_how"]) == ("closed", "settled")
    assert Refund.objects.count() == 0


def test_a_complaint_is_passed_on_to_the_carrier(all_: Everybody) -> None:
    case = all_.open(reason="not received")
    until = all_.see("ana", case)["until"]
    claim = all_.do("li", f"{case}/carrier-claims", {"carrier": "post", "text": "Lost."}, 201)["claim"]
    assert all_.refused("li", f"{case}/carrier-claims", {"carrier": "post"}) == "passed_on_already"
    there = f"{case}/carrier-claims/{claim}"
    asked = all_.do("li", f"{there}/asks", {"text": "What did it weigh?"}, 201)
    assert asked["dispute"]["carrier"][0]["asks"] == [asked["request"]]
    told = all_.do("li", f"{there}/tells", {"request": asked["request"], "text": "5 kg."})
    assert told["carrier"][0]["asks"] == []
    told = all_.do("ken", f"{there}/answer", {"accepted": True, "amount": 6000, "currency": "EUR"})
    assert (told["carrier"][0]["accepted"], told["carrier"][0]["amount"]) == (True, 6000)
    assert told["until"] == until, "the buyer's clock does not wait for it"
    assert all_.refused("li", f"{there}/answer", {"accepted": False}) == "no_claim"
