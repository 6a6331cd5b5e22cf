"""The rules in force."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS
from comity.records import rulebooks
from comity.rulebooks import words

router = Router()


class RuleOut(Schema):
    """A rule: `lines` have a code (duty.within), its label, the value, and both as an English text."""

    kind: str
    name: str
    title: str
    source: str
    lines: list[dict[str, Any]]


class RulebookOut(Schema):
    """A rulebook; lengths in seconds. `rules` say everything: the head, and each rule line by line."""

    name: str
    version: str
    title: str
    in_force_from: str
    announced_on: str
    notice_seconds: int
    duties: list[dict[str, Any]]
    ledgers: list[dict[str, Any]]
    rules: list[RuleOut]


@router.get("/rulebook", response={200: RulebookOut, **ERRORS}, summary="The rules in force")
@needs("rulebook.read")
def in_force(request: HttpRequest) -> dict[str, Any]:
    """Return the rulebook in force now."""
    require(actor(request), "rulebook.read")
    book = rulebooks.current().in_force(moment())
    if book is None:
        raise Http404
    return words.plain(book)
