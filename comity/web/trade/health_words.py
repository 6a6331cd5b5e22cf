"""Health in sentences: a standard's number in the language of its limit, what helps, and why a subject is left out."""

from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.numbers import format_percent
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, to_locale
from django.utils.translation import gettext as _

from comity.policy.facts import NEVER
from comity.policy.health.helps import Help
from comity.policy.health.known import Known
from comity.policy.health.ledgers import LedgerHealth
from comity.policy.health.standards import At, StandardHealth
from comity.policy.standards import rates
from comity.policy.standards.rates import Reading
from comity.policy.standards.rule import StandardRule
from comity.web.common import times, words
from comity.web.common.timeline import when
from comity.web.common.tongue import PAGE

#: Why a subject is left out.
LEFT = {
    "undated": gettext_lazy("the date by which it was due is missing"),
    "excluded": gettext_lazy("left out by the rule"),
    "waived": gettext_lazy("no longer asked for"),
    "voided": gettext_lazy("what it was about fell away"),
    "unknown": gettext_lazy("it is not known when it was done"),
}


def speaks_of(rule: StandardRule) -> str:
    """Return what the first limit of a standard is about: rate, kept, mean and so on; rate where it has none."""
    return next((bound.what for level in rule.levels for limit in level.limits for bound in limit.bounds), "rate")


def share(value: Fraction | float) -> str:
    """Return a share as a percentage of the reader's language."""
    return str(format_percent(float(value), "#,##0.#%", locale=to_locale(get_language() or "en")))


def rate_of(rule: StandardRule, rate: Fraction | None) -> str:
    """Return a share of faults in the language of the limit: what is good where that asks for it; a dash for none."""
    if rate is None:
        return "—"
    return share(1 - rate if speaks_of(rule) == "kept" else rate)


def number(rule: StandardRule, seen: Reading) -> str:
    """Return what is read in the language of its limit: "290 of 295 good · 98.3% (96.1%–99.3%)"."""
    if not seen.counted:
        return _("nothing counted")
    if speaks_of(rule) in ("mean", "sum") and seen.mean is not None:
        return _("%(mean)s in the mean of %(n)s") % {"mean": rates.decimal(seen.mean, 2), "n": seen.counted}
    good = speaks_of(rule) in ("kept", "good")
    values = {"faulty": seen.counted - seen.faulty if good else seen.faulty, "counted": seen.counted}
    said = (_("%(faulty)s of %(counted)s good") if good else _("%(faulty)s of %(counted)s at fault")) % values
    if rule.asks_for_buyers:
        said += ", " + of_buyers(seen.buyers)
    if seen.rate is None:
        return said
    low, high = rates.interval(seen.faulty, seen.counted)
    if good:
        low, high = 1 - high, 1 - low
    return f"{said} · {share(1 - seen.rate if good else seen.rate)} ({share(low)}–{share(high)})"


def of_buyers(number: int) -> str:
    """Return how many different buyers faulty subjects have."""
    return ngettext("of %(n)s buyer", "of %(n)s different buyers", number) % {"n": number}


def window(rule: StandardRule, at: At, place: int) -> str:
    """Return which days a window of a standard covers, in its zone."""
    seen = at.windows[place]
    with timezone.override(ZoneInfo(rule.zone)):
        begin, end = (timezone.localtime(moment).date() for moment in (seen.begin, seen.end))
    return _("%(begin)s to %(end)s (%(zone)s)") % {
        "begin": times.day(begin, "yMMMd"), "end": times.day(end - times.ONE_DAY, "yMMMd"), "zone": rule.zone,
    }  # fmt: skip


def in_zone(moment: datetime | None, zone: str, *, is_end: bool = False) -> str:
    """Return a moment as the clock of `zone` shows it, with the zone's name; "" for none.

    Of one until which something may be done (`is_end`), midnight is the end of the day before.
    """
    if moment is None:
        return ""
    if moment >= NEVER:
        return when(moment)
    with timezone.override(ZoneInfo(zone)):
        return _("%(moment)s in %(zone)s") % {
            "moment": times.until(moment) if is_end else times.moment(moment), "zone": zone,
        }  # fmt: skip


# Why a rate moves


def moves(health: StandardHealth) -> list[str]:
    """Return why the number will be another at the next evaluation, and what open matters would add."""
    said, rule = [], health.rule
    left, next_ = health.left, health.projected
    if health.rises and left is not None and next_ is not None:
        said.append(
            ngettext(
                "It gets worse by itself: by the next evaluation %(n)s leaves the window, of which %(faulty)s was at "
                "fault. With it, it would be %(kept)s; without it, it is %(then)s.",
                "It gets worse by itself: by the next evaluation %(n)s leave the window, of which %(faulty)s were at "
                "fault. With them, it would be %(kept)s; without them, it is %(then)s.",
                left.counted,
            )
            % {
                "n": left.counted, "faulty": left.faulty, "kept": rate_of(rule, left.kept_in),
                "then": rate_of(rule, next_.telling.rate),
            }
        )  # fmt: skip
    if health.missed is not None and next_ is not None:
        said.append(
            ngettext(
                "%(n)s open matter is due by then: if it is missed, it is %(missed)s instead of %(then)s.",
                "%(n)s open matters are due by then: if they are missed, it is %(missed)s instead of %(then)s.",
                health.open,
            )
            % {
                "n": health.open, "missed": number(rule, health.missed.telling), "then": number(rule, next_.telling),
            }
        )  # fmt: skip
    return said


