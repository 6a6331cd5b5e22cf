"""`comity live`: what is noted on PostgreSQL reaches open pages at once; on SQLite the command says what to do."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.server import free_port, running_postgresql

ROOT = Path(__file__).resolve().parents[2]

#: Two conversations; tickets for the first of them, and for its seller's inbox.
PREPARE = """
import django; django.setup()
from django.core import signing
from django.core.management import call_command
call_command("migrate", verbosity=0)
from comity.web.common.live import SALT
from tests.cast import assemble
cast = assemble()
mine, other = cast.conversation(), cast.conversation()
print(signing.dumps([mine.ref], salt=SALT), signing.dumps([f"party:{cast.seller.pk}"], salt=SALT), mine.uuid, other.uuid)
"""
WRITE = """
import sys, django; django.setup()
from datetime import datetime, UTC
from comity.actions import messages
from comity.actions.guard import Actor
from comity.records.models import Conversation
for uuid in sys.argv[1:]:
    found = Conversation.objects.select_related("buyer", "seller").get(uuid=uuid)
    messages.send(Actor(found.buyer), found, text="Where is it?", at=datetime(2026, 3, 3, tzinfo=UTC))
"""


def python(environment: dict[str, str], code: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, cwd=ROOT, text=True, check=True, timeout=120,
        stdout=subprocess.PIPE,
    ).stdout  # fmt: skip


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    server = running_postgresql()
    address = f"postgresql://{server['USER']}@127.0.0.1:{server['PORT']}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE live_pages")
    kept = {name: value for name, value in os.environ.items() if name != "COMITY_TEST_DATABASE"}
    yield kept | {
        "COMITY_DATABASE_URL": f"{address}/live_pages", "COMITY_DATA": str(tmp_path), "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "comity.config.settings", "COMITY_LIVE_URL": "/live",
    }  # fmt: skip
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE live_pages WITH (FORCE)")


@pytest.fixture
def address(environment: dict[str, str]) -> Iterator[str]:
    """Where `comity live` answers."""
    port = free_port()
    command = [sys.executable, "-m", "comity", "live", "--port", str(port)]
    tickets = python(environment, PREPARE)
    environment["TICKETS"] = tickets
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        found, deadline = f"http://127.0.0.1:{port}/events", time.monotonic() + 30
        while True:
            try:
                assert httpx.get(found, params={"ticket": "made up"}, trust_env=False).status_code == 403
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, "it does not answer"
                time.sleep(0.1)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.postgres
def test_what_is_noted_reaches_open_pages(environment: dict[str, str], address: str) -> None:
    talk_ticket, inbox_ticket, mine, other = environment["TICKETS"].split()
    with (
        httpx.Client(timeout=30, trust_env=False) as client,
        client.stream("GET", address, params={"ticket": talk_ticket}) as talk,
        client.stream("GET", address, params={"ticket": inbox_ticket}) as inbox,
    ):
        assert talk.headers["content-type"] == "text/event-stream"
        talking, coming = talk.iter_lines(), inbox.iter_lines()
        # Whoever listens before the database does is told once to look again; from then on, of what is noted.
        assert ": here" in (next(talking), next(talking))
        python(environment, WRITE, other)
        assert "event: changed" in coming, "the seller's inbox hears of every conversation"
        python(environment, WRITE, mine)
        assert "event: changed" in talking
        assert "event: changed" in coming


@pytest.mark.once
def test_on_sqlite_it_says_what_to_do(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "COMITY_DATABASE_URL"} | {"PYTHONPATH": str(ROOT)}
    said = subprocess.run(
        [sys.executable, "-m", "comity", "--data", str(tmp_path), "live"], env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert said.returncode == 2
    assert "needs PostgreSQL" in said.stderr
