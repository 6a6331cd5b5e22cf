"""Duties: their clocks, what becomes of them, what follows."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "duty.opened": Words("clock", _("%(rule)s: due by %(due)s")),
    "duty.warned": Words("bell", _("%(rule)s: still open, due by %(due)s")),
    "duty.moved": Words("pause", _("%(rule)s: the deadline moved to %(due)s")),
    "duty.met": Words("check", _("%(rule)s: done in time")),
    "duty.waived": Words("check", _("%(rule)s: no longer asked for")),
    "duty.voided": Words("cross", _("%(rule)s: fell away")),
    "duty.unknown": Words("question", _("%(rule)s: too little is known; not counted")),
    "duty.breached": Words("alert", _("%(rule)s: not done by %(due)s")),
    "duty.cured": Words("check", _("%(rule)s: done too late")),
    "breach.followed": Words("bell", _("What follows from “%(rule)s”: %(what)s")),
    "breach.followed:notify": Words("bell", _("Not done in time: %(rule)s")),
    "ruling.overturned": Words("undo", _("Overturned, because something became known late: %(what)s")),
    "ruling.overturned:duty": Words("undo", _("%(rule)s: judged again, because something became known late")),
    "pause.recorded": Words("pause", _("From %(from)s until %(until)s counts against nobody: %(cause)s")),
    "pause.ended": Words("pause", _("A time that counted against nobody has ended: %(cause)s")),
    "deadline.fell": Words("clock", _("A deadline passed")),
}
CODES = {
    # causes of pauses
    "platform_outage": _("the platform was down"), "carrier_outage": _("the carrier's feed was down"),
    "force_majeure": _("force majeure"), "waiting_for_buyer": _("waiting for the buyer"), "holiday": _("holiday"),
    "charge_back": _("the bank has the money"), "carrier_claim": _("the carrier looks into it"),
    "repair": _("the goods are being repaired"),
    # what was overturned
    "duty": _("a duty"), "consequence": _("a consequence"),
    # what follows a breach
    "decide": _("a decision"), "escalate": _("the platform takes over"), "cancel": _("the order is cancelled"),
    "assign": _("a course"), "notify": _("a message to those concerned"),
    "hand_over": _("the case goes to another agent"), "close": _("the dispute is closed"),
    "refund": _("what was agreed is paid"), "revive": _("the claim lives again"), "remind": _("a reminder"),
    # states
    "open": _("open"), "met": _("in time"), "waived": _("waived"), "voided": _("fell away"), "unknown": _("unknown"),
    "breached": _("not done"), "cured": _("late"), "overturned": _("overturned"),
}  # fmt: skip
