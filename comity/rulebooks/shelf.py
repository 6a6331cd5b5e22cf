"""Rulebooks that come with Comity, each number with its source. `load("aliexpress")` reads one.

`name.toml` is the newest version, `name@version.toml` an earlier one or one for another market.
"""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

from comity.policy.rulebook import Rulebook, Rulebooks
from comity.rulebooks.language.extending import whole
from comity.rulebooks.language.parse import parse
from comity.rulebooks.workbench import cases, tries

LIBRARY = "comity.rulebooks.library"
MAX_BYTES = 5_000_000


_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class UnknownRulebook(LookupError):
    """There is no rulebook of that name, and no file of that path."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of the rulebooks that come with Comity."""
    return tuple(name for name in all_names() if "@" not in name)


def all_names() -> list[str]:
    """Return the names of all versions that come with Comity: name for the newest, name@version for the others."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(LIBRARY).iterdir() if entry.name.endswith(".toml")
    )


def example_names() -> list[str]:
    """Return the names of the files of worked cases."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in files(LIBRARY).joinpath("examples").iterdir()
        if entry.name.endswith(".toml")
    )


def example_text(name: str) -> str:
    """Return a file of worked cases."""
    return files(LIBRARY).joinpath("examples", f"{name}.toml").read_text("utf-8")


def text_of(name_or_path: str) -> str:
    """Return the TOML of a rulebook that comes with Comity (name, or name@version), or of a file, whole.

    Raises UnknownRulebook; BadRulebook where it extends what is not known.
    """
    return whole(_written(name_or_path), shipped_text)


def shipped_text(name: str) -> str:
    """Return the TOML of a rulebook that comes with Comity, as it is written: by its file's name, or name@version."""
    for stem in all_names():
        text = files(LIBRARY).joinpath(f"{stem}.toml").read_text("utf-8")
        if name == stem or (name.partition("@")[0] == stem.partition("@")[0] and name == _ref(text)):
            return text
    raise UnknownRulebook(f"{name!r} is not a rulebook that comes with Comity ({', '.join(names())})")


def _ref(text: str) -> str:
    head = tomllib.loads(text)
    return f"{head['name']}@{head['version']}"


def _written(name_or_path: str) -> str:
    if name_or_path in all_names():
        return files(LIBRARY).joinpath(f"{name_or_path}.toml").read_text("utf-8")
    path = Path(name_or_path)
    try:
        # Before it is read: somebody may have given a database.
        if path.stat().st_size > MAX_BYTES:
            raise UnknownRulebook(f"{path} is larger than {MAX_BYTES:,} bytes: that is not a rulebook")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else f"cannot be read: {error.strerror}"
        known = f"not a rulebook that comes with Comity ({', '.join(names())})"
        raise UnknownRulebook(f"{name_or_path!r} is {known}, and as a file it {reason}") from None


@cache
def _shipped(stem: str) -> Rulebook:
    return parse(text_of(stem))


def load(name_or_path: str) -> Rulebook:
    """Read and parse a rulebook; raise UnknownRulebook or rulebooks.language.reading.BadRulebook."""
    return _shipped(name_or_path) if name_or_path in all_names() else parse(text_of(name_or_path))


def versions(name: str) -> list[Rulebook]:
    """Return all versions of a rulebook that come with Comity, by the date from which they are in force."""
    books = [_shipped(stem) for stem in all_names() if stem.partition("@")[0] == name]
    if not books:
        raise UnknownRulebook(f"{name!r} is not a rulebook that comes with Comity ({', '.join(names())})")
    return sorted(books, key=lambda book: (book.in_force_from, book.version))


class Shelf(tries.Shelf):
    """Where worked cases find their rulebooks: among those that come with Comity, or one of their own."""

    def __init__(self, own: Rulebook | None = None):
        self._own = own

    def books(self, name: str, version: str = "") -> Rulebooks:
        """Return the versions of `name`, or one alone; raise LookupError."""
        if self._own is not None and name in ("", self._own.name) and version in ("", self._own.version):
            return Rulebooks([self._own])
        chosen = [book for book in versions(name) if version in ("", book.version)]
        if not chosen:
            known = ", ".join(book.version for book in versions(name))
            raise UnknownRulebook(f"{name} has no version {version!r}; it has: {known}")
        if version:  # alone, and in force whenever the case plays
            return Rulebooks(replace(book, in_force_from=_EVER) for book in chosen)
        # Versions for other markets begin at the same day; they are asked for by name.
        return Rulebooks([book for book in chosen if not book.markets] or chosen)

    def of(self, rulebook: str, version: str) -> cases.Setting:
        """Return the time zone and day 0 of a rulebook's newest version, or of the one named; raise LookupError."""
        newest = list(self.books(rulebook, version))[-1]
        book = newest if not version or self._own is not None else self._named(rulebook, version)
        return cases.setting_of(book)

    def _named(self, name: str, version: str) -> Rulebook:
        return next(book for book in versions(name) if book.version == version)
