"""Replay: facts of the past through the same judge, party by party, in parallel processes. No database, no Django."""

import gc
import json
import os
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from comity.history import source
from comity.history.errors import BadFile
from comity.policy.conduct.findings import FINDINGS
from comity.policy.duties.matter import DutyStatus
from comity.policy.facts import Fact
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Ruling, encode
from comity.policy.sanctions.measures import MeasureStatus
from comity.policy.sanctions.outcome import DECISIONS
from comity.policy.standards.rating import RatingState
from comity.rulebooks.language.parse import parse

#: Shares of the work for each process: enough for progress to be seen and for no process to wait long at the end.
SHARES = 4
_EVER = datetime.min.replace(tzinfo=UTC)
#: Rulings kept before they are written.
BATCH = 50_000
RULINGS = pa.schema([
    ("party", pa.string()), ("at", source.SCHEMA.field("at").type), ("kind", pa.string()), ("matter", pa.string()),
    ("rule", pa.string()), ("rulebook", pa.string()), ("body", pa.string()),
])  # fmt: skip
#: What stands in many rows; no body does, and to look for it there costs as much as writing.
_REPEATED = ["party", "kind", "matter", "rule", "rulebook"]

_OUTCOMES = {
    DutyStatus.MET: ("met",),
    DutyStatus.CURED: ("breached", "cured_late"),
    DutyStatus.BREACHED: ("breached", "never"),
    DutyStatus.VOIDED: ("voided",),
    DutyStatus.WAIVED: ("waived",),
    DutyStatus.UNKNOWN: ("unknown",),
    DutyStatus.OPEN: ("open",),
}
#: Counters of a summary by name.
_COUNTERS = ("standards", "conduct", "measures", "rungs")
COUNTS = ("opened", "met", "breached", "cured_late", "never", "voided", "waived", "open", "unknown")


@dataclass
class Summary:
    """What a replay gave.

    rules      what became of each rule's duties
    standards  how often each level was reached, as "standard: level", evaluations that were taken back left out
    conduct    findings by rule, likewise
    measures   measures by what they are and what became of them, as "measure status"
    rungs      parties by the heaviest measure
    before     facts of before any of the rulebooks was in force: nothing follows from them
    undecided  decisions of agents about measures that these rulebooks never asked for
    """

    facts: int = 0
    rulings: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    rules: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    standards: Counter[str] = field(default_factory=Counter)
    conduct: Counter[str] = field(default_factory=Counter)
    measures: Counter[str] = field(default_factory=Counter)
    rungs: Counter[str] = field(default_factory=Counter)
    before: int = 0
    undecided: int = 0

    def add(self, other: "Summary") -> None:
        """Add the counts of another share."""
        self.facts += other.facts
        self.rulings += other.rulings
        self.before += other.before
        self.undecided += other.undecided
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        for rule, counts in other.rules.items():
            self.rules[rule] += counts

    def count(self, memory: Memory) -> None:
        """Count what became of one party."""
        for (rule, status), number in Counter((duty.rule, duty.status) for duty in memory.all_duties()).items():
            for outcome in ("opened", *_OUTCOMES[status]):
                self.rules[rule][outcome] += number
        self.standards.update(f"{rated.standard}: {_level(memory, rated)}" for rated in memory.ratings.values())
        self.conduct.update(finding.rule for finding in memory.in_force(FINDINGS.name))
        self.measures.update(f"{measure.measure} {measure.status}" for measure in memory.measures.values())
        measures = [m for m in memory.measures.values() if m.status is not MeasureStatus.OVERTURNED]
        if measures:
            heaviest = max(measures, key=lambda measure: measure.rung)
            self.rungs[f"{heaviest.origin.label} {heaviest.rung} {heaviest.measure}"] += 1

    def plain(self) -> dict[str, object]:
        """Return the summary as JSON has it; every rule with every count."""
        return {
            "facts": self.facts,
            "rulings": self.rulings,
            "excluded": dict(sorted(self.excluded.items())),
            "rules": {rule: {name: self.rules[rule][name] for name in COUNTS} for rule in sorted(self.rules)},
            **{name: dict(sorted(getattr(self, name).items())) for name in _COUNTERS},
            "before_any_rulebook": self.before,
            "decisions_about_nothing": self.undecided,
        }


