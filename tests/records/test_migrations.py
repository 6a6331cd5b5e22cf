"""Migrations: a database of before 0.1.0 goes on as it is, and nothing that the database does by itself is forgotten."""

import os
import re
import sqlite3
import subprocess
import sys
from importlib import import_module
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from comity.actions import messages
from comity.actions.excuses import verbs
from comity.records.migrations import _by_engine as by_engine
from comity.records.models import Excuse, Finding, JournalLine, Message, Sanction
from tests.cast import Cast, hours, tell

ROOT = Path(__file__).resolve().parents[2]
DUMP = Path(__file__).with_name("before_0_1_0.sql")
EVERYTHING = import_module("comity.records.migrations.0001_everything")
BEFORE: list[str] = EVERYTHING.GONE


def comity(data: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"COMITY_DATA": str(data), "COMITY_DATABASE_URL": "", "PYTHONPATH": str(ROOT)}
    environment["DJANGO_SETTINGS_MODULE"] = "comity.config.settings"
    return subprocess.run(
        [sys.executable, "-m", *arguments], env=environment, text=True, capture_output=True, cwd=data, timeout=120,
        check=False,
    )  # fmt: skip


@pytest.fixture
def old(tmp_path: Path) -> sqlite3.Connection:
    """An SQLite database as the fourteen migrations of before 0.1.0 made it: a question and its answer."""
    database = sqlite3.connect(tmp_path / "comity.sqlite3")
    database.executescript(DUMP.read_text("utf-8"))
    return database


def tables(database: sqlite3.Connection) -> dict[str, object]:
    """Each table's columns and each index, whatever the order and the names of indexes that Django makes up."""
    made: dict[str, object] = {}
    for name, kind, sql in database.execute("SELECT name, type, sql FROM sqlite_master WHERE name LIKE 'records_%'"):
        if kind == "table":
            made[name] = sorted(column[1:] for column in database.execute(f"PRAGMA table_info({name})"))
            made[f"{name}, keys"] = sorted(key[2:] for key in database.execute(f"PRAGMA foreign_key_list({name})"))
            made[f"{name}, checks"] = sorted(check.rstrip(")") for check in re.findall(r"CHECK \(([^,]+)\)", sql))
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'records_%'"):
        made[f"{table}, indexes"] = sorted(
            (unique, partial, *(column for _, _, column in database.execute(f"PRAGMA index_info({index})")))
            for _, index, unique, _, partial in database.execute(f"PRAGMA index_list({table})")
        )
    return made


def applied(database: sqlite3.Connection) -> set[str]:
    return {name for (name,) in database.execute("SELECT name FROM django_migrations WHERE app = 'records'")}


@pytest.mark.once
def test_a_database_of_before_is_brought_up_to_date(old: sqlite3.Connection, tmp_path: Path) -> None:
    assert applied(old) == set(BEFORE)
    old.execute(
        "INSERT INTO records_carrieroutage (uuid, carrier, begins, ends, evidence, recorded_by_id, recorded_at)"
        " SELECT ?, 'YunExpress', '2026-01-02', '2026-01-03', 'its own page', min(id), '2026-01-02' FROM records_party",
        [UUID(int=7).hex],
    )
    old.commit()
    told = comity(tmp_path, "comity", "migrate")
    assert (told.returncode, told.stderr) == (0, "")
    assert set(EVERYTHING.STEPS) <= applied(old)
    said = [text for (text,) in old.execute("SELECT text FROM records_message ORDER BY at")]
    assert said == ["Where is my lamp?", "It left today."]
    assert comity(tmp_path, "comity", "journal", "verify").returncode == 0
    waiting = comity(tmp_path, "django", "migrate", "--check")
    assert waiting.returncode == 0, waiting.stdout
    found = old.execute("SELECT rowid FROM message_words WHERE message_words MATCH 'lamp'").fetchall()
    assert len(found) == 1, "full-text search is kept"
    pauses = old.execute("SELECT uuid, cause, carrier, party_id, matter, ended_as, spread_at FROM records_excuse")
    assert pauses.fetchall() == [(UUID(int=7).hex, "carrier_outage", "YunExpress", None, "", "", None)]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        old.execute("DELETE FROM records_journalline")
    (tmp_path / "new").mkdir()
    assert comity(tmp_path / "new", "comity", "migrate").returncode == 0
    new = sqlite3.connect(tmp_path / "new" / "comity.sqlite3")
    assert tables(new) == tables(old), "made at once they are as they are after all steps"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="in SQLite tables are not changed within a transaction")
