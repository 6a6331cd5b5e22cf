"""Health: how a party stands, what comes next, what helps most, and the subjects behind each number."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.actions.guard import require
from comity.policy.facts import NEVER
from comity.policy.health import helps as helping
from comity.policy.health import ledgers as by_points
from comity.policy.health import standards as by_counts
from comity.policy.health.known import Known
from comity.policy.health.ledgers import Counted, LedgerHealth
from comity.policy.health.standards import StandardHealth
from comity.policy.standards.tally import Tally
from comity.policy.time.clocks import Interval
from comity.records import health as rows
from comity.records import refs
from comity.records.health import FAULTY, WHICH, Subject
from comity.records.models import Conversation, ImprovementPlan, Message, Order, Party
from comity.web.common.called import called
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.common.timeline import title_of_charge, told, when
from comity.web.seller.tables import safe
from comity.web.trade import health_words

PAGE, MOST_ROWS = 50, 5_000
#: Most charges of a ledger that a page shows, the newest.
MOST_CHARGES = 50


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge that counts: what for, about which thing, and until when."""

    counted: Counted
    title: str
    thing: str
    address: str
    why: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A ledger as a page shows it. `more`: how many charges are not shown."""

    health: LedgerHealth
    ladder: str
    charges: list[ChargeRow]
    more: int

    @property
    def touched(self) -> bool:
        """Whether it stands elsewhere than where everyone begins."""
        return bool(self.health.counted) or self.health.points != (self.health.rule.start or 0)


@dataclass(frozen=True, slots=True)
class StandardRow:
    """A standard as a page shows it. `plan`: the improvement plan that is open for it."""

    health: StandardHealth
    official: str
    now: str
    projected: str
    windows: list[tuple[str, str]]
    says: list[str]
    subjects: str
    plan: ImprovementPlan | None


@dataclass(frozen=True, slots=True)
class Health:
    """All that a page shows of a party's health. `clean`: the titles of ledgers on which nothing stands."""

    known: Known
    ledgers: list[LedgerRow]
    clean: list[str]
    standards: list[StandardRow]
    helps: list[str]

    @property
    def clear(self) -> bool:
        """Whether nothing counts against the party."""
        broken = any(row.health.now.state == "broken" for row in self.standards)
        return not broken and not any(row.touched for row in self.ledgers)


def health_of(party: Party, now: datetime) -> Health | None:
    """Return how a party stands at `now`; None where no rules are in force."""
    known = rows.known_of(party, now)
    if known is None:
        return None
    on, by = by_points.ledgers(known), by_counts.standards(known)
    shown = [_ledger(party, each) for each in on]
    # Of the ledgers without points only the first is drawn; the others are named.
    drawn = [row for number, row in enumerate(shown) if row.touched or number == 0]
    plans = {plan.standard: plan for plan in ImprovementPlan.objects.filter(party=party, ended_at=None)}
    return Health(
        known=known, ledgers=drawn, clean=[_(row.health.rule.title) for row in shown if row not in drawn],
        standards=[_standard(party, each, plans.get(each.rule.name)) for each in by],
        helps=[health_words.help_(known, each) for each in helping.helps(known, on, by)],
    )  # fmt: skip


def _ledger(party: Party, health: LedgerHealth) -> LedgerRow:
    newest = health.counted[::-1][:MOST_CHARGES]
    things = refs.things((party.pk, each.charge.matter) for each in newest)
    charges = []
    for each in newest:
        thing, charge = things.get((party.pk, each.charge.matter)), each.charge
        why = reverse("why_charge", args=[party.uuid, charge.key])
        title = title_of_charge(charge.rulebook, charge.rule, taken_over=bool(charge.taken_from))
        name, address = (called(thing), address_of(thing)) if thing is not None else ("", "")
        charges.append(ChargeRow(each, title, name, address, why))
    return LedgerRow(health, health_words.ladder(health), charges, len(health.counted) - len(newest))


