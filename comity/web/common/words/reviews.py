"""Reviews: how the two sides of an order rated each other, and what became of it."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "review.written": Words("star", _("%(by)s rated the order: %(score)s of 5")),
    "review.written:hidden": Words("star", _("%(by)s rated the order; it is shown once both sides have rated")),
    "review.written:notice": Words("star", _("%(by)s rated order %(order)s: %(score)s of 5")),
    "review.waits": Words(
        "star", _("%(by)s rated order %(order)s. You see it once you have rated, too, or on %(shown_by)s")
    ),
    "review.revised": Words("pen", _("%(by)s changed the review: %(score)s of 5")),
    "review.revised:hidden": Words("pen", _("%(by)s changed the review")),
    "review.revised:notice": Words("pen", _("%(by)s changed the review of order %(order)s: %(score)s of 5")),
    "review.answered": Words("chat", _("A review was answered (by: %(of)s)")),
    "review.answered:notice": Words("chat", _("Your review of order %(order)s was answered")),
    "review.removal_asked": Words("question", _("The writer was asked to remove a review (by: %(of)s)")),
    "review.removal_asked:notice": Words(
        "question", _("The other side of order %(order)s asks you to remove your review. You decide")
    ),
    "review.removal_declined": Words("cross", _("The writer keeps a review (by: %(of)s)")),
    "review.removal_declined:notice": Words("cross", _("The review of order %(order)s stays: its writer keeps it")),
    "review.removed": Words("cross", _("A review was removed (by: %(of)s): %(because)s")),
    "review.removed:writer": Words(
        "cross",
        _(
            "Your review of order %(order)s was removed by an agent and counts nowhere any more: %(because)s. You may "
            "object on the order's page"
        ),
    ),
    "review.appealed": Words("scale", _("The writer objects to the removal of a review (by: %(of)s)")),
    "review.appeal_decided": Words("scale", _("The removal of a review was decided on (by: %(of)s): %(result)s")),
    "review.appeal_decided:notice": Words(
        "scale", _("The removal of a review of order %(order)s was decided on: %(result)s")
    ),
    "review.removed:notice": Words(
        "cross", _("A review of order %(order)s was removed and counts nowhere any more: %(because)s")
    ),
}
CODES = {
    "restored": _("the review is shown again"), "removal:upheld": _("the review stays removed"),
    "stars:5": _("5 – very good"), "stars:4": _("4 – good"), "stars:3": _("3 – fair"), "stars:2": _("2 – poor"),
    "stars:1": _("1 – very poor"),
    # why a review was removed
    "extortion": _("a demand was made for it"), "not_about_the_order": _("not about the order"),
    "offensive": _("offensive"), "private_data": _("private data of somebody"),
    "not_genuine": _("not a genuine experience"), "own_wish": _("the writer took it back"),
    "because:settled": _("both sides agreed"), "agreement": _("both sides together"), "writer": _("the writer"),
}  # fmt: skip
