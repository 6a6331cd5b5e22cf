"""What a seller offers, as a buyer sees it: the promise, and a question before there is an order."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from comity.actions import orders
from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.files.uploads import ACCEPTED
from comity.records.models import Listing
from comity.records.reviews import summary_of, visible_of
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused
from comity.web.trade.conversations import ask_about
from comity.web.trade.reviews import Shown

#: So many reviews of an offer stand on its page.
NEWEST = 10


@needs()
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One offer; a buyer's POST asks the seller about it."""
    actor, listing = actor_of(request), get_object_or_404(Listing.objects.select_related("seller"), uuid=uuid)
    require(actor, "listing.read", listing)
    if request.method == "POST":
        try:
            made = ask_about(request, seller=listing.seller, title=f"{listing.title} ({listing.key})", listing=listing)
        except Refused as error:
            return refused(request, error, f"/listings/{uuid}/")
        return redirect("conversation", uuid=made.uuid)
    now = datetime.now(UTC)
    newest = visible_of(listing, now).select_related("order").order_by("-written_at", "-pk")
    line = orders.Line(listing.title, 1, listing.price, listing)
    context = {
        "arrives_by": orders.promised([line], now, listing.seller),
        "listing": listing,
        "may_ask": actor.role == "buyer",
        "once": uuid4(),
        "accepted": ACCEPTED,
        "of_listing": summary_of(listing, now),
        "of_seller": summary_of(listing.seller, now),
        "reviews": [Shown(row, sees=True, mine=False, hides=False, offers={}) for row in newest[:NEWEST]],
    }
    return render(request, "trade/listing.html", context)


urlpatterns = [
    path("listings/<uuid:uuid>/", listing, name="listing"),
]
