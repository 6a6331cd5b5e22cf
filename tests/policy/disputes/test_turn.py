"""Whose turn it is as each side reads it: where both are asked, by the own time and what follows from it."""

import pytest

from comity.policy.disputes.fold import fold
from comity.policy.disputes.turn import BOTH, MEDIATOR, Turn, otherwise, turn
from comity.policy.duties.matter import DutyState, DutyStatus
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebooks
from comity.rulebooks.shelf import load
from tests.policy.disputes.told import CASE, day, fact, opened, paid

BOOK = load("comity")
AGREED = {"by": "buyer", "offer": "in parts", "act": "replacement", "goes_back": True, "return_postage": "seller"}


def window(rule: str, begun: float, due: float) -> DutyState:
    """A window of the house rules that is open."""
    return DutyState(
        key=rule, rule=rule, rulebook=BOOK.ref, matter="order:1", subject=CASE, opened_by=f"{rule}:{begun}",
        opened_at=day(begun), due=day(due), status=DutyStatus.OPEN,
    )  # fmt: skip


def seen(facts: list[Fact], windows: list[DutyState], at: float, reader: str) -> Turn:
    """Whose turn it is in the case, as a side reads it."""
    case = fold(facts, CASE)
    assert case is not None
    return turn(Rulebooks([BOOK]), case, windows, day(at), reader=reader)


@pytest.mark.parametrize(("reader", "due", "what"), [("buyer", 21, "decide"), ("seller", 12, "decide")])
def test_goods_go_back_and_a_promise_is_to_be_kept_at_once(reader: str, due: float, what: str) -> None:
    facts = [*paid(), opened(5), fact("dispute.settled", 6, CASE, **AGREED), fact("return.labelled", 7, CASE)]
    found = seen(facts, [window("keep the promise", 6, 12), window("send back", 7, 21)], 8, reader)
    assert (found.who, found.until, found.what) == (BOTH, day(due), what)


def test_silence_on_a_promise_is_told_as_the_decision_that_it_brings() -> None:
    assert otherwise(BOOK.by_name["keep the promise"]) == ("decide", "buyer cost=seller")


def proposed() -> list[Fact]:
    said = {"by": "agent", "offer": "partial refund", "number": 1, "amount": 500, "currency": "AUD"}
    return [
        *paid(),
        opened(5),
        fact("dispute.escalated", 6, CASE, by="buyer"),
        fact("dispute.offered", 7, CASE, **said),
    ]


ANSWERS = [window("buyer answers the proposal", 7, 10), window("seller answers the proposal", 7, 10)]


def test_what_the_mediator_proposes_waits_for_both_sides() -> None:
    for reader in ("buyer", "seller", "agent"):
        found = seen(proposed(), ANSWERS, 8, reader)
        assert (found.who, found.until) == (BOTH, day(10))


def test_who_said_yes_waits_for_the_other_side() -> None:
    facts = [*proposed(), fact("dispute.agreed", 8, CASE, by="buyer", number=1)]
    found = seen(facts, ANSWERS[1:], 9, "buyer")
    assert (found.who, found.until) == ("seller", day(10))


def test_once_the_time_to_answer_is_over_it_is_the_platforms_turn() -> None:
    found = seen(proposed(), [window("platform decides", 6, 16)], 11, "buyer")
    assert (found.who, found.until) == (MEDIATOR, day(16))
