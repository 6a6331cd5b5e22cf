"""Carriers as agents see them: who keeps what was promised, on which way, and how surely one can say so."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.actions import lanes, outages
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.history.cards import LEAST_PARCELS, Card, Cards, recommended
from comity.history.errors import BadFile
from comity.records.models import Excuse
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused, typed
from comity.web.trade.order_acts import moment_of

MOST_LANES, MOST_OUTAGES = 400, 20
#: The plots, in units of their own.
WIDTH, LEFT, RIGHT, ROW = 760, 170, 90, 32
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_RANGE = (
    '<text x="{}" y="{}" class="name">{}</text><line x1="{}" x2="{}" y1="{}" y2="{}" class="span"/>'
    '<circle cx="{}" cy="{}" r="6" class="dot"/><text x="{}" y="{}" class="said">{}</text>'
)


@needs("agent", "platform")
@require_http_methods(["GET", "POST"])
def carriers(request: HttpRequest) -> HttpResponse:
    """All carriers, one lane's, and outages; a POST records an outage."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, "carrier.compare")
    if request.method == "POST":
        return _record(request, actor, now)
    try:
        cards = cards_of_hour(now)
    except BadFile as error:
        flash.error(request, str(error))
        cards = Cards([], [], [])
    busiest = sorted(cards.of_lanes, key=lambda card: (-card.parcels, card.lane))[:MOST_LANES]
    asked = request.GET.get("lane", "")
    here = next((card for card in busiest if "|".join(card.lane) == asked), busiest[0] if busiest else None)
    there = [card for card in cards.by_lane if here is not None and card.lane == here.lane]
    return render(
        request,
        "agent/carriers.html",
        {
            "everywhere": cards.by_carrier,
            "lanes": [("|".join(card.lane), card) for card in busiest],
            "here_key": "|".join(here.lane) if here else "",
            "there": there,
            "best": recommended(there, here.origin, here.destination, here.service) if here else [],
            "shares": share_plot(cards.by_carrier),
            "times": time_plot(there),
            "least": LEAST_PARCELS,
            "outages": Excuse.objects.select_related("recorded_by")[:MOST_OUTAGES],
            "parcels": sum(card.parcels for card in cards.by_carrier),
        },
    )


def cards_of_hour(now: datetime) -> Cards:
    """Return the scorecards as of this hour; counted anew when a file or the hour changes. Raises BadFile."""
    # Moments of change stand for the files' content, so that a page does not count millions of parcels again.
    files = tuple((path, path.stat().st_mtime_ns) for path in lanes.files())
    return _counted(files, now.replace(minute=0, second=0, microsecond=0, tzinfo=None).isoformat(" "))


@lru_cache(maxsize=2)
def _counted(files: tuple[tuple[Path, int], ...], hour: str) -> Cards:
    from comity.history.carriers import scorecards  # with DuckDB: only where a page counts

    return scorecards([path for path, changed in files], now=hour) if files else Cards([], [], [])


def _record(request: HttpRequest, actor: Actor, now: datetime) -> HttpResponse:
    try:
        begins, ends = (moment_of(typed(request, name), actor.party.time_zone)[0] for name in ("begins", "ends"))
        outages.record(
            actor,
            carrier=typed(request, "carrier"),
            begins=begins,
            ends=ends,
            evidence=typed(request, "evidence"),
            at=now,
        )
    except Refused as error:
        return refused(request, error, "/desk/carriers/")
    flash.success(request, _("The outage is recorded. The orders concerned are excused within moments."))
    return redirect("desk_carriers")


def share_plot(cards: Sequence[Card]) -> SafeString:
    """Return each carrier's share on time as a dot with its interval, up to 100 %."""
    shown = [card for card in cards if card.share is not None]
    start = min((int(card.bounds[0] * 10) / 10 for card in shown), default=0.0)  # the scale begins where they do
    length = 1 - start or 1.0

    def at(share: float) -> float:
        return (share - start) / length

    rows = [
        _range(number, card.carrier, at(card.bounds[0]), at(card.share or 0.0), at(card.bounds[1]), f"{card.share:.1%}")
        for number, card in enumerate(shown)
    ]
    title = _("Share on time of each carrier, with its interval")
    return _plot([(tick, f"{start + tick * length:.1%}") for tick in _TICKS], rows, title)


def time_plot(cards: Sequence[Card]) -> SafeString:
    """Return how long each carrier takes: from the median, a dot, to what nine in ten keep."""
    times = [(card.carrier, card.median_days, card.p90_days) for card in cards]
    shown = [(name, median, p90) for name, median, p90 in times if median is not None and p90 is not None]
    longest = max((row[2] for row in shown), default=1.0) * 1.1 or 1.0
    rows = [
        _range(number, name, median / longest, median / longest, p90 / longest, f"{median:.1f} – {p90:.1f}")
        for number, (name, median, p90) in enumerate(shown)
    ]
    title = _("Days from sending to arrival: median, and within which nine in ten arrive")
    return _plot([(share, f"{share * longest:.0f}") for share in _TICKS], rows, title)


def _range(number: int, name: str, low: float, middle: float, high: float, said: str) -> SafeString:
    y = 16 + number * ROW
    return format_html(
        _RANGE,
        LEFT - 12,
        y + 4,
        name[:24] or "?",
        _x(low),
        _x(high),
        y,
        y,
        _x(middle),
        y,
        WIDTH - RIGHT + 12,
        y + 4,
        said,
    )


def _x(share: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0), 1)


def _plot(ticks: Sequence[tuple[float, str]], rows: Sequence[SafeString], title: str) -> SafeString:
    if not rows:
        return SafeString("")
    bottom = 8 + len(rows) * ROW
    grid = format_html_join(
        "",
        '<line x1="{0}" x2="{0}" y1="0" y2="{1}" class="grid"/><text x="{0}" y="{2}" class="tick">{3}</text>',
        ((_x(at), bottom, bottom + 18, text) for at, text in ticks),
    )
    return format_html(
        '<svg class="ranges" viewBox="0 0 {} {}" role="img"><title>{}</title>{}{}</svg>',
        WIDTH,
        bottom + 26,
        title,
        grid,
        format_html_join("", "{}", ((row,) for row in rows)),
    )


urlpatterns = [
    path("desk/carriers/", carriers, name="desk_carriers"),
]
