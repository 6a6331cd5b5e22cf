"""Fresh databases for benchmarks: SQLite in a temporary folder, and a PostgreSQL with its usual durability."""

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def set_up(engine: str) -> None:
    """Make Django speak to an empty database of `engine`, sqlite or postgresql."""
    os.environ["COMITY_DATA"] = tempfile.mkdtemp(prefix="comity-bench-")
    os.environ["COMITY_SECRET_KEY"] = "benchmark"
    os.environ["DJANGO_SETTINGS_MODULE"] = "comity.config.settings"
    if engine == "postgresql":
        os.environ["COMITY_DURABLE_TEST_DATABASE"] = "1"
        from tests.server import running_postgresql

        server = running_postgresql()
        os.environ["COMITY_DATABASE_URL"] = f"postgresql://{server['USER']}@127.0.0.1:{server['PORT']}/postgres"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def run(module: str, *arguments: str) -> Any:
    """Run one benchmark in a process of its own and return what it prints, JSON."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        cwd=ROOT,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout)


def say(value: Any) -> None:
    """Print a result."""
    print(json.dumps(value, indent=2))


def machine() -> dict[str, Any]:
    """Where the numbers were measured."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


def peak_megabytes() -> float:
    """The most memory that this process has held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of `values` lie."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]
