"""Dossiers: what the judge must know of a party to judge one fact, or the moments that have passed.

Reads as little as the fact allows: a fact in its turn needs the matter's newest duties; a late one the whole matter.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q

from comity.policy.dossier import ChargeState, DutyState, MeasureState, MeasureStatus, PeerState, RatingState
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import PAUSE, PEERS, Fact, read_fact
from comity.policy.judge import DECISIONS, looks_back
from comity.policy.memory import Memory
from comity.policy.sanctions import points
from comity.policy.standards.tally import of_peers
from comity.policy.time.clocks import Interval
from comity.policy.time.deadlines import pauses_of
from comity.records import rulebooks, statements
from comity.records.models import Charge, Duty, JournalLine, Pause, Rating, Sanction, Standing
from comity.records.models.parties import NO_EVALUATIONS
from comity.records.tallies import Tallies

#: Most moments ruled on in one transaction; what is left waits for the next.
BATCH = 500
_NO_LIMIT = 1_000_000


def for_fact(memory: Memory, standing: Standing, fact: Fact) -> None:
    """Load into `memory` what judging `fact` takes. Moments before `fact.noted_at` have been ruled on already."""
    _load_standards(memory, standing)
    if fact.kind in DECISIONS:
        _load_accounts(memory, standing)
        return
    if fact.kind == PAUSE and fact.matter == memory.party:
        begin, end, _ = pauses_of([fact])[0]
        for matter in _matters_touched(standing, (begin, end)):
            _load_whole(memory, standing, matter, statements.matter(standing.party_id, matter)[0])
        _load_accounts(memory, standing)
        return
    last_at, current = statements.matter(standing.party_id, fact.matter)
    if (last_at is not None and fact.at <= last_at) or looks_back(memory.rulebooks, fact):
        _load_whole(memory, standing, fact.matter, last_at)
    else:
        memory.load(fact.matter, current, last_at=last_at)
        if standing.paused_until is not None and fact.at < standing.paused_until:
            _load_pauses(memory, standing, fact.matter)
    _load_accounts(memory, standing)


def for_moments(memory: Memory, standing: Standing, now: datetime) -> datetime:
    """Load the duties and sanctions whose moment passed before `now`, and return up to when time may be turned.

    At most about BATCH of them: the earliest. Those whose judging failed before have stepped aside.
    """
    rows = statements.falling(standing.party_id, now, BATCH + 1)
    horizon = now
    if len(rows) > BATCH:
        horizon = rows[-1][0].next_at or now
        earlier = [row for row in rows if row[0].next_at != horizon]
        if not earlier:  # more than a batch at one moment: take that moment whole
            horizon = min(now, horizon + timedelta(microseconds=1))
            earlier = statements.falling(standing.party_id, horizon, _NO_LIMIT)
        rows = earlier
    for duty, current in rows:
        if _has(memory, duty, lambda rule: bool(rule.breach.opens)):
            memory.load(duty.matter, statements.matter(standing.party_id, duty.matter)[1])
        if _has(memory, duty, lambda rule: rule.decided_after is not None) and duty.matter not in memory.history:
            memory.load(duty.matter, (), history=statements.facts_of_matter(standing.party_id, duty.matter))
        memory.load(duty.matter, [duty], older=() if current else (duty.key,))
    ending = Sanction.objects.filter(party_id=standing.party_id, next_at__lt=horizon, stuck_at__isnull=True)
    memory.load_timers(map(measure_of, ending))
    _load_standards(memory, standing)
    if standing.paused_until is not None:
        for matter in {duty.matter for duty, _ in rows} or {""}:
            _load_pauses(memory, standing, matter)
    _load_accounts(memory, standing)
    return horizon


def _has(memory: Memory, duty: DutyState, asked: Callable[[DutyRule], bool]) -> bool:
    """Whether the rule of `duty` is as asked. One whose rule is not known: no."""
    try:
        return asked(memory.rulebooks.version(duty.rulebook).by_name[duty.rule])
    except LookupError:
        return False


def measure_of(row: Sanction) -> MeasureState:
    """Return a sanction's row as the judge knows it."""
    return MeasureState(
        key=row.key, ledger=row.ledger, rung=row.rung, measure=row.measure, points=row.points, rulebook=row.rulebook,
        status=MeasureStatus(row.status), at=row.at, because=tuple(row.because), next_at=row.next_at, issue=row.issue,
        seconded_by=row.seconded_by, restored_at=row.restored_at,
    )  # fmt: skip


