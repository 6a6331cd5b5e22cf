"""Pauses for many: noted in each matter, or for each party, that they excuse.

A pause is recorded once, as a row; errands note it in the matter of each order concerned, or for each party (`spread`).
One that lasts is looked at again for what is new since, one that is over for orders that are told late; and an order
that is given to a carrier that is blind gets it at once (`excuse`).
"""

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from comity.actions.enact import enact
from comity.actions.excuses import concerned, evidence
from comity.actions.excuses.asked import LONGEST
from comity.actions.guard import Actor
from comity.actions.pauses import ended, ended_name
from comity.actions.telling import fact_about
from comity.lib import moments
from comity.policy.facts import PAUSE, Fact, Scalar, moment_of, read_fact
from comity.policy.facts.standing import BY_CARRIER, EVERYBODY
from comity.records.engines import AWAY
from comity.records.models import Conversation, Excuse, JournalLine, Order, Party

logger = logging.getLogger(__name__)

#: In so many matters, and for so many seconds, pauses are noted in one round.
MOST_IN_A_ROUND, ROUND_SECONDS = 500, 20.0
#: A pause that cannot be noted in so many matters is given up.
MOST_FAILURES = 20
#: So often one that lasts is looked at again: orders are placed, and parties join, meanwhile.
LOOK_AGAIN = timedelta(minutes=10)
#: For so long after its end, and so often, one is looked at for orders of its time that were told late.
TOLD_LATE, LOOK_LATE = timedelta(days=14), timedelta(hours=6)
_CHUNK = 500
About = Party | Order | Conversation


def spread(now: datetime) -> int:
    """Note the pauses that were recorded since wherever they are to count; return in how many. Called by errands.

    Each matter by itself: what was noted stays, should it be interrupted. What is more than a round's work is noted in
    the next ones. A matter in which it cannot be noted stops neither the others nor another pause.
    """
    count, began = 0, time.monotonic()
    again = Q(spread_at__lt=F("ends"), spread_at__lte=now - LOOK_AGAIN)
    late = Q(ends__gt=now - TOLD_LATE, spread_at__lte=now - LOOK_LATE) & ~Q(cause=EVERYBODY)
    for excuse in Excuse.objects.filter(Q(spread_at=None) | again | late, party=None).order_by("pk"):
        failures = 0
        for about, known in _unnoted(excuse, now):
            if count >= MOST_IN_A_ROUND or time.monotonic() - began > ROUND_SECONDS:
                return count
            noted = _tried(excuse, about, known, now)
            count, failures = count + noted, failures + (not noted)
            if failures == MOST_FAILURES:
                logger.error("pause %s cannot be noted; it is given up", excuse.pk)
                break
        # One that ended meanwhile is to be looked at again.
        Excuse.objects.filter(pk=excuse.pk, ended_as=excuse.ended_as).update(spread_at=now)
    return count


def _unnoted(excuse: Excuse, now: datetime) -> Iterator[tuple[About, Fact | None]]:
    """Yield what is concerned and has the pause not noted yet, or its end; with the fact that noted it, if any."""
    for found in concerned.in_parts(excuse, _CHUNK):
        for each, known, goes_on in _noted(excuse, found, now):
            if goes_on or (known is None and excuse.begins < excuse.ends):
                yield each, known
    for found in concerned.perhaps_noted(excuse, _CHUNK) if excuse.ended_as else ():
        yield from ((each, known) for each, known, goes_on in _noted(excuse, found, now) if goes_on)


def _noted(excuse: Excuse, found: Sequence[About], now: datetime) -> Iterator[tuple[About, Fact | None, bool]]:
    """Yield each with the fact that noted the pause in it, if any, and whether its end is still to be noted.

    One that ended early may have been noted with that end, and one that would be over by now needs none. One statement.
    """
    names = [identity(excuse, each) for each in found]
    parties = {each.pk if isinstance(each, Party) else each.seller_id for each in found}
    lines = JournalLine.objects.filter(party__in=parties, fact_id__in=[*names, *map(ended_name, names)])
    noted = {fact.id: fact for fact in map(read_fact, lines.values_list("body", flat=True))}
    for each, name in zip(found, names, strict=True):
        known, until = noted.get(name), max(_until(excuse), now)
        goes_on = known is not None and moment_of(str(known.data["until"])) > until and ended_name(name) not in noted
        yield each, known, goes_on


def _tried(excuse: Excuse, about: About, known: Fact | None, now: datetime) -> int:
    """Note a pause, or that what was noted of it has ended; return whether that could be done."""
    try:
        return note(excuse, about, now) if known is None else note_end(excuse, about, known, now)
    except AWAY:  # the database is away for a while: it is tried again
        raise
    except Exception as error:
        logger.error("pause %s could not be noted in %s: %s", excuse.pk, about.ref, type(error).__name__)
        return 0


def identity(excuse: Excuse, about: About) -> str:
    """Return the id of the fact that notes a pause of `about`: it is noted once."""
    return f"{excuse.ref}:{about.uuid}"


def excuse(order: Order, carrier: str, now: datetime) -> None:
    """Note in an order that is given to `carrier` now the outages of that carrier that last."""
    if carrier:
        lasting = Excuse.objects.filter(cause=BY_CARRIER, party=None, begins__lte=now, ends__gt=now)
        for outage in lasting.filter(carrier__iexact=carrier):
            note(outage, order, now)


def _until(excuse: Excuse) -> datetime:
    return min(excuse.ends, excuse.begins + LONGEST)


def note_end(excuse: Excuse, about: About, known: Fact, now: datetime, *, actor: Actor | None = None) -> int:
    """Note that a pause of `about` has ended, which the fact `known` noted and `actor` ends; return whether it did."""
    fact = ended(about, known, by=(excuse.ended_by or excuse.recorded_by).role, at=now, actor=actor)
    return _enacted(about, fact)


def note(excuse: Excuse, about: About, now: datetime, *, actor: Actor | None = None) -> int:
    """Note a pause of `about`, which `actor` records now; return whether that was new."""
    data: dict[str, Scalar] = {
        "from": moments.to_text(excuse.begins),
        "until": moments.to_text(_until(excuse) if excuse.is_wide else excuse.ends),
        "cause": excuse.cause,
        "by": excuse.recorded_by.role,
        "evidence": excuse.ref,
    }
    if excuse.matter:
        data["alone"] = True
    if files := evidence.digests(excuse):
        data["files"] = files
    return _enacted(about, fact_about(about, PAUSE, at=now, data=data, identity=identity(excuse, about), actor=actor))


def _enacted(about: About, fact: Fact) -> int:
    party = about if isinstance(about, Party) else about.seller
    with transaction.atomic():
        return enact(party, fact, about=() if isinstance(about, Party) else (about,), once=True) is not None
