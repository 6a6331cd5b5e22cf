"""Every kind of fact: the vocabulary of the product.

A fact is something that happened. It is never changed; a wrong fact is followed by another fact. It holds ids,
moments and digests, never a text or a name: facts are kept for ever, and what may have to be forgotten is not here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias

import msgspec

from comity.lib import moments
from comity.lib.money import is_currency
from comity.policy.powers import ROLES

MAX_ID_CHARS = 200
MAX_TEXT_CHARS = 500
#: How far ahead of our clock another's may run before we call a time "in the future".
CLOCK_SKEW_SECONDS = 300
#: Moments that can be believed. Windows and deadlines reach beyond them, and no calendar does.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=moments.UTC), datetime(2999, 12, 31, tzinfo=moments.UTC)
#: Those whose matters are judged. A fact about one of them is its own.
PARTIES = ("seller", "buyer")

Scalar: TypeAlias = str | int | bool | None


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Something that happened.

    id        unique for ever; given by whoever noticed, so that telling us twice changes nothing
    kind      one of KINDS
    at        when it happened (UTC)
    noted_at  when we learned of it (UTC), never before `at`
    subject   what it is about, as kind:id, such as shipment:0191…
    matter    the subject under which facts are judged together: an order with its shipments, a conversation
    party     whose matter it is, as role:id: the lock, the chain and the shard key
    data      small values; moments as text in the form of `comity.lib.moments`
    sitting   of facts that were judged together, the number of the first one's line; 0 for one judged alone
    spoken_by the role of who spoke for the party that did it, where it did not say so itself; its act all the same
    follows   the key of the duty whose breach brought it: when it was noted, time had not passed beyond that
    """

    id: str
    kind: str
    at: datetime
    noted_at: datetime
    subject: str
    matter: str
    party: str
    data: dict[str, Scalar]
    sitting: int = 0
    spoken_by: str = ""
    follows: str = ""

    @property
    def place(self) -> tuple[datetime, str]:
        """Where the fact stands in time; ids break ties, so that the order of arrival cannot matter."""
        return (self.at, self.id)

    @property
    def undone_at(self) -> datetime:
        """When what it undoes is undone: when it was noted; where a moment passed, at that moment."""
        return self.at if self.kind == DEADLINE else self.noted_at


def subject_kind(subject: str) -> str:
    """Return "shipment" for "shipment:0191…"."""
    return subject.partition(":")[0]


def reference(text: str) -> tuple[str, str]:
    """Read how facts name a thing, such as "order:0191…": its kind, and its id in it. Without a colon, no id."""
    kind, _, identity = text.partition(":")
    return kind, identity


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a fact's data: its type, what it means, whether it must be there, and the values it may take.

    least, most   for whole numbers
    currency      a code of ISO 4217
    not_before    a moment that cannot lie before the fact itself
    names         kinds of what it names, as kind:id, such as buyer:123; several with spaces between
    """

    type: type
    doc: str
    required: bool = True
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    currency: bool = False
    not_before: bool = False
    names: str = ""


ANYTHING = ("*",)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: what it says, which subjects it is about (ANYTHING for any), and its fields.

    matters  what it is judged under; where nothing else is said, a thing of the kinds that it is about, and what is
             said in a conversation also under the order that it is about
    parties  the roles whose matter it can be
    tells    who is told of it: buyer, seller, or the agent who has the case (holder)
    """

    name: str
    doc: str
    subjects: tuple[str, ...]
    fields: Mapping[str, Field]
    matters: tuple[str, ...]
    parties: tuple[str, ...]
    tells: tuple[str, ...] = ()
    #: False for what only the clock or an agent's verb may write, never an outside source.
    from_outside: bool = True


PAUSE_CAUSES = ("platform_outage", "carrier_outage", "force_majeure", "waiting_for_buyer", "holiday")
#: Whose fault something can be, and for whom a dispute can be decided.
FAULTS = ("buyer", "seller", "carrier", "nobody")
OUTCOMES = ("buyer", "seller", "both", "nobody")
#: Who can pay for something, and what can be promised beside money.
PAYERS = ("buyer", "seller", "platform", "carrier")
ACTS = ("replacement", "resend", "repair", "proof")
#: Who bears a refund.
COSTS = ("seller", "platform", "carrier")
#: Pieces of an order, and money in minor units, at the most.
MAX_PIECES, MAX_AMOUNT = 100_000, 10**15
#: Ids of what a fact names.
MAX_NAMED_CHARS = 190
_PIECES = Field(int, "how many pieces of the order are in this parcel, where it holds a part", required=False, least=1,
                most=MAX_PIECES)  # fmt: skip
