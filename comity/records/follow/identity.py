"""Links between accounts, and accounts that become one, follow facts."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import Q

from comity.policy.facts import Fact
from comity.policy.identity import links
from comity.records.follow.world import Contradiction, World
from comity.records.models import AccountLink, AccountMerge, Party
from comity.records.refs import named


def linked(world: World, fact: Fact) -> None:
    """Something joins the account to another one."""
    if fact.id in world.fresh:
        _keep(world, fact, _kinds(fact), _other(world, fact))


def unlinked(world: World, fact: Fact) -> None:
    """What joined the account to another one does not."""
    if fact.id not in world.fresh:
        return
    kinds, other = _kinds(fact), _other(world, fact)
    if world.asks:
        told = AccountLink.objects.filter(party=world.party, other=other, at__lte=fact.at).exclude(fact=fact.id)
        stand = links.standing(links.Told(each.at, each.fact, each.kinds, each.undoes) for each in told)
        if missing := [kind for kind in kinds if kind not in stand]:
            raise Contradiction(
                f"data.kinds: {' '.join(missing)} did not join {world.party.ref} to {other.ref} then; "
                f"what did: {' '.join(stand) or 'nothing'}. Take a link back of the account of which it was told."
            )
    _keep(world, fact, kinds, other, undoes=True)


def _kinds(fact: Fact) -> tuple[str, ...]:
    try:
        return links.read(str(fact.data["kinds"]))
    except ValueError as error:
        raise Contradiction(str(error)) from None


def _other(world: World, fact: Fact) -> Party:
    other = named(str(fact.data["with"]))
    if other is None:
        raise Contradiction(f"data.with: there is no {fact.data['with']}; add it first (POST /api/v1/parties)")
    if other.pk == world.party.pk:
        raise Contradiction("an account is not linked to itself")
    return other


def _keep(world: World, fact: Fact, kinds: tuple[str, ...], other: Party, *, undoes: bool = False) -> None:
    AccountLink.objects.get_or_create(
        party=world.party, fact=fact.id,
        defaults={"other": other, "kinds": " ".join(kinds), "at": fact.at, "undoes": undoes},
    )  # fmt: skip


def uuid_of_merge(fact: str) -> UUID:
    """Return the id of the row for a merge that was asked for by a fact."""
    return uuid5(NAMESPACE_URL, f"comity:merge/{fact}")


def merge_asked(world: World, fact: Fact) -> None:
    """An agent asks that the account is taken over."""
    into = named(str(fact.data["into"]))
    if fact.id in world.fresh and into is not None:
        AccountMerge.objects.get_or_create(
            fact=fact.id, uuid=uuid_of_merge(fact.id),
            defaults={"party": world.party, "into": into, "asked_by": str(fact.data["agent"]), "asked_at": fact.at},
        )  # fmt: skip


def _declined(fact: Fact) -> dict[str, Any]:
    return {"declined_at": fact.at, "decided_by": fact.data["agent"]}


def _merged(fact: Fact) -> dict[str, Any]:
    return {"merged_at": fact.at, "decided_by": fact.data["agent"]}


def _undo_asked(fact: Fact) -> dict[str, Any]:
    return {"undo_asked_at": fact.at, "undo_asked_by": fact.data["agent"]}


def _undo_declined(fact: Fact) -> dict[str, Any]:
    return {"undo_asked_at": None, "undo_asked_by": ""}


def _undone(fact: Fact) -> dict[str, Any]:
    return {"undone_at": fact.at, "undone_by": fact.data["agent"]}


def _looked_at(fact: Fact) -> dict[str, Any]:
    return {"looked_at": fact.at}


_CHANGES: Mapping[str, Callable[[Fact], dict[str, Any]]] = {
    "account.merge_declined": _declined,
    "account.taken_over": _merged,
    "account.undo_asked": _undo_asked,
    "account.undo_declined": _undo_declined,
    "account.given_back": _undone,
    "account.looked_at": _looked_at,
}


def merge_moved(world: World, fact: Fact) -> None:
    """Something was decided of a merge of the account."""
    # What became of one is not made again: an older word would stand for a moment where a newer one does.
    if world.asks and fact.id in world.fresh:
        mine = AccountMerge.objects.filter(party=world.party, uuid=str(fact.data["merge"]))
        mine.update(**_CHANGES[fact.kind](fact))


def points_came(world: World, fact: Fact) -> None:
    """Points came with an account that was taken over: where the sum passed a rung, somebody looks at it."""
    if world.asks and fact.id in world.fresh and fact.data.get("passes") is not None:
        came = AccountMerge.objects.filter(into=world.party, uuid=str(fact.data["merge"]))
        came.filter(Q(passed_at=None) | Q(passed_at__lt=fact.noted_at)).update(passed_at=fact.noted_at)


MERGES = tuple(_CHANGES)
