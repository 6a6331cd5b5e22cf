"""Who is asking: a program with a token, or a person who is signed in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie

from comity.actions import parties
from comity.actions.enact import Refused, happened
from comity.actions.guard import SCOPES, Actor, allows, require, require_scope
from comity.api.shapes import Dated, Spoken
from comity.identity import tokens
from comity.identity.people import party_of
from comity.records.models import Dispute, Order

#: How long ago something may have happened that is told by a verb.
FURTHEST_BACK = timedelta(days=30)
View = TypeVar("View", bound=Callable[..., Any])


class ByToken(HttpBearer):
    """A program: Authorization: Bearer comity_…"""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return the token's actor."""
        return tokens.actor_of(token, moment())


class BySession(APIKeyCookie):
    """A person who is signed in to the pages; writing takes the CSRF token, as forms do."""

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Return the signed-in actor. Who sends no session is told to sign in, not that its form was forged."""
        return super().__call__(request) if self.param_name in request.COOKIES else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Return the signed-in actor."""
        party = party_of(request)
        return Actor(party) if party else None


def actor(request: HttpRequest) -> Actor:
    """Return who is asking; every endpoint is behind authentication."""
    who: Any = request.auth  # type: ignore[attr-defined]
    assert isinstance(who, Actor)
    return who


def needs(*scopes: str) -> Callable[[View], View]:
    """Say which scopes a token needs for an operation, and refuse those without before anything is looked up.

    Every operation says it (`comity.api` does not start without), and the API's description tells it. None named: any
    token will do.
    """
    if unknown := set(scopes) - SCOPES:
        raise ValueError(f"there are no actions {', '.join(sorted(unknown))}")

    def gate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            for scope in scopes:
                require_scope(actor(request), scope)
            return view(request, *args, **kwargs)

        answer.scopes = scopes  # type: ignore[attr-defined]
        return cast(View, answer)

    return gate


def tell_scopes(router: Router) -> None:
    """Tell in the API's description which scopes each operation of a router needs. Raises TypeError for one without."""
    for view in router.path_operations.values():
        for operation in view.operations:
            scopes = getattr(operation.view_func, "scopes", None)
            if scopes is None:
                raise TypeError(f"{operation.methods} {operation.path} does not say which scopes it needs (@needs)")
            operation.openapi_extra = {**(operation.openapi_extra or {}), "x-scopes": list(scopes)}


def moment() -> datetime:
    """Read the time, once for each request."""
    return datetime.now(UTC)


def speaker(request: HttpRequest, what: Spoken) -> Actor:
    """Return whose act it is that a request tells: who asks, or the party for which the shop's token speaks.

    That party's powers count, and the token's scopes. Raises Refused, Forbidden.
    """
    who = actor(request)
    return who if what.on_behalf_of is None else parties.spoken_for(who, what.on_behalf_of)


def when(request: HttpRequest, what: Dated) -> dict[str, datetime]:
    """Return when what is told happened (`at`), and now (`noted_at`), as the actions take them. Raises Refused.

    Only the shop knows when something happened that reaches us later. What others do, they do now.
    """
    now = moment()
    if what.at is None:
        return {"at": now, "noted_at": now}
    if actor(request).role != "platform":
        raise Refused(["at: only the shop's own token may say when something happened; leave it out"])
    at = happened(what.at, now)
    if now - at > FURTHEST_BACK:
        days = FURTHEST_BACK.days
        raise Refused([f"at: more than {days} days ago; tell it as facts (POST /facts), or import it (comity import)"])
    return {"at": at, "noted_at": now}


def order_of(who: Actor, uuid: UUID) -> Order:
    """Return an order that `who` may read, or answer 404, 403."""
    order = get_object_or_404(Order.objects.select_related("buyer", "seller"), uuid=uuid)
    require(who, "order.read", order)
    return order


def dispute_of(who: Actor, uuid: UUID) -> Dispute:
    """Return a dispute that `who` may read; else answer 404, the same as for a number that never was."""
    rows = Dispute.objects.select_related("order__buyer", "order__seller")
    dispute = get_object_or_404(rows, uuid=uuid)
    if not allows(who, "dispute.read", dispute):
        raise Http404
    return dispute
