"""A seller's own numbers: how long answers took, by weekday and hour, beside the marketplace's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import log
from typing import Any

from babel.dates import get_day_names
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, to_locale
from django.views.decorators.http import require_GET

from comity.records import answer_times
from comity.records.answer_times import Answered
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs

#: The plot, in units of its own: a week across, time to answer upwards on a logarithmic scale.
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 840, 300, 64, 32, 12
SHORTEST, LONGEST = 60.0, 14 * 86_400.0
TICKS = (60, 600, 3_600, 6 * 3_600, 86_400, 3 * 86_400, 7 * 86_400)
MOST_DOTS = 800
_DAY = '<line x1="{0}" y1="{2}" x2="{0}" y2="{3}" class="grid"/><text x="{1}" y="{4}">{5}</text>'
_TICK = '<line x1="{0}" y1="{2}" x2="{1}" y2="{2}" class="grid"/><text x="{3}" y="{4}" class="tick">{5}</text>'


@needs("seller")
@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    """Median, 95th percentile, share within the rule; each answer as a dot; the marketplace's beside."""
    seller, now = actor_of(request).party, datetime.now(UTC)
    own, market = answer_times.of_seller(seller, now), answer_times.of_marketplace()
    names = _days()
    days = [
        {"name": names[day], "own": times, "market": market.days_of_week[day] if market else None}
        for day, times in enumerate(answer_times.by_weekday(own))
    ]
    return render(
        request,
        "seller/numbers.html",
        {
            "own": answer_times.together(own),
            "market": market,
            "days": days,
            "span": answer_times.DAYS,
            "market_share": market.in_time / market.counted if market else None,
            "plot": strip_plot(own, market.median if market else None) if own else "",
            "least": answer_times.LEAST_FOR_P95,
        },
    )


def duration(seconds: float | None) -> str:
    """A length of time in words: "45 min", "5 h", "3 days"; a dash for none."""
    if seconds is None:
        return "—"
    if seconds < 90 * 60:
        return gettext("%(n)s min") % {"n": max(1, round(seconds / 60))}
    if seconds < 48 * 3600:
        return gettext("%(n)s h") % {"n": f"{seconds / 3600:.1f}".removesuffix(".0")}
    days = round(seconds / 86_400)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def strip_plot(answered: Sequence[Answered], market: float | None) -> SafeString:
    """Return each answer as a dot: when in the week it was asked, and how long it took; late ones are crosses."""
    rows = [(row.asked_at, row.took, row.in_time) for row in answered[:MOST_DOTS] if row.took is not None]
    dots = format_html_join("", "{}", ((_dot(asked, took, in_time),) for asked, took, in_time in rows))
    days = format_html_join(
        "",
        _DAY,
        (
            (_x(day * 24), _x(day * 24 + 12), TOP, HEIGHT - BOTTOM, HEIGHT - 10, name)
            for day, name in enumerate(_days())
        ),
    )
    ticks = format_html_join(
        "", _TICK, ((LEFT, WIDTH, _y(tick), LEFT - 8, _y(tick) + 4, duration(tick)) for tick in TICKS)
    )
    line = ""
    if market is not None:
        words = gettext("Median of the marketplace: %(time)s") % {"time": duration(market)}
        line = format_html(
            '<line x1="{0}" y1="{2}" x2="{1}" y2="{2}" class="market"><title>{3}</title></line>',
            LEFT,
            WIDTH,
            _y(market),
            words,
        )
    title = ngettext(
        "Time to answer of %(n)s question, by when in the week it was asked",
        "Time to answer of %(n)s questions, by when in the week they were asked",
        len(rows),
    ) % {"n": len(rows)}
    svg = '<svg class="strip" viewBox="0 0 {} {}" role="img"><title>{}</title>{}{}{}{}</svg>'
    return format_html(svg, WIDTH, HEIGHT, title, ticks, days, line, dots)


def _dot(asked: datetime, took: timedelta, in_time: bool) -> SafeString:
    x, y = _x(asked.weekday() * 24 + asked.hour + asked.minute / 60), _y(took.total_seconds())
    if in_time:
        return format_html('<circle cx="{}" cy="{}" r="3.5" class="dot"/>', x, y)
    return format_html('<path d="M{} {}l8 8m0 -8l-8 8" class="cross"/>', x - 4, y - 4)


def _x(hour: float) -> float:
    return round(LEFT + (WIDTH - LEFT) * hour / 168, 1)


def _y(seconds: float) -> float:
    drawn = min(max(seconds, SHORTEST), LONGEST)
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * log(drawn / SHORTEST) / log(LONGEST / SHORTEST), 1)


def _days() -> list[str]:
    names: Any = get_day_names("abbreviated", locale=to_locale(get_language() or "en"))
    return [str(names[day]) for day in range(7)]


urlpatterns = [
    path("sell/numbers/", numbers, name="numbers"),
]
