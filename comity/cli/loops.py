"""Work that goes on until it is told to stop: the clock, the errands."""

import faulthandler
import logging
import signal
import time
from collections.abc import Callable

from comity.lib import watched

logger = logging.getLogger(__name__)

#: Longest pause of a worker whose database does not answer, in seconds.
MAX_BACKOFF_SECONDS = 30
#: A step that lasts longer is stuck: the process ends, and whoever watches starts it again.
STUCK_SECONDS = 600.0


def until_told(step: Callable[[], bool], *, pause: float) -> None:
    """Do `step` again and again until SIGTERM, SIGINT or the parent's end; sleep `pause` seconds unless it says True.

    True means that there is more to do at once. A database that does not answer is asked again, ever more slowly.
    What a step fails of otherwise is logged, and the next one is tried after a pause.
    """
    from django.db import close_old_connections

    from comity.records.engines import AWAY

    backoff = 1

    def tried() -> float:
        nonlocal backoff
        faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
        try:
            more = step()
        except AWAY as error:
            logger.warning("the database does not answer (%s); trying again in %d s", error, backoff)
            close_old_connections()
            waits, backoff = backoff, min(backoff * 2, MAX_BACKOFF_SECONDS)
            return waits
        except Exception:
            logger.exception("a step failed; the next one is tried in %d s", MAX_BACKOFF_SECONDS)
            return MAX_BACKOFF_SECONDS
        backoff = 1
        return 0 if more else pause

    _while_not_told(tried)
    faulthandler.cancel_dump_traceback_later()


def while_not_told(step: Callable[[], None], *, pause: float) -> None:
    """Do `step` every `pause` seconds until SIGTERM, SIGINT or the parent's end."""

    def then() -> float:
        step()
        return pause

    _while_not_told(then)


def _while_not_told(step: Callable[[], float]) -> None:
    """Do `step` until told to stop, and sleep after each as long as it says."""
    stopped: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: stopped.append(number))
    watcher = watched.watcher()
    while not stopped and not watched.is_gone(watcher):  # a worker whose server is gone has no one to serve
        _sleep(step(), stopped)


def _sleep(seconds: float, stopped: list[int]) -> None:
    """Sleep, but wake within a fifth of a second once told to stop."""
    end = time.monotonic() + seconds
    while not stopped and time.monotonic() < end:
        time.sleep(0.2)
