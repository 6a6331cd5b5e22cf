"""Parties join."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from babel import Locale, UnknownLocaleError
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.lib import zones
from comity.lib.ids import uuid7
from comity.policy.facts import PARTIES
from comity.policy.powers import ROLES
from comity.records.models import Contact, Party, Standing
from comity.records.refs import named

MAX_LANGUAGE_CHARS = 10


@dataclass(frozen=True, slots=True)
class NewParty:
    """Who joins, and as what (`powers.ROLES`). `external_id` is the shop's own id of it."""

    role: str
    name: str
    external_id: str | None = None
    time_zone: str = "UTC"
    language: str = "en"


def add(actor: Actor, new: NewParty, *, at: datetime) -> Party:
    """Add a party. The same role and external id again returns the party that is there. Raises Refused, Forbidden."""
    require(actor, "party.add")
    return join(new, at=at)


def join(new: NewParty, *, at: datetime) -> Party:
    """Add a party on the operator's own authority: the command line and the first set-up."""
    if new.role not in ROLES:
        raise Refused([f"role must be one of {', '.join(ROLES)}, not {new.role!r}"])
    if wrong := [*_wrong_name(new), *wrong_zone(new.time_zone), *_wrong_language(new.language)]:
        raise Refused(wrong)
    try:
        with transaction.atomic():
            party = Party.objects.create(
                uuid=uuid7(at),
                role=new.role,
                name=new.name.strip(),
                external_id=new.external_id,
                time_zone=new.time_zone,
                language=new.language,
                joined_at=at,
            )
            Standing.objects.create(party=party)
            return party
    except IntegrityError:
        # It joined before, or another request was a moment quicker.
        return Party.objects.get(role=new.role, external_id=new.external_id)


def spoken_for(actor: Actor, ref: str) -> Actor:
    """Return a buyer or a seller as it acts while `actor` speaks for it. Raises Refused, Forbidden.

    Nobody speaks for those who work for the platform: what they do, they do themselves.
    """
    require(actor, "party.speak_for")
    party = named(ref)
    if party is None or party.role not in PARTIES:
        raise Refused([f"on_behalf_of: there is no {ref:.100}; name a buyer or a seller, such as buyer:1234"])
    return replace(actor, party=party, spoken_by=actor.role)


def _wrong_name(new: NewParty) -> Iterator[str]:
    if not new.name.strip() or len(new.name) > 200:
        yield "name must have 1 to 200 characters"


def wrong_zone(name: str) -> Iterator[str]:
    """Yield a sentence about a time zone that there is none of."""
    if not zones.is_known(name):
        yield f"there is no time zone {name!r:.60}; write one such as Europe/Berlin"


def _wrong_language(name: str) -> Iterator[str]:
    try:
        is_known = len(name) <= MAX_LANGUAGE_CHARS and bool(Locale.parse(name, sep="-"))
    except (ValueError, UnknownLocaleError):
        is_known = False
    if not is_known:
        yield f"there is no language {name!r:.60}; write one such as en or pt-br"


def platform(at: datetime) -> Party:
    """Return the platform's own party, in whose name the clock and the command line act; make it if it is missing."""
    return Party.objects.filter(role="platform").first() or join(
        NewParty(role="platform", name="Comity", external_id="comity"), at=at
    )


def give_login(party: Party, *, email: str, password: str) -> None:
    """Let a person sign in as `party`, and be written to at that address. Raises Refused if the address is taken."""
    users = get_user_model()
    if users.objects.filter(email__iexact=email).exists():
        raise Refused([f"{email} has a login already"])
    try:
        with transaction.atomic():
            user = users.objects.create_user(username=str(party.uuid), email=email, password=password)
            Party.objects.filter(pk=party.pk).update(user=user)
            Contact.objects.get_or_create(party=party, defaults={"email": email})
    except IntegrityError:
        # Two gave the same address, or the party a second login, at the same moment.
        raise Refused([f"{email} has a login already"]) from None
    party.user = user


def set_password(*, email: str, password: str) -> None:
    """Set the password of a login, on the operator's own authority. Its sessions end. Raises Refused."""
    user = get_user_model().objects.filter(email__iexact=email).first()
    if user is None:
        raise Refused([f"nobody has a login with {email}"])
    user.set_password(password)
    user.save(update_fields=["password"])