def address_of(thing: Order | Conversation) -> str:
    """Return the page of an order or a conversation."""
    return reverse("order" if isinstance(thing, Order) else "conversation", args=[thing.uuid])


def _standard(party: Party, health: StandardHealth, plan: ImprovementPlan | None) -> StandardRow:
    rule, said = health.rule, []
    spans = [(window.begin, window.end) for window in health.now.windows]
    missing = max((rows.undated(party, rule, span, health.now.at) for span in spans), default=0)
    notes = (
        health_words.undated(missing), health_words.season(health), health_words.needed(health),
        health_words.room(health),
    )  # fmt: skip
    said += [text for text in notes if text]
    return StandardRow(
        health=health,
        official=health_words.number(rule, health.official.telling),
        now=health_words.number(rule, health.now.telling),
        projected=health_words.number(rule, health.projected.telling) if health.projected else "—",
        windows=[
            (health_words.window(rule, health.now, place), health_words.number(rule, window.seen))
            for place, window in enumerate(health.now.windows)
        ],
        says=[*said, *health_words.moves(health)],
        subjects=reverse("standard_subjects", args=[party.uuid, rule.name]),
        plan=plan,
    )


# The subjects behind a number


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject as a page shows it: what it is, when it was due and done on the rule's clock, and why it counts so."""

    subject: Subject
    name: str
    address: str
    due: str
    done: str
    says: str
    shown_by: str
    key: str


@needs()
@require_GET
def subjects(request: HttpRequest, party: UUID, standard: str) -> HttpResponse:
    """The subjects of a standard that counted, that were at fault, and that were left out, each with its reason."""
    about, known, health = _asked(request, party, standard)
    which = request.GET.get("which", FAULTY)
    which = which if which in WHICH else FAULTY
    spans, at = _spans(health), known.at
    place = _place(request, len(spans))
    counts = {each: rows.how_many(about, health.rule, spans[place], at, each) for each in WHICH}
    page = Paginator(range(counts[which]), PAGE).get_page(request.GET.get("page"))
    found = rows.subjects(
        about, health.rule, spans[place], at, which, first=max(page.start_index() - 1, 0), number=PAGE
    )
    context = {
        "about": about, "rule": health.rule, "which": which, "page": page, "place": place,
        "tabs": [(each, counts[each]) for each in WHICH],
        "rows": list(_shown(about, health, found)),
        "windows": [health_words.window(health.rule, health.now, n) for n in range(len(spans))],
        "number": health_words.number(health.rule, health.now.windows[place].seen),
        "undated": health_words.undated(rows.undated(about, health.rule, spans[place], at)),
        "mine": actor_of(request).party.pk == about.pk,
        "keep": f"which={which}&window={place}&",
    }  # fmt: skip
    return render(request, "trade/subjects.html", context)


@needs()
@require_GET
def table(request: HttpRequest, party: UUID, standard: str) -> HttpResponse:
    """All of them as CSV; each moment as the rule's clock shows it, with its offset, and the zone beside."""
    about, known, health = _asked(request, party, standard)
    span, text = _spans(health)[_place(request, len(health.now.windows))], StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("subject", "of", "dated", "counted_at", "faulty_at", "due", "done", "left_out", "zone"))
    for which in ("counted", "left_out"):
        for each in rows.subjects(about, health.rule, span, known.at, which, first=0, number=MOST_ROWS):
            lines.writerow(_cells(each, health.rule.zone))
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="subjects-{known.at:%Y-%m-%d}.csv"'
    return answer


def _cells(each: Subject, zone: str) -> Iterator[str]:
    row, duty = each.row, each.duty
    yield safe(row.subject)
    yield safe(each.matter)
    due, done = (duty.due, duty.ended_at) if duty is not None else (None, None)
    for moment in (row.basis, row.counted_at, row.faulty_at, due, done):
        yield "" if moment is None or moment >= NEVER else moment.astimezone(ZoneInfo(zone)).isoformat()
    yield each.left
    yield zone


