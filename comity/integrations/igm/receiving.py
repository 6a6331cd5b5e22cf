"""The doors of the network: /hooks/igm/issue, on_issue, issue_status, on_issue_status."""

import logging
from datetime import UTC, datetime

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comity.integrations.igm import keeping, network, signing
from comity.integrations.igm.acting import Carrier
from comity.integrations.igm.keeping import INTERNAL, SIGNATURE, Taken
from comity.lib.options import BadOption

logger = logging.getLogger(__name__)
MAX_BYTES = 1_000_000


@csrf_exempt
@require_POST
def called(request: HttpRequest, api: str) -> JsonResponse:
    """Take one message in: 401 where it is not signed as it must be, else 200 with an ACK or a NACK."""
    now = datetime.now(UTC)
    try:
        net = network.here()
    except BadOption:
        logger.exception("a message of the network could not be taken in")
        return _said(Taken(INTERNAL[api], "it could not be taken in; send it again", "CORE-ERROR"), 503)
    if net is None:
        return JsonResponse({"status": 404, "detail": "no messages of the network are expected here"}, status=404)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BYTES:
        return _said(Taken("IGM001", f"a message has at most {MAX_BYTES} bytes"), 413)
    body = request.body
    try:
        sender = signing.signed_by(request.headers.get("Authorization", ""), body, net.keys, now)
    except signing.BadSignature as wrong:
        return _said(Taken(SIGNATURE[api], str(wrong), "CONTEXT-ERROR"), 401)
    try:
        return _said(keeping.take(net.own.subscriber, api, sender, body, now, Carrier(net)), 200)
    except DatabaseError:
        logger.exception("a message of %s could not be taken in", sender)
        return _said(Taken(INTERNAL[api], "it could not be taken in; send it again", "CORE-ERROR"), 200)


def _said(taken: Taken, status: int) -> JsonResponse:
    return JsonResponse(taken.answer, status=status)


urlpatterns = [
    path(f"igm/{api}", called, {"api": api}, name=f"igm_{api}")
    for api in ("issue", "on_issue", "issue_status", "on_issue_status")
]
