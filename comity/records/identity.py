"""Accounts that may belong to one person: the links between them, and the measures that hang on another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comity.policy.facts import Fact
from comity.policy.identity import links
from comity.policy.sanctions.ladder import key_of_matched
from comity.policy.sanctions.measures import MeasureStatus
from comity.records import rulebooks, statements
from comity.records.models import AccountLink, Party, Sanction
from comity.records.refs import named

KEPT = "sanction.kept"
_APPROVED = (MeasureStatus.PLACED, MeasureStatus.LIFTED)
MOST = 100

#: What only the platform may read of them: it would tell who the other one is, or what was looked at.
_OF_AGENTS = {
    links.LINKED: ("with", "kinds"), links.UNLINKED: ("with", "kinds"), links.MATCHED: ("with", "on"),
    "account.merge_asked": ("into",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """What joins an account to another one: kinds of links, the strong ones first, and since when.

    matched     whether a measure was proposed for it
    taken_back  kinds that were told, and taken back since
    """

    party: Party
    other: Party
    kinds: tuple[str, ...]
    since: datetime
    matched: bool
    taken_back: tuple[str, ...] = ()


def matches_of(party: Party) -> Sequence[Fact]:
    """Return the facts that say of an account that its links are enough, in the order of time."""
    return sorted(statements.facts_of_kinds(party.pk, [links.MATCHED]), key=lambda fact: fact.place)


def are_matched(party: Party, other: Party) -> bool:
    """Whether a measure was proposed against one of two accounts for its links to the other.

    One that fell because links were taken back is as if it had never been proposed.
    """
    return any(
        fact.data["with"] == to.ref and not _fell_with_its_links(of, fact)
        for of, to in ((party, other), (other, party))
        for fact in matches_of(of)
    )


def _fell_with_its_links(party: Party, match: Fact) -> bool:
    matter = f"sanction:{key_of_matched(match.id)}"
    return any(
        fact.kind == links.CLEARED and fact.data.get("because") == "unlinked"
        for fact in statements.facts_of_matter(party.pk, matter)
    )


def between(party: Party, other: Party) -> dict[str, datetime]:
    """Return the kinds of links of an account to another one that stand, the strong ones first, with since when."""
    return links.standing(map(_told, AccountLink.objects.filter(party=party, other=other)))


def _told(row: AccountLink) -> links.Told:
    return links.Told(row.at, row.fact, row.kinds, row.undoes)


def is_founded(measure: Sanction) -> bool:
    """Whether the links for which a measure was proposed are enough as they stand now, by the rules of then."""
    rule = rulebooks.current().version(measure.rulebook).evasion
    match = next((fact for fact in matches_of(measure.party) if fact.id in measure.because), None)
    other = named(str(match.data["with"])) if match is not None else None
    return rule is None or other is None or links.suffice(rule, between(measure.party, other))


def is_to_be_looked_at(measure: Sanction) -> bool:
    """Whether a measure that a person approved rests on links that were taken back, at which nobody has looked since.

    One that is over, too: it stands in the record.
    """
    if measure.comes_from.kind != "evasion" or measure.status not in _APPROVED or is_founded(measure):
        return False
    kept = [fact.at for fact in statements.facts_of_matter(measure.party_id, measure.ref) if fact.kind == KEPT]
    newest = AccountLink.objects.filter(party=measure.party_id, undoes=True).order_by("at").last()
    return newest is None or all(at < newest.at for at in kept)


def unfounded() -> list[Sanction]:
    """Return the measures that a person approved and that rest on links that were taken back: somebody looks."""
    taken_back = AccountLink.objects.filter(undoes=True).values("party")
    rows = Sanction.objects.filter(party__in=taken_back, status__in=_APPROVED, origin__startswith="evasion:")
    return [row for row in rows.select_related("party").order_by("at", "pk")[:MOST] if is_to_be_looked_at(row)]


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
            kinds=tuple(stand := links.standing(map(_told, some))),
            since=min(stand.values(), default=min(row.at for row in some)),
            matched=are_matched(some[0].party, some[0].other),
            taken_back=tuple(kind for kind in links.together(row.kinds for row in some) if kind not in stand),
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
