"""Points and measures; a proposed measure is approved or declined."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from comity.actions import appeals, deeds, files, reached, sanctions
from comity.actions.files import MAX_FILES
from comity.actions.guard import require
from comity.actions.measured import MAX_CHARS, Words, written
from comity.api.access import actor, moment, needs
from comity.api.deeds import DeedOut, told
from comity.api.given_files import FileIn, decoded
from comity.api.shapes import ERRORS, Done, In, Moment, Text, storable
from comity.api.told import Told
from comity.policy.sanctions.appeals import Appeal
from comity.records.confirmations import confirmations
from comity.records.models import Charge, Listing, Party, Sanction

router = Router()
Said = Annotated[str, Field(max_length=MAX_CHARS), AfterValidator(storable)]


class ChargeOut(Schema):
    """Points on a ledger. `taken_over`: they came with another account of the same person."""

    key: str
    ledger: str
    points: int
    rule: str
    rulebook: str
    matter: str
    at: datetime
    expires_at: datetime
    overturned_at: datetime | None
    taken_over: bool

    @staticmethod
    def resolve_taken_over(charge: Charge) -> bool:
        """Whether they came with another account."""
        return bool(charge.taken_from)


class SanctionOut(Schema):
    """A measure with its statement of reasons. `in_force`: now, by time alone."""

    key: str
    ledger: str
    rung: int
    measure: str
    points: int
    rulebook: str
    status: str
    in_force: bool
    at: datetime
    effective_at: datetime | None
    until: datetime | None
    ended_at: datetime | None
    statement: dict[str, object] | None

    @staticmethod
    def resolve_ledger(sanction: Sanction) -> str:
        """The ledger's name; of a measure without points, as its statement of reasons cites where it comes from."""
        return sanction.comes_from.label

    @staticmethod
    def resolve_in_force(sanction: Sanction) -> bool:
        """Whether it is in force at the moment of the request."""
        return sanction.is_in_force(moment())


class MeasureOut(SanctionOut):
    """A measure by itself. `shop_has_it`: whether every webhook of the platform has taken the newest news of it.

    It is null where the platform has none.
    """

    shop_has_it: bool | None

    @staticmethod
    def resolve_shop_has_it(sanction: Sanction) -> bool | None:
        """Whether the shop has confirmed the newest news of it."""
        told = confirmations(sanction.party, sanction.ref)
        return all(each.taken for each in told) if told else None


CHARGES = Told("charges", Charge, ChargeOut)
SANCTIONS = Told("sanctions", Sanction, SanctionOut)


class Approving(In):
    """Which proposal is approved: `asked_at` is its `at`. One that was made anew since is not.

    because  your own words; needed where its party has answered
    """

    asked_at: Moment
    because: Said = ""


class EndingMeasure(In):
    """Why, as a code: not_proportionate, mistake, outside_influence, other; and in your own words."""

    reason: Text
    because: Said = ""


class Declining(EndingMeasure):
    """Which proposal is declined, and why."""

    asked_at: Moment


class Asking(In):
    """A measure that you ask for; another agent approves it.

    rule             the conduct rule that it is for
    length_seconds   how long it lasts; null for without end
    notice_seconds   how long before it takes effect its party is told
    of               the listings that are taken off, for "listing off"
    """

    measure: Text
    rule: Text
    because: Said
    length_seconds: Annotated[int, Field(ge=1, le=10**9, strict=True)] | None = None
    notice_seconds: Annotated[int, Field(ge=0, le=10**9, strict=True)] = 0
    of: Annotated[list[UUID], Field(max_length=100)] = []


class Answering(In):
    """What you say, with files."""

    text: Said = ""
    files: Annotated[list[FileIn], Field(max_length=MAX_FILES)] = []


class DecidingAppeal(In):
    """What becomes of the measure: stands, shortened (to `length_seconds` since it took effect) or falls, and why.

    charges   keys of charges that counted for it and are taken off: what would not have come without them falls, too
    asked_at  when the newest was said that you have read (`filed_at`, or the last of `added_at`); where something was
              added since, nothing is done
    """

    result: Text
    because: Said
    length_seconds: Annotated[int, Field(ge=0, le=10**9, strict=True)] | None = None
    charges: Annotated[list[Text], Field(max_length=100)] = []
    asked_at: Moment | None = None


