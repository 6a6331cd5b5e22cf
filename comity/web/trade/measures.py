"""A measure as its party reads it: what, from when to when, why, what would have changed it, and what to do."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages as flash
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.actions import appeals, files, reached, sanctions
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden, require
from comity.actions.measured import MAX_CHARS, Words, said_of, written
from comity.actions.plans.reading import plan_before
from comity.actions.seal import checking
from comity.files.pdf import NoPdf, pdf_of
from comity.files.uploads import ACCEPTED
from comity.identity.files import of_measure_handed_out
from comity.policy.sanctions.measures import MeasureStatus
from comity.records.models import Party, Sanction
from comity.web.common import times
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused, typed
from comity.web.common.timeline import of_matter, title_of
from comity.web.trade import measure_words


@needs()
@require_GET
def measure(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """One measure, with its statement of reasons, for its party and for agents."""
    row = row_of(request, party, key)
    # Who opens the page is told by it, where what told of it before came back.
    if row.told_at is None and actor_of(request).party.pk == row.party_id and reached.seen(row.party, at=_now()):
        row.refresh_from_db()
    return _page(request, row)


@needs()
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, party: UUID, key: str, slug: str) -> HttpResponse:
    """Answer a measure, appeal against it, or take the appeal back; where it is refused, all that was typed stays."""
    row = row_of(request, party, key)
    if slug not in _ACTS:
        raise Http404
    if request.method == "POST":
        try:
            flash.success(request, _ACTS[slug](request, actor_of(request), row, _now()))
        except Refused as error:
            return _page(request, row, wrong={slug: error.problems}, status=422)
    return redirect("measure", party=party, key=key)


@needs()
@require_GET
def as_pdf(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """The statement of reasons as PDF, in the reader's language and zone."""
    row, actor, now = row_of(request, party, key), actor_of(request), _now()
    try:
        made = pdf_of(printed(row, actor, now))
    except NoPdf as error:
        return refused(request, Refused([str(error)]), f"/measures/{party}/{key}/")
    answer = HttpResponse(made, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{key}.pdf"'
    return answer


@times.on_paper()
def printed(row: Sanction, actor: Actor, now: datetime) -> str:
    """Return the statement of reasons as a page to print, in the reader's language and zone."""
    return render_to_string("print/measure.html", printed_of(row, actor, now))


def printed_of(row: Sanction, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what a printed page says of a measure."""
    return {
        "sanction": row, "now": now, **shown(row, actor.party, now), **_ways(actor, row, now),
        "check_number": checking.number_of_measure(row, now), "check_at": checking.address(),
    }  # fmt: skip


@needs()
@require_GET
def file(request: HttpRequest, uuid: UUID) -> FileResponse:
    """A file that came with what was said of a measure; one that is not the reader's is like one that never was."""
    try:
        return of_measure_handed_out(actor_of(request), uuid)
    except Forbidden as error:
        raise Http404 from error


def _now() -> datetime:
    return datetime.now(UTC)


def row_of(request: HttpRequest, party: UUID, key: str) -> Sanction:
    """Return a measure that the reader may see. Raises Http404, Forbidden."""
    row = get_object_or_404(Sanction.objects.select_related("party"), party__uuid=party, key=key)
    require(actor_of(request), "party.read", row.party)
    return row


def _page(
    request: HttpRequest, row: Sanction, *, wrong: Mapping[str, Sequence[str]] | None = None, status: int = 200
) -> HttpResponse:
    actor, now = actor_of(request), _now()
    context = {
        "sanction": row,
        "now": now,
        "mine": actor.party.pk == row.party_id,
        "wrong": wrong or {},
        "typed": request.POST.get("text", ""),
        "accepted": ACCEPTED,
        "most": MAX_CHARS,
        **shown(row, actor.party, now),
        **_ways(actor, row, now),
        "plan": plan_before(row),
    }
    return render(request, "trade/measure.html", context, status=status)


def shown(row: Sanction, reader: Party, now: datetime) -> dict[str, Any]:
    """Return what a measure says, in the reader's language and zone."""
    statement: dict[str, Any] = row.statement or {}
    counted = measure_words.infringements(row, statement)
    still, no_more = measure_words.may(row)
    moved = [*of_matter(row.party, row.ref, reader=reader), *of_matter(row.party, f"appeal:{row.key}", reader=reader)]
    return {
        "state": measure_words.state(row, now),
        "from_to": measure_words.from_to(row),
        "planned": measure_words.planned(row, now),
        "scope": measure_words.scope(row) if row.of else [],
        "title": title_of(row.rulebook, row.comes_from.name),
        "counted": counted,
        "reasons": list(measure_words.reasons(statement)),
        "changes": list(measure_words.changes(statement, counted)),
        "windows": measure_words.windows(statement),
        "automatic": measure_words.automatic(statement),
        "still": still,
        "no_more": no_more,
        "came_back": measure_words.came_back(row, counted, now),
        "texts": said_of(row),
        "entries": sorted(moved, key=lambda entry: entry.at),
    }


def _ways(actor: Actor, row: Sanction, now: datetime) -> dict[str, Any]:
    """Return what the reader may do about a measure, until when, and what became of earlier appeals."""
    filed, opens = appeals.appeals_of(row), appeals.window_of(row)
    return {
        "may_answer": sanctions.ANSWER.why_not(actor, row, at=now) is None,
        "answer_until": row.effective_at if row.status == MeasureStatus.PLACED else None,
        "may_appeal": appeals.FILE.why_not(actor, row, at=now) is None,
        "may_withdraw": appeals.WITHDRAW.why_not(actor, row, at=now) is None,
        "appeal_until": opens.end if opens is not None else None,
        "appeals": filed,
        "is_appealed": bool(filed) and filed[-1].is_open,
    }


def _answer(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    sanctions.answer(actor, row, words=_words(request), at=now)
    return _("Your answer is beside the measure; whoever decides reads it first.")


def _appeal(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    there = appeals.appeals_of(row)
    appeals.file(actor, row, words=_words(request), at=now)
    if there and there[-1].is_open:
        return _("Added to your appeal.")
    return _("Your appeal is filed. Somebody who had no part in the decision decides it.")


def _withdraw(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    appeals.withdraw(actor, row, at=now)
    return _("Your appeal is taken back.")


_ACTS: dict[str, Callable[[HttpRequest, Actor, Sanction, datetime], str]] = {
    "answer": _answer,
    "appeal": _appeal,
    "withdraw-appeal": _withdraw,
}


def _words(request: HttpRequest) -> Words:
    given = files.taken((each.name or "", each.read()) for each in request.FILES.getlist("files"))
    return written(typed(request, "text"), given)


urlpatterns = [
    path("measures/<uuid:party>/<str:key>/", measure, name="measure"),
    path("measures/<uuid:party>/<str:key>/statement.pdf", as_pdf, name="measure_pdf"),
    path("measures/<uuid:party>/<str:key>/<slug:slug>/", act, name="measure_act"),
    path("measures/files/<uuid:uuid>/", file, name="measure_file"),
]
