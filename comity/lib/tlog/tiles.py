"""Trees cut into tiles of 256 hashes, and entries into bundles (C2SP tlog-tiles): each is written once, for ever.

A tile of level 0 holds hashes of leaves, one of level L those of full tiles below it. The last tile of a level may be
part of one: it holds as many hashes as the tree has there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from comity.lib.tlog.tree import HASH_BYTES, HashAt, node_hash

WIDTH, HEIGHT = 256, 8
MAX_LEVEL = 63
MAX_ENTRY_BYTES = 0xFFFF


def width_of(level: int, number: int, size: int) -> int:
    """Return how many hashes a tile holds in a tree of `size` leaves: WIDTH, fewer, or 0 where there is none."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - number * WIDTH))


def path(number: int, width: int = WIDTH) -> str:
    """Return the name of a tile in its level, such as x001/x234/067 or 000.p/17."""
    digits = [f"{number % 1000:03d}"]
    while number := number // 1000:
        digits.append(f"x{number % 1000:03d}")
    return "/".join(reversed(digits)) + ("" if width == WIDTH else f".p/{width}")


def read_path(text: str) -> tuple[int, int]:
    """Return (number, width) of a name as `path` writes it; raise ValueError for any other."""
    name, part, width = text.partition(".p/")
    pieces = name.split("/")
    plain = all(piece.isascii() and piece.lstrip("x").isdigit() for piece in pieces)
    if plain and len(name) <= 4 * HEIGHT:
        number = int("".join(piece.lstrip("x") for piece in pieces))
        wide = int(width) if part and width.isascii() and width.isdigit() and len(width) <= 3 else 0 if part else WIDTH
        if 0 < wide <= WIDTH and (wide < WIDTH or not part) and path(number, wide) == text:
            return number, wide
    raise ValueError(f"no name of a tile: {text[:80]!r}")


def hashes(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile."""
    return [tile[begin : begin + HASH_BYTES] for begin in range(0, len(tile), HASH_BYTES)]


def over(tile_at: Callable[[int, int], Sequence[bytes]]) -> HashAt:
    """Return how hashes are read off tiles; `tile_at` gives the hashes of the tile (level, number)."""

    def hash_at(level: int, number: int) -> bytes:
        tile, above = divmod(level, HEIGHT)
        first = number << above
        found = tile_at(tile, first // WIDTH)[first % WIDTH : first % WIDTH + (1 << above)]
        if len(found) != 1 << above:
            raise LookupError(f"the tile {tile}/{first // WIDTH} is not there as far as {first % WIDTH + (1 << above)}")
        return joined(found)

    return hash_at


def joined(row: Sequence[bytes]) -> bytes:
    """Return the hash of a whole subtree from those of its parts, a power of two of them."""
    while len(row) > 1:
        row = [node_hash(row[each], row[each + 1]) for each in range(0, len(row), 2)]
    return row[0]


def changed(old: int, new: int) -> Iterator[tuple[int, int]]:
    """Yield the tiles (level, number) that a tree of `new` leaves has otherwise than one of `old`."""
    for level in range(MAX_LEVEL + 1):
        before, after = old >> HEIGHT * level, new >> HEIGHT * level
        if after == 0:
            return
        yield from ((level, number) for number in range(before // WIDTH, -(-after // WIDTH)) if before != after)


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as a bundle; raise ValueError for one that is too long."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise ValueError(f"an entry has at most {MAX_ENTRY_BYTES} bytes")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def unbundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle; raise ValueError where it breaks off."""
    found, place = [], 0
    while place < len(data):
        begin = place + 2
        place = begin + int.from_bytes(data[place:begin], "big")
        if begin > len(data) or place > len(data):
            raise ValueError("the bundle breaks off")
        found.append(data[begin:place])
    return found
