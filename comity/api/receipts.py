"""Receipts for what a party handed in."""

import json
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.actions.seal import keys, receipts
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS

router = Router()


class SealedLineOut(Schema):
    """A line of the journal as it was hashed, the hash of the line before it, and the salt: the last two in hex."""

    body: str
    before: str
    salt: str


class ReceiptOut(Schema):
    """A receipt: a signed note (C2SP signed-note), and what opens it.

    `receipt`: the note, whose second line is JSON: the fact, when it happened, the entry of the log and by when it is
    there. `words`: what was handed in, each with the salt of its digest in the journal; of a file its SHA-256. `proof`:
    that the entry is in the log (C2SP tlog-proof), or empty while it is not sealed yet.
    """

    receipt: str
    line: SealedLineOut
    words: list[dict[str, str]]
    proof: str


@router.get("/receipts/{path:fact}", response={200: ReceiptOut, **ERRORS}, summary="A receipt for what you handed in")
@needs("receipt.read")
def receipt(request: HttpRequest, fact: str) -> Any:
    """Return the receipt for a fact, for who handed it in: a message, a claim, an answer, evidence, an appeal."""
    who = actor(request)
    require(who, "receipt.read", who.party)
    try:
        return json.loads(receipts.of(who, fact, moment()))
    except receipts.NoReceipt:
        raise Http404 from None
    except keys.KeyTrouble as trouble:
        raise Refused([str(trouble)]) from None
