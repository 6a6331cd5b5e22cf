"""What may be done in a dispute, by whom and when: one table, asked by every verb, page and program.

A verb is open to some roles at some stages; a rulebook that names it in its phases narrows it to those. What else is
against it is a code, of which the edge makes a sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.policy.disputes.case import CONTESTED, ENDED, OPEN, Case, Stage
from comity.policy.disputes.rule import DisputeRules

_SIDES = ("buyer", "seller")
_AGENTS = ("agent", "platform")
_BOTH = frozenset({Stage.NEGOTIATION, Stage.MEDIATION})
_PROMISED = frozenset({Stage.SETTLED, Stage.RETURNING})


@dataclass(frozen=True, slots=True)
class Look:
    """What a verb is looked at with: the case, the rules that it was opened under, who acts, and when.

    rounds_gone  rounds of sealed bids in earlier disputes of the same pieces
    """

    case: Case
    rules: DisputeRules
    role: str
    actor: str
    at: datetime
    rounds_gone: int = 0

    @property
    def other(self) -> str:
        """The other side."""
        return "seller" if self.role == "buyer" else "buyer"


Check = Callable[[Look], str]


@dataclass(frozen=True, slots=True)
class Move:
    """A verb: the roles and stages that it is open to, what a rulebook's phases call it, and what else is asked."""

    roles: tuple[str, ...]
    stages: frozenset[Stage]
    called: str = ""
    check: Check = lambda look: ""


def _holds(look: Look) -> str:
    """Only the agent who has the case acts in it."""
    if look.role == "platform":
        return ""
    if not look.case.holder:
        return "not_taken"
    return "" if look.case.holder == look.actor else "another_has_it"


def _may_judge(look: Look) -> str:
    """Whoever heard private or settlement talk does not decide, unless the rulebook says so."""
    if not look.rules.who_heard_may_decide and look.actor in look.case.heard:
        return "heard_private_talk"
    return ""


def _decides(look: Look) -> str:
    if code := _holds(look):
        return code
    if look.case.leaves_at is not None:
        return "already_drafted"
    if look.case.appeal is not None:
        return "under_appeal"
    return _may_judge(look)


def _takes(look: Look) -> str:
    if look.case.holder == look.actor:
        return "yours_already"
    if look.case.holder:
        return "another_has_it"
    return "lost_it" if look.actor in look.case.lost else ""


def _has_offer(look: Look) -> str:
    offers = [each for each in look.case.open_offers(look.at) if each.by != look.role]
    return "" if offers else "no_offer"


def _has_own_offer(look: Look) -> str:
    return "" if look.case.open_offers(look.at, by=look.role) else "no_offer"


def _asks_nothing(look: Look) -> str:
    return "" if look.case.amount else "asks_no_money"


def _modifies(look: Look) -> str:
    """While a decision waits to leave, the claim it is about stays; the two can still agree, and the buyer withdraw."""
    return "" if look.case.leaves_at is None else "decision_written"


def _leaves(look: Look) -> str:
    """Who has got money by a decision that fell does not leave with it."""
    return "money_went_back" if look.case.holds_money else ""


def _escalates(look: Look) -> str:
    """After a decision only a return that is contested goes to the platform: all else is for an appeal.

    Nor does a seller leave by it what he agreed to; a buyer who waits for him may ask.
    """
    if look.case.stage is not Stage.RETURNING or look.case.back.is_contested:
        return ""
    if look.case.decision is not None:
        return "decided"
    return "agreed" if look.role == "seller" else ""


def _unanswered(look: Look) -> str:
    return "answered_already" if look.case.answer == "rejected" else ""


def _asked(look: Look) -> str:
    return "" if look.case.waiting(look.role) else "nothing_asked"


def _gives_evidence(look: Look) -> str:
    return "record_closed" if look.case.record_closed_at is not None and look.case.stage is Stage.CLOSED else ""


def _drafted(look: Look) -> str:
    return "" if look.case.leaves_at is not None else "no_draft"


def _needed(look: Look) -> str:
    if look.case.needed_asked_at is None:
        return "nobody_asked"
    return "answered_already" if look.role in look.case.needed else ""


