"""Files that come with messages: taken if they are safe, handed out to those who may read the conversation."""

from collections.abc import Iterable
from uuid import UUID

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.lib import options
from comity.lib.uploads import MAX_PIXELS, SafeFile, Unsafe, made_safe
from comity.records import files
from comity.records.models import Attachment

MAX_FILES = 10
#: A file opened by itself is a page of an origin of its own, in which nothing runs and nothing loads.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def taken(given: Iterable[tuple[str, bytes]]) -> tuple[SafeFile, ...]:
    """Return files, each a name and its bytes, as they may be kept. Raises Refused with what is wrong with each."""
    found, wrong = sorted_out(given)
    if wrong:
        raise Refused(wrong)
    return found


def sorted_out(given: Iterable[tuple[str, bytes]]) -> tuple[tuple[SafeFile, ...], list[str]]:
    """Return the files that may be kept, and a sentence for each that may not."""
    found, wrong = [], []
    for number, (name, data) in enumerate(given, 1):
        if number > MAX_FILES:
            wrong.append(_("At most %(most)s files a message.") % {"most": MAX_FILES})
            break
        try:
            found.append(made_safe(name, data, max_bytes=max_bytes()))
        except Unsafe as error:
            wrong.append(_why(error))
    return tuple(found), wrong


def max_bytes() -> int:
    """Return how large a file may be, in bytes."""
    return options.number("COMITY_FILE_MB") * 1_000_000


def handed_out(actor: Actor, uuid: UUID) -> FileResponse:
    """Return a file as an answer to a request: a picture to look at, anything else to save; nothing in it can run.

    Raises Http404, also where only its content is gone; Forbidden for a conversation that the actor may not read.
    """
    found = Attachment.objects.select_related("message__conversation").filter(uuid=uuid).first()
    if found is None:
        raise Http404(f"there is no file {uuid}")
    require(actor, "conversation.read", found.message.conversation)
    try:
        content = files.opened(found.sha256)
    except files.Lost as error:
        raise Http404(str(error)) from error
    kind = "text/plain; charset=utf-8" if found.kind == "text/plain" else found.kind
    answer = FileResponse(content, content_type=kind, as_attachment=not found.is_picture, filename=found.name)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


def _why(error: Unsafe) -> str:
    values = {"name": error.name, "mb": max_bytes() // 1_000_000, "pixels": MAX_PIXELS // 1_000_000}
    return {
        "empty": _("%(name)s is empty."),
        "too_large": _("%(name)s is larger than %(mb)s MB."),
        "lies": _("%(name)s is not what its name says. Send it under its true name."),
        "broken": _("%(name)s is a picture that cannot be read."),
        "too_many_pixels": _("%(name)s has more than %(pixels)s million pixels. Send it smaller."),
    }.get(
        error.reason, _("%(name)s is of a kind that is not taken. Send pictures (JPEG, PNG, WebP), PDF, text or films.")
    ) % values  # fmt: skip
