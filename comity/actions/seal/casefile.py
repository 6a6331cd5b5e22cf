"""A case file of a dispute, as one reader may have it: what was written down, shown to be so, in one archive.

Settlement talk is a class of its own: what was offered and declined on the way, and what was said to the mediator
alone, is in no case file. Its lines are there with their entries and proofs, so that nothing seems to be missing.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comity.actions.disputes import view as views
from comity.actions.disputes.view import View
from comity.actions.guard import Actor
from comity.actions.seal import keys, proving, sealing
from comity.lib import moments
from comity.lib.canonical import encode
from comity.lib.casefile import bag
from comity.lib.ids import digest
from comity.records import files as kept
from comity.records import lines as lines_of
from comity.records import masks
from comity.records.models import Dispute, Evidence, RulebookVersion, SealKey

#: What was offered on the way to an agreement, and what was said in private; kinds of words that go with it.
SETTLEMENT = frozenset(
    {
        "dispute.offered", "dispute.offer_withdrawn", "dispute.offer_declined", "dispute.bid", "dispute.bids_apart",
        "dispute.heard_in_private",
    }
)  # fmt: skip
TALK = frozenset({"offer"})
#: Kinds of facts of agents' work that only they read.
_INTERNAL = frozenset({"dispute.drafted", "dispute.draft_stopped", "dispute.seconded"})
_WHY = {"settlement": "settlement talk", "reader": "not for this reader"}
CHUNK = 500


class NotReady(RuntimeError):
    """A case file cannot be made now; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal as it stands in a case file; `withheld`: why its body is not there, or empty."""

    seq: int
    body: str
    withheld: str


def build(actor: Actor, dispute: Dispute, *, now: datetime, pages: Mapping[str, bytes]) -> bytes:
    """Return the archive of a dispute for `actor`; `pages`: what people read in it, by name.

    What was written down last is sealed first. Raises Forbidden, NotReady.
    """
    view = views.of(actor, dispute, at=now)
    try:
        sealing.seal_due(now)
    except sealing.SealTrouble as trouble:
        if proving.head() is None:
            raise NotReady(str(trouble)) from None
    lines = list(_lines(actor, view))
    try:
        shown = {each.line: each for each in proving.show(view.now.seller, [line.seq for line in lines])}
    except (proving.NotSealed, keys.KeyTrouble) as wrong:
        raise NotReady(str(wrong)) from None
    head = proving.head()
    assert head is not None
    payload = dict(pages)
    said = []
    for line in lines:
        proved = shown[line.seq]
        entry = json.loads(proved.entry)
        row: dict[str, Any] = {"line": line.seq, "chain": entry["chain"], "entry": proved.entry.decode()}
        if line.withheld:
            fact = json.loads(line.body)
            row |= {"withheld": _WHY[line.withheld], "kind": fact.get("kind", ""), "at": fact["at"]}
        else:
            row |= {"body": line.body, "before": proved.opening.before.hex(), "salt": proved.opening.salt.hex()}
        said.append(encode(row))
        payload[f"proofs/{entry['chain']}-{line.seq}.tlog-proof"] = proved.proof.text.encode()
    payload["journal.jsonl"] = b"".join(each + b"\n" for each in said)
    payload["checkpoint"] = proving.noted(head).encode()
    verifiers = SealKey.objects.order_by("pk").values_list("verifier", flat=True)
    payload["keys"] = "".join(f"{key}\n" for key in verifiers).encode()
    payload["case.json"] = encode(_case(view, actor, now))
    words, files = _words(view)
    payload["words.json"] = encode(words)
    payload |= files
    payload["records.json"] = encode(list(_records(view)))
    payload |= _rulebook(view)
    return bag.archive(f"case-{dispute.key}", payload, made_at=now, says=f"Case {dispute.key}")


def _lines(actor: Actor, view: View) -> Iterable[Line]:
    """Yield the lines of a case: those of its order and of pauses in it, without those of other disputes about it."""
    names = view.now.dispute.names
    for row in lines_of.of_matter(view.now.seller, view.now.order.ref).order_by("seq").iterator(CHUNK):
        body = json.loads(row.body)
        about = str(body.get("subject", ""))
        if about.startswith("dispute:") and about not in names:
            continue
        yield Line(row.seq, row.body, _withheld(actor, view, row.kind, body))


def _withheld(actor: Actor, view: View, kind: str, body: Mapping[str, Any]) -> str:
    if kind in SETTLEMENT:
        return "settlement"
    if kind in _INTERNAL and actor.role not in ("agent", "platform"):
        return "reader"
    reader = None if actor.role == "platform" else actor.party
    return "" if masks.masked(body, view.now.seller, reader, moments.parse(str(body["noted_at"]))) == body else "reader"


def _case(view: View, actor: Actor, now: datetime) -> dict[str, Any]:
    dispute, order = view.now.dispute, view.now.order
    return {
        "key": dispute.key, "dispute": dispute.ref, "order": order.ref, "made_at": now, "made_for": actor.role,
        "buyer": order.buyer.ref, "seller": order.seller.ref, "stage": dispute.stage, "reason": dispute.reason,
        "outcome": dispute.outcome, "amount": dispute.amount, "currency": dispute.currency,
        "opened_at": dispute.opened_at, "ended_at": dispute.ended_at,
    }  # fmt: skip


def _words(view: View) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return the words and the evidence that the reader may have, each with its digest; and the files of evidence."""
    said, files = list[dict[str, Any]](), dict[str, bytes]()
    written_down = {fact.id: str(fact.data.get("digest", "")) for fact in view.now.facts}
    for text in view.texts:
        if not text.fact or text.sees != "all" or text.kind in TALK:
            continue
        made, salted = digest(bytes(text.salt), text.text), bytes(text.salt).hex()
        told: dict[str, Any] = {
            "fact": text.fact,
            "text": text.text,
            "kind": text.kind,
            "role": text.role,
            "at": text.at,
        }
        # Of several texts of one act the journal has the digest of the first; the others stand here as they are.
        if written_down.get(text.fact) == made:
            told |= {"digest": made, "salt": salted}
        said.append(told)
    given = {str(f.data.get("evidence")): f.id for f in view.now.facts if f.kind == "dispute.evidence_given"}
    for piece in view.evidence:
        row: dict[str, Any] = {
            "fact": given.get(str(piece.uuid), ""), "digest": piece.digest, "kind": piece.kind, "role": piece.role,
            "item": piece.item, "at": piece.at,
        }  # fmt: skip
        if piece.pk not in view.hidden:
            row |= _held(piece, files)
        said.append(row)
    return said, files


