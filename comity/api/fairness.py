"""The report on fairness: who is under measures, and what becomes of appeals."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from comity.actions import fairness
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS
from comity.policy.disputes.figures import Share

router = Router()


class ShareOfOut(Schema):
    """So many `part` of so many `of`; its rate and 95 % interval (0 to 1), null where there are too few."""

    part: int
    of: int
    rate: float | None
    bounds: tuple[float, float] | None


class GroupOut(Schema):
    """Sellers with the same size, age, country or category (`of`), and the shares of them that came under measures.

    name  the least of orders in the time, of days since they joined, the country, or the category of most of their
          orders in the time; empty where it is not known
    """

    of: str
    name: str
    sellers: int
    shares: dict[str, ShareOfOut]


class KeepersOut(Schema):
    """What chance would do within a year to sellers who keep exactly the limit of a level, simulated.

    size      the least of orders in the time
    sellers   how many are of that size; `judged`: of them, those with enough orders to be judged
    raw       the share (0 to 1) that would be flagged by the rate alone; `certain`: by evidence, null where that cannot
              be asked of the limit
    """

    standard: str
    level: str
    limit: str
    decides: str
    size: int
    sellers: int
    judged: int
    raw: float
    certain: float | None


class FairnessOut(Schema):
    """What is counted of the last `days`. `median_seconds`: half of the appeals were decided in no more."""

    at: datetime
    days: int
    placed: int
    by_measure: dict[str, int]
    automatic: ShareOfOut
    taken_back: ShareOfOut
    appealed: ShareOfOut
    fell: ShareOfOut
    shortened: ShareOfOut
    median_seconds: float | None
    groups: list[GroupOut]
    keepers: list[KeepersOut]


@router.get("/fairness", response={200: FairnessOut, **ERRORS}, summary="Who is under measures, by groups")
@needs("fairness.read")
def report(
    request: HttpRequest, days: Annotated[int, Query(ge=1, le=fairness.MOST_DAYS)] = fairness.DAYS
) -> FairnessOut:
    """Return who came under measures, by size, age, country and category of sellers, and what became of appeals.

    And what share of sellers each standard would flag by chance, if all kept its limit.
    """
    found = fairness.report(actor(request), days=days, at=moment())
    return FairnessOut(
        at=found.at,
        days=found.days,
        placed=found.placed,
        by_measure=dict(found.by_measure),
        automatic=_out(found.automatic),
        taken_back=_out(found.taken_back),
        appealed=_out(found.appealed),
        fell=_out(found.fell),
        shortened=_out(found.shortened),
        median_seconds=found.took.median.total_seconds() if found.took else None,
        groups=[
            GroupOut(
                of=group.of,
                name=group.name,
                sellers=group.sellers,
                shares={level: _out(share) for level, share in group.shares.items()},
            )
            for group in found.groups
        ],
        keepers=[_keepers(each) for each in found.keepers],
    )


def _keepers(each: fairness.Keepers) -> KeepersOut:
    level = each.rule.levels[each.level]
    return KeepersOut(
        standard=each.rule.name,
        level=level.name,
        limit="; ".join(map(str, level.limits)),
        decides="certain" if each.rule.certain else "raw",
        size=each.size,
        sellers=each.sellers,
        judged=each.judged,
        raw=each.raw,
        certain=each.certain,
    )


def _out(share: Share) -> ShareOfOut:
    return ShareOfOut(part=share.part, of=share.of, rate=share.rate, bounds=share.bounds)
