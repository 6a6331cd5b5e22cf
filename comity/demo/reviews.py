"""Reviews in the sample marketplace: who rates, how, what is answered, and what an agent takes away."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from comity.actions import reviews
from comity.actions.guard import Actor
from comity.demo.people import Habit
from comity.demo.texts import REPLIES, REVIEWS
from comity.records.models import Order, Review

Plan = Callable[[datetime, Callable[[datetime], None]], None]
#: How many in a hundred buyers and sellers rate; sellers answer, and ask to take back, what is bad.
BUYERS, SELLERS, ANSWERED, ASKED = 45, 60, 50, 15
BAD = 2


class Ratings:
    """What becomes of delivered orders. Chances of its own: what else happens does not depend on them."""

    def __init__(self, seed: int, plan: Plan, agent: Actor):
        self.random, self._plan, self._agent = random.Random(seed), plan, agent
        self._moderated = False

    def delivered(self, order: Order, habit: Habit, at: datetime) -> None:
        """Let the two sides of an order that came rate each other, or not."""
        if self._chance(BUYERS):
            score = self._score(order, habit, at)
            self._plan(self._later(at, 1, 200), lambda moment: self._buyer(order, score, moment))
        if self._chance(SELLERS):
            score = 5 if self._chance(90) else 3
            self._plan(self._later(at, 2, 240), lambda moment: self._seller(order, score, moment))

    def _buyer(self, order: Order, score: int, at: datetime) -> None:
        text = self.random.choice(REVIEWS[score]) if self._chance(70) else ""
        review = reviews.write(Actor(order.buyer), order, score=score, text=text, at=at)
        if score <= BAD:
            self._plan(self._later(at, 260, 400), lambda moment: self._bad(review, moment))

    def _seller(self, order: Order, score: int, at: datetime) -> None:
        reviews.write(Actor(order.seller), order, score=score, at=at)

    def _bad(self, review: Review, at: datetime) -> None:
        """What a seller makes of a bad review once it is shown; the first that is no review goes."""
        if not self._moderated:
            self._moderated = True
            reviews.moderate(self._agent, review, because="not_about_the_order", at=at)
            return
        review.refresh_from_db()
        if self._chance(ANSWERED):
            reviews.answer(Actor(review.rated), review, text=self.random.choice(REPLIES), at=at)
        if self._chance(ASKED):
            reviews.ask_removal(Actor(review.rated), review, at=at + timedelta(hours=1))

    def _score(self, order: Order, habit: Habit, at: datetime) -> int:
        late = order.deliver_by is not None and at > order.deliver_by
        weights = (25, 25, 25, 20, 5) if late else (2, 3, 7, 28, 60)
        spoilt = int(habit.ignores * 100)  # who never answers is rated for it
        return self.random.choices((1, 2, 3, 4, 5), (weights[0] + spoilt, *weights[1:]))[0]

    def _chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def _later(self, at: datetime, least: int, most: int) -> datetime:
        return at + timedelta(hours=self.random.randint(least, most))
