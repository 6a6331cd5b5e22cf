"""What an analysis says: a finding with its name, and a worked case in which it happens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is so, or can happen, under a rulebook.

    witness    a worked case in which it happens; "" where it is proved that there is none
    confirmed  whether the judge, run on the witness, does what the finding says
    accepted   why the rulebook accepts it, or ""
    """

    name: str
    says: str
    witness: str = ""
    confirmed: bool = True
    accepted: str = ""


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