_OF_PIECES = Field(int, "how many pieces the order has; its parcels count together", required=False, least=1,
                   most=MAX_PIECES)  # fmt: skip

#: Carriers weigh parcels; in grams, at the most.
MAX_GRAMS = 100_000_000
_WEIGHT = Field(int, "what the carrier weighed, in grams", required=False, least=0, most=MAX_GRAMS)
_SIGNED = Field(bool, "whether the carrier has the receiver's signature", required=False)
_GOES_BACK = Field(str, "the parcel that goes back, as shipment:id", required=False, names="shipment")
#: A parcel that goes back, or that replaces another, because of a dispute.
_FOR_DISPUTE = Field(str, "the dispute for which it is sent, as dispute:id", required=False, names="dispute")
_AMOUNT = Field(int, "in minor units of `currency`", required=False, least=0, most=MAX_AMOUNT)
_CURRENCY = Field(str, "ISO 4217 code", required=False, currency=True)
#: Money that moves is never none, and never of no currency.
_MONEY = Field(int, "in minor units of `currency`", least=1, most=MAX_AMOUNT)
_IN_CURRENCY = Field(str, "ISO 4217 code", currency=True)
_REFERENCE = Field(str, "the payment system's id of it", required=False)
_REFUND_ID = Field(str, "the payment system's id of the refund", required=False)


_REASON = Field(str, "a code that the rulebook lists, such as not_received", required=False)
_OFFER = Field(str, "a kind of offer that the rulebook lists", required=False)
_ASKED = Field(int, "what the buyer asks for, in minor units of `currency`", required=False, least=0, most=MAX_AMOUNT)
_DISPUTED = Field(int, "how many pieces of the order it is about", required=False, least=1, most=MAX_PIECES)
_NUMBER = Field(int, "which of the dispute's offers", required=False, least=1, most=10_000)
_ACT = Field(str, "what was promised", required=False, choices=ACTS)
_AGENT = Field(str, "who, as role:id", names="agent platform")
_REQUEST = Field(str, "the request's id", required=False)
_SEALED = Field(str, "salted digest", required=False)
_TEXT_DIGEST = Field(str, "salted digest of the text", required=False)


def _kind(
    name: str,
    doc: str,
    subjects: str,
    *,
    matters: str = "",
    parties: tuple[str, ...] = ("seller",),
    from_outside: bool = True,
    tells: str = "",
    **fields: Field,
) -> Kind:
    under = tuple((matters or ("conversation order" if subjects == "conversation" else subjects)).split())
    return Kind(
        name, doc, tuple(subjects.split()), MappingProxyType(fields), under, parties, tuple(tells.split()), from_outside
    )


def _dispute(name: str, doc: str, **fields: Any) -> Kind:
    """Return a kind of fact about a dispute: it is judged under its order, or by itself where the shop names none."""
    return _kind(name, doc, "dispute order", **fields)


