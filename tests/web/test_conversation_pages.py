"""The conversation's page with files, quotes and changes; what a form sends that is not taken, and nothing typed lost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.actions import listings, messages
from comity.lib.money import Money
from comity.records.models import Attachment, Conversation, Message
from tests.cast import Cast
from tests.files.test_uploads import huge_png, picture, zip_bomb
from tests.web.test_pages import sign_in, text


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def talk(cast: Cast, now: datetime) -> Conversation:
    listing = listings.offer(
        cast.li,
        listings.Offered(seller=cast.seller, title="Desk <b>lamp</b>", price=Money(1999, "EUR"), handling_hours=48),
        at=now,
    )
    made = messages.open_conversation(
        cast.ana,
        messages.NewConversation(buyer=cast.buyer, seller=cast.seller, topic="Lamp", listing=listing),
        at=now - timedelta(hours=1),
    )
    found = Conversation.objects.select_related("buyer", "seller", "listing").get(pk=made.pk)
    messages.send(cast.ana, found, text="Is it white?", at=now - timedelta(minutes=30))
    return found


def test_a_picture_and_a_quote_are_shown_and_handed_out(cast: Cast, talk: Conversation) -> None:
    seller, address = sign_in(cast.li), f"/conversations/{talk.uuid}/"
    sent = seller.post(address, {
        "text": "Like this:", "quote": "on", "files": [SimpleUploadedFile("white lamp.png", picture("PNG"))],
    })  # fmt: skip
    assert sent.status_code == 302
    page, file = text(seller.get(address)), Attachment.objects.get()
    assert f'<img src="/files/{file.uuid}/" alt="white lamp.png" width="60" height="40" loading="lazy">' in page
    assert "Desk &lt;b&gt;lamp&lt;/b&gt;" in page
    answer = sign_in(cast.ana).get(f"/files/{file.uuid}/")
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["Content-Disposition"].startswith("inline")
    assert sign_in(cast.max).get(f"/files/{file.uuid}/").status_code == 403
    assert sign_in(cast.bea).get(address).status_code == 403


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("bill.pdf", b"<html><script>", "bill.pdf is not the kind of file that its name says"),
        ("zip.zip", zip_bomb(), "zip.zip is of a kind that is not accepted"),
        ("huge.png", huge_png(), "huge.png has more than 40 million pixels"),
        ("../../etc/passwd\r\nX: y.png", b"", "is empty"),
    ],
)
def test_a_file_that_is_not_taken_loses_nothing_that_was_typed(
    cast: Cast, talk: Conversation, name: str, data: bytes, said: str
) -> None:
    answer = sign_in(cast.li).post(
        f"/conversations/{talk.uuid}/", {"text": "A long reply", "files": [SimpleUploadedFile(name, data)]}
    )
    assert answer.status_code == 422
    assert said in text(answer)
    assert ">A long reply</textarea>" in text(answer)
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "typed",
    ["👍", "مرحبا بكم", "\x07\x1b[31mred\x00", "<script>alert(1)</script>", "a\u202eb", "x" * 10_000],
)
def test_any_text_is_shown_as_text(cast: Cast, talk: Conversation, typed: str) -> None:
    seller, address = sign_in(cast.li), f"/conversations/{talk.uuid}/"
    assert seller.post(address, {"text": typed}).status_code == 302
    page = seller.get(address).content.decode()
    assert "<script>alert" not in page
    assert '<p class="text" dir="auto">' in page


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "x" * 1_000_000])
def test_nothing_and_too_much_are_refused_in_words(cast: Cast, talk: Conversation, typed: str) -> None:
    answer = sign_in(cast.li).post(f"/conversations/{talk.uuid}/", {"text": typed})
    assert answer.status_code == 422
    assert "A message has 1 to 10000 characters" in text(answer)


def test_too_much_at_once_is_refused_before_it_is_read(cast: Cast, talk: Conversation) -> None:
    answer = sign_in(cast.li).post(
        f"/conversations/{talk.uuid}/", data=b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="999000000"
    )  # fmt: skip
    assert answer.status_code == 413
    assert "Send fewer or smaller files." in text(answer)


def test_a_message_is_changed_by_its_writer_and_both_see_what_it_said(cast: Cast, talk: Conversation) -> None:
    message, buyer = Message.objects.get(), sign_in(cast.ana)
    address = f"/conversations/{talk.uuid}/messages/{message.uuid}/"
    assert address in text(buyer.get(f"/conversations/{talk.uuid}/"))
    assert buyer.post(address, {"text": " "}).status_code == 422
    assert buyer.post(address, {"text": "Is it black?"}).status_code == 302
    seller = sign_in(cast.li)
    page = text(seller.get(f"/conversations/{talk.uuid}/"))
    assert "Is it black?" in page
    assert "Is it white?" in page
    assert "Buyer changed a message" in page
    assert page.count('class="bubble') == 1
    assert seller.get(address).status_code == 403
    assert seller.post(address, {"text": "No"}).status_code == 403


def test_a_buyer_asks_about_an_offer_once(cast: Cast, talk: Conversation) -> None:
    assert talk.listing is not None
    address, buyer = f"/listings/{talk.listing.uuid}/", sign_in(cast.bea)
    page = buyer.get(address)
    assert "48 hours" in text(page)
    form = {"text": "Still there?", "once": page.context["once"]}
    assert [buyer.post(address, form).status_code for _ in range(2)] == [302, 302]
    made = Conversation.objects.get(buyer=cast.bea.party)
    assert made.messages.get().quoted
    assert buyer.post(address, {"text": ""}, follow=True).status_code == 200
    assert sign_in(cast.max).get(address).status_code == 403
    assert sign_in(cast.ana).post(address, {"text": ""}, follow=True).context["may_ask"]
