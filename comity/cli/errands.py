"""comity errands: what takes its time and must not keep the clock or a reader waiting.

Each kind of errand has a lane of its own: one that waits for a server that does not answer keeps no other waiting.
What is tried in it, and again, is `records.errands`; here each task is tried by itself, and how a lane does is noted.
"""

import faulthandler
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import click

from comity.cli import loops, setup, show
from comity.cli.show import FINE
from comity.lib import options as settings

logger = logging.getLogger(__name__)

Task = Callable[[datetime], int]

#: How often the mailbox is opened, and whether there is something to count, in seconds.
FETCH_SECONDS, COUNT_SECONDS = 30.0, 30.0
#: A round that lasts longer is stuck: what it was at is counted as a try (`records.errands`), and all begin anew.
STUCK_SECONDS = 300.0
#: So long may counting take, which is done in a process of its own: what it needs goes back when it ends.
COUNTING_SECONDS = 1_800.0
#: How often a lane notes that it is alive, and how long the lanes have to finish once told to stop.
SEEN_SECONDS, GRACE_SECONDS = 30.0, 5.0
LANES = ("mail-in", "mail-out", "tracking", "webhooks", "refunds", "drafts", "orders", "network", "seal", "counting")


@click.command()
@click.option("--once", is_flag=True, help="Do what is to be done now, and stop.")
@click.option("--lane", "chosen", multiple=True, type=click.Choice(LANES), help="Only this one; repeat for several.")
@show.json_option
def errands(once: bool, chosen: tuple[str, ...], in_json: bool) -> int:
    """Do what takes its time: mail, tracking news, webhooks, lanes, models of answers."""
    setup.django()
    names = chosen or LANES
    if once:
        done = run_all(names)
        if in_json:
            show.as_json(done)
        else:
            print(", ".join(f"{name} {count}" for name, count in done.items()))
        return FINE
    counting = {"counting": Counting("counting", {}, COUNT_SECONDS)}
    return _keep_running([counting.get(name) or Lane(name, _tasks(name), _pause(name)) for name in names])


def run_all(names: tuple[str, ...] = LANES) -> dict[str, int]:
    """Run every errand of these lanes once; return how much each did."""
    counts: dict[str, int] = {}
    for name in names:
        lane = Lane(name, _tasks(name), 0.0)
        counts |= lane.run()
        lane.note()
    return counts


def _tasks(lane: str) -> Mapping[str, Task]:
    match lane:  # what one lane needs, another does not load
        case "mail-in":
            from comity.integrations import mail

            return {"mails read": mail.fetch, "mails read again": mail.take_again}
        case "mail-out":
            from comity.integrations import mail
            from comity.web.trade.mails import write

            return {
                "mails planned": mail.plan,
                "mails sent": mail.send_due,
                "mails about disputes and measures planned": mail.telling.plan,
                "mails about disputes and measures sent": lambda now: mail.telling.send_due(now, write),
            }
        case "tracking":
            from comity.integrations.tracking import news, polls

            return {"parcels asked about": polls.poll, "tracking bodies": news.read_all}
        case "webhooks":
            from comity.integrations import webhooks
            from comity.integrations.transparency import sending as transparency

            return {
                "webhook lines": webhooks.tell_due,
                "statements of reasons made": transparency.plan,
                "statements of reasons sent": transparency.send_due,
            }
        case "refunds":
            from comity.integrations.payments import sending

            return {"refunds sent": sending.send_due}
        case "drafts":
            from comity.integrations import drafting

            return {"drafts": drafting.write_all}
        case "orders":
            from comity.actions import promises
            from comity.actions.disputes import due, keeping
            from comity.actions.excuses import spreading

            return {
                "pauses noted": spreading.spread,
                "disputes": due.look,
                "buyers warned": promises.warn_buyers,
                "told until when evidence stays": keeping.tell_ends,
            }
        case "network":
            from comity.actions.network import forgetting
            from comity.integrations.igm import acting
            from comity.integrations.igm import sending as network

            return {
                "network told": acting.tell,
                "network messages sent": network.send_due,
                "issues forgotten": forgetting.forget_due,
            }
        case "seal":
            from comity.actions.seal import sealing
            from comity.integrations.tlog import stamping

            return {"lines sealed": sealing.seal_due, "heads stamped": stamping.stamp_due}
    from comity.actions import answer_times, answers, lanes
    from comity.identity import repeated

    return {
        "lanes counted": lanes.refresh,
        "marketplace measured": answer_times.measure,
        "models trained": lambda now: answers.learn_all(at=now),
        "models proven": lambda now: answers.prove_all(at=now),
        "old answers forgotten": repeated.forget,
    }


def _pause(lane: str) -> float:
    return FETCH_SECONDS if lane == "mail-in" else settings.number("COMITY_ERRANDS_SECONDS")


