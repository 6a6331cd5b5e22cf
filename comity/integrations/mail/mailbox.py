"""The operator's mailbox: opened, read within a bounded time, each mail by itself.

Whatever the mail server does, a round ends: it may refuse one mail, answer a byte at a time, or never.
"""

import logging
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from imaplib import IMAP4
from urllib.parse import SplitResult, unquote, urlsplit

from django.db import IntegrityError, connection
from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from comity.files.uploads import SafeFile
from comity.integrations.mail import addresses, incoming
from comity.integrations.mail.charsets import storable
from comity.integrations.mail.connection import BadServer
from comity.lib import moments, options
from comity.lib.within import within
from comity.records import errands
from comity.records import files as kept
from comity.records.models import IncomingMail, UnreadMail

logger = logging.getLogger(__name__)

MAX_MAIL_BYTES = 40_000_000
#: For how long one answer of the server is waited for.
TIMEOUT_SECONDS = 20
#: After this time no other mail is begun in a round; what is left is read in the next.
ROUND_SECONDS = 60
#: After this time the connection is closed, whatever is going on.
LAST_SECONDS = 180
MAX_A_ROUND = 200
#: How long a mail waits after each failure for our own reasons; then it is kept as failed, and not tried again.
WAITS = tuple(timedelta(minutes=2**number) for number in range(1, 8))


class Unreadable(ValueError):
    """The mail server hands a mail out without what we need of it."""


def fetch(now: datetime) -> int:
    """Read what is new in the mailbox; return how many mails were looked at. A mail that fails stays on record."""
    if not options.value("COMITY_IMAP_URL"):
        return 0
    count = 0
    with _opened() as mailbox:
        for number in mailbox.unread(now)[:MAX_A_ROUND]:
            if mailbox.is_late:
                break
            count += _read_one(mailbox, number, now)
    return count


def _read_one(mailbox: "_Mailbox", number: int, now: datetime) -> bool:
    """Read one mail in its own guard; return whether it was taken. Raises what no other mail can get past either."""
    raw = b""
    try:
        found = mailbox.mail(number)
        if found is None:  # gone meanwhile
            return False
        taken_at, raw = found
        # The mail server's clock may be ahead of ours; nothing is noted before it happened.
        incoming.take(raw, received_at=min(taken_at, now), now=now)
        # Last: a mail that was not taken down stays unread, and is found again.
        mailbox.mark(number)
    except Exception as error:
        _database_answers()
        _note(mailbox, number, raw, error, now)
        # A mail at which the server hangs up is tried later than the others, which wait for the next round.
        if isinstance(error, OSError | IMAPClientAbortError) and not mailbox.answers():
            raise
        return False
    UnreadMail.objects.filter(mailbox=mailbox.name, number=number).delete()
    return True


