"""Pages for what went wrong: what happened, what to do, nothing lost."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from comity.actions.guard import Forbidden
from comity.policy.powers import TAKEN_OVER
from comity.records.models import Sanction
from comity.web.common import words
from comity.web.common.timeline import when


def _page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    if request.path.startswith("/api/"):  # a program is told as programs are (RFC 9457)
        problem = {"type": "about:blank", "title": title, "status": status, "detail": advice, "errors": []}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    return render(request, "common/error.html", {"title": title, "advice": advice, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400"""
    del exception
    return _page(request, 400, _("This request could not be read"), _("Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403; where a measure forbids it: until when, why, and how to object."""
    refused = exception.__cause__ if exception is not None else None
    if isinstance(refused, Forbidden) and refused.by is not None:
        return _stopped(request, refused.by)
    if isinstance(refused, Forbidden) and refused.reason == TAKEN_OVER:
        return _page(
            request,
            403,
            _("This account was taken over into another one"),
            _("What is new begins there. Everything that began here goes on: orders, answers, disputes, appeals."),
        )
    return _page(
        request,
        403,
        _("You may not see this"),
        _("It belongs to somebody else. Sign in as another person, or go back."),
    )


def _stopped(request: HttpRequest, measure: Sanction) -> HttpResponse:
    """Return the page that says which measure stops what was asked."""
    mine = getattr(request, "party", None) == measure.party
    values = {"measure": words.code(measure.measure), "end": when(measure.until) if measure.until else ""}
    if not mine:
        return _page(
            request, 403, _("This cannot be done now"), _("The other side may not trade now. Nothing was sent.")
        )
    title = _("%(measure)s until %(end)s") if measure.until else _("%(measure)s, without an end")
    advice = _("This is not open to you meanwhile. Nothing was lost; everything you owe to others you can still do.")
    why = reverse("measure", args=[measure.party.uuid, measure.key])
    context = {"title": title % values, "advice": advice, "status": 403, "why": why}
    return render(request, "common/error.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404"""
    del exception
    return _page(request, 404, _("There is nothing here"), _("Check the address, or start from your first page."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500"""
    return _page(request, 500, _("Something went wrong on our side"), _("Nothing you sent was half done. Try again."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: the page was open for too long, or cookies are off."""
    del reason
    return _page(request, 403, _("This page was open for too long"), _("Go back, reload the page and send it again."))


def too_large(request: HttpRequest) -> HttpResponse:
    """413"""
    return _page(request, 413, _("That is too much at once"), _("Send fewer or smaller files."))


def too_often(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429"""
    del exception
    return _page(request, 429, _("That was too often"), _("Wait a few minutes, and try again."))
