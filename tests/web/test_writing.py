"""A look before sending: what is remarked, that it blocks nothing, and that without JavaScript it is the same."""

from datetime import UTC, datetime, timedelta

import pytest

from comity.actions import messages
from comity.records.models import Conversation, Message
from tests.cast import Cast
from tests.web.test_pages import sign_in, text


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    order = cast.order()
    made = messages.open_conversation(
        cast.ana,
        messages.NewConversation(buyer=cast.buyer, seller=cast.seller, topic="Lamp", order=order),
        at=datetime.now(UTC) - timedelta(hours=1),
    )
    found = Conversation.objects.select_related("buyer", "seller").get(pk=made.pk)
    messages.send(cast.ana, found, text="Is it white?", at=datetime.now(UTC) - timedelta(minutes=30))
    return found


def test_the_text_is_looked_at(cast: Cast, talk: Conversation) -> None:
    seller, address = sign_in(cast.li), f"/conversations/{talk.uuid}/check/"
    said = text(seller.post(address, {"text": "Which order number? Call +49 30 901820, you idiot"}))
    assert "The buyer has already given you that." in said
    assert "+49 30 901820" in said
    assert "A word that may hurt." in said
    assert text(seller.post(address, {"text": "It is white."})) == ""
    assert sign_in(cast.max).post(address, {"text": "x"}).status_code == 403


def test_without_javascript_it_is_said_once_and_then_sent(cast: Cast, talk: Conversation) -> None:
    buyer, address = sign_in(cast.ana), f"/conversations/{talk.uuid}/"
    form = {"text": "Write to ana@people.example <b>"}
    answer = buyer.post(address, form)
    assert answer.status_code == 422
    assert "An e-mail address. Keep to this conversation" in text(answer)
    assert "Write to ana@people.example &lt;b&gt;</textarea>" in text(answer)
    assert Message.objects.count() == 1
    assert '<input type="hidden" name="looked" value="1">' in text(answer)
    assert buyer.post(address, form | {"looked": "1"}).status_code == 302
    assert Message.objects.count() == 2


def test_the_draft_is_offered_only_where_there_is_a_helper(
    cast: Cast, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller, address = sign_in(cast.li), f"/conversations/{talk.uuid}/"
    assert "Draft a reply by machine" not in text(seller.get(address))
    assert "no drafting helper" in text(seller.post(f"{address}draft/", follow=True))
    monkeypatch.setenv("COMITY_DRAFT_URL", "http://127.0.0.1:9/v1")
    assert "Draft a reply by machine" in text(seller.get(address))
    assert "It is being written." in text(seller.post(f"{address}draft/", headers={"HX-Request": "true"}))
    assert "It is being written." in text(seller.get(f"{address}draft/"))
    assert sign_in(cast.ana).get(f"{address}draft/").status_code == 403
