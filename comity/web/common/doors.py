"""The doors and walls of the pages: who is asking, in which zone, and what a page may load."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from comity.actions.guard import Actor
from comity.identity import limits
from comity.identity.people import party_of
from comity.lib import options, zones
from comity.policy.duties.rulings import DUES
from comity.records.models import Notice, Party
from comity.web.common import errors

#: Nothing inline and nothing from elsewhere: a text that slips through as HTML can load and run nothing.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HOMES = {"buyer": "/buy/", "seller": "/sell/", "agent": "/desk/", "platform": "/desk/"}


class NoStrangers(DefaultAccountAdapter):  # type: ignore[misc,unused-ignore]
    """Sign-in only: parties come from the shop or the operator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account here."""
        del request
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the page that follows a sign-in shows well enough who is signed in."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Each role begins in its own workspace."""
        party = party_of(request)
        return HOMES[party.role] if party else "/"


class Doors:
    """Puts the party on the request, its zone in force, and the walls on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        if limits.says_too_much(request):
            return errors.too_large(request)
        party = party_of(request)
        request.party = party  # type: ignore[attr-defined]
        with timezone.override(zones.zone(party.time_zone) if party else "UTC"):
            response = self.get_response(request)
        if party is not None:
            # No cache between may hand one person's page to another.
            patch_cache_control(response, private=True)
        response.headers.setdefault("Content-Security-Policy", policy())
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


def policy() -> str:
    """Return what a page may load: its own things, and events from where `comity live` is."""
    there = urlsplit(options.value("COMITY_LIVE_URL"))
    elsewhere = f" {there.scheme}://{there.netloc}" if there.netloc else ""
    return POLICY.replace("connect-src 'self'", f"connect-src 'self'{elsewhere}")


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in actor; the page is behind `needs`, so there is one."""
    party: Party = request.party  # type: ignore[attr-defined]
    return Actor(party)


def who(request: HttpRequest) -> dict[str, Any]:
    """Give every template the party, its home and its unread notices."""
    party: Party | None = getattr(request, "party", None)
    if party is None:
        return {"party": None}
    # As many as there are lines (`noticed`): what is due for one subject is one.
    is_due = Q(kind__in=DUES)
    counted = Notice.objects.filter(party=party, read_at=None).aggregate(
        others=Count("pk", filter=~is_due), subjects=Count("matter", filter=is_due, distinct=True)
    )
    unread = counted["others"] + counted["subjects"]
    return {"party": party, "home": HOMES[party.role], "unread": unread}
