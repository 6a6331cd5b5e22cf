"""The case file of a dispute, to be fetched by each of its parties: an archive that a court can verify offline."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.actions.disputes import view as looking
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.seal import casefile
from comity.files.pdf import NoPdf, pdf_of
from comity.lib.casefile import bag
from comity.lib.money import Money
from comity.records.models import Dispute, DisputeText, Evidence
from comity.web.common import words
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused
from comity.web.trade import dispute_words
from comity.web.trade.dispute_story import story
from comity.web.trade.disputes import found


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, with the words that belong to it and what followed by the rules."""

    at: datetime
    sentence: str
    texts: tuple[DisputeText, ...] = ()
    followed: tuple[str, ...] = ()


@needs()
@require_GET
def case_file(request: HttpRequest, key: str) -> HttpResponse:
    """The case file as the reader may have it."""
    actor, now = actor_of(request), datetime.now(UTC)
    about = found(actor, key)
    try:
        made = archive(actor, about, now)
    except casefile.NotReady as error:
        return refused(request, Refused([str(error)]), f"/disputes/{key}/")
    return HttpResponse(
        made,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="case-{key}.zip"', "Cache-Control": "no-store"},
    )


def archive(actor: Actor, about: Dispute, now: datetime) -> bytes:
    """Return the case file of a dispute, with pages in the language that is active. Raises Forbidden, NotReady."""
    view = looking.of(actor, about, at=now)
    case = view.now.case
    currency = view.now.dispute.currency
    context = {
        "dispute": about, "order": view.now.order, "book": view.now.book,
        "made_at": now, "moments": list(_told(actor, view)),
        "reason": dispute_words.reason_title(view.now.rules, case.reason),
        "asked": Money(case.amount, currency) if case.amount and currency else None,
        "pieces_of_evidence": [_piece(piece, piece.pk in view.hidden) for piece in view.evidence],
    }  # fmt: skip
    html = render_to_string("print/case.html", context)
    pages = {"index.html": html.encode()}
    with suppress(NoPdf):  # the page says the same
        pages["case.pdf"] = pdf_of(html)
    return casefile.build(actor, about, now=now, pages=pages)


def _told(actor: Actor, view: looking.View) -> Iterator[Told]:
    for each in story(actor, view):
        kind = each.entry.kind if each.entry is not None else ""
        if kind in casefile.SETTLEMENT:
            yield Told(each.at, _("Settlement talk, which is in no case file."))
        elif each.entry is not None:
            texts = tuple(text for text in each.texts if text.sees == "all" and text.kind not in casefile.TALK)
            yield Told(each.at, each.entry.sentence, texts, tuple(ruling.sentence for ruling in each.rulings))


def _piece(piece: Evidence, hidden: bool) -> dict[str, object]:
    says = words.code(piece.item or piece.kind)
    if hidden:
        return {"at": piece.at, "says": f"{says} · {piece.why}"}
    file = f"evidence/{piece.sha256}{bag.ending(piece.media)}" if piece.kind == "file" else ""
    return {"at": piece.at, "says": says, "file": file, "name": piece.name, "text": piece.text}


urlpatterns = [path("disputes/<str:key>/case.zip", case_file, name="case_file")]
