"""The script in every case file: each of its checks is needed, and none refuses what is right."""

import base64
import hashlib
import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.lib import canonical, sealed
from comity.lib.casefile import verify
from comity.lib.tlog import notes
from tests.lib.case_made import KEY, ORIGIN, RULES, TEXT, Files, Log, Made, edited, made, packed

L = 2**252 + 27742317777372353535851937790883648493
OTHER = notes.new_signer(ORIGIN, bytes(32))


@pytest.fixture(scope="module")
def case() -> Made:
    return made()


def verified(folder: Path, data: bytes, *keys: str) -> dict[str, Any]:
    path = folder / "case.zip"
    path.write_bytes(data)
    return verify.verify(path, keys)


def test_what_is_right_holds(case: Made, tmp_path: Path) -> None:
    found = verified(tmp_path, packed(case.files))
    assert found == {
        "holds": True, "case": "D-1", "log": ORIGIN, "size": 17, "keys": [case.key], "keys_known": False, "lines": 7,
        "withheld": 1, "words": 6, "unproved": 1, "records": 1, "rulebooks": 1,
    }  # fmt: skip
    assert verified(tmp_path, packed(case.files), case.key)["keys_known"]
    both = f"{OTHER.verifier.text} {case.key}".encode()
    assert verified(tmp_path, packed({**case.files, "data/keys": both}))["keys"] == [case.key]


def test_words_of_a_line_that_is_withheld_stand_as_they_are(case: Made, tmp_path: Path) -> None:
    beside = edited("data/words.json", lambda rows: [*rows, {"fact": "f6", "text": "Beside it."}])(case)
    assert verified(tmp_path, packed(beside))["unproved"] == 2


def test_a_file_that_its_message_does_not_name_is_no_proof(case: Made, tmp_path: Path) -> None:
    more = edited("data/words.json", lambda rows: [*rows, {"fact": "f5", "file": "evidence/b.txt"}])(case)
    found = verified(tmp_path, packed({**more, "data/evidence/b.txt": b"Another."}))
    assert (found["words"], found["unproved"]) == (6, 2)


def signed_twice(case: Made) -> Files:
    """The same signature with the order of the group added to its second half."""
    note = case.files["data/checkpoint"].decode()
    head, _, mark = note.rpartition(" ")
    raw = base64.b64decode(mark.strip())
    s = int.from_bytes(raw[36:], "little") + L
    again = base64.b64encode(raw[:36] + s.to_bytes(32, "little")).decode()
    return with_head(case, f"{head} {again}\n")


def with_head(case: Made, note: str) -> Files:
    files = dict(case.files)
    for name, data in files.items():
        if name.startswith("data/proofs/"):
            files[name] = data.partition(b"\n\n")[0] + b"\n\n" + note.encode()
    return {**files, "data/checkpoint": note.encode(), "data/stamped": note.encode()}


def head(change: Callable[[str], str]) -> Callable[[Made], Files]:
    return lambda case: with_head(case, change(case.files["data/checkpoint"].decode()))


def mark(change: Callable[[bytes], bytes]) -> Callable[[Made], Files]:
    """Change the bytes of the signature of the head."""

    def edit(case: Made) -> Files:
        note = case.files["data/checkpoint"].decode()
        before, _, text = note.rpartition(" ")
        return with_head(case, f"{before} {base64.b64encode(change(base64.b64decode(text))).decode()}\n")

    return edit


def keys(change: Callable[[str], str]) -> Callable[[Made], Files]:
    return lambda case: {**case.files, "data/keys": change(case.files["data/keys"].decode()).encode()}


def proof(number: int, change: Callable[[list[str]], list[str]]) -> Callable[[Made], Files]:
    """Change the lines of a proof, before its head."""

    def edit(case: Made) -> Files:
        name = next(each for each in case.files if each.endswith(f"-{number}.tlog-proof"))
        top, gap, note = case.files[name].decode().partition("\n\n")
        return {**case.files, name: ("\n".join(change(top.split("\n"))) + gap + note).encode()}

    return edit


def swapped(case: Made) -> Files:
    """The proofs of two lines change places."""
    one, two = (next(each for each in case.files if each.endswith(f"-{n}.tlog-proof")) for n in (1, 2))
    return {**case.files, one: case.files[two], two: case.files[one]}


