"""What templates need said: time left, moments, money, codes, icons, a ledger's line."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent
from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, to_locale

from comity.lib import moments
from comity.lib.money import Money
from comity.policy.health.ledgers import LedgerHealth
from comity.policy.sanctions.measures import MEASURES, Rung
from comity.policy.standards.rates import Limit
from comity.records.models import Conversation, Evidence, Message, Order, OrderLine
from comity.web.common import called as naming
from comity.web.common import timeline, times, words
from comity.web.common.icons import PATHS
from comity.web.common.tongue import PAGE
from comity.web.seller import numbers

register = template.Library()

_SOON = timedelta(hours=8)
_LINE_WIDTH, _LINE_LEFT, _LINE_RIGHT = 640, 16, 32


@register.filter
def left(due: datetime | None, now: datetime) -> str:
    """Time until `due` in words: "5 h left", "2 days left", "3 h late"; nothing where nothing is due."""
    if due is None:
        return ""
    minutes = int(abs((due - now).total_seconds()) // 60)
    if minutes < 60:
        span = gettext("%(n)s min") % {"n": minutes}
    elif minutes < 48 * 60:
        span = gettext("%(n)s h") % {"n": minutes // 60}
    else:
        days = minutes // 1440
        span = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return gettext("%(span)s left") % {"span": span} if due >= now else gettext("%(span)s late") % {"span": span}


@register.filter
def urgency(due: datetime | None, now: datetime) -> str:
    """late, soon or calm: which colour the time left has, beside its words."""
    if due is not None and due < now:
        return "late"
    return "soon" if due is not None and due - now < _SOON else "calm"


@register.filter
def quote(message: Message) -> dict[str, Any] | None:
    """What a message quotes, as it stood then: its key, title, price, and of an order its state and promise."""
    if not message.quoted:
        return None
    quoted: dict[str, Any] = json.loads(message.quoted)
    quoted["price"] = Money(quoted["amount"], quoted["currency"]) if quoted["currency"] else None
    if "deliver_by" in quoted:
        quoted["deliver_by"] = moments.parse(quoted["deliver_by"])
    return quoted


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time in words."""
    return numbers.duration(seconds)


@register.filter
def days(value: float | None) -> str:
    """A number of days: "9 days", "3.5 days"; a dash for none."""
    if value is None:
        return "—"
    number = format_decimal(round(value, 1), locale=to_locale(get_language() or "en"))
    # Plurals count whole numbers; 1.5 days are several in English.
    return ngettext("%(n)s day", "%(n)s days", 1 if value == 1 else 2) % {"n": number}


@register.filter
def share(value: float | None) -> str:
    """A share as a percentage of the reader's language; a dash for none."""
    return "—" if value is None else format_percent(value, "#,##0.#%", locale=to_locale(get_language() or "en"))


@register.simple_tag
def used(opened: datetime, due: datetime, now: datetime) -> int:
    """How much of a duty's time is over, from 0 to 100."""
    whole = max((due - opened).total_seconds(), 1)
    return max(0, min(100, round(100 * (now - opened).total_seconds() / whole)))


@register.filter
def limit(limit: Limit) -> str:
    """A limit in words: "faulty at most 2.5%"."""
    return PAGE.limit(limit)


@register.filter
def called(thing: Order | OrderLine | Conversation) -> str:
    """What an order, a line or a conversation is called."""
    return naming.called(thing)


@register.filter
def when(moment: datetime | None) -> str:
    """A moment in the reader's zone and language."""
    return timeline.when(moment) if moment else ""


@register.filter
def moment(at: datetime | None) -> str:
    """An exact moment with its weekday, in the reader's zone: a deadline."""
    return times.moment(at) if at else ""


@register.filter
def deadline(at: datetime | None) -> str:
    """The same, of until when something may be done."""
    return times.until(at) if at else ""


@register.filter
def quoted(piece: Evidence) -> list[tuple[str, str]]:
    """What a message, an event or a listing said that is evidence, as it stood: names and values in words."""
    values: dict[str, Any] = json.loads(piece.text)
    said: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, list):
            said.append(("", "\n".join(_line(each) for each in value)))
        elif name == "at":
            said.append(("", timeline.when(moments.parse(value))))
        elif name != "message" and value:
            said.append(("", words.code(str(value))))
    return said


