"""Moments that pass: ruled on under the lock, and what follows carried out before time passes on."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from django.db import transaction

from comity.actions.judging.desk import desk_of, refresh, write_down, writing_down
from comity.actions.judging.talks import take_turns, turns_by_duties
from comity.policy.dossier import EARLIEST
from comity.policy.facts import Fact
from comity.policy.follows import ACTED_UPON, Follow, OverturnConsequence, told_by
from comity.policy.identity.links import LINKED, UNLINKED
from comity.policy.memory import Memory, Stuck
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.accounts import CHARGES
from comity.policy.sanctions.measures import MeasureStatus
from comity.policy.sanctions.rulings import Decline, OverturnMeasure, Place, Propose
from comity.policy.sanctions.taken_over import COMING
from comity.policy.standards.counting import TALLIES
from comity.records import dossiers, statements
from comity.records.carry_out import EVALUATIONS, ROWS, set_next_due
from comity.records.carry_out.rows import Sitting
from comity.records.follow import World
from comity.records.models import Party, Sanction, Standing

logger = logging.getLogger(__name__)

_TICK = timedelta(microseconds=1)
#: What was decided on a measure before it was taken back: only such a one was in effect, or to be.
_DECIDED = (MeasureStatus.PLACED.value, MeasureStatus.LIFTED.value)
#: The key of the duty of which what follows its breach is carried out: facts that are noted meanwhile follow from it.
FOLLOWED: ContextVar[str] = ContextVar("followed", default="")


class Together(NamedTuple):
    """Of how many parties moments were looked at together, and how many rulings that gave."""

    parties: int
    rulings: int


def rule_on_moments(party: Party, standing: Standing, now: datetime, *, passed: datetime = EARLIEST) -> int:
    """Rule on the moments of a locked party before `now`; return how many rulings. Leaves `next_due` exact.

    `passed`: up to when facts were noted already, where moments before it are left (after a sitting).
    Raises policy.memory.Stuck where one cannot be ruled on; the caller rolls back and lets it step aside.
    """
    count = settle(party, standing, now)
    now = max(now, standing.noted_at or now)
    while standing.next_due is not None and standing.next_due < now:
        count += rule_together([(party, standing)], now, passed=passed).rulings
    return count


def rule_together(locked: Iterable[tuple[Party, Standing]], now: datetime, *, passed: datetime = EARLIEST) -> Together:
    """Rule on the earliest moments of locked parties before `now`.

    As many as are ruled on in one go: of a party of which that was not all, `next_due` is still before `now`.
    """
    parties = {each.party_id: (party, each) for party, each in locked}
    desks = {key: desk_of(party, each, max(now, each.noted_at or now)) for key, (party, each) in parties.items()}
    reached = dossiers.for_moments([desk.sitting for desk in desks.values()], now)
    for sitting, _ in reached:
        sitting.memory.passed = passed
    ruled = _turned(reached)
    taken = [turn for sitting, rulings in ruled for turn in turns_by_duties(sitting, rulings)]
    ruled_on = [desks[sitting.standing.party_id] for sitting, _ in ruled]
    for desk in ruled_on:
        desk.exact = True
    write_down(ruled_on)
    statements.take_turns(taken)
    for sitting, rulings in ruled:
        party, standing = parties[sitting.standing.party_id]
        if act_upon(party, rulings, sitting.noted_at, sitting.memory.rulebooks):
            refresh(standing)
    return Together(len(ruled), sum(len(rulings) for _, rulings in ruled))


def _turned(reached: Sequence[tuple[Sitting, datetime]]) -> list[tuple[Sitting, list[Ruling]]]:
    """Let time pass for parties up to a moment of each; return the rulings.

    Evaluations are held side by side: what they count is counted for all at once.
    """
    ruled: list[tuple[Sitting, list[Ruling]]] = [(sitting, []) for sitting, _ in reached]
    going = [(sitting, until, rulings) for (sitting, until), (_, rulings) in zip(reached, ruled, strict=True)]
    while going:
        halfway = []
        for sitting, until, rulings in going:
            rulings += sitting.memory.turn(until, noted_at=sitting.noted_at, stop=TALLIES.name)
            if sitting.memory.halted:  # what follows is carried out first
                continue
            if (night := EVALUATIONS.next_of(sitting)) is not None and night < until:
                halfway.append((sitting, until, rulings))
        EVALUATIONS.look_ahead([sitting for sitting, _, _ in halfway])
        for sitting, _, rulings in halfway:
            night = EVALUATIONS.next_of(sitting) or sitting.noted_at
            rulings += sitting.memory.turn(night + _TICK, noted_at=sitting.noted_at)
        going = [each for each in halfway if not each[0].memory.halted]
    return ruled


def settle(party: Party, standing: Standing, now: datetime) -> int:
    """Judge the facts of a locked party that waited, together; return how many rulings that gave."""
    if standing.unjudged is None:
        return 0
    facts = statements.facts_from(party.pk, standing.unjudged)
    standing.unjudged = standing.judge_at = None
    set_next_due([standing])
    last = facts[-1].noted_at
    with writing_down(party, standing, max(now, last)) as desk:
        dossiers.for_sitting(desk.sitting, facts)
        rulings = desk.sitting.memory.sit(facts)
        desk.lines[:] = desk.rulings  # the facts are there
    take_turns(desk, rulings, sorted(facts, key=attrgetter("place")), World(party).messages_of(facts))
    if act_upon(party, rulings, max(now, last), desk.sitting.memory.rulebooks, known_at=last):
        refresh(standing)
    if look_at_links(party, facts, max(now, last)):
        refresh(standing)
    return len(rulings)


def act_upon(
    party: Party, rulings: Iterable[Ruling], noted_at: datetime, books: Rulebooks, *, known_at: datetime | None = None
) -> bool:
    """Have the verbs that rulings name do what follows; return whether any was asked. The party is locked.

    `known_at`: since when that was known which brought them; None where moments did, each known as it passed.
    What a rule brings is noted before time passes on: a moment that comes after it sees what followed.
    """
    from comity.actions import consequences  # it acts by the verbs, and these come through this door

    asked, rulings = False, list(rulings)
    for ruling in rulings:
        if isinstance(ruling, OverturnConsequence) or (isinstance(ruling, Follow) and ruling.what in ACTED_UPON):
            asked = True
            with _following(ruling.because if isinstance(ruling, Follow) else ""):
                consequences.act_upon(party, ruling, noted_at=noted_at)
        elif ruling.at < noted_at and (told := told_by(books, ruling)):
            if (at := _told_at(party, ruling, rulings, noted_at)) is None:
                continue
            asked = True
            with _following(told):
                consequences.tell_late(party, ruling, at=at, noted_at=noted_at)
        elif isinstance(ruling, OverturnMeasure | Decline):
            # What hangs on it is in other parties' chains: there time passes as for any fact.
            with _following(""):
                consequences.clear(party, ruling, at=noted_at)
    carry_points(party, rulings, noted_at, known_at=known_at)
    return asked


def carry_points(
    party: Party, rulings: Iterable[Ruling], noted_at: datetime, *, known_at: datetime | None = None
) -> None:
    """Let the account that took a party's over have its points as they stand, where rulings changed them.

    `known_at` as above. So what comes of a moment counts there since then, whenever the clock looked.
    """
    moments = {known_at or ruling.at for ruling in rulings if isinstance(ruling, CHARGES.rulings)}
    if not moments:
        return
    from comity.actions import merges  # it notes through this door

    with _following(""):
        merges.carry_on(party, moments, passed=known_at is None, noted_at=noted_at)


def known_since(fact: Fact) -> datetime | None:
    """Return since when a fact was known; None for what followed when a moment passed."""
    if fact.kind in COMING:  # it is known here since it was known there
        return fact.at
    return None if fact.follows else fact.noted_at


def look_at_links(party: Party, facts: Iterable[Fact], noted_at: datetime) -> bool:
    """Look whether accounts that facts link belong to somebody who was shut out, or no longer seem to.

    Return whether that brought a fact. The party is locked, and time has caught up with the facts.
    """
    if not (told := [fact for fact in facts if fact.kind in (LINKED, UNLINKED)]):
        return False
    from comity.actions import identity  # it notes through this door

    looks = {LINKED: identity.look, UNLINKED: identity.look_again}
    found = [looks[fact.kind](party, fact, noted_at=noted_at) for fact in told]
    return any(found)


def _told_at(party: Party, issued: Ruling, rulings: Sequence[Ruling], noted_at: datetime) -> datetime | None:
    """Return when a party is told of a measure that counts from earlier; None where it was told already.

    One that stands in the place of another of its rung, only for other reasons, is told as that was: what is taken
    back in a party's favour makes nothing run anew.
    """
    gone = [each.key for each in rulings if isinstance(each, OverturnMeasure) and each.was in _DECIDED]
    if not gone or not isinstance(issued, Place | Propose):
        return noted_at
    rows = Sanction.objects.filter(party=party, told_at__isnull=False)
    if issued.key in gone:
        return None if rows.filter(key=issued.key).exists() else noted_at
    if isinstance(issued, Propose):
        return noted_at  # it is heard anew
    like = rows.filter(key__in=gone, origin=str(issued.origin), rung=issued.rung, measure=issued.measure)
    before = like.order_by("told_at").values_list("told_at", flat=True).first()
    if before is None:
        return noted_at
    return before if before > issued.at else None


@contextmanager
def _following(brought_by: str) -> Iterator[None]:
    """Let the facts that are noted meanwhile follow from a ruling."""
    token = FOLLOWED.set(brought_by)
    try:
        yield
    finally:
        FOLLOWED.reset(token)


def step_aside(party: Party, stuck: Stuck, *, at: datetime) -> None:
    """Set a moment aside whose judging failed, so that everything else goes on; agents see it and may try again."""
    why = f"{type(stuck.why).__name__}: {stuck.why}"[:300]
    with transaction.atomic():
        standing = statements.lock(party.pk)
        # In a transaction of its own: the one in which the moment failed is rolled back, and its lock is gone.
        ROWS[stuck.life].step_aside(standing, stuck.key, at=at, why=why)
        set_next_due([standing])
        standing.save(update_fields=["next_due", "evaluations"])


def set_broken_aside(party: Party, standing: Standing, memory: Memory, at: datetime) -> None:
    """Set the open duties aside of matters in which a pause of the whole party could not be judged."""
    for name, why in memory.broken.items():
        logger.error("a pause of %s could not be judged in %s: %s", party.ref, name, type(why).__name__)
        for duty in memory.matter(name).live():
            ROWS["duty"].step_aside(standing, duty.key, at=at, why=f"{type(why).__name__}: {why}"[:300])
    if memory.broken:
        set_next_due([standing])
        standing.save(update_fields=["next_due"])
