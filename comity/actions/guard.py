"""The one guard: every action asks it, with its typed actor, before it does anything."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from comity.policy.powers import ACTIONS, BUYER_FROZEN, FORBIDDEN_IN, NARROWED, TAKEN_OVER, lets, power
from comity.policy.sanctions.measures import CAPPED, FROZEN, LIMITED, OFF, SUSPENDED, forbidding
from comity.policy.time import days
from comity.records import merges, rulebooks
from comity.records.models import AccountMerge, Conversation, Interest, Listing, Message, Order, Party, Sanction
from comity.records.models.things import Thing

SCOPES = frozenset(ACTIONS)


class Forbidden(PermissionError):
    """The actor may not do this. `reason` is a code: not_allowed, out_of_scope, rulebook_forbids, or a state.

    Of a state into which a measure puts a party's trade, `by` is that measure: it says until when, why, and how to
    object.
    """

    def __init__(self, action: str, reason: str, by: Sanction | None = None):
        why = f"the token lacks the scope {action}" if reason == "out_of_scope" else reason
        super().__init__(f"not allowed to {ACTIONS.get(action, action)} ({why})")
        self.action, self.reason, self.by = action, reason, by


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


def require(
    actor: Actor,
    action: str,
    about: Thing | None = None,
    *,
    at: datetime | None = None,
    naming: Collection[str] = (),
) -> None:
    """Return if `actor` may do `action` to `about` at the moment `at`; else raise Forbidden.

    `naming`: the listings that are ordered, as facts name them.
    """
    require_scope(actor, action)
    relation = "none" if about is None else about.relation(actor.party)
    state, by = _state(actor, action, about, at, naming)
    found = power(actor.role, action, relation, state)
    if not found.allowed:
        raise Forbidden(action, found.reason, by if found.reason == state else None)
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody wants to do, to hold a measure against."""

    actor: Actor
    about: Thing | None
    at: datetime
    naming: Collection[str]


def _state(
    actor: Actor, action: str, about: Thing | None, at: datetime | None, naming: Collection[str]
) -> tuple[str, Sanction | None]:
    """Return the state that matters to `action`, and the measure that makes it so; looked up only where one can."""
    if at is None or action not in FORBIDDEN_IN:
        return "usual", None
    if isinstance(about, Conversation) and about.order_id is not None and SUSPENDED not in FORBIDDEN_IN[action]:
        return "usual", None  # about an order anybody may write, and most do
    asked, whose = _Asked(actor, about, at, naming), _whose_trade(actor, action, about)
    states = {kind: state for state in FORBIDDEN_IN[action] for kind in forbidding(state)}
    rows = Sanction.objects.filter(Sanction.in_force(at), party__in=whose, measure__in=states)
    for row in rows.select_related("party").order_by("pk"):
        state = states[row.measure]
        if state not in _FITS or _FITS[state](row, asked):
            is_buyer = state == FROZEN and row.party.role == "buyer"
            return (BUYER_FROZEN if is_buyer else state), row
    if TAKEN_OVER in FORBIDDEN_IN[action] and is_taken_over(*whose, at=at):
        return TAKEN_OVER, None
    return "usual", None


def _whose_trade(actor: Actor, action: str, about: Thing | None) -> list[Party]:
    """Return the parties whose measures can forbid `action`: who trade, who writes, or an agent's own accounts."""
    if actor.role == "agent" and SUSPENDED in FORBIDDEN_IN[action]:
        own = Interest.objects.filter(agent=actor.party).values_list("party_id", flat=True)
        return list(Party.objects.filter(pk__in=merges.one_with(own)))
    if isinstance(about, Order):
        return [about.seller, about.buyer]
    return [about.seller] if isinstance(about, Listing) else [actor.party]


def _is_full(measure: Sanction, asked: _Asked) -> bool:
    """Whether as many orders were placed as a cap leaves in a day of the rulebook's zone."""
    book = rulebooks.current().version(measure.rulebook)
    begin = days.begin_of(days.day_of(asked.at, book.zone), book.zone)
    of_party = Q(seller=measure.party_id) | Q(buyer=measure.party_id)
    placed = Order.objects.filter(of_party, placed_at__gte=begin, placed_at__lte=asked.at).count()
    return placed >= book.rung(measure.comes_from, measure.rung).most


def _is_named(measure: Sanction, asked: _Asked) -> bool:
    """Whether what is ordered is among the listings that a measure takes off."""
    return not set(measure.of).isdisjoint(asked.naming)


def _is_first(measure: Sanction, asked: _Asked) -> bool:
    """Whether somebody is written to with whom there is no order, and who did not write last."""
    talk = asked.about
    if not isinstance(talk, Conversation):
        return False
    last = Message.objects.filter(conversation=talk.pk).order_by("pk").last() if talk.pk else None
    if last is not None and last.author_id != asked.actor.party.pk:
        return False
    return not Order.objects.filter(buyer=talk.buyer_id, seller=talk.seller_id).exists()


#: Of states that do not forbid always, when they do.
_FITS: Mapping[str, Callable[[Sanction, _Asked], bool]] = {CAPPED: _is_full, OFF: _is_named, LIMITED: _is_first}


def is_taken_over(*accounts: Party, at: datetime) -> bool:
    """Whether one of these accounts had been taken over into another one by `at`: what it began before may be told."""
    return AccountMerge.objects.filter(AccountMerge.in_force(), party__in=accounts, merged_at__lte=at).exists()


def is_frozen(seller: Party, at: datetime) -> bool:
    """Whether a measure that forbids the seller to sell is in force at `at`."""
    return Sanction.objects.filter(Sanction.in_force(at), party=seller, measure__in=forbidding(FROZEN)).exists()
