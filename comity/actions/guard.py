"""The one guard: every action asks it, with its typed actor, before it does anything."""

from dataclasses import dataclass
from datetime import datetime

from comity.policy.powers import ACTIONS, NARROWED, lets, power
from comity.policy.sanctions.measures import SELL, forbidding
from comity.records import rulebooks
from comity.records.models import Listing, Order, Party, Sanction
from comity.records.models.things import Thing

SCOPES = frozenset(ACTIONS)


class Forbidden(PermissionError):
    """The actor may not do this. `reason` is a code: not_allowed, out_of_scope, rulebook_forbids, or a state."""

    def __init__(self, action: str, reason: str):
        why = f"the token lacks the scope {action}" if reason == "out_of_scope" else reason
        super().__init__(f"not allowed to {ACTIONS.get(action, action)} ({why})")
        self.action, self.reason = action, reason


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a party.

    scopes      what the token is limited to by which it came, where it came by one
    token       the key of that token
    spoken_by   the role of who speaks for the party, where it does not act itself
    """

    party: Party
    scopes: frozenset[str] | None = None
    token: int | None = None
    spoken_by: str = ""

    @property
    def role(self) -> str:
        """The party's role."""
        return self.party.role


def require(actor: Actor, action: str, about: Thing | None = None, *, at: datetime | None = None) -> None:
    """Return if `actor` may do `action` to `about` at the moment `at`; else raise Forbidden."""
    require_scope(actor, action)
    relation = "none" if about is None else about.relation(actor.party)
    found = power(actor.role, action, relation, _state(action, about, at))
    if not found.allowed:
        raise Forbidden(action, found.reason)
    # The platform acts for the clock and the command line; no rulebook may stop those.
    if at is not None and action in NARROWED and actor.role != "platform":
        book = rulebooks.current().in_force(at)
        if not lets(book.powers if book is not None else (), actor.role, action):
            raise Forbidden(action, "rulebook_forbids")


def require_scope(actor: Actor, action: str) -> None:
    """Return if the token by which `actor` came, where it came by one, is for `action`; else raise Forbidden."""
    if actor.scopes is not None and action not in actor.scopes:
        raise Forbidden(action, "out_of_scope")


def allows(actor: Actor, action: str, about: Thing | None = None) -> bool:
    """Whether `require` would return; for pages that show or hide a button."""
    try:
        require(actor, action, about)
    except Forbidden:
        return False
    return True


def _state(action: str, about: Thing | None, at: datetime | None) -> str:
    """Return the state that matters to `action`; looked up only where a state can forbid it."""
    is_selling = action in ("order.place", "listing.add")
    if is_selling and isinstance(about, Order | Listing) and at and is_frozen(about.seller, at):
        return "seller_frozen"
    return "usual"


def is_frozen(seller: Party, at: datetime) -> bool:
    """Whether a measure that forbids the seller to sell is in force at `at`."""
    return Sanction.objects.filter(Sanction.in_force(at), party=seller, measure__in=forbidding(SELL)).exists()
