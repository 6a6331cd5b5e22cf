"""The `comity` command: what it can do, and how it answers when it cannot.

Exit codes: 0 fine, 1 found something, 2 wrong use or something unusable, with a sentence that says what to do.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from comity import __version__

FINE, FOUND, WRONG = 0, 1, 2


class Failure(Exception):
    """A sentence for the person at the terminal: what is wrong and what to do."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command with `arguments` (default: the process's) and return its exit code."""
    options = parser().parse_args(arguments)
    if getattr(options, "data", None):
        os.environ["COMITY_DATA"] = str(options.data)
    try:
        code: int = options.command(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        print(f"comity: {sentence}", file=sys.stderr)
        return WRONG


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(prog="comity", description="A marketplace's customer service, run by its rules.")
    top.add_argument("--version", action="version", version=f"comity {__version__}")
    top.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: COMITY_DATA or ./comity-data)")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, function: str, about: str, under: "argparse._SubParsersAction[argparse.ArgumentParser]" = commands
    ) -> argparse.ArgumentParser:
        made = under.add_parser(name, help=about, description=about)
        made.set_defaults(command=_lazily(function))
        return made

    def group(name: str, about: str) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
        return commands.add_parser(name, help=about, description=about).add_subparsers(required=True, metavar="WHAT")

    demo = add("demo", "serving.demo", "Build a sample marketplace, if there is none yet, and serve it.")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--seed", type=int, default=1)
    demo.add_argument("--fresh", action="store_true", help="build it anew, even if there is one")
    demo.add_argument("--build-only", action="store_true", help="build, print the logins, and stop")
    serve = add("serve", "serving.serve", "Serve pages and API, and turn the clock beside them.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--no-clock", action="store_true", help="leave the clock to `comity worker`")
    worker = add("worker", "serving.worker", "Turn the clock: rule on what falls due. Any number may run at once.")
    worker.add_argument("--once", action="store_true", help="rule on what is due now, and stop")
    worker.add_argument("--json", action="store_true")
    add("migrate", "serving.migrate", "Make the database, or bring an older one up to date.")

    rulebook = group("rulebook", "Check, show and publish rulebooks.")
    check = add("check", "rulebooks.check", "Report every mistake in a rulebook, each with its line.", rulebook)
    check.add_argument("rulebook", metavar="FILE", help="a TOML file, or the name of a rulebook that comes with Comity")
    check.add_argument("--json", action="store_true")
    show = add("show", "rulebooks.show_", "Say in plain words what a rulebook asks for.", rulebook)
    show.add_argument("rulebook", metavar="NAME", help="a name, or a TOML file")
    show.add_argument("--json", action="store_true")
    publish = add("publish", "rulebooks.publish", "Publish a version and tell every seller.", rulebook)
    publish.add_argument("rulebook", metavar="FILE")

    importer = group("import", "Read a marketplace's past as facts.")
    olist = add("olist", "history.import_olist", "Read Olist's tables (Parquet or the published CSV).", importer)
    olist.add_argument("folder", type=Path, metavar="DIR")
    olist.add_argument(
        "--out", type=Path, metavar="FILE", help="where to (default: history/olist.parquet in the data folder)"
    )
    olist.add_argument("--json", action="store_true")
    exporter = group("export", "Write the record for others to read.")
    facts = add(
        "facts", "history.export_facts", "Write all facts, the journal's and imported ones, as Parquet.", exporter
    )
    facts.add_argument("out", type=Path, metavar="OUT.parquet")
    facts.add_argument("--journal-only", action="store_true", help="leave imported histories out")
    facts.add_argument("--json", action="store_true")
    replay = add("replay", "history.replay", "Judge facts of the past under a rulebook.")
    replay.add_argument("facts", type=Path, metavar="FACTS.parquet")
    replay.add_argument(
        "--rulebook", action="append", required=True, metavar="NAME|FILE", help="repeat it for several versions"
    )
    replay.add_argument("--out", type=Path, required=True, metavar="DIR")
    replay.add_argument("--processes", type=int, default=None)
    replay.add_argument("--json", action="store_true")

    journal = group("journal", "The record.")
    verify = add("verify", "journal.verify", "Check every chain: nothing changed, dropped or slipped in.", journal)
    verify.add_argument("--json", action="store_true")

    party = group("party", "Parties.")
    join = add("add", "people.add", "Add a party; with --email, its password is read from standard input.", party)
    join.add_argument("role", choices=("buyer", "seller", "agent"))
    join.add_argument("name")
    join.add_argument("--external-id")
    join.add_argument("--email")
    token = group("token", "Access tokens for programs.")
    make = add("make", "people.token", "Make a token and print it; it is shown this once.", token)
    make.add_argument(
        "party", metavar="UUID", help="the party as whom the program acts; `platform` for the shop itself"
    )
    make.add_argument("--label", required=True)
    make.add_argument("--scope", action="append", required=True, metavar="ACTION")
    return top


def _lazily(function: str) -> Callable[[argparse.Namespace], int]:
    """Return a command that imports its module only when it runs: `comity --help` is quick."""
    module, name = function.split(".")

    def command(options: argparse.Namespace) -> int:
        from importlib import import_module

        found: Callable[[argparse.Namespace], int] = getattr(import_module(f"comity.cli.{module}"), name)
        return found(options)

    return command


def _sentence(error: Exception) -> str | None:
    """Return what to tell the person about an error that is theirs to mend, or None for a mistake of ours."""
    from comity.history.source import BadFile
    from comity.lib.options import BadOption
    from comity.policy.parse import BadRulebook
    from comity.rulebooks import UnknownRulebook

    if isinstance(error, Failure | BadOption | BadFile | UnknownRulebook):
        return str(error)
    if isinstance(error, BadRulebook):
        return "this is no rulebook yet:\n" + "\n".join(f"  {mistake}" for mistake in error.mistakes)
    return _database_sentence(error)


def _database_sentence(error: Exception) -> str | None:
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    from comity.actions.enact import Refused
    from comity.actions.guard import Forbidden

    if isinstance(error, Refused | Forbidden | ImproperlyConfigured):
        return str(error)
    if not isinstance(error, DatabaseError):
        return None
    text = str(error).strip().splitlines()[0]
    if "full" in text:
        return f"the disk is full ({text}); nothing was half-written. Make room and try again"
    if "no such table" in text or "does not exist" in text or "no such column" in text:
        return "the database is missing or of an older version; run: comity migrate"
    return f"the database answered: {text}"
