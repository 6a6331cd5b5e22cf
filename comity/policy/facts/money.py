"""Money that moves: payments, refunds, charge-backs, pay-outs."""

from comity.policy.facts.kind import AMOUNT, CURRENCY, FAULTS, MAX_AMOUNT, Field, kind

#: Who bears a refund.
COSTS = ("seller", "platform", "carrier")
#: Money that moves is never none, and never of no currency.
_MONEY = Field(int, "in minor units of `currency`", least=1, most=MAX_AMOUNT)
_IN_CURRENCY = Field(str, "ISO 4217 code", currency=True)
_REFERENCE = Field(str, "the payment system's id of it", required=False)
_REFUND_ID = Field(str, "the payment system's id of the refund", required=False)

ALL = (
    kind("order.paid_more", "The buyer paid more for the order, such as for a dearer exchange.", "order",
         amount=_MONEY, currency=_IN_CURRENCY, reference=_REFERENCE),
    kind("refund.instructed", "The payment system was asked to give the buyer money back.", "order",
         from_outside=False,
         refund=Field(str, "the instruction, as refund:id", names="refund"),
         dispute=Field(str, "the dispute from which it follows, as dispute:id", required=False, names="dispute"),
         amount=_MONEY, currency=_IN_CURRENCY,
         cost=Field(str, "who bears it", choices=COSTS),
         because=Field(str, "why, as a code, such as agreed or decided", required=False)),
    kind("refund.failed", "A refund that was instructed did not go through: it counts nowhere.", "order",
         tells="buyer seller",
         refund=Field(str, "the instruction, as refund:id", required=False, names="refund"),
         reason=Field(str, "why, as a code, such as account_closed", required=False),
         amount=Field(int, "what of it failed, where that is a part, in minor units of `currency`", required=False,
                      least=1, most=MAX_AMOUNT),
         currency=CURRENCY, reference=_REFUND_ID),
    kind("order.refunded", "The buyer got money back.", "order", tells="buyer seller",
         fault=Field(str, "whose fault it was", required=False, choices=FAULTS),
         amount=AMOUNT, currency=CURRENCY,
         refund=Field(str, "our instruction that was carried out, as refund:id", required=False, names="refund"),
         reference=_REFUND_ID),
    kind("order.charged_back", "The bank or the payment system took the payment back, or a part of it.", "order",
         tells="buyer seller",
         amount=Field(int, "in minor units of `currency`; left out: all that had not gone back", required=False,
                      least=0, most=MAX_AMOUNT),
         currency=CURRENCY,
         reference=Field(str, "the provider's id of the charge-back", required=False)),
    kind("order.charge_back_reversed", "The buyer's bank gave back what it had taken, or a part of it.", "order",
         tells="buyer seller",
         amount=Field(int, "in minor units of `currency`; left out: all of it", required=False, least=0,
                      most=MAX_AMOUNT),
         currency=CURRENCY,
         reference=Field(str, "the provider's id of the charge-back that is reversed", required=False)),
    kind("payout.made", "The seller was paid for the order, or paid back what was owed for it.", "order",
         amount=Field(int, "what went to the seller for it, in minor units of `currency`", least=0, most=MAX_AMOUNT),
         currency=_IN_CURRENCY, reference=_REFERENCE,
         netted=Field(int, "what was taken off for what the seller owed for it", required=False, least=0,
                      most=MAX_AMOUNT),
         platform=Field(int, "what came beside it of the platform's own money; below 0, what it took back of that",
                        required=False, least=-MAX_AMOUNT, most=MAX_AMOUNT)),
    kind("platform.paid", "The platform bears money of the order: it goes from the platform to the seller.", "order",
         from_outside=False,
         amount=Field(int, "in minor units of `currency`, all that it bears for `reference`: the last word counts",
                      least=0, most=MAX_AMOUNT),
         currency=_IN_CURRENCY,
         reference=Field(str, "what it follows from, such as dispute:id", required=False),
         because=Field(str, "why, as a code, such as reversed", required=False)),
)  # fmt: skip
