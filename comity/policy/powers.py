"""Who may do what: one table, asked by one guard.

A row says of an action who may do it, in which relation to the object. Rows that forbid name a state and win over those
that allow. What no row allows is forbidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from comity.policy.rulebook import PowerRule

ROLES: Final = ("buyer", "seller", "agent", "platform")

#: How an actor stands to an object: as its buyer, as its seller, as the party it is about, as the agent who joined
#: it, or not at all.
RELATIONS: Final = ("its_buyer", "its_seller", "itself", "has_joined", "none")

#: Each action: who may do it, in which relation to the object (* for any), and what it is. The platform may do all.
_POWERS: Final = """
party.add               | agent none | add a party
party.read              | buyer itself, seller itself, agent * | see a party's standing, charges and measures
party.list              | agent none | list all parties
order.place             | buyer its_buyer | place an order
order.read              | buyer its_buyer, seller its_seller, agent none | see an order
order.pay               | | report that an order was paid
order.cancel            | buyer its_buyer, seller its_seller, agent none | cancel an order
order.ask_cancel        | buyer its_buyer | ask the seller to cancel an order
order.answer_cancel     | seller its_seller, agent none | answer a wish to cancel an order
delay.announce          | seller its_seller | announce that an order will be late
delay.answer            | buyer its_buyer | accept a later date
delivery.judge          | buyer its_buyer | say whether an order came in time
address.ask             | buyer its_buyer | ask to send an order to another address
address.answer          | seller its_seller | answer a wish for another address
return.send             | buyer its_buyer | send goods back
return.confirm          | seller its_seller | confirm goods that came back
review.read             | buyer *, seller *, agent * | see the reviews of a party or of an offer
review.write            | buyer its_buyer, seller its_seller | rate the other side of an order
review.revise           | buyer its_buyer, seller its_seller | change or remove an own review
review.answer           | buyer its_buyer, seller its_seller | answer a review
review.ask_removal      | buyer its_buyer, seller its_seller | ask the writer to remove a review
review.moderate         | agent none | remove somebody's review, with a reason
review.appeal           | buyer its_buyer, seller its_seller | object to the removal of an own review by an agent
review.decide_appeal    | agent none | decide on the removal of a review, where its writer objects
dispute.open            | buyer its_buyer | open a dispute
dispute.read            | buyer its_buyer, seller its_seller, agent none, agent has_joined | see a dispute
dispute.list            | agent none | see all disputes
dispute.figures         | agent none | see figures of disputes
dispute.deciders        | agent none | see how each agent decides
dispute.claim           | buyer its_buyer | change or withdraw a claim
dispute.answer          | seller its_seller | accept or reject a claim
dispute.offer           | buyer its_buyer, seller its_seller | make and take offers in a dispute
dispute.send_back       | buyer its_buyer | send back what a dispute is about
dispute.return          | seller its_seller | see to what was agreed in a dispute
dispute.fulfil          | buyer its_buyer | confirm that what was agreed was done
dispute.evidence        | buyer its_buyer, seller its_seller, agent has_joined | give evidence
dispute.say             | buyer its_buyer, seller its_seller, agent none, agent has_joined | write in a dispute
dispute.carrier         | seller its_seller | pass a complaint on to the carrier
dispute.carrier_answers | seller its_seller, agent none, agent has_joined | note what the carrier answers
dispute.escalate        | buyer its_buyer, seller its_seller | ask the platform to decide
dispute.mediate         | agent none, agent has_joined | mediate a dispute
dispute.decide          | agent none, agent has_joined | decide a dispute
dispute.mend            | agent none, agent has_joined | correct or explain a decision
dispute.appeal          | buyer its_buyer, seller its_seller | appeal against a decision
dispute.hear_appeal     | agent none, agent has_joined | hear an appeal
interest.declare        | agent itself | declare an account of one's own
check.fill              | seller its_seller | fill in a check before shipping
shipment.dispatch       | seller its_seller | declare a parcel sent
shipment.scan           | seller its_seller, agent none | enter a carrier's event
conversation.open       | buyer its_buyer | open a conversation
conversation.read       | buyer its_buyer, seller its_seller, agent none, agent has_joined | read a conversation
message.send            | buyer its_buyer, seller its_seller, agent has_joined | write in a conversation
message.edit            | buyer its_buyer, seller its_seller, agent has_joined | change an own message
conversation.close_turn | buyer its_buyer, seller its_seller | say that no reply is needed
conversation.close      | buyer its_buyer, seller its_seller, agent has_joined | end a conversation
conversation.ask_agent  | buyer its_buyer, seller its_seller | ask the platform to join a conversation
conversation.join       | agent none, agent has_joined | join a conversation as the platform's agent
conversation.note       | seller its_seller, agent none, agent has_joined | keep notes that the other side does not see
answer.judge            | buyer its_buyer | say whether an automatic answer helped
answer.edit             | seller itself | keep saved answers
listing.add             | seller its_seller | offer something
listing.read            | buyer none, seller its_seller, agent none | see an offer
webhook.edit            | seller itself, agent itself | have events sent to an address
contact.edit            | buyer itself, seller itself, agent itself | choose how to be told
journal.read            | buyer itself, seller itself, agent * | read a party's journal
receipt.read            | buyer itself, seller itself | have a receipt for what one handed in
journal.verify          | agent none | check the journal's chains
network.read            | agent none | see complaints of an open network that are no disputes
network.answer          | agent none | name the order of such a complaint, or answer it
fact.record             | | record facts in bulk
money.read              | buyer its_buyer, seller its_seller, agent none | see the money of an order
money.report            | | report what the payment system did
money.bear              | | have the platform bear money of an order
refund.instruct         | seller its_seller | have money of an order go back
refund.again            | agent none | send a refund again that did not go through
payout.read             | seller itself, agent * | see what a seller is due
payout.record           | | record a pay-out to a seller
outage.record           | agent none | record that a carrier was blind
carrier.compare         | seller none, agent none | compare carriers
tracking.read           | agent none | see tracking news that found no parcel
errand.read             | agent none | see what is tried outside, and what failed
errand.again            | agent none | try again what failed outside
pause.record            | agent * | record a time that counts against nobody
pause.ask               | seller itself | take a holiday
pause.read              | seller itself, agent * | see times that count against nobody
sanction.decide         | agent none | approve or decline a proposed measure
sanction.ask            | agent none | ask for a measure
sanction.answer         | buyer itself, seller itself | answer a measure before it takes effect
sanction.lift           | agent none | end a measure before its time
sanction.reverse        | agent none | take points off
plan.read               | seller itself, agent * | see an improvement plan
plan.write              | seller itself | write an improvement plan
plan.decide             | agent none | accept an improvement plan or send it back
appeal.file             | buyer itself, seller itself | appeal against a measure
appeal.decide           | agent none | decide an appeal against a measure
link.read               | agent none | see how accounts are linked
link.take_back          | agent none | take a wrong link between accounts back
account.merge           | agent none | have an account taken over into another one of the same person
fairness.read           | agent none | see who is under measures, by groups
party.speak_for         | | speak for a buyer or a seller
rulebook.publish        | agent none | publish a version of the rulebook
rulebook.read           | buyer none, seller none, agent none | read the rules in force
clock.read              | agent none | see what the clock could not rule on
clock.retry             | agent none | try again what the clock could not rule on
token.list              | buyer itself, seller itself, agent * | see which access tokens there are
token.make              | buyer itself, seller itself, agent itself | make an access token
token.rotate            | buyer itself, seller itself, agent itself | give an access token a new secret
token.revoke            | buyer itself, seller itself, agent * | revoke an access token
"""


def _read(line: str) -> tuple[str, dict[str, set[str]], str]:
    action, granted, doc = (cell.strip() for cell in line.split("|"))
    grants: dict[str, set[str]] = {"platform": {"*"}}
    for each in granted.split(",") if granted else ():
        role, relation = each.split()
        if role not in ROLES or relation not in (*RELATIONS, "*"):
            raise ValueError(f"{action}: {each.strip()!r} is not a role and a relation")
        grants.setdefault(role, set()).add(relation)
    return action, grants, doc


_ROWS = [_read(line) for line in _POWERS.strip().splitlines()]
#: What each action is, in words that follow "may".
ACTIONS: Final = {action: doc for action, _, doc in _ROWS}
_GRANTS: Final = {action: grants for action, grants, _ in _ROWS}

#: What a rulebook may allow or forbid, and the actions that each covers.
VERBS: Final = {
    "waive": ("conversation.close_turn",),
    "pause": ("pause.record",),
    "excuse": ("pause.record",),
    "suspend": ("sanction.decide",),
    "lift": ("sanction.lift",),
    "reverse": ("sanction.reverse", "appeal.decide"),
    "publish": ("rulebook.publish",),
    "compare": ("dispute.deciders",),
}

#: Actions that a rulebook may narrow.
NARROWED: Final = frozenset(action for actions in VERBS.values() for action in actions)

#: Of those, what is let only where a rulebook names it: how colleagues decide is nobody's business by default.
_ONLY_NAMED: Final = frozenset({"dispute.deciders"})

#: The account was taken over into another one of the same person: what is new begins there.
TAKEN_OVER: Final = "taken_over"
#: A frozen buyer orders nothing: the state of an order by its other side.
BUYER_FROZEN: Final = "buyer_frozen"
#: Forbidden to the role, or to all (*): the states are those into which measures put a trade, or the agent whose
#: own account is under one (`sanctions.measures`), and that of an account that was taken over. Nothing else is: what is
#: owed to others, every defence and all that is one's own goes on.
_FORBID: Final = """
*         order.place              *          seller_frozen
*         order.place              *          buyer_frozen
*         listing.add              *          seller_frozen
*         listing.add              *          no_new_listings
*         order.place              *          orders_capped
*         order.place              *          listing_off
*         order.place              *          taken_over
*         listing.add              *          taken_over
*         conversation.open        *          taken_over
*         conversation.open        *          messages_limited
*         message.send             *          messages_limited
agent     sanction.ask             *          staff_suspended
agent     sanction.decide          *          staff_suspended
agent     sanction.lift            *          staff_suspended
agent     sanction.reverse         *          staff_suspended
agent     appeal.decide            *          staff_suspended
agent     link.take_back           *          staff_suspended
agent     account.merge            *          staff_suspended
agent     dispute.mediate          *          staff_suspended
agent     dispute.decide           *          staff_suspended
agent     dispute.mend             *          staff_suspended
agent     dispute.hear_appeal      *          staff_suspended
agent     review.moderate          *          staff_suspended
agent     review.decide_appeal     *          staff_suspended
agent     conversation.join        *          staff_suspended
agent     pause.record             *          staff_suspended
agent     outage.record            *          staff_suspended
agent     rulebook.publish         *          staff_suspended
"""


@dataclass(frozen=True, slots=True)
class Power:
    """May this role do this, in this relation to an object in this state? With the reason, as a code."""

    allowed: bool
    reason: str


@cache
def power(role: str, action: str, relation: str, state: str = "usual") -> Power:
    """Look up the table. `reason` is allowed, not_allowed or the state that forbids. Unknown words are not allowed."""
    if any(_fits(row, role, action, relation) and row[3] == state for row in _FORBIDDING):
        return Power(allowed=False, reason=state)
    if role in _GRANTS.get(action, {}) and _GRANTS[action][role] & {relation, "*"}:
        return Power(allowed=True, reason="allowed")
    return Power(allowed=False, reason="not_allowed")


def lets(rules: "Sequence[PowerRule]", role: str, action: str) -> bool:
    """Whether a rulebook's powers let a role do what the table allows it.

    Forbidding wins; without any powers all is let but what has to be named.
    """
    verbs = {verb for verb, actions in VERBS.items() if action in actions}
    own = [rule for rule in rules if rule.who == role]
    if any(verbs & set(rule.may_not) for rule in own):
        return False
    # Once a rulebook names any power, what it does not name is not let.
    return (not rules and action not in _ONLY_NAMED) or any(verbs & set(rule.may) for rule in own)


def _fits(row: tuple[str, ...], role: str, action: str, relation: str) -> bool:
    return all(cell in ("*", asked) for cell, asked in zip(row, (role, action, relation), strict=False))


_FORBIDDING = [tuple(line.split()) for line in _FORBID.strip().splitlines()]
#: By action, the states that forbid it.
FORBIDDEN_IN: Final = {
    action: tuple(row[3] for row in _FORBIDDING if row[1] == action) for action in {row[1] for row in _FORBIDDING}
}
#: The states of things that forbid something, and the usual one.
STATES: Final = ("usual", *sorted({row[3] for row in _FORBIDDING}))
