"""Two workers never rule twice: real processes, a real PostgreSQL, the same moments at once."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.server import running_postgresql

ROOT = Path(__file__).resolve().parents[2]
SELLERS, QUESTIONS = 12, 8

PREPARE = f"""
import django; django.setup()
from datetime import datetime, timedelta, UTC
from comity.actions import messages, parties, rulebooks
from comity.actions.guard import Actor
from comity.records.models import Conversation
from comity.rulebooks.shelf import text_of
at = datetime(2026, 3, 2, 9, tzinfo=UTC)
platform = Actor(parties.platform(at))
rulebooks.publish(platform, text_of("aliexpress"), at=at)
buyer = parties.add(platform, parties.NewParty(role="buyer", name="B"), at=at)
for number in range({SELLERS}):
    seller = parties.add(platform, parties.NewParty(role="seller", name=f"S{{number}}"), at=at)
    for _ in range({QUESTIONS}):
        made = messages.open_conversation(
            Actor(buyer), messages.NewConversation(buyer=buyer, seller=seller, topic="?"), at=at
        )
        made = Conversation.objects.select_related("buyer", "seller").get(pk=made.pk)
        messages.send(Actor(buyer), made, text="?", at=at)
"""
#: Both turn the clock to the same moment; one of them also lets a buyer write, which makes time catch up as well.
TURN = """
import django; django.setup()
from datetime import datetime, UTC
from comity.actions import clock
turned = clock.turn(datetime(2026, 5, 1, tzinfo=UTC))
print(turned.rulings)
"""
WRITE = """
import django; django.setup()
from datetime import datetime, UTC
from comity.actions import messages
from comity.actions.guard import Actor
from comity.records.models import Conversation
for conversation in Conversation.objects.select_related("buyer", "seller").order_by("-pk"):
    messages.send(Actor(conversation.buyer), conversation, text="Still there?", at=datetime(2026, 5, 1, tzinfo=UTC))
"""


def python(code: str, environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment, text=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def finish(process: "subprocess.Popen[str]") -> str:
    out, problems = process.communicate(timeout=120)
    assert process.returncode == 0, problems
    return out


@pytest.fixture
def database(tmp_path: Path) -> Any:
    server = running_postgresql()
    address = f"postgresql://{server['USER']}@127.0.0.1:{server['PORT']}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE two_workers")
    environment = {
        **os.environ, "COMITY_DATABASE_URL": f"{address}/two_workers", "COMITY_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "comity.config.settings", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    environment.pop("COMITY_TEST_DATABASE", None)
    yield environment
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE two_workers WITH (FORCE)")


@pytest.mark.postgres
def test_two_workers_and_live_traffic_never_rule_twice(database: dict[str, str]) -> None:
    finish(python("from comity.cli.main import main; main(['migrate'])", database))
    finish(python(PREPARE, database))
    together = [python(TURN, database), python(TURN, database), python(WRITE, database)]
    for process in together:
        finish(process)
    with psycopg.connect(database["COMITY_DATABASE_URL"]) as connection:
        kinds: Counter[str] = Counter(
            dict(connection.execute("SELECT kind, count(*) FROM records_journalline GROUP BY kind").fetchall())
        )
        twice = connection.execute(
            "SELECT body, count(*) FROM records_journalline WHERE kind LIKE 'duty.%' OR kind LIKE 'ledger.%' "
            "GROUP BY party_id, kind, body::jsonb - 'noted_at', body HAVING count(*) > 1"
        ).fetchall()
        charges = connection.execute("SELECT count(*) FROM records_charge").fetchone()
    asked = SELLERS * QUESTIONS
    assert twice == []
    assert kinds["duty.breached"] == kinds["ledger.charged"] == asked
    assert kinds["duty.warned"] == 2 * asked
    assert kinds["deadline.fell"] >= 3 * asked
    assert charges == (asked,)
    checked = python("from comity.cli.main import main; main(['journal', 'verify'])", database)
    assert "nothing changed" in finish(checked)


ORDERS = 40
SELL = f"""
import django; django.setup()
from datetime import datetime, timedelta, UTC
from comity.actions import orders, parties, rulebooks
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.rulebooks.shelf import text_of
at = datetime(2026, 3, 2, 9, tzinfo=UTC)
platform = Actor(parties.platform(at))
rulebooks.publish(platform, text_of("aliexpress"), at=at)
buyer = parties.add(platform, parties.NewParty(role="buyer", name="B"), at=at)
seller = parties.add(platform, parties.NewParty(role="seller", name="S"), at=at)
for number in range({ORDERS}):
    lines = (orders.Line("Lamp", 2, Money(1, "EUR")), orders.Line("Cup", 3, Money(1, "EUR")))
    new = orders.NewOrder(buyer=buyer, seller=seller, lines=lines, handling_hours=72, deliver_by=at + timedelta(days=20))
    made = orders.place(platform, new, at=at)
    orders.pay(platform, made, at=at)
