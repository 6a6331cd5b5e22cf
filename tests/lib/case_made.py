"""A case file and a receipt made by hand, without a database: what a verifier is tried on."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from comity.lib import canonical, chain, moments, receipts, sealed
from comity.lib.tlog import checkpoints, notes, tree

ORIGIN, SECRET, KEY = "localhost/journal", bytes(range(32)), bytes(range(1, 33))
PARTY, RULES, TEXT = "seller:1", "läden@1", "name = 'läden'\n"
START = datetime(2026, 3, 2, 9, tzinfo=moments.UTC)
Files = dict[str, bytes]


def fact(number: int, **data: Any) -> dict[str, Any]:
    """A fact of the case's order."""
    return {
        "id": f"f{number}", "kind": f"kind.{number}", "at": moments.to_text(START), "noted_at": moments.to_text(START),
        "subject": "dispute:1", "matter": "order:1", "party": PARTY, "data": data,
    }  # fmt: skip


def digest(salt: bytes, held: str) -> str:
    return hashlib.sha256(salt + held.encode()).hexdigest()


@dataclass
class Log:
    """A log with some entries before and after those of a chain."""

    entries: list[bytes] = field(default_factory=list)
    signer: notes.Signer = field(default_factory=lambda: notes.new_signer(ORIGIN, KEY))

    def head(self, size: int = 0) -> checkpoints.Checkpoint:
        leaves = [tree.leaf_hash(each) for each in self.entries[: size or len(self.entries)]]
        return checkpoints.Checkpoint(self.signer.name, len(leaves), tree.root(len(leaves), tree.over(leaves)))

    def note(self) -> str:
        return notes.sign(self.head().text, [self.signer])

    def proof(self, place: int, note: str = "") -> str:
        leaves = [tree.leaf_hash(each) for each in self.entries]
        hashes = tuple(tree.inclusion(place, len(leaves), tree.over(leaves)))
        return checkpoints.Proof(place, hashes, note or self.note()).text


@dataclass
class Made:
    """What was made: the files of a case file, its log, and a receipt."""

    files: Files
    log: Log
    receipt: dict[str, Any]
    lines: list[dict[str, Any]]

    @property
    def key(self) -> str:
        return self.log.signer.verifier.text