_ALL = (
    _kind("order.placed", "A buyer ordered something from a seller.", "order",
          buyer=Field(str, "the buyer, as role:id", required=False, names="buyer"),
          amount=Field(int, "price in minor units of `currency`", required=False, least=0, most=MAX_AMOUNT),
          currency=_CURRENCY,
          pieces=Field(int, "how many pieces of goods were ordered", required=False, least=1, most=MAX_PIECES),
          deliver_by=Field(datetime, "the last moment of the promised delivery", required=False, not_before=True)),
    _kind("order.paid", "The payment was approved: the seller's handling time begins.", "order",
          dispatch_by=Field(datetime, "the end of the seller's handling time", required=False, not_before=True),
          deliver_by=Field(datetime, "the last moment of the promised delivery", required=False, not_before=True),
          date_known=Field(bool, "false where the source gives no date of its own", required=False)),
    _kind("order.cancelled", "The order will not be carried out.", "order",
          by=Field(str, "who cancelled", required=False, choices=ROLES),
          reason=Field(str, "a code, such as no_stock or buyer_asked", required=False),
          date_known=Field(bool, "false where the source gives no date: then dated at the last known event",
                           required=False)),
    _kind("shipment.dispatched", "The seller declared the parcel sent, with a tracking number or without.", "shipment",
          matters="order",
          tracked=Field(bool, "whether a tracking number was given"),
          carrier=Field(str, "the carrier's code", required=False),
          number=Field(str, "digest of the tracking number", required=False),
          doubt=Field(str, "what speaks against the number, though the seller said that it is right", required=False,
                      choices=("wrong_digit", "unknown_form", "other_carrier", "used_twice", "other_destination")),
          pieces=_PIECES, of_pieces=_OF_PIECES,
          dispute=Field(str, "the dispute, as dispute:id, where the parcel replaces what was sent before",
                        required=False, names="dispute")),
    _kind("shipment.handed_over", "The carrier received the parcel.", "shipment order", matters="order",
          date_known=Field(bool, "false where it is known that it happened, but not when", required=False)),
    _kind("shipment.scanned", "The carrier reported an event for the parcel.", "shipment", matters="order",
          status=Field(str, "the carrier's status in Comity's vocabulary; delivered_elsewhere: surely to another town, "
                            "postcode or country than the order's; back_at_sender: it had turned round before",
                       required=False),
          differs=Field(str, "of what is delivered elsewhere: by what that is known", required=False,
                        choices=("country", "postcode", "town")),
          source=Field(str, "where the scan came from", choices=("carrier", "seller")),
          weight_g=_WEIGHT, signed=_SIGNED,
          zone_assumed=Field(bool, "true where its time came without a zone", required=False)),
    _kind("shipment.noted", "The carrier told something that is no event on the road: a label made, an unknown word.",
          "shipment", matters="order",
          status=Field(str, "label_made, unknown; older_than_order: dated before the order; other_destination: in "
                            "another country than the order's", required=False),
          source=Field(str, "where it came from", choices=("carrier", "seller")),
          zone_assumed=Field(bool, "true where its time came without a zone", required=False)),
    _kind("shipment.delivered", "The parcel reached the buyer.", "shipment order", matters="order",
          date_known=Field(bool, "false where it is known that it happened, but not when", required=False),
          pieces=_PIECES, of_pieces=_OF_PIECES, weight_g=_WEIGHT, signed=_SIGNED,
          zone_assumed=Field(bool, "true where its time came without a zone", required=False)),
    _kind("delay.announced", "The seller said that the order will arrive later than promised, and when.", "order",
          deliver_by=Field(datetime, "the new date"),
          was=Field(datetime, "the date that was promised until then", required=False),
          reason=Field(str, "a code, such as carrier or no_stock", required=False)),
    _kind("delay.accepted", "The buyer accepted the later date: it is the promise from now on.", "order",
          tells="seller",
          deliver_by=Field(datetime, "the new date"),
          was=Field(datetime, "the date that was promised until then", required=False)),
    _kind("delay.declined", "The buyer did not accept the later date: the first promise stands.", "order",
          tells="seller"),
    _kind("delivery.judged", "The buyer said whether the order came in time.", "order",
          on_time=Field(bool, "whether it came in time")),
    _kind("promise.at_risk", "It became doubtful that the promised date will be kept; the buyer was told.", "order",
          from_outside=False,
          reason=Field(str, "why", choices=("not_sent", "silent_carrier", "trouble", "slow"))),
    _kind("address.asked", "The buyer asked to send the order to another address.", "order",
          digest=Field(str, "salted digest of the address", required=False)),
    _kind("address.changed", "The order goes to another address.", "order", tells="buyer",
          digest=Field(str, "salted digest of the address", required=False),
          by=Field(str, "who agreed to it", required=False, choices=ROLES)),
    _kind("address.declined", "The order goes to the address that was given first.", "order", tells="buyer"),
    _kind("message.sent", "Somebody wrote in a conversation.", "conversation",
          by=Field(str, "the writer's role", choices=ROLES),
          automatic=Field(bool, "true for an answer that no person wrote"),
          greeting=Field(bool, "true where the text is a greeting and nothing else", required=False),
          message=Field(str, "the message's id", required=False),
          digest=Field(str, "salted digest of the text, of what it quotes and of its files' digests", required=False),
          files=Field(int, "how many files came with it", required=False, least=0),
          buyer=Field(str, "the buyer, as role:id, where the conversation is about no order", required=False,
                      names="buyer"),
          order=Field(str, "the order that the conversation is about, as order:id", required=False, names="order"),
          channel=Field(str, "the way it came in", required=False, choices=("page", "api", "mail")),
          drafted=Field(bool, "true where a drafting helper wrote a first version", required=False),
          answer=Field(str, "id of the saved answer that was sent", required=False),
          model=Field(str, "version of the model that chose the answer", required=False)),
    _kind("message.edited", "The writer changed a message; its earlier text is kept beside it.", "conversation",
          by=Field(str, "the writer's role", choices=ROLES),
          message=Field(str, "the message's id", required=False),
          digest=Field(str, "salted digest of the new text, likewise", required=False)),
    _kind("answer.rejected", "The buyer said that an automatic answer did not help: it counts as no answer.",
          "conversation",
          of=Field(str, "id of the fact that the answer was sent"),
          asked_at=Field(datetime, "when the question was asked", required=False)),
    _kind("conversation.closed", "Somebody ended the conversation; the next message opens it again.", "conversation",
          by=Field(str, "who ended it", choices=ROLES),
          reason=Field(str, "a code: solved or silent", required=False)),
    _kind("conversation.agent_asked", "A side asked for the platform's help.", "conversation",
          by=Field(str, "who asked", choices=ROLES)),
    _kind("conversation.agent_joined", "An agent of the platform joined the conversation.", "conversation",
          agent=Field(str, "who joined, as role:id", names="agent platform")),
    _kind("conversation.no_reply_needed", "The last message asks for no answer, says who is named.", "conversation",
          by=Field(str, "who says so", choices=ROLES),
          reason=Field(str, "a code: thanks, spam, duplicate, answered or other", required=False),
          helped=Field(str, "id of the automatic answer that helped, where one did", required=False),
          of=Field(str, "id of the fact that the one question was asked that needs no answer; without it, none does",
                   required=False),
          open_since=Field(datetime, "when the oldest other question was asked that still waits", required=False)),
    _kind("order.fulfilled", "The order was carried out to its end: it counts as a good order.", "order"),
    _kind("order.receipt_confirmed", "The buyer confirmed that the goods arrived.", "order"),
    _kind("order.confirmation_timed_out", "The time to confirm the receipt ran out: the order counts as received.",
          "order"),
    _kind("order.paid_more", "The buyer paid more for the order, such as for a dearer exchange.", "order",
          amount=_MONEY, currency=_IN_CURRENCY, reference=_REFERENCE),
    _kind("refund.instructed", "The payment system was asked to give the buyer money back.", "order",
          from_outside=False,
          refund=Field(str, "the instruction, as refund:id", names="refund"),
          dispute=Field(str, "the dispute from which it follows, as dispute:id", required=False, names="dispute"),
          amount=_MONEY, currency=_IN_CURRENCY,
          cost=Field(str, "who bears it", choices=COSTS),
          because=Field(str, "why, as a code, such as agreed or decided", required=False)),
    _kind("refund.failed", "A refund that was instructed did not go through: it counts nowhere.", "order",
          tells="buyer seller",
          refund=Field(str, "the instruction, as refund:id", required=False, names="refund"),
          reason=Field(str, "why, as a code, such as account_closed", required=False),
          amount=Field(int, "what of it failed, where that is a part, in minor units of `currency`", required=False,
                       least=1, most=MAX_AMOUNT),
          currency=_CURRENCY, reference=_REFUND_ID),
    _kind("order.refunded", "The buyer got money back.", "order", tells="buyer seller",
          fault=Field(str, "whose fault it was", required=False, choices=FAULTS),
          amount=_AMOUNT, currency=_CURRENCY,
          refund=Field(str, "our instruction that was carried out, as refund:id", required=False, names="refund"),
          reference=_REFUND_ID),
    _kind("order.charged_back", "The buyer's bank took the payment back, or a part of it.", "order",
          tells="buyer seller",
          amount=Field(int, "in minor units of `currency`; left out: all that had not gone back", required=False,
                       least=0, most=MAX_AMOUNT),
          currency=_CURRENCY,
          reference=Field(str, "the provider's id of the charge-back", required=False)),
    _kind("order.charge_back_reversed", "The buyer's bank gave back what it had taken, or a part of it.", "order",
          tells="buyer seller",
          amount=Field(int, "in minor units of `currency`; left out: all of it", required=False, least=0,
                       most=MAX_AMOUNT),
          currency=_CURRENCY,
          reference=Field(str, "the provider's id of the charge-back that is reversed", required=False)),
    _kind("payout.made", "The seller was paid for the order, or paid back what was owed for it.", "order",
          amount=Field(int, "what went to the seller for it, in minor units of `currency`", least=0, most=MAX_AMOUNT),
          currency=_IN_CURRENCY, reference=_REFERENCE,
          netted=Field(int, "what was taken off for what the seller owed for it", required=False, least=0,
                       most=MAX_AMOUNT),
          platform=Field(int, "what came beside it of the platform's own money", required=False, least=0,
                         most=MAX_AMOUNT)),
    _kind("platform.paid", "The platform bears money of the order: it goes from the platform to the seller.", "order",
          from_outside=False,
          amount=_MONEY, currency=_IN_CURRENCY,
          reference=Field(str, "what it follows from, such as dispute:id", required=False),
          because=Field(str, "why, as a code, such as reversed", required=False)),
    _kind("order.returned", "The goods came back to the seller.", "order",
          fault=Field(str, "whose fault it was", required=False, choices=FAULTS)),
    _kind("cancellation.requested", "The buyer asked to cancel the order.", "order",
          reason=Field(str, "a code, such as changed_mind", required=False)),
    _kind("cancellation.answered", "The seller answered the request to cancel.", "order", tells="buyer",
          accepted=Field(bool, "whether the seller agreed", required=False)),
    _dispute("dispute.inquired", "The buyer asked what is the matter, before there is a claim: it counts in no rate.",
             tells="buyer seller",
             reason=_REASON),
    _dispute("dispute.opened", "The buyer opened a dispute about an order.", tells="buyer seller",
             reason=_REASON, wants=_OFFER, amount=_ASKED, currency=_CURRENCY, pieces=_DISPUTED,
             worth=Field(int, "the most that can go back for its pieces, postage apart", required=False, least=0,
                         most=MAX_AMOUNT),
             again=Field(bool, "true where a dispute that was withdrawn is opened again", required=False)),
    _dispute("dispute.modified", "The buyer changed what the dispute asks for.", tells="buyer seller",
             reason=_REASON, wants=_OFFER, amount=_ASKED, currency=_CURRENCY, pieces=_DISPUTED,
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
             by=Field(str, "who offers", choices=ROLES), offer=_OFFER, number=_NUMBER, amount=_AMOUNT,
             currency=_CURRENCY,
             return_postage=Field(str, "who pays the way back", required=False, choices=PAYERS),
             until=Field(datetime, "until when it can be accepted", required=False),
             act_by=Field(datetime, "by when what is promised will be done", required=False)),
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
             amount=_AMOUNT, currency=_CURRENCY,
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
    _dispute("dispute.seconded", "Another agent read the draft decision, and stands by it.",
             tells="buyer seller", agent=_AGENT),
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
             of=Field(str, "which side", required=False, choices=ROLES), request=_REQUEST,
             until=Field(datetime, "by when", required=False)),
    _dispute("dispute.information_given", "A side gave the information that was asked for.",
             tells="buyer seller holder",
             by=Field(str, "which side", required=False, choices=ROLES), request=_REQUEST),
    _dispute("dispute.information_unavailable", "A side said that what was asked for is not to be had.",
             tells="buyer seller holder",
             by=Field(str, "which side", required=False, choices=ROLES), request=_REQUEST),
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
             amount=_AMOUNT, currency=_CURRENCY,
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
             agent=_AGENT, amount=_AMOUNT, currency=_CURRENCY),
    _dispute("dispute.clarified", "Words of the decision were explained; nothing of it changed.",
             tells="buyer seller", agent=_AGENT),
    _dispute("dispute.appealed", "A side asked to look at the decision again.", tells="buyer seller",
             by=Field(str, "which side", choices=ROLES),
             ground=Field(str, "a ground that the rulebook lists", required=False), digest=_TEXT_DIGEST),
    _dispute("dispute.appeal_answered", "The other side answered the appeal.", tells="buyer seller holder",
             by=Field(str, "which side", choices=ROLES), digest=_TEXT_DIGEST),
    _dispute("dispute.appeal_taken", "An agent who had not decided took the appeal.",
             tells="buyer seller", agent=_AGENT),
    _dispute("dispute.appeal_decided", "The appeal was decided.", tells="buyer seller",
             result=Field(str, "what became of the decision", choices=("upheld", "changed", "sent_back")),
             outcome=Field(str, "for whom", required=False, choices=OUTCOMES),
             fault=Field(str, "whose fault it was", required=False, choices=FAULTS),
             amount=_AMOUNT, currency=_CURRENCY, agent=_AGENT,
             bears=Field(str, "who bears what had been paid and should not have been", required=False,
                         choices=PAYERS)),
    _dispute("dispute.set_aside_asked", "A side that had been silent asked to set the decision aside.",
             tells="buyer seller",
             by=Field(str, "which side", choices=ROLES), digest=_TEXT_DIGEST),
    _dispute("dispute.set_aside", "A decision by silence was set aside, or not.", tells="buyer seller",
             granted=Field(bool, "whether it was"),
             because=Field(str, "a code: asked, not_reached or late_fact", required=False),
             agent=Field(str, "who decided, as role:id", required=False, names="agent platform")),
    _dispute("dispute.revived", "What was promised was not done: the claim lives again as it stood.",
             tells="buyer seller"),
    _dispute("dispute.closed", "The dispute ended without a winner.", tells="buyer seller holder",
             because=Field(str, "a code, such as nobody_asked, paid_outside, cannot_judge, arrived, refunded_in_full"),
             again=Field(bool, "whether it may be opened again", required=False)),
    _kind("return.sent", "The buyer sent the goods back, with a tracking number.", "dispute order", tells="seller",
          shipment=_GOES_BACK, dispute=_FOR_DISPUTE, weight_g=_WEIGHT,
          pieces=Field(int, "how many pieces of the order go back, where that is a part", required=False, least=1,
                       most=MAX_PIECES)),
    _kind("return.scanned", "The carrier reported an event for goods that are sent back.",
          "dispute order shipment", matters="dispute order",
          status=Field(str, "the carrier's status in Comity's vocabulary", required=False),
          source=Field(str, "where it came from", choices=("carrier", "seller", "buyer")), shipment=_GOES_BACK,
          dispute=_FOR_DISPUTE, weight_g=_WEIGHT),
    _kind("return.delivered", "The goods that were sent back reached the seller.", "dispute order",
          shipment=_GOES_BACK, dispute=_FOR_DISPUTE, weight_g=_WEIGHT),
    _kind("return.labelled", "A label for the way back was given: from now on the buyer can send.", "dispute order",
          tells="buyer seller",
          until=Field(datetime, "until when it can be used", required=False),
          by=Field(str, "who gave it", required=False, choices=ROLES), amount=_AMOUNT, currency=_CURRENCY,
          pays=Field(str, "who pays the way back", required=False, choices=PAYERS)),
    _kind("return.confirmed", "The seller confirmed the goods that came back, or paid the refund.", "dispute order",
          tells="buyer seller",
          shipment=_GOES_BACK, dispute=_FOR_DISPUTE),
    _kind("return.contested", "The seller says that what came back is not what it should be.", "dispute order",
          tells="buyer seller",
          state=Field(str, "what is the matter with it",
                      choices=("not_received", "damaged", "empty", "different", "incomplete"))),
    _kind("return.contest_answered", "The buyer answered what the seller says of the return.", "dispute order",
          tells="buyer seller"),
    _kind("carrier.claimed", "The seller passed the complaint on to the carrier.", "dispute order",
          claim=Field(str, "the claim's id"), carrier=Field(str, "the carrier's code", required=False)),
    _kind("carrier.asked", "The carrier asked for information about a claim.", "dispute order", tells="seller",
          claim=Field(str, "the claim's id"), request=_REQUEST),
    _kind("carrier.told", "The seller gave the carrier what it had asked for.", "dispute order",
          claim=Field(str, "the claim's id"), request=_REQUEST),
    _kind("carrier.answered", "The carrier answered the claim.", "dispute order", tells="buyer seller",
          claim=Field(str, "the claim's id"), accepted=Field(bool, "whether it pays"), amount=_AMOUNT,
          currency=_CURRENCY),
    _kind("complaint.received", "A right holder or an authority complained.", "listing seller order",
          about=Field(str, "a code, such as trademark or prohibited", required=False)),
    _kind("complaint.answered", "The seller answered the complaint.", "listing seller order"),
    _kind("violation.found", "Conduct that a rule forbids was found.", "conversation order listing review seller buyer",
          parties=PARTIES,
          rule=Field(str, "name of the conduct rule"),
          by=Field(str, "what shows it", choices=("reviewer", "report", "classifier")),
          score=Field(int, "the classifier's probability, in thousandths", required=False, least=0, most=1000),
          points=Field(int, "points within the range that the rule allows", required=False)),
    _kind("violation.cleared", "What was found turned out to be no violation.",
          "conversation order listing review seller buyer",
          parties=PARTIES,
          of=Field(str, "id of the fact that found it")),
    _kind("course.assigned", "A party is to take a course.", "seller buyer", parties=PARTIES, from_outside=False,
          course=Field(str, "the course's code"), because=Field(str, "what brought it", required=False)),
    _kind("course.passed", "A party passed a course.", "seller buyer", parties=PARTIES,
          course=Field(str, "the course's code", required=False)),
    _kind("peers.measured", "How a party's peers do by a standard, for comparison.", "seller buyer", parties=PARTIES,
          standard=Field(str, "name of the standard"),
          counted=Field(int, "how many of the peers' subjects count", least=0),
          faulty=Field(int, "how many of these are faulty", least=0)),
    _kind("review.written", "A buyer rated an order.", "order",
          score=Field(int, "1 (worst) to 5 (best)", least=1, most=5),
          review=Field(str, "the review's id", required=False)),
    _kind("review.answered", "The buyer's review was answered.", "order",
          review=Field(str, "the review's id", required=False)),
    _kind("pause.recorded", "A time that counts against nobody: an outage, force majeure, waiting for the buyer.",
          "conversation order seller buyer listing", parties=PARTIES, from_outside=False,
          from_=Field(datetime, "its beginning"),
          until=Field(datetime, "its end"),
          cause=Field(str, "a code", choices=PAUSE_CAUSES),
          by=Field(str, "who recorded it", choices=ROLES),
          evidence=Field(str, "an id or address of what shows it", required=False)),
    _kind("sanction.approved", "An agent approved a proposed measure.", "sanction", parties=PARTIES, from_outside=False,
          agent=Field(str, "who decided, as role:id")),
    _kind("sanction.declined", "An agent declined a proposed measure.", "sanction", parties=PARTIES, from_outside=False,
          agent=Field(str, "who decided, as role:id"),
          reason=Field(str, "a code", required=False)),
    _kind("history.imported", "A part of a party's past was imported. Measures for what was before wait for a person.",
          "seller buyer", parties=PARTIES, from_outside=False,
          facts=Field(int, "how many facts it holds", least=1),
          from_=Field(datetime, "when the first of them happened"),
          until=Field(datetime, "when the last of them happened")),
    _kind("deadline.fell", "A moment that a rule had set has passed. Written by the clock, dated at that moment.",
          "*", parties=PARTIES, from_outside=False,
          of=Field(str, "the state whose moment it is: a duty, a measure, the evaluations of a standard"),
          turn=Field(int, "how many of its moments had passed before")),
    _kind("order.charge_back_reversed", "The bank gave the payment back: what was charged back is here again.", "order",
          amount=_AMOUNT, currency=_CURRENCY, reference=Field(str, "the provider's id", required=False)),
)  # fmt: skip

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
DEADLINE = "deadline.fell"
PAUSE = "pause.recorded"
IMPORTED = "history.imported"
PEERS = "peers.measured"
REJECTED = "answer.rejected"
NO_REPLY = "conversation.no_reply_needed"
#: The cause of the time for which an automatic answer stood that was then rejected.
ANSWERED = "answered"
#: Causes of pauses that nobody records: facts of the matter begin and end them (`policy.time.stops`).
DERIVED_CAUSES = ("charge_back", "carrier_claim", "repair")
#: The due date of what waits for something of which nobody knows when it will come.
NEVER = LATEST