def _held(piece: Evidence, files: dict[str, bytes]) -> dict[str, Any]:
    """Return what a piece of evidence holds, for who may see it; a file goes among `files`."""
    salted = bytes(piece.salt).hex()
    if piece.kind != "file":
        return {"salt": salted, "text": piece.text}
    try:
        with kept.opened(piece.sha256) as file:
            data = file.read()
    except kept.Lost:
        return {"lost": True}
    name = f"evidence/{piece.sha256}{bag.ending(piece.media)}"
    files[name] = data
    return {"salt": salted, "file": name, "name": piece.name, "media": piece.media}


def _records(view: View) -> Iterable[dict[str, Any]]:
    """Yield the records that were closed for decisions, as `actions.disputes.record` makes their digests."""
    told: list[list[str]] = []
    evidence: list[list[str]] = []
    pieces = {str(piece.uuid): piece.digest for piece in view.evidence}
    for fact in view.now.facts:
        if fact.subject != view.now.dispute.ref:
            continue
        if fact.kind == "dispute.record_closed":
            yield {"fact": fact.id, "facts": list(told), "evidence": list(evidence)}
        told.append([fact.id, fact.kind])
        if fact.kind == "dispute.evidence_given" and (uuid := str(fact.data.get("evidence"))) in pieces:
            evidence.append([uuid, pieces[uuid]])


def _rulebook(view: View) -> dict[str, bytes]:
    book = view.now.book
    if book is None:
        return {}
    text = RulebookVersion.objects.filter(name=book.name, version=book.version).values_list("text", flat=True).first()
    return {"rulebook.toml": text.encode()} if text else {}
