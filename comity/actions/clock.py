"""The clock: what has fallen due is ruled on, dated when it fell. A caller like any other, through the same door."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction

from comity.actions.enact import catch_up
from comity.actions.guard import Actor, require
from comity.actions.judging.moments import rule_on_moments, rule_together
from comity.policy.memory import Stuck
from comity.records import statements
from comity.records.carry_out import ROWS, set_next_due
from comity.records.carry_out.rows import Rows
from comity.records.models import Party, Standing

logger = logging.getLogger(__name__)

#: When facts that waited and could not be judged are tried again.
TRY_AGAIN_AFTER = timedelta(hours=1)
#: Parties of which moments are ruled on in one transaction, as far as `dossiers.BATCH` reaches.
PARTIES_A_BATCH = 250
#: How many moments are tried again at once.
MOST_RETRIED = 1_000


@dataclass(frozen=True, slots=True)
class Turned:
    """What one turn of the clock did."""

    parties: int
    rulings: int


def turn(now: datetime, *, parties: int | None = None, batches: int | None = None) -> Turned:
    """Rule on everything that fell due before `now`, earliest party first.

    Or for at most `parties` parties, or in at most so many `batches`, which are a transaction each. Any number of
    processes may do this at once: each claims parties that no other holds.
    """
    done, rulings, count, room = 0, 0, 0, PARTIES_A_BATCH
    while (parties is None or done < parties) and (batches is None or count < batches):
        batch = _batch(now, room if parties is None else min(room, parties - done))
        if not batch.claimed:
            break
        done, rulings, count = done + batch.finished, rulings + batch.rulings, count + 1
        # Where parties have many moments each, few of those claimed were reached.
        room = min(PARTIES_A_BATCH, 2 * batch.reached)
    return Turned(done, rulings)


class _Batch(NamedTuple):
    """How many parties were claimed, of how many moments were ruled on, of how many all, and the number of rulings."""

    claimed: int
    reached: int
    finished: int
    rulings: int


def _batch(now: datetime, room: int) -> _Batch:
    """Claim up to `room` parties and rule on their moments together, as many as fit into one short transaction."""
    claimed: list[Standing] = []
    try:
        with transaction.atomic():
            claimed = statements.claim(now, room)
            if (unjudged := next((each for each in claimed if each.unjudged is not None), None)) is not None:
                # Facts that waited are many: they are judged alone, and the others claimed again.
                claimed = [unjudged]
                return _Batch(1, 1, 1, _judge_what_waited(unjudged, now))
            ruled = rule_together([(standing.party, standing) for standing in claimed], now)
            waiting = [standing for standing in claimed if standing.next_due is not None and standing.next_due < now]
            return _Batch(len(claimed), ruled.parties, len(claimed) - len(waiting), ruled.rulings)
    except Stuck as stuck:
        # One broken moment rolled the whole batch back, the rulings of the others with it.
        logger.warning("cannot rule on %s; it steps aside", stuck)
        rulings = _one_by_one([standing.party_id for standing in claimed], now)
        return _Batch(len(claimed), len(claimed), len(claimed), rulings)


def _judge_what_waited(standing: Standing, now: datetime) -> int:
    """Judge facts of a claimed party that waited. What cannot be judged, though it could on trial, waits on."""
    try:
        with transaction.atomic():
            return rule_on_moments(standing.party, standing, now)
    except (LookupError, ArithmeticError, TypeError, ValueError):
        logger.exception("facts of %s that waited cannot be judged; they are tried again later", standing.party.ref)
        again = statements.lock(standing.party_id)
        again.judge_at = again.next_due = now + TRY_AGAIN_AFTER
        statements.save_standing(again)
        return 0


def _one_by_one(party_ids: list[int], now: datetime) -> int:
    """Rule on each party in a transaction of its own, so that one broken moment stops nobody else's."""
    return sum(catch_up(party, now) for party in Party.objects.filter(pk__in=party_ids).order_by("pk"))


def stuck(actor: Actor) -> Iterator[Any]:
    """Yield the rows (duties, measures …) that stepped aside because judging them failed."""
    require(actor, "clock.read")
    for kept in ROWS.values():
        yield from kept.stuck()


def retry(actor: Actor, row: Any, *, now: datetime) -> None:
    """Take a row that stepped aside back in, and rule on its moment again."""
    require(actor, "clock.retry")
    _retry(row.party, [row], now)


def _retry(party: Party, rows: Sequence[Any], now: datetime) -> None:
    """Take rows of a party back in, all before any is ruled on: a standard counts them together, and rates once."""
    with transaction.atomic():
        standing = statements.lock(party.pk)
        for row in rows:
            next(each for each in ROWS.values() if isinstance(each, Rows) and isinstance(row, each.model)).take_back(
                row
            )
        set_next_due([standing])
        standing.save(update_fields=["next_due"])
    catch_up(party, now)


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of moments that were tried again: how many were ruled on; of the others, why not, by their key."""

    ruled: int
    again: Mapping[str, str]


def retry_all(actor: Actor, *, now: datetime, key: str = "") -> Retried:
    """Try again what stepped aside, or the one of this key: at most MOST_RETRIED, so that it ends.

    Raises LookupError where there is none of that key.
    """
    rows = list(islice((row for row in stuck(actor) if not key or row.key == key), MOST_RETRIED))
    if key and not rows:
        raise LookupError(f"no moment {key!r:.80} stepped aside")
    require(actor, "clock.retry")
    by_party: dict[Party, list[Any]] = {}
    for row in rows:
        by_party.setdefault(row.party, []).append(row)
    for party, its in by_party.items():
        _retry(party, its, now)
    wrong = {row.key: row.stuck_why for row in stuck(actor)}
    again = {row.key: wrong[row.key] for row in rows if row.key in wrong}
    return Retried(len(rows) - len(again), again)
