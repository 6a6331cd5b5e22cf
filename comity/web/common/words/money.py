"""Money of an order: paid, refunded, charged back, paid out."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "order.paid_more": Words("coin", _("The buyer paid more for the order")),
    "refund.instructed": Words("coin", _("The payment system was asked to give the buyer money back")),
    "refund.failed": Words("alert", _("A refund did not go through"), "bad"),
    "order.refunded": Words("coin", _("The buyer got money back")),
    "order.charged_back": Words("coin", _("The bank or the payment system took the payment back"), "warn"),
    "order.charge_back_reversed": Words("coin", _("The buyer's bank gave the payment back")),
    "payout.made": Words("coin", _("The seller was paid for the order")),
    "platform.paid": Words("coin", _("The platform bears money of this order")),
}
CODES = {
    # where a refund stands
    "refund:instructed": _("on its way, not yet confirmed"), "refund:confirmed": _("refunded"),
    "refund:failed": _("did not go through"), "refund:cancelled": _("taken back before it was sent"),
    # why it did not go through
    "refund:account_closed": _("the account is closed"), "refund:low_balance": _("the balance was too low"),
    "refund:declined": _("the bank did not take it"), "refund:cancelled_there": _("it was cancelled there"),
    "refund:not_allowed": _("the payment system does not allow it"),
    "refund:withdrawn": _("taken back before it was sent"),
}  # fmt: skip
