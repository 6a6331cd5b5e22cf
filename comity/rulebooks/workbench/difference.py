"""What changed between two rulebooks, field by field: each with its label and what it said and says.

Compared are the frozen values that judge, not their descriptions. Two rulebooks that are not equal have a change, even
where words for it are missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from itertools import zip_longest
from typing import Any

from comity.policy.rulebook import Rulebook
from comity.rulebooks.words import ENGLISH, Part, sections
from comity.rulebooks.words.labels import Told, is_empty, told_of
from comity.rulebooks.words.parts import steps

_NOTHING = "nothing"
WORDLESS = "Value without words"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: what it is called, what it said and what it says."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that was added, removed or changed; `lines` say what it said (-) and says (+)."""

    kind: str
    name: str
    what: str
    fields: tuple[Difference, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What it said and says, field by field."""
        said = []
        for each in self.fields:
            said += [f"- {each.label}: {each.before}"] if self.what != "added" else []
            said += [f"+ {each.label}: {each.after}"] if self.what != "removed" else []
        return tuple(said)


def changes(old: Rulebook, new: Rulebook) -> list[Change]:
    """Return the head and every rule that differ, in the order of the new rulebook, those removed last."""
    changed = []
    if said := tuple(_head(old, new)):
        changed.append(Change("rulebook", new.name, "changed", said))
    before, after = _rules(old), _rules(new)
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key), after.get(key)
        if now is None or was is None:
            part, what = (now, "added") if now is not None else (was, "removed")
            changed.append(Change(*key, what, tuple(_whole(part)) if part else ()))
        elif was.rule != now.rule:
            changed.append(Change(*key, "changed", tuple(_rule(was, now)) or (_wordless(was.rule, now.rule),)))
    # Two rulebooks that are not equal differ, be it where no part speaks of it.
    if not changed and old != new:
        changed.append(Change("rulebook", new.name, "changed", (_wordless(old, new),)))
    return changed


def _wordless(was: Any, now: Any) -> Difference:
    """A difference for which there are no words: better said badly than not at all."""
    return Difference(WORDLESS, repr(was), repr(now))


def _rules(book: Rulebook) -> dict[tuple[str, str], Part]:
    return {(part.kind, part.name): part for part in sections(book)}


def _head(old: Rulebook, new: Rulebook) -> Iterator[Difference]:
    """What the rulebooks say of themselves, and the order of rules where that alone differs."""
    for field in fields(Rulebook):
        told, was, now = told_of(new, field), getattr(old, field.name), getattr(new, field.name)
        if told.place != "section":
            yield from _field((told, told), told.label, was, now)
        elif isinstance(was, tuple) and field.name == "duties":
            yield from _order(told.label, [rule.name for rule in was], [rule.name for rule in now])


def _whole(part: Part) -> Iterator[Difference]:
    """Everything that a rule says which the other rulebook does not have."""
    yield Difference("Title", part.title, part.title)
    for line in part.lines:
        label = f"{line.told.label}, {line.entry}" if line.entry else line.told.label
        yield Difference(label, line.text(), line.text())
    if part.source:
        yield Difference("Source", part.source, part.source)


def _rule(was: Part, now: Part) -> Iterator[Difference]:
    """What differs in a rule, or in all powers or acceptances, which are steps without a rule around them."""
    if isinstance(now.rule, tuple):
        yield from _ladder(now.lines[0].told, now.section, was.rule, now.rule)
    else:
        yield from _inside(was.rule, now.rule)


def _inside(was: Any, now: Any, around: str = "") -> Iterator[Difference]:
    """What differs inside two values that are not equal, by the fields of nouns and pair by pair of lists."""
    if is_dataclass(was) and type(was) is type(now):
        for field in fields(was):
            told, told_now = told_of(was, field), told_of(now, field)
            label = f"{around}, {told.label}" if around else told.label
            if told.place != "entry":  # steps of a ladder are paired by it; elsewhere it is only their place
                yield from _field((told, told_now), label, getattr(was, field.name), getattr(now, field.name))
    elif isinstance(was, tuple) and isinstance(now, tuple) and around:
        for one, other in zip_longest(was, now):
            if one != other:
                yield from _inside(one, other, around)
    else:
        yield Difference(around or WORDLESS, repr(was), repr(now))


def _field(told: tuple[Told, Told], label: str, was: Any, now: Any) -> Iterator[Difference]:
    if was == now:
        return
    if told[0].place == "ladder":
        yield from _ladder(told[0], label, was, now)
        return
    said = _said(told[0], was), _said(told[1], now)
    if said[0] != said[1]:
        yield Difference(label, *said)
    else:  # the words do not tell them apart: look further in
        yield from _inside(was, now, label)


def _ladder(told: Told, label: str, was: Any, now: Any) -> Iterator[Difference]:
    """Steps that came or went, fields of those that stayed, and the order where that alone differs."""
    before, after = steps(was), steps(now)
    named_before, named_after = _named(before), _named(after)
    for name, step in named_after.items():
        here = f"{label}, {name}"
        if name not in named_before:
            yield Difference(here, _NOTHING, _said(told, step))
        elif named_before[name] != step:
            yield from _step(told, here, named_before[name], step)
    for name, step in named_before.items():
        if name not in named_after:
            yield Difference(f"{label}, {name}", _said(told, step), _NOTHING)
    yield from _order(label, list(named_before), list(named_after))


def _step(told: Told, label: str, was: Any, now: Any) -> Iterator[Difference]:
    if is_dataclass(was):
        yield from _inside(was, now, label)
    else:
        plain = told._replace(place="line")
        yield from _field((plain, plain), label, was, now)


def _named(given: list[tuple[str, Any]]) -> dict[str, Any]:
    """Steps by their names; of those that share one, or have none, each by its place or its text."""
    named: dict[str, Any] = {}
    for name, step in given:
        own = name or str(step)
        named[own if own not in named else f"{own} ({len(named) + 1})"] = step
    return named


def _order(label: str, was: list[str], now: list[str]) -> Iterator[Difference]:
    stayed = [name for name in was if name in now]
    if stayed != [name for name in now if name in was]:
        yield Difference(f"{label}, in order", ", ".join(was), ", ".join(now))


def plainly(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the labels and the words of a rule's fields, its lists of steps and its title and source left out."""
    for field in fields(value):
        told = told_of(value, field)
        if told.place in ("line", "follows") and field.name not in ("title", "source"):
            yield told.label, _said(told, getattr(value, field.name))


def _said(told: Told, value: Any) -> str:
    if value is True:
        return ENGLISH.phrase(told, value)
    if is_empty(value):
        return ENGLISH.phrase(told, value) or ("no" if value is False else _NOTHING)
    return ENGLISH.value(told, value)
