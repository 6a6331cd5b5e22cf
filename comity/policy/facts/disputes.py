"""Disputes: what each side, the mediator and the clock did."""

from datetime import datetime
from typing import Any

from comity.policy.facts.kind import (
    AMOUNT,
    CURRENCY,
    FAULTS,
    MAX_AMOUNT,
    MAX_PIECES,
    PAYERS,
    REQUEST,
    TEXT_DIGEST,
    Field,
    Kind,
    kind,
)
from comity.policy.powers import ROLES

#: For whom a dispute can be decided.
OUTCOMES = ("buyer", "seller", "both", "nobody")
#: Parts of an offer at the most.
MAX_PARTS = 100
#: What can be promised beside money.
ACTS = ("replacement", "resend", "repair", "proof")
_REASON = Field(str, "a code that the rulebook lists, such as not_received", required=False)
_OFFER = Field(str, "a kind of offer that the rulebook lists", required=False)
_ASKED = Field(int, "what the buyer asks for, in minor units of `currency`", required=False, least=0, most=MAX_AMOUNT)
_DISPUTED = Field(int, "how many pieces of the order it is about", required=False, least=1, most=MAX_PIECES)
_NUMBER = Field(int, "which of the dispute's offers", required=False, least=1, most=10_000)
_ACT = Field(str, "what was promised", required=False, choices=ACTS)
_AGENT = Field(str, "who, as role:id", names="agent platform")
_SEALED = Field(str, "salted digest", required=False)


#: What a text of who did it may go with.
_WITH_WORDS = frozenset(
    {
        "inquired", "opened", "modified", "answered", "withdrawn", "offered", "escalated", "information_asked",
        "information_given", "progress_told", "decided", "corrected", "clarified", "appealed", "appeal_answered",
        "appeal_decided", "set_aside_asked", "set_aside", "closed",
    }
)  # fmt: skip


def _dispute(name: str, doc: str, **fields: Any) -> Kind:
    """Return a kind of fact about a dispute: it is judged under its order, or by itself where the shop names none.

    Those that words may go with have a digest of these, so that nobody can say later that others were written.
    """
    if name.partition(".")[2] in _WITH_WORDS:
        fields.setdefault("digest", TEXT_DIGEST)
    return kind(name, doc, "dispute order", **fields)


