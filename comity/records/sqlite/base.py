"""SQLite whose writers within a process wait for each other on a lock, and not by asking again and again.

SQLite has one writer at a time. Who finds it busy sleeps, ever longer, up to a tenth of a second, and may be overtaken
by who came later. Threads of one process can be woken instead; processes among each other still ask.
"""

import os
import threading
from typing import Any

from django.db.backends.sqlite3 import base

_one_writer = threading.Lock()
#: After that the database itself is asked, which waits as long as it was told to.
LONGEST_SECONDS = 20.0


def _begin_anew() -> None:
    global _one_writer
    _one_writer = threading.Lock()


# Whoever had the turn is not there in a process that was forked meanwhile.
os.register_at_fork(after_in_child=_begin_anew)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that holds the process's turn to write while it is in a transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False

    def _start_transaction_under_autocommit(self) -> None:
        self._has_turn = _one_writer.acquire(timeout=LONGEST_SECONDS)
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _one_writer.release()
