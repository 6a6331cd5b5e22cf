"""The report on fairness over a million measures: as the page asks for it, and the bare statement that it rests on.

MEASURES rulings that placed a measure, each with a statement of reasons of some hundred characters, on SELLERS sellers
who have ORDERS orders in the year; every fiftieth measure fell, every hundredth was appealed against. The aim is under
two seconds for the report. How often standards would flag keepers of their limits is simulated apart (`keepers`): the
first look, and one after that.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import stage

MEASURES, SELLERS, ORDERS, ROUNDS, AIM_SECONDS = 1_000_000, 10_000, 200_000, 5, 2
APPEAL_EVERY = 100
BOOK = """
name = "bench"
version = "1"
in_force_from = 2026-01-01
[[standard]]
name = "disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
window = "90 days"
evaluated = "daily"
limit = { rate = "<= 2.5%" }
breach = { notify = ["seller"] }
"""
_SERIES = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) SELECT i FROM n)",
    "postgresql": "(SELECT i FROM generate_series(0, {count} - 1) AS n(i))",
}
#: Moments spread over the year before the end, `of` of them.
_MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', '2026-01-02', '+' || (i * 360 * 24 * 60 / {of}) || ' minutes')",
    "postgresql": "'2026-01-02 00:00:00+00'::timestamptz + (i::bigint * 360 * 24 * 60 / {of}) * interval '1 minute'",
}
_UUID = {
    "sqlite": "lower(hex(randomblob(16)))",
    "postgresql": "gen_random_uuid()",
}
_BARE = (
    "SELECT party_id, measure, status, count(*) FROM records_sanction WHERE placed_at >= %s AND placed_at < %s "
    "GROUP BY 1, 2, 3"
)


def main(engine: str, measures: str = "") -> None:
    stage.set_up(engine)
    from django.db import connection

    from comity.actions import fairness, parties, rulebooks
    from comity.actions.guard import Actor
    from comity.history import chances

    at, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    platform = Actor(parties.platform(at))
    rulebooks.publish(platform, BOOK, at=at)
    agent = Actor(parties.add(platform, parties.NewParty(role="agent", name="A"), at=at))
    count = int(measures or MEASURES)
    began = time.perf_counter()
    _fill(connection, engine, count, at)
    filled = time.perf_counter() - began
    first = _took(lambda: fairness.report(agent, at=end))
    found = fairness.report(agent, at=end)
    assert found.placed == count, "every measure is counted"
    assert found.appealed.part == count // APPEAL_EVERY
    whole = [_took(lambda: fairness.report(agent, at=end)) for _ in range(ROUNDS)]
    since = end - timedelta(days=fairness.DAYS)
    bare = [_took(lambda: _ask(connection, since, end)) for _ in range(ROUNDS)]
    chances.forget()
    keepers = _took(lambda: list(fairness.report(agent, at=end).keepers)) - _median(whole)
    stage.say({
        "compares": "the report on fairness with the bare statement over the same measures", "engine": engine,
        "measures": count, "sellers": SELLERS, "orders": ORDERS, "appeals": count // APPEAL_EVERY,
        "aim_seconds": AIM_SECONDS, "first_seconds": round(first, 2), "seconds": round(_median(whole), 2),
        "bare_seconds": round(_median(bare), 2), "keepers_first_seconds": round(keepers, 2),
        "filled_seconds": round(filled),
    })  # fmt: skip


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _median(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def _ask(connection: Any, since: datetime, end: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BARE, (since, end))
        cursor.fetchall()


def _fill(connection: Any, engine: str, count: int, at: datetime) -> None:
    from comity.lib import ids
    from comity.records.models import Order, Party, Sanction

    Party.objects.bulk_create(
        (Party(uuid=ids.uuid7(at), role="seller", name=f"S{n}", joined_at=at) for n in range(SELLERS)), batch_size=1_000
    )
    first = Party.objects.filter(role="seller").order_by("pk").values_list("pk", flat=True)[0]
    agent = Party.objects.get(role="agent").pk
    party = f"{first} + (i % 10000 * 7919) % {SELLERS}"
    moment = _MOMENT[engine].format(of=count)
    reasons = "x" * 400
    measure = "CASE (i + i / 10000) % 10 WHEN 0 THEN 'freeze' WHEN 1 THEN 'restriction' WHEN 2 THEN 'listing off' ELSE 'warning' END"
    _insert(connection, engine, Sanction, count, {
        "key": "'k' || i", "party_id": party, "origin": "'ledger:conduct'", "rung": "4", "measure": measure,
        "points": "4", "rulebook": "'bench@1'", "status": "CASE WHEN i % 50 = 0 THEN 'overturned' ELSE 'placed' END",
        "at": moment, "because": "'[]'", "statement": f"'{{\"text\": \"{reasons}\"}}'", "placed_at": moment,
        "told_at": moment, "effective_at": moment, "decided_by": "'platform:clock'",
    })  # fmt: skip
    _insert(connection, engine, Order, ORDERS, {
        "uuid": _UUID[engine], "key": "'o' || i", "buyer_id": str(agent), "title": "'Cup'", "amount": "100",
        "seller_id": f"{first} + (i % 1000 * (i % 1000)) % {SELLERS}", "currency": "'EUR'", "handling_hours": "24",
        "placed_at": _MOMENT[engine].format(of=ORDERS), "origin": "'DE'", "external_id": "'x' || i",
    })  # fmt: skip
    _appeals(count, first, agent, at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _appeals(count: int, first: int, agent: int, at: datetime) -> None:
    """An appeal against every so many measures, each filed and decided, as texts and journal lines."""
    from comity.lib import canonical
    from comity.policy.facts import Fact
    from comity.records import journal
    from comity.records.models import JournalLine, MeasureText

    texts, lines = [], []
    for number in range(0, count, APPEAL_EVERY):
        party, matter = first + number * 7919 % SELLERS, f"appeal:k{number}"
        filed = at + timedelta(days=2 + number * 350 / count)
        texts.append(MeasureText(
            party_id=party, matter=f"sanction:k{number}", fact=f"f{number}", kind="filed", author_id=party,
            role="seller", text="No.", salt=b"", at=filed,
        ))  # fmt: skip
        for place, (kind, data) in enumerate(
            (("appeal.filed", {}), ("appeal.decided", {"agent": f"agent:{agent}", "result": "falls"}))
        ):
            fact = Fact(
                id=f"{kind}:{number}", kind=kind, at=filed + timedelta(days=3 * place), noted_at=filed, data=data,
                subject=f"sanction:k{number}", matter=matter, party=f"seller:{party}",
            )  # fmt: skip
            lines.append(JournalLine(
                party_id=party, seq=2 * number + place, kind=kind, matter=matter, fact_id=fact.id, at=fact.at,
                noted_at=filed, body=canonical.text(journal.body_of(fact, filed)), hash=b"",
            ))  # fmt: skip
    MeasureText.objects.bulk_create(texts, batch_size=1_000)
    JournalLine.objects.bulk_create(lines, batch_size=1_000)


def _insert(connection: Any, engine: str, model: Any, count: int, values: dict[str, str]) -> None:
    """Insert rows by one statement; what is not given is as the model has it, or nothing."""
    for field in model._meta.concrete_fields:
        if field.column in values or field.primary_key or field.null:
            continue
        default = field.get_default()
        if isinstance(default, bool) and engine == "postgresql":
            values[field.column] = str(default).lower()
        else:
            values[field.column] = "'[]'" if default == [] else "0" if default in (0, None, False) else f"'{default}'"
        if field.get_internal_type() == "UUIDField":
            values[field.column] = _UUID[engine]
    columns = ", ".join(f'"{name}"' for name in values)
    said = ", ".join(values.values())
    series = _SERIES[engine].format(count=count)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {said} FROM {series} AS n")


if __name__ == "__main__":
    main(*sys.argv[1:])
