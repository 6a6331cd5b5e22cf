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
from django.db.models import F, QuerySet

from comity.actions.disputes import claims, evidence, mediation, offers, opening
from comity.actions.disputes.cases import held
from comity.actions.doing import NotNow
from comity.actions.guard import Actor
from comity.actions.network.issue import STATUSES, Action, Issue
from comity.actions.network.saying import append, head_of, resolution, step
from comity.integrations.igm import naming
from comity.integrations.igm.network import Network
from comity.policy.disputes.case import OPEN
from comity.policy.facts import Fact, read_fact
from comity.records.models import Dispute, JournalLine
from comity.records.models.network import NetworkIssue

_ENDS = frozenset(
    {"dispute.settled", "dispute.decided", "dispute.closed", "dispute.withdrawn", "dispute.appeal_decided"}
)


_OPEN = tuple(status for status in STATUSES if status != "CLOSED")
#: How many rows are updated by one statement.
SLICE = 1_000


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
            append(row, [step(row, "PROCESSING", now)], [], now, answers=True)

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
        row.told = head_of(order)
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
    """Tell the network what was done in disputes that are issues there; return how many. Called by errands.

    Looks only at what is new in the journals of their sellers.
    """
    there = NetworkIssue.objects.filter(status__in=_OPEN)
    open_ = there.annotate(head=F("dispute__order__seller__standing__chain_seq"))
    grown = open_.filter(head__gt=F("told"))
    sellers = grown.order_by().values_list("dispute__order__seller", flat=True).distinct()
    return sum(_tell_of(seller, grown.filter(dispute__order__seller=seller), now) for seller in list(sellers))


def _tell_of(seller: int, grown: QuerySet[NetworkIssue], now: datetime) -> int:
    """Tell what is new in disputes of one seller; of the others note that nothing is, up to the line looked at."""
    rows: list[Any] = list(grown.select_related("dispute__order").defer("body", "context").order_by("pk"))
    if not rows:  # told meanwhile
        return 0
    lines = JournalLine.objects.filter(party=seller, seq__gt=min(row.told for row in rows), fact_id__isnull=False)
    matters = set(lines.order_by().values_list("matter", flat=True).distinct())
    still, head = [row.pk for row in rows if row.dispute.order.ref not in matters], min(row.head for row in rows)
    for start in range(0, len(still), SLICE):
        NetworkIssue.objects.filter(pk__in=still[start : start + SLICE], told__lt=head).update(told=head)
    return sum(_tell(row.pk, row.head, now) for row in rows if row.dispute.order.ref in matters)


@transaction.atomic
def _tell(pk: int, head: int, now: datetime) -> bool:
    # Held meanwhile: a message that comes now is followed afterwards, and nothing of it is overwritten.
    row = NetworkIssue.objects.select_for_update().get(pk=pk)
    if row.dispute is None or row.status == "CLOSED":
        return False
    dispute, order = row.dispute, row.dispute.order
    lines = JournalLine.objects.filter(
        party=order.seller_id, matter=order.ref, seq__gt=row.told, seq__lte=head, fact_id__isnull=False
    )
    facts = [read_fact(body) for body in lines.order_by("seq").values_list("body", flat=True)]
    new = [fact for fact in facts if fact.subject in dispute.names]
    row.told = max(row.told, head)
    steps = [told for number, fact in enumerate(new) for told in _steps(row, fact, number, now)]
    if steps:
        append(row, [each for each, _ in steps], [each for _, more in steps for each in more], now)
    else:
        row.save(update_fields=["told"])
    return bool(steps)


def _steps(row: NetworkIssue, fact: Fact, number: int, now: datetime) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """Yield the actions of ours that tell a fact, each with the resolutions that it brings."""
    data, by_us = fact.data, fact.data.get("by") != "buyer"
    match fact.kind:
        case "dispute.offered" if by_us and data.get("part") == data.get("parts"):
            id_ = f"R{data['number']}"
            proposed = resolution(id_, str(data.get("offer", "")), data.get("amount"), data.get("currency"), now)
            yield step(row, "RESOLUTION_PROPOSED", now, number, ref=id_), [proposed]
        case "dispute.answered" if data.get("answer") == "rejected":
            yield step(row, "RESOLUTION_PROPOSED", now, number, ref="R0"), [resolution("R0", "nothing", 0, "", now)]
        case "dispute.information_asked" if data.get("of") == "buyer":
            yield step(row, "INFO_REQUESTED", now, number) | {"id": f"Q{data['request']}"}, []
        case "dispute.taken" | "dispute.appeal_taken" | "dispute.progress_told":
            yield step(row, "PROCESSING", now, number), []
        case kind if kind in _ENDS and kind != "dispute.withdrawn":
            id_ = f"R{data['number']}" if data.get("number") else f"D{len(row.body.get('resolutions', []))}_{number}"
            more = [resolution(id_, str(data.get("offer", "")), data.get("amount"), data.get("currency"), now)]
            yield step(row, "RESOLVED", now, number, ref=id_), more


def _number(ref: str) -> int:
    """Return the number of the offer that a resolution is: R and the number, as it was proposed; 0 for any other."""
    return int(ref[1:]) if ref[:1] == "R" and ref[1:].isascii() and ref[1:].isdecimal() and len(ref) < 8 else 0