def problems(fact: Fact, *, now: datetime | None = None) -> Iterator[str]:
    """Yield, one sentence each, everything that is wrong with `fact`; nothing where it is sound.

    With `now`, a time more than CLOCK_SKEW_SECONDS ahead of it is wrong too.
    """
    kind = KINDS.get(fact.kind)
    if kind is None:
        yield f"unknown kind {fact.kind!r}; known kinds: {', '.join(KINDS)}"
        return
    yield from _bad_names(fact, kind)
    yield from _bad_times(fact, now)
    yield from _bad_data(fact, kind)


def _bad_names(fact: Fact, kind: Kind) -> Iterator[str]:
    for name in ("id", "subject", "matter", "party"):
        value = getattr(fact, name)
        if "\x00" in value:
            yield f"{name} cannot hold a NUL character"
        elif not value or len(value) > MAX_ID_CHARS:
            yield f"{name} must have 1 to {MAX_ID_CHARS} characters"
        elif name != "id" and not all(part.strip() for part in value.partition(":")):
            yield f"{name} must be written kind:id, such as order:1234; got {value!r}"
    if kind.subjects != ANYTHING and subject_kind(fact.subject) not in kind.subjects:
        yield f"{kind.name} is about {' or '.join(kind.subjects)}, not about {fact.subject!r}"
    if kind.matters != ANYTHING and subject_kind(fact.matter) not in kind.matters:
        yield f"the matter of {kind.name} must be {' or '.join(kind.matters)}:id, not {fact.matter!r}"
    if subject_kind(fact.subject) == subject_kind(fact.matter) and fact.subject != fact.matter:
        yield f"{kind.name} is about {fact.subject!r}, and cannot be judged under {fact.matter!r}"
    if any(subject_kind(each) in PARTIES and each != fact.party for each in (fact.subject, fact.matter)):
        yield f"{kind.name} of {fact.party!r} cannot be about another party"
    if subject_kind(fact.party) not in kind.parties:
        yield f"{kind.name} is a matter of the {' or '.join(kind.parties)}, not of {fact.party!r}"