def test_an_outage_of_before_is_a_pause_that_can_be_ended(cast: Cast) -> None:
    """Back to when outages of carriers had a table of their own, one is recorded, and forth."""
    connection.check_constraints()
    MigrationExecutor(connection).migrate([("records", "0027_seal")])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_carrieroutage (uuid, carrier, begins, ends, evidence, recorded_by_id, recorded_at)"
            " VALUES (%s, 'YunExpress', %s, %s, 'its own page', %s, %s)",
            [UUID(int=7).hex, hours(1), hours(9), cast.ken.party.pk, hours(2)],
        )
    connection.check_constraints()
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    row = Excuse.objects.get()
    assert (row.uuid, row.cause, row.carrier, row.ref) == (
        UUID(int=7), "carrier_outage", "YunExpress", f"outage:{UUID(int=7)}",
    )  # fmt: skip
    assert (row.party, row.matter, row.places, row.ended_as, row.spread_at) == (None, "", "", "", None)
    assert verbs.end(cast.ken, row, at=hours(3)).ends == hours(3)
    assert by_engine.missing(connection) == []


@pytest.mark.once
def test_a_database_that_has_some_of_it_is_told_how_to_go_on(old: sqlite3.Connection, tmp_path: Path) -> None:
    old.execute("DELETE FROM django_migrations WHERE app = 'records' AND name > '0012'")
    old.commit()
    for command in ("migrate", "worker"):
        told = comity(tmp_path, "comity", command)
        assert told.returncode == 2
        assert "stopped halfway before version 0.1.0" in told.stderr


def test_what_was_applied_before_counts_on_this_engine(cast: Cast) -> None:
    messages.send(cast.ana, cast.conversation(), text="Where is my lamp?", at=hours(1))
    lines = JournalLine.objects.count()
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("records", "0001_everything")
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    executor.check_replacements()
    assert ("records", "0001_everything") in recorder.applied_migrations()
    assert (Message.objects.count(), JournalLine.objects.count()) == (1, lines)


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


@pytest.mark.django_db
def test_no_migration_lost_what_the_database_does_by_itself() -> None:
    assert by_engine.missing(connection) == []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE records_pause DISABLE TRIGGER records_pause_append_only")
            cursor.execute("DROP TRIGGER records_journalline_append_only ON records_journalline")
            lost = ["records_journalline_append_only", "records_pause_append_only"]
            assert by_engine.missing(connection) == lost
            return
        cursor.execute("DROP TRIGGER records_pause_no_delete")
        cursor.execute("DROP TRIGGER records_journalline_no_update")
        cursor.execute(
            "CREATE TRIGGER records_journalline_no_update BEFORE UPDATE ON records_journalline BEGIN SELECT 1; END"
        )
        assert by_engine.missing(connection) == ["records_journalline_no_update", "records_pause_no_delete"]


def test_what_only_the_journal_held_is_taken_up(cast: Cast) -> None:
    tell(cast, "violation.found", "listing:1", hours(1), rule="image theft", by="reviewer")
    tell(cast, "violation.found", "listing:2", hours(2), rule="image theft", by="reviewer")
    first = Finding.objects.get(matter="listing:1")
    tell(cast, "violation.cleared", "listing:1", hours(3), of=first.found_by)
    rows = Finding.objects.order_by("key").values()
    kept = [{name: value for name, value in row.items() if name != "id"} for row in rows]
    assert {row["matter"]: row["overturned_at"] for row in kept} == {"listing:1": hours(3), "listing:2": None}
    Finding.objects.all().delete()
    import_module("comity.records.migrations.0002_lives").take_up_findings(apps, None)
    assert [{name: value for name, value in row.items() if name != "id"} for row in rows.all()] == kept


