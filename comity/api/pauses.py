"""Times that count against nobody: looked at before, recorded, listed, changed, ended."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from comity.actions import files
from comity.actions.enact import Refused
from comity.actions.excuses import preview, verbs
from comity.actions.excuses.asked import MAX_EVIDENCE_CHARS, MAX_PLACES, About, Asked, of_ref
from comity.actions.files import MAX_FILES
from comity.actions.guard import Actor, allows, require
from comity.api.access import actor, moment, needs, speaker
from comity.api.given_files import FileIn, decoded
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS, In, Moment, Spoken, Text, storable
from comity.policy.facts.standing import HOLIDAY
from comity.records.models import Excuse

router = Router()
Evidence = Annotated[str, Field(max_length=MAX_EVIDENCE_CHARS), AfterValidator(storable)]
Place = Annotated[str, Field(max_length=12), AfterValidator(storable)]


class PauseIn(In):
    """A time that is to count against nobody.

    cause     platform_outage, carrier_outage, force_majeure, waiting_for_buyer or holiday
    about     seller:id, buyer:id, order:uuid or conversation:uuid; none where it is for many
    places    of a force majeure: countries or regions, such as BR or BR-SP
    files     what shows it; looked at where it is recorded, not where it is previewed
    """

    cause: Text
    begins: Moment
    ends: Moment
    about: Text | None = None
    carrier: Annotated[str, Field(max_length=50), AfterValidator(storable)] = ""
    places: Annotated[list[Place], Field(max_length=MAX_PLACES)] = []
    evidence: Evidence = ""
    files: Annotated[list[FileIn], Field(max_length=MAX_FILES)] = []


class HolidayIn(Spoken):
    """When you are away. The shop's token may ask for a seller: `on_behalf_of`."""

    begins: Moment
    ends: Moment
    evidence: Evidence = ""


class PauseEndIn(In):
    """How a pause ends early: over, or it was mistaken, and then why."""

    how: Literal["over", "mistaken"] = "over"
    because: Evidence = ""


class PauseChangeIn(In):
    """Until when it is to last."""

    ends: Moment


class HolidayEndIn(Spoken, PauseEndIn):
    """How a holiday ends early."""


class HolidayChangeIn(Spoken, PauseChangeIn):
    """Until when a holiday is to last."""


class PauseOut(Schema):
    """A pause as it was recorded. `party` and `matter`: whose, none where it is for many.

    spread_at  when it was noted wherever it was to count then; none while that is under way
    ended_as   over or mistaken, where it ended early
    """

    uuid: UUID
    cause: str
    party: str
    matter: str
    carrier: str
    places: list[str]
    begins: datetime
    ends: datetime
    evidence: str
    recorded_at: datetime
    spread_at: datetime | None
    ended_at: datetime | None
    ended_as: str
    ended_why: str

    @staticmethod
    def resolve_party(row: Excuse) -> str:
        """Whose, as facts name it."""
        return row.party.ref if row.party is not None else ""

    @staticmethod
    def resolve_places(row: Excuse) -> list[str]:
        """A code each."""
        return row.where


class PausesOut(Schema):
    """A page of pauses."""

    items: list[PauseOut]
    next: str


class MovedOut(Schema):
    """What would become of a duty."""

    title: str
    matter: str
    due: datetime
    status: str
    new_due: datetime
    new_status: str


class PausePreviewOut(Schema):
    """Whom a pause would excuse. `more`: there is more than was looked at. `examples` as the judge rules them."""

    parties: int
    orders: int | None
    open: int
    broken: int
    more: bool
    examples: list[MovedOut]


@router.get("/pauses", response={200: PausesOut, **ERRORS}, summary="List times that count against nobody")
@needs("pause.read")
def pauses(request: HttpRequest, limit: Limit = 50, after: After = "") -> dict[str, object]:
    """Return your pauses, the newest first; agents: everybody's."""
    who = actor(request)
    rows = Excuse.objects.select_related("party")
    if not allows(who, "pause.read"):
        require(who, "pause.read", who.party)
        rows = rows.filter(party=who.party)
    items, following = page(rows, by="recorded_at", limit=limit, after=after)
    return {"items": items, "next": following}


