"""Sealing the journal and following it from outside: what was sealed stays, and who changes it is found out."""

import base64
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from comity.actions import messages
from comity.actions.seal import cosigning, keys, proving, sealing
from comity.integrations.tlog import witness
from comity.integrations.tlog.witness import Seen
from comity.lib import sealed
from comity.lib.tlog import checkpoints, notes, tiles, tree
from comity.records import seal as rows
from comity.records.migrations import _by_engine as by_engine
from comity.records.models import (
    Checkpoint,
    JournalLine,
    RulebookVersion,
    Seal,
    SealedEntry,
    SealedHead,
    SealedRulebook,
    SealKey,
    SealTile,
    Standing,
)
from tests.cast import Cast, hours

pytestmark = pytest.mark.django_db

WITNESS = notes.new_signer("witness.example", bytes(range(32)), kind=notes.COSIGNATURE)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_DATA", str(tmp_path))
    return tmp_path


def talk(cast: Cast, *at: float) -> None:
    conversation = cast.conversation()
    for number, hour in enumerate(at):
        messages.send(cast.li if number % 2 else cast.ana, conversation, text=f"Line {number}", at=hours(hour))


def fetch(path: str) -> bytes:
    answer = Client().get(f"/journal/{path}")
    if answer.status_code != 200:
        raise OSError(f"{path}: {answer.status_code}")
    return answer.content


def outsider() -> Seen:
    verifiers = [line.split(" ")[0] for line in fetch("keys").decode().splitlines()]
    return Seen(notes.read_verifier(verifiers[0]).name, verifiers)


def look(seen: Seen, at: datetime) -> list[str]:
    return [each.name for each in witness.look(fetch, seen, at).findings]