def charge_of(row: Charge) -> ChargeState:
    """Return a charge's row as the judge knows it."""
    return ChargeState(
        key=row.key, ledger=row.ledger, points=row.points, rulebook=row.rulebook, rule=row.rule, matter=row.matter,
        because=row.because, at=row.at, expires_at=row.expires_at,
    )  # fmt: skip


def points_of(party_id: int, now: datetime) -> dict[str, int]:
    """Return the points, or the score, of each ledger of the rules in force at `now`."""
    book = rulebooks.current().in_force(now)
    if book is None:
        return {}
    charges = list(map(charge_of, Charge.objects.filter(party_id=party_id, overturned_at__isnull=True)))
    rows = Tallies(party_id)
    return {name: points.standing(book, name, charges, now, rows) for name in book.ledgers}


def _load_whole(memory: Memory, standing: Standing, matter: str, last_at: datetime | None) -> None:
    memory.load(
        matter, statements.duties_of_matter(standing.party_id, matter), last_at=last_at,
        history=statements.facts_of_matter(standing.party_id, matter),
    )  # fmt: skip
    if standing.paused_until is not None:
        _load_pauses(memory, standing, matter)


def _load_pauses(memory: Memory, standing: Standing, matter: str) -> None:
    rows = list(Pause.objects.filter(Q(matter="") | Q(matter=matter), party_id=standing.party_id))
    memory.load(matter, (), pauses=[(row.begins, row.ends, row.cause) for row in rows if row.matter])
    memory.load(memory.party, (), pauses=[(row.begins, row.ends, row.cause) for row in rows if not row.matter])


def _load_accounts(memory: Memory, standing: Standing) -> None:
    """Leave word where the ledgers are; most facts and moments never ask."""

    def fetch() -> tuple[list[ChargeState], list[MeasureState]]:
        charges = Charge.objects.filter(party_id=standing.party_id, overturned_at__isnull=True)
        sanctions = Sanction.objects.filter(party_id=standing.party_id, stuck_at__isnull=True)
        return list(map(charge_of, charges)), list(map(measure_of, sanctions))

    memory.fetch_accounts = fetch


def _load_standards(memory: Memory, standing: Standing) -> None:
    """Say where the rows of standards are, and when each is evaluated next; leave word where the ratings are."""
    memory.tallies = Tallies(standing.party_id)
    if standing.evaluations != NO_EVALUATIONS:
        memory.load_evaluations(standing.next_evaluations)

    def fetch() -> tuple[list[RatingState], list[PeerState]]:
        ratings = Rating.objects.filter(party_id=standing.party_id, overturned_at__isnull=True)
        compared = any(rule.compares_with_peers for book in memory.rulebooks for rule in book.standards.values())
        lines = JournalLine.objects.filter(party_id=standing.party_id, kind=PEERS) if compared else ()
        return list(map(rating_of, ratings)), [of_peers(read_fact(line.body)) for line in lines]

    memory.fetch_ratings = fetch


def rating_of(row: Rating) -> RatingState:
    """Return a rating's row as the judge knows it."""
    return RatingState(
        key=row.key, standard=row.standard, rulebook=row.rulebook, at=row.at, level=row.level, counted=row.counted,
        faulty=row.faulty,
    )  # fmt: skip


def _matters_touched(standing: Standing, pause: Interval) -> list[str]:
    """Return the matters with a duty whose time `pause` may lengthen: due after it began, ended or not."""
    duties = Duty.objects.filter(party_id=standing.party_id, due__gt=pause[0], opened_at__lt=pause[1])
    return sorted(set(duties.values_list("matter", flat=True)))