@router.post("/pauses", response={201: PauseOut, **ERRORS}, summary="Record a time that counts against nobody")
@needs("pause.record")
def record(request: HttpRequest, what: PauseIn) -> Status[Excuse]:
    """Record a pause. One for many is noted in every matter that it excuses within moments."""
    who = actor(request)
    asked = _asked(who, what)
    given = files.taken(decoded(what.files)) if what.files else ()
    return Status(201, verbs.record(who, asked, at=moment(), files=given))


@router.post("/pauses/preview", response={200: PausePreviewOut, **ERRORS}, summary="Whom would it excuse?")
@needs("pause.record")
def previewed(request: HttpRequest, what: PauseIn) -> preview.Preview:
    """Return whom a pause would excuse. Nothing is recorded."""
    who = actor(request)
    return preview.of(who, _asked(who, what), at=moment())


@router.post("/holidays", response={201: PauseOut, **ERRORS}, summary="Take a holiday")
@needs("pause.ask")
def holiday(request: HttpRequest, what: HolidayIn) -> Status[Excuse]:
    """Take a holiday within what the rules give a year. Refused where it is more: the answer says what is left."""
    who = speaker(request, what)
    require(who, "pause.ask", who.party)
    asked = Asked(HOLIDAY, what.begins, what.ends, about=who.party, evidence=what.evidence)
    return Status(201, verbs.record(who, asked, at=moment()))


@router.post("/pauses/{uuid}/end", response={200: PauseOut, **ERRORS}, summary="End a pause, or take it back")
@needs("pause.record")
def end(request: HttpRequest, uuid: UUID, what: PauseEndIn) -> Excuse:
    """End a pause: from now on time counts again. What it excused until now stays excused."""
    return _ended(actor(request), _row(actor(request), uuid), what)


@router.post("/pauses/{uuid}/change", response={200: PauseOut, **ERRORS}, summary="Give a pause another end")
@needs("pause.record")
def change(request: HttpRequest, uuid: UUID, what: PauseChangeIn) -> Excuse:
    """Give the pause of a party or of one matter another end. Returned is the one that goes on."""
    who = actor(request)
    return verbs.change(who, _row(who, uuid), ends=what.ends, at=moment())


@router.post("/holidays/{uuid}/end", response={200: PauseOut, **ERRORS}, summary="Come back early")
@needs("pause.ask")
def end_holiday(request: HttpRequest, uuid: UUID, what: HolidayEndIn) -> Excuse:
    """End your holiday, or take it back: from now on time counts again."""
    who = speaker(request, what)
    return _ended(who, _holiday(who, uuid), what)


@router.post("/holidays/{uuid}/change", response={200: PauseOut, **ERRORS}, summary="Change a holiday")
@needs("pause.ask")
def change_holiday(request: HttpRequest, uuid: UUID, what: HolidayChangeIn) -> Excuse:
    """Give your holiday another end, within the limit. Returned is the one that goes on."""
    who = speaker(request, what)
    return verbs.change(who, _holiday(who, uuid), ends=what.ends, at=moment())


def _ended(who: Actor, row: Excuse, what: PauseEndIn) -> Excuse:
    return verbs.end(who, row, at=moment(), mistaken=what.how == "mistaken", because=what.because)


def _asked(who: Actor, what: PauseIn) -> Asked:
    require(who, "pause.record")
    about: About | None = of_ref(what.about) if what.about else None
    if what.about and about is None:
        raise Refused([f"about: there is no {what.about!r:.80}"])
    return Asked(what.cause, what.begins, what.ends, about, what.carrier, tuple(what.places), what.evidence)


def _row(who: Actor, uuid: UUID) -> Excuse:
    require(who, "pause.record")
    row = Excuse.objects.select_related("party").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row


def _holiday(who: Actor, uuid: UUID) -> Excuse:
    """Return an own holiday, or answer 404, the same as for one that never was."""
    row = Excuse.objects.select_related("party").filter(uuid=uuid, cause=HOLIDAY, party=who.party).first()
    if row is None:
        raise Http404
    return row
