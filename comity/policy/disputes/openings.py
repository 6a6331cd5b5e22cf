"""From when until when something may be done about an order: a dispute opened, a decision appealed against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.policy.deliveries import without_undone
from comity.policy.disputes.edges import Step
from comity.policy.disputes.rule import DisputeRules, Opening, Phase
from comity.policy.facts import LATEST, Fact
from comity.policy.matching import accepted
from comity.policy.time.calendars import later


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when a dispute may be opened by the facts so far, and why: what pages say of it.

    opening    the opening that speaks of the case; None where none does
    begin      None where it may not be opened yet; `waits_for` says what has to happen
    end        None where there is no end, or where it is not known yet
    counted    how the end was counted: codes and values of `edges.Reckoned`
    waits_for  for what the end is not known, or the beginning: "parcel", "stop", or a kind of fact; "" for nothing
    """

    opening: Opening | None = None
    begin: datetime | None = None
    end: datetime | None = None
    counted: tuple[Step, ...] = ()
    waits_for: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether `at` lies in it. At the end itself one is in time."""
        return self.begin is not None and self.begin <= at and (self.end is None or at <= self.end)


NEVER = Window()


def window_of(rules: DisputeRules, reason: str, facts: Sequence[Fact]) -> Window:
    """Return the window for `reason` by the facts so far, in the order of time.

    Of several openings that speak of the case, the one that opens first counts; where none is open yet, the first that
    waits for something.
    """
    windows = [_window(opening, facts) for opening in rules.openings if _speaks(opening, reason, facts)]
    begun = [window for window in windows if window.begin is not None]
    return min(begun, key=lambda window: window.begin or LATEST, default=windows[0] if windows else NEVER)


def window(rules: DisputeRules, reason: str, facts: Sequence[Fact]) -> tuple[datetime | None, datetime | None]:
    """Return from when until when a dispute for `reason` may be opened, by the facts so far; None: never, or no end."""
    found = window_of(rules, reason, facts)
    return found.begin, found.end


def _speaks(opening: Opening, reason: str, facts: Sequence[Fact]) -> bool:
    """Whether an opening speaks of the case, as far as its reasons and what must not have happened go."""
    if opening.reasons and reason not in opening.reasons:
        return False
    return not any(accepted(opening.unless, fact) for fact in facts)


def _window(opening: Opening, facts: Sequence[Fact]) -> Window:
    begins = [edge.reckoned(facts) for edge in opening.after]
    # One of its facts has not happened yet: the opening lies ahead.
    if waiting := next((each for each in begins if each.moment is None), None):
        return Window(opening, waits_for=waiting.waits_for)
    if opening.only_if and not any(accepted(opening.only_if, fact) for fact in facts):
        return Window(opening, waits_for=opening.only_if[0].fact)
    begin = max(each.moment for each in begins if each.moment is not None)
    ends = [edge.reckoned(facts) for edge in opening.until]
    # An edge whose fact may never happen is left out; one that waits for the rest of what began keeps the end open.
    if waiting := next((each for each in ends if each.waits_for in ("parcel", "stop")), None):
        return Window(opening, begin, None, waiting.counted, waiting.waits_for)
    known = [each for each in ends if each.moment is not None]
    if not known:
        return Window(opening, begin, waits_for=ends[0].waits_for if ends else "")
    last = max(known, key=lambda each: each.moment or LATEST)
    return Window(opening, begin, last.moment, last.counted)


def received_at(rules: DisputeRules, facts: Sequence[Fact]) -> datetime | None:
    """Return when an order counts as received by the facts so far, in the order of time: the first of the moments.

    None where that is not known yet. A parcel that was called delivered and was not makes none. Rules that do not wait
    for it are not asked.
    """
    known = without_undone(facts)
    moments = [edge.moment(known) for edge in rules.received]
    return min((moment for moment in moments if moment is not None), default=None)


def may_open(rules: DisputeRules, reason: str, facts: Sequence[Fact], at: datetime) -> bool:
    """Whether a dispute for `reason` may be opened at `at`."""
    return window_of(rules, reason, [fact for fact in facts if fact.at <= at]).holds(at)


def appeal_until(rules: DisputeRules, facts: Sequence[Fact], zone: str) -> datetime | None:
    """Return until when the latest decision may be appealed against; None where there is none, or no appeal is left."""
    decided = [fact for fact in facts if fact.kind == "dispute.decided"]
    appealed = sum(fact.kind == "dispute.appealed" for fact in facts)
    if not decided or appealed >= len(rules.appeals):
        return None
    return later(decided[-1].at, rules.appeals[appealed], zone)


#: What a side does within a phase. An offer made before a mediator does not lead back to where offers began.
_GOES_ON = frozenset({"dispute.modified", "dispute.answered", "dispute.offered", "dispute.evidence_given"})


def phase(rules: DisputeRules, facts: Sequence[Fact]) -> Phase | None:
    """Return the phase that the latest of the facts began, or None.

    What merely goes on within a phase leads on to a later one, and never back to an earlier.
    """
    found = -1
    for fact in facts:
        for place, each in enumerate(rules.phases):
            if accepted(each.begun_by, fact):
                found = max(found, place) if fact.kind in _GOES_ON else place
                break
    return rules.phases[found] if found >= 0 else None
