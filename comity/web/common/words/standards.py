"""Standards and their limits."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "standard.rated": Words("alert", _("%(rule)s: %(faulty)s of %(counted)s, which breaks the limit")),
    "peers.measured": Words("scale", _("The peers' rate was measured")),
}
CODES = {
    # what was overturned
    "rating": _("an evaluation"),
    # what limits are about
    "rate": _("faulty"), "kept": _("good"), "faulty": _("faulty"), "good": _("good"),
    "buyers": _("different buyers at fault"), "counted": _("counted"),
    "mean": _("mean"), "sum": _("sum"), "<": _("below"), "<=": _("at most"), ">": _("above"), ">=": _("at least"),
    "subjects:counted": _("counted"), "subjects:faulty": _("at fault"), "subjects:left_out": _("left out"),
    "not_enough": _("not enough data"), "broken": _("not kept"), "fine": _("kept"),
}  # fmt: skip
