"""Moments reckoned from facts: the ends of windows, by the exact hour or by the law's count of days, and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from comity.policy.duties import verdicts
from comity.policy.facts import Fact, moment_of
from comity.policy.matching import Match, accepted
from comity.policy.time.calendars import Days, later
from comity.policy.time.clocks import ALWAYS, Clock
from comity.policy.time.days import begin_of, day_of

DELIVERED = "shipment.delivered"
DISPATCHED = "shipment.dispatched"
_DAY = timedelta(days=1)

#: A step of a count: its code, and its value.
Step: TypeAlias = tuple[str, str | int | date | datetime | timedelta]


@dataclass(frozen=True, slots=True)
class Stop:
    """A stretch that does not count, from one fact to another, and how much is left after it at the least.

    By the law's count both its days are out; else it is exact.
    """

    begun_by: tuple[Match, ...]
    ended_by: tuple[Match, ...]
    least: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A moment and how it was counted; without one, for what it waits.

    moment     None where it is not known yet
    counted    from which moment ("from"), by what length ("plus"), the last day ("last_day"), days that did not count
               ("stopped"), what was left at the least ("least"), the working day it was moved to ("moved"), and
               whether it is the end of a day ("end_of_day")
    waits_for  "parcel", "stop", or the kind of the fact that has not happened; "" where the moment is known
    """

    moment: datetime | None = None
    counted: tuple[Step, ...] = ()
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A moment reckoned from a fact: the fact's own, or one in its data (`field`), and `plus` a length on a clock.

    Days on a clock that is always open are days of the calendar of `zone`; hours are hours. The latest fact counts:
    what a replacement brings begins with its own delivery.

    count       "law": the day of the fact is out, the last day ends at midnight, and moves on to a day on which the
                clock is open (Regulation 1182/71 art. 3); "" counts to the same time of the day
    every       "parcel": only once every parcel of the order has arrived, from the last of them
    end_of_day  the moment moves to the end of its day, before `plus` is counted
    stops       stretches that do not count
    """

    by: Match
    field: str = ""
    plus: timedelta = timedelta(0)
    clock: Clock = ALWAYS
    zone: str = "UTC"
    count: str = ""
    every: str = ""
    end_of_day: bool = False
    stops: tuple[Stop, ...] = ()

    def moment(self, facts: Sequence[Fact]) -> datetime | None:
        """Return the moment by the latest fact that is meant, or None where there is none yet."""
        return self.reckoned(facts).moment

    def reckoned(self, facts: Sequence[Fact]) -> Reckoned:
        """Return the moment by the facts so far, in the order of time, and how it was counted."""
        begun = self._begun(facts)
        if begun is None:
            return Reckoned(waits_for=self.by.fact)
        if self.every == "parcel" and not _all_arrived(self.by, facts):
            return Reckoned(counted=(("from", begun),), waits_for="parcel")
        stretches = _stretches(self.stops, facts, begun)
        counted: list[Step] = [("from", begun)]
        if self.end_of_day:
            begun = begin_of(day_of(begun, self.zone) + _DAY, self.zone)
            counted.append(("end_of_day", day_of(begun, self.zone) - _DAY))
        if self.plus:
            counted.append(("plus", self.plus))
        return self._by_law(begun, stretches, counted) if self.count else self._exactly(begun, stretches, counted)

    def _begun(self, facts: Sequence[Fact]) -> datetime | None:
        for fact in reversed(facts):
            if self.by.accepts(fact):
                text = fact.data.get(self.field) if self.field else None
                begun = moment_of(text) if isinstance(text, str) else fact.at if not self.field else None
                # A fact whose field holds no moment is passed over for the one before it.
                if begun is not None:
                    return begun
        return None

    def _exactly(
        self, begun: datetime, stretches: Sequence[tuple[datetime, datetime | None, Stop]], counted: list[Step]
    ) -> Reckoned:
        moment = later(begun, self.plus, self.zone) if self.clock.always else begun
        if self.plus and not self.clock.always:
            moment = self.clock.due(begun, self.plus)
        for begin, end, stop in stretches:
            if begin >= moment:
                break
            if end is None:
                return Reckoned(counted=tuple(counted), waits_for="stop")
            out = end - max(begin, begun)
            moment = max(moment + out, later(end, stop.least, self.zone))
            counted.append(("stopped", out))
        return Reckoned(moment, tuple(counted))

    def _by_law(
        self, begun: datetime, stretches: Sequence[tuple[datetime, datetime | None, Stop]], counted: list[Step]
    ) -> Reckoned:
        # At midnight sharp the day is the one that begins: a moment that was moved to the end of its day is taken back.
        first = day_of(begun, self.zone) - (_DAY if self.end_of_day else timedelta(0))
        last = first + timedelta(self.plus.days)
        for begin, end, stop in stretches:
            if day_of(begin, self.zone) > last:
                break
            if end is None:
                return Reckoned(counted=tuple(counted), waits_for="stop")
            out = day_of(end, self.zone) - max(day_of(begin, self.zone), first + _DAY) + _DAY
            counted.append(("stopped", Days(max(out.days, 0))))
            last += max(out, timedelta(0))
            if last < (least := day_of(end, self.zone) + timedelta(stop.least.days)):
                counted.append(("least", stop.least))
                last = least
        counted.append(("last_day", last))
        if (moved := self.clock.open_from(last)) != last:
            counted.append(("moved", moved))
        return Reckoned(begin_of(moved + _DAY, self.zone), tuple(counted))


def _stretches(
    stops: Sequence[Stop], facts: Sequence[Fact], since: datetime
) -> list[tuple[datetime, datetime | None, Stop]]:
    """Return the stretches that were not over before `since`, in the order of time; None ends one that goes on."""
    found: list[tuple[datetime, datetime | None, Stop]] = []
    for stop in stops:
        begin: datetime | None = None
        for fact in facts:
            if begin is None and accepted(stop.begun_by, fact):
                begin = fact.at
            elif begin is not None and accepted(stop.ended_by, fact):
                found.append((begin, fact.at, stop))
                begin = None
        if begin is not None:
            found.append((begin, None, stop))
    return sorted((each for each in found if each[1] is None or each[1] > since), key=lambda each: each[0])


def _all_arrived(by: Match, facts: Sequence[Fact]) -> bool:
    """Whether every parcel of the order has arrived: by its pieces where facts count them, else by its parcels."""
    arrived = [fact for fact in facts if by.accepts(fact)]
    if any("of_pieces" in fact.data for fact in arrived):
        last = next(fact for fact in reversed(arrived) if "of_pieces" in fact.data)
        return verdicts.is_whole([by], last, [fact for fact in arrived if fact is not last], "")
    if any(fact.subject == fact.matter for fact in arrived):
        return True
    return {fact.subject for fact in facts if fact.kind == DISPATCHED} <= {fact.subject for fact in arrived}
