"""Goods that go back, and what the carrier is asked for."""

from datetime import datetime

from comity.policy.facts.kind import (
    AMOUNT,
    CURRENCY,
    FAULTS,
    MAX_PIECES,
    PAYERS,
    REQUEST,
    TEXT_DIGEST,
    WEIGHT,
    Field,
    kind,
)
from comity.policy.powers import ROLES

_GOES_BACK = Field(str, "the parcel that goes back, as shipment:id", required=False, names="shipment")
#: A parcel that goes back, or that replaces another, because of a dispute.
_FOR_DISPUTE = Field(str, "the dispute for which it is sent, as dispute:id", required=False, names="dispute")

ALL = (
    kind("order.returned", "The goods came back to the seller.", "order",
         fault=Field(str, "whose fault it was", required=False, choices=FAULTS)),
    kind("return.sent", "The buyer sent the goods back, with a tracking number.", "dispute order", tells="seller",
         shipment=_GOES_BACK, dispute=_FOR_DISPUTE, weight_g=WEIGHT,
         pieces=Field(int, "how many pieces of the order go back, where that is a part", required=False, least=1,
                      most=MAX_PIECES)),
    kind("return.scanned", "The carrier reported an event for goods that are sent back.",
         "dispute order shipment", matters="dispute order",
         status=Field(str, "the carrier's status in Comity's vocabulary", required=False),
         source=Field(str, "where it came from", choices=("carrier", "seller", "buyer")), shipment=_GOES_BACK,
         dispute=_FOR_DISPUTE, weight_g=WEIGHT),
    kind("return.delivered", "The goods that were sent back reached the seller.", "dispute order",
         shipment=_GOES_BACK, dispute=_FOR_DISPUTE, weight_g=WEIGHT),
    kind("return.labelled", "A label for the way back was given: from now on the buyer can send.", "dispute order",
         tells="buyer seller",
         until=Field(datetime, "until when it can be used", required=False),
         by=Field(str, "who gave it", required=False, choices=ROLES), amount=AMOUNT, currency=CURRENCY,
         pays=Field(str, "who pays the way back", required=False, choices=PAYERS), digest=TEXT_DIGEST),
    kind("return.confirmed", "The seller confirmed the goods that came back, or paid the refund.", "dispute order",
         tells="buyer seller",
         shipment=_GOES_BACK, dispute=_FOR_DISPUTE),
    kind("return.contested", "The seller says that what came back is not what it should be.", "dispute order",
         tells="buyer seller",
         state=Field(str, "what is the matter with it",
                     choices=("not_received", "damaged", "empty", "different", "incomplete")), digest=TEXT_DIGEST),
    kind("return.contest_answered", "The buyer answered what the seller says of the return.", "dispute order",
         tells="buyer seller", digest=TEXT_DIGEST),
    kind("carrier.claimed", "The seller passed the complaint on to the carrier.", "dispute order",
         claim=Field(str, "the claim's id"), carrier=Field(str, "the carrier's code", required=False),
         digest=TEXT_DIGEST),
    kind("carrier.asked", "The carrier asked for information about a claim.", "dispute order", tells="seller",
         claim=Field(str, "the claim's id"), request=REQUEST, digest=TEXT_DIGEST),
    kind("carrier.told", "The seller gave the carrier what it had asked for.", "dispute order",
         claim=Field(str, "the claim's id"), request=REQUEST, digest=TEXT_DIGEST),
    kind("carrier.answered", "The carrier answered the claim.", "dispute order", tells="buyer seller",
         claim=Field(str, "the claim's id"), accepted=Field(bool, "whether it pays"), amount=AMOUNT,
         currency=CURRENCY, digest=TEXT_DIGEST),
)  # fmt: skip