@dataclass
class Lane:
    """Tasks of one kind, done one after the other, in a thread of their own; a pause in seconds after each round.

    began      when the round began that goes on; None between rounds
    failures   rounds in a row in which a task failed; `failed_why` of what, the last time
    """

    name: str
    tasks: Mapping[str, Task]
    pause: float
    began: float | None = None
    failures: int = 0
    failed_why: str = ""
    _noted: tuple[float, int] = field(default=(float("-inf"), 0))

    def run(self) -> dict[str, int]:
        """Do each task once; return how much each did. Raises OperationalError where the database is away."""
        self.began, wrong = time.monotonic(), ""
        counts: dict[str, int] = {}
        try:
            for name, task in self.tasks.items():
                counts[name], why = _tried(name, task)
                wrong = why or wrong
        finally:
            self.began = None
        self.failures = self.failures + 1 if wrong else 0
        self.failed_why = wrong or self.failed_why
        return counts

    def note(self) -> None:
        """Note how the lane does: now and then, and where that has changed."""
        from comity.records.models import ErrandLane

        now = time.monotonic()
        at, failures = self._noted
        if now - at < SEEN_SECONDS and failures == self.failures:
            return
        values = {"at": datetime.now(UTC), "failures": self.failures, "failed_why": self.failed_why}
        ErrandLane.objects.update_or_create(name=self.name, defaults=values)
        self._noted = (now, self.failures)

    def go_on(self, stopped: threading.Event) -> None:
        """Do rounds until told to stop."""
        from django.db import connection

        from comity.records.engines import AWAY

        backoff = 1.0
        while not stopped.is_set():
            pause = self.pause
            try:
                self.run()
                self.note()
                backoff = 1.0
            except AWAY as error:
                said = "%s: the database does not answer (%s); trying again in %.0f s"
                logger.warning(said, self.name, error, backoff)
                connection.close()
                pause, backoff = backoff, min(backoff * 2, loops.MAX_BACKOFF_SECONDS)
            stopped.wait(pause)
        connection.close()

    def end(self) -> None:
        """End what goes on outside of this process."""

    def is_stuck(self) -> bool:
        """Whether its round lasts longer than any should."""
        began = self.began
        return began is not None and time.monotonic() - began > STUCK_SECONDS


class Counting(Lane):
    """The lane that counts and learns, in a process of its own, where there is something to count."""

    counting: "subprocess.Popen[bytes] | None" = None

    def run(self) -> dict[str, int]:
        """See whether there is something, and have it done."""
        from comity.actions import answer_times, answers, lanes

        now = datetime.now(UTC)
        if answers.has_to_learn() or lanes.is_due(now) or answer_times.is_due(now):
            command = [sys.executable, "-m", "comity", "errands", "--once", "--lane", self.name]
            self.counting = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            try:
                code = self.counting.wait(COUNTING_SECONDS)
                wrong = f"it ended with code {code}" if code else ""
            except subprocess.TimeoutExpired:
                wrong = f"it took longer than {COUNTING_SECONDS:.0f} s"
            finally:
                self.end()
            if wrong:
                logger.error("%s: %s", self.name, wrong)
            self.failures = self.failures + 1 if wrong else 0
            self.failed_why = wrong or self.failed_why
        return {}

    def end(self) -> None:
        """End the process that counts: it begins anew the next time."""
        if self.counting is not None:
            self.counting.kill()
            self.counting.wait()


def _tried(name: str, task: Task) -> tuple[int, str]:
    """Do a task; return how much it did, and why it failed, or nothing."""
    from comity.records.engines import AWAY

    try:
        count = task(datetime.now(UTC))
    # Waited for by who runs it: every errand would fail alike.
    except AWAY:
        raise
    except Exception as error:  # a mail server that is away, a text that no model takes: the next errand goes on
        logger.error("%s: %s: %s", name, type(error).__name__, error, exc_info=not isinstance(error, OSError))
        return 0, f"{name}: {type(error).__name__}: {error}".replace("\x00", "")[:300]
    if count:
        logger.info("%s: %d", name, count)
    return count, ""


def _keep_running(lanes: list[Lane]) -> int:
    """Run lanes side by side until told to stop. One that is stuck ends all, and whoever watches begins anew."""
    stopped = threading.Event()
    threads = [threading.Thread(target=lane.go_on, args=(stopped,), name=lane.name, daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()

    def watch() -> None:
        # Where one thread holds all others, in the midst of C code, nobody is left to see it but this.
        faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
        for lane, thread in zip(lanes, threads, strict=True):
            if lane.is_stuck() or not thread.is_alive():
                logger.critical("%s does not go on; the errands begin anew", lane.name)
                faulthandler.dump_traceback(all_threads=True)
                os._exit(1)

    loops.while_not_told(watch, pause=5.0)
    stopped.set()
    for lane in lanes:
        lane.end()
    until = time.monotonic() + GRACE_SECONDS
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    faulthandler.cancel_dump_traceback_later()
    return FINE
