"""The sentence of every kind of fact and ruling. Rulings carry codes and values; words are made here, for the reader.

`SENTENCES` has an entry for each kind in `policy.facts.KINDS` and `policy.lives.RULINGS`, and for notices of their
own; a test proves it, in every shipped language.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.policy.lives import RULINGS


class Words(NamedTuple):
    """A kind's icon (an id in icons.svg), its sentence with named values, and its tone: plain, good, warn or bad."""

    icon: str
    sentence: Any
    tone: str = "plain"


#: Icons and sentences of rulings; their tone is their own.
_RULINGS: Mapping[str, Words] = {
    "duty.opened": Words("clock", _("%(rule)s: due by %(due)s")),
    "duty.warned": Words("bell", _("%(rule)s: still open, due by %(due)s")),
    "duty.moved": Words("pause", _("%(rule)s: the deadline moved to %(due)s")),
    "duty.met": Words("check", _("%(rule)s: done in time")),
    "duty.waived": Words("check", _("%(rule)s: no longer asked for")),
    "duty.voided": Words("cross", _("%(rule)s: fell away")),
    "duty.unknown": Words("question", _("%(rule)s: too little is known; not counted")),
    "duty.breached": Words("alert", _("%(rule)s: not done by %(due)s")),
    "duty.cured": Words("check", _("%(rule)s: done too late")),
    "breach.followed": Words("bell", _("%(rule)s: what follows is %(what)s")),
    "conduct.found": Words("alert", _("%(rule)s: found and proved")),
    "standard.rated": Words("alert", _("%(rule)s: %(faulty)s of %(counted)s, which breaks the limit")),
    "ledger.credited": Words("check", _("%(points)s points taken off the ledger %(ledger)s")),
    "sanction.seconded": Words("check", _("One reviewer approved; another must")),
    "sanction.restored": Words("check", _("What the measure asks for was done")),
    "sanction.held": Words("pause", _("%(measure)s stays until what it asks for is done")),
    "ledger.charged": Words("alert", _("%(points)s points on the ledger %(ledger)s")),
    "sanction.proposed": Words("scale", _("%(measure)s proposed at %(points)s points; a person decides")),
    "sanction.placed": Words("scale", _("%(measure)s placed, in effect from %(effective_at)s")),
    "sanction.lifted": Words("check", _("%(measure)s over")),
    "ruling.overturned": Words("undo", _("Overturned, because something became known late: %(what)s")),
}
SENTENCES: Mapping[str, Words] = {
    # Facts
    "order.placed": Words("cart", _("The order was placed")),
    "order.paid": Words("coin", _("The order was paid")),
    "order.cancelled": Words("cross", _("The order was cancelled")),
    "order.fulfilled": Words("check", _("The order was carried out to its end"), "good"),
    "order.receipt_confirmed": Words("check", _("The buyer confirmed the receipt"), "good"),
    "order.confirmation_timed_out": Words("clock", _("The time to confirm the receipt ran out")),
    "delay.announced": Words("clock", _("The seller announced a delay: it arrives by %(deliver_by)s"), "warn"),
    "delay.accepted": Words("check", _("The buyer accepted the later date: %(deliver_by)s")),
    "delay.declined": Words("cross", _("The buyer did not accept the later date")),
    "delivery.judged": Words("clock", _("The buyer said whether it came in time")),
    "promise.at_risk": Words("alert", _("It may arrive later than promised: %(reason)s"), "warn"),
    "address.asked": Words("question", _("The buyer asked to send it to another address")),
    "address.changed": Words("home", _("The order goes to another address")),
    "address.declined": Words("cross", _("The order goes to the address that was given first")),
    "order.refunded": Words("coin", _("The buyer got money back")),
    "order.charged_back": Words("coin", _("The buyer's bank took the payment back"), "warn"),
    "order.returned": Words("undo", _("The goods came back to the seller")),
    "cancellation.requested": Words("question", _("The buyer asked to cancel the order")),
    "cancellation.answered": Words("check", _("The seller answered the request to cancel")),
    "dispute.opened": Words("alert", _("The buyer opened a dispute"), "warn"),
    "dispute.modified": Words("alert", _("The buyer changed what the dispute asks for")),
    "dispute.answered": Words("chat", _("The seller answered the dispute")),
    "dispute.offered": Words("scale", _("%(by)s made an offer")),
    "dispute.escalated": Words("scale", _("The platform was asked to decide"), "warn"),
    "dispute.information_asked": Words("question", _("The platform asked for information")),
    "dispute.information_given": Words("chat", _("The information was given")),
    "dispute.withdrawn": Words("undo", _("The buyer withdrew the dispute"), "good"),
    "dispute.settled": Words("check", _("The two sides agreed"), "good"),
    "dispute.decided": Words("scale", _("The platform decided the dispute: %(outcome)s")),
    "dispute.appealed": Words("scale", _("%(by)s asked to look at the decision again")),
    "return.sent": Words("box", _("The buyer sent the goods back")),
    "return.scanned": Words("truck", _("The carrier reported the goods that are sent back: %(status)s")),
    "return.delivered": Words("home", _("The goods that were sent back arrived")),
    "return.confirmed": Words("check", _("The seller confirmed the return")),
    "complaint.received": Words("alert", _("A complaint was received"), "warn"),
    "complaint.answered": Words("chat", _("The complaint was answered")),
    "violation.found": Words("alert", _("Conduct that a rule forbids was found"), "bad"),
    "violation.cleared": Words("undo", _("What was found is no violation"), "good"),
    "course.passed": Words("check", _("A course was passed"), "good"),
    "peers.measured": Words("scale", _("The peers' rate was measured")),
    "shipment.dispatched": Words("box", _("The seller declared the parcel sent")),
    "shipment.handed_over": Words("truck", _("The carrier received the parcel")),
    "shipment.scanned": Words("truck", _("The carrier reported the parcel: %(status)s")),
    "shipment.noted": Words("question", _("The carrier noted: %(status)s")),
    "shipment.delivered": Words("home", _("The parcel was delivered"), "good"),
    "message.sent": Words("chat", _("%(by)s wrote")),
    "message.edited": Words("pen", _("%(by)s changed a message")),
    "answer.rejected": Words("cross", _("The buyer said that the automatic answer did not help")),
    "conversation.closed": Words("check", _("%(by)s ended the conversation")),
    "conversation.agent_asked": Words("question", _("%(by)s asked the platform for help"), "warn"),
    "conversation.agent_joined": Words("scale", _("An agent of the platform joined")),
    "conversation.no_reply_needed": Words("check", _("%(by)s said that no reply is needed")),
    "review.written": Words("star", _("The buyer rated the order: %(score)s of 5")),
    "review.answered": Words("star", _("The review was answered")),
    "pause.recorded": Words("pause", _("A time that counts against nobody was recorded: %(cause)s")),
    "sanction.approved": Words("check", _("An agent approved the measure")),
    "sanction.declined": Words("cross", _("An agent declined the measure")),
    "deadline.fell": Words("clock", _("A deadline passed")),
    **{kind: words._replace(tone=RULINGS[kind].tone) for kind, words in _RULINGS.items()},
    # Notices of their own
    "mail.not_taken": Words("alert", _("Your mail to “%(topic)s” was not taken: %(why)s. Answer on the page"), "warn"),
    "mail.files_not_taken": Words("clip", _("Files of your mail to “%(topic)s” were not taken: %(why)s"), "warn"),
    "parcel.doubted": Words(
        "alert", _("Order %(order)s, parcel %(number)s: %(status)s. Compare it with the label"), "warn"
    ),
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
    "label_made": _("a label was made"), "available_for_pickup": _("ready to be picked up"), "lost": _("lost"),
    "older_than_order": _("an event from before the order: the number is another parcel's"),
    "returned": _("returned"), "exception": _("a problem on the way"),
    "other_destination": _("an event in another country than the order's"),
    # why a promise is doubtful
    "not_sent": _("it was not sent in time"), "silent_carrier": _("the carrier has been silent for long"),
    "trouble": _("the carrier reports a problem"), "slow": _("parcels like it take longer at the moment"),
    # why an order was cancelled
    "no_stock": _("not in stock"), "wrong_price": _("a wrong price"), "cannot_ship": _("cannot be sent there"),
    "buyer_asked": _("the buyer asked for it"), "changed_mind": _("no longer wanted"),
    "ordered_wrong": _("ordered by mistake"), "too_slow": _("takes too long"), "not_paid": _("not paid"),
    "suspected_fraud": _("suspected fraud"), "carrier_delay": _("the carrier is late"),
    "production": _("it takes longer to make"), "weather": _("weather"),
    # causes of pauses
    "platform_outage": _("the platform was down"), "carrier_outage": _("the carrier's feed was down"),
    "force_majeure": _("force majeure"), "waiting_for_buyer": _("waiting for the buyer"), "holiday": _("holiday"),
    # what was overturned
    "duty": _("a duty"), "charge": _("points"), "sanction": _("a measure"), "finding": _("a finding"),
    "rating": _("an evaluation"), "consequence": _("a consequence"),
    # what follows a breach
    "decide": _("a decision"), "escalate": _("the platform takes over"), "cancel": _("the order is cancelled"),
    "assign": _("a course"), "notify": _("a message to those concerned"),
    # what limits are about
    "rate": _("faulty"), "kept": _("good"), "faulty": _("faulty"), "good": _("good"), "counted": _("counted"),
    "mean": _("mean"), "sum": _("sum"), "<": _("below"), "<=": _("at most"), ">": _("above"), ">=": _("at least"),
    "not_enough": _("not enough data"), "broken": _("not kept"), "fine": _("kept"),
    # severities and proofs
    "low": _("low"), "medium": _("medium"), "high": _("high"), "critical": _("critical"),
    "reviewer": _("a reviewer"), "report": _("a report"), "classifier": _("a classifier"),
    "both": _("both"), "nobody": _("nobody"),
    # states
    "open": _("open"), "met": _("in time"), "waived": _("waived"), "voided": _("fell away"),
    "unknown": _("unknown"), "breached": _("not done"), "cured": _("late"), "overturned": _("overturned"),
    "proposed": _("proposed"), "placed": _("placed"), "declined": _("declined"), "lifted": _("over"),
    "paid": _("paid"), "cancelled": _("cancelled"), "sent": _("sent"),
    # reasons
    "thanks": _("only thanks"), "spam": _("spam"), "duplicate": _("asked twice"), "answered": _("answered"),
    "solved": _("solved"),
    # what became of a mail
    "automatic": _("an automatic reply"), "bounce": _("came back"), "loop": _("a loop"),
    "no_token": _("no conversation named"), "forged": _("forged address"), "stranger": _("from a stranger"),
    "refused": _("refused"), "failed": _("failed"),
    "silent": _("nobody wrote any more"), "other": _("another reason"),
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
    gettext_noop("Few orders end in a dispute"),
    gettext_noop("Few disputes must be decided by the platform"),
    gettext_noop("Few disputes are decided to be the seller's fault"),
    gettext_noop("Nearly all messages are answered in time"),
    gettext_noop("Few orders are cancelled for the seller's reasons"),
    gettext_noop("No goods that infringe a trademark or copyright"),
    gettext_noop("No counterfeits"),
    gettext_noop("No pictures of others"),
    gettext_noop("Listings say what the goods are"),
    gettext_noop("A declared shipment is a true one"),
    gettext_noop("No harassment of buyers, no inducing them to confirm early"),
    gettext_noop("Intellectual property and prohibited goods"),
    gettext_noop("Serious infringements"),
    gettext_noop("Image theft"),
    gettext_noop("Quality of product information"),
    gettext_noop("Answer a dispute within 5 days"),
    gettext_noop("The platform steps in within 7 days"),
    gettext_noop("Send the goods back within 10 days, with a number"),
    gettext_noop("Confirm the returned goods within 30 days"),
    gettext_noop("Answer a request to cancel within 48 hours"),
    gettext_noop("Answer a right holder's complaint within 3 working days"),
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
