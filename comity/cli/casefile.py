"""comity casefile DISPUTE | comity casefile verify FILE | comity casefile receipt FACT"""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from comity.cli import setup, show
from comity.cli.show import FINE, FOUND, Failure


class _OrWrite(click.Group):
    """A group in which what is no command is a dispute or a measure whose file is written."""

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        named = next(iter(arguments), "")
        return super().resolve_command(context, arguments if named in self.commands else ["write", *arguments])


@click.group(cls=_OrWrite)
def casefile() -> None:
    """Archives of disputes and measures that anyone can verify: `comity casefile D-…`, `casefile verify FILE`."""


@casefile.command()
@click.argument("key")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: case-KEY.zip.")
@click.option("--as", "role", type=click.Choice(["buyer", "seller", "platform"]), default="platform", show_default=True)
@click.option("--language", default="en", show_default=True)
@click.option("--body", default="", help="For an out-of-court body of this name: with a covering letter of that party.")
@click.option("--asks", default="", help="What the party asks that body for, as the letter says it.")
def write(key: str, output: Path | None, role: str, language: str, body: str, asks: str) -> int:
    """Write the case file of a dispute, such as D-7KQ2M9PXA4, or of a measure, as a party of it or the platform has it.

    A measure's party is one: for any --as but platform it is the reader.
    """
    setup.django()
    from django.conf import settings
    from django.http import Http404
    from django.utils.translation import get_supported_language_variant, override

    from comity.actions.guard import Actor
    from comity.actions.parties import platform
    from comity.actions.seal.casefile import NotReady
    from comity.records.models import Dispute, Sanction
    from comity.web.trade import casefile as made

    if body and role == "platform":
        raise click.UsageError("a letter to a body is a party's: --body needs --as buyer or --as seller")
    now, letter = datetime.now(UTC), made.Letter(body, asks) if body else None
    try:
        language = get_supported_language_variant(language)
    except LookupError:
        known = ", ".join(code for code, _ in settings.LANGUAGES)
        raise Failure(f"there are no pages in the language {language!r}: {known}") from None
    about = Dispute.objects.select_related("order__buyer", "order__seller").filter(key=key).first()
    measure = Sanction.objects.select_related("party").filter(key=key).first() if about is None else None
    try:
        with override(language):
            if about is not None:
                who = {"buyer": about.order.buyer, "seller": about.order.seller}.get(role) or platform(now)
                data = made.archive(Actor(who), about, now, letter=letter)
            elif measure is not None:
                who = platform(now) if role == "platform" else measure.party
                data = made.of_measure_archived(Actor(who), measure, now, letter=letter)
            else:
                raise Failure(f"there is no dispute and no measure {key!r}")
    except NotReady as wrong:
        raise Failure(str(wrong)) from None
    except Http404:
        raise Failure(f"the journal knows nothing of {key!r}") from None
    where = output or Path(f"case-{key}.zip")
    where.write_bytes(data)
    print(where)
    return FINE


@casefile.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--key", "keys", multiple=True, help="The log's key, NAME+ID+KEY, as its operator tells it.")
@click.option("--receipt", "receipts", multiple=True, help="A receipt that somebody was given: is it in the file?")
@click.option("--judge", is_flag=True, help="Judge it again by the rules in it: do its rulings follow?")
@show.json_option
def verify(file: Path, keys: tuple[str, ...], receipts: tuple[str, ...], judge: bool, in_json: bool) -> int:
    """Verify a case file or a receipt, as the script in case files does. Exit 1 if it does not hold, 2 if it is none.

    A FILE that ends with .json is a receipt.
    """
    from comity.lib.casefile import verify as script

    named = [*(("--key", key) for key in keys), *(("--receipt", each) for each in receipts)]
    arguments = [str(file), *(part for pair in named for part in pair), *(["--json"] if in_json else [])]
    status = script.main(arguments)
    if judge and status == FINE:
        status = _judged(file, in_json)
    return FOUND if status == 1 else status


def _judged(file: Path, in_json: bool) -> int:
    """Say whether the rulings of a case file that holds follow from its facts."""
    from comity.history import again
    from comity.lib.casefile import verify as script

    try:
        found = again.judged(script.files_of(file))
    except again.NotJudged as why:
        print(json.dumps({"follows": None, "why": str(why)}) if in_json else f"cannot be judged again: {why}")
        return FOUND
    if in_json:
        print(json.dumps({"follows": found.follows, "rulings": found.rulings, "differs": found.differs}))
    elif found.follows:
        print(f"{show.many(found.rulings, 'ruling', 'rulings')} judged again: each follows from the facts in the file")
    else:
        print("\n".join(["judged again, it comes out otherwise:", *found.differs]))
    return FINE if found.follows else FOUND


@casefile.command()
@click.argument("fact")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file.")
def receipt(fact: str, output: Path | None) -> int:
    """Write the receipt for FACT, as who handed it in has it from the page or the API."""
    setup.django()
    from comity.actions.guard import Actor
    from comity.actions.parties import platform
    from comity.actions.seal import keys, receipts

    now = datetime.now(UTC)
    try:
        made = receipts.of(Actor(platform(now)), fact, now)
    except receipts.NoReceipt:
        raise Failure(f"there is no fact {fact!r}; comity journal show has the facts of a party") from None
    except keys.KeyTrouble as wrong:
        raise Failure(str(wrong)) from None
    if output is None:
        print(made.decode())
    else:
        output.write_bytes(made)
        print(output)
    return FINE
