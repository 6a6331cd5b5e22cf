"""What is tried outside: taken by one, tried ever later, given up at last, also where each try kills its process."""

from datetime import timedelta

from comity.actions import webhooks
from comity.records import errands
from comity.records.models import Webhook
from tests.cast import Cast, hours

WAITS = (timedelta(minutes=1), timedelta(minutes=5))
LEASE = timedelta(minutes=10)


def taken(at: float) -> list[Webhook]:
    return errands.take(Webhook.objects.all(), hours(at), most=5, lease=LEASE, waits=WAITS)


def made(cast: Cast, *, number: int = 1) -> list[Webhook]:
    return [
        webhooks.add(cast.li, owner=cast.li.party, url=f"https://a.example/{each}", kinds=[], at=hours(1))
        for each in range(number)
    ]


def test_what_fails_is_tried_again_ever_later_and_given_up(cast: Cast) -> None:
    (row,) = made(cast)
    for number, wait in enumerate((*WAITS, None), 1):
        (mine,) = taken(number)
        errands.failed([mine], "no\x00body", hours(number), WAITS)
        row.refresh_from_db()
        assert (row.attempts, row.failed_why) == (number, "nobody")
        assert row.due_at == (hours(number) + wait if wait else None)
    assert taken(99) == []
    errands.again(row, hours(100))
    (mine,) = taken(100)
    errands.succeeded([mine])
    row.refresh_from_db()
    assert (row.attempts, row.due_at, row.failed_why) == (0, None, "")


def test_what_is_taken_is_nobody_elses_until_its_lease_ends(cast: Cast) -> None:
    made(cast, number=2)
    assert len(taken(2)) == 2
    assert taken(2) == []
    assert len(taken(2.2)) == 2


def test_what_kills_who_tries_it_is_given_up_like_what_fails(cast: Cast) -> None:
    (row,) = made(cast)
    tries = sum(len(taken(hour)) for hour in range(2, 9))
    row.refresh_from_db()
    assert tries == len(WAITS) + 1
    assert (row.due_at, row.failed_why) == (None, "begun 3 times and never ended")


def test_what_is_gone_is_not_tried_again(cast: Cast) -> None:
    (row,) = made(cast)
    errands.failed(taken(2), "410", hours(2), WAITS, gone=True)
    row.refresh_from_db()
    assert row.due_at is None
