"""How commands answer: exit codes, a progress bar where somebody watches, JSON where a program reads."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

FINE, FOUND, WRONG, INTERRUPTED = 0, 1, 2, 130


class Failure(Exception):
    """A sentence for the person at the terminal: what is wrong and what to do."""


class OneOf(click.ParamType[str]):
    """One of a list that is imported only when somebody uses it or asks for help: "module.NAME" within comity."""

    name = "choice"

    def __init__(self, place: str):
        self.module, _, self.attribute = place.rpartition(".")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value, or fail naming all that there are."""
        return self._choice().convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Return how help shows it: [easypost|aftership|…]."""
        return self._choice().get_metavar(param, ctx)

    def _choice(self) -> "click.Choice[str]":
        return click.Choice(list(getattr(import_module(f"comity.{self.module}"), self.attribute)))


#: For commands that answer programs, too.
json_option = click.option("--json", "in_json", is_flag=True, help="Answer in JSON.")


def many(number: int, one: str, several: str = "") -> str:
    """Return a number of things: "1 ledger", "2,000 ledgers"; `several` where an s is not enough: "duties"."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def as_json(value: object) -> None:
    """Print `value` as JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told (done, total); it draws a bar on a terminal and is quiet elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    # On standard error, so that standard output stays a program's to read.
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
