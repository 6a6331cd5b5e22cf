"""A dispute elsewhere: the buyer asks at a payment system or at the bank, and no money has moved for it.

Here it is what the buyer asked: an inquiry, which is no claim and counts in no rate. Where the matter is in dispute
here already, that dispute is the one.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from comity.actions.disputes import claims, opening
from comity.actions.disputes.cases import held, tell
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.money import holding
from comity.actions.parties import platform
from comity.policy.disputes.case import OPEN, Stage
from comity.policy.facts import Scalar
from comity.records.models import Dispute, Order


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked elsewhere.

    where      who keeps it there, such as paypal
    reference  what it is called there
    reasons    names of the rulebook's that mean its reason, the best one first
    text       the buyer's own words, where they were told
    """

    where: str
    reference: str
    reasons: tuple[str, ...]
    text: str = ""

    def uuid(self, order: Order) -> UUID:
        """Return the id of the inquiry that it is here."""
        return uuid5(NAMESPACE_URL, f"comity:{order.uuid}/{self.where}/{self.reference}")


def ask(order: Order, asked: Asked, *, at: datetime, noted_at: datetime) -> bool:
    """Note that the buyer asked elsewhere; return whether that is new.

    Raises Refused where the rules list no such reason, or nothing of the order is left to be asked about; Forbidden.
    """
    with holding(order):
        disputes = Dispute.objects.filter(order=order)
        if disputes.filter(external_id=asked.reference).exists() or disputes.filter(uuid=asked.uuid(order)).exists():
            return False
        alive = disputes.filter(stage__in=[*OPEN, Stage.INQUIRY], external_id=None).order_by("pk")
        if (there := alive.filter(reason__in=asked.reasons).first()) is None:
            there = _inquire(order, asked, at=at, noted_at=noted_at) or alive.first()
        if there is None:
            return False
        Dispute.objects.filter(pk=there.pk).update(external_id=asked.reference)
        return True


def _inquire(order: Order, asked: Asked, *, at: datetime, noted_at: datetime) -> Dispute | None:
    """Ask for the buyer; None where all pieces of the order are in dispute already."""
    _, rules = opening.rules_for(order, at)
    reason = next((name for name in asked.reasons if name in rules.reasons), "")
    if not reason:
        listed = ", ".join(rules.reasons)
        raise Refused([f"the rules list none of the reasons {', '.join(asked.reasons)}; they list {listed}"])
    buyer = Actor(order.buyer, spoken_by="platform")
    try:
        return opening.inquire_as(
            buyer, order, asked.uuid(order), reason=reason, text=asked.text, at=at, noted_at=noted_at
        )
    except NotNow as wrong:
        if wrong.code != "no_pieces_left":
            raise
        return None


def end(order: Order, asked: Asked, *, by_buyer: bool, at: datetime, noted_at: datetime) -> bool:
    """End the inquiry that something asked elsewhere is here; return whether there was one that had not ended.

    by_buyer  the buyer took it back there. What has become a claim here goes on by itself.
    """
    with holding(order):
        there = Dispute.objects.filter(order=order, uuid=asked.uuid(order), stage=Stage.INQUIRY)
        if (dispute := there.select_related("order__seller", "order__buyer").first()) is None:
            return False
        if by_buyer:
            buyer = Actor(order.buyer, spoken_by="platform")
            claims.withdraw(buyer, dispute, at=at, noted_at=noted_at)
        else:
            data: dict[str, Scalar] = {"because": "ended_elsewhere", "again": True}
            tell(held(dispute), Actor(platform(noted_at)), "dispute.closed", data, at=at, noted_at=noted_at)
        return True
