"""Mail out: who is to be told of a message, when by the reader's wishes, and the sending itself.

Nothing here is done by a request: messages are marked `unsent`, and errands plan and send.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import formataddr
from itertools import groupby
from smtplib import SMTPException
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from comity.integrations.mail import addresses
from comity.lib import moments, options
from comity.records.models import Contact, Conversation, Message, OutgoingMail
from comity.records.models.mails import MOST_BOUNCES

#: A message that nobody planned for within this time is not mailed any more: whoever looked, has seen it.
STALE = timedelta(days=2)
MAX_ATTEMPTS = 8
#: For how long one sender has a mail to itself, in case it dies with it.
LEASE = timedelta(minutes=10)
MORNING = 8
_BATCH = 500
#: Above this line of a mail is the answer; it is searched for in what comes back.
LINE = "##-"


class BadServer(ValueError):
    """An option that names a mail server cannot be used."""


def plan(now: datetime) -> int:
    """Decide for messages of which nobody was told yet who gets a mail and when; return how many mails.

    Where no mail is sent, nobody is told, and not later either.
    """
    count, is_on = 0, bool(options.value("COMITY_SMTP_URL"))
    while True:
        with transaction.atomic():
            rows = list(
                Message.objects.filter(unsent=True)
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("conversation")
                .order_by("id")[:_BATCH]
            )
            fresh = [row for row in rows if is_on and now - row.at < STALE]
            wishes = _wishes(fresh)
            mails = [
                OutgoingMail(message=row, party_id=key, due_at=due(wishes[key], now))
                for row in fresh
                for key in _readers(row)
                if key in wishes
            ]
            OutgoingMail.objects.bulk_create(mails, ignore_conflicts=True)
            Message.objects.filter(pk__in=[row.pk for row in rows]).update(unsent=False)
        count += len(mails)
        if len(rows) < _BATCH:
            return count


def due(contact: Contact, now: datetime) -> datetime:
    """Return when a party wants to be told: now, at the full hour, in the morning; never in the quiet hours."""
    there = now.astimezone(ZoneInfo(contact.party.time_zone))
    if contact.digest == "hourly":
        there = (there + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    elif contact.digest == "daily":
        morning = there.replace(hour=MORNING, minute=0, second=0, microsecond=0)
        # By the reader's wall clock, so that eight stays eight when summer time begins.
        there = morning if morning > there else morning + timedelta(days=1)
    begins, ends = contact.quiet_from, contact.quiet_until
    if begins is not None and ends is not None:
        quiet = begins <= there.hour < ends if begins < ends else there.hour >= begins or there.hour < ends
        if quiet:
            end = there.replace(hour=ends, minute=0, second=0, microsecond=0)
            there = end if end > there else end + timedelta(days=1)
    return moments.in_utc(there)


def _readers(message: Message) -> set[int]:
    """Return the keys of the parties who should hear of a message: all of its conversation but its writer."""
    talk = message.conversation
    parties = {talk.buyer_id, talk.seller_id} | ({talk.joined_by_id} if talk.joined_by_id else set())
    return parties - {message.author_id}


def _wishes(messages: Iterable[Message]) -> dict[int, Contact]:
    keys = {key for row in messages for key in _readers(row)}
    rows = Contact.objects.filter(party__in=keys, by_mail=True, bounced__lt=MOST_BOUNCES).select_related("party")
    return {row.party_id: row for row in rows}


def send_due(now: datetime) -> int:
    """Send what is due, all of one reader's and one conversation's together; return how many mails went out."""
    if not options.value("COMITY_SMTP_URL"):
        return 0
    connection = _connection()
    rows = _taken(now)
    count = 0
    for _party, own in groupby(sorted(rows, key=lambda row: (row.party_id, row.message_id)), lambda row: row.party_id):
        mine = list(own)
        gathered = mine[0].party.contact.digest != "each"
        if gathered:
            count += _post(mine, now, connection)
            continue
        by_talk = sorted(mine, key=lambda row: (row.message.conversation_id, row.message_id))
        for _talk, together in groupby(by_talk, lambda row: row.message.conversation_id):
            count += _post(list(together), now, connection)
    return count


def _taken(now: datetime) -> list[OutgoingMail]:
    """Take what is due for this sender alone: another one finds it due only after the lease."""
    with transaction.atomic():
        due_rows = OutgoingMail.objects.filter(due_at__lte=now).select_for_update(skip_locked=True)
        keys = [row.pk for row in due_rows.order_by("due_at")[:_BATCH]]
        OutgoingMail.objects.filter(pk__in=keys).update(due_at=now + LEASE)
    return list(
        OutgoingMail.objects.filter(pk__in=keys)
        .select_related(
            "party__contact", "message__author", "message__conversation__buyer", "message__conversation__seller"
        )
        .prefetch_related("message__files")
    )


def _post(rows: Sequence[OutgoingMail], now: datetime, connection: EmailBackend) -> int:
    """Send one mail; what keeps it from being sent is noted with it, and keeps no other waiting."""
    keys, attempts = [row.pk for row in rows], max(row.attempts for row in rows) + 1
    try:
        mail = composed(rows)
        mail.connection = connection
        mail.send()
    except (SMTPException, OSError, ValueError) as error:
        # Twice as long each time: eight tries within some four hours.
        wait = timedelta(minutes=min(2**attempts, 240))
        again = None if attempts >= MAX_ATTEMPTS else now + wait
        why = f"{type(error).__name__}: {error}"[:300]
        OutgoingMail.objects.filter(pk__in=keys).update(attempts=attempts, due_at=again, failed_why=why)
        return 0
    OutgoingMail.objects.filter(pk__in=keys).update(attempts=attempts, due_at=None, sent_at=now, failed_why="")
    return 1


def composed(rows: Sequence[OutgoingMail]) -> EmailMessage:
    """Return one mail to one reader about one or more messages, in the reader's language and zone."""
    reader, newest = rows[0].party, rows[-1].message
    talks: dict[Conversation, list[Message]] = {}
    for row in rows:
        talks.setdefault(row.message.conversation, []).append(row.message)
    shown: list[dict[str, Any]] = [
        {"talk": talk, "messages": said, "reply_to": addresses.reply_address(talk, reader), "link": _link(talk)}
        for talk, said in talks.items()
    ]
    alone = len(shown) == 1
    with translation.override(reader.language), timezone.override(ZoneInfo(reader.time_zone)):
        subject = render_to_string("mail/subject.txt", {"talks": shown, "newest": newest}).strip()
        body = render_to_string("mail/message.txt", {"talks": shown, "alone": alone, "reader": reader, "line": LINE})
    domain = addresses.own().partition("@")[2]
    # What answers it names a conversation even if the reply address was lost. A digest names several, so none.
    mail_id = addresses.mail_id(newest.uuid, reader.pk) if alone else f"<{newest.uuid}.{reader.pk}@{domain}>"
    return EmailMessage(
        # One line: topics are people's words, and a line break would begin another header.
        subject=" ".join(subject.split()),
        body=body,
        to=[reader.contact.email],
        # What cannot be delivered comes back to this very reader's address.
        from_email=shown[0]["reply_to"],
        reply_to=[shown[0]["reply_to"] if alone else addresses.own()],
        headers={
            "From": formataddr((" ".join(f"{newest.author.name} · Comity".split()), addresses.own())),
            "Message-ID": mail_id,
            **({"References": f"<{newest.conversation.uuid}@{domain}>"} if alone else {}),
            # A reader's machine does not answer a machine (RFC 3834), and we know our own mail again.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "X-Comity": str(newest.uuid),
        },
    )


def _link(talk: Conversation) -> str:
    site = options.value("COMITY_SITE").rstrip("/")
    return f"{site}/conversations/{talk.uuid}/" if site else ""


def _connection() -> EmailBackend:
    """Return a connection by COMITY_SMTP_URL: smtp://, smtp+starttls:// or smtps://user:password@host:port."""
    url = urlsplit(options.value("COMITY_SMTP_URL"))
    ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
    if url.scheme not in ports or not url.hostname:
        raise BadServer("COMITY_SMTP_URL must be smtp://, smtp+starttls:// or smtps://user:password@host:port")
    if "@" not in addresses.own():
        raise BadServer("COMITY_MAIL_ADDRESS must be the address from which mail is sent, such as service@example.com")
    return EmailBackend(
        host=url.hostname,
        port=url.port or ports[url.scheme],
        username=unquote(url.username or ""),
        password=unquote(url.password or ""),
        use_tls=url.scheme == "smtp+starttls",
        use_ssl=url.scheme == "smtps",
        timeout=20,
    )
