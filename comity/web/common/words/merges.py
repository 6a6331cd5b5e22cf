"""Accounts that become one, and the points that come with them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from comity.web.common.words.said import Words

SENTENCES = {
    "account.merge_asked": Words("scale", _("An agent asks that this account is taken over into another one"), "warn"),
    "account.merge_declined": Words("cross", _("An agent declined that this account is taken over")),
    "account.taken_over": Words(
        "scale", _("This account was taken over into another one of yours: what is new begins there"), "warn"
    ),
    "account.took_over": Words("scale", _("This account took over another one of yours, with its points"), "warn"),
    "account.undo_asked": Words("scale", _("An agent asks that this account is given back")),
    "account.undo_declined": Words("cross", _("An agent declined that this account is given back")),
    "account.given_back": Words("undo", _("This account is one of its own again"), "good"),
    "account.gave_back": Words(
        "undo", _("An account that was taken over into this one is one of its own again: its points are gone"), "good"
    ),
    "account.looked_at": Words("check", _("An agent looked at the points that came with the account")),
    "charge.taken_over": Words("scale", _("Points of an account that was taken over come here: %(points)s")),
    "charge.cleared": Words(
        "undo", _("Points that came with another account are gone there, and so from here"), "good"
    ),
    "ledger.took_over": Words(
        "scale",
        ngettext_lazy(
            "%(points)s point of another account counts on the ledger %(ledger)s, dated as it was",
            "%(points)s points of another account count on the ledger %(ledger)s, dated as they were",
            "points",
        ),
    ),
}
CODES = {
    # where a merge stands
    "merge:asked": _("asked for"), "merge:declined": _("declined"), "merge:merged": _("one account"),
    "merge:undo_asked": _("asked to be undone"), "merge:undone": _("undone"),
    # what was written of it
    "merge:merge_asked": _("asked that it is taken over"), "merge:merge_declined": _("declined it"),
    "merge:taken_over": _("approved it"), "merge:undo_asked_for": _("asked that it is undone"),
    "merge:undo_declined": _("declined to undo it"), "merge:given_back": _("undid it"),
    "merge:looked_at": _("looked at it"), "cleared": _("took the measure back"),
}  # fmt: skip
