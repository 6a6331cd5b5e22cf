"""Webhooks: what happens, told to an address of yours."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from comity.actions import webhooks
from comity.actions.guard import Actor, require
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS, Done, In, Text
from comity.records.models import Webhook

router = Router()


class WebhookIn(In):
    """An address, and what it is told: kinds of facts and rulings, or their beginnings, such as "duty."; none: all."""

    url: Annotated[str, Field(min_length=1, max_length=500)]
    kinds: Annotated[list[Text], Field(max_length=100)] = []


class WebhookOut(Schema):
    """A webhook. `next_at` is empty once it was given up; `failed_why` says why the last try failed."""

    uuid: UUID
    url: str
    kinds: list[str]
    made_at: datetime
    next_at: datetime | None = Field(alias="due_at")
    failures: int = Field(alias="attempts")
    failed_why: str


class NewWebhook(WebhookOut):
    """A webhook just made, with the secret that verifies what it is told (standardwebhooks.com): shown only now."""

    secret: str


@router.post("/webhooks", response={201: NewWebhook, **ERRORS}, summary="Have events sent to an address")
@needs("webhook.edit", "journal.read")
def add(request: HttpRequest, response: HttpResponse, what: WebhookIn) -> Status[Webhook]:
    """Have lines of your journal sent to an address from now on; an agent or the platform: of everybody's."""
    who = actor(request)
    response.headers["Cache-Control"] = "no-store"  # it holds a secret (see `idempotency`)
    return Status(201, webhooks.add(who, owner=who.party, url=what.url, kinds=list(what.kinds), at=moment()))


@router.get("/webhooks", response={200: list[WebhookOut], **ERRORS}, summary="Your webhooks")
@needs("webhook.edit")
def list_(request: HttpRequest) -> list[Webhook]:
    """Return your webhooks, and how they do."""
    who = actor(request)
    require(who, "webhook.edit", who.party)
    return list(Webhook.objects.filter(owner=who.party).order_by("made_at"))


@router.delete("/webhooks/{uuid}", response={200: Done, **ERRORS}, summary="Remove a webhook")
@needs("webhook.edit")
def remove(request: HttpRequest, uuid: UUID) -> Done:
    """Tell an address nothing more."""
    who = actor(request)
    webhooks.remove(who, _own(who, uuid), at=moment())
    return Done()


@router.post("/webhooks/{uuid}/again", response={200: Done, **ERRORS}, summary="Try a webhook again")
@needs("webhook.edit", "journal.read")
def again(request: HttpRequest, uuid: UUID) -> Done:
    """Try an address again that failed or was given up, from where it was left."""
    who = actor(request)
    webhooks.again(who, _own(who, uuid), at=moment())
    return Done()


def _own(who: Actor, uuid: UUID) -> Webhook:
    return get_object_or_404(Webhook.objects.select_related("owner"), uuid=uuid, owner=who.party)
