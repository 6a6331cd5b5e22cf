"""Rulebooks that come with Comity, each number with its source. `load("aliexpress")` reads one."""

from importlib.resources import files
from pathlib import Path

from comity.policy.parse import parse
from comity.policy.rulebook import Rulebook

MAX_BYTES = 5_000_000


class UnknownRulebook(LookupError):
    """There is no rulebook of that name, and no file of that path."""


def names() -> list[str]:
    """Return the names of the rulebooks that come with Comity."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(__name__).iterdir() if entry.name.endswith(".toml")
    )


def text_of(name_or_path: str) -> str:
    """Return the TOML of a rulebook that comes with Comity, or of a file; raise UnknownRulebook."""
    if name_or_path in names():
        return files(__name__).joinpath(f"{name_or_path}.toml").read_text("utf-8")
    path = Path(name_or_path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnknownRulebook(f"{path} is larger than {MAX_BYTES:,} bytes: that is no rulebook")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else f"cannot be read: {error.strerror}"
        raise UnknownRulebook(
            f"{name_or_path!r} is no rulebook that comes with Comity ({', '.join(names())}), and as a file it {reason}"
        ) from None


def load(name_or_path: str) -> Rulebook:
    """Read and parse a rulebook; raise UnknownRulebook or policy.reading.BadRulebook."""
    return parse(text_of(name_or_path))
