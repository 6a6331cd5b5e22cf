"""The journal detects any changed, dropped or inserted line; and the database refuses to make one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from comity.actions import clock, messages
from comity.records import journal
from comity.records.models import JournalLine, Pause, RulebookVersion, Standing
from tests.cast import Cast, hours


@pytest.fixture
def story(cast: Cast) -> Cast:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Hello?", at=hours(1))
    clock.turn(hours(80))
    messages.send(cast.li, conversation, text="Sorry!", at=hours(81))
    return cast


@contextmanager
def unguarded() -> Iterator[None]:
    """What somebody with the database's own powers could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            cursor.execute("SET LOCAL session_replication_role = origin")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'records_journalline'"
        )
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, sql in triggers:
            cursor.execute(sql)


def test_a_chain_that_nobody_touched_holds(story: Cast) -> None:
    assert JournalLine.objects.filter(party=story.seller).count() > 8
    assert list(journal.verify(story.seller)) == []
    assert list(journal.verify(story.buyer)) == [], "an empty chain holds too"


@pytest.mark.parametrize("model", [JournalLine, RulebookVersion, Pause])
def test_the_database_refuses_to_change_or_delete_a_line(story: Cast, model: Any) -> None:
    from comity.actions import pauses

    pauses.record(story.ken, story.seller, begins=hours(2), ends=hours(3), cause="holiday", at=hours(90))
    rows = model.objects.all()
    assert rows.exists()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(id=1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.model.objects.filter(pk=rows[0].pk)._raw_delete("default")


def change_body(line: JournalLine) -> None:
    JournalLine.objects.filter(pk=line.pk).update(body=line.body.replace("2026", "2025"))


def change_column(line: JournalLine) -> None:
    JournalLine.objects.filter(pk=line.pk).update(at=hours(0))


def change_kind(line: JournalLine) -> None:
    JournalLine.objects.filter(pk=line.pk).update(kind="duty.met" if line.kind != "duty.met" else "duty.breached")


def drop(line: JournalLine) -> None:
    JournalLine.objects.filter(pk=line.pk)._raw_delete("default")


def drop_and_renumber(line: JournalLine) -> None:
    drop(line)
    for later in JournalLine.objects.filter(party=line.party, seq__gt=line.seq).order_by("seq"):
        JournalLine.objects.filter(pk=later.pk).update(seq=later.seq - 1)


def insert(line: JournalLine) -> None:
    for later in JournalLine.objects.filter(party=line.party, seq__gte=line.seq).order_by("-seq"):
        JournalLine.objects.filter(pk=later.pk).update(seq=later.seq + 1)
    line.pk, line.fact_id = None, None
    line.save(force_insert=True)


def swap_hash(line: JournalLine) -> None:
    JournalLine.objects.filter(pk=line.pk).update(hash=bytes(32))


@pytest.mark.parametrize(
    "tamper", [change_body, change_column, change_kind, drop, drop_and_renumber, insert, swap_hash]
)
@pytest.mark.parametrize("position", ["first", "middle", "last"])
def test_any_tampering_is_found(story: Cast, tamper: Callable[[JournalLine], None], position: str) -> None:
    lines = list(JournalLine.objects.filter(party=story.seller).order_by("seq"))
    line = {"first": lines[0], "middle": lines[len(lines) // 2], "last": lines[-1]}[position]
    with unguarded():
        tamper(line)
    assert list(journal.verify(story.seller)), f"{tamper.__name__} of the {position} line went unnoticed"


def test_a_chain_cut_short_is_found_by_its_head(story: Cast) -> None:
    with unguarded():
        JournalLine.objects.filter(party=story.seller).order_by("-seq")[0].__class__.objects.filter(
            party=story.seller, seq=Standing.objects.get(party=story.seller).chain_seq
        )._raw_delete("default")
    (trouble,) = journal.verify(story.seller)
    assert "its recorded head is line" in trouble.problem


def test_bodies_are_canonical_and_hold_no_texts(story: Cast) -> None:
    from comity.lib import canonical

    for line in JournalLine.objects.all():
        assert canonical.text(canonical.decode(line.body)) == line.body
        assert "Hello" not in line.body
        assert "Ana" not in line.body
