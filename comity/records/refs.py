"""Things by what facts call them: by our id or by the shop's."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

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


def things(asked: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Order | Conversation]:
    """Return the orders and conversations that matters of sellers are, each by its seller and matter.

    At most two statements for each of the two kinds. A conversation has its order at hand, by which it may be called.
    """
    wanted = set(asked)
    found: dict[tuple[int, str], Order | Conversation] = {}
    for model in (Order, Conversation):
        kind = str(model._meta.model_name)
        named = {(party, reference(matter)[1]) for party, matter in wanted if reference(matter)[0] == kind}
        uuids = [uuid for _, identity in named if (uuid := uuid_of(identity)) is not None]
        rows: list[Order | Conversation] = []
        there = model._default_manager.select_related("order") if model is Conversation else model._default_manager
        if uuids:
            rows += there.filter(named_by_shop=False, uuid__in=uuids)
        if named:
            sellers, ids = {party for party, _ in named}, {identity for _, identity in named}
            rows += there.filter(named_by_shop=True, seller__in=sellers, external_id__in=ids)
        found |= {(row.seller_id, row.ref): row for row in rows}
    return {key: row for key, row in found.items() if key in wanted}


def thing(party: Party, matter: str) -> Order | Conversation | None:
    """Return the order or conversation that a matter of a seller is; None where it is no such thing."""
    return things([(party.pk, matter)]).get((party.pk, matter))


def named(ref: str) -> Party | None:
    """Return the party that facts name so: role:id, by our id or by the shop's own."""
    role, identity = reference(ref)
    # PostgreSQL does not take NUL in a text.
    if "\x00" in ref:
        return None
    parties = Party.objects.filter(role=role)
    # The shop's own id first, for it may look like one of ours.
    if (party := parties.filter(external_id=identity).first()) is not None:
        return party
    try:
        return parties.filter(uuid=UUID(identity)).first()
    except ValueError:
        return None


def uuid_of_told(conversation: UUID, fact: str) -> UUID:
    """Return the id of the row for a message that the shop told: from what its conversation and its fact are called."""
    return uuid5(NAMESPACE_URL, f"comity:{conversation}/{fact}")


def uuid_of(identity: str) -> UUID | None:
    """Return an id as ours are written; None for one of any other form."""
    try:
        uuid = UUID(identity)
    except ValueError:
        return None
    return uuid if str(uuid) == identity else None
