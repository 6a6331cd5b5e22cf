"""Sealing the journal: entries a second, with reading the same lines alone; what a message costs while it runs; a case.

The lines are those of one seller's chain, written straight into the table; they are sealed in turns as the errand does
it, with signed heads and tiles, and between two turns a message is sent. Bare is reading the same lines from the database. A case file of some
forty lines is built and verified as its script does it, in the same run; and one of five thousand.
"""

import hashlib
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import stage

LINES, LONG = 100_000, 5_000


def main(engine: str) -> None:
    stage.set_up(engine)
    from datetime import UTC, datetime, timedelta

    from comity.actions import messages, parties
    from comity.actions.disputes import claims, evidence
    from comity.actions.seal import sealing
    from comity.lib.casefile import verify
    from comity.records.models import JournalLine, SealedEntry, Standing
    from comity.web.trade import casefile
    from tests.disputing import scanned, sent
    from tests.disputing import stage as disputing

    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    here = disputing()
    dispute = here.open(at, amount=6000)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=at)
    talk = here.cast.conversation()

    def message(number: int) -> float:
        began = time.perf_counter()
        messages.send(here.cast.ana, talk, text="Where is it?", at=at + timedelta(hours=1, seconds=number))
        return time.perf_counter() - began

    alone = [message(number) for number in range(60)][10:]
    for number in range(32):
        given = evidence.Given(text=f"Piece {number}.")
        evidence.give(here.cast.ana, dispute, given, at=at + timedelta(hours=1, seconds=number))
    sealing.seal_due(at)
    other = parties.add(here.cast.platform, parties.NewParty(role="seller", name="Many"), at=at)
    _fill(JournalLine, Standing, other.pk, at)
    began = time.perf_counter()
    bare = len(JournalLine.objects.filter(party=other).values_list("seq", "hash"))
    reading = time.perf_counter() - began
    beside_reading = []
    for number in range(50):
        _other_work(JournalLine, other.pk, 2_000 * number)
        beside_reading.append(message(60 + number))
    before = SealedEntry.objects.count()
    began, beside = time.perf_counter(), []
    number = 200
    while sealing.seal(at + timedelta(hours=2)).added > 1_000:
        number += 1
        beside.append(message(number))
    seconds = time.perf_counter() - began - sum(beside)
    sealed = SealedEntry.objects.count() - before
    building = []
    for _ in range(2):  # the first loads what sets pages as PDF
        began = time.perf_counter()
        made = casefile.archive(here.cast.ana, dispute, at + timedelta(hours=3))
        building.append(round(1000 * (time.perf_counter() - began)))
    path = Path(tempfile.mkdtemp()) / "case.zip"
    path.write_bytes(made)
    began = time.perf_counter()
    found = verify.verify(path)
    verifying = time.perf_counter() - began
    parcel = sent(here, at + timedelta(hours=4))
    for number in range(LONG):
        scanned(here, parcel, "in_transit", at + timedelta(hours=5, seconds=number), place=f"Town {number}")
    sealing.seal_due(at + timedelta(hours=8))
    began = time.perf_counter()
    long = casefile.archive(here.cast.ana, dispute, at + timedelta(hours=9))
    building_long = time.perf_counter() - began
    path.write_bytes(long)
    began = time.perf_counter()
    found_long = verify.verify(path)
    verifying_long = time.perf_counter() - began
    stage.say({
        "compares": "sealing lines of a chain, with reading them alone", "engine": engine, "lines": sealed,
        "entries_per_second": round(sealed / seconds), "ratio": round(reading / bare * sealed / seconds, 3),
        "message_ms": _median(alone), "message_between_reads_ms": _median(beside_reading),
        "message_between_seals_ms": _median(beside),
        "case_lines": found["lines"], "case_built_ms": building[1], "first_case_built_ms": building[0],
        "case_verified_ms": round(verifying * 1000),
        "long_case_lines": found_long["lines"], "long_case_built_ms": round(building_long * 1000),
        "long_case_verified_ms": round(verifying_long * 1000), "long_case_bytes": len(long),
    })  # fmt: skip


def _other_work(lines: Any, party: int, after: int) -> None:
    """Read as many lines as a turn of sealing does, and hash them as often, without writing anything."""
    read = lines.objects.filter(party=party, seq__gt=after, seq__lte=after + 2_000).order_by("seq")
    for seq, hash_ in read.values_list("seq", "hash"):
        for _ in range(6):
            hashlib.sha256(b"%d" % seq + bytes(hash_)).hexdigest()


def _fill(lines: Any, standings: Any, party: int, at: Any) -> None:
    """Write LINES lines of one chain, whose hashes are right."""
    from comity.lib import chain

    made, before = [], chain.START
    for seq in range(1, LINES + 1):
        body = f'{{"at":"2026-03-02T09:00:00.000000Z","line":{seq}}}'
        before = chain.link(before, body.encode())
        made.append(lines(party_id=party, seq=seq, kind="message.sent", matter="conversation:x", fact_id=f"f{seq}", at=at,
                          noted_at=at, body=body, hash=before))  # fmt: skip
    lines.objects.bulk_create(made, batch_size=2_000)
    standings.objects.filter(party=party).update(chain_seq=LINES, chain_hash=before)


def _median(seconds: list[float]) -> float:
    return round(sorted(seconds)[len(seconds) // 2] * 1000, 1)


if __name__ == "__main__":
    main(sys.argv[1])
