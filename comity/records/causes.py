"""Causes: of what a standard counted of a party, where the faults lie: on which lane, with which offer, on which day.

Nothing is proved by it: it shows where to look first. A group of few says nothing, and is marked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Prefetch, Q, QuerySet

from comity.lib import zones
from comity.policy.facts import subject_kind
from comity.policy.standards import levels
from comity.policy.standards.rates import interval
from comity.policy.standards.rule import StandardRule
from comity.policy.time.clocks import Interval
from comity.records import refs, tallies
from comity.records.models import Conversation, Dispute, Duty, Order, OrderLine, Party, Shipment, Tally

#: So many subjects are looked at, the newest; a group of fewer than so many is few.
MOST, FEW = 2_000, 5
LANE, LISTING, WEEKDAY = "lane", "listing", "weekday"
KINDS = (LANE, LISTING, WEEKDAY)
#: From how many times the party's own share on, a group suggests what to do.
TELLING = 1.25
#: What each kind of cause suggests, as codes of `policy.facts.plans.ACTIONS`.
SUGGESTS: Mapping[str, tuple[str, ...]] = {
    LANE: ("other_carrier", "longer_handling"),
    LISTING: ("correct_listing", "check_before_shipping", "pause_listing"),
    WEEKDAY: ("ship_earlier",),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """A group of what counted: `faulty` of `counted`, and how many times the party's own share that is.

    kind   lane, listing or weekday
    name   of a lane, "destination carrier" with "?" for what is not known; the uuid of a listing; 0 (Monday) to 6
    title  of a listing, its title
    """

    kind: str
    name: str
    title: str
    faulty: int
    counted: int
    lift: float

    @property
    def is_few(self) -> bool:
        """Whether so few counted that it says nothing."""
        return self.counted < FEW

    @property
    def is_telling(self) -> bool:
        """Whether the share is that much above the party's own that it suggests something."""
        return not self.is_few and self.faulty > 1 and self.lift >= TELLING

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the true one lies, with 95 % confidence."""
        return interval(self.faulty, self.counted)


@dataclass(frozen=True, slots=True)
class Causes:
    """What a standard counted: how many orders, the newest of those at fault, and the groups, most telling first."""

    counted: int
    faulty: int
    at_fault: Sequence[Order]
    groups: Sequence[Cause]

    @property
    def suggested(self) -> tuple[str, ...]:
        """What the most telling groups suggest, as codes of actions."""
        codes = [code for group in self.groups if group.is_telling for code in SUGGESTS[group.kind]]
        return tuple(dict.fromkeys(codes))


class _Row(NamedTuple):
    """An order that counted, and whether it is at fault."""

    order: Order
    faulty: bool


def of_evaluation(party: Party, rule: StandardRule, at: datetime, since: datetime, *, shown: int = 50) -> Causes:
    """Return the causes of what a standard found at an evaluation, under a version in force from `since`."""
    stretches = [stretch for _, stretch in levels.stretches(rule, at, since)]
    widest = min(begin for begin, _ in stretches), max(end for _, end in stretches)
    return of_stretch(party, rule, widest, at, shown=shown)


def of_stretch(party: Party, rule: StandardRule, stretch: Interval, at: datetime, *, shown: int = 50) -> Causes:
    """Return the causes of what a standard counted in a stretch, as things stood at a moment. Some seven statements.

    What cannot be led back to an order is in no group; at most MOST subjects are looked at, the newest.
    """
    rows = list(_orders(party, _counted(party, rule.name, stretch, at), at))
    faulty = [row.order for row in rows if row.faulty]
    groups = sorted(_groups(rows, len(faulty), rule.zone), key=_telling_first)
    return Causes(len(rows), len(faulty), faulty[:shown], groups)


def _telling_first(group: Cause) -> tuple[bool, float, int, str]:
    return (group.is_few, -group.lift, KINDS.index(group.kind), group.name)


def _counted(party: Party, standard: str, stretch: Interval, at: datetime) -> list[Any]:
    begin, end = stretch
    rows = Tally.objects.filter(party=party, standard=standard, basis__gte=begin, basis__lt=end, counted_at__lte=at)
    rows = rows.filter(Q(excluded_at=None) | Q(excluded_at__gt=at)).annotate(faulty=tallies.is_faulty(at))
    return list(rows.order_by("-basis", "-subject")[:MOST])


def _orders(party: Party, counted: Sequence[Any], at: datetime) -> Iterator[_Row]:
    """Yield each order once, at fault where any of its subjects is."""
    orders = _by_subject(party, [row.subject for row in counted])
    found: dict[int, _Row] = {}
    for row in counted:
        if (order := orders.get(row.subject)) is not None:
            before = found.get(order.pk)
            found[order.pk] = _Row(order, row.faulty or (before is not None and before.faulty))
    yield from found.values()


def _by_subject(party: Party, subjects: Iterable[str]) -> Mapping[str, Order]:
    """Return the orders to which subjects of a standard lead back."""
    asked = list(subjects)
    keys = [subject.partition(":")[2] for subject in asked if subject_kind(subject) == "duty"]
    duties = {
        f"duty:{duty.key}": (duty.matter, duty.subject)
        for duty in Duty.objects.filter(party=party, key__in=keys).only("key", "matter", "subject")
    }
    lead = {subject: duties.get(subject, (subject,)) for subject in asked}
    names = {name for some in lead.values() for name in some}
    orders = refs.by_ref(_whole(Order.objects.filter(seller=party)), names)
    beside: dict[str, Conversation | Shipment | Dispute] = {
        **refs.by_ref(Conversation.objects.filter(seller=party), names),
        **refs.by_ref(Shipment.objects.filter(order__seller=party), names),
        **refs.by_ref(Dispute.objects.filter(order__seller=party), names),
    }
    led = {ref: row.order_id for ref, row in beside.items() if row.order_id is not None}
    if led:
        whole = {row.pk: row for row in _whole(Order.objects.filter(pk__in=set(led.values())))}
        orders |= {ref: whole[key] for ref, key in led.items()}
    return {subject: orders[name] for subject, some in lead.items() for name in some if name in orders}


def _whole(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Return orders with their lines and parcels."""
    lines = OrderLine.objects.filter(bundle=None).select_related("listing")
    parcels = Shipment.objects.filter(returns=False).order_by(F("dispatched_at").asc(), "pk")
    return orders.select_related("buyer").prefetch_related(
        Prefetch("lines", lines, to_attr="whole_lines"), Prefetch("shipments", parcels, to_attr="parcels")
    )


