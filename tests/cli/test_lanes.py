"""Lanes of errands, and who watches over processes: what fails is noted and goes on, what dies is begun again."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta

import httpx
import pytest
from django.db import OperationalError

from comity.cli import errands, loops
from comity.cli.errands import Lane
from comity.cli.processes import supervisor
from comity.cli.processes.supervisor import Child
from comity.integrations.calling import Caller, NoAnswer
from comity.lib.within import within
from comity.records.models import ErrandLane


def raising(error: Exception) -> errands.Task:
    def task(now: datetime) -> int:
        raise error

    return task


@pytest.mark.django_db
def test_a_task_that_fails_stops_no_other_and_is_noted() -> None:
    lane = Lane("orders", {"first": raising(ValueError("a\x00b")), "second": lambda now: 3}, 0)
    for number in (1, 2):
        assert lane.run() == {"first": 0, "second": 3}
        lane.note()
        row = ErrandLane.objects.get()
        assert (row.name, row.failures, row.failed_why) == ("orders", number, "first: ValueError: ab")
    lane.tasks = {"second": lambda now: 3}
    lane.run()
    lane.note()
    assert ErrandLane.objects.get().failures == 0


def test_a_database_that_is_away_is_waited_for() -> None:
    with pytest.raises(OperationalError):
        Lane("orders", {"first": raising(OperationalError("away"))}, 0).run()


def test_a_round_that_lasts_too_long_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "STUCK_SECONDS", -1.0)
    seen: list[bool] = []
    lane = Lane("orders", {}, 0)

    def looks(now: datetime) -> int:
        seen.append(lane.is_stuck())
        return 0

    lane.tasks = {"looks": looks}
    assert not lane.is_stuck()
    lane.run()
    assert (seen, lane.is_stuck()) == ([True], False)


@pytest.mark.django_db
def test_every_lane_has_its_tasks() -> None:
    counts = errands.run_all()
    assert {"mails read", "mails sent", "tracking bodies", "webhook lines", "drafts", "old answers forgotten"} <= set(
        counts
    )
    assert set(ErrandLane.objects.values_list("name", flat=True)) == set(errands.LANES)


@pytest.fixture
def dribble() -> Iterator[int]:
    """A server that sends a byte now and then, for ever."""
    over = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer() -> None:
            try:
                with closing(server.accept()[0]) as client:
                    client.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n")
                    while not over.wait(0.05):
                        client.sendall(b"x")
            except OSError:
                return

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join(5)


def test_who_sends_a_byte_now_and_then_holds_nobody(dribble: int) -> None:
    with Caller(seconds=0.5, most=10_000) as caller, pytest.raises(NoAnswer, match="no whole answer within"):
        caller.send(httpx.Request("GET", f"http://127.0.0.1:{dribble}/"))


def test_who_sends_too_much_is_not_listened_to(dribble: int) -> None:
    with Caller(seconds=5, most=3) as caller, pytest.raises(NoAnswer, match="more than 3 bytes"):
        caller.send(httpx.Request("GET", f"http://127.0.0.1:{dribble}/"))


def test_a_socket_is_waited_on_for_so_long_and_no_longer(dribble: int) -> None:
    heard = b""
    # Shut down while a byte is on its way, it may be reset.
    with (
        suppress(ConnectionResetError),
        socket.create_connection(("127.0.0.1", dribble)) as waiting,
        within(0.3, lambda: waiting),
    ):
        while some := waiting.recv(100):
            heard += some
    assert heard.endswith(b"x")


def child(code: str) -> Child:
    return Child("worker", [sys.executable, "-c", code])


def test_who_dies_is_begun_again_ever_later(caplog: pytest.LogCaptureFixture) -> None:
    dying = child("raise SystemExit(3)")
    pauses = []
    now = 1_000.0
    for _ in range(3):
        dying.look(now)
        assert dying.process is not None
        dying.process.wait(20)
        dying.look(now + 1)
        assert not dying.runs
        pauses.append(dying.pause)
        dying.look(now + 1.1)
        assert not dying.runs, "not before it is due"
        now = dying.due
    assert pauses == [2.0, 4.0, 8.0]
    assert "worker ended with code 3" in caplog.text


def test_who_has_lived_for_a_while_is_begun_again_at_once() -> None:
    dying = child("pass")
    dying.look(0.0)
    assert dying.process is not None
    dying.process.wait(20)
    dying.pause = 30.0
    dying.look(supervisor.LIVED + 1)
    assert dying.pause == supervisor.FIRST_PAUSE


def test_who_does_not_stop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.5)
    deaf = child(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    deaf.process = subprocess.Popen(deaf.command, stdout=subprocess.PIPE)
    assert deaf.process.stdout is not None
    assert deaf.process.stdout.readline() == b"deaf\n"
    began = time.monotonic()
    supervisor.end([deaf])
    assert deaf.process.returncode == -signal.SIGKILL
    assert time.monotonic() - began < 20
    deaf.process.stdout.close()


def test_who_began_after_its_watcher_was_gone_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # As where the supervisor is killed while this process still loads.
    monkeypatch.setenv("COMITY_WATCHED_BY", "999999999")
    steps: list[int] = []
    loops.while_not_told(lambda: steps.append(1), pause=0.0)
    assert steps == []


@pytest.mark.django_db
def test_ready_says_how_late_the_work_is(client: object, cast: object) -> None:
    from django.test import Client
    from django.utils import timezone

    from comity.records.models import Standing

    def ready() -> tuple[int, dict[str, object]]:
        answer = Client().get("/ready")
        return answer.status_code, answer.json()

    assert ready() == (
        200,
        {"ready": True, "database": True, "clock_late_seconds": 0, "errands_seen_seconds_ago": None},
    )
    Standing.objects.update(next_due=timezone.now() - timedelta(minutes=6))
    status, said = ready()
    assert (status, said["ready"]) == (503, False)
    Standing.objects.update(next_due=None)
    ErrandLane.objects.create(name="orders", at=timezone.now() - timedelta(minutes=11))
    assert ready()[0] == 503
    ErrandLane.objects.update(at=timezone.now())
    assert ready()[0] == 200
