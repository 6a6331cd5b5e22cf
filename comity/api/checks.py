"""Checks before shipping: which an order needs, and filling them in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from comity.actions import checks, files
from comity.actions.checks import Filled
from comity.api.access import actor, needs, order_of, speaker, when
from comity.api.given_files import FileIn, decoded
from comity.api.shapes import ERRORS, Dated, Text
from comity.policy.checks import Item
from comity.records.models import Order

router = Router()


class CheckIn(Dated):
    """A checklist as it was filled in: by the names of its items, answers (yes, no, a number) and photos."""

    checklist: Text
    answers: Annotated[dict[str, Annotated[str, Field(max_length=checks.MAX_ANSWER_CHARS)]], Field(max_length=20)] = {}
    photos: Annotated[dict[str, FileIn], Field(max_length=files.MAX_FILES)] = {}


class CheckItemOut(Schema):
    """One thing to look at. `asks`: yes, number or photo."""

    name: str
    title: str
    asks: str


class CheckOut(Schema):
    """A checklist that an order needs, and how its newest filling in ended: null where it was not filled in.

    `without`: what becomes of a parcel that is sent without it: marked or refused.
    """

    checklist: str
    title: str
    without: str
    items: list[CheckItemOut]
    passed: bool | None
    at: datetime | None


@router.get("/orders/{uuid}/checks", response={200: list[CheckOut], **ERRORS}, summary="The checks of an order")
@needs("order.read")
def of_order(request: HttpRequest, uuid: UUID) -> list[CheckOut]:
    """Return the checks that an order needs before it is sent, by the rules of the moment at which it was paid."""
    return _checks(order_of(actor(request), uuid))


@router.post("/orders/{uuid}/checks", response={201: list[CheckOut], **ERRORS}, summary="Fill in a check")
@needs("order.read", "check.fill")
def fill(request: HttpRequest, uuid: UUID, what: CheckIn) -> Status[list[CheckOut]]:
    """Fill in a checklist, with photos in base64. It is kept as evidence of the order; the newest counts."""
    who = speaker(request, what)
    order = order_of(who, uuid)
    names, given = list(what.photos), list(decoded(what.photos.values()))
    photos = dict(zip(names, files.taken(given), strict=True))
    checks.fill(who, order, Filled(what.checklist, what.answers, photos), **when(request, what))
    return Status(201, _checks(order))


def _checks(order: Order) -> list[CheckOut]:
    return [
        CheckOut(
            checklist=each.rule.name, title=each.rule.title, without=each.rule.without,
            items=[_item(item) for item in each.rule.items], passed=each.passed, at=each.at,
        )
        for each in checks.asked_of(order)
    ]  # fmt: skip


def _item(item: Item) -> CheckItemOut:
    return CheckItemOut(name=item.name, title=item.title, asks=item.asks)
