"""Health, as the rows have it: what is known of a party, and the subjects behind the numbers of a standard."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from django.db.models import Q, QuerySet

from comity.policy.duties.matter import DutyStatus
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import PEERS, Fact, read_fact
from comity.policy.health.known import Known, own_open
from comity.policy.matching import Match, accepted
from comity.policy.standards.rates import Count
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.tally import Counting, of_peers
from comity.policy.standards.tally import Tally as TallyState
from comity.policy.time.clocks import Interval
from comity.records import rulebooks, statements, tallies
from comity.records.carry_out import CHARGES, DUTIES, ROWS
from comity.records.carry_out.rows import Rows
from comity.records.models import Duty, JournalLine, Order, Party, Tally
from comity.records.tallies import Tallies

#: Most open duties that are looked at, the first due first.
MOST_DUTIES = 1_000
#: Which subjects of a standard are asked for.
COUNTED, FAULTY, LEFT_OUT = "counted", "faulty", "left_out"
WHICH = (FAULTY, COUNTED, LEFT_OUT)
#: Moments of an order by which duties may be due; an order without one opens no such duty.
_DATES = ("dispatch_by", "deliver_by")


class CountedOnce:
    """Rows that are counted once for each question: what is shown together asks the same again and again."""

    def __init__(self, counting: Counting):
        self._counting = counting
        self._known: dict[tuple[object, ...], Count] = {}
        self._buyers: dict[tuple[object, ...], Mapping[str, int]] = {}

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Count as the rows do, and remember it."""
        asked = (standard, window, at, latest)
        if asked not in self._known:
            self._known[asked] = self._counting.count(standard, window, at, latest)
        return self._known[asked]

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Name the buyers as the rows do, and remember them."""
        asked = (standard, window, at)
        if asked not in self._buyers:
            self._buyers[asked] = self._counting.buyers(standard, window, at)
        return self._buyers[asked]


def known_of(party: Party, now: datetime) -> Known | None:
    """Return what the judge knows of a party at `now`; None where no rules are in force. Five statements."""
    books = rulebooks.current()
    book = books.in_force(now)
    if book is None:
        return None
    charges = CHARGES.read(party.pk, " AND overturned_at IS NULL")
    duties = DUTIES.read(party.pk, f" AND status = 'open' ORDER BY due LIMIT {MOST_DUTIES}")
    peers = []
    if any(rule.compares_with_peers for rule in book.standards.values()):
        peers = [of_peers(read_fact(line.body)) for line in JournalLine.objects.filter(party=party, kind=PEERS)]
    return Known(
        books=books, book=book, role=party.role, at=now,
        charges=[charge for charge in charges if charge.since <= now],
        measures=_rows("sanction").read(party.pk),
        duties=own_open(books, party.role, duties),
        ratings=_rows("rating").read(party.pk, " AND overturned_at IS NULL"),
        counting=CountedOnce(Tallies(party.pk)),
        peers=peers,
    )  # fmt: skip


def _rows(life: str) -> Rows:
    rows = ROWS[life]
    assert isinstance(rows, Rows)
    return rows


# The subjects behind a number


class Subject(NamedTuple):
    """A subject of a standard.

    row     as it counts
    matter  what it is about: itself, or the matter of its duty
    duty    the duty that is counted, where one is
    left    why it is left out: undated, excluded, waived, voided, unknown; "" where it counts
    fact    the fact that took it out, or made it faulty, where that is known
    """

    row: TallyState
    matter: str
    duty: Duty | None
    left: str
    fact: Fact | None


def subjects(
    party: Party, rule: StandardRule, span: Interval, at: datetime, which: str, *, first: int, number: int
) -> list[Subject]:
    """Return some subjects of a standard in a window as things stood at `at`, the newest first; a few statements."""
    rows = _chosen(party, rule, span, at, which).order_by("-basis", "-counted_at", "-pk")[first : first + number]
    found = tallies.rows_of(party.pk, rule.name, [row.subject for row in rows])
    keys = [row.subject.removeprefix("duty:") for row in found if row.subject.startswith("duty:")]
    duties = {duty.key: duty for duty in party.duties.filter(key__in=keys)} if keys else {}
    named = [(row, duties.get(row.subject.removeprefix("duty:"))) for row in found]
    facts = _facts(party, [duty.matter if duty else row.subject for row, duty in named])
    return [_subject(rule, row, duty, at, facts) for row, duty in named]


def how_many(party: Party, rule: StandardRule, span: Interval, at: datetime, which: str) -> int:
    """Return how many subjects there are of a kind. One statement."""
    return _chosen(party, rule, span, at, which).count()


def _chosen(party: Party, rule: StandardRule, span: Interval, at: datetime, which: str) -> QuerySet[Tally]:
    rows = Tally.objects.filter(party=party, standard=rule.name, fault="")
    inside, counts = _inside(span), Q(counted_at__lte=at) & (Q(excluded_at=None) | Q(excluded_at__gt=at))
    if which == COUNTED:
        return rows.filter(inside & counts)
    if which == FAULTY:
        return rows.filter(inside & counts).filter(tallies.is_faulty(at))
    undated = Q(basis=None, counted_at__gte=span[0], counted_at__lt=min(span[1], at))
    excluded = inside & Q(counted_at__lte=at, excluded_at__lte=at)
    # Of a duty that settled as something that is not counted, the row has neither moment.
    uncounted = inside & Q(counted_at=None, subject__startswith="duty:") if rule.of_duty else Q(pk=None)
    return rows.filter(undated | excluded | uncounted)


def _inside(span: Interval) -> Q:
    return Q(basis__gte=span[0], basis__lt=span[1])


def rows_of(party: Party, standard: str, subjects_: Sequence[str]) -> list[TallyState]:
    """Return rows of a standard by their subjects. One statement."""
    return tallies.rows_of(party.pk, standard, subjects_)


def _facts(party: Party, matters: Sequence[str]) -> Mapping[str, Sequence[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in statements.facts_of_matters(party.pk, sorted(set(matters))):
        found.setdefault(fact.matter, []).append(fact)
    return found


def _subject(
    rule: StandardRule, row: TallyState, duty: Duty | None, at: datetime, facts: Mapping[str, Sequence[Fact]]
) -> Subject:
    matter = duty.matter if duty is not None else row.subject
    left = _left(row, duty, at)
    meant: tuple[Match, ...] = rule.excluded if left == "excluded" else () if left else rule.faulty
    moment = row.excluded_at if left == "excluded" else row.faulty_since(at)
    told = [fact for fact in facts.get(matter, ()) if fact.at == moment and accepted(meant, fact)]
    return Subject(row, matter, duty, left, told[0] if told else None)


def _left(row: TallyState, duty: Duty | None, at: datetime) -> str:
    if duty is not None and row.counted_at is None:
        return duty.status if duty.status in (DutyStatus.WAIVED, DutyStatus.VOIDED) else "unknown"
    if row.basis is None:
        return "undated"
    return "excluded" if row.excluded_at is not None and row.excluded_at <= at else ""


def undated(party: Party, rule: StandardRule, span: Interval, at: datetime) -> int:
    """Return how many subjects are not counted because the date by which they would be is missing. Two statements.

    Rows without a date; and orders without the moment by which a duty would have been due: these opened none.
    """
    rows = Tally.objects.filter(party=party, standard=rule.name, basis=None)
    number = rows.filter(counted_at__gte=span[0], counted_at__lt=min(span[1], at)).count()
    duty = _duty_of(rule, at)
    if duty is None or duty.by not in _DATES or duty.within is not None or duty.each != "order" or duty.by_fact:
        return number
    orders = Order.objects.filter(seller=party, paid_at__gte=span[0], paid_at__lt=min(span[1], at))
    return number + orders.filter(**{duty.by: None}, cancelled_at=None).count()


def _duty_of(rule: StandardRule, at: datetime) -> DutyRule | None:
    book = rulebooks.current().in_force(at)
    return book.by_name.get(rule.of_duty) if book is not None else None
