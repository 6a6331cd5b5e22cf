"""Parcels, promises and delays, and goods that come back."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "delay.announced": Words("clock", _("The seller announced a delay: it arrives by %(deliver_by)s"), "warn"),
    "delay.accepted": Words("check", _("The buyer accepted the later date: %(deliver_by)s")),
    "delay.declined": Words("cross", _("The buyer did not accept the later date")),
    "delivery.judged": Words("clock", _("The buyer said whether it came in time")),
    "promise.at_risk": Words("alert", _("It may arrive later than promised: %(reason)s"), "warn"),
    "return.sent": Words("box", _("The buyer sent the goods back")),
    "return.scanned": Words("truck", _("The carrier reported the goods that are sent back: %(status)s")),
    "return.delivered": Words("home", _("The goods that were sent back arrived")),
    "return.confirmed": Words("check", _("The seller confirmed the return")),
    "shipment.dispatched": Words("box", _("The seller declared the parcel sent")),
    "shipment.dispatched:unchecked": Words(
        "box", _("The seller declared the parcel sent, without a check that the rules want before")
    ),
    "check.filled": Words("check", _("The goods were checked before they left: all is as it should be")),
    "check.filled:not passed": Words("alert", _("The goods were checked before they left: not all is as it should be")),
    "shipment.handed_over": Words("truck", _("The carrier received the parcel")),
    "shipment.scanned": Words("truck", _("The carrier reported the parcel: %(status)s")),
    "shipment.noted": Words("question", _("The carrier noted: %(status)s")),
    "shipment.delivered": Words("home", _("The parcel was delivered"), "good"),
    "parcel.doubted": Words(
        "alert", _("Order %(order)s, parcel %(number)s: %(status)s. Compare it with the label"), "warn"
    ),
}
CODES = {
    # what a scan says
    "accepted": _("accepted"), "in_transit": _("on its way"), "customs": _("at customs"),
    "out_for_delivery": _("out for delivery"), "attempted": _("delivery was attempted"), "delivered": _("delivered"),
    "label_made": _("a label was made"), "available_for_pickup": _("ready to be picked up"), "lost": _("lost"),
    "older_than_order": _("an event from before the order: the number is another parcel's"), "returned": _("returned"),
    "exception": _("a problem on the way"), "other_destination": _("an event in a different country from the order's"),
    "delivered_elsewhere": _("delivered to a different place from the order's address"),
    "back_at_sender": _("back with the sender"),
    # why a promise is doubtful
    "not_sent": _("it was not sent in time"), "silent_carrier": _("the carrier has been silent for a long time"),
    "trouble": _("the carrier reports a problem"), "slow": _("parcels like it take longer at the moment"),
}  # fmt: skip
