"""What somebody handed in with a fact: words and files, each with what makes the digest that the journal has of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from comity.actions import messages
from comity.lib.ids import digest
from comity.records.models import DisputeText, Evidence, JournalLine, MeasureText, Message, Review


@dataclass(frozen=True, slots=True)
class Piece:
    """One text or file. `held` is what was digested with `salt`: the text, or the SHA-256 of the file in hex."""

    author: int
    salt: bytes
    held: str
    is_file: bool = False

    @property
    def digest(self) -> str:
        """The digest as the journal has it."""
        return digest(self.salt, self.held)


def pieces(fact: str, data: Mapping[str, Any]) -> list[Piece]:
    """Return what was handed in with a fact and is still kept, by the fact's id and its data."""
    digests = {word for value in data.values() if isinstance(value, str) for word in value.split()}
    # A fact's id names what was written; that a message was changed, its data.
    named = {_uuid(fact.split(":")[1]) if ":" in fact else None, _uuid(str(data.get("message", "")))}
    found = [*_words(fact), *_evidence(data)]
    for uuid in filter(None, named):
        found += [*_message(uuid), *_review(uuid)]
    return [piece for piece in found if piece.digest in digests]


def given(named: str) -> QuerySet[JournalLine]:
    """Return the line by which the piece evidence:UUID was given; none where there is no such piece."""
    uuid = _uuid(named.partition(":")[2])
    piece = Evidence.objects.select_related("dispute__order").filter(uuid=uuid).first() if uuid else None
    if piece is None:
        return JournalLine.objects.none()
    order = piece.dispute.order
    lines = JournalLine.objects.filter(party=order.seller_id, matter=order.ref, kind="dispute.evidence_given")
    return lines.filter(body__contains=str(uuid))


def _words(fact: str) -> Iterator[Piece]:
    for text in DisputeText.objects.filter(fact=fact):
        yield Piece(text.author_id, bytes(text.salt), text.text)
    for said in MeasureText.objects.filter(fact=fact).prefetch_related("files"):
        yield Piece(said.author_id, bytes(said.salt), said.text)
        yield from (Piece(said.author_id, bytes(said.salt), file.sha256, is_file=True) for file in said.files.all())


def _evidence(data: Mapping[str, Any]) -> Iterator[Piece]:
    if (uuid := _uuid(str(data.get("evidence", "")))) is None:
        return
    for piece in Evidence.objects.filter(uuid=uuid):
        is_file = piece.kind == "file"
        yield Piece(piece.by_id, bytes(piece.salt), piece.sha256 if is_file else piece.text, is_file)


def _message(uuid: UUID) -> Iterator[Piece]:
    message = Message.objects.filter(uuid=uuid).first()
    if message is None or message.is_kept_by_shop:
        return
    shas = list(message.files.order_by("pk").values_list("sha256", flat=True))
    for text, salt in ((message.text, message.salt), *message.versions.values_list("text", "salt")):
        yield Piece(message.author_id, bytes(salt), messages.held(text, message.quoted, shas))


def _review(uuid: UUID) -> Iterator[Piece]:
    for review in Review.objects.filter(uuid=uuid).select_related("order"):
        writer, rated = review.writer.pk, review.rated.pk
        yield Piece(writer, bytes(review.salt), review.text)
        yield Piece(rated, bytes(review.answer_salt), review.answer)
        yield Piece(writer, bytes(review.objection_salt), review.objection)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
