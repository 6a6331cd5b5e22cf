"""Duties that are decided by what is known at one moment: in time, too late, or not counted for lack of data.

Large marketplaces publish "late" as a table with more than one deadline: in time if the carrier had the parcel within
the handling time, *or* it arrived by the promised day, *or* the buyer says so; late if there is proof of that; and
where nothing is known, nobody is charged. Such a duty waits `decided_after` its deadline, then the first row that
holds decides, over all that happened until then. When things were noted does not matter: a late fact has it decided
anew.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from comity.policy.duties.matter import DutyState
from comity.policy.duties.rule import DutyRule
from comity.policy.duties.rulings import Breach, Meet, Unknown
from comity.policy.facts import Fact
from comity.policy.matching import DUE, Match
from comity.policy.rulings import Ruling
from comity.policy.time import deadlines
from comity.policy.time.clocks import Stretch


def concerns(fact: Fact, subject: str) -> bool:
    """Whether `fact` bears on a duty counted by `subject`: it is about it, about its whole, or about a part of it.

    Of several disputes about an order, what names one bears on that one alone.
    """
    if fact.subject == subject:
        return True
    if fact.subject == fact.matter or fact.matter == subject:
        named = fact.data.get("dispute")
        return named is None or named == subject or not subject.startswith("dispute:")
    return fact.data.get("dispute") == subject


def is_whole(matches: Iterable[Match], act: Fact, earlier: Iterable[Fact], subject: str) -> bool:
    """Whether `act`, with the acts before it that `matches` mean, is about all of `subject`.

    An act about a part says of how many pieces it is, and how many there are: two parcels with two and three pieces of
    five are together the whole order, in whichever order they are noted.
    """
    pieces, of = act.data.get("pieces"), act.data.get("of_pieces")
    # Facts that say nothing of pieces are about all of them, as most shops tell it (decision 12).
    if act.subject == subject or not isinstance(pieces, int) or not isinstance(of, int):
        return True
    by_part = {act.subject: pieces}
    for each in earlier:
        number = each.data.get("pieces")
        if isinstance(number, int) and each.subject != act.subject and any(match.accepts(each) for match in matches):
            by_part[each.subject] = number
    return sum(by_part.values()) >= of


def decide(rule: DutyRule, duty: DutyState, known: Sequence[Fact], pauses: Sequence[Stretch]) -> Ruling:
    """Return what becomes of `duty` at the moment at which it is decided; `known`: its matter's facts in their order.

    In time by the first fact that shows it, else too late by the first that shows that, else not counted.
    """
    at = deadlines.decided_at(rule, duty.opened_at, duty.due)
    facts = [fact for fact in known if fact.at <= at and concerns(fact, duty.subject)]
    opening = next((fact for fact in facts if fact.id == duty.opened_by), None)
    if not rule.counts_before:
        facts = [fact for fact in facts if fact.at >= duty.opened_at and fact.id != duty.opened_by]
    for position, fact in enumerate(facts):
        for match in rule.met_by:
            if (
                match.accepts(fact)
                and _in_time(rule, match, fact, duty, opening, pauses)
                and is_whole([match], fact, facts[:position], duty.subject)
            ):
                return Meet(
                    at=at, matter=duty.matter, rule=duty.rule, rulebook=duty.rulebook, key=duty.key, met_by=fact.id
                )
    # Proof of lateness comes after every proof of the contrary, whichever happened first.
    if any(match.accepts(fact) for fact in facts for match in rule.broken_by):
        return Breach(
            at=at, matter=duty.matter, rule=duty.rule, rulebook=duty.rulebook, key=duty.key, due=duty.due, final=True
        )
    return Unknown(at=at, matter=duty.matter, rule=duty.rule, rulebook=duty.rulebook, key=duty.key, unknown_by="")


def _in_time(
    rule: DutyRule, match: Match, act: Fact, duty: DutyState, opening: Fact | None, pauses: Sequence[Stretch]
) -> bool:
    latest = _latest(rule, match, duty, opening, pauses)
    return latest is not None and act.at <= latest


def _latest(
    rule: DutyRule, match: Match, duty: DutyState, opening: Fact | None, pauses: Sequence[Stretch]
) -> datetime | None:
    """Return until when an act counts that `match` means; None for a moment that the opening fact does not name."""
    if not match.no_later_than:
        return deadlines.decided_at(rule, duty.opened_at, duty.due)
    if match.no_later_than == DUE:
        return duty.due
    return deadlines.named(rule, opening, match.no_later_than, pauses) if opening is not None else None
