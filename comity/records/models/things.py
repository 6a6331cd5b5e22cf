"""What powers are about: each model of such a thing says how a party stands to it, and whose matter it is."""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from comity.records.models.parties import Party


class Thing(models.Model):
    """Something that a party may have a power over."""

    class Meta:
        abstract = True

    def relation(self, party: "Party") -> str:
        """Return how `party` stands to it: one of `policy.powers.RELATIONS`."""
        raise NotImplementedError(f"{type(self).__name__} does not say how a party stands to it")

    @property
    def whose(self) -> int:
        """The key of the party whose matter it is: who is locked while something is done to it."""
        raise NotImplementedError(f"{type(self).__name__} does not say whose matter it is")


def side_of(party: "Party", *, buyer: int | None = None, seller: int) -> str:
    """Return on which side of a trade `party` stands."""
    return "its_buyer" if party.pk == buyer else "its_seller" if party.pk == seller else "none"
