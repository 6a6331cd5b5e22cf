"""What helps two sides to agree, and a mediator to decide: what the rule would give, and how similar cases ended."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from comity.actions.disputes import helping
from comity.actions.disputes.cases import held
from comity.actions.guard import require
from comity.api.access import actor, dispute_of, moment, needs
from comity.api.shapes import ERRORS
from comity.records.models import ClosedCase

router = Router()


class RangeOut(Schema):
    """What similar cases ended with, as sums of this claim, in minor units.

    Half of the `n` cases gave no more than `median`, which for all such cases lies between `low` and `high` with 95 %
    confidence; the middle half lies between `quarter` and `three_quarters`. `alike`: what they have in common.
    """

    n: int
    median: int
    low: int
    high: int
    quarter: int
    three_quarters: int
    alike: list[str]


class HelpOut(Schema):
    """What the row of the table would give by the facts known now (`row`, `by_rule`; null while `asks` is open), and
    the range of similar closed disputes; null where the `n` that there are are too few."""

    row: str
    by_rule: int | None
    asks: list[str]
    currency: str
    similar: RangeOut | None
    n: int


class SimilarOut(Schema):
    """A closed case that is alike in words. `share`: what went back, in thousandths of what was asked."""

    id: UUID
    key: str
    reason: str
    how: str
    outcome: str
    share: int | None
    ended_at: datetime


@router.get("/disputes/{uuid}/help", response={200: HelpOut, **ERRORS}, summary="What would be fair")
@needs("dispute.read")
def help_with(request: HttpRequest, uuid: UUID) -> HelpOut:
    """Tell what the rule would give now, and what similar disputes ended with; too few is an answer."""
    who = actor(request)
    now = held(dispute_of(who, uuid))
    found = helping.help_with(now, at=moment())
    similar = found.similar
    return HelpOut(
        row=found.row.name if found.row else "",
        by_rule=found.by_rule,
        asks=list(found.asks),
        currency=now.order.currency,
        similar=RangeOut(**{name: getattr(similar, name) for name in RangeOut.model_fields}) if similar else None,
        n=found.n,
    )


@router.get("/disputes/{uuid}/similar", response={200: list[SimilarOut], **ERRORS}, summary="Cases alike in words")
@needs("dispute.read", "dispute.list")
def similar_cases(request: HttpRequest, uuid: UUID, outcome: str = "") -> list[SimilarOut]:
    """Return closed cases of the same reason that are most alike in words, the best first. For agents."""
    who = actor(request)
    dispute = dispute_of(who, uuid)
    require(who, "dispute.list")
    return [_out(case) for case in helping.cases_like(held(dispute), outcome=outcome[:10])]


def _out(case: ClosedCase) -> SimilarOut:
    return SimilarOut(
        id=case.dispute.uuid,
        key=case.dispute.key,
        reason=case.reason,
        how=case.how,
        outcome=case.outcome,
        share=case.share,
        ended_at=case.ended_at,
    )
