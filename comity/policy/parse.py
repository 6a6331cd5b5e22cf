"""TOML -> Rulebook. Reports every mistake at once, each with its line and a hint; a rulebook with a mistake is none."""

import re
import tomllib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Never, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from comity.lib.moments import UTC
from comity.policy.clocks import ALWAYS, FULL_DAY, MIDNIGHT, Clock, country_problem
from comity.policy.facts import KINDS
from comity.policy.language import FIELDS, LANGUAGE
from comity.policy.lines import Lines, Path
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
MAX_DAYS = 3650
MAX_POINTS = 1_000_000
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
T = TypeVar("T")
_NAME = re.compile(r"[a-z][a-z0-9 _-]{0,39}\Z")
_DURATION = re.compile(r"(\d{1,6}) (minute|hour|day)s?\Z")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)\Z")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake: its line (from 1), what is wrong, and what to do about it."""

    line: int
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.problem}" + (f" ({self.hint})" if self.hint else "")


class BadRulebook(ValueError):
    """The text is no rulebook; `mistakes` lists everything wrong with it, in the order of lines."""

    def __init__(self, mistakes: Sequence[Mistake]):
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))


def parse(text: str) -> Rulebook:
    """Read a rulebook; raise BadRulebook with every mistake there is."""
    if len(text.encode()) > MAX_BYTES:
        raise BadRulebook([Mistake(1, f"larger than {MAX_BYTES:,} bytes", "split it, or remove what is no rule")])
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRulebook([_syntax_mistake(error)]) from None
    reader = _Reader(Lines(text))
    book = reader.rulebook(tree)
    if reader.mistakes or book is None:
        raise BadRulebook(reader.mistakes)
    return book


def duration(text: str) -> timedelta:
    """Read a length such as "72 hours", "15 days" or "30 minutes"; raise ValueError if it is none, or zero."""
    found = _DURATION.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not a length of time; write it as 72 hours, 15 days or 30 minutes")
    length = int(found.group(1)) * _UNITS[found.group(2)]
    if not timedelta(0) < length <= timedelta(days=MAX_DAYS):
        raise ValueError(f"{text!r} must be more than nothing and at most {MAX_DAYS} days")
    return length


def _syntax_mistake(error: tomllib.TOMLDecodeError) -> Mistake:
    found = re.search(r"\(at line (\d+)", str(error))
    problem = re.sub(r" \(at .*\)$", "", str(error))
    return Mistake(int(found.group(1)) if found else 1, f"not TOML: {problem}", "see https://toml.io")


class _Wrong(Exception):
    """Raised inside a reader once a mistake is noted, to give up that value alone."""


class _Reader:
    """Reads a tree of TOML values, noting mistakes as it goes."""

    def __init__(self, lines: Lines):
        self.lines = lines
        self.mistakes: list[Mistake] = []

    def note(self, path: Path, problem: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(self.lines.of(path), problem, hint))

    def fail(self, path: Path, problem: str, hint: str = "") -> Never:
        self.note(path, problem, hint)
        raise _Wrong

    def rulebook(self, tree: dict[str, Any]) -> Rulebook | None:
        head = _Table(self, tree, ())
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
        head: "_Table",
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

    def zone(self, table: "_Table", key: str) -> str | None:
        name = table.text(key)
        if name and name not in available_timezones():
            close = get_close_matches(name, available_timezones(), n=1)
            self.note((*table.path, key), f"unknown time zone {name!r}", f"did you mean {close[0]}?" if close else "")
            return None
        return name or None

    def clock(self, table: "_Table", default_zone: str) -> Clock:
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

    def hours(self, table: "_Table", key: str, text: str) -> tuple[time, time]:
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

    def check_apart(self, table: "_Table", hours: Sequence[tuple[time, time]]) -> None:
        latest = MIDNIGHT
        for position, (begin, end) in enumerate(hours):
            if (end <= begin and end != MIDNIGHT) or begin < latest or (position and latest == MIDNIGHT):
                table.wrong("hours", "stretches must be in order, apart, and within one day")
                return
            latest = end

    # Ledgers

    def ledger(self, table: "_Table") -> LedgerRule:
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

    def rung(self, table: "_Table") -> Rung:
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

    def duty(self, table: "_Table", clocks: dict[str, Clock], ledgers: dict[str, LedgerRule]) -> DutyRule:
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

    def deadline(self, table: "_Table", clock: Clock, opened_by: tuple[Match, ...]) -> tuple[timedelta | None, str]:
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

    def warnings(self, table: "_Table") -> tuple[timedelta, ...]:
        lengths = []
        for text in table.texts("warn_before", default=[]):
            try:
                lengths.append(duration(text))
            except ValueError as error:
                table.wrong("warn_before", str(error))
        return tuple(sorted(set(lengths), reverse=True))

    def charge(self, table: "_Table", ledgers: dict[str, LedgerRule]) -> ChargeOf | None:
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

    def matches(self, table: "_Table", key: str, *, required: bool = False) -> tuple[Match, ...]:
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
            except _Wrong:
                continue
        return tuple(found)

    def match(self, table: "_Table", key: str, value: Any) -> Match:
        if not isinstance(value, dict):
            table.fail(key, f"{key} must be a table", f'{key} = {{ fact = "message.sent" }}')
        inner = _Table(self, value, (*table.path, key))
        inner.known("match")
        kind = inner.text("fact", required=True, choices=tuple(KINDS))
        if kind not in KINDS:
            raise _Wrong
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


