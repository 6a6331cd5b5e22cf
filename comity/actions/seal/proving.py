"""Showing that a line of the journal is sealed: its entry, its proof, and what opens the entry for who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from comity.lib import chain, sealed
from comity.lib.tlog import checkpoints, tree
from comity.records import seal as rows
from comity.records.models import (
    Checkpoint,
    JournalLine,
    Party,
    RulebookVersion,
    Seal,
    SealedEntry,
    SealedRulebook,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the journal as somebody is shown it: `opening` shows what `entry` is, `proof` that the log has it."""

    party: str
    line: int
    entry: bytes
    opening: sealed.Opening
    proof: checkpoints.Proof


#: Why nothing can be shown where there is no head.
NOTHING = "nothing is sealed yet: comity errands seals every few seconds"


class NotSealed(LookupError):
    """The line is not sealed yet, or there is no such line; the message says which."""


def head() -> Checkpoint | None:
    """Return the newest checkpoint."""
    return Checkpoint.objects.order_by("-size").first()


def noted(checkpoint: Checkpoint) -> str:
    """Return a checkpoint as it is published: its note, and under it what witnesses signed."""
    return checkpoint.note + "".join(checkpoint.cosignatures.order_by("name").values_list("line", flat=True))


def head_of(party: Party, lines: list[int], rules: Sequence[RulebookVersion] = ()) -> Checkpoint | None:
    """Return the newest head that has these lines and rules, and of such with a time-stamp the newest, if any."""
    of_lines = SealedEntry.objects.filter(party=party, seq__in=lines).aggregate(last=Max("place"))
    of_rules = SealedRulebook.objects.filter(version__in=rules).aggregate(last=Max("place"))
    last = max(found["last"] or 0 for found in (of_lines, of_rules))
    heads = Checkpoint.objects.filter(size__gt=last).order_by("-size")
    return heads.exclude(stamp=None).first() or head()


def show(party: Party, lines: list[int], *, under: Checkpoint | None = None, note: str = "") -> list[Shown]:
    """Return lines of a party's chain with their proofs, under one head, by default the newest. Raises NotSealed.

    note    the head as it was read, with what witnesses had signed; by default as it is now
    """
    newest = under or head()
    log = Seal.objects.first()
    if newest is None or log is None:
        raise NotSealed(NOTHING)
    wanted = sorted(set(lines))
    places = dict(
        SealedEntry.objects.filter(party=party, seq__in=wanted, place__lt=newest.size).values_list("seq", "place")
    )
    if missing := [line for line in wanted if line not in places]:
        there = JournalLine.objects.filter(party=party, seq=missing[0]).exists()
        raise NotSealed(
            f"line {missing[0]} of {party.ref} is not sealed yet: ask again in a few seconds"
            if there
            else f"{party.ref} has no line {missing[0]}"
        )
    before = {0: chain.START} | {
        seq: bytes(hash_)
        for seq, hash_ in JournalLine.objects.filter(party=party, seq__in=[line - 1 for line in wanted]).values_list(
            "seq", "hash"
        )
    }
    bodies = dict(JournalLine.objects.filter(party=party, seq__in=wanted).values_list("seq", "body"))
    note, hash_at, secret = note or noted(newest), rows.hash_at(), bytes(log.secret)
    name = sealed.name_of_chain(secret, party.ref)
    shown = []
    for line in wanted:
        opening = sealed.Opening(bodies[line].encode(), before[line - 1], sealed.salt_of(secret, name, line))
        hashes = tuple(tree.inclusion(places[line], newest.size, hash_at))
        proof = checkpoints.Proof(places[line], hashes, note)
        (entry,) = rows.entries(places[line], places[line] + 1)
        shown.append(Shown(party.ref, line, entry, opening, proof))
    return shown


def show_rules(rules: Sequence[RulebookVersion], under: Checkpoint, note: str) -> dict[str, checkpoints.Proof]:
    """Return the proof of each version of the rules, by its name, under a head as it was read. Raises NotSealed."""
    found = SealedRulebook.objects.filter(version__in=rules, place__lt=under.size)
    places = dict(found.values_list("version_id", "place"))
    hash_at, shown = rows.hash_at(), {}
    for each in rules:
        if (place := places.get(each.pk)) is None:
            raise NotSealed(f"{each} is not sealed yet: ask again in a few seconds")
        shown[str(each)] = checkpoints.Proof(place, tuple(tree.inclusion(place, under.size, hash_at)), note)
    return shown


def of_entry(named: str) -> Shown:
    """Return the line that is named PARTY/LINE or by the id of its fact. Raises NotSealed."""
    ref, _, number = named.rpartition("/")
    role, _, uuid = ref.partition(":")
    if ref and number.isascii() and number.isdigit() and len(number) <= 18 and (party := _party(role, uuid)):
        return show(party, [int(number)])[0]
    line = JournalLine.objects.filter(fact_id=named).select_related("party").order_by("pk").first()
    if line is None:
        raise NotSealed(f"no line of the journal is called {named!r}: PARTY/LINE, such as seller:…/17, or a fact's id")
    return show(line.party, [line.seq])[0]


def _party(role: str, uuid: str) -> Party | None:
    try:
        return Party.objects.filter(role=role, uuid=UUID(uuid)).first()
    except ValueError:
        return None
