"""A limit of time for what waits on a socket, by a library that only limits the wait between two bytes."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def within(seconds: float, sock: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shut down what `sock` returns once `seconds` are over: whoever waits on it is told that it has ended."""

    def end() -> None:
        if (waited_on := sock()) is not None:
            with suppress(OSError):
                waited_on.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
