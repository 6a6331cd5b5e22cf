"""Reading one TOML table at a time: its values by type, and every mistake with its line."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, Never, TypeVar, overload

from comity.lib.moments import UTC
from comity.policy.facts import EARLIEST, LATEST
from comity.policy.standards.rates import share
from comity.policy.time import days
from comity.policy.time.calendars import Days
from comity.rulebooks.language.keys import FIELDS
from comity.rulebooks.language.lines import Lines, Path

MAX_DAYS = 3650
MAX_POINTS = 1_000_000
_NAME = re.compile(r"[a-z][a-z0-9 _-]{0,39}\Z")
_DURATION = re.compile(r"(\d{1,6}) (minute|hour|day)s?\Z")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake: its line (from 1), what is wrong, and what to do about it."""

    line: int
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        return f"line {self.line}: {self.problem}" + (f" ({self.hint})" if self.hint else "")


class BadRulebook(ValueError):
    """The text is not a rulebook; `mistakes` lists everything wrong with it, in the order of lines."""

    says = "this is not yet a rulebook"

    def __init__(self, mistakes: Sequence[Mistake]):
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))


class BadCases(BadRulebook):
    """The text holds worked cases that cannot be read."""

    says = "these worked cases cannot be read"


def duration(text: str) -> timedelta:
    """Read a length such as "72 hours", "15 days" or "30 minutes"; raise ValueError if it is not one, or zero."""
    parts = _DURATION.match(text)
    if parts is None:
        raise ValueError(f"{text!r} is not a length of time; write it as 72 hours, 15 days or 30 minutes")
    length = int(parts.group(1)) * _UNITS[parts.group(2)]
    if parts.group(2) == "day":
        # 3 days are days of the calendar, 72 hours are not.
        length = Days(length.days)
    if not timedelta(0) < length <= timedelta(days=MAX_DAYS):
        raise ValueError(f"{text!r} must be more than nothing and at most {MAX_DAYS} days")
    return length


class Wrong(Exception):
    """Raised inside a reader once a mistake is noted, to give up that value alone."""


class Reader:
    """Reads a tree of TOML values, noting mistakes as it goes."""

    def __init__(self, lines: Lines):
        self.lines = lines
        self.mistakes: list[Mistake] = []
        #: Where a sound value stands in for a wrong one.
        self.stood_in: set[Path] = set()

    def note(self, path: Path, problem: str, hint: str = "") -> None:
        """Note a mistake at `path`, and go on. Of a value that another stands in for, nothing more can be said."""
        if path in self.stood_in:
            return
        self.mistakes.append(Mistake(self.lines.of(path), problem, hint))

    def fail(self, path: Path, problem: str, hint: str = "") -> Never:
        """Note a mistake at `path`, and give up the value that is being read."""
        self.note(path, problem, hint)
        raise Wrong


class Table:
    """One TOML table: reads its values by type, and notes what is missing, misspelt or of the wrong kind."""

    def __init__(self, reader: Reader, values: dict[str, Any], path: Path):
        self.reader, self.values, self.path = reader, values, path

    def wrong(self, key: str, problem: str, hint: str = "") -> None:
        self.reader.note((*self.path, key), problem, hint)

    def fail(self, key: str, problem: str, hint: str = "") -> Never:
        self.reader.fail((*self.path, key), problem, hint)

    def known(self, table: str, *tables: str) -> None:
        known = (*FIELDS[table], *tables)
        if self.values.keys() <= set(known):
            return
        for key in self.values:
            if key not in known:
                # Most unknown keys are known ones, mistyped.
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
            self.wrong(key, f"{value!r} is not a name", "small letters, digits, spaces, - and _, at most 40")
            return None
        return value or None

    def number(self, key: str, *, low: int = 0, high: int = MAX_POINTS, default: int | None = None) -> int:
        value = self.values.get(key, default)
        # TOML's true is an int to Python.
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            what = f"missing {key}" if value is None else f"{key} must be a whole number from {low} to {high:,}"
            self.wrong(key, what)
            # A sound value in its place, so that the mistakes further on are found as well.
            self.reader.stood_in.add((*self.path, key))
            return low
        return value

    @overload
    def fraction(self, key: str, *, default: Fraction) -> Fraction: ...

    @overload
    def fraction(self, key: str, *, default: None) -> Fraction | None: ...

    def fraction(self, key: str, *, default: Fraction | None) -> Fraction | None:
        """A chance between 0 and 1, as 0.05 or "5%"."""
        value = self.values.get(key)
        if value is None:
            return default
        try:
            chance = share(value) if isinstance(value, str) else Fraction(value)
        except (ValueError, TypeError, OverflowError):
            chance = Fraction(0)
        if not 0 < chance < 1:
            self.wrong(key, f"{key} must be a chance between 0 and 1", f"{key} = 0.05")
            return default
        return chance

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

    def lengths(self, key: str) -> tuple[timedelta, ...]:
        lengths = []
        for text in self.texts(key, default=[]):
            try:
                lengths.append(duration(text))
            except ValueError as error:
                self.wrong(key, str(error))
        return tuple(lengths)

    def one_or_more(self, key: str, hint: str) -> "list[Table]":
        """The tables under `key`, which holds one or a list of them."""
        value = self.values.get(key)
        items = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(item, dict) for item in items):
            self.wrong(key, f"{key} must be a table, or a list of tables", hint)
            return []
        return [Table(self.reader, item, (*self.path, key, number)) for number, item in enumerate(items)]

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
        # Exactly: a datetime is a date, too, in Python.
        if isinstance(value, date) and not EARLIEST.year <= value.year < LATEST.year:
            self.wrong(key, f"{key} must lie between {EARLIEST.year} and {LATEST.year}", f"{key} = 2026-01-01")
            return None
        if type(value) is date:
            return days.begin_of(value, zone)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        self.wrong(key, f"{key} must be a date, or a time with its zone", f"{key} = 2026-01-01")
        return None

    def table(self, key: str) -> "Table | None":
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(key, f"{key} must be a table")
            return None
        return Table(self.reader, value, (*self.path, key))

    def each(self, key: str, read: Callable[["Table"], T]) -> list[T]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong(key, f"{key} must be written [[{key}]]")
            return []
        tables: list[T] = []
        names: set[str] = set()
        for position, item in enumerate(value):
            table = Table(self.reader, item, (*self.path, key, position))
            if isinstance(item.get("name"), str):
                if item["name"] in names:
                    table.wrong("name", f"a second {key} named {item['name']!r}", "names are unique")
                names.add(item["name"])
            try:
                tables.append(read(table))
            # That table is given up, its mistake noted; the next is read all the same.
            except Wrong:
                continue
        return tables
