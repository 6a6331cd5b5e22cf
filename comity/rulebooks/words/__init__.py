"""A rulebook in words: one description as codes and values, for the terminal, JSON, pages and `diff`.

`labels` says what each key is called, `tongue` makes words of values, `parts` lists what a rule says.
"""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import Any

from comity.policy.duties.rule import DutyRule
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.measures import Rung
from comity.policy.standards.rates import percent
from comity.policy.standards.rule import StandardRule
from comity.rulebooks.words import illustrate
from comity.rulebooks.words.data import plain
from comity.rulebooks.words.parts import Line, Part, head, part_of, sections
from comity.rulebooks.words.tongue import ENGLISH, Tongue

__all__ = [
    "ENGLISH",
    "Line",
    "Part",
    "Tongue",
    "head",
    "length",
    "measure",
    "part_of",
    "plain",
    "sections",
    "sentences",
]


def sentences(book: Rulebook) -> Iterator[str]:
    """Yield the lines that say what `book` asks for, what follows, and from where each number comes."""
    yield f"{book.title} ({book.ref}), in force from {ENGLISH.moment(book.in_force_from)}"
    if book.charges_from:
        yield f"Breaches before {ENGLISH.moment(book.charges_from)} are reported and not charged."
    yield from _lines(head(book))
    for part in sections(book):
        yield ""
        yield f"{part.title}  [{part.kind}{f' {part.name}' if part.name != part.kind else ''}]"
        yield from (f"  {line}" for line in _lines(part))


def _lines(part: Part) -> Iterator[str]:
    ladder = ""
    for line in part.lines:
        if line.entry is None:
            yield f"{line.told.label}: {line.text()}"
            continue
        if line.code != ladder:
            ladder = line.code
            if line.told.label != part.title:
                yield f"{line.told.label}:"
        said = line.full_text()
        yield f"  {said} (source: {line.source})" if line.source else f"  {said}"
    yield from _examples(part.rule)
    if part.source:
        yield f"Source: {part.source}"


def _examples(rule: Any) -> Iterator[str]:
    """Yield worked examples, computed by the code that judges."""
    if isinstance(rule, DutyRule) and (moments := illustrate.due_example(rule)) is not None:
        begins, due = (f"{each:%a %Y-%m-%d %H:%M}" for each in moments)
        yield f"For example: what begins on {begins} is due on {due}."
    if isinstance(rule, StandardRule) and not rule.certain:
        for level in rule.levels:
            if (broken := illustrate.break_example(level)) is not None:
                faulty, counted = broken
                share = percent(Fraction(faulty, counted))
                yield f"For example: {faulty} faulty of {counted}, {share}, break the level {level.name}."


def length(span: timedelta) -> str:
    """Return "72 hours" or "15 days": the largest unit that says it exactly."""
    return ENGLISH.length(span)


def measure(rung: Rung) -> str:
    """Return "freeze for 7 days, after a notice of 48 hours, if a person approves"."""
    return ENGLISH.measure(rung)
