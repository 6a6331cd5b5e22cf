"""Keeps the processes of `comity serve` alive: one that dies is said, and started again; all end together.

`python -m comity.cli.processes.supervisor NAME=ARGUMENT,ARGUMENT …` runs `python -m ARGUMENT ARGUMENT` for each.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.lib import watched

logger = logging.getLogger("comity.serve")

#: Who died is started again after so many seconds, twice as many each time, until it has lived for a while.
FIRST_PAUSE, LONGEST_PAUSE, LIVED = 1.0, 30.0, 60.0
#: For how long everybody has to finish what they are at, once told to stop.
GRACE_SECONDS = 8.0
_TICK = 0.2


@dataclass
class Child:
    """A process that is kept alive: how it is begun, and when it died last."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether it is there, as far as it was looked at."""
        return self.process is not None

    def begin(self, now: float) -> None:
        """Start it."""
        self.process, self.began = subprocess.Popen(self.command, env={**os.environ, **watched.by_me()}), now

    def look(self, now: float) -> None:
        """Start it where it is due; where it has died, say so and set when it is due."""
        if self.process is None:
            if now >= self.due:
                self.begin(now)
            return
        if (code := self.process.poll()) is None:
            return
        self.pause = FIRST_PAUSE if now - self.began > LIVED else min(self.pause * 2, LONGEST_PAUSE)
        logger.error("%s ended with %s; it is started again in %.0f s", self.name, _ending(code), self.pause)
        self.process, self.due = None, now + self.pause


def keep(children: Sequence[Child], *, told_to_stop: Callable[[], bool]) -> None:
    """Keep processes alive until told to stop; then end them, within GRACE_SECONDS."""
    try:
        while not told_to_stop():
            for child in children:
                child.look(time.monotonic())
            time.sleep(_TICK)
    finally:
        end(children)


def end(children: Sequence[Child]) -> None:
    """Tell everybody to stop, and stop who does not. What was begun is a transaction: done whole, or not at all."""
    running = [child for child in children if child.process is not None and child.process.poll() is None]
    for child in running:
        assert child.process is not None
        child.process.terminate()
    until = time.monotonic() + GRACE_SECONDS
    for child in running:
        assert child.process is not None
        try:
            child.process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.warning("%s does not stop; it is stopped", child.name)
            child.process.kill()
            child.process.wait()


def _ending(code: int) -> str:
    return f"code {code}" if code >= 0 else signal.Signals(-code).name


def main(told: Sequence[str]) -> None:
    """Keep the processes that are told alive until SIGTERM or SIGINT."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stopped.append(number))
    children = []
    for each in told:
        name, _, arguments = each.partition("=")
        children.append(Child(name, [sys.executable, "-m", *arguments.split(",")]))
    keep(children, told_to_stop=lambda: bool(stopped))


if __name__ == "__main__":
    main(sys.argv[1:])
