"""The mailbox in rounds: no mail and no mail server stops the others, and what fails is not read for ever."""

import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from comity.actions import answers
from comity.integrations import mail
from comity.integrations.mail import addresses, mailbox
from comity.records.models import IncomingMail, Message, UnreadMail
from tests.cast import Cast, hours
from tests.integrations.test_mail import answer, ask, office, reach, servers
from tests.postoffice import PostOffice

__all__ = ["office", "servers"]

POISON = [
    b"Content-Type: text/plain; =; x*0*=''\r\n\r\nx", b"Content-Type: text/html\r\n\r\n<![", b"Message-ID: <\x00\xed\xa0\x80>\r\n\r\n\x00",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 1_000, b"From: x@y\r\n\r\nhello" + b"\r\n" * 30_000, b"x",
]  # fmt: skip


@pytest.fixture
def to(cast: Cast, office: PostOffice) -> str:
    """The address at which Li answers."""
    reach(cast, cast.li)
    return addresses.reply_address(ask(cast), cast.seller)


def come(office: PostOffice, to: str, *texts: str) -> None:
    for text in texts:
        office.come(answer(to, text, mail_id=f"<{text}@x>"), at=hours(2))


def said() -> list[str]:
    return sorted(Message.objects.filter(role="seller").values_list("text", flat=True))


def failing(text: str, error: Exception, given: Callable[..., Any]) -> Callable[..., Any]:
    """What it was given, but for one text."""

    def tried(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("text") == text:
            raise error
        return given(*args, **kwargs)

    return tried


def test_poison_is_kept_and_the_mail_behind_it_is_read(office: PostOffice, to: str) -> None:
    for raw in POISON:
        office.come(raw, at=hours(1))
    come(office, to, "one")
    assert mail.fetch(hours(3)) == len(POISON) + 1
    assert (said(), office.unread(), UnreadMail.objects.count()) == (["one"], 0, 0)
    assert IncomingMail.objects.count() == len(POISON) + 1


@pytest.mark.parametrize(
    "error", [IMAPClientError("NO"), IMAPClientAbortError("the server hung up"), ValueError("a time that is none")]
)
def test_a_mail_that_the_server_does_not_hand_out_stops_no_other(
    office: PostOffice, to: str, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    come(office, to, "one", "two", "three")
    given, tried = mailbox._Mailbox.mail, []

    def refusing(self: Any, number: int) -> tuple[datetime, bytes] | None:
        found = given(self, number)
        if found and b"<two@x>" in found[1]:
            tried.append(number)
            raise error
        return found

    monkeypatch.setattr(mailbox._Mailbox, "mail", refusing)
    assert mail.fetch(hours(3)) == 2
    assert (said(), office.unread()) == (["one", "three"], 1)
    assert mail.fetch(hours(3)) == 0, "it waits"
    assert len(tried) == 1
    for attempt in range(1, len(mailbox.WAITS) + 1):
        mail.fetch(hours(3 + 5 * attempt))
    assert (len(tried), office.unread()) == (len(mailbox.WAITS) + 1, 0)
    row = IncomingMail.objects.get(outcome="failed")
    assert str(error) in row.why
    mail.fetch(hours(300))
    assert (len(tried), IncomingMail.objects.count()) == (len(mailbox.WAITS) + 1, 3), "and not again"


def test_a_mail_at_which_the_database_fails_stops_no_other(
    office: PostOffice, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    come(office, to, "one", "two")
    with monkeypatch.context() as patch:
        patch.setattr(answers, "ask", failing("one", OperationalError("statement timeout"), answers.ask))
        assert mail.fetch(hours(3)) == 1
    assert (said(), office.unread()) == (["two"], 1)
    assert UnreadMail.objects.get().due_at == hours(3) + timedelta(minutes=2)
    assert mail.fetch(hours(4)) == 1
    assert (said(), UnreadMail.objects.count()) == (["one", "two"], 0)


def test_a_round_is_bounded_and_the_next_goes_on(office: PostOffice, to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    come(office, to, "one", "two", "three")
    with monkeypatch.context() as patch:
        patch.setattr(mailbox, "ROUND_SECONDS", -1)
        assert mail.fetch(hours(3)) == 0
    monkeypatch.setattr(mailbox, "MAX_A_ROUND", 2)
    assert (mail.fetch(hours(3)), mail.fetch(hours(3)), mail.fetch(hours(3))) == (2, 1, 0)


def test_what_is_no_longer_unread_is_not_waited_for(office: PostOffice, to: str) -> None:
    UnreadMail.objects.create(mailbox="INBOX.1", number=7, attempts=2, due_at=hours(9))
    come(office, to, "one")
    assert mail.fetch(hours(3)) == 1
    assert not UnreadMail.objects.exists()


def test_a_server_that_answers_a_byte_at_a_time_is_left(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def drip(listening: socket.socket) -> None:
        there, _ = listening.accept()
        with there:
            while not over.wait(0.02):
                try:
                    there.sendall(b"*")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        monkeypatch.setenv("COMITY_IMAP_URL", f"imap://li:x@127.0.0.1:{listening.getsockname()[1]}/INBOX")
        monkeypatch.setattr(mailbox, "LAST_SECONDS", 0.2)
        began = time.monotonic()
        with pytest.raises((IMAPClientError, OSError)):
            mail.fetch(hours(1))
        assert time.monotonic() - began < mailbox.TIMEOUT_SECONDS / 2
        over.set()
        thread.join()
