"""Mail about disputes, measures and plans: what happened, whose turn it is, until when, and what if nobody acts.

Planned from notices, each of which is told by one mail at most. What a side is told of one case at once is one mail;
what it says is written when it goes out, so that it is true then. Nothing here is done by a request.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email.utils import formataddr
from functools import partial

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet

from comity.actions import letters, reached
from comity.actions.letters import Letter, MeasureLetter, PlanLetter
from comity.integrations.mail import addresses, outgoing
from comity.integrations.mail.connection import Connection
from comity.lib import options
from comity.records import errands
from comity.records.models import Contact, Dispute, ImprovementPlan, Notice, NoticeMail, Sanction
from comity.records.models.mails import MOST_BOUNCES

_BATCH, _TAKEN = 500, 50


#: Gives subject and body of a letter, in its reader's language and zone. Words are the pages' own: who runs the errand
#: hands them in.
Write = Callable[[Letter | MeasureLetter | PlanLetter], tuple[str, str]]
About = Dispute | Sanction | ImprovementPlan


def plan(now: datetime) -> int:
    """Decide for notices that nobody was written of yet who gets a mail and when; return how many mails.

    Where no mail is sent, nobody is written to of it, and not later either: the notice on the pages is there.
    """
    count = 0
    while True:
        with transaction.atomic():
            rows = list(
                Notice.objects.filter(unsent=True)
                .select_for_update(skip_locked=True, of=("self",))
                .order_by("id")[:_BATCH]
            )
            count += _plan(rows, now)
        if len(rows) < _BATCH:
            return count


def _plan(rows: list[Notice], now: datetime) -> int:
    """Plan mails for notices that are locked; return how many new ones."""
    is_on = bool(options.value("COMITY_SMTP_URL"))
    fresh = [row for row in rows if is_on and now - row.at < outgoing.STALE]
    wishes = _wishes(row.party_id for row in fresh)
    wished = [row for row in fresh if row.party_id in wishes]
    about: dict[int, About] = {
        **letters.disputes_of(wished),
        **letters.measures_of(wished),
        **letters.plans_of(wished),
    }
    gathered: dict[tuple[int, About], list[Notice]] = {}
    for row in fresh:
        if (thing := about.get(row.pk)) is not None:
            gathered.setdefault((row.party_id, thing), []).append(row)
    count = 0
    for (party, thing), mine in gathered.items():
        mail, is_new = _mail(wishes[party], thing, now)
        Notice.objects.filter(pk__in=[row.pk for row in mine]).update(mail=mail)
        count += is_new
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(unsent=False)
    return count


#: Where a mail holds what it is about.
_COLUMNS: Mapping[type, str] = {Dispute: "dispute", Sanction: "measure", ImprovementPlan: "plan"}


def _mail(contact: Contact, about: About, now: datetime) -> tuple[NoticeMail, bool]:
    """Return the mail that still waits for its hour, or else a new one; and whether it is new."""
    named = {_COLUMNS[type(about)]: about}
    waiting = NoticeMail.objects.filter(party=contact.party_id, attempts=0, due_at__gt=now, **named)
    # Locked, so that nobody sends it while something is added.
    if (found := waiting.select_for_update(skip_locked=True).first()) is not None:
        return found, False
    due = outgoing.due(contact, now)
    return NoticeMail.objects.create(party_id=contact.party_id, made_at=now, due_at=due, **named), True


def _wishes(parties: Iterable[int]) -> dict[int, Contact]:
    rows = Contact.objects.filter(party__in=set(parties), by_mail=True, bounced__lt=MOST_BOUNCES)
    return {row.party_id: row for row in rows.select_related("party")}


def send_due(now: datetime, write: Write) -> int:
    """Send what is due; return how many mails went out. `write` gives subject and body of a letter."""
    if not options.value("COMITY_SMTP_URL"):
        return 0
    connection, count, end = Connection(), 0, time.monotonic() + outgoing.ROUND_SECONDS
    taken = partial(errands.take, now=now, most=_TAKEN, lease=outgoing.LEASE, waits=outgoing.WAITS)
    try:
        while time.monotonic() < end and (rows := taken(_ready())):
            for row in rows:
                count += outgoing.post([row], partial(_composed, row, now, write), now, connection)
                if row.measure is not None and row.came_back:  # given up: no server took it
                    reached.unreached(row, at=now)
    finally:
        connection.close()
    return count


def _ready() -> QuerySet[NoticeMail]:
    sides = ("dispute__order__buyer", "dispute__order__seller", "dispute__holder")
    return NoticeMail.objects.select_related("party__contact", "measure__party", "plan__party", *sides)


def _composed(row: NoticeMail, now: datetime, write: Write) -> EmailMessage | None:
    letter = letters.of(row, at=now)
    return None if letter is None else composed(row, *write(letter))


def composed(row: NoticeMail, subject: str, body: str) -> EmailMessage:
    """Return the mail to a party about its dispute, a measure on it, or its plan."""
    back, domain = addresses.told_address(row.pk, row.party_id), addresses.own().partition("@")[2]
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=body,
        to=[row.party.contact.email],
        # What cannot be delivered comes back to this very mail's address.
        from_email=back,
        reply_to=[back],
        headers={
            "From": formataddr(("Comity", addresses.own())),
            "Message-ID": addresses.told_id(row.pk, row.party_id),
            # One thread for each dispute and each measure.
            "References": thread_of(row.about, domain),
            "In-Reply-To": thread_of(row.about, domain),
            # A reader's machine does not answer a machine (RFC 3834), and we know our own mail again.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "X-Comity": f"notice-{row.pk}",
        },
    )


def thread_of(about: About, domain: str) -> str:
    """Return the Message-ID that stands at the root of all mails about one thing."""
    name = about.uuid if isinstance(about, Dispute) else f"{_COLUMNS[type(about)]}-{about.party_id}-{about.key}"
    return f"<{name}@{domain}>"
