"""The doors for payment systems that report by themselves: /hooks/payments/stripe/ and /hooks/paypal/."""

import logging
from datetime import UTC, datetime

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comity.actions import reports
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor, Forbidden
from comity.actions.parties import platform
from comity.actions.reports import Report
from comity.integrations import bodies
from comity.integrations.payments import paypal, paypal_signing, stripe_events, taking
from comity.integrations.payments.paypal_signing import BadSignature
from comity.lib import options

logger = logging.getLogger(__name__)
MAX_BYTES = 1_000_000


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> JsonResponse:
    """Take in one event. 202 for what is none of ours, too: to send it again would change nothing."""
    secret, now = options.value("COMITY_STRIPE_SECRET"), datetime.now(UTC)
    if not secret:
        return _said(404, "no events of Stripe are expected here")
    if _is_too_long(request):
        return _said(413, f"a body has at most {MAX_BYTES} bytes")
    body = request.body
    if not stripe_events.signed(body, request.headers.get("Stripe-Signature", ""), secret, now):
        return _said(401, "the signature is not right for this body; see docs/money.md")
    try:
        told = stripe_events.read(bodies.read(body))
        return _said(202, _of_stripe(told, body, now))
    except (Refused, Forbidden) as error:
        return _said(202, str(error))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        return _said(400, f"the event cannot be read: {type(error).__name__}: {error}")


def _of_stripe(told: stripe_events.Told, body: bytes, now: datetime) -> str:
    """Take in what an event of Stripe's says; return what became of it."""
    teller, at, done = Actor(platform(now)), happened(told.at, now), list[str]()
    if told.inquiry is not None:
        named = Report("charged_back", payment=told.payment, reference=told.inquiry.reference)
        done.append(taking.inquiry(reports.order_named(named), told.inquiry, body, now))
    done += [reports.report(teller, each, at=at, noted_at=now).told for each in told.reports]
    if not done:
        return "nothing that moves money"
    return taking.RECORDED if taking.RECORDED in done else done[-1]


@csrf_exempt
@require_POST
def paypal_events(request: HttpRequest) -> JsonResponse:
    """Take in one event, as `stripe` does. 503 where the certificate cannot be read: PayPal sends it again."""
    now = datetime.now(UTC)
    try:
        trust = paypal_signing.here()
    except options.BadOption as error:
        logger.error("an event of PayPal's could not be taken in: %s", error)
        return _said(503, "it cannot be taken in now; send it again")
    if trust is None:
        return _said(404, "no events of PayPal are expected here")
    if _is_too_long(request):
        return _said(413, f"a body has at most {MAX_BYTES} bytes")
    body = request.body
    try:
        paypal_signing.check(trust, request.headers, body, now)
    except BadSignature as wrong:
        return _said(401, str(wrong))
    try:
        told = paypal.read(bodies.read(body))
        return _said(202, taking.paypal(told, body, now) if told is not None else "nothing about a dispute")
    except (Refused, Forbidden) as error:
        return _said(202, str(error))
    except ValueError as error:
        return _said(400, f"the event cannot be read: {error}")


def _is_too_long(request: HttpRequest) -> bool:
    """Whether a body is not to be read: asked before it is."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length) > MAX_BYTES


def _said(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"status": status, "detail": detail}, status=status)


urlpatterns = [
    path("payments/stripe/", stripe, name="stripe_hook"),
    path("paypal/", paypal_events, name="paypal_hook"),
]
