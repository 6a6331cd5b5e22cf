"""comity journal verify"""

import click

from comity.cli import setup, show
from comity.cli.show import FINE, FOUND


@click.group()
def journal() -> None:
    """The record."""


@journal.command()
@show.json_option
def verify(in_json: bool) -> int:
    """Check every chain: nothing changed, dropped or slipped in. Exit 1 if any does not hold."""
    setup.django()
    from comity.records import journal as chains
    from comity.records.models import Party

    parties = Party.objects.order_by("pk")
    total, lines = parties.count(), 0
    troubles: list[chains.Trouble] = []
    with show.progress("Verifying") as told:
        for done, party in enumerate(parties.select_related("standing").iterator(), start=1):
            lines += party.standing.chain_seq
            troubles += chains.verify(party)
            told(done, total)
    if in_json:
        breaks = [{"party": t.party, "line": t.seq, "problem": t.problem} for t in troubles]
        show.as_json({"ok": not troubles, "parties": total, "lines": lines, "troubles": breaks})
    elif troubles:
        for trouble in troubles:
            print(f"{trouble.party} line {trouble.seq}: {trouble.problem}")
    else:
        print(f"{show.many(total, 'chain')}, {show.many(lines, 'line')}: nothing changed, dropped or slipped in")
    return FOUND if troubles else FINE
