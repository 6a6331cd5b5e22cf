"""The one door. Whatever happens comes through `enact`: lock the party, let time catch up, append the fact, judge it,
carry out the rulings, append them. One transaction; nothing half-written.

The judging is done by `policy.memory`, the same code that replays history; this loads what it needs and writes down
what it returns.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet, Subquery

from comity.actions import notices
from comity.policy import turns
from comity.policy.dossier import DutyState, MeasureStatus
from comity.policy.facts import CLOCK_SKEW_SECONDS, PAUSE, Fact, problems
from comity.policy.memory import EVALUATION, Memory, Stuck
from comity.policy.rulings import (
    Breach,
    Charge,
    Credit,
    Decline,
    Hold,
    Lift,
    Overturn,
    Place,
    Propose,
    Rate,
    Restore,
    Ruling,
    Second,
    Warn,
)
from comity.policy.sanctions import accounts
from comity.policy.standards.rating import next_evaluation
from comity.policy.time import deadlines
from comity.records import dossiers, journal, rulebooks, statements
from comity.records.models import Charge as ChargeRow
from comity.records.models import Duty, Message, Party, Pause, RulebookVersion, Sanction, Standing
from comity.records.models import Rating as RatingRow
from comity.records.models.parties import NO_EVALUATIONS
from comity.records.tallies import Tallies

logger = logging.getLogger(__name__)

#: How many broken moments may step aside before one fact gives up.
MAX_STEPPING_ASIDE = 20
_KEEP_THE_TURN = frozenset({Warn, Breach})


class Refused(ValueError):
    """The fact cannot be taken; `problems` says why, one sentence each."""

    def __init__(self, problems: Sequence[str]):
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def enact(party: Party, fact: Fact, *, rows: Sequence[Model] = (), once: bool = False) -> list[Ruling] | None:
    """Judge `fact`, one of `party`'s matters, and carry out what follows; return the rulings on it.

    `rows` are new rows that the fact is about, inserted in the same transaction. With `once`, a fact whose id the
    journal knows changes nothing, and None is returned. Raises Refused for a fact that is not sound. A moment whose
    judging fails steps aside (`clock.stuck` shows it); the fact goes through.
    """
    if wrong := list(problems(fact, now=fact.noted_at)):
        raise Refused(wrong)
    for _ in range(MAX_STEPPING_ASIDE):
        try:
            with transaction.atomic():
                return _enact(party, fact, rows=rows, once=once)
        except Stuck as stuck:
            step_aside(party, stuck, at=fact.noted_at)
    raise RuntimeError(f"more than {MAX_STEPPING_ASIDE} moments of {party.ref} cannot be ruled on; see comity clock")


def happened(at: datetime, now: datetime) -> datetime:
    """Return when something happened, given another's clock: a little ahead of ours means now, far ahead is refused."""
    if (at - now).total_seconds() > CLOCK_SKEW_SECONDS:
        raise Refused([f"the time {at.isoformat()} is in the future; here it is {now.isoformat()}"])
    return min(at, now)


def catch_up(party: Party, now: datetime) -> int:
    """Rule on every moment of `party` before `now`; return how many rulings that gave."""
    count = 0
    for _ in range(MAX_STEPPING_ASIDE):
        try:
            with transaction.atomic():
                standing = statements.lock(party.pk)
                return count + rule_on_moments(party, standing, now)
        except Stuck as stuck:
            step_aside(party, stuck, at=now)
    return count


def lockable(*, skip_locked: bool = False) -> QuerySet[Standing]:
    """Return standings as they are to be locked. SQLite has no row locks and needs none: one writer at a time."""
    newest = RulebookVersion.objects.order_by("-id").values("id")[:1]
    rows = Standing.objects.select_for_update(of=("self",), skip_locked=skip_locked)
    return rows.annotate(newest_rulebook=Subquery(newest))


