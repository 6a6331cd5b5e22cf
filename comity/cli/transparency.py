"""comity transparency export"""

import json
from pathlib import Path

import click

from comity.cli import setup, show
from comity.cli.show import FINE, FOUND


@click.group()
def transparency() -> None:
    """Statements of reasons for the Transparency Database of the European Union."""


@transparency.command()
@click.option("--dry-run", "dry", is_flag=True, help="Write what would be sent to FILE, and send nothing.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@show.json_option
def export(dry: bool, file: Path | None, in_json: bool) -> int:
    """Send the statements that are due, or with --dry-run write to FILE those that no statement was made of yet.

    Exit 1 if some do not keep the database's limits.
    """
    setup.django()
    from datetime import UTC, datetime

    from comity.integrations.transparency import sending, statements

    if dry != (file is not None):
        raise click.UsageError("--dry-run needs a FILE, and a FILE needs --dry-run")
    if file is None:
        now = datetime.now(UTC)
        counts = {"made": sending.plan(now), "accepted": sending.send_due(now)}
        show.as_json(counts) if in_json else print(f"{counts['made']} made, {counts['accepted']} accepted")
        return FINE
    bodies = [sending.made(row) for row in sending.unstated()]
    wrong = {body["puid"]: found for body in bodies if (found := statements.problems(body))}
    file.write_text(json.dumps({"statements": bodies}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if in_json:
        show.as_json({"statements": len(bodies), "wrong": wrong})
    else:
        print(f"{len(bodies)} statements written to {file}")
        for puid, found in wrong.items():
            print(f"{puid}: {'; '.join(found)}")
    return FOUND if wrong else FINE
