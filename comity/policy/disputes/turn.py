"""Whose turn it is in a dispute, until when, and what happens if nobody acts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from comity.policy.disputes.case import Case, Stage
from comity.policy.duties.matter import DutyState, DutyStatus
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import NEVER
from comity.policy.follows import ACTED_UPON, of_breach
from comity.policy.rulebook import Rulebooks
from comity.policy.time import deadlines
from comity.policy.time.clocks import Interval, Stretch, merged, without

ASKED = "dispute.information_asked"
_LIVES_AGAIN = "revive"
NOBODY, BOTH, MEDIATOR = "nobody", "both", "mediator"
_AS_TURN = {"agent": MEDIATOR, "platform": MEDIATOR}
_OTHER = {"buyer": "seller", "seller": "buyer"}


class Window(Protocol):
    """What is looked at of a duty, be it a state or a row."""

    @property
    def rulebook(self) -> str:
        """The version whose rule it is."""

    @property
    def rule(self) -> str:
        """The rule's name."""

    @property
    def opened_at(self) -> datetime:
        """When it began."""

    @property
    def due(self) -> datetime:
        """When it ends."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is.

    who        buyer, seller, both, mediator or nobody
    until      by when; None where no rule sets a time
    what       what follows if nobody acts: decide, escalate, close …; empty for nothing
    value      of that: for whom, at whose cost, for good
    duty       the rule that says so
    waits      why time stands still, such as charge_back; empty where it does not
    longer     by how much the time is longer than the rule says, and why: pauses such as platform_outage
    """

    who: str
    until: datetime | None = None
    what: str = ""
    value: str = ""
    duty: str = ""
    rulebook: str = ""
    waits: str = ""
    longer: tuple[tuple[str, timedelta], ...] = ()


def whose(case: Case, at: datetime, over: Collection[str] = ()) -> str:
    """Return whose turn it is by what was said and done; `over`: ids of requests
    whose time is over by a rule.
    """
    match case.stage:
        case Stage.INQUIRY:
            return "seller"
        case Stage.NEGOTIATION:
            return "seller" if case.spoke == "buyer" else "buyer"
        case Stage.MEDIATION:
            return _in_mediation(case, at, over)
        case Stage.SETTLED:
            return "seller" if _is_to_act(case) else NOBODY
        case Stage.RETURNING:
            return _with_act(case, _on_the_way_back(case))
    return NOBODY


def _is_to_act(case: Case) -> bool:
    return case.owes_act and case.acted_at is None


def _with_act(case: Case, who: str) -> str:
    """Return whose turn it is where goods are on their way back, and the seller may have promised to send some."""
    if not _is_to_act(case) or who in ("seller", MEDIATOR):
        return who
    return BOTH if who == "buyer" else "seller"


def _in_mediation(case: Case, at: datetime, over: Collection[str]) -> str:
    waiting = [each for each in case.requests if not each.answer and each.id not in over]
    asked = {each.of for each in waiting if each.until is None or at <= each.until}
    return _of(asked) if asked else MEDIATOR


def _of(sides: Collection[str]) -> str:
    """Return whose turn it is where one side or two are asked."""
    return BOTH if {"buyer", "seller"} <= {*sides} else next(iter(sides))


def _proposed(
    case: Case, windows: Sequence[tuple[DutyState, DutyRule]], at: datetime
) -> list[tuple[DutyState, DutyRule]]:
    """Return the windows of the sides that have not answered what the mediator proposes."""
    proposals = [each for each in case.offers if each.by not in _OTHER]
    silent = {side for each in proposals if each.is_open(at) for side in _OTHER if side not in each.agreed}
    begun = {each.at for each in proposals}
    return [(duty, rule) for duty, rule in windows if rule.who in silent and duty.opened_at in begun]


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


