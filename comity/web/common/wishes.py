"""How a signed-in person wants to be told: mail, gathered or not, quiet hours, language and zone."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language

from comity.actions import contacts
from comity.actions.enact import Refused
from comity.lib import zones
from comity.records.models import Contact
from comity.records.models.mails import MOST_BOUNCES
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs

DIGESTS = {
    "each": gettext_lazy("Each message at once"), "hourly": gettext_lazy("Gathered, every hour"),
    "daily": gettext_lazy("Gathered, every morning at eight"),
}  # fmt: skip


@needs()
@require_http_methods(["GET", "POST"])
def wishes(request: HttpRequest) -> HttpResponse:
    """See and change them."""
    actor = actor_of(request)
    party, contact = actor.party, Contact.objects.filter(party=actor.party).first()
    if request.method == "POST":
        try:
            given = contacts.Wishes(
                by_mail="by_mail" in request.POST,
                digest=request.POST.get("digest", ""),
                quiet_from=_hour(request, "quiet_from"),
                quiet_until=_hour(request, "quiet_until"),
                language=request.POST.get("language"),
                time_zone=request.POST.get("time_zone"),
            )
            contacts.save(actor, party, given, at=datetime.now(UTC))
            # Already in the language that was just chosen.
            with translation.override(party.language):
                flash.success(request, _("Saved."))
            answer = redirect("wishes")
            # The next page asks the cookie, not the party, in which language it is read.
            answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, party.language, samesite="Lax")
            return answer
        except Refused as error:
            for problem in error.problems:
                flash.error(request, problem)
    return render(
        request,
        "common/wishes.html",
        {
            "contact": contact,
            "digests": DIGESTS.items(),
            "hours": range(24),
            "languages": settings.LANGUAGES,
            "zones": sorted(zones.names()),
            "stopped": contact is not None and contact.bounced >= MOST_BOUNCES,
        },
        status=422 if request.method == "POST" else 200,
    )


def _hour(request: HttpRequest, name: str) -> int | None:
    """Return an hour that was chosen; None for none, and -1, which no one may choose, for what is no number."""
    text = request.POST.get(name, "")
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else -1


urlpatterns = [
    path("settings/", wishes, name="wishes"),
    path("language/", set_language, name="set_language"),
]
