"""My disputes: whose turn it is, until when, about how much; what I must do comes first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from comity.lib.money import Money
from comity.policy.disputes.case import CONTESTED, OPEN, Stage
from comity.policy.disputes.turn import otherwise
from comity.policy.duties.matter import DutyStatus
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import NEVER
from comity.records import merges, rulebooks
from comity.records.models import AccountMerge, Dispute, Duty, Party, Refund
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.trade import dispute_words

PAGE = 25
_TODAY = 20


@dataclass(frozen=True, slots=True)
class Glance:
    """A dispute in a list. `who`: whose duty is next ("" where none runs), `due` when, `then`: what follows if not.

    `gone_over`: by what its sides were taken over into other accounts, for agents.
    """

    dispute: Dispute
    reason: str
    who: str = ""
    due: datetime | None = None
    then: str = ""
    gone_over: Sequence[AccountMerge] = ()

    @property
    def price(self) -> Money | None:
        """What is asked for; once something was agreed or decided, what goes back by it."""
        row = self.dispute
        if row.outcome and row.stage not in (*CONTESTED, Stage.INQUIRY, Stage.WITHDRAWN):
            return row.paid_back
        return row.claim if row.asked else None


#: While the two sides are to act, an agent's duty about a case is not the next thing in it.
_OF_THE_SIDES = frozenset({Stage.INQUIRY, Stage.NEGOTIATION, Stage.SETTLED, Stage.RETURNING})
_SIDES, _AGENTS = ("buyer", "seller"), ("agent", "platform")
#: Where both sides may have to act at once: each sees the own time first, as on the page.
_OF_BOTH = frozenset({Stage.MEDIATION, Stage.RETURNING})


def glances(rows: Sequence[Dispute], *, reader: str = "", appealed: bool = False) -> list[Glance]:
    """Return disputes as lists show them, by the duty about each that is next, as on its page: two statements for all.

    reader     the role of who reads
    appealed   shown is until when the platform looks at a decision again, whatever else runs
    """
    books = rulebooks.current()
    parties = {row.order.seller_id for row in rows}
    refs = {ref for row in rows for ref in row.names}
    open_ = Duty.objects.filter(party__in=parties, subject__in=refs, status=DutyStatus.OPEN, due__lt=NEVER)
    by_due: dict[tuple[int, str], list[tuple[Duty, DutyRule | None]]] = {}
    for duty in open_.order_by("due", "pk"):
        by_due.setdefault((duty.party_id, duty.subject), []).append((duty, _rule(duty)))
    found, sent, gone = [], _sent(rows), _gone_over(rows) if not reader else {}
    for row in rows:
        book = books.in_force(row.opened_at)
        reason = row.reason if book is None or book.dispute is None else (
            dispute_words.reason_title(book.dispute, row.reason)
        )  # fmt: skip
        running = next((by_due[key] for name in row.names if (key := (row.order.seller_id, name)) in by_due), [])
        next_ = _next(row, running, reader=reader, appealed=appealed)
        glance = _glance(row, reason, *next_, sent=sum(sent.get((row.order_id, name), 0) for name in row.names))
        sides = (gone.get(row.order.buyer_id), gone.get(row.order.seller_id))
        found.append(replace(glance, gone_over=[merge for merge in sides if merge is not None]))
    return found


def _gone_over(rows: Sequence[Dispute]) -> dict[int, AccountMerge]:
    return merges.by_account(side for row in rows for side in (row.order.buyer_id, row.order.seller_id))


def _sent(rows: Sequence[Dispute]) -> dict[tuple[int, str], int]:
    """Return what of what goes back in disputes is on its way or there, by order and the dispute's name."""
    going = [row.order_id for row in rows if row.stage == Stage.RETURNING]
    if not going:
        return {}
    refunds = Refund.objects.filter(order__in=going).exclude(dispute_ref="").exclude(state="failed")
    sums = refunds.values_list("order", "dispute_ref").annotate(Sum("amount"))
    return {(order, name): amount for order, name, amount in sums}


def _rule(duty: Duty) -> DutyRule | None:
    try:
        rule = rulebooks.current().version(duty.rulebook).rules.get(duty.rule)
    except LookupError:
        return None
    return rule if isinstance(rule, DutyRule) else None


def _next(
    row: Dispute, running: Sequence[tuple[Duty, DutyRule | None]], *, reader: str, appealed: bool
) -> tuple[Duty | None, DutyRule | None]:  # fmt: skip
    """Return which of the duties about a case is next, the first due first."""
    first = _AGENTS if appealed else _SIDES if row.stage in _OF_THE_SIDES else (*_SIDES, *_AGENTS)
    preferred = [each for each in running if each[1] is not None and each[1].who in first]
    own = reader if row.stage in _OF_BOTH and reader in _SIDES else ""
    preferred.sort(key=lambda each: each[1] is not None and each[1].who != own)
    return next(iter(preferred), running[0] if running else (None, None))


def _glance(row: Dispute, reason: str, duty: Duty | None, rule: DutyRule | None, *, sent: int) -> Glance:
    if duty is None:
        return Glance(row, reason)
    if rule is None:
        return Glance(row, reason, due=duty.due)
    what, value = otherwise(rule)
    left = max(row.amount - sent, 0) if what == "refund" else row.amount or row.asked
    amount = Money(left, row.currency or row.order.currency or "EUR")
    then = dispute_words.otherwise(what, value, amount, went=sent > 0) or dispute_words.goes_on(row.stage, rule.who)
    return Glance(row, reason, rule.who, duty.due, then)


def mine(party: Party) -> QuerySet[Dispute]:
    """Return the disputes of a buyer or a seller, those last opened first."""
    rows = Dispute.objects.filter(Q(order__buyer=party) if party.role == "buyer" else Q(order__seller=party))
    return rows.select_related("order__seller", "order__buyer").order_by("-opened_at", "-pk")


def due(party: Party) -> list[Glance]:
    """Return the disputes in which it is a party's turn, the first due first."""
    rows = list(mine(party).filter(stage__in=[*OPEN, Stage.INQUIRY])[:100])
    turns = [each for each in glances(rows, reader=party.role) if each.who == party.role and each.due is not None]
    return sorted(turns, key=lambda each: each.due or datetime.max.replace(tzinfo=UTC))[:_TODAY]


@needs("buyer")
@require_GET
def bought(request: HttpRequest) -> HttpResponse:
    """The disputes of a buyer."""
    return _list(request)


@needs("seller")
@require_GET
def sold(request: HttpRequest) -> HttpResponse:
    """The disputes about a seller's orders."""
    return _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    party, now = actor_of(request).party, datetime.now(UTC)
    view = "ended" if request.GET.get("view") == "ended" else "open"
    alive = [*OPEN, Stage.INQUIRY]
    rows = mine(party).exclude(stage__in=alive) if view == "ended" else mine(party).filter(stage__in=alive)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = glances(list(page), reader=party.role)
    if view == "open":
        shown.sort(key=lambda each: (each.who != party.role, each.due or NEVER))
    context = {"page": page, "rows": shown, "view": view, "now": now, "role": party.role, "keep": f"view={view}&"}
    return render(request, "trade/disputes.html", context)


urlpatterns = [
    path("buy/disputes/", bought, name="buy_disputes"),
    path("sell/disputes/", sold, name="sell_disputes"),
]