def _database_answers() -> None:
    """Raise what the database raises where it is away: then no mail can be read, and none is to blame."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _note(mailbox: "_Mailbox", number: int, raw: bytes, error: Exception, now: datetime) -> None:
    """Note that a mail could not be read; it waits twice as long each time, and after some is kept as failed."""
    row, _new = UnreadMail.objects.get_or_create(mailbox=mailbox.name, number=number, defaults={"due_at": now})
    row.attempts += 1
    row.save(update_fields=["attempts"])
    errands.failed([row], storable(f"{type(error).__name__}: {error}"), now, WAITS)
    logger.warning("mail %s of %s could not be read: %s", number, mailbox.name, type(error).__name__)
    if row.due_at is None:
        is_kept = _give_up(row, raw, now)
        with suppress(IMAPClientError, OSError):
            # What could not be kept stays unread, for people to see; it is not tried again either.
            if is_kept:
                mailbox.mark(number)


def _give_up(row: UnreadMail, raw: bytes, now: datetime) -> bool:
    """Keep a mail that cannot be read as failed, for people to see; return whether all that there is of it is kept."""
    digest = ""
    with suppress(OSError):
        digest = kept.keep(SafeFile("mail.eml", "message/rfc822", raw)) if raw else ""
    with suppress(IntegrityError):
        IncomingMail.objects.get_or_create(
            mail_id=f"<{row.number}@{row.mailbox}>",
            content=digest,
            defaults={"received_at": now, "noted_at": now, "outcome": "failed", "why": row.failed_why, "raw": digest},
        )
    return bool(digest) or not raw


@dataclass
class _Mailbox:
    """An open folder. `name` tells it apart from every other, and from one that was made anew under its name."""

    client: IMAPClient
    name: str
    deadline: "_Deadline"

    @property
    def is_late(self) -> bool:
        """Whether the round has taken its time."""
        return self.deadline.elapsed > ROUND_SECONDS

    def unread(self, now: datetime) -> list[int]:
        """Return the numbers of the unread mails that are to be tried now, the oldest first."""
        numbers = sorted(self.client.search("UNSEEN"))
        known = {row.number: row for row in UnreadMail.objects.filter(mailbox=self.name)}
        # Nobody waits any more for what was read or moved by hand, or for a folder of old.
        UnreadMail.objects.exclude(mailbox=self.name).delete()
        UnreadMail.objects.filter(mailbox=self.name, number__in=list(set(known) - set(numbers))[:500]).delete()
        return [each for each in numbers if each not in known or known[each].is_due(now)]

    def mail(self, number: int) -> tuple[datetime, bytes] | None:
        """Return when the server took a mail, and its first MAX_MAIL_BYTES; None where it is gone."""
        # PEEK does not mark the mail as read (RFC 3501, 6.4.5).
        wanted = ["INTERNALDATE", f"BODY.PEEK[]<0.{MAX_MAIL_BYTES}>"]
        parts = self.client.fetch([number], wanted).get(number)
        if not parts:
            return None
        taken_at = parts.get(b"INTERNALDATE")
        raw = next((value for name, value in parts.items() if name.startswith(b"BODY[]")), None)
        if not isinstance(taken_at, datetime) or not raw:
            raise Unreadable("the mail server gives no time or no text of this mail")
        return moments.in_utc(taken_at), raw

    def mark(self, number: int) -> None:
        """Mark a mail as read."""
        self.client.add_flags(number, [SEEN], silent=True)

    def answers(self) -> bool:
        """Whether the connection is still there."""
        try:
            self.client.noop()
        except (IMAPClientError, OSError):
            return False
        return True


@contextmanager
def _opened() -> Iterator[_Mailbox]:
    """Open the mailbox of COMITY_IMAP_URL: imaps:// or imap://user:password@host:port/FOLDER."""
    url = urlsplit(options.value("COMITY_IMAP_URL"))
    if url.scheme not in ("imap", "imaps") or not url.hostname or not url.username:
        raise BadServer("COMITY_IMAP_URL must be imaps:// or imap://user:password@host:port/FOLDER")
    if "@" not in addresses.own():
        raise BadServer("COMITY_MAIL_ADDRESS must be the address to which answers come, such as service@example.com")
    deadline = _Deadline()
    with within(LAST_SECONDS, lambda: deadline.held):
        client = _Client(url, deadline)
        client.normalise_times = False  # with their zone, not in this machine's
        try:
            client.login(unquote(url.username), unquote(url.password or ""))
            folder = unquote(url.path.strip("/")) or "INBOX"
            try:
                state = client.select_folder(folder)
            except IMAPClientError as error:
                raise BadServer(f"the folder {folder} of the mailbox cannot be opened: {error}") from None
            yield _Mailbox(client, f"{folder[:60]}.{state.get(b'UIDVALIDITY', 0)}", deadline)
        finally:
            try:
                client.logout()
            except (IMAPClientError, OSError):
                logger.debug("the mailbox was gone before we left it")


class _Deadline:
    """When a round began, and the connection that is closed where it lasts too long."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self.held: socket.socket | None = None

    @property
    def elapsed(self) -> float:
        """How many seconds have passed."""
        return time.monotonic() - self._begun

    def holds(self, one: socket.socket) -> None:
        """Name the connection that is to be closed."""
        self.held = one


class _Client(IMAPClient):  # type: ignore[misc,unused-ignore]
    """imapclient's client, over a connection that its deadline holds from the first byte on."""

    def __init__(self, url: SplitResult, deadline: _Deadline) -> None:
        self._deadline = deadline
        super().__init__(url.hostname, url.port, ssl=url.scheme == "imaps", timeout=TIMEOUT_SECONDS)

    def _create_IMAP4(self) -> IMAP4:  # noqa: N802 - imapclient's own name
        return _Connection(self.host, self.port, self.ssl, self._deadline)


class _Connection(IMAP4):
    """imaplib's connection. Certificates are checked."""

    def __init__(self, host: str, port: int, is_secret: bool, deadline: _Deadline) -> None:
        self._is_secret, self._deadline = is_secret, deadline
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        self._deadline.holds(plain)
        if not self._is_secret:
            return plain
        context = ssl.create_default_context()
        secret = context.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self._deadline.holds(secret)
        secret.do_handshake()
        return secret