def _enact(party: Party, fact: Fact, *, rows: Sequence[Model], once: bool) -> list[Ruling] | None:
    standing = statements.lock(party.pk)
    if once and statements.known(party.pk, fact.id):
        return None
    for row in rows:
        statements.insert(row)
    if standing.next_due is not None and standing.next_due < fact.noted_at:
        rule_on_moments(party, standing, fact.noted_at)
    desk = _Desk(party, standing, fact.noted_at)
    dossiers.for_fact(desk.memory, standing, fact)
    desk.took_up()
    rulings = desk.memory.note(fact)
    if fact.kind == PAUSE:
        _record_pause(party, standing, fact)
    desk.write_down()
    desk.take_turns(rulings, fact, next((row for row in rows if isinstance(row, Message)), None))
    return rulings


def rule_on_moments(party: Party, standing: Standing, now: datetime) -> int:
    """Rule on the moments of a locked party before `now`; return how many rulings. Leaves `next_due` exact.

    Raises policy.memory.Stuck where one cannot be ruled on; the caller rolls back and lets it step aside.
    """
    count = 0
    while standing.next_due is not None and standing.next_due < now:
        desk = _Desk(party, standing, now)
        horizon = dossiers.for_moments(desk.memory, standing, now)
        desk.took_up()
        rulings = desk.memory.turn(horizon)
        count += len(rulings)
        desk.write_down(exact=True)
        desk.take_turns(rulings)
    return count