@contextmanager
def unguarded(table: str = "records_journalline") -> Iterator[None]:
    """Whoever owns the database can switch its guards off."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        else:
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER {table}_no_{verb}")
            yield
            for statement in by_engine._triggers_sqlite():
                cursor.execute(statement)


def test_every_line_is_in_the_tree_once_and_the_head_is_signed(cast: Cast) -> None:
    talk(cast, 1, 2, 3)
    first = sealing.seal(hours(3))
    assert sealing.seal(hours(3)).added == 0, "nothing came"
    talk(cast, 4)
    sealing.seal(hours(4))
    lines = JournalLine.objects.count()
    entries = [
        sealed.read(bytes(entry)) for entry in SealedEntry.objects.order_by("place").values_list("entry", flat=True)
    ]
    assert sum("line" in entry for entry in entries) == lines
    assert ("key" in entries[0], "heads" in entries[first.size - 1]) == (True, True)
    head = proving.head()
    assert head is not None
    verifier = notes.read_verifier(SealKey.objects.get().verifier)
    said = checkpoints.opened(head.note, [verifier], origin="localhost/journal")
    leaves = [tree.leaf_hash(bytes(each.entry)) for each in SealedEntry.objects.order_by("place")]
    assert (said.size, said.root) == (len(leaves), tree.root(len(leaves), tree.over(leaves)))


def test_an_entry_tells_nobody_whose_it_is_or_what_it_says(cast: Cast) -> None:
    talk(cast, 1)
    sealing.seal(hours(1))
    published = b"".join(bytes(each.entry) for each in SealedEntry.objects.all()).decode()
    for line in JournalLine.objects.select_related("party"):
        assert str(line.party.uuid) not in published
        assert bytes(line.hash).hex() not in published


def test_a_line_is_proved_to_who_is_shown_it(cast: Cast) -> None:
    talk(cast, 1, 2)
    sealing.seal(hours(2))
    line = JournalLine.objects.filter(party=cast.seller, kind="message.sent").order_by("seq")[1]
    verifiers = [notes.read_verifier(SealKey.objects.get().verifier)]
    for shown in (proving.of_entry(f"{cast.seller.ref}/{line.seq}"), proving.of_entry(str(line.fact_id))):
        assert shown.opening.body.decode() == line.body
        sealed.check(shown.entry, shown.opening)
        checkpoints.check(checkpoints.read_proof(shown.proof.text), shown.entry, verifiers, origin="localhost/journal")
        with pytest.raises(sealed.BadEntry, match="not the one"):
            sealed.check(shown.entry, shown.opening._replace(body=shown.opening.body + b" "))


@pytest.mark.parametrize(
    "named", ["", "seller:x/1", "nothing", "seller:/9", "seller:00000000-0000-0000-0000-000000000000/1"]
)
def test_what_is_no_line_is_not_proved(cast: Cast, named: str) -> None:
    sealing.seal(hours(0))
    with pytest.raises(proving.NotSealed, match="no line"):
        proving.of_entry(named)


def test_a_line_that_is_not_sealed_yet_says_so(cast: Cast) -> None:
    talk(cast, 1)
    with pytest.raises(proving.NotSealed, match="nothing is sealed yet"):
        proving.show(cast.seller, [1])
    sealing.seal(hours(1))
    talk(cast, 2)
    newest = Standing.objects.get(party=cast.seller).chain_seq
    with pytest.raises(proving.NotSealed, match="ask again"):
        proving.show(cast.seller, [newest])
    with pytest.raises(proving.NotSealed, match="no line"):
        proving.show(cast.seller, [newest + 1])


def test_many_lines_are_sealed_in_turns_and_read_off_tiles(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_LINES", 7)
    talk(cast, *range(1, 40))
    assert sealing.seal_due(hours(40)) > 40
    heads = {each.party_id: each.seq for each in SealedHead.objects.all()}
    assert heads == dict(Standing.objects.filter(chain_seq__gt=0).values_list("party", "chain_seq"))
    size = SealedEntry.objects.count()
    leaves = [tree.leaf_hash(bytes(each.entry)) for each in SealedEntry.objects.order_by("place")]
    assert tree.root(size, rows.hash_at()) == tree.root(size, tree.over(leaves))
    many = [tree.leaf_hash(bytes([number % 251, number // 251])) for number in range(1_000 - size)]
    assert tree.root(1_000, rows.grow(size, many)) == tree.root(1_000, tree.over([*leaves, *many]))
    assert SealTile.objects.filter(level=1).count() == 1


def test_tiles_and_entries_are_served_as_far_as_a_head_signs_them(cast: Cast) -> None:
    talk(cast, 1)
    size = sealing.seal(hours(1)).size
    part = tiles.path(0, size)
    assert len(fetch(f"tile/0/{part}")) == 32 * size
    assert [tree.leaf_hash(entry) for entry in tiles.unbundle(fetch(f"tile/entries/{part}"))] == tiles.hashes(
        fetch(f"tile/0/{part}")
    )
    assert len(tiles.unbundle(fetch("tile/entries/000.p/2"))) == 2
    for wrong in ("tile/0/000", f"tile/0/{tiles.path(0, size + 1)}", "tile/1/000.p/1", "tile/0/001", "tile/99/000.p/1",
                  "tile/0/0", "tile/entries/..", "tile/entries/000", "tile/x/000", "else"):  # fmt: skip
        assert Client().get(f"/journal/{wrong}").status_code == 404, wrong
    assert Client().post("/journal/checkpoint").status_code == 405
    answer = Client().get(f"/journal/tile/0/{part}")
    assert "immutable" in answer["Cache-Control"]
    assert "immutable" not in Client().get("/journal/checkpoint")["Cache-Control"]


def test_before_anything_is_sealed_the_log_is_not_there() -> None:
    assert [Client().get(f"/journal/{path}").status_code for path in ("checkpoint", "tile/0/000.p/1", "keys")] == [
        404, 404, 200,
    ]  # fmt: skip


def test_who_follows_finds_nothing_where_nothing_was_done(cast: Cast) -> None:
    sealing.seal(hours(0))
    seen = outsider()
    for hour in range(1, 12):
        talk(cast, hour)
        sealing.seal(hours(hour))
        seen = witness.read_seen(seen.as_json())
        assert look(seen, hours(hour)) == []
    assert look(seen, hours(11)) == []
    assert seen.size == SealedEntry.objects.count()
    assert look(seen, hours(12)) == ["stalled"]


def forget_a_party(cast: Cast) -> None:
    SealedHead.objects.filter(party=cast.seller).delete()
    Standing.objects.filter(party=cast.seller).update(chain_seq=0)


def shorten_a_chain(cast: Cast) -> None:
    Standing.objects.filter(party=cast.seller).update(chain_seq=1)


def cut_the_tail(cast: Cast) -> None:
    head = Checkpoint.objects.order_by("-size")[0]
    Checkpoint.objects.filter(size=head.size).delete()


def sign_another_story(cast: Cast) -> None:
    """The last entries in another order, signed with the same key."""
    log = Seal.objects.get()
    signer = keys.load(log.origin, {SealKey.objects.get().verifier})
    entries = [bytes(each.entry) for each in SealedEntry.objects.order_by("place")]
    entries[-2], entries[-3] = entries[-3], entries[-2]
    for place, entry in enumerate(entries):
        SealedEntry.objects.filter(place=place).update(entry=entry)
    leaves = [tree.leaf_hash(entry) for entry in entries]
    root = tree.root(len(leaves), tree.over(leaves))
    note = notes.sign(checkpoints.Checkpoint(log.origin, len(leaves), root).text, [signer])
    Checkpoint.objects.filter(size=len(leaves)).update(root=root, note=note)


def sign_with_another_key(cast: Cast) -> None:
    log = Seal.objects.get()
    head = Checkpoint.objects.order_by("-size")[0]
    said = checkpoints.Checkpoint(log.origin, head.size, bytes(head.root))
    Checkpoint.objects.filter(size=head.size).update(
        note=notes.sign(said.text, [notes.new_signer(log.origin, bytes(32))])
    )


@pytest.mark.parametrize(
    ("done", "found"),
    [
        (forget_a_party, "heads"), (shorten_a_chain, "heads"), (cut_the_tail, "cut"),
        (sign_with_another_key, "signature"),
    ],
)  # fmt: skip
def test_what_was_taken_back_is_found(cast: Cast, done: Callable[[Cast], None], found: str) -> None:
    talk(cast, 1, 2, 3)
    sealing.seal(hours(3))
    seen = outsider()
    assert look(seen, hours(3)) == []
    if done in (forget_a_party, shorten_a_chain):
        done(cast)
        sealing.seal(hours(4))  # what it states of itself gives it away
        assert look(seen, hours(4)) == [found]
        return
    talk(cast, 3.5)
    sealing.seal(hours(4))
    assert look(seen, hours(4)) == []
    done(cast)
    assert look(seen, hours(4)) == [found]


def change_what_is_served(cast: Cast) -> None:
    last = SealedEntry.objects.order_by("-place")[0]
    SealedEntry.objects.filter(place=last.place).update(entry=bytes(last.entry).replace(b'"', b"'", 1))


class Undone(Exception):
    """What was planted is taken out again."""


#: What is done to the log, what a witness says to it, and whether it shows with the next statement of all chains.
PLANTED: dict[Callable[[Cast], None], tuple[str, bool]] = {
    forget_a_party: ("heads", True), shorten_a_chain: ("heads", True), cut_the_tail: ("cut", False),
    sign_another_story: ("fork", False), sign_with_another_key: ("signature", False),
    change_what_is_served: ("served", False),
}  # fmt: skip


def test_in_an_hour_of_life_a_witness_finds_what_was_planted_and_nothing_else(cast: Cast) -> None:
    """Sealed and looked at each minute; each fault is planted twice, at minutes of chance, and taken out again."""
    chance = random.Random(11)
    minutes = chance.sample(range(5, 60), 2 * len(PLANTED))
    at_minute = dict(zip(minutes, [*PLANTED, *PLANTED], strict=True))
    conversation = cast.conversation()
    sealing.seal(hours(0))
    seen, found = outsider(), list[tuple[int, str]]()
    for minute in range(1, 61):
        now = hours(minute / 60)
        if chance.random() < 0.7:
            who = chance.choice([cast.ana, cast.li])
            messages.send(who, conversation, text=f"Minute {minute}", at=now)
        done = at_minute.get(minute)
        before = seen.as_json()
        if done is not None and not PLANTED[done][1]:
            # Seen up to here, and one line more: of what nobody saw nobody can say anything.
            sealing.seal(now)
            assert look(seen, now) == []
            before = seen.as_json()
            if done is not sign_another_story:
                messages.send(cast.ana, conversation, text="More", at=now)
        sealing.seal(now)
        if done is not None:
            with pytest.raises(Undone), transaction.atomic():
                if done is cut_the_tail:
                    assert look(seen, now) == []
                done(cast)
                later = now + (sealing.STATED_EVERY if PLANTED[done][1] else timedelta())
                sealing.seal(later) if PLANTED[done][1] else None
                found += [(minute, each) for each in look(seen, later)]
                raise Undone
            seen = witness.read_seen(before)
        assert look(seen, now) == []
    assert found == [(minute, PLANTED[at_minute[minute]][0]) for minute in sorted(minutes)]
    assert seen.size == SealedEntry.objects.count()


def test_two_stories_are_found_by_who_holds_a_head_of_the_other(cast: Cast) -> None:
    talk(cast, 1, 2, 3)
    sealing.seal(hours(3))
    seen = outsider()
    assert look(seen, hours(3)) == []
    held = fetch("checkpoint").decode()
    assert witness.against(fetch, seen, held) is None
    sign_another_story(cast)
    assert look(seen, hours(3)) == ["fork"], "another head of the same size"
    other = outsider()
    assert look(other, hours(3)) == ["line", "line"], "these two lines change places"
    found = witness.against(fetch, other, held)
    assert found is not None
    assert found.name == "fork"
    longer = held.replace(f"\n{seen.size}\n", f"\n{seen.size + 5}\n")
    wrong = witness.against(fetch, other, longer)
    assert wrong is not None
    assert wrong.name == "signature"


def test_history_that_was_rewritten_is_a_fork_and_entries_not_signed_are_said(cast: Cast) -> None:
    talk(cast, 1, 2)
    sealing.seal(hours(2))
    seen = outsider()
    look(seen, hours(2))
    talk(cast, 3)
    sealing.seal(hours(3))
    place = SealedEntry.objects.order_by("-place")[0].place
    kept = bytes(SealedEntry.objects.get(place=place).entry)
    SealedEntry.objects.filter(place=place).update(entry=kept.replace(b'"', b"'", 1))
    assert look(seen, hours(3)) == ["served"]
    SealedEntry.objects.filter(place=place).update(entry=kept)
    other = Seen(seen.origin, seen.keys, seen.size, [bytes(32) for _ in seen.parts], dict(seen.lines))
    assert look(other, hours(3)) == ["fork"]
    assert look(seen, hours(3)) == []


def test_a_chain_that_goes_on_with_a_line_that_was_is_found(cast: Cast) -> None:
    talk(cast, 1, 2)
    sealing.seal(hours(2))
    seen = outsider()
    look(seen, hours(2))
    SealedEntry.objects.filter(party=cast.seller).update(party=None)
    SealedHead.objects.filter(party=cast.seller).update(seq=1)
    sealing.seal(hours(3))
    assert "line" in look(seen, hours(3))


def test_published_rules_stand_in_the_log_once(cast: Cast) -> None:
    sealing.seal(hours(0))
    seen = outsider()
    assert look(seen, hours(0)) == []
    version = RulebookVersion.objects.get()
    assert sealed.rulebook(str(version), version.text) in [bytes(each.entry) for each in SealedEntry.objects.all()]
    assert list(seen.rules) == [str(version)]
    assert sealing.seal(hours(0)).added == 0
    SealedRulebook.objects.all().delete()
    assert sealing.seal(hours(0)).added == 1
    assert look(witness.read_seen(seen.as_json()), hours(0)) == ["rulebook"]
    old = {name: said for name, said in seen.as_json().items() if name != "rules"}
    assert look(witness.read_seen(old), hours(0)) == [], "who followed before rules stood in it goes on"


def test_a_log_that_does_not_answer_is_said_and_nothing_is_forgotten(cast: Cast) -> None:
    sealing.seal(hours(0))
    seen = outsider()
    look(seen, hours(0))
    size = seen.size

    def away(path: str) -> bytes:
        raise OSError("away")

    def rubbish(path: str) -> bytes:
        return b"\xff\xfe"

    for gone in (away, rubbish):
        assert [each.name for each in witness.look(gone, seen, hours(1)).findings] == ["away"]
    assert seen.size == size


def test_a_new_key_is_taken_up_where_the_old_one_signs_for_it(cast: Cast) -> None:
    talk(cast, 1)
    sealing.seal(hours(1))
    seen = outsider()
    look(seen, hours(1))
    new = sealing.rotate(hours(2))
    assert look(seen, hours(2)) == []
    talk(cast, 3)
    sealing.seal(hours(3))
    assert look(seen, hours(3)) == []
    assert seen.keys[-1] == new.text
    assert [row.ended_at for row in SealKey.objects.order_by("pk")] == [hours(2), None]
    fresh = outsider()
    assert look(fresh, hours(3)) == []


def test_the_key_of_a_log_that_lost_its_own_is_not_believed(cast: Cast, folder: Path) -> None:
    sealing.seal(hours(1))
    seen = outsider()
    look(seen, hours(1))
    (folder / keys.FILE).unlink()
    talk(cast, 2)
    done = sealing.seal(hours(2))
    assert "comity journal rotate --lost" in done.trouble
    assert Seal.objects.get().trouble_since == hours(2)
    assert look(seen, hours(2)) == ["stalled"]
    messages.send(cast.ana, cast.conversation(), text="Nothing else is affected.", at=hours(2))
    with pytest.raises(keys.KeyTrouble):
        sealing.rotate(hours(3))
    sealing.rotate(hours(3), lost=True)
    assert sealing.seal(hours(3)).trouble == ""
    assert Seal.objects.get().trouble == ""
    assert look(seen, hours(3)) == ["signature"]
    assert "lost" in fetch("keys").decode().splitlines()[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [("", "cannot be read"), ("not base 64!", "cannot be read"), (base64.b64encode(bytes(31)).decode(), "cannot be read"),
     (base64.b64encode(bytes(32)).decode(), "another key")],
)  # fmt: skip
def test_a_key_that_is_none_of_ours_seals_nothing(cast: Cast, folder: Path, content: str, says: str) -> None:
    sealing.seal(hours(0))
    (folder / keys.FILE).write_text(content)
    talk(cast, 1)
    with pytest.raises(sealing.SealTrouble, match=says):
        sealing.seal_due(hours(1))


def test_the_key_is_for_the_process_alone(cast: Cast, folder: Path) -> None:
    sealing.seal(hours(0))
    assert (folder / keys.FILE).stat().st_mode & 0o777 == 0o600
    sealing.rotate(hours(1))
    assert sorted(path.stat().st_mode & 0o777 for path in folder.glob("seal_key*")) == [0o600, 0o600]


def test_what_a_witness_signs_is_kept_and_published(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sealing.seal(hours(0))
    note = fetch("checkpoint").decode()
    signed = note + WITNESS.line(notes.read(note).text, at=hours(1))
    post: Any = lambda body: Client().post("/journal/cosignatures", body, content_type="text/plain")  # noqa: E731
    assert post(signed).status_code == 404, "nobody named this witness"
    monkeypatch.setenv("COMITY_WITNESSES", WITNESS.verifier.text)
    assert post(signed).content == b"witness.example\n"
    assert post(signed).status_code == 200, "twice is once"
    assert fetch("checkpoint").decode() == signed
    assert proving.show(cast.platform.party, []) == []
    for wrong, status in ((note, 400), ("x", 400), (b"\xff", 400), ("y" * 20_000, 413),
                          (signed.replace("— witness", "— other"), 400)):  # fmt: skip
        assert post(wrong).status_code in (status, 404), wrong
    other = checkpoints.Checkpoint("localhost/journal", 2, bytes(32)).text
    assert post(notes.sign(other, []) + WITNESS.line(other, at=hours(1))).status_code == 404
    monkeypatch.setenv("COMITY_WITNESSES", "rubbish")
    with pytest.raises(ValueError, match="COMITY_WITNESSES"):
        cosigning.witnesses()


def test_heads_are_stated_every_five_minutes_though_nothing_came(cast: Cast) -> None:
    size = sealing.seal(hours(0)).size
    assert sealing.seal(hours(0) + timedelta(minutes=4)).size == size
    assert sealing.seal(hours(0) + timedelta(minutes=5)).size == size + 1


def test_a_clock_that_was_ahead_keeps_no_statement_waiting(cast: Cast) -> None:
    size = sealing.seal(hours(1000)).size
    assert sealing.seal(hours(0)).size == size + 1
    assert sealing.seal(hours(0) + timedelta(minutes=4)).size == size + 1


@pytest.mark.parametrize("lost", [False, True])
def test_who_is_stopped_beginning_a_key_goes_on_with_the_one_before(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    sealing.seal(hours(0))
    talk(cast, 1)

    def breaks(*_: object) -> None:
        raise RuntimeError("power")

    for place in ((notes, "sign"), (os, "fsync")):  # the new key is written and not signed for; or not written
        with monkeypatch.context() as patch:
            patch.setattr(*place, breaks)
            with pytest.raises(RuntimeError, match="power"), transaction.atomic():
                sealing.rotate(hours(1), lost=lost)
        assert sealing.seal(hours(1)).trouble == ""
    new = sealing.rotate(hours(2))
    assert SealKey.objects.get(ended_at=None).verifier == new.text
    assert look(outsider(), hours(2)) == []


def test_where_no_key_can_be_written_it_is_said(cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").write_text("")
    monkeypatch.setenv("COMITY_DATA", str(folder / "file"))
    with pytest.raises(sealing.SealTrouble, match="cannot be written"):
        sealing.seal_due(hours(0))
    assert not Seal.objects.exists()


def test_a_seal_that_breaks_in_the_middle_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sealing.seal(hours(0))
    talk(cast, 1)

    def breaks(*_: object) -> None:
        raise RuntimeError("power")

    before = (SealedEntry.objects.count(), Checkpoint.objects.count(), SealedHead.objects.count())
    with monkeypatch.context() as patch:
        patch.setattr(notes, "sign", breaks)
        with pytest.raises(RuntimeError, match="power"), transaction.atomic():
            sealing.seal(hours(1))
    assert (SealedEntry.objects.count(), Checkpoint.objects.count(), SealedHead.objects.count()) == before
    sealing.seal(hours(1))
    seen = outsider()
    assert look(seen, hours(1)) == []
