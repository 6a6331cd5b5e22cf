"""Mail in: from the operator's mailbox, each mail once; what a person answered becomes a message.

The time that counts is when the operator's own mail server took the mail (IMAP's INTERNALDATE), not what the sender's
clock said and not when we looked. A mail that was read late is judged late, and what it proves is overturned.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from comity.actions import answers, files, messages
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.files.uploads import SafeFile
from comity.integrations.mail import addresses, answering, machines, parsing
from comity.integrations.mail.charsets import storable
from comity.integrations.mail.not_taken import About, tell
from comity.integrations.mail.outgoing import LINE
from comity.records import files as kept
from comity.records import statements
from comity.records.engines import AWAY
from comity.records.models import Contact, Conversation, IncomingMail, Message, Party

logger = logging.getLogger(__name__)

#: More mails than this of one party in one conversation within an hour are two machines talking to each other.
MOST_AN_HOUR = 20
#: A mail to more conversations than this at once is written into the first ones alone.
MOST_CONVERSATIONS = 5
MAX_WHY_CHARS = 300
_BATCH = 100


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What becomes of a mail in one conversation."""

    outcome: str
    why: str = ""
    message: Message | None = None


def take(raw: bytes, *, received_at: datetime, now: datetime) -> IncomingMail:
    """Take one mail: keep it as it came, and write what a person answered into its conversation.

    The same mail again changes nothing. Never raises for what a mail holds; OperationalError and InterfaceError from
    the database, OSError where there is no room to keep it.
    """
    mail, error = _read(raw)
    if known := _known(mail):
        return known
    row = IncomingMail(
        mail_id=mail.mail_id,
        content=mail.content,
        received_at=received_at,
        noted_at=now,
        raw=kept.keep(SafeFile("mail.eml", "message/rfc822", raw)),
    )
    if error is not None:
        return _failed(row, error)
    try:
        with transaction.atomic():
            _judge(row, mail)
            row.save(force_insert=True)
    except AWAY:  # the database is away for a while: the mail stays unread
        raise
    except Exception as wrong:
        # Another reader of the same mailbox was a moment quicker.
        known = _known(mail) if isinstance(wrong, IntegrityError) else None
        return known or _failed(row, wrong)
    return row


def take_again(now: datetime) -> int:
    """Take anew the mails that failed and that somebody wants to be tried again; return how many."""
    rows = list(IncomingMail.objects.filter(outcome="again").order_by("id")[:_BATCH])
    for row in rows:
        try:
            with kept.opened(row.raw) as file:
                raw = file.read()
        except (kept.Lost, OSError) as error:
            IncomingMail.objects.filter(pk=row.pk).update(outcome="failed", why=f"{error}"[:MAX_WHY_CHARS])
            continue
        # In one transaction: cut off in between, the mail is still there.
        with transaction.atomic():
            row.delete()
            take(raw, received_at=row.received_at, now=now)
    return len(rows)


def _read(raw: bytes) -> tuple[parsing.Mail, Exception | None]:
    """Return a mail as it was read; under its digest alone, with the error, where it could not be."""
    try:
        return parsing.read(raw, own=addresses.own(), line=LINE), None
    except Exception as error:  # whatever a stranger may have written: it is kept, and the next one is read
        return parsing.Mail(mail_id=parsing.mail_id_of("", raw)), error


def _known(mail: parsing.Mail) -> IncomingMail | None:
    """Return the row of the same mail: of the same id, and with the same content where that was noted."""
    return IncomingMail.objects.filter(mail_id=mail.mail_id, content__in=[mail.content, ""]).first()


def _failed(row: IncomingMail, error: Exception) -> IncomingMail:
    """Keep a mail at which we failed, for people to see. Its words are not logged."""
    logger.error("a mail could not be taken (%s); it is kept as %s", type(error).__name__, row.raw)
    # The keys went with the transaction that gave them.
    row.pk, row.party, row.message, row.outcome = None, None, None, "failed"
    row.why = storable(f"{type(error).__name__}: {error}")[:MAX_WHY_CHARS]
    row.save(force_insert=True)
    return row


def _judge(row: IncomingMail, mail: parsing.Mail) -> None:
    """Decide what becomes of a mail, and carry it out. Only a person's answer, from the known address, is one."""
    if (told := answering.found(mail)) is not None:
        answering.judge(row, mail, told)
        return
    try:
        named = addresses.read(mail.to)
        row.outcome = "forged" if named else "no_token"
    except addresses.Forged as error:
        named, row.outcome, row.why = [], "forged", str(error)
    talks = [each for pair in named[:MOST_CONVERSATIONS] if (each := _talk(*pair))] or _answered(mail)
    if not talks:
        _judge_unnamed(row, mail)
        return
    verdicts: list[tuple[_Verdict, Party]] = []
    for talk, party in talks:
        # What is wrong is told to the party, on its pages.
        with translation.override(party.language):
            verdicts.append((_judge_answer(row, mail, talk, party), party))
        if mail.kind in (machines.OURS, machines.BOUNCE):
            break
    verdict, row.party = min(verdicts, key=lambda each: each[0].outcome != "accepted")
    row.outcome, row.why, row.message = verdict.outcome, verdict.why[:MAX_WHY_CHARS], verdict.message