def made() -> Made:
    """Seven lines of a chain among other entries; one is withheld; words, a file, a record, rules, a stamped head."""
    log = Log()
    salt, file = b"s" * 16, b"The photo."
    within = b"w" * 16
    photo = hashlib.sha256(file).hexdigest()
    of_message = f"Broken.\x00\x00{photo}"
    record = {"evidence": [["e", digest(salt, photo)]], "facts": [["f1", "kind.1"], ["f2", "kind.2"], ["f6", "kind.6"]]}
    facts = [
        fact(1, digest=digest(salt, "It broke.")),
        fact(2, by="buyer", evidence="e", digest=digest(salt, photo)),
        {**fact(3, digest=hashlib.sha256(canonical.encode(record)).hexdigest()), "kind": "dispute.record_closed"},
        fact(4, words=digest(salt, "Not me."), files=f"{digest(salt, 'a')} {digest(salt, photo)}"),
        fact(5, digest=digest(within, of_message)),
        fact(6, secret=True),
        {"at": moments.to_text(START), "data": {}, "rulebook": RULES, "ruling": "duty.opened"},
    ]
    name = sealed.name_of_chain(SECRET, PARTY)
    log.entries += [sealed.key(log.signer.verifier.text), sealed.statement({}), sealed.rulebook(RULES, TEXT)]
    before, lines, places = chain.START, [], []
    for seq, each in enumerate(facts, 1):
        body = canonical.encode(each)
        hash_ = chain.link(before, body)
        entry = sealed.line(SECRET, name, seq, hash_)
        places.append(len(log.entries))
        log.entries += [entry, sealed.line(SECRET, "0" * 32, seq, hash_)]
        row: dict[str, Any] = {"line": seq, "chain": name, "entry": entry.decode()}
        if each["data"].get("secret"):
            row |= {"withheld": "not for this reader", "kind": each["kind"], "at": each["at"]}
        else:
            row |= {"body": body.decode(), "before": before.hex(), "salt": sealed.salt_of(SECRET, name, seq).hex()}
        lines.append(row)
        before = hash_
    note = log.note()
    words = [
        {"fact": "f1", "text": "It broke.", "digest": digest(salt, "It broke."), "salt": salt.hex()},
        {"fact": "f2", "file": "evidence/a.jpg", "digest": digest(salt, photo), "salt": salt.hex()},
        {"fact": "f4", "text": "Not me.", "digest": digest(salt, "Not me."), "salt": salt.hex()},
        {"fact": "f4", "file": "evidence/a.jpg", "digest": digest(salt, photo), "salt": salt.hex()},
        {"fact": "f5", "text": of_message, "digest": digest(within, of_message), "salt": within.hex()},
        {"fact": "f5", "file": "evidence/a.jpg"},
        {"fact": "f4", "text": "Beside it."},
        {"fact": "f4", "digest": digest(salt, "a")},
    ]
    files: Files = {
        "bagit.txt": b"BagIt-Version: 1.0\n",
        "data/case.json": canonical.encode({"key": "D-1"}),
        "data/journal.jsonl": b"".join(canonical.encode(each) + b"\n" for each in lines),
        "data/words.json": canonical.encode(words),
        "data/records.json": canonical.encode([{"fact": "f3", **record}]),
        "data/evidence/a.jpg": file,
        "data/checkpoint": note.encode(),
        "data/stamped": note.encode(),
        f"data/rulebooks/{RULES}.toml": TEXT.encode(),
        f"data/proofs/{RULES}.tlog-proof": log.proof(2, note).encode(),
        "data/keys": f"{log.signer.verifier.text}\n".encode(),
    }
    for row, place in zip(lines, places, strict=True):
        files[f"data/proofs/{name}-{row['line']}.tlog-proof"] = log.proof(place).encode()
    said = receipts.Receipt(ORIGIN, "f1", "kind.1", START, lines[0]["entry"].encode(), START)
    receipt = {
        "receipt": notes.sign(said.text, [log.signer]),
        "line": {name: lines[0][name] for name in ("body", "before", "salt")},
        "words": [{"digest": digest(salt, "It broke."), "salt": salt.hex(), "text": "It broke."}],
        "proof": log.proof(places[0]),
    }
    return Made(files, log, receipt, lines)


def packed(files: Mapping[str, bytes], *, again: bool = True, top: str = "case-x") -> bytes:
    """Pack files; `again`: with manifests that are right, as who falsifies would make them."""
    files = dict(files)
    if again:
        for manifest, payload in (("manifest-sha256.txt", True), ("tagmanifest-sha256.txt", False)):
            names = sorted(n for n in files if n.startswith("data/") == payload and not n.startswith("tagmanifest"))
            files[manifest] = "".join(f"{hashlib.sha256(files[n]).hexdigest()}  {n}\n" for n in names).encode()
    packing = io.BytesIO()
    with zipfile.ZipFile(packing, "w") as archive:
        for each, content in files.items():
            archive.writestr(f"{top}/{each}" if top else each, content)
    return packing.getvalue()


def edited(name: str, change: Callable[[Any], Any]) -> Callable[[Made], Files]:
    """Return how a file of JSON, or of lines of JSON, is changed."""

    def edit(case: Made) -> Files:
        data = case.files[name]
        if name.endswith(".jsonl"):
            rows = [json.loads(each) for each in data.splitlines()]
            return {**case.files, name: b"".join(canonical.encode(each) + b"\n" for each in change(rows))}
        return {**case.files, name: canonical.encode(change(json.loads(data)))}

    return edit
