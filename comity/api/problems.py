"""Problem details (RFC 9457): every error says what is wrong and, field by field, what to do."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden

CONTENT_TYPE = "application/problem+json"
#: A name and no page: RFC 9457 asks for a URI, which need not lead anywhere, and .example never will (RFC 6761).
BASE = "https://comity.example/problems/"


class Problem(Schema):
    """An error, as RFC 9457 has it; `errors` holds one sentence for each thing that is wrong.

    `code`: what the state of the thing has against it, as its `deeds` name it; empty where that is not the reason.
    """

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[str] = []
    code: str = ""


def problem(status: int, name: str, title: str, detail: str = "", **more: Any) -> HttpResponse:
    """Return a problem as an answer; `more`: its `errors` and its `code`."""
    body = {"type": BASE + name, "title": title, "status": status, "detail": detail, "errors": [], **more}
    # A sentence may quote what was sent: halves of pairs too, which no encoding has.
    text = json.dumps(body, ensure_ascii=False).encode(errors="replace")
    return HttpResponse(text, status=status, content_type=CONTENT_TYPE)


def refused(request: HttpRequest, error: Refused | type[Refused]) -> HttpResponse:
    """422: understood, and against a rule of what can be."""
    assert isinstance(error, Refused)
    code = error.code if isinstance(error, NotNow) else ""
    return problem(422, "refused", "This cannot be done", str(error), errors=list(error.problems), code=code)


def forbidden(request: HttpRequest, error: Forbidden | type[Forbidden]) -> HttpResponse:
    """403: the powers table says no; where a measure does, until when, and where its reasons and its appeal are."""
    assert isinstance(error, Forbidden)
    more: dict[str, Any] = {}
    if (by := error.by) is not None:
        more["measure"] = {
            "key": by.key,
            "measure": by.measure,
            "until": by.until.isoformat().replace("+00:00", "Z") if by.until else None,
            "reasons": f"/api/v1/parties/{by.party.uuid}/sanctions/{by.key}",
        }
    return problem(403, error.reason.replace("_", "-"), "You may not do this", str(error), **more)


def not_found(request: HttpRequest, error: Http404 | type[Http404]) -> HttpResponse:
    """404: nothing of that id, or nothing that you may see."""
    return problem(404, "not-found", "There is nothing here", "Nothing has this address, or it is not yours to see.")


def not_signed_in(request: HttpRequest, error: AuthenticationError | type[AuthenticationError]) -> HttpResponse:
    """401"""
    answer = problem(401, "not-signed-in", "Sign in", "Send a token: Authorization: Bearer comity_…")
    # RFC 9110 (15.5.2) asks for it with every 401.
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    """422: the request does not have the documented form."""
    assert isinstance(error, ValidationError)
    return problem(
        422, "invalid", "The request does not have the documented form", errors=list(map(_line, error.errors))
    )


def http_error(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    """Whatever ninja itself refuses: a body that is not JSON, a missing CSRF token."""
    assert isinstance(error, HttpError)
    return problem(error.status_code, "request", "The request could not be read", str(error))


def no_form(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """400: what says that it is multipart/form-data, and is not."""
    return problem(400, "request", "The request could not be read", "The body is no multipart/form-data.")


def unstorable(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """422: a value that no database column can hold, such as a text with a NUL character."""
    return problem(
        422, "unstorable", "A value cannot be stored", "Leave out NUL characters and numbers beyond 63 bits."
    )


def _line(error: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in error.get("loc", ())[1:] if part not in ("payload", "what"))
    said = "there is no such field" if error.get("type") == "extra_forbidden" else error.get("msg", "invalid")
    return f"{place or 'body'}: {said}"