def _to_send_back(look: Look) -> str:
    return "sent_already" if look.case.back.sent_at is not None else ""


def _came_back(look: Look) -> str:
    back = look.case.back
    if back.arrived_at is None and back.sent_at is None:
        return "nothing_sent_back"
    return "contested_already" if back.is_contested else ""


def _contested(look: Look) -> str:
    if not look.case.back.is_contested:
        return "nothing_contested"
    return "answered_already" if look.case.back.answered_at is not None else ""


def _labels(look: Look) -> str:
    return "labelled_already" if look.case.back.labelled_at is not None else ""


def _promised(look: Look) -> str:
    if not _is_promised(look.case):
        return "nothing_promised"
    return "done_already" if look.case.acted_at is not None else ""


def _fulfils(look: Look) -> str:
    if not _is_promised(look.case):
        return "nothing_promised"
    return "done_already" if look.case.fulfilled_at is not None else ""


def _is_promised(case: Case) -> bool:
    return case.decision is None and case.agreement is not None and bool(case.agreement.act)


def _appeals(look: Look) -> str:
    """As many appeals as the rulebook says, each within its window, against a decision that stands."""
    case, decision = look.case, look.case.decision
    if decision is None:
        return "no_decision"
    if case.appeal is not None:
        return "under_appeal"
    return "" if len(case.appeals) < len(look.rules.appeals) else "no_appeal_left"


def _answers_appeal(look: Look) -> str:
    appeal = look.case.appeal
    if appeal is None:
        return "no_appeal"
    if appeal.by == look.role:
        return "your_own_appeal"
    return "answered_already" if appeal.answered_at is not None else ""


def _hears(look: Look) -> str:
    """Never heard by who decided, nor by who had the case, nor by who heard private talk."""
    case = look.case
    if case.appeal is None:
        return "no_appeal"
    had = {each.agent for each in case.decisions} | {case.holder, case.seconded_by}
    if look.role == "agent" and look.actor in had:
        return "decided_it"
    return _may_judge(look) if look.role == "agent" else ""


def _takes_appeal(look: Look) -> str:
    appeal = look.case.appeal
    if appeal is not None and appeal.taken_by:
        return "yours_already" if appeal.taken_by == look.actor else "another_has_it"
    return _hears(look)


def _decides_appeal(look: Look) -> str:
    if code := _hears(look):
        return code
    appeal = look.case.appeal
    assert appeal is not None
    return "another_has_it" if appeal.taken_by not in ("", look.actor) and look.role == "agent" else ""


def _sets_aside(look: Look) -> str:
    decision = look.case.decision
    if decision is None or decision.because != "silence":
        return "not_by_silence"
    if decision.silent and decision.silent != look.role:
        return "not_your_silence"
    if look.case.set_aside_by:
        return "asked_already"
    return "refused_already" if look.role in look.case.set_aside_tried else ""


def _hears_set_aside(look: Look) -> str:
    return "" if look.case.set_aside_by else "nobody_asked"


def _mends(look: Look) -> str:
    """A slip is mended by who made it."""
    decision = look.case.decision
    if decision is None or decision.because not in ("mediator", "appeal"):
        return "no_decision"
    return "" if decision.agent == look.actor or look.role == "platform" else "another_decided"


def _corrects(look: Look) -> str:
    """What an appeal is about stays as it is until that is decided."""
    return "under_appeal" if look.case.appeal is not None else _mends(look)


def _seconds(look: Look) -> str:
    if look.case.leaves_at is None:
        return "no_draft"
    if look.actor in (look.case.holder, look.case.drafted_by):
        return "your_own_draft"
    return "done_already" if look.case.seconded_by else _may_judge(look)


def _bids(look: Look) -> str:
    if look.rules.bidding is None:
        return "not_offered_here"
    # Else who withdraws and opens again searches out the other's limit.
    if look.case.bid_round + look.rounds_gone > look.rules.bidding.rounds:
        return "no_round_left"
    return "done_already" if look.role in look.case.bids else ""


