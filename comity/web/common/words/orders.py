"""Orders: placed, paid, cancelled, sent elsewhere."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "order.placed": Words("cart", _("The order was placed")),
    "order.paid": Words("coin", _("The order was paid")),
    "order.placed_through": Words("cart", _("Ordered through %(participant)s")),
    "order.cancelled": Words("cross", _("The order was cancelled")),
    "order.fulfilled": Words("check", _("The order was carried out to its end"), "good"),
    "order.receipt_confirmed": Words("check", _("The buyer confirmed the receipt"), "good"),
    "order.confirmation_timed_out": Words("clock", _("The time to confirm the receipt ran out")),
    "address.asked": Words("question", _("The buyer asked to send it to another address")),
    "address.changed": Words("home", _("The order goes to another address")),
    "address.declined": Words("cross", _("The order goes to the address that was given first")),
    "order.returned": Words("undo", _("The goods came back to the seller")),
    "cancellation.requested": Words("question", _("The buyer asked to cancel the order")),
    "cancellation.answered": Words("check", _("The seller answered the request to cancel")),
}
CODES = {
    # why an order was cancelled
    "no_stock": _("not in stock"), "wrong_price": _("a wrong price"), "cannot_ship": _("cannot be sent there"),
    "buyer_asked": _("the buyer asked for it"), "changed_mind": _("no longer wanted"),
    "ordered_wrong": _("ordered by mistake"), "too_slow": _("takes too long"), "not_paid": _("not paid"),
    "suspected_fraud": _("suspected fraud"), "carrier_delay": _("the carrier is late"),
    "production": _("it takes longer to make"), "weather": _("weather"),
    # states
    "paid": _("paid"), "cancelled": _("cancelled"), "sent": _("sent"),
}  # fmt: skip
