"""Offers in parts, one for some of the pieces each: what they may say, and which line has which money."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.disputes.worth import Pieces, brought
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.lib.money import Money
from comity.policy import shares
from comity.policy.disputes.case import GOES_BACK, Case, Part
from comity.policy.facts import MAX_PARTS
from comity.records.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class NewPart:
    """What is offered for some pieces.

    line, quantity  which line of the order, by its key, and how many of its pieces
    kind            a kind of the rulebook's
    amount          what goes back for them; None for kinds that pay nothing
    return_postage  who pays the way back, where goods go back; empty: as the rules say
    act_by          by when what is promised will be done
    """

    line: int
    quantity: int
    kind: str
    amount: Money | None = None
    return_postage: str = ""
    act_by: datetime | None = None


def require_whole(pieces: Pieces, parts: Sequence[NewPart]) -> None:
    """Return if every piece of a dispute is in exactly one of the parts; raise Refused with all that is wrong."""
    asked: dict[int, int] = {}
    wrong: list[str] = []
    for part in parts:
        asked[part.line] = asked.get(part.line, 0) + part.quantity
        if part.quantity < 1:
            wrong.append(_("A part of an offer is about one piece or more."))
    if len(parts) > MAX_PARTS:
        wrong.append(_("An offer has at most %(most)s parts.") % {"most": MAX_PARTS})
    wrong += _not_whole({line.pk: (line, count) for line, count in pieces.items()}, asked)
    if wrong:
        raise Refused(wrong)


def _not_whole(about: Mapping[int, tuple[OrderLine, int]], asked: Mapping[int, int]) -> Iterator[str]:
    for key in asked:
        if key not in about:
            yield _("The dispute is not about line %(key)s.") % {"key": key}
    for key, (line, count) in about.items():
        if (said := asked.get(key, 0)) != count:
            words = {"title": line.title, "count": count, "said": said}
            yield (
                _(
                    "“%(title)s”: the dispute is about %(count)s of it, and the parts of the offer about %(said)s. "
                    "Say something of each piece; for one that gets nothing, offer nothing."
                )
                % words
            )


def require_left(order: Order, pieces: Pieces, parts: Iterable[Part], case: Case) -> None:
    """Return if so much is left for each line, and for each part by itself; raise NotNow with what is, where not."""
    for line, limit in too_much(order, pieces, parts, case).items():
        raise NotNow(money.why_not_more(order, limit, [line]))


def too_much(order: Order, pieces: Pieces, parts: Iterable[Part], case: Case) -> dict[OrderLine, Money]:
    """Return the lines for which parts give more than can go back for their pieces, with what can."""
    parts, found = list(parts), {}
    but, _kept = brought(case)
    for line, count in pieces.items():
        mine = [part for part in parts if part.line == str(line.pk)]
        if not any(part.amount for part in mine):
            continue
        left = money.left_for(order, {line: count}, but)
        if sum(part.amount for part in mine) > left.minor:
            found[line] = left
        for part in mine:
            alone = shares.most_of_pieces(line.paid, line.quantity, part.quantity)
            if part.amount > alone:
                found.setdefault(line, Money(min(alone, left.minor), left.currency))
    return found


def first_paid(case: Case, pieces: Pieces) -> list[tuple[OrderLine, int]]:
    """Return which lines have how much of the money that is paid now, by what was agreed for each.

    What is paid at once comes first while goods are on their way, and last when they are there: then it was paid.
    """
    if case.agreement is None or case.decision is not None:
        return []
    by_key = {str(line.pk): line for line in pieces}
    waits = case.back.state != "received"
    ordered = sorted(case.agreement.parts, key=lambda part: part.is_paid_at_once != waits)
    return [(by_key[part.line], part.amount) for part in ordered if part.amount and part.line in by_key]


def pieces_of(case: Case, kinds: Iterable[str]) -> dict[int, int] | None:
    """Return how many pieces of which line, by its key, are agreed to be of some kinds; None where nobody said."""
    held: dict[int, int] = {}
    for part in case.agreement.parts if case.agreement else ():
        if part.kind in kinds and part.line.isdecimal():
            held[int(part.line)] = held.get(int(part.line), 0) + part.quantity
    return held or None


def payer(parts: Iterable[NewPart]) -> str:
    """Return who pays the one way back of all parts that go back; empty: as the rules say. Raises Refused."""
    payers = {part.return_postage for part in parts if part.kind in GOES_BACK}
    if len(payers) > 1:
        raise Refused([_("The goods go back together: name one who pays the way back.")])
    return next(iter(payers), "")
