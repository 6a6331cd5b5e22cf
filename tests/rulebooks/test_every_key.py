"""Every key of the language is told: whoever drops or changes one sees it in `diff` and on the rules page.

A key that the grammar reads and the words forget fails here by its name.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, get_args, get_type_hints

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from comity.policy import matching
from comity.policy.facts import KINDS
from comity.policy.powers import ROLES
from comity.policy.rulebook import Rulebook
from comity.rulebooks import shelf
from comity.rulebooks.language.examples import whole
from comity.rulebooks.language.keys import FIELDS
from comity.rulebooks.language.parse import MAX_BYTES, parse, tree_of
from comity.rulebooks.language.reading import BadRulebook
from comity.rulebooks.words import head, sections
from comity.rulebooks.words.labels import TOLD
from comity.rulebooks.workbench.difference import WORDLESS, changes
from comity.web.public.rules import shown_of

Path = tuple[str | int, ...]
LANGUAGES = [code for code, _ in settings.LANGUAGES]
#: There is one version of the language, so that naming it cannot change a rule.
CHANGES_NOTHING = {("", "language")}
MOST_TRIED = 150
#: What texts may be replaced by, where the language takes only some: the first that parses is taken.
OTHERS = (
    *ROLES, "both", "nobody", "carrier", "warning", "restriction", "freeze", "automatic", "reviewer", "two reviewers", "low",
    "critical", "always", "UTC", "Asia/Tokyo", "DE", "deliver_by", "dispatch_by", "any", "all", "certain", "raw", "editorial",
    "latest", "first", "strikes", "conversation", "order", "reply", "answered", "mon 13:00", "07:00-08:00", "08:30", "19:30",
    "01-02", "12-30", "monthly on 3", "45 days", "45 minutes", "99%", "<= 1%", ">= 1", "publish", "lift", "met", "waived",
    "breached", "opened", "due", "second duty", "second standard", "second ledger", "second clock", "second conduct", "something else",
    *KINDS,
)  # fmt: skip


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else str(value)


def read(tree: Mapping[str, Any]) -> Rulebook | None:
    try:
        return parse("\n".join(f"{json.dumps(key)} = {toml(value)}" for key, value in tree.items()))
    except BadRulebook:
        return None


def at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every key of a tree of TOML, the tables and lists that hold others included."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        if isinstance(key, str):
            yield (*path, key)
        if isinstance(each, dict | list):
            yield from paths(each, (*path, key))


def others(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | Decimal):
        yield from (value + 1, value - 1, value / 2)
    elif isinstance(value, datetime | date):
        yield from (value + timedelta(days=1), value - timedelta(days=40))
    elif isinstance(value, str):
        yield from OTHERS
    elif isinstance(value, list):
        yield from (value[1:], value[:-1]) if len(value) > 1 else ()
        yield from ([other, *value[1:]] for other in (others(value[0]) if value else OTHERS))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from ({**value, key: other} for other in others(each))


def without(tree: dict[str, Any], path: Path) -> Rulebook | None:
    tree = deepcopy(tree)
    del at(tree, path[:-1])[path[-1]]
    return read(tree)


def changed(tree: dict[str, Any], path: Path, than: Rulebook) -> Rulebook | None:
    for other in islice(others(at(tree, path)), MOST_TRIED):
        copy = deepcopy(tree)
        at(copy, path[:-1])[path[-1]] = other
        book = read(copy)
        if book is not None and book != than:
            return book
    return None


def page(book: Rulebook, language: str) -> str:
    with translation.override(language):
        return render_to_string("parts/rulebook.html", shown_of(book))


def cards(book: Rulebook, language: str) -> object:
    """What the page is made of: quicker than the page."""
    with translation.override(language):
        shown = shown_of(book)
    return shown["head"], list(shown["sections"]), book.ref, book.in_force_from, book.charges_from


def check(path: object, old: Rulebook, new: Rulebook) -> None:
    found = changes(old, new)
    assert found, f"diff says that nothing differs: {path}"
    for change in found:
        assert change.fields, f"diff names no field: {path}"
        for each in change.fields:
            assert each.label, f"a field without a label: {path}"
            assert "(" + "name=" not in each.before + each.after, f"no words for {path}: {each}"
            assert each.label != WORDLESS, f"no words for {path}: {each}"
            assert change.what != "changed" or each.before != each.after, f"the same words for {path}: {each}"
    for language in LANGUAGES:
        assert cards(old, language) != cards(new, language), f"the rules page ({language}) does not tell {path}"


@pytest.mark.parametrize(("table", "key"), [(table, key) for table, keys in FIELDS.items() for key in keys])
def test_each_key_of_each_example_is_told(table: str, key: str) -> None:
    tree = tree_of(whole(table, key), MAX_BYTES)
    for kind in ("duty", "standard", "conduct", "ledger", "clock"):  # what one may speak of instead
        tree.setdefault(kind, []).append({**tree[kind][0], "name": f"second {kind}"})
    old = read(tree)
    assert old is not None
    found = [path for path in paths(tree) if path[-1] == key]
    tried = 0
    for path in found:
        for new in (without(tree, path), changed(tree, path, old)):
            if new is not None and new != old:
                tried += 1
                check(path, old, new)
                for language in LANGUAGES:
                    assert page(old, language) != page(new, language), f"the page ({language}) does not show {path}"
    assert tried or (table, key) in CHANGES_NOTHING, f"{key} of {table} changes nothing"


def sorts() -> dict[str, dict[tuple[str, ...], Path]]:
    """Each sort of key that the rulebooks which come with Comity have, in the first that has it."""
    found: dict[str, dict[tuple[str, ...], Path]] = {}
    seen: set[tuple[str, ...]] = set()
    for stem in shelf.all_names():
        for path in paths({**tree_of(shelf.text_of(stem), MAX_BYTES), "case": []}):
            sort = tuple(step for step in path if isinstance(step, str))
            if sort not in seen and sort != ("case",):
                seen.add(sort)
                found.setdefault(stem, {})[sort] = path
    return found


@pytest.mark.parametrize(("stem", "keys"), sorts().items(), ids=sorts())
def test_keys_of_the_rulebooks_that_come_with_comity_are_told(stem: str, keys: dict[tuple[str, ...], Path]) -> None:
    """Each is dropped, where the rulebook is one without it."""
    tree = tree_of(shelf.text_of(stem), MAX_BYTES)
    tree.pop("case", None)
    old = read(tree)
    assert old is not None
    for path in keys.values():
        new = without(tree, path)
        if new is not None and new != old:
            check(path, old, new)


def nouns(kind: Any = Rulebook) -> Iterator[type]:
    """Every dataclass of which a rulebook is made."""
    if kind is matching.Match:  # what is meant may hold what takes it back, and so itself
        yield from (matching.Match, matching.Test)
        return
    hints = get_type_hints(kind) if dataclasses.is_dataclass(kind) else {}
    if hints:
        yield kind
    for inner in (*hints.values(), *get_args(kind)):
        yield from nouns(inner)


def test_every_field_of_every_noun_has_a_label_or_its_own_words() -> None:
    written = {"Match", "Test", "Recurring", "Span"}  # said as a whole by `Tongue`
    for noun in set(nouns()):
        if noun.__name__ not in written:
            names = {field.name for field in dataclasses.fields(noun)}
            assert names == set(TOLD.get(noun, {})), f"{noun.__name__}: its fields and words/labels.py differ"


@pytest.mark.parametrize("kind", KINDS)
def test_each_thing_that_a_rule_may_ask_of_a_fact_is_told(kind: str) -> None:
    duty = 'name = "x"\nversion = "1"\nin_force_from = 2026-01-01\n[[duty]]\nname = "d"\ntitle = "D"\nwho = "seller"\neach = "order"\nwithin = "1 day"\nmet_by = {{ fact = "order.paid" }}\nopened_by = {{ fact = "{}"{} }}\n'
    plain = parse(duty.format(kind, ""))
    for name, field in KINDS[kind].fields.items():
        sorts: dict[type, list[Any]] = {bool: [True, False], int: [7, ">= 8", "<= 9"]}
        wanted = sorts.get(field.type) or list(field.choices) or ["abc"]
        asked = [parse(duty.format(kind, f", where = {{ {name} = {toml(value)} }}")) for value in wanted]
        for language in LANGUAGES:
            said = [page(book, language) for book in [plain, *asked]]
            assert len(set(said)) == len(said), f"{kind}: {name} is not told ({language})"


def test_rules_are_told_once_as_data() -> None:
    book = shelf.load("aliexpress")
    codes = [line.code for part in (head(book), *sections(book)) for line in part.lines]
    some = "duty.within standard.levels ledger.rungs conduct.severity disputes.table clock.week rulebook.notice"
    assert set(some.split()) <= set(codes)


def test_the_order_of_duties_is_a_difference() -> None:
    book = shelf.load("aliexpress")
    (change,) = changes(book, dataclasses.replace(book, duties=book.duties[::-1]))
    assert (change.kind, change.fields[0].label) == ("rulebook", "What is due, in order")


def test_what_has_no_words_is_shown_as_it_stands() -> None:
    """A zone that only one standard has cannot be written; told all the same."""
    book = shelf.load("aliexpress")
    name, rule = next(iter(book.standards.items()))
    other = dataclasses.replace(book, standards={**book.standards, name: dataclasses.replace(rule, zone="UTC")})
    (change,) = changes(book, other)
    assert (change.name, change.lines) == (name, ("- Time zone: Asia/Shanghai", "+ Time zone: UTC"))