def _bad_times(fact: Fact, now: datetime | None) -> Iterator[str]:
    if not EARLIEST <= fact.at <= LATEST:
        yield f"at ({fact.at.isoformat()}) must lie between {EARLIEST.year} and {LATEST.year}"
    if fact.at > fact.noted_at:
        yield f"at ({fact.at.isoformat()}) is after noted_at ({fact.noted_at.isoformat()})"
    if now is not None and (fact.at - now).total_seconds() > CLOCK_SKEW_SECONDS:
        yield f"at ({fact.at.isoformat()}) is in the future; now it is {now.isoformat()}"


def _bad_data(fact: Fact, kind: Kind) -> Iterator[str]:
    for name, field in kind.fields.items():
        # `from_` stands for `from`, which is a word of Python's.
        if field.required and fact.data.get(name.rstrip("_")) is None:
            yield f"{kind.name} needs data.{name.rstrip('_')}: {field.doc}"
    known = {name.rstrip("_"): field for name, field in kind.fields.items()}
    if fact.data.get("amount") is not None and "currency" in known and fact.data.get("currency") is None:
        yield "data.amount needs its data.currency"
    for name, value in fact.data.items():
        takes = known.get(name)
        if takes is None:
            yield f"{kind.name} has no field {name!r}; it has: {', '.join(known) or 'none'}"
        elif value is not None:
            yield from _bad_value(name, value, takes, fact)


