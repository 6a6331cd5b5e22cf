"""What participants do to an issue, done to the dispute that it is here; and what is done here, told to the network.

| the network says | here |
| --- | --- |
| OPEN | a dispute is opened, for the buyer |
| INFO_PROVIDED | a statement of the buyer among the evidence; where information was asked for, it is given |
| INFO_NOT_AVAILABLE | what was asked for is not to be had |
| RESOLUTION_ACCEPTED, _REJECTED | the offer of that number is accepted, declined |
| ESCALATED to GRIEVANCE | the platform is asked to decide |
| ESCALATED to DISPUTE | noted: the way out of the house is not ours to stop |
| CLOSED | the dispute is withdrawn as solved, where it is open still |
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.actions.disputes import claims, evidence, mediation, offers, opening
from comity.actions.disputes.cases import Gone, facts_of, held
from comity.actions.doing import NotNow
from comity.actions.guard import Actor
from comity.integrations.igm import naming
from comity.integrations.igm.issue import Action, Issue
from comity.integrations.igm.keeping import append
from comity.integrations.igm.network import Network
from comity.lib import moments
from comity.lib.money import Money
from comity.policy.disputes.case import OPEN
from comity.policy.facts import Fact
from comity.records.models import Dispute
from comity.records.models.network import NetworkIssue

#: What a resolution of the network is to our kinds of offers, by what the kind does.
_CODES = {
    "replacement": "REPLACEMENT", "resend": "REPLACEMENT", "repair": "REPLACEMENT", "nothing": "NO_ACTION",
    "discount": "REFUND",
}  # fmt: skip
_ENDS = frozenset(
    {"dispute.settled", "dispute.decided", "dispute.closed", "dispute.withdrawn", "dispute.appeal_decided"}
)


class Carrier:
    """Carries out what is appended to issues that this installation answers."""

    def __init__(self, network: Network):
        self._network = network

    def __call__(self, row: NetworkIssue, told: Issue, new: tuple[Action, ...], now: datetime) -> None:
        """Carry out, or raise NotOurs, Refused, Forbidden. What is not possible any more changes nothing."""
        for action in new:
            if action.code == "OPEN":
                self._open(row, told, now)
            elif row.dispute is not None:
                # Both sides may act at once; the issue says what was meant, the dispute what was possible. Who accepts
                # what is not offered any more must hear of it.
                with suppress(*(() if action.code == "RESOLUTION_ACCEPTED" else (NotNow,))):
                    _act(row.dispute, told, action, now)
        if row.status != "CLOSED":
            append(row, [_step(row, "PROCESSING", now)], [], now, answers=True)

    def _open(self, row: NetworkIssue, told: Issue, now: datetime) -> None:
        if not told.refs.get("ORDER"):
            return  # about a catalogue, a rating …: no order, so no dispute; it waits at the desk
        order = naming.order(told, row.complainant, self._network)
        naming.require_parcels(order, told)
        pieces, reason = naming.pieces(order, told), self._network.reason(told.category)
        row.order = order
        if not reason:
            row.save(update_fields=["order"])
            return
        buyer = Actor(order.buyer, spoken_by="platform")
        there = order.disputes.filter(stage__in=[stage.value for stage in OPEN], network_issues=None)
        if pieces is not None:  # one about other pieces is another matter
            there = there.filter(about__line__in=pieces)
        claim = opening.Claim(reason=reason, pieces=pieces, text=told.text[:5_000])
        row.dispute = there.first() or opening.open_(buyer, order, claim, at=now)
        row.told = len(_facts(row.dispute))
        row.save(update_fields=["order", "dispute", "told"])


def _act(dispute: Dispute, told: Issue, action: Action, now: datetime) -> None:
    buyer = Actor(dispute.order.buyer, spoken_by="platform")
    match action.code:
        case "INFO_PROVIDED":
            text = action.text or "—"
            if request := _asked(dispute, action.ref):
                mediation.give(buyer, dispute, request=request, text=text, at=now)
            else:
                evidence.give(buyer, dispute, evidence.Given(text=text), at=now)
        case "INFO_NOT_AVAILABLE" if request := _asked(dispute, action.ref):
            mediation.give(buyer, dispute, request=request, text=action.text, available=False, at=now)
        case "RESOLUTION_ACCEPTED" if number := _number(action.ref):
            offers.accept(buyer, dispute, number=number, at=now)
        case "RESOLUTION_REJECTED" if number := _number(action.ref):
            offers.decline(buyer, dispute, number=number, at=now)
        case "ESCALATED" if told.level == "GRIEVANCE":
            mediation.escalate(buyer, dispute, text=action.text, at=now)
        case "CLOSED":
            claims.withdraw(buyer, dispute, reason="solved", at=now)


def _asked(dispute: Dispute, ref: str) -> str:
    """Return the request that waits for the buyer's answer: the one that is referred to, else the first; or none."""
    waiting = [each.id for each in held(dispute).case.waiting("buyer")]
    return ref[1:] if ref[:1] == "Q" and ref[1:] in waiting else next(iter(waiting), "")


