"""How commands answer: a progress bar where somebody watches, JSON where a program reads."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def as_json(value: object) -> None:
    """Print `value` as JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told (done, total); it draws a bar on a terminal and is quiet elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def note(text: str) -> None:
    """Say something to the person, never to the program that reads standard output."""
    print(text, file=sys.stderr)
