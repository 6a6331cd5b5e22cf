"""A simulated marketplace that quarrels: 10,000 orders, habits of both sides varied, seeded, by the house rules.

How many disputes end before a mediator decides, after how many days, how that moves with the windows, and what each
habit brings to who has it: whether always to escalate, never to answer, or to accept at the last moment pays. A target
for the simulation; no shop's staff is measured by it.
"""

import heapq
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from benchmarks import stage

ORDERS, SELLERS, BUYERS, DAYS = 10_000, 60, 400, 60
#: So many orders go wrong, in the simulation.
GONE_WRONG = 0.08
DAY = timedelta(days=1)
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
BUYER_HABITS = ("reasonable", "reasonable", "reasonable", "patient", "always escalates", "always silent")
SELLER_HABITS = ("fair", "fair", "fair", "stingy", "always silent", "accepts late")
#: Of so many buyers one always escalates.
MIXES = {
    "one of six": BUYER_HABITS,
    "one of twelve": (*BUYER_HABITS, *(each for each in BUYER_HABITS if each != "always escalates"), "reasonable"),
}
_ANSWER = 'opened_by = [{ fact = "dispute.opened" }, { fact = "dispute.modified" }, { fact = "dispute.revived" }]'
_TALKING = '[[dispute.phase]]\nname = "negotiation"'
#: Windows that are tried: from where in the house rules, which text, and what takes its place.
WINDOWS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "as they are": (),
    "2 days to answer": ((_ANSWER, 'within = "5 days"', 'within = "2 days"'),),
    "10 days to answer": ((_ANSWER, 'within = "5 days"', 'within = "10 days"'),),
    "the platform from day 3": ((_TALKING, _TALKING, f'{_TALKING}\nafter = {{ escalate = "3 days" }}'),),
}


@dataclass
class Trouble:
    """What went wrong with an order: `loss` of what was paid is really lost, as both could know."""

    order: Any
    buyer: str
    seller: str
    loss: float
    dispute: Any = None


def main(engine: str, windows: str = "as they are", orders: str = str(ORDERS), mix: str = "one of six") -> None:
    stage.set_up(engine)
    market = Market(WINDOWS[windows], int(orders), MIXES[mix])
    market.live()
    stage.say({
        "compares": "habits of buyers and sellers in the same disputes, by the house rules", "engine": engine,
        "windows": windows, "always_escalates": mix, **market.found(),
    })  # fmt: skip