class _Desk:
    """What one sitting works on: the memory, the lines it gives, and the rows that must change."""

    def __init__(self, party: Party, standing: Standing, noted_at: datetime):
        self.party, self.standing, self.noted_at = party, standing, noted_at
        self.entries: list[Fact | Ruling] = []
        books = rulebooks.published(getattr(standing, "newest_rulebook", None))
        self.memory = Memory(books, party.ref, write=self.entries.append)
        self._was_current: set[str] = set()

    def took_up(self) -> None:
        """Remember which duties were current before judging."""
        for matter in self.memory.matters.values():
            self._was_current |= {duty.key for duty in matter.current.values()}

    def write_down(self, *, exact: bool = False) -> None:
        """Carry out the rulings on the rows, append the lines, and move the standing on.

        `exact`: read the next moment from the rows, instead of letting it only come nearer.
        """
        rulings = [entry for entry in self.entries if isinstance(entry, Ruling)]
        statements.append_lines(journal.lines(self.standing, self.entries, self.noted_at))
        self._write_duties(rulings)
        self._write_charges(rulings)
        self._write_ratings(rulings)
        if isinstance(self.memory.tallies, Tallies):
            self.memory.tallies.write()
        if self.memory.evaluations or self.standing.evaluations != NO_EVALUATIONS:
            self.standing.set_evaluations(self.memory.evaluations)
        self._write_sanctions(rulings)
        statements.add_notices(notices.for_rulings(self.memory.rulebooks, self.standing, rulings, self.noted_at))
        moments = [self.standing.next_due, *(getattr(ruling, "next_at", None) for ruling in rulings)]
        moments += [ruling.until for ruling in rulings if isinstance(ruling, Place)]
        if exact:
            moments = [statements.next_moment(self.party.pk)]
        moments += self.memory.evaluations.values()
        self.standing.next_due = min((moment for moment in moments if moment is not None), default=None)
        statements.save_standing(self.standing)

    def take_turns(self, rulings: list[Ruling], fact: Fact | None = None, message: Message | None = None) -> None:
        """Note in the conversations concerned whose turn it is now, and their newest message.

        A warning or a breach leaves the turn where it is.
        """
        books = self.memory.rulebooks
        changed = {ruling.matter for ruling in rulings if type(ruling) not in _KEEP_THE_TURN}
        for matter in sorted(changed | ({fact.matter} if fact else set())):
            held = self.memory.matters.get(matter)
            if held is None or not matter.startswith("conversation:"):
                continue
            if fact is not None and fact.matter == matter:
                turn = turns.after(books, held.current.values(), fact)
            else:
                turn = turns.of_duties(books, held.current.values()) or turns.NOBODY
            if message is not None:
                statements.take_turn(turn, message=message)
            elif uuid := _uuid(matter):
                statements.take_turn(turn, uuid=uuid)

    def _write_duties(self, rulings: list[Ruling]) -> None:
        touched = {getattr(ruling, "key", "") for ruling in rulings}
        rows: list[tuple[DutyState, bool]] = []
        for matter in self.memory.matters.values():
            now_current = {duty.key for duty in matter.current.values()}
            changed = touched | (now_current ^ (self._was_current & set(matter.by_key)))
            rows += [(duty, duty.key in now_current) for duty in matter.by_key.values() if duty.key in changed]
        # Those that are no longer current first: the database allows one current duty for a rule and subject.
        statements.write_duties(self.party.pk, sorted(rows, key=lambda row: row[1]))

    def _write_charges(self, rulings: list[Ruling]) -> None:
        rows = {}
        for ruling in rulings:
            if isinstance(ruling, Charge | Credit):
                held = accounts.held(ruling)
                rows[ruling.key] = ChargeRow(
                    key=held.key, party=self.party, ledger=held.ledger, points=held.points, rule=held.rule,
                    rulebook=held.rulebook, matter=held.matter, because=held.because, at=held.at,
                    expires_at=held.expires_at,
                )  # fmt: skip
            elif isinstance(ruling, Overturn) and ruling.what == "charge":
                rows.pop(ruling.key, None)
                ChargeRow.objects.filter(key=ruling.key).update(overturned_at=ruling.at)
        if rows:
            ChargeRow.objects.bulk_create(
                rows.values(), update_conflicts=True, unique_fields=["key"],
                update_fields=["at", "expires_at", "points", "overturned_at"],
            )  # fmt: skip

    def _write_ratings(self, rulings: list[Ruling]) -> None:
        for ruling in rulings:
            if isinstance(ruling, Rate):
                RatingRow.objects.update_or_create(
                    key=ruling.key,
                    defaults={
                        "party": self.party, "standard": ruling.rule, "rulebook": ruling.rulebook, "at": ruling.at,
                        "level": ruling.level, "counted": ruling.counted, "faulty": ruling.faulty,
                        "overturned_at": None,
                    },
                )  # fmt: skip
            elif isinstance(ruling, Overturn) and ruling.what == "rating":
                RatingRow.objects.filter(key=ruling.key).update(overturned_at=ruling.at)

    def _issue(self, key: str) -> int:
        return self.memory.measures[key].issue

    def _write_sanctions(self, rulings: list[Ruling]) -> None:
        for ruling in rulings:
            match ruling:
                case Propose():
                    _write_sanction(self.party, ruling, MeasureStatus.PROPOSED, issue=self._issue(ruling.key))
                case Place():
                    _place(self.party, ruling, told_at=self.noted_at, issue=self._issue(ruling.key))
                case Second():
                    Sanction.objects.filter(key=ruling.key).update(seconded_by=ruling.decided_by)
                case Restore():
                    Sanction.objects.filter(key=ruling.key).update(restored_at=ruling.at)
                case Hold():
                    Sanction.objects.filter(key=ruling.key).update(next_at=None)
                case Decline():
                    _end_sanction(ruling.key, MeasureStatus.DECLINED, ruling.at, decided_by=ruling.decided_by)
                case Lift():
                    _end_sanction(ruling.key, MeasureStatus.LIFTED, ruling.at)
                case Overturn(what="sanction"):
                    _end_sanction(ruling.key, MeasureStatus.OVERTURNED, ruling.at)


def _uuid(matter: str) -> UUID | None:
    """Return the id of a conversation of ours; the shop's own have ids of any form."""
    try:
        return UUID(matter.partition(":")[2])
    except ValueError:
        return None


