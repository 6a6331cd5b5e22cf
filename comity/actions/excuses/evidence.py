"""Files that show a pause: kept beside its row, their digests in each fact that notes it."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from comity.actions import measured
from comity.actions.guard import Actor
from comity.actions.measured import Words
from comity.files.uploads import SafeFile
from comity.lib.ids import digest
from comity.policy.facts import PAUSE
from comity.records.models import Excuse, MeasureFile


def keep(actor: Actor, row: Excuse, given: tuple[SafeFile, ...], *, at: datetime) -> None:
    """Keep files that show a pause. Of one for many they are the agent's who recorded it."""
    if given:
        words = Words(row.evidence, given)
        measured.keep(actor, row.party or actor.party, PAUSE, row.ref, matter=row.ref, words=words, at=at)


def of(rows: Sequence[Excuse]) -> dict[str, list[MeasureFile]]:
    """Return the files of pauses, by `ref`."""
    found: dict[str, list[MeasureFile]] = {}
    for file in _files().filter(text__matter__in=[row.ref for row in rows]):
        found.setdefault(file.text.matter, []).append(file)
    return found


def digests(row: Excuse) -> str:
    """Return the digests of the files that show a pause, as its facts hold them; "" for none."""
    files = _files().filter(text__party=row.party_id or row.recorded_by_id, text__matter=row.ref)
    return " ".join(digest(bytes(file.text.salt), file.sha256) for file in files)


def _files() -> QuerySet[MeasureFile]:
    return MeasureFile.objects.select_related("text").order_by("pk")
