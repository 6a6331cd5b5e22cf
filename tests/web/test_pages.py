"""Pages as buyer, seller, agent and stranger see them: status, text on the page, walls."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from comity.actions import clock, messages, orders, scans
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.records.models import Charge, Conversation, Duty, Message, Notice, Order, Sanction, Shipment
from comity.web.urls import urlpatterns
from tests.cast import Cast
from tests.proving import prove


def sign_in(actor: Actor) -> Client:
    user = get_user_model().objects.create_user(username=str(actor.party.uuid), password="x")
    actor.party.user = user
    actor.party.save(update_fields=["user"])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def story(cast: Cast, now: datetime) -> Cast:
    """Ana ordered two days ago and asked a day ago; nothing has happened since."""
    order = orders.place(
        cast.platform,
        orders.NewOrder(
            buyer=cast.buyer,
            seller=cast.seller,
            title="Desk lamp",
            price=Money(1999, "EUR"),
            handling_hours=72,
            deliver_by=now + timedelta(days=9),
        ),
        at=now - timedelta(days=2),
    )
    orders.pay(cast.platform, order, at=now - timedelta(days=2))
    conversation = messages.open_conversation(
        cast.ana,
        messages.NewConversation(buyer=cast.buyer, seller=cast.seller, topic="Where is my lamp?", order=order),
        at=now - timedelta(days=1),
    )
    messages.send(
        cast.ana, Conversation.objects.get(pk=conversation.pk), text="Hello <b>there</b>?", at=now - timedelta(days=1)
    )
    return cast


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def addresses() -> dict[str, str]:
    order, conversation, duty = Order.objects.get(), Conversation.objects.get(), Duty.objects.filter(rule="reply").get()
    return {
        "today": "/sell/", "sell_orders": "/sell/orders/", "inbox": "/sell/inbox/", "answers": "/sell/answers/", "health": "/sell/health/", "numbers": "/sell/numbers/", "sell_reviews": "/sell/reviews/", "party_reviews": f"/parties/{order.seller.uuid}/reviews/", "sell_disputes": "/sell/disputes/", "buy_disputes": "/buy/disputes/", "desk_disputes": "/desk/disputes/", "desk_figures": "/desk/disputes/figures/", "desk_network": "/desk/network/", "to_ship": "/sell/ship/",
        "buy": "/buy/", "buy_standing": "/buy/standing/", "buy_conversations": "/buy/conversations/", "order": f"/orders/{order.uuid}/",
        "conversation": f"/conversations/{conversation.uuid}/", "why_duty": f"/why/duty/{duty.party.uuid}/{duty.key}/", "desk": "/desk/",
        "desk_party": f"/desk/parties/{order.seller.uuid}/", "desk_journal": f"/desk/parties/{order.seller.uuid}/journal/?verify=1",
        "desk_journals": "/desk/journal/", "notices": "/notices/", "wishes": "/settings/", "desk_mails": "/desk/mail/", "desk_errands": "/desk/errands/", "components": "/desk/components/",
        "tokens": "/settings/tokens/", "desk_tokens": "/desk/tokens/", "desk_measures": "/desk/measures/", "desk_fairness": "/desk/fairness/", "plans": "/sell/plans/", "holidays": "/sell/holidays/", "desk_pauses": "/desk/pauses/", "desk_pause_new": "/desk/pauses/new/", "desk_clock": "/desk/clock/", "desk_plans": "/desk/plans/",
        "sell_listings": "/sell/listings/", "desk_listings": f"/desk/parties/{order.seller.uuid}/listings/",
        "desk_what_if": f"/desk/parties/{order.seller.uuid}/what-if/",
        "ask_measure": f"/desk/parties/{order.seller.uuid}/ask-measure/",
        "desk_ask_merge": f"/desk/parties/{order.seller.uuid}/take-over/",
    }  # fmt: skip


SELLS = {
    "holidays",
    "plans",
    "sell_reviews",
    "party_reviews",
    "numbers",
    "sell_disputes",
    "to_ship",
    "today",
    "sell_orders",
    "inbox",
    "answers",
    "health",
    "sell_listings",
    "notices",
    "wishes",
    "tokens",
}
BUYS = {"party_reviews", "buy", "buy_standing", "buy_disputes", "buy_conversations", "notices", "wishes", "tokens"}
DESK = {
    "desk_pauses",
    "desk_pause_new",
    "desk_clock",
    "party_reviews",
    "components",
    "desk",
    "desk_party",
    "desk_journal",
    "desk_journals",
    "notices",
    "wishes",
    "desk_mails",
    "desk_disputes",
    "desk_figures",
    "desk_network",
    "desk_errands",
    "desk_measures",
    "desk_fairness",
    "desk_plans",
    "ask_measure",
    "desk_ask_merge",
    "desk_what_if",
    "desk_listings",
    "tokens",
    "desk_tokens",
}
MAY_SEE = {
    "ana": BUYS | {"order", "conversation", "why_duty"}, "li": SELLS | {"order", "conversation", "why_duty"},
    "ken": DESK | {"order", "conversation", "why_duty"}, "bea": BUYS, "max": SELLS,
}  # fmt: skip


#: Pages that are looked at elsewhere, and addresses that are no pages: forms, parts of pages, files.
ELSEWHERE = {
    "home", "rules", "why_charge", "why_sanction", "measure", "measure_act", "measure_file", "measure_pdf", "case_file", "measure_case_file", "receipt", "check_paper", "listing", "answer", "promises", "desk_carriers", "desk_tracking",
    "answer_remove", "ask", "check", "check_goods", "check_photo", "check_number", "conversation_act", "decide", "draft", "errands_again", "alive", "ready", "edit_message", "file",
    "inbox_several", "note", "order_act", "review_act", "rules_source", "set_language", "ship_scans", "to_ship_csv", "token_revoke", "token_rotate",
    "verdict", "dispute", "dispute_act", "desk_dispute", "desk_dispute_act", "interest_declare", "evidence", "problem",
    "desk_measure", "desk_measure_act", "standard_subjects", "standard_subjects_csv", "take_off", "desk_fairness_csv", "plan", "plan_write", "desk_plan", "desk_plan_act", "desk_merge", "desk_merge_act", "desk_unlink", "desk_pause_end", "holiday_act", "desk_network_act",
}  # fmt: skip


@pytest.mark.django_db
def test_of_every_page_it_is_said_who_may_see_it(story: Cast) -> None:
    pages = {pattern.name for pattern in urlpatterns}
    assert len(pages) == len(urlpatterns), "two addresses of one name"
    assert pages == set(addresses()) | ELSEWHERE, "a page that nobody opens here: `addresses` and `MAY_SEE`"


def test_every_address_says_who_may_open_it() -> None:
    """But those that are for everybody."""
    open_to_all = {pattern.name for pattern in urlpatterns if not hasattr(pattern.callback, "needs")}
    assert open_to_all == {"home", "rules", "rules_source", "check_paper", "set_language", "alive", "ready"}


@pytest.mark.parametrize("who", MAY_SEE)
def test_everybody_sees_the_own_pages_and_no_others(story: Cast, who: str) -> None:
    client = sign_in(getattr(story, who))
    for name, address in addresses().items():
        response = client.get(address)
        assert response.status_code == (200 if name in MAY_SEE[who] else 403), (who, name)
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("who", ["ana", "li", "ken"])
def test_every_why_leads_to_its_page(story: Cast, who: str, now: datetime) -> None:
    """On every page that has one, and on the pages behind them."""
    clock.turn(now + timedelta(days=4))  # late with the answer and the parcel: duties, charges, a measure
    client, pages = sign_in(getattr(story, who)), addresses()
    asked: set[str] = set()
    waiting = [pages[name] for name in ("today", "health", "order", "conversation", "desk_party", "desk_journal")]
    while waiting:
        page = client.get(waiting.pop())
        if page.status_code == 403:
            continue
        assert page.status_code == 200
        new = set(re.findall(r'href="(/why/[^"]+)"', page.content.decode())) - asked
        asked |= new
        waiting += sorted(new)
        for address in new:
            assert client.get(address).status_code == 200, address
    assert {address.split("/")[2] for address in asked} >= (
        {"duty"} if who == "ana" else {"duty", "charge", "sanction"}
    )


def test_strangers_are_asked_to_sign_in_and_see_the_promises(story: Cast) -> None:
    client = Client()
    assert "Reply to a buyer&#x27;s message within 72 hours" in text(client.get("/"))
    for address in addresses().values():
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/account/login/?next=")


def test_nobody_signs_up_here(db: None) -> None:
    client = Client()
    response = client.post("/account/signup/", {"email": "x@example.org", "password1": "a long enough one"})
    assert get_user_model().objects.count() == 0
    assert response.status_code == 404


def test_signing_in_leads_to_the_own_workspace(story: Cast) -> None:
    from comity.actions import parties

    parties.give_login(story.seller, email="li@example.org", password="a long enough one")
    client = Client()
    wrong = client.post("/account/login/", {"login": "li@example.org", "password": "wrong"})
    assert wrong.status_code == 200
    right = client.post("/account/login/", {"login": "li@example.org", "password": "a long enough one"})
    assert (right.status_code, right["Location"]) == (302, "/sell/")
    with pytest.raises(Refused, match="has a login already"):
        parties.give_login(story.buyer, email="LI@example.org", password="a long enough one")


def test_today_shows_what_is_due_soonest_first_with_rule_time_and_button(story: Cast) -> None:
    page = text(sign_in(story.li).get("/sell/"))
    assert "3 things are due" in page
    first, second = page.index("Send the order, with a tracking number"), page.index("Reply to a buyer&#x27;s message")
    assert first < second < page.index("Deliver by the promised date")
    assert "23 h left" in page or "24 h left" in page
    assert "Why?" in page
    assert f"/conversations/{Conversation.objects.get().uuid}/" in page


def test_an_empty_today_says_what_will_appear(cast: Cast) -> None:
    assert "Nothing is due. New questions and orders will appear here" in text(sign_in(cast.max).get("/sell/"))


def test_a_reply_is_written_once_however_often_it_is_sent(story: Cast) -> None:
    client, address = sign_in(story.li), addresses()["conversation"]
    page = text(client.get(address))
    assert "Your turn." in page
    assert "&lt;b&gt;there&lt;/b&gt;" in page, "what people write is text, never markup"
    form = {"text": "It left today.", "once": str(uuid4())}
    for _ in range(2):
        assert client.post(address, form).status_code == 302
    assert Message.objects.filter(role="seller").count() == 1
    assert Duty.objects.get(rule="reply").status == "met"
    assert "Nobody is waiting for an answer." in text(client.get(address))


def test_a_refused_text_is_not_lost(story: Cast) -> None:
    response = sign_in(story.ana).post(addresses()["conversation"], {"text": "long " * 3000})
    assert response.status_code == 422
    assert "A message has 1 to 10000 characters" in text(response)
    assert "long long long" in text(response)


def test_agents_read_and_do_not_write(story: Cast) -> None:
    client, address = sign_in(story.ken), addresses()["conversation"]
    assert 'id="reply"' not in text(client.get(address))
    assert client.post(address, {"text": "Hi"}).status_code == 403
    assert Message.objects.count() == 1


def test_no_reply_needed(story: Cast) -> None:
    client, address = sign_in(story.li), addresses()["conversation"]
    assert client.post(f"{address}no-reply-needed/", {"reason": "nonsense"}, follow=True).status_code == 200
    assert Duty.objects.get(rule="reply").status == "open"
    client.post(f"{address}no-reply-needed/", {"reason": "thanks"})
    assert Duty.objects.get(rule="reply").status == "waived"


def test_a_seller_sends_the_parcel_and_the_buyer_sees_it(story: Cast, now: datetime) -> None:
    seller, buyer, address = sign_in(story.li), sign_in(story.ana), addresses()["order"]
    seller.post(f"{address}dispatch/", {"carrier": "", "number": "RR1"}, follow=True)
    assert not Shipment.objects.exists()
    seller.post(f"{address}dispatch/", {"carrier": "post", "number": "RR123"})
    assert Duty.objects.get(rule="dispatch").status == "met"
    scans.scan(story.platform, Shipment.objects.get(), scans.Event("in_transit", now, place="Łódź"))
    assert "RR123" in text(buyer.get(address))
    assert "on its way, <bdi>Łódź</bdi>" in text(buyer.get("/buy/"))
    assert buyer.post(f"{address}dispatch/", {"carrier": "x", "number": "1"}).status_code == 403


def test_a_buyer_asks_from_the_order(story: Cast) -> None:
    client, address = sign_in(story.ana), addresses()["order"]
    form = {"text": "在哪里？", "once": str(uuid4())}
    for _ in range(2):
        response = client.post(f"{address}ask/", form)
    assert "在哪里？" in text(client.get(response["Location"]))
    assert Conversation.objects.count() == 2
    assert client.post(f"{address}ask/", {"text": " "}, follow=True).status_code == 200
    assert Conversation.objects.count() == 2


def breach(story: Cast, count: int, now: datetime) -> None:
    for _ in range(count):
        made = messages.open_conversation(
            story.ana,
            messages.NewConversation(buyer=story.buyer, seller=story.seller, topic="?"),
            at=now - timedelta(days=9),
        )
        messages.send(
            story.ana,
            Conversation.objects.select_related("seller").get(pk=made.pk),
            text="?",
            at=now - timedelta(days=9),
        )
    clock.turn(now)


def test_why_explains_points_and_measures(cast: Cast, now: datetime) -> None:
    breach(cast, 12, now)
    seller = sign_in(cast.li)
    charge, freeze = Charge.objects.order_by("at")[0], Sanction.objects.get(measure="freeze")
    page = text(seller.get(f"/why/charge/{charge.party.uuid}/{charge.key}/"))
    assert "Reply to a buyer&#x27;s message within 72 hours" in page
    assert "/help/rules/#reply" in page
    assert "aliexpress@2026-01" in page
    assert "Buyer wrote" in page, "the fact that led here"
    assert "<dt>How long</dt><dd>72 hours</dd><dt>If not</dt><dd>1 point on the ledger service</dd>" in page
    page = text(seller.get(f"/why/sanction/{freeze.party.uuid}/{freeze.key}/"))
    assert page.count("/why/charge/") >= 12, "every charge that counted"
    assert "Freeze for 7 days, after a notice of 48 hours, if a person approves" in page
    panel = seller.get(f"/why/sanction/{freeze.party.uuid}/{freeze.key}/", headers={"HX-Request": "true"})
    assert "<html" not in text(panel)
    rival = sign_in(cast.max)
    assert rival.get(f"/why/sanction/{freeze.party.uuid}/{freeze.key}/").status_code == 403
    assert "12 points" in text(seller.get("/sell/health/"))


def test_an_agent_decides_what_is_proposed(cast: Cast, now: datetime) -> None:
    breach(cast, 12, now)
    agent, freeze = sign_in(cast.ken), Sanction.objects.get(measure="freeze")
    assert "Waiting for your decision" in text(agent.get("/desk/"))
    assert (
        sign_in(cast.li)
        .post(f"/desk/parties/{freeze.party.uuid}/sanctions/{freeze.key}/", {"decision": "approve"})
        .status_code
        == 403
    )
    agent.post(
        f"/desk/parties/{freeze.party.uuid}/sanctions/{freeze.key}/",
        {"decision": "decline", "reason": "nonsense", "asked_at": freeze.at.isoformat()},
        follow=True,
    )
    assert Sanction.objects.get(measure="freeze").status == "proposed"
    for _ in range(2):
        said = {"decision": "approve", "asked_at": freeze.at.isoformat()}
        agent.post(f"/desk/parties/{freeze.party.uuid}/sanctions/{freeze.key}/", said, follow=True)
    assert Sanction.objects.get(measure="freeze").status == "placed"


def test_the_journal_of_a_party_shows_decisions_of_either_kind(cast: Cast, now: datetime) -> None:
    """sanction.declined is the name of a fact and of a ruling; only the ruling has a page that explains it."""
    breach(cast, 12, now)
    agent, freeze = sign_in(cast.ken), Sanction.objects.get(measure="freeze")
    agent.post(
        f"/desk/parties/{freeze.party.uuid}/sanctions/{freeze.key}/",
        {"decision": "decline", "reason": "mistake", "asked_at": freeze.at.isoformat()},
        follow=True,
    )
    assert Sanction.objects.get(measure="freeze").status == "declined"
    pages = [agent.get(f"/desk/parties/{cast.seller.uuid}/journal/?page={number}") for number in (1, 2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert "An agent declined the measure" in text(pages[0])


def test_a_form_sent_after_signing_out_leads_back_to_its_page(cast: Cast) -> None:
    client, page = Client(), f"/orders/{uuid4()}/"
    answer = client.post(f"{page}cancel/", headers={"referer": f"http://testserver{page}"})
    assert answer["Location"] == f"/account/login/?next={page}"
    elsewhere = client.post(f"{page}cancel/", headers={"referer": "https://elsewhere.example/orders/"})
    assert elsewhere["Location"] == "/account/login/?next=/"


def test_the_desk_finds_parties_and_shows_what_is_stuck(story: Cast) -> None:
    agent = sign_in(story.ken)
    assert "Li Wei" in text(agent.get("/desk/?q=li"))
    assert "Nobody has that name." in text(agent.get("/desk/?q=%00zz&role=king"))
    Duty.objects.filter(rule="reply").update(stuck_at=datetime.now(UTC), stuck_why="KeyError: gone")
    assert "KeyError: gone" in text(agent.get("/desk/"))


def test_notices_are_read(story: Cast) -> None:
    client = sign_in(story.li)
    assert "due by" in text(client.get("/notices/"))
    client.post("/notices/")
    assert not Notice.objects.filter(party=story.seller, read_at=None).exists()


def test_pages_in_chinese(story: Cast) -> None:
    client = sign_in(story.li)
    client.post("/language/", {"language": "zh-hans", "next": "/sell/"})
    page = text(client.get("/sell/"))
    assert "72 小时内回复买家消息" in page
    assert "Why?" not in page
    assert 'lang="zh-hans"' in page


@pytest.mark.parametrize(
    "address",
    [
        "/nothing/",
        "/orders/00000000-0000-0000-0000-000000000000/",
        "/why/duty/00000000-0000-0000-0000-000000000000/none/",
        "/orders/x/",
    ],
)
def test_what_is_not_there_is_said_kindly(story: Cast, address: str) -> None:
    response = sign_in(story.li).get(address)
    assert response.status_code == 404
    assert "There is nothing here" in text(response)


def test_the_inbox_shows_what_waits_finds_words_and_does_several_at_once(story: Cast) -> None:
    client = sign_in(story.li)
    page = text(client.get("/sell/inbox/"))
    assert "Where is my lamp?" in page
    assert "unread" in page
    for found in ("there", "lamp", Order.objects.get().key, "hello there"):
        assert "Where is my lamp?" in text(client.get("/sell/inbox/", {"q": found})), found
    for nothing in ("giraffe", "' OR 1=1 --", "%", "_", "__a__ ²", "| & !", '"', "包裹", "x" * 5000):
        response = client.get("/sell/inbox/", {"q": nothing, "page": "²"})
        assert response.status_code == 200
        assert "Nothing found" in text(response), nothing
    assert "Where is my lamp?" in text(client.get("/sell/inbox/", {"q": "\x00"})), "asked for nothing: the inbox"
    conversation = Conversation.objects.get()
    assert "The buyer is waiting for an answer" in text(
        client.post("/sell/inbox/several/", {"deed": "close", "uuid": [str(conversation.uuid)]}, follow=True)
    )
    client.post("/sell/inbox/several/", {"deed": "no_reply", "uuid": [str(conversation.uuid), "nonsense"]})
    assert Duty.objects.get(rule="reply").status == "waived"
    assert "Nobody is waiting for an answer." in text(client.get("/sell/inbox/"))
    assert "Where is my lamp?" not in text(sign_in(story.max).get("/sell/inbox/", {"q": "lamp"}))


def test_answers_are_kept_suggested_and_judged(story: Cast, now: datetime) -> None:
    from comity.actions import answers
    from tests.classify.test_model import PARCEL, RETURN

    seller, buyer = sign_in(story.li), sign_in(story.ana)
    form = {
        "title": "Where is it?",
        "text-en": "Order {order} arrives by {promised_date}.",
        "examples": "\n".join(PARCEL),
    }
    refused = seller.post("/sell/answers/", {**form, "text-en": "See {nonsense}"})
    assert refused.status_code == 422
    assert "See {nonsense}" in text(refused), "nothing typed is lost"
    seller.post("/sell/answers/", {**form, "automatic": "on"})
    seller.post("/sell/answers/", {"title": "Returns", "text-en": "Within 15 days.", "examples": "\n".join(RETURN)})
    answers.learn_all(at=now)
    assert "Where is it?" in text(seller.get("/sell/answers/"))
    answers.prove_all(at=now)
    assert "English: only suggested. 0 of 170 questions of buyers so far" in text(seller.get("/sell/answers/"))
    prove(story.seller, "pt", "en", at=now)
    assert "English: sent at once from 80% certainty on. Of 1000 questions" in text(seller.get("/sell/answers/"))
    assert "Portuguese: sent at once" in text(seller.get("/sell/answers/"))
    conversation = messages.open_conversation(
        story.ana,
        messages.NewConversation(buyer=story.buyer, seller=story.seller, topic="Again", order=Order.objects.get()),
        at=now,
    )
    address = f"/conversations/{conversation.uuid}/"
    buyer.post(address, {"text": "Where is my parcel?"})
    page = text(buyer.get(address))
    assert "This did not help" in page
    assert "arrives by" in page
    assert "This may answer it" in text(seller.get(address))
    sent = Message.objects.get(automatic=True)
    assert seller.post(f"{address}helped/{sent.uuid}/", {"helped": "no"}).status_code == 403
    assert "must answer in person" in text(buyer.post(f"{address}helped/{sent.uuid}/", {"helped": "no"}, follow=True))
    assert "did not help" in text(seller.get(address))


def test_notes_are_for_the_own_side_and_agents_join_when_asked(story: Cast) -> None:
    address = addresses()["conversation"]
    seller, buyer, agent = sign_in(story.li), sign_in(story.ana), sign_in(story.ken)
    seller.post(f"{address}note/", {"note": "difficult customer"})
    agent.post(f"{address}note/", {"note": "watch this shop"})
    assert "difficult customer" in text(seller.get(address))
    for other, hidden in ((buyer, "difficult"), (agent, "difficult"), (seller, "watch this"), (buyer, "watch this")):
        assert hidden not in text(other.get(address))
    assert "Nobody has asked" in text(agent.post(f"{address}join/", follow=True))
    assert "Asked for your help" not in text(agent.get("/desk/"))
    buyer.post(f"{address}ask-agent/")
    assert "Asked for your help" in text(agent.get("/desk/"))
    agent.post(f"{address}join/")
    agent.post(address, {"text": "I am here to help."})
    assert "with Ken Adams of the platform" in text(buyer.get(address))
    assert "must answer" in text(buyer.get(address)), "an agent's word is not the seller's answer"
    buyer.post(f"{address}end/")
    assert "ended" in text(seller.get(address))
    assert sign_in(story.bea).post(f"{address}end/").status_code == 403


def test_a_doubtful_number_is_explained_kept_and_taken_once_the_seller_is_sure(story: Cast) -> None:
    order, seller = Order.objects.get(), sign_in(story.li)
    form = {"carrier": "ups", "number": "1Z5R89390357567128"}
    said = seller.get(f"/orders/{order.uuid}/number/", form)
    assert "wrong check digit" in text(said)
    assert "The number fits ups." in text(
        seller.get(f"/orders/{order.uuid}/number/", form | {"number": "1Z5R89390357567127"})
    )
    answer = seller.post(f"/orders/{order.uuid}/dispatch/", form)
    assert answer.status_code == 422
    assert 'value="1Z5R89390357567128"' in text(answer)
    assert not order.shipments.exists()
    assert seller.post(f"/orders/{order.uuid}/dispatch/", form | {"sure": "on"}).status_code == 302
    assert order.shipments.get().tracking_number == "1Z5R89390357567128"
    assert sign_in(story.max).get(f"/orders/{order.uuid}/number/", form).status_code == 403


def test_no_link_downloads_whatever_comes() -> None:
    """What cannot be had now, or by who is signed out, is a page, and no file under the name of what was asked for."""
    for template in (Path(__file__).parents[2] / "comity" / "web" / "templates").rglob("*.html"):
        assert not re.search(r"<a\b[^>]*\sdownload\b", template.read_text()), template.name