def _groups(rows: Sequence[_Row], faulty: int, zone: str) -> Iterator[Cause]:
    """Yield the groups with anything at fault."""
    if not faulty:
        return
    counted: Counter[tuple[str, str]] = Counter()
    at_fault: Counter[tuple[str, str]] = Counter()
    titles: dict[tuple[str, str], str] = defaultdict(str)
    for row in rows:
        for place, title in _places(row.order, zone):
            counted[place] += 1
            at_fault[place] += row.faulty
            titles[place] = title
    own = faulty / len(rows)
    for (kind, name), number in at_fault.items():
        if number:
            total = counted[kind, name]
            yield Cause(kind, name, titles[kind, name], number, total, number / total / own)


def _places(order: Order, zone: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the groups to which an order belongs, each with its title where it has one."""
    parcels: Sequence[Shipment] = order.parcels  # type: ignore[attr-defined]  # see `_whole`
    carrier = parcels[0].carrier if parcels else ""
    if order.destination or carrier:
        yield (LANE, f"{order.destination or '?'} {carrier or '?'}"), ""
    lines: Sequence[OrderLine] = order.whole_lines  # type: ignore[attr-defined]
    for listing in {line.listing for line in lines if line.listing is not None}:
        yield (LISTING, str(listing.uuid)), listing.title
    began = order.paid_at or order.placed_at
    yield (WEEKDAY, str(began.astimezone(zones.zone(zone)).weekday())), ""
