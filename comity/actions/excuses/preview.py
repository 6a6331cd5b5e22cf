"""Whom a pause would excuse, before it is recorded: counted, with examples as the judge rules them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from comity.actions.excuses import concerned, spreading, verbs
from comity.actions.excuses.asked import About, Asked, checked, of_ref
from comity.actions.guard import Actor
from comity.policy.duties.matter import DutyStatus
from comity.policy.facts.standing import EVERYBODY
from comity.records import rulebooks, statements
from comity.records.models import Duty, Excuse, Order, Party

#: So much is looked at; what is more is said to be more.
MOST_LOOKED_AT, _CHUNK = 20_000, 500
MOST_EXAMPLES, MOST_DUTIES = 3, 20
#: What a pause can excuse: what is done, or fell away, has another deadline then and is what it was.
_EXCUSED = (DutyStatus.OPEN, DutyStatus.BREACHED, DutyStatus.CURED)


@dataclass(frozen=True, slots=True)
class Moved:
    """What would become of a duty: its deadline and state of before and after."""

    title: str
    matter: str
    due: datetime
    status: str
    new_due: datetime
    new_status: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How many a pause would excuse.

    orders   None where it is not by orders
    open     duties whose deadline is still to come to pass; `broken` those not done in time, that it may excuse
    more     whether there is more than was looked at
    examples what the judge would make of some of them
    """

    asked: Asked
    parties: int
    orders: int | None
    open: int
    broken: int
    more: bool
    examples: Sequence[Moved]


def of(actor: Actor, asked: Asked, *, at: datetime) -> Preview:
    """Return whom a pause would excuse; nothing is recorded. Raises Refused, Forbidden, as recording it does."""
    asked = checked(actor, asked, at=at)
    row = verbs.unsaved(actor, asked, at=at)
    if asked.about is not None:
        return _of_one(row, asked, asked.about, at)
    parties, orders, more = set[int](), 0, False
    counts = {True: 0, False: 0}
    examples: list[About] = []
    for part in concerned.in_parts(row, _CHUNK):
        duties = _duties(row, part)
        parties |= {each.pk if isinstance(each, Party) else each.seller_id for each in part}
        orders += sum(isinstance(each, Order) for each in part)
        for duty in duties:
            counts[duty.status == DutyStatus.OPEN] += 1
        touched = {(duty.party_id, duty.matter) for duty in duties} | {(duty.party_id, "") for duty in duties}
        examples += [each for each in part if _key(each) in touched][: MOST_EXAMPLES - len(examples)]
        if more := max(orders, len(parties)) >= MOST_LOOKED_AT:
            break
    shown = [moved for each in examples for moved in _tried(row, each, at)[:MOST_EXAMPLES]]
    by_orders = None if row.cause == EVERYBODY else orders
    return Preview(asked, len(parties), by_orders, counts[True], counts[False], more, shown)


def named(seen: Preview | None) -> list[tuple[Moved, About | None]]:
    """Return the examples with the order or conversation that each is about; None where it is about neither."""
    return [(each, of_ref(each.matter)) for each in seen.examples] if seen is not None else []


def _key(each: About) -> tuple[int, str]:
    return (each.pk, "") if isinstance(each, Party) else (each.seller_id, each.ref)


def _of_one(row: Excuse, asked: Asked, about: About, at: datetime) -> Preview:
    duties = _duties(row, [about])
    going = sum(duty.status == DutyStatus.OPEN for duty in duties)
    orders = 1 if isinstance(about, Order) else None
    return Preview(asked, 1, orders, going, len(duties) - going, False, _tried(row, about, at)[:MOST_DUTIES])


def _duties(row: Excuse, part: Sequence[About]) -> list[Duty]:
    """Return the duties, open or not done, whose time the pause stops."""
    time = Duty.objects.filter(opened_at__lt=row.ends, due__gt=row.begins, current=True, status__in=_EXCUSED)
    keys = [_key(each) for each in part]
    mine = time.filter(party__in={party for party, _ in keys})
    if any(matter for _, matter in keys):
        mine = mine.filter(matter__in={matter for _, matter in keys})
    return [duty for duty in mine.only("party", "matter", "rule", "rulebook", "status") if _stops(duty, row.cause)]


def _stops(duty: Duty, cause: str) -> bool:
    try:
        known = rulebooks.version(duty.rulebook).by_name.get(duty.rule)
    except LookupError:
        return False
    return known is not None and cause in known.pauses


class _Undo(Exception):
    """What was tried is rolled back."""


def _tried(row: Excuse, about: About, at: datetime) -> list[Moved]:
    """Return what the judge makes of a pause of `about`; all that it wrote is undone."""
    party = about if isinstance(about, Party) else about.seller
    moved: list[Moved] = []
    try:
        with transaction.atomic():
            statements.lock(party.pk)
            before = {duty.key: duty for duty in _near(row, about)}
            spreading.note(row, about, at)
            moved += _differences(before, list(_near(row, about)))
            raise _Undo
    except _Undo:
        return moved


def _near(row: Excuse, about: About) -> Iterator[Duty]:
    party, matter = _key(about)
    rows = Duty.objects.filter(party=party, opened_at__lt=row.ends).order_by("due", "key")
    return iter(rows.filter(matter=matter) if matter else rows.filter(due__gt=row.begins))


def _differences(before: dict[str, Duty], after: Sequence[Duty]) -> Iterator[Moved]:
    for new in after:
        old = before.get(new.key)
        if old is not None and old.status in _EXCUSED and (old.due, old.status) != (new.due, new.status):
            known = rulebooks.version(new.rulebook).by_name.get(new.rule)
            title = known.title if known is not None else new.rule
            yield Moved(title, new.matter, old.due, old.status, new.due, new.status)
