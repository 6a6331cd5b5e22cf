"""[[duty]]: who must do what within how long after which fact."""

import re
from datetime import date, datetime, timedelta

from comity.policy.duties.rule import CAUSES, EACH, USUAL_CAUSES, DutyRule, Season
from comity.policy.facts import KINDS
from comity.policy.matching import DUE, Match
from comity.policy.powers import ROLES
from comity.policy.time.clocks import Clock
from comity.rulebooks.language.grammar.parts import Known, consequences, matches
from comity.rulebooks.language.reading import Table

_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)\Z")
#: Days of every year are kept in a leap year, so that 02-29 is one.
_LEAP_YEAR = 2024


def duty(table: Table, known: Known) -> DutyRule:
    """Read a duty."""
    table.known("duty")
    name = table.name("name") or "?"
    opened_by = matches(table, "opened_by")
    clock = known.clocks.get(table.text("clock", choices=tuple(known.clocks)) or "always", known.clocks["always"])
    within, by = _deadline(table, clock, opened_by)
    breach = consequences(table, known)
    if table.values.get("who") not in (None, "seller") and (breach.charge or breach.measure):
        problem = "points and measures would go to the seller, whose matter it is"
        table.wrong("breach", problem, "leave them out of others' duties")
    decided_after = table.length("decided_after")
    met_by = matches(table, "met_by", required=True)
    broken_by = matches(table, "broken_by")
    _verdict(table, decided_after, opened_by, met_by, broken_by)
    return DutyRule(
        name=name,
        title=table.text("title", required=True) or name,
        who=table.text("who", required=True, choices=ROLES) or "seller",
        each=_each(table, opened_by),
        opened_by=opened_by,
        met_by=met_by,
        within=within,
        by=by,
        by_fact=table.text("by_fact", choices=tuple(KINDS)),
        plus=table.length("plus") or timedelta(0),
        seasons=_seasons(table),
        latest=table.text("counts_from", choices=("first", "latest")) == "latest",
        pauses=tuple(table.texts("pauses", default=list(USUAL_CAUSES), choices=CAUSES)),
        holiday_limit=table.length("holiday_limit"),
        clock=clock,
        waived_by=matches(table, "waived_by"),
        voided_by=matches(table, "voided_by"),
        unknown_by=matches(table, "unknown_by"),
        not_after=matches(table, "not_after"),
        anew_after=matches(table, "anew_after"),
        # The longest first: warnings are counted in the order in which they come.
        warn_before=tuple(sorted(set(table.lengths("warn_before")), reverse=True)),
        repeats=table.flag("repeats"),
        counts_before=table.flag("counts_before"),
        decided_after=decided_after,
        broken_by=broken_by,
        breach=breach,
        zone=known.zone,
        source=table.text("source"),
    )


def _verdict(
    table: Table,
    decided_after: timedelta | None,
    opened_by: tuple[Match, ...],
    met_by: tuple[Match, ...],
    broken_by: tuple[Match, ...],
) -> None:
    """Say what does not fit where a duty is decided by what is known, or is not."""
    if decided_after is None:
        if broken_by:
            table.wrong("broken_by", "broken_by goes with `decided_after`", 'decided_after = "3 days"')
        if any(match.no_later_than for match in met_by):
            table.wrong("met_by", "no_later_than goes with `decided_after`", 'decided_after = "3 days"')
        return
    if not broken_by:
        table.wrong("decided_after", "nothing could show that it was too late", "add broken_by")
    for match in met_by:
        for opening in opened_by:
            field = KINDS[opening.fact].fields.get(match.no_later_than)
            if match.no_later_than not in ("", DUE) and (field is None or field.type is not datetime):
                hint = 'no_later_than = "due", or a moment of the fact that opens it'
                table.wrong("met_by", f"{opening.fact} has no moment {match.no_later_than!r}", hint)


def _each(table: Table, opened_by: tuple[Match, ...]) -> str:
    each = table.text("each", choices=EACH)
    if each or "each" in table.values:
        return each or "order"
    subjects = KINDS[opened_by[0].fact].subjects if opened_by else ("order",)
    if subjects[0] not in EACH:
        table.wrong("each", "missing each", f"one of: {', '.join(EACH)}")
    return subjects[0]


def _deadline(table: Table, clock: Clock, opened_by: tuple[Match, ...]) -> tuple[timedelta | None, str]:
    by, within = table.text("by"), table.length("within")
    if clock.cutoff is not None:
        if "by" in table.values or "within" in table.values:
            table.wrong("within", f"the cut-off of clock {clock.name!r} says when it is due", "leave out within and by")
        return None, ""
    if ("by" in table.values) == ("within" in table.values):
        table.wrong(
            "by" if "by" in table.values else "name",
            "a duty has either `within` or `by`",
            'within = "72 hours", or by = "deliver_by"',
        )
    if within and not clock.whole_days and "day" in str(table.values.get("within")):
        table.wrong("within", f"clock {clock.name!r} has days of fewer than 24 hours", "give the length in hours")
    for key in ("plus", "by_fact", "or_within"):
        if key in table.values and not by:
            table.wrong(key, f"{key} goes with `by`", 'by = "dispatch_by"')
    if by:
        named = table.text("by_fact")
        for kind in [named] if named else [match.fact for match in opened_by]:
            fields = KINDS[kind].fields if kind in KINDS else {}
            if by not in fields or fields[by].type is not datetime:
                moments = [name for name, field in fields.items() if field.type is datetime]
                table.wrong("by", f"{kind} has no moment {by!r}", f"it has: {', '.join(moments) or 'none'}")
        within = table.length("or_within")
    return within, by


def _seasons(table: Table) -> tuple[Season, ...]:
    seasons = []
    for inner in table.one_or_more("season", 'season = [{ from = "11-15", until = "12-31", within = "12 hours" }]'):
        inner.known("season")
        first, last = _day(inner, "from"), _day(inner, "until")
        within = inner.length("within", required=True)
        if first is None or last is None or within is None:
            continue
        yearly = isinstance(inner.values["from"], str)
        if yearly != isinstance(inner.values["until"], str):
            inner.wrong("until", "from and until are both dates, or both days of every year", 'until = "12-31"')
        elif not yearly and last < first:
            inner.wrong("until", "the season ends before it begins", "order its days")
        seasons.append(Season(first, last, within, yearly))
    return tuple(seasons)


def _day(inner: Table, key: str) -> date | None:
    value = inner.values.get(key)
    if type(value) is date:
        return value
    parts = _MONTH_DAY.match(value) if isinstance(value, str) else None
    try:
        if parts is None:
            raise ValueError
        return date(_LEAP_YEAR, int(parts.group(1)), int(parts.group(2)))
    except ValueError:
        inner.wrong(key, f"{key} must be a date, or a day of every year", f'{key} = 2026-11-15, or {key} = "11-15"')
        return None


def chains(duties: list[DutyRule]) -> str:
    """Return the first chain of duties that open one another in a circle, as "a, b, a"; "" where there is none."""
    opens = {rule.name: rule.breach.opens for rule in duties}
    for start in opens:
        chain = [start]
        while following := opens.get(chain[-1], ""):
            chain.append(following)
            if following == start:
                return ", ".join(chain)
            # A circle further on; it is found when its own duties are the start.
            if len(chain) > len(opens) or following in chain[:-1]:
                break
    return ""
