"""The past of a party."""

from django.utils.translation import ngettext_lazy

from comity.web.common.words.said import Words

SENTENCES = {
    "history.imported": Words(
        "book",
        ngettext_lazy(
            "%(facts)s fact of before was imported", "%(facts)s facts of before were imported", "facts"
        ),
    ),
}  # fmt: skip
