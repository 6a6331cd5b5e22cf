"""Files handed out over HTTP, to pages and programs alike, so that nothing in them can act on a page."""

from typing import BinaryIO
from uuid import UUID

from django.http import FileResponse, Http404

from comity.actions import checks, files, measured
from comity.actions.disputes import evidence
from comity.actions.guard import Actor
from comity.records.files import Lost
from comity.records.models import Attachment, CheckPhoto, Evidence, MeasureFile

#: A file opened by itself is a page of an origin of its own, in which nothing runs and nothing loads.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def handed_out(actor: Actor, uuid: UUID) -> FileResponse:
    """Return a file as an answer to a request: a picture to look at, anything else to save; nothing in it can run.

    Raises Http404, also where only its content is gone; Forbidden for a conversation that the actor may not read.
    """
    try:
        attachment, content = files.opened(actor, uuid)
    except (Attachment.DoesNotExist, Lost) as error:
        raise Http404(str(error)) from error
    return _answer(content, attachment.kind, attachment.name, is_picture=attachment.is_picture)


def evidence_handed_out(actor: Actor, uuid: UUID) -> FileResponse:
    """Return a file of evidence likewise. Raises Http404; Forbidden for one that is for the mediator only."""
    try:
        piece, content = evidence.opened(actor, uuid)
    except (Evidence.DoesNotExist, Lost) as error:
        raise Http404(str(error)) from error
    return _answer(content, piece.media, piece.name, is_picture=piece.is_picture)


def of_measure_handed_out(actor: Actor, uuid: UUID) -> FileResponse:
    """Return a file that came with what was said of a measure likewise. Raises Http404; Forbidden for another's."""
    try:
        found, content = measured.opened(actor, uuid)
    except (MeasureFile.DoesNotExist, Lost) as error:
        raise Http404(str(error)) from error
    return _answer(content, found.kind, found.name, is_picture=found.is_picture)


def of_check_handed_out(actor: Actor, uuid: UUID) -> FileResponse:
    """Return a photo of a check before shipping likewise. Raises Http404; Forbidden for who may not see the order."""
    try:
        photo, content = checks.opened(actor, uuid)
    except (CheckPhoto.DoesNotExist, Lost) as error:
        raise Http404(str(error)) from error
    return _answer(content, photo.kind, photo.name, is_picture=True)


def _answer(content: BinaryIO, media: str, name: str, *, is_picture: bool) -> FileResponse:
    # Texts were decoded as UTF-8 when they were taken; a browser would guess otherwise.
    kind = "text/plain; charset=utf-8" if media == "text/plain" else media
    answer = FileResponse(content, content_type=kind, as_attachment=not is_picture, filename=name)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # A file never changes under its id; but it is read by its conversation's or case's people alone.
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer
