"""Mail out: who is to be told of a message, when by the reader's wishes, and the sending itself.

Nothing here is done by a request: messages are marked `unsent`, and errands plan and send.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import formataddr
from functools import partial
from itertools import groupby
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from comity.integrations.mail import addresses
from comity.integrations.mail.connection import Connection
from comity.lib import moments, options, zones
from comity.records import errands
from comity.records.engines import AWAY
from comity.records.models import Contact, Conversation, Message, NoticeMail, OutgoingMail
from comity.records.models.mails import MOST_BOUNCES

logger = logging.getLogger(__name__)

#: A message that nobody planned for within this time is not mailed any more: whoever looked, has seen it.
STALE = timedelta(days=2)
#: How long to wait after each failure, twice as long each time; eight tries within some four hours.
WAITS = tuple(timedelta(minutes=2**number) for number in range(1, 8))
#: For how long one sender has a mail to itself, in case it dies with it.
LEASE = timedelta(minutes=10)
MORNING = 8
#: How long a round goes on, and one mail, in seconds: a server that sends a byte now and then holds up no other.
ROUND_SECONDS = 60.0
#: How many messages are planned for at once, and how many mails taken.
_BATCH, _TAKEN = 500, 50
#: Above this line of a mail is the answer; it is searched for in what comes back.
LINE = "##-"


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
    there = now.astimezone(zones.zone(contact.party.time_zone))
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
    connection, count, end = Connection(), 0, time.monotonic() + ROUND_SECONDS
    try:
        while time.monotonic() < end and (rows := errands.take(_ready(), now, most=_TAKEN, lease=LEASE, waits=WAITS)):
            for mine in _together(rows):
                count += post(mine, partial(composed, mine), now, connection)
    finally:
        connection.close()
    return count


def _ready() -> QuerySet[OutgoingMail]:
    rows = OutgoingMail.objects.select_related(
        "party__contact", "message__author", "message__conversation__buyer", "message__conversation__seller"
    )
    return rows.prefetch_related("message__files")


def _together(rows: Iterable[OutgoingMail]) -> Iterator[list[OutgoingMail]]:
    """Yield what goes into one mail: all that a reader wants gathered, else what one conversation has for a reader."""

    def one_mail(row: OutgoingMail) -> tuple[int, int]:
        gathered = row.party.contact.digest != "each"
        return row.party_id, 0 if gathered else row.message.conversation_id

    for _mail, own in groupby(sorted(rows, key=lambda row: (*one_mail(row), row.message_id)), one_mail):
        yield list(own)


def post(
    rows: Sequence[OutgoingMail | NoticeMail],
    compose: Callable[[], EmailMessage | None],
    now: datetime,
    connection: Connection,
) -> int:
    """Send the one mail that `compose` makes of rows; where it makes none, they are done. Return how many were sent.

    What keeps it from being sent is noted with it, and keeps no other waiting.
    """
    try:
        mail = compose()
        if mail is None:
            errands.succeeded(rows)
            return 0
        with connection.in_time():
            connection.open()
            connection.send_messages([mail])
    except AWAY:
        raise
    # The server's no, a text that no mail can hold, a zone that nobody knows: whatever it is, it is of this mail.
    except Exception as error:
        if not isinstance(error, SMTPException | OSError):
            logger.exception("mail %s could not be sent", rows[0].pk)
        _drop(connection)
        errands.failed(rows, f"{type(error).__name__}: {error}", now, WAITS)
        return 0
    errands.succeeded(rows, sent_at=now)
    return 1


def _drop(connection: Connection) -> None:
    """Leave a server without a word, for it may not listen: the next mail begins with a connection of its own."""
    if connection.connection is not None:
        connection.connection.close()
        connection.connection = None


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
    with translation.override(reader.language), timezone.override(zones.zone(reader.time_zone)):
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
