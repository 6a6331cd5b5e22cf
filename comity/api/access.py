"""Who is asking: a program with a token, or a person who is signed in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie

from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor, require
from comity.api.shapes import Dated
from comity.identity import tokens
from comity.identity.people import party_of
from comity.records.models import Order

#: How long ago something may have happened that is told by a verb.
FURTHEST_BACK = timedelta(days=30)


class ByToken(HttpBearer):
    """A program: Authorization: Bearer comity_…"""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return the token's actor."""
        return tokens.actor_of(token)


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


def moment() -> datetime:
    """Read the time, once for each request."""
    return datetime.now(UTC)


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
