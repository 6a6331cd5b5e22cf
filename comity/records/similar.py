"""Disputes that ended, found by what they have in common with one: facets, and words.

In SQLite words are ranked by BM25 (FTS5). PostgreSQL knows no BM25: its own rank orders the first 2,000 that are found.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, QuerySet

from comity.records import statements
from comity.records.models import ClosedCase, Dispute

#: Words that are looked for, and cases that are found, at the most.
MAX_WORDS, MAX_FOUND = 8, 20
#: Of the words of a case, so many are looked up for how many cases have them.
MAX_LOOKED_UP = 60
MAX_WORDS_CHARS = 20_000
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])")
_SQLITE = """
SELECT c.id FROM closed_case_words w JOIN records_closedcase c ON c.id = w.rowid
WHERE closed_case_words MATCH %s {facets} ORDER BY bm25(closed_case_words) LIMIT %s
"""
_POSTGRESQL = """
WITH found AS (
  SELECT c.id, c.vector, asked FROM records_closedcase c, to_tsquery('simple', %s) asked
  WHERE c.vector @@ asked {facets} LIMIT 2000
)
SELECT id FROM found ORDER BY ts_rank(vector, asked) DESC, id DESC LIMIT %s
"""
_HALF = 500


@dataclass(frozen=True, slots=True)
class Facets:
    """What cases have in common; empty for whatever. `size`: of what was asked, as `size_of` gives it."""

    reason: str = ""
    outcome: str = ""
    currency: str = ""
    size: int | None = None


def size_of(asked: int) -> int:
    """Return the size of a sum: 0 for nothing, else the power of two that it lies under."""
    return max(asked, 0).bit_length()


def keep(dispute: Dispute) -> ClosedCase | None:
    """Keep a dispute that ended so that it can be found; None for one that has not. Again: as it ended last."""
    if dispute.ended_at is None:
        return None
    order, given = dispute.order, set(dispute.evidence.values_list("role", flat=True))
    sides = [side for side in ("buyer", "seller") if side in given]
    share = min(1000 * dispute.amount // dispute.asked, 1000) if dispute.asked else None
    said = dispute.texts.filter(sees="all").order_by("at", "pk").values_list("text", flat=True)
    words = spelt(" ".join(said))[:MAX_WORDS_CHARS]
    with transaction.atomic():
        kept, _ = ClosedCase.objects.update_or_create(
            dispute=dispute,
            defaults={
                "ended_at": dispute.ended_at,
                "reason": dispute.reason,
                "how": dispute.ended_how,
                "outcome": dispute.outcome,
                "currency": dispute.currency,
                "size": size_of(dispute.asked),
                "share": share,
                "lane": f"{order.origin}-{order.destination}" if order.origin and order.destination else "",
                "proven": sides[0] if len(sides) == 1 else "both" if sides else "nobody",
                "words": words,
            },
        )
        index([kept])
    return kept


def index(cases: Sequence[ClosedCase]) -> None:
    """Let the words of cases be found; PostgreSQL sees to it by itself."""
    if statements.on_postgresql():
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT OR REPLACE INTO closed_case_words(rowid, words) VALUES (%s, %s)",
            [(case.pk, case.words) for case in cases],
        )


def spelt(text: str) -> str:
    """Return a text as it is indexed: in small letters, signs of Chinese and the like as words of their own."""
    return _CJK.sub(r" \1 ", text.replace("\x00", "")).casefold()


def not_kept() -> QuerySet[Dispute]:
    """Return the disputes that have ended, or ended anew, since they were kept last."""
    ended = Dispute.objects.filter(ended_at__isnull=False).select_related("order")
    return ended.exclude(closed_case__ended_at=F("ended_at")).order_by("ended_at")


def by_words(text: str, facets: Facets = Facets(), *, most: int = MAX_FOUND) -> list[ClosedCase]:
    """Return the cases that are most alike in their words, the best first."""
    words = _telling(sorted(set(re.findall(r"\w+", spelt(text))), key=lambda word: (-len(word), word))[:MAX_LOOKED_UP])
    if not words:
        return []
    asked = [(name, getattr(facets, name)) for name in ("reason", "outcome", "currency", "size")]
    given = [(name, value) for name, value in asked if value not in ("", None)]
    clause = "".join(f" AND c.{name} = %s" for name, _ in given)
    if statements.on_postgresql():
        query, statement = " | ".join(f"'{word}'" for word in words), _POSTGRESQL
    else:
        query, statement = " OR ".join(f'"{word}"' for word in words), _SQLITE
    parameters = [query, *(value for _, value in given), most]
    found = [row[0] for row in statements.fetch(statement.format(facets=clause), parameters)]
    rows = ClosedCase.objects.select_related("dispute__order").in_bulk(found)
    return [rows[key] for key in found if key in rows]


def _telling(words: list[str]) -> list[str]:
    """Return the words that tell most: in SQLite those that fewest cases have, in PostgreSQL the longest."""
    if statements.on_postgresql() or len(words) <= MAX_WORDS:
        return words[:MAX_WORDS]
    marks = ", ".join(["%s"] * len(words))
    counted = statements.fetch(f"SELECT term, doc FROM closed_case_vocabulary WHERE term IN ({marks})", words)
    return [term for term, _ in sorted(counted, key=lambda row: (row[1], row[0]))[:MAX_WORDS]]


def shares(facets: Facets, *, lane: str = "", proven: str = "", most: int = _HALF) -> list[int]:
    """Return what went back in the newest cases like one, in thousandths of what was asked.

    Ended without a winner or withdrawn counts nowhere.
    """
    rows = ClosedCase.objects.filter(how__in=["settled", "decided"], share__isnull=False)
    for name in ("reason", "currency", "size"):
        if (value := getattr(facets, name)) not in ("", None):
            rows = rows.filter(**{name: value})
    for name, value in (("lane", lane), ("proven", proven)):
        if value:
            rows = rows.filter(**{name: value})
    return [share for share in _values(rows.order_by("-ended_at")[:most]) if share is not None]


def _values(rows: QuerySet[ClosedCase]) -> Iterable[int | None]:
    return rows.values_list("share", flat=True)