"""
#: Two people at the seller's desk send the same parcels at once; the shop tells of an order that is told elsewhere, too.
SEND = """
import django; django.setup()
from datetime import datetime, timedelta, UTC
from comity.actions import orders, scans, shipments
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.records.models import Order, Party
at = datetime(2026, 3, 3, 9, tzinfo=UTC)
buyer, seller = Party.objects.get(role="buyer"), Party.objects.get(role="seller")
platform = Actor(Party.objects.get(role="platform"))
for order in Order.objects.select_related("buyer", "seller").filter(external_id=None).order_by("pk"):
    parcel = shipments.dispatch(Actor(order.seller), order, shipments.Parcel("post", f"N{order.pk}"), at=at)
    then = at + timedelta(hours=9)
    scans.scan(platform, parcel, scans.Event("delivered", then), noted_at=then)
    once = orders.NewOrder(
        buyer=buyer, seller=seller, title="Once", price=Money(1, "EUR"), handling_hours=1,
        deliver_by=at + timedelta(days=9), external_id=f"shop-{order.pk}",
    )
    orders.place(platform, once, at=at)
"""


@pytest.mark.postgres
def test_two_people_send_the_same_parcels_at_once(database: dict[str, str]) -> None:
    finish(python("from comity.cli.main import main; main(['migrate'])", database))
    finish(python(SELL, database))
    for process in [python(SEND, database), python(SEND, database)]:
        finish(process)
    with psycopg.connect(database["COMITY_DATABASE_URL"]) as connection:

        def count(what: str) -> int:
            ((found,),) = connection.execute(f"SELECT count(*) FROM {what}".encode()).fetchall()
            return int(found)

        assert count("records_shipment") == ORDERS
        assert count("records_shipmentline") == 2 * ORDERS
        assert count("records_order WHERE external_id LIKE 'shop-%'") == ORDERS
        assert count("records_order WHERE delivered_at IS NOT NULL") == ORDERS
        assert count("records_journalline WHERE kind = 'shipment.dispatched'") == ORDERS
        assert count("records_journalline WHERE kind = 'duty.met' AND body LIKE '%dispatch%'") == ORDERS
    checked = python("from comity.cli.main import main; main(['journal', 'verify'])", database)
    assert "nothing changed" in finish(checked)


#: A clock that runs a hundred thousand times as fast, so that deadlines fall while people write. Each process reads it
#: before it waits for the party's lock, as live traffic does.
HURRY = """
import django; django.setup()
import random, sys, time
from datetime import datetime, timedelta, UTC
from comity.actions import clock, messages
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.records.models import Conversation
began, seed, role = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
chance = random.Random(seed)
def now():
    return datetime(2026, 3, 2, 10, tzinfo=UTC) + timedelta(seconds=(time.time() - began) * 100_000)
