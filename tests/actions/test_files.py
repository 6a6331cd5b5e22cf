"""What comes with messages: files, quotes of orders and listings; messages changed within a day."""

import json
from contextlib import closing

import pytest
from django.http import Http404

from comity.actions import files, listings, messages
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.identity.files import handed_out
from comity.lib.ids import digest
from comity.lib.money import Money
from comity.records.files import path_of
from comity.records.models import Attachment, JournalLine, Listing, Message, MessageVersion
from tests.cast import Cast, hours
from tests.files.test_uploads import picture, zip_bomb


def data_of(kind: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(JournalLine.objects.get(kind=kind).body)["data"]
    return found


def test_files_are_kept_once_and_their_digests_are_in_the_journal(cast: Cast) -> None:
    conversation = cast.conversation()
    given = files.taken([("lamp.jpg", picture()), ("again.jpg", picture()), ("note.txt", b"It broke here.")])
    sent = messages.send(cast.ana, conversation, text="", at=hours(1), extras=messages.Extras(files=given))
    rows = list(Attachment.objects.filter(message=sent))
    assert [row.name for row in rows] == ["lamp.jpg", "again.jpg", "note.txt"]
    assert rows[0].sha256 == rows[1].sha256 != rows[2].sha256
    assert path_of(rows[2].sha256).read_bytes() == b"It broke here."
    said = data_of("message.sent")
    assert said["files"] == 3
    assert said["digest"] == digest(bytes(sent.salt), "\x00".join(["", "", *(row.sha256 for row in rows)]))


def test_all_files_that_are_not_taken_are_named(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        files.taken([("a.png", b"<html>"), ("b.jpg", picture()), ("c.zip", zip_bomb()), ("d.txt", b"")])
    assert len(refused.value.problems) == 3
    with pytest.raises(Refused, match="At most 10 files"):
        files.taken([("a.txt", b"x")] * 11)


@pytest.mark.parametrize(("who", "may"), [("ana", True), ("li", True), ("ken", True), ("bea", False), ("max", False)])
def test_who_may_read_a_file(cast: Cast, who: str, may: bool) -> None:
    given = messages.Extras(files=files.taken([("bill.txt", b"secret")]))
    messages.send(cast.ana, cast.conversation(), text="See", at=hours(1), extras=given)
    found, actor = Attachment.objects.get(), getattr(cast, who)
    if not may:
        with pytest.raises(Forbidden):
            handed_out(actor, found.uuid)
        return
    with closing(handed_out(actor, found.uuid)) as answer:
        assert answer.getvalue() == b"secret"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["Content-Disposition"] == 'attachment; filename="bill.txt"'


def test_a_file_whose_content_is_gone_is_not_found(cast: Cast) -> None:
    given = messages.Extras(files=files.taken([("gone.txt", b"only here, in this test")]))
    messages.send(cast.ana, cast.conversation(), text="See", at=hours(1), extras=given)
    found = Attachment.objects.get()
    path_of(found.sha256).unlink()
    with pytest.raises(Http404):
        handed_out(cast.ana, found.uuid)


def offer(cast: Cast, **more: object) -> Listing:
    values = {"title": "Desk lamp", "price": Money(1999, "EUR"), "handling_hours": 48, "external_id": "sku-1"} | more
    return listings.offer(cast.li, listings.Offered(cast.seller, **values), at=hours(0))  # type: ignore[arg-type]


def test_a_quote_stays_as_it_was_when_the_offer_changes(cast: Cast) -> None:
    listing = offer(cast)
    conversation = messages.open_conversation(
        cast.ana,
        messages.NewConversation(buyer=cast.buyer, seller=cast.seller, topic="The lamp", listing=listing),
        at=hours(0),
    )
    sent = messages.send(cast.ana, conversation, text="Is it white?", at=hours(1), extras=messages.Extras(quote=True))
    changed = offer(cast, title="Desk lamp, black", price=Money(2999, "EUR"))
    assert changed.pk == listing.pk
    quoted = json.loads(Message.objects.get(pk=sent.pk).quoted)
    assert (quoted["title"], quoted["amount"], quoted["kind"]) == ("Desk lamp", 1999, "listing")
    assert data_of("message.sent")["digest"] == digest(bytes(sent.salt), f"Is it white?\x00{sent.quoted}")


def test_a_quote_of_an_order_has_its_state_and_promise(cast: Cast) -> None:
    order = cast.order()
    sent = messages.send(
        cast.ana, cast.conversation(order), text="Hm", at=hours(1), extras=messages.Extras(quote=True)
    )  # fmt: skip
    assert json.loads(sent.quoted) == {
        "amount": 1999, "currency": "EUR", "deliver_by": "2026-03-22T09:00:00.000000Z", "key": order.key, "kind": "order",
        "state": "paid", "title": "Desk lamp",
    }  # fmt: skip


def test_bad_offers_are_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        offer(cast, title=" ", price=Money(-1, "EUR"), handling_hours=0)
    assert len(refused.value.problems) == 3
    with pytest.raises(Forbidden):
        listings.offer(
            cast.max,
            listings.Offered(seller=cast.seller, title="x", price=Money(1, "EUR"), handling_hours=1),
            at=hours(0),
        )
    with pytest.raises(Refused, match="another seller's"):
        messages.open_conversation(
            cast.ana,
            messages.NewConversation(buyer=cast.buyer, seller=cast.max.party, topic="x", listing=offer(cast)),
            at=hours(0),
        )


def test_a_changed_message_keeps_what_it_said_and_moves_no_clock(cast: Cast) -> None:
    conversation = cast.conversation()
    sent = messages.send(cast.ana, conversation, text="Where is it?", at=hours(1))
    due = type(conversation).objects.get(pk=conversation.pk).due_at
    sent.conversation = conversation
    messages.edit(cast.ana, sent, text="Where is my lamp?", at=hours(2))
    messages.edit(cast.ana, sent, text="Where is my lamp?", at=hours(3))
    changed = Message.objects.get(pk=sent.pk)
    assert (changed.text, changed.edited_at) == ("Where is my lamp?", hours(2))
    assert [version.text for version in MessageVersion.objects.all()] == ["Where is it?"]
    assert data_of("message.edited")["digest"] == digest(bytes(changed.salt), "Where is my lamp?")
    assert type(conversation).objects.get(pk=conversation.pk).due_at == due
    with pytest.raises(Forbidden):
        messages.edit(cast.li, sent, text="Never mind", at=hours(2))
    with pytest.raises(Refused, match="24 hours"):
        messages.edit(cast.ana, sent, text="Too late", at=hours(26))
    with pytest.raises(Refused):
        messages.edit(cast.ana, sent, text=" ", at=hours(3))
