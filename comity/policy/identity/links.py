"""Links between accounts: what kinds there are, and when they are enough to say that two belong to one person."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from comity.policy.identity.rule import EvasionRule

LINKED, UNLINKED = "account.linked", "account.unlinked"
MATCHED, CLEARED = "account.matched", "account.cleared"
#: Kinds of links, and whether one is strong. A line, a device or an address is shared by people who live, study or
#: work together, and by all who use one provider.
KINDS_OF_LINKS: Mapping[str, bool] = {
    "payout": True, "document": True, "admission": True, "network": False, "device": False, "address": False,
}  # fmt: skip
#: Measures to which somebody might come back with another account.
SHUTS_OUT = ("closure", "freeze")


def read(text: str) -> tuple[str, ...]:
    """Return the kinds of links that a text names, each once, the strong ones first. Raises ValueError."""
    named = set(text.split())
    if unknown := sorted(named - KINDS_OF_LINKS.keys()):
        raise ValueError(f"unknown kinds of links: {', '.join(unknown)}; there are: {', '.join(KINDS_OF_LINKS)}")
    if not named:
        raise ValueError(f"no kind of link is named; there are: {', '.join(KINDS_OF_LINKS)}")
    return tuple(kind for kind in KINDS_OF_LINKS if kind in named)


def together(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds that any of the texts names, each once, the strong ones first."""
    return read(" ".join(texts))


class Told(NamedTuple):
    """Kinds of links that were told between two accounts by a fact, or taken back by it (`undoes`)."""

    at: datetime
    fact: str
    kinds: str
    undoes: bool


def standing(told: Iterable[Told]) -> dict[str, datetime]:
    """Return the kinds of links that stand, the strong ones first, each with when it was found.

    One that was taken back stands no more, unless it is found again. It is judged in the order of time.
    """
    stand: dict[str, datetime] = {}
    for each in sorted(told):
        for kind in read(each.kinds):
            if each.undoes:
                stand.pop(kind, None)
            else:
                stand.setdefault(kind, each.at)
    return {kind: stand[kind] for kind in KINDS_OF_LINKS if kind in stand}


def suffice(rule: EvasionRule, kinds: Iterable[str]) -> bool:
    """Whether these kinds of links are enough for a measure to be proposed: several different ones, one strong."""
    named = set(kinds)
    return len(named) >= rule.least and any(KINDS_OF_LINKS[kind] for kind in named)
