"""A sample marketplace: sellers of different habits, lived through the real actions. Same seed, same journal bytes.

Used by `comity demo`, by tests and by benchmarks. Nothing in it is a shortcut: every order, parcel and message goes
through the door that live traffic takes, dated in the past, and the clock is turned once a simulated day.
"""

import heapq
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from django.db import transaction

from comity.actions import (
    answers,
    cancellations,
    clock,
    conversations,
    delays,
    messages,
    orders,
    rulebooks,
    sanctions,
    scans,
    shipments,
)
from comity.actions.addresses import ShipTo
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.demo import disputes
from comity.demo.people import FROM, TO, USUAL, Habit, People, Scale, gather
from comity.demo.reviews import Ratings
from comity.demo.texts import ANSWERS, QUESTIONS, SAVED, THANKS, WARES
from comity.lib import ids
from comity.lib.money import Money
from comity.policy.sanctions.measures import MeasureStatus
from comity.records.models import Conversation, Dispute, Notice, Order, Party, Sanction, Shipment
from comity.rulebooks.shelf import text_of

#: Simulated days lived in one transaction.
DAYS_A_COMMIT = 10
#: How long before the end the agent freezes the worst seller, so that the freeze is in effect when the demo opens.
FREEZE_BEFORE_END = timedelta(days=3)
#: People in the simulation have read what they were told so long ago.
NOTICES_READ_AFTER = timedelta(days=2)
#: Hours before the end at which buyers ask the first seller something that nobody has answered yet.
WAITING_HOURS = (71.5, 60, 44, 20, 7.5, 2, 0.5)


#: Carriers, how much of the usual time they take, and how often they report trouble.
_CARRIERS = (("sample-post", 1.0, 0.01), ("swift-air", 0.75, 0.005), ("cargo-slow", 1.3, 0.03))


