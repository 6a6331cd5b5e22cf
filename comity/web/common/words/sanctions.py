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
    "sanction.proposed:not points": Words("scale", _("%(measure)s proposed; a person decides")),
    "sanction.placed": Words("scale", _("%(measure)s placed, in effect from %(effective_at)s")),
    "sanction.lifted": Words("check", _("%(measure)s ended")),
    "course.passed": Words("check", _("A course was passed"), "good"),
    "sanction.approved": Words("check", _("An agent approved the measure")),
    "sanction.declined": Words("cross", _("An agent declined the measure")),
    "sanction.closed": Words("check", _("%(measure)s is not decided on any more: a graver measure was placed")),
    "sanction.asked": Words("scale", _("An agent asked for a measure: %(measure)s, for %(rule)s"), "warn"),
    "sanction.released": Words("check", _("An agent ended the measure before its time"), "good"),
    "sanction.told": Words("bell", _("The measure was told: %(how)s")),
    "sanction.unreached": Words("alert", _("What told of the measure did not arrive: %(because)s"), "warn"),
    "sanction.answered": Words("pen", _("An answer to the measure was given")),
    "sanction.reached": Words("bell", _("The measure is told: its notice runs from here")),
    "sanction.missed": Words("alert", _("The measure is not told: it waits until it is")),
    "sanction.begins": Words("scale", _("%(measure)s: in effect from %(effective_at)s")),
    "account.linked": Words("alert", _("A link to another account was found"), "warn"),
    "account.matched": Words("alert", _("Links to another account are enough to propose a measure"), "warn"),
    "account.unlinked": Words("undo", _("A link to another account was taken back"), "good"),
    "account.cleared": Words("undo", _("What the measure rested on is gone"), "good"),
    "sanction.kept": Words("scale", _("An agent looked at the measure anew: it stays")),
    # For what was told late, and as well for an appeal that was won or a charge that was taken off.
    "ruling.overturned:sanction": Words("undo", _("A measure is taken back: what it rested on does not hold any more")),
    "ruling.overturned:charge": Words("undo", _("Points are taken back: %(rule)s")),
    "charge.taken_off": Words("undo", _("An agent took points off"), "good"),
    "appeal.filed": Words("scale", _("An appeal against the measure was filed")),
    "appeal.added": Words("pen", _("Something was added to the appeal")),
    "appeal.withdrawn": Words("cross", _("The appeal was taken back")),
    "appeal.decided": Words("scale", _("The appeal was decided: %(result)s")),
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
    "badge": _("Badge"), "lower fee": _("Lower fee"), "warning": _("Warning"), "lower ranking": _("Lower ranking"),
    "restriction": _("Restriction"), "fee": _("Fee"), "messages limited": _("Messages limited"),
    "listing off": _("Listing off"), "no new listings": _("No new listings"), "orders capped": _("Orders capped"),
    "payout held": _("Pay-out held"), "freeze": _("Freeze"), "closure": _("Closure"),
    # what was written of one
    "asked": _("asked for it"), "approved": _("approved"), "released": _("ended early"),
    "taken_off": _("points taken off"), "filed": _("appeal filed"), "added": _("added to the appeal"),
    # by what a measure was told
    "late": _("by us, some time after it was issued"), "page": _("by a page"), "mail": _("by mail"),
    "webhook": _("by a webhook"), "by_hand": _("by a person"),
    # how accounts are linked
    "link:payout": _("same pay-out account"), "link:document": _("same document"), "link:admission": _("own admission"),
    "link:network": _("same network address"), "link:device": _("same device"), "link:address": _("same address"),
    # what became of an appeal
    "stands": _("the measure stands"), "shortened": _("the measure is shortened"), "falls": _("the measure falls"),
}  # fmt: skip
