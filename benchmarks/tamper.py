"""Case files with one bit changed: how many does the script in them accept, and how many a second, independent verifier.

Half of the CHANGES leave the manifests as they were, as a fault of a disk would; the other half make them anew, as who
falsifies would, and touch the proof and what it proves. The second verifier has nothing of ours: pymerkle for places in the
tree, openssl for the signature, hashlib for digests. A change counts as accepted where the verifier holds the file for
right and what it vouches for is another than before; changes beside that (a file's name, the kind of a withheld line)
are counted apart. No speed is measured. The case is one of the tests' disputes, with evidence for the mediator alone.
"""

import base64
import contextlib
import hashlib
import io
import json
import random
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import stage

CHANGES, SEED = 10_000, 7
PROOF = (
    "data/journal.jsonl",
    "data/checkpoint",
    "data/words.json",
    "data/records.json",
    "data/proofs/",
    "data/evidence/",
    "data/rulebooks/",
)
#: Before the raw key in the DER form of an Ed25519 public key (RFC 8410).
DER = bytes.fromhex("302a300506032b6570032100")
Files = dict[str, bytes]


class Refused(Exception):
    """The second verifier does not hold it for right."""


def main(engine: str) -> None:
    stage.set_up(engine)
    from datetime import timedelta

    from comity.lib.casefile import verify
    from comity.records.models import SealKey
    from comity.web.trade import casefile
    from tests.actions.seal.test_casefile import decided
    from tests.disputing import START
    from tests.disputing import stage as disputing

    here = disputing()
    files = _unpacked(casefile.archive(here.cast.ana, decided(here), START + timedelta(days=3)))
    key, mixed, path = SealKey.objects.get().verifier, random.Random(SEED), Path(tempfile.mkdtemp()) / "case.zip"
    whole, second = vouched(files), independent(files, key)
    assert whole == second, "the two read one file alike"
    accepted, beside, disagree = Counter[str](), Counter[str](), list[str]()
    proof = [name for name in files if name.startswith(PROOF)]
    payload = [name for name in files if name.startswith("data/")]
    for number in range(CHANGES):
        again = number % 2 == 1
        changed, where = _one_bit(files, mixed, proof if again else payload)
        path.write_bytes(_packed(changed, again=again))
        said = {}
        try:
            verify.verify(path, [key])
            said["ours"] = vouched(changed)
        except verify.Wrong:
            pass
        with contextlib.suppress(Refused):
            said["second"] = independent(changed, key, manifests=not again)
        for name, found in said.items():
            (accepted if found != whole else beside)[name] += 1
        if again and said.keys() == {"second"}:
            disagree.append(where)
    stage.say({
        "compares": "the script of a case file, with pymerkle, openssl and hashlib, on files with one bit changed",
        "changes": CHANGES, "seed": SEED, "files": len(files),
        "accepted": {name: accepted[name] for name in ("ours", "second")},
        "beside_what_is_vouched_for": {name: beside[name] for name in ("ours", "second")},
        "refused_by_ours_alone": Counter(disagree),
    })  # fmt: skip


def vouched(files: Files) -> dict[str, Any]:
    """Return what the proof of a case file is about."""
    words = []
    for piece in json.loads(files["data/words.json"]):
        if "salt" in piece:
            held = _sha(files[f"data/{piece['file']}"]).hex() if "file" in piece else piece["text"]
            words.append((piece["fact"], held, piece["digest"]))
    lines = [json.loads(each) for each in files["data/journal.jsonl"].splitlines()]
    return {
        "lines": sorted((row["chain"], row["line"], row["entry"], row.get("body", "")) for row in lines),
        "words": sorted(words),
        "records": sorted(
            (row["fact"], str(row["facts"]), str(row["evidence"])) for row in json.loads(files["data/records.json"])
        ),
        "rules": {name: data for name, data in files.items() if name.startswith("data/rulebooks/")},
        "head": files["data/checkpoint"].partition(b"\n\n")[0],
    }


