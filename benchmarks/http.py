"""A buyer's message by HTTP: eight clients at once, each with a token of its own, against `comity serve`.

Compared, in the same run and in turns, with a bare Django view behind the same server that writes one row for each
request, and on PostgreSQL with pgbench, which sends the same statements as a message takes.
"""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks import stage

CLIENTS, SELLERS, SECONDS, ROUNDS = 8, 64, 6.0, 3
TICKS = os.sysconf("SC_CLK_TCK")


def main(engine: str) -> None:
    stage.set_up(engine)
    shop = _prepare()
    ours, bare, pgbench, ours_cpu = [], [], [], []
    copy = _copy_for_pgbench() if engine == "postgresql" else ""
    served = _serve("comity.config.rsgi:application")
    bared = _serve("benchmarks.bare:application")
    try:
        _load(served, shop, 1.0)
        _load(bared, shop, 1.0)
        for _ in range(ROUNDS):
            before = _cpu(served)
            ours.append(_load(served, shop, SECONDS))
            ours_cpu.append((_cpu(served) - before) / ours[-1]["answered"])
            bare.append(_load(bared, shop, SECONDS))
            if engine == "postgresql":
                pgbench.append(_pgbench(copy))
    finally:
        for process, _ in (served, bared):
            process.terminate()
            process.wait()
    middle = sorted(ours, key=lambda each: each["per_second"])[ROUNDS // 2]
    bare_rate = sorted(each["per_second"] for each in bare)[ROUNDS // 2]
    said = {
        "compares": "POST /conversations/…/messages with a bare Django view that writes one row", "engine": engine,
        "clients": CLIENTS, "rounds": ROUNDS, "per_second": [each["per_second"] for each in ours],
        "p50_ms": middle["p50_ms"], "p99_ms": middle["p99_ms"], "cpu_ms_of_server": [round(1000 * each, 2) for each in ours_cpu],
        "wrong": sum(each["wrong"] for each in ours), "bare_view_per_second": [each["per_second"] for each in bare],
        "ratio_to_bare_view": round(middle["per_second"] / bare_rate, 3),
    }  # fmt: skip
    if pgbench:
        said |= {
            "pgbench_per_second": [round(each) for each in pgbench],
            "ratio_to_pgbench": round(middle["per_second"] / sorted(pgbench)[ROUNDS // 2], 3),
        }
    stage.say(said)


def _prepare() -> list[tuple[str, str]]:
    """Make clients with their conversations; return a token and an address for each."""
    from datetime import UTC, datetime

    from comity.actions import messages, parties, rulebooks
    from comity.actions.guard import Actor
    from comity.identity import tokens
    from comity.rulebooks.shelf import text_of

    at = datetime.now(UTC)
    platform = Actor(parties.platform(at))
    rulebooks.publish(platform, text_of("aliexpress"), at=at)
    sellers = [
        parties.add(platform, parties.NewParty(role="seller", name=f"S{number}"), at=at) for number in range(SELLERS)
    ]
    made = []
    for number in range(CLIENTS):
        buyer = parties.add(platform, parties.NewParty(role="buyer", name=f"B{number}"), at=at)
        token = tokens.make(
            platform, party=buyer, label="benchmark", scopes=["message.send", "conversation.read"], at=at
        )
        for seller in sellers[number::CLIENTS]:
            new = messages.NewConversation(buyer=buyer, seller=seller, topic="?")
            made.append((token, str(messages.open_conversation(Actor(buyer), new, at=at).uuid)))
    return made


def _serve(application: str) -> tuple["subprocess.Popen[bytes]", int]:
    from tests.server import free_port

    port = free_port()
    many = "2" if os.environ.get("COMITY_DATABASE_URL") else "1"
    command = [sys.executable, "-m", "comity.cli.processes.web", "127.0.0.1", str(port), many]
    environment = os.environ | {"PYTHONPATH": str(stage.ROOT), "COMITY_APPLICATION": application}
    process = subprocess.Popen(command, env=environment, cwd=stage.ROOT, stdout=sys.stderr)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def _load(served: tuple["subprocess.Popen[bytes]", int], shop: list[tuple[str, str]], seconds: float) -> dict[str, Any]:
    took: list[float] = []
    wrong: list[bytes] = []
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        mine = [
            _request(token, f"/api/v1/conversations/{uuid}/messages", b'{"text": "Where is my parcel?"}')
            for token, uuid in shop
        ]
        mine = [request for place, request in enumerate(mine) if place * CLIENTS // len(shop) == number]
        with socket.create_connection(("127.0.0.1", served[1])) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            turn = 0
            while (began := time.monotonic()) < until:
                line.sendall(mine[turn % len(mine)])
                answer = _answer(line)
                took.append(time.monotonic() - began)
                if not answer.startswith(b"HTTP/1.1 201"):
                    wrong.append(answer)
                turn += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        print(wrong[0].decode(errors="replace")[:500], file=sys.stderr)
    return {
        "answered": len(took), "per_second": round(len(took) / (time.monotonic() - began), 1), "wrong": len(wrong),
        "p50_ms": round(1000 * stage.percentile(took, 0.5), 1), "p99_ms": round(1000 * stage.percentile(took, 0.99), 1),
    }  # fmt: skip


def _request(token: str, path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _answer(line: socket.socket) -> bytes:
    got = line.recv(65_536)
    while b"\r\n\r\n" not in got:
        got += line.recv(65_536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(row[15:]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")), 0)
    while len(body) < length:
        part = line.recv(65_536)
        body += part
        got += part
    return got


def _cpu(served: tuple["subprocess.Popen[bytes]", int]) -> float:
    """Seconds of processor time that a server and its processes have used."""
    children = Path(f"/proc/{served[0].pid}/task/{served[0].pid}/children").read_text().split()
    found = [
        Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in [str(served[0].pid), *children]
    ]
    return sum(int(each[11]) + int(each[12]) for each in found) / TICKS


def _pgbench(database: str) -> float:
    """Transactions a second that pgbench makes of the same statements, on a copy of the database before the load."""
    from django.conf import settings

    from comity.records.engines import conninfo

    server = settings.DATABASES["default"]
    binary = max(
        Path("/usr/lib/postgresql").glob("*/bin/pgbench"), key=lambda path: int(path.parts[4]), default=Path("pgbench")
    )
    done = subprocess.run(
        [
            str(binary), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(int(SECONDS)), "-D", f"talks={SELLERS}",
            "-f", str(stage.ROOT / "benchmarks" / "message.pgbench"), conninfo({**server, "NAME": database}),
        ],
        check=True, text=True, capture_output=True,
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    return float(found.group(1))


def _copy_for_pgbench() -> str:
    """Make a copy of the database, and return its name."""
    import psycopg
    from django.conf import settings
    from django.db import connection

    from comity.records.engines import conninfo

    connection.close()
    server = settings.DATABASES["default"]
    with psycopg.connect(conninfo({**server, "NAME": "template1"}), autocommit=True) as admin:
        admin.execute("CREATE DATABASE bench TEMPLATE postgres")
    with psycopg.connect(conninfo({**server, "NAME": "bench"}), autocommit=True) as made:
        made.execute("CREATE SEQUENCE bench_seq START 1000")
        made.execute("DELETE FROM records_duty")
    return "bench"


if __name__ == "__main__":
    main(sys.argv[1])
