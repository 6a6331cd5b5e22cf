"""What is said of a measure: a fact in its party's chain, with the words and files that belong to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.telling import micros
from comity.files.uploads import SafeFile
from comity.lib import texts
from comity.lib.ids import digest, salt
from comity.policy.facts import Fact, Scalar
from comity.policy.rulings import Ruling
from comity.records import files, statements
from comity.records.models import MeasureFile, MeasureText, Party, Sanction

MAX_CHARS, MAX_FILES = 10_000, 10


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody writes, with files that are safe (`actions.files.taken`)."""

    text: str = ""
    files: tuple[SafeFile, ...] = ()

    @property
    def are_empty(self) -> bool:
        """Whether nothing is said: signs that nobody sees say nothing."""
        return texts.is_blank(self.text) and not self.files


NOTHING = Words()


def require_some(words: Words) -> None:
    """Return where something is said, in words or by a file; else raise Refused."""
    if words.are_empty:
        raise Refused([_("Say it in your own words: an empty field says nothing.")])


def written(text: str, given: tuple[SafeFile, ...] = (), *, needed: bool = False) -> Words:
    """Return what somebody wrote, as it may be kept. Raises Refused."""
    text = "" if texts.is_blank(text) else texts.clean(text.strip())
    if len(text) > MAX_CHARS:
        raise Refused([_("Write at most %(most)s characters.") % {"most": MAX_CHARS}])
    if len(given) > MAX_FILES:
        raise Refused([_("At most %(most)s files at once.") % {"most": MAX_FILES}])
    if needed:
        require_some(Words(text))
    return Words(text, given)


def fact_of(actor: Actor, kind: str, about: str, apart: str) -> str:
    """Return the id of what `tell` notes."""
    return f"{kind}:{about.partition(':')[2]}:{apart}:{actor.party.ref}"


def tell(
    actor: Actor,
    party: Party,
    kind: str,
    *,
    at: datetime,
    about: str,
    matter: str = "",
    data: Mapping[str, Scalar] | None = None,
    words: Words = NOTHING,
    apart: str = "",
    noted_at: datetime | None = None,
) -> list[Ruling]:
    """Note a fact about a measure (`about`), or about a party's points; return what is ruled on it.

    noted_at  where that is later than when it was
    apart   what tells it from others of its kind about the same; the moment, where nothing else does
    """
    name = fact_of(actor, kind, about, apart or micros(at))
    said: dict[str, Scalar] = {key: value for key, value in (data or {}).items() if value not in (None, "")}
    with transaction.atomic():
        statements.lock(party.pk)
        if statements.known(party.pk, name):
            return []
        if not words.are_empty:
            row = keep(actor, party, kind, name, matter=about, words=words, at=at)
            said["words"] = digest(bytes(row.salt), words.text)
            if words.files:
                said["files"] = " ".join(digest(bytes(row.salt), file.sha256) for file in words.files)
        fact = Fact(
            id=name,
            kind=kind,
            at=at,
            noted_at=noted_at or at,
            subject=about,
            matter=matter or about,
            party=party.ref,
            data=said,
            spoken_by=actor.spoken_by,
        )
        return enact(party, fact, once=True) or []


def keep(actor: Actor, party: Party, kind: str, fact: str, *, matter: str, words: Words, at: datetime) -> MeasureText:
    """Keep what was written, with its files, beside the fact that holds its digests; return its row."""
    row = MeasureText(
        party=party, matter=matter, fact=fact, kind=kind.partition(".")[2], author=actor.party, role=actor.role,
        text=words.text, salt=salt(), at=at,
    )  # fmt: skip
    row.save(force_insert=True)
    for file in words.files:
        MeasureFile.objects.create(
            uuid=uuid4(), text=row, name=file.name, kind=file.kind, size=len(file.data), sha256=files.keep(file),
            width=file.width, height=file.height,
        )  # fmt: skip
    return row


def facts_of(measure: Sanction) -> Sequence[Fact]:
    """Return the facts about a measure, those of its appeals too, in the order of time."""
    known = statements.facts_of_matters(measure.party_id, [measure.ref, appeal_of(measure)])
    return sorted(known, key=lambda fact: fact.place)


def texts_of(measure: Sanction) -> list[MeasureText]:
    """Return what was written of a measure, with its files, in the order of time."""
    rows = MeasureText.objects.filter(party=measure.party_id, matter=measure.ref)
    return list(rows.select_related("author").prefetch_related("files"))


def said_of(measure: Sanction) -> list[MeasureText]:
    """Return all that was written of a measure: with which words an agent asked for it, before it was there, too."""
    asked = MeasureText.objects.filter(party=measure.party_id, kind="asked", fact__in=measure.because)
    return [*asked.select_related("author").prefetch_related("files"), *texts_of(measure)]


def is_said(measure: Sanction, words: Words, kinds: Collection[str], *, since: datetime | None = None) -> bool:
    """Whether the party has said the same already, by texts of these kinds: a button that was pressed twice."""
    digests = {file.sha256 for file in words.files}
    said = [each for each in texts_of(measure) if each.kind in kinds and (since is None or each.at >= since)]
    return any(each.text == words.text and digests <= {file.sha256 for file in each.files.all()} for each in said)


def appeal_of(measure: Sanction) -> str:
    """Return the matter under which appeals against a measure are judged."""
    return f"appeal:{measure.key}"


def opened(actor: Actor, uuid: UUID) -> tuple[MeasureFile, BinaryIO]:
    """Return a file that came with what was said of a measure, and its content, for those who may see the measure.

    Raises MeasureFile.DoesNotExist, records.files.Lost where only its content is gone, and Forbidden.
    """
    found = MeasureFile.objects.select_related("text__party").get(uuid=uuid)
    require(actor, "party.read", found.text.party)
    return found, files.opened(found.sha256)