def of_other_key(case: Made) -> Files:
    text = case.files["data/checkpoint"].decode().rpartition("\n\n")[0] + "\n"
    return with_head(case, notes.sign(text, [OTHER]))


def line(number: int, **changes: Any) -> Callable[[Made], Files]:
    return edited("data/journal.jsonl", lambda rows: [
        {**row, **changes} if row["line"] == number else row for row in rows
    ])  # fmt: skip


def word(number: int, **changes: Any) -> Callable[[Made], Files]:
    return edited("data/words.json", lambda rows: [
        {**row, **changes} if place == number else row for place, row in enumerate(rows)
    ])  # fmt: skip


def without(number: int, field: str, **changes: Any) -> Callable[[Made], Files]:
    """A piece of words without one of its fields."""
    return edited("data/words.json", lambda rows: [
        {name: value for name, value in {**row, **changes}.items() if name != field} if place == number else row
        for place, row in enumerate(rows)
    ])  # fmt: skip


def other_entry(**changes: Any) -> Callable[[Made], Files]:
    """The entry of a line says something else than the line does, and is in the log."""

    def edit(case: Made) -> Files:
        fresh = made()
        row = next(each for each in fresh.lines if each["line"] == 6)
        place = fresh.log.entries.index(row["entry"].encode())
        entry = canonical.encode({**json.loads(row["entry"]), **changes})
        fresh.log.entries[place] = entry
        note = fresh.log.note()
        files = dict(case.files)
        for each in fresh.lines:
            where = fresh.log.entries.index(entry if each["line"] == 6 else each["entry"].encode())
            files[f"data/proofs/{each['chain']}-{each['line']}.tlog-proof"] = fresh.log.proof(where, note).encode()
        files |= {"data/checkpoint": note.encode(), "data/stamped": note.encode()}
        rows = [{**each, "entry": entry.decode()} if each["line"] == 6 else each for each in fresh.lines]
        return {**files, "data/journal.jsonl": b"".join(canonical.encode(each) + b"\n" for each in rows)}

    return edit


def renamed(more: Files, old: str = "", new: str = "") -> Callable[[Made], Files]:
    """With more files, and others under another name."""
    return lambda case: {name.replace(old, new) if old else name: data for name, data in {**case.files, **more}.items()}


