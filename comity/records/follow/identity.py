"""Links between accounts follow facts."""

from comity.policy.facts import Fact
from comity.policy.identity import links
from comity.records.follow.world import Contradiction, World
from comity.records.models import AccountLink
from comity.records.refs import named


def linked(world: World, fact: Fact) -> None:
    """Something joins the account to another one."""
    if fact.id not in world.fresh:
        return
    try:
        kinds = links.read(str(fact.data["kinds"]))
    except ValueError as error:
        raise Contradiction(str(error)) from None
    other = named(str(fact.data["with"]))
    if other is None:
        raise Contradiction(f"data.with: there is no {fact.data['with']}; add it first (POST /api/v1/parties)")
    if other.pk == world.party.pk:
        raise Contradiction("an account is not linked to itself")
    AccountLink.objects.get_or_create(
        party=world.party, fact=fact.id, defaults={"other": other, "kinds": " ".join(kinds), "at": fact.at}
    )