def test_a_ledger_gets_its_kind_and_loses_it_again(cast: Cast) -> None:
    tell(cast, "violation.found", "listing:1", hours(1), rule="serious infringement", by="reviewer")
    lives = import_module("comity.records.migrations.0002_lives")
    (origin,) = set(Sanction.objects.values_list("origin", flat=True))
    lives.forget_kinds(apps, None)
    assert set(Sanction.objects.values_list("origin", flat=True)) == {origin.removeprefix("ledger:")}
    lives.name_origins(apps, None)
    assert set(Sanction.objects.values_list("origin", flat=True)) == {origin}


#: A marketplace as a version before kept it, where of two sellers' rows under one key one was lost, and where an order and a
#: conversation of which the shop alone told had no rows.
LOST = """
import sys
import django; django.setup()
from datetime import datetime, timedelta, UTC
from django.db import transaction
from comity.actions import facts
from comity.actions.guard import Actor
from comity.demo import simulation
from comity.demo.people import Scale
from comity.records.models import (
    Charge, Conversation, Message, Order, OrderLine, Party, Rating, Sanction, Scan, Shipment, ShipmentLine,
)
def tell(seller, number, kind, subject, **data):
    data = {"party": seller.ref, **data}
    event = {"specversion": "1.0", "id": f"{number}", "source": "shop", "type": kind, "subject": subject, "data": data}
    said = facts.record(Actor(Party.objects.get(role="platform")), event | {"time": now.isoformat()}, now=now)
    assert said.status == "recorded", said
now = datetime(2026, 11, 1, 13, tzinfo=UTC)
with transaction.atomic():
    scale = Scale(sellers=6, buyers=20, orders=120, days=60)
    simulation.build(seed=7, end=datetime(2026, 11, 1, 12, tzinfo=UTC), scale=scale, rulebook=sys.argv[1])
    seller = Party.objects.filter(role="seller").first()
    tell(seller, 1, "order.placed", "order:900", buyer="buyer:buyer-1", amount=5, currency="EUR")
    tell(seller, 2, "order.paid", "order:900")
    tell(seller, 3, "shipment.dispatched", "shipment:900-1", matter="order:900", tracked=False)
    tell(seller, 4, "order.cancelled", "order:901")
    tell(seller, 5, "message.sent", "conversation:c1", by="buyer", automatic=False)
    Conversation.objects.filter(named_by_shop=True).update(last_message=None)
    Message.objects.filter(conversation__named_by_shop=True).delete()
    Conversation.objects.filter(named_by_shop=True).delete()
    for model in (ShipmentLine, Scan):
        model.objects.filter(shipment__order__named_by_shop=True).delete()
    for model in (Shipment, OrderLine):
        model.objects.filter(order__named_by_shop=True).delete()
    Order.objects.filter(named_by_shop=True).delete()
    lost = 0
    for model in (Charge, Rating, Sanction):
        seen = {}
        for row in model.objects.order_by("pk"):
            if row.key in seen:
                lost += row.delete()[0]
            seen[row.key] = row
print(lost)
"""


@pytest.mark.once
def test_rows_that_two_sellers_shared_are_made_anew(tmp_path: Path) -> None:
    assert comity(tmp_path, "comity", "migrate").returncode == 0
    built = comity(tmp_path, "tests.script", LOST, "ebay")
    assert int(built.stdout) > 0, "two sellers were evaluated at the same moment"
    assert comity(tmp_path, "comity", "journal", "verify").returncode == 1
    database = sqlite3.connect(tmp_path / "comity.sqlite3")
    chains = database.execute("SELECT chain_hash FROM records_standing").fetchall()
    # As a migration does that cannot keep rows.
    database.execute(f"CREATE TABLE {by_engine.ASKED_FOR_ROWS} (asked integer)")
    database.commit()
    again = comity(tmp_path, "comity", "migrate")
    assert "made anew" in again.stderr
    assert comity(tmp_path, "comity", "journal", "verify").returncode == 0
    assert database.execute("SELECT chain_hash FROM records_standing").fetchall() == chains
    seen = "external_id, amount, paid_at IS NULL, sent_at IS NULL, cancelled_at IS NULL"
    orders = database.execute(f"SELECT {seen} FROM records_order WHERE named_by_shop ORDER BY external_id")
    assert orders.fetchall() == [("900", 5, 0, 0, 1), ("901", 0, 1, 1, 0)]
    (turn,) = database.execute("SELECT turn FROM records_conversation WHERE named_by_shop").fetchall()
    assert turn == ("seller",)
