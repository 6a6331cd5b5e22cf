"""Whose turn it is in a dispute, until when, and what happens if nobody acts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from comity.policy.disputes.case import Case, Stage
from comity.policy.duties.matter import DutyState, DutyStatus
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import NEVER
from comity.policy.follows import ACTED_UPON, of_breach
from comity.policy.rulebook import Rulebooks

NOBODY, BOTH, MEDIATOR = "nobody", "both", "mediator"
_AS_TURN = {"agent": MEDIATOR, "platform": MEDIATOR}


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is.

    who        buyer, seller, both, mediator or nobody
    until      by when; None where no rule sets a time
    what       what follows if nobody acts: decide, escalate, close …; empty for nothing
    value      of that: for whom, at whose cost, for good
    duty       the rule that says so
    waits      why time stands still, such as charge_back; empty where it does not
    """

    who: str
    until: datetime | None = None
    what: str = ""
    value: str = ""
    duty: str = ""
    rulebook: str = ""
    waits: str = ""


def whose(case: Case, at: datetime) -> str:
    """Return whose turn it is by what was said and done, before any rule is asked."""
    match case.stage:
        case Stage.INQUIRY:
            return "seller"
        case Stage.NEGOTIATION:
            return "seller" if case.spoke == "buyer" else "buyer"
        case Stage.MEDIATION:
            return _in_mediation(case, at)
        case Stage.SETTLED:
            return "seller" if case.agreement and case.agreement.act and case.acted_at is None else NOBODY
        case Stage.RETURNING:
            return _on_the_way_back(case)
    return NOBODY


def _in_mediation(case: Case, at: datetime) -> str:
    asked = {each.of for each in case.requests if not each.answer and (each.until is None or at <= each.until)}
    if not asked:
        return MEDIATOR
    return BOTH if {"buyer", "seller"} <= asked else next(iter(asked))


def _on_the_way_back(case: Case) -> str:
    back = case.back
    if back.is_contested:
        return "buyer" if back.answered_at is None else MEDIATOR
    if back.arrived_at is not None:
        return "seller"
    if back.sent_at is not None:
        return NOBODY
    pays = case.agreement.return_postage if case.agreement else "seller"
    return "seller" if pays == "seller" and back.labelled_at is None and back.sent_at is None else "buyer"


def turn(books: Rulebooks, case: Case, duties: Iterable[DutyState], at: datetime, *, waits: str = "") -> Turn:
    """Return whose turn it is, by the case and its open duties; `waits`: why time stands still, where it does."""
    if waits:
        return Turn(NOBODY, waits=waits)
    who = whose(case, at)
    windows = sorted((each for each in duties if each.status is DutyStatus.OPEN), key=lambda each: (each.due, each.key))
    sides = {"buyer", "seller"} if who == BOTH else {who}
    for duty in windows:
        rule = books.version(duty.rulebook).by_name[duty.rule]
        if _AS_TURN.get(rule.who, rule.who) in sides and duty.due < NEVER:
            what, value = otherwise(rule)
            return Turn(who, duty.due, what, value, rule.name, duty.rulebook)
    return Turn(who)


def otherwise(rule: DutyRule) -> tuple[str, str]:
    """Return what happens where a duty is not kept: the first thing that is acted upon."""
    return next(((what, value) for what, value in of_breach(rule) if what in ACTED_UPON), ("", ""))
