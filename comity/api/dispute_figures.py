"""Figures of disputes: by whose turn it was, of the deciders, whether like cases end alike, of the guided opening."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from comity.actions.disputes import figures as counted
from comity.actions.disputes.figures import Decider, Figures
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS
from comity.policy.disputes.figures import Consistency, Group, Lengths, Line, Share

router = Router()
Days = Annotated[int, Query(ge=1, le=counted.MOST_DAYS)]


class ShareOut(Schema):
    """So many `part` of `of`. `rate` (0 to 1) and its 95 % interval `low` to `high` are null where `of` is too few."""

    part: int
    of: int
    rate: float | None
    low: float | None
    high: float | None


class LengthsOut(Schema):
    """How long something took: the median and the mean of `n`, in seconds."""

    n: int
    median: float
    mean: float


class WithOut(Schema):
    """How long cases were with somebody: buyer, seller, both, mediator (the platform), nobody. `waiting`: how many are
    now."""

    who: str
    spent: LengthsOut | None
    waiting: int


class WaitingOut(Schema):
    """The case that nobody has and that has waited longest, since the platform was asked."""

    id: UUID
    key: str
    since: datetime | None


class DeciderOut(Schema):
    """How an agent decides; of all together `id` is null and `name` empty, of one whom only the shop knows, too.

    `took` (from taking a case to writing its decision) is null where they are too few. `deviating`: of the decisions
    under a row of the table; `reversed`: of the appeals that were decided, those that changed or sent back a decision.
    """

    id: UUID | None
    name: str
    decisions: int
    took: LengthsOut | None
    for_buyer: ShareOut
    deviating: ShareOut
    corrected: ShareOut
    appealed: ShareOut
    reversed: ShareOut


class PairsOut(Schema):
    """Pairs of like cases, and how many ended the same. `by`: all, one_decider, two_deciders, one_month, two_months."""

    by: str
    n: int
    same: int


class ApartCaseOut(Schema):
    """A case of a group that ended differently."""

    id: UUID
    key: str
    outcome: str
    deviates: bool
    decided_at: datetime


class ApartOut(Schema):
    """Like cases that ended differently: the row of the table and the inputs that they share; the first 20 cases.

    `by_deviation`: they differ only by decisions that say why they deviate from the row.
    """

    rulebook: str
    row: str
    inputs: dict[str, str]
    n: int
    by_deviation: bool
    cases: list[ApartCaseOut]


class ConsistencyOut(Schema):
    """Whether like cases end alike: same row of the decision table, and same facts for its inputs.

    `groups`: of those with two or more cases, those in which all ended the same. `by_deviation`: of the others, those
    that differ only by decisions with a reason. `deviating`: of the `decisions` that were compared. `rowless`: decided
    where no row spoke, and not compared. `apart`: the largest 50.
    """

    decisions: int
    rowless: int
    groups: ShareOut
    by_deviation: int
    deviating: ShareOut
    pairs: list[PairsOut]
    apart: list[ApartOut]


class SuggestedOut(Schema):
    """What was suggested first (a code of `helps`; empty: no reason was chosen), and how many had no claim after it."""

    advised: str
    left: ShareOut


class GuidedOut(Schema):
    """Guided openings, once for an order and a day. `left`: not followed by a claim within `within_days`.

    `asked`: followed by an inquiry alone. Those of the last `within_days` (`young`) are not counted yet.
    """

    begun: int
    asked: int
    claimed: int
    left: ShareOut
    young: int
    within_days: int
    by_advice: list[SuggestedOut]


class FiguresOut(Schema):
    """Figures of the disputes that ended within `days`. `cut`: there were more than 2,000, and the newest count.

    `spent` adds up to the `whole` of each case. `own`: the reader, where it is an agent; `deciders`: each, for the
    platform, and for agents whom the rulebook lets compare; else null.
    """

    days: int
    at: datetime
    ended: int
    cut: bool
    whole: LengthsOut | None
    spent: list[WithOut]
    waiting_cut: bool
    oldest: WaitingOut | None
    everybody: DeciderOut
    own: DeciderOut | None
    deciders: list[DeciderOut] | None
    consistency: ConsistencyOut
    guided: GuidedOut


@router.get("/disputes/figures", response={200: FiguresOut, **ERRORS}, summary="Figures of disputes")
@needs("dispute.figures")
def figures(request: HttpRequest, days: Days = counted.DAYS) -> FiguresOut:
    """Tell with whom disputes were how long, how they are decided, and whether like cases end alike. For agents."""
    return _out(counted.figures(actor(request), days=days, at=moment()))


def _out(found: Figures) -> FiguresOut:
    oldest = found.oldest
    return FiguresOut(
        days=found.days,
        at=found.at,
        ended=found.ended,
        cut=found.cut,
        whole=_lengths(found.whole),
        spent=[WithOut(who=who, spent=_lengths(each), waiting=found.waiting[who]) for who, each in found.spent.items()],
        waiting_cut=found.waiting_cut,
        oldest=WaitingOut(id=oldest.uuid, key=oldest.key, since=oldest.escalated_at) if oldest else None,
        everybody=_line(found.everybody),
        own=_line(found.own) if found.own is not None else None,
        deciders=[_decider(each) for each in found.deciders] if found.deciders is not None else None,
        consistency=_consistency(found, found.consistency),
        guided=GuidedOut(
            begun=found.guided.begun,
            asked=found.guided.asked,
            claimed=found.guided.claimed,
            left=_share(found.guided.left),
            young=found.guided.young,
            within_days=found.guided.within_days,
            by_advice=[SuggestedOut(advised=each.advised, left=_share(each.left)) for each in found.guided.by_advice],
        ),
    )


def _lengths(found: Lengths | None) -> LengthsOut | None:
    if found is None:
        return None
    return LengthsOut(n=found.n, median=found.median.total_seconds(), mean=found.mean.total_seconds())


def _share(found: Share) -> ShareOut:
    low, high = found.bounds or (None, None)
    return ShareOut(part=found.part, of=found.of, rate=found.rate, low=low, high=high)


def _decider(each: Decider) -> DeciderOut:
    told = _line(each.line)
    return told if each.party is None else told.model_copy(update={"id": each.party.uuid, "name": each.party.name})


def _line(found: Line) -> DeciderOut:
    return DeciderOut(
        id=None,
        name="",
        decisions=found.n,
        took=_lengths(found.took),
        for_buyer=_share(found.for_buyer),
        deviating=_share(found.deviating),
        corrected=_share(found.corrected),
        appealed=_share(found.appealed),
        reversed=_share(found.reversed),
    )


def _consistency(found: Figures, made: Consistency) -> ConsistencyOut:
    return ConsistencyOut(
        decisions=made.decisions,
        rowless=made.rowless,
        groups=_share(made.groups),
        by_deviation=made.by_deviation,
        deviating=_share(made.deviating),
        pairs=[PairsOut(by=each.by, n=each.n, same=each.same) for each in made.pairs],
        apart=[_apart(found, each) for each in made.apart[: counted.MOST_GROUPS]],
    )


def _apart(found: Figures, group: Group) -> ApartOut:
    shown = [(found.cases[each.dispute], each) for each in group.rulings[: counted.MOST_OF_GROUP]]
    return ApartOut(
        rulebook=group.alike.rulebook,
        row=group.alike.row,
        inputs=dict(group.alike.inputs),
        n=len(group.rulings),
        by_deviation=group.by_deviation,
        cases=[
            ApartCaseOut(id=case.uuid, key=case.key, outcome=each.outcome, deviates=each.deviates, decided_at=each.at)
            for case, each in shown
        ],
    )
