"""The door for payment systems that report by themselves: /hooks/payments/stripe/."""

import json
from datetime import UTC, datetime

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comity.actions import reports
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.integrations.payments import stripe
from comity.lib import options

MAX_BYTES = 1_000_000


@csrf_exempt
@require_POST
def stripe_events(request: HttpRequest) -> JsonResponse:
    """Take in one event. 202 for what is none of ours, too: to send it again would change nothing."""
    secret, now = options.value("COMITY_STRIPE_SECRET"), datetime.now(UTC)
    if not secret:
        return _said(404, "no events of Stripe are expected here")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BYTES:
        return _said(413, f"a body has at most {MAX_BYTES} bytes")
    body = request.body
    if not stripe.signed(body, request.headers.get("Stripe-Signature", ""), secret, now):
        return _said(401, "the signature is not right for this body; see docs/money.md")
    try:
        event = json.loads(body)
        found = stripe.read(event) if isinstance(event, dict) else None
        if found is None:
            return _said(202, "nothing that moves money")
        report, at = found
        told = reports.report(Actor(platform(now)), report, at=happened(at, now), noted_at=now)
    except Refused as error:
        return _said(202, str(error))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return _said(400, f"the event cannot be read: {type(error).__name__}: {error}")
    return _said(202, told.told)


def _said(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"status": status, "detail": detail}, status=status)


urlpatterns = [path("payments/stripe/", stripe_events, name="stripe_hook")]