class _Table:
    """One TOML table: reads its values by type, and notes what is missing, misspelt or of the wrong kind."""

    def __init__(self, reader: _Reader, values: dict[str, Any], path: Path):
        self.reader, self.values, self.path = reader, values, path

    def wrong(self, key: str, problem: str, hint: str = "") -> None:
        self.reader.note((*self.path, key), problem, hint)

    def fail(self, key: str, problem: str, hint: str = "") -> Never:
        self.reader.fail((*self.path, key), problem, hint)

    def known(self, table: str, *tables: str) -> None:
        known = [*FIELDS[table], *tables]
        for key in self.values:
            if key not in known:
                close = get_close_matches(key, known, n=1)
                hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
                self.wrong(key, f"unknown key {key!r}", hint)

    def text(self, key: str, *, required: bool = False, choices: Collection[str] = ()) -> str:
        value = self.values.get(key)
        if value is None:
            if required:
                self.wrong(key, f"missing {key}")
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            self.wrong(key, f"{key} must be a text, not {value!r:.60}")
            return ""
        if choices and value not in choices:
            close = get_close_matches(value, choices, n=1)
            hint = f"did you mean {close[0]}?" if close else f"one of: {', '.join(choices)}"
            self.wrong(key, f"unknown {key} {value!r}", hint)
            return ""
        return value

    def name(self, key: str) -> str | None:
        value = self.text(key, required=True)
        if value and not _NAME.match(value):
            self.wrong(key, f"{value!r} is no name", "small letters, digits, spaces, - and _, at most 40")
            return None
        return value or None

    def number(self, key: str, *, low: int = 0, high: int = MAX_POINTS, default: int | None = None) -> int:
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            what = f"missing {key}" if value is None else f"{key} must be a whole number from {low} to {high:,}"
            self.wrong(key, what)
            return low
        return value

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, f"{key} must be true or false")
            return False
        return value

    def length(self, key: str, *, required: bool = False, default: timedelta | None = None) -> timedelta | None:
        text = self.text(key, required=required)
        if not text:
            return default
        try:
            return duration(text)
        except ValueError as error:
            self.wrong(key, str(error))
            return default

    def texts(self, key: str, *, default: list[str], choices: Collection[str] = ()) -> list[str]:
        value = self.values.get(key, default)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong(key, f"{key} must be a list of texts")
            return default
        for item in value:
            if choices and item not in choices:
                self.wrong(key, f"unknown {item!r} in {key}", f"one of: {', '.join(choices)}")
        return value

    def dates(self, key: str) -> list[date]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(type(item) is date for item in value):
            self.wrong(key, f"{key} must be a list of dates", "closed = [2026-12-24]")
            return []
        return value

    def moment(self, key: str, zone: str, *, default: datetime | None = None) -> datetime | None:
        value = self.values.get(key)
        if value is None:
            if default is None:
                self.wrong(key, f"missing {key}", f"{key} = 2026-01-01")
            return default
        if type(value) is date:
            return datetime.combine(value, MIDNIGHT, ZoneInfo(zone)).astimezone(UTC)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        self.wrong(key, f"{key} must be a date, or a time with its zone", f"{key} = 2026-01-01")
        return None

    def table(self, key: str) -> "_Table | None":
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(key, f"{key} must be a table")
            return None
        return _Table(self.reader, value, (*self.path, key))

    def each(self, key: str, read: Callable[["_Table"], T]) -> list[T]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong(key, f"{key} must be written [[{key}]]")
            return []
        found: list[T] = []
        names: set[str] = set()
        for position, item in enumerate(value):
            table = _Table(self.reader, item, (*self.path, key, position))
            if isinstance(item.get("name"), str):
                if item["name"] in names:
                    table.wrong("name", f"a second {key} named {item['name']!r}", "names are unique")
                names.add(item["name"])
            try:
                found.append(read(table))
            except _Wrong:
                continue
        return found
