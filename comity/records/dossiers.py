"""Dossiers: what the judge must know of a party to judge one fact, or the moments that have passed.

Reads as little as the fact allows: a fact in its turn needs the matter's newest duties; a late one the whole matter.
"""

from datetime import datetime, timedelta

from django.db.models import Min, Q

from comity.policy.clocks import Interval
from comity.policy.dossier import ChargeState, DutyState, DutyStatus, MeasureState, MeasureStatus
from comity.policy.duties import pauses_of
from comity.policy.facts import DEADLINE, PAUSE, Fact
from comity.policy.judge import DECISIONS
from comity.policy.memory import Memory
from comity.records import journal, statements
from comity.records.models import Charge, Duty, JournalLine, Pause, Sanction, Standing

#: Most moments ruled on in one transaction; what is left waits for the next.
BATCH = 500


def for_fact(memory: Memory, standing: Standing, fact: Fact) -> None:
    """Load into `memory` what judging `fact` takes. Moments before `fact.noted_at` have been ruled on already."""
    if fact.kind in DECISIONS:
        _load_accounts(memory, standing)
        return
    if fact.kind == PAUSE and fact.matter == memory.party:
        for matter in _matters_touched(standing, pauses_of([fact])[0]):
            _load_whole(memory, standing, matter, statements.matter(standing.party_id, matter)[0])
        _load_accounts(memory, standing)
        return
    last_at, current = statements.matter(standing.party_id, fact.matter)
    book = memory.rulebooks.in_force(fact.at)
    whole = (
        fact.kind == PAUSE
        or (last_at is not None and fact.at <= last_at)
        or (book is not None and fact.kind in book.looks_back)
    )
    if whole:
        _load_whole(memory, standing, fact.matter, last_at)
    else:
        memory.load(fact.matter, current, last_at=last_at)
        if standing.paused_until is not None and fact.at < standing.paused_until:
            _load_pauses(memory, standing, fact.matter)
    if whole or fact.at < fact.noted_at:
        _load_accounts(memory, standing)


def for_moments(memory: Memory, standing: Standing, now: datetime) -> datetime:
    """Load the duties and sanctions whose moment passed before `now`, and return up to when time may be turned.

    At most about BATCH of them: the earliest. Those whose judging failed before have stepped aside.
    """
    waiting = Duty.objects.filter(party_id=standing.party_id, next_at__lt=now, stuck_at__isnull=True).order_by("next_at")
    rows = list(waiting[: BATCH + 1])
    horizon = now
    if len(rows) > BATCH:
        horizon = rows[-1].next_at or now
        earlier = [row for row in rows if row.next_at != horizon]
        rows = earlier or list(waiting.filter(next_at=horizon))
        horizon = horizon if earlier else min(now, horizon + timedelta(microseconds=1))
    for row in rows:
        memory.load(row.matter, [state_of(row)])
    _load_accounts(memory, standing)
    return horizon


def next_moment(standing: Standing) -> datetime | None:
    """Return the earliest moment that anything of the party waits for, or None."""
    duty = Duty.objects.filter(party_id=standing.party_id, next_at__isnull=False, stuck_at__isnull=True)
    sanction = Sanction.objects.filter(party_id=standing.party_id, next_at__isnull=False, stuck_at__isnull=True)
    moments = [
        duty.order_by("next_at").values_list("next_at", flat=True).first(),
        sanction.aggregate(Min("next_at"))["next_at__min"],
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def state_of(row: Duty) -> DutyState:
    """Return a duty's row as the judge knows it."""
    return DutyState(
        key=row.key, rule=row.rule, rulebook=row.rulebook, matter=row.matter, subject=row.subject,
        opened_at=row.opened_at, opened_by=row.opened_by, due=row.due, status=DutyStatus(row.status),
        warned=row.warned, next_at=row.next_at, ended_at=row.ended_at,
    )  # fmt: skip


def measure_of(row: Sanction) -> MeasureState:
    """Return a sanction's row as the judge knows it."""
    return MeasureState(
        key=row.key, ledger=row.ledger, rung=row.rung, measure=row.measure, points=row.points, rulebook=row.rulebook,
        status=MeasureStatus(row.status), at=row.at, because=tuple(row.because), next_at=row.next_at,
    )  # fmt: skip


def charge_of(row: Charge) -> ChargeState:
    """Return a charge's row as the judge knows it."""
    return ChargeState(
        key=row.key, ledger=row.ledger, points=row.points, rulebook=row.rulebook, rule=row.rule, matter=row.matter,
        because=row.because, at=row.at, expires_at=row.expires_at,
    )  # fmt: skip


def _load_whole(memory: Memory, standing: Standing, matter: str, last_at: datetime | None) -> None:
    duties = Duty.objects.filter(party_id=standing.party_id, matter=matter, stuck_at__isnull=True)
    lines = JournalLine.objects.filter(party_id=standing.party_id, matter=matter, fact_id__isnull=False)
    bodies = lines.exclude(kind=DEADLINE).values_list("body", flat=True)
    memory.load(matter, map(state_of, duties), last_at=last_at, history=map(journal.read_fact, bodies))
    if standing.paused_until is not None:
        _load_pauses(memory, standing, matter)


def _load_pauses(memory: Memory, standing: Standing, matter: str) -> None:
    rows = list(Pause.objects.filter(Q(matter="") | Q(matter=matter), party_id=standing.party_id))
    memory.load(matter, (), pauses=[(row.begins, row.ends) for row in rows if row.matter])
    memory.load(memory.party, (), pauses=[(row.begins, row.ends) for row in rows if not row.matter])


def _load_accounts(memory: Memory, standing: Standing) -> None:
    charges = Charge.objects.filter(party_id=standing.party_id, overturned_at__isnull=True)
    sanctions = Sanction.objects.filter(party_id=standing.party_id, stuck_at__isnull=True)
    memory.load_accounts(map(charge_of, charges), map(measure_of, sanctions))


def _matters_touched(standing: Standing, pause: Interval) -> list[str]:
    """Return the matters with a duty that ran during `pause` or after it."""
    duties = Duty.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=pause[0]), party_id=standing.party_id)
    return sorted(set(duties.values_list("matter", flat=True)))
