"""Sealing: what the chains have got since the last time goes into the tree, and a new head is signed.

Nothing here holds a lock that a message waits for: chains are read as they stand, and only who seals locks the seal.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from comity.actions.seal import keys
from comity.actions.seal.keys import KeyTrouble
from comity.lib import options, sealed
from comity.lib.ids import entropy
from comity.lib.tlog import checkpoints, notes, tree
from comity.records import seal as rows
from comity.records.models import (
    Checkpoint,
    JournalLine,
    RulebookVersion,
    Seal,
    SealedEntry,
    SealedHead,
    SealedRulebook,
    SealKey,
    Standing,
)

logger = logging.getLogger(__name__)

#: How many lines are sealed at once: on SQLite nobody writes meanwhile. How often the heads of all chains are stated.
MOST_LINES, STATED_EVERY = 2_000, timedelta(minutes=5)
CHUNK, MAX_TROUBLE = 2_000, 500


class SealTrouble(RuntimeError):
    """The journal is not sealed, or a chain is shorter than what was sealed of it; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one turn of sealing did: how many entries came, how many there are; or why nothing was sealed."""

    added: int
    size: int
    trouble: str = ""


def seal(now: datetime) -> Sealed:
    """Seal what the chains have got. Where the key is away nothing is sealed, and the seal's row says why."""
    try:
        begin(now)
    except KeyTrouble as trouble:
        return Sealed(0, 0, str(trouble))
    # Looked at without the lock: where nothing came, nobody who writes waits for this.
    log = Seal.objects.get(pk=1)
    if not (_is_stated_anew(log, now) or _ahead().exists() or _published().exists()):
        return Sealed(0, log.size, log.trouble)
    with transaction.atomic():
        log = _locked()
        try:
            signer = keys.load(log.origin, _current(log))
        except KeyTrouble as trouble:
            return _noted(log, Sealed(0, log.size, str(trouble)), now)
        added = _entries_of_rulebooks(log)
        added += _entries_of_lines(log, first=log.size + len(added))
        if _is_stated_anew(log, now):
            added.append(SealedEntry(place=log.size + len(added), entry=sealed.statement(_heads(log))))
            log.stated_at = now
        if added:
            _append(log, added, [signer], now)
        # What was sealed stays; that a chain is shorter now is said here, and shown to every witness by the statement.
        return _noted(log, Sealed(len(added), log.size, _shortened()), now)


def seal_due(now: datetime) -> int:
    """Seal all that waits, and return how many entries came. Raises SealTrouble, for the lane to say it."""
    added = 0
    while True:
        done = seal(now)
        added += done.added
        if done.trouble:
            raise SealTrouble(done.trouble)
        if done.added < MOST_LINES:
            return added


def rotate(now: datetime, *, lost: bool = False) -> notes.Verifier:
    """Begin a new key and return its verifier. The one before signs for it; a `lost` one cannot. Raises KeyTrouble."""
    begin(now)
    with transaction.atomic():
        log = _locked()
        before = [] if lost else [keys.load(log.origin, _current(log))]
        signer = keys.make(log.origin)
        SealKey.objects.filter(ended_at=None).update(ended_at=now, lost=lost)
        SealKey.objects.create(verifier=signer.verifier.text, from_size=log.size, begun_at=now)
        entry = SealedEntry(place=log.size, entry=sealed.key(signer.verifier.text, lost=lost))
        _append(log, [entry], [*before, signer], now)
        _noted(log, Sealed(1, log.size), now)
        return signer.verifier


def origin_here() -> str:
    """Return the name of this installation's log: the address of its pages without http://, and /journal."""
    site = urlsplit(options.value("COMITY_SITE"))
    return f"{(site.netloc + site.path).rstrip('/') or 'localhost'}/journal"


def begin(now: datetime) -> None:
    """Begin the log of this installation, once: its name, its secret, its first key. Raises KeyTrouble."""
    if Seal.objects.exists():
        return
    try:
        with transaction.atomic():
            log = Seal.objects.create(pk=1, origin=origin_here(), secret=entropy(sealed.SECRET_BYTES))
            signer = keys.make(log.origin)
            SealKey.objects.create(verifier=signer.verifier.text, from_size=0, begun_at=now)
            first = SealedEntry(place=0, entry=sealed.key(signer.verifier.text))
            _append(log, [first], [signer], now)
            log.save()
    except IntegrityError:  # another process began it meanwhile
        pass


def _is_stated_anew(log: Seal, now: datetime) -> bool:
    # A clock that was ahead once, and was put right, keeps no statement waiting.
    return log.stated_at is None or not timedelta() <= now - log.stated_at < STATED_EVERY


