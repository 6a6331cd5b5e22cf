"""Reviews on pages: those of an order, with what may be done; those of a seller or a buyer, and what they come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from comity.actions import reviews
from comity.actions.guard import Actor, allows, require
from comity.records.models import Order, Party, Review
from comity.records.reviews import summary_of, visible_of
from comity.web.common.acts import Offer, carry_out, offers
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.trade.review_acts import ACTS

PAGE = 25


@dataclass(frozen=True, slots=True)
class Shown:
    """A review as a reader sees it.

    sees    whether what it says is shown to the reader
    mine    whether the reader wrote it
    hides   whether it hides from the side that was rated
    offers  what the reader may do with it
    linked  whether the reader may see its order
    appeals whether the reader sees what was said of its removal
    """

    row: Review
    sees: bool
    mine: bool
    hides: bool
    offers: dict[str, Offer]
    linked: bool = False
    appeals: bool = False


def of_order(actor: Actor, order: Order, now: datetime) -> list[Shown]:
    """Return the reviews of an order as `actor` sees them, the oldest first."""
    rows = Review.objects.filter(order=order).order_by("written_at", "pk")
    return [_shown(actor, row, order, now) for row in rows]


def _shown(actor: Actor, row: Review, order: Order, now: datetime) -> Shown:
    row.order = order
    possible = offers(ACTS, actor, row, now, address=f"/orders/{order.uuid}/reviews/{row.uuid}/")
    hides = not row.is_shown(now) and not row.is_removed(now)
    appeals = actor.role in ("agent", "platform", row.by)
    return Shown(row, reviews.may_see(actor, row, now), row.by == actor.role, hides, possible, appeals=appeals)


def rating(order: Order, now: datetime) -> dict[str, Any]:
    """Return what a page says before an order is rated: until when it can be, and when the review is shown."""
    window = reviews.window_of(order, now)
    return {"rate_until": window[1] if window is not None else None, "rate_shown_by": reviews.shown_by(order, now)}


@needs()
@require_POST
def act(request: HttpRequest, uuid: UUID, review: UUID, slug: str) -> HttpResponse:
    """Do one thing with a review and say on the order's page what was done, or why not. The guard says who may."""
    rows = Review.objects.select_related("order__buyer", "order__seller")
    row = get_object_or_404(rows, uuid=review, order__uuid=uuid)
    require(actor_of(request), "order.read", row.order)
    return carry_out(request, ACTS, slug, row, address=f"/orders/{uuid}/")


@needs("seller")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The reviews of a seller's orders: what they come to, and those that wait for the seller's own."""
    actor, now = actor_of(request), datetime.now(UTC)
    hiding = Review.objects.filter(order__seller=actor.party, by="buyer", shown_from__gt=now, removed_at=None)
    waiting = hiding.exclude(order__reviews__by="seller").select_related("order").order_by("shown_from")
    return _page(request, actor, actor.party, now, waiting=list(waiting[:PAGE]))


@needs()
@require_GET
def of_party(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What everybody sees of the reviews of a seller or a buyer."""
    actor = actor_of(request)
    about = get_object_or_404(Party, uuid=uuid, role__in=("buyer", "seller"))
    require(actor, "review.read", about)
    return _page(request, actor, about, datetime.now(UTC))


def _page(
    request: HttpRequest, actor: Actor, about: Party, now: datetime, *, waiting: Iterable[Review] = ()
) -> HttpResponse:
    rows = visible_of(about, now).select_related("order__buyer", "order__seller").order_by("-written_at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = [Shown(row, True, row.by == actor.role, False, {}, allows(actor, "order.read", row.order)) for row in page]
    context = {
        "about": about,
        "summary": summary_of(about, now),
        "page": page,
        "shown": shown,
        "waiting": waiting,
        "own": about == actor.party,
        "now": now,
    }
    return render(request, "trade/reviews.html", context)


urlpatterns = [
    path("sell/reviews/", mine, name="sell_reviews"),
    path("parties/<uuid:uuid>/reviews/", of_party, name="party_reviews"),
    path("orders/<uuid:uuid>/reviews/<uuid:review>/<slug:slug>/", act, name="review_act"),
]
