"""What the case file of a measure holds: what led to it, the statement of reasons, what was said, and appeals."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from comity.actions import measured
from comity.actions.guard import Actor, require
from comity.actions.seal import casefile
from comity.actions.seal.casefile import Content, Line
from comity.lib.ids import digest
from comity.policy.facts import DEADLINE
from comity.records.models import JournalLine, MeasureText, Sanction


def content(actor: Actor, measure: Sanction, *, at: datetime) -> Content:
    """Return what is in the case file of a measure at `at`. Raises Forbidden."""
    require(actor, "party.read", measure.party)
    files = dict[str, bytes]()
    lines = {line.seq: line for line in _lines(actor, measure, at)}
    return Content(
        whose=measure.party,
        about={
            "key": measure.key, "measure": measure.measure, "party": measure.party.ref, "made_for": actor.role,
            "rulebook": measure.rulebook, "status": measure.status, "effective_at": measure.effective_at,
            "until": measure.until, "ended_at": measure.ended_at,
        },
        lines=list(lines.values()),
        words=list(_words(measured.said_of(measure), files)),
        files=files,
        notices=casefile.notices([measure.ref, measured.appeal_of(measure)], [measure.party]),
        more={"statement.json": measure.statement or {}},
    )  # fmt: skip


def _lines(actor: Actor, measure: Sanction, at: datetime) -> Iterator[Line]:
    """Yield the lines of a measure and of its appeals; and those of the charges and numbers that it rests on."""
    party = measure.party
    rows = JournalLine.objects.filter(party=party).exclude(kind=DEADLINE)
    for row in rows.filter(matter__in=[measure.ref, measured.appeal_of(measure)]):
        yield casefile.line_of(row, party, actor, at=at)
    counted = party.charges.filter(key__in=measure.because)
    keys = {*measure.because, *counted.values_list("because", flat=True)}
    for row in rows.filter(matter__in={party.ref, *counted.values_list("matter", flat=True)}):
        body = json.loads(row.body)
        if not keys.isdisjoint({str(body.get("key")), str(row.fact_id)}):
            yield casefile.line_of(row, party, actor, at=at)


def _words(texts: list[MeasureText], files: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    for text in texts:
        salt = bytes(text.salt)
        of_text = {"fact": text.fact, "kind": text.kind, "role": text.role, "at": text.at}
        yield {**of_text, "text": text.text, "digest": digest(salt, text.text), "salt": salt.hex()}
        for file in text.files.all():
            there = casefile.file_of(file.sha256, file.kind, file.name, salt, files)
            yield {**of_text, "digest": digest(salt, file.sha256), **there}