def tell(now: datetime) -> int:
    """Tell the network what was done in disputes that are issues there; return how many. Called by errands."""
    there = NetworkIssue.objects.exclude(status="CLOSED").exclude(dispute=None)
    return sum(_tell(pk, now) for pk in there.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _tell(pk: int, now: datetime) -> bool:
    # Held meanwhile: a message that comes now is followed afterwards, and nothing of it is overwritten.
    row = NetworkIssue.objects.select_for_update().get(pk=pk)
    if row.dispute is None or row.status == "CLOSED":
        return False
    try:
        facts = _facts(row.dispute)
    except Gone:
        return False
    new, row.told = facts[row.told :], len(facts)
    steps = [step for number, fact in enumerate(new) for step in _steps(row, fact, number, now)]
    if steps:
        append(row, [step for step, _ in steps], [each for _, more in steps for each in more], now)
    elif new:
        row.save(update_fields=["told"])
    return bool(steps)


def _facts(dispute: Dispute) -> list[Fact]:
    """Return the facts of a dispute in the order in which they were told."""
    own = [fact for fact in facts_of(dispute.order) if fact.subject in dispute.names]
    return sorted(own, key=lambda fact: (fact.noted_at, fact.id))


def _steps(row: NetworkIssue, fact: Fact, number: int, now: datetime) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """Yield the actions of ours that tell a fact, each with the resolutions that it brings."""
    data, by_us = fact.data, fact.data.get("by") != "buyer"
    match fact.kind:
        case "dispute.offered" if by_us and data.get("part") == data.get("parts"):
            id_ = f"R{data['number']}"
            proposed = _resolution(id_, str(data.get("offer", "")), data.get("amount"), data.get("currency"), now)
            yield _step(row, "RESOLUTION_PROPOSED", now, number, ref=id_), [proposed]
        case "dispute.answered" if data.get("answer") == "rejected":
            yield _step(row, "RESOLUTION_PROPOSED", now, number, ref="R0"), [_resolution("R0", "nothing", 0, "", now)]
        case "dispute.information_asked" if data.get("of") == "buyer":
            yield _step(row, "INFO_REQUESTED", now, number) | {"id": f"Q{data['request']}"}, []
        case "dispute.taken" | "dispute.appeal_taken" | "dispute.progress_told":
            yield _step(row, "PROCESSING", now, number), []
        case kind if kind in _ENDS and kind != "dispute.withdrawn":
            id_ = f"R{data['number']}" if data.get("number") else f"D{len(row.body.get('resolutions', []))}_{number}"
            more = [_resolution(id_, str(data.get("offer", "")), data.get("amount"), data.get("currency"), now)]
            yield _step(row, "RESOLVED", now, number, ref=id_), more


def _step(row: NetworkIssue, code: str, now: datetime, number: int = 0, *, ref: str = "") -> dict[str, Any]:
    """Return an action of ours, with an id that none has yet."""
    named = {
        "id": f"C{len(row.body.get('actions', [])) + 1}_{number}", "descriptor": {"code": code},
        "updated_at": moments.to_text(now), "action_by": row.respondent,
    }  # fmt: skip
    return named | ({"ref_id": ref, "ref_type": "RESOLUTIONS"} if ref else {})


def _resolution(id_: str, offer: str, amount: object, currency: object, now: datetime) -> dict[str, Any]:
    """Return a resolution; one that pays is a refund, with its amount."""
    paid = amount if isinstance(amount, int) and amount and isinstance(currency, str) and currency else 0
    code = "REFUND" if paid else _CODES.get(offer, "NO_ACTION")
    found: dict[str, Any] = {
        "id": id_, "descriptor": {"code": code}, "updated_at": moments.to_text(now), "proposed_by": "respondent",
    }  # fmt: skip
    if paid:
        written = str(Money(paid, str(currency)).major)
        tags = [{"descriptor": {"code": "REFUND_AMOUNT"}, "value": written}]
        found["tags"] = [{"descriptor": {"code": "RESOLUTION_DETAILS"}, "list": tags}]
    return found


def _number(ref: str) -> int:
    """Return the number of the offer that a resolution is: R and the number, as it was proposed; 0 for any other."""
    return int(ref[1:]) if ref[:1] == "R" and ref[1:].isascii() and ref[1:].isdecimal() and len(ref) < 8 else 0
