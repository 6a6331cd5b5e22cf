"""What each fact does to a dispute. Folding them over the facts of its order is the definition of where it stands."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from comity.policy import money
from comity.policy.disputes.case import (
    Agreement,
    Appeal,
    CarrierClaim,
    Case,
    Decision,
    Offer,
    Part,
    Request,
    Stage,
    WayBack,
    kind_of,
)
from comity.policy.facts import Fact, moment_of

_replace = msgspec.structs.replace
#: What becomes of refunds, and what else the order's money is counted by.
_OF_REFUNDS: Final = frozenset({"refund.instructed", "refund.failed", "order.refunded"})
_OF_MONEY: Final = money.MONEY_KINDS | {"order.placed", "order.paid"}


def refs(facts: Iterable[Fact]) -> list[str]:
    """Return the disputes that facts are about, in the order in which they were opened."""
    return list(dict.fromkeys(fact.subject for fact in facts if fact.kind in ("dispute.opened", "dispute.inquired")))


def fold(facts: Iterable[Fact], ref: str) -> Case | None:
    """Return how the dispute `ref` stands by the facts of its order, in the order of time; None before it is opened."""
    stands: Case | None = None
    for _fact, case in steps(facts, ref):
        stands = case
    return stands


def steps(facts: Iterable[Fact], ref: str) -> Iterator[tuple[Fact, Case]]:
    """Yield each fact that may move the dispute `ref`, in the order of time, with how it stands then."""
    case: Case | None = None
    parcels: set[str] = set()
    money_told: list[Fact] = []
    for fact in facts:
        if fact.kind in _OF_MONEY:
            money_told.append(fact)
        if case is not None and fact.kind in _OF_REFUNDS:
            case = _refunded(case, fact, money_told)
            yield fact, case
            continue
        if fact.subject != ref and fact.data.get("dispute") != ref and not _is_replacement(fact, parcels):
            continue
        if fact.kind == "shipment.dispatched":
            parcels.add(fact.subject)
        if case is None:
            case = _begun(fact) if fact.kind in ("dispute.opened", "dispute.inquired") else None
        elif (step := _STEPS.get(fact.kind)) is not None:
            case = _replace(step(case, fact), last=fact.id)
        if case is not None:
            yield fact, case


def _is_replacement(fact: Fact, parcels: set[str]) -> bool:
    return fact.kind == "shipment.delivered" and fact.subject in parcels


def _begun(fact: Fact) -> Case:
    stage = Stage.INQUIRY if fact.kind == "dispute.inquired" else Stage.NEGOTIATION
    begun = Case(
        ref=fact.subject, matter=fact.matter, opened_at=fact.at, stage=stage, since=fact.at, last=fact.id,
        claimed_at=fact.at if stage is Stage.NEGOTIATION else None,
    )  # fmt: skip
    return _replace(begun, **_claim(begun, fact))


def _claim(case: Case, fact: Fact) -> dict[str, Any]:
    """Return what a claim says, where it says it."""
    names = ("reason", "wants", "amount", "currency", "pieces", "worth")
    return {name: fact.data[name] for name in names if fact.data.get(name) is not None}


def _moment(fact: Fact, name: str) -> datetime | None:
    value = fact.data.get(name)
    return moment_of(value) if isinstance(value, str) else None


def _said(fact: Fact, name: str) -> str:
    value = fact.data.get(name)
    return value if isinstance(value, str) else ""


def _sum(fact: Fact, name: str = "amount") -> int:
    value = fact.data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _at(case: Case, stage: Stage, fact: Fact) -> Case:
    return _replace(case, stage=stage, since=fact.at) if case.stage is not stage else case


# The claim


def _opened(case: Case, fact: Fact) -> Case:
    """An inquiry became a claim, or one that was over lives again. What was said before is over."""
    if case.is_open:
        return case
    if case.is_paid_off:
        case = _replace(case, paid_for=(*case.paid_for, case.reason))
    fallen = _fallen(case)
    case = _replace(_undrafted(case.apart), decisions=fallen)
    times = case.times_opened + (case.stage is not Stage.INQUIRY)
    return _replace(
        _at(_overtaken(case), Stage.NEGOTIATION, fact), **_claim(case, fact), claimed_at=fact.at, times_opened=times,
        version=case.version + (case.stage is not Stage.INQUIRY), spoke="buyer", answer="", answered_at=None,
        closed_because="", escalated_at=None, agreement=None,
    )  # fmt: skip


def _modified(case: Case, fact: Fact) -> Case:
    return _replace(
        _undrafted(_overtaken(case, by="buyer")), **_claim(case, fact), version=case.version + 1, claimed_at=fact.at,
        spoke="buyer", answer="",
    )  # fmt: skip


def _overtaken(case: Case, *, by: str = "") -> Case:
    """Return the case with its open offers, or those of one side, overtaken."""
    offers = tuple(
        _replace(each, status="overtaken") if each.status == "open" and by in ("", each.by) else each
        for each in case.offers
    )
    return _replace(case, offers=offers)


def _fallen(case: Case) -> tuple[Decision, ...]:
    """Return the decisions of a case, of which none stands any more."""
    return tuple(_replace(each, stands=False) for each in case.decisions)


def _undrafted(case: Case) -> Case:
    """Return the case without the decision that was written and has not left: what it decides is no more.

    The record that was closed for it is open again, and who stood by it stands by nothing.
    """
    if case.leaves_at is None:
        return case
    return _replace(
        case, drafted_at=None, drafted_by="", leaves_at=None, seconded_by="", record_closed_at=None, record=""
    )  # fmt: skip


def _withdrawn(case: Case, fact: Fact) -> Case:
    return _at(_undrafted(_overtaken(case)), Stage.WITHDRAWN, fact)


# What the sides say


def _answered(case: Case, fact: Fact) -> Case:
    answer = _said(fact, "answer")
    said = {**case.claims, **({"seller": _said(fact, "says")} if fact.data.get("says") else {})}
    return _replace(case, answer=answer, answered_at=fact.at, spoke="seller", claims=said)


def _says(case: Case, fact: Fact) -> Case:
    return _replace(case, claims={**case.claims, _said(fact, "by"): _said(fact, "says")})


def _offered(case: Case, fact: Fact) -> Case:
    by = _said(fact, "by")
    number = _sum(fact, "number") or len(case.offers) + 1
    if _sum(fact, "parts") and (begun := case.offer(number)) is not None and begun.by == by:
        return _with_part(case, begun, _part(fact))
    offer = Offer(
        number=number, by=by, kind=_said(fact, "offer"), at=fact.at, amount=_sum(fact),
        currency=_said(fact, "currency") or case.currency, return_postage=_said(fact, "return_postage"),
        until=_moment(fact, "until"), act_by=_moment(fact, "act_by"), of_parts=_sum(fact, "parts"),
        parts=(_part(fact),) if _sum(fact, "parts") else (),
    )  # fmt: skip
    # A side has one offer on the table: a new one takes the place of its last, and voids every yes to that.
    case = _overtaken(case, by=by)
    spoke = by if by in ("buyer", "seller") else case.spoke
    return _replace(case, offers=(*case.offers, offer), spoke=spoke)


def _part(fact: Fact) -> Part:
    return Part(
        line=_said(fact, "line"), quantity=_sum(fact, "quantity"), kind=_said(fact, "offer"), amount=_sum(fact),
        return_postage=_said(fact, "return_postage"), act_by=_moment(fact, "act_by"),
    )  # fmt: skip


def _with_part(case: Case, begun: Offer, part: Part) -> Case:
    """Return the case with one more part of an offer; more than it was to have is none of it."""
    if len(begun.parts) >= begun.of_parts:
        return case
    parts = (*begun.parts, part)
    whole = _replace(
        begun, parts=parts, kind=kind_of(parts), amount=sum(each.amount for each in parts),
        return_postage=begun.return_postage or part.return_postage,
        act_by=max((each.act_by for each in parts if each.act_by is not None), default=None),
    )  # fmt: skip
    return _replace(case, offers=tuple(whole if each.number == begun.number else each for each in case.offers))


def _offer_ended(status: str) -> Callable[[Case, Fact], Case]:
    def step(case: Case, fact: Fact) -> Case:
        number = _sum(fact, "number")
        offers = tuple(
            _replace(each, status=status) if each.number == number and each.status == "open" else each
            for each in case.offers
        )
        spoke = _said(fact, "by") if status == "declined" and _said(fact, "by") in ("buyer", "seller") else case.spoke
        return _replace(case, offers=offers, spoke=spoke)

    return step


def _agreed(case: Case, fact: Fact) -> Case:
    number, by = _sum(fact, "number"), _said(fact, "by")
    offers = tuple(
        _replace(each, agreed=(*each.agreed, by)) if each.number == number and by not in each.agreed else each
        for each in case.offers
    )
    return _replace(case, offers=offers)


def _bid(case: Case, fact: Fact) -> Case:
    return _replace(case, bids={**case.bids, _said(fact, "by"): _sum(fact, "round")})


def _bids_apart(case: Case, fact: Fact) -> Case:
    return _replace(case, bids={}, bid_round=_sum(fact, "round") + 1)


# What is agreed


def _settled(case: Case, fact: Fact) -> Case:
    number = _sum(fact, "number")
    accepted = case.offer(number)
    offers = tuple(
        _replace(each, status="accepted" if each.number == number else "overtaken") if each.status == "open" else each
        for each in case.offers
    )
    agreement = Agreement(
        at=fact.at, by=_said(fact, "by"), kind=_said(fact, "offer") or (accepted.kind if accepted else ""),
        number=number, amount=_sum(fact), at_once=_sum(fact, "at_once"), parts=accepted.parts if accepted else (),
        goes_back=bool(fact.data.get("goes_back")), return_postage=_said(fact, "return_postage"),
        act=_said(fact, "act"), act_by=_moment(fact, "act_by"),
    )  # fmt: skip
    # What the two agree on takes the place of a decision after which they were heard once more.
    fallen = _fallen(case)
    case = _replace(_undrafted(case), decisions=fallen)
    case = _replace(case, offers=offers, agreement=agreement, back=WayBack(), acted_at=None, fulfilled_at=None)
    return _on_the_way(case, fact, goes_back=agreement.goes_back, act=agreement.act)


def _on_the_way(case: Case, fact: Fact, *, goes_back: bool, act: str = "") -> Case:
    """Return the case at what is to be done first: goods sent back, a promise kept, money paid; or over."""
    if goes_back and case.back.state != "received":
        return _at(case, Stage.RETURNING, fact)
    if act and case.fulfilled_at is None:
        return _at(case, Stage.SETTLED, fact)
    return _at(case, Stage.CARRYING_OUT if case.paid < case.to_pay else Stage.CLOSED, fact)


def _acted(case: Case, fact: Fact) -> Case:
    return _replace(case, acted_at=case.acted_at or fact.at)


def _fulfilled(case: Case, fact: Fact) -> Case:
    # While goods are on their way back as well, the money for these waits on.
    case = _replace(case, fulfilled_at=fact.at, acted_at=case.acted_at or fact.at)
    return _on_the_way(case, fact, goes_back=False) if case.stage is Stage.SETTLED else case


def _revived(case: Case, fact: Fact) -> Case:
    return _at(_replace(case.apart, agreement=None, spoke="seller"), Stage.NEGOTIATION, fact)


# Goods on their way back


def _way_back(case: Case, **values: Any) -> Case:
    return _replace(case, back=_replace(case.back, **values))


def _labelled(case: Case, fact: Fact) -> Case:
    if case.back.labelled_at is not None:
        return case
    return _way_back(
        case,
        labelled_at=fact.at,
        label_until=_moment(fact, "until"),
        label_cost=_sum(fact),
        label_by=_said(fact, "by"),
    )


def _sent_back(case: Case, fact: Fact) -> Case:
    return _way_back(case, sent_at=case.back.sent_at or fact.at)


def _came_back(case: Case, fact: Fact) -> Case:
    # Scanned twice at the seller's, at the gate and at the check, it came once.
    return _way_back(case, arrived_at=case.back.arrived_at or fact.at, sent_at=case.back.sent_at or fact.at)


def _accepted_back(case: Case, fact: Fact) -> Case:
    case = _way_back(case, state="received", stated_at=fact.at)
    if case.stage is not Stage.RETURNING:
        return case
    act = case.agreement.act if case.agreement is not None and case.owes_act else ""
    return _on_the_way(case, fact, goes_back=True, act=act)


def _contested_back(case: Case, fact: Fact) -> Case:
    return _way_back(case, state=_said(fact, "state"), stated_at=fact.at, answered_at=None)


def _contest_answered(case: Case, fact: Fact) -> Case:
    return _way_back(case, answered_at=fact.at)


# The platform


def _escalated(case: Case, fact: Fact) -> Case:
    if case.stage not in (Stage.NEGOTIATION, Stage.RETURNING, Stage.SETTLED):
        return case
    case = _replace(case.apart, escalated_at=fact.at, escalated_by=_said(fact, "by") or "platform", needed={})
    return _at(case, Stage.MEDIATION, fact)


def _taken(case: Case, fact: Fact) -> Case:
    return _replace(case, holder=_said(fact, "agent"), taken_at=fact.at)


def _given_back(case: Case, fact: Fact) -> Case:
    return _replace(case, holder="", taken_at=None)


def _handed_over(case: Case, fact: Fact) -> Case:
    lost = case.lost
    if _said(fact, "because") == "silence" and case.holder and case.holder not in lost:
        lost = (*lost, case.holder)
    to = _said(fact, "to")
    return _replace(case, holder=to, taken_at=fact.at if to else None, lost=lost)


def _seconded(case: Case, fact: Fact) -> Case:
    return _replace(case, seconded_by=_said(fact, "agent"))


def _heard(case: Case, fact: Fact) -> Case:
    agent = _said(fact, "agent")
    return case if agent in case.heard else _replace(case, heard=(*case.heard, agent))


def _needed_asked(case: Case, fact: Fact) -> Case:
    return _replace(case, needed_asked_at=fact.at)


def _needed_answered(case: Case, fact: Fact) -> Case:
    return _replace(case, needed={**case.needed, _said(fact, "by"): bool(fact.data.get("needed"))})


def _disclosed(case: Case, fact: Fact) -> Case:
    by = _said(fact, "by")
    return case if by in case.disclosed else _replace(case, disclosed=(*case.disclosed, by))


def _asked(case: Case, fact: Fact) -> Case:
    request = Request(
        id=_said(fact, "request") or fact.id, of=_said(fact, "of"), at=fact.at, until=_moment(fact, "until")
    )
    return _replace(case, requests=(*case.requests, request))


def _request_ended(answer: str) -> Callable[[Case, Fact], Case]:
    def step(case: Case, fact: Fact) -> Case:
        # Where the fact names no request, it answers all that were asked of that side.
        named, by = _said(fact, "request"), _said(fact, "by")
        requests = tuple(
            _replace(each, answer=answer) if not each.answer and (each.id == named or (not named and each.of == by))
            else each
            for each in case.requests
        )  # fmt: skip
        return _replace(case, requests=requests)

    return step


def _promised(case: Case, fact: Fact) -> Case:
    item = f"{_said(fact, 'by')} {_said(fact, 'item')}"
    return _replace(case, promised={**case.promised, item: _moment(fact, "until")})


def _progress(case: Case, fact: Fact) -> Case:
    return _replace(case, progress_at=fact.at)


def _joined(case: Case, fact: Fact) -> Case:
    other = _said(fact, "other")
    return case if other in case.joined else _replace(case, joined=(*case.joined, other))


def _record_closed(case: Case, fact: Fact) -> Case:
    return _replace(case, record_closed_at=fact.at, record=_said(fact, "digest"))


def _drafted(case: Case, fact: Fact) -> Case:
    by, leaves_at = _said(fact, "agent"), _moment(fact, "leaves_at")
    return _replace(case, drafted_at=fact.at, drafted_by=by, leaves_at=leaves_at, seconded_by="")


def _stopped(case: Case, fact: Fact) -> Case:
    # Who stood by what was stopped has not read what comes instead.
    return _replace(case, drafted_at=None, drafted_by="", leaves_at=None, seconded_by="")


# Decided


def _decided(case: Case, fact: Fact) -> Case:
    decision = Decision(
        at=fact.at, fact=fact.id, outcome=_said(fact, "outcome"), fault=_said(fact, "fault"), amount=_sum(fact),
        row=_said(fact, "row"), because=_said(fact, "because") or "mediator", silent=_said(fact, "silent"),
        agent=_said(fact, "agent"), cost=_said(fact, "cost") or "seller", goes_back=bool(fact.data.get("goes_back")),
        deviates=bool(fact.data.get("deviates")), record=_said(fact, "record"),
    )  # fmt: skip
    earlier = _fallen(case)
    case = _replace(_overtaken(case.apart), decisions=(*earlier, decision), drafted_at=None, leaves_at=None)
    if decision.goes_back:
        case = _replace(case, back=WayBack())
    return _on_the_way(case, fact, goes_back=decision.goes_back)


def _corrected(case: Case, fact: Fact) -> Case:
    if case.decision is None or fact.data.get("amount") is None:
        return case
    *before, last = case.decisions
    case = _replace(case, decisions=(*before, _replace(last, amount=_sum(fact))))
    return _on_the_way(case, fact, goes_back=last.goes_back)


def _appealed(case: Case, fact: Fact) -> Case:
    against = case.decision.fact if case.decision else ""
    appeal = Appeal(at=fact.at, by=_said(fact, "by"), ground=_said(fact, "ground"), against=against)
    return _replace(case, appeals=(*case.appeals, appeal))


def _of_appeal(case: Case, **values: Any) -> Case:
    appeals = tuple(_replace(each, **values) if not each.result else each for each in case.appeals)
    return _replace(case, appeals=appeals)


def _appeal_answered(case: Case, fact: Fact) -> Case:
    return _of_appeal(case, answered_at=fact.at)


def _appeal_taken(case: Case, fact: Fact) -> Case:
    return _of_appeal(case, taken_by=_said(fact, "agent"))


def _appeal_decided(case: Case, fact: Fact) -> Case:
    """An appeal was decided: the decision stands, another takes its place, or the case is heard anew."""
    result, before = _said(fact, "result"), case.decision
    case = _of_appeal(
        case, result=result, decided_at=fact.at, agent=_said(fact, "agent"), bears=_said(fact, "bears")
    )  # fmt: skip
    if result == "upheld" or before is None:
        return case
    fallen = _fallen(case)
    # The silence that was to be set aside decides no more.
    case = _replace(case, set_aside_by="", set_aside_asked_at=None)
    if result == "sent_back":
        return _anew(_replace(case, decisions=fallen, holder="", taken_at=None, seconded_by=""), fact)
    changed = _replace(
        before, at=fact.at, fact=fact.id, outcome=_said(fact, "outcome") or before.outcome,
        fault=_said(fact, "fault"), amount=_sum(fact), because="appeal", agent=_said(fact, "agent"), row="",
        deviates=False, cost=_said(fact, "bears") or _cost(case), stands=True,
    )  # fmt: skip
    return _on_the_way(_replace(case, decisions=(*fallen, changed)), fact, goes_back=False)


def _cost(case: Case) -> str:
    """Return who pays by what was decided before any appeal: who bears a reversal bears that one alone."""
    return next((each.cost for each in reversed(case.decisions) if each.because != "appeal"), "seller")


def _set_aside_asked(case: Case, fact: Fact) -> Case:
    by = _said(fact, "by")
    return _replace(case, set_aside_by=by, set_aside_asked_at=fact.at, set_aside_tried=(*case.set_aside_tried, by))


def _set_aside(case: Case, fact: Fact) -> Case:
    case = _replace(case, set_aside_by="", set_aside_asked_at=None)
    if not fact.data.get("granted"):
        return case
    fallen = _fallen(case)
    # An appeal that waits was against what has fallen: it is as if it had not been made.
    heard = tuple(each for each in case.appeals if each.result)
    return _anew(_replace(case, decisions=fallen, appeals=heard, agreement=None), fact)


def _anew(case: Case, fact: Fact) -> Case:
    """Return a case that is argued again; that the platform is asked, and its time begins, the next fact says."""
    case = _replace(case, record_closed_at=None, record="", spoke="seller", back=WayBack())
    return _at(case, Stage.NEGOTIATION, fact)


def _closed(case: Case, fact: Fact) -> Case:
    again = fact.data.get("again")
    case = _undrafted(_overtaken(case))
    case = _replace(case, closed_because=_said(fact, "because"), may_open_again=bool(again))
    return _at(case, Stage.CLOSED, fact)


# The carrier


def _carrier_claimed(case: Case, fact: Fact) -> Case:
    claim = CarrierClaim(id=_said(fact, "claim"), at=fact.at, carrier=_said(fact, "carrier"))
    return _replace(case, carrier=(*case.carrier, claim))


def _of_claim(case: Case, fact: Fact, change: Callable[[CarrierClaim], CarrierClaim]) -> Case:
    named = _said(fact, "claim")
    return _replace(case, carrier=tuple(change(each) if each.id == named else each for each in case.carrier))


def _carrier_asked(case: Case, fact: Fact) -> Case:
    request = _said(fact, "request") or fact.id
    return _of_claim(case, fact, lambda claim: _replace(claim, asks=(*claim.asks, request)))


def _carrier_told(case: Case, fact: Fact) -> Case:
    named = _said(fact, "request")

    def told(claim: CarrierClaim) -> CarrierClaim:
        return _replace(claim, asks=tuple(each for each in claim.asks if named and each != named))

    return _of_claim(case, fact, told)


def _carrier_answered(case: Case, fact: Fact) -> Case:
    accepted, amount = bool(fact.data.get("accepted")), _sum(fact)
    return _of_claim(
        case, fact, lambda claim: _replace(claim, answered_at=fact.at, accepted=accepted, amount=amount, asks=())
    )


# Money


def _refunded(case: Case, fact: Fact, told: Sequence[Fact]) -> Case:
    """Return the case with its refunds as the order's money has them; `told`: the facts of that so far, and `fact`.

    The payment system knows no disputes: what it tells is held against what was instructed for this one.
    """
    mine = [refund for refund in money.ledger(told).refunds if refund.dispute == case.ref]
    refunds = {each.ref: (each.confirmed + each.instructed, each.confirmed) for each in mine}
    if refunds == case.refunds:
        return case
    case = _replace(case, refunds=refunds, last=fact.id)
    if case.stage is Stage.CARRYING_OUT and case.paid >= case.to_pay:
        return _at(case, Stage.CLOSED, fact)
    # What was confirmed and failed after all is to be paid again.
    if case.stage is Stage.CLOSED and not case.closed_because and case.paid < case.to_pay:
        return _at(case, Stage.CARRYING_OUT, fact)
    return case


def _arrived(case: Case, fact: Fact) -> Case:
    """The parcel that was promised arrived: another one, the missing one, or what was repaired."""
    return _fulfilled(case, fact) if case.agreement and case.agreement.act else case


_STEPS: Final[Mapping[str, Callable[[Case, Fact], Case]]] = {
    "dispute.opened": _opened,
    "dispute.modified": _modified,
    "dispute.withdrawn": _withdrawn,
    "dispute.answered": _answered,
    "dispute.said": _says,
    "dispute.offered": _offered,
    "dispute.offer_withdrawn": _offer_ended("withdrawn"),
    "dispute.offer_declined": _offer_ended("declined"),
    "dispute.agreed": _agreed,
    "dispute.bid": _bid,
    "dispute.bids_apart": _bids_apart,
    "dispute.settled": _settled,
    "dispute.acted": _acted,
    "dispute.fulfilled": _fulfilled,
    "dispute.revived": _revived,
    "return.labelled": _labelled,
    "return.sent": _sent_back,
    "return.delivered": _came_back,
    "return.confirmed": _accepted_back,
    "return.contested": _contested_back,
    "return.contest_answered": _contest_answered,
    "dispute.escalated": _escalated,
    "dispute.taken": _taken,
    "dispute.given_back": _given_back,
    "dispute.handed_over": _handed_over,
    "dispute.seconded": _seconded,
    "dispute.heard_in_private": _heard,
    "dispute.needed_asked": _needed_asked,
    "dispute.needed_answered": _needed_answered,
    "dispute.information_asked": _asked,
    "dispute.information_given": _request_ended("given"),
    "dispute.information_unavailable": _request_ended("unavailable"),
    "dispute.evidence_promised": _promised,
    "dispute.progress_told": _progress,
    "dispute.disclosed": _disclosed,
    "dispute.joined": _joined,
    "dispute.record_closed": _record_closed,
    "dispute.drafted": _drafted,
    "dispute.draft_stopped": _stopped,
    "dispute.decided": _decided,
    "dispute.corrected": _corrected,
    "dispute.appealed": _appealed,
    "dispute.appeal_answered": _appeal_answered,
    "dispute.appeal_taken": _appeal_taken,
    "dispute.appeal_decided": _appeal_decided,
    "dispute.set_aside_asked": _set_aside_asked,
    "dispute.set_aside": _set_aside,
    "dispute.closed": _closed,
    "carrier.claimed": _carrier_claimed,
    "carrier.asked": _carrier_asked,
    "carrier.told": _carrier_told,
    "carrier.answered": _carrier_answered,
    "shipment.delivered": _arrived,
}
