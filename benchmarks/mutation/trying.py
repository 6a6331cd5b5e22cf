"""Trying mutants: each in a process of its own, that imports the core anew with one fault and runs what may notice."""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import pickle
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

# What is imported here is imported once; nothing of the core is, for its faults would not be seen.
import holidays  # noqa: F401
import hypothesis
import msgspec  # noqa: F401
import numpy  # noqa: F401
import pytest

from benchmarks.mutation.mutants import Mutant, compiled
from benchmarks.stage import ROOT

#: What a test may take by itself, to be run at all, and what all may that are run on one mutant: as they are watched,
#: which makes them two or three times as slow.
MOST_SECONDS_OF_A_TEST, MOST_SECONDS_OF_A_MUTANT = 2.0, 12.0
#: So many tests are run first.
FIRST = 40
#: How often random tests try.
EXAMPLES = 25
MOST_BYTES = 4 * 1024**3
_QUIET = (
    "-q", "-x", "--noconftest", "--disable-warnings", "-c", os.devnull, "--rootdir", str(ROOT), "-p", "no:cacheprovider",
)  # fmt: skip


@dataclass(slots=True)
class Seen:
    """What one run of all tests shows of one of them: how long it took, and which lines of which modules it ran."""

    seconds: float = 0.0
    lines: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


class _Tests:
    """Runs tests, those that are named alone, in that order; sees what they run."""

    def __init__(self, chosen: Sequence[str] | None = None, watched: frozenset[str] = frozenset()):
        self._place = None if chosen is None else {name: place for place, name in enumerate(chosen)}
        self._watched = watched
        self.seen: dict[str, Seen] = defaultdict(Seen)
        self._now = self.seen[""]

    @pytest.fixture(autouse=True)
    def fresh(self) -> Iterator[None]:
        from comity.lib import ids

        with ids.seeded(7):
            yield

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if (place := self._place) is not None:
            items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        begun, self._now = time.perf_counter(), self.seen[item.nodeid]
        result = yield
        self._now.seconds = time.perf_counter() - begun
        return result

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        path = frame.f_code.co_filename
        if path not in self._watched:
            return None
        self._now.lines[path].add(frame.f_lineno)
        return self.trace


class _Faulty(importlib.abc.MetaPathFinder):
    """Finds one module with its fault in it."""

    def __init__(self, name: str, path: str, code: CodeType):
        self._name, self._path, self._code = name, path, code

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        loader = importlib.machinery.SourceFileLoader(name, self._path)
        loader.get_code = lambda fullname: self._code  # type: ignore[method-assign]
        return importlib.util.spec_from_loader(name, loader)


def watch(paths: Sequence[Path], tests: Sequence[str]) -> dict[str, Seen]:
    """Run all `tests` on the code as it is; return by test what it runs of `paths`, and by "" what importing runs."""

    def watched() -> bytes:
        plugin = _Tests(watched=frozenset(map(str, paths)))
        sys.settrace(plugin.trace)
        code = _run(tests, plugin)
        sys.settrace(None)
        if code != pytest.ExitCode.OK:
            raise SystemExit("the tests fail without any fault")
        return pickle.dumps({name: (seen.seconds, dict(seen.lines)) for name, seen in plugin.seen.items()})

    status, told = _forked(watched, seconds=600)
    if status != 0:
        raise SystemExit(f"the tests cannot be run as they are: status {status}")
    return {name: Seen(*parts) for name, parts in pickle.loads(told).items()}


def choose(seen: dict[str, Seen], path: Path, mutant: Mutant) -> list[str]:
    """Return the tests that may notice a mutant, those that run its lines first, each part from the quickest on.

    None where no test runs it, nor importing. What a test finds kept by one before it, or what was made when its file
    was imported, it does not run itself: all tests of a file of which one runs the module come last.
    """
    lines = {mutant.statement, *range(mutant.line, mutant.last + 1)}
    runs = {name: each.lines.get(str(path), set()) for name, each in seen.items()}
    running = {name for name, run in runs.items() if name and lines & run}
    if not running and not lines & runs[""]:
        return []
    files = {name.partition("::")[0] for name, run in runs.items() if run}
    of_files = [name for name in seen if name and name.partition("::")[0] in files]
    chosen: list[str] = []
    left = MOST_SECONDS_OF_A_MUTANT
    for name in sorted(of_files, key=lambda name: (name not in running, not runs[name], seen[name].seconds)):
        seconds = seen[name].seconds
        if seconds <= min(left, MOST_SECONDS_OF_A_TEST):
            chosen.append(name)
            left -= seconds
    return chosen


def outcome(path: Path, mutant: Mutant, tests: Sequence[str]) -> str:
    """Return what becomes of a mutant: killed, by time (it never comes to an end), or survived.

    Most are killed by the first few tests: the files of all others need not be imported for these.
    """
    for some in (tests[:FIRST], tests[FIRST:]):
        if some and (became := _tried(path, mutant, some)) != "survived":
            return became
    return "survived"


def _tried(path: Path, mutant: Mutant, tests: Sequence[str]) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    if name in sys.modules:
        raise RuntimeError(f"{name} is imported already: its children would see no fault in it")
    files = sorted({test.partition("::")[0] for test in tests})

    def tried() -> bytes:
        sys.meta_path.insert(0, _Faulty(name, str(path), compiled(path.read_text(), mutant, str(path))))
        code = _run(files, _Tests(tests))
        return b"survived" if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else b"killed"

    status, told = _forked(tried, seconds=int(5 + 5 * MOST_SECONDS_OF_A_MUTANT))
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return "by time"
    return told.decode() or "killed"


def _run(tests: Sequence[str], plugin: _Tests) -> int:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    hypothesis.settings.register_profile(
        "mutation", derandomize=True, database=None, deadline=None, suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )  # fmt: skip
    hypothesis.settings.load_profile("mutation")
    from tests import profiles

    profiles.MOST_EXAMPLES_WHEN_SHORT = EXAMPLES
    return pytest.main([*_QUIET, *tests], plugins=[plugin])


def _forked(work: Callable[[], bytes], *, seconds: int) -> tuple[int, bytes]:
    """Do `work` in a process of its own; return its status, and what it returns, if it came so far."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        status = 1
        try:
            signal.alarm(seconds)
            resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
            for stream in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
            os.chdir(ROOT)
            told = work()
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(told)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    return os.waitpid(child, 0)[1], told