def _bad_value(name: str, value: Any, field: Field, fact: Fact) -> Iterator[str]:
    wanted = str if field.type is datetime else field.type
    # In Python true and false are numbers, too.
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        yield f"data.{name} must be {_WORDS[field.type]}, not {value!r:.60}"
    else:
        yield from _out_of_bounds(name, value, field, fact)


def _out_of_bounds(name: str, value: Any, field: Field, fact: Fact) -> Iterator[str]:
    if field.type is datetime:
        try:
            moment = moments.parse(value)
            if not EARLIEST <= moment <= LATEST:
                yield f"data.{name} ({value}) must lie between {EARLIEST.year} and {LATEST.year}"
            elif moment < fact.at and field.not_before:
                yield f"data.{name} ({value}) is before the {fact.kind} itself ({moments.to_text(fact.at)})"
        except (ValueError, OverflowError) as error:
            yield f"data.{name}: {error}"
    elif field.choices and value not in field.choices:
        yield f"data.{name} must be one of {', '.join(field.choices)}, not {value!r:.60}"
    elif field.names and not _is_named(value, field.names.split()):
        written = " or ".join(f"{kind}:id" for kind in field.names.split())
        yield f"data.{name} must be written {written}, with 1 to {MAX_NAMED_CHARS} characters, not {value!r:.60}"
    elif field.currency and not is_currency(value):
        yield f"data.{name} must be a code of ISO 4217, such as EUR, not {value!r:.60}"
    elif field.least is not None and value < field.least:
        yield f"data.{name} must be at least {field.least}, not {value}"
    elif field.most is not None and value > field.most:
        yield f"data.{name} must be at most {field.most}, not {value}"
    elif isinstance(value, str) and "\x00" in value:
        yield f"data.{name} cannot hold a NUL character"
    elif isinstance(value, str) and len(value) > MAX_TEXT_CHARS:
        yield f"data.{name} is longer than {MAX_TEXT_CHARS} characters"


def _is_named(value: str, kinds: Sequence[str]) -> bool:
    kind, identity = reference(value)
    return kind in kinds and 0 < len(identity) <= MAX_NAMED_CHARS


_WORDS = {str: "a text", int: "a whole number", bool: "true or false", datetime: "a time with its zone"}


@lru_cache(maxsize=4096)
def moment_of(text: str) -> datetime:
    """Read a moment from a fact's data. Cached: many facts carry the same promised day."""
    return moments.parse(text)


read_fact = msgspec.json.Decoder(Fact).decode
