"""Receipts for what a party handed in: its hold against the operator, to be had from the moment it is taken down.

A receipt is made of the line as it stands, so that it is the same whenever it is asked for. Nothing is kept of it.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from comity.actions.guard import Actor
from comity.actions.seal import keys, proving, said, sealing
from comity.lib import chain, sealed
from comity.lib.canonical import encode
from comity.lib.receipts import Receipt
from comity.lib.tlog import notes
from comity.policy.disputes.telling import side_of
from comity.records import refs
from comity.records.models import JournalLine, Order, Party, Seal, SealKey

#: By when the log has an entry for a line: the promise of a receipt. A worker seals every few seconds; a witness calls
#: a log stalled after the same time.
SEALED_WITHIN = timedelta(minutes=15)


class NoReceipt(LookupError):
    """There is nothing of this name that the reader handed in."""


def of(actor: Actor, fact: str, now: datetime) -> bytes:
    """Return the receipt for a fact (or evidence:UUID), for who handed it in, as JSON; the platform may have any.

    {"receipt": the signed note, "line": its body, the hash before it and the salt, "words": what was handed in, with
    the salts of its digests, "proof": that it is sealed, or empty where it is not yet}. Raises NoReceipt; KeyTrouble
    where nothing can be signed.
    """
    line, pieces = _found(actor, fact)
    sealing.begin(now)
    log = Seal.objects.get(pk=1)
    signer = keys.load(log.origin, set(SealKey.objects.filter(ended_at=None).values_list("verifier", flat=True)))
    secret, party = bytes(log.secret), line.party
    name = sealed.name_of_chain(secret, party.ref)
    entry = sealed.line(secret, name, line.seq, bytes(line.hash))
    made = Receipt(log.origin, str(line.fact_id), line.kind, line.at, entry, line.noted_at + SEALED_WITHIN)
    return encode(
        {
            "receipt": notes.sign(made.text, [signer]),
            "line": {
                "body": line.body,
                "before": _before(line).hex(),
                "salt": sealed.salt_of(secret, name, line.seq).hex(),
            },
            "words": [
                {"digest": piece.digest, "salt": piece.salt.hex(), "sha256" if piece.is_file else "text": piece.held}
                for piece in pieces
            ],
            "proof": _proof(party, line.seq),
        }
    )


def _found(actor: Actor, fact: str) -> tuple[JournalLine, list[said.Piece]]:
    """Return the line of a fact that the reader handed in, and what came with it of the reader's own."""
    if "\x00" in fact:  # which PostgreSQL does not take in a text
        raise NoReceipt(fact)
    named = said.given(fact) if fact.startswith("evidence:") else JournalLine.objects.filter(fact_id=fact)
    for line in named.select_related("party").order_by("pk")[:10]:
        data = json.loads(line.body).get("data", {})
        pieces = said.pieces(str(line.fact_id), data)
        if actor.role == "platform":
            return line, pieces
        own = [piece for piece in pieces if piece.author == actor.party.pk]
        if own or _acted(actor.party, line, data):
            return line, own
    raise NoReceipt(fact)


def _acted(party: Party, line: JournalLine, data: Mapping[str, Any]) -> bool:
    """Whether this side of an order, or this party, did what a fact says, in words or without."""
    if side_of(line.kind, data) != party.role:
        return False
    if line.party_id == party.pk:
        return True
    about = refs.thing(line.party, line.matter)
    order = about if isinstance(about, Order) or about is None else about.order
    return about is not None and party.pk in (about.buyer_id, order.buyer_id if order else None)


def _before(line: JournalLine) -> bytes:
    if line.seq == 1:
        return chain.START
    return bytes(JournalLine.objects.values_list("hash", flat=True).get(party=line.party_id, seq=line.seq - 1))


def _proof(party: Party, seq: int) -> str:
    try:
        return proving.show(party, [seq])[0].proof.text
    except proving.NotSealed:
        return ""
