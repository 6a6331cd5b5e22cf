"""How parties are told: their address, each message by itself or gathered, quiet hours, language and zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from comity.actions import parties
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden, require
from comity.records import statements
from comity.records.models import Contact, Party
from comity.records.models.mails import DIGESTS


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a party wants to be told. None leaves address, language or zone as they are.

    digest                   each message by itself, or gathered: one of DIGESTS
    quiet_from, quiet_until  whole hours of the party's day in which nothing is sent; both or neither
    """

    by_mail: bool
    digest: str
    quiet_from: int | None = None
    quiet_until: int | None = None
    email: str | None = None
    language: str | None = None
    time_zone: str | None = None


def save(actor: Actor, party: Party, wishes: Wishes, *, at: datetime) -> Contact:
    """Keep a party's wishes. Raises Refused, Forbidden.

    Only the shop and the operator give an address: whoever could change it would read what others are sent.
    """
    require(actor, "contact.edit", party, at=at)
    with transaction.atomic():
        statements.lock(party.pk)
        return _save(actor, party, wishes)


def _save(actor: Actor, party: Party, wishes: Wishes) -> Contact:
    """Keep the wishes of a locked party."""
    known, email = Contact.objects.filter(party=party).first(), wishes.email
    if email is not None and (known is None or email != known.email) and actor.role != "platform":
        raise Forbidden("contact.edit", "not_allowed")
    wrong = list(_problems(wishes))
    if email is None and known is None and wishes.by_mail:
        wrong.append(_("There is no address to write to. The shop must give one first."))
    if wrong:
        raise Refused(wrong)
    if wishes.language is not None or wishes.time_zone is not None:
        party.language, party.time_zone = wishes.language or party.language, wishes.time_zone or party.time_zone
        party.save(update_fields=["language", "time_zone"])
    contact = known or Contact(party=party)
    contact.by_mail, contact.digest = wishes.by_mail, wishes.digest
    contact.quiet_from, contact.quiet_until = wishes.quiet_from, wishes.quiet_until
    if email is not None and email != contact.email:
        # The mails that came back were sent to the old address.
        contact.email, contact.bounced = email, 0
    if known is not None or email is not None:
        contact.save()
    return contact


def _problems(wishes: Wishes) -> Iterator[str]:
    begins, ends, zone = wishes.quiet_from, wishes.quiet_until, wishes.time_zone
    if wishes.digest not in DIGESTS:
        yield f"digest must be one of {', '.join(DIGESTS)}, not {wishes.digest!r:.60}"
    if (begins is None) != (ends is None) or any(hour is not None and not 0 <= hour <= 23 for hour in (begins, ends)):
        yield _("Quiet hours are two whole hours from 0 to 23, or none.")
    elif begins is not None and begins == ends:
        yield _("Quiet hours that begin and end at the same hour would be the whole day.")
    if wishes.language is not None and wishes.language not in dict(settings.LANGUAGES):
        yield f"language must be one of {', '.join(dict(settings.LANGUAGES))}, not {wishes.language!r:.60}"
    if zone is not None:
        yield from parties.wrong_zone(zone)
    if wishes.email is not None:
        try:
            validate_email(wishes.email)
        except ValidationError:
            yield f"{wishes.email!r:.80} is not an e-mail address"