class MeasureAppealOut(Schema):
    """An appeal against a measure. `result` is empty while it is open."""

    filed_at: datetime
    added_at: list[datetime]
    withdrawn_at: datetime | None
    decided_at: datetime | None
    result: str


@router.get(
    "/parties/{uuid}/sanctions/{key}/deeds",
    response={200: list[DeedOut], **ERRORS},
    summary="What you may do about a measure",
)
@needs("party.read")
def deeds_of(request: HttpRequest, uuid: UUID, key: str) -> list[DeedOut]:
    """Return what you may do about a measure: what can be done now, and why the rest cannot."""
    row = _sanction(uuid, key)
    require(actor(request), "party.read", row.party)
    return told(deeds.of(Sanction), actor(request), row, moment())


@router.post(
    "/parties/{uuid}/sanctions/{key}/approve", response={200: Done, **ERRORS}, summary="Approve a proposed measure"
)
@needs("sanction.decide")
def approve(request: HttpRequest, uuid: UUID, key: str, what: Approving) -> Done:
    """Approve a proposed measure: it takes effect when its notice has run."""
    require(actor(request), "sanction.decide")
    sanctions.approve(actor(request), _sanction(uuid, key), at=moment(), shown=what.asked_at, because=what.because)
    return Done()


@router.post(
    "/parties/{uuid}/sanctions/{key}/decline", response={200: Done, **ERRORS}, summary="Decline a proposed measure"
)
@needs("sanction.decide")
def decline(request: HttpRequest, uuid: UUID, key: str, what: Declining) -> Done:
    """Decline a proposed measure."""
    require(actor(request), "sanction.decide")
    row = _sanction(uuid, key)
    sanctions.decline(actor(request), row, reason=what.reason, at=moment(), shown=what.asked_at, because=what.because)
    return Done()


@router.post("/parties/{uuid}/sanctions", response={201: SanctionOut, **ERRORS}, summary="Ask for a measure")
@needs("sanction.ask")
def ask(request: HttpRequest, uuid: UUID, what: Asking) -> Status[Sanction]:
    """Ask for a measure on a party. Another agent approves it, once its party had time to answer."""
    require(actor(request), "sanction.ask")
    party = get_object_or_404(Party, uuid=uuid)
    offered = tuple(Listing.objects.filter(uuid__in=what.of).select_related("seller"))
    if len(offered) != len(set(what.of)):
        raise Http404
    wanted = sanctions.Wanted(
        measure=what.measure,
        rule=what.rule,
        because=what.because,
        length=None if what.length_seconds is None else timedelta(seconds=what.length_seconds),
        notice=timedelta(seconds=what.notice_seconds),
        of=offered,
    )
    return Status(201, sanctions.ask(actor(request), party, wanted, at=moment()))


@router.get("/parties/{uuid}/sanctions/{key}", response={200: MeasureOut, **ERRORS}, summary="Get a measure")
@needs("party.read")
def one(request: HttpRequest, uuid: UUID, key: str) -> Sanction:
    """Return a measure with its statement of reasons."""
    row = _sanction(uuid, key)
    require(actor(request), "party.read", row.party)
    return row


@router.post("/parties/{uuid}/sanctions/{key}/answer", response={200: Done, **ERRORS}, summary="Answer a measure")
@needs("sanction.answer")
def answer(request: HttpRequest, uuid: UUID, key: str, what: Answering) -> Done:
    """Say what you have to say to a measure, before it takes effect."""
    row = _sanction(uuid, key)
    require(actor(request), "sanction.answer", row)
    sanctions.answer(actor(request), row, words=_words(what), at=moment())
    return Done()


