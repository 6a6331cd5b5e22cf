"""A worked example for each rule, computed by the code that judges."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from comity.policy.duties.rule import DutyRule
from comity.policy.standards.rates import Count, reading
from comity.policy.standards.rule import Level
from comity.policy.time import deadlines

#: A Friday afternoon, in whatever zone: weekends and nights show.
FRIDAY = (2026, 3, 6, 16, 30)
#: How many subjects examples of standards count.
USUAL = 200


def due_example(rule: DutyRule) -> tuple[datetime, datetime] | None:
    """Return a beginning on a Friday afternoon where the duty is counted, and when it is due; None for promises."""
    if rule.by:
        return None
    zone = ZoneInfo(rule.clock.zone)
    begins = datetime(*FRIDAY, tzinfo=zone)
    return begins, deadlines.after(rule, begins.astimezone(UTC), ()).astimezone(zone)


def break_example(level: Level) -> tuple[int, int] | None:
    """Return the fewest faulty of a usual number that break a level of rates or counts of faults, and that number.

    Each is another buyer's. None where means, sums, volumes or peers are at stake.
    """
    bounds = [bound for limit in level.limits for bound in limit.bounds]
    if any(bound.of_peers or bound.what not in ("rate", "kept", "faulty", "buyers") for bound in bounds):
        return None
    counted = max(USUAL, level.at_least)
    # One by one: the smallest is wanted, and limits may be of any form.
    for faulty in range(counted + 1):
        seen = reading(Count(counted, faulty, buyers=faulty))
        if any(not limit.kept(seen) for limit in level.limits):
            return faulty, counted
    return None
