"""Orders to ship: what must be sent, soonest due first; many numbers and many events at once; a list to print."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages as flash
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.actions import shipments
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor, Forbidden
from comity.actions.scans import Event, scan
from comity.lib import moments
from comity.policy import tracking_numbers
from comity.policy.duties.matter import DutyStatus
from comity.policy.tracking_numbers import CARRIERS
from comity.records.models import Address, Order, Party, Shipment
from comity.web.common.called import called
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.seller import tables
from comity.web.seller.selling import items
from comity.web.seller.tables import Row, TooMuch
from comity.web.trade.order_acts import moment_of

PAGE = 100
_ADDRESS = ("name", "street", "postcode", "city", "region", "country")


@needs("seller")
@require_http_methods(["GET", "POST"])
def to_ship(request: HttpRequest) -> HttpResponse:
    """Show what is to be sent; a POST declares parcels sent, a line each, and gives back the lines that failed."""
    actor, now, left = actor_of(request), datetime.now(UTC), ""
    if request.method == "POST":
        done = _done(request, "order", lambda rows: _declare(actor, rows, now))
        if done.count:
            said = ngettext("%(n)s parcel is noted as sent.", "%(n)s parcels are noted as sent.", done.count)
            flash.success(request, said % {"n": done.count})
        if not done.left:
            return redirect("to_ship")
        left = done.left
    return _page(request, actor.party, now, left=left)


def _page(request: HttpRequest, seller: Party, now: datetime, *, left: str = "", scans_left: str = "") -> HttpResponse:
    """Return the page; `left`, `scans_left`: lines that were not taken, to be mended."""
    rows = _to_send(seller)
    orders = list(rows.select_related("buyer")[:PAGE])
    return render(
        request,
        "seller/ship.html",
        {
            "rows": _with_consequences(seller, orders),
            "count": rows.count(),
            "now": now,
            "left": left,
            "scans_left": scans_left,
            "carriers": sorted(CARRIERS),
            "under_way": _awaited(seller),
        },
        status=422 if left or scans_left else 200,
    )


@needs("seller")
@require_POST
def scans(request: HttpRequest) -> HttpResponse:
    """Enter many events by hand: a line each, with number, status, time and place; those that failed come back."""
    actor, now = actor_of(request), datetime.now(UTC)
    done = _done(request, "number", lambda rows: _enter(actor, rows, now))
    if done.count:
        said = ngettext("%(n)s event is noted.", "%(n)s events are noted.", done.count)
        flash.success(request, said % {"n": done.count})
    return _page(request, actor.party, now, scans_left=done.left) if done.left else redirect("to_ship")


@dataclass
class Done:
    """What became of a table: how many rows were taken, what of it is left to be mended, and why."""

    count: int = 0
    left: str = ""
    problems: list[str] = field(default_factory=list)

    def fail(self, row: Row, problem: str) -> None:
        """Keep a row that was not taken."""
        self.left += ("\n" if self.left else "") + row.text
        self.problems.append(problem)


def _done(request: HttpRequest, head: str, work: Callable[[list[Row]], Done]) -> Done:
    """Do something with the rows that were given, and say what was wrong with them."""
    try:
        done = work(tables.given(request, head=head))
    except TooMuch as error:
        done = Done(left=error.text, problems=[str(error)])
    for problem in done.problems[:20]:
        flash.error(request, problem)
    return done


def _enter(actor: Actor, rows: list[Row], now: datetime) -> Done:
    """Enter an event for each row; return how many are new, the rows that were not taken, and why."""
    done = Done()
    for row in rows:
        number, status, when, place = row.first(4)
        parcels = Shipment.objects.filter(order__seller=actor.party, tracking_number=tracking_numbers.kept(number))
        try:
            shipments.require_whole(number)
            shipment = parcels.select_related("order__seller", "order__buyer").order_by("-pk").first()
            if shipment is None:
                raise Refused([_("You have no parcel with that number.")])
            at, assumed = moment_of(when, actor.party.time_zone)
            code, is_day = status.lower().replace(" ", "_"), moments.is_day(when)
            event = Event(code, happened(at, now), place, zone_assumed=assumed, is_day=is_day)
            done.count += scan(actor, shipment, event, noted_at=now)
        except (Refused, Forbidden) as error:
            done.fail(row, f"{number[:30]}: {error}")
    if not rows:
        done.problems.append(_("Write a line for each event: number, status, time, place."))
    return done


def _awaited(seller: Party) -> list[dict[str, Any]]:
    """Return the orders that were sent and of which something is awaited from the carrier, soonest due first."""
    sent = Order.objects.filter(seller=seller, sent_at__isnull=False, delivered_at=None, cancelled_at=None)
    rows = _with_consequences(seller, list(sent.select_related("buyer").order_by("deliver_by", "pk")[:PAGE]))
    rows = [row for row in rows if row["item"]]
    return sorted(rows, key=lambda row: row["item"]["duty"].due)[:20]


@needs("seller")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The same as CSV, to print labels from; carrier and number are to be filled in and sent back."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="orders-to-ship.csv"'
    table = csv.writer(answer)
    table.writerow(["order", "carrier", "number", "title", "buyer", "send_by", "deliver_by", *_ADDRESS])
    rows = list(_to_send(actor_of(request).party).select_related("buyer")[: tables.MOST_ROWS])
    addresses = {row.order_id: row for row in Address.objects.filter(order__in=rows, state="in_force")}
    for order in rows:
        by = moments.to_text(order.dispatch_by) if order.dispatch_by else ""
        to = addresses.get(order.pk)
        label = [getattr(to, name) if to else "" for name in _ADDRESS]
        arrives = moments.to_text(order.deliver_by) if order.deliver_by else ""
        cells = (order.key, "", "", called(order), order.buyer.name, by, arrives, *label)
        table.writerow([tables.safe(cell) for cell in cells])
    return answer


def _to_send(seller: Party) -> QuerySet[Order]:
    """Return the paid orders of which something is to be sent, soonest due first."""
    open_ = Order.objects.filter(seller=seller, paid_at__isnull=False, cancelled_at=None, delivered_at=None)
    return open_.filter(sent_at=None).order_by("dispatch_by", "pk")


def _with_consequences(seller: Party, orders: list[Order]) -> list[dict[str, Any]]:
    """Return orders, each with the duty that is due first and what follows if it is not done."""
    duties = seller.duties.filter(matter__in=[order.ref for order in orders], status=DutyStatus.OPEN)
    # Latest first: of several duties of an order, the soonest is the last to be put in.
    rows = list(duties.order_by("-due"))
    due = {duty.matter: item for duty, item in zip(rows, items(seller, rows), strict=True)}
    return [{"order": order, "item": due.get(order.ref)} for order in orders]


def _declare(actor: Actor, rows: list[Row], now: datetime) -> Done:
    """Declare a parcel sent for each row; return how many were, the rows that were not, and why, a sentence each."""
    done = Done()
    for row in rows:
        key, carrier, number = row.first(3)
        key = "".join(filter(str.isprintable, key))
        orders = Order.objects.filter(Q(key=key.upper()) | Q(external_id=key), seller=actor.party)
        order = orders.select_related("seller", "buyer").first()
        try:
            if order is None:
                raise Refused([_("You have no order %(key)s.") % {"key": key[:20]}])
            if not number:
                continue  # not filled in: still to be sent
            sure = row.cells[-1].lower() == "sure"
            shipments.dispatch(actor, order, shipments.Parcel(carrier, number, sure=sure), at=now)
            done.count += 1
        except (Refused, Forbidden) as error:
            done.fail(row, f"{key[:20]}: {error}")
    if not rows:
        done.problems.append(_("Write a line for each parcel: order, carrier, number."))
    return done


urlpatterns = [
    path("sell/ship/", to_ship, name="to_ship"),
    path("sell/ship/scans/", scans, name="ship_scans"),
    path("sell/ship.csv", listed, name="to_ship_csv"),
]
