"""Receipts: what somebody handed in, signed by the operator, as a file to keep."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.actions.enact import Refused
from comity.actions.seal import keys, receipts
from comity.web.common.doors import actor_of
from comity.web.common.gate import came_from, needs, refused


@needs()
@require_GET
def receipt(request: HttpRequest, fact: str) -> HttpResponse:
    """The receipt for something that the reader handed in; what another did is like what never was."""
    try:
        made = receipts.of(actor_of(request), fact, datetime.now(UTC))
    except receipts.NoReceipt:
        raise Http404 from None
    except keys.KeyTrouble:
        said = _("No receipt can be signed now. The operator is told; try again later. What you handed in is safe.")
        return refused(request, Refused([said]), came_from(request))
    name = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in fact)[:80]
    headers = {"Content-Disposition": f'attachment; filename="receipt-{name}.json"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/json", headers=headers)


urlpatterns = [path("receipts/<path:fact>/", receipt, name="receipt")]
