"""What is sent to disputes: shapes that several verbs take."""

from typing import Annotated

from pydantic import AfterValidator, Field

from comity.actions.disputes.cases import MAX_TEXT_CHARS
from comity.actions.enact import Refused
from comity.api.shapes import Dated, In, Moment, Some, storable
from comity.lib.money import Money
from comity.policy.facts import MAX_PARTS, MAX_PIECES

MAX_CODE_CHARS = 60
Words = Annotated[str, Field(max_length=MAX_TEXT_CHARS), AfterValidator(storable)]
Written = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS), AfterValidator(storable)]
Code = Annotated[str, Field(max_length=MAX_CODE_CHARS), AfterValidator(storable)]
Named = Annotated[str, Field(min_length=1, max_length=MAX_CODE_CHARS), AfterValidator(storable)]
Shown = Annotated[str, Field(max_length=300), AfterValidator(storable)]
Number = Annotated[int, Field(ge=1, le=10**6)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Act(Dated):
    """Something that is done in a dispute. `shown`: the `last` of the case as it was read.

    Where the case has changed since, nothing is done: 422 with the code `changed`.
    """

    shown: Shown = ""


AS_IT_IS = Act()


class Sum(Dated):
    """An amount in minor units of `currency`. Neither, for none; one without the other is refused."""

    amount: Some | None = None
    currency: Currency | None = None

    def money(self) -> Money | None:
        """Return it. Raises Refused."""
        return money_of(self.amount, self.currency)


class PieceIn(In):
    """How many pieces of a line of the order, by its id."""

    line: Annotated[int, Field(ge=1, le=2**62, strict=True)]
    quantity: Annotated[int, Field(ge=1, le=MAX_PIECES, strict=True)]


class ClaimIn(Sum):
    """What the buyer claims. `reason` and `wants` are of the rulebook's, as `GET /orders/{uuid}/problem` lists them.

    `pieces`: none for all that can be disputed. `amount`: none for all that was paid for them. `text`: what happened.
    """

    reason: Named
    pieces: Annotated[list[PieceIn], Field(max_length=200)] | None = None
    wants: Code = ""
    text: Words = ""


class OfferPartIn(In):
    """What is offered for so many pieces of a line: a `kind` of the rulebook's, and its amount where it pays something.

    `amount` is in minor units of `currency`. `return_postage`: who pays the way back; the same in all parts that go
    back. `act_by`: by when what is promised will be done.
    """

    line: Annotated[int, Field(ge=1, le=2**62, strict=True)]
    quantity: Annotated[int, Field(ge=1, le=MAX_PIECES, strict=True)]
    kind: Named
    amount: Some | None = None
    currency: Currency | None = None
    return_postage: Code = ""
    act_by: Moment | None = None


class OfferIn(Sum):
    """What is offered: a `kind` of the rulebook's, and its amount where it pays something.

    `return_postage`: who pays the way back (buyer, seller, platform), where goods go back; empty: as the rules say.
    `until`: until when it can be accepted. `act_by`: by when what is promised will be done.

    Where not all pieces get the same, `parts` say what each gets, and there is nothing of that beside them: every piece
    of the dispute is in exactly one part, of the kind `nothing` where it gets nothing.
    """

    kind: Code = ""
    return_postage: Code = ""
    until: Moment | None = None
    act_by: Moment | None = None
    parts: Annotated[list[OfferPartIn], Field(max_length=MAX_PARTS)] = []
    text: Words = ""
    shown: Shown = ""


def money_of(amount: int | None, currency: str | None) -> Money | None:
    """Return an amount with its currency, or None for none. Raises Refused for one without the other."""
    if (amount is None) != (currency is None):
        raise Refused(["amount and currency go together: say both, or neither"])
    return None if amount is None or currency is None else Money(amount, currency)
