"""Mail that could not be taken."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "mail.not_taken": Words("alert", _("Your mail to “%(topic)s” was not taken: %(why)s. Answer on the page"), "warn"),
    "mail.files_not_taken": Words("clip", _("Files of your mail to “%(topic)s” were not taken: %(why)s"), "warn"),
}
CODES = {
    # what became of a mail
    "automatic": _("an automatic reply"), "bounce": _("came back"), "loop": _("a loop"),
    "no_token": _("no conversation named"), "forged": _("forged address"), "stranger": _("from a stranger"),
    "refused": _("refused"), "failed": _("failed"),
    "again": _("is read again"),
}  # fmt: skip
