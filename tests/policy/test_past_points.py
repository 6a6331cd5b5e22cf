"""Points of the past: new rungs do not look back, old strikes are gone, imported ones keep their dates."""

from datetime import UTC, datetime, timedelta

from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions import points
from comity.policy.sanctions.measures import MeasureStatus
from comity.rulebooks.language.parse import parse

PARTY = "seller:li"
HEAD = """
name = "points"
version = "{version}"
in_force_from = {since}

[[conduct]]
name = "spam"
title = "No spam"
severity = "high"
proved_by = ["reviewer"]
charge = {{ ledger = "conduct", points = [1, 48] }}

[[ledger]]
name = "conduct"
title = "Conduct"
expires_after = "{lives}"
{more}
"""
FREEZE_AT = """
[[ledger.rung]]
at = {at}
measure = "freeze"
length = "7 days"
notice = "1 minute"
decided_by = "automatic"
"""


def book(rungs: str, *, version: str = "1", since: str = "2025-01-01", lives: str = "365 days", more: str = "") -> str:
    return HEAD.format(version=version, since=since, lives=lives, more=more) + rungs


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def found(at: str, amount: int = 1, *, noted: str = "") -> Fact:
    data: dict[str, Scalar] = {"rule": "spam", "by": "reviewer", "points": amount}
    return Fact(id=f"v{at}{amount}", kind="violation.found", at=day(at), noted_at=day(noted or at), subject=f"listing:{at}",
                matter=f"listing:{at}", party=PARTY, data=data)  # fmt: skip


def standing(memory: Memory, at: str) -> int:
    books = memory.rulebooks
    now = books.in_force(day(at))
    assert now is not None
    return points.standing(now, "conduct", memory.charges.values(), day(at), memory.counting)


def in_force(memory: Memory, at: str) -> list[datetime | None]:
    measures = memory.measures.values()
    placed = [each for each in measures if each.status in (MeasureStatus.PLACED, MeasureStatus.LIFTED)]
    now = day(at)
    return [
        each.until
        for each in placed
        if each.effective_at and each.effective_at <= now and (each.until is None or now < each.until)
    ]


def test_a_rung_that_is_added_below_where_somebody_stands_places_nothing() -> None:
    limited = FREEZE_AT.format(at=10).replace("freeze", "messages limited").replace("7 days", "3 days")
    books = Rulebooks([
        parse(book(FREEZE_AT.format(at=50))),
        parse(book(limited + FREEZE_AT.format(at=50), version="2", since="2026-06-01")),
    ])  # fmt: skip
    memory = Memory(books, PARTY)
    for at, amount in (("2026-03-01T10:00", 20), ("2026-04-01T10:00", 24)):
        memory.note(found(at, amount))
    memory.turn(day("2026-06-01T00:00"))
    assert (standing(memory, "2026-06-01T00:00"), memory.measures) == (44, {})
    memory.note(found("2026-06-05T10:00", 2))
    assert (standing(memory, "2026-06-05T10:00"), memory.measures) == (46, {}), "it passed no threshold"
    memory.note(found("2026-06-20T10:00", 4))
    assert standing(memory, "2026-06-20T10:00") == 50
    assert in_force(memory, "2026-06-20T10:01") == [day("2026-06-27T10:01")]


def test_a_strike_a_year_old_is_not_the_third_strike() -> None:
    rungs = FREEZE_AT.format(at=3)
    memory = Memory(Rulebooks([parse(book(rungs, lives="90 days", more='counts = "strikes"'))]), PARTY)
    memory.note(found("2025-06-01T12:00", 5))
    assert (standing(memory, "2025-08-30T11:59"), standing(memory, "2025-08-30T12:00")) == (1, 0)
    for at in ("2026-05-30T12:00", "2026-06-01T12:00"):
        memory.note(found(at, 5))
    assert (standing(memory, "2026-06-01T12:00"), memory.measures) == (2, {})
    assert (standing(memory, "2026-08-28T11:59"), standing(memory, "2026-08-28T12:00")) == (2, 1)


def test_imported_points_expire_as_they_would_have() -> None:
    memory = Memory(Rulebooks([parse(book(FREEZE_AT.format(at=5), lives="180 days"))]), PARTY)
    noted = "2026-01-10T00:00"
    facts = [found(at, noted=noted) for at in ("2025-03-01T12:00", "2025-04-02T12:00", "2025-05-03T12:00")]
    memory.sit([*facts, found("2025-03-01T12:00:01", noted=noted)])
    assert (standing(memory, "2026-01-10T00:01"), memory.measures) == (0, {})
    memory.note(found("2026-01-12T12:00"))
    assert (standing(memory, "2026-01-12T12:00"), memory.measures) == (1, {})


def test_one_decision_is_one_charge_however_many_acts_carry_it_out() -> None:
    memory = Memory(Rulebooks([parse(book(FREEZE_AT.format(at=3), more='counts = "strikes"'))]), PARTY)
    at = "2026-02-03T14:00"
    memory.note(found(at))
    acts: tuple[tuple[str, int, str], ...] = (
        ("listing off", 0, "listing:1"), ("listing off", 0, "listing:2"), ("no new listings", 3 * 86_400, ""),
    )  # fmt: skip
    for number, (measure, length, of) in enumerate(acts):
        data: dict[str, Scalar] = {
            "agent": "agent:noor",
            "measure": measure,
            "rule": "spam",
            "length": length,
            "notice": 0,
        }
        memory.note(
            Fact(id=f"a{number}", kind="sanction.asked", at=day(at), noted_at=day(at), subject=PARTY, matter=PARTY,
                 party=PARTY, data=data | ({"of": of} if of else {}))
        )  # fmt: skip
    for key in list(memory.measures):
        matter = f"sanction:{key}"
        memory.note(
            Fact(id=f"y{key}", kind="sanction.approved", at=day(at) + timedelta(minutes=1), noted_at=day(at) + timedelta(minutes=1),
                 subject=matter, matter=matter, party=PARTY, data={"agent": "agent:omar"})
        )  # fmt: skip
    assert standing(memory, "2026-02-03T14:01") == 1
    stand = {(each.measure, each.of, each.until) for each in memory.measures.values()}
    assert stand == {
        ("listing off", ("listing:1",), None),
        ("listing off", ("listing:2",), None),
        ("no new listings", (), day("2026-02-06T14:01")),
    }
