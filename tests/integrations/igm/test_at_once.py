"""Two that write at the same moment, on the engine where they can."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.server import running_postgresql

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    server = running_postgresql()
    address = f"postgresql://{server['USER']}@127.0.0.1:{server['PORT']}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE igm_at_once")
    kept = {name: value for name, value in os.environ.items() if name != "COMITY_TEST_DATABASE"}
    yield kept | {
        "COMITY_DATABASE_URL": f"{address}/igm_at_once", "COMITY_DATA": str(tmp_path), "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "comity.config.settings",
    }  # fmt: skip
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE igm_at_once WITH (FORCE)")


@pytest.mark.postgres
def test_what_comes_at_once_is_done_once_and_none_of_it_is_lost(environment: dict[str, str]) -> None:
    script = [sys.executable, "-m", "tests.integrations.igm.at_once"]
    done = subprocess.run(script, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3_000:]
