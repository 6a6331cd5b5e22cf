"""Recording a time that counts against nobody, changing it, and ending it."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.excuses import evidence, spreading
from comity.actions.excuses.asked import MAX_EVIDENCE_CHARS, About, Asked, checked, require_power
from comity.actions.guard import Actor
from comity.files.uploads import SafeFile
from comity.lib import texts
from comity.lib.ids import uuid7
from comity.records import refs, statements
from comity.records.models import Excuse


def record(
    actor: Actor, asked: Asked, *, at: datetime, identity: UUID | None = None, files: tuple[SafeFile, ...] = ()
) -> Excuse:
    """Record a pause; the same `identity` again returns the one that is there. Raises Refused, Forbidden.

    One for a party or a matter counts at once; one for many is noted within moments (`spreading.spread`).

    files   what shows it, made safe (`actions.files.taken`)
    """
    if identity is not None and (known := Excuse.objects.filter(uuid=identity, recorded_by=actor.party).first()):
        return known
    with transaction.atomic():
        if asked.party is not None:
            # Two holidays asked for at once are counted one after the other.
            statements.lock(asked.party.pk)
        asked = checked(actor, asked, at=at)
        return _kept(actor, asked, at, identity, files)


def unsaved(actor: Actor, asked: Asked, *, at: datetime, identity: UUID | None = None) -> Excuse:
    """Return the row of a pause that is not recorded."""
    return Excuse(
        uuid=identity or uuid7(at), cause=asked.cause, party=asked.party, matter=asked.matter, carrier=asked.carrier,
        places=" ".join(asked.places), begins=asked.begins, ends=asked.ends, evidence=asked.evidence,
        recorded_by=actor.party, recorded_at=at,
    )  # fmt: skip


def _kept(actor: Actor, asked: Asked, at: datetime, identity: UUID | None, files: tuple[SafeFile, ...] = ()) -> Excuse:
    row = unsaved(actor, asked, at=at, identity=identity)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # The same form a moment quicker; or an id that somebody else used.
        raise Refused([_("This was sent already: see the list.")]) from None
    evidence.keep(actor, row, files, at=at)
    if asked.about is not None:
        spreading.note(row, asked.about, at, actor=actor)
        row.spread_at = at
        row.save(update_fields=["spread_at"])
    return row


def end(actor: Actor, row: Excuse, *, at: datetime, mistaken: bool = False, because: str = "") -> Excuse:
    """End a pause early, or take it back (`mistaken`), which needs a reason: from now on time counts again.

    What it excused until now stays excused. Raises Refused where it is over, Forbidden.
    """
    about = about_of(row)
    require_power(actor, row.cause, about, at=at)
    because = texts.clean(because).strip()
    if mistaken and texts.is_blank(because):
        raise Refused([_("Say why it is taken back.")])
    if len(because) > MAX_EVIDENCE_CHARS:
        raise Refused([_("Write at most %(most)s characters.") % {"most": MAX_EVIDENCE_CHARS}])
    with transaction.atomic():
        if about is not None:
            # The party's lock before the row's, as where one is changed: two that wait for each other wait for ever.
            statements.lock(row.whose)
        known = Excuse.objects.select_related("recorded_by", "party").get(pk=row.pk)
        noted = None
        if about is not None:
            noted = next(iter(statements.facts_of_ids(known.whose, [spreading.identity(known, about)])), None)
            if noted is None:
                raise Refused([_("It is not noted here yet; try again in a moment.")])
        # Of two at once, the second finds it over.
        changed = Excuse.objects.filter(pk=row.pk, ends__gt=at, ended_as="").update(
            ends=max(at, known.begins), ended_at=at, ended_by=actor.party, ended_why=because,
            ended_as=Excuse.MISTAKEN if mistaken else Excuse.OVER, spread_at=at if about is not None else None,
        )  # fmt: skip
        if not changed:
            raise Refused([_over(known)])
        row.refresh_from_db()
        if about is not None and noted is not None:
            spreading.note_end(row, about, noted, at, actor=actor)
    return row


def _over(row: Excuse) -> str:
    if row.ended_as == Excuse.MISTAKEN:
        return _("It is taken back already.")
    return _("It is over already.")


def change(actor: Actor, row: Excuse, *, ends: datetime, at: datetime, identity: UUID | None = None) -> Excuse:
    """Give a pause of a party or a matter another end: it ends now, and what is left is recorded anew.

    Return the new row. Raises Refused, Forbidden.
    """
    if identity is not None and (known := Excuse.objects.filter(uuid=identity, recorded_by=actor.party).first()):
        return known
    about = about_of(row)
    if about is None:
        raise Refused([_("A pause for many is not changed: end it, and record another.")])
    with transaction.atomic():
        statements.lock(row.whose)
        if identity is not None and (known := Excuse.objects.filter(uuid=identity, recorded_by=actor.party).first()):
            return known  # the same form a moment quicker
        begins = max(row.begins, at)
        end(actor, row, at=at)
        asked = Asked(row.cause, begins, ends, about=about, evidence=row.evidence)
        return _kept(actor, checked(actor, asked, at=at), at, identity)


def about_of(row: Excuse) -> About | None:
    """Return the party, order or conversation of a pause; None of one for many."""
    if row.party is None or not row.matter:
        return row.party
    thing = refs.thing(row.party, row.matter)
    if thing is None:
        raise Refused([_("What it is about is no longer here.")])
    return thing
