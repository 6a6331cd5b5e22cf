"""What buyer and seller may do in a dispute from its page, in the order in which it is offered."""

from comity.web.trade import (
    dispute_appeals,
    dispute_carrying_out,
    dispute_claims,
    dispute_evidence,
    dispute_offers,
)  # fmt: skip
from comity.web.trade.dispute_forms import DisputeAct

_BY_SLUG = {
    act.slug: act
    for module in (dispute_claims, dispute_offers, dispute_evidence, dispute_appeals, dispute_carrying_out)
    for act in module.ACTS
}
#: What takes a turn comes first, and of that what ends the matter.
_ORDER = (
    "accept-offer", "give-information", "needed", "confirm-return", "answer-contest", "send-back", "act",
    "label", "accept-claim", "refund-in-full", "answer-appeal", "offer", "reject", "decline-offer",
    "contest-return", "give-evidence", "promise-evidence", "say", "escalate", "bid", "modify", "claim",
    "reopen", "withdraw-offer", "fulfil", "arrived", "withdraw", "appeal", "ask-set-aside", "claim-carrier",
    "carrier-answers", "disclose",
)  # fmt: skip
ACTS: tuple[DisputeAct, ...] = tuple(_BY_SLUG[slug] for slug in _ORDER)
