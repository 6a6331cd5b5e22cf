"""A case as one reader sees it, as the API tells it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from comity.actions import money
from comity.actions.disputes import deciding, view, worth
from comity.actions.disputes.view import View
from comity.actions.guard import Actor
from comity.api import dispute_shapes as shapes
from comity.policy.disputes.case import CONTESTED, Part
from comity.policy.disputes.inputs import Known
from comity.policy.disputes.proof import proof
from comity.records.models import Dispute, DraftDecision, Evidence, Party

#: Where each verb is posted to, under /disputes/{uuid}/, where that is not its own name.
_PATHS: Mapping[str, str] = {
    "accept-claim": "accept",
    "offer": "offers",
    "withdraw-offer": "offers/{number}/withdraw",
    "accept-offer": "offers/{number}/accept",
    "decline-offer": "offers/{number}/decline",
    "bid": "bids",
    "give-evidence": "evidence",
    "claim-carrier": "carrier-claims",
    "carrier-answers": "carrier-claims/{claim}/answer",
    "give-information": "information/{asked}",
}


def path_of(verb: str, dispute: str) -> str:
    """Return where a verb is posted to, under /api/v1. `dispute`: its uuid."""
    return f"/disputes/{dispute}/{_PATHS.get(verb, verb)}"


def told(who: Actor, dispute: Dispute, at: datetime) -> shapes.DisputeOut:
    """Return a case as `who` sees it at `at`. Raises Forbidden."""
    dispute.refresh_from_db()
    seen = view.of(who, dispute, at=at)
    sees_all = who.role in ("agent", "platform")
    return shapes.DisputeOut(
        **row(dispute).dict(),
        **_standing(seen),
        **_given(seen),
        claim=_claim(seen),
        offers=_offers(seen, at),
        agreement=_agreement(seen),
        way_back=_way_back(seen),
        carrier=_carrier(seen),
        decision=_decision(seen, sees_cost=who.role != "buyer"),
        draft=_draft(seen) if sees_all else None,
        appeals=_appeals(seen),
        set_aside_until=seen.set_aside_until,
        money=_money(seen),
        joined=list(seen.now.case.joined) if sees_all else [],
    )


def _standing(seen: View) -> dict[str, Any]:
    """Return how the case stands, and what may be done."""
    case, whose = seen.now.case, seen.turn
    return {
        "last": case.last,
        "turn": whose.who,
        "until": whose.until,
        "otherwise": _otherwise(seen, whose.what, whose.value, seen.amount),
        "rule": whose.duty,
        "waits": whose.waits,
        "available_actions": actions(seen),
        "bids": sorted(case.bids),
        "mediator": _name_of(case.holder),
        "needed_asked_at": case.needed_asked_at,
        "needed": dict(case.needed),
        "disclosed": list(case.disclosed),
        "set_aside_asked_at": case.set_aside_asked_at,
    }


def _given(seen: View) -> dict[str, Any]:
    """Return what was asked of the sides and given by them: information, evidence, words."""
    return {
        "requests": [
            shapes.RequestOut(id=each.id, of=each.of, at=each.at, until=each.until, answer=each.answer)
            for each in seen.now.case.requests
        ],
        "evidence": [_evidence(piece, hidden=piece.pk in seen.hidden) for piece in seen.evidence],
        "evidence_until": seen.evidence_until,
        "kept_until": seen.kept_until,
        "expected": _expected(seen),
        "texts": [
            shapes.TextOut(fact=each.fact, kind=each.kind, role=each.role, text=each.text, sees=each.sees, at=each.at)
            for each in seen.texts
        ],
    }


def row(dispute: Dispute) -> shapes.RowOut:
    """Return a dispute in short."""
    return shapes.RowOut(
        uuid=dispute.uuid,
        key=dispute.key,
        external_id=dispute.external_id,
        order=dispute.order.uuid,
        stage=dispute.stage,
        since=dispute.since,
        opened_at=dispute.opened_at,
        reason=dispute.reason,
        wants=dispute.wants,
        asked=dispute.asked,
        worth=dispute.worth,
        amount=dispute.amount,
        currency=dispute.currency or dispute.order.currency,
        version=dispute.version,
        escalated_at=dispute.escalated_at,
        outcome=dispute.outcome,
        fault=dispute.fault,
        ended_how=dispute.ended_how,
        ended_at=dispute.ended_at,
        again=dispute.again,
    )


def actions(seen: View) -> list[shapes.ActionOut]:
    """Return what the reader may do now, until when, and what happens otherwise."""
    uuid = str(seen.now.dispute.uuid)
    return [
        shapes.ActionOut(
            action=may.verb,
            path=path_of(may.verb, uuid),
            until=may.until,
            otherwise=_otherwise(seen, may.what, may.value, may.amount),
        )
        for may in seen.may
    ]


def _otherwise(seen: View, what: str, value: str, amount: int) -> shapes.OtherwiseOut | None:
    if not what:
        return None
    return shapes.OtherwiseOut(code=what, value=value, amount=amount, currency=seen.now.order.currency)


def _claim(seen: View) -> shapes.ClaimOut:
    case = seen.now.case
    return shapes.ClaimOut(
        version=case.version,
        reason=case.reason,
        wants=case.wants,
        amount=case.amount,
        worth=case.worth,
        currency=case.currency or seen.now.order.currency,
        pieces=[
            shapes.AboutOut(line=line.pk, title=line.title, quantity=count)
            for line, count in worth.pieces_of(seen.now.dispute).items()
        ],
        claimed_at=case.claimed_at,
        times_opened=case.times_opened,
        answer=case.answer,
        answered_at=case.answered_at,
    )


def _offers(seen: View, at: datetime) -> list[shapes.OfferOut]:
    contested = seen.now.case.stage in CONTESTED
    return [
        shapes.OfferOut(
            number=each.number,
            by=each.by,
            kind=each.kind,
            amount=each.amount,
            currency=each.currency,
            return_postage=each.return_postage,
            at=each.at,
            until=each.until,
            act_by=each.act_by,
            status="expired" if each.status == "open" and not (contested and each.is_open(at)) else each.status,
            agreed=list(each.agreed),
            parts=_parts(seen, each.parts),
        )
        for each in seen.now.case.offers
    ]


def _parts(seen: View, parts: Sequence[Part], *, agreed: bool = False) -> list[shapes.OfferPartOut]:
    if not parts:
        return []
    titles = {str(pk): title for pk, title in seen.now.order.lines.values_list("pk", "title")}
    return [
        shapes.OfferPartOut(
            line=part.line,
            title=titles.get(part.line, ""),
            quantity=part.quantity,
            kind=part.kind,
            amount=part.amount,
            return_postage=part.return_postage,
            act_by=part.act_by,
            state=seen.now.case.state_of(part) if agreed else "",
        )
        for part in parts
    ]


def _evidence(piece: Evidence, *, hidden: bool) -> shapes.EvidenceOut:
    there = shapes.EvidenceOut(
        uuid=piece.uuid,
        by=piece.role,
        at=piece.at,
        sees=piece.sees,
        hidden=hidden,
        why=piece.why,
        digest=piece.digest,
        late=piece.late,
        weighed=piece.weighed,
    )
    if not hidden:
        for name in ("weighed_why", "kind", "item", "name", "media", "size", "sha256", "text"):
            setattr(there, name, getattr(piece, name))
    return there


def _expected(seen: View) -> list[shapes.ExpectedOut]:
    now = seen.now
    reason = now.rules.reasons.get(now.case.reason)
    if reason is None:
        return []
    found = proof(reason, now.facts, dispute=now.dispute.ref, prove=reason.prove, weights=reason.weights)
    return [
        shapes.ExpectedOut(name=each.name, side=each.side, state=each.state, weight=each.weight, until=each.until)
        for each in found.pieces
    ]


def _name_of(ref: str) -> str:
    """Return the name of the agent whom facts name so; empty for nobody."""
    uuid = ref.partition(":")[2]
    agent = Party.objects.filter(uuid=uuid, role="agent").first() if uuid else None
    return agent.name if agent else ""


def _agreement(seen: View) -> shapes.AgreementOut | None:
    case, agreed = seen.now.case, seen.now.case.agreement
    if agreed is None:
        return None
    return shapes.AgreementOut(
        at=agreed.at,
        by=agreed.by,
        kind=agreed.kind,
        number=agreed.number,
        amount=agreed.amount,
        at_once=agreed.at_once,
        goes_back=agreed.goes_back,
        return_postage=agreed.return_postage,
        act=agreed.act,
        act_by=agreed.act_by,
        acted_at=case.acted_at,
        fulfilled_at=case.fulfilled_at,
        parts=_parts(seen, agreed.parts, agreed=True),
    )


def _way_back(seen: View) -> shapes.WayBackOut:
    back = seen.now.case.back
    return shapes.WayBackOut(
        labelled_at=back.labelled_at,
        label_until=back.label_until,
        label_by=back.label_by,
        sent_at=back.sent_at,
        arrived_at=back.arrived_at,
        state=back.state,
        stated_at=back.stated_at,
        answered_at=back.answered_at,
    )


def _carrier(seen: View) -> list[shapes.CarrierClaimOut]:
    return [
        shapes.CarrierClaimOut(
            id=each.id,
            at=each.at,
            carrier=each.carrier,
            asks=list(each.asks),
            answered_at=each.answered_at,
            accepted=each.accepted,
            amount=each.amount,
        )
        for each in seen.now.case.carrier
    ]


def _decision(seen: View, *, sees_cost: bool) -> shapes.DecisionOut | None:
    now, decided = seen.now, seen.now.case.decision
    if decided is None:
        return None
    row = next((each for each in now.rules.table if each.name == decided.row), None)
    return shapes.DecisionOut(
        at=decided.at,
        fact=decided.fact,
        outcome=decided.outcome,
        fault=decided.fault,
        amount=decided.amount,
        currency=now.order.currency,
        because=decided.because,
        silent=decided.silent,
        row=decided.row,
        code=row.code if row else "",
        deviates=decided.deviates,
        goes_back=decided.goes_back,
        cost=decided.cost if sees_cost else "",
        record=decided.record,
        # As they were known when it was made: later facts are no part of it.
        inputs=inputs(deciding.known(now, at=decided.at)),
        appeal_until=seen.appeal_until,
    )


def inputs(known: Mapping[str, Known]) -> list[shapes.InputOut]:
    """Return what the facts fill in of the decision table."""
    return [shapes.InputOut(name=name, value=each.value, facts=list(each.because)) for name, each in known.items()]


def _draft(seen: View) -> shapes.DraftOut | None:
    draft = DraftDecision.objects.filter(dispute=seen.now.dispute).select_related("agent").first()
    if draft is None:
        return None
    return shapes.DraftOut(
        agent=draft.agent.name,
        written_at=draft.written_at,
        leaves_at=draft.leaves_at,
        text=draft.text,
        reason=draft.reason,
        seconded_by=_name_of(seen.now.case.seconded_by),
    )


def _appeals(seen: View) -> list[shapes.AppealOut]:
    return [
        shapes.AppealOut(
            at=each.at,
            by=each.by,
            ground=each.ground,
            answered_at=each.answered_at,
            taken=bool(each.taken_by),
            result=each.result,
            decided_at=each.decided_at,
            bears=each.bears,
        )
        for each in seen.now.case.appeals
    ]


def _money(seen: View) -> shapes.CaseMoneyOut:
    now = seen.now
    return shapes.CaseMoneyOut(
        currency=now.order.currency,
        to_pay=now.case.to_pay,
        instructed=now.case.asked_for,
        confirmed=now.case.paid,
        refundable=money.of(now.order).refundable,
        most=worth.most(now.order, worth.pieces_of(now.dispute)).minor,
    )
