"""Who may open a page: `needs("seller")` sends strangers to the sign-in page and refuses other roles."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.lib import moments

View = Callable[..., HttpResponseBase]
_NEVER = datetime.min.replace(tzinfo=UTC)


def needs(*roles: str) -> Callable[[View], View]:
    """Let only signed-in parties of these roles (none named: all) see a page; the guard's no becomes a 403."""

    def gate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            party = getattr(request, "party", None)
            if party is None:
                return redirect_to_login(request.get_full_path() if request.method == "GET" else came_from(request))
            if roles and party.role not in roles:
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except Forbidden as error:
                raise PermissionDenied from error

        answer.needs = roles  # type: ignore[attr-defined]  # a test looks for views without
        return answer

    return gate


def came_from(request: HttpRequest) -> str:
    """Return the page whose form was sent: what a form is sent to is no page to come back to."""
    page = urlsplit(request.headers.get("Referer", ""))
    # Of this host alone: no page elsewhere may choose where people land after they sign in.
    return page.path if page.netloc == request.get_host() and page.path else "/"


def refused(request: HttpRequest, error: Refused, back: str) -> HttpResponse:
    """Say why something was refused, on the page that the person came from."""
    for problem in error.problems:
        messages.error(request, problem)
    return redirect(back)


def asked_at(request: HttpRequest) -> datetime:
    """Return when that was asked which a form showed and answers; a moment of nothing where it does not say."""
    try:
        return moments.parse(typed(request, "asked_at"))
    except (ValueError, OverflowError):
        return _NEVER


def typed(request: HttpRequest, name: str) -> str:
    """Return what was typed into a field, without what no database can hold, and without blanks around it."""
    return request.POST.get(name, "").replace("\x00", "").strip()


def identity(request: HttpRequest) -> UUID | None:
    """Return the form's own id, which makes a double click one request; None where it is missing or no id."""
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return None
