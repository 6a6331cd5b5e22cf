"""What an analysis says: a finding with its name, and a worked case in which it happens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from comity.policy.facts import KINDS, PARTIES, Scalar
from comity.policy.matching import Match
from comity.rulebooks.workbench.saying import written


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is so, or can happen, under a rulebook.

    witness    a worked case in which it happens; "" where it is proved that there is none
    confirmed  whether the judge, run on the witness, does what the finding says
    accepted   why the rulebook accepts it, or ""
    hinders    whether a rulebook that does not accept it can be published; what is only worth a look hinders nothing
    """

    name: str
    says: str
    witness: str = ""
    confirmed: bool = True
    accepted: str = ""
    hinders: bool = True


def case(
    *,
    facts: Iterable[str] = (),
    charges: Iterable[str] = (),
    counts: Mapping[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
    reason: str = "",
    at: str = "day 0",
    expect: Mapping[str, str],
) -> str:
    """Return a worked case as TOML; the values of `expect` stand as they are."""
    lines = ["[[case]]", 'name = "witness"', f'at = "{at}"']
    for key, texts in (("facts", list(facts)), ("charges", list(charges))):
        if texts:
            lines.append(f"{key} = [{', '.join(quoted(text) for text in texts)}]")
    for key, table in (("counts", counts), ("inputs", inputs)):
        if table:
            pairs = ", ".join(f"{quoted(name)} = {quoted(value)}" for name, value in table.items())
            lines.append(f"{key} = {{ {pairs} }}")
    if reason:
        lines.append(f"reason = {quoted(reason)}")
    lines += ["[case.expect]", *(f"{key} = {value}" for key, value in expect.items())]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return a text as TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def happens(
    match: Match, *, each: str = "", says: Sequence[str] = (), where: Mapping[str, Scalar] | None = None
) -> str:
    """Return a line of a worked case: on day 0 a fact that is meant.

    each   what it is about, where a fact of that kind can be
    says   fields of moments that it names, ten days ahead
    where  what it says beside
    """
    kind = KINDS[match.fact]
    said = {name: field.choices[0] for name, field in kind.fields.items() if field.required and field.choices}
    tested = {test.field: test.values[0] if test.values else test.least or test.most for test in match.tests}
    pairs = {**said, **match.where, **tested, **(where or {})}
    fields = [f" {name}={written(value)}" for name, value in pairs.items()]
    fields += [f" {name}='day 10'" for name in says if name in kind.fields]
    about = f" on={each}:1" if each in kind.subjects and each not in PARTIES else ""
    return f"day 0 {match.fact}{''.join(fields)}{about}"