class Market:
    """The calendar of the simulation."""

    def __init__(self, changes: tuple[tuple[str, str, str], ...], orders: int, buyers: tuple[str, ...]):
        from comity.actions import parties
        from comity.actions.guard import Actor
        from comity.records.models import RulebookVersion
        from comity.rulebooks.language.parse import parse
        from comity.rulebooks.shelf import text_of

        self.chance, self.orders = random.Random(11), orders
        self._calendar: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = count()
        self.platform = Actor(parties.platform(START))
        text = text_of("comity").replace('hold = "next morning 09:00"\n', "")
        for start, old, new in changes:
            place = text.index(start)
            text = text[:place] + text[place:].replace(old, new, 1)
        book = parse(text)
        RulebookVersion.objects.create(
            name=book.name, version=book.version, text=text, in_force_from=book.in_force_from, published_at=START
        )

        def join(role: str, number: int) -> Any:
            new = parties.NewParty(role=role, name=f"{role} {number}", external_id=f"{role}{number}")
            return parties.add(self.platform, new, at=START)

        self.sellers = [(join("seller", n), SELLER_HABITS[n % len(SELLER_HABITS)]) for n in range(SELLERS)]
        self.buyers = [(join("buyer", n), buyers[n % len(buyers)]) for n in range(BUYERS)]
        self.agents = [Actor(join("agent", n)) for n in range(3)]
        self.troubles: list[Trouble] = []

    def plan(self, at: datetime, happening: Callable[[datetime], None]) -> None:
        heapq.heappush(self._calendar, (at, next(self._numbers), happening))

    def live(self) -> None:
        from django.db import transaction

        from comity.actions import clock
        from comity.actions.disputes import due
        from comity.actions.enact import Refused
        from comity.actions.guard import Forbidden

        for _ in range(self.orders):
            self.plan(START + self.chance.random() * DAYS * DAY, self._order)
        for day in range(1, DAYS + 80):
            until = START + day * DAY
            with transaction.atomic():
                while self._calendar and self._calendar[0][0] < until:
                    at, _, happening = heapq.heappop(self._calendar)
                    try:
                        happening(at)
                    except (Refused, Forbidden):
                        continue
                clock.turn(until)
                self._pay(until)
            due.look(until)

    def _order(self, at: datetime) -> None:
        from comity.actions import orders
        from comity.lib.money import Money

        seller, how_seller = self.chance.choice(self.sellers)
        buyer, how_buyer = self.chance.choice(self.buyers)
        new = orders.NewOrder(
            buyer=buyer, seller=seller, title="Goods", price=Money(self.chance.randint(1500, 12000), "EUR"),
            handling_hours=72, deliver_by=at + 10 * DAY,
        )  # fmt: skip
        order = orders.place(self.platform, new, at=at)
        orders.pay(self.platform, order, at=at)
        if self.chance.random() < GONE_WRONG:
            trouble = Trouble(order, how_buyer, how_seller, self.chance.choice((0.3, 0.5, 0.8, 1.0)))
            self._arrives(trouble, at + 6 * DAY)
            self.plan(at + 7 * DAY, lambda m: self._open(trouble, m))

    def _arrives(self, trouble: Trouble, at: datetime) -> None:
        from comity.actions import scans, shipments
        from comity.actions.guard import Actor

        def sent(moment: datetime) -> None:
            parcel = shipments.Parcel("post", f"CN{self.chance.randrange(10**9):09d}DE", sure=True)
            shipment = shipments.dispatch(Actor(trouble.order.seller), trouble.order, parcel, at=moment)
            self.plan(
                at, lambda m: scans.scan(self.platform, shipment, scans.Event("delivered", m), noted_at=m) and None
            )

        self.plan(at - 4 * DAY, sent)

    def _open(self, trouble: Trouble, at: datetime) -> None:
        from comity.actions.disputes import opening
        from comity.actions.guard import Actor
        from comity.lib.money import Money

        asked = min(1.0, trouble.loss * (1.3 if trouble.buyer == "always escalates" else 1.0))
        amount = Money(int(trouble.order.amount * asked), "EUR")
        claim = opening.Claim("damaged", wants="partial refund", amount=amount, text="It came damaged.")
        trouble.dispute = opening.open_(Actor(trouble.order.buyer), trouble.order, claim, at=at)
        self.troubles.append(trouble)
        if trouble.buyer == "always escalates":
            self.plan(at + timedelta(hours=30), lambda m: self._escalate(trouble, m))
        wait = {"fair": 1.0, "stingy": 2.0, "accepts late": 4.9}.get(trouble.seller)
        if wait is not None:
            self.plan(at + wait * DAY * self.chance.uniform(0.7, 1.0), lambda m: self._answer(trouble, m))

    def _answer(self, trouble: Trouble, at: datetime) -> None:
        from comity.actions.disputes import claims, offers
        from comity.actions.guard import Actor
        from comity.lib.money import Money

        seller = Actor(trouble.order.seller)
        trouble.dispute.refresh_from_db()
        if trouble.seller == "accepts late":
            claims.accept(seller, trouble.dispute, version=trouble.dispute.version, at=at)
            return
        share = trouble.loss * (0.95 if trouble.seller == "fair" else 0.4)
        amount = Money(max(int(trouble.order.amount * share), 1), "EUR")
        number = offers.offer(seller, trouble.dispute, offers.NewOffer("partial refund", amount), at=at)
        if trouble.buyer != "always silent":
            self.plan(at + self.chance.uniform(0.2, 2) * DAY, lambda m: self._reply(trouble, number, share, m))

    def _reply(self, trouble: Trouble, number: int, share: float, at: datetime) -> None:
        """The buyer takes what is near what was lost; else asks once for more, and then the platform."""
        from comity.actions.disputes import offers
        from comity.actions.guard import Actor
        from comity.lib.money import Money

        buyer = Actor(trouble.order.buyer)
        enough = trouble.loss * (0.6 if trouble.buyer == "patient" else 0.75)
        if share >= enough:
            offers.accept(buyer, trouble.dispute, number=number, at=at)
            return
        amount = Money(int(trouble.order.amount * trouble.loss * 0.85), "EUR")
        mine = offers.offer(buyer, trouble.dispute, offers.NewOffer("partial refund", amount), at=at)

        def last(moment: datetime) -> None:
            # A stingy seller gives in to three of four: a mediator would bring points, too.
            if self.chance.random() < 0.75:
                offers.accept(Actor(trouble.order.seller), trouble.dispute, number=mine, at=moment)
            else:
                self._escalate(trouble, moment)

        self.plan(at + self.chance.uniform(0.5, 2) * DAY, last)

    def _escalate(self, trouble: Trouble, at: datetime) -> None:
        from comity.actions.disputes import mediation
        from comity.actions.doing import NotNow
        from comity.actions.guard import Actor

        try:
            mediation.escalate(Actor(trouble.order.buyer), trouble.dispute, at=at)
        except NotNow:
            # Asked too early: once more the next day, as long as there is something to ask.
            trouble.dispute.refresh_from_db()
            if trouble.dispute.stage == "negotiation":
                self.plan(at + DAY, lambda m: self._escalate(trouble, m))
            return
        self.plan(at + self.chance.uniform(0.5, 2) * DAY, lambda m: self._mediate(trouble, m))

    def _mediate(self, trouble: Trouble, at: datetime) -> None:
        """An agent takes it and decides as the table says, on what was shown."""
        from comity.actions.disputes import cases, deciding, mediation
        from comity.lib.money import Money

        agent = self.chance.choice(self.agents)
        mediation.take(agent, trouble.dispute, at=at)
        shown = self.chance.choices(("buyer", "neither", "seller"), (0.7, 0.2, 0.1))[0]
        now = cases.held(trouble.dispute)
        row = deciding.considered(now, {"shown": shown}, at=at).row
        assert row is not None
        lost = int(trouble.order.amount * trouble.loss)
        # The mediator gives what was lost, whatever more was asked for.
        give = {"buyer": min(lost, now.case.amount), "both": deciding.by_row(now, row)}.get(row.outcome, 0)
        judged = deciding.Judgement(
            row.outcome, Money(give, "EUR") if give else None, fault=row.fault, inputs={"shown": shown},
            text="By what was shown.", reason="By what was lost.",
        )  # fmt: skip
        deciding.decide(agent, trouble.dispute, judged, at=at)

    def _pay(self, at: datetime) -> None:
        from comity.actions import reports
        from comity.records.models import RefundVia

        for via in RefundVia.objects.filter(state="instructed", refund__state="instructed").select_related(
            "refund__order"
        ):
            reports.outcome(self.platform, via, reports.Outcome("confirmed", f"p{via.pk}"), at=at)

    def found(self) -> dict[str, Any]:
        """What came of it."""
        from comity.actions.disputes import cases

        ends: dict[str, int] = defaultdict(int)
        days: list[float] = []
        got: dict[str, list[float]] = defaultdict(list)
        cost: dict[str, list[float]] = defaultdict(list)
        waited: dict[str, list[float]] = defaultdict(list)
        against: dict[str, int] = defaultdict(int)
        again = before = 0
        for trouble in self.troubles:
            case = cases.held(trouble.dispute).case
            decision = case.decision
            how = (
                decision.because
                if decision
                else "settled"
                if case.agreement
                else case.closed_because or case.stage.value
            )
            ends[how] += 1
            before += how != "mediator"
            again += case.times_opened > 1
            agreed_at = decision.at if decision else case.agreement.at if case.agreement else case.since
            length = (agreed_at - case.opened_at) / DAY
            days.append(length)
            lost = trouble.order.amount * trouble.loss
            # Each habit is met by ordinary ones: what it brings must not come from another odd habit.
            if trouble.seller in ("fair", "stingy"):
                got[trouble.buyer].append(case.paid / lost)
                waited[trouble.buyer].append(length)
            if trouble.buyer in ("reasonable", "patient"):
                cost[trouble.seller].append(case.paid / lost)
                against[trouble.seller] += decision is not None and decision.fault == "seller"
        return {
            "orders": self.orders, "disputes": len(self.troubles), "ends": dict(sorted(ends.items())),
            "before_a_mediator_decides": round(before / len(self.troubles), 3), "opened_again": again,
            "median_days": round(statistics.median(days), 2),
            "buyers": {h: {"n": len(v), "got_of_loss": round(statistics.mean(v), 3), "median_days": round(statistics.median(waited[h]), 2)} for h, v in sorted(got.items())},
            "sellers": {h: {"n": len(v), "paid_of_loss": round(statistics.mean(v), 3), "decided_against": round(against[h] / len(v), 3)} for h, v in sorted(cost.items())},
        }  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
