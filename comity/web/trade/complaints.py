"""Complaints by listing and by lane: a seller's own, and for agents those of any seller."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.actions.guard import require
from comity.policy.standards import rates
from comity.records import complaints
from comity.records.complaints import Complaints, Span
from comity.records.models import Party
from comity.web.common import words
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.trade import health_words

PAGE = 50
CHOICES = (30, 90, 365)


@needs("seller")
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """A seller's own listings and lanes, and what went wrong."""
    return _page(request, actor_of(request).party)


@needs("agent", "platform")
@require_GET
def of_party(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Those of a seller, for agents."""
    about = get_object_or_404(Party, uuid=uuid, role="seller")
    require(actor_of(request), "party.read", about)
    return _page(request, about)


def _page(request: HttpRequest, about: Party) -> HttpResponse:
    by = "lane" if request.GET.get("by") == "lane" else "listing"
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, CHOICES) else CHOICES[1]
    now = datetime.now(UTC)
    find = complaints.by_lane if by == "lane" else complaints.by_listing
    number = request.GET.get("page", "1")
    place = int(number) if number.isdecimal() and len(number) < 6 else 1
    found = find(about, Span(now - timedelta(days=days), now), first=max(place - 1, 0) * PAGE, number=PAGE)
    context = {
        "about": about, "mine": actor_of(request).party.pk == about.pk, "by": by, "days": days, "choices": CHOICES,
        "rows": [(row, _name(row), *_said(row)) for row in found.rows],
        "page": Paginator(range(found.total), PAGE).get_page(place), "keep": f"by={by}&days={days}&",
    }  # fmt: skip
    return render(request, "trade/complaints.html", context)


def _name(row: Complaints) -> str:
    if row.listing is not None:
        return row.listing.title
    return _("%(country)s, %(carrier)s") % {
        "country": row.country or _("not known"), "carrier": row.carrier or _("not known"),
    }  # fmt: skip


def _said(row: Complaints) -> tuple[str, str, str]:
    """Return the rate with its interval, the disputes by reason, and the reviews, in words."""
    low, high = row.bounds
    rate = _("%(faulty)s of %(counted)s at fault") % {"faulty": row.faulty, "counted": row.orders}
    rate += f" · {health_words.share(row.rate)} ({health_words.share(low)}–{health_words.share(high)})"
    disputes = ", ".join(f"{words.code(reason)} {number}" for reason, number in row.disputes)
    mean = "" if row.mean is None else rates.decimal(row.mean, 2)
    reviews = _("%(mean)s in the mean of %(n)s") % {"mean": mean, "n": row.reviews} if mean else ""
    return rate, disputes, reviews


urlpatterns = [
    path("sell/listings/", own, name="sell_listings"),
    path("desk/parties/<uuid:uuid>/listings/", of_party, name="desk_listings"),
]
