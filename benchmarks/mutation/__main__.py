"""Put faults into the core, see which ones its tests notice, print and keep what came of it as JSON."""

import argparse
import json
import random
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from benchmarks import stage
from benchmarks.mutation import trying
from benchmarks.mutation.mutants import Mutant, mutants

HERE = Path(__file__).parent
POLICY = stage.ROOT / "comity" / "policy"
#: What is tried together, by what it is about.
MODULES = {
    "clocks": ("time/clocks.py",),
    "calendars": ("time/calendars.py",),
    "standards": tuple(f"standards/{name}.py" for name in ("rule", "tally", "counting", "running", "levels", "rating", "sequential")),
    "rates": ("standards/rates.py",),
    "ledgers": ("sanctions/rule.py", "sanctions/points.py"),
    "verifier": ("../lib/casefile/verify.py",),
}  # fmt: skip
TESTS = stage.ROOT / "tests" / "policy"
#: By these the script of case files is tried.
VERIFIER = ("tests/lib/test_verifier.py",)
#: These need the database's rows, which are not loaded here; or tests that are slower than any that is run.
LEFT_OUT = ("test_plans.py", "test_links.py", "test_lives.py")
#: Every part is to kill so many of its mutants.
WANTED = 0.85


def main() -> None:
    arguments = _arguments()
    begun = time.monotonic()
    drawn = {name: _drawn(name, arguments.each, arguments.seed) for name in arguments.only or MODULES}
    tests = arguments.tests or [
        *VERIFIER,
        *sorted(str(path.relative_to(stage.ROOT)) for path in TESTS.rglob("test_*.py") if path.name not in LEFT_OUT),
    ]
    seen = trying.watch(sorted({path for _, some in drawn.values() for path, _ in some}), tests)
    reasons = _reasons()
    found: dict[str, Any] = {"machine": stage.machine(), "seed": arguments.seed, "modules": {}, "survivors": []}
    for name, (number, some) in drawn.items():
        came: dict[str, int] = {"killed": 0, "by time": 0, "survived": 0, "of them with a reason": 0}
        for path, mutant in some:
            became = trying.outcome(path, mutant, chosen := trying.choose(seen, path, mutant))
            came[became] += 1
            if became == "survived":
                survivor = _survivor(path, mutant, reasons, run=bool(chosen))
                came["of them with a reason"] += survivor["reason"] is not None
                found["survivors"].append(survivor)
                print(json.dumps(survivor, ensure_ascii=False), file=sys.stderr)
        found["modules"][name] = {"mutants": number, "tried": len(some), **came}
        print(name, json.dumps(found["modules"][name]), file=sys.stderr)
    for part in found["modules"].values():
        part.update(_share(part))
    found["survivors_without_a_reason"] = sum(each["reason"] is None for each in found["survivors"])
    found["seconds"] = round(time.monotonic() - begun)
    if not arguments.only and not arguments.tests:
        (stage.RESULTS / "mutation.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    stage.say(found)
    sys.exit(any(part["share"] < WANTED for part in found["modules"].values()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=60, help="how many mutants of each part (default: 60)")
    parser.add_argument("--seed", type=int, default=1, help="which ones are drawn (default: 1)")
    parser.add_argument("--only", nargs="*", choices=MODULES, help="these parts alone; then nothing is kept")
    parser.add_argument("--tests", nargs="*", help="files of tests to run (default: those of the core)")
    return parser.parse_args()


def _drawn(name: str, each: int, seed: int) -> tuple[int, list[tuple[Path, Mutant]]]:
    """Return how many mutants a part has, and those that are drawn, in the order of their places."""
    paths = [(POLICY / path).resolve() for path in MODULES[name]]
    every = [(path, mutant) for path in paths for mutant in mutants(path.read_text())]
    places = sorted(random.Random(f"{seed} {name}").sample(range(len(every)), min(each, len(every))))
    return len(every), [every[place] for place in places]


def _reasons() -> dict[tuple[str, str, str], str]:
    """Return why mutants may survive: by module, line and change."""
    told = tomllib.loads((HERE / "reasons.toml").read_text())
    return {(each["module"], each["line"], each["change"]): each["reason"] for each in told.get("survivor", ())}


def _survivor(path: Path, mutant: Mutant, reasons: dict[tuple[str, str, str], str], *, run: bool) -> dict[str, Any]:
    module = str(path.relative_to(stage.ROOT))
    line = path.read_text().splitlines()[mutant.line - 1].strip()
    return {
        "at": f"{module}:{mutant.line}", "line": line, "change": mutant.change, "run_by_a_test": run,
        "reason": reasons.get((module, line, mutant.change)),
    }  # fmt: skip


def _share(came: dict[str, Any]) -> dict[str, Any]:
    """Return the share killed with its 95 % interval, and that of those which a test could notice."""
    # Imported last: what a process has imported, its children import no more, with a fault or without.
    from comity.policy.standards.rates import interval

    killed, tried = came["killed"] + came["by time"], came["killed"] + came["by time"] + came["survived"]
    low, high = interval(killed, tried)
    noticeable = tried - came["of them with a reason"]
    return {
        "share": round(killed / tried, 3), "low": round(low, 3), "high": round(high, 3),
        "share_of_those_without_a_reason": round(killed / noticeable, 3),
    }  # fmt: skip


if __name__ == "__main__":
    main()
