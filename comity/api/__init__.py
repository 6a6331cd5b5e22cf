"""The JSON API: parse, call one action, render. /api/v1/docs shows it; docs/api.md says how to begin."""

from importlib import import_module
from pkgutil import iter_modules

from django.db import DataError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Redoc

from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.api import problems
from comity.api.access import BySession, ByToken, tell_scopes
from comity.api.idempotency import idempotent

api = NinjaAPI(
    title="Comity",
    version="1",
    auth=[ByToken(), BySession()],
    docs=Redoc(),
    docs_url=None,
    urls_namespace="api",
    description="What a marketplace's shop tells Comity, and what follows by the rules in force.",
)
api.add_decorator(idempotent, mode="view")
for module in sorted(iter_modules(__path__), key=lambda info: info.name):
    noun = import_module(f"{__name__}.{module.name}")
    if hasattr(noun, "router"):  # a module with a router is a noun of the API
        tell_scopes(noun.router)
        api.add_router("", noun.router, tags=[module.name])

api.add_exception_handler(Refused, problems.refused)
api.add_exception_handler(Forbidden, problems.forbidden)
api.add_exception_handler(Http404, problems.not_found)
api.add_exception_handler(AuthenticationError, problems.not_signed_in)
api.add_exception_handler(ValidationError, problems.invalid)
api.add_exception_handler(HttpError, problems.http_error)
api.add_exception_handler(MultiPartParserError, problems.no_form)
api.add_exception_handler(DataError, problems.unstorable)
# SQLite's driver raises it for integers of more than 64 bits; PostgreSQL answers with a DataError.
api.add_exception_handler(OverflowError, problems.unstorable)
