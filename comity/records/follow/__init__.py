"""Facts move the rows of the world, whichever door they came through: the mirror of `records.carry_out`."""

from collections.abc import Callable, Mapping, Sequence

from comity.policy.facts import KINDS, Fact, subject_kind
from comity.policy.facts import measures as measured
from comity.policy.money import MONEY_KINDS
from comity.records import statements
from comity.records.follow import (
    conversations,
    disputes,
    identity,
    measures,
    money,
    orders,
    pauses,
    plans,
    reviews,
    shipments,
)
from comity.records.follow.world import Contradiction, World, join

__all__ = ["FOLLOW", "STILL", "Contradiction", "World", "follow", "join", "names_more"]

Step = Callable[[World, Fact], None]
#: By kind of fact, what it moves. The facts of a matter are given to it in the order of time.
FOLLOW: Mapping[str, Step] = {
    "order.placed": orders.placed,
    "order.paid": orders.paid,
    "order.cancelled": orders.cancelled,
    "cancellation.requested": orders.cancelling_asked,
    "cancellation.answered": orders.cancelling_answered,
    "delay.announced": orders.delay_announced,
    "delay.accepted": orders.delay_accepted,
    "delay.declined": orders.delay_declined,
    "promise.at_risk": orders.in_doubt,
    "address.asked": orders.address_asked,
    "address.changed": orders.address_changed,
    "address.declined": orders.address_declined,
    "shipment.dispatched": shipments.dispatched,
    "shipment.handed_over": shipments.handed_over,
    "shipment.scanned": shipments.scanned,
    "shipment.noted": shipments.noted,
    "shipment.delivered": shipments.delivered,
    "return.sent": shipments.sent_back,
    "return.scanned": shipments.back_scanned,
    "return.delivered": shipments.back,
    "message.sent": conversations.written,
    "message.edited": conversations.edited,
    "answer.rejected": conversations.rejected,
    "conversation.no_reply_needed": conversations.no_reply_needed,
    "conversation.closed": conversations.closed,
    "conversation.agent_asked": conversations.agent_asked,
    "conversation.agent_joined": conversations.agent_joined,
    "pause.recorded": pauses.recorded,
    "pause.ended": pauses.recorded,
    "account.linked": identity.linked,
    "account.unlinked": identity.unlinked,
    "account.merge_asked": identity.merge_asked,
    **dict.fromkeys(identity.MERGES, identity.merge_moved),
    "charge.taken_over": identity.points_came,
    **dict.fromkeys(("appeal.filed", "appeal.withdrawn", "appeal.decided"), measures.appealed),
    **dict.fromkeys(sorted(MONEY_KINDS), money.moved),
}
#: What moves rows of buyers, too.
_OF_ANYBODY: frozenset[Step] = frozenset(
    {
        pauses.recorded, measures.appealed, identity.linked, identity.unlinked, identity.merge_asked,
        identity.merge_moved, identity.points_came,
    }
)  # fmt: skip
#: Kinds of fact that move no row of the world by themselves: what they are about is judged, and shown from the journal.
STILL = frozenset(
    {
        "check.filled", "delivery.judged", "order.fulfilled", "order.receipt_confirmed", "order.confirmation_timed_out",
        "order.placed_through",
        "order.returned", "return.confirmed", "return.labelled", "return.contested", "return.contest_answered",
        "complaint.received", "complaint.answered", "violation.found", "violation.cleared", "course.assigned",
        "course.passed", "peers.measured", "history.imported", "deadline.fell",
        "account.matched", "account.cleared", "account.took_over", "account.gave_back", "charge.cleared",
        "sanction.kept",
        *(fact.name for fact in measured.ALL if fact.name not in FOLLOW),
        # folds move the rows of disputes, reviews and plans
        *(kind for kind in KINDS if kind.startswith(("dispute.", "carrier.", "review.", "plan."))),
    }
)  # fmt: skip


def follow(world: World, facts: Sequence[Fact], past: Mapping[str, Sequence[Fact]]) -> dict[str, str]:
    """Let rows follow `facts`, which are told now; return what each contradicts that is against what is known.

    `past`: by matter, the facts that were known before, where these are at hand. Such a matter is looked at whole, in
    the order of time, so that it does not matter in which order its facts came.
    """
    world.fresh = {fact.id for fact in facts}
    wrong: dict[str, str] = {}
    told: dict[str, list[Fact]] = {}
    for fact in facts:
        told.setdefault(fact.matter, []).append(fact)
    world.read_whole(world.order(some[0]) for matter, some in told.items() if matter in past and world.is_order(matter))
    for matter, some in told.items():
        world.is_whole = matter in past
        world.of_money.clear()
        known = [fact for fact in past.get(matter, ()) if fact.id not in world.fresh]
        in_time = sorted([*known, *some], key=lambda fact: fact.place)
        if world.is_whole and world.is_order(matter):
            orders.untouched(world, world.order(some[0]), in_time[0])
        all_is_here = world.is_whole or not world.knows(matter)
        if all_is_here and subject_kind(matter) == "order" and world.party.role == "seller":
            orders.sized(world, in_time)
            shipments.named_later(world, in_time)
        for fact in in_time:
            try:
                _step(world, fact)
            except Contradiction as error:
                if fact.id in world.fresh:
                    wrong[fact.id] = str(error)
        if any(fact.kind in MONEY_KINDS for fact in world.of_money):
            money.counted(world, world.order(in_time[0]))
        folds = [fold for fold in (disputes, reviews) if fold.moves(some)]
        if folds and world.is_order(matter):
            taken = [fact for fact in some if fact.id not in wrong]
            before = known if world.is_whole else statements.facts_of_matter(world.party.pk, matter)
            all_of_it = sorted({each.id: each for each in (*before, *taken)}.values(), key=lambda fact: fact.place)
            for fold in folds:
                fold.moved(world, world.order(some[0]), all_of_it)
        if plans.moves(some):
            before = known if world.is_whole else statements.facts_of_matter(world.party.pk, matter)
            plans.moved(world, [*{each.id: each for each in (*before, *some)}.values()])
    return wrong


def names_more(fact: Fact) -> bool:
    """Whether a fact says what a thing is, not what became of it: that counts for what was told before, too.

    So does money that moves: what it means follows from all that moved before. And of goods that go back, each fact
    does: which parcel it means, the others of its return say.
    """
    of_the_whole = ("order.placed", *shipments.OF_RETURNS, *MONEY_KINDS)
    return fact.kind in of_the_whole or fact.data.get("shipment") is not None


def _step(world: World, fact: Fact) -> None:
    if world.party.role == "seller":
        # A thing of which anything is told is there from then on.
        if subject_kind(fact.matter) == "order":
            world.order(fact)
        if subject_kind(fact.subject) == "conversation" and not world.writes_its_own(fact):
            world.conversation(fact)
    if (move := FOLLOW.get(fact.kind)) is not None and (world.party.role == "seller" or move in _OF_ANYBODY):
        move(world, fact)
