"""A marketplace lived by processes of their own: its people, and the clocks that run beside them.

Each process is a fork of one that has loaded everything and holds no connection (`start` begins it). The product's own
settings hold there, but for the database, which is named to each.
"""

import os
import signal
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.forkserver import ensure_running, set_forkserver_preload
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import django
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections

if not apps.ready:
    django.setup()

from comity.actions import clock, rulebooks
from comity.demo import simulation
from comity.demo.people import Scale
from comity.records import journal, rebuild, statements
from comity.records.models import JournalLine, Party
from tests.properties.stories import replayed, ruled

SCALE = Scale(sellers=4, buyers=8, orders=30, days=30)
END = datetime(2026, 11, 1, 12, tzinfo=UTC)
MIDDLE = END - timedelta(days=SCALE.days // 2)
#: So far are clocks ahead of people: what these do between is noted late.
AHEAD = timedelta(hours=12)
PROCESSES = get_context("forkserver")
#: How long a process is waited for.
SECONDS = 60
Database = dict[str, Any]


def start() -> None:
    """Load everything once, by the product's own settings."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DJANGO_SETTINGS_MODULE", "comity.config.settings")
        set_forkserver_preload([__name__])
        ensure_running()


class Day:
    """The simulated time. Whoever waits for it is woken as often as days are over."""

    def __init__(self) -> None:
        # Without a lock of its own: who is killed would never give it back.
        self._seconds = PROCESSES.RawValue("q", 0)
        self._over = PROCESSES.Semaphore(0)

    def begin(self, now: datetime) -> None:
        self._seconds.value = int(now.timestamp())
        self._over.release()

    def wait(self) -> datetime:
        self._over.acquire()
        return datetime.fromtimestamp(self._seconds.value, UTC)


class Working:
    """A process that does `work` on a database."""

    def __init__(self, work: Callable[..., Any], database: Database, *arguments: Any):
        self._answer, theirs = PROCESSES.Pipe(duplex=False)
        self.process = PROCESSES.Process(target=_work, args=(theirs, work, database, arguments), daemon=True)
        self.process.start()
        theirs.close()

    def result(self) -> Any:
        """Return what `work` returned."""
        assert self._answer.poll(SECONDS), "it hangs"
        answer, problem = self._answer.recv()
        assert not problem, problem
        self.process.join()
        return answer

    def was_killed(self) -> bool:
        """Wait for the end, and return whether it was killed."""
        self.process.join(SECONDS)
        return self.process.exitcode == -signal.SIGKILL


def _work(answer: Any, work: Callable[..., Any], database: Database, arguments: tuple[Any, ...]) -> None:
    connections.settings["default"] = connections.configure_settings({"default": database})["default"]
    for _ in connections.all(initialized_only=True):  # loaded, and never opened
        del connections["default"]
    try:
        done = work(*arguments), ""
    except Exception:
        done = None, traceback.format_exc()
    connections.close_all()
    answer.send(done)


# What processes do


def migrate() -> None:
    """Make the tables."""
    call_command("migrate", verbosity=0)


def people(seed: int, rulebook: str, doomed: Day, other: Day, restarted: Any) -> None:
    """Live the simulation, each action in a transaction of its own. Clocks are told when a day is over.

    From the middle on, until one is killed, the other is told of no day: so there is something to rule on for the one.
    """

    def over(now: datetime) -> None:
        ahead = min(now + AHEAD, END)
        doomed.begin(ahead)
        if now == END:
            restarted.wait(SECONDS)
        if now < MIDDLE or restarted.is_set():
            other.begin(ahead)

    with (
        patch.object(simulation, "transaction", SimpleNamespace(atomic=nullcontext)),
        patch.object(clock, "turn", over),
        patch.object(simulation._Life, "_teach", lambda life: None),
        # That shipped rulebooks may be published is shown elsewhere, and takes longest.
        patch.object(rulebooks, "_unready", lambda text: ()),
    ):
        try:
            simulation.build(seed=seed, end=END, scale=SCALE, rulebook=rulebook)
        finally:
            over(END)


def turn_the_clock(day: Day) -> None:
    """Rule on what has fallen due, day after day."""
    while (now := day.wait()) != END:
        clock.turn(now)
    clock.turn(END)


def turn_the_clock_and_die(day: Day) -> None:
    """Rule on what has fallen due; from the middle on, be killed with all of it written but one party's standing.

    Where nothing falls due any more, at the end.
    """
    write = statements.save_standing

    def write_or_die(standing: Any) -> None:
        if standing.noted_at >= MIDDLE:
            os.kill(os.getpid(), signal.SIGKILL)
        write(standing)

    with patch.object(statements, "save_standing", write_or_die):
        turn_the_clock(day)
    os.kill(os.getpid(), signal.SIGKILL)


def judge() -> list[str]:
    """Return what does not hold, and that nothing happened where no moment has passed."""
    wrong = [] if JournalLine.objects.filter(kind="deadline.fell").exists() else ["no moment passed"]
    for party in Party.objects.filter(standing__chain_seq__gt=0):
        if replayed(party, until=END) != ruled(party):
            wrong.append(f"{party.ref}: replay differs")
        wrong += [f"{party.ref}: {found}" for found in (*rebuild.at_odds(party), *journal.verify(party))]
    return wrong
