"""Access tokens for programs: each party's own, and for agents everybody's."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.actions.enact import Refused
from comity.identity import tokens
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused, typed

PAGE = 50
LIVES = {
    "30": gettext_lazy("30 days"), "90": gettext_lazy("90 days"), "365": gettext_lazy("a year"),
    "1095": gettext_lazy("three years"),
}  # fmt: skip
OVERLAPS = {"0": gettext_lazy("at once"), "1": gettext_lazy("in a day"), "7": gettext_lazy("in a week")}


@needs()
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """See the own tokens, and make one; its text is shown this once."""
    if request.method != "POST":
        return _own(request)
    actor, now = actor_of(request), datetime.now(UTC)
    return _making(
        request,
        lambda: tokens.make(
            actor,
            party=actor.party,
            label=typed(request, "label"),
            scopes=request.POST.getlist("scope"),
            at=now,
            expires_at=now + timedelta(days=_chosen(request, "days", LIVES, "365")),
        ),
    )


@needs()
@require_POST
def rotate(request: HttpRequest, prefix: str) -> HttpResponse:
    """Give a token a new secret, shown this once."""
    actor, now = actor_of(request), datetime.now(UTC)
    token = get_object_or_404(tokens.seen(actor, prefix))
    overlap = timedelta(days=_chosen(request, "overlap", OVERLAPS, "0"))
    return _making(request, lambda: tokens.rotate(actor, token, at=now, overlap=overlap))


@needs()
@require_POST
def revoke(request: HttpRequest, prefix: str) -> HttpResponse:
    """End a token at once."""
    actor = actor_of(request)
    token = get_object_or_404(tokens.seen(actor, prefix))
    back = "tokens" if token.party_id == actor.party.pk else "desk_tokens"
    try:
        tokens.revoke(actor, token, at=datetime.now(UTC))
    except Refused as error:
        return refused(request, error, back)
    flash.success(request, _("Revoked. Programs that use it are refused from now on."))
    return redirect(back)


@needs("agent", "platform")
@require_GET
def everybody(request: HttpRequest) -> HttpResponse:
    """See everybody's tokens: what leaked is ended here, whoever's it is."""
    page = Paginator(tokens.listed(actor_of(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "agent/tokens.html", {"page": page, "rows": _with_states(page)})


def _making(request: HttpRequest, make: Callable[[], str]) -> HttpResponse:
    """Show the text of a token that `make` returns, or what was wrong, with what was typed."""
    try:
        return _own(request, text=make())
    except Refused as error:
        for problem in error.problems:
            flash.error(request, problem)
        return _own(request, status=422)


def _own(request: HttpRequest, *, text: str = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    page = Paginator(tokens.listed(actor, actor.party), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _with_states(page),
        "text": text,
        "scopes": tokens.useful(actor.role),
        "chosen": request.POST.getlist("scope") if status == 422 else [],
        "label": request.POST.get("label", "") if status == 422 else "",
        "days": request.POST.get("days", "365"),
        "lives": LIVES.items(),
        "overlaps": OVERLAPS.items(),
        "most": tokens.MAX_LABEL_CHARS,
    }
    answer = render(request, "common/tokens.html", context, status=status)
    add_never_cache_headers(answer)
    return answer


def _with_states(page: object) -> list[dict[str, object]]:
    now = datetime.now(UTC)
    return [{"token": token, "state": token.state(now)} for token in page]  # type: ignore[attr-defined]


def _chosen(request: HttpRequest, name: str, choices: Mapping[str, object], default: str) -> int:
    value = request.POST.get(name, default)
    return int(value if value in choices else default)


urlpatterns = [
    path("settings/tokens/", own, name="tokens"),
    path("settings/tokens/<str:prefix>/rotate/", rotate, name="token_rotate"),
    path("settings/tokens/<str:prefix>/revoke/", revoke, name="token_revoke"),
    path("desk/tokens/", everybody, name="desk_tokens"),
]
