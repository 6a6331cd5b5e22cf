"""After a decision: appeals, heard by somebody else; decisions by silence, set aside for who had a reason."""

from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from comity.actions.disputes import appealing
from comity.api.access import dispute_of, moment, needs, speaker, when
from comity.api.dispute_acts import Code, Shown, Sum, Written
from comity.api.dispute_shapes import DisputeOut
from comity.api.dispute_view import told
from comity.api.shapes import ERRORS, NOW, Dated

router = Router()


class AppealIn(Dated):
    """What is new, or what was wrong in the decision; `ground`: one that the rules list, where they list any."""

    text: Written
    ground: Code = ""


class AppealAnswerIn(Dated):
    """What the other side says to an appeal."""

    text: Written


class HeardIn(Sum):
    """What became of an appeal, in plain words. `changed`: for whom, how much in all goes back, whose fault it was."""

    result: Literal["upheld", "changed", "sent_back"]
    text: Written
    outcome: Code = ""
    fault: Code = ""
    shown: Shown = ""


class AskSetAsideIn(Dated):
    """Why there was no answer in time (`reason`), and the `answer` that is missing."""

    reason: Written
    answer: Written


class SetAsideIn(Dated):
    """Whether a decision by silence is set aside, and why."""

    granted: bool
    text: Written


@router.post("/disputes/{uuid}/appeal", response={200: DisputeOut, **ERRORS}, summary="Appeal")
@needs("dispute.read", "dispute.appeal")
def appeal(request: HttpRequest, uuid: UUID, what: AppealIn) -> DisputeOut:
    """Appeal against a decision, within its window, as often as the rules say."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    appealing.appeal(who, dispute, text=what.text, ground=what.ground, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/answer-appeal", response={200: DisputeOut, **ERRORS}, summary="Answer an appeal")
@needs("dispute.read", "dispute.appeal")
def answer(request: HttpRequest, uuid: UUID, what: AppealAnswerIn) -> DisputeOut:
    """Answer the other side's appeal."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    appealing.answer(who, dispute, text=what.text, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/take-appeal", response={200: DisputeOut, **ERRORS}, summary="Take an appeal")
@needs("dispute.read", "dispute.hear_appeal")
def take(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> DisputeOut:
    """Take an appeal; never who decided or had the case."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    appealing.take(who, dispute, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/decide-appeal", response={200: DisputeOut, **ERRORS}, summary="Decide an appeal")
@needs("dispute.read", "dispute.hear_appeal")
def decide(request: HttpRequest, uuid: UUID, what: HeardIn) -> DisputeOut:
    """Decide an appeal: the decision stands, is changed, or the case is heard anew; money and points follow."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    heard = appealing.Heard(
        result=what.result, text=what.text, outcome=what.outcome, amount=what.money(), fault=what.fault
    )
    appealing.decide(who, dispute, heard, shown=what.shown, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/ask-set-aside", response={200: DisputeOut, **ERRORS}, summary="Ask to set it aside")
@needs("dispute.read", "dispute.appeal")
def ask_set_aside(request: HttpRequest, uuid: UUID, what: AskSetAsideIn) -> DisputeOut:
    """Ask that a decision by your silence be set aside."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    appealing.ask_set_aside(who, dispute, reason=what.reason, answer=what.answer, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/set-aside", response={200: DisputeOut, **ERRORS}, summary="Set a decision aside")
@needs("dispute.read", "dispute.hear_appeal")
def set_aside(request: HttpRequest, uuid: UUID, what: SetAsideIn) -> DisputeOut:
    """Set a decision by silence aside, or not. Granted, the platform hears the case, and points go back."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    appealing.set_aside(who, dispute, granted=what.granted, text=what.text, **when(request, what))
    return told(who, dispute, moment())