record = edited
FALSIFIED: dict[str, tuple[Callable[[Made], Files], str]] = {
    "a body": (line(1, body="{}"), "line 1: not what was written down"),
    "the hash before": (line(2, before="00" * 32), "line 2: not what was written down"),
    "a salt": (line(1, salt="00" * 16), "line 1: not what was written down"),
    "an entry": (line(1, entry="{}"), "line 1: it is not in the log"),
    "another number": (line(6, line=8), "not a case file"),
    "a line twice": (edited("data/journal.jsonl", lambda rows: [*rows, rows[0]]), "a line twice"),
    "an entry of another line": (other_entry(line=5), "line 6: the entry is of another line"),
    "an entry of another chain": (other_entry(chain="1" * 32), "line 6: the entry is of another line"),
    "two proofs": (swapped, "line 1: it is not in the log"),
    "a proof of another kind": (proof(1, lambda top: ["c2sp.org/tlog-proof@v2", *top[1:]]), "of another head"),
    "a proof without a place": (proof(1, lambda top: [top[0], "place 2", *top[2:]]), "of another head"),
    "a proof of another head": (
        lambda case: {**case.files, **{n: d + b"x" for n, d in case.files.items() if n.endswith("-1.tlog-proof")}},
        "line 1: the proof is of another head",
    ),
    "a place behind the end": (proof(1, lambda top: [top[0], "index 17", *top[2:]]), "line 1: there is no such entry"),
    "a place before the beginning": (proof(1, lambda top: [top[0], "index -1", *top[2:]]), "there is no such entry"),
    "a proof that is too long": (proof(1, lambda top: [*top, top[-1]]), "line 1: the proof is too long"),
    "a proof that is too short": (proof(1, lambda top: top[:-1]), "line 1: it is not in the log"),
    "a hash of a proof": (proof(1, lambda top: [*top[:-1], base64.b64encode(bytes(32)).decode()]), "not in the log"),
    "base 64 in another form": (
        proof(1, lambda top: [*top[:-1], top[-1].replace("=", "", 1) if "==" in top[-1] else f"{top[-1][:-2]}{chr(ord(top[-1][-2]) + 1)}="]),
        "base 64|not a case file",
    ),
    "words": (word(0, text="It fell."), "f1: other words"),
    "a salt of words": (word(0, salt="00" * 16), "f1: other words"),
    "a digest of words": (word(0, digest="00" * 32), "f1: its digest is not in the journal"),
    "words of another fact": (word(0, fact="f2"), "f2: its digest is not in the journal"),
    "a digest without words": (word(7, digest="11" * 32), "f4: its digest is not in the journal"),
    "a file": (lambda case: {**case.files, "data/evidence/a.jpg": b"Another."}, "f2: other words or another file"),
    "a record": (record("data/records.json", lambda rows: [{**rows[0], "facts": []}]), "f3: the decision rests"),
    "the evidence of a record": (
        record("data/records.json", lambda rows: [{**rows[0], "evidence": []}]), "f3: the decision rests",
    ),
    "a record of another fact": (record("data/records.json", lambda rows: [{**rows[0], "fact": "f1"}]), "f1: the decision"),
    "the size of the head": (head(lambda note: note.replace("\n17\n", "\n16\n")), "a signature does not hold"),
    "the root of the head": (head(lambda note: note.replace(note.split("\n")[2], base64.b64encode(bytes(32)).decode())), "does not hold"),
    "the signature": (mark(lambda raw: raw[:-1] + bytes([raw[-1] ^ 1])), "a signature does not hold"),
    "the point of the signature": (mark(lambda raw: raw[:4] + b"\x02" + bytes(31) + raw[36:]), "does not hold"),
    "no point at all": (mark(lambda raw: raw[:4] + b"\xff" * 32 + raw[36:]), "does not hold"),
    "a signature that is too short": (mark(lambda raw: raw[:-1]), "does not hold"),
    "a signature in another form": (signed_twice, "does not hold"),
    "a name under the head": (head(lambda note: note.replace(f"— {ORIGIN}", "— elsewhere")), "signed by none"),
    "a mark under the head": (head(lambda note: note.replace("— ", "- ")), "signed by none"),
    "the id of the key": (mark(lambda raw: b"0000" + raw[4:]), "signed by none"),
    "another key's signature": (of_other_key, "signed by none"),
    "a key of another log": (keys(lambda text: text.replace(ORIGIN, "elsewhere")), "not a key of this log"),
    "a key with another id": (keys(lambda text: text.replace(text.split("+")[1], "00000000")), "not a key of this log"),
    "a key of a witness": (
        lambda case: {**case.files, "data/keys": notes.new_signer(ORIGIN, KEY, kind=notes.COSIGNATURE).verifier.text.encode()},
        "not a key of this log",
    ),
    "no key": (lambda case: {**case.files, "data/keys": b""}, "signed by none"),
    "what was stamped": (lambda case: {**case.files, "data/stamped": b"another\n"}, "another head"),
    "the beginning of what was stamped": (
        lambda case: {**case.files, "data/stamped": f"{ORIGIN}\n".encode()}, "another head|not a case file",
    ),
    "nothing that was stamped": (lambda case: {**case.files, "data/stamped": b""}, "not a case file"),
    "a stamped head without its signature": (
        lambda case: {**case.files, "data/stamped": case.files["data/stamped"].partition(b"\n\n")[0] + b"\n\n"},
        "signed by none",
    ),
    "a body that is withheld, too": (line(1, withheld="", body="{}"), "line 1: neither shown nor withheld"),
    "a body where one is withheld": (line(6, body="{}"), "line 6: neither shown nor withheld"),
    "another time beside a body": (line(1, at="2020-01-01T00:00:00.000000Z"), "line 1: neither shown nor withheld"),
    "a body twice": (
        lambda case: {**case.files, "data/journal.jsonl": case.files["data/journal.jsonl"].replace(b'{"', b'{"body":"{}","', 1)},
        "a name twice",
    ),
    "words twice": (
        lambda case: {**case.files, "data/words.json": case.files["data/words.json"].replace(b'{"', b'{"text":"It fell.","', 1)},
        "a name twice",
    ),
    "words without their salt": (without(0, "salt", text="It fell."), "f1: words or a file without what proves them"),
    "a file without its salt": (without(1, "salt"), "f2: words or a file without what proves them"),
    "words beside a file": (word(1, text="I confess."), "f2: words or a file without what proves them"),
    "a salt without a digest": (word(6, salt="00"), "f4: words or a file without what proves them"),
    "a file that nobody gave": (lambda case: {**case.files, "data/evidence/b.jpg": b"b"}, "b.jpg: a file that nobody"),
    "words of the other side": (word(1, role="seller"), "f2: words or a file of another side or another time"),
    "words of another time": (word(0, at="2020-01-01T00:00:00.000000Z"), "f1: words or a file of another side or"),
    "a line of a record taken out": (
        edited("data/journal.jsonl", lambda rows: [row for row in rows if row["line"] != 6]),
        "f3: a line on which the decision rests is not in the file: kind.6",
    ),
    "no record": (edited("data/records.json", lambda rows: []), "f3: the record that was closed there is missing"),
    "no head": (lambda case: {n: d for n, d in case.files.items() if n != "data/checkpoint"}, "not a case file"),
    "no proof": (lambda case: {n: d for n, d in case.files.items() if not n.endswith("-3.tlog-proof")}, "not a case file"),
    "no words": (lambda case: {**case.files, "data/words.json": b"null"}, "not a case file"),
    "nothing in the journal": (lambda case: {**case.files, "data/journal.jsonl": b"null\n"}, "not a case file"),
    "the rules": (renamed({f"data/rulebooks/{RULES}.toml": b"name = 'laden'\n"}), f"rules {RULES}: it is not in the log"),
    "rules of another name": (renamed({}, RULES, "läden@2"), "rules läden@2: it is not in the log"),
    "no rules": (
        lambda case: {n: d for n, d in case.files.items() if not n.startswith("data/rulebooks/")},
        f"rules {RULES}: a ruling cites them",
    ),
    "rules without a proof": (
        lambda case: {n: d for n, d in case.files.items() if n != f"data/proofs/{RULES}.tlog-proof"}, "not a case file",
    ),
    "rules beside them": (renamed({f"data/rulebooks/{RULES}.toml.bak": TEXT.encode()}), "bak: not rules"),
    "rules of no name": (renamed({"data/rulebooks/x": TEXT.encode()}), "x: not rules"),
    "too deep": (lambda case: {**case.files, "data/words.json": b"[" * 100_000}, "not a case file"),
}  # fmt: skip


