"""The past of a party."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {"history.imported": Words("book", _("The past was imported; facts: %(facts)s"))}
