"""A process that ends with the one that began it, however that one ends."""

import os
import signal
import threading
import time

#: How often it is looked whether the other is still there.
_EVERY_SECONDS = 1.0


def end_with(parent: int) -> None:
    """Have this process stop, as if told to, once it is no child of `parent` any more."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
