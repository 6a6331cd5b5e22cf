"""What `comity serve` weighs at rest, process by process, in megabytes of resident memory."""

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import stage

REST_SECONDS = 20


def main(engine: str) -> None:
    stage.set_up(engine)
    from tests.server import free_port

    command = [sys.executable, "-m", "comity", "serve", "--port", str(free_port())]
    environment = os.environ | {"PYTHONPATH": str(stage.ROOT)}
    server = subprocess.Popen(command, env=environment, cwd=stage.ROOT, stdout=sys.stderr)
    try:
        time.sleep(REST_SECONDS)
        found = {_name(pid): _megabytes(pid) for pid in _with_children(server.pid)}
    finally:
        server.terminate()
        server.wait()
    shared = {name: proportional for name, (_, proportional) in found.items()}
    stage.say({
        "compares": "the processes of comity serve with each other, after a rest", "engine": engine,
        "resident_mb": {name: resident for name, (resident, _) in found.items()},
        "all_resident_mb": sum(resident for resident, _ in found.values()),
        "all_mb_with_shared_pages_counted_once": sum(shared.values()),
    })  # fmt: skip


def _with_children(pid: int) -> list[int]:
    children = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(below for child in children for below in _with_children(child))]


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    what = words[words.index("-m") + 1].rpartition(".")[2]
    return f"{what if what != 'comity' else words[words.index('-m') + 2]} {pid}"


def _megabytes(pid: int) -> tuple[int, int]:
    """Resident, and with shared pages divided among those who share them."""
    rows = dict(
        line.split(":") for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:] if ":" in line
    )
    return int(rows["Rss"].split()[0]) // 1024, int(rows["Pss"].split()[0]) // 1024


if __name__ == "__main__":
    main(sys.argv[1])
