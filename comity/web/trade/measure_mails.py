"""Mails about measures, in their readers' language and zone: what happened, from when to when, how to object.

Codes and values alone: what somebody wrote is behind the link, for whoever signs in.
"""

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from comity.actions.letters import MeasureLetter
from comity.actions.plans.reading import plan_before
from comity.lib import options, zones
from comity.web.common import words
from comity.web.common.noticed import sentence_of
from comity.web.trade import measure_words


def write(letter: MeasureLetter) -> tuple[str, str]:
    """Return subject and body of a mail, as its reader reads."""
    reader, row = letter.reader, letter.measure
    with translation.override(reader.language), timezone.override(zones.zone(reader.time_zone)):
        happened = [(each.at, sentence_of(each, row)) for each in letter.notices]
        statement, plan = row.statement or {}, plan_before(row)
        counted = measure_words.infringements(row, statement)
        body = render_to_string(
            "mail/measure.txt",
            {
                "reader": reader, "measure": row, "now": letter.at, "told": happened,
                "answer_until": letter.answer_until, "appeal_until": letter.appeal_until, "link": _link(letter),
                "reasons": list(measure_words.reasons(statement)), "counted": counted,
                "windows": measure_words.windows(statement),
                "waits_for_plan": plan is not None and plan.is_open,
                "changes": list(measure_words.changes(statement, counted)),
            },
        )  # fmt: skip
        name = str(words.code(row.measure))
        subject = f"{name}: {happened[-1][1]}" if happened else name
    return subject, body


def _link(letter: MeasureLetter) -> str:
    site = options.value("COMITY_SITE").rstrip("/")
    row = letter.measure
    return f"{site}{reverse('measure', args=[row.party.uuid, row.key])}" if site else ""
