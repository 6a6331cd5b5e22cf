"""Mail that could not be taken."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "mail.not_taken": Words("alert", _("Your mail to “%(topic)s” was not taken: %(why)s. Answer on the page"), "warn"),
    "mail.files_not_taken": Words("clip", _("Files of your mail to “%(topic)s” were not taken: %(why)s"), "warn"),
    "mail.came_back": Words(
        "alert", _("A mail to you about dispute %(topic)s came back; ask the shop to correct your address"), "warn"
    ),
}
CODES = {
    # how a side was told of a case
    "reach:acknowledged": _("has seen it"), "reach:arrived": _("a mail was delivered"),
    "reach:sent": _("a mail was sent, and did not come back"), "reach:deemed": _("told on its pages"),
    "reach:refuted": _("mails come back"), "reach:never": _("not told yet"),
    # what became of a mail
    "automatic": _("an automatic reply"), "bounce": _("came back"), "loop": _("a loop"),
    "no_token": _("no conversation named"), "forged": _("forged address"), "stranger": _("from a stranger"),
    "refused": _("refused"), "failed": _("failed"),
    "again": _("is read again"),
}  # fmt: skip
