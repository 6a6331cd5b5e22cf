"""TOML -> Rulebook. Reports every mistake at once, each with its line and a hint; a rulebook with a mistake is none."""

import re
import tomllib
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from difflib import get_close_matches
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

from comity.policy.clocks import ALWAYS, FULL_DAY, MIDNIGHT, Clock, country_problem
from comity.policy.facts import KINDS
from comity.policy.language import LANGUAGE
from comity.policy.lines import Lines
from comity.policy.reading import MAX_POINTS, BadRulebook, Mistake, Reader, Table, Wrong, duration
from comity.policy.rulebook import (
    EACH,
    MEASURES,
    ROLES,
    ChargeOf,
    DutyRule,
    LedgerRule,
    Match,
    Rulebook,
    Rung,
)

MAX_BYTES = 2_000_000
MAX_RULES = 2_000
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)\Z")


def parse(text: str) -> Rulebook:
    """Read a rulebook; raise BadRulebook with every mistake there is."""
    if len(text.encode()) > MAX_BYTES:
        raise BadRulebook([Mistake(1, f"larger than {MAX_BYTES:,} bytes", "split it, or remove what is no rule")])
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRulebook([_syntax_mistake(error)]) from None
    reader = _Rules(Lines(text))
    book = reader.rulebook(tree)
    if reader.mistakes or book is None:
        raise BadRulebook(reader.mistakes)
    return book


def _syntax_mistake(error: tomllib.TOMLDecodeError) -> Mistake:
    found = re.search(r"\(at line (\d+)", str(error))
    problem = re.sub(r" \(at .*\)$", "", str(error))
    return Mistake(int(found.group(1)) if found else 1, f"not TOML: {problem}", "see https://toml.io")


