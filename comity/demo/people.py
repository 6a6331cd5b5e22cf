"""Who lives in the sample marketplace: how sellers work, where people are, and the logins that visitors get."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from comity.actions import parties
from comity.actions.guard import Actor
from comity.records.models import Conversation, Dispute, Party


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a marketplace, and over how many days."""

    sellers: int = 40
    buyers: int = 400
    orders: int = 2_000
    days: int = 120


#: The marketplace that `comity demo` builds.
USUAL = Scale()


@dataclass(frozen=True, slots=True)
class Habit:
    """How a seller works. Shares are probabilities; `reply` is the median time to answer, in hours."""

    name: str
    weight: int
    reply: float
    ignores: float
    late: float
    untracked: float
    never_scanned: float
    slow: float


HABITS = (
    Habit("diligent", 12, 3, 0.00, 0.01, 0.00, 0.000, 0.01),
    Habit("steady", 17, 10, 0.01, 0.02, 0.00, 0.005, 0.02),
    Habit("busy", 8, 26, 0.03, 0.05, 0.01, 0.010, 0.04),
    Habit("careless", 3, 44, 0.10, 0.12, 0.04, 0.030, 0.08),
    Habit("reckless", 0, 60, 0.35, 0.30, 0.10, 0.120, 0.20),
)
# fmt: off
_FIRST = ("Ana", "Bruno", "Chen", "Dilara", "Emeka", "Fatima", "Goran", "Hana", "Igor", "Jun", "Katya", "Lucas", "Mei",
          "Nadia", "Omar", "Priya", "Quentin", "Rosa", "Samir", "Tomoko", "Uwe", "Vera", "Wei", "Yara", "Zofia")
# fmt: on
# fmt: off
_LAST = ("Almeida", "Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova", "Jensen", "Kim",
         "Lindqvist", "Moreau", "Novak", "Okafor", "Park", "Qureshi", "Rossi", "Silva", "Tanaka", "Ueda", "Vogel")
# fmt: on
_SHOPS = ("Atelier", "Bazaar", "Depot", "Emporium", "Goods", "House", "Market", "Outlet", "Store", "Works")
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Asia/Shanghai")
#: Where sellers send from, by their zone, and through where; where buyers are, by theirs.
FROM = {
    "Asia/Shanghai": ("CN", ("Shenzhen", "Guangzhou", "Liège")), "Europe/Berlin": ("DE", ("Leipzig", "Hannover")),
    "America/Sao_Paulo": ("BR-SP", ("São Paulo", "Campinas", "Frankfurt")),
}  # fmt: skip
TO = {
    "Europe/Berlin": ("DE", "", "Berlin", "10115", "Torstraße 1"),
    "America/Sao_Paulo": ("BR", "PR", "Curitiba", "80010-000", "Rua XV de Novembro 12"),
}  # fmt: skip


@dataclass
class People:
    """Who lives in the sample marketplace."""

    platform: Actor
    agent: Party
    other_agent: Party
    sellers: list[Party] = field(default_factory=list)
    buyers: list[Party] = field(default_factory=list)
    habits: dict[int, Habit] = field(default_factory=dict)

    @property
    def worst(self) -> Party:
        """The most reckless seller, whom the agent freezes."""
        return max(self.sellers, key=lambda seller: self.habits[seller.pk].ignores)


def gather(chance: Random, scale: Scale, at: datetime) -> People:
    """Let everybody join who lives in the sample marketplace."""
    platform = Actor(parties.platform(at))
    agent = parties.add(platform, parties.NewParty(role="agent", name="Noor Haddad", external_id="agent-1"), at=at)
    other = parties.add(platform, parties.NewParty(role="agent", name="Sam Okoro", external_id="agent-2"), at=at)
    people = People(platform, agent, other)
    habits = [habit for habit in HABITS for _ in range(habit.weight)]
    reckless = scale.sellers * 3 // 4  # one, who is neither the busiest nor idle
    for number in range(scale.sellers):
        name = f"{chance.choice(_LAST)} {chance.choice(_SHOPS)}"
        zone = ZONES[number % len(ZONES)]
        new = parties.NewParty(role="seller", name=name, external_id=f"seller-{number + 1}", time_zone=zone)
        seller = parties.add(platform, new, at=at)
        people.sellers.append(seller)
        people.habits[seller.pk] = HABITS[-1] if number == reckless else habits[number % len(habits)]
    for number in range(scale.buyers):
        name = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
        zone = ZONES[1 + number % 2]
        new = parties.NewParty(role="buyer", name=name, external_id=f"buyer-{number + 1}", time_zone=zone)
        people.buyers.append(parties.add(platform, new, at=at))
    return people


def someone_waiting(people: People) -> Party:
    """Return a buyer who waits for an answer of the first seller, for the demo's login."""
    waiting = (
        Conversation.objects.filter(seller=people.sellers[0]).select_related("buyer").order_by("-opened_at").first()
    )
    return waiting.buyer if waiting else people.buyers[0]


def someone_in_dispute(people: People) -> Party:
    """Return the buyer with the newest dispute that the platform has, for the demo's login."""
    cases = Dispute.objects.select_related("order__buyer").order_by("-escalated_at", "-opened_at")
    newest = cases.filter(escalated_at__isnull=False).first() or cases.first()
    return newest.order.buyer if newest else people.buyers[0]


def give_logins(people: People) -> str:
    """Give one of each role a login with a password of this demo's own; return what to tell the visitor."""
    password = secrets.token_hex(5)
    lines = ["  Sign in with one password for all: " + password + "\n"]
    visited = {
        "buyer": someone_waiting(people),
        "claimant": someone_in_dispute(people),
        "seller": people.sellers[0],
        "frozen seller": people.worst,
        "agent": people.agent,
        "second agent": people.other_agent,
    }
    for role, party in visited.items():
        email = f"{role.split()[0]}@demo.example"
        if party.user_id is None:
            parties.give_login(party, email=email, password=password)
        lines.append(f"    {role:<14} {email:<22} {party.name}\n")
    return "".join(lines)
