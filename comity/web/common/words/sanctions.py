"""Points and measures."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from comity.web.common.words.said import Words

SENTENCES = {
    "ledger.credited": Words(
        "check",
        ngettext_lazy(
            "%(points)s point taken off the ledger %(ledger)s",
            "%(points)s points taken off the ledger %(ledger)s",
            "points",
        ),
    ),
    "sanction.seconded": Words("check", _("One reviewer approved; another must")),
    "sanction.restored": Words("check", _("What the measure asks for was done")),
    "sanction.held": Words("pause", _("%(measure)s stays until what it asks for is done")),
    "ledger.charged": Words(
        "alert",
        ngettext_lazy(
            "%(points)s point on the ledger %(ledger)s", "%(points)s points on the ledger %(ledger)s", "points"
        ),
    ),
    "sanction.proposed": Words(
        "scale",
        ngettext_lazy(
            "%(measure)s proposed at %(points)s point; a person decides",
            "%(measure)s proposed at %(points)s points; a person decides",
            "points",
        ),
    ),
    "sanction.placed": Words("scale", _("%(measure)s placed, in effect from %(effective_at)s")),
    "sanction.lifted": Words("check", _("%(measure)s ended")),
    "course.passed": Words("check", _("A course was passed"), "good"),
    "sanction.approved": Words("check", _("An agent approved the measure")),
    "sanction.declined": Words("cross", _("An agent declined the measure")),
}
CODES = {
    # what was overturned
    "charge": _("points"), "sanction": _("a measure"),
    # states
    "proposed": _("proposed"), "placed": _("placed"), "declined": _("declined"), "lifted": _("over"),
    # why one is declined
    "not_proportionate": _("not proportionate"), "mistake": _("a mistake"),
    "outside_influence": _("outside the seller's influence"),
    # kinds of measures
    "warning": _("Warning"), "restriction": _("Restriction"), "freeze": _("Freeze"), "closure": _("Closure"),
}  # fmt: skip
