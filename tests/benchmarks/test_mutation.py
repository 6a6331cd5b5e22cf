"""Faults are put where they do something, one at a time, and the tests that may notice are found and run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.mutation import trying
from benchmarks.mutation.mutants import compiled, mutants
from benchmarks.mutation.trying import Seen
from benchmarks.stage import ROOT

TOY = '''"""A toy."""
from dataclasses import dataclass

LIMIT: int = 5


@dataclass(frozen=True)
class Box:
    """Holds things; 7 of them."""

    size: int = 2

    def holds(self, things: list[int], *, full: bool = False) -> bool:
        """Whether it does."""
        if not things:
            return True
        total = 0
        for thing in things:
            if thing < 0 and full:
                continue
            total += thing * self.size
        return min(total, 100) <= LIMIT
'''


def changes(source: str) -> list[str]:
    return [f"{mutant.line}: {mutant.change}" for mutant in mutants(source)]


def test_each_place_that_does_something_has_its_faults() -> None:
    assert changes(TOY) == [
        "4: 5 -> 6", "4: 5 -> 4", "11: 2 -> 3", "11: 2 -> 1", "13: False -> True",
        "15: if not things -> if True", "15: if not things -> if False", "15: not things -> things",
        "16: return True -> return None", "16: True -> False", "17: total = 0 -> pass", "17: 0 -> 1", "17: 0 -> -1",
        "19: if thing < 0 and full -> if True", "19: if thing < 0 and full -> if False",
        "19: thing < 0 and full -> thing < 0 or full", "19: thing < 0 -> thing <= 0", "19: 0 -> 1", "19: 0 -> -1",
        "20: continue -> break", "21: total += thing * self.size -> total -= thing * self.size",
        "21: total += thing * self.size -> pass", "21: thing * self.size -> thing // self.size",
        "22: return min(total, 100) <= LIMIT -> return None", "22: min(total, 100) <= LIMIT -> min(total, 100) < LIMIT",
        "22: min(total, 100) -> max(total, 100)", "22: 100 -> 101", "22: 100 -> 99",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a == b\n", ["1: a == b -> a != b"]),
        ("x = a is None or b not in c\n", ["1: a is None or b not in c -> a is None and b not in c", "1: a is None -> a is not None", "1: b not in c -> b in c"]),
        ("x = 1 if a else -b\n", ["1: 1 if a else -b -> 1", "1: 1 if a else -b -> -b", "1: 1 -> 2", "1: 1 -> 0", "1: -b -> b"]),
        ("def f():\n    g()\n    raise E\n", ["2: g() -> pass", "3: raise E -> pass"]),
        ("def f():\n    return any(a) % 2\n", ["2: return any(a) % 2 -> return None", "2: any(a) % 2 -> any(a) // 2", "2: any(a) -> all(a)", "2: 2 -> 3", "2: 2 -> 1"]),
        ("def f():\n    return None\n", []),
        ("g()\n", []),  # of a module's own statements none is left out: nothing of it would be there
        ("class A(B, frozen=True): ...\n", []),
        ("@cache(size=4)\ndef f(x: Literal[1]) -> Literal[2]: ...\n", []),
    ],
)  # fmt: skip
def test_kinds_of_faults(source: str, expected: list[str]) -> None:
    assert changes(source) == expected


#: What the toy is asked, and what it says without a fault.
ASKED: list[tuple[list[int], bool, bool]] = [
    ([], False, True), ([1, 1], False, True), ([2], False, True), ([3], False, False), ([-1, 3], True, False),
    ([-1, 3], False, True), ([0, 3, -9], True, False), ([99, -97], False, True),
]  # fmt: skip


def test_a_fault_is_the_only_thing_that_changes() -> None:
    survived = []
    for mutant in mutants(TOY):
        names: dict[str, Any] = {"__name__": "toy"}
        exec(compiled(TOY, mutant, "toy.py"), names)
        holds = names["Box"]().holds
        assert holds.__code__.co_firstlineno == 13, "lines stay where they are"
        try:
            if all((holds(things, full=True) if full else holds(things)) is said for things, full, said in ASKED):
                survived.append(mutant.change)
        except UnboundLocalError:
            continue
    # Sums are even; nothing left out is zero or one; nothing is as full as a hundred.
    assert survived == [
        "5 -> 4", "if not things -> if False", "0 -> 1", "thing < 0 -> thing <= 0", "0 -> 1",
        "min(total, 100) <= LIMIT -> min(total, 100) < LIMIT", "100 -> 101", "100 -> 99",
    ]  # fmt: skip


def test_what_may_notice_a_fault_is_run_and_what_runs_it_comes_first() -> None:
    (mutant,) = mutants("def f(a, b):\n    g()\n    if (a\n            and b):\n        return None\n")[:1]
    assert (mutant.line, mutant.last, mutant.statement) == (2, 2, 2)
    path = ROOT / "comity" / "toy.py"

    def seen(seconds: float, *lines: int) -> Seen:
        return Seen(seconds, {str(path): set(lines)} if lines else {})

    told = {
        "": seen(0, 1), "a.py::slow": seen(0.5, 2), "a.py::quick": seen(0.1, 1, 2), "a.py::other": seen(0.1, 3),
        "a.py::elsewhere": seen(0.1), "a.py::hours": seen(9_999, 2), "b.py::far": seen(0.1),
    }  # fmt: skip
    assert trying.choose(told, path, mutant) == ["a.py::quick", "a.py::slow", "a.py::other", "a.py::elsewhere"]
    assert trying.choose({"": seen(0, 1), "a.py::other": seen(0.1, 3)}, path, mutant) == [], "nothing runs it"
    imported = trying.choose({"": seen(0, 2), "a.py::other": seen(0.1, 3)}, path, mutant)
    assert imported == ["a.py::other"], "importing does"


def test_faults_in_the_core_are_noticed() -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.mutation",
        "--each",
        "2",
        "--only",
        "rates",
        "--tests",
        "tests/policy/test_rates.py",
    ]
    kept = ROOT / "benchmarks" / "results" / "mutation.json"
    before = kept.read_bytes() if kept.exists() else b""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert (found["modules"]["rates"]["tried"], found["modules"]["rates"]["killed"], found["survivors"]) == (2, 2, [])
    assert Path(kept).exists() is bool(before)
    assert not before or kept.read_bytes() == before, "a part alone is not kept"
