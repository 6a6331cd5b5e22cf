"""The words of facts and rulings. Rulings carry codes and values; words are made here, for the reader.

A file for each noun has its `SENTENCES`, by kind, and its `CODES`; each file is found. `SENTENCES` here has an entry
for each kind in `policy.facts.KINDS` and `policy.lives.RULINGS`, and for notices of their own; a test proves it, in
every shipped language.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from comity.policy.lives import RULINGS
from comity.web.common.words.said import Words


def _gathered(name: str) -> Iterator[tuple[str, Any]]:
    """Yield what the files say under `name`. Raises ValueError for what two of them say."""
    seen: dict[str, str] = {}
    for module in iter_modules(__path__):
        for key, said in getattr(import_module(f"{__name__}.{module.name}"), name, {}).items():
            if key in seen:
                raise ValueError(f"{key} has words in {seen[key]}.py and in {module.name}.py")
            seen[key] = module.name
            yield key, said


SENTENCES: Mapping[str, Words] = {
    kind: said._replace(tone=RULINGS[kind].tone) if kind in RULINGS else said for kind, said in _gathered("SENTENCES")
}
#: Words of codes. One that means something else of one noun than of the others is `noun:code`.
CODES: Mapping[str, Any] = dict(_gathered("CODES"))


class _Gap(int):
    """What is missing from a sentence: blank where it is shown, a number where the sentence counts by it."""

    def __str__(self) -> str:
        return "…"


class _Plain(dict[str, Any]):
    """Values for a sentence; one that is missing is left blank rather than failing the page."""

    def __missing__(self, key: str) -> _Gap:
        return _Gap()


def sentence(kind: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of `kind` with `values`, in the language in force. Values are words or numbers already."""
    words = SENTENCES.get(kind)
    return kind if words is None else str(words.sentence % _Plain(values))


def code(value: str, of: str = "") -> str:
    """Return the word for a code, of the noun `of` where that has its own; or the code itself where it has none."""
    return str(CODES.get(f"{of}:{value}") or CODES.get(value) or value)