def _discloses(look: Look) -> str:
    if not look.case.offers:
        return "nothing_to_disclose"
    return "done_already" if look.role in look.case.disclosed else ""


def _claims_carrier(look: Look) -> str:
    return "passed_on_already" if any(each.answered_at is None for each in look.case.carrier) else ""


def _carrier_waits(look: Look) -> str:
    return "" if any(each.answered_at is None for each in look.case.carrier) else "no_claim"


def _reopens(look: Look) -> str:
    may = look.case.decision is None and (look.case.may_open_again or look.case.stage is Stage.WITHDRAWN)
    return "" if may else "closed_for_good"


MOVES: Final[Mapping[str, Move]] = {
    # The buyer's claim
    "claim": Move(("buyer",), frozenset({Stage.INQUIRY})),
    "reopen": Move(("buyer",), frozenset({Stage.WITHDRAWN, Stage.CLOSED}), check=_reopens),
    "modify": Move(("buyer",), CONTESTED, "modify", _modifies),
    "withdraw": Move(("buyer",), CONTESTED | _PROMISED | {Stage.INQUIRY}, "withdraw", _leaves),
    "arrived": Move(("buyer",), CONTESTED | {Stage.SETTLED}, check=_leaves),
    # The seller's answer
    "accept-claim": Move(("seller",), CONTESTED, "accept", _asks_nothing),
    "reject": Move(("seller",), frozenset({Stage.NEGOTIATION}), "reject", _unanswered),
    # Offers
    "offer": Move(_SIDES, CONTESTED, "offer"),
    "withdraw-offer": Move((*_SIDES, "agent"), CONTESTED, check=_has_own_offer),
    "accept-offer": Move(_SIDES, CONTESTED, "accept", _has_offer),
    "decline-offer": Move(_SIDES, CONTESTED, check=_has_offer),
    "bid": Move(_SIDES, CONTESTED, check=_bids),
    # What was agreed
    "label": Move((*_SIDES[1:], *_AGENTS), frozenset({Stage.RETURNING}), check=_labels),
    "send-back": Move(("buyer",), frozenset({Stage.RETURNING}), "send back", _to_send_back),
    "confirm-return": Move(("seller",), frozenset({Stage.RETURNING}), "confirm return", _came_back),
    "contest-return": Move(("seller",), frozenset({Stage.RETURNING}), check=_came_back),
    "answer-contest": Move(("buyer",), frozenset({Stage.RETURNING}), check=_contested),
    "act": Move(("seller",), _PROMISED, check=_promised),
    "fulfil": Move(("buyer", *_AGENTS), _PROMISED, check=_fulfils),
    # Evidence and information
    "give-evidence": Move((*_SIDES, *_AGENTS), OPEN | ENDED, check=_gives_evidence),
    "promise-evidence": Move(_SIDES, CONTESTED | _PROMISED),
    "give-information": Move(_SIDES, CONTESTED | _PROMISED, check=_asked),
    "disclose": Move(_SIDES, OPEN | ENDED, check=_discloses),
    "say": Move((*_SIDES, *_AGENTS), OPEN | {Stage.INQUIRY}),
    # The carrier
    "claim-carrier": Move(("seller",), OPEN, check=_claims_carrier),
    "carrier-answers": Move(("seller", *_AGENTS), OPEN | ENDED, check=_carrier_waits),
    # The platform
    "escalate": Move(_SIDES, frozenset({Stage.NEGOTIATION, Stage.RETURNING}), "escalate", _escalates),
    "needed": Move(_SIDES, frozenset({Stage.MEDIATION}), check=_needed),
    "take": Move(("agent",), frozenset({Stage.MEDIATION}), check=_takes),
    "give-back": Move(("agent",), frozenset({Stage.MEDIATION}), check=_holds),
    "hand-over": Move(_AGENTS, frozenset({Stage.MEDIATION}), check=_holds),
    "ask-needed": Move(_AGENTS, frozenset({Stage.MEDIATION})),
    "ask-information": Move(_AGENTS, frozenset({Stage.MEDIATION}), check=_holds),
    "talk-in-private": Move(("agent",), frozenset({Stage.MEDIATION})),
    "tell-progress": Move(_AGENTS, frozenset({Stage.MEDIATION}), check=_holds),
    "propose": Move(("agent",), frozenset({Stage.MEDIATION}), "propose", _holds),
    "join": Move(_AGENTS, frozenset({Stage.MEDIATION}), check=_holds),
    "decide": Move(_AGENTS, frozenset({Stage.MEDIATION}), "decide", _decides),
    "close-without-winner": Move(_AGENTS, frozenset({Stage.MEDIATION}), check=_decides),
    "second": Move(("agent",), frozenset({Stage.MEDIATION}), check=_seconds),
    "stop-draft": Move(_AGENTS, frozenset({Stage.MEDIATION}), check=_drafted),
    "correct": Move(_AGENTS, OPEN | ENDED, check=_corrects),
    "clarify": Move(_AGENTS, OPEN | ENDED, check=_mends),
    "pay-late": Move(("platform",), frozenset({Stage.CARRYING_OUT})),
    # After the end
    "appeal": Move(_SIDES, frozenset({Stage.CLOSED, Stage.CARRYING_OUT, Stage.RETURNING}), "appeal", _appeals),
    "answer-appeal": Move(_SIDES, OPEN | ENDED, check=_answers_appeal),
    "take-appeal": Move(("agent",), OPEN | ENDED, check=_takes_appeal),
    "decide-appeal": Move(_AGENTS, OPEN | ENDED, "hear appeal", _decides_appeal),
    "ask-set-aside": Move(_SIDES, frozenset({Stage.CLOSED, Stage.CARRYING_OUT, Stage.RETURNING}), check=_sets_aside),
    "set-aside": Move(_AGENTS, OPEN | ENDED, check=_hears_set_aside),
}  # fmt: skip


