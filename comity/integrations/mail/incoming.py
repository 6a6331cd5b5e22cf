"""Mail in: from the operator's mailbox, each mail once; what a person answered becomes a message.

The time that counts is when the operator's own mail server took the mail (IMAP's INTERNALDATE), not what the sender's
clock said and not when we looked. A mail that was read late is judged late, and what it proves is overturned.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from comity.actions import answers, files, messages
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.files.uploads import SafeFile
from comity.integrations.mail import addresses, parsing
from comity.integrations.mail.connection import BadServer
from comity.integrations.mail.outgoing import LINE
from comity.lib import moments, options
from comity.records import files as kept
from comity.records import statements
from comity.records.models import Contact, Conversation, IncomingMail, Message, Notice, Party

logger = logging.getLogger(__name__)

#: More mails than this of one party in one conversation within an hour are two machines talking to each other.
MOST_AN_HOUR = 20
MAX_MAIL_BYTES = 40_000_000
TIMEOUT_SECONDS = 20


def fetch(now: datetime) -> int:
    """Read what is new in the mailbox; return how many mails were looked at. A mail that fails stays on record."""
    if not options.value("COMITY_IMAP_URL"):
        return 0
    count = 0
    with _mailbox() as mailbox:
        for number in mailbox.search("UNSEEN"):
            taken_at, raw = _one(mailbox, number)
            if taken_at is None or not raw:  # gone meanwhile, or not to be read: left unread, for people to see
                continue
            # The mail server's clock may be ahead of ours; nothing is noted before it happened.
            take(raw, received_at=min(taken_at, now), now=now)
            count += 1
            # Last: a mail that was not taken down stays unread, and is found again.
            mailbox.add_flags(number, [SEEN], silent=True)
    return count


def take(raw: bytes, *, received_at: datetime, now: datetime) -> IncomingMail:
    """Take one mail: keep it as it came, and write what a person answered into its conversation.

    The same mail again changes nothing. Never raises for what a mail holds; OperationalError from the database.
    """
    mail = parsing.read(raw, own=addresses.own(), line=LINE)
    if known := IncomingMail.objects.filter(mail_id=mail.mail_id).first():
        return known
    row = IncomingMail(
        mail_id=mail.mail_id,
        received_at=received_at,
        noted_at=now,
        raw=kept.keep(SafeFile("mail.eml", "message/rfc822", raw)),
    )
    try:
        with transaction.atomic():
            _judge(row, mail)
            row.save(force_insert=True)
    except IntegrityError:  # another reader of the same mailbox was a moment quicker
        if known := IncomingMail.objects.filter(mail_id=mail.mail_id).first():
            return known
        raise
    except OperationalError:  # the database is away for a while: the mail stays unread, and is tried again
        raise
    except Exception as error:
        logger.exception("a mail could not be taken; it is kept as %s", row.raw)
        # The keys went with the transaction that gave them.
        row.pk, row.message, row.outcome, row.why = None, None, "failed", f"{type(error).__name__}: {error}"[:300]
        row.save(force_insert=True)
    return row


def _judge(row: IncomingMail, mail: parsing.Mail) -> None:
    """Decide what becomes of a mail, and carry it out. Only a person's answer, from the known address, is one."""
    try:
        named = addresses.read(mail.to)
    except addresses.Forged as error:
        row.outcome, row.why = "forged", str(error)
        return
    if named is None:
        row.outcome = "loop" if mail.ours else "bounce" if mail.bounce else "no_token"
        return
    talk, party = _conversation(named[0]), Party.objects.select_related("contact").filter(pk=named[1]).first()
    if talk is None or party is None or party.pk not in (talk.buyer_id, talk.seller_id, talk.joined_by_id):
        row.outcome, row.why = "forged", "the reply address names no conversation of that party"
        return
    # What is wrong is told to the party, on its pages.
    with translation.override(party.language):
        _judge_answer(row, mail, talk, party)


def _judge_answer(row: IncomingMail, mail: parsing.Mail, talk: Conversation, party: Party) -> None:
    row.party, contact = party, Contact.objects.filter(party=party).first()
    if mail.bounce:
        row.outcome = "bounce"
        Contact.objects.filter(party=party).update(bounced=F("bounced") + 1)
    elif mail.ours or _is_loop(row, talk, party):
        row.outcome = "loop"
    elif mail.automatic:
        row.outcome = "automatic"
    # A token can be forwarded; the address that it was sent to must be the one that answers.
    elif contact is None or mail.sender != contact.email.lower():
        row.outcome, row.why = "stranger", _("it came from an address other than yours")
        _tell(party, talk, row)
    else:
        _write(row, mail, talk, party)


