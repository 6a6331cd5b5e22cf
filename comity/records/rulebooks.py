"""The published rulebooks, read once for each process and newest version."""

from comity.policy.rulebook import Rulebook, Rulebooks
from comity.records.models import RulebookVersion
from comity.rulebooks.language.parse import parse

_read: tuple[int, Rulebooks] = (0, Rulebooks(()))


def published(newest: int | None) -> Rulebooks:
    """Return all published versions, given the id of the newest: read again only when that id is a new one.

    The caller has the id from the statement that locked the party, so it costs no statement of its own.
    """
    global _read
    wanted = newest or 0
    if _read[0] != wanted:
        _read = (
            wanted,
            Rulebooks(parse(row.text) for row in RulebookVersion.objects.all()) if wanted else Rulebooks(()),
        )
    return _read[1]


def duties_of_others(role: str) -> set[str]:
    """Return the names of duties that somebody else than `role` must do, by any version."""
    return {rule.name for book in current() for rule in book.duties if rule.who != role}


def forget() -> None:
    """Drop what was read; for tests, whose databases come and go within one process."""
    global _read
    _read = (0, Rulebooks(()))


def version(ref: str) -> Rulebook:
    """Return a version by its name@version. One that was read is not asked for again: no version ever changes.

    Raises LookupError.
    """
    try:
        return _read[1].version(ref)
    except LookupError:
        return current().version(ref)


def current() -> Rulebooks:
    """Return all published versions, asking the database which is the newest."""
    return published(RulebookVersion.objects.order_by("-id").values_list("id", flat=True).first())
