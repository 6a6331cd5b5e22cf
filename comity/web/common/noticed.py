"""Notices as lines of a page: what is due for one subject is one line; it is said as it stands, and so are measures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from comity.actions import appeals
from comity.lib import moments
from comity.policy.duties.matter import DutyStatus
from comity.policy.duties.rulings import DUES
from comity.policy.rulings import Overturn
from comity.policy.sanctions.measures import MeasureStatus
from comity.records import refs
from comity.records.models import Conversation, Duty, Notice, Order, Party, Sanction
from comity.web.common import times
from comity.web.common.called import called
from comity.web.common.timeline import told


@dataclass(slots=True)
class Line:
    """One line: the newest notice of it, its sentences, and where it leads. `unread`: whether any of it is.

    `open`: of how many sentences what is due is open still; these come first.
    """

    row: Notice
    sentences: list[str]
    unread: bool
    title: str = ""
    address: str = ""
    rules: set[str] = field(default_factory=set)
    open: int = 0


def lines(party: Party, rows: Sequence[Notice]) -> list[Line]:
    """Return notices of a party, the newest first, as lines. Some statements for all."""
    measures = _measures(party, rows)
    things = refs.things((party.pk, row.matter) for row in rows if row.kind in (*DUES, Overturn.kind))
    found: list[Line] = []
    dues: dict[str, Line] = {}
    became = _duties(party, rows)
    for row in rows:
        if row.kind not in DUES:
            found.append(_named(_line(row, measures.get(row.matter)), things.get((party.pk, row.matter))))
            continue
        rule, line = str(row.values.get("rule", "")), dues.get(row.matter)
        if line is None:
            line = dues[row.matter] = _named(Line(row, [], unread=False), things.get((party.pk, row.matter)))
            found.append(line)
        line.unread |= row.read_at is None
        if rule not in line.rules:  # what was said of it before is said anew by the newest
            line.rules.add(rule)
            status = became.get(_due_of(row), DutyStatus.OPEN)
            if status == DutyStatus.OPEN:
                line.sentences.insert(line.open, told(row.kind, row.values))
                line.open += 1
            else:
                line.sentences.append(told(_OVER.get(status, f"duty.{status}"), row.values))
    return found


def _named(line: Line, thing: Order | Conversation | None) -> Line:
    """Return a line with what it is about, and where that is; a measure's line names its measure."""
    if thing is not None and not line.title:
        line.title, line.address = called(thing), _address(thing)
    return line


def sentence_of(row: Notice, measure: Sanction | None) -> str:
    """Return what a notice says: of a measure that was placed, from when it is in effect as it stands now."""
    values: dict[str, Any] = dict(row.values)
    if measure is not None and row.kind == "sanction.placed" and measure.effective_at is not None:
        # A clock that was late told of it later than it counts from: its notice runs since then.
        values["effective_at"] = moments.to_text(measure.effective_at)
    return told(row.kind, values)


#: What is said of a duty that was ruled never to have been.
_OVER = {DutyStatus.OVERTURNED.value: "duty.voided"}


def _duties(party: Party, rows: Iterable[Notice]) -> Mapping[tuple[str, str, datetime], str]:
    """Return what became of what was due, by its matter, its rule and when it was due. At most three statements."""
    matters = {row.matter for row in rows if row.kind in DUES}
    if not matters:
        return {}
    owners = {party.pk}
    if party.role == "buyer":  # whose duties stand in the sellers' chains
        owners |= {order.seller_id for order in refs.by_ref(Order.objects.filter(buyer=party), matters).values()}
        talks = refs.by_ref(Conversation.objects.filter(buyer=party), matters).values()
        owners |= {talk.seller_id for talk in talks}
    there = Duty.objects.filter(party__in=owners, matter__in=matters).order_by("opened_at", "pk")
    found = there.values_list("matter", "rule", "due", "status")
    # Of several parcels of one order, or of several messages, one that is open still is told.
    ordered = sorted(found, key=lambda each: each[3] == DutyStatus.OPEN)
    return {(matter, rule, due): status for matter, rule, due, status in ordered}


def _due_of(row: Notice) -> tuple[str, str, datetime]:
    return row.matter, str(row.values.get("rule", "")), moments.parse(str(row.values["due"]))


def _measures(party: Party, rows: Iterable[Notice]) -> Mapping[str, Sanction]:
    keys = {row.matter.partition(":")[2] for row in rows if row.matter.startswith("sanction:")}
    found = Sanction.objects.filter(party=party, key__in=keys).select_related("party") if keys else ()
    return {measure.ref: measure for measure in found}


def _line(row: Notice, measure: Sanction | None) -> Line:
    sentences = [sentence_of(row, measure), *_of_merge(row)]
    if measure is None:
        return Line(row, sentences, unread=row.read_at is None)
    if row.kind == "sanction.proposed" and measure.status == MeasureStatus.PROPOSED:
        until = appeals.notice_ends(measure)
        if until is not None:
            said = _("You may say what you have to say to it before it takes effect, on %(at)s at the earliest.")
            sentences.append(said % {"at": times.moment(until)})
    address = reverse("measure", args=[measure.party.uuid, measure.key])
    return Line(row, sentences, unread=row.read_at is None, title=_("Measure"), address=address)


def _of_merge(row: Notice) -> Iterator[str]:
    """Yield which account goes on where two became one: both are the reader's."""
    field = {"account.taken_over": "into", "account.took_over": "account"}.get(row.kind)
    other = refs.named(str(row.values.get(field, ""))) if field else None
    if other is None:
        return
    if field == "into":
        yield _("Taken over into %(name)s on %(at)s.") % {"name": other.name, "at": times.quiet(row.at)}
    else:
        yield _("%(name)s goes on here.") % {"name": other.name}


def _address(thing: Order | Conversation) -> str:
    return reverse("order" if isinstance(thing, Order) else "conversation", args=[thing.uuid])
