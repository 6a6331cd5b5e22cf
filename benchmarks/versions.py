"""This version beside another checkout of Comity, in one run: replaying Olist, judging it alone, nightly standards.

    python -m benchmarks.versions DIR      # DIR: the other checkout, with its own .venv (make setup)

Each version imports Olist's tables and judges with its own code and interpreter, one process, one core. The two take
turns, so that what the machine does meanwhile meets both; seconds are processor time, the median of the rounds. Rules
of before 2016 are none, so each rulebook is in force from the beginning. Under `amazon` and `etsy` most of the work is
evaluating standards each night; there a share of the sellers is judged. Skips, saying so, without the real data.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import stage
from tests.data import DATA

ROUNDS = 3
#: Rulebook, and into how many shares of sellers the file is divided, of which the first is judged.
JUDGED = {"olist": 1, "aliexpress": 4, "amazon": 24, "etsy": 24}
_IMPORT = """
import sys
from collections import Counter
from pathlib import Path
from comity.history import source
from comity.integrations.olist import facts
from comity.integrations.olist.tables import Tables
source.write(Path(sys.argv[2]), facts.facts(Tables(Path(sys.argv[1])), Counter()))
"""
_MEASURE = """
import json, sys, time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
try:
    from comity.rulebooks.shelf import load, text_of
except ImportError:
    from comity.rulebooks import load, text_of
from comity.history import replay, source
from comity.policy.rulebook import Rulebooks
path, work, judged = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
found = {}
began = time.process_time()
summary = replay.replay(path, [text_of("olist")], work, processes=1)
found["replay olist, end to end"] = (time.process_time() - began, summary.facts)
until = source.look(path).last_at
for name, parts in judged.items():
    parties = list(source.by_party(path, parts=parts))
    books = Rulebooks([replace(load(name), in_force_from=datetime(1970, 1, 1, tzinfo=UTC))])
    began = time.process_time()
    for party, facts in parties:
        replay.judge_party(books, party, facts, until, replay.Summary())
    found[f"judge {name}"] = (time.process_time() - began, sum(len(facts) for _, facts in parties))
print(json.dumps(found))
"""


def main() -> None:
    folder = DATA / "olist"
    if not folder.is_dir():
        stage.say({"skipped": "real data absent: no folder olist in $COMITY_REAL_DATA"})
        return
    trees = {"before": Path(sys.argv[1]).resolve(), "now": stage.ROOT}
    work = Path(tempfile.mkdtemp(prefix="comity-bench-"))
    for name, tree in trees.items():
        _run(tree, _IMPORT, str(folder), str(work / f"{name}.parquet"))
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in trees}
    for _ in range(ROUNDS):
        for name, tree in trees.items():
            out = _run(tree, _MEASURE, str(work / f"{name}.parquet"), str(work / name), json.dumps(JUDGED))
            rounds[name].append(json.loads(out.splitlines()[-1]))
    stage.say({"compares": "this version with another checkout, in turns, microseconds of processor time a fact"} | {
        what: _beside(what, rounds) for what in rounds["now"][0]
    })  # fmt: skip


def _beside(what: str, rounds: dict[str, list[dict[str, Any]]]) -> dict[str, float]:
    before, now = (_median([each[what][0] / each[what][1] for each in rounds[name]]) for name in ("before", "now"))
    return {"before": round(before * 1e6, 1), "now": round(now * 1e6, 1), "times_as_fast": round(before / now, 2)}


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _run(tree: Path, code: str, *arguments: str) -> str:
    python = tree / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-c", code, *arguments], cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{tree}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