def against(verb: str, look: Look) -> str:
    """Return what is against a verb, as a code; empty where nothing is."""
    move = MOVES[verb]
    if look.role not in move.roles:
        return "not_yours_to_do"
    if look.case.stage not in move.stages:
        return _too_late(look.case)
    if not _in_phase(move.called, look):
        return "not_in_this_phase"
    return move.check(look)


#: Why a case was closed, where that says best why nothing more can be done.
_SAYS_BEST: Final = ("paid_outside", "refunded_in_full", "charged_back", "ended_elsewhere", "arrived")


def _too_late(case: Case) -> str:
    """Return why a verb is not open at the stage of the case: what has happened says it best."""
    by_stage = {
        Stage.INQUIRY: "only_an_inquiry",
        Stage.NEGOTIATION: "not_with_the_platform",
        Stage.MEDIATION: "with_the_platform",
        Stage.WITHDRAWN: "withdrawn",
        Stage.CLOSED: "closed",
    }
    if case.stage in by_stage:
        if case.stage is Stage.CLOSED and case.closed_because in _SAYS_BEST:
            return case.closed_because
        return by_stage[case.stage]
    return "decided" if case.decision is not None else "agreed"


#: The phases of a rulebook by what begins them; a verb that none of them names is open wherever the table says.
_BEGINS = {
    Stage.NEGOTIATION: ("dispute.opened",),
    Stage.MEDIATION: ("dispute.escalated",),
    Stage.SETTLED: ("dispute.settled",),
    Stage.RETURNING: ("dispute.settled",),
    Stage.CARRYING_OUT: ("dispute.decided", "dispute.settled"),
    Stage.CLOSED: ("dispute.decided", "dispute.settled"),
    Stage.WITHDRAWN: ("dispute.withdrawn",),
}


def _in_phase(called: str, look: Look) -> bool:
    """Whether the rulebook's phases let a role do this now. What it names nowhere, it leaves to the table."""
    role = "agent" if look.role == "platform" else look.role
    named = [phase for phase in look.rules.phases if any(called in verbs for verbs in phase.may.values())]
    if not called or not named:
        return True
    begins = _BEGINS.get(look.case.stage, ())
    return any(
        called in phase.may.get(role, ()) and phase.from_when(called, look.case.since) <= look.at
        for phase in named
        if any(match.fact in begins for match in phase.begun_by)
    )
