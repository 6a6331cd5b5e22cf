"""How states are shown where a party's standing is, and what waits for an agent: each kind in the module of its pages.

They are found. A life whose states are shown nowhere fails a test by its name.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Model, Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from comity.records.carry_out import ROWS
from comity.records.models import Party
from comity.web import rooms
from comity.web.common import words

MOST, MOST_WAITING = 100, 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and what it says of a row."""

    heading: Any
    say: Callable[[Any], Any]
    number: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Which rows wait for an agent's decision, the heading of these, what is said of one, and where it is decided."""

    which: Q
    title: Any
    says: Callable[[Any], str]
    address: Callable[[Any], str]
    since: str = "at"


@dataclass(frozen=True, slots=True)
class Shown:
    """How the states of one life are shown.

    of       their rows
    title    what they are called; `empty` what is said where there are none, "" to say nothing of them at all
    gone     which count no more
    why      the address that explains one, by its key
    waiting  which of them wait for a decision
    """

    of: type[Model]
    title: Any
    columns: tuple[Column, ...]
    empty: Any = ""
    gone: Callable[[Any], bool] = lambda row: False
    why: str = ""
    waiting: Waiting | None = None


class Row(NamedTuple):
    """A state as a table shows it."""

    state: Any
    gone: bool
    cells: list[tuple[Column, Any]]


class Section(NamedTuple):
    """Some states of one life of a party; whether there are older ones."""

    shown: Shown
    rows: list[Row]
    has_older: bool


class Waits(NamedTuple):
    """One that waits for a decision."""

    party: Party
    said: str
    address: str
    since: datetime


@cache
def by_rows() -> dict[type[Model], Shown]:
    """Return how each kind of rows is shown."""
    return {
        value.of: value for module in rooms.modules() for value in vars(module).values() if isinstance(value, Shown)
    }


def sections(party: Party, page: int = 1) -> Iterator[Section]:
    """Yield the states of a party, those that follow from others first: measures before charges.

    The newest first, page by page: `MOST` of each on a page.
    """
    first = (page - 1) * MOST
    for shown in _in_order():
        mine = shown.of._default_manager.filter(party=party).select_related("party")
        found: list[Any] = list(mine.order_by("-at", "-pk")[first : first + MOST + 1])
        rows = [Row(row, shown.gone(row), [(each, each.say(row)) for each in shown.columns]) for row in found[:MOST]]
        if rows or shown.empty:
            yield Section(shown, rows, len(found) > MOST)


def waiting() -> Iterator[tuple[Any, list[Waits]]]:
    """Yield what waits for an agent's decision, the longest first, each kind with its heading."""
    for shown in _in_order():
        if (waits := shown.waiting) is not None:
            rows = shown.of._default_manager.filter(waits.which).select_related("party").order_by(waits.since)
            found: Iterable[Any] = rows[:MOST_WAITING]
            told = [Waits(row.party, waits.says(row), waits.address(row), getattr(row, waits.since)) for row in found]
            if told:
                yield waits.title, told


def badge(status: str, of: str) -> SafeString:
    """Return a state as a badge, with the word that the noun `of` has for it."""
    return format_html('<span class="badge {}">{}</span>', status, words.code(status, of))


def _in_order() -> list[Shown]:
    rows = [getattr(kept, "model", None) for kept in ROWS.values()]
    return [by_rows()[model] for model in reversed(rows) if model in by_rows()]
