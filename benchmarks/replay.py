"""Facts a second for one core through `judge`, on Olist; and whether memory follows the largest seller or the file.

The facts are read first; then the same facts are judged (policy.memory, the code that judges live traffic). The ratio
is to reading them from Parquet. Memory: the peak of a process that replays the file, and one that replays a file of
four times as many sellers. Skips, saying so, where the real data are absent.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import stage
from comity.history import replay, source
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebooks
from comity.rulebooks.shelf import load, text_of
from tests.data import DATA

TIMES = 4


def main() -> None:
    folder = DATA / "olist"
    if not folder.is_dir():
        stage.say({"skipped": "real data absent: no folder olist in $COMITY_REAL_DATA"})
        return
    if len(sys.argv) > 1:
        _memory(Path(sys.argv[1]))
        return
    from comity.integrations.olist import facts
    from comity.integrations.olist.tables import Tables

    work = Path(tempfile.mkdtemp(prefix="comity-bench-"))
    all_facts = facts.facts(Tables(folder), Counter())
    source.write(work / "one.parquet", all_facts)
    source.write(work / "many.parquet", _times(all_facts))
    del all_facts
    began = time.perf_counter()
    parties = list(source.by_party(work / "one.parquet"))
    reading = time.perf_counter() - began
    count = sum(len(facts) for _, facts in parties)
    books, summary = Rulebooks([load("olist")]), replay.Summary()
    began = time.perf_counter()
    for party, facts_ in parties:
        replay.judge_party(books, party, facts_, None, summary)
    judging = time.perf_counter() - began
    largest = max(len(facts) for _, facts in parties)
    del parties
    one, many = (stage.run("replay", str(work / f"{name}.parquet")) for name in ("one", "many"))
    stage.say({
        "compares": "judging Olist's facts on one core, with reading them from Parquet", "facts": count,
        "facts_of_largest_seller": largest, "judged_per_second": round(count / judging),
        "read_per_second": round(count / reading), "ratio": round(reading / judging, 3),
        "whole_replay_one_process": one, f"with_{TIMES}_times_the_sellers": many,
        "memory_ratio": round(many["peak_mb"] / one["peak_mb"], 2),
    })  # fmt: skip


def _times(facts: list[Fact]) -> Iterator[Fact]:
    for number in range(TIMES):
        for fact in facts:
            values: dict[str, Any] = {name: getattr(fact, name) for name in fact.__struct_fields__}
            yield Fact(**values | {"party": f"{fact.party}-{number}"})


def _memory(path: Path) -> None:
    began = time.perf_counter()
    done = replay.replay(path, [text_of("olist")], path.with_suffix(".out"), processes=1)
    seconds = time.perf_counter() - began
    stage.say({"facts": done.facts, "per_second": round(done.facts / seconds), "peak_mb": stage.peak_megabytes()})


if __name__ == "__main__":
    main()