def replay(
    facts: Path,
    rulebooks: Sequence[str],
    out: Path,
    *,
    processes: int | None = None,
    as_if_in_force: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Summary:
    """Judge a facts file under `rulebooks` (TOML texts, one or several versions); write rulings to `out`.

    With `as_if_in_force` the earliest version counts as if it had been in force ever since.

    Writes out/rulings/part-NNNN.parquet and out/summary.json, and returns the summary. Time is turned up to the last
    fact of the file: what was not due by then stays open. Raises history.errors.BadFile, language.reading.BadRulebook.
    """
    books = list(rulebooks)
    versions = _versions(books, as_if_in_force=as_if_in_force)
    seen = source.look(facts)
    folder = out / "rulings"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("part-*.parquet"):
            stale.unlink()
    except OSError as error:
        raise BadFile(f"cannot write to {out}: {error.strerror}; choose another place") from None
    summary = Summary(excluded=seen.excluded)
    for book in versions:
        for rule in book.duties:
            summary.rules[rule.name] += Counter()
    workers = processes or os.cpu_count() or 1
    shares = workers * SHARES if workers > 1 else 1
    jobs = [_Share(facts, tuple(books), as_if_in_force, folder, part, shares, seen.last_at) for part in range(shares)]
    for done, share in enumerate(_run(jobs, workers), start=1):
        summary.add(share)
        progress(done, shares)
    (out / "summary.json").write_text(json.dumps(summary.plain(), indent=2) + "\n")
    return summary


def _versions(texts: Sequence[str], *, as_if_in_force: bool) -> list[Rulebook]:
    versions = sorted((parse(text) for text in texts), key=lambda book: book.in_force_from)
    if as_if_in_force:
        versions[0] = replace(versions[0], in_force_from=_EVER)
    return versions


@dataclass(frozen=True, slots=True)
class _Share:
    facts: Path
    books: tuple[str, ...]
    as_if_in_force: bool
    folder: Path
    part: int
    parts: int
    until: datetime | None


def _run(jobs: list[_Share], workers: int) -> Iterator[Summary]:
    if workers == 1:
        yield from map(_judge_share, jobs)
        return
    # Spawned: a fork would take over locks of threads (DuckDB's, Arrow's) that it does not have.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for finished in as_completed([pool.submit(_judge_share, job) for job in jobs]):
            yield finished.result()


def _judge_share(job: _Share) -> Summary:
    rulebooks = Rulebooks(_versions(job.books, as_if_in_force=job.as_if_in_force))
    summary = Summary()
    path = job.folder / f"part-{job.part:04d}.parquet"
    try:
        with _uncollected(), pq.ParquetWriter(path, RULINGS, compression="zstd", use_dictionary=_REPEATED) as writer:
            pending: list[_Row] = []
            for party, facts in source.by_party(job.facts, part=job.part, parts=job.parts):
                pending += _rows(party, judge_party(rulebooks, party, facts, job.until, summary))
                while len(pending) > BATCH:
                    writer.write_table(_table(pending[:BATCH]))
                    del pending[:BATCH]
            writer.write_table(_table(pending))
    except OSError as error:
        raise BadFile(f"cannot write {path}: {error.strerror or error}; make room or choose another place") from None
    return summary


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave the garbage collector out: facts, states and rulings hold no circles, and it would look at each of them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def judge_party(
    rulebooks: Rulebooks, party: str, facts: Sequence[Fact], until: datetime | None, summary: Summary
) -> list[Ruling]:
    """Judge one party's facts and time up to `until`, add the outcome to `summary`, and return the rulings."""
    memory, first = Memory(rulebooks, party), min(book.in_force_from for book in rulebooks)
    rulings = memory.replay(facts)
    if memory.broken:  # live it steps aside for a person to see; here it must not pass unseen
        raise next(iter(memory.broken.values()))
    summary.facts += len(facts)
    summary.before += sum(fact.at < first for fact in facts)
    decided = {fact.matter for fact in facts if fact.kind in DECISIONS}
    if until is not None:
        rulings += memory.turn(until)
    summary.rulings += len(rulings)
    summary.undecided += len(decided - {measure.matter for measure in memory.measures.values()})
    summary.count(memory)
    return rulings


def _level(memory: Memory, rated: RatingState) -> str:
    return memory.rulebooks.version(rated.rulebook).standards[rated.standard].levels[rated.level].name


_Row = tuple[str, datetime, str, str, str, str, bytes]


def _rows(party: str, rulings: Iterable[Ruling]) -> Iterator[_Row]:
    for ruling in rulings:
        yield party, ruling.at, ruling.kind, ruling.matter, ruling.rule, ruling.rulebook, encode(ruling)


def _table(rows: Sequence[_Row]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(RULINGS)
    arrays = [pa.array(values, field.type) for values, field in zip(columns[:-1], RULINGS, strict=False)]
    # Bodies are bytes already; to make Python texts of them first would cost more than the rest.
    return pa.Table.from_arrays([*arrays, _texts(columns[-1])], schema=RULINGS)


def _texts(bodies: Sequence[bytes]) -> pa.StringArray:
    """Return UTF-8 texts as a column, laid one after another: Arrow would copy each twice."""
    ends = array("i", accumulate(map(len, bodies), initial=0))
    return pa.StringArray.from_buffers(len(bodies), pa.py_buffer(ends), pa.py_buffer(b"".join(bodies)))
