"""Tables that people fill in with a table program or by hand, and what such programs make of their cells."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

MOST_ROWS, MAX_CHARS = 500, 200_000
#: A cell that begins so would be a formula in a table program.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: A text that is to stay one, and a link, as formulas.
_AS_TEXT = re.compile(r'=\s*(?:T\()?"([^"]*)"\)?|=\s*HYPERLINK\(.*[,;]\s*"([^"]*)"\)', re.IGNORECASE | re.DOTALL)
#: A whole number that became one with decimals on its way.
_WHOLE = re.compile(r"(\d{6,})\.0", re.ASCII)
#: A cell goes over so many lines at the most; a quote that is not closed by then was none.
_MOST_LINES_IN_A_ROW = 20


class TooMuch(ValueError):
    """More than is taken at once; the sentence says so. `text` is what was given, as far as it can be given back."""

    def __init__(self, sentence: str, text: str):
        super().__init__(sentence)
        self.text = text[:MAX_CHARS]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was written, and its cells."""

    text: str
    cells: tuple[str, ...]

    def first(self, count: int) -> tuple[str, ...]:
        """Return the first cells; empty ones where it has fewer."""
        return (*self.cells, *("",) * count)[:count]


def given(request: HttpRequest, *, head: str) -> list[Row]:
    """Return the rows of a form's files and of its text, without the table's head, whose first cell is `head`.

    Raises TooMuch before anything is taken.
    """
    # A byte more than is taken, to see that there is more.
    texts = [_decoded(file.read(MAX_CHARS + 1)) for file in request.FILES.getlist("file")]
    texts.append(request.POST.get("lines", ""))
    text = "\n".join(texts).replace("\x00", "")
    rows = [row for row in _rows(text) if row.cells[0].lower() not in ("", head)]
    values = {"most": MOST_ROWS, "count": len(rows)}
    if any(len(each) > MAX_CHARS for each in texts):
        raise TooMuch(_("That is too long to be taken at once. Nothing was done; send it in parts."), text)
    if len(rows) > MOST_ROWS:
        said = _("At most %(most)s lines are taken at once; these are %(count)s. Nothing was done; send them in parts.")
        raise TooMuch(said % values, text)
    return rows


def _decoded(content: bytes) -> str:
    """Return a file's text: with a byte order mark, as table programs begin their files, or without one."""
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def _rows(text: str) -> Iterator[Row]:
    """Yield the rows of a text; a cell in quotes may go over several lines."""
    lines = [line for line in text.splitlines() if line.strip()]
    place = 0
    while place < len(lines):
        count = _height(lines[place : place + _MOST_LINES_IN_A_ROW])
        written = "\n".join(lines[place : place + count]).strip()
        yield Row(written, tuple(_cells(written)))
        place += count


def _height(lines: list[str]) -> int:
    """Return over how many lines the row goes with which these begin."""
    if lines[0].count('"') % 2 == 0:
        return 1
    ends = next((place for place, line in enumerate(lines) if place and line.count('"') % 2), 0)
    # Two marks for inches in two rows look so, too; there, it is two rows.
    is_one = ends and len(_parsed("\n".join(lines[: ends + 1]))) == 1
    return ends + 1 if is_one else 1


def _cells(row: str) -> list[str]:
    """Return the cells of a row, without what a table program put around them: commas, semicolons or tabs between."""
    parsed = _parsed(row)
    return [_value(cell) for cell in (parsed[0] if parsed else [row])] or [row]


def _parsed(text: str) -> list[list[str]]:
    # Table programs separate by semicolons where the comma is a decimal mark. What stands behind the first cell, does.
    mark = next((sign for sign in text if sign in ",;\t"), ",")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:
        return []


def _value(cell: str) -> str:
    value = cell.strip().strip("\ufeff").strip()
    if value.startswith("'") and value[1:].startswith(_FORMULA):
        value = value[1:]  # as `safe` wrote it
    if formula := _AS_TEXT.fullmatch(value):
        value = formula[1] or formula[2] or ""
    whole = _WHOLE.fullmatch(value)
    return whole[1] if whole else value


def safe(cell: str) -> str:
    """Return a cell such that no table program takes it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
