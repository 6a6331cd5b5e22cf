"""Who may do what: one table, asked by one guard.

A row allows a role an action in a relation to the object. Rows that forbid name a state and win over those that
allow. What no row allows is forbidden.
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

#: States of the object that forbid something.
STATES: Final = ("usual", "seller_frozen")

ACTIONS: Final = {
    "party.add": "add a party",
    "party.read": "see a party's standing, charges and measures",
    "party.list": "list all parties",
    "order.place": "place an order",
    "order.read": "see an order",
    "order.pay": "report that an order was paid",
    "order.cancel": "cancel an order",
    "order.ask_cancel": "ask the seller to cancel an order",
    "order.answer_cancel": "answer a wish to cancel an order",
    "delay.announce": "announce that an order will be late",
    "delay.answer": "accept a later date",
    "delivery.judge": "say whether an order came in time",
    "address.ask": "ask to send an order to another address",
    "address.answer": "answer a wish for another address",
    "return.send": "send goods back",
    "return.confirm": "confirm goods that came back",
    "shipment.dispatch": "declare a parcel sent",
    "shipment.scan": "enter a carrier's event",
    "conversation.open": "open a conversation",
    "conversation.read": "read a conversation",
    "message.send": "write in a conversation",
    "message.edit": "change an own message",
    "conversation.close_turn": "say that no reply is needed",
    "conversation.close": "end a conversation",
    "conversation.ask_agent": "ask the platform to join a conversation",
    "conversation.join": "join a conversation as the platform's agent",
    "conversation.note": "keep notes that the other side does not see",
    "answer.judge": "say whether an automatic answer helped",
    "answer.edit": "keep saved answers",
    "listing.add": "offer something",
    "listing.read": "see an offer",
    "webhook.edit": "have events sent to an address",
    "contact.edit": "choose how to be told",
    "journal.read": "read a party's journal",
    "journal.verify": "check the journal's chains",
    "fact.record": "record facts in bulk",
    "outage.record": "record that a carrier was blind",
    "carrier.compare": "compare carriers",
    "tracking.read": "see tracking news that found no parcel",
    "pause.record": "record a time that counts against nobody",
    "sanction.decide": "approve or decline a proposed measure",
    "rulebook.publish": "publish a version of the rulebook",
    "rulebook.read": "read the rules in force",
    "clock.read": "see what the clock could not rule on",
    "clock.retry": "try again what the clock could not rule on",
    "token.make": "make an access token",
}

#: What a rulebook may allow or forbid, and the actions that each covers.
VERBS: Final = {
    "waive": ("conversation.close_turn",),
    "pause": ("pause.record",),
    "excuse": ("pause.record",),
    "suspend": ("sanction.decide",),
    "lift": ("sanction.lift",),
    "reverse": ("sanction.reverse",),
    "publish": ("rulebook.publish",),
}

#: Actions that a rulebook may narrow.
NARROWED: Final = frozenset(action for actions in VERBS.values() for action in actions)

_ALLOW: Final = """
platform  *                        *
agent     party.add                none
agent     party.read               *
agent     party.list               none
agent     order.read               none
agent     order.cancel             none
agent     shipment.scan            none
agent     outage.record            none
agent     carrier.compare          none
agent     tracking.read            none
agent     order.answer_cancel      none
agent     conversation.read        none
agent     conversation.read        has_joined
agent     conversation.join        none
agent     conversation.join        has_joined
agent     conversation.note        none
agent     conversation.note        has_joined
agent     message.send             has_joined
agent     message.edit             has_joined
agent     listing.read             none
agent     conversation.close       has_joined
agent     journal.read             *
agent     journal.verify           none
agent     pause.record             *
agent     sanction.decide          none
agent     rulebook.publish         none
agent     rulebook.read            none
agent     clock.read               none
agent     clock.retry              none
agent     contact.edit             itself
agent     webhook.edit             itself
agent     token.make               itself
buyer     party.read               itself
buyer     order.place              its_buyer
buyer     order.read               its_buyer
buyer     order.cancel             its_buyer
buyer     order.ask_cancel         its_buyer
buyer     delay.answer             its_buyer
buyer     delivery.judge           its_buyer
buyer     address.ask              its_buyer
buyer     return.send              its_buyer
buyer     conversation.open        its_buyer
buyer     conversation.read        its_buyer
buyer     message.send             its_buyer
buyer     message.edit             its_buyer
buyer     listing.read             none
buyer     conversation.close_turn  its_buyer
buyer     conversation.close       its_buyer
buyer     conversation.ask_agent   its_buyer
buyer     answer.judge             its_buyer
buyer     journal.read             itself
buyer     rulebook.read            none
buyer     contact.edit             itself
buyer     token.make               itself
seller    party.read               itself
seller    order.read               its_seller
seller    order.cancel             its_seller
seller    order.answer_cancel      its_seller
seller    carrier.compare          none
seller    delay.announce           its_seller
seller    address.answer           its_seller
seller    return.confirm           its_seller
seller    shipment.dispatch        its_seller
seller    shipment.scan            its_seller
seller    conversation.read        its_seller
seller    message.send             its_seller
seller    message.edit             its_seller
seller    listing.add              its_seller
seller    listing.read             its_seller
seller    conversation.close_turn  its_seller
seller    conversation.close       its_seller
seller    conversation.ask_agent   its_seller
seller    conversation.note        its_seller
seller    answer.edit              itself
seller    journal.read             itself
seller    rulebook.read            none
seller    contact.edit             itself
seller    webhook.edit             itself
seller    token.make               itself
"""

#: Forbidden whoever asks: a frozen seller takes no new orders. Everything owed to buyers, and every defence, goes on.
_FORBID: Final = """
*         order.place              *          seller_frozen
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
    if action in ACTIONS and any(_fits(row, role, action, relation) for row in _ALLOWING):
        return Power(allowed=True, reason="allowed")
    return Power(allowed=False, reason="not_allowed")


def lets(rules: "Sequence[PowerRule]", role: str, action: str) -> bool:
    """Whether a rulebook's powers let a role do what the table allows it. Forbidding wins; without any, all is let."""
    verbs = {verb for verb, actions in VERBS.items() if action in actions}
    own = [rule for rule in rules if rule.who == role]
    if any(verbs & set(rule.may_not) for rule in own):
        return False
    return not rules or any(verbs & set(rule.may) for rule in own)


def _fits(row: tuple[str, ...], role: str, action: str, relation: str) -> bool:
    return all(cell in ("*", asked) for cell, asked in zip(row, (role, action, relation), strict=False))


_ALLOWING = [tuple(line.split()) for line in _ALLOW.strip().splitlines()]
_FORBIDDING = [tuple(line.split()) for line in _FORBID.strip().splitlines()]
