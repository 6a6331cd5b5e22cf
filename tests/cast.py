"""The fixed cast of the journeys: a buyer, a seller, an agent, and rivals who must not see."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from comity.actions import facts, messages, orders, parties, rulebooks
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.records.models import Conversation, Order, Party
from comity.rulebooks.shelf import text_of

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def hours(number: float) -> datetime:
    """The moment so many hours into every story."""
    return START + timedelta(hours=number)


@dataclass(frozen=True)
class Cast:
    """Ana buys from Li; Ken watches; Bea and Max are another buyer and another seller."""

    platform: Actor
    ana: Actor
    li: Actor
    ken: Actor
    bea: Actor
    max: Actor

    @property
    def buyer(self) -> Party:
        return self.ana.party

    @property
    def seller(self) -> Party:
        return self.li.party

    def order(self, *, at: float = 0, paid: bool = True, days: int = 20) -> Order:
        """An order of Ana's from Li, with 72 hours of handling time."""
        order = orders.place(
            self.platform,
            orders.NewOrder(
                buyer=self.buyer,
                seller=self.seller,
                title="Desk lamp",
                price=Money(1999, "EUR"),
                handling_hours=72,
                deliver_by=hours(at) + timedelta(days=days),
            ),
            at=hours(at),
        )
        return orders.pay(self.platform, order, at=hours(at)) if paid else order

    def conversation(self, order: Order | None = None) -> Conversation:
        """A conversation of Ana's with Li."""
        made = messages.open_conversation(
            self.ana,
            messages.NewConversation(buyer=self.buyer, seller=self.seller, topic="Where is my lamp?", order=order),
            at=hours(0),
        )
        return Conversation.objects.select_related("buyer", "seller").get(pk=made.pk)


def assemble(rulebook: str = "aliexpress", *, at: datetime = START, publish: bool = True) -> Cast:
    """Put the cast on an empty stage, with a rulebook published."""
    platform = Actor(parties.platform(at))
    if publish:
        rulebooks.publish(platform, text_of(rulebook), at=at)

    def join(role: str, name: str) -> Actor:
        return Actor(parties.add(platform, parties.NewParty(role=role, name=name, external_id=name.lower()), at=at))

    return Cast(
        platform, join("buyer", "Ana Souza"), join("seller", "Li Wei"), join("agent", "Ken Adams"),
        join("buyer", "Bea Klein"), join("seller", "Max Roth"),
    )  # fmt: skip


def tell(
    cast: Cast,
    kind: str,
    matter: str,
    at: datetime,
    now: datetime | None = None,
    *,
    whose: Party | None = None,
    **data: object,
) -> None:
    """Let the shop tell a fact about a thing of a party (of the seller where no other is named), and see it taken."""
    event = {
        "specversion": "1.0", "id": f"{kind}:{matter}:{at.isoformat()}", "source": "shop", "type": kind,
        "time": at.isoformat(), "subject": matter, "data": {"party": (whose or cast.seller).ref, **data},
    }  # fmt: skip
    recorded = facts.record(cast.platform, event, now=now or at)
    assert recorded.status == "recorded", recorded.problems
