"""Health: where a party stands, what comes next by time alone, and what helps most."""

from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS
from comity.policy.health import helps as helping
from comity.policy.health import ledgers as by_points
from comity.policy.health import standards as by_counts
from comity.policy.health.helps import Help
from comity.policy.health.ledgers import LedgerHealth
from comity.policy.health.standards import At, StandardHealth
from comity.policy.sanctions.measures import Rung
from comity.policy.standards.rates import Reading
from comity.policy.standards.rule import StandardRule
from comity.records import health as rows
from comity.records.models import Party

router = Router()
#: Decimals of a share that is told beside its exact fraction.
PLACES = 6


class RungOut(Schema):
    """A rung of a ladder: the points, or the score, at which it is reached, and its measure."""

    at: int
    measure: str


class CountedOut(Schema):
    """A charge that counts: what it adds to the sum (0 where it was capped or merged), and until when."""

    key: str
    rule: str
    rulebook: str
    matter: str
    at: datetime
    expires_at: datetime
    points: int
    adds: int


class AheadOut(Schema):
    """A moment at which charges end: the points then, and the rung on which they stand then."""

    at: datetime
    points: int
    rung: RungOut | None
    ending: list[str]


class LedgerOut(Schema):
    """A ledger: the points alive, where they stand on the ladder, every charge that counts, what ends next."""

    name: str
    points: int
    rungs: list[RungOut]
    rung: RungOut | None
    following: RungOut | None
    counted: list[CountedOut]
    ahead: list[AheadOut]


class ReadingOut(Schema):
    """What counts in a window. `rate`: the exact share at fault, as "5/295"; `rounded`: the same as a decimal.

    begin, end  of the window, as the clock of `zone` shows them
    low, high   95 % interval of the true share (Wilson)
    buyers      how many different buyers the faulty ones have; null where no limit asks
    most        the most faults, of as many, with which the limit is kept; null where that says nothing
    """

    begin: datetime
    end: datetime
    zone: str
    counted: int
    faulty: int
    buyers: int | None
    rate: str | None
    rounded: float | None
    low: float | None
    high: float | None
    mean: str | None
    most: int | None


class AtOut(Schema):
    """A standard at one moment: fine, broken or not_enough; the gravest level that is reached; its windows."""

    at: datetime
    zone: str
    state: str
    level: str
    windows: list[ReadingOut]


class LeavingOut(Schema):
    """What leaves the window by the next evaluation; `kept_in`: the exact share if it had stayed."""

    counted: int
    faulty: int
    kept_in: str | None


class StandardHealthOut(Schema):
    """A standard: officially, now, and at the next evaluation if nothing new comes.

    missed  the same, if the `open` matters that are due by then are missed; null where there are none
    rises   it gets worse by then because of what leaves the window (`left`)
    undated so many orders are not counted because the date by which they were due is missing
    """

    name: str
    limits: list[str]
    official: AtOut
    now: AtOut
    projected: AtOut | None
    missed: AtOut | None
    open: int
    left: LeavingOut | None
    rises: bool
    undated: int


class HelpingOut(Schema):
    """One thing that helps, judged with it and without it; see `policy.health.helps.Help`.

    what    answer: do `number` open duties of the kind `duty` in time, the first by `by`; clean: `number` further
            subjects without a fault by then; wait: until `by`
    before, after  points, or the exact share at fault, without it and with it
    leaves  the measure that is avoided or whose rung is left, or the level of a standard; "" for none
    """

    what: str
    on: str
    name: str
    number: int
    by: datetime | None
    before: str | None
    after: str | None
    leaves: str
    duty: str


class HealthOut(Schema):
    """How a party stands at `at`, as the clock of `zone` shows it; what helps, the most helpful first."""

    at: datetime
    zone: str
    ledgers: list[LedgerOut]
    standards: list[StandardHealthOut]
    helps: list[HelpingOut]


