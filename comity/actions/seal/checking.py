"""Checking what somebody holds in hand: the number on a printed decision, a receipt that was pasted.

A number is LINE-LETTERS: the row of the journal, and ten letters that nobody can guess, made of the log's secret. Who
has it may read what was decided there, and what came after; nobody's name, and nothing that was written.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from comity.actions import appeals
from comity.actions.disputes import cases
from comity.actions.seal import sealing
from comity.actions.seal.keys import KeyTrouble
from comity.actions.seal.receipts import SEALED_WITHIN
from comity.lib import options, receipts, sealed
from comity.lib.casefile import verify
from comity.lib.ids import letters
from comity.lib.tlog import notes
from comity.policy.disputes.telling import ENDS
from comity.records import refs
from comity.records.models import Dispute, JournalLine, Order, Sanction, Seal, SealedEntry, SealKey

LETTERS, MAX_PASTED_CHARS = 10, 65_536
#: What ends a dispute or changes how it ended; what becomes of a measure.
_DECIDES = sorted(kind for kind in ENDS if kind.startswith("dispute."))
_OF_MEASURES = ("sanction.placed", "sanction.reached", "sanction.lifted", "sanction.overturned", "sanction.declined")


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands behind a printed number: the line, and what was decided of the same afterwards.

    place     of its entry in the log, which has `size` entries; None where it is not sealed yet
    appealed  whether an appeal waits, so that it may be decided otherwise
    """

    about: str
    line: JournalLine
    since: Sequence[JournalLine]
    appealed: bool
    place: int | None
    size: int


@dataclass(frozen=True, slots=True)
class Slip:
    """What a pasted receipt says, and what is known of it here.

    key    of those that signed it, the one that counts for most: one that still signs before one that ended, one that
           ended before one that was lost
    late   whether that key had ended when what it is for was taken down
    found  whether the log has what it promised
    whole  whether the whole file was pasted, so that the line and the words in it were checked too
    body   what was taken down, where the file or the log has it
    """

    receipt: receipts.Receipt
    key: SealKey
    late: bool
    found: bool
    whole: bool
    body: Mapping[str, Any]


class Unknown(LookupError):
    """Nothing here has that number."""


class Changed(ValueError):
    """A receipt was signed here, but what stands beside the signature is not what was signed for."""


def number_of_dispute(dispute: Dispute, now: datetime) -> str:
    """Return the number of what was decided last in a dispute; empty before anything was."""
    lines = _of_dispute(dispute)
    return _number(lines[-1], now) if lines else ""


def number_of_measure(measure: Sanction, now: datetime) -> str:
    """Return the number of the line by which a measure was placed; empty where it never was."""
    placed = [line for line in _of_measure(measure) if line.kind == "sanction.placed"]
    return _number(placed[-1], now) if placed else ""


def address() -> str:
    """Return where papers are checked, as it is printed on them; empty where the site has no address."""
    site = options.value("COMITY_SITE").rstrip("/")
    return f"{site}/check/" if site else ""


def look_up(number: str) -> Paper:
    """Return what stands behind a number. Raises Unknown."""
    row, _, code = _as_printed(number).partition("-")
    log = Seal.objects.first()
    if log is None or not re.fullmatch("[0-9]{1,18}", row):
        raise Unknown(number)
    line = JournalLine.objects.select_related("party").filter(pk=int(row)).first()
    if line is None or not compare_digest(_code(log, line).encode(), code.encode()):
        raise Unknown(number)
    about, lines, appealed = _like(line)
    place = SealedEntry.objects.filter(party=line.party_id, seq=line.seq).values_list("place", flat=True).first()
    return Paper(about, line, [each for each in lines if each.seq > line.seq], appealed, place, log.size)


