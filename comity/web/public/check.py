"""A page on which anybody checks what they hold in hand: the number on a printed decision, or a receipt."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.actions.seal import checking
from comity.lib import receipts
from comity.lib.tlog import notes
from comity.records.models import JournalLine
from comity.web.common.timeline import told


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Say what stands behind a number, or what a receipt promises. Open to everyone: it names nobody."""
    number = request.GET.get("number", "").strip()[:60]
    pasted = request.POST.get("pasted", "").strip() if request.method == "POST" else ""
    context: dict[str, object] = {"number": number, "pasted": pasted, "now": datetime.now(UTC)}
    wrong = ""
    if pasted:
        wrong = _receipt(pasted, context)
    elif request.method == "POST":
        wrong = _("Paste a receipt, or enter a number.")
    elif number:
        wrong = _paper(number, context)
    context["wrong"] = wrong
    return render(request, "public/check.html", context, status=404 if wrong and number else 422 if wrong else 200)


def _paper(number: str, context: dict[str, object]) -> str:
    """Put what a number stands for in `context`; return what is wrong with it."""
    try:
        found = checking.look_up(number)
    except checking.Unknown:
        return _("No decision here has this number. Compare it sign by sign with what is printed.")
    context["paper"] = found
    context["said"] = _sentence(found.line)
    context["since"] = [(line.at, _sentence(line)) for line in found.since]
    return ""


def _receipt(pasted: str, context: dict[str, object]) -> str:
    """Put what a receipt says in `context`; return what is wrong with it."""
    try:
        slip = checking.read_receipt(pasted)
    except checking.Changed:
        return _(
            "This installation signed a receipt like this one, but the words or the line in the file are not those that"
            " it signed for: something in the file was changed, or is missing."
        )
    except receipts.BadReceipt:
        return _("This is no receipt. Paste the whole file, or its signed text from “comity receipt” on.")
    except notes.BadNote:
        return _("This is not signed by this installation: it is of another, or something in it was changed.")
    context["slip"] = slip
    context["said"] = _told(slip.receipt.kind, slip.body)
    return ""


def _sentence(line: JournalLine) -> str:
    return _told(line.kind, json.loads(line.body))


def _told(kind: str, body: Mapping[str, Any]) -> str:
    return told(kind, {**body, **body.get("data", {})})


urlpatterns = [path("check/", check, name="check_paper")]