@router.get(
    "/parties/{uuid}/health", response={200: HealthOut, **ERRORS}, summary="Where a party stands, and what helps"
)
@needs("party.read")
def health(request: HttpRequest, uuid: UUID) -> HealthOut:
    """Return each ledger and standard now and next, and what helps most. Shares are exact fractions, rounded beside."""
    party = get_object_or_404(Party, uuid=uuid)
    require(actor(request), "party.read", party)
    known = rows.known_of(party, moment())
    if known is None:
        raise Http404
    on, by = by_points.ledgers(known), by_counts.standards(known)
    return HealthOut(
        at=known.at,
        zone="UTC",
        ledgers=[_ledger(each) for each in on],
        standards=[_standard(party, each) for each in by],
        helps=[_help(each) for each in helping.helps(known, on, by)],
    )


def _ledger(health: LedgerHealth) -> LedgerOut:
    following = health.following
    return LedgerOut(
        name=health.rule.name,
        points=health.points,
        rungs=[RungOut(at=rung.at, measure=rung.measure) for rung in health.rule.rungs],
        rung=_rung(health.rung),
        following=RungOut(at=following[0], measure=following[1].measure) if following else None,
        counted=[
            CountedOut(
                key=charge.key, rule=charge.rule, rulebook=charge.rulebook, matter=charge.matter, at=charge.at,
                expires_at=charge.expires_at, points=charge.points, adds=adds,
            )
            for charge, adds in health.counted
        ],
        ahead=[
            AheadOut(at=each.at, points=each.points, rung=_rung(each.rung), ending=list(each.ending))
            for each in health.ahead
        ],
    )  # fmt: skip


def _rung(rung: Rung | None) -> RungOut | None:
    return None if rung is None else RungOut(at=rung.at, measure=rung.measure)


def _standard(party: Party, health: StandardHealth) -> StandardHealthOut:
    left = health.left
    spans = [(window.begin, window.end) for window in health.now.windows]
    return StandardHealthOut(
        name=health.rule.name,
        limits=[str(limit) for level in health.rule.levels for limit in level.limits],
        official=_at(health.official, health.rule),
        now=_at(health.now, health.rule),
        projected=_at(health.projected, health.rule) if health.projected else None,
        missed=_at(health.missed, health.rule) if health.missed else None,
        open=health.open,
        left=LeavingOut(counted=left.counted, faulty=left.faulty, kept_in=exact(left.kept_in)) if left else None,
        rises=health.rises,
        undated=max((rows.undated(party, health.rule, span, health.now.at) for span in spans), default=0),
    )


def _at(found: At, rule: StandardRule) -> AtOut:
    zone, clock = rule.zone, ZoneInfo(rule.zone)
    return AtOut(
        at=found.at.astimezone(clock),
        zone=zone,
        state=found.state,
        level=found.level.name if found.level else "",
        windows=[
            ReadingOut(
                begin=window.begin.astimezone(clock), end=window.end.astimezone(clock), zone=zone, most=window.most,
                buyers=window.seen.buyers if rule.asks_for_buyers else None,
                **_numbers(window.seen, window.interval),
            )
            for window in found.windows
        ],
    )  # fmt: skip


def _numbers(seen: Reading, interval: tuple[float, float] | None) -> dict[str, Any]:
    low, high = interval or (None, None)
    return {
        "counted": seen.counted, "faulty": seen.faulty, "rate": exact(seen.rate), "rounded": rounded(seen.rate),
        "low": low, "high": high, "mean": exact(seen.mean),
    }  # fmt: skip


def exact(value: Fraction | None) -> str | None:
    """Return a fraction as it is, such as "5/295"; None for none."""
    return None if value is None else str(value)


def rounded(value: Fraction | None) -> float | None:
    """Return it as a decimal, rounded for people: nothing is held against a limit by it."""
    return None if value is None else round(float(value), PLACES)


def _help(each: Help) -> HelpingOut:
    return HelpingOut(
        what=each.what, on=each.on, name=each.name, number=each.number, by=each.by, before=exact(each.before),
        after=exact(each.after), leaves=each.leaves, duty=each.duty,
    )  # fmt: skip