@pytest.mark.parametrize("name", FALSIFIED)
def test_what_is_falsified_is_found(case: Made, tmp_path: Path, name: str) -> None:
    falsify, says = FALSIFIED[name]
    with pytest.raises(verify.Wrong, match=says):
        verified(tmp_path, packed(falsify(case)))


def test_a_record_that_names_a_fact_otherwise_is_found() -> None:
    bodies = [json.loads(row["body"]) for row in made().lines if "body" in row]
    facts = {each["id"]: each for each in bodies if "id" in each}
    facts["f–4"] = {**facts["f4"], "id": "f–4"}

    def closed(*named: list[str]) -> int:
        record_ = {"evidence": [], "facts": list(named)}
        facts["f3"]["data"]["digest"] = hashlib.sha256(canonical.encode(record_)).hexdigest()
        files = {"data/records.json": canonical.encode([{"fact": "f3", **record_}])}
        return verify.check_records(files, facts, [])

    assert closed(["f1", "kind.1"], ["f–4", "kind.4"]) == 1
    for named in (["f1", "kind.9"],), (["f1", "kind.1"], ["f2", "kind.9"]):
        with pytest.raises(verify.Wrong, match="its record names other facts"):
            closed(*named)


MANIFESTS: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a file more": (lambda files: {**files, "data/more": b"x"}, "data/more: not in the manifest"),
    "a file less": (lambda files: {n: d for n, d in files.items() if n != "data/case.json"}, "data/case.json: missing"),
    "a file changed": (lambda files: {**files, "data/case.json": b"{}"}, "data/case.json: not as it was"),
    "a tag file more": (lambda files: {**files, "more.txt": b"x"}, "more.txt: not in the manifest"),
    "a tag file changed": (lambda files: {**files, "bagit.txt": b"x"}, "bagit.txt: not as it was"),
    "a manifest changed": (lambda files: {**files, "manifest-sha256.txt": b""}, "not in the manifest|not as it was"),
    "no manifest": (lambda files: {n: d for n, d in files.items() if n != "manifest-sha256.txt"}, "not a case file"),
    "a file twice in it": (
        lambda files: {**files, "tagmanifest-sha256.txt": files["tagmanifest-sha256.txt"] + files["tagmanifest-sha256.txt"].splitlines()[0] + b"\n"},
        "a file twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MANIFESTS)
def test_what_the_manifests_do_not_say_is_found(case: Made, tmp_path: Path, name: str) -> None:
    change, says = MANIFESTS[name]
    with zipfile.ZipFile(io.BytesIO(packed(case.files))) as archive:
        files = {each.split("/", 1)[1]: archive.read(each) for each in archive.namelist()}
    with pytest.raises(verify.Wrong, match=says):
        verified(tmp_path, packed(change(files), again=False))


def test_two_files_of_one_name_are_refused_also_where_they_say_the_same(case: Made, tmp_path: Path) -> None:
    for name in ("case-x/data/case.json", "case-x/DATA/case.json"):
        packing = io.BytesIO(packed(case.files))
        with warnings.catch_warnings(), zipfile.ZipFile(packing, "a") as file:
            warnings.simplefilter("ignore", UserWarning)  # zipfile's own, of a double name
            file.writestr(name, case.files["data/case.json"])
        with pytest.raises(verify.Wrong, match="two files of one name"):
            verified(tmp_path, packing.getvalue())
    assert verified(tmp_path, packed({**case.files, "of  two spaces.txt": b"x"}))["holds"]


def test_every_place_of_a_log_can_be_proved() -> None:
    entries = [sealed.line(bytes(32), "0" * 32, number, bytes(32)) for number in range(15)]
    for size in range(1, len(entries) + 1):
        log = Log(entries[:size])
        head = log.head()
        for place, entry in enumerate(log.entries):
            verify.check_proof("x", entry.decode(), log.proof(place), log.note(), head.root, head.size)


def test_the_first_of_rules_that_are_missing_is_named(case: Made) -> None:
    head = case.log.head()
    with pytest.raises(verify.Wrong, match="rules a@1: a ruling cites them"):
        verify.check_rules(case.files, {RULES, "b@1", "a@1"}, case.log.note(), head.root, head.size)


def test_archives_are_one_folder_of_files_that_are_as_long_as_they_say(case: Made, tmp_path: Path) -> None:
    def archive(*more: str) -> bytes:
        packing = io.BytesIO(packed(case.files))
        with zipfile.ZipFile(packing, "a") as file:
            for name in more:
                file.writestr(name, b"x")
        return packing.getvalue()

    for name in ("case-x/../x", "../x", "/x", "/case-x/x", "x", "other/x", "case-x/a\\b", "CASE-X/DATA/CASE.JSON"):
        with pytest.raises(verify.Wrong, match=r"outside|two files"):
            verified(tmp_path, archive(name))
    assert verified(tmp_path, packed(case.files, top="another"))["holds"]
    lying = packed(case.files).replace(b"BagIt-Version: 1.0\n", b"BagIt-Version: 1.1\n")
    with pytest.raises(verify.Wrong, match="not an archive"):
        verified(tmp_path, lying)


def test_what_is_too_large_is_not_read(case: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, files = packed(case.files), len(case.files) + 2
    size = sum(map(len, case.files.values()))
    folder = unpacked(case, tmp_path / "bag")
    there = [each for each in folder.rglob("*") if each.is_file()]
    whole = sum(each.stat().st_size for each in there)
    for name, at, over in (("MAX_FILES", files, files - 1), ("MAX_BYTES", whole, size)):
        with monkeypatch.context() as patch:
            patch.setattr(verify, name, at)
            assert verified(tmp_path, data)["holds"]
            assert verify.verify(folder)["holds"]
            patch.setattr(verify, name, over)
            for path in (tmp_path / "case.zip", folder):
                with pytest.raises(verify.Wrong, match="too large"):
                    verify.verify(path)


def unpacked(case: Made, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(packed(case.files))) as archive:
        archive.extractall(folder)
    return folder / "case-x"


def secret_of(seed: bytes) -> int:
    half = bytearray(hashlib.sha512(seed).digest()[:32])
    half[0] &= 248
    half[31] = half[31] & 127 | 64
    return int.from_bytes(half, "little")


def challenge(point: bytes, key: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(point + key + message).digest(), "little") % L


def written(point: verify.Point) -> bytes:
    x, y, z, _ = point
    back = pow(z, verify.P - 2, verify.P)
    x, y = x * back % verify.P, y * back % verify.P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def test_both_coordinates_count() -> None:
    """Who holds the key makes signatures of which one coordinate fits and the other has the other sign."""
    key, message, number = notes.new_signer(ORIGIN, KEY).verifier.key, b"anything", 12345
    base = verify._point(verify.BASE_Y.to_bytes(32, "little"))
    plain = verify._times(number, base)
    halved: verify.Point = (0, verify.P - 1, 1, 0)  # of order two
    for point, says in ((plain, "y alone"), (verify._plus(plain, halved), "x alone")):
        encoded = written(point)
        s = (-number - challenge(encoded, key, message) * secret_of(KEY)) % L
        assert not verify.signed(key, message, encoded + s.to_bytes(32, "little")), says
    encoded = written(plain)
    s = (number + challenge(encoded, key, message) * secret_of(KEY)) % L
    assert verify.signed(key, message, encoded + s.to_bytes(32, "little"))


def test_a_point_has_one_way_to_be_written() -> None:
    """Who holds the key could sign with the point of order one, written in other ways; libraries refuse these."""
    key, message = notes.new_signer(ORIGIN, KEY).verifier.key, b"anything"

    def signature(point: bytes) -> bytes:
        return point + (challenge(point, key, message) * secret_of(KEY) % L).to_bytes(32, "little")

    one = (1).to_bytes(32, "little")
    # Nor a key or a signature with something behind it, though it is signed for just that.
    longer = key + b"\0"
    s = challenge(one, longer, message) * secret_of(KEY) % L
    assert not verify.signed(longer, message, one + s.to_bytes(32, "little"))
    assert not verify.signed(key, message, signature(one) + b"\0")
    assert verify.signed(key, message, signature(one))
    assert not verify.signed(key, b"something else", signature(one))
    for other in ((verify.P + 1).to_bytes(32, "little"), one[:31] + b"\x80"):
        assert not verify.signed(key, message, signature(other))


def test_a_folder_is_read_without_what_computers_leave_in_it(case: Made, tmp_path: Path) -> None:
    folder = unpacked(case, tmp_path)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "verify.pyc").write_bytes(b"x")
    (folder / "data" / ".DS_Store").write_bytes(b"x")
    assert verify.verify(folder)["holds"]
    (folder / "x").write_bytes(b"x")
    with pytest.raises(verify.Wrong, match="x: not in the manifest"):
        verify.verify(folder)


# Receipts


def receipted(folder: Path, said: Any, *keys: str) -> dict[str, Any]:
    path = folder / "receipt.json"
    path.write_bytes(said if isinstance(said, bytes) else json.dumps(said).encode())
    return verify.receipt_of(path, keys)


def test_a_receipt_that_is_right_holds(case: Made, tmp_path: Path) -> None:
    found = receipted(tmp_path, case.receipt, case.key)
    assert found == {
        "holds": True, "receipt": "f1", "kind": "kind.1", "at": "2026-03-02T09:00:00.000000Z", "log": ORIGIN,
        "matter": "order:1", "entry": case.lines[0]["entry"], "sealed_by": "2026-03-02T09:00:00.000000Z", "sealed": True,
        "words": 1, "keys": [case.key],
    }  # fmt: skip
    assert receipted(tmp_path, {**case.receipt, "proof": ""}, case.key)["sealed"] is False
    file = {**case.receipt, "words": []}
    assert receipted(tmp_path, file, case.key)["words"] == 0
    (tmp_path / "case.zip").write_bytes(packed(case.files))
    verify.check_promise(tmp_path / "case.zip", found)
    with pytest.raises(verify.Wrong, match="f1, about order:1: the receipt says"):
        verify.check_promise(tmp_path / "case.zip", {**found, "entry": "{}"})


def resigned(case: Made, change: Callable[[str], str]) -> dict[str, Any]:
    """A receipt that says something else, signed by the log's own key."""
    text = case.receipt["receipt"].rpartition("\n\n")[0] + "\n"
    return {**case.receipt, "receipt": notes.sign(change(text), [case.log.signer])}


def other_log(case: Made) -> dict[str, Any]:
    fresh = made()
    fresh.log.signer = notes.new_signer("elsewhere/journal", bytes(32))
    return {**case.receipt, "proof": fresh.log.proof(2)}


RECEIPTS: dict[str, tuple[Callable[[Made], Any], str]] = {
    "a head is no receipt": (lambda c: {**c.receipt, "receipt": c.files["data/checkpoint"].decode()}, "not a receipt"),
    "one that begins otherwise": (lambda c: resigned(c, lambda text: text.replace("comity receipt", "another receipt")), "not a receipt|none of the keys"),
    "a line more": (lambda c: resigned(c, lambda text: text + "more\n"), "not a receipt"),
    "of another fact": (lambda c: resigned(c, lambda text: text.replace('"f1"', '"f2"')), "of another fact"),
    "of another kind": (lambda c: resigned(c, lambda text: text.replace("kind.1", "kind.2")), "of another fact"),
    "of another time": (lambda c: resigned(c, lambda text: text.replace("T09:00", "T08:00", 1)), "of another fact"),
    "of another entry": (lambda c: resigned(c, lambda text: text.replace('"line":1', '"line":2')), "it is not in the log"),
    "of another log": (lambda c: resigned(c, lambda text: text.replace(ORIGIN, "elsewhere/journal")), "not a key of this log"),
    "not signed again": (lambda c: {**c.receipt, "receipt": c.receipt["receipt"].replace("kind.1", "kind.2")}, "a signature does not hold"),
    "another body": (lambda c: {**c.receipt, "line": {**c.receipt["line"], "body": "{}"}}, "line 1: not what was written down"),
    "other words": (lambda c: {**c.receipt, "words": [{**c.receipt["words"][0], "text": "It fell."}]}, "f1: other words"),
    "another file": (lambda c: {**c.receipt, "words": [{**{n: v for n, v in c.receipt["words"][0].items() if n != "text"}, "sha256": "00" * 32}]}, "f1: other words"),
    "words beside a file": (lambda c: {**c.receipt, "words": [{**c.receipt["words"][0], "sha256": "It broke.", "text": "It fell."}]}, "f1: words or a file without"),
    "words without their salt": (lambda c: {**c.receipt, "words": [{"digest": c.receipt["words"][0]["digest"], "text": "It fell."}]}, "f1: words or a file without"),
    "a name twice": (lambda c: json.dumps(c.receipt).replace('{"', '{"words": [], "', 1).encode(), "a name twice"),
    "more beside the line": (lambda c: {**c.receipt, "line": {**c.receipt["line"], "at": "2020"}}, "not a receipt: its line"),
    "another digest": (lambda c: {**c.receipt, "words": [{"digest": "00" * 32, "salt": "", "text": ""}]}, "f1: its digest is not"),
    "a proof of another entry": (lambda c: {**c.receipt, "proof": c.log.proof(4)}, "line 1: it is not in the log"),
    "a proof of another log": (other_log, "not a key of this log"),
    "no JSON": (lambda c: b"{", "not a receipt"),
    "a list": (lambda c: [], "not a receipt"),
    "no line": (lambda c: {"receipt": c.receipt["receipt"]}, "not a receipt"),
    "no note": (lambda c: {**c.receipt, "receipt": "x"}, "not a receipt"),
}  # fmt: skip


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_that_was_falsified_is_found(case: Made, tmp_path: Path, name: str) -> None:
    falsify, says = RECEIPTS[name]
    with pytest.raises(verify.Wrong, match=says):
        receipted(tmp_path, falsify(case), case.key)


def test_a_receipt_of_the_key_before_is_found_in_a_case_file(case: Made, tmp_path: Path) -> None:
    both = f"{case.key}\n{OTHER.verifier.text}\n".encode()
    (tmp_path / "case.zip").write_bytes(packed({**of_other_key(case), "data/keys": both}))
    (tmp_path / "receipt.json").write_text(json.dumps({**case.receipt, "proof": ""}))
    asked = [str(tmp_path / "case.zip"), "--receipt", str(tmp_path / "receipt.json")]
    assert verify.main(asked) == 0
    assert verify.main([*asked, "--key", OTHER.verifier.text]) == 1
    assert verify.main([*asked, "--key", OTHER.verifier.text, "--key", case.key]) == 0


def test_a_receipt_takes_a_key_from_elsewhere(case: Made, tmp_path: Path) -> None:
    with pytest.raises(verify.Wrong, match="--key"):
        receipted(tmp_path, case.receipt)
    with pytest.raises(verify.Wrong, match="signed by none"):
        receipted(tmp_path, case.receipt, OTHER.verifier.text)
    with pytest.raises(verify.Wrong, match="not a receipt"):
        verify.receipt_of(tmp_path / "none.json", [case.key])


# What it says


def test_what_it_says_and_with_which_status(case: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, receipt = tmp_path / "case.zip", tmp_path / "r.json"
    path.write_bytes(packed(case.files))
    receipt.write_text(json.dumps({**case.receipt, "proof": ""}))

    def said(*arguments: str) -> tuple[int, str]:
        return verify.main(arguments), capsys.readouterr().out

    status, text = said(str(path))
    assert (status, text.splitlines()[0]) == (
        0, "holds: case D-1, 7 lines of the journal (1 withheld), 6 texts and files, 1 closed records, "
        "1 versions of the rules",
    )  # fmt: skip
    assert "1 texts stand in it as they are" in text
    assert "Compare this key" in text
    assert "Compare this key" not in said(str(path), "--key", case.key)[1]
    assert f"which had 17 entries; signed by {case.key}" in text
    status, text = said("--json", str(path))
    assert (status, json.loads(text)["lines"]) == (0, 7)
    assert said(str(path), "--receipt", str(receipt))[0] == 0
    assert said(str(receipt), "--key", case.key) == (
        0, f"holds: {ORIGIN} took down f1 at 2026-03-02T09:00:00.000000Z, with 1 texts and files\n"
           "It promises that it is in the log by 2026-03-02T09:00:00.000000Z.\n",
    )  # fmt: skip
    receipt.write_text(json.dumps(case.receipt))
    assert said(str(receipt), "--key", case.key)[1].endswith("It is sealed.\n")
    assert json.loads(said(str(receipt), "--key", case.key, "--json")[1])["receipt"] == "f1"
    status, text = said(str(receipt))
    assert (status, text.startswith("CANNOT BE CHECKED: a receipt is checked with")) == (2, True), (
        "a key that is missing"
    )
    bare = {name: data for name, data in case.files.items() if not name.startswith("data/evidence/")}
    path.write_bytes(packed({**bare, "data/words.json": b"[]"}))
    status, text = said(str(path))
    assert (status, "stand in it as they are" in text) == (0, False)
    path.write_bytes(packed({**case.files, "data/case.json": b"{}"}))
    status, text = said(str(path), "--json")
    assert (status, json.loads(text)["holds"]) == (2, False)
    path.write_bytes(packed(FALSIFIED["words"][0](case)))
    assert said(str(path)) == (1, "DOES NOT HOLD: f1: other words or another file than were handed in\n")
    path.write_bytes(b"no zip")
    status, text = said(str(path))
    assert (status, text.startswith("CANNOT BE CHECKED: not an archive")) == (2, True)
    folder = unpacked(case, tmp_path / "away")
    (folder / "verify.py").write_bytes(Path(verify.__file__).read_bytes())
