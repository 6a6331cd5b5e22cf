"""Parties and how they stand."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from comity.actions import contacts, parties
from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS, In, Text
from comity.records.models import Contact, Party

router = Router()


class PartyIn(In):
    """A new party. `external_id` is the shop's own id."""

    role: str
    name: Text
    external_id: Text | None = None
    time_zone: str = "UTC"
    language: str = "en"


class PartyOut(Schema):
    """A party."""

    uuid: UUID
    role: str
    name: str
    external_id: str | None
    joined_at: datetime


class Parties(Schema):
    """A page of parties."""

    items: list[PartyOut]
    next: str


class Wishes(In):
    """How a party is told. `email` only from the shop; quiet hours are whole hours in the party's own zone."""

    by_mail: bool = True
    digest: Literal["each", "hourly", "daily"] = "each"
    quiet_from: Annotated[int, Field(ge=0, le=23)] | None = None
    quiet_until: Annotated[int, Field(ge=0, le=23)] | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    language: Text | None = None
    time_zone: Text | None = None


class ContactOut(Schema):
    """How a party is told; `bounced`: mails in a row that came back."""

    email: str
    by_mail: bool
    digest: str
    quiet_from: int | None
    quiet_until: int | None
    bounced: int


@router.get("/me", response={200: PartyOut, **ERRORS}, summary="Who am I?")
@needs()
def me(request: HttpRequest) -> Party:
    """Return the party as which you act."""
    return actor(request).party


@router.post("/parties", response={201: PartyOut, **ERRORS}, summary="Add a party")
@needs("party.add")
def add(request: HttpRequest, what: PartyIn) -> Status[Party]:
    """Add a party; the same role and external id again returns the party that is there."""
    new = parties.NewParty(**what.model_dump())
    return Status(201, parties.add(actor(request), new, at=moment()))


@router.get("/parties", response={200: Parties, **ERRORS}, summary="List parties")
@needs("party.list")
def list_(request: HttpRequest, role: str = "", limit: Limit = 50, after: After = "") -> dict[str, object]:
    """Return parties, newest first."""
    require(actor(request), "party.list")
    rows = Party.objects.filter(role=role) if role else Party.objects.all()
    items, following = page(rows, by="joined_at", limit=limit, after=after)
    return {"items": items, "next": following}


@router.put("/parties/{uuid}/contact", response={200: ContactOut, **ERRORS}, summary="How a party is told")
@needs("contact.edit")
def tell(request: HttpRequest, uuid: UUID, what: Wishes) -> Contact:
    """Keep a party's address (only the shop may give one) and its wishes: gathered or not, quiet hours, language."""
    wishes = contacts.Wishes(
        by_mail=what.by_mail,
        digest=what.digest,
        quiet_from=what.quiet_from,
        quiet_until=what.quiet_until,
        email=what.email,
        language=what.language,
        time_zone=what.time_zone,
    )
    return contacts.save(actor(request), get_object_or_404(Party, uuid=uuid), wishes, at=moment())
