"""What powers are about: each model of such a thing says how a party stands to it, and whose matter it is."""

from typing import TYPE_CHECKING

from django.db import models

from comity.records.models.fields import SUBJECT_CHARS

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


class Named(Thing):
    """Something that facts name, by our id or by the shop's.

    external_id     the shop's own id, where it told one
    named_by_shop   whether facts name it by that: so it is where a fact of the shop's was the first that we heard of it
    """

    uuid = models.UUIDField(unique=True, editable=False)
    external_id = models.CharField(max_length=SUBJECT_CHARS, null=True, blank=True)
    named_by_shop = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @property
    def ref(self) -> str:
        """The thing as facts name it."""
        return f"{self._meta.model_name}:{self.external_id if self.named_by_shop else self.uuid}"

    @property
    def names(self) -> tuple[str, ...]:
        """All that a fact may call it."""
        kind = self._meta.model_name
        return (f"{kind}:{self.uuid}", *((f"{kind}:{self.external_id}",) if self.external_id else ()))


def side_of(party: "Party", *, buyer: int | None = None, seller: int) -> str:
    """Return on which side of a trade `party` stands."""
    return "its_buyer" if party.pk == buyer else "its_seller" if party.pk == seller else "none"
