"""Shapes that several nouns share."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field

from comity.actions.guard import allows
from comity.api.problems import Problem
from comity.lib import moments
from comity.records.models import Dispute, Order, OrderLine

#: What every endpoint may answer beside its own.
ERRORS: dict[Any, Any] = {frozenset({400, 401, 403, 404, 409, 422}): Problem}


def storable(text: str) -> str:
    """Return a text that a database can hold."""
    # PostgreSQL refuses it in any text, in the middle of the transaction.
    if "\x00" in text:
        raise ValueError("a text cannot hold a NUL character")
    return text


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]
#: Sums in minor units of a currency, none or some: a number, and no text or truth that looks like one.
Minor = Annotated[int, Field(ge=0, le=10**15, strict=True)]
Some = Annotated[int, Field(ge=1, le=10**15, strict=True)]


def _in_words(moment: Any) -> Any:
    """Return a moment that is written out: a bare number could be seconds, or thousandths of them."""
    if isinstance(moment, int | float):
        raise ValueError("a moment is written as text, such as 2026-03-02T10:00:00Z")
    return moment


# A moment without a zone is refused, for nobody could say whose clock it is by; and one that nobody can believe.
Moment = Annotated[AwareDatetime, BeforeValidator(_in_words), AfterValidator(moments.believable)]


class In(Schema):
    """What a request says. A name that it does not have is refused: it may be a misspelt one that matters."""

    model_config = ConfigDict(extra="forbid")


class Spoken(In):
    """What a request says in somebody's name. The shop's token may speak for a buyer or a seller: `on_behalf_of`.

    Named as facts name parties: buyer:id or seller:id, by our id or by the shop's own.
    """

    on_behalf_of: Text | None = None


class Dated(Spoken):
    """What a request says of something that happens. The shop's token may say that it happened earlier: `at`."""

    at: Moment | None = None


NOW = Dated()


class Done(Schema):
    """Something was done."""

    ok: bool = True


class DutyOut(Schema):
    """A duty: who owes what, by when, under which rule and version."""

    key: str
    rule: str
    rulebook: str
    matter: str
    subject: str
    status: str
    opened_at: datetime
    due: datetime
    ended_at: datetime | None


class LineOut(Schema):
    """Some pieces of one thing: what one costs (`amount`), and what was paid for all (`paid`, of it `tax`).

    `part_of`: the line of a set that is sold at one price, of which this is a part; it is sent with that.
    """

    id: int
    title: str
    quantity: int
    amount: int
    paid: int
    tax: int | None
    part_of: int | None = Field(alias="bundle_id")


class DisputeIdOut(Schema):
    """A dispute about an order, in short; the case is at /disputes/{uuid}."""

    uuid: UUID
    key: str
    stage: str
    reason: str


class OrderOut(Schema):
    """An order and where it stands.

    `external_id`: the shop's own id. `complete`: whether we were told that it was placed; else there is more to come.
    `disputes`: those about it that you may see, the oldest first.
    """

    uuid: UUID
    key: str
    external_id: str | None
    complete: bool
    title: str
    amount: int
    currency: str
    state: str
    pieces: int
    lines: list[LineOut]
    postage: int | None
    origin: str
    destination: str
    service: str
    risk: str
    placed_at: datetime
    paid_at: datetime | None
    dispatch_by: datetime | None
    deliver_by: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: str
    cancel_reason: str
    disputes: list[DisputeIdOut]

    @staticmethod
    def resolve_disputes(order: Order, context: dict[str, Any]) -> list[Dispute]:
        """The order's disputes, for whom they concern."""
        who = context["request"].auth
        return sorted(
            (each for each in order.disputes.all() if allows(who, "dispute.read", each)),
            key=lambda each: each.opened_at,
        )

    @staticmethod
    def resolve_lines(order: Order) -> list[OrderLine]:
        """The order's lines."""
        return list(order.lines.all())


class ShipmentOut(Schema):
    """A shipment. `external_id`: the shop's own id, where it told one."""

    uuid: UUID
    external_id: str | None
    carrier: str
    tracking_number: str
    pieces: int
    returns: bool
    dispatched_at: datetime
    delivered_at: datetime | None


class AnswerToOne(Dated):
    """Yes or no to what can be asked only once. `asked_at`: as in other answers, and may be left out."""

    accepted: bool
    asked_at: Moment | None = None


class Answer(AnswerToOne):
    """Yes or no to what was asked. `asked_at`: when that was asked which was shown, as the order's `deeds` tell it.

    What has been asked anew, answered or withdrawn since is not answered: 422 with the code `changed`.
    """

    asked_at: Moment
