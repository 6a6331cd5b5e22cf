"""comity import olist | export facts | replay; comity import facts is in `imports`"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from comity.cli import imports, setup, show
from comity.cli.show import FINE, Failure
from comity.lib import options as settings
from comity.policy.facts import DEADLINE, Fact


def histories() -> Path:
    """The folder of imported histories."""
    return settings.data_folder() / "history"


@click.group("import")
def importing() -> None:
    """Read a marketplace's past as facts, and let it be judged."""


importing.add_command(imports.facts)


@importing.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Default: history/olist.parquet in the data folder."
)
@show.json_option
def olist(folder: Path, out: Path | None, in_json: bool) -> int:
    """Read Olist's tables, Parquet or the published CSV, and report what was excluded and why."""
    from comity.history import parcels, source
    from comity.integrations.olist import facts
    from comity.integrations.olist.parcels import rows
    from comity.integrations.olist.tables import Tables

    out = out or histories() / "olist.parquet"
    excluded: Counter[str] = Counter()
    with show.progress("Reading Olist"):
        count = source.write(out, facts.facts(Tables(folder), excluded), excluded=excluded)
    carried = out.with_name(f"parcels-{out.stem}.parquet")
    with show.progress("Writing its parcels"):
        sent = parcels.write(carried, rows(folder))
    if in_json:
        show.as_json(
            {
                "facts": count,
                "excluded": dict(sorted(excluded.items())),
                "file": str(out),
                "parcels": sent,
                "parcels_file": str(carried),
            }
        )
        return FINE
    print(f"{show.many(count, 'fact')} in {out}, {show.many(sent, 'parcel')} in {carried}")
    for reason, number in sorted(excluded.items()):
        print(f"  excluded: {number:,} {reason}")
    print(f"Try them: comity replay {out} --rulebook olist --out judged; start with them: comity import facts {out}")
    return FINE


@click.group("export")
def exporting() -> None:
    """Write the record for others to read."""


@exporting.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT.parquet")
@click.option("--journal-only", is_flag=True, help="Leave imported histories out.")
@show.json_option
def facts(out: Path, journal_only: bool, in_json: bool) -> int:
    """Write the journal's and imported facts as Parquet."""
    from comity.history import source

    kept = [] if journal_only else histories().glob("*.parquet")
    # Parcels in columns lie in the same folder; they are no facts.
    imported = sorted(path for path in kept if not path.name.startswith("parcels"))
    excluded: Counter[str] = Counter()
    for path in imported:
        excluded.update(source.look(path).excluded)
    with show.progress("Writing facts"):
        count = source.write(out, _facts(imported), excluded=excluded)
    if in_json:
        show.as_json({"facts": count, "file": str(out), "histories": [path.stem for path in imported]})
    else:
        print(f"{show.many(count, 'fact')} in {out}")
    return FINE


def _facts(imported: list[Path]) -> Iterator[Fact]:
    from comity.history import source

    if settings.value("COMITY_DATABASE_URL") or (settings.data_folder() / "comity.sqlite3").exists():
        setup.django()
        from comity.records import journal
        from comity.records.models import Party

        for party in Party.objects.filter(standing__chain_seq__gt=0).order_by("pk").iterator():
            # Moments are not exported: whoever judges the facts again comes to them by itself.
            yield from (fact for fact in journal.facts_of(party) if fact.kind != DEADLINE)
    elif not imported:
        raise Failure("there are no facts yet: no database and no imported history; see comity demo, comity import")
    for path in imported:
        for _, facts in source.by_party(path):
            yield from facts


@click.command()
@click.argument("facts", type=click.Path(path_type=Path), metavar="FACTS.parquet")
@click.option("--rulebook", "rulebooks", multiple=True, required=True, metavar="NAME|FILE", help="Repeat for versions.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where rulings go.")
@click.option("--processes", type=click.IntRange(min=1), help="Default: one for each core.")
@click.option("--as-if-in-force", is_flag=True, help="Judge what lies before the first version by it, too.")
@show.json_option
def replay(
    facts: Path, rulebooks: tuple[str, ...], out: Path, processes: int | None, as_if_in_force: bool, in_json: bool
) -> int:
    """Judge facts of the past under a rulebook; write rulings and their summary."""
    from comity.history import replay as replaying
    from comity.rulebooks import shelf

    texts = [shelf.text_of(name) for name in rulebooks]
    with show.progress("Judging") as told:
        summary = replaying.replay(
            facts, texts, out, processes=processes, as_if_in_force=as_if_in_force, progress=told
        ).plain()
    if in_json:
        show.as_json(summary)
    else:
        _say(summary, out)
    return FINE


def _say(summary: dict[str, Any], out: Path) -> None:
    facts, rulings = show.many(summary["facts"], "fact"), show.many(summary["rulings"], "ruling")
    print(f"{facts}, {rulings}; all of it in {out}")
    for rule, counts in summary["rules"].items():
        print(f"  {rule}: " + ", ".join(f"{name} {number:,}" for name, number in counts.items() if number))
    for what in ("standards", "conduct", "measures"):
        for name, number in summary[what].items():
            print(f"  {what}: {name} {number:,}")
    for rung, sellers in summary["rungs"].items():
        print(f"  {rung}: {show.many(sellers, 'seller')}")
    if before := summary["before_any_rulebook"]:
        print(
            f"{show.many(before, 'fact lies', 'facts lie')} before any of these rulebooks was in force, and nothing "
            "follows there; --as-if-in-force judges that, too"
        )
    if undecided := summary["decisions_about_nothing"]:
        print(f"{show.many(undecided, 'decision')} on measures that these rulebooks never asked for: passed over")
