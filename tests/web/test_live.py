"""Parts that move: 304 while nothing changed, the part alone when it did; tickets for events that cannot be made up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.test import Client

from comity.actions import conversations, messages
from comity.records.models import Conversation
from comity.web.common import live
from tests.cast import Cast
from tests.web.test_pages import sign_in, text


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    made = messages.open_conversation(
        cast.ana,
        messages.NewConversation(buyer=cast.buyer, seller=cast.seller, topic="Lamp"),
        at=datetime.now(UTC) - timedelta(hours=1),
    )
    found = Conversation.objects.select_related("buyer", "seller").get(pk=made.pk)
    messages.send(cast.ana, found, text="Is it white?", at=datetime.now(UTC) - timedelta(minutes=30))
    return found


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute is part of what a page shows; a test may run over its end."""

    class Watch(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            del tz
            return datetime.now(UTC).replace(second=5)

    for module in ("trade.conversations", "seller.inbox", "seller.selling"):
        monkeypatch.setattr(f"comity.web.{module}.datetime", Watch)


def ask(client: Client, address: str, etag: str = "") -> tuple[int, str, str]:
    answer = client.get(address, headers={"X-Comity-Part": "1", "If-None-Match": etag})
    return answer.status_code, answer.headers.get("ETag", ""), text(answer)


@pytest.mark.parametrize("page", ["/sell/", "/sell/inbox/", "/conversations/{}/"])
def test_a_part_is_sent_again_only_when_it_changed(cast: Cast, talk: Conversation, page: str) -> None:
    seller, address = sign_in(cast.li), page.format(talk.uuid)
    whole = seller.get(address)
    assert "<!doctype html>" in text(whole)
    etag = whole.context["etag"]
    assert ask(seller, address, etag)[0] == 304
    messages.send(cast.ana, talk, text="Or black?", at=datetime.now(UTC))
    status, changed, part = ask(seller, address, etag)
    assert (status, changed != etag) == (200, True)
    assert "<!doctype" not in part
    assert ("Or black?" in part) is (page != "/sell/")
    assert ask(seller, address, changed)[0] == 304


def test_what_the_other_side_read_is_seen_and_nobody_elses_part(cast: Cast, talk: Conversation) -> None:
    buyer, address = sign_in(cast.ana), f"/conversations/{talk.uuid}/"
    etag = ask(buyer, address)[1]
    conversations.mark_read(cast.li, talk, at=datetime.now(UTC))
    status, _, part = ask(buyer, address, etag)
    assert status == 200
    assert "Read by the other side" in part
    assert ask(sign_in(cast.bea), address)[0] == 403
    assert ask(sign_in(cast.li), address, etag)[0] == 200, "another reader's ETag is another"


def test_without_events_pages_name_none(cast: Cast, talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    seller, address = sign_in(cast.li), f"/conversations/{talk.uuid}/"
    page = seller.get(address)
    assert 'data-events=""' in text(page)
    assert "connect-src 'self';" in page["Content-Security-Policy"]
    monkeypatch.setenv("COMITY_LIVE_URL", "https://live.market.example/events")
    page = seller.get(address)
    assert "https://live.market.example/events?ticket=" in text(page)
    assert "connect-src 'self' https://live.market.example;" in page["Content-Security-Policy"]


def test_tickets_are_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_LIVE_URL", "/live")
    ticket = live.events_url(["conversation:b", "party:1"]).partition("ticket=")[2]
    assert live.topics_of(ticket) == ["conversation:b", "party:1"]
    for bad in ("", "x", ticket[:-1], signing.dumps(["party:1"], salt="another")):
        with pytest.raises(signing.BadSignature):
            live.topics_of(bad)