def independent(files: Files, key: str, *, manifests: bool = False) -> dict[str, Any]:
    """Return what a case file vouches for, as another verifier reads it. Raises Refused."""
    try:
        if manifests and any(
            _sha(files[name]).hex() != digest
            for digest, name in (line.split("  ", 1) for line in files["manifest-sha256.txt"].decode().splitlines())
        ):
            raise Refused("a file is not as it was")
        note = files["data/checkpoint"].decode()
        if not _signed(note, key):
            raise Refused("the head is not signed")
        facts, lines = {}, [json.loads(each) for each in files["data/journal.jsonl"].splitlines()]
        for row in lines:
            _is_in(files[f"data/proofs/{row['chain']}-{row['line']}.tlog-proof"].decode(), row["entry"], note)
            entry = json.loads(row["entry"])
            if (entry["chain"], entry["line"]) != (row["chain"], row["line"]):
                raise Refused("another line")
            if "body" in row:
                hash_ = _sha(b"\0" + bytes.fromhex(row["before"]) + row["body"].encode())
                if _sha(b"comity line\n" + bytes.fromhex(row["salt"]) + hash_).hex() != entry["commitment"]:
                    raise Refused("another body")
                body = json.loads(row["body"])
                facts[body.get("id")] = body
        for piece in json.loads(files["data/words.json"]):
            if "digest" in piece and "salt" not in piece and piece.keys() & {"text", "file"}:
                raise Refused("words without what proves them")
            if "salt" in piece:
                held = _sha(files[f"data/{piece['file']}"]).hex() if "file" in piece else piece["text"]
                digest = _sha(bytes.fromhex(piece["salt"]) + held.encode()).hex()
                if digest != piece["digest"] or digest not in json.dumps(facts[piece["fact"]]["data"]):
                    raise Refused("other words")
        for row in json.loads(files["data/records.json"]):
            record = {"evidence": row["evidence"], "facts": row["facts"]}
            made = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            if _sha(made.encode()).hex() != facts[row["fact"]]["data"]["digest"]:
                raise Refused("another record")
        for name, data in files.items():
            if name.startswith("data/rulebooks/"):
                book = name[len("data/rulebooks/") : -len(".toml")]
                entry = json.dumps(
                    {"digest": _sha(data).hex(), "rulebook": book}, ensure_ascii=False, separators=(",", ":")
                )
                _is_in(files[f"data/proofs/{book}.tlog-proof"].decode(), entry, note)
        return vouched(files)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as wrong:
        raise Refused(str(wrong)) from None


def _is_in(proof: str, entry: str, note: str) -> None:
    """Check by pymerkle that an entry is in the tree of a head. Raises Refused, ValueError."""
    from pymerkle.core import _inclusion_path_layout
    from pymerkle.proof import InclusionProof, InvalidProof

    top, _, under = proof.partition("\n\n")
    kind, place, *hashes = top.split("\n")
    _, size, root = note.split("\n")[:3]
    if kind != "c2sp.org/tlog-proof@v1" or under != note or not place.startswith("index "):
        raise Refused("no proof")
    index, leaf = int(place[6:]) + 1, _sha(b"\0" + entry.encode())
    if not 0 < index <= int(size):
        raise Refused("no such place")
    rule, _ = _inclusion_path_layout(index, int(size))
    path = [leaf, *(base64.b64decode(each, validate=True) for each in hashes)]
    try:
        InclusionProof("sha256", True, int(size), index, rule, path).verify(
            leaf, base64.b64decode(root), size=int(size)
        )
    except InvalidProof as wrong:
        raise Refused(str(wrong)) from None


@cache
def _signed(note: str, key: str) -> bool:
    """Whether openssl finds that a key signed a note."""
    text, _, marks = note.rpartition("\n\n")
    name, id_, raw = key.split("+", 2)
    for mark in marks.splitlines():
        dash, signer, signature = mark.split(" ")
        full = base64.b64decode(signature, validate=True)
        if dash != "—" or signer != name or full[:4].hex() != id_:
            continue
        with tempfile.TemporaryDirectory() as folder:
            at = Path(folder)
            (at / "key").write_bytes(DER + base64.b64decode(raw)[1:])
            (at / "signature").write_bytes(full[4:])
            (at / "text").write_bytes(text.encode() + b"\n")
            done = subprocess.run(
                ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", at / "key",
                 "-sigfile", at / "signature", "-in", at / "text"],
                capture_output=True, check=False,
            )  # fmt: skip
        return done.returncode == 0 and note.startswith(f"{name}\n")
    return False


def _one_bit(files: Files, mixed: random.Random, names: list[str]) -> tuple[Files, str]:
    name = mixed.choice(names)
    data = bytearray(files[name])
    place = mixed.randrange(8 * len(data))
    data[place // 8] ^= 1 << place % 8
    return {**files, name: bytes(data)}, name if "/proofs/" not in name else "data/proofs/"


def _sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def _packed(files: Files, *, again: bool) -> bytes:
    from tests.lib.case_made import packed

    return packed(files, again=again)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite")
