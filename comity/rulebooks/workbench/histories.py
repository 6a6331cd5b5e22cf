"""Random histories that touch a rule: facts that it means, at moments near its lengths, dates and hours.

Nothing here knows what a rule does with them: they are made of what stands in its value, whatever its kind.
"""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from comity.lib import moments
from comity.lib.moments import UTC
from comity.policy.facts import KINDS, PAUSE, PAUSE_CAUSES, Fact, Field, Scalar, problems, subject_kind
from comity.policy.matching import Match
from comity.rulebooks.workbench.cases import PARTY, matter_of
from comity.rulebooks.workbench.ingredients import FIRST_DAYS, Ingredients

_NOTHING, _MINUTE, _HOUR, _DAY = timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: How often a field that need not be there is: one of which the rule speaks, and any other.
_MEANT, _ANY = 0.8, 0.15

#: When a history's next fact may fall, seen from what stands so far: deadlines of both rulebooks.
Pending = Callable[[Sequence[Fact]], list[datetime]]


class Histories:
    """Makes histories from ingredients, the same for the same seed."""

    def __init__(self, ingredients: Ingredients, seed: str):
        self._of, self._random = ingredients, random.Random(seed)

    def one(self, pending: Pending) -> list[Fact]:
        """Return a history: facts in the order in which they were noted."""
        pick = self._random
        facts: list[Fact] = []
        at = self._first()
        # Small ones more often: they cost less, and say more.
        counted, more = self._of.volumes[int(len(self._of.volumes) * pick.random() ** 2)]
        if counted > 2 and pick.random() < 0.5:  # another time, that a longer window still sees
            self._crowd(facts, at, pick.randint(1, 3), pick.randint(0, 3), first=counted + 1)
            at += pick.choice(self._of.lengths) + pick.choice((-_DAY, _NOTHING, _DAY))
        at = self._crowd(facts, max(at, self._of.begins), counted, more)
        for _ in range(pick.randint(0, 4) if counted <= 3 else pick.randint(0, 1)):
            at = self._next(facts, at, pending)
            what = self._of.opening if pick.random() < 0.3 else self._of.others
            self._add(facts, what, pick.randint(1, min(counted, 3)), at)
        if facts and pick.random() < 0.4:
            self._pause(facts)
        return sorted(facts, key=lambda fact: (fact.noted_at, fact.id))

    def _crowd(self, facts: list[Fact], at: datetime, counted: int, more: int, *, first: int = 1) -> datetime:
        """Add subjects one after another, then something more about some of them; return when the last fact fell."""
        pick = self._random
        steps = (_NOTHING, _MINUTE, 5 * _HOUR, _DAY, *(each for each in self._of.lengths if _DAY < each < 31 * _DAY))
        step = pick.choice(steps) if counted > 1 else _NOTHING
        begins = [pick.choice(self._of.opening)] if counted > 2 else self._of.opening
        follows = [pick.choice(self._of.others)] if pick.random() < 0.7 else self._of.others
        for number in range(first, first + counted):
            self._add(facts, begins, number, at)
            at += step
        for number in range(first, first + more):
            at += step / 10
            self._add(facts, follows, number, at)
        return at

    def _first(self) -> datetime:
        pick, there = self._random, ZoneInfo(self._of.zone)
        first = self._of.begins.astimezone(there).date()
        if self._of.days and pick.random() < 0.5:
            day = pick.choice(self._of.days) + pick.choice((-2, -1, 0, 0, 0, 1)) * _DAY
            day = max(day, first)
        else:
            day = first + pick.randint(0, 60) * _DAY
        hour = pick.choice(self._of.hours) if self._of.hours and pick.random() < 0.5 else time(pick.randint(0, 23), 30)
        at = datetime.combine(day, hour, there).astimezone(UTC) + pick.choice((-_MINUTE, _NOTHING, _MINUTE))
        return max(at, self._of.begins)

    def _next(self, facts: Sequence[Fact], at: datetime, pending: Pending) -> datetime:
        pick = self._random
        soon = [each for each in pending(facts) if at <= each < at + 3 * FIRST_DAYS * _DAY]
        if soon and pick.random() < 0.7:
            return max(at, pick.choice(soon) + pick.choice((-_MINUTE, _NOTHING, _MINUTE, _DAY)))
        length = pick.choice(self._of.lengths) if pick.random() < 0.6 else timedelta(hours=pick.randint(0, 100))
        return max(at, at + length + pick.choice((-_MINUTE, _NOTHING, _MINUTE)))

    def _pause(self, facts: list[Fact]) -> None:
        pick = self._random
        about = pick.choice(facts)
        begin = about.at + pick.choice((-_DAY, _NOTHING, _MINUTE))
        end = begin + max(_MINUTE, pick.choice((*self._of.lengths, _DAY, 3 * _DAY)) + pick.choice((_NOTHING, _DAY)))
        causes = [each for each in PAUSE_CAUSES if each in self._of.names] or list(PAUSE_CAUSES)
        said: dict[str, Scalar] = {
            "from": moments.to_text(begin),
            "until": moments.to_text(end),
            "cause": pick.choice(causes),
            "by": "agent",
        }
        matter = pick.choice((about.matter, PARTY))
        self._keep(facts, PAUSE, begin, begin, matter, matter, said)

    def _add(self, facts: list[Fact], matches: Sequence[Match], number: int, at: datetime) -> None:
        """Add a fact that is meant, if what it says is sound."""
        if not matches:
            return
        pick, match = self._random, self._random.choice(matches)
        kind = KINDS[match.fact]
        # What the rule counts by, if the fact can be about it.
        about = pick.choice([each for each in kind.subjects if each in self._of.subjects] or kind.subjects)
        subject = PARTY if about in ("seller", "buyer") else f"{'order' if about == '*' else about}:{number}"
        under = pick.choice(kind.matters)
        matter = matter_of(subject)
        if under not in ("*", subject_kind(matter)) and subject_kind(subject) not in kind.matters:
            matter = PARTY if under == "seller" else f"{under}:{number}"
        elif under == "order" and pick.random() < 0.3:  # what is said in a conversation may be about an order
            matter = f"order:{number}"
        data = {
            name.rstrip("_"): self._value(name.rstrip("_"), field, at, facts)
            for name, field in kind.fields.items()
            if field.required or pick.random() < (_MEANT if name.rstrip("_") in self._of.names else _ANY)
        }
        if "amount" in data and "currency" in kind.fields:
            data["currency"] = "EUR"
        data |= match.where
        for test in match.tests:
            data[test.field] = pick.choice(
                test.values or tuple(each for each in (test.least, test.most) if each is not None)
            )
        late = pick.choice((*self._of.lengths, _DAY)) if pick.random() < 0.05 else _NOTHING
        self._keep(facts, kind.name, at, at + late, subject, matter, data)

    def _keep(
        self,
        facts: list[Fact],
        kind: str,
        at: datetime,
        noted_at: datetime,
        subject: str,
        matter: str,
        data: dict[str, Scalar],
    ) -> None:
        """Add a fact if it is sound."""
        fact = Fact(
            id=f"f{len(facts) + 1:06d}",
            kind=kind,
            at=at,
            noted_at=noted_at,
            subject=subject,
            matter=matter,
            party=PARTY,
            data={name: value for name, value in data.items() if value is not None},
        )
        if not any(problems(fact)):
            facts.append(fact)

    def _value(self, name: str, field: Field, at: datetime, facts: Sequence[Fact]) -> Scalar:
        pick = self._random
        if field.choices:
            meant = [each for each in field.choices if each in self._of.names]
            return pick.choice(meant if meant and pick.random() < _MEANT else field.choices)
        if field.type is datetime:
            return moments.to_text(at + pick.choice((*self._of.lengths, *(days * _DAY for days in (1, 3, 7, 20)))))
        if field.type is bool:
            return pick.random() < 0.5
        if field.type is int:
            number = pick.choice(self._of.numbers)
            return min(max(number, field.least or 0), field.most if field.most is not None else number)
        if name == "of":
            return pick.choice([fact.id for fact in facts] or ["f0"])
        if field.names:
            return f"{field.names.split()[0]}:{pick.randint(1, 3)}"
        if field.currency:
            return "EUR"
        return "x"