def _line(each: dict[str, Any]) -> str:
    price = money(Money(each["price"], each["currency"])) if each.get("price") and each.get("currency") else "—"
    return f"{each['quantity']} × {each['title']} ({price}): {each.get('description') or '—'}"


@register.filter
def day(moment: datetime | None) -> str:
    """A day in the reader's zone and language: Friday 4 December."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    locale = to_locale(get_language() or "en")
    return str(
        format_skeleton("yMMMMEEEEd" if local.year != timezone.now().year else "MMMMEEEEd", local, locale=locale)
    )


@register.filter
def money(price: Money | None) -> str:
    """A price by the reader's locale; a dash where nobody told it."""
    return "—" if price is None else price.said(to_locale(get_language() or "en"))


@register.filter
def code(value: Any, of: str = "") -> str:
    """The word for a code; of a noun, where it has its own for it."""
    return words.code(str(value), of)


@register.filter
def rule_title(row: Any) -> str:
    """The title of the rule that a charge or duty follows from, at its version."""
    return timeline.title_of(row.rulebook, row.rule)


@register.filter
def title(text: str) -> str:
    """A rulebook's own title, translated where it is one of ours."""
    return gettext(text) if text else ""


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon; decoration only, the words beside it say the same."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        PATHS.get(name, PATHS["clock"]),
    )


@register.filter
def tone(measure: str) -> str:
    """warn or bad: the colour of a kind of measure, beside its word."""
    return MEASURES[measure].tone


@register.simple_tag
def ladder_line(health: LedgerHealth, said: str) -> SafeString:
    """A ledger of a party as a line of rungs with the dot on it; `said`: the same in words."""
    rule = health.rule
    top = rule.most if rule.is_score else max([rung.at for rung in rule.rungs] + [health.points, 1])
    reached = {
        rung.at for rung in rule.rungs if (rung.at >= health.points if rule.is_score else rung.at <= health.points)
    }
    return _ladder(health.points, rule.rungs, top, said, reached)


@register.simple_tag
def rung_line(points: int, rungs: Sequence[Rung], top: int) -> SafeString:
    """Points as a line of rungs with the dot on it, the same in words for those who cannot see it."""
    said = ngettext("%(n)s point", "%(n)s points", points) % {"n": points}
    return _ladder(points, rungs, top, said, {rung.at for rung in rungs if rung.at <= points})


def _ladder(points: int, rungs: Sequence[Rung], top: int, said: str, reached: Collection[int]) -> SafeString:
    span = _LINE_WIDTH - _LINE_LEFT - _LINE_RIGHT

    def x(value: int) -> int:
        # Points beyond the last rung stay at the end of the line.
        return _LINE_LEFT + round(span * min(value, top) / top)

    marks = format_html_join(
        "",
        '<line x1="{0}" y1="22" x2="{0}" y2="38" class="rung {1}"/>'
        '<text x="{0}" y="14" class="rung-at">{2}</text><text x="{0}" y="{4}" class="rung-name">{3}</text>',
        (
            (
                x(rung.at),
                "reached" if rung.at in reached else "",
                rung.at,
                words.code(rung.measure),
                # In two rows in turn, so that the names of neighbours do not run into each other.
                (56, 72)[number % 2],
            )
            for number, rung in enumerate(rungs)
        ),
    )
    return format_html(
        '<svg class="rungs" viewBox="0 0 {} 78" role="img"><title>{}</title>'
        '<line x1="{}" y1="30" x2="{}" y2="30" class="track"/><line x1="{}" y1="30" x2="{}" y2="30" class="filled"/>'
        '{}<circle cx="{}" cy="30" r="8" class="dot"/></svg>',
        _LINE_WIDTH,
        said,
        _LINE_LEFT,
        _LINE_WIDTH - _LINE_RIGHT,
        _LINE_LEFT,
        x(points),
        marks,
        x(points),
    )
