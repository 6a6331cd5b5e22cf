"""comity journal verify | seal | prove | keys | rotate | witness, and comity rebuild"""

import click

from comity.cli import seal, setup, show
from comity.cli.show import FINE, FOUND


@click.group()
def journal() -> None:
    """The record."""


for each in (seal.seal, seal.prove, seal.keys, seal.rotate, seal.witness):
    journal.add_command(each)


@journal.command()
@show.json_option
def verify(in_json: bool) -> int:
    """Check every chain, the rows that follow from it, and the database's own guards. Exit 1 if any does not hold."""
    setup.django()
    from django.db import connection

    from comity.records import journal as chains
    from comity.records import rebuild
    from comity.records.migrations import _by_engine as by_engine
    from comity.records.models import Party

    parties = Party.objects.order_by("pk")
    total, lines = parties.count(), 0
    troubles: list[chains.Trouble] = []
    at_odds: list[tuple[str, rebuild.AtOdds]] = []
    with show.progress("Verifying") as told:
        for done, party in enumerate(parties.select_related("standing").iterator(), start=1):
            lines += party.standing.chain_seq
            broken = list(chains.verify(party))
            troubles += broken
            if not broken:  # what follows from a broken chain is nobody's guess
                at_odds += [(party.ref, row) for row in rebuild.at_odds(party)]
            told(done, total)
    unguarded = by_engine.missing(connection)
    if in_json:
        show.as_json(
            {
                "ok": not (troubles or at_odds or unguarded),
                "parties": total,
                "lines": lines,
                "troubles": [{"party": t.party, "line": t.seq, "problem": t.problem} for t in troubles],
                "rows": [{"party": party, **row._asdict()} for party, row in at_odds],
                "missing_triggers": unguarded,
            }
        )
        return FOUND if troubles or at_odds or unguarded else FINE
    for trouble in troubles:
        print(f"{trouble.party} line {trouble.seq}: {trouble.problem}")
    for party_ref, row in at_odds:
        print(f"{party_ref} {row.life} {row.key}: {row.problem}")
    for name in unguarded:
        print(f"the database's trigger {name} is missing, changed or switched off")
    if at_odds:
        print("make rows anew from their chains with: comity rebuild")
    if troubles or at_odds or unguarded:
        return FOUND
    count = f"{show.many(total, 'chain')}, {show.many(lines, 'line')}"
    print(f"{count}: nothing changed, dropped or slipped in; every row follows from them")
    return FINE


@click.command()
@click.option("--check", is_flag=True, help="Only compare; exit 1 if any row does not follow.")
@show.json_option
def rebuild(check: bool, in_json: bool) -> int:
    """Make rows anew that do not follow from the journal."""
    setup.django()
    from comity.records import rebuild as rebuilding
    from comity.records.models import Party

    total, odd, mended = Party.objects.count(), 0, 0
    rows: list[dict[str, str]] = []
    broken: list[str] = []
    with show.progress("Comparing") as told:
        for done, party in enumerate(Party.objects.order_by("pk").iterator(), start=1):
            if different := rebuilding.at_odds(party):
                odd += 1
                rows += [{"party": party.ref, **row._asdict()} for row in different]
                try:
                    if not check:
                        rebuilding.rebuild(party)
                        mended += 1
                except rebuilding.Broken as error:
                    broken.append(str(error))
            told(done, total)
    if in_json:
        show.as_json({"ok": not odd, "parties": total, "mended": mended, "broken": broken, "rows": rows})
    else:
        for row in rows:
            print(f"{row['party']} {row['life']} {row['key']}: {row['problem']}")
        verdict = f"made anew for {mended:,} parties" if mended else "make them anew with: comity rebuild"
        print(f"{len(rows):,} rows did not follow from the journal; {verdict}" if rows else "every row follows")
        for problem in broken:
            print(f"{problem}: nothing was made of it; see comity journal verify")
    return FOUND if broken or (odd and check) else FINE
