"""Sanctions: a person approves or declines what the ladder proposes."""

from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot, require_one_of
from comity.actions.enact import enact
from comity.actions.guard import Actor
from comity.actions.telling import micros
from comity.policy.facts import Fact
from comity.policy.rulings import Ruling
from comity.policy.sanctions.measures import MeasureStatus
from comity.policy.sanctions.rulings import Place
from comity.records.models import Sanction

REASONS = ("not_proportionate", "mistake", "outside_influence", "other")


def _against_deciding(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if sanction.status != MeasureStatus.PROPOSED:
        return WhyNot("decided_already", _("This measure has already been decided; only a proposed one can be."))
    return None


def _against_approving(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if (why := _against_deciding(actor, sanction, at)) is not None:
        return why
    if sanction.seconded_by == actor.party.ref:
        said = _("You have already approved this measure; it is waiting for another reviewer.")
        return WhyNot("approved_already", said)
    return None


def _proposed_at(sanction: Sanction) -> datetime | None:
    return sanction.at if sanction.status == MeasureStatus.PROPOSED else None


APPROVE = Deed(Sanction, "approve", "sanction.decide", _against_approving, _proposed_at)
DECLINE = Deed(Sanction, "decline", "sanction.decide", _against_deciding, _proposed_at)


def approve(actor: Actor, sanction: Sanction, *, at: datetime, shown: datetime | None = None) -> bool:
    """Approve a proposed measure; return whether it is placed, or waits for a second reviewer.

    Once placed, it takes effect when its notice has run. `shown`: when that was proposed which is approved; None for
    what is proposed now.
    """
    with APPROVE.doing(actor, sanction, at=at, shown=shown):
        rulings = _decide(actor, sanction, "sanction.approved", at, {})
    return any(isinstance(ruling, Place) for ruling in rulings)


def decline(actor: Actor, sanction: Sanction, *, reason: str, at: datetime, shown: datetime | None = None) -> None:
    """Decline a proposed measure. `shown`: when that was proposed which is declined; None for what is proposed now."""
    with DECLINE.doing(actor, sanction, at=at, shown=shown):
        require_one_of("reason", reason, REASONS)
        _decide(actor, sanction, "sanction.declined", at, {"reason": reason})


def _decide(actor: Actor, sanction: Sanction, kind: str, at: datetime, data: dict[str, str]) -> list[Ruling]:
    matter = f"sanction:{sanction.key}"
    fact = Fact(
        # Two reviewers are two facts; and a measure that is issued anew, at another moment, can be decided again.
        id=f"{kind}:{sanction.key}:{micros(sanction.at)}:{actor.party.ref}",
        kind=kind,
        at=at,
        noted_at=at,
        subject=matter,
        matter=matter,
        party=sanction.party.ref,
        data={"agent": actor.party.ref, **data},
    )
    return enact(sanction.party, fact, once=True) or []
