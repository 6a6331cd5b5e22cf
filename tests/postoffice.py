"""A real mail server for the tests, on loopback: SMTP by aiosmtpd, IMAP by pymap. Both end with the session."""

import imaplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.server import free_port

ADDRESS = "service@market.example"
USER, PASSWORD = "demouser", "demo pass/word"


@dataclass
class PostOffice:
    """What was sent, and a mailbox into which answers come."""

    smtp_port: int
    imap_port: int
    sent: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    #: Answers that SMTP gives instead of taking the mail.
    refuses: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        secret = PASSWORD.replace(" ", "%20").replace("/", "%2F")
        return {
            "COMITY_MAIL_ADDRESS": ADDRESS, "COMITY_SITE": "https://market.example",
            "COMITY_SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "COMITY_IMAP_URL": f"imap://{USER}:{secret}@127.0.0.1:{self.imap_port}/INBOX",
        }  # fmt: skip

    def come(self, raw: bytes, *, at: datetime) -> None:
        """A mail comes into the mailbox; the server took it at `at`."""
        with self._mailbox() as mailbox:
            mailbox.append("INBOX", "", at, raw)

    def unread(self) -> int:
        with self._mailbox() as mailbox:
            mailbox.select("INBOX")
            return len(mailbox.uid("SEARCH", "UNSEEN")[1][0].split())

    def empty(self) -> None:
        with self._mailbox() as mailbox:
            mailbox.select("INBOX")
            mailbox.store("1:*", "+FLAGS", r"(\Deleted)")
            mailbox.expunge()
        self.sent.clear()
        self.envelopes.clear()
        self.refuses.clear()

    @contextmanager
    def _mailbox(self) -> Iterator[imaplib.IMAP4]:
        mailbox = imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=20)
        mailbox.login(USER, PASSWORD)
        try:
            yield mailbox
        finally:
            mailbox.logout()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """aiosmtpd's: take one mail."""
        if self.refuses:
            return self.refuses.pop(0)
        self.sent.append(message_from_bytes(envelope.content, policy=default))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def open_office() -> Iterator[PostOffice]:
    """Open the servers, and close them."""
    office = PostOffice(free_port(), free_port())
    smtp = Controller(office, hostname="127.0.0.1", port=office.smtp_port)
    smtp.start()
    command = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(office.imap_port), "--no-tls",
               "dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD]  # fmt: skip
    imap = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(office, imap)
        yield office
    finally:
        imap.terminate()
        imap.wait(timeout=20)
        smtp.stop()


def _wait_for(office: PostOffice, imap: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert imap.poll() is None, "the IMAP server stopped"
        try:
            office.empty()
            return
        except (OSError, imaplib.IMAP4.error):
            time.sleep(0.1)
    raise AssertionError("the IMAP server does not answer")
