"""Verifies a case file or a receipt with nothing but Python.

    python3 verify.py [FOLDER or ZIP] [--receipt RECEIPT.json] [--key NAME+ID+KEY] [--json]
    python3 verify.py RECEIPT.json --key NAME+ID+KEY [--json]

What it shows, and what not, says VERIFY.md. Exit status 0: all holds; 1: something does not; 2: it is no such file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any, Dict, Sequence, Tuple

MAX_FILES, MAX_BYTES = 20_000, 1_000_000_000
RECEIPT = "comity receipt for "
CLOSED = "dispute.record_closed"
RULES, TOML = "data/rulebooks/", ".toml"
# What Python, and who looks at a folder, leaves in it.
LEFT = {"__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini"}
# What a line has that is shown, and one that is not; what a piece of words or evidence may hold.
SHOWN = {"line", "chain", "entry", "body", "before", "salt"}
WITHHELD = {"line", "chain", "entry", "withheld", "kind", "at"}
HELD: Sequence[set[str]] = (
    {"digest", "salt", "text"},
    {"digest", "salt", "file"},
    {"digest"},
    {"text"},
    {"file"},
    set(),
)
# Ed25519 (RFC 8032): the field, the curve's constant, the order of the group, the base point.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
BASE_Y = 4 * pow(5, P - 2, P) % P


Files = Dict[str, bytes]
Point = Tuple[int, int, int, int]


class Wrong(Exception):
    """What does not hold."""


class Unchecked(Wrong):
    """Nothing is shown either way: what it would be checked with is missing."""


def _x(y: int, sign: int) -> int:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise Wrong("a signature that is none")
    return P - x if x & 1 != sign else x


def _plus(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _plus(found, point)
        point, number = _plus(point, point), number >> 1
    return found


def _point(data: bytes) -> Point:
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = _x(y, number >> 255)
    return (x, y, 1, x * y % P)


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature of 64 bytes holds."""
    if len(signature) != 64 or len(key) != 32:
        return False
    s = int.from_bytes(signature[32:], "little")
    try:
        a, r = _point(key), _point(signature[:32])
    except Wrong:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left = _times(s, (_x(BASE_Y, 0), BASE_Y, 1, _x(BASE_Y, 0) * BASE_Y % P))
    right = _plus(r, _times(k, a))
    same = (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0
    return s < L and same


def sha(*parts: bytes) -> bytes:
    """Return the SHA-256 of bytes one after another."""
    return hashlib.sha256(b"".join(parts)).digest()


def un64(text: str) -> bytes:
    """Return what a text in base 64 says; it has one form."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise Wrong("a text in base 64 that has another form")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise Wrong("a name twice in one object: readers of it would not read the same")
    return dict(pairs)


def read(data: str | bytes) -> Any:
    """Return what JSON says; each name of an object stands there once."""
    return json.loads(data, object_pairs_hook=_once)


def files_of(path: Path) -> Files:
    """Return the files of a folder or archive below its one folder, by name. Raises Wrong."""
    if path.is_dir():
        there = [each for each in path.rglob("*") if each.is_file() and not LEFT & set(each.relative_to(path).parts)]
        if len(there) > MAX_FILES or sum(each.stat().st_size for each in there) > MAX_BYTES:
            raise Wrong("too large to be a case file")
        return {each.relative_to(path).as_posix(): each.read_bytes() for each in there}
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [each for each in archive.infolist() if not each.is_dir()]
            names = [each.filename for each in infos]
            if len(infos) > MAX_FILES or sum(each.file_size for each in infos) > MAX_BYTES:
                raise Wrong("too large to be a case file")
            if len({name.lower() for name in names}) != len(names):
                raise Wrong("two files of one name")
            tops = {name.split("/")[0] for name in names}
            outside = (".." in n.split("/") or "\\" in n or n.startswith("/") or "/" not in n for n in names)
            if len(tops) != 1 or any(outside):
                raise Wrong("a file that lies outside")
            found = {}
            for each in infos:
                with archive.open(each) as file:
                    data = file.read(each.file_size + 1)
                if len(data) != each.file_size:
                    raise Wrong(f"{each.filename} is not as long as it says")
                found[each.filename.split("/", 1)[1]] = data
            return found
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Wrong(f"not an archive that can be read: {error}") from None


def check_bag(files: Files) -> None:
    """Check that every file is there as the manifests say, and no other (BagIt, RFC 8493)."""
    for manifest, belongs in (("manifest-sha256.txt", True), ("tagmanifest-sha256.txt", False)):
        lines = [line.split("  ", 1) for line in files[manifest].decode().splitlines()]
        said = {name: digest for digest, name in lines}
        there = {n for n in files if n.startswith("data/") == belongs and n != "tagmanifest-sha256.txt"}
        for name in sorted(there ^ said.keys()):
            raise Wrong(f"{name}: {'not in the manifest' if name in there else 'missing'}")
        for name in sorted(there):
            if hashlib.sha256(files[name]).hexdigest() != said[name]:
                raise Wrong(f"{name}: not as it was")
        if len(said) != len(lines):
            raise Wrong(f"{manifest}: a file twice")


def check_signed(note: str, origin: str, keys: Sequence[str]) -> list[str]:
    """Check that a note is signed in the name of a log; return the keys that signed."""
    text, _, lines = note.rpartition("\n\n")
    by = []
    for key in keys:
        name, id_, data = key.split("+", 2)
        raw = un64(data)
        if raw[:1] != b"\x01" or sha(name.encode(), b"\n", raw)[:4].hex() != id_ or name != origin:
            raise Wrong(f"not a key of this log: {key}")
        for line in lines.splitlines():
            mark, signer, signature = line.split(" ")
            full = un64(signature)
            if mark == "—" and signer == name and full[:4].hex() == id_:
                if not signed(raw[1:], text.encode() + b"\n", full[4:]):
                    raise Wrong("a signature does not hold")
                by.append(key)
    if not by:
        raise Wrong("signed by none of the keys that are known; one that was used before may have signed it")
    return by


def check_head(note: str, keys: Sequence[str]) -> tuple[str, int, bytes, list[str]]:
    """Check the signed head of the log; return (origin, size, root, the keys that signed)."""
    origin, size, root = note.split("\n")[:3]
    return origin, int(size), un64(root), check_signed(note, origin, keys)


def check_line(line: dict[str, Any], proof: str, head: str, root: bytes, size: int) -> None:
    """Check that an entry is in the log under the signed head; and, where it is shown, that it is this line."""
    if line.keys() not in (SHOWN, WITHHELD):
        raise Wrong(f"line {line['line']}: neither shown nor withheld")
    check_place(line, proof, head, root, size)
    if "withheld" not in line:
        check_opening(line)


def check_opening(line: dict[str, Any]) -> None:
    """Check that an entry is that of the line that is shown."""
    entry = json.loads(line["entry"])
    hash_ = sha(b"\0", bytes.fromhex(line["before"]), line["body"].encode())
    if sha(b"comity line\n", bytes.fromhex(line["salt"]), hash_).hex() != entry["commitment"]:
        raise Wrong(f"line {line['line']}: not what was written down")


def check_place(line: dict[str, Any], proof: str, head: str, root: bytes, size: int) -> None:
    """Check that the entry of a line is in the log under the signed head."""
    check_proof(f"line {line['line']}", line["entry"], proof, head, root, size)
    entry = json.loads(line["entry"])
    if entry["line"] != line["line"] or entry["chain"] != line["chain"]:
        raise Wrong(f"line {line['line']}: the entry is of another line")


def check_rules(files: Files, cited: set[str], head: str, root: bytes, size: int) -> int:
    """Check that the rules are those that were published under these names, and that those that rulings cite are there.

    Returns how many versions there are.
    """
    there = []
    for file in sorted(file for file in files if file.startswith(RULES)):
        name, _, rest = file[len(RULES) :].rpartition(TOML)
        said = {"digest": sha(files[file]).hex(), "rulebook": name}
        entry = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        if rest:
            raise Wrong(f"{file}: not rules")
        check_proof(f"rules {name}", entry, files[f"data/proofs/{name}.tlog-proof"].decode(), head, root, size)
        there.append(name)
    if missing := sorted(cited - set(there)):
        raise Wrong(f"rules {missing[0]}: a ruling cites them, and they are not in the file")
    return len(there)


def check_proof(what: str, entry: str, proof: str, head: str, root: bytes, size: int) -> None:
    """Check that an entry is in the log under the signed head."""
    top, _, note = proof.partition("\n\n")
    kind, index, *hashes = top.split("\n")
    if kind != "c2sp.org/tlog-proof@v1" or not index.startswith("index ") or note != head:
        raise Wrong(f"{what}: the proof is of another head")
    number, last = int(index[6:]), size - 1
    if not 0 <= number <= last:
        raise Wrong(f"{what}: there is no such entry")
    found = sha(b"\0", entry.encode())
    for each in map(un64, hashes):
        if last == 0:
            raise Wrong(f"{what}: the proof is too long")
        if number & 1 or number == last:
            found = sha(b"\1", each, found)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            found = sha(b"\1", found, each)
        number, last = number >> 1, last >> 1
    if last or found != root:
        raise Wrong(f"{what}: it is not in the log")


def check_words(files: Files, facts: dict[str, Any]) -> tuple[int, int]:
    """Check that words and evidence are those that were handed in; return how many are, and how many have no digest."""
    proved = unproved = 0
    pieces = read(files["data/words.json"])
    # What was digested of a message names its files by their SHA-256.
    within = {(each["fact"], part) for each in pieces if "salt" in each for part in each.get("text", "").split("\0")}
    for name in files.keys() - {f"data/{piece.get('file')}" for piece in pieces}:
        if name.startswith("data/evidence/"):
            raise Wrong(f"{name}: a file that nobody handed in")
    for piece in pieces:
        if piece.keys() & {"digest", "salt", "text", "file"} not in HELD:
            raise Wrong(f"{piece['fact']}: words or a file without what proves them")
        if piece["fact"] in facts:
            check_whose(piece, facts[piece["fact"]])
        held = piece.get("text", "")
        if "file" in piece:
            held = hashlib.sha256(files[f"data/{piece['file']}"]).hexdigest()
        if "digest" in piece:
            check_piece(piece, facts[piece["fact"]], held)
            proved += "salt" in piece
        elif "file" in piece and (piece["fact"], held) in within:
            proved += 1
        else:
            unproved += 1
    return proved, unproved


def check_whose(piece: dict[str, Any], fact: dict[str, Any]) -> None:
    """Check that words are said to be of the side, and of the time, that the fact says with which they came."""
    by, role = fact["data"].get("by"), piece.get("role")
    if piece.get("at", fact["at"]) != fact["at"] or {by, role} == {"buyer", "seller"}:
        raise Wrong(f"{fact['id']}: words or a file of another side or another time")


def check_piece(piece: dict[str, Any], fact: dict[str, Any], held: str) -> None:
    """Check that a fact has the digest of words or a file; and, where these are shown, that they are those."""
    if piece["digest"] not in " ".join(str(each) for each in fact["data"].values()).split():
        raise Wrong(f"{fact['id']}: its digest is not in the journal")
    if "salt" in piece and sha(bytes.fromhex(piece["salt"]), held.encode()).hex() != piece["digest"]:
        raise Wrong(f"{fact['id']}: other words or another file than were handed in")


def check_records(files: Files, facts: dict[str, Any], withheld: Sequence[str]) -> int:
    """Check that each decision names the record that was closed for it, and that the lines of records are there.

    withheld  the kind of each line that is withheld
    """
    records = read(files["data/records.json"])
    for each in records:
        made = json.dumps({"evidence": each["evidence"], "facts": each["facts"]}, ensure_ascii=False,
                          sort_keys=True, separators=(",", ":"))  # fmt: skip
        if sha(made.encode()).hex() != facts[each["fact"]]["data"]["digest"]:
            raise Wrong(f"{each['fact']}: the decision rests on another record")
        if any(id_ in facts and facts[id_]["kind"] != kind for id_, kind in each["facts"]):
            raise Wrong(f"{each['fact']}: its record names other facts")
        gone = [kind for id_, kind in each["facts"] if id_ not in facts]
        for kind in gone:
            if gone.count(kind) > withheld.count(kind):
                raise Wrong(f"{each['fact']}: a line on which the decision rests is not in the file: {kind}")
    closed = {id_ for id_, fact in facts.items() if fact["kind"] == CLOSED}
    if missing := sorted(closed - {each["fact"] for each in records}):
        raise Wrong(f"{missing[0]}: the record that was closed there is missing")
    return len(records)


def verify(path: str | Path, trusted: Sequence[str] = ()) -> dict[str, Any]:
    """Return what was found about the case file at `path`; `trusted`: keys known from elsewhere. Raises Wrong."""
    files = files_of(Path(path))
    try:
        check_bag(files)
        head = files["data/checkpoint"].decode()
        keys = list(trusted) or files["data/keys"].decode().split()
        origin, size, root, by = check_head(head, keys)
        stamped = files.get("data/stamped", head.encode()).decode()
        if not head.startswith(stamped) or check_head(stamped, keys)[:3] != (origin, size, root):
            raise Wrong("what was stamped is another head")
        lines = [read(line) for line in files["data/journal.jsonl"].decode().splitlines()]
        if len({(line["chain"], line["line"]) for line in lines}) != len(lines):
            raise Wrong("a line twice")
        for line in lines:
            check_line(line, files[f"data/proofs/{line['chain']}-{line['line']}.tlog-proof"].decode(), head, root, size)
        shown = [read(line["body"]) for line in lines if "body" in line]
        rules = check_rules(files, {each["rulebook"] for each in shown if "rulebook" in each}, head, root, size)
        facts = {each["id"]: each for each in shown if "id" in each}
        hidden = [line["kind"] for line in lines if "withheld" in line]
        (words, unproved), records = check_words(files, facts), check_records(files, facts, hidden)
        case = str(read(files["data/case.json"])["key"])
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise Wrong(f"not a case file: {type(error).__name__}: {error}") from None
    return {
        "holds": True, "case": case, "log": origin, "size": size, "keys": by,
        "keys_known": bool(trusted), "lines": len(lines), "withheld": len(hidden), "words": words,
        "unproved": unproved, "records": records, "rulebooks": rules,
    }  # fmt: skip


def receipt_of(path: str | Path, keys: Sequence[str]) -> dict[str, Any]:
    """Check the receipt at `path`, as `receipt_in`. Raises Wrong."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise Wrong(f"not a receipt: {type(error).__name__}: {error}") from None
    return receipt_in(data, keys)


def receipt_in(data: str | bytes, keys: Sequence[str]) -> dict[str, Any]:
    """Check a receipt; return what it says: the log, the entry, the fact, by when it is sealed. Raises Wrong."""
    if not keys:
        raise Unchecked("a receipt is checked with the log's key: --key NAME+ID+KEY, as the operator publishes it")
    try:
        held = read(data)
        note, line = held["receipt"], held["line"]
        head, said, empty, *_ = note.split("\n")
        origin, receipt = head[len(RECEIPT) :], read(said)
        if not head.startswith(RECEIPT) or empty:
            raise Wrong("not a receipt")
        by = check_signed(note, origin, keys)
        entry = json.dumps(receipt["entry"], sort_keys=True, separators=(",", ":"))
        if line.keys() != SHOWN - {"line", "chain", "entry"}:
            raise Wrong("not a receipt: its line is not shown as it was written down")
        line.update({"line": receipt["entry"]["line"], "chain": receipt["entry"]["chain"], "entry": entry})
        check_opening(line)
        fact = read(line["body"])
        if (fact["id"], fact["kind"], fact["at"]) != (receipt["fact"], receipt["kind"], receipt["at"]):
            raise Wrong("the line is of another fact than the receipt")
        for piece in held["words"]:
            if piece.keys() not in ({"digest", "salt", "text"}, {"digest", "salt", "sha256"}):
                raise Wrong(f"{fact['id']}: words or a file without what proves them")
            check_piece(piece, fact, piece["sha256"] if "sha256" in piece else piece["text"])
        if held["proof"]:
            sealed = held["proof"].partition("\n\n")[2]
            _, size, root, _ = check_head(sealed, keys)  # of the same log: the keys are
            check_place(line, held["proof"], sealed, root, size)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise Wrong(f"not a receipt: {type(error).__name__}: {error}") from None
    return {"holds": True, "receipt": receipt["fact"], "kind": receipt["kind"], "at": receipt["at"], "log": origin,
            "matter": fact["matter"],
            "entry": entry, "sealed_by": receipt["sealed_by"], "sealed": bool(held["proof"]),
            "words": len(held["words"]), "keys": by}  # fmt: skip


def check_promise(path: str | Path, receipt: dict[str, Any]) -> None:
    """Check that a case file has the line of a receipt. Raises Wrong."""
    files = files_of(Path(path))
    if receipt["entry"] not in [json.loads(each)["entry"] for each in files["data/journal.jsonl"].splitlines()]:
        raise Wrong(f"{receipt['receipt']}, about {receipt['matter']}: the receipt says that it was taken down, and it"
                    " is not in this file")  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Verify what is named, and say it."""
    given: Dict[str, list[str]] = {"--key": [], "--receipt": []}
    rest: list[str] = []
    waiting = iter(arguments)
    for each in waiting:
        given.get(each, rest).append(next(waiting, "") if each in given else each)
    trusted, in_json = given["--key"], "--json" in rest
    path = Path(next((each for each in rest if not each.startswith("--")), Path(__file__).parent))
    try:
        if path.suffix == ".json":
            found = receipt_of(path, trusted)
        else:
            found = verify(path, trusted)
            # A receipt may be older than the key that signed the head.
            keys = trusted or files_of(path)["data/keys"].decode().split() if given["--receipt"] else []
            for each in given["--receipt"]:
                check_promise(path, receipt_of(each, keys))
    except Wrong as wrong:
        unread = isinstance(wrong, Unchecked) or str(wrong).startswith("not a")
        said = f"{'CANNOT BE CHECKED' if unread else 'DOES NOT HOLD'}: {wrong}"
        print(json.dumps({"holds": False, "wrong": str(wrong)}) if in_json else said)
        return 2 if unread else 1
    if in_json:
        print(json.dumps(found))
        return 0
    if "receipt" in found:
        what = f"{found['receipt']} at {found['at']}, with {found['words']} texts and files"
        print(f"holds: {found['log']} took down {what}")
        print("It is sealed." if found["sealed"] else f"It promises that it is in the log by {found['sealed_by']}.")
        return 0
    print(f"holds: case {found['case']}, {found['lines']} lines of the journal ({found['withheld']} withheld), "
          f"{found['words']} texts and files, {found['records']} closed records, "
          f"{found['rulebooks']} versions of the rules")  # fmt: skip
    if found["unproved"]:
        print(f"{found['unproved']} texts stand in it as they are: the journal has no digest of them")
    print(f"sealed in {found['log']}, which had {found['size']} entries; signed by {', '.join(found['keys'])}")
    if not found["keys_known"]:
        print("Compare this key with the one that the operator publishes: only then is it the operator's seal.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
