"""Improvement plans: what becomes of them, and what a seller can do."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "plan.asked": Words(
        "pen", _("An improvement plan is asked for: %(standard)s, %(faulty)s of %(counted)s at fault"), "warn"
    ),
    "plan.written": Words("pen", _("The improvement plan was written, version %(version)s")),
    "plan.sent_back": Words("undo", _("An agent sent the improvement plan back"), "warn"),
    "plan.accepted": Words("check", _("The improvement plan was accepted; it is checked at %(check_at)s"), "good"),
    "plan.accepted:silence": Words(
        "check", _("Nobody looked at the improvement plan in time: it is accepted, and checked at %(check_at)s"), "good"
    ),
    "plan.kept": Words(
        "check", _("The improvement plan was kept: %(faulty)s of %(counted)s at fault while it ran"), "good"
    ),
    "plan.kept:too_few": Words(
        "check", _("The improvement plan was kept: too little counted to hold it against anybody"), "good"
    ),
    "plan.failed": Words(
        "alert", _("The improvement plan has failed: %(faulty)s of %(counted)s at fault while it ran"), "bad"
    ),
    "plan.failed:not_written": Words("alert", _("The improvement plan has failed: none was written in time"), "bad"),
    "plan.withdrawn": Words(
        "cross", _("The improvement plan is no longer asked for: the evaluation behind it does not hold"), "good"
    ),
    "plan.resumed": Words("undo", _("The improvement plan stands again as it stood before a silence that was none")),
}
CODES = {
    # what follows a breach or a rating
    "plan": _("an improvement plan"),
    # why one was kept or failed
    "checked": _("it was held against the standard"), "too_few": _("too little counted to hold it against anybody"),
    "not_written": _("it was not written in time"),
    # what was written of one
    "plan_text:written": _("the plan"), "plan_text:accepted": _("accepted it"),
    "plan_text:sent_back": _("sent it back"),
    # what a seller can do
    "ship_earlier": _("Send orders earlier"), "other_carrier": _("Use another carrier"),
    "longer_handling": _("Promise a longer handling time"), "correct_listing": _("Correct the listing"),
    "check_before_shipping": _("Check each piece before it is sent"), "pause_listing": _("Pause the listing"),
    "answer_sooner": _("Answer messages sooner"), "something_else": _("Something else"),
    # states
    "plan:asked": _("to be written"), "plan:written": _("waits to be looked at"), "plan:sent_back": _("sent back"),
    "plan:running": _("running"), "plan:kept": _("kept"), "plan:failed": _("failed"),
    "plan:withdrawn": _("no longer asked for"),
}  # fmt: skip
