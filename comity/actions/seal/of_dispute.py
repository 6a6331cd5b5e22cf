"""What the case file of a dispute holds for one reader.

Settlement talk is a class of its own: what was offered and declined on the way, and what was said to the mediator
alone, is in no case file, unless both sides agreed to disclose what they offered. Its lines are there with their
entries and proofs, so that nothing seems to be missing.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from comity.actions.disputes.view import View, messages_before, of_others
from comity.actions.guard import Actor
from comity.actions.seal import casefile, said
from comity.actions.seal.casefile import Content, Line
from comity.lib.ids import digest
from comity.policy.disputes.case import Case
from comity.records import lines
from comity.records.models import Evidence, JournalLine, Message, Notice

#: What was offered on the way to an agreement, and what was said in private; kinds of words that go with it.
SETTLEMENT = frozenset(
    {
        "dispute.offered", "dispute.offer_withdrawn", "dispute.offer_declined", "dispute.bid", "dispute.bids_apart",
        "dispute.heard_in_private",
    }
)  # fmt: skip
TALK = frozenset({"offer"})
PRIVATE = "dispute.heard_in_private"
#: Kinds of facts of agents' work that only they read.
_INTERNAL = frozenset({"dispute.drafted", "dispute.draft_stopped", "dispute.seconded"})


def content(actor: Actor, view: View, *, at: datetime) -> Content:
    """Return what is in the case file of a dispute that `actor` sees so at `at`."""
    files = dict[str, bytes]()
    wrote = messages_before(view.now)
    seller = view.now.seller
    written = _written(view, wrote)
    words = [*_words(view, files), *_messages(wrote, written, files)]
    return Content(
        whose=seller,
        about=_case(actor, view),
        lines=list(_lines(actor, view, written, at)),
        words=words,
        files=files,
        records=list(_records(view)),
        notices=_notices(view),
    )


def _notices(view: View) -> list[Notice]:
    """Return what the two sides were told of this dispute; notices are kept under its order."""
    names = set(view.now.dispute.names)
    told = casefile.notices([view.now.order.ref], [view.now.buyer, view.now.seller])
    return [each for each in told if not names.isdisjoint({each.values.get("subject"), each.values.get("dispute")})]


def _lines(actor: Actor, view: View, written: Iterable[JournalLine], at: datetime) -> Iterator[Line]:
    """Yield the lines of a case: those of its order and of pauses in it, and of what was written before.

    Those of other disputes about the same order are not of it.
    """
    names, seller = view.now.dispute.names, view.now.seller
    others = of_others(view.now, seller.duties.filter(subject__startswith="dispute:"))
    for row in lines.of_matter(seller, view.now.order.ref).order_by("seq").iterator(casefile.CHUNK):
        body = json.loads(row.body)
        about = str(body.get("subject", ""))
        if (not about.startswith("dispute:") or about in names) and others.isdisjoint(
            (body.get("key"), body.get("because"))
        ):
            withheld = _withheld(actor, row.kind, view.now.case)
            yield casefile.line_of(row, seller, actor, at=at, withheld=withheld)
    for row in written:
        yield casefile.line_of(row, seller, actor, at=at)


def is_disclosed(case: Case) -> bool:
    """Whether both sides agreed that settlement talk stands in case files. What was said in private never does."""
    return {"buyer", "seller"} <= set(case.disclosed)


def _withheld(actor: Actor, kind: str, case: Case) -> str:
    if kind in SETTLEMENT and not (is_disclosed(case) and kind != PRIVATE):
        return "settlement"
    return "reader" if kind in _INTERNAL and actor.role not in ("agent", "platform") else ""


def _case(actor: Actor, view: View) -> dict[str, Any]:
    dispute, order = view.now.dispute, view.now.order
    return {
        "key": dispute.key, "dispute": dispute.ref, "order": order.ref, "made_for": actor.role,
        "buyer": order.buyer.ref, "seller": order.seller.ref, "stage": dispute.stage, "reason": dispute.reason,
        "outcome": dispute.outcome, "amount": dispute.amount, "currency": dispute.currency,
        "opened_at": dispute.opened_at, "ended_at": dispute.ended_at,
    }  # fmt: skip


def _words(view: View, files: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    """Yield the words and the evidence that the reader may have, each with its digest."""
    written_down = {fact.id: str(fact.data.get("digest", "")) for fact in view.now.facts}
    for text in view.texts:
        if not text.fact or text.sees != "all" or (text.kind in TALK and not is_disclosed(view.now.case)):
            continue
        made, salted = digest(bytes(text.salt), text.text), bytes(text.salt).hex()
        told = {"fact": text.fact, "text": text.text, "kind": text.kind, "role": text.role, "at": text.at}
        # Of several texts of one act the journal has the digest of the first; the others stand here as they are.
        yield told | ({"digest": made, "salt": salted} if written_down.get(text.fact) == made else {})
    given = {str(f.data.get("evidence")): f.id for f in view.now.facts if f.kind == "dispute.evidence_given"}
    for piece in view.evidence:
        row: dict[str, Any] = {
            "fact": given.get(str(piece.uuid), ""), "digest": piece.digest, "kind": piece.kind, "role": piece.role,
            "item": piece.item, "at": piece.at,
        }  # fmt: skip
        yield row | ({} if piece.pk in view.hidden else _held(piece, files))


def _held(piece: Evidence, files: dict[str, bytes]) -> dict[str, Any]:
    """Return what a piece of evidence holds, for who may see it; a file goes among `files`."""
    salt = bytes(piece.salt)
    if piece.kind != "file":
        return {"salt": salt.hex(), "text": piece.text}
    return casefile.file_of(piece.sha256, piece.media, piece.name, salt, files)


def _written(view: View, wrote: Iterable[Message]) -> list[JournalLine]:
    """Return the lines by which messages were written, and changed."""
    refs, uuids = {message.ref for message in wrote}, {str(message.uuid) for message in wrote}
    about = {message.conversation.ref for message in wrote}
    rows = JournalLine.objects.filter(
        party=view.now.seller, matter__in=about, kind__in=("message.sent", "message.edited")
    )
    return [
        row for row in rows.order_by("seq")
        if row.fact_id in refs or (row.kind == "message.edited" and _data(row).get("message") in uuids)
    ]  # fmt: skip


def _data(line: JournalLine) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(line.body)["data"]
    return data


def _messages(
    wrote: Iterable[Message], written: Iterable[JournalLine], files: dict[str, bytes]
) -> Iterator[dict[str, Any]]:
    """Yield what the two wrote about the order before the dispute, as it was then and changed, with what came along."""
    for line in written:
        by = str(_data(line).get("by", ""))
        for piece in said.pieces(str(line.fact_id), _data(line)):
            told = {"fact": line.fact_id, "kind": "message", "role": by, "at": line.at}
            yield {**told, "text": piece.held, "digest": piece.digest, "salt": piece.salt.hex()}
    for message in wrote:
        of_message = {"fact": message.ref, "kind": "message", "role": message.role, "at": message.at}
        for file in message.files.all():
            yield {**of_message, **casefile.file_of(file.sha256, file.kind, file.name, b"", files)}


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
