"""Who started a process and watches over it: when that one is gone, however it ended, the process ends too."""

import os
import signal
import threading
import time
from collections.abc import Mapping

_VARIABLE = "COMITY_WATCHED_BY"


def by_me() -> Mapping[str, str]:
    """Return what is to be in the environment of a process that this one starts and watches over."""
    return {_VARIABLE: str(os.getpid())}


def watcher() -> int:
    """Return who watches over this process.

    It is named by who starts it: who dies before a process has looked for its parent would never be missed.
    """
    return int(os.environ.get(_VARIABLE) or os.getppid())


def is_gone(watcher: int) -> bool:
    """Whether who watches over this process is gone."""
    return os.getppid() != watcher


def end_with(watcher: int, *, grace: float) -> None:
    """End this process once `watcher` is gone: as if told to stop, and `grace` seconds later in any case."""
    threading.Thread(target=_end_with, args=(watcher, grace), daemon=True).start()


def _end_with(watcher: int, grace: float) -> None:
    while not is_gone(watcher):
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace)
    os.kill(os.getpid(), signal.SIGKILL)
