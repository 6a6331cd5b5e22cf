"""The clock's sitting: the moments of many parties together, as if each had been alone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from comity.actions import clock, facts, messages, parties
from comity.actions.enact import catch_up
from comity.records import dossiers, rebuild, statements
from comity.records.models import Conversation, Duty, JournalLine, Notice, Party, Rating, Sanction, Standing, Tally
from tests.cast import START, Cast, hours
from tests.properties.test_properties import Undo

LATER = hours(2_000)


def sellers(cast: Cast, number: int, questions: int) -> list[Party]:
    """Sellers who were asked, never answered, had a pause and an order that was not sent."""
    made = []
    for place in range(number):
        seller = parties.add(
            cast.platform, parties.NewParty(role="seller", name=f"S{place}", external_id=f"s{place}"), at=START
        )
        made.append(seller)
        for question in range(questions):
            new = messages.NewConversation(buyer=cast.buyer, seller=seller, topic="?")
            talk = messages.open_conversation(cast.ana, new, at=START)
            talk = Conversation.objects.select_related("buyer", "seller").get(pk=talk.pk)
            messages.send(cast.ana, talk, text="?", at=hours(1 + question))
        told(cast, seller, "order.paid", f"order:{place}", dispatch_by="2026-03-04T09:00:00.000000Z")
        if place % 2:
            told(cast, seller, "party.paused", seller.ref, until="2026-03-05T09:00:00.000000Z", cause="holiday")
    return made


def told(cast: Cast, seller: Party, kind: str, subject: str, **data: Any) -> None:
    event = {
        "specversion": "1.0", "id": f"{kind} {subject}", "source": "shop", "type": kind, "subject": subject,
        "time": "2026-03-02T10:00:00.000000Z", "data": {"party": seller.ref, **data},
    }  # fmt: skip
    answer = facts.record(cast.platform, event, now=hours(24))
    assert answer.status in ("recorded", "refused"), answer


def everything() -> list[Any]:
    """All that a turn of the clock leaves, but for the numbers of rows."""
    return [
        list(JournalLine.objects.order_by("party", "seq").values_list("party", "seq", "body", "hash")),
        list(Duty.objects.order_by("party", "key").values_list("key", "status", "current", "next_at", "warned")),
        list(Sanction.objects.order_by("party", "key").values_list("key", "status", "effective_at", "ended_at")),
        list(Rating.objects.order_by("party", "key").values_list("key", "level", "counted", "faulty")),
        list(Tally.objects.order_by("party", "standard", "subject").values_list("subject", "faulty_at", "basis")),
        sorted(Notice.objects.values_list("party", "kind", "matter", "at")),
        list(Conversation.objects.order_by("pk").values_list("turn", "turn_since", "due_at")),
        list(Standing.objects.order_by("pk").values_list("next_due", "chain_seq", "chain_hash", "evaluations")),
    ]


def outcome(turn: Callable[[], object]) -> list[Any]:
    found: list[Any] = []
    with pytest.raises(Undo), transaction.atomic():
        turn()
        found = [[tuple(map(_plain, row)) for row in rows] for rows in everything()]
        raise Undo
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def one_by_one() -> None:
    for party in Party.objects.filter(standing__next_due__lt=LATER).order_by("pk"):
        catch_up(party, LATER)


@pytest.mark.parametrize("batch", [500, 7, 2], ids=["one batch", "a few parties", "less than a party has"])
def test_many_parties_together_are_ruled_on_as_each_alone(
    cast: Cast, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sellers(cast, 6, 4)
    alone = outcome(one_by_one)
    assert len(alone[1]) > 24
    monkeypatch.setattr(dossiers, "BATCH", batch)
    together = outcome(lambda: clock.turn(LATER))
    for mine, theirs in zip(together, alone, strict=True):
        assert mine == theirs


def test_a_turn_takes_as_many_statements_for_many_as_for_few(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = sellers(cast, 12, 3)
    counts = []
    for some in (made[:3], made[3:]):
        Standing.objects.update(next_due=None)
        Standing.objects.filter(party__in=some).update(next_due=hours(2))
        counted = Counted(statements._cursor())
        monkeypatch.setattr(statements, "_cursor", lambda counted=counted: counted)
        assert clock.turn(LATER).parties == len(some)
        monkeypatch.undo()
        counts.append(counted.number)
    assert counts[1] <= counts[0] < 60


class Counted:
    """A cursor that counts the statements of the hot path."""

    def __init__(self, cursor: Any):
        self._cursor, self.number = cursor, 0

    def execute(self, *arguments: Any) -> Any:
        self.number += 1
        return self._cursor.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        if name == "cursor":
            self.number += 1
        return getattr(self._cursor, name)


def test_one_that_cannot_be_ruled_on_steps_aside_and_the_other_parties_go_on(cast: Cast) -> None:
    made = sellers(cast, 5, 2)
    broken = Duty.objects.filter(party=made[2], rule="reply").order_by("pk")[:1].get()
    Duty.objects.filter(pk=broken.pk).update(rule="a rule that is gone")
    clock.turn(LATER)
    (aside,) = clock.stuck(cast.ken)
    assert aside.pk == broken.pk
    assert not Duty.objects.filter(next_at__lt=LATER, stuck_at=None).exists()
    assert Duty.objects.filter(rule="reply", status="breached").count() == 9
    assert not Standing.objects.filter(next_due__lt=LATER).exists()
    for seller in (*made[:2], *made[3:]):
        assert rebuild.at_odds(seller) == []


def test_a_turn_for_some_parties_or_batches_stops_there(cast: Cast) -> None:
    sellers(cast, 6, 1)
    assert clock.turn(LATER, parties=2).parties == 2
    assert Standing.objects.filter(next_due__lt=LATER).count() == 4
    assert clock.turn(LATER, batches=1).parties == 4
    assert clock.turn(LATER) == clock.Turned(0, 0)


def test_a_moment_waits_where_the_party_noted_something_later(cast: Cast) -> None:
    """Another's clock goes before ours: lines are noted when the newest was, never before."""
    (seller,) = sellers(cast, 1, 2)
    Standing.objects.filter(party=seller).update(noted_at=hours(90), next_due=hours(2))
    clock.turn(hours(80))
    noted = list(JournalLine.objects.filter(party=seller, kind="deadline.fell").values_list("noted_at", "at"))
    assert noted
    assert {noted_at for noted_at, _ in noted} == {hours(90)}
    assert max(at for _, at in noted) < hours(80)


def test_rulings_are_counted(cast: Cast) -> None:
    sellers(cast, 2, 1)
    assert clock.turn(LATER).rulings == JournalLine.objects.filter(fact_id=None, noted_at=LATER).count()
