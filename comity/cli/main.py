"""The `comity` command: where its commands are, and how it answers when it cannot.

Exit codes: 0 fine, 1 found something, 2 wrong use or something unusable, with a sentence that says what to do.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from comity import __version__
from comity.cli.show import FINE, INTERRUPTED, WRONG, Failure

#: Where each command is. A module is imported when its command runs or is listed; what is heavy in it, when it runs.
COMMANDS = {
    "demo": "serving.demo", "serve": "serving.serve", "worker": "serving.worker", "errands": "errands.errands",
    "live": "serving.live", "migrate": "serving.migrate", "rulebook": "rulebooks.rulebook",
    "import": "history.importing", "export": "history.exporting", "replay": "history.replay",
    "promise": "promise.promise", "standards": "standards.standards",
    "carriers": "carriers.carriers", "classify": "classify.classify",
    "pause": "pauses.pause", "clock": "pauses.clock",
    "journal": "journal.journal", "dispute": "disputes.dispute", "casefile": "casefile.casefile",
    "rebuild": "journal.rebuild", "party": "people.party", "token": "people.token",
    "transparency": "transparency.transparency",
}  # fmt: skip


class Lazily(click.Group):
    """A group that imports a command only when somebody asks for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(".")
        command: click.Command = getattr(import_module(f"comity.cli.{module}"), name)
        return command


@click.group(
    cls=Lazily, context_settings={"help_option_names": ["-h", "--help"], "show_default": True, "max_content_width": 120}
)
@click.version_option(__version__, message="comity %(version)s")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Data folder (default: COMITY_DATA or ./comity-data).",
)
def comity(data: Path | None) -> None:
    """A marketplace's customer service, run by its rules."""
    if data is not None:
        os.environ["COMITY_DATA"] = str(data)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command with `arguments` (default: the process's) and return its exit code."""
    try:
        with comity.make_context("comity", list(sys.argv[1:] if arguments is None else arguments)) as context:
            code: int = comity.invoke(context)
        # Here, where a reader that went away is still answered for.
        sys.stdout.flush()
        return code
    except click.exceptions.Exit as left:  # after --help or --version
        return left.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show(sys.stderr)
        return WRONG
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "comity"
        return _wrong(f"{error.format_message()} See: {where} --help")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Else Python complains once more when it flushes at its end (see its documentation of SIGPIPE).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        return _wrong(sentence)


def _wrong(sentence: str) -> int:
    print(f"comity: {sentence}", file=sys.stderr)
    return WRONG


def _sentence(error: Exception) -> str | None:
    """Return what to tell the person about an error that is theirs to mend, or None for a mistake of ours."""
    from comity.history.errors import BadFile
    from comity.lib.options import BadOption
    from comity.rulebooks.language.reading import BadRulebook
    from comity.rulebooks.shelf import UnknownRulebook

    if isinstance(error, Failure | BadOption | BadFile | UnknownRulebook):
        return str(error)
    if isinstance(error, BadRulebook):
        return f"{error.says}:\n" + "\n".join(f"  {mistake}" for mistake in error.mistakes)
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"cannot use {error.filename}: {error.strerror}"
    return _database_sentence(error)


def _database_sentence(error: Exception) -> str | None:
    from django.apps import apps
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if apps.ready:  # else nothing of ours can have refused
        from comity.actions.enact import Refused
        from comity.actions.guard import Forbidden

        if isinstance(error, Refused | Forbidden):
            return str(error)
    if not isinstance(error, DatabaseError):
        return None
    text = str(error).strip().splitlines()[0]
    if "full" in text:
        return f"the disk is full ({text}); nothing was half-written. Make room and try again"
    if "no such table" in text or "does not exist" in text or "no such column" in text:
        return "the database is missing or of an older version; run: comity migrate"
    return f"the database answered: {text}"
