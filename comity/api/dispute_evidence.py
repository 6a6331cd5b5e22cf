"""Evidence in a dispute: given, promised, opened; requests for information, answered one by one."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import AfterValidator, Field

from comity.actions.disputes import evidence, mediation
from comity.actions.files import MAX_FILES, max_bytes
from comity.actions.guard import Actor
from comity.api.access import actor, dispute_of, moment, needs, speaker, when
from comity.api.dispute_acts import MAX_CODE_CHARS, Words
from comity.api.dispute_shapes import DisputeOut, EvidenceOut, ExpectedOut
from comity.api.dispute_view import told
from comity.api.given_files import FileIn, decoded
from comity.api.shapes import ERRORS, Dated, Moment, storable
from comity.identity.files import evidence_handed_out
from comity.records.models import Dispute, Scan

router = Router()

MAX_SCANS = 500

Item = Annotated[str, Field(max_length=MAX_CODE_CHARS), AfterValidator(storable)]


class AboutEvidence(Dated):
    """What is said of evidence.

    item  which of the pieces that the reason asks for it is; empty for none of them
    sees  all, or mediator; then `why` says for what reason the other side sees only that it is there
    """

    item: Item = ""
    sees: Literal["all", "mediator"] = "all"
    why: Annotated[str, Field(max_length=300), AfterValidator(storable)] = ""


class EvidenceIn(AboutEvidence):
    """What is given together: files, a statement (`text`), messages of the order's conversations by their ids.

    `scans`: carriers' events by their ids. `listing`: the listing as it stood when it was ordered.
    """

    files: Annotated[list[FileIn], Field(max_length=MAX_FILES)] = []
    text: Words = ""
    messages: Annotated[list[UUID], Field(max_length=100)] = []
    scans: Annotated[list[Annotated[int, Field(ge=1, le=2**62)]], Field(max_length=100)] = []
    listing: bool = False


class EvidenceTaken(Schema):
    """What was kept, by its ids, and a sentence for each file that was not."""

    kept: list[UUID]
    wrong: list[str]
    dispute: DisputeOut


class ScanOut(Schema):
    """A carrier's event of a parcel of the order; `returns`: of one on its way back."""

    id: int
    status: str
    place: str
    at: datetime
    source: str
    returns: bool


class EvidenceThereOut(Schema):
    """What was given, what is expected and still missing, and the carriers' events that can be given by their ids.

    `until`: until when you may give evidence; null where no time was set for you.
    """

    given: list[EvidenceOut]
    expected: list[ExpectedOut]
    scans: list[ScanOut]
    until: datetime | None


class PromiseIn(Dated):
    """By when an expected piece of evidence comes; without `until`: it is not to be had, which is an answer, too."""

    item: Annotated[str, Field(min_length=1, max_length=MAX_CODE_CHARS), AfterValidator(storable)]
    until: Moment | None = None


class InformationIn(Dated):
    """The answer to a request. Not `available`: it is not to be had, which is an answer, too."""

    text: Words = ""
    available: bool = True


@router.get("/disputes/{uuid}/evidence", response={200: EvidenceThereOut, **ERRORS}, summary="Evidence of a dispute")
@needs("dispute.read")
def there(request: HttpRequest, uuid: UUID) -> EvidenceThereOut:
    """Return what was given, what is expected of whom, and which carriers' events can be given."""
    who = actor(request)
    dispute = dispute_of(who, uuid)
    seen = told(who, dispute, moment())
    scans = Scan.objects.filter(shipment__order=dispute.order).select_related("shipment").order_by("at", "pk")
    return EvidenceThereOut(
        given=seen.evidence,
        expected=seen.expected,
        scans=[
            ScanOut(
                id=each.pk,
                status=each.status,
                place=each.place,
                at=each.at,
                source=each.source,
                returns=each.shipment.returns,
            )
            for each in scans[:MAX_SCANS]
        ],
        until=seen.evidence_until,
    )


@router.post("/disputes/{uuid}/evidence", response={201: EvidenceTaken, **ERRORS}, summary="Give evidence")
@needs("dispute.read", "dispute.evidence")
def give(request: HttpRequest, uuid: UUID, what: EvidenceIn) -> Status[EvidenceTaken]:
    """Give evidence, hashed on arrival and never changed. Good files are kept, bad ones named."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    given = evidence.Given(
        files=list(decoded(what.files)),
        text=what.text,
        messages=what.messages,
        scans=what.scans,
        listing=what.listing,
        item=what.item,
        sees=what.sees,
        why=what.why,
    )
    return _taken(who, dispute, evidence.give(who, dispute, given, **when(request, what)))


@router.post(
    "/disputes/{uuid}/evidence/files", response={201: EvidenceTaken, **ERRORS}, summary="Give files as evidence"
)
@needs("dispute.read", "dispute.evidence")
def give_files(
    request: HttpRequest, uuid: UUID, what: Form[AboutEvidence], files: File[list[UploadedFile]]
) -> Status[EvidenceTaken]:
    """Give files as evidence, as a form sends them (multipart/form-data). Good files are kept, bad ones named."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    given = evidence.Given(files=list(_read(files)), item=what.item, sees=what.sees, why=what.why)
    return _taken(who, dispute, evidence.give(who, dispute, given, **when(request, what)))


@router.post("/disputes/{uuid}/promise-evidence", response={200: DisputeOut, **ERRORS}, summary="Promise evidence")
@needs("dispute.read", "dispute.evidence")
def promise(request: HttpRequest, uuid: UUID, what: PromiseIn) -> DisputeOut:
    """Say by when an expected piece of evidence comes, or that it is not to be had."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    evidence.promise(who, dispute, item=what.item, until=what.until, **when(request, what))
    return told(who, dispute, moment())


@router.get("/disputes/{uuid}/evidence/{piece}", response={200: None, **ERRORS}, summary="Get a file of evidence")
@needs("dispute.read")
def file(request: HttpRequest, uuid: UUID, piece: UUID) -> FileResponse:
    """Return the content of a file that was given as evidence, if you may see it."""
    who = actor(request)
    dispute = dispute_of(who, uuid)
    if not dispute.evidence.filter(uuid=piece, kind="file").exists():
        raise Http404
    return evidence_handed_out(who, piece)


@router.post("/disputes/{uuid}/information/{asked}", response={200: DisputeOut, **ERRORS}, summary="Answer a request")
@needs("dispute.read", "dispute.evidence")
def inform(request: HttpRequest, uuid: UUID, asked: UUID, what: InformationIn) -> DisputeOut:
    """Answer a request for information, each by itself."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    mediation.give(who, dispute, request=str(asked), text=what.text, available=what.available, **when(request, what))
    return told(who, dispute, moment())


def _taken(who: Actor, dispute: Dispute, taken: evidence.Taken) -> Status[EvidenceTaken]:
    kept = [piece.uuid for piece in taken.pieces]
    return Status(201, EvidenceTaken(kept=kept, wrong=list(taken.wrong), dispute=told(who, dispute, moment())))


def _read(given: Iterable[UploadedFile]) -> Iterator[tuple[str, bytes]]:
    for each in list(given)[: MAX_FILES + 1]:
        # A byte more than is allowed tells that it is too large; a film of 2 GB is not read for that.
        yield each.name or "", each.read(max_bytes() + 1)
