"""Mails about improvement plans, in their readers' language and zone: what happened, and what is to be done by when.

Codes and values alone: what somebody wrote is behind the link, for whoever signs in.
"""

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from comity.actions.letters import PlanLetter
from comity.actions.plans import reading
from comity.lib import options, zones
from comity.web.common.timeline import title_of, told
from comity.web.common.tongue import PAGE
from comity.web.trade import plan_words


def write(letter: PlanLetter) -> tuple[str, str]:
    """Return subject and body of a mail, as its reader reads."""
    reader, row = letter.reader, letter.plan
    with translation.override(reader.language), timezone.override(zones.zone(reader.time_zone)):
        happened = [(each.at, told(each.kind, each.values)) for each in letter.notices]
        title = title_of(row.rulebook, row.standard)
        body = render_to_string(
            "mail/plan.txt",
            {
                "reader": reader, "told": happened, "title": title, "link": _link(letter),
                "state": plan_words.state(row, reading.waits_for(row)),
                "numbers": plan_words.numbers(row.faulty, row.counted),
                "limits": [PAGE.limit(each) for each in reading.level_of(row).limits],
                "of_measure": list(plan_words.waiting_measure(row)) if row.is_open else [],
                "result": plan_words.result(row),
            },
        )  # fmt: skip
        subject = _("Improvement plan: %(standard)s") % {"standard": title}
    return subject, body


def _link(letter: PlanLetter) -> str:
    site = options.value("COMITY_SITE").rstrip("/")
    return f"{site}{reverse('plan', args=[letter.plan.key])}" if site else ""
