"""How long a dispute was whose turn: its whole age, shared out among both sides, the platform and nobody. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from comity.policy.disputes.case import ENDED, Case, Stage
from comity.policy.disputes.fold import steps
from comity.policy.disputes.turn import BOTH, MEDIATOR, NOBODY, whose
from comity.policy.facts import Fact
from comity.policy.time.clocks import Stretch
from comity.policy.time.stops import BANK, derived, of_subject

#: Those with whom time is spent. Both: each was asked something by the platform, and neither has answered.
WITH = ("buyer", "seller", BOTH, MEDIATOR, NOBODY)


def spent(
    facts: Iterable[Fact], ref: str, until: datetime, *, over: Mapping[str, datetime] | None = None
) -> Mapping[str, timedelta]:
    """Return how much of a dispute's age, from its first fact to `until`, was whose turn, by each of `WITH`.

    What is left out is nothing: the lengths add up to the age. Nobody's is what waits for a parcel, a refund, the hold
    of a written decision, the bank; and the time between an end and what brings the case back.

    facts   of the order's matter, in the order of time
    over    of requests for information, by their id, when a rule ended the time to answer
    """
    lengths = dict.fromkeys(WITH, timedelta(0))
    known = [fact for fact in facts if fact.at <= until]
    moved = [(fact.at, case) for fact, case in steps(known, ref)]
    stops = stops_of(known, ref)
    ends = [at for at, _ in moved[1:]] + [until]
    for (begin, case), end in zip(moved, ends, strict=False):
        for first, last in _parts(case, begin, end, stops, over or {}):
            lengths[with_whom(case, last, stops, over or {})] += last - first
    return lengths


def stops_of(facts: Iterable[Fact], ref: str) -> list[Stretch]:
    """Return when the bank had all that could go back: nobody can do anything then, as in `turn`."""
    return [stretch for stretch in of_subject(derived(facts), ref) if stretch[2] == BANK]


def with_whom(
    case: Case, at: datetime, stops: Iterable[Stretch] = (), over: Mapping[str, datetime] | None = None
) -> str:
    """Return whose turn it is in the stretch that ends at `at`; `stops`: when the bank had all the money."""
    if case.stage in ENDED:
        return MEDIATOR if case.appeal is not None or case.set_aside_asked_at is not None else NOBODY
    if any(begin < at <= end for begin, end, _cause in stops):
        return NOBODY
    # A decision that is written waits to leave; once its time has come, a second name is missing.
    if case.stage is Stage.MEDIATION and case.leaves_at is not None and at <= case.leaves_at:
        return NOBODY
    if case.stage is Stage.CARRYING_OUT and case.has_failed_refund:
        return MEDIATOR
    who = whose(case, at, [request for request, end in (over or {}).items() if end < at])
    is_looked_at_again = case.appeal is not None or case.set_aside_asked_at is not None
    return MEDIATOR if who == NOBODY and is_looked_at_again else who


def _parts(
    case: Case, begin: datetime, end: datetime, stops: Sequence[Stretch], over: Mapping[str, datetime]
) -> Iterable[tuple[datetime, datetime]]:
    """Return the parts of a stretch in which nothing was told, cut where the turn may pass by time alone."""
    cuts = {each.until for each in case.requests} | {case.leaves_at} | set(over.values())
    cuts |= {moment for first, last, _cause in stops for moment in (first, last)}
    inside = sorted(moment for moment in cuts if moment is not None and begin < moment < end)
    return zip([begin, *inside], [*inside, end], strict=True)
