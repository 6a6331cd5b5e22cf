"""The journal of a party."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS
from comity.records import journal, masks
from comity.records.models import JournalLine, Party

router = Router()


class JournalLineOut(Schema):
    """A line of a party's chain. `hash` covers the line before it and `body`.

    How the other side of an order rated hides as long as the review does: such a line has no `score` and no `digest`.
    Nobody reads to which other account an own one is linked.
    """

    seq: int
    kind: str
    matter: str
    at: datetime
    noted_at: datetime
    body: dict[str, Any]
    hash: str

    @staticmethod
    def resolve_body(line: JournalLine, context: dict[str, Any]) -> Any:
        """The line as it was hashed, read back."""
        return masks.masked(json.loads(line.body), line.party, context["request"].auth.party, moment())

    @staticmethod
    def resolve_hash(line: JournalLine) -> str:
        """The hash in hexadecimal."""
        return bytes(line.hash).hex()


class Lines(Schema):
    """A page of lines."""

    items: list[JournalLineOut]
    next: str


class Trouble(Schema):
    """A place where a chain does not hold."""

    line: int
    problem: str


class Verified(Schema):
    """Whether a chain holds."""

    ok: bool
    lines: int
    troubles: list[Trouble]


@router.get("/parties/{uuid}/journal", response={200: Lines, **ERRORS}, summary="A party's journal")
@needs("journal.read")
def lines(
    request: HttpRequest, uuid: UUID, matter: str = "", limit: Limit = 50, after: After = ""
) -> dict[str, object]:
    """Return a party's lines in order, or those of one matter."""
    party = get_object_or_404(Party, uuid=uuid)
    require(actor(request), "journal.read", party)
    rows = JournalLine.objects.select_related("party").filter(party=party, **({"matter": matter} if matter else {}))
    items, following = page(rows, by="seq", limit=limit, after=after, descending=False)
    return {"items": items, "next": following}


@router.get("/parties/{uuid}/journal/verify", response={200: Verified, **ERRORS}, summary="Check a party's chain")
@needs("journal.verify")
def verify(request: HttpRequest, uuid: UUID) -> dict[str, object]:
    """Check that nothing in a party's chain was changed, dropped or slipped in."""
    require(actor(request), "journal.verify")
    party = get_object_or_404(Party.objects.select_related("standing"), uuid=uuid)
    troubles = list(journal.verify(party))
    return {
        "ok": not troubles,
        "lines": party.standing.chain_seq,
        "troubles": [{"line": trouble.seq, "problem": trouble.problem} for trouble in troubles],
    }
