"""Accounts that may belong to one person: the links between them, and the measures that hang on another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comity.policy.facts import Fact
from comity.policy.identity import links
from comity.records import statements
from comity.records.models import AccountLink, Party, Sanction

#: What only the platform may read of them: it would tell who the other one is, or what was looked at.
_OF_AGENTS = {links.LINKED: ("with", "kinds"), links.MATCHED: ("with", "on")}


@dataclass(frozen=True, slots=True)
class Pair:
    """What joins an account to another one: kinds of links, the strong ones first, and since when.

    matched  whether a measure was proposed for it
    """

    party: Party
    other: Party
    kinds: tuple[str, ...]
    since: datetime
    matched: bool


def matches_of(party: Party) -> Sequence[Fact]:
    """Return the facts that say of an account that its links are enough, in the order of time."""
    return sorted(statements.facts_of_kinds(party.pk, [links.MATCHED]), key=lambda fact: fact.place)


def are_matched(party: Party, other: Party) -> bool:
    """Whether a measure was proposed against one of two accounts for its links to the other."""
    return any(fact.data["with"] == other.ref for fact in matches_of(party)) or any(
        fact.data["with"] == party.ref for fact in matches_of(other)
    )


def hanging_on(measure: Sanction) -> list[Sanction]:
    """Return the measures on other accounts that hang on this one."""
    found: list[Sanction] = []
    parties = Party.objects.filter(links__other=measure.party_id).distinct().order_by("pk")
    for party in parties:
        matched = [fact.id for fact in matches_of(party) if _rests_on(fact, measure)]
        rows = party.sanctions.filter(origin__startswith="evasion:").select_related("party") if matched else ()
        found += [row for row in rows if set(matched).intersection(row.because)]
    return found


def _rests_on(fact: Fact, measure: Sanction) -> bool:
    return (fact.data["with"], fact.data["on"]) == (measure.party.ref, measure.ref)


def pairs_of(party: Party) -> list[Pair]:
    """Return what joins an account to others, in either direction, in the order in which it was found."""
    either = AccountLink.objects.select_related("party", "other")
    rows = [*either.filter(party=party), *either.filter(other=party)]
    by_pair: dict[tuple[int, int], list[AccountLink]] = {}
    for row in rows:
        by_pair.setdefault((row.party_id, row.other_id), []).append(row)
    found = [
        Pair(
            party=some[0].party,
            other=some[0].other,
            kinds=links.together(row.kinds for row in some),
            since=min(row.at for row in some),
            matched=are_matched(some[0].party, some[0].other),
        )
        for some in by_pair.values()
    ]
    return sorted(found, key=lambda pair: (pair.since, pair.party.pk, pair.other.pk))


def masked(body: Mapping[str, Any], reader: Party | None) -> dict[str, Any]:
    """Return a line of a journal as `reader` may read it; None: whoever may read all of it.

    Who is linked to another account never learns which one it is.
    """
    plain, data = dict(body), body.get("data")
    hidden = _OF_AGENTS.get(str(body.get("kind")), ())
    if hidden and isinstance(data, dict) and reader is not None and reader.role in ("buyer", "seller"):
        plain["data"] = {name: value for name, value in data.items() if name not in hidden}
    return plain
