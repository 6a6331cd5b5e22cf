"""Accounts that become one, on the desk: asked for, decided, undone, and looked at; and links that are taken back."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.actions import deeds, files, identity, merges
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.measured import MAX_CHARS, Words, written
from comity.policy.facts import PARTIES, reference
from comity.policy.sanctions.measures import MeasureStatus
from comity.records import identity as linked
from comity.records import merges as records
from comity.records import rulebooks
from comity.records.models import AccountMerge, MeasureText, Party, Sanction
from comity.records.refs import named
from comity.web.common.doors import actor_of
from comity.web.common.gate import asked_at, needs, refused, typed
from comity.web.common.timeline import ledger_of, title_of


@needs("agent", "platform")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask that an account is taken over into this one; another agent approves it."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, merges.POWER)
    into = get_object_or_404(Party, uuid=uuid, role__in=PARTIES)
    wrong: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            account = _named(into, typed(request, "account"))
            merge = merges.ask(
                actor, account, into, words=_words(request), at=now, identity=typed(request, "once")[:60]
            )
            flash.success(request, _("Asked for. Another agent decides."))
            return redirect("desk_merge", uuid=merge.uuid)
        except Refused as error:
            wrong = error.problems
    pairs = linked.pairs_of(into)
    context = {
        "into": into,
        "others": {pair.other if pair.party == into else pair.party for pair in pairs},
        "wrong": wrong,
        "typed": {name: typed(request, name) for name in ("account", "because")},
        "once": typed(request, "once")[:60] or uuid4(),
        "most": MAX_CHARS,
    }
    return render(request, "agent/merge_asked.html", context, status=422 if wrong else 200)


def _named(into: Party, text: str) -> Party:
    """Return the account that somebody names by its id or by the shop's own. Raises Refused."""
    kind, identity_ = reference(text)
    account = named(text if kind in PARTIES and identity_ else f"{into.role}:{text}") if text else None
    if account is None:
        said = _("There is no account %(name)s: name it by its id here, or by the shop's own.")
        raise Refused([said % {"name": text[:60] or "–"}])
    return account


@needs("agent", "platform")
@require_GET
def merge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One merge: who asked, why, what came with the account, and what may be done about it."""
    actor, now, row = actor_of(request), datetime.now(UTC), _row(uuid)
    require(actor, merges.POWER)
    facts = [row.fact, *records.facts_about(row)]
    texts = MeasureText.objects.filter(party=row.party_id, fact__in=facts)
    running = row.party.sanctions.filter(Sanction.in_force(now) | Q(status=MeasureStatus.PROPOSED)).order_by("at")
    book = rulebooks.current().in_force(now)
    return render(
        request,
        "agent/merge.html",
        {
            "merge": row,
            "texts": texts.select_related("author").prefetch_related("files"),
            "why_not": {deed.slug: deed.why_not(actor, row, at=now) for deed in deeds.of(AccountMerge)},
            "came": [(each, title_of(each.rulebook, each.rule)) for each in records.came_with(row)],
            "passed": [(ledger_of(book.ref if book else "", name), at) for name, at in records.passed_by(row)],
            "running": running,
            "most": MAX_CHARS,
        },
    )


@needs("agent", "platform")
@require_POST
def act(request: HttpRequest, uuid: UUID, slug: str) -> HttpResponse:
    """Decide a merge, have it undone, or note that its points were looked at."""
    if slug not in _ACTS:
        raise Http404
    row = _row(uuid)
    try:
        flash.success(request, _ACTS[slug](request, actor_of(request), row, datetime.now(UTC)))
    except Refused as error:
        return refused(request, error, f"/desk/merges/{uuid}/")
    return redirect("desk_merge", uuid=uuid)


def _approve(request: HttpRequest, actor: Actor, row: AccountMerge, now: datetime) -> str:
    merges.approve(actor, row, at=now, shown=asked_at(request), words=_words(request))
    return _("Approved: the two are one account now, and both are told.")


def _decline(request: HttpRequest, actor: Actor, row: AccountMerge, now: datetime) -> str:
    merges.decline(actor, row, at=now, shown=asked_at(request), words=_words(request))
    return _("Declined.")


def _ask_undo(request: HttpRequest, actor: Actor, row: AccountMerge, now: datetime) -> str:
    merges.ask_undo(actor, row, at=now, words=_words(request))
    return _("Asked for. Another agent decides.")


def _undo(request: HttpRequest, actor: Actor, row: AccountMerge, now: datetime) -> str:
    merges.undo(actor, row, at=now, shown=asked_at(request), words=_words(request))
    return _("Undone: they are two accounts again, and both are told.")


def _keep(request: HttpRequest, actor: Actor, row: AccountMerge, now: datetime) -> str:
    merges.keep(actor, row, at=now, shown=asked_at(request), words=_words(request))
    return _("Declined: they stay one account.")


def _look(request: HttpRequest, actor: Actor, row: AccountMerge, now: datetime) -> str:
    merges.look(actor, row, at=now, words=_words(request))
    return _("Noted that you looked at it.")


_ACTS: dict[str, Callable[[HttpRequest, Actor, AccountMerge, datetime], str]] = {
    "approve": _approve,
    "decline": _decline,
    "ask-undo": _ask_undo,
    "undo": _undo,
    "keep": _keep,
    "look": _look,
}


@needs("agent", "platform")
@require_POST
def unlink(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take links back that were told of an account in error."""
    party = get_object_or_404(Party, uuid=uuid)
    try:
        other = named(typed(request, "other"))
        if other is None:
            raise Refused([_("There is no such account.")])
        kinds = [kind.replace("\x00", "") for kind in request.POST.getlist("kind")]
        identity.unlink(actor_of(request), party, other, kinds, words=_words(request), at=datetime.now(UTC))
        flash.success(request, _("Taken back. What was proposed and rests on it is closed."))
    except Refused as error:
        return refused(request, error, f"/desk/parties/{uuid}/")
    return redirect("desk_party", uuid=uuid)


def _words(request: HttpRequest) -> Words:
    given = files.taken((each.name or "", each.read()) for each in request.FILES.getlist("files"))
    return written(typed(request, "because"), given)


def _row(uuid: UUID) -> AccountMerge:
    return get_object_or_404(AccountMerge.objects.select_related("party", "into"), uuid=uuid)


urlpatterns = [
    path("desk/parties/<uuid:uuid>/take-over/", ask, name="desk_ask_merge"),
    path("desk/parties/<uuid:uuid>/unlink/", unlink, name="desk_unlink"),
    path("desk/merges/<uuid:uuid>/", merge, name="desk_merge"),
    path("desk/merges/<uuid:uuid>/<slug:slug>/", act, name="desk_merge_act"),
]
