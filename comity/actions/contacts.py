"""How parties are told: their address, each message by itself or gathered, quiet hours, language and zone."""

from datetime import datetime
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden, require
from comity.records.models import Contact, Party
from comity.records.models.mails import DIGESTS


def save(
    actor: Actor,
    party: Party,
    *,
    by_mail: bool,
    digest: str,
    quiet_from: int | None,
    quiet_until: int | None,
    email: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    at: datetime,
) -> Contact:
    """Keep a party's wishes; None leaves address, language or zone as they are. Raises Refused, Forbidden.

    Only the shop and the operator give an address: whoever could change it would read what others are sent.
    """
    require(actor, "contact.edit", party, at=at)
    known = Contact.objects.filter(party=party).first()
    if email is not None and (known is None or email != known.email) and actor.role != "platform":
        raise Forbidden("contact.edit", "not_allowed")
    wrong = list(_problems(digest, quiet_from, quiet_until, email, language, time_zone))
    if email is None and known is None and by_mail:
        wrong.append(_("There is no address to write to. The shop must give one first."))
    if wrong:
        raise Refused(wrong)
    if language is not None or time_zone is not None:
        party.language, party.time_zone = language or party.language, time_zone or party.time_zone
        party.save(update_fields=["language", "time_zone"])
    contact = known or Contact(party=party)
    contact.by_mail, contact.digest, contact.quiet_from, contact.quiet_until = by_mail, digest, quiet_from, quiet_until
    if email is not None and email != contact.email:
        contact.email, contact.bounced = email, 0
    if known is not None or email is not None:
        contact.save()
    return contact


def _problems(
    digest: str,
    quiet_from: int | None,
    quiet_until: int | None,
    email: str | None,
    language: str | None,
    time_zone: str | None,
) -> list[str]:
    wrong = []
    if digest not in DIGESTS:
        wrong.append(f"digest must be one of {', '.join(DIGESTS)}, not {digest!r:.60}")
    hours = (quiet_from, quiet_until)
    if (quiet_from is None) != (quiet_until is None) or any(hour is not None and not 0 <= hour <= 23 for hour in hours):
        wrong.append(_("Quiet hours are two whole hours from 0 to 23, or none."))
    elif quiet_from is not None and quiet_from == quiet_until:
        wrong.append(_("Quiet hours that begin and end at the same hour would be the whole day."))
    if language is not None and language not in dict(settings.LANGUAGES):
        wrong.append(f"language must be one of {', '.join(dict(settings.LANGUAGES))}, not {language!r:.60}")
    if time_zone is not None and time_zone not in available_timezones():
        wrong.append(f"there is no time zone {time_zone!r:.60}; write one such as Europe/Berlin")
    if email is not None:
        try:
            validate_email(email)
        except ValidationError:
            wrong.append(f"{email!r:.80} is not an e-mail address")
    return wrong
