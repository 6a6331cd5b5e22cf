"""Work that goes on until it is told to stop: the clock, the errands."""

import logging
import os
import signal
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

#: Longest pause of a worker whose database does not answer, in seconds.
MAX_BACKOFF_SECONDS = 30


def until_told(step: Callable[[], bool], *, pause: float) -> None:
    """Do `step` again and again until SIGTERM, SIGINT or the parent's end; sleep `pause` seconds unless it says True.

    True means that there is more to do at once. A database that does not answer is asked again, ever more slowly.
    """
    from django.db import DatabaseError, close_old_connections

    stopped: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: stopped.append(number))
    backoff, parent = 1, os.getppid()
    while not stopped and os.getppid() == parent:  # a worker whose server is gone has no one to serve
        try:
            more = step()
            backoff = 1
            if not more:
                _sleep(pause, stopped)
        except DatabaseError as error:
            logger.warning("the database does not answer (%s); trying again in %d s", error, backoff)
            close_old_connections()
            _sleep(backoff, stopped)
            backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)


def _sleep(seconds: float, stopped: list[int]) -> None:
    """Sleep, but wake within a fifth of a second once told to stop."""
    end = time.monotonic() + seconds
    while not stopped and time.monotonic() < end:
        time.sleep(0.2)
