"""Case files of disputes and measures, to be fetched by their parties: archives that a court can verify offline."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.actions.disputes.view import View
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.measured import said_of
from comity.actions.seal import casefile, checking, of_dispute, of_measure
from comity.actions.seal.casefile import Content
from comity.files.pdf import NoPdf, pdf_of
from comity.lib.casefile import bag
from comity.lib.moments import to_text
from comity.policy.disputes.telling import ENDS
from comity.records.models import Dispute, DisputeText, Evidence, Message, MessageVersion, Notice, Sanction
from comity.web.common import times, words
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused
from comity.web.trade import measure_words
from comity.web.trade.dispute_forms import Sight
from comity.web.trade.dispute_story import story
from comity.web.trade.disputes import found, seen, shown
from comity.web.trade.measures import printed_of, row_of

MAX_BODY_CHARS, MAX_ASKS_CHARS = 200, 4_000
#: What decided a dispute without a person.
_BY_RULE = frozenset({"silence", "facts", "small_claim"})


@dataclass(frozen=True, slots=True)
class Letter:
    """A covering letter to an out-of-court body: its name, and what the sender asks for, in own words or left open."""

    body: str
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, with the words that belong to it and what followed by the rules."""

    at: datetime
    sentence: str
    kind: str = ""
    texts: tuple[DisputeText | Message | MessageVersion, ...] = ()
    followed: tuple[str, ...] = ()


@needs()
@require_http_methods(["GET", "HEAD", "POST"])
def case_file(request: HttpRequest, key: str) -> HttpResponse:
    """The case file of a dispute as the reader may have it."""
    actor, now = actor_of(request), datetime.now(UTC)
    about = found(actor, key)
    return _handed_out(
        request, f"/disputes/{key}/", key, lambda: archive(actor, about, now, letter=_letter_of(request))
    )