talks = list(Conversation.objects.select_related("buyer", "seller").filter(seller__name__in=["S0", "S1"]))
written = 0
# On a slow machine, until something was written.
while time.time() < began + (60 if role == "people" and written < 15 else 6):
    if role == "clock":
        clock.turn(now())
        continue
    talk = chance.choice(talks)
    who = talk.buyer if chance.random() < 0.5 else talk.seller
    try:
        messages.send(Actor(who), talk, text="?", at=now())
        written += 1
    except Refused:
        pass
"""
REPLAYED = """
import django; django.setup()
from datetime import datetime, UTC
from comity.actions import clock
from comity.records import journal, rebuild
from comity.records.models import JournalLine, Party
from tests.properties.stories import replayed, ruled
end = datetime(2027, 3, 1, tzinfo=UTC)
clock.turn(end)
for party in Party.objects.filter(standing__chain_seq__gt=0):
    noted = list(JournalLine.objects.filter(party=party).order_by("seq").values_list("noted_at", flat=True))
    assert noted == sorted(noted), "a chain runs backwards"
    assert replayed(party, until=end) == ruled(party), "replay differs"
    assert list(journal.verify(party)) == []
    assert rebuild.at_odds(party) == []
print(JournalLine.objects.filter(kind="message.sent").count(), JournalLine.objects.filter(kind="duty.breached").count())
"""


@pytest.mark.postgres
def test_replay_equals_live_when_many_write_at_once(database: dict[str, str]) -> None:
    finish(python("from comity.cli.main import main; main(['migrate'])", database))
    finish(python(PREPARE, database))
    began = str(time.time() + 4)  # when all have started
    together = [python(HURRY, database, began, str(n), "clock" if n < 2 else "people") for n in range(5)]
    for process in together:
        finish(process)
    sent, breached = map(int, finish(python(REPLAYED, database)).split())
    assert sent >= SELLERS * QUESTIONS + 3 * 15, "else nothing was tried"
    assert breached > 0


#: Events that count for a seller and a buyer, named in either order, while both are told of otherwise.
QUARREL = """
import django; django.setup()
import sys
from datetime import datetime, timedelta, UTC
from comity.actions import facts
from comity.actions.guard import Actor
from comity.records.models import Party
at = datetime(2026, 3, 4, 9, tzinfo=UTC)
platform = Actor(Party.objects.get(role="platform"))
sellers, buyer = list(Party.objects.filter(role="seller").order_by("pk")[:3]), Party.objects.get(name="B")
for number in range(60):
    both = [sellers[number % 3].ref, buyer.ref]
    if int(sys.argv[1]) % 2:
        both.reverse()
    event = {"specversion": "1.0", "source": f"shop-{sys.argv[1]}", "id": str(number), "type": "violation.found",
             "time": (at + timedelta(seconds=number)).isoformat(), "subject": f"conversation:{number}",
             "data": {"party": both, "rule": "harassment", "by": "reviewer"}}
    said = facts.record(platform, event, now=at + timedelta(seconds=number))
    assert said.status == "recorded", said
"""


@pytest.mark.postgres
def test_events_of_two_parties_do_not_wait_for_each_other_for_ever(database: dict[str, str]) -> None:
    finish(python("from comity.cli.main import main; main(['migrate'])", database))
    finish(python(PREPARE, database))
    for process in [python(QUARREL, database, str(number)) for number in range(4)]:
        finish(process)
    with psycopg.connect(database["COMITY_DATABASE_URL"]) as connection:
        noted = connection.execute(
            "SELECT p.role, count(*) FROM records_journalline j JOIN records_party p ON p.id = j.party_id "
            "WHERE j.kind = 'violation.found' GROUP BY p.role"
        ).fetchall()
    assert dict(noted) == {"seller": 4 * 60, "buyer": 4 * 60}
    checked = python("from comity.cli.main import main; main(['journal', 'verify'])", database)
    assert "nothing changed" in finish(checked)
