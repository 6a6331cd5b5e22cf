"""The door for aggregators: /hooks/tracking/PROVIDER/. It checks who speaks, keeps what was said, and answers."""

from datetime import UTC, datetime

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comity.integrations.tracking.news import take_in
from comity.integrations.tracking.reading import PROVIDERS, signed
from comity.lib import options

MAX_BYTES = 2_000_000


@csrf_exempt
@require_POST
def tracking(request: HttpRequest, provider: str) -> JsonResponse:
    """Keep one body. 202 whatever it says, once it is known who says it: reading comes later, and nothing is lost."""
    secret = options.value(f"COMITY_{provider.upper()}_SECRET") if provider in PROVIDERS else ""
    if not secret:
        return _said(404, f"no tracking news of {provider[:40]!r} is expected here")
    # Looked at before the body is read: what is too large never comes in.
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BYTES:
        return _said(413, f"a body has at most {MAX_BYTES} bytes")
    body = request.body
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not signed(provider, body, headers, request.GET.get("token", ""), secret):
        return _said(401, "the signature is not right for this body; see docs/tracking.md")
    take_in(provider, body, at=datetime.now(UTC))
    return _said(202, "kept")


def _said(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"status": status, "detail": detail}, status=status)


urlpatterns = [path("tracking/<str:provider>/", tracking, name="tracking_hook")]
