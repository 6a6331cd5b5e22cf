"""A rulebook as its parts, and each part as lines: what is said by which code, and the value. No sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple

from comity.policy.checks import Checklist
from comity.policy.conduct.rule import ConductRule
from comity.policy.disputes.rule import DisputeRules
from comity.policy.duties.rule import DutyRule
from comity.policy.identity.rule import EvasionRule
from comity.policy.reviews.rule import ReviewRules
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards.rule import StandardRule
from comity.policy.time.clocks import ALWAYS, Clock
from comity.rulebooks.words.labels import TOLD, Told, meant, speaks, told_of
from comity.rulebooks.words.tongue import ENGLISH, Tongue

Rule = DutyRule | StandardRule | ConductRule | LedgerRule | Clock | DisputeRules | ReviewRules | EvasionRule | Checklist


class Line(NamedTuple):
    """One thing that a rule says: its code (`duty.within`), how it is told, and its value.

    Of a ladder each step is a line: `entry` is what names it (a level's name, a rung's points), `source` its own.
    """

    code: str
    told: Told
    value: Any
    entry: str | None = None
    source: str = ""

    def text(self, tongue: Tongue = ENGLISH) -> str:
        """Return what is said, without its label."""
        if self.entry is not None and is_dataclass(self.value):
            return tongue.phrases(self.value)  # its source stands beside it
        return tongue.phrase(self.told, self.value)

    def full_text(self, tongue: Tongue = ENGLISH) -> str:
        """Return what is said; of a step, after what names it."""
        return f"{self.named(tongue)}: {self.text(tongue)}" if self.entry else self.text(tongue)

    def named(self, tongue: Tongue = ENGLISH) -> str:
        """Return what names a step."""
        return entry_of(self.value, tongue) if is_dataclass(self.value) else tongue.code(self.entry or "")


@dataclass(frozen=True, slots=True)
class Part:
    """One rule of a rulebook: its kind, its name (by which worked cases and findings name it), its title, its lines.

    `rule` is what judges; of powers and acceptances, which have no names, it is all of them.
    """

    kind: str
    name: str
    title: str
    section: str
    lines: tuple[Line, ...]
    rule: Any
    source: str = ""


def head(book: Rulebook) -> Part:
    """Return what a rulebook says of itself."""
    return Part("rulebook", book.name, book.title, "", tuple(lines("rulebook", book)), book, book.source)


def sections(book: Rulebook) -> Iterator[Part]:
    """Yield every rule, kind by kind."""
    yield from map(part_of, book.duties)
    for rules in (book.standards, book.conduct, book.ledgers):
        yield from map(part_of, rules.values())
    yield from (part_of(clock) for clock in book.clocks.values() if clock.name != ALWAYS.name)
    for rule in (book.dispute, book.reviews, book.evasion):
        if rule is not None:
            yield part_of(rule)
    yield from map(part_of, book.checklists)
    for kind in ("powers", "accepted"):
        if steps := getattr(book, kind):
            told = TOLD[Rulebook][kind]
            yield Part(kind, kind, told.label, told.label, tuple(_steps(f"rulebook.{kind}", told, steps)), steps)


#: What each rule is called, and the field of the rulebook in which it stands.
_KINDS = {
    DutyRule: ("duty", "duties"), StandardRule: ("standard", "standards"), ConductRule: ("conduct", "conduct"),
    LedgerRule: ("ledger", "ledgers"), Clock: ("clock", "clocks"), DisputeRules: ("disputes", "dispute"),
    ReviewRules: ("reviews", "reviews"), EvasionRule: ("evasion", "evasion"), Checklist: ("checklist", "checklists"),
}  # fmt: skip


def part_of(rule: Rule) -> Part:
    """Return one rule as a part of its rulebook."""
    kind, field = _KINDS[type(rule)]
    section = TOLD[Rulebook][field].label
    name, source = getattr(rule, "name", kind), getattr(rule, "source", "")
    title = getattr(rule, "title", section if kind in ("disputes", "reviews", "evasion") else name)
    return Part(kind, name, title, section, tuple(lines(kind, rule)), rule, source)


def lines(kind: str, rule: Any) -> Iterator[Line]:
    """Yield what a rule says, in the order of the language; what is left at its default goes without saying."""
    order = {name: place for place, name in enumerate(TOLD[type(rule)])}
    for field in sorted(fields(rule), key=lambda each: order[each.name]):
        told, value = told_of(rule, field), meant(rule, field)
        if told.place == "ladder":
            yield from _steps(f"{kind}.{field.name}", told, value)
        elif told.place == "line" and speaks(rule, field):
            line = Line(f"{kind}.{field.name}", told, value)
            if line.text():
                yield line


def _steps(code: str, told: Told, value: Any) -> Iterator[Line]:
    for entry, step in steps(value):
        yield Line(code, told, step, entry, getattr(step, "source", ""))


def steps(value: Any) -> list[tuple[str, Any]]:
    """Return the steps of a ladder, each with what names it; "" for plain texts."""
    if isinstance(value, Mapping):
        return [(str(name), step) for name, step in value.items()]
    return [("" if isinstance(step, str) else entry_of(step), step) for step in value]


def entry_of(step: Any, tongue: Tongue = ENGLISH) -> str:
    """Return what names a step of a ladder: a level's name, a rung's points."""
    named = [(told_of(step, field), field) for field in fields(step)]
    said = [
        tongue.phrase(told, getattr(step, field.name))
        for told, field in named
        if told.place == "entry" and speaks(step, field)
    ]
    return ", ".join(said)
