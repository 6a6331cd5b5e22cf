"""The clock: what has fallen due is ruled on, dated when it fell. A caller like any other, through the same door."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from comity.actions.enact import catch_up, lockable, rule_on_moments
from comity.actions.guard import Actor, require
from comity.policy.memory import Stuck
from comity.records import statements
from comity.records.models import Duty, Party, Sanction

logger = logging.getLogger(__name__)

#: Parties whose moments are ruled on in one transaction: fewer commits, still short locks.
PARTIES_A_BATCH = 50


@dataclass(frozen=True, slots=True)
class Turned:
    """What one turn of the clock did."""

    parties: int
    rulings: int


def turn(now: datetime, *, parties: int | None = None) -> Turned:
    """Rule on everything that fell due before `now`, earliest party first, or for at most `parties` parties.

    Any number of processes may do this at once: each claims parties that no other holds.
    """
    seen, rulings = 0, 0
    while parties is None or seen < parties:
        room = PARTIES_A_BATCH if parties is None else min(PARTIES_A_BATCH, parties - seen)
        count, made = _batch(now, room)
        if not count:
            break
        seen, rulings = seen + count, rulings + made
    return Turned(seen, rulings)


def _batch(now: datetime, room: int) -> tuple[int, int]:
    """Claim up to `room` parties and rule on their moments; return how many parties and rulings there were."""
    claimed: list[int] = []
    try:
        with transaction.atomic():
            due = lockable(skip_locked=True).filter(next_due__lt=now).select_related("party").order_by("next_due")
            rulings = 0
            for standing in due[:room]:
                claimed.append(standing.party_id)
                rulings += rule_on_moments(standing.party, standing, now)
            return len(claimed), rulings
    except Stuck as stuck:
        logger.warning("cannot rule on %s; it steps aside", stuck)
        return len(claimed), _one_by_one(claimed, now)


def _one_by_one(party_ids: list[int], now: datetime) -> int:
    """Rule on each party in a transaction of its own, so that one broken moment stops nobody else's."""
    return sum(catch_up(party, now) for party in Party.objects.filter(pk__in=party_ids).order_by("pk"))


def stuck(actor: Actor) -> Iterator[Duty | Sanction]:
    """Yield the duties and sanctions that stepped aside because judging them failed."""
    require(actor, "clock.read")
    yield from Duty.objects.filter(stuck_at__isnull=False).select_related("party").order_by("stuck_at")
    yield from Sanction.objects.filter(stuck_at__isnull=False).select_related("party").order_by("stuck_at")


def retry(actor: Actor, row: Duty | Sanction, *, now: datetime) -> None:
    """Take a duty or sanction that stepped aside back in, and rule on its moment again."""
    require(actor, "clock.retry")
    with transaction.atomic():
        standing = statements.lock(row.party_id)
        row.stuck_at, row.stuck_why = None, ""
        row.save(update_fields=["stuck_at", "stuck_why"])
        if isinstance(row, Duty):
            same = Duty.objects.filter(party_id=row.party_id, matter=row.matter, subject=row.subject, rule=row.rule)
            if not same.filter(current=True).exists():
                Duty.objects.filter(pk=row.pk).update(current=True)
        standing.next_due = statements.next_moment(row.party_id)
        standing.save(update_fields=["next_due"])
    catch_up(row.party, now)
