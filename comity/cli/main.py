"""The `comity` command: what it can do, and how it answers when it cannot.

Exit codes: 0 fine, 1 found something, 2 wrong use or something unusable, with a sentence that says what to do.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from comity import __version__

FINE, FOUND, WRONG = 0, 1, 2

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

#: As in `integrations.tracking`, which is not imported for every command; a test holds them against each other.
_SCENARIOS = ("in_time", "slow", "label_only", "silent", "customs", "missed", "returned", "lost", "elsewhere")
_AGGREGATORS = ("easypost", "aftership", "17track", "shippo")


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
    for add in (_serving, _rulebooks, _history, _records, _classify):
        add(commands)
    return top


def _command(under: Commands, name: str, function: str, about: str) -> argparse.ArgumentParser:
    made = under.add_parser(name, help=about, description=about)
    made.set_defaults(command=_lazily(function))
    return made


def _group(under: Commands, name: str, about: str) -> Commands:
    return under.add_parser(name, help=about, description=about).add_subparsers(required=True, metavar="WHAT")


def _serving(top: Commands) -> None:
    demo = _command(top, "demo", "serving.demo", "Build a sample marketplace, if there is none yet, and serve it.")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--seed", type=int, default=1)
    demo.add_argument("--fresh", action="store_true", help="build it anew, even if there is one")
    demo.add_argument("--build-only", action="store_true", help="build, print the logins, and stop")
    serve = _command(top, "serve", "serving.serve", "Serve pages and API; turn the clock and run errands beside them.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--no-clock", action="store_true", help="leave them to `comity worker` and `comity errands`")
    worker = _command(top, "worker", "serving.worker", "Turn the clock. Any number may run at once.")
    worker.add_argument("--once", action="store_true", help="rule on what is due now, and stop")
    worker.add_argument("--json", action="store_true")
    live = _command(
        top, "live", "serving.live", "Tell open pages at once what changed (PostgreSQL; see COMITY_LIVE_URL)."
    )
    live.add_argument("--host", default="127.0.0.1")
    live.add_argument("--port", type=int, default=8001)
    errands = _command(
        top,
        "errands",
        "errands.errands",
        "Do what takes its time: mail, tracking news, webhooks, lanes, models of answers.",
    )
    errands.add_argument("--once", action="store_true", help="do what is to be done now, and stop")
    errands.add_argument("--json", action="store_true")
    _command(top, "migrate", "serving.migrate", "Make the database, or bring an older one up to date.")


def _rulebooks(top: Commands) -> None:
    rulebook = _group(top, "rulebook", "Check, show and publish rulebooks.")
    check = _command(rulebook, "check", "rulebooks.check", "Report every mistake in a rulebook, each with its line.")
    check.add_argument("rulebook", metavar="FILE", help="a TOML file, or the name of one that comes with Comity")
    check.add_argument("--json", action="store_true")
    show = _command(rulebook, "show", "rulebooks.show_", "Say in plain words what a rulebook asks for.")
    show.add_argument("rulebook", metavar="NAME", help="a name, or a TOML file")
    show.add_argument("--as", dest="form", choices=("text", "toml", "json"), default="text")
    show.add_argument("--json", action="store_true", help="the same as --as json")
    tested = _command(rulebook, "test", "rulebooks.test", "Run worked cases: given facts or counts, what must follow.")
    tested.add_argument("names", metavar="NAME|FILE", nargs="*", help="default: all cases that come with Comity")
    tested.add_argument("--json", action="store_true")
    _command(rulebook, "schema", "rulebooks.schema_", "Print the JSON Schema of the language, for editors.")
    analyse = _command(rulebook, "analyse", "rulebooks.analyse", "Prove what can be proved of a rulebook.")
    analyse.add_argument("rulebook", metavar="NAME", help="a name, or a TOML file")
    analyse.add_argument("--json", action="store_true")
    diff = _command(rulebook, "diff", "rulebooks.diff", "Say what changed, with smallest cases treated differently.")
    diff.add_argument("old", metavar="A")
    diff.add_argument("new", metavar="B")
    diff.add_argument("--json", action="store_true")
    publish = _command(rulebook, "publish", "rulebooks.publish", "Publish a version and tell every seller.")
    publish.add_argument("rulebook", metavar="FILE")


def _history(top: Commands) -> None:
    importer = _group(top, "import", "Read a marketplace's past as facts.")
    olist = _command(importer, "olist", "history.import_olist", "Read Olist's tables, Parquet or the published CSV.")
    olist.add_argument("folder", type=Path, metavar="DIR")
    olist.add_argument("--out", type=Path, metavar="FILE", help="default: history/olist.parquet in the data folder")
    olist.add_argument("--json", action="store_true")
    exporter = _group(top, "export", "Write the record for others to read.")
    facts = _command(exporter, "facts", "history.export_facts", "Write the journal's and imported facts as Parquet.")
    facts.add_argument("out", type=Path, metavar="OUT.parquet")
    facts.add_argument("--journal-only", action="store_true", help="leave imported histories out")
    facts.add_argument("--json", action="store_true")
    promise = _group(top, "promise", "What to promise, tried on the past.")
    tried = _command(
        promise, "backtest", "promise.backtest", "Make promises for Olist's past as it came, and judge them."
    )
    tried.add_argument("folder", type=Path, metavar="DIR")
    tried.add_argument("--from", dest="since", required=True, metavar="DATE")
    tried.add_argument("--until", metavar="DATE", help="default: the last order")
    tried.add_argument("--p", type=float, default=0.95, help="the probability with which a promise is kept")
    tried.add_argument("--json", action="store_true")
    carriers = _group(top, "carriers", "How carriers do; and one that only plays.")
    cards = _command(carriers, "scorecards", "carriers.scorecards", "On time, days, losses by carrier and lane.")
    cards.add_argument("files", nargs="*", metavar="PARCELS.parquet", help="default: those in the data folder")
    cards.add_argument("--now", metavar="DATE", help="as of this moment; default: now")
    cards.add_argument("--json", action="store_true")
    played = _command(carriers, "play", "carriers.play", "Tell a scenario of the fake carrier: print it, or send it.")
    played.add_argument("scenario", choices=_SCENARIOS)
    played.add_argument("number", metavar="NUMBER", help="the tracking number")
    played.add_argument("--since", required=True, metavar="DATE", help="when the parcel was given to the carrier")
    played.add_argument("--until", metavar="DATE", help="tell what happened until then; default: now")
    played.add_argument("--carrier", default="sample-post")
    played.add_argument("--as", dest="provider", choices=_AGGREGATORS, default="easypost", help="in whose words")
    played.add_argument("--to", metavar="URL", help="a Comity, such as http://127.0.0.1:8000; default: print it")
    replay = _command(top, "replay", "history.replay", "Judge facts of the past under a rulebook.")
    replay.add_argument("facts", type=Path, metavar="FACTS.parquet")
    replay.add_argument("--rulebook", action="append", required=True, metavar="NAME|FILE", help="repeat for versions")
    replay.add_argument("--out", type=Path, required=True, metavar="DIR")
    replay.add_argument("--processes", type=int, default=None)
    replay.add_argument("--json", action="store_true")


def _records(top: Commands) -> None:
    journal = _group(top, "journal", "The record.")
    verify = _command(journal, "verify", "journal.verify", "Check every chain: nothing changed, dropped or slipped in.")
    verify.add_argument("--json", action="store_true")
    party = _group(top, "party", "Parties.")
    join = _command(party, "add", "people.add", "Add a party; with --email, the password is read from standard input.")
    join.add_argument("role", choices=("buyer", "seller", "agent"))
    join.add_argument("name")
    join.add_argument("--external-id")
    join.add_argument("--email")
    token = _group(top, "token", "Access tokens for programs.")
    make = _command(token, "make", "people.token", "Make a token and print it; it is shown this once.")
    make.add_argument("party", metavar="UUID", help="as whom the program acts; `platform` for the shop itself")
    make.add_argument("--label", required=True)
    make.add_argument("--scope", action="append", required=True, metavar="ACTION")


def _classify(top: Commands) -> None:
    group = _group(top, "classify", "Models of routine questions: train, try and explain them.")
    train = _command(group, "train", "classify.train", "Train sellers' models, or one model from a file of examples.")
    train.add_argument("examples", type=Path, nargs="?", metavar="FILE", help="CSV or JSON lines with text and label")
    train.add_argument("--out", type=Path, metavar="MODEL")
    tried = _command(group, "evaluate", "classify.evaluate", "Try a model on examples it has not seen.")
    tried.add_argument("model", type=Path, metavar="MODEL")
    tried.add_argument("examples", type=Path, metavar="FILE")
    tried.add_argument("--threshold", type=float, help="default: the lowest with at most 2%% wrong answers")
    for each in (train, tried):
        each.add_argument("--nothing", default="", metavar="LABEL", help="the label of what is no routine question")
        each.add_argument("--plot", type=Path, metavar="FILE.svg", help="risk against coverage, as a picture")
    explained = _command(group, "explain", "classify.explain", "Say why a model takes a text for what it does.")
    explained.add_argument("model", type=Path, metavar="MODEL")
    explained.add_argument("text")
    for each in (train, tried, explained):
        each.add_argument("--embedder", type=Path, metavar="DIR", help="a folder with model.onnx and tokenizer.json")
        each.add_argument("--json", action="store_true")


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
    from comity.rulebooks.language.reading import BadRulebook
    from comity.rulebooks.shelf import UnknownRulebook

    if isinstance(error, Failure | BadOption | BadFile | UnknownRulebook):
        return str(error)
    if isinstance(error, BadRulebook):
        return "this is not yet a rulebook:\n" + "\n".join(f"  {mistake}" for mistake in error.mistakes)
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