def build(
    *,
    seed: int,
    end: datetime,
    scale: Scale = USUAL,
    rulebook: str = "aliexpress",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> People:
    """Live `scale.days` days up to `end` in an empty database, and return the people.

    `progress` is told how many of how many days are over.
    """
    with ids.seeded(seed):
        return _Life(seed, end, scale, rulebook).live(progress)


class _Life:
    """The calendar of the simulation: what happens when, and what it leads to."""

    def __init__(self, seed: int, end: datetime, scale: Scale, rulebook: str):
        self.random = random.Random(seed)
        self.start, self.end, self.scale = end - timedelta(days=scale.days), end, scale
        self._calendar: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = count()
        with transaction.atomic():
            self.people = gather(self.random, scale, self.start)
            rulebooks.publish(self.people.platform, text_of(rulebook), at=self.start)
        self.ratings = Ratings(seed, self._plan, Actor(self.people.agent))

    def live(self, progress: Callable[[int, int], None]) -> People:
        for _ in range(self.scale.orders):
            span = (self.end - self.start).total_seconds()
            self._plan(self.start + timedelta(seconds=self.random.uniform(0, span)), self._order)
        # In the calendar like everything else: it happens once what came before it has.
        self._plan(self.end - FREEZE_BEFORE_END, self._freeze)
        for hours in WAITING_HOURS:
            self._plan(self.end - timedelta(hours=hours), self._ask_and_wait)
        disputes.plan(self.people, self.end, self._plan)
        for first in range(0, self.scale.days, DAYS_A_COMMIT):
            with transaction.atomic():
                for day in range(first, min(first + DAYS_A_COMMIT, self.scale.days)):
                    self._live_until(self.start + timedelta(days=day + 1))
                    progress(day + 1, self.scale.days)
        self._teach()
        Notice.objects.filter(at__lt=self.end - NOTICES_READ_AFTER).update(read_at=self.end)
        return self.people

    def _live_until(self, moment: datetime) -> None:
        while self._calendar and self._calendar[0][0] < moment:
            at, _, happening = heapq.heappop(self._calendar)
            try:
                happening(at)
            except (Forbidden, Refused, Dispute.DoesNotExist):
                continue  # a frozen seller takes no orders; a cancelled one is not sent
        clock.turn(moment)

    def _plan(self, at: datetime, happening: Callable[[datetime], None]) -> None:
        # The number keeps two things of one second in the order in which they were planned.
        heapq.heappush(self._calendar, (at.replace(microsecond=0), next(self._numbers), happening))

    def _teach(self) -> None:
        """The first seller keeps two answers from now on; a model is learnt of them."""
        seller = Actor(self.people.sellers[0])
        for title, text, examples in SAVED:
            wording = answers.Wording(title=title, texts={"en": text}, examples=list(examples), automatic=True)
            answers.save(seller, wording, at=self.end)
        answers.learn(seller.party, at=self.end)

    # What happens

    def _order(self, at: datetime) -> None:
        seller, buyer = self._choose(self.people.sellers), self._choose(self.people.buyers)
        title, cents = self.random.choice(WARES)
        handling = self.random.choice((48, 72, 96))
        lines = [orders.Line(title, 1, Money(cents, "EUR"))]
        if self._chance(0.12):
            more, other = self.random.choice(WARES)
            lines.append(orders.Line(more, self.random.randint(1, 3), Money(other, "EUR")))
        country, region, city, postcode, street = TO[buyer.time_zone]
        new = orders.NewOrder(
            buyer=buyer,
            seller=seller,
            lines=tuple(lines),
            handling_hours=handling,
            deliver_by=at + timedelta(days=self.random.choice((14, 18, 24))),
            lane=orders.Lane(FROM[seller.time_zone][0], service="standard"),
            ship_to=ShipTo(buyer.name, street, city, country, postcode, region),
        )
        order = orders.place(self.people.platform, new, at=at)
        self._plan(at + self._minutes(2, 240), lambda moment: self._paid(order, moment))

    def _choose(self, group: list[Party]) -> Party:
        """The first of a group are the busiest, as shops are."""
        return group[int(self.random.expovariate(3 / len(group))) % len(group)]

    def _paid(self, order: Order, at: datetime) -> None:
        orders.pay(self.people.platform, order, at=at)
        habit, handling = self._habit(order), order.handling_hours
        if self.random.random() < 0.02:
            self._plan(at + self._minutes(60, 1200), lambda m: self._cancel(order, m))
            return
        hours = handling * (self.random.uniform(1.05, 2) if self._chance(habit.late) else self.random.uniform(0.1, 0.9))
        self._plan(at + timedelta(hours=hours), lambda moment: self._dispatch(order, moment))
        if self._chance(0.35):
            self._plan(at + timedelta(hours=self.random.uniform(4, 300)), lambda m: self._ask(order, m))

    def _cancel(self, order: Order, at: datetime) -> None:
        cancellations.ask(Actor(order.buyer), order, reason="changed_mind", at=at)
        self._plan(
            at + self._minutes(20, 900), lambda m: cancellations.answer(Actor(order.seller), order, accepted=True, at=m)
        )

    def _dispatch(self, order: Order, at: datetime, *, rest: bool = False) -> None:
        habit = self._habit(order)
        number = "" if self._chance(habit.untracked) else f"CN{self.random.randrange(10**9):09d}DE"
        carrier, pace, trouble = _CARRIERS[min(int(self.random.expovariate(0.9)), 2)]
        lines = list(order.lines.all())
        part = (
            {lines[0].pk: lines[0].quantity} if len(lines) > 1 and number and not rest and self._chance(0.5) else None
        )
        parcel = shipments.Parcel(carrier if number else "", number, contents=part)
        shipment = shipments.dispatch(Actor(order.seller), order, parcel, at=at)
        if part:  # the rest follows, mostly within the handling time
            self._plan(at + self._minutes(120, 1800), lambda m: self._dispatch(order, m, rest=True))
        if number and self._chance(habit.never_scanned):
            return
        assert order.deliver_by is not None, "the simulation promises a day with each order"
        left = max((order.deliver_by - at).total_seconds() / 86_400, 4)
        slow = self._chance(habit.slow)
        days = left * (self.random.uniform(1.05, 1.5) if slow else self.random.uniform(0.35, 0.75) * pace)
        if slow and self._chance(0.3) and not part:
            later = order.deliver_by + timedelta(days=7)
            self._plan(at + timedelta(days=left * 0.6), lambda m: self._delay(order, later, m))
        stations = ("accepted", "exception" if self._chance(trouble) else "in_transit") if number else ()
        for position, status in enumerate(stations):
            moment = at + timedelta(days=0.4 + (days - 0.9) * position / len(stations))
            self._plan(moment, lambda m, s=status, p=position: self._scan(shipment, s, p, m))  # type: ignore[misc]
        if number:
            self._plan(at + timedelta(days=days - 0.3), lambda m: self._scan(shipment, "out_for_delivery", 9, m))
        self._plan(at + timedelta(days=days), lambda m: self._scan(shipment, "delivered", 9, m))

    def _scan(self, shipment: Shipment, status: str, position: int, at: datetime) -> None:
        order = shipment.order
        places = FROM[order.seller.time_zone][1]
        place = TO[order.buyer.time_zone][2] if position >= len(places) else places[position]
        scans.scan(self.people.platform, shipment, scans.Event(status, at, place=place))
        if status == "delivered":
            self.ratings.delivered(order, self._habit(order), at)

    def _delay(self, order: Order, deliver_by: datetime, at: datetime) -> None:
        delays.announce(Actor(order.seller), order, deliver_by=deliver_by, reason="carrier_delay", at=at)
        if self._chance(0.6):
            buyer = Actor(order.buyer)
            self._plan(at + self._minutes(30, 900), lambda m: delays.answer(buyer, order, accepted=True, at=m))

    def _ask(self, order: Order, at: datetime) -> None:
        self._plan_answer(order, self._question(order, at), at)

    def _question(self, order: Order, at: datetime) -> Conversation:
        buyer, topic = Actor(order.buyer), f"{order.title} ({order.key})"
        new = messages.NewConversation(buyer=order.buyer, seller=order.seller, topic=topic, order=order)
        conversation = messages.open_conversation(buyer, new, at=at)
        text = self.random.choice(QUESTIONS)
        messages.send(buyer, conversation, text=text, at=at, extras=messages.Extras(quote=True))
        return conversation

    def _ask_and_wait(self, at: datetime) -> None:
        sold = Order.objects.filter(seller=self.people.sellers[0], conversations=None, paid_at__lt=at)
        if order := sold.select_related("buyer", "seller").order_by("-paid_at").first():
            self._question(order, at)

    def _plan_answer(self, order: Order, conversation: Conversation, asked: datetime) -> None:
        habit = self._habit(order)
        if not self._chance(habit.ignores):
            hours = min(self.random.lognormvariate(0, 0.7) * habit.reply, 400)
            self._plan(asked + timedelta(hours=hours), lambda m: self._answer(order, conversation, m))

    def _answer(self, order: Order, conversation: Conversation, at: datetime) -> None:
        messages.send(Actor(order.seller), conversation, text=self.random.choice(ANSWERS), at=at)
        if self._chance(0.3):
            self._plan(at + self._minutes(10, 2000), lambda m: self._thank(order, conversation, m))

    def _thank(self, order: Order, conversation: Conversation, at: datetime) -> None:
        messages.send(Actor(order.buyer), conversation, text=self.random.choice(THANKS), at=at)
        if self._chance(0.8):
            seller = Actor(order.seller)
            self._plan(
                at + self._minutes(30, 1500),
                lambda m: conversations.no_reply_needed(seller, conversation, reason="thanks", at=m),
            )
        else:
            self._plan_answer(order, conversation, at)

    def _freeze(self, at: datetime) -> None:
        """The agent looks through what the ladder proposes: the worst seller is frozen, one proposal is declined."""
        proposed = list(Sanction.objects.filter(status=MeasureStatus.PROPOSED).select_related("party").order_by("at"))
        agent = Actor(self.people.agent)
        worst = [each for each in proposed if each.party_id == self.people.worst.pk and each.measure == "freeze"]
        if worst:
            sanctions.approve(agent, worst[-1], at=at)
        others = [each for each in proposed if each.party_id != self.people.worst.pk]
        if len(others) > 1:
            sanctions.decline(agent, others[0], reason="not_proportionate", at=at)

    def _habit(self, order: Order) -> Habit:
        return self.people.habits[order.seller_id]

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _minutes(self, low: int, high: int) -> timedelta:
        return timedelta(minutes=self.random.randint(low, high))
