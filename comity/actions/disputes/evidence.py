"""Evidence: files, statements, messages, scans, the listing as it stood. Hashed on arrival, never changed."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.utils.translation import gettext as _

from comity.actions import files as uploads
from comity.actions.disputes.cases import Held, Verb, require_ahead, tell, written
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden, require
from comity.files.uploads import SafeFile
from comity.lib import moments
from comity.lib.ids import digest, salt, uuid7
from comity.policy.facts import Scalar
from comity.records import files
from comity.records.models import Dispute, Duty, Evidence, Message, Order, Scan

GIVE = Verb("give-evidence", "dispute.evidence")
PROMISE = Verb("promise-evidence", "dispute.evidence")
MAX_PIECES = 200
SEES = ("all", "mediator")


@dataclass(frozen=True, slots=True)
class Given:
    """What is given together.

    files     names and bytes; those that cannot be taken are named, the others are kept
    text      a statement
    messages  ids of messages of the order's conversations; scans: ids of the carrier's events
    listing   whether the listing as it stood at the order is given
    item      which of the pieces that the reason asks for it is
    sees      all, or mediator, and then `why`
    """

    files: Sequence[tuple[str, bytes]] = ()
    text: str = ""
    messages: Sequence[UUID] = ()
    scans: Sequence[int] = ()
    listing: bool = False
    item: str = ""
    sees: str = "all"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it: the pieces that were kept, and a sentence for each file that was not."""

    pieces: tuple[Evidence, ...]
    wrong: tuple[str, ...]


def give(actor: Actor, dispute: Dispute, given: Given, *, at: datetime, noted_at: datetime | None = None) -> Taken:
    """Give evidence. Good files are kept, bad ones named. Not after the deadline; what comes late is marked.

    A suspended seller may. Raises Refused where nothing of it can be kept, NotNow after the deadline, Forbidden.
    """
    if given.sees not in SEES:
        raise Refused([_("Evidence is for all, or for the mediator only.")])
    why = written(given.why)
    if given.sees == "mediator" and not why:
        raise Refused([_("Say why the other side may not see it: it learns that it is there, and the reason.")])
    # Read and drawn anew before anybody is locked.
    safe, wrong = uploads.sorted_out(given.files)
    with GIVE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        require_in_time(now, actor.role, at)
        if dispute.evidence.count() >= MAX_PIECES:
            raise Refused([_("A case holds at most %(most)s pieces of evidence.") % {"most": MAX_PIECES}])
        rows = [*_files(now, actor, given, safe, at), *_others(now, actor, given, at)]
        wrong = [*wrong, *_not_of_the_order(now, given)]
        if not rows:
            raise Refused([*wrong, _("Nothing could be kept. Choose a file, or write a statement.")])
        for row in rows:
            now = _note(now, actor, row, at=at, noted_at=noted_at)
    return Taken(tuple(rows), tuple(wrong))


def _note(now: Held, actor: Actor, row: Evidence, *, at: datetime, noted_at: datetime | None) -> Held:
    row.late = now.case.record_closed_at is not None
    data: dict[str, Scalar] = {
        "by": actor.role, "evidence": str(row.uuid), "digest": row.digest, "item": row.item, "sees": row.sees,
        "late": row.late or None,
    }  # fmt: skip
    now = tell(now, actor, "dispute.evidence_given", data, at=at, noted_at=noted_at)
    row.save(force_insert=True)
    return now


def deadline(now: Held, role: str) -> datetime | None:
    """Return until when a side may give evidence; None where no time was set for it.

    What was asked of it last says so, by itself or by the duty that it opened; else the duty that the rulebook names.
    """
    asked = [each for each in now.case.requests if each.of == role]
    dues = Duty.objects.filter(party=now.seller, subject=now.dispute.ref)
    if asked:
        if asked[-1].until is not None:
            return asked[-1].until
        last = asked[-1].id
        opened_by = [fact.id for fact in now.facts if last in (fact.id, fact.data.get("request"))]
        duty = dues.filter(opened_by__in=opened_by).order_by("-due").first()
        if duty is not None:
            return duty.due
    if now.rules.evidence_until:
        duty = dues.filter(rule=now.rules.evidence_until).exclude(status="overturned").order_by("-opened_at").first()
        return duty.due if duty is not None else None
    return None


def require_in_time(now: Held, role: str, at: datetime) -> None:
    """Return if a side may still give evidence at that exact moment; raise NotNow after it."""
    until = deadline(now, role) if role in ("buyer", "seller") else None
    if until is not None and at > until:
        raise NotNow(WhyNot("evidence_over", sentence("evidence_over")))


