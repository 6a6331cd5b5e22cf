"""Mails about disputes, in their readers' language and zone: the sentences of the page, from the same values.

Codes and sums alone: what somebody wrote, files and evidence are behind the link, for whoever signs in.
"""

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from comity.actions.guard import Actor
from comity.actions.letters import Letter
from comity.lib import options, zones
from comity.lib.money import Money
from comity.web.common.timeline import told
from comity.web.trade import dispute_words
from comity.web.trade.dispute_acts import ACTS
from comity.web.trade.dispute_forms import Sight, forms
from comity.web.trade.disputes import foremost


def write(letter: Letter) -> tuple[str, str]:
    """Return subject and body of a mail, as its reader reads."""
    reader, view, at = letter.reader, letter.view, letter.at
    now = view.now
    with translation.override(reader.language), timezone.override(zones.zone(reader.time_zone)):
        reason = dispute_words.reason_title(now.rules, now.case.reason)
        sight = Sight(Actor(reader), view, at)
        amount = Money(view.amount, sight.currency)
        body = render_to_string(
            "mail/dispute.txt",
            {
                "dispute": now.dispute, "order": now.order, "reason": reason, "reader": reader, "view": view, "now": at,
                "told": [(each.at, told(each.kind, each.values)) for each in letter.notices],
                "is_over": letter.is_over,
                "turn": dispute_words.turn(view.turn.who, reader.role, waits=view.turn.waits),
                "otherwise": dispute_words.if_nobody_acts(now, view.turn, amount),
                "longer": [
                    *dispute_words.longer(view.turn.longer),
                    *dispute_words.comes_next(now, sight.money(now.case.still_to_pay)),
                    *dispute_words.label_ends(now.case, view.turn),
                ],
                "on_its_way": sight.money(under_way) if (under_way := now.case.asked_for - now.case.paid) > 0 else None,
                "may": [] if letter.is_over else foremost(forms(ACTS, sight)),
                "link": _link(now.dispute.key),
            },
        )  # fmt: skip
        subject = _("Dispute %(key)s: %(reason)s") % {"key": now.dispute.key, "reason": reason}
    return subject, body


def _link(key: str) -> str:
    site = options.value("COMITY_SITE").rstrip("/")
    return f"{site}{reverse('dispute', args=[key])}" if site else ""
