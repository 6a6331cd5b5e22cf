"""What somebody wants to record as a time that counts against nobody, and what speaks against it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from babel import Locale
from django.utils.translation import gettext as _

from comity.actions.disputes.interests import has_interest
from comity.actions.enact import Refused
from comity.actions.excuses import holidays
from comity.actions.guard import Actor, require
from comity.lib import texts
from comity.policy.facts import EARLIEST, KINDS, LATEST, PARTIES, PAUSE, reference
from comity.policy.facts.standing import BY_CARRIER, EVERYBODY, HOLIDAY, PLACES, WAITING
from comity.policy.tracking_numbers import plain
from comity.records import refs
from comity.records.models import Conversation, Order, Party

CAUSES = KINDS[PAUSE].fields["cause"].choices
MAX_EVIDENCE_CHARS, MAX_PLACES = 300, 40
#: What is said to last longer is no pause; it would excuse everything for ever.
LONGEST = timedelta(days=90)
#: So far back, and so far ahead, a pause may begin.
FURTHEST_BACK, FURTHEST_AHEAD = timedelta(days=366), timedelta(days=366)
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_TWO = 2
#: What locale data call territories, and no order comes from: unions, and codes for trying.
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})

About = Party | Order | Conversation


@dataclass(frozen=True, slots=True)
class Asked:
    """A time that is to count against nobody.

    about     whose: all matters of a party, an order or a conversation; None where it is for many
    carrier   of many: those of whose orders the carrier had a parcel
    places    of many: those whose orders come from, or go to, a country or a region (ISO 3166, such as BR or BR-SP)
    evidence  what shows it, in words or as an address
    """

    cause: str
    begins: datetime
    ends: datetime
    about: About | None = None
    carrier: str = ""
    places: tuple[str, ...] = ()
    evidence: str = ""

    @property
    def party(self) -> Party | None:
        """Whose matters it excuses; None where it is for many."""
        return self.about.seller if isinstance(self.about, Order | Conversation) else self.about

    @property
    def matter(self) -> str:
        """The one matter that it excuses; "" for all of a party, or of many."""
        return self.about.ref if isinstance(self.about, Order | Conversation) else ""


def checked(actor: Actor, asked: Asked, *, at: datetime) -> Asked:
    """Return what is asked for as it may be recorded. Raises Refused with a sentence for each mistake, Forbidden."""
    require_power(actor, asked.cause, asked.about, at=at)
    asked = replace(
        asked,
        carrier=texts.clean(asked.carrier).strip(),
        evidence=texts.clean(asked.evidence).strip(),
        places=tuple(dict.fromkeys(place.strip().upper() for place in asked.places if place.strip())),
    )
    if wrong := [*_wrong_time(asked, at), *_wrong_for_whom(asked), *_too_much(asked)]:
        raise Refused(wrong)
    if asked.cause == HOLIDAY and isinstance(seller := asked.about, Party):
        # A form says minutes: what is said to begin now has begun by the time it arrives.
        asked = replace(asked, begins=max(asked.begins, at))
        holidays.require_granted(seller, asked.begins, asked.ends, at=at)
    return asked


def require_power(actor: Actor, cause: str, about: About | None, *, at: datetime) -> None:
    """Return where `actor` may record, change and end a pause of that cause; else raise Forbidden or Refused."""
    if cause == HOLIDAY and isinstance(about, Party) and about == actor.party:
        require(actor, "pause.ask", about, at=at)
        return
    if cause == BY_CARRIER and about is None:
        require(actor, "outage.record", at=at)
        return
    require(actor, "pause.record", about, at=at)
    # A pause of an order stops what either of its two has to do.
    sides = (about.seller, about.buyer) if isinstance(about, Order | Conversation) else (about,)
    if actor.role == "agent" and any(side is not None and has_interest(actor.party, side) for side in sides):
        raise Refused([_("You have an interest in this account: somebody else decides on it.")])


def _wrong_time(asked: Asked, at: datetime) -> Iterator[str]:
    begins, ends = asked.begins, asked.ends
    if begins < EARLIEST or ends > LATEST:
        yield _("A pause must lie between %(first)s and %(last)s.") % {"first": EARLIEST.year, "last": LATEST.year}
    elif ends <= begins:
        yield _("A pause must end after it begins.")
    elif ends - begins > LONGEST:
        yield _("A pause lasts %(most)s days at most; record a longer one in parts.") % {"most": LONGEST.days}
    elif begins < at - FURTHEST_BACK:
        yield _("A pause may begin %(most)s days ago at most.") % {"most": FURTHEST_BACK.days}
    elif begins > at + FURTHEST_AHEAD:
        yield _("A pause may begin in %(most)s days at most.") % {"most": FURTHEST_AHEAD.days}
    elif asked.cause == BY_CARRIER and begins > at:
        yield _("An outage that has not begun cannot be recorded yet.")
    elif asked.cause == HOLIDAY and (begins < at - holidays.LEEWAY or ends <= at):
        yield _("A holiday begins now at the earliest: what was due before it stays due.")


def _wrong_for_whom(asked: Asked) -> Iterator[str]:
    about, cause = asked.about, asked.cause
    if cause not in CAUSES:
        yield _("The cause must be one of %(causes)s.") % {"causes": ", ".join(CAUSES)}
    elif cause == HOLIDAY:
        if not isinstance(about, Party) or about.role != "seller":
            yield _("A holiday is one seller's: name the seller.")
    elif cause == WAITING:
        if not isinstance(about, Order | Conversation):
            yield _("Waiting for the buyer is about one order or one conversation: name it.")
    elif isinstance(about, Party) and about.role not in ("buyer", "seller"):
        yield _("A pause is for a buyer or a seller.")
    elif cause == BY_CARRIER and about is None and not plain(asked.carrier):
        yield _("Name the carrier.")
    elif cause == PLACES and about is None and not asked.places:
        yield _("Name the countries or regions that it concerns, or the one party, order or conversation.")
    if asked.carrier and (cause not in (BY_CARRIER, PLACES) or about is not None):
        yield _("A carrier is named for an outage of a carrier, or with the places of a force majeure.")
    if asked.places and (cause != PLACES or about is not None):
        yield _("Places are named for a force majeure that concerns many.")
    if cause == EVERYBODY and about is None and (asked.carrier or asked.places):
        return
    countries = Locale("en").territories.keys() - _NO_COUNTRIES
    for place in asked.places[:MAX_PLACES]:
        if not _PLACE.fullmatch(place) or place[:_TWO] not in countries:
            yield _("%(place)s is no country or region: write it as BR or BR-SP.") % {"place": place[:12]}


def _too_much(asked: Asked) -> Iterator[str]:
    if len(asked.carrier) > 50:  # the column's
        yield _("The carrier must have 1 to %(most)s characters.") % {"most": 50}
    if len(asked.places) > MAX_PLACES:
        yield _("Name %(most)s places at most.") % {"most": MAX_PLACES}
    if len(asked.evidence) > MAX_EVIDENCE_CHARS:
        yield _("What shows it has at most %(most)s characters.") % {"most": MAX_EVIDENCE_CHARS}


def of_ref(ref: str) -> About | None:
    """Return the party, order or conversation that is named as facts name it; None where there is none.

    By our id; an order by its key, too, which is what pages show of it, with "order:" before it or without.
    """
    kind, identity = reference(ref.replace("\x00", "").strip())
    if kind in PARTIES:
        return refs.named(ref)
    key = (identity if kind == "order" else kind).upper()
    if key.startswith("O-") and (order := Order.objects.select_related("seller").filter(key=key).first()):
        return order
    uuid = refs.uuid_of(identity)
    models: dict[str, type[Order] | type[Conversation]] = {"order": Order, "conversation": Conversation}
    if uuid is None or kind not in models:
        return None
    return models[kind].objects.select_related("seller").filter(uuid=uuid).first()
