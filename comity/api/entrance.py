"""The door for programs: what the pages' middleware does, without what only pages need."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from comity.api.problems import problem
from comity.identity import limits
from comity.records.engines import AWAY

logger = logging.getLogger(__name__)

_WALLS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class ForPrograms:
    """Sets the language that is asked for, and puts the walls on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request. Raises DisallowedHost, which is answered 400."""
        request.get_host()
        if limits.says_too_much(request):
            most = limits.largest() // 1_000_000
            return problem(413, "too-large", "That is too much at once", f"A request has at most {most} MB.")
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language",))
        for name, value in _WALLS.items():
            response.headers.setdefault(name, value)
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """503 where the database is away, or locked for longer than we wait: the same request may do later."""
        if not isinstance(error, AWAY):
            return None
        logger.warning("the database does not answer (%s): %s", error, request.path)
        answer = problem(503, "not-now", "The database does not answer", "Send the same request again in some seconds.")
        answer.headers["Retry-After"] = "5"
        return answer
