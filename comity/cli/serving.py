"""comity demo | serve | worker | live | migrate"""

import logging
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from comity.cli import loops, setup, show
from comity.cli.show import FINE, Failure
from comity.lib import options as settings

logger = logging.getLogger(__name__)


@click.command()
def migrate() -> int:
    """Make the database, or bring an older one up to date."""
    settings.data_folder().mkdir(parents=True, exist_ok=True)
    setup.django(up_to_date=False)
    from django.core.management import call_command

    setup.history()
    setup.take_up()
    call_command("migrate", verbosity=0, interactive=False)
    print("the database is up to date")
    return FINE


@click.command()
@click.option("--once", is_flag=True, help="Rule on what is due now, and stop.")
@show.json_option
def worker(once: bool, in_json: bool) -> int:
    """Turn the clock, again and again, until told to stop. Any number may run at once."""
    setup.django()
    from comity.actions import clock

    if once:
        turned = clock.turn(datetime.now(UTC))
        if in_json:
            show.as_json({"parties": turned.parties, "rulings": turned.rulings})
        else:
            print(f"{show.many(turned.rulings, 'ruling')} on {show.many(turned.parties, 'party', 'parties')}")
        return FINE

    def step() -> bool:
        turned = clock.turn(datetime.now(UTC), parties=1_000)
        if turned.rulings:
            rulings, parties = show.many(turned.rulings, "ruling"), show.many(turned.parties, "party", "parties")
            logger.info("%s on %s", rulings, parties)
        # As many as asked for: there may be more, at once.
        return turned.parties == 1_000

    loops.until_told(step, pause=settings.number("COMITY_CLOCK_SECONDS"))
    return FINE


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000)
@click.option("--no-clock", is_flag=True, help="Leave them to `comity worker` and `comity errands`.")
def serve(host: str, port: int, no_clock: bool) -> int:
    """Serve pages and API; turn the clock and run errands beside them."""
    setup.django()
    from comity.records.models import RulebookVersion

    if not RulebookVersion.objects.exists():
        show.note("no rulebook is published yet: nothing has consequences. See comity rulebook publish")
    return _serve(host, port, clock=not no_clock)


def _serve(host: str, port: int, *, clock: bool) -> int:
    """Become the server, or who watches over it, its clock and its errands: this process is not needed any more."""
    _check_port(host, port)
    # SQLite has one writer: more processes would only wait for its lock.
    many = 2 if settings.value("COMITY_DATABASE_URL") else 1
    web = ["comity.cli.processes.web", host, str(port), str(many)]
    if not clock:
        command = web
    else:
        beside = [f"{name}=comity,{name}" for name in ("worker", "errands")]
        command = ["comity.cli.processes.supervisor", f"web={','.join(web)}", *beside]
    sys.stdout.flush()
    # Not a child: signals, exit code and memory are those of what runs.
    os.execv(sys.executable, [sys.executable, "-m", *command])


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=click.IntRange(1, 65_535), default=8001)
def live(host: str, port: int) -> int:
    """Tell open pages at once what changed (PostgreSQL; see COMITY_LIVE_URL)."""
    if not settings.value("COMITY_DATABASE_URL"):
        raise Failure("comity live needs PostgreSQL (COMITY_DATABASE_URL); on SQLite, pages ask by themselves")
    setup.django()
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    from comity.cli.processes.web import HEAD_MILLISECONDS

    _check_port(host, port)
    Server(
        "comity.config.live:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        # As `cli.processes.web` has it.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS),
        workers=1,
        log_level=LogLevels.warning,
    ).serve()
    return FINE


def _check_port(host: str, port: int) -> None:
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As the server will: a port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failure(f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port") from None


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8000)
@click.option("--seed", type=int, default=1)
@click.option("--fresh", is_flag=True, help="Build it anew, even if there is one.")
@click.option("--build-only", is_flag=True, help="Build, print the logins, and stop.")
def demo(port: int, seed: int, fresh: bool, build_only: bool) -> int:
    """Build a sample marketplace, if there is none yet, and serve it."""
    if settings.value("COMITY_DATABASE_URL"):
        raise Failure("the demo makes a database of its own in a folder; unset COMITY_DATABASE_URL")
    folder = settings.data_folder() / "demo"
    # Before Django's settings are read, and for the processes that run beside the server.
    os.environ["COMITY_DATA"] = str(folder)
    if not build_only:
        _check_port("127.0.0.1", port)
    finished = folder / "logins.txt"
    if fresh or not finished.exists():
        _build_demo(folder, seed)
    else:
        setup.django()
    print(f"\n  Comity is at  http://127.0.0.1:{port}/\n\n{finished.read_text()}", flush=True)
    if build_only:
        return FINE
    print("  Stop with Ctrl-C. Build it anew with: comity demo --fresh\n", flush=True)
    return _serve("127.0.0.1", port, clock=True)


def _build_demo(folder: Path, seed: int) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    setup.django(up_to_date=False)
    from django.core.management import call_command

    from comity.demo import simulation
    from comity.demo.people import give_logins

    call_command("migrate", verbosity=0, interactive=False)
    show.note("Building a sample marketplace: 40 sellers, 400 buyers, 2,000 orders over 120 days …")
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    with show.progress("Living 120 days") as told:
        people = simulation.build(seed=seed, end=end, progress=told)
    finished = folder / "logins.txt"
    finished.write_text(give_logins(people))
    # It holds passwords, if only of people who never were.
    finished.chmod(0o600)