@router.post(
    "/parties/{uuid}/sanctions/{key}/release", response={200: Done, **ERRORS}, summary="End a measure before its time"
)
@needs("sanction.lift")
def release(request: HttpRequest, uuid: UUID, key: str, what: EndingMeasure) -> Done:
    """End a measure before its time: this one, whatever else its party is under."""
    require(actor(request), "sanction.lift")
    sanctions.release(actor(request), _sanction(uuid, key), reason=what.reason, because=what.because, at=moment())
    return Done()


@router.post(
    "/parties/{uuid}/sanctions/{key}/told", response={200: Done, **ERRORS}, summary="Note that a measure was told"
)
@needs("sanction.decide")
def told_by_hand(request: HttpRequest, uuid: UUID, key: str) -> Done:
    """Note that a person told the party of a measure whose mail came back: its notice runs from now."""
    require(actor(request), "sanction.decide")
    reached.by_hand(actor(request), _sanction(uuid, key), at=moment())
    return Done()


@router.post("/parties/{uuid}/charges/{key}/take-off", response={200: Done, **ERRORS}, summary="Take points off")
@needs("sanction.reverse")
def take_off(request: HttpRequest, uuid: UUID, key: str, what: EndingMeasure) -> Done:
    """Take a charge off: every measure that would not have come without it falls, too."""
    require(actor(request), "sanction.reverse")
    charge = get_object_or_404(Charge.objects.select_related("party"), party__uuid=uuid, key=key)
    sanctions.take_off(actor(request), charge, reason=what.reason, because=what.because, at=moment())
    return Done()


@router.get(
    "/parties/{uuid}/sanctions/{key}/appeals", response={200: list[MeasureAppealOut], **ERRORS}, summary="List appeals"
)
@needs("party.read")
def list_appeals(request: HttpRequest, uuid: UUID, key: str) -> list[Appeal]:
    """Return the appeals against a measure, in the order of time."""
    row = _sanction(uuid, key)
    require(actor(request), "party.read", row.party)
    return appeals.appeals_of(row)


@router.post("/parties/{uuid}/sanctions/{key}/appeal", response={200: MeasureAppealOut, **ERRORS}, summary="Appeal")
@needs("appeal.file")
def appeal(request: HttpRequest, uuid: UUID, key: str, what: Answering) -> Appeal:
    """Appeal against a measure; while an appeal is open, what you say is added to it."""
    row = _sanction(uuid, key)
    require(actor(request), "appeal.file", row)
    return appeals.file(actor(request), row, words=_words(what), at=moment())


@router.post(
    "/parties/{uuid}/sanctions/{key}/appeal/withdraw", response={200: Done, **ERRORS}, summary="Take an appeal back"
)
@needs("appeal.file")
def withdraw_appeal(request: HttpRequest, uuid: UUID, key: str) -> Done:
    """Take your open appeal back."""
    row = _sanction(uuid, key)
    require(actor(request), "appeal.file", row)
    appeals.withdraw(actor(request), row, at=moment())
    return Done()


@router.post(
    "/parties/{uuid}/sanctions/{key}/appeal/decide", response={200: Done, **ERRORS}, summary="Decide an appeal"
)
@needs("appeal.decide")
def decide_appeal(request: HttpRequest, uuid: UUID, key: str, what: DecidingAppeal) -> Done:
    """Decide an open appeal against a measure in which you had no part."""
    require(actor(request), "appeal.decide")
    row = _sanction(uuid, key)
    charges = list(Charge.objects.filter(party=row.party, key__in=what.charges).select_related("party"))
    if len(charges) != len(set(what.charges)):
        raise Http404
    length = None if what.length_seconds is None else timedelta(seconds=what.length_seconds)
    appeals.decide(
        actor(request), row, result=what.result, because=what.because, at=moment(), length=length, charges=charges,
        shown=what.asked_at,
    )  # fmt: skip
    return Done()


def _words(what: Answering) -> Words:
    return written(what.text, files.taken(decoded(what.files)) if what.files else ())


def _sanction(party: UUID, key: str) -> Sanction:
    return get_object_or_404(Sanction.objects.select_related("party"), party__uuid=party, key=key)
