"""Case files of disputes and measures, to be fetched by their parties: archives that a court can verify offline."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.actions.disputes import view as looking
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.seal import casefile, checking, of_dispute, of_measure
from comity.actions.seal.casefile import Content
from comity.files.pdf import NoPdf, pdf_of
from comity.lib.casefile import bag
from comity.lib.moments import to_text
from comity.lib.money import Money
from comity.policy.disputes.telling import ENDS
from comity.records.models import Dispute, DisputeText, Evidence, Message, Notice, Sanction
from comity.web.common import words
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused
from comity.web.trade import dispute_words
from comity.web.trade.dispute_story import story
from comity.web.trade.disputes import found
from comity.web.trade.measures import printed, row_of, shown

MAX_BODY_CHARS = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, with the words that belong to it and what followed by the rules."""

    at: datetime
    sentence: str
    kind: str = ""
    texts: tuple[DisputeText | Message, ...] = ()
    followed: tuple[str, ...] = ()


@needs()
@require_GET
def case_file(request: HttpRequest, key: str) -> HttpResponse:
    """The case file of a dispute as the reader may have it."""
    actor, now = actor_of(request), datetime.now(UTC)
    about = found(actor, key)
    return _handed_out(request, f"/disputes/{key}/", key, lambda: archive(actor, about, now, body=_body(request)))


@needs()
@require_GET
def measure_case_file(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """The case file of a measure, for its party and for agents."""
    row, actor, now = row_of(request, party, key), actor_of(request), datetime.now(UTC)
    return _handed_out(
        request, f"/measures/{party}/{key}/", key, lambda: of_measure_archived(actor, row, now, body=_body(request))
    )


def _handed_out(request: HttpRequest, back: str, key: str, make: Callable[[], bytes]) -> HttpResponse:
    try:
        made = make()
    except casefile.NotReady as error:
        return refused(request, Refused([str(error)]), back)
    headers = {"Content-Disposition": f'attachment; filename="case-{key}.zip"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/zip", headers=headers)


def _body(request: HttpRequest) -> str:
    """Return the out-of-court body that an archive is for; empty where it is for none."""
    return " ".join(request.GET.get("body", "").split())[:MAX_BODY_CHARS]


def archive(actor: Actor, about: Dispute, now: datetime, *, body: str = "") -> bytes:
    """Return the case file of a dispute, with pages in the language that is active. Raises Forbidden, NotReady.

    body  the out-of-court body that it is for: then a covering letter is with it
    """
    view = looking.of(actor, about, at=now)
    casefile.seal_first(now)
    content = of_dispute.content(actor, view)
    case, currency, told = view.now.case, view.now.dispute.currency, list(_told(actor, view))
    context = {
        "dispute": about, "order": view.now.order, "book": view.now.book, "made_at": now, "moments": told,
        "reason": dispute_words.reason_title(view.now.rules, case.reason),
        "asked": Money(case.amount, currency) if case.amount and currency else None,
        "pieces_of_evidence": [_piece(piece, piece.pk in view.hidden) for piece in view.evidence],
        "notices": list(_notices(content, told)), "disclosed": of_dispute.is_disclosed(case),
        "check_number": checking.number_of_dispute(about, now), "check_at": checking.address(),
    }  # fmt: skip
    pages = _printed("case", "index", render_to_string("print/case.html", context))
    if body:
        decided = [each.sentence for each in told if each.kind in ENDS][-3:]
        appealed = [each.sentence for each in told if each.kind.startswith("dispute.appeal")]
        rules = view.now.book.ref if view.now.book else ""
        pages |= _letter(
            actor, body, now, key=about.key, decided=decided, rules=rules, asked=context["asked"], inside=appealed
        )
    return casefile.packed(content, now=now, pages=pages)


def of_measure_archived(actor: Actor, row: Sanction, now: datetime, *, body: str = "") -> bytes:
    """Return the case file of a measure, as `archive` does that of a dispute. Raises Forbidden, NotReady."""
    casefile.seal_first(now)
    content = of_measure.content(actor, row)
    pages = _printed("case", "index", printed(row, actor, now))
    if body:
        said = shown(row, actor.party, now)
        appealed = [each.sentence for each in said["entries"] if each.kind.startswith("appeal.")]
        decided = [str(words.code(row.measure)), said["state"]]
        pages |= _letter(
            actor, body, now, key=row.key, decided=decided, rules=row.rulebook, automatic=said["automatic"],
            inside=appealed,
        )  # fmt: skip
    return casefile.packed(content, now=now, pages=pages)


def _letter(actor: Actor, body: str, now: datetime, **about: object) -> dict[str, bytes]:
    """Return the covering letter to an out-of-court body, as a page and as PDF."""
    context = {"body": body, "sender": actor.party, "now": now, **about}
    return _printed("letter", "letter", render_to_string("print/letter.html", context))


def _printed(pdf: str, page: str, html: str) -> dict[str, bytes]:
    pages = {f"{page}.html": html.encode()}
    with suppress(NoPdf):  # the page says the same
        pages[f"{pdf}.pdf"] = pdf_of(html)
    return pages


def _told(actor: Actor, view: looking.View) -> Iterator[Told]:
    disclosed = of_dispute.is_disclosed(view.now.case)
    for each in story(actor, view):
        if each.message is not None:
            wrote = _("%(who)s wrote, before the dispute.") % {"who": each.message.author.name}
            yield Told(each.at, wrote, texts=(each.message,))
            continue
        kind = each.entry.kind if each.entry is not None else ""
        if kind in of_dispute.SETTLEMENT and (not disclosed or kind == of_dispute.PRIVATE):
            yield Told(each.at, _("Settlement talk, which is in no case file."), kind)
        elif each.entry is not None:
            texts = tuple(
                text for text in each.texts if text.sees == "all" and (disclosed or text.kind not in of_dispute.TALK)
            )
            yield Told(each.at, each.entry.sentence, kind, texts, tuple(ruling.sentence for ruling in each.rulings))


def _notices(content: Content, moments: Iterable[Told]) -> Iterator[tuple[Notice, str]]:
    """Yield who was told of what happened, each with the sentence that the reader reads of it."""
    sentences = {(each.kind, to_text(each.at)): each.sentence for each in moments}
    for notice in content.notices:
        if sentence := sentences.get((notice.kind, str(notice.values.get("at")))):
            yield notice, sentence


def _piece(piece: Evidence, hidden: bool) -> dict[str, object]:
    says = words.code(piece.item or piece.kind)
    if hidden:
        return {"at": piece.at, "says": f"{says} · {piece.why}"}
    file = f"evidence/{piece.sha256}{bag.ending(piece.media)}" if piece.kind == "file" else ""
    return {"at": piece.at, "says": says, "file": file, "name": piece.name, "text": piece.text}


urlpatterns = [
    path("disputes/<str:key>/case.zip", case_file, name="case_file"),
    path("measures/<uuid:party>/<str:key>/case.zip", measure_case_file, name="measure_case_file"),
]
