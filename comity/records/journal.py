"""The journal: append, verify, export. Append-only; the database itself refuses to change or delete a line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Max

from comity.lib import canonical, chain, moments
from comity.policy.facts import IMPORTED, Fact, read_fact
from comity.policy.lives import RULINGS
from comity.policy.rulings import Ruling
from comity.records.models import JournalLine, Party, Standing
from comity.records.statements import NewLine

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """A place where the journal does not hold: whose chain, which line, what is wrong."""

    party: str
    seq: int
    problem: str


def body_of(entry: Fact | Ruling, noted_at: datetime) -> dict[str, Any]:
    """Return what a line says, as plain values: the fact or ruling, and when it was noted."""
    plain: dict[str, Any] = msgspec.to_builtins(entry, builtin_types=(datetime,))
    # A ruling is dated when it counts; when it was noted is known only here.
    return plain if isinstance(entry, Fact) else plain | {"noted_at": noted_at}


def lines(standing: Standing, entries: Iterable[Fact | Ruling], noted_at: datetime) -> list[NewLine]:
    """Return the lines that append `entries` to a party's chain, and move the head of `standing` along.

    Whoever calls this holds the lock on `standing`, and saves both.
    """
    made = []
    seq, before = standing.chain_seq, bytes(standing.chain_hash)
    for entry in entries:
        body = canonical.encode(body_of(entry, noted_at))
        seq, before = seq + 1, chain.link(before, body)
        made.append(
            NewLine(
                standing.party_id,
                seq,
                entry.kind,
                entry.matter,
                entry.id if isinstance(entry, Fact) else None,
                entry.at,
                entry.noted_at if isinstance(entry, Fact) else noted_at,
                body.decode(),
                before,
            )
        )
    standing.chain_seq, standing.chain_hash = seq, before
    if made:
        standing.noted_at = noted_at
    return made


def verify(party: Party) -> Iterator[Trouble]:
    """Yield everything that is wrong with a party's chain: lines changed, dropped, slipped in, another's, misfiled.

    Others may write meanwhile: the head is read first and the lines up to it. What lies beyond the head is looked for
    the other way round.
    """
    standing = Standing.objects.get(party=party)
    rows = JournalLine.objects.filter(party=party, seq__lte=standing.chain_seq).order_by("seq")
    misfiled: list[Trouble] = []

    def links() -> Iterator[chain.Link]:
        for row in rows.iterator(CHUNK):
            if problem := _problem(row, party):
                misfiled.append(Trouble(party.ref, row.seq, problem))
            yield chain.Link(row.seq, row.body.encode(), bytes(row.hash))

    for broken in chain.breaks(links(), head=(standing.chain_seq, bytes(standing.chain_hash))):
        yield Trouble(party.ref, broken.seq, broken.problem)
    yield from misfiled
    newest = JournalLine.objects.filter(party=party).aggregate(newest=Max("seq"))["newest"] or 0
    head = Standing.objects.values_list("chain_seq", flat=True).get(party=party)
    if newest > head:
        yield Trouble(party.ref, newest, f"the line lies beyond the chain's head, line {head}")


def _problem(row: JournalLine, party: Party) -> str:
    """Return what is wrong with a line beside its hash; empty where nothing is."""
    # The hash covers the body alone; the columns, by which lines are looked up, could be changed beside it.
    if _at_odds(row):
        return "the columns do not say what the line says"
    if row.fact_id is not None and (of := canonical.decode(row.body)["party"]) != party.ref:
        return f"the line is of {of}"
    return ""


def _at_odds(row: JournalLine) -> bool:
    try:
        body = canonical.decode(row.body)
        kind = body["kind"] if "ruling" not in body else _kind_of(body["ruling"])
        said = (kind, body["matter"], moments.parse(body["at"]), moments.parse(body["noted_at"]), body.get("id"))
    except (ValueError, KeyError, TypeError):
        return True
    return said != (row.kind, row.matter, row.at, row.noted_at, row.fact_id)


def _kind_of(tag: str) -> str:
    return next((kind for kind, ruling in RULINGS.items() if ruling.__name__ == tag), "")


def facts_of(party: Party, *, matter: str | None = None, head: int | None = None) -> Iterator[Fact]:
    """Yield a party's facts, or those of one of its matters, in the order of its chain, which is when each was noted.

    Up to line `head`, where one is given.

    Chains of before 0.1.0 have facts noted by a clock behind that of the line before: these were judged after it, and
    say so here.
    """
    rows = JournalLine.objects.filter(party=party, fact_id__isnull=False)
    if matter is not None:
        rows = rows.filter(matter=matter)
    if head is not None:
        rows = rows.filter(seq__lte=head)
    newest = None
    for body in rows.order_by("seq").values_list("body", flat=True).iterator(CHUNK):
        fact = read_fact(body)
        if newest is not None and fact.noted_at < newest:
            fact = msgspec.structs.replace(fact, noted_at=newest)
        newest = fact.noted_at
        yield fact


def rulings_of(party: Party) -> Iterator[dict[str, Any]]:
    """Yield the bodies of a party's rulings, in order."""
    rows = JournalLine.objects.filter(party=party, fact_id__isnull=True).order_by("seq")
    for body in rows.values_list("body", flat=True).iterator(CHUNK):
        yield canonical.decode(body)


def imported(lines: Sequence[JournalLine]) -> frozenset[int]:
    """Return the numbers of those of a chain's `lines`, one after another, that are of an import.

    They are the facts of its sittings and what was ruled on them there. The first fact of such a sitting says so.
    """
    if not lines:
        return frozenset()
    chain_ = JournalLine.objects.filter(party_id=lines[0].party_id, fact_id__isnull=False)
    before = chain_.filter(seq__lt=lines[0].seq).order_by("-seq").first()
    sitting_of = {line.seq: read_fact(line.body).sitting for line in (before, *lines) if line and line.fact_id}
    imports = set(chain_.filter(kind=IMPORTED, seq__in=set(sitting_of.values()) - {0}).values_list("seq", flat=True))
    found: set[int] = set()
    sitting = sitting_of[before.seq] if before is not None else 0
    for line in lines:
        sitting = sitting_of.get(line.seq, sitting)
        if sitting in imports:
            found.add(line.seq)
    return frozenset(found)
