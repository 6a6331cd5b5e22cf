"""A case file judged again: whether its rulings follow from the facts and the rules that are in it.

Needs no database. What was ruled on the case's own matter is compared; what rests on other matters, too (a measure, an
evaluation), is not, for these are not in the file.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from comity.lib import canonical, moments
from comity.policy.facts import read_fact
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.rulebooks.language.parse import parse

#: The clock is turned by workers: what fell due so shortly before the file was made may not be ruled on in it.
JUST_NOW = timedelta(minutes=15)
#: What differs by when a worker looked, not by what was ruled.
_WHEN_NOTED = "noted_at"


class NotJudged(ValueError):
    """It cannot be judged again; the message says why."""


@dataclass(frozen=True, slots=True)
class Again:
    """What came out: how many rulings were compared, and a line for each that one of the two has alone."""

    rulings: int
    differs: list[str]

    @property
    def follows(self) -> bool:
        """Whether each ruling follows, and none is missing."""
        return not self.differs


def judged(files: Mapping[str, bytes]) -> Again:
    """Judge the facts of a case file again, by its rules. `files`: by name, as `verify.files_of` has them.

    Raises NotJudged.
    """
    try:
        case = json.loads(files["data/case.json"])
        # In the order in which they were noted: that of their one chain, which is proved; not that of the file.
        lines = sorted(map(json.loads, files["data/journal.jsonl"].splitlines()), key=lambda line: int(line["line"]))
        books = Rulebooks(parse(text.decode()) for name, text in files.items() if name.startswith("data/rulebooks/"))
        made_at = moments.parse(case["made_at"])
        matter, party = str(case.get("order", "")), str(case.get("seller", ""))
        bodies = [json.loads(line["body"]) for line in lines if "body" in line]
        facts = [read_fact(line["body"]) for line in lines if "body" in line and "id" in json.loads(line["body"])]
    except (KeyError, ValueError, TypeError) as error:
        raise NotJudged(f"not a case file that can be read: {error}") from None
    if not matter:
        raise NotJudged("a measure rests on matters that are not in its file; its statement names each charge")
    about = [fact for fact in facts if fact.subject == case.get("dispute")]
    if not about or any((fact.matter, fact.party) != (matter, party) for fact in about):
        raise NotJudged("case.json, which is not proved, names another matter than the journal in it")
    # Nor is it proved when the file was made: not before the last of its lines.
    made_at = max(made_at, *(fact.noted_at for fact in facts))
    memory = Memory(books, party)
    told = [fact for fact in facts if fact.matter in (matter, party)]
    rulings = [*memory.replay(told), *memory.turn(made_at)]
    # Of the party as a whole, and of what hangs on other matters, nothing is compared.
    own = [_plain(ruling) for ruling in rulings if ruling.matter == matter]
    there = [body for body in bodies if "ruling" in body and body["matter"] == matter]
    differs = sorted(_differences(own, there, made_at))
    if differs and any("withheld" in line for line in lines):
        raise NotJudged("lines are withheld on which its rulings rest")
    return Again(len(there), differs)


def _plain(ruling: Ruling) -> dict[str, Any]:
    body: dict[str, Any] = canonical.decode(canonical.text(msgspec.to_builtins(ruling, builtin_types=(datetime,))))
    return body


def _differences(own: list[dict[str, Any]], there: list[dict[str, Any]], made_at: datetime) -> list[str]:
    counts = Counter(map(_said, own))
    counts.subtract(map(_said, there))
    recent = moments.to_text(made_at - JUST_NOW)
    found = []
    for said, count in counts.items():
        if count > 0 and json.loads(said)["at"] >= recent:
            continue
        if count:
            found.append(f"{'follows, and is not in it' if count > 0 else 'does not follow'}: {said}")
    return found


def _said(body: dict[str, Any]) -> str:
    return canonical.text({name: value for name, value in body.items() if name != _WHEN_NOTED})
