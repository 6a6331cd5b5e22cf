"""How a party does by each standard: officially, and as of now."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS
from comity.records.models import Party
from comity.records.scorecards import Score, Scorecard, scorecards

router = Router()


class ScoreOut(Schema):
    """A standard at one moment. `rate` is the share that is faulty; `low` and `high` its 95 % interval."""

    cycle: str
    at: datetime
    state: str
    level: str
    counted: int
    faulty: int
    rate: float | None
    low: float | None
    high: float | None


class LimitOut(Schema):
    """A level and what must be kept, in words."""

    level: str
    limit: str


class StandardOut(Schema):
    """One standard of a party."""

    name: str
    title: str
    limits: list[LimitOut]
    current: ScoreOut
    projected: ScoreOut
    next_at: datetime | None


@router.get("/parties/{uuid}/standards", response={200: list[StandardOut], **ERRORS}, summary="How a party does")
@needs("party.read")
def standards(request: HttpRequest, uuid: UUID) -> list[dict[str, object]]:
    """Return each standard in force, with its official (CURRENT) score and the one as of now (PROJECTED)."""
    party = get_object_or_404(Party, uuid=uuid)
    require(actor(request), "party.read", party)
    return [_card(card) for card in scorecards(party, moment())]


def _card(card: Scorecard) -> dict[str, object]:
    limits = [{"level": level.name, "limit": "; ".join(map(str, level.limits))} for level in card.rule.levels]
    return {
        "name": card.rule.name,
        "title": card.rule.title,
        "limits": limits,
        "current": _score(card.current),
        "projected": _score(card.projected),
        "next_at": card.next_at,
    }


def _score(score: Score) -> dict[str, object]:
    low, high = score.interval or (None, None)
    return {
        "cycle": score.cycle,
        "at": score.at,
        "state": score.state,
        "level": score.level,
        "counted": score.seen.counted,
        "faulty": score.seen.faulty,
        "rate": None if score.seen.rate is None else float(score.seen.rate),
        "low": low,
        "high": high,
    }
