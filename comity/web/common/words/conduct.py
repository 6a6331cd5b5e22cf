"""Conduct that rules forbid."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "conduct.found": Words("alert", _("%(rule)s: found and proved")),
    "violation.found": Words("alert", _("Conduct that a rule forbids was found"), "bad"),
    "violation.cleared": Words("undo", _("What was found is no violation"), "good"),
}
CODES = {
    # what was overturned
    "finding": _("a finding"),
    # severities and proofs
    "low": _("low"), "medium": _("medium"), "high": _("high"), "critical": _("critical"), "reviewer": _("a reviewer"),
    "report": _("a report"), "classifier": _("a classifier"),
}  # fmt: skip
