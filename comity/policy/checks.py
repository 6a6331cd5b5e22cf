"""Checks before shipping: what a rulebook wants looked at before goods leave, and what an order has of that."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

#: What an item asks for: a yes, a number, a photo.
ASKS = ("yes", "number", "photo")
#: What becomes of a parcel that is sent without a check that it needs.
WITHOUT = ("marked", "refused")
YES = "yes"
#: As many as a form and the API take at once; with more of them nobody could fill the checklist in.
MOST_PHOTOS = 10


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at. `asks`: one of ASKS."""

    name: str
    title: str
    asks: str = YES


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is looked at before an order is sent.

    categories  of listings for whose goods it is asked, in small letters; none: for all goods
    under_plan  asked only of a seller whose running plan says so
    without     what becomes of a parcel that is sent without it: one of WITHOUT
    """

    name: str
    title: str
    items: tuple[Item, ...]
    categories: tuple[str, ...] = ()
    under_plan: bool = False
    without: str = WITHOUT[0]
    source: str = ""

    def asked_for(self, categories: Collection[str], *, under_plan: bool) -> bool:
        """Whether an order with goods of these categories needs it; `under_plan`: whether the seller's plan says so."""
        if self.under_plan and not under_plan:
            return False
        return not self.categories or not frozenset(self.categories).isdisjoint(categories)

    def passed(self, answers: Mapping[str, str]) -> bool:
        """Whether everything that asks for a yes has one. All must be answered."""
        return all(answers.get(item.name) == YES for item in self.items if item.asks == YES)


def needed(
    lists: Iterable[Checklist], categories: Collection[str], *, under_plan: bool = False
) -> tuple[Checklist, ...]:
    """Return the checklists that an order needs."""
    return tuple(each for each in lists if each.asked_for(categories, under_plan=under_plan))
