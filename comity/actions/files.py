"""Files that come with messages: taken if they are safe, opened for those who may read the conversation."""

from collections.abc import Iterable
from typing import BinaryIO
from uuid import UUID

from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.files.uploads import MAX_PIXELS, SafeFile, Unsafe, made_safe
from comity.lib import options
from comity.records import files
from comity.records.models import Attachment

MAX_FILES = 10


def taken(given: Iterable[tuple[str, bytes]]) -> tuple[SafeFile, ...]:
    """Return files, each a name and its bytes, as they may be kept. Raises Refused with what is wrong with each."""
    safe, wrong = sorted_out(given)
    if wrong:
        raise Refused(wrong)
    return safe


def sorted_out(given: Iterable[tuple[str, bytes]]) -> tuple[tuple[SafeFile, ...], list[str]]:
    """Return the files that may be kept, and a sentence for each that may not."""
    safe, wrong = [], []
    for number, (name, data) in enumerate(given, 1):
        if number > MAX_FILES:
            wrong.append(_("At most %(most)s files at once.") % {"most": MAX_FILES})
            break
        try:
            safe.append(made_safe(name, data, max_bytes=max_bytes()))
        except Unsafe as error:
            wrong.append(_why(error))
    return tuple(safe), wrong


def max_bytes() -> int:
    """Return how large a file may be, in bytes."""
    return options.number("COMITY_FILE_MB") * 1_000_000


def opened(actor: Actor, uuid: UUID) -> tuple[Attachment, BinaryIO]:
    """Return a file and its content, for those who may read its conversation.

    Raises Attachment.DoesNotExist, records.files.Lost where only its content is gone, and Forbidden.
    """
    attachment = Attachment.objects.select_related("message__conversation").get(uuid=uuid)
    require(actor, "conversation.read", attachment.message.conversation)
    return attachment, files.opened(attachment.sha256)


def _why(error: Unsafe) -> str:
    values = {"name": error.name, "mb": max_bytes() // 1_000_000, "pixels": MAX_PIXELS // 1_000_000}
    other = _("%(name)s is of a kind that is not accepted. Send pictures (JPEG, PNG, WebP), PDF, text or films.")
    said = {
        "empty": _("%(name)s is empty."),
        "too_large": _("%(name)s is larger than %(mb)s MB."),
        "lies": _("%(name)s is not the kind of file that its name says. Send it under its true name."),
        "broken": _("%(name)s is a picture that cannot be read."),
        "too_many_pixels": _("%(name)s has more than %(pixels)s million pixels. Send a smaller one."),
    }
    return said.get(error.reason, other) % values
