"""The sentence of every kind of fact and ruling. Rulings carry codes and values; words are made here, for the reader.

`SENTENCES` has an entry for each kind in `policy.facts.KINDS` and `policy.rulings.BY_KIND`, and for notices of their
own; a test proves it, in every shipped language.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class Words(NamedTuple):
    """A kind's icon (an id in icons.svg), its sentence with named values, and its tone: plain, good, warn or bad."""

    icon: str
    sentence: Any
    tone: str = "plain"


SENTENCES: Mapping[str, Words] = {
    # Facts
    "order.placed": Words("cart", _("The order was placed")),
    "order.paid": Words("coin", _("The order was paid")),
    "order.cancelled": Words("cross", _("The order was cancelled")),
    "shipment.dispatched": Words("box", _("The seller declared the parcel sent")),
    "shipment.handed_over": Words("truck", _("The carrier received the parcel")),
    "shipment.scanned": Words("truck", _("The carrier reported the parcel: %(status)s")),
    "shipment.delivered": Words("home", _("The parcel was delivered"), "good"),
    "message.sent": Words("chat", _("%(by)s wrote")),
    "conversation.no_reply_needed": Words("check", _("%(by)s said that no reply is needed")),
    "review.written": Words("star", _("The buyer rated the order: %(score)s of 5")),
    "review.answered": Words("star", _("The review was answered")),
    "pause.recorded": Words("pause", _("A time that counts against nobody was recorded: %(cause)s")),
    "sanction.approved": Words("check", _("An agent approved the measure")),
    "sanction.declined": Words("cross", _("An agent declined the measure")),
    "deadline.fell": Words("clock", _("A deadline passed")),
    # Rulings
    "duty.opened": Words("clock", _("%(rule)s: due by %(due)s")),
    "duty.warned": Words("bell", _("%(rule)s: still open, due by %(due)s"), "warn"),
    "duty.moved": Words("pause", _("%(rule)s: the deadline moved to %(due)s")),
    "duty.met": Words("check", _("%(rule)s: done in time"), "good"),
    "duty.waived": Words("check", _("%(rule)s: no longer asked for")),
    "duty.voided": Words("cross", _("%(rule)s: fell away")),
    "duty.unknown": Words("question", _("%(rule)s: done, but nobody knows when; not counted")),
    "duty.breached": Words("alert", _("%(rule)s: not done by %(due)s"), "bad"),
    "duty.cured": Words("check", _("%(rule)s: done too late"), "warn"),
    "ledger.charged": Words("alert", _("%(points)s points on the ledger %(ledger)s"), "bad"),
    "sanction.proposed": Words("scale", _("%(measure)s proposed at %(points)s points; a person decides"), "warn"),
    "sanction.placed": Words("scale", _("%(measure)s placed, in effect from %(effective_at)s"), "bad"),
    "sanction.lifted": Words("check", _("%(measure)s over"), "good"),
    "ruling.overturned": Words("undo", _("Overturned, because something became known late: %(what)s"), "good"),
    # Notices of their own
    "rulebook.published": Words("book", _("New rules %(rulebook)s apply from %(in_force_from)s")),
}

MEASURES = {
    "warning": _("Warning"), "restriction": _("Restriction"), "freeze": _("Freeze"), "closure": _("Closure"),
}  # fmt: skip
ROLES = {"buyer": _("Buyer"), "seller": _("Seller"), "agent": _("Agent"), "platform": _("Platform")}
CODES: Mapping[str, Any] = {
    # what a scan says
    "accepted": _("accepted"), "in_transit": _("on its way"), "customs": _("at customs"),
    "out_for_delivery": _("out for delivery"), "attempted": _("delivery was tried"), "delivered": _("delivered"),
    "returned": _("returned"), "exception": _("a problem on the way"),
    # causes of pauses
    "platform_outage": _("the platform was down"), "carrier_outage": _("the carrier's feed was down"),
    "force_majeure": _("force majeure"), "waiting_for_buyer": _("waiting for the buyer"), "holiday": _("holiday"),
    # what was overturned
    "duty": _("a duty"), "charge": _("points"), "sanction": _("a measure"),
    # states
    "open": _("open"), "met": _("in time"), "waived": _("waived"), "voided": _("fell away"),
    "unknown": _("unknown"), "breached": _("not done"), "cured": _("late"), "overturned": _("overturned"),
    "proposed": _("proposed"), "placed": _("placed"), "declined": _("declined"), "lifted": _("over"),
    "paid": _("paid"), "cancelled": _("cancelled"),
    # reasons
    "thanks": _("only thanks"), "spam": _("spam"), "duplicate": _("asked twice"), "other": _("another reason"),
    "not_proportionate": _("not proportionate"), "mistake": _("a mistake"),
    "outside_influence": _("outside the seller's influence"),
}  # fmt: skip
#: Titles of the rules that come with Comity. Other rulebooks' titles are shown as their operator wrote them.
TITLES = (
    gettext_noop("Reply to a buyer's message within 72 hours"),
    gettext_noop("Send the order, with a tracking number, before the handling time ends"),
    gettext_noop("The carrier confirms the parcel within 5 working days of its dispatch"),
    gettext_noop("Tracking is not silent for more than 10 days"),
    gettext_noop("Deliver by the promised date"),
    gettext_noop("Service"),
)


class _Plain(dict[str, Any]):
    """Values for a sentence; one that is missing is left blank rather than failing the page."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentence(kind: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of `kind` with `values`, in the language in force. Values are words already."""
    words = SENTENCES.get(kind)
    return kind if words is None else str(words.sentence) % _Plain(values)


def code(value: str) -> str:
    """Return the word for a code, or the code itself where it has none."""
    return str(CODES.get(value) or MEASURES.get(value) or ROLES.get(value) or value)