def _judge_unnamed(row: IncomingMail, mail: parsing.Mail) -> None:
    """Say what a mail is that names no conversation. A person whose address we know is told."""
    if mail.kind == machines.OURS:
        row.outcome, row.why = "loop", ""
    elif mail.kind == machines.BOUNCE:
        row.outcome, row.why = "bounce", ""
    elif mail.kind == machines.PERSON and mail.sender:
        if row.outcome == "forged" and not row.why:
            row.why = "the reply address names no conversation of that party"
        # One address may be that of several parties.
        for contact in Contact.objects.filter(email__iexact=mail.sender).select_related("party")[:MOST_CONVERSATIONS]:
            with translation.override(contact.party.language):
                why = _("it does not say to which conversation it belongs")
                tell(contact.party, row, About(contact.party.ref, mail.subject or "…", why), once=True)


def _talk(conversation: int, party: int) -> tuple[Conversation, Party] | None:
    """Return a conversation and a party of it, by their keys; None where they do not belong together."""
    talk, found = _conversation(conversation), Party.objects.select_related("contact").filter(pk=party).first()
    if talk is None or found is None or found.pk not in (talk.buyer_id, talk.seller_id, talk.joined_by_id):
        return None
    return talk, found


def _answered(mail: parsing.Mail) -> list[tuple[Conversation, Party]]:
    """Return the conversation of the mail of ours that a mail answers, and the party that we sent it to."""
    named = addresses.read_ids(mail.answers)
    if named is None:
        return []
    key = Message.objects.filter(uuid=named[0]).values_list("conversation", flat=True).first()
    found = _talk(key, named[1]) if key else None
    return [found] if found else []


def _judge_answer(row: IncomingMail, mail: parsing.Mail, talk: Conversation, party: Party) -> _Verdict:
    contact = Contact.objects.filter(party=party).first()
    is_known = contact is not None and mail.sender == contact.email.lower()
    if mail.kind == machines.OURS:
        return _Verdict("loop")
    # Mail servers write as themselves; a note of absence comes from the reader, be its return path empty or not.
    if mail.kind == machines.BOUNCE and not is_known:
        Contact.objects.filter(party=party).update(bounced=F("bounced") + 1)
        return _Verdict("bounce")
    if mail.kind in (machines.AUTOMATIC, machines.BOUNCE) or (mail.kind == machines.LIST and not is_known):
        return _Verdict("automatic")
    if mail.kind == machines.AWAY and not _begins_alike(mail.subject, talk.topic):
        verdict = _Verdict("automatic", _("its subject says that it is an automatic reply"))
    # A token can be forwarded; the address that it was sent to must be the one that answers.
    elif not is_known:
        verdict = _Verdict("stranger", _("it came from an address other than yours"))
    elif _is_loop(row, talk, party):
        verdict = _Verdict("loop", _("more mails came within an hour than a person writes"))
    elif mail.sealed and not (mail.text or mail.files):
        verdict = _Verdict("refused", _("it is encrypted and nobody here can open it; send it without encryption"))
    else:
        return _write(row, mail, talk, party)
    tell(party, row, About(talk.ref, talk.topic, verdict.why), once=verdict.outcome != "refused")
    return verdict


def _begins_alike(subject: str, topic: str) -> bool:
    """Whether a subject is the conversation's own: people talk about automatic replies, too."""
    return bool(topic.strip()) and " ".join(subject.split()).lower().startswith(" ".join(topic.split()).lower()[:30])


def _write(row: IncomingMail, mail: parsing.Mail, talk: Conversation, party: Party) -> _Verdict:
    """Write a person's answer as a message, dated when our mail server took it."""
    taken, wrong = files.sorted_out(mail.files)
    identity = uuid5(NAMESPACE_URL, f"{mail.mail_id} {mail.content} {talk.uuid}")
    arrival = messages.Arrival(noted_at=row.noted_at, identity=identity)
    extras = messages.Extras(files=taken, channel="mail")
    try:
        with transaction.atomic():
            # Inside a savepoint: a message that is refused does not take the record of its mail along.
            message = answers.ask(
                Actor(party), talk, text=mail.text, at=row.received_at, arrival=arrival, extras=extras
            )
    except (Refused, Forbidden) as error:
        verdict = _Verdict("refused", "; ".join([str(error), *wrong])[:MAX_WHY_CHARS])
        tell(party, row, About(talk.ref, talk.topic, verdict.why))
        return verdict
    Contact.objects.filter(party=party).exclude(bounced=0).update(bounced=0)
    verdict = _Verdict("accepted", "; ".join(wrong)[:MAX_WHY_CHARS], message)
    if wrong:
        tell(party, row, About(talk.ref, talk.topic, verdict.why), kind="mail.files_not_taken")
    return verdict


def _is_loop(row: IncomingMail, talk: Conversation, party: Party) -> bool:
    """Whether a party writes by mail in a conversation more often than a person does."""
    since = row.received_at - timedelta(hours=1)
    recent = Message.objects.filter(conversation=talk, author=party, channel="mail", at__gte=since)
    return recent.count() >= MOST_AN_HOUR


def _conversation(key: int) -> Conversation | None:
    uuid = Conversation.objects.filter(pk=key).values_list("uuid", flat=True).first()
    return statements.conversation(uuid) if uuid else None
