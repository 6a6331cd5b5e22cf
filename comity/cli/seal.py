"""comity journal seal | prove | keys | rotate | witness"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from comity.cli import setup, show
from comity.cli.show import FINE, FOUND, Failure


@click.command()
@show.json_option
def seal(in_json: bool) -> int:
    """Seal now what the chains have got; `comity errands` does it every few seconds."""
    setup.django()
    from comity.actions.seal import sealing

    done = sealing.seal(datetime.now(UTC))
    if in_json:
        show.as_json({"added": done.added, "size": done.size, "trouble": done.trouble})
    else:
        print(f"{show.many(done.added, 'entry', 'entries')} more, {done.size} in all")
        if done.trouble:
            print(done.trouble)
    return FOUND if done.trouble else FINE


@click.command()
@click.option("--lost", is_flag=True, help="The key is lost: the new one is signed by itself alone.")
@show.json_option
def rotate(lost: bool, in_json: bool) -> int:
    """Begin a new key that signs the journal's heads; the old one signs once more, for it."""
    setup.django()
    from comity.actions.seal import keys, sealing

    try:
        verifier = sealing.rotate(datetime.now(UTC), lost=lost)
    except keys.KeyTrouble as trouble:
        raise Failure(str(trouble)) from None
    if in_json:
        show.as_json({"key": verifier.text, "lost": lost})
    else:
        print(verifier.text)
    return FINE


@click.command()
@show.json_option
def keys(in_json: bool) -> int:
    """Show the keys that sign the journal, oldest first, to be printed where people can compare them."""
    setup.django()
    from comity.lib.moments import to_text
    from comity.records.models import SealKey

    rows = [
        {
            "key": row.verifier, "from_size": row.from_size, "begun_at": to_text(row.begun_at),
            "ended_at": to_text(row.ended_at) if row.ended_at else None, "lost": row.lost,
        }
        for row in SealKey.objects.order_by("pk")
    ]  # fmt: skip
    if in_json:
        show.as_json({"keys": rows})
        return FINE
    for row in rows:
        ended = f"{'lost' if row['lost'] else 'replaced'} {row['ended_at']}" if row["ended_at"] else "signs"
        print(f"{row['key']}  since {row['begun_at']}, {ended}")
    if not rows:
        print("nothing was sealed yet: comity errands, or comity journal seal, begins")
    return FINE


@click.command()
@click.argument("entry")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the proof to a file.")
@show.json_option
def prove(entry: str, output: Path | None, in_json: bool) -> int:
    """Prove that a line is in the sealed journal. ENTRY: PARTY/LINE, such as seller:…/17, or the id of a fact."""
    setup.django()
    from comity.actions.seal import proving

    try:
        shown = proving.of_entry(entry)
    except proving.NotSealed as wrong:
        raise Failure(str(wrong)) from None
    if output is not None:
        output.write_text(shown.proof.text)
    if in_json:
        show.as_json(
            {
                "party": shown.party,
                "line": shown.line,
                "body": shown.opening.body.decode(),
                "before": shown.opening.before.hex(),
                "salt": shown.opening.salt.hex(),
                "entry": shown.entry.decode(),
                "proof": shown.proof.text,
            }
        )
    elif output is None:
        print(shown.proof.text, end="")
    else:
        print(f"line {shown.line} of {shown.party}: proof in {output}")
    return FINE


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("url")
@click.option("--key", "given", multiple=True, help="The log's key, NAME+ID+KEY, as its operator tells it.")
@click.option(
    "--state", type=click.Path(path_type=Path, dir_okay=False), default=Path("witness.json"), show_default=True
)
@click.option("--every", type=click.IntRange(1), help="Look again every so many seconds, until stopped.")
@click.option("--against", "held", type=_FILE, help="A checkpoint somebody was given: is it of this log?")
@click.option("--receipt", "receipt", type=_FILE, help="A receipt somebody was given: is what it promises there?")
@show.json_option
def witness(
    url: str,
    given: tuple[str, ...],
    state: Path,
    every: int | None,
    held: Path | None,
    receipt: Path | None,
    in_json: bool,
) -> int:
    """Follow the journal at URL (…/journal) from outside, and say what was done to it.

    Exit 0 if nothing was found, 1 if anything was, 2 if it could not begin. Needs no access to the installation.
    Without --key the first look trusts the keys that are published there.
    """
    from comity.integrations.tlog import following

    try:
        client = following.Client(url)
        heads = [following.head_of(each) for each in (held,) if each]
        notes = [following.note_of(each) for each in (receipt,) if each]
        with following.alone(state):
            return _watch(client, state, given, heads, notes, every, in_json)
    except following.BadWitness as wrong:
        raise Failure(str(wrong)) from None


def _watch(
    client: Any,
    state: Path,
    given: tuple[str, ...],
    heads: list[str],
    notes: list[str],
    every: int | None,
    in_json: bool,
) -> int:
    """Look once, or again and again; `heads`, `notes`: what somebody was given, to be held against the log."""
    from comity.integrations.tlog import following
    from comity.integrations.tlog import witness as witnessing

    while True:
        seen = following.seen(client, state, given)
        found = witnessing.look(client.fetch, seen, datetime.now(UTC))
        findings = list(found.findings)
        told = [witnessing.against(client.fetch, seen, head) for head in heads]
        told += [witnessing.promised(client.fetch, seen, note, datetime.now(UTC)) for note in notes]
        findings += [each for each in told if each is not None]
        # Said before it is kept: what is stopped in between is found once more, and not lost.
        _say(seen.origin, seen.size, found.added, findings, in_json)
        following.keep(state, seen)
        if every is None:
            return FOUND if findings else FINE
        time.sleep(every)


def _say(origin: str, size: int, added: int, findings: list[Any], in_json: bool) -> None:
    if in_json:
        said = [{"name": each.name, "says": each.says} for each in findings]
        print(json.dumps({"origin": origin, "size": size, "added": added, "findings": said}), flush=True)
        return
    for each in findings:
        print(f"{each.name}: {each.says}", flush=True)
    if not findings:
        print(f"{origin}: {show.many(size, 'entry', 'entries')}, {added:,} more; nothing was taken back", flush=True)
