"""Receipts: what an operator signs to a party that handed something in, before anybody can have changed it.

A receipt is a signed note (`lib.tlog.notes`) of two lines: that it is a receipt and of which log, and canonical JSON:

    comity receipt for service.example.com/journal
    {"at": …, "entry": {"chain": …, "commitment": …, "line": 17}, "fact": …, "kind": …, "sealed_by": …}

`entry` is what the log has of the line, or will have by `sealed_by`: whoever holds a receipt whose entry is not there
then can show that the promise was not kept. No head of a log begins with these words, so that one key signs both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from comity.lib import canonical, moments, sealed
from comity.lib.tlog import notes

_FOR = "comity receipt for "
_FIELDS = {"at", "entry", "fact", "kind", "sealed_by"}


class BadReceipt(ValueError):
    """No receipt; the message says why."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a fact was taken down as one line of a chain: `entry`, which the log has by `sealed_by`."""

    origin: str
    fact: str
    kind: str
    at: datetime
    entry: bytes
    sealed_by: datetime

    @property
    def text(self) -> str:
        """What is signed."""
        said = {
            "at": self.at, "entry": canonical.decode(self.entry), "fact": self.fact, "kind": self.kind,
            "sealed_by": self.sealed_by,
        }  # fmt: skip
        return f"{_FOR}{self.origin}\n{canonical.encode(said).decode()}\n"


def read(text: str) -> Receipt:
    """Read what a receipt's note says. Raises BadReceipt."""
    head, *rest = text.split("\n")
    if head.startswith(_FOR) and len(rest) == 2 and not rest[1]:
        try:
            said = canonical.decode(rest[0].encode())
            if isinstance(said, dict) and said.keys() == _FIELDS:
                entry = canonical.encode(said["entry"])
                if "line" in sealed.read(entry):
                    at, by = moments.parse(said["at"]), moments.parse(said["sealed_by"])
                    return Receipt(head.removeprefix(_FOR), str(said["fact"]), str(said["kind"]), at, entry, by)
        except (ValueError, TypeError, AttributeError, RecursionError):
            pass
    raise BadReceipt("not a receipt: it begins with “comity receipt for”, and is signed")


def opened(note: str, verifiers: Iterable[notes.Verifier]) -> tuple[Receipt, list[notes.Verifier]]:
    """Return a receipt and who of `verifiers` signed it: keys of the log that it names. Raises BadReceipt, BadNote."""
    known = list(verifiers)
    receipt = read(notes.read(note).text)
    _, signed = notes.opened(note, [each for each in known if each.name == receipt.origin])
    return receipt, signed
