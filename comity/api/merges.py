"""Accounts of one person that become one: agents ask, approve, and undo it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from comity.actions import deeds, files, merges
from comity.actions.files import MAX_FILES
from comity.actions.guard import require
from comity.actions.measured import written
from comity.api.access import actor, moment, needs
from comity.api.deeds import DeedOut, told
from comity.api.given_files import FileIn, decoded
from comity.api.sanctions import Said
from comity.api.shapes import ERRORS, Done, In, Moment
from comity.records import merges as records
from comity.records.models import AccountMerge, Party

router = Router()


class AskingToMerge(In):
    """Which account is taken over, and why, with files that show that both are one person's."""

    account: UUID
    because: Said
    files: Annotated[list[FileIn], Field(max_length=MAX_FILES)] = []


class ApprovingMerge(In):
    """Which question is answered: `asked_at` is its `asked_at`, or its `undo_asked_at`."""

    asked_at: Moment
    because: Said = ""


class DecliningMerge(In):
    """Which question is answered, as above, and why so."""

    asked_at: Moment
    because: Said


class SayingOfMerge(In):
    """Why."""

    because: Said


class MergeOut(Schema):
    """That an account is taken over into another one.

    stage       asked, declined, merged, undo_asked or undone
    to_look_at  whether the other account's sum passed a rung by it, at which nobody has looked since
    passed      the thresholds that it passed, each with its ledger
    """

    uuid: UUID
    account: UUID
    into: UUID
    stage: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    declined_at: datetime | None
    merged_at: datetime | None
    undo_asked_by: str
    undo_asked_at: datetime | None
    undone_by: str
    undone_at: datetime | None
    to_look_at: bool
    passed: list[tuple[str, int]]

    @staticmethod
    def resolve_account(merge: AccountMerge) -> UUID:
        """The account that is taken over."""
        return merge.party.uuid

    @staticmethod
    def resolve_into(merge: AccountMerge) -> UUID:
        """The account that takes it over."""
        return merge.into.uuid

    @staticmethod
    def resolve_to_look_at(merge: AccountMerge) -> bool:
        """Whether somebody should look at it."""
        return merge.is_to_be_looked_at

    @staticmethod
    def resolve_passed(merge: AccountMerge) -> list[tuple[str, int]]:
        """The thresholds that the other account's sum passed by it."""
        return records.passed_by(merge)


@router.get("/parties/{uuid}/merges", response={200: list[MergeOut], **ERRORS}, summary="List merges of an account")
@needs("account.merge")
def list_merges(request: HttpRequest, uuid: UUID) -> list[AccountMerge]:
    """Return every merge of an account, whether it was taken over or took another over, the newest first."""
    require(actor(request), "account.merge")
    return list(records.about(get_object_or_404(Party, uuid=uuid)))


@router.post(
    "/parties/{uuid}/merges", response={201: MergeOut, **ERRORS}, summary="Ask that an account is taken over into this"
)
@needs("account.merge")
def ask_to_merge(request: HttpRequest, uuid: UUID, what: AskingToMerge) -> Status[AccountMerge]:
    """Ask that an account is taken over into this one, of the same person. Another agent approves it."""
    require(actor(request), "account.merge")
    into, account = get_object_or_404(Party, uuid=uuid), get_object_or_404(Party, uuid=what.account)
    words = written(what.because, files.taken(decoded(what.files)) if what.files else ())
    return Status(201, merges.ask(actor(request), account, into, words=words, at=moment()))


@router.get("/merges", response={200: list[MergeOut], **ERRORS}, summary="List merges that wait for an agent")
@needs("account.merge")
def list_waiting_merges(request: HttpRequest) -> list[AccountMerge]:
    """Return the merges that wait to be decided, undone or looked at, the longest first."""
    require(actor(request), "account.merge")
    waiting = list(records.waiting())
    return [*waiting, *(each for each in records.to_look_at() if each not in waiting)]


@router.get("/merges/{uuid}", response={200: MergeOut, **ERRORS}, summary="Get a merge")
@needs("account.merge")
def one_merge(request: HttpRequest, uuid: UUID) -> AccountMerge:
    """Return a merge."""
    require(actor(request), "account.merge")
    return _merge(uuid)


@router.get("/merges/{uuid}/deeds", response={200: list[DeedOut], **ERRORS}, summary="What you may do about a merge")
@needs("account.merge")
def deeds_of_merge(request: HttpRequest, uuid: UUID) -> list[DeedOut]:
    """Return what you may do about a merge: what can be done now, and why the rest cannot."""
    require(actor(request), "account.merge")
    return told(deeds.of(AccountMerge), actor(request), _merge(uuid), moment())


@router.post("/merges/{uuid}/approve", response={200: Done, **ERRORS}, summary="Approve a merge")
@needs("account.merge")
def approve_merge(request: HttpRequest, uuid: UUID, what: ApprovingMerge) -> Done:
    """Approve that an account is taken over: its points count on the other one from now on."""
    require(actor(request), "account.merge")
    merges.approve(actor(request), _merge(uuid), at=moment(), shown=what.asked_at, words=written(what.because))
    return Done()


@router.post("/merges/{uuid}/decline", response={200: Done, **ERRORS}, summary="Decline a merge")
@needs("account.merge")
def decline_merge(request: HttpRequest, uuid: UUID, what: DecliningMerge) -> Done:
    """Decline that an account is taken over."""
    require(actor(request), "account.merge")
    merges.decline(actor(request), _merge(uuid), at=moment(), shown=what.asked_at, words=written(what.because))
    return Done()


@router.post("/merges/{uuid}/ask-undo", response={200: Done, **ERRORS}, summary="Ask that a merge is undone")
@needs("account.merge")
def ask_to_undo_merge(request: HttpRequest, uuid: UUID, what: SayingOfMerge) -> Done:
    """Ask that an account is given back. Another agent approves it."""
    require(actor(request), "account.merge")
    merges.ask_undo(actor(request), _merge(uuid), at=moment(), words=written(what.because))
    return Done()


@router.post("/merges/{uuid}/undo", response={200: Done, **ERRORS}, summary="Approve that a merge is undone")
@needs("account.merge")
def undo_merge(request: HttpRequest, uuid: UUID, what: ApprovingMerge) -> Done:
    """Approve that an account is given back: what came with it goes, and it is one of its own again."""
    require(actor(request), "account.merge")
    merges.undo(actor(request), _merge(uuid), at=moment(), shown=what.asked_at, words=written(what.because))
    return Done()


@router.post("/merges/{uuid}/keep", response={200: Done, **ERRORS}, summary="Decline that a merge is undone")
@needs("account.merge")
def keep_merge(request: HttpRequest, uuid: UUID, what: DecliningMerge) -> Done:
    """Decline that an account is given back."""
    require(actor(request), "account.merge")
    merges.keep(actor(request), _merge(uuid), at=moment(), shown=what.asked_at, words=written(what.because))
    return Done()


@router.post("/merges/{uuid}/look", response={200: Done, **ERRORS}, summary="Note that you looked at a merge")
@needs("account.merge")
def look_at_merge(request: HttpRequest, uuid: UUID, what: SayingOfMerge) -> Done:
    """Note that you looked at a sum that passed a rung by a merge, and what you did about it."""
    require(actor(request), "account.merge")
    merges.look(actor(request), _merge(uuid), at=moment(), words=written(what.because))
    return Done()


def _merge(uuid: UUID) -> AccountMerge:
    try:
        return records.one(uuid)
    except AccountMerge.DoesNotExist:
        raise Http404 from None
