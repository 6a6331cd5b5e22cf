"""Access tokens: listed, made, rotated, revoked."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from comity.actions.guard import Actor
from comity.api.access import actor, moment, needs
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS, Done, In, Moment, Text
from comity.identity import tokens
from comity.records.models import ApiToken, Party

router = Router()


class TokenIn(In):
    """A token for yourself: what it is for, which scopes it has, until when it is good (a year, where not said)."""

    label: Annotated[str, Field(min_length=1, max_length=tokens.MAX_LABEL_CHARS)]
    scopes: Annotated[list[Text], Field(min_length=1, max_length=200)]
    expires_at: Moment | None = None


class Rotation(In):
    """For how many seconds the secret before is good beside the new one, and until when the new one is."""

    overlap_seconds: Annotated[int, Field(ge=0, le=int(tokens.MAX_OVERLAP.total_seconds()))] = 0
    expires_at: Moment | None = None


class TokenOut(Schema):
    """A token. `prefix`: how it is known and how its text begins; `last_used_at`: to the hour."""

    prefix: str
    party: UUID
    label: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    rotated_at: datetime | None
    revoked_at: datetime | None

    @staticmethod
    def resolve_party(token: ApiToken) -> UUID:
        """As whom it acts."""
        return token.party.uuid


class NewToken(TokenOut):
    """A token with its text, `secret`: shown only now."""

    secret: str


class Tokens(Schema):
    """A page of tokens."""

    items: list[TokenOut]
    next: str


@router.get("/tokens", response={200: Tokens, **ERRORS}, summary="Access tokens")
@needs("token.list")
def list_(
    request: HttpRequest, party: UUID | None = None, everybody: bool = False, limit: Limit = 50, after: After = ""
) -> dict[str, object]:
    """Return your tokens, newest first; agents and the platform see a party's, or everybody's."""
    who = actor(request)
    whose = who.party if party is None else get_object_or_404(Party, uuid=party)
    rows = tokens.listed(who, None if everybody else whose)
    items, following = page(rows, by="created_at", limit=limit, after=after)
    return {"items": items, "next": following}


@router.post("/tokens", response={201: NewToken, **ERRORS}, summary="Make an access token")
@needs("token.make")
def make(request: HttpRequest, response: HttpResponse, what: TokenIn) -> Status[ApiToken]:
    """Make a token by which a program acts as you. It can do no more, and no longer, than the one that you use."""
    response.headers["Cache-Control"] = "no-store"  # it holds a secret (see `idempotency`)
    who = actor(request)
    text = tokens.make(
        who, party=who.party, label=what.label, scopes=what.scopes, at=moment(), expires_at=what.expires_at
    )
    return Status(201, _shown(text))


@router.post("/tokens/{prefix}/rotate", response={200: NewToken, **ERRORS}, summary="Rotate an access token")
@needs("token.rotate")
def rotate(request: HttpRequest, response: HttpResponse, prefix: str, what: Rotation) -> ApiToken:
    """Give a token a new secret. The one before ends at once, or after the overlap that you say."""
    response.headers["Cache-Control"] = "no-store"  # it holds a secret (see `idempotency`)
    who, overlap = actor(request), timedelta(seconds=what.overlap_seconds)
    text = tokens.rotate(who, _token(who, prefix), at=moment(), overlap=overlap, expires_at=what.expires_at)
    return _shown(text)


@router.post("/tokens/{prefix}/revoke", response={200: Done, **ERRORS}, summary="Revoke an access token")
@needs("token.revoke")
def revoke(request: HttpRequest, prefix: str) -> Done:
    """End a token at once, with all that were made with it."""
    who = actor(request)
    tokens.revoke(who, _token(who, prefix), at=moment())
    return Done()


def _token(who: Actor, prefix: str) -> ApiToken:
    """Return a token that `who` may know of, or answer 404: not even who guesses a prefix learns that there is one."""
    return get_object_or_404(tokens.seen(who, prefix))


def _shown(text: str) -> ApiToken:
    """Return the row of a token that was just made or rotated, with its text."""
    token = tokens.of_text(text)
    token.secret = text  # type: ignore[attr-defined]
    return token
