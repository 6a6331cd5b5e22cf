"""Case files: what was written down of a dispute or a measure, shown to be so, in one archive that leaves the house.

What goes in is gathered elsewhere (`of_dispute`, `of_measure`); here it gets its proofs and is packed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from comity.actions.guard import Actor
from comity.actions.seal import keys, proving, sealing
from comity.lib import moments
from comity.lib.canonical import encode
from comity.lib.casefile import bag
from comity.records import files as kept
from comity.records import masks, rulebooks
from comity.records.models import JournalLine, Notice, Party, RulebookVersion, SealKey

CHUNK = 500
_WHY = {"settlement": "settlement talk", "reader": "not for this reader"}


class NotReady(RuntimeError):
    """A case file cannot be made now; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal as it stands in a case file; `withheld`: why its body is not there, or empty."""

    seq: int
    body: str
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a case file, for one reader.

    whose    the party in whose chain the lines are
    about    case.json: what it is about, with its `key`
    words    texts and evidence, each with the fact that it came with, its digest and its salt; `files`: by name
    records  what was closed for decisions
    notices  who was told of what, when
    more     other files, by name
    """

    whose: Party
    about: Mapping[str, Any]
    lines: Sequence[Line]
    words: Sequence[Mapping[str, Any]] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    records: Sequence[Mapping[str, Any]] = ()
    notices: Sequence[Notice] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def seal_first(now: datetime) -> None:
    """Seal what was written down last. Raises NotReady where nothing was ever sealed and nothing can be."""
    try:
        sealing.seal_due(now)
    except sealing.SealTrouble as trouble:
        if proving.head() is None:
            raise NotReady(str(trouble)) from None


def packed(content: Content, *, now: datetime, pages: Mapping[str, bytes]) -> bytes:
    """Return the archive; `pages`: what people read in it, by name. Raises NotReady.

    What is withheld is withheld with its words and files, whatever they are.
    """
    lines = sorted(content.lines, key=lambda line: line.seq)
    withheld = {json.loads(line.body).get("id") for line in lines if line.withheld}
    words = [each for each in content.words if not each["fact"] or each["fact"] not in withheld]
    named = {each.get("file") for each in words}
    files = {name: data for name, data in content.files.items() if name in named}
    numbers = [line.seq for line in lines]
    rules = _rulebooks(lines)
    head = proving.head_of(content.whose, numbers, rules)
    if head is None:
        raise NotReady(proving.NOTHING)
    # Once: a witness may sign it meanwhile.
    note = proving.noted(head)
    try:
        shown = {each.line: each for each in proving.show(content.whose, numbers, under=head, note=note)}
        shown_rules = proving.show_rules(rules, head, note)
    except (proving.NotSealed, keys.KeyTrouble) as wrong:
        raise NotReady(str(wrong)) from None
    payload = {**pages, **files}
    said = []
    for line in lines:
        proved = shown[line.seq]
        entry = json.loads(proved.entry)
        row: dict[str, Any] = {"line": line.seq, "chain": entry["chain"], "entry": proved.entry.decode()}
        if line.withheld:
            fact = json.loads(line.body)
            row |= {"withheld": _WHY[line.withheld], "kind": fact.get("kind", ""), "at": fact["at"]}
        else:
            row |= {"body": line.body, "before": proved.opening.before.hex(), "salt": proved.opening.salt.hex()}
        said.append(encode(row))
        payload[f"proofs/{entry['chain']}-{line.seq}.tlog-proof"] = proved.proof.text.encode()
    payload["journal.jsonl"] = b"".join(each + b"\n" for each in said)
    payload["checkpoint"] = note.encode()
    if head.stamp is not None:
        payload |= {"stamped": head.note.encode(), "stamped.tsr": bytes(head.stamp)}
    verifiers = SealKey.objects.order_by("pk").values_list("verifier", flat=True)
    payload["keys"] = "".join(f"{key}\n" for key in verifiers).encode()
    payload["case.json"] = encode({**content.about, "made_at": now})
    payload["words.json"] = encode(words)
    payload["records.json"] = encode(list(content.records))
    payload["notices.json"] = encode([_told(each) for each in content.notices])
    payload |= {name: encode(each) for name, each in content.more.items()}
    for version in rules:
        payload[f"rulebooks/{version}.toml"] = version.text.encode()
        payload[f"proofs/{version}.tlog-proof"] = shown_rules[str(version)].text.encode()
    key = content.about["key"]
    return bag.archive(f"case-{key}", payload, made_at=now, says=f"Case {key}")


def line_of(row: JournalLine, whose: Party, actor: Actor, *, at: datetime, withheld: str = "") -> Line:
    """Return a line as a reader may have it at `at`: one that masks something from them then is withheld."""
    if not withheld and actor.role != "platform":
        body = json.loads(row.body)
        if masks.masked(body, whose, actor.party, at) != body:
            withheld = "reader"
    return Line(row.seq, row.body, withheld)


def notices(matters: Iterable[str], told: Iterable[Party]) -> list[Notice]:
    """Return what these parties were told in these matters, with the mails that told of it."""
    rows = Notice.objects.filter(party__in=list(told), matter__in=list(matters)).select_related("party", "mail")
    return list(rows.order_by("at", "pk"))


def _told(notice: Notice) -> dict[str, Any]:
    """Return who was told of what, when it was put on their page and opened there, and what became of its mail."""
    said: dict[str, Any] = {
        "to": notice.party.ref, "what": notice.kind, "at": notice.at, "read_at": notice.read_at, "mail": None
    }  # fmt: skip
    if (mail := notice.mail) is not None:
        said["mail"] = {"sent_at": mail.sent_at, "arrived_at": mail.arrived_at, "bounced_at": mail.bounced_at}
    return said


def file_of(sha256: str, media: str, name: str, salt: bytes, files: dict[str, bytes]) -> dict[str, Any]:
    """Return what is said of a file, with the salt of its digest, and put it among `files`; or that it is lost."""
    try:
        with kept.opened(sha256) as file:
            data = file.read()
    except kept.Lost:
        return {"lost": True}
    where = f"evidence/{sha256}{bag.ending(media)}"
    files[where] = data
    return {"file": where, "name": name, "media": media} | ({"salt": salt.hex()} if salt else {})


def _rulebooks(lines: Sequence[Line]) -> list[RulebookVersion]:
    """Return the rules in force since the first line, and those that rulings cite: a verifier judges again by them."""
    bodies = [json.loads(line.body) for line in lines]
    since = min((moments.parse(body["at"]) for body in bodies), default=None)
    if since is None:
        return []
    first = rulebooks.current().in_force(since)
    begins = first.in_force_from if first is not None else since
    cited = {body.get("rulebook") for body in bodies}
    rows = RulebookVersion.objects.order_by("in_force_from")
    return [row for row in rows if row.in_force_from >= begins or str(row) in cited]
