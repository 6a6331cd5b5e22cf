"""Things by what facts call them: by our id or by the shop's."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from comity.policy.facts import reference
from comity.records.models import Conversation, Order, Party
from comity.records.models.things import Named

N = TypeVar("N", bound=Named)


def by_ref(rows: QuerySet[N], refs: Iterable[str]) -> dict[str, N]:
    """Return those of a seller's `rows` that facts call by one of `refs`, by these. One statement, if any can be."""
    kind = rows.model._meta.model_name
    ids = {identity for named, identity in map(reference, refs) if named == kind}
    if not ids:
        return {}
    uuids = [uuid for uuid in map(uuid_of, ids) if uuid is not None]
    ours, the_shops = Q(named_by_shop=False, uuid__in=uuids), Q(named_by_shop=True, external_id__in=ids)
    return {row.ref: row for row in rows.filter(ours | the_shops)}


def thing(party: Party | int, matter: str) -> Order | Conversation | None:
    """Return the order or conversation that a matter of a seller is; None where it is no such thing."""
    key = party.pk if isinstance(party, Party) else party
    orders, talks = Order.objects.filter(seller=key), Conversation.objects.filter(seller=key)
    return by_ref(orders, [matter]).get(matter) or by_ref(talks, [matter]).get(matter)


def uuid_of(identity: str) -> UUID | None:
    """Return an id as ours are written; None for one of any other form."""
    try:
        uuid = UUID(identity)
    except ValueError:
        return None
    return uuid if str(uuid) == identity else None