def _write(row: IncomingMail, mail: parsing.Mail, talk: Conversation, party: Party) -> None:
    """Write a person's answer as a message, dated when our mail server took it."""
    taken, wrong = files.sorted_out(mail.files)
    arrival = messages.Arrival(noted_at=row.noted_at, identity=uuid5(NAMESPACE_URL, mail.mail_id))
    extras = messages.Extras(files=taken, channel="mail")
    try:
        with transaction.atomic():
            # Inside a savepoint: a message that is refused does not take the record of its mail along.
            row.message = answers.ask(
                Actor(party), talk, text=mail.text, at=row.received_at, arrival=arrival, extras=extras
            )
    except (Refused, Forbidden) as error:
        row.outcome, row.why = "refused", str(error)[:300]
        _tell(party, talk, row)
        return
    row.outcome, row.why = "accepted", "; ".join(wrong)[:300]
    Contact.objects.filter(party=party).exclude(bounced=0).update(bounced=0)
    if wrong:
        _tell(party, talk, row)


def _is_loop(row: IncomingMail, talk: Conversation, party: Party) -> bool:
    """Whether a party writes by mail in a conversation more often than a person does."""
    since = row.received_at - timedelta(hours=1)
    recent = Message.objects.filter(conversation=talk, author=party, channel="mail", at__gte=since)
    return recent.count() >= MOST_AN_HOUR


def _tell(party: Party, talk: Conversation, row: IncomingMail) -> None:
    """Tell a party on its pages that a mail, or a file in it, was not taken, and why."""
    kind = "mail.files_not_taken" if row.outcome == "accepted" else "mail.not_taken"
    Notice.objects.create(
        party=party,
        kind=kind,
        matter=talk.ref,
        at=row.noted_at,
        values={
            "topic": talk.topic,
            "why": row.why,
            "at": moments.to_text(row.received_at),
        },
    )


def _conversation(key: int) -> Conversation | None:
    uuid = Conversation.objects.filter(pk=key).values_list("uuid", flat=True).first()
    return statements.conversation(uuid) if uuid else None


@contextmanager
def _mailbox() -> Iterator[IMAPClient]:
    """Open the mailbox of COMITY_IMAP_URL: imaps:// or imap://user:password@host:port/FOLDER."""
    url = urlsplit(options.value("COMITY_IMAP_URL"))
    if url.scheme not in ("imap", "imaps") or not url.hostname or not url.username:
        raise BadServer("COMITY_IMAP_URL must be imaps:// or imap://user:password@host:port/FOLDER")
    if "@" not in addresses.own():
        raise BadServer("COMITY_MAIL_ADDRESS must be the address to which answers come, such as service@example.com")
    mailbox = IMAPClient(url.hostname, url.port, ssl=url.scheme == "imaps", timeout=TIMEOUT_SECONDS)
    mailbox.normalise_times = False  # with their zone, not in this machine's
    try:
        mailbox.login(unquote(url.username), unquote(url.password or ""))
        folder = unquote(url.path.strip("/")) or "INBOX"
        try:
            mailbox.select_folder(folder)
        except IMAPClientError as error:
            raise BadServer(f"the folder {folder} of the mailbox cannot be opened: {error}") from None
        yield mailbox
    finally:
        try:
            mailbox.logout()
        except (IMAPClientError, OSError):
            logger.debug("the mailbox was gone before we left it")


def _one(mailbox: IMAPClient, number: int) -> tuple[datetime | None, bytes]:
    """Return when the server took a mail, and its first MAX_MAIL_BYTES; None and nothing where it is gone."""
    # PEEK does not mark the mail as read (RFC 3501, 6.4.5).
    parts = mailbox.fetch([number], ["INTERNALDATE", f"BODY.PEEK[]<0.{MAX_MAIL_BYTES}>"]).get(number, {})
    taken_at = parts.get(b"INTERNALDATE")
    raw = next((value for name, value in parts.items() if name.startswith(b"BODY[]")), None)
    return taken_at and moments.in_utc(taken_at), raw or b""