ALL = (
    _dispute("dispute.inquired", "The buyer asked what is the matter, before there is a claim: it counts in no rate.",
             tells="buyer seller",
             reason=_REASON),
    _dispute("dispute.opened", "The buyer opened a dispute about an order.", tells="buyer seller",
             reason=_REASON, wants=_OFFER, amount=_ASKED, currency=CURRENCY, pieces=_DISPUTED,
             worth=Field(int, "the most that can go back for its pieces, postage apart", required=False, least=0,
                         most=MAX_AMOUNT),
             again=Field(bool, "true where a dispute that was withdrawn is opened again", required=False)),
    _dispute("dispute.modified", "The buyer changed what the dispute asks for.", tells="buyer seller",
             reason=_REASON, wants=_OFFER, amount=_ASKED, currency=CURRENCY, pieces=_DISPUTED,
             worth=Field(int, "the most that can go back for its pieces, postage apart", required=False, least=0,
                         most=MAX_AMOUNT)),
    _dispute("dispute.answered", "The seller answered the dispute.", tells="buyer seller",
             answer=Field(str, "accepted, rejected or offered", required=False,
                          choices=("accepted", "rejected", "offered")),
             says=Field(str, "codes of what the seller says happened, with spaces between", required=False)),
    _dispute("dispute.said", "A side said, in codes, what happened: it is held against the facts.",
             by=Field(str, "who says so", choices=ROLES),
             says=Field(str, "codes of what it says, with spaces between")),
    _dispute("dispute.offered", "A side, or the mediator, made an offer.", tells="buyer seller",
             by=Field(str, "who offers", choices=ROLES), offer=_OFFER, number=_NUMBER, amount=AMOUNT,
             currency=CURRENCY,
             return_postage=Field(str, "who pays the way back", required=False, choices=PAYERS),
             until=Field(datetime, "until when it can be accepted", required=False),
             act_by=Field(datetime, "by when what is promised will be done", required=False),
             part=Field(int, "of an offer in parts, which part this is; each is a fact of the same `number`",
                        required=False, least=1, most=MAX_PARTS),
             parts=Field(int, "how many parts it has", required=False, least=1, most=MAX_PARTS),
             line=Field(str, "the line of the order that the part is about, by its id", required=False),
             quantity=Field(int, "how many of its pieces", required=False, least=1, most=MAX_PIECES)),
    _dispute("dispute.offer_withdrawn", "Who made an offer took it back, or too little is left for it.",
             tells="buyer seller", by=Field(str, "who", choices=ROLES), number=_NUMBER,
             left=Field(int, "where too little is: what is left, in minor units", required=False, least=0,
                        most=MAX_AMOUNT)),
    _dispute("dispute.offer_declined", "The other side declined an offer.", tells="buyer seller",
             by=Field(str, "who", choices=ROLES), number=_NUMBER),
    _dispute("dispute.agreed", "A side said yes to the mediator's proposal; it takes both.", tells="buyer seller",
             by=Field(str, "who", choices=ROLES), number=_NUMBER),
    _dispute("dispute.bid", "A side sealed how far it would go. Its amount is nobody's to see.",
             by=Field(str, "who", choices=ROLES), digest=_SEALED,
             round=Field(int, "which of the rounds", least=1, most=10)),
    _dispute("dispute.bids_apart", "The two sealed limits were too far from each other.", tells="buyer seller",
             round=Field(int, "which of the rounds", least=1, most=10)),
    _dispute("dispute.settled", "The two sides agreed.", tells="buyer seller holder",
             by=Field(str, "who accepted", required=False, choices=ROLES), offer=_OFFER, number=_NUMBER,
             amount=AMOUNT, currency=CURRENCY,
             at_once=Field(int, "of an offer in parts, what of `amount` waits for no goods", required=False, least=0,
                           most=MAX_AMOUNT),
             goes_back=Field(bool, "whether goods are sent back first", required=False),
             return_postage=Field(str, "who pays the way back", required=False, choices=PAYERS),
             act=Field(str, "what else was promised", required=False, choices=ACTS),
             act_by=Field(datetime, "by when", required=False)),
    _dispute("dispute.acted", "What was promised was begun: the other parcel is with its carrier.",
             tells="buyer seller", act=_ACT,
             shipment=Field(str, "the parcel, as shipment:id", required=False, names="shipment")),
    _dispute("dispute.fulfilled", "What was promised was done: the other parcel arrived, the repair is back.",
             tells="buyer seller",
             act=_ACT),
    _dispute("dispute.withdrawn", "The buyer withdrew the dispute.", tells="buyer seller holder",
             reason=Field(str, "a code: mistake, solved or other", required=False)),
    _dispute("dispute.escalated", "The platform was asked to decide.", tells="buyer seller",
             by=Field(str, "who asked", required=False, choices=ROLES),
             because=Field(str, "a code, such as silence, rejected or return_contested", required=False)),
    _dispute("dispute.taken", "An agent took the case.", tells="buyer seller", agent=_AGENT),
    _dispute("dispute.seconded", "Another agent read the draft decision, and stands by it.", tells="holder",
             agent=_AGENT),
    _dispute("dispute.given_back", "The agent who had the case gave it back to the queue.", agent=_AGENT),
    _dispute("dispute.handed_over", "The case was taken from the agent who had it.", tells="buyer seller",
             agent=Field(str, "who had it, as role:id", required=False, names="agent platform"),
             to=Field(str, "who has it now, as role:id", required=False, names="agent platform"),
             because=Field(str, "a code: wish, silence or absent", required=False)),
    _dispute("dispute.heard_in_private", "A side spoke with an agent alone, or an agent heard settlement talk.",
             agent=_AGENT),
    _dispute("dispute.needed_asked", "Both sides were asked whether the platform is still needed.",
             tells="buyer seller"),
    _dispute("dispute.needed_answered", "A side said whether the platform is still needed.",
             tells="buyer seller holder",
             by=Field(str, "who", choices=ROLES), needed=Field(bool, "whether it is")),
    _dispute("dispute.information_asked", "The platform, or the carrier through the seller, asked for information.",
             tells="buyer seller",
             of=Field(str, "which side", required=False, choices=ROLES), request=REQUEST,
             until=Field(datetime, "by when", required=False)),
    _dispute("dispute.information_given", "A side gave the information that was asked for.",
             tells="buyer seller holder",
             by=Field(str, "which side", required=False, choices=ROLES), request=REQUEST),
    _dispute("dispute.information_unavailable", "A side said that what was asked for is not to be had.",
             tells="buyer seller holder",
             by=Field(str, "which side", required=False, choices=ROLES), request=REQUEST),
    _dispute("dispute.evidence_given", "A side gave evidence.", tells="buyer seller holder",
             by=Field(str, "which side", choices=ROLES), evidence=Field(str, "its id"), digest=_SEALED,
             item=Field(str, "which of the expected pieces it is", required=False),
             sees=Field(str, "who may look at it", required=False, choices=("all", "mediator")),
             late=Field(bool, "true where it came after the record was closed", required=False)),
    _dispute("dispute.evidence_promised", "A side said when, or that it cannot, give an expected piece of evidence.",
             by=Field(str, "which side", choices=ROLES), item=Field(str, "which of the expected pieces"),
             until=Field(datetime, "by when; none: it is not to be had", required=False)),
    _dispute("dispute.progress_told", "The platform told both sides how the case stands.", tells="buyer seller",
             agent=Field(str, "who, as role:id", required=False, names="agent platform")),
    _dispute("dispute.joined", "The case is decided together with another.", tells="buyer seller",
             other=Field(str, "the other case, as dispute:id", names="dispute"),
             because=Field(str, "a code: counter_claim, repeat, batch", required=False)),
    _dispute("dispute.record_closed", "Judging began: what comes later is marked as late.",
             digest=Field(str, "digest of the record")),
    _dispute("dispute.drafted", "A decision was written; it leaves later, and can be stopped until then.",
             agent=_AGENT, leaves_at=Field(datetime, "when it leaves")),
    _dispute("dispute.draft_stopped", "A decision that had been written was stopped before it left.", agent=_AGENT),
    _dispute("dispute.decided", "The platform decided the dispute.", tells="buyer seller",
             outcome=Field(str, "for whom", choices=OUTCOMES),
             fault=Field(str, "whose fault it was", required=False, choices=FAULTS),
             amount=AMOUNT, currency=CURRENCY,
             row=Field(str, "the row of the decision table", required=False),
             because=Field(str, "how: by a mediator, by silence, by facts alone, by an appeal", required=False,
                           choices=("mediator", "silence", "facts", "appeal", "small_claim")),
             silent=Field(str, "whose silence", required=False, choices=ROLES),
             agent=Field(str, "who decided, as role:id", required=False, names="agent platform"),
             cost=Field(str, "who pays", required=False, choices=PAYERS),
             goes_back=Field(bool, "whether goods are sent back first", required=False),
             deviates=Field(bool, "true where it differs from the table's row, for a reason", required=False),
             record=Field(str, "digest of the record on which it rests", required=False)),
    _dispute("dispute.corrected", "A slip in the decision was mended: a sum, a name, an omission.",
             tells="buyer seller",
             agent=_AGENT, amount=AMOUNT, currency=CURRENCY),
    _dispute("dispute.clarified", "Words of the decision were explained; nothing of it changed.",
             tells="buyer seller", agent=_AGENT),
    _dispute("dispute.appealed", "A side asked to look at the decision again.", tells="buyer seller",
             by=Field(str, "which side", choices=ROLES),
             ground=Field(str, "a ground that the rulebook lists", required=False), digest=TEXT_DIGEST),
    _dispute("dispute.appeal_answered", "The other side answered the appeal.", tells="buyer seller holder",
             by=Field(str, "which side", choices=ROLES), digest=TEXT_DIGEST),
    _dispute("dispute.appeal_taken", "An agent who had not decided took the appeal.",
             tells="buyer seller", agent=_AGENT),
    _dispute("dispute.appeal_decided", "The appeal was decided.", tells="buyer seller",
             result=Field(str, "what became of the decision", choices=("upheld", "changed", "sent_back")),
             outcome=Field(str, "for whom", required=False, choices=OUTCOMES),
             fault=Field(str, "whose fault it was", required=False, choices=FAULTS),
             amount=AMOUNT, currency=CURRENCY, agent=_AGENT,
             bears=Field(str, "who bears what had been paid and should not have been", required=False,
                         choices=PAYERS)),
    _dispute("dispute.set_aside_asked", "A side that had been silent asked to set the decision aside.",
             tells="buyer seller",
             by=Field(str, "which side", choices=ROLES), digest=TEXT_DIGEST),
    _dispute("dispute.set_aside", "A decision by silence was set aside, or not.", tells="buyer seller",
             granted=Field(bool, "whether it was"),
             because=Field(str, "a code: asked, not_reached or late_fact", required=False),
             agent=Field(str, "who decided, as role:id", required=False, names="agent platform")),
    _dispute("dispute.revived", "What was promised was not done: the claim lives again as it stood.",
             tells="buyer seller"),
    _dispute("dispute.closed", "The dispute ended without a winner.", tells="buyer seller holder",
             because=Field(str, "a code, such as nobody_asked, paid_outside, cannot_judge, arrived, refunded_in_full"),
             again=Field(bool, "whether it may be opened again", required=False)),
)  # fmt: skip
