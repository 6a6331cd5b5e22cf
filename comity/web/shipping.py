"""Orders to ship: what must be sent, soonest due first; many numbers at once; a list to print."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages as flash
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from comity.actions import shipments
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.lib import moments
from comity.lib.tracking import CARRIERS
from comity.policy.dossier import DutyStatus
from comity.records.models import Duty, Order, Party
from comity.web.doors import actor_of
from comity.web.gate import needs
from comity.web.selling import items

PAGE, MOST_ROWS, MAX_CHARS = 100, 500, 200_000
#: A cell that begins so would be a formula in a table program.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@needs("seller")
@require_http_methods(["GET", "POST"])
def to_ship(request: HttpRequest) -> HttpResponse:
    """Show what is to be sent; a POST declares parcels sent, a line each, and gives back the lines that failed."""
    actor, now, left = actor_of(request), datetime.now(UTC), ""
    if request.method == "POST":
        sent, failed, problems = _declare(actor, _typed(request), now)
        if sent:
            said = ngettext("%(n)s parcel is noted as sent.", "%(n)s parcels are noted as sent.", sent)
            flash.success(request, said % {"n": sent})
        for problem in problems[:20]:
            flash.error(request, problem)
        if not failed:
            return redirect("to_ship")
        left = "\n".join(failed)
    rows = _to_send(actor.party)
    orders = list(rows.select_related("buyer")[:PAGE])
    due = _consequences(actor.party, orders)
    return render(request, "sell/ship.html", {
        "rows": [{"order": order, "item": due.get(order.ref)} for order in orders], "count": rows.count(), "now": now,
        "left": left, "carriers": sorted(CARRIERS),
    }, status=422 if left else 200)  # fmt: skip


@needs("seller")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The same as CSV, to print labels from; carrier and number are to be filled in and sent back."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="orders-to-ship.csv"'
    table = csv.writer(answer)
    table.writerow(["order", "carrier", "number", "title", "buyer", "send_by", "deliver_by"])
    for order in _to_send(actor_of(request).party).select_related("buyer")[:MOST_ROWS]:
        by = moments.to_text(order.dispatch_by) if order.dispatch_by else ""
        cells = (order.key, "", "", order.title, order.buyer.name, by, moments.to_text(order.deliver_by))
        table.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return answer


def _to_send(seller: Party) -> QuerySet[Order]:
    """Return the paid orders of which no parcel was sent, soonest due first."""
    open_ = Order.objects.filter(seller=seller, paid_at__isnull=False, cancelled_at=None, delivered_at=None)
    return open_.filter(shipments=None).order_by("dispatch_by", "pk")


def _consequences(seller: Party, orders: list[Order]) -> dict[str, Any]:
    """Return for each order the duty that is due first, with what follows if it is not done."""
    duties = Duty.objects.filter(party=seller, matter__in=[order.ref for order in orders], status=DutyStatus.OPEN)
    rows = list(duties.order_by("-due"))
    return {duty.matter: item for duty, item in zip(rows, items(seller, rows), strict=True)}


def _typed(request: HttpRequest) -> list[str]:
    """Return the lines of the form's file and of its text."""
    texts = [file.read(MAX_CHARS).decode("utf-8-sig", "replace") for file in request.FILES.getlist("file")]
    texts.append(request.POST.get("lines", "")[:MAX_CHARS])
    lines = [line.replace("\x00", "").strip() for text in texts for line in text.splitlines()]
    return [line for line in lines if line][: MOST_ROWS + 1]


def _declare(actor: Actor, lines: list[str], now: datetime) -> tuple[int, list[str], list[str]]:
    """Declare a parcel sent for each line; return how many were, the lines that were not, and why, a sentence each."""
    sent, failed, problems = 0, [], []
    for line, (key, carrier, number, sure) in zip(lines, _rows(lines), strict=True):
        if key.lower() in ("", "order"):
            continue  # the head of a table, or a line without anything
        order = Order.objects.filter(seller=actor.party, key=key.upper()).select_related("seller", "buyer").first()
        try:
            if order is None:
                raise Refused([_("You have no order %(key)s.") % {"key": key[:20]}])
            if not number:
                continue  # not filled in: still to be sent
            shipments.dispatch(actor, order, carrier=carrier, tracking_number=number, at=now, sure=sure)
            sent += 1
        except (Refused, Forbidden) as error:
            failed.append(line)
            problems.append(f"{key[:20]}: {error}")
    if not lines:
        problems.append(_("Write a line for each parcel: order, carrier, number."))
    return sent, failed, problems


def _rows(lines: list[str]) -> Iterator[tuple[str, str, str, bool]]:
    """Yield order, carrier, number of each line, and whether it ends in "sure"; commas, semicolons or tabs between."""
    for line in lines:
        mark = max(",;\t", key=line.count)
        try:
            cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=mark))]
        except (csv.Error, StopIteration):
            cells = [line]
        key, carrier, number = (*cells, "", "", "")[:3]
        yield key, carrier, number, cells[-1].lower() == "sure"
