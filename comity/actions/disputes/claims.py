"""The claim once it is made: changed or taken back by the buyer, accepted or rejected by the seller."""

from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.disputes import worth
from comity.actions.disputes.agreeing import UNPAID, Terms, agree, drop_in_parts
from comity.actions.disputes.cases import Held, Verb, Words, tell, written
from comity.actions.disputes.opening import (
    Claim,
    pieces_for,
    replace_pieces,
    require_not_over,
    require_reason,
    require_window,
    said,
)
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot, require_one_of
from comity.actions.guard import Actor
from comity.policy.disputes.case import Stage
from comity.records.models import Dispute

MODIFY = Verb("modify", "dispute.claim")
WITHDRAW = Verb("withdraw", "dispute.claim")
ARRIVED = Verb("arrived", "dispute.claim")
ACCEPT = Verb("accept-claim", "dispute.answer")
REJECT = Verb("reject", "dispute.answer")
REASONS = ("mistake", "solved", "other")
#: What a seller may say happened, in codes: it is held against the facts.
SAYS = ("says_delivered", "says_sent", "says_answered", "says_as_described", "says_replaced", "says_refunded")


def modify(
    actor: Actor, dispute: Dispute, claim: Claim, *, at: datetime, noted_at: datetime | None = None, shown: str = ""
) -> None:
    """Change what a dispute is about or asks for: piece, reason, amount. The other side is told, and answers anew.

    A yes to the claim as it was counts no more. Raises Refused, NotNow, Forbidden.
    """
    with MODIFY.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        require_reason(now.rules, claim.reason)
        if claim.reason != now.case.reason:
            require_window(now.rules, claim.reason, now.order, at)
        pieces = pieces_for(now.order, claim, of=dispute)
        require_not_over(now.order, claim.reason, pieces, now.case)
        data = said(now.order, now.rules, claim, pieces, now.case)
        text = Words("claim", written(claim.text))
        now = tell(now, actor, "dispute.modified", data, at=at, noted_at=noted_at, words=text)
        if pieces != worth.pieces_of(dispute):
            replace_pieces(dispute, pieces)
            drop_in_parts(now, at=at, noted_at=noted_at)


def withdraw(
    actor: Actor, dispute: Dispute, *, reason: str = "other", text: str = "", at: datetime,
    noted_at: datetime | None = None, shown: str = "",
) -> None:  # fmt: skip
    """Take a dispute back. It may be opened again while the window is open. Who is promised something accepts it."""
    require_one_of("reason", reason, REASONS)
    with WITHDRAW.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        words = Words("withdrawal", written(text))
        tell(now, actor, "dispute.withdrawn", {"reason": reason}, at=at, noted_at=noted_at, words=words)


def arrived(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Say that the goods arrived after all: the ordinary way of ending stays open during a dispute."""
    with ARRIVED.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        tell(now, actor, "dispute.closed", {"because": "arrived", "again": True}, at=at, noted_at=noted_at)


def accept(actor: Actor, dispute: Dispute, *, version: int, at: datetime, noted_at: datetime | None = None) -> None:
    """Accept what the buyer asks for, as it stood when it was shown (`version`). Raises NotNow where it changed."""
    with ACCEPT.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        if version != now.case.version:
            raise NotNow(WhyNot("claim_changed", sentence("claim_changed")))
        accept_shown(now, actor, at=at, noted_at=noted_at)


def accept_shown(now: Held, actor: Actor, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Accept the claim of a case that is held, as it stands."""
    case = now.case
    wants = case.wants or "refund"
    terms = Terms(
        kind=wants, amount=0 if wants in UNPAID else case.amount,
        return_postage=now.rules.pays_way_back(case.reason) if wants == "return and refund" else "",
    )  # fmt: skip
    if case.stage is Stage.NEGOTIATION:
        now = tell(now, actor, "dispute.answered", {"answer": "accepted"}, at=at, noted_at=noted_at)
    agree(now, actor, terms, at=at, noted_at=noted_at)


def reject(
    actor: Actor, dispute: Dispute, *, text: str, says: tuple[str, ...] = (), version: int, at: datetime,
    noted_at: datetime | None = None,
) -> None:  # fmt: skip
    """Reject a claim, with why. `says`: codes of what happened, which are held against the facts. Raises Refused."""
    for each in says:
        require_one_of("says", each, SAYS)
    with REJECT.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        if version != now.case.version:
            raise NotNow(WhyNot("claim_changed", sentence("claim_changed")))
        words = Words("answer", written(text, needed=_("Write why you reject the claim: the buyer reads it.")))
        data = {"answer": "rejected", "says": " ".join(says)}
        tell(now, actor, "dispute.answered", data, at=at, noted_at=noted_at, words=words)


def refund_in_full(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Refund all that is left for the pieces of a dispute, whatever was asked: the seller may end it so at any time."""
    with ACCEPT.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        full = worth.goods(now.order, worth.pieces_of(dispute), now.case)
        limit = min(max(full.minor, now.case.amount), worth.most(now.order, worth.pieces_of(dispute), now.case).minor)
        agree(now, actor, Terms(kind="refund", amount=limit), at=at, noted_at=noted_at)
