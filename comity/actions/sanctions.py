"""Sanctions: a person approves or declines what the ladder proposes."""

from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.policy.facts import Fact
from comity.policy.rulings import Place, Ruling
from comity.policy.sanctions.measures import MeasureStatus
from comity.records.models import Sanction

REASONS = ("not_proportionate", "mistake", "outside_influence", "other")


def approve(actor: Actor, sanction: Sanction, *, at: datetime) -> bool:
    """Approve a proposed measure; return whether it is placed, or waits for a second reviewer.

    Once placed, it takes effect when its notice has run.
    """
    rulings = _decide(actor, sanction, "sanction.approved", at, {})
    return any(isinstance(ruling, Place) for ruling in rulings)


def decline(actor: Actor, sanction: Sanction, *, reason: str, at: datetime) -> None:
    """Decline a proposed measure."""
    if reason not in REASONS:
        raise Refused([f"reason must be one of {', '.join(REASONS)}, not {reason!r:.60}"])
    _decide(actor, sanction, "sanction.declined", at, {"reason": reason})


def _decide(actor: Actor, sanction: Sanction, kind: str, at: datetime, data: dict[str, str]) -> list[Ruling]:
    require(actor, "sanction.decide", at=at)
    if sanction.status != MeasureStatus.PROPOSED:
        raise Refused([_("This measure was decided already; only a proposed one can be.")])
    if kind == "sanction.approved" and sanction.seconded_by == actor.party.ref:
        raise Refused([_("You approved this measure already; it waits for another reviewer.")])
    matter = f"sanction:{sanction.key}"
    issued = int(sanction.at.timestamp() * 1_000_000)
    fact = Fact(
        id=f"{kind}:{sanction.key}:{issued:x}:{actor.party.ref}", kind=kind, at=at, noted_at=at, subject=matter,
        matter=matter, party=sanction.party.ref, data={"agent": actor.party.ref, **data},
    )  # fmt: skip
    return enact(sanction.party, fact, once=True) or []
