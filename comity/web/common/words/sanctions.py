"""Points and measures."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "ledger.credited": Words("check", _("%(points)s points taken off the ledger %(ledger)s")),
    "sanction.seconded": Words("check", _("One reviewer approved; another must")),
    "sanction.restored": Words("check", _("What the measure asks for was done")),
    "sanction.held": Words("pause", _("%(measure)s stays until what it asks for is done")),
    "ledger.charged": Words("alert", _("%(points)s points on the ledger %(ledger)s")),
    "sanction.proposed": Words("scale", _("%(measure)s proposed at %(points)s points; a person decides")),
    "sanction.placed": Words("scale", _("%(measure)s placed, in effect from %(effective_at)s")),
    "sanction.lifted": Words("check", _("%(measure)s over")),
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
