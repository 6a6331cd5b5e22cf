"""What witnesses sign of our checkpoints: kept beside them, from those whose keys the operator has named."""

from django.db import transaction

from comity.lib import options
from comity.lib.tlog import checkpoints, notes
from comity.records.models import Checkpoint, Cosignature


class Unknown(LookupError):
    """Not a checkpoint of this log, or of no witness that is known here; the message says which."""


def witnesses() -> list[notes.Verifier]:
    """Return the keys of the witnesses that the operator has named. Raises options.BadOption."""
    try:
        return [notes.read_verifier(text) for text in options.value("COMITY_WITNESSES").split(",") if text.strip()]
    except notes.BadNote as wrong:
        raise options.BadOption(f"COMITY_WITNESSES: {wrong}") from None


def keep(note: str) -> list[str]:
    """Keep the lines of known witnesses in the note of a checkpoint of ours, each once, and return their names.

    Raises notes.BadNote, Unknown.
    """
    read = notes.read(note)
    said = checkpoints.read(read.text)
    ours = Checkpoint.objects.filter(size=said.size).first()
    if ours is None or notes.read(ours.note).text != read.text:
        raise Unknown("no checkpoint of this log says that")
    known = witnesses()
    _, signed = notes.opened(note, known) if known else ("", [])
    if not signed:
        raise Unknown("signed by no witness that is known here (COMITY_WITNESSES)")
    by_id = {(each.name, each.id): each for each in signed if each.kind == notes.COSIGNATURE}
    lines = [each for each in read.signatures if (each.name, each.id) in by_id]
    with transaction.atomic():
        for each in lines:
            Cosignature.objects.get_or_create(
                checkpoint=ours, name=each.name, defaults={"line": each.line, "at": notes.signed_at(each)}
            )
    return sorted({each.name for each in lines})