def room(health: StandardHealth) -> str:
    """Return with how many faults, of as many subjects, the limit would be kept; "" where that says nothing."""
    most = [window.most for window in health.now.windows if window.most is not None]
    if health.now.state == "not_enough" or not most:
        return ""
    seen = health.now.windows[0].seen
    return ngettext(
        "At most %(most)s of %(n)s may be at fault.", "At most %(most)s of %(n)s may be at fault.", min(most)
    ) % {"most": min(most), "n": seen.counted}  # fmt: skip


def needed(health: StandardHealth) -> str:
    """Return from how many on a standard is judged, where there are not so many yet; "" where there are."""
    least = min((level.at_least for level in health.rule.levels), default=1)
    if health.now.state != "not_enough" or least < 2:
        return ""
    return _("It is judged once %(n)s count.") % {"n": least}


def season(health: StandardHealth) -> str:
    """Return why a standard that decides by evidence may look at few days: its stretches do not overlap; else ""."""
    if not health.rule.certain:
        return ""
    begin = health.now.windows[0].begin
    with timezone.override(ZoneInfo(health.rule.zone)):
        day = times.day(timezone.localtime(begin).date(), "yMMMd")
    return _(
        "Decided by evidence, in stretches of %(length)s that follow each other and do not overlap: this one counts "
        "since %(day)s."
    ) % {"length": PAGE.span(health.rule.windows[0].span), "day": day}


def undated(number: int) -> str:
    """Return that so many orders are not counted because their date is missing; "" for none."""
    if not number:
        return ""
    return ngettext(
        "%(n)s order is not counted: the date by which it was due is missing",
        "%(n)s orders are not counted: the date by which they were due is missing",
        number,
    ) % {"n": number}


# What helps


def help_(known: Known, each: Help) -> str:
    """Return one thing that helps as a sentence: what to do, and which number moves from where to where."""
    return _on_ledger(known, each) if each.on == "ledger" else _on_standard(known, each)


def _on_ledger(known: Known, each: Help) -> str:
    values = {
        "n": each.number, "by": when(each.by) if each.by else "", "before": int(each.before or 0),
        "after": int(each.after or 0), "ledger": _(known.book.ledgers[each.name].title),
        "measure": words.code(each.leaves), "duty": _title(known, each.duty),
    }  # fmt: skip
    if each.what == "answer":
        said = ngettext(
            "“%(duty)s”: %(n)s is open, due by %(by)s. Done in time, “%(ledger)s” stays at %(after)s points; missed, "
            "it goes to %(before)s.",
            "“%(duty)s”: %(n)s are open, the first due by %(by)s. Done in time, “%(ledger)s” stays at %(after)s "
            "points; missed, it goes to %(before)s.",
            each.number,
        )
        return (said + (" " + _("That avoids: %(measure)s.") if each.leaves else "")) % values
    left = " " + _("That leaves the rung %(measure)s; a measure that is running goes on to its own end.")
    if each.what == "clean":
        said = ngettext(
            "%(n)s more without a fault: “%(ledger)s” goes from %(before)s to %(after)s points.",
            "%(n)s more without a fault: “%(ledger)s” goes from %(before)s to %(after)s points.",
            each.number,
        )
        return (said + (left if each.leaves else "")) % values
    said = ngettext(
        "Wait: on %(by)s %(n)s charge ends, and “%(ledger)s” goes from %(before)s to %(after)s points.",
        "Wait: on %(by)s %(n)s charges end, and “%(ledger)s” goes from %(before)s to %(after)s points.",
        each.number,
    )
    return (said + (left if each.leaves else "")) % values


def _on_standard(known: Known, each: Help) -> str:
    rule = known.book.standards[each.name]
    values = {
        "n": each.number, "by": when(each.by) if each.by else "", "before": rate_of(rule, each.before),
        "after": rate_of(rule, each.after), "standard": _(rule.title), "duty": _title(known, each.duty),
    }  # fmt: skip
    if each.what == "answer":
        said = ngettext(
            "“%(duty)s”: %(n)s is open, due by %(by)s. Done in time, “%(standard)s” comes to %(after)s; missed, to "
            "%(before)s.",
            "“%(duty)s”: %(n)s are open, the first due by %(by)s. Done in time, “%(standard)s” comes to %(after)s; "
            "missed, to %(before)s.",
            each.number,
        )
    elif each.what == "clean":
        said = ngettext(
            "%(n)s more without a fault before %(by)s: “%(standard)s” comes from %(before)s to %(after)s.",
            "%(n)s more without a fault before %(by)s: “%(standard)s” comes from %(before)s to %(after)s.",
            each.number,
        )
    else:
        said = _("Wait: if nothing new comes, “%(standard)s” goes from %(before)s to %(after)s on %(by)s.")
    kept = " " + (_("It is kept then.") if each.what != "answer" else _("That keeps it."))
    return (said + (kept if each.leaves else "")) % values


def _title(known: Known, duty: str) -> str:
    rule = known.book.by_name.get(duty)
    return _(rule.title) if rule is not None else duty


# The ladder in words


def ladder(health: LedgerHealth) -> str:
    """Return where the dot stands on a ladder, for who does not see it: points, rung, and what comes next."""
    said = [ngettext("%(n)s point", "%(n)s points", health.points) % {"n": health.points}]
    if health.rung is not None:
        said.append(_("on the rung %(measure)s") % {"measure": words.code(health.rung.measure)})
    else:
        said.append(_("before the first rung"))
    if health.following is not None:
        at, rung = health.following
        said.append(_("next at %(at)s: %(measure)s") % {"at": at, "measure": words.code(rung.measure)})
    return ", ".join(said)
