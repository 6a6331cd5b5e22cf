"""A rulebook that extends another: the whole text, rule by rule its own or the other's.

What is published and judged by is whole, so that nothing that is said elsewhere can change it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from comity.rulebooks.language.parse import MAX_BYTES, tree_of
from comity.rulebooks.language.reading import BadRulebook, Mistake

#: How many rulebooks may extend one another.
MOST = 8
#: Each rulebook's own: never the other's.
_OWN_KEYS = frozenset(
    {"name", "version", "in_force_from", "announced_on", "charges_from", "extends", "markets", "left_out"}
)
_OWN_TABLES = frozenset({"case"})
#: Tables without a name: those of one's own stand for all of the other's.
_AS_ONE = frozenset({"power"})
_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_-]+)\s*(\.[^\]]*)?\]\]?\s*(?:#.*)?$")
_EXTENDS = re.compile(r"^\s*extends\s*=")

#: The text of a rulebook by its name, or name@version; raises LookupError.
Known = Callable[[str], str]


@dataclass
class _Block:
    """A table of a rulebook with all that belongs to it, and the comment before it.

    name  its name; "" for one of which there is one alone, as [dispute]; None for one of several without names
    """

    kind: str
    name: str | None
    lines: list[str] = field(default_factory=list)


def whole(text: str, known: Known) -> str:
    """Return a rulebook's text with all that it takes over; as it is where it extends none.

    A rule of its own stands in the place of the other's rule of that kind and name; further ones come last. Raises
    BadRulebook where it is no TOML, or extends what is not known, or itself.
    """
    return _whole(text, known, ())


def _whole(text: str, known: Known, before: tuple[str, ...]) -> str:
    tree = tree_of(text, MAX_BYTES)
    wanted = tree.get("extends")
    if wanted is None:
        return text
    line = next((number for number, each in enumerate(text.splitlines(), 1) if _EXTENDS.match(each)), 1)
    if not isinstance(wanted, str):
        raise BadRulebook([Mistake(line, "extends must be a text", 'extends = "shop@2026-01"')])
    if wanted in before or len(before) >= MOST:
        raise BadRulebook([Mistake(line, f"rulebooks extend one another in a circle: {wanted}", "break the circle")])
    try:
        other = _whole(known(wanted), known, (*before, wanted))
    except LookupError:
        hint = "name a rulebook that comes with Comity, or a version that is published, as name@version"
        raise BadRulebook([Mistake(line, f"extends {wanted!r}, which is not known", hint)]) from None
    return _joined(tree, text, tree_of(other, MAX_BYTES * 2), other)


def _joined(tree: dict[str, Any], text: str, other_tree: dict[str, Any], other: str) -> str:
    head, *own = _blocks(text, tree)
    theirs = [block for block in list(_blocks(other, other_tree))[1:] if block.kind not in _OWN_TABLES]
    plain = {key: value for key, value in other_tree.items() if not isinstance(value, dict) and not _is_tables(value)}
    taken = [f"{key} = {_toml(value)}" for key, value in plain.items() if key not in tree and key not in _OWN_KEYS]
    mine: dict[tuple[str, str | None], _Block] = {
        (block.kind, block.name): block for block in own if block.name is not None
    }
    kinds = {block.kind for block in own}
    kept = []
    for block in theirs:
        if block.kind not in _AS_ONE or block.kind not in kinds:
            kept.append(mine.pop((block.kind, block.name), block))
    kept += [block for block in own if not any(block is each for each in kept)]
    lines = [each for each in head.lines if not _EXTENDS.match(each)]
    while lines and not lines[-1].strip():
        lines.pop()
    parts = ["\n".join([*lines, *taken]), *("\n".join(block.lines).strip("\n") for block in kept)]
    return "\n\n".join(parts) + "\n"


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _blocks(text: str, tree: dict[str, Any]) -> Iterator[_Block]:
    """Yield the head, then every table with the tables inside it; `tree` is what the text holds."""
    block, inside, pending = _Block("", None), "", list[str]()
    seen: Counter[str] = Counter()
    for line in text.splitlines():
        header = None if inside else _HEADER.match(line)
        for quotes in re.findall(r'"""|\'\'\'', line):
            inside = "" if inside == quotes else inside or quotes
        if header is not None and not (header.group(2) and header.group(1) == block.kind):
            yield block
            kind = header.group(1)
            block = _Block(kind, _name(tree.get(kind), seen[kind]), [*pending, line])
            seen[kind] += 1
            pending = []
        elif not inside and (not line.strip() or line.lstrip().startswith("#")):
            pending.append(line)  # a comment belongs to what it stands before
        else:
            block.lines += [*pending, line]
            pending = []
    block.lines += pending
    yield block


def _name(tables: Any, place: int) -> str | None:
    if not isinstance(tables, list):
        return ""
    name = tables[place].get("name") if place < len(tables) and isinstance(tables[place], dict) else None
    return name if isinstance(name, str) else None


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return value.isoformat() if isinstance(value, date) else str(value)
