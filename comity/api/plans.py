"""Improvement plans: read, written by their party, accepted or sent back by an agent."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import AfterValidator, Field

from comity.actions.guard import Actor, allows, require
from comity.actions.measured import MAX_CHARS
from comity.actions.plans import reading, verbs
from comity.api.access import actor, moment, needs
from comity.api.deeds import DeedOut, told
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS, In, Moment, Text, storable
from comity.policy.plans.fold import Stage
from comity.records.models import ImprovementPlan

router = Router()
Said = Annotated[str, Field(max_length=MAX_CHARS), AfterValidator(storable)]


class Writing(In):
    """What you will do, as codes and in your own words.

    actions  ship_earlier, other_carrier, longer_handling, correct_listing, check_before_shipping, pause_listing,
             answer_sooner, something_else
    """

    actions: Annotated[list[Text], Field(max_length=20)]
    text: Said


class Looking(In):
    """Which version is decided on: `asked_at` is its `written_at`. One that was written anew since is not.

    because  your own words; needed where it is sent back
    """

    asked_at: Moment
    because: Said = ""


class PlanRow(Schema):
    """An improvement plan, and how it stands: asked, written, sent_back, running, kept, failed or withdrawn.

    counted, faulty  what the evaluation found that asked for it
    accepted_by      an agent, or "silence"
    because          why it was kept or failed: checked, too_few or not_written
    checked_counted, checked_faulty   what counted while it ran
    """

    key: str
    party: UUID
    standard: str
    level: int
    rulebook: str
    stage: Stage
    since: datetime
    rated_at: datetime
    counted: int
    faulty: int
    asked_at: datetime
    version: int
    actions: list[str]
    written_at: datetime | None
    accepted_at: datetime | None
    accepted_by: str
    check_at: datetime | None
    ended_at: datetime | None
    because: str
    checked_counted: int | None
    checked_faulty: int | None


class PlansOut(Schema):
    """A page of plans."""

    items: list[PlanRow]
    next: str


class PlanTextOut(Schema):
    """What somebody wrote of a plan: `kind` is written, accepted or sent_back."""

    kind: str
    role: str
    text: str
    at: datetime


class PlanWaitsOut(Schema):
    """Who has to act by when, and what it means if not: failed, accepted or checked."""

    who: str
    due: datetime
    otherwise: str


class PlanOut(PlanRow):
    """A plan with what was written of it, what it waits for, what is to be kept, and what you may do.

    limits  what is to be kept while it runs, as the rulebook says it; judged from `at_least` on
    """

    limits: list[str]
    at_least: int
    runs_seconds: int
    waits: PlanWaitsOut | None
    texts: list[PlanTextOut]
    deeds: list[DeedOut]


@router.get("/plans", response={200: PlansOut, **ERRORS}, summary="List improvement plans")
@needs("plan.read")
def list_(request: HttpRequest, limit: Limit = 50, after: After = "", stage: Stage | None = None) -> dict[str, object]:
    """Return your improvement plans, the newest first; agents: everybody's."""
    who = actor(request)
    rows = ImprovementPlan.objects.select_related("party")
    if not allows(who, "plan.decide"):
        rows = rows.filter(party=who.party)
    if stage is not None:
        rows = rows.filter(stage=stage)
    items, following = page(rows, by="asked_at", limit=limit, after=after)
    return {"items": [_row(each) for each in items], "next": following}


@router.get("/plans/{key}", response={200: PlanOut, **ERRORS}, summary="An improvement plan")
@needs("plan.read")
def one(request: HttpRequest, key: str) -> PlanOut:
    """Return an improvement plan: how it stands, what it is held to, and what you may do."""
    who = actor(request)
    return _told(who, _plan(who, key))


@router.post("/plans/{key}/written", response={200: PlanOut, **ERRORS}, summary="Write an improvement plan")
@needs("plan.read", "plan.write")
def written(request: HttpRequest, key: str, what: Writing) -> PlanOut:
    """Write your plan, or a further version of it. The same again changes nothing."""
    who = actor(request)
    row = _plan(who, key)
    verbs.write(who, row, text=what.text, actions=what.actions, at=moment())
    return _told(who, row)


@router.post("/plans/{key}/accepted", response={200: PlanOut, **ERRORS}, summary="Accept an improvement plan")
@needs("plan.read", "plan.decide")
def accepted(request: HttpRequest, key: str, what: Looking) -> PlanOut:
    """Accept a plan that was written: it runs from now on."""
    who = actor(request)
    row = _plan(who, key)
    verbs.accept(who, row, at=moment(), shown=what.asked_at, because=what.because)
    return _told(who, row)


@router.post("/plans/{key}/sent-back", response={200: PlanOut, **ERRORS}, summary="Send an improvement plan back")
@needs("plan.read", "plan.decide")
def sent_back(request: HttpRequest, key: str, what: Looking) -> PlanOut:
    """Send a plan that was written back, with words: its party writes it anew."""
    who = actor(request)
    row = _plan(who, key)
    verbs.send_back(who, row, because=what.because, at=moment(), shown=what.asked_at)
    return _told(who, row)


def _plan(who: Actor, key: str) -> ImprovementPlan:
    """Return a plan that `who` may read, or answer 404, 403."""
    row = get_object_or_404(ImprovementPlan.objects.select_related("party"), key=key.replace("\x00", ""))
    require(who, "plan.read", row)
    return row


def _told(who: Actor, row: ImprovementPlan) -> PlanOut:
    row.refresh_from_db()
    level = reading.level_of(row)
    waits = reading.waits_for(row)
    said = reading.texts_of(row)
    return PlanOut(
        **_row(row).dict(),
        limits=[str(limit) for limit in level.limits],
        at_least=level.at_least,
        runs_seconds=row.runs,
        waits=None if waits is None else PlanWaitsOut(who=waits.who, due=waits.due, otherwise=waits.otherwise),
        texts=[PlanTextOut(kind=each.kind, role=each.role, text=each.text, at=each.at) for each in said],
        deeds=told(verbs.DEEDS, who, row, moment()),
    )


def _row(plan: ImprovementPlan) -> PlanRow:
    same = {name: getattr(plan, name) for name in PlanRow.model_fields if name not in ("party", "actions")}
    return PlanRow(party=plan.party.uuid, actions=plan.codes, **same)
