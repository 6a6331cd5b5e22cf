"""A third side: the seller passes a complaint on to the carrier. The buyer's clock does not wait for it by itself."""

from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.disputes.cases import Verb, Words, tell, written
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.lib.ids import uuid7
from comity.lib.money import Money
from comity.policy.facts import Scalar
from comity.records.models import Dispute

CLAIM = Verb("claim-carrier", "dispute.carrier")
ANSWER = Verb("carrier-answers", "dispute.carrier_answers")


def claim(
    actor: Actor, dispute: Dispute, *, carrier: str, text: str, at: datetime, noted_at: datetime | None = None
) -> str:
    """Pass a complaint on to the carrier; return the claim's id."""
    with CLAIM.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        name = carrier.strip()[:50]
        if not name:
            raise Refused([_("Name the carrier.")])
        identity = str(uuid7(at))
        data: dict[str, Scalar] = {"claim": identity, "carrier": name}
        tell(now, actor, "carrier.claimed", data, at=at, noted_at=noted_at, words=Words("carrier", written(text)))
        return identity


def asks(
    actor: Actor, dispute: Dispute, *, claim: str, text: str, at: datetime, noted_at: datetime | None = None
) -> str:
    """Note what the carrier asks for; return the request's id."""
    with ANSWER.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        _waiting(now.case.carrier, claim)
        request = str(uuid7(at))
        data: dict[str, Scalar] = {"claim": claim, "request": request}
        tell(now, actor, "carrier.asked", data, at=at, noted_at=noted_at, words=Words("carrier", written(text)))
        return request


def tells(
    actor: Actor, dispute: Dispute, *, claim: str, request: str, text: str, at: datetime,
    noted_at: datetime | None = None,
) -> None:  # fmt: skip
    """Note what the seller told the carrier."""
    with ANSWER.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        _waiting(now.case.carrier, claim)
        data: dict[str, Scalar] = {"claim": claim, "request": request}
        tell(now, actor, "carrier.told", data, at=at, noted_at=noted_at, words=Words("carrier", written(text)))


def answers(
    actor: Actor, dispute: Dispute, *, claim: str, accepted: bool, amount: Money | None = None, text: str = "",
    at: datetime, noted_at: datetime | None = None,
) -> None:  # fmt: skip
    """Note what the carrier answered: it pays, or does not."""
    with ANSWER.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        _waiting(now.case.carrier, claim)
        data: dict[str, Scalar] = {
            "claim": claim, "accepted": accepted, "amount": amount.minor if amount else None,
            "currency": amount.currency if amount else None,
        }  # fmt: skip
        tell(now, actor, "carrier.answered", data, at=at, noted_at=noted_at, words=Words("carrier", written(text)))


def _waiting(claims: object, claim: str) -> None:
    known = [each for each in claims if each.id == claim and each.answered_at is None]  # type: ignore[attr-defined]
    if not known:
        raise NotNow(WhyNot("no_claim", sentence("no_claim")))
