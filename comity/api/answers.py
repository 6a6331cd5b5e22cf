"""Saved answers to routine questions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from comity.actions import answers
from comity.actions.guard import Actor, require
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS, Done, In, Text
from comity.records.models import Answer

router = Router()


class AnswerIn(In):
    """An answer. `texts`: by language code, with placeholders such as {order}; `examples`: questions it answers."""

    title: Text
    texts: dict[str, Annotated[str, Field(max_length=answers.MAX_TEXT_CHARS)]]
    examples: Annotated[list[Annotated[str, Field(max_length=answers.MAX_EXAMPLE_CHARS)]], Field(max_length=200)] = []
    automatic: bool = True


class AnswerOut(Schema):
    """An answer, and what became of it: how often it was sent, helped, and did not."""

    uuid: UUID
    title: str
    texts: dict[str, str]
    examples: list[str]
    automatic: bool
    changed_at: datetime
    times_sent: int = 0
    times_helped: int = 0
    times_rejected: int = 0


@router.get("/answers", response={200: list[AnswerOut], **ERRORS}, summary="Your saved answers")
@needs("answer.edit")
def list_(request: HttpRequest) -> list[Answer]:
    """Return your shop's answers."""
    who = actor(request)
    require(who, "answer.edit", who.party)
    return list(answers.kept(who.party).order_by("title", "pk"))


@router.post("/answers", response={201: AnswerOut, **ERRORS}, summary="Save an answer")
@needs("answer.edit")
def add(request: HttpRequest, what: AnswerIn) -> Status[Answer]:
    """Save an answer. It is learnt from soon afterwards."""
    return Status(201, _saved(actor(request), what, None))


@router.put("/answers/{uuid}", response={200: AnswerOut, **ERRORS}, summary="Change an answer")
@needs("answer.edit")
def change(request: HttpRequest, uuid: UUID, what: AnswerIn) -> Answer:
    """Change an answer; what was sent with it stays as it is."""
    who = actor(request)
    return _saved(who, what, _own(who, uuid))


@router.delete("/answers/{uuid}", response={200: Done, **ERRORS}, summary="Remove an answer")
@needs("answer.edit")
def remove(request: HttpRequest, uuid: UUID) -> Done:
    """Stop using an answer."""
    who = actor(request)
    answers.remove(who, _own(who, uuid), at=moment())
    return Done()


def _own(who: Actor, uuid: UUID) -> Answer:
    require(who, "answer.edit", who.party)
    return get_object_or_404(answers.kept(who.party), uuid=uuid)


def _saved(who: Actor, what: AnswerIn, answer: Answer | None) -> Answer:
    wording = answers.Wording(**what.model_dump())
    saved = answers.save(who, wording, at=moment(), answer=answer)
    return answers.kept(who.party).get(pk=saved.pk)