def _write_sanction(party: Party, ruling: Propose | Place, status: MeasureStatus, **more: object) -> None:
    Sanction.objects.update_or_create(
        key=ruling.key,
        defaults={
            "party": party, "ledger": ruling.ledger, "rung": ruling.rung, "measure": ruling.measure,
            "points": ruling.points, "rulebook": ruling.rulebook, "status": status, "at": ruling.at,
            "because": list(ruling.because), "ended_at": None, "next_at": None, "stuck_at": None,
            "restored_at": None, **({"seconded_by": ""} if status is MeasureStatus.PROPOSED else {}), **more,
        },
    )  # fmt: skip


def _place(party: Party, ruling: Place, *, told_at: datetime, issue: int) -> None:
    """Place a measure with its statement of reasons, written in the same transaction.

    Its notice runs from when the party is told: a measure ruled late does not take effect before it was known.
    """
    notice = ruling.effective_at - ruling.at
    automatic = ruling.decided_by.startswith("platform:")
    _write_sanction(
        party, ruling, MeasureStatus.PLACED, statement=_statement(ruling, automatic=automatic),
        effective_at=max(ruling.effective_at, told_at + notice) if notice else ruling.effective_at,
        until=ruling.until, next_at=ruling.until, decided_by=ruling.decided_by, issue=issue,
    )  # fmt: skip


def _statement(ruling: Place, *, automatic: bool) -> dict[str, object]:
    """Return the statement of reasons as codes and values (EU 2022/2065 art. 17; EU 2019/1150 art. 4)."""
    return {
        "measure": ruling.measure,
        "ground": {"rulebook": ruling.rulebook, "ledger": ruling.ledger, "rung": ruling.rung},
        "points": ruling.points,
        "facts": list(ruling.because),
        "automated_detection": True,
        "automated_decision": automatic,
        "redress": {"internal_complaint_days": 183},
    }


def _end_sanction(key: str, status: MeasureStatus, at: datetime, **more: object) -> None:
    Sanction.objects.filter(key=key).update(status=status, ended_at=at, next_at=None, **more)


def _record_pause(party: Party, standing: Standing, fact: Fact) -> None:
    begins, ends, cause = deadlines.pauses_of([fact])[0]
    matter = "" if fact.matter == party.ref else fact.matter
    Pause.objects.create(party=party, matter=matter, begins=begins, ends=ends, cause=cause)
    standing.paused_until = max(ends, standing.paused_until or ends)


def step_aside(party: Party, stuck: Stuck, *, at: datetime) -> None:
    """Set a moment aside whose judging failed, so that everything else goes on; agents see it and may try again."""
    why = f"{type(stuck.why).__name__}: {stuck.why}"[:300]
    with transaction.atomic():
        standing = statements.lock(party.pk)
        if stuck.key.startswith(EVALUATION):
            _put_off(standing, stuck.key.removeprefix(EVALUATION), why)
        else:
            rows = Duty.objects.filter(key=stuck.key) if stuck.matter else Sanction.objects.filter(key=stuck.key)
            changes = {"stuck_at": at, "stuck_why": why} | ({"current": False} if stuck.matter else {})
            rows.update(**changes)
        moments = [statements.next_moment(party.pk), *standing.next_evaluations.values()]
        standing.next_due = min((moment for moment in moments if moment is not None), default=None)
        standing.save(update_fields=["next_due", "evaluations"])


def _put_off(standing: Standing, name: str, why: str) -> None:
    """Leave an evaluation out whose judging failed, and go on with the next one."""
    evaluations = standing.next_evaluations
    at = evaluations.pop(name)
    logger.error("the evaluation of %s at %s failed and is left out: %s", name, at.isoformat(), why)
    following = next_evaluation(rulebooks.published(getattr(standing, "newest_rulebook", None)), name, at)
    standing.set_evaluations(evaluations | ({name: following} if following else {}))
