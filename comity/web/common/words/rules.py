"""Rulebooks, and whom they speak of."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from comity.web.common.words.said import Words

SENTENCES = {
    "rulebook.published": Words("book", _("New rules %(rulebook)s apply from %(in_force_from)s")),
}
CODES = {
    # roles
    "buyer": _("Buyer"), "seller": _("Seller"), "agent": _("Agent"), "platform": _("Platform"),
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
