"""The dispute windows of every shipped rulebook, lived: opened as early as it may be, and then nobody says a word.

What follows each silence is read off the rulebook itself, and must come at the moment that its duty names.
"""

from datetime import datetime, timedelta

import pytest

from comity.actions import clock, messages, orders, scans, shipments
from comity.actions.disputes import cases, due, opening, view
from comity.lib.money import Money
from comity.policy.disputes import openings
from comity.policy.disputes.case import ENDED, Stage
from comity.records import rebuild
from comity.records.models import Dispute, Order
from comity.rulebooks.language.parse import parse
from comity.rulebooks.shelf import all_names, text_of
from tests.cast import Cast
from tests.disputing import assembled

DAY = timedelta(days=1)
TICK = timedelta(seconds=1)
pytestmark = pytest.mark.django_db
BOOKS = [name for name in all_names() if parse(text_of(name)).dispute is not None]


def bought(cast: Cast, at: datetime, *, delivered: bool) -> Order:
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, title="Desk lamp", price=Money(6000, "EUR"), handling_hours=48,
        deliver_by=at + 20 * DAY,
    )  # fmt: skip
    order = orders.place(cast.platform, new, at=at)
    orders.pay(cast.platform, order, at=at)
    parcel = shipments.dispatch(cast.li, order, shipments.Parcel("post", "RR123456785DE", sure=True), at=at + DAY)
    scans.scan(cast.platform, parcel, scans.Event("accepted", at + 1.5 * DAY), noted_at=at + 1.5 * DAY)
    if delivered:
        scans.scan(cast.platform, parcel, scans.Event("delivered", at + 6 * DAY), noted_at=at + 6 * DAY)
    # Some marketplaces ask the buyer to write to the seller first.
    new_talk = messages.NewConversation(buyer=cast.buyer, seller=cast.seller, topic="It is not well", order=order)
    talk = messages.open_conversation(cast.ana, new_talk, at=at + 6 * DAY)
    messages.send(cast.ana, talk, text="Something is wrong with it.", at=at + 6 * DAY)
    order.refresh_from_db()
    return order


def opened(cast: Cast, reason: str, begun: datetime) -> Dispute | None:
    """The dispute, opened at the first moment of its window; None where none can be for that reason."""
    for delivered in (False, True):
        order = bought(cast, begun, delivered=delivered)
        _, rules = opening.rules_for(order, begun + 6 * DAY)
        begin, end = openings.window(rules, reason, cases.around(order))
        if begin is None:
            continue
        at = max(begin, begun + 6 * DAY)
        if end is not None and at > end:
            continue
        clock.turn(at)
        order.refresh_from_db()
        return opening.open_(cast.ana, order, opening.Claim(reason, text="See."), at=at)
    return None


@pytest.mark.parametrize("name", BOOKS)
def test_every_silence_ends(name: str) -> None:
    text = text_of(name)
    book = parse(text)
    begun = max(book.in_force_from, datetime(2026, 1, 5, 9, tzinfo=book.in_force_from.tzinfo)) + DAY
    cast = assembled(text, at=begun)
    assert book.dispute is not None
    lived = 0
    for reason in book.dispute.reasons:
        dispute = opened(cast, reason, begun)
        if dispute is None:
            continue
        last = begun
        lived += 1
        seen: list[tuple[str, str]] = []
        for _ in range(12):
            case = cases.held(dispute).case
            if case.stage in ENDED or case.stage is Stage.CARRYING_OUT:
                break
            now = view.turn_of(cases.held(dispute), case.since)
            nexts = [now.until] if now.until is not None else []
            until = nexts[0] if nexts else case.since + 120 * DAY
            last = max(last, until + 61 * DAY)
            clock.turn(until)
            assert cases.held(dispute).case.since <= until, f"{name}: {reason}: nothing falls before its moment"
            clock.turn(until + TICK)
            due.look(until + TICK)
            after = cases.held(dispute).case
            if now.until is not None and now.what in ("decide", "escalate", "close", "refund"):
                assert after.since == now.until, f"{name}: {reason}: {now.duty} brings {now.what} at its deadline"
                seen.append((now.duty, now.what))
            elif after.since == case.since:
                clock.turn(until + 60 * DAY)
        stage = cases.held(dispute).case.stage
        assert stage in ENDED or stage is Stage.CARRYING_OUT, f"{name}: {reason}: {stage} after {seen}"
        assert seen or cases.held(dispute).case.decision is not None
        begun = max(begun, last)  # the next one happens after it: what is told of the past is not acted upon
    assert lived, f"{name}: no dispute could be opened"
    assert rebuild.at_odds(cast.seller) == []
