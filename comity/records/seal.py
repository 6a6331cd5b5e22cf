"""The seal's rows: entries and tiles as they stand, and hashes and proofs read off them."""

from collections.abc import Sequence
from functools import lru_cache

from comity.lib.tlog import tiles, tree
from comity.records.models import SealedEntry, SealTile


def tile(level: int, number: int) -> list[bytes]:
    """Return the hashes of a tile as far as it goes; none where there is no such tile."""
    data = SealTile.objects.filter(level=level, number=number).values_list("hashes", flat=True).first()
    return tiles.hashes(bytes(data)) if data is not None else []


def entries(begin: int, end: int) -> list[bytes]:
    """Return the entries from place `begin` up to `end`, as far as there are any."""
    found = SealedEntry.objects.filter(place__gte=begin, place__lt=end).order_by("place")
    return [bytes(entry) for entry in found.values_list("entry", flat=True)]


def hash_at() -> tree.HashAt:
    """Return how hashes are read off tiles; each tile is read once."""
    return tiles.over(lru_cache(maxsize=4_096)(tile))


def grow(old: int, leaves: Sequence[bytes]) -> tree.HashAt:
    """Write the tiles of a tree of `old` leaves that gets more, by their hashes, and return how its hashes are read."""
    at_hand: dict[tuple[int, int], list[bytes]] = {}

    def held(level: int, number: int) -> list[bytes]:
        if (level, number) not in at_hand:
            at_hand[level, number] = tile(level, number)
        return at_hand[level, number]

    made: list[SealTile] = []
    added: Sequence[bytes] = leaves
    for level in range(tiles.MAX_LEVEL + 1):
        first = old >> tiles.HEIGHT * level
        if not added:
            break
        complete: list[bytes] = []
        for number in range(first // tiles.WIDTH, -(-(first + len(added)) // tiles.WIDTH)):
            begin, end = number * tiles.WIDTH, (number + 1) * tiles.WIDTH
            row = held(level, number)[: max(first - begin, 0)] if begin < first else []
            row = [*row, *added[max(begin - first, 0) : end - first]]
            at_hand[level, number] = row
            made.append(SealTile(level=level, number=number, hashes=b"".join(row)))
            if len(row) == tiles.WIDTH:
                complete.append(tiles.joined(row))
        added = complete
    SealTile.objects.bulk_create(
        made, batch_size=100, update_conflicts=True, unique_fields=["level", "number"], update_fields=["hashes"]
    )
    return tiles.over(held)
