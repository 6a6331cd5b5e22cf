"""comity import facts"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comity.cli import setup, show
from comity.cli.show import FINE, FOUND

if TYPE_CHECKING:
    from comity.actions.imports import Imported, Reason

#: Reasons and lines that a person is shown; --json has more of them.
MOST_REASONS_SHOWN, MOST_LINES_SHOWN = 20, 10


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--parties/--no-parties", default=True, help="Make the sellers and buyers that are not there yet.")
@click.option("--check", is_flag=True, help="Only read the file and say what would be refused.")
@show.json_option
def facts(file: Path, parties: bool, check: bool, in_json: bool) -> int:
    """Judge a marketplace's past and start with it. Exit 1 if any line was refused.

    FILE is Parquet as comity writes it, or JSON, one fact or CloudEvent a line. Nobody is told of what is imported, and
    measures that would stand now are proposed. Cut off, it goes on where it was when it is started again.
    """
    setup.django()
    from comity.actions import imports
    from comity.actions import parties as joining
    from comity.actions.guard import Actor

    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="comity-import-") as folder:
        with show.progress("Reading") as told:
            gathered = imports.gather(file, Path(folder), now=now, told=told)
        outcome = gathered.outcome
        if not check:
            with show.progress("Judging") as told:
                actor = Actor(joining.platform(now))
                outcome = imports.record(actor, gathered, make_parties=parties, told=told)
    if in_json:
        show.as_json(_plain(outcome))
    elif check:
        print(f"{show.many(gathered.count, 'fact')} of {_of(len(gathered.parties))} can be taken")
        _say_what_was_not_taken(outcome)
    else:
        _say(outcome)
    return FOUND if outcome.refused else FINE


def _of(parties: int) -> str:
    return show.many(parties, "party", "parties")


def _plain(outcome: "Imported") -> dict[str, Any]:
    return {
        "recorded": outcome.recorded,
        "known": outcome.known,
        "refused": [{"why": r.sentence, "count": r.count, "lines": r.lines} for r in outcome.refused.values()],
        "left_out": dict(sorted(outcome.left_out.items())),
        "before_any_rulebook": outcome.before,
        "parties": outcome.parties,
        "parties_made": dict(sorted(outcome.made.items())),
        "duties": dict(sorted(outcome.duties.items())),
        "measures": dict(sorted(outcome.measures.items())),
    }


def _say(outcome: "Imported") -> None:
    print(f"{show.many(outcome.recorded, 'fact')} recorded, {outcome.known:,} known before")
    made = ", ".join(show.many(number, role) for role, number in sorted(outcome.made.items()))
    print(f"{_of(outcome.parties)} with facts; {made or 'none'} made")
    if outcome.duties:
        print("their duties: " + ", ".join(f"{name} {number:,}" for name, number in sorted(outcome.duties.items())))
    if outcome.measures:
        print("their measures: " + ", ".join(f"{name} {number:,}" for name, number in sorted(outcome.measures.items())))
    if outcome.measures["proposed"]:
        print("look at what is proposed: /desk/")
    if outcome.before:
        lie = show.many(outcome.before, "fact lies", "facts lie")
        print(f"{lie} before any rulebook was in force, and nothing follows from them")
    _say_what_was_not_taken(outcome)


def _say_what_was_not_taken(outcome: "Imported") -> None:
    for name, number in sorted(outcome.left_out.items()):
        print(f"left out, for Comity comes to it by itself: {number:,} {name}")
    reasons = list(outcome.refused.values())
    for reason in reasons[:MOST_REASONS_SHOWN]:
        print(f"refused, {_lines(reason)}: {reason.sentence}")
    if more := reasons[MOST_REASONS_SHOWN:]:
        print(f"refused for {show.many(len(more), 'more reason')}: see --json")
    if reasons:
        print("mend these lines and import the file again: what is recorded is known, and stays as it is")


def _lines(reason: "Reason") -> str:
    shown = ", ".join(f"{line:,}" for line in reason.lines[:MOST_LINES_SHOWN])
    more = reason.count - min(len(reason.lines), MOST_LINES_SHOWN)
    return f"line{'s' * (reason.count > 1)} {shown}" + (f" and {more:,} more" if more else "")