@needs()
@require_http_methods(["GET", "HEAD", "POST"])
def measure_case_file(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """The case file of a measure, for its party and for agents."""
    row, actor, now = row_of(request, party, key), actor_of(request), datetime.now(UTC)
    back, letter = f"/measures/{party}/{key}/", _letter_of(request)
    return _handed_out(request, back, key, lambda: of_measure_archived(actor, row, now, letter=letter))


def _handed_out(request: HttpRequest, back: str, key: str, make: Callable[[], bytes]) -> HttpResponse:
    try:
        made = make()
    except casefile.NotReady as error:
        return refused(request, Refused([str(error)]), back)
    headers = {"Content-Disposition": f'attachment; filename="case-{key}.zip"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/zip", headers=headers)


def _letter_of(request: HttpRequest) -> Letter | None:
    """Return the letter that is asked for; None where the archive is for no body."""
    sent = request.POST if request.method == "POST" else request.GET
    body = " ".join(sent.get("body", "").replace("\x00", "").split())[:MAX_BODY_CHARS]
    return Letter(body, sent.get("asks", "").replace("\x00", "").strip()[:MAX_ASKS_CHARS]) if body else None


@times.on_paper()
def archive(actor: Actor, about: Dispute, now: datetime, *, letter: Letter | None = None) -> bytes:
    """Return the case file of a dispute, with pages in the language that is active. Raises Forbidden, NotReady.

    letter  the covering letter to the out-of-court body that it is for; only a side of the dispute writes one
    """
    sight = seen(actor, about, now)
    view = sight.view
    casefile.seal_first(now)
    content = of_dispute.content(actor, view, at=now)
    told, sides = list(_told(actor, view)), (view.now.buyer, view.now.seller)
    context = shown(sight)
    context |= _for_both(sight, context) | {
        "book": view.now.book, "made_at": now, "moments": told,
        "pieces_of_evidence": [_piece(piece, piece.pk in view.hidden) for piece in view.evidence],
        "notices": list(_notices(content, told)), "disclosed": of_dispute.is_disclosed(view.now.case),
        "check_number": checking.number_of_dispute(about, now), "check_at": checking.address(),
    }  # fmt: skip
    pages = _printed("case", "index", render_to_string("print/case.html", context))
    if letter is not None and actor.party in sides:
        decision = view.now.case.decision
        pages |= _letter(
            actor, letter, context, key=about.key, rules=view.now.book.ref if view.now.book else "",
            other=next(each for each in sides if each != actor.party),
            decided=[each for each in told if each.kind in ENDS][-3:],
            automatic=measure_words.decided_by(decision.because in _BY_RULE) if decision is not None else "",
            inside=[each for each in told if each.kind.startswith("dispute.appeal")],
        )  # fmt: skip
    return casefile.packed(content, now=now, pages=pages)


@times.on_paper()
def of_measure_archived(actor: Actor, row: Sanction, now: datetime, *, letter: Letter | None = None) -> bytes:
    """Return the case file of a measure, as `archive` does that of a dispute. Raises Forbidden, NotReady."""
    casefile.seal_first(now)
    content = of_measure.content(actor, row, at=now)
    context = printed_of(row, actor, now)
    told = [Told(each.at, each.sentence, each.kind) for each in context["entries"]]
    context |= {
        "of_case": True, "made_at": now, "role": actor.role, "moments": told, "said": _said(row),
        "notices": list(_notices(content, told)),
    }  # fmt: skip
    pages = _printed("case", "index", render_to_string("print/measure.html", context))
    if letter is not None and actor.party.pk == row.party_id:
        pages |= _letter(
            actor, letter, context, key=row.key, rules=row.rulebook, automatic=context["automatic"],
            decided=[Told(row.placed_at or now, f"{words.code(row.measure)}. {context['state']}")],
            inside=[each for each in told if each.kind.startswith("appeal.")],
        )  # fmt: skip
    return casefile.packed(content, now=now, pages=pages)


def _letter(actor: Actor, letter: Letter, case: Mapping[str, object], **about: object) -> dict[str, bytes]:
    """Return the covering letter to an out-of-court body, as a page and as PDF."""
    context = {**case, "letter": letter, "sender": actor.party, **about}
    return _printed("letter", "letter", render_to_string("print/letter.html", context))


def _for_both(sight: Sight, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words of a claim and of a decision that both sides may read; others are in no case file."""
    both = {text.pk for text in sight.view.texts if text.sees == "all"}
    names = ("claims", "decision_words", "deviation", "corrections")
    return {name: [text for text in context.get(name, ()) if text.pk in both] for name in names}


def _said(row: Sanction) -> list[dict[str, object]]:
    """Return what was written of a measure, each with the names and places of its files in the case file."""
    return [
        {"row": text, "files": [(file.name, _place(file.sha256, file.kind)) for file in text.files.all()]}
        for text in said_of(row)
    ]


def _place(sha256: str, media: str) -> str:
    return f"evidence/{sha256}{bag.ending(media)}"


def _printed(pdf: str, page: str, html: str) -> dict[str, bytes]:
    pages = {f"{page}.html": html.encode()}
    with suppress(NoPdf):  # the page says the same
        pages[f"{pdf}.pdf"] = pdf_of(html)
    return pages


def _told(actor: Actor, view: View) -> Iterator[Told]:
    disclosed = of_dispute.is_disclosed(view.now.case)
    for each in story(actor, view):
        if each.message is not None:
            wrote = _("%(who)s wrote, before the dispute.") % {"who": each.message.author.name}
            yield Told(each.at, wrote, texts=(*each.message.versions.all(), each.message))
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
    """Return what a page says of a piece of evidence, and what it holds where the reader may see that."""
    says = [words.code(piece.kind, "evidence"), words.code(piece.item) if piece.item else "", words.code(piece.role)]
    told: dict[str, object] = {
        "row": piece, "says": " · ".join(filter(None, says)), "alone": hidden or piece.sees == "mediator"
    }  # fmt: skip
    if hidden:
        return told
    if piece.kind == "file":
        return told | {"file": _place(piece.sha256, piece.media), "name": piece.name}
    return told | {"text": piece.text} if piece.kind == "statement" else told | {"quotes": piece}


urlpatterns = [
    path("disputes/<str:key>/case.zip", case_file, name="case_file"),
    path("measures/<uuid:party>/<str:key>/case.zip", measure_case_file, name="measure_case_file"),
]
