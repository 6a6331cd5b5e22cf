"""comity import olist | export facts | replay"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from comity.cli import setup, show
from comity.cli.main import FINE, Failure
from comity.history import replay as replaying
from comity.history import source
from comity.lib import options as settings
from comity.policy.facts import Fact
from comity.rulebooks import shelf


def histories() -> Path:
    """The folder of imported histories."""
    return settings.data_folder() / "history"


def import_olist(options: argparse.Namespace) -> int:
    """Map Olist's tables to facts, and report what was excluded and why."""
    from comity.history import parcels
    from comity.integrations.olist import facts
    from comity.integrations.olist.parcels import rows
    from comity.integrations.olist.tables import Tables

    out: Path = options.out or histories() / "olist.parquet"
    excluded: Counter[str] = Counter()
    with show.progress("Reading Olist"):
        count = source.write(out, facts.facts(Tables(options.folder), excluded), excluded=excluded)
    carried = out.with_name(f"parcels-{out.stem}.parquet")
    with show.progress("Writing its parcels"):
        sent = parcels.write(carried, rows(options.folder))
    if options.json:
        show.as_json({"facts": count, "excluded": dict(sorted(excluded.items())), "file": str(out), "parcels": sent,
                      "parcels_file": str(carried)})  # fmt: skip
        return FINE
    print(f"{count:,} facts in {out}, {sent:,} parcels in {carried}")
    for reason, number in sorted(excluded.items()):
        print(f"  excluded: {number:,} {reason}")
    print(f"Judge them: comity replay {out} --rulebook olist --out judged")
    return FINE


def export_facts(options: argparse.Namespace) -> int:
    """Write the journal's facts, and those of imported histories, into one file."""
    imported = (
        []
        if options.journal_only
        else sorted(path for path in histories().glob("*.parquet") if not path.name.startswith("parcels"))
    )
    excluded: Counter[str] = Counter()
    for path in imported:
        excluded.update(source.look(path).excluded)
    with show.progress("Writing facts"):
        count = source.write(options.out, _facts(imported), excluded=excluded)
    if options.json:
        show.as_json({"facts": count, "file": str(options.out), "histories": [path.stem for path in imported]})
    else:
        print(f"{count:,} facts in {options.out}")
    return FINE


def _facts(imported: list[Path]) -> Iterator[Fact]:
    if settings.value("COMITY_DATABASE_URL") or (settings.data_folder() / "comity.sqlite3").exists():
        setup.django()
        from comity.policy.facts import DEADLINE
        from comity.records import journal
        from comity.records.models import Party

        for party in Party.objects.filter(standing__chain_seq__gt=0).order_by("pk").iterator():
            yield from (fact for fact in journal.facts_of(party) if fact.kind != DEADLINE)
    elif not imported:
        raise Failure("there are no facts yet: no database and no imported history; see comity demo, comity import")
    for path in imported:
        for _, facts in source.by_party(path):
            yield from facts


def replay(options: argparse.Namespace) -> int:
    """Judge a facts file and write rulings and their summary."""
    if options.processes is not None and options.processes < 1:
        raise Failure("--processes must be at least 1")
    texts = [shelf.text_of(name) for name in options.rulebook]
    with show.progress("Judging") as told:
        summary = replaying.replay(
            options.facts, texts, options.out, processes=options.processes, progress=told
        ).plain()  # fmt: skip
    if options.json:
        show.as_json(summary)
        return FINE
    print(f"{summary['facts']:,} facts, {summary['rulings']:,} rulings; all of it in {options.out}")
    rules: dict[str, dict[str, int]] = summary["rules"]  # type: ignore[assignment]
    for rule, counts in rules.items():
        print(f"  {rule}: " + ", ".join(f"{name} {number:,}" for name, number in counts.items() if number))
    rungs: dict[str, int] = summary["rungs"]  # type: ignore[assignment]
    for rung, sellers in rungs.items():
        print(f"  {rung}: {sellers:,} sellers")
    return FINE
