"""Decisions: what the table says, decided along it, held until they leave, stopped, seconded, mended, explained."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AfterValidator, Field

from comity.actions.disputes import deciding, drafts, mending
from comity.actions.disputes.cases import held
from comity.actions.guard import require
from comity.api.access import actor, dispute_of, moment, needs, speaker, when
from comity.api.dispute_acts import Code, Currency, Shown, Sum, Words, Written, money_of
from comity.api.dispute_shapes import DisputeOut, InputOut
from comity.api.dispute_view import inputs, told
from comity.api.shapes import ERRORS, NOW, Dated, storable

router = Router()

Value = Annotated[str, Field(max_length=200), AfterValidator(storable)]
Least = Annotated[int, Field(ge=0, le=10**15)]


class DecideIn(Sum):
    """A decision. What goes back is `amount`; left out for nothing.

    outcome    for whom: buyer, seller, both, nobody
    fault      whose fault it was; empty as the row of the table says
    goes_back  the goods go back first
    inputs     answers to what the table asks and the facts do not know
    text       the decision in plain words, for both sides
    reason     why it differs from the row, where it does
    weighed    by the evidence's id, why a piece was not relied on; all other pieces count as cited
    cost       who pays: seller, platform or carrier
    """

    outcome: Literal["buyer", "seller", "both", "nobody"]
    fault: Code = ""
    goes_back: bool = False
    inputs: Annotated[dict[Value, Value], Field(max_length=100)] = {}
    text: Written
    reason: Words = ""
    weighed: Annotated[dict[Value, Value], Field(max_length=200)] = {}
    cost: Literal["seller", "platform", "carrier"] = "seller"
    shown: Shown = ""


class CloseIn(Dated):
    """Why a case ends without a winner, whether it may be opened again (`again`), and the words for both sides."""

    because: Literal["cannot_judge", "not_decided", "split_up"]
    text: Written
    again: bool = False


class CorrectIn(Dated):
    """What is corrected, and the sum as it should have been; without one, the sum stays."""

    text: Written
    amount: Least | None = None
    currency: Currency | None = None


class ClarifyIn(Dated):
    """What is explained; nothing of the decision changes."""

    text: Written


class TriedRowOut(Schema):
    """A row of the table that does not apply: what the case has, and what the row asks for, by input."""

    row: str
    differs: dict[str, list[str]]


class TableOut(Schema):
    """What the decision table says of a case.

    known      what the facts fill in
    asks       inputs that a mediator has to answer first, with the values that the rules list (`values`)
    row        the row that applies by what is known; empty while something is asked
    outcome, fault, amount   what that row gives, in minor units of `currency`
    by_facts   the facts alone lead to it
    why_not    why each other row does not apply
    """

    known: list[InputOut]
    asks: list[str]
    values: dict[str, list[str]]
    row: str
    code: str
    outcome: str
    fault: str
    amount: int
    currency: str
    by_facts: bool
    why_not: list[TriedRowOut]


@router.get("/disputes/{uuid}/table", response={200: TableOut, **ERRORS}, summary="What the decision table says")
@needs("dispute.read", "dispute.decide")
def table(request: HttpRequest, uuid: UUID) -> TableOut:
    """Return which row of the decision table applies by the facts known now, and what has to be answered first."""
    who, at = actor(request), moment()
    dispute = dispute_of(who, uuid)
    require(who, "dispute.decide", dispute)
    now = held(dispute)
    found = deciding.considered(now, {}, at=at)
    row = found.row
    return TableOut(
        known=inputs(deciding.known(now, at=at)),
        asks=list(found.asks),
        values={name: list(now.rules.inputs.get(name, ())) for name in found.asks},
        row=row.name if row else "",
        code=row.code if row else "",
        outcome=row.outcome if row else "",
        fault=row.fault if row else "",
        amount=deciding.by_row(now, row) if row else 0,
        currency=now.order.currency,
        by_facts=found.by_facts,
        why_not=[
            TriedRowOut(row=each.row, differs={name: [has, *asks] for name, (has, asks) in each.differs.items()})
            for each in found.why_not
        ],
    )


@router.post("/disputes/{uuid}/decide", response={200: DisputeOut, **ERRORS}, summary="Decide a case")
@needs("dispute.read", "dispute.decide")
def decide(request: HttpRequest, uuid: UUID, what: DecideIn) -> DisputeOut:
    """Decide a case. Where the rules hold decisions back, it is a `draft` until it leaves, and can be stopped."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    judged = deciding.Judgement(
        outcome=what.outcome,
        amount=what.money(),
        fault=what.fault,
        goes_back=what.goes_back,
        inputs=what.inputs,
        text=what.text,
        reason=what.reason,
        weighed=what.weighed,
        cost=what.cost,
    )
    deciding.decide(who, dispute, judged, shown=what.shown, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/stop-draft", response={200: DisputeOut, **ERRORS}, summary="Stop a decision")
@needs("dispute.read", "dispute.decide")
def stop(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> DisputeOut:
    """Stop a decision before it leaves; the case can be decided anew."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    drafts.stop(who, dispute, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/second", response={200: DisputeOut, **ERRORS}, summary="Stand by a decision")
@needs("dispute.read", "dispute.mediate")
def second(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> DisputeOut:
    """Stand by another agent's draft: both names stand on the decision."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    drafts.second(who, dispute, **when(request, what))
    return told(who, dispute, moment())


@router.post(
    "/disputes/{uuid}/close-without-winner", response={200: DisputeOut, **ERRORS}, summary="End without a winner"
)
@needs("dispute.read", "dispute.decide")
def close(request: HttpRequest, uuid: UUID, what: CloseIn) -> DisputeOut:
    """End a case without a winner. No rate counts it as lost."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    deciding.close(who, dispute, because=what.because, text=what.text, again=what.again, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/correct", response={200: DisputeOut, **ERRORS}, summary="Correct a decision")
@needs("dispute.read", "dispute.mend")
def correct(request: HttpRequest, uuid: UUID, what: CorrectIn) -> DisputeOut:
    """Mend a slip of your decision: a sum, a name, an omission."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    amount = money_of(what.amount, what.currency)
    mending.correct(who, dispute, text=what.text, amount=amount, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/clarify", response={200: DisputeOut, **ERRORS}, summary="Explain a decision")
@needs("dispute.read", "dispute.mend")
def clarify(request: HttpRequest, uuid: UUID, what: ClarifyIn) -> DisputeOut:
    """Explain words of your decision; nothing of it changes."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    mending.clarify(who, dispute, text=what.text, **when(request, what))
    return told(who, dispute, moment())