def _asked(request: HttpRequest, party: UUID, standard: str) -> tuple[Party, Known, StandardHealth]:
    about = get_object_or_404(Party, uuid=party)
    require(actor_of(request), "party.read", about)
    known = rows.known_of(about, datetime.now(UTC))
    rule = None if known is None else known.book.standards.get(standard)
    if known is None or rule is None or rule.who != about.role:
        raise Http404
    return about, known, by_counts.standard(known, rule)


def _spans(health: StandardHealth) -> list[Interval]:
    return [(window.begin, window.end) for window in health.now.windows]


def _place(request: HttpRequest, number: int) -> int:
    asked = request.GET.get("window", "")
    return int(asked) if asked.isdecimal() and len(asked) < 3 and int(asked) < number else 0


def _shown(about: Party, health: StandardHealth, found: list[Subject]) -> Iterator[SubjectRow]:
    things = refs.things((about.pk, each.matter) for each in found)
    shows = _wishes(each.fact.data.get("shows") for each in found if each.fact is not None)
    for each in found:
        thing = things.get((about.pk, each.matter))
        due, done = _due_and_done(each, health.rule.zone)
        wish = shows.get(str(each.fact.data.get("shows"))) if each.fact is not None else None
        yield SubjectRow(
            subject=each,
            name=called(thing) if thing is not None else each.matter,
            address=address_of(thing) if thing is not None else "",
            due=due, done=done, says=_why(each, wish),
            shown_by="" if wish is None else f"{reverse('conversation', args=[wish.conversation.uuid])}",
            key=thing.key if isinstance(thing, Order) else "",
        )  # fmt: skip


def names_of(about: Party, found: Sequence[Tally]) -> list[str]:
    """Return what the subjects of rows are called: the order or conversation that each is about."""
    keys = [row.subject.removeprefix("duty:") for row in found if row.subject.startswith("duty:")]
    matters = {f"duty:{duty.key}": duty.matter for duty in about.duties.filter(key__in=keys)} if keys else {}
    named = [matters.get(row.subject, row.subject) for row in found]
    things = refs.things((about.pk, matter) for matter in named)
    return [called(thing) if (thing := things.get((about.pk, matter))) else matter for matter in named]


def _due_and_done(each: Subject, zone: str) -> tuple[str, str]:
    if each.duty is None:
        return "", health_words.in_zone(each.row.basis, zone)
    return health_words.in_zone(each.duty.due, zone, is_end=True), health_words.in_zone(each.duty.ended_at, zone)


def _wishes(named: Iterable[object]) -> Mapping[str, Message]:
    uuids = [uuid for name in named if (uuid := refs.uuid_of(str(name))) is not None]
    found = Message.objects.filter(uuid__in=uuids).select_related("conversation") if uuids else []
    return {str(message.uuid): message for message in found}


def _why(each: Subject, wish: Message | None) -> str:
    """Return why a subject is left out, or at fault, by the fact that made it so."""
    fact = each.fact
    if fact is None and each.duty is not None and each.row.faulty_at is not None and not each.left:
        return _("not done by then") if each.duty.ended_at is None else _("done too late")
    if fact is None:
        return str(health_words.LEFT[each.left]) if each.left else ""
    if fact.kind == "order.cancelled" and wish is not None:
        return _("the buyer asked for it on %(at)s") % {"at": when(wish.at)}
    said = f"{told(fact.kind, fact.data)}, {when(fact.at)}"
    if not each.left and fact.kind == "order.cancelled" and fact.data.get("reason") == "buyer_asked":
        said += ". " + _("It counts, for no request of the buyer is there.")
    return said


urlpatterns = [
    path("standards/<uuid:party>/<str:standard>/", subjects, name="standard_subjects"),
    path("standards/<uuid:party>/<str:standard>.csv", table, name="standard_subjects_csv"),
]
