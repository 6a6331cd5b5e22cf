"""The JSON API: parse, call one action, render. /api/v1/docs shows it; docs/api.md says how to begin."""

from django.db import DataError
from django.http import Http404
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Redoc

from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.api import (
    addresses,
    answers,
    cancellations,
    carriers,
    conversations,
    delays,
    deliveries,
    duties,
    facts,
    journal,
    listings,
    orders,
    parties,
    problems,
    returns,
    rulebooks,
    sanctions,
    shipments,
    standards,
    webhooks,
)
from comity.api.access import BySession, ByToken
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
for noun in (
    parties,
    listings,
    orders,
    cancellations,
    addresses,
    shipments,
    delays,
    deliveries,
    returns,
    carriers,
    conversations,
    answers,
    duties,
    journal,
    sanctions,
    standards,
    rulebooks,
    facts,
    webhooks,
):
    api.add_router("", noun.router, tags=[noun.__name__.rsplit(".", 1)[-1]])

api.add_exception_handler(Refused, problems.refused)
api.add_exception_handler(Forbidden, problems.forbidden)
api.add_exception_handler(Http404, problems.not_found)
api.add_exception_handler(AuthenticationError, problems.not_signed_in)
api.add_exception_handler(ValidationError, problems.invalid)
api.add_exception_handler(HttpError, problems.http_error)
api.add_exception_handler(DataError, problems.unstorable)
api.add_exception_handler(OverflowError, problems.unstorable)
