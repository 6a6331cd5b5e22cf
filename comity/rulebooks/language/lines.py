"""Where things stand in a TOML text: the line of each table and key, for messages that point.

The standard parser gives values without places. This reads the same text, known to be valid TOML, for headers and
keys alone. A key's path is a tuple such as ("duty", 0, "within").
"""

import re
from collections import Counter

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*=")
_TRIPLE = re.compile(r'"""|\'\'\'')


class Lines:
    """The line number (from 1) of every table header and top-level key of `text`."""

    def __init__(self, text: str):
        self._lines: dict[Path, int] = {}
        self._counts: Counter[Path] = Counter()
        table: Path = ()
        inside: str | None = None
        for number, line in enumerate(text.splitlines(), start=1):
            if inside is not None:
                # Within a text of several lines nothing is a header or a key.
                inside = None if line.count(inside) % 2 else inside
                continue
            if header := _HEADER.match(line):
                table = self._table(header.group(2), is_array=header.group(1) == "[[")
                self._lines[table] = number
            elif key := _KEY.match(line):
                self._lines.setdefault((*table, key.group(1).strip("\"'")), number)
            quotes = _TRIPLE.findall(line)
            if len(quotes) % 2:
                inside = quotes[-1]

    def of(self, path: Path) -> int:
        """Return the line of `path`, or of the nearest thing around it; 1 where nothing is known."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def _table(self, name: str, *, is_array: bool) -> Path:
        """Return the full path of a header: [[ledger.rung]] belongs to the newest [[ledger]]."""
        parts = [part.strip().strip("\"'") for part in name.split(".")]
        path: Path = ()
        for part in parts[:-1]:
            path = (*path, part)
            if self._counts[path]:
                path = (*path, self._counts[path] - 1)
        path = (*path, parts[-1])
        if not is_array:
            return path
        self._counts[path] += 1
        return (*path, self._counts[path] - 1)
