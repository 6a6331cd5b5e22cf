"""Every cell of the powers table, executed against the guard and, where there is an address, through the door."""

import pytest

from comity.policy.powers import ACTIONS, RELATIONS, ROLES, STATES, power

# Written out a second time, on purpose: who may do what, in words that a person can check.
MAY = {
    "buyer": {
        "its_buyer": {"order.place", "order.read", "order.cancel", "conversation.open", "conversation.read", "message.send",
                      "message.edit", "conversation.close_turn", "conversation.close", "conversation.ask_agent", "answer.judge",
                      "order.ask_cancel", "delay.answer", "delivery.judge", "address.ask", "return.send",
                      "money.read", "review.write", "review.revise", "review.answer", "review.ask_removal", "review.appeal",
                      "dispute.open", "dispute.read", "dispute.claim", "dispute.offer", "dispute.send_back", "dispute.fulfil",
                      "dispute.evidence", "dispute.say", "dispute.escalate", "dispute.appeal"},
        "itself": {"party.read", "journal.read", "receipt.read", "contact.edit", "token.list", "token.make", "token.rotate",
                   "token.revoke", "sanction.answer", "appeal.file"},
        "none": {"rulebook.read", "listing.read"},
        "*": {"review.read"},
    },
    "seller": {
        "*": {"review.read"},
        "its_seller": {"order.read", "order.cancel", "check.fill", "shipment.dispatch", "shipment.scan", "conversation.read",
                       "message.send", "message.edit", "listing.add", "listing.read", "conversation.close_turn", "conversation.close", "conversation.ask_agent",
                       "conversation.note", "order.answer_cancel", "delay.announce", "address.answer", "return.confirm",
                       "money.read", "refund.instruct",
                       "review.write", "review.revise", "review.answer", "review.ask_removal", "review.appeal",
                       "dispute.read", "dispute.answer", "dispute.offer", "dispute.return", "dispute.evidence", "dispute.say",
                       "dispute.carrier", "dispute.carrier_answers", "dispute.escalate", "dispute.appeal"},
        "itself": {"party.read", "journal.read", "receipt.read", "contact.edit", "webhook.edit", "token.list", "token.make",
                   "token.rotate", "token.revoke", "answer.edit", "payout.read", "sanction.answer", "appeal.file",
                   "plan.read", "plan.write", "pause.ask", "pause.read"},
        "none": {"rulebook.read", "carrier.compare"},
    },
    "agent": {
        "*": {"review.read", "party.read", "journal.read", "pause.record", "pause.read", "token.list", "token.revoke", "payout.read", "plan.read"},
        "itself": {"contact.edit", "webhook.edit", "token.make", "token.rotate", "interest.declare"},
        "has_joined": {"dispute.read", "dispute.evidence", "dispute.say", "dispute.carrier_answers", "dispute.mediate",
                       "dispute.decide", "dispute.mend", "dispute.hear_appeal",
                       "conversation.read", "conversation.join", "conversation.note", "conversation.close",
                       "message.send", "message.edit"},
        "none": {"party.add", "party.list", "order.read", "order.cancel", "shipment.scan", "conversation.read",
                 "conversation.join", "conversation.note", "journal.verify", "sanction.decide", "sanction.ask", "sanction.lift", "sanction.reverse", "appeal.decide", "plan.decide", "fairness.read", "link.read", "link.take_back", "account.merge", "rulebook.publish", "rulebook.read", "clock.read", "clock.retry",
                 "listing.read", "outage.record", "carrier.compare", "tracking.read", "order.answer_cancel",
                 "errand.read", "errand.again", "network.read", "network.answer", "money.read", "review.moderate", "review.decide_appeal", "refund.again",
                 "dispute.read", "dispute.list", "dispute.figures", "dispute.deciders", "dispute.say", "dispute.carrier_answers", "dispute.mediate", "dispute.decide",
                 "dispute.mend", "dispute.hear_appeal"},
    },
    "platform": {"*": set(ACTIONS)},
}  # fmt: skip

#: What a measure stops, by the state into which it puts its party's trade. Everything else goes on: to send what was
#: paid, to answer, to give evidence, to appeal, to export, to sign out.
MAY_NOT = {
    "seller_frozen": {"order.place", "listing.add"},
    "buyer_frozen": {"order.place"},
    "no_new_listings": {"listing.add"},
    "orders_capped": {"order.place"},
    "listing_off": {"order.place"},
    "messages_limited": {"conversation.open", "message.send"},
    "taken_over": {"order.place", "listing.add", "conversation.open"},
}
#: What an agent may not decide while an account of the agent's own is under a freeze or a closure.
SUSPENDED = {"sanction.ask", "sanction.decide", "sanction.lift", "sanction.reverse", "appeal.decide", "dispute.mediate",
             "dispute.decide", "dispute.mend", "dispute.hear_appeal", "review.moderate", "review.decide_appeal", "conversation.join",
             "pause.record", "outage.record", "rulebook.publish", "link.take_back", "account.merge"}  # fmt: skip


def test_nobody_may_do_what_there_is_no_power_for() -> None:
    said = {action for relations in MAY.values() for actions in relations.values() for action in actions}
    assert said == set(ACTIONS)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("role", ROLES)
def test_every_cell(role: str, relation: str, state: str) -> None:
    for action in ACTIONS:
        allowed = action in MAY[role].get(relation, set()) | MAY[role].get("*", set())
        allowed = allowed and action not in MAY_NOT.get(state, set())
        allowed = allowed and not (role == "agent" and state == "staff_suspended" and action in SUSPENDED)
        assert power(role, action, relation, state).allowed is allowed, (role, action, relation, state)


@pytest.mark.parametrize(
    ("role", "action", "relation"),
    [("stranger", "order.read", "none"), ("agent", "order.burn", "none"), ("platform", "order.burn", "none")],
)
def test_silence_means_no(role: str, action: str, relation: str) -> None:
    assert power(role, action, relation).reason == "not_allowed"