def _ahead() -> QuerySet[Any]:
    """Return the standings of parties with lines that are not sealed, each with `done`: how many of its are."""
    done = SealedHead.objects.filter(party=OuterRef("party_id")).values("seq")
    return Standing.objects.annotate(done=Coalesce(Subquery(done), 0)).filter(chain_seq__gt=F("done"))


def _published() -> QuerySet[RulebookVersion]:
    """Return the versions of the rules that no entry stands for yet."""
    return RulebookVersion.objects.filter(sealed=None).order_by("pk")


def _locked() -> Seal:
    return Seal.objects.select_for_update().get(pk=1)


def _current(log: Seal) -> set[str]:
    return set(SealKey.objects.filter(ended_at=None).values_list("verifier", flat=True))


def _noted(log: Seal, done: Sealed, now: datetime) -> Sealed:
    """Save the log, with what is wrong, and since when."""
    if done.trouble and log.trouble != done.trouble[:MAX_TROUBLE]:
        logger.error("sealing the journal: %s", done.trouble)
    log.trouble_since = (log.trouble_since or now) if done.trouble else None
    log.trouble = done.trouble[:MAX_TROUBLE]
    log.save()
    return done


def _shortened() -> str:
    """Return that a chain has fewer lines than were sealed of it; empty where none has."""
    shorter = Q(party__standing__chain_seq__lt=F("seq")) | Q(party__standing=None)
    found = SealedHead.objects.filter(shorter).select_related("party").first()
    if found is None:
        return ""
    sealed_lines = f"fewer lines than the {found.seq} that were sealed"
    return f"the chain of {found.party.ref} has {sealed_lines}: see comity journal verify"


def _entries_of_rulebooks(log: Seal) -> list[SealedEntry]:
    """Return the entries of rules that were published since: before those of what is judged by them."""
    new = [SealedRulebook(version=each, place=log.size + n) for n, each in enumerate(_published())]
    SealedRulebook.objects.bulk_create(new)
    return [SealedEntry(place=each.place, entry=sealed.rulebook(str(each.version), each.version.text)) for each in new]


def _entries_of_lines(log: Seal, *, first: int) -> list[SealedEntry]:
    """Return the entries of lines that no entry stands for yet, in the order of their chains; and move heads along.

    first   the place of the first of them
    """
    secret, left, found = bytes(log.secret), MOST_LINES, list[SealedEntry]()
    heads: list[SealedHead] = []
    for standing in _ahead().select_related("party").order_by("pk").iterator(CHUNK):
        until = min(standing.chain_seq, standing.done + left)
        lines = JournalLine.objects.filter(party=standing.party_id, seq__gt=standing.done, seq__lte=until)
        name = sealed.name_of_chain(secret, standing.party.ref)
        for seq, hash_ in lines.order_by("seq").values_list("seq", "hash"):
            entry = sealed.line(secret, name, seq, bytes(hash_))
            found.append(SealedEntry(place=first + len(found), party_id=standing.party_id, seq=seq, entry=entry))
        heads.append(SealedHead(party_id=standing.party_id, seq=until))
        left -= until - standing.done
        if left <= 0:
            break
    SealedHead.objects.bulk_create(
        heads, batch_size=CHUNK, update_conflicts=True, unique_fields=["party"], update_fields=["seq"]
    )
    return found


def _heads(log: Seal) -> dict[str, int]:
    """Return how many lines each chain has that are sealed, by its name in the log, as the chains stand now."""
    secret = bytes(log.secret)
    done = SealedHead.objects.select_related("party__standing").filter(party__standing__chain_seq__gt=0)
    found = done.values_list("party__role", "party__uuid", "party__standing__chain_seq", "seq")
    return {
        sealed.name_of_chain(secret, f"{role}:{uuid}"): min(here, seq)
        for role, uuid, here, seq in found.iterator(CHUNK)
    }


def _append(log: Seal, added: list[SealedEntry], signers: Iterable[notes.Signer], now: datetime) -> None:
    """Append entries to the tree, and sign its new head."""
    SealedEntry.objects.bulk_create(added, batch_size=CHUNK)
    hash_at = rows.grow(log.size, [tree.leaf_hash(bytes(each.entry)) for each in added])
    log.size += len(added)
    head = checkpoints.Checkpoint(log.origin, log.size, tree.root(log.size, hash_at))
    Checkpoint.objects.create(size=head.size, root=head.root, note=notes.sign(head.text, signers), at=now)
