"""Disputes follow facts: a row says what the fold over the facts of its order says."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from comity.lib.ids import short_key
from comity.policy.disputes.case import ENDED, GOES_BACK, Case, Stage
from comity.policy.disputes.fold import fold, refs
from comity.policy.facts import Fact, reference, subject_kind
from comity.records.follow.world import World
from comity.records.models import Dispute, DraftDecision, Order, Party
from comity.records.refs import uuid_of

#: Beginnings of the kinds of facts that move a dispute, where they name one; and kinds that may.
_MOVES = ("dispute.", "return.", "carrier.", "refund.")
_MAY_MOVE = frozenset({"order.refunded", "shipment.dispatched", "shipment.delivered"})


def moves(facts: Iterable[Fact]) -> bool:
    """Whether any of the facts of an order may move a dispute about it."""
    return any(fact.kind.startswith(_MOVES) or fact.kind in _MAY_MOVE for fact in facts)


def moved(world: World, order: Order, facts: Sequence[Fact]) -> None:
    """Let the disputes about an order be what its facts, in the order of time, say of them."""
    for ref in refs(facts):
        if subject_kind(ref) == "dispute" and (case := fold(facts, ref)) is not None:
            row = _row(world, order, case)
            if row.leaves_at is not None and case.leaves_at is None:
                # What it was about is over, or stands otherwise: it never leaves.
                DraftDecision.objects.filter(dispute=row).delete()
            world.change(row, **columns(case, agents(case)))


def agents(case: Case) -> Mapping[str, Party]:
    """Return the agents whom a case names as its holder, by how facts name them."""
    uuid = uuid_of(reference(case.holder)[1]) if case.holder else None
    found = Party.objects.filter(uuid=uuid).first() if uuid else None
    return {case.holder: found} if found is not None else {}


def columns(case: Case, named: Mapping[str, Party]) -> dict[str, Any]:
    """Return what the row of a dispute says."""
    decision, agreement = case.decision, case.agreement
    agreed = agreement if decision is None else None
    over = case.stage in ENDED
    ended_how = ""
    if over:
        ended_how = case.closed_because or (
            "withdrawn" if case.stage is Stage.WITHDRAWN else "decided" if decision else "settled"
        )
    return {
        "stage": case.stage.value,
        "since": case.since,
        "opened_at": case.opened_at,
        "reason": case.reason,
        "wants": case.wants,
        "asked": case.amount,
        "worth": case.worth,
        "currency": case.currency,
        "version": case.version,
        "holder": named.get(case.holder),
        "escalated_at": case.escalated_at,
        "outcome": decision.outcome if decision else "both" if agreed else "",
        "fault": decision.fault if decision else "",
        "by_row": decision.row if decision else "",
        "amount": decision.amount if decision else agreed.amount if agreed else 0,
        "ended_how": ended_how,
        "ended_at": case.since if over else None,
        "gone": over and _are_gone(case),
        "again": case.may_open_again and decision is None,
        "leaves_at": case.leaves_at,
        "appealed_at": case.appeal.at if case.appeal else None,
        "set_aside_asked_at": case.set_aside_asked_at,
    }


def _are_gone(case: Case) -> bool:
    """Whether all pieces of a case are gone: sent back, or paid for in full."""
    parts = case.agreement.parts if case.agreement and case.decision is None else ()
    went_back = case.back.state == "received" and all(part.kind in GOES_BACK for part in parts)
    return went_back or 0 < case.worth <= case.to_pay - case.kept


def _row(world: World, order: Order, case: Case) -> Dispute:
    """Return the row of a dispute; one that nobody told of is made."""
    for row in world.disputes(order):
        if case.ref in row.names:
            return row
    identity = reference(case.ref)[1]
    made = Dispute(
        uuid=uuid5(NAMESPACE_URL, f"comity:{order.uuid}/{case.ref}"),
        key=short_key("D"),
        external_id=identity,
        named_by_shop=True,
        order=order,
        stage=case.stage.value,
        since=case.since,
        opened_at=case.opened_at,
    )
    world.disputes(order).append(made)
    world.make(made)
    return made