def _row(now: Held, actor: Actor, given: Given, kind: str, at: datetime, holds: str) -> Evidence:
    salted = salt()
    return Evidence(
        uuid=uuid7(at), dispute=now.dispute, by=actor.party, role=actor.role, kind=kind, item=given.item[:60],
        salt=salted, digest=digest(salted, holds), sees=given.sees, why=given.why.strip()[:300], at=at,
    )  # fmt: skip


def _files(now: Held, actor: Actor, given: Given, safe: Iterable[SafeFile], at: datetime) -> Iterable[Evidence]:
    for each in safe:
        row = _row(now, actor, given, "file", at, each.sha256)
        row.name, row.media, row.size, row.sha256 = each.name, each.kind, len(each.data), files.keep(each)
        row.width, row.height = each.width, each.height
        yield row


def _others(now: Held, actor: Actor, given: Given, at: datetime) -> Iterable[Evidence]:
    if text := written(given.text):
        row = _row(now, actor, given, "statement", at, text)
        row.text = text
        yield row
    mine = Message.objects.filter(conversation__order=now.order, uuid__in=list(given.messages))
    for message in mine.select_related("author"):
        yield _quoted(now, actor, given, "message", at, {
            "message": str(message.uuid), "by": message.role, "at": moments.to_text(message.at), "text": message.text,
        })  # fmt: skip
    for scan in Scan.objects.filter(shipment__order=now.order, pk__in=list(given.scans)):
        yield _quoted(now, actor, given, "scan", at, {
            "status": scan.status, "place": scan.place, "at": moments.to_text(scan.at), "source": scan.source,
        })  # fmt: skip
    if given.listing and (stood := listing_at(now.order)):
        yield _quoted(now, actor, given, "listing", at, stood)


def _not_of_the_order(now: Held, given: Given) -> Iterator[str]:
    """Yield what was named and is none of the order's: it is not kept, and that is said."""
    messages = Message.objects.filter(conversation__order=now.order, uuid__in=list(given.messages))
    for uuid in sorted({*given.messages} - {*messages.values_list("uuid", flat=True)}):
        yield _("There is no message %(id)s about this order.") % {"id": uuid}
    scans = Scan.objects.filter(shipment__order=now.order, pk__in=list(given.scans))
    for key in sorted({*given.scans} - {*scans.values_list("pk", flat=True)}):
        yield _("There is no carrier's event %(id)s of this order.") % {"id": key}


def _quoted(now: Held, actor: Actor, given: Given, kind: str, at: datetime, values: dict[str, object]) -> Evidence:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    row = _row(now, actor, given, kind, at, text)
    row.text = text
    return row


def listing_at(order: Order) -> dict[str, object]:
    """Return what was ordered as it stood then: titles and prices of the lines, and what their listings said."""
    return {
        "lines": [
            {
                "title": line.title,
                "quantity": line.quantity,
                "price": line.amount,
                "currency": order.currency,
                "description": line.described,
            }
            for line in order.lines.all()
        ],
        "at": moments.to_text(order.placed_at),
    }


def promise(
    actor: Actor, dispute: Dispute, *, item: str, until: datetime | None, at: datetime, noted_at: datetime | None = None
) -> None:
    """Say by when an expected piece of evidence comes, or (None) that it is not to be had: that is an answer, too."""
    require_ahead(until, at=at)
    with PROMISE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        expected = expected_of(now, actor.role)
        if item not in expected:
            raise Refused([_("Expected of you: %(items)s.") % {"items": ", ".join(expected) or "–"}])
        data: dict[str, Scalar] = {
            "by": actor.role, "item": item, "until": moments.to_text(until) if until else None
        }  # fmt: skip
        tell(now, actor, "dispute.evidence_promised", data, at=at, noted_at=noted_at)


def expected_of(now: Held, role: str) -> tuple[str, ...]:
    """Return the pieces of evidence that the reason asks of a side."""
    reason = now.rules.reasons.get(now.case.reason)
    if reason is None:
        return ()
    return reason.buyer_evidence if role == "buyer" else reason.seller_evidence if role == "seller" else ()


def may_see(actor: Actor, piece: Evidence) -> bool:
    """Whether somebody who may read the case may look at a piece, and not only know that it is there."""
    return piece.sees == "all" or actor.role in ("agent", "platform") or piece.by_id == actor.party.pk


def opened(actor: Actor, uuid: UUID) -> tuple[Evidence, BinaryIO]:
    """Return a file of evidence and its content. Raises Evidence.DoesNotExist, files.Lost, Forbidden."""
    piece = Evidence.objects.select_related("dispute__order").get(uuid=uuid, kind="file")
    require(actor, "dispute.read", piece.dispute)
    if not may_see(actor, piece):
        raise Forbidden("dispute.read", "not_allowed")
    return piece, files.opened(piece.sha256)
