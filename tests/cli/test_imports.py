"""`comity import facts`, as an operator uses it: with what is not a file of facts, twice, and cut off in the middle."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.history import source
from comity.lib.moments import UTC, to_text
from comity.policy.facts import Fact
from tests.cli.test_cli import ROOT, comity

SINCE = datetime(2026, 2, 1, tzinfo=UTC)


def past(sellers: int, orders: int) -> Iterator[Fact]:
    """Orders of which every third was never sent."""
    for number in range(sellers * orders):
        at = SINCE + timedelta(minutes=number)
        seller, parcel = f"seller:{number % sellers}", f"shipment:{number}"
        yield fact("order.paid", f"order:{number}", number, seller, at, dispatch_by=to_text(at + timedelta(days=3)))
        if number % 3:
            yield fact("shipment.dispatched", parcel, number, seller, at + timedelta(hours=9), tracked=True)
            yield fact("shipment.delivered", parcel, number, seller, at + timedelta(hours=9))


def fact(kind: str, subject: str, order: int, seller: str, at: datetime, **data: str | bool) -> Fact:
    return Fact(
        id=f"{kind}:{order}", kind=kind, at=at, noted_at=at, subject=subject, matter=f"order:{order}", party=seller,
        data=dict(data),
    )  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a rulebook, made once."""
    folder = tmp_path_factory.mktemp("installed")
    assert comity("migrate", data=folder).returncode == 0
    assert comity("rulebook", "publish", "aliexpress", data=folder).returncode == 0
    return folder


@pytest.fixture
def ready(installed: Path, tmp_path: Path) -> Path:
    """An installation with a rulebook."""
    shutil.copytree(installed, tmp_path, dirs_exist_ok=True)
    return tmp_path


def told(data: Path, *arguments: str) -> dict[str, Any]:
    done = comity("import", "facts", *arguments, "--json", data=data)
    assert done.returncode in (0, 1), done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_what_cannot_be_read_is_said_in_a_sentence(ready: Path) -> None:
    files = {
        "none.parquet": None, "empty.ndjson": b"", "list.json": b'[{"id": 1}]', "table.csv": b"id,kind\n1,order.paid\n",
        "packed.gz": b"\x1f\x8b\x08\x00", "cut.parquet": b"PAR1 and no more", "a folder": None,
    }  # fmt: skip
    says = {
        "none.parquet": "there is no file", "empty.ndjson": "is empty", "list.json": "jq -c", "table.csv": "neither",
        "packed.gz": "gunzip", "cut.parquet": "is not a Parquet file", "a folder": "directory",
    }  # fmt: skip
    (ready / "a folder").mkdir()
    for name, content in files.items():
        if content is not None:
            (ready / name).write_bytes(content)
        done = comity("import", "facts", name, data=ready)
        assert done.returncode == 2
        assert says[name] in done.stderr
        assert "Traceback" not in done.stderr


def test_a_past_is_imported_looked_at_and_known_again(ready: Path) -> None:
    source.write(ready / "past.parquet", past(2, 30))
    (ready / "late.ndjson").write_text('{"specversion": "1.0"}\nno JSON\n')
    looked = comity("import", "facts", "past.parquet", "--check", data=ready)
    assert looked.stdout == "140 facts of 2 parties can be taken\n"
    first = comity("import", "facts", "past.parquet", data=ready)
    assert first.returncode == 0, first.stderr
    assert "140 facts recorded, 0 known before\n2 parties with facts; 2 sellers made\n" in first.stdout
    again = told(ready, "past.parquet")
    assert (again["recorded"], again["known"], again["parties_made"]) == (0, 140, {})
    bad = comity("import", "facts", "late.ndjson", data=ready)
    assert bad.returncode == 1
    assert "refused, line 2: not JSON" in bad.stdout
    exported = comity("export", "facts", "out.parquet", "--journal-only", data=ready)
    assert exported.returncode == 0
    home = told(ready, "out.parquet")
    assert (home["recorded"], home["known"], home["left_out"]) == (0, 140, {"history.imported": 2})
    for check in (("journal", "verify"), ("rebuild", "--check")):
        assert comity(*check, data=ready).returncode == 0


def test_an_import_that_was_cut_off_goes_on(ready: Path) -> None:
    """kill -9 in the middle; started again, everything is there, and nothing twice."""
    source.write(ready / "past.parquet", past(6, 250))
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment |= {"COMITY_DATA": str(ready), "COMITY_DATABASE_URL": "", "PYTHONPATH": str(ROOT)}
    environment.pop("COMITY_TEST_DATABASE", None)
    running = subprocess.Popen(
        [sys.executable, "-m", "comity", "import", "facts", "past.parquet"], cwd=ready, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while running.poll() is None and not recorded(ready):
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    before = recorded(ready)
    assert 0 < before < 3_500, "it was not cut off in the middle"
    answer = told(ready, "past.parquet")
    assert (answer["recorded"], answer["known"]) == (3_500 - before, before)
    assert recorded(ready) == 3_500
    for check in (("journal", "verify"), ("rebuild", "--check")):
        assert comity(*check, data=ready).returncode == 0


def recorded(data: Path) -> int:
    """How many facts the database holds, but those that say that there was an import."""
    with sqlite3.connect(data / "comity.sqlite3") as database:
        ((count,),) = database.execute(
            "SELECT count(*) FROM records_journalline WHERE fact_id IS NOT NULL AND kind <> 'history.imported'"
        )
    return int(count)
