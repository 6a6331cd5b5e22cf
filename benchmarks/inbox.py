"""The inbox of a seller with 100,000 conversations, 5,000 of them waiting: each view and a search, through the page.

Compares each view with the bare statement that fetches fifty conversations by their id.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import stage

CONVERSATIONS, WAITING, ASKED = 100_000, 5_000, 40
VIEWS = ("?view=waiting", "?view=unread", "?view=buyer", "?view=all", "?q=telescope", "?q=parcel+umbrella")


def main(engine: str) -> None:
    stage.set_up(engine)
    seller = _fill()
    from django.db import connection
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(seller.user)
    client.get("/sell/inbox/")
    views = {}
    for view in VIEWS:
        seen: list[str] = []

        def note(execute: Any, sql: str, *given: Any, seen: list[str] = seen) -> Any:
            seen.append(sql)
            return execute(sql, *given)

        with connection.execute_wrapper(note):
            assert client.get(f"/sell/inbox/{view}").status_code == 200
        took = []
        for _ in range(ASKED):
            began = time.perf_counter()
            client.get(f"/sell/inbox/{view}")
            took.append(time.perf_counter() - began)
        views[view] = {
            "queries": len(seen), "p50_ms": round(1000 * stage.percentile(took, 0.5), 1),
            "p95_ms": round(1000 * stage.percentile(took, 0.95), 1),
        }  # fmt: skip
    bare = []
    for _ in range(ASKED):
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM records_conversation ORDER BY id LIMIT 50")
            cursor.fetchall()
        bare.append(time.perf_counter() - began)
    stage.say({
        "compares": "the inbox page with a bare statement for fifty rows", "engine": engine,
        "conversations": CONVERSATIONS, "waiting": WAITING, "views": views,
        "bare_p50_ms": round(1000 * stage.percentile(bare, 0.5), 2),
    })  # fmt: skip


def _fill() -> Any:
    from django.db import connection

    from comity.actions import parties
    from comity.actions.guard import Actor
    from comity.lib import ids
    from comity.records.models import Conversation, Message

    at = datetime(2026, 3, 2, tzinfo=UTC)
    platform = Actor(parties.platform(at))
    seller = parties.add(platform, parties.NewParty(role="seller", name="S"), at=at)
    parties.give_login(seller, email="s@example.org", password="only for this benchmark")
    buyers = [parties.add(platform, parties.NewParty(role="buyer", name=f"B{number}"), at=at) for number in range(200)]
    words = ("parcel", "lamp", "colour", "address", "warranty", "umbrella", "invoice", "return", "late", "broken")
    for first in range(0, CONVERSATIONS, 5_000):
        rows = []
        for number in range(first, first + 5_000):
            moment = at + timedelta(minutes=number)
            waits = number >= CONVERSATIONS - WAITING
            rows.append(Conversation(
                uuid=ids.uuid7(moment), key=ids.short_key("C"), buyer=buyers[number % 200], seller=seller,
                topic=f"{words[number % 10]} {number}", opened_at=moment, last_at=moment,
                turn="seller" if waits else "buyer", turn_since=moment,
                due_at=moment + timedelta(hours=72) if waits else None,
            ))  # fmt: skip
        Conversation.objects.bulk_create(rows)
        Message.objects.bulk_create([
            Message(
                uuid=ids.uuid7(row.opened_at), conversation=row, author=row.buyer, role="buyer", salt=b"0" * 16,
                text=f"Where is my {words[row.pk % 10]}? The {words[row.pk * 7 % 10]} came"
                + (" with a telescope" if row.pk % 5_000 == 0 else ""), at=row.opened_at,
            ) for row in rows
        ])  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE records_conversation SET last_message_id = "
            "(SELECT m.id FROM records_message m WHERE m.conversation_id = records_conversation.id)"
        )
        cursor.execute("ANALYZE")
    return seller


if __name__ == "__main__":
    main(sys.argv[1])