def turn(
    books: Rulebooks, case: Case, duties: Iterable[DutyState], at: datetime, *, reader: str = "", waits: str = "",
    pauses: Sequence[Stretch] = (),
) -> Turn:  # fmt: skip
    """Return whose turn it is, by the case and its duties.

    reader  the role of who reads: where it is the turn of both sides, each sees the own time and what follows from it
    waits   why time stands still, where it does
    pauses  the stretches that may have made a window longer, with their causes, in the order in which they were noted
    """
    if waits:
        return Turn(NOBODY, waits=waits)
    known = list(duties)
    who = whose(case, at, _too_late(books, case, known, at))
    if who == NOBODY and (case.appeal is not None or case.set_aside_by):
        who = MEDIATOR  # It was decided, and somebody asked for another look.
    open_ = [each for each in known if each.status is DutyStatus.OPEN and each.due < NEVER]
    windows = [
        (duty, books.version(duty.rulebook).by_name[duty.rule])
        for duty in sorted(open_, key=lambda each: (each.due, each.key))
    ]
    if who == MEDIATOR and (asked := _proposed(case, windows, at)):
        windows, who = asked, _of({rule.who for _duty, rule in asked})
    sides = {"buyer", "seller"} if who == BOTH else {who}
    theirs = [(duty, rule) for duty, rule in windows if _AS_TURN.get(rule.who, rule.who) in sides]
    mine = [(duty, rule) for duty, rule in theirs if who == BOTH and rule.who == reader]
    for duty, rule in mine or theirs:
        return _by(who, duty, rule, pauses)
    if case.stage is Stage.RETURNING and who in _OTHER:
        # A label is still to come, and the rules let the other's time run all the same: whose silence decides is asked.
        for duty, rule in windows:
            if rule.who == _OTHER[who] and otherwise(rule)[0]:
                return _by(rule.who, duty, rule, pauses)
    return Turn(who)


def _by(who: str, duty: DutyState, rule: DutyRule, pauses: Sequence[Stretch]) -> Turn:
    """Return that it is somebody's turn by a duty."""
    what, value = otherwise(rule)
    return Turn(who, duty.due, what, value, rule.name, duty.rulebook, longer=_longer(rule, duty, pauses))


def _too_late(books: Rulebooks, case: Case, duties: Iterable[DutyState], at: datetime) -> set[str]:
    """Return the requests for information whose time is over by the duty that they opened."""
    return {request for request, end in ends_of_requests(books, case, duties).items() if end < at}


def ends_of_requests(books: Rulebooks, case: Case, duties: Iterable[Window]) -> dict[str, datetime]:
    """Return when the time to answer ends by the rules, by the id of each request for information of a case."""
    ends: dict[str, datetime] = {}
    for duty in duties:
        rule = books.version(duty.rulebook).by_name[duty.rule]
        if not any(match.fact == ASKED for match in rule.opened_by):
            continue
        for request in case.requests:
            if request.of == rule.who and request.at == duty.opened_at:
                ends[request.id] = min(duty.due, ends.get(request.id, duty.due))
    return ends


def _longer(rule: DutyRule, duty: DutyState, pauses: Sequence[Stretch]) -> tuple[tuple[str, timedelta], ...]:
    """Return by how much each cause made the time of a duty longer: as the judge counts it, and no time twice."""
    by_cause: dict[str, timedelta] = {}
    seen: list[Interval] = []
    for begin, end, cause in deadlines.stopping(rule, pauses):
        within = (max(begin, duty.opened_at), min(end, duty.due))
        if within[0] >= within[1]:
            continue
        for since, until in without([within], merged(seen)):
            by_cause[cause] = by_cause.get(cause, timedelta(0)) + (until - since)
        seen.append(within)
    return tuple((cause, length) for cause, length in by_cause.items() if length)


def otherwise(rule: DutyRule) -> tuple[str, str]:
    """Return what happens where a duty is not kept: what is acted upon first, and of a claim that lives again and is
    decided at once the decision.
    """
    brings = [(what, value) for what, value in of_breach(rule) if what in ACTED_UPON]
    return next((each for each in brings if each[0] != _LIVES_AGAIN), brings[0] if brings else ("", ""))
