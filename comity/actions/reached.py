"""Whether a party was told of a measure: by a page that it opened, by mail that did not come back, by hand."""

from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot, not_before
from comity.actions.guard import Actor
from comity.actions.measured import tell, texts_of
from comity.actions.parties import platform
from comity.policy.sanctions.measures import MeasureStatus
from comity.records.models import Contact, NoticeMail, Party, Sanction

_STANDS = (MeasureStatus.PROPOSED, MeasureStatus.PLACED)


def _against_telling(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if sanction.status not in _STANDS or sanction.told_at is not None:
        return WhyNot("told_already", _("It has been told already, or there is nothing left to tell."))
    return not_before(at, sanction.at)


TELL = Deed(Sanction, "told", "sanction.decide", _against_telling)


def untold() -> QuerySet[Sanction]:
    """Return the measures of which what told their party came back."""
    return Sanction.objects.filter(status__in=_STANDS, told_at=None)


def by_hand(actor: Actor, sanction: Sanction, *, at: datetime) -> None:
    """Note that a person told the party of a measure: by letter, by phone, through the shop."""
    with TELL.doing(actor, sanction, at=at):
        tell(actor, sanction.party, "sanction.told", at=at, about=sanction.ref, data={"how": "by_hand"})


def seen(party: Party, *, at: datetime) -> int:
    """Note that a party who is signed in sees its measures: those that nothing had told are told. Return how many."""
    count = 0
    for row in untold().filter(party=party):
        tell(Actor(platform(at)), party, "sanction.told", at=at, about=row.ref, data={"how": "page"}, apart="page")
        count += 1
    return count


def came_back(mail: NoticeMail, *, at: datetime, noted_at: datetime) -> None:
    """Note that a mail about a measure came back, once: unless something else has told of it, it is not told."""
    if bounced(mail, at=at):
        unreached(mail, at=noted_at)


def bounced(mail: NoticeMail, *, at: datetime) -> bool:
    """Count a mail that came back; return whether it was the first report of it."""
    if not NoticeMail.objects.filter(pk=mail.pk, bounced_at=None).update(bounced_at=at):
        return False
    Contact.objects.filter(party=mail.party_id).update(bounced=F("bounced") + 1)
    return True


def unreached(mail: NoticeMail, *, at: datetime) -> None:
    """Note that what told of a measure did not arrive, where the party has neither seen it nor said anything to it."""
    row = mail.measure
    if row is None or row.status not in _STANDS or mail.notices.filter(read_at__isnull=False).exists():
        return
    if any(text.author_id == row.party_id for text in texts_of(row)):
        return  # who answers a measure, or appeals against it, knows of it
    tell(
        Actor(platform(at)), row.party, "sanction.unreached", at=at, about=row.ref, data={"because": "bounced"},
        apart=str(mail.pk),
    )  # fmt: skip