class _Rules(Reader):
    """Reads the parts of a rulebook."""

    def rulebook(self, tree: dict[str, Any]) -> Rulebook | None:
        head = Table(self, tree, ())
        head.known("", "clock", "duty", "ledger")
        rules = sum(len(value) for value in tree.values() if isinstance(value, list))
        if rules > MAX_RULES:
            self.note((), f"{rules:,} rules; at most {MAX_RULES:,} are read", "split the rulebook")
            return None
        if head.number("language", default=LANGUAGE) != LANGUAGE:
            self.note(("language",), "an unknown version of the rulebook language", f"this Comity reads {LANGUAGE}")
        zone = self.zone(head, "zone") or "UTC"
        clocks = {"always": ALWAYS} | {c.name: c for c in head.each("clock", lambda table: self.clock(table, zone))}
        ledgers = {ledger.name: ledger for ledger in head.each("ledger", self.ledger)}
        duties = head.each("duty", lambda table: self.duty(table, clocks, ledgers))
        if "duty" in tree and not tree["duty"]:
            self.note(("duty",), "no duty", "a rulebook says at least one thing")
        if "duty" not in tree:
            self.note((), "no [[duty]]", "a rulebook says at least one thing")
        start = head.moment("in_force_from", zone)
        announced = head.moment("announced_on", zone, default=start) if start or "announced_on" in tree else None
        return self.finish(head, start, announced, duties, ledgers, clocks)

    def finish(
        self,
        head: Table,
        start: datetime | None,
        announced: datetime | None,
        duties: list[DutyRule],
        ledgers: dict[str, LedgerRule],
        clocks: dict[str, Clock],
    ) -> Rulebook | None:
        name, version = head.name("name"), head.text("version", required=True)
        notice = head.length("notice", default=timedelta(0))
        title, source = head.text("title") or name, head.text("source")
        if start is None or announced is None or notice is None or name is None or not version:
            return None
        if announced > start:
            self.note(("announced_on",), "announced after it is in force", "announce first")
        elif announced != start and start - announced < notice:
            self.note(
                ("in_force_from",), "in force before its notice has run", f"from {announced + notice:%Y-%m-%d} on"
            )
        return Rulebook(
            name=name, version=version, title=title or name, in_force_from=start, announced_on=announced,
            notice=notice, duties=tuple(duties), ledgers=ledgers, clocks=clocks, source=source,
        )  # fmt: skip

    # Clocks

    def zone(self, table: Table, key: str) -> str | None:
        name = table.text(key)
        if name and name not in available_timezones():
            close = get_close_matches(name, available_timezones(), n=1)
            self.note((*table.path, key), f"unknown time zone {name!r}", f"did you mean {close[0]}?" if close else "")
            return None
        return name or None

    def clock(self, table: Table, default_zone: str) -> Clock:
        table.known("clock")
        name = table.name("name") or "?"
        if name == "always":
            table.wrong("name", '"always" is built in', "choose another name")
        days = table.texts("days", default=list(WEEKDAYS), choices=WEEKDAYS)
        hours = tuple(self.hours(table, "hours", text) for text in table.texts("hours", default=[]))
        week = tuple((hours or FULL_DAY) if day in days else () for day in WEEKDAYS)
        if not any(week):
            table.fail("days", "the clock is never open", "name at least one day")
        self.check_apart(table, hours)
        country = table.text("holidays") or ""
        if country and (problem := country_problem(country)):
            table.wrong("holidays", problem)
            country = ""
        quiet_text = table.text("quiet")
        quiet = self.hours(table, "quiet", quiet_text) if quiet_text else None
        if quiet and quiet[0] == quiet[1]:
            table.fail("quiet", "the whole day is quiet", "leave some of it")
        closed = frozenset(table.dates("closed"))
        zone = self.zone(table, "zone") or default_zone
        return Clock(name, week, zone, country, closed, quiet)

    def hours(self, table: Table, key: str, text: str) -> tuple[time, time]:
        found = _HOURS.match(text)
        if not found:
            table.fail(key, f"{text!r} is not a stretch of the day", 'write it as "09:00-18:00"')
        numbers = [int(part) for part in found.groups()]
        try:
            begin, end = time(numbers[0], numbers[1]), time(numbers[2] % 24, numbers[3])
        except ValueError:
            table.fail(key, f"{text!r} has an hour or minute that does not exist")
        if numbers[2] > 24 or (numbers[2] == 24 and numbers[3]):
            table.fail(key, f"{text!r} ends after midnight", 'end at "24:00" and begin again the next day')
        return begin, end

    def check_apart(self, table: Table, hours: Sequence[tuple[time, time]]) -> None:
        latest = MIDNIGHT
        for position, (begin, end) in enumerate(hours):
            if (end <= begin and end != MIDNIGHT) or begin < latest or (position and latest == MIDNIGHT):
                table.wrong("hours", "stretches must be in order, apart, and within one day")
                return
            latest = end

    # Ledgers

    def ledger(self, table: Table) -> LedgerRule:
        table.known("ledger")
        name = table.name("name") or "?"
        expires = table.length("expires_after", required=True) or timedelta(days=1)
        rungs = table.each("rung", self.rung)
        for position, (lower, higher) in enumerate(pairwise(rungs), start=1):
            place = (*table.path, "rung", position)
            if lower.at >= higher.at:
                problem = f"rung at {higher.at} follows rung at {lower.at}"
                self.note((*place, "at"), problem, "order rungs from low to high")
            elif MEASURES.index(lower.measure) > MEASURES.index(higher.measure):
                problem = f"{higher.at} points are treated more mildly than {lower.at}"
                self.note((*place, "measure"), problem, "a higher rung cannot have a milder measure")
        return LedgerRule(name, table.text("title") or name, expires, tuple(rungs), table.text("source"))

    def rung(self, table: Table) -> Rung:
        table.known("ledger.rung")
        at = table.number("at", low=1, high=MAX_POINTS)
        measure = table.text("measure", required=True, choices=MEASURES) or "warning"
        length = table.length("length")
        notice = table.length("notice", default=timedelta(0)) or timedelta(0)
        decided_by = table.text("decided_by", choices=("automatic", "reviewer")) or "reviewer"
        if measure == "closure":
            if decided_by == "automatic":
                table.wrong("decided_by", "no account is closed without a person", 'use decided_by = "reviewer"')
            if notice < timedelta(days=30):
                table.wrong("notice", "a closure needs at least 30 days of notice", 'EU 2019/1150 art. 4: "30 days"')
        elif measure != "warning" and "notice" not in table.values:
            table.wrong("notice", f"a {measure} needs a notice", 'add notice = "24 hours" or longer')
        return Rung(at, measure, length, notice, decided_by, table.text("source"))

    # Duties

    def duty(self, table: Table, clocks: dict[str, Clock], ledgers: dict[str, LedgerRule]) -> DutyRule:
        table.known("duty")
        name = table.name("name") or "?"
        opened_by, met_by = (
            self.matches(table, "opened_by", required=True),
            self.matches(table, "met_by", required=True),
        )
        clock = clocks.get(table.text("clock", choices=tuple(clocks)) or "always", ALWAYS)
        within, by = self.deadline(table, clock, opened_by)
        return DutyRule(
            name=name, title=table.text("title", required=True) or name,
            who=table.text("who", required=True, choices=ROLES) or "seller",
            each=table.text("each", required=True, choices=EACH) or "order", opened_by=opened_by, met_by=met_by,
            within=within, by=by, clock=clock, waived_by=self.matches(table, "waived_by"),
            voided_by=self.matches(table, "voided_by"), unknown_by=self.matches(table, "unknown_by"),
            not_after=self.matches(table, "not_after"), warn_before=self.warnings(table), repeats=table.flag("repeats"),
            counts_before=table.flag("counts_before"), charge=self.charge(table, ledgers),
            source=table.text("source"), within_text=table.text("within") or "",
        )  # fmt: skip

    def deadline(self, table: Table, clock: Clock, opened_by: tuple[Match, ...]) -> tuple[timedelta | None, str]:
        by, within = table.text("by"), table.length("within")
        if ("by" in table.values) == ("within" in table.values):
            table.wrong("by" if "by" in table.values else "name", "a duty has either `within` or `by`",
                        'within = "72 hours", or by = "deliver_by"')  # fmt: skip
        if within and not clock.whole_days and "day" in str(table.values.get("within")):
            table.wrong("within", f"clock {clock.name!r} has days of fewer than 24 hours", "give the length in hours")
        if by:
            for match in opened_by:
                fields = KINDS[match.fact].fields
                if by not in fields or fields[by].type is not datetime:
                    moments = [name for name, field in fields.items() if field.type is datetime]
                    table.wrong("by", f"{match.fact} has no moment {by!r}", f"it has: {', '.join(moments) or 'none'}")
        return within, by

    def warnings(self, table: Table) -> tuple[timedelta, ...]:
        lengths = []
        for text in table.texts("warn_before", default=[]):
            try:
                lengths.append(duration(text))
            except ValueError as error:
                table.wrong("warn_before", str(error))
        return tuple(sorted(set(lengths), reverse=True))

    def charge(self, table: Table, ledgers: dict[str, LedgerRule]) -> ChargeOf | None:
        breach = table.table("breach")
        if breach is None:
            return None
        breach.known("breach")
        charge = breach.table("charge")
        if charge is None:
            return None
        charge.known("charge")
        ledger = charge.text("ledger", required=True, choices=tuple(ledgers))
        points = charge.number("points", low=1, high=MAX_POINTS)
        if ledger and not ledgers:
            charge.wrong("ledger", f"unknown ledger {ledger!r}", "add it as [[ledger]]")
        return ChargeOf(ledger, points) if ledger in ledgers else None

    def matches(self, table: Table, key: str, *, required: bool = False) -> tuple[Match, ...]:
        value = table.values.get(key)
        if value is None:
            if required:
                table.wrong(key, f"missing {key}", f'{key} = {{ fact = "message.sent" }}')
            return ()
        items = value if isinstance(value, list) else [value]
        found = []
        for item in items:
            try:
                found.append(self.match(table, key, item))
            except Wrong:
                continue
        return tuple(found)

    def match(self, table: Table, key: str, value: Any) -> Match:
        if not isinstance(value, dict):
            table.fail(key, f"{key} must be a table", f'{key} = {{ fact = "message.sent" }}')
        inner = Table(self, value, (*table.path, key))
        inner.known("match")
        kind = inner.text("fact", required=True, choices=tuple(KINDS))
        if kind not in KINDS:
            raise Wrong
        where = value.get("where", {})
        if not isinstance(where, dict):
            inner.fail("where", "where must be a table", 'where = { by = "seller" }')
        for name, wanted in where.items():
            field = KINDS[kind].fields.get(name)
            if field is None:
                inner.wrong("where", f"{kind} has no field {name!r}", f"it has: {', '.join(KINDS[kind].fields)}")
            elif not isinstance(wanted, field.type) or (field.choices and wanted not in field.choices):
                hint = f"one of {', '.join(field.choices)}" if field.choices else f"a {field.type.__name__}"
                inner.wrong("where", f"{name} cannot be {wanted!r}", hint)
        return Match(kind, where)
