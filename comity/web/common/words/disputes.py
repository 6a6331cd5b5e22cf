"""Disputes, complaints and reviews."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
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
    "complaint.received": Words("alert", _("A complaint was received"), "warn"),
    "complaint.answered": Words("chat", _("The complaint was answered")),
    "review.written": Words("star", _("The buyer rated the order: %(score)s of 5")),
    "review.answered": Words("star", _("The review was answered")),
}
CODES = {
    # for whom it is decided
    "both": _("both"), "nobody": _("nobody"),
}  # fmt: skip