def read_receipt(pasted: str) -> Slip:
    """Return what a pasted receipt says, the file or its signed note alone.

    Raises notes.BadNote where nobody here signed it, Changed where the line or the words in the file are others than
    were signed for, BadReceipt where it is none.
    """
    file = pasted.strip().removeprefix("\ufeff")[:MAX_PASTED_CHARS]
    note, whole = file, file.startswith("{")
    if whole:
        try:
            note = str(json.loads(file)["receipt"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise receipts.BadReceipt("not a receipt: it cannot be read as the file that was handed out") from None
    rows = {row.verifier: row for row in SealKey.objects.all()}
    note = note.replace("\r\n", "\n").rstrip("\n") + "\n"
    receipt, signed = receipts.opened(note, map(notes.read_verifier, rows))
    # One that still signs counts for most, one that was lost for least: who found it signs what they like.
    key = min((rows[each.text] for each in signed), key=lambda row: (row.lost, row.ended_at is not None))
    body = _checked(file, list(rows)) if whole else None
    there = SealedEntry.objects.filter(entry=receipt.entry, seq=sealed.read(receipt.entry)["line"]).first()
    if body is None and there is not None and there.seq is not None:
        line = JournalLine.objects.filter(party=there.party_id, seq=there.seq).first()
        body = json.loads(line.body) if line is not None else None
    late = key.ended_at is not None and receipt.sealed_by - SEALED_WITHIN > key.ended_at
    return Slip(receipt, key, late, there is not None, whole, body or {})


def _checked(file: str, keys: Sequence[str]) -> Mapping[str, Any]:
    """Return the line in a receipt's file, checked as the script of case files checks it. Raises Changed."""
    try:
        verify.receipt_in(file, keys)
    except verify.Wrong as wrong:
        raise Changed(str(wrong)) from None
    body: Mapping[str, Any] = json.loads(json.loads(file)["line"]["body"])
    return body


def _as_printed(number: str) -> str:
    """Return a number as it is printed, of one that was typed or copied: in capitals, in ASCII, with a plain dash."""
    plain = unicodedata.normalize("NFKC", number).upper()
    return re.sub(r"\s", "", re.sub("[\u2010-\u2015\u2212]", "-", plain))


def _number(line: JournalLine, now: datetime) -> str:
    try:
        sealing.begin(now)
    except KeyTrouble:  # nothing was ever sealed: a paper goes without a number, and the page of errands says why
        return ""
    return f"{line.pk}-{_code(Seal.objects.get(pk=1), line)}"


def _code(log: Seal, line: JournalLine) -> str:
    secret = bytes(log.secret)
    return letters(sealed.check_code(secret, sealed.name_of_chain(secret, line.party.ref), line.seq), LETTERS)


def _like(line: JournalLine) -> tuple[str, list[JournalLine], bool]:
    """Return the key of what a line decides, all lines that decide of it, whether an appeal waits. Raises Unknown."""
    if line.kind in _OF_MEASURES:
        measure = Sanction.objects.filter(party=line.party_id, key=line.matter.partition(":")[2]).first()
        if measure is not None:
            return measure.key, _of_measure(measure), any(each.is_open for each in appeals.appeals_of(measure))
    elif line.kind in _DECIDES:
        subject = str(json.loads(line.body).get("subject", ""))
        own = Dispute.objects.filter(order__seller=line.party_id, order__in=_orders(line)).select_related("order")
        for dispute in refs.by_ref(own, [subject]).values():
            return dispute.key, _of_dispute(dispute), cases.held(dispute).case.appeal is not None
    raise Unknown(str(line.pk))


def _orders(line: JournalLine) -> list[int]:
    about = refs.thing(line.party, line.matter)
    return [about.pk] if isinstance(about, Order) else []


def _of_dispute(dispute: Dispute) -> list[JournalLine]:
    order = dispute.order
    lines = _lines(order.seller_id, order.ref, _DECIDES)
    return [line for line in lines if json.loads(line.body).get("subject") in dispute.names]


def _of_measure(measure: Sanction) -> list[JournalLine]:
    return _lines(measure.party_id, measure.ref, _OF_MEASURES)


def _lines(party: int, matter: str, kinds: Collection[str]) -> list[JournalLine]:
    rows = JournalLine.objects.select_related("party").filter(party=party, matter=matter, kind__in=kinds)
    return list(rows.order_by("seq"))
