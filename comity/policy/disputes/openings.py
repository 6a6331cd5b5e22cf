"""From when until when something may be done about an order: a dispute opened, a decision appealed against."""

from collections.abc import Sequence
from datetime import datetime

from comity.policy.disputes.rule import DisputeRules, Phase
from comity.policy.facts import Fact
from comity.policy.matching import accepted
from comity.policy.time.calendars import later


def window(rules: DisputeRules, reason: str, facts: Sequence[Fact]) -> tuple[datetime | None, datetime | None]:
    """Return from when until when a dispute for `reason` may be opened, by the facts so far; None: never, or no end.

    Of several openings that speak of the case, the one that opens first counts.
    """
    stretches = []
    for opening in rules.openings:
        if opening.reasons and reason not in opening.reasons:
            continue
        if any(accepted(opening.unless, fact) for fact in facts):
            continue
        if opening.only_if and not any(accepted(opening.only_if, fact) for fact in facts):
            continue
        begins = [edge.moment(facts) for edge in opening.after]
        # One of its facts has not happened yet: the opening lies ahead.
        if any(begin is None for begin in begins):
            continue
        ends = [end for edge in opening.until if (end := edge.moment(facts)) is not None]
        stretches.append((max(begin for begin in begins if begin is not None), max(ends, default=None)))
    return min(stretches, key=lambda stretch: stretch[0], default=(None, None))


def may_open(rules: DisputeRules, reason: str, facts: Sequence[Fact], at: datetime) -> bool:
    """Whether a dispute for `reason` may be opened at `at`."""
    begin, end = window(rules, reason, [fact for fact in facts if fact.at <= at])
    return begin is not None and begin <= at and (end is None or at <= end)


def appeal_until(rules: DisputeRules, facts: Sequence[Fact], zone: str) -> datetime | None:
    """Return until when the latest decision may be appealed against; None where there is none, or no appeal is left."""
    decided = [fact for fact in facts if fact.kind == "dispute.decided"]
    appealed = sum(fact.kind == "dispute.appealed" for fact in facts)
    if not decided or appealed >= len(rules.appeals):
        return None
    return later(decided[-1].at, rules.appeals[appealed], zone)


def phase(rules: DisputeRules, facts: Sequence[Fact]) -> Phase | None:
    """Return the phase that the latest of the facts began, or None."""
    for fact in reversed(facts):
        for each in rules.phases:
            if accepted(each.begun_by, fact):
                return each
    return None
