"""The log's tree, tiles, notes and proofs, against published vectors and an implementation that is not ours."""

import random
from datetime import UTC, datetime
from functools import cache
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from comity.lib.tlog import checkpoints, notes, tiles, tree
from tests.profiles import LONG, examples

#: Leaves and roots of Certificate Transparency's own tests of RFC 6962.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 512 if LONG else 96
ENTRIES = [number.to_bytes(2, "big") for number in range(700)]
HASHES = [tree.leaf_hash(entry) for entry in ENTRIES]
HASH_AT = cache(tree.over(HASHES))
SIGNER = notes.new_signer("log.example/shop", bytes(range(32)))
WITNESS = notes.new_signer("witness.example", bytes(range(1, 33)), kind=notes.COSIGNATURE)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_the_reference_roots_of_certificate_transparency() -> None:
    hashes = [tree.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
    assert [tree.root(size, tree.over(hashes)).hex() for size in range(1, 9)] == ROOTS
    assert tree.root(0, tree.over([])) == tree.EMPTY


def test_another_implementation_agrees_on_roots_and_proofs() -> None:
    other = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES[:70]:
        other.append_entry(entry)
    for size in (1, 2, 3, 7, 8, 33, 64, 70):
        root = other.get_root(size)
        assert tree.root(size, HASH_AT) == root
        for index in {0, size // 2, size - 1}:
            theirs = other.prove_inclusion(index + 1, size)
            verify_inclusion(HASHES[index], root, theirs)
            assert set(tree.inclusion(index, size, HASH_AT)) <= {bytes(each) for each in theirs.path}
            tree.check_inclusion(HASHES[index], index, size, tree.inclusion(index, size, HASH_AT), root)
        for old in {1, size // 2 or 1, size}:
            verify_consistency(other.get_root(old), root, other.prove_consistency(old, size))


def test_every_tree_goes_on_every_smaller_one() -> None:
    roots = [tree.root(size, HASH_AT) for size in range(MOST + 1)]
    for new in range(MOST + 1):
        for old in range(new + 1):
            tree.check_consistency(old, roots[old], new, roots[new], tree.consistency(old, new, HASH_AT))
    for old, new in combinations(range(1, 40), 2):
        proof = tree.consistency(old, new, HASH_AT)
        for wrong in (proof[:-1], [*proof, HASHES[0]], [bytes(32), *proof[1:]]):
            with pytest.raises(tree.BadProof):
                tree.check_consistency(old, roots[old], new, roots[new], wrong)
        with pytest.raises(tree.BadProof):
            tree.check_consistency(old, roots[old - 1], new, roots[new], proof)
        with pytest.raises(tree.BadProof):
            tree.check_consistency(old, roots[old], new, roots[new + 1], proof)


@settings(max_examples=examples(600))
@given(st.data())
def test_an_entry_is_where_its_proof_says_and_nowhere_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 700))
    index = data.draw(st.integers(0, size - 1))
    root, proof = tree.root(size, HASH_AT), tree.inclusion(index, size, HASH_AT)
    tree.check_inclusion(HASHES[index], index, size, proof, root)
    other = data.draw(st.integers(0, size).filter(lambda each: each != index))
    broken = list(proof)
    if proof:
        place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        broken[place] = (int.from_bytes(proof[place], "big") ^ 1 << bit).to_bytes(32, "big")
    for wrong in (
        (HASHES[index], other, size, proof, root),
        (HASHES[(index + 1) % 700], index, size, proof, root),
        (HASHES[index], index, size, [*proof, bytes(32)], root),
        (HASHES[index], index, size, proof[:-1] if proof else [bytes(32)], root),
        (HASHES[index], index, size, broken if proof else [bytes(32)], root),
    ):
        with pytest.raises(tree.BadProof):
            tree.check_inclusion(*wrong)


def test_what_is_not_there_has_no_proof() -> None:
    for asked in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(IndexError):
            tree.inclusion(*asked, HASH_AT)
    with pytest.raises(IndexError):
        tree.consistency(6, 5, HASH_AT)


def test_two_trees_of_one_size_do_not_go_on_each_other() -> None:
    with pytest.raises(tree.BadProof, match="differ"):
        tree.check_consistency(3, HASHES[0], 3, HASHES[1], [])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_a_tree_read_off_its_tiles_is_the_same(size: int) -> None:
    written: dict[tuple[int, int], list[bytes]] = {}
    for old, new in pairwise([0, size // 3, size // 2, size]):
        for level, number in tiles.changed(old, new):
            width = tiles.width_of(level, number, new)
            first = number * tiles.WIDTH
            written[level, number] = [HASH_AT(8 * level, first + each) for each in range(width)]
    read = tiles.over(lambda level, number: written[level, number])
    assert tree.root(size, read) == tree.root(size, HASH_AT)
    for index in range(0, size, 37):
        assert tree.inclusion(index, size, read) == tree.inclusion(index, size, HASH_AT)
    expected = {(level, n) for level in range(3) for n in range(4) if tiles.width_of(level, n, size)}
    assert written.keys() == expected


def test_a_tree_of_seventy_thousand_has_the_tiles_that_the_standard_names() -> None:
    at = [[tiles.width_of(level, number, 70_000) for number in range(300)] for level in range(4)]
    assert at[0][:273] == [256] * 273
    assert at[0][273:275] == [112, 0]
    assert at[1][:3] == [256, 17, 0]
    assert at[2][:2] == [1, 0]
    assert at[3][0] == 0


@pytest.mark.parametrize(
    ("number", "width", "name"),
    [(0, 256, "000"), (1234067, 256, "x001/x234/067"), (273, 112, "273.p/112"), (1000, 1, "x001/000.p/1")],
)
def test_tiles_have_the_names_of_the_standard(number: int, width: int, name: str) -> None:
    assert tiles.path(number, width) == name
    assert tiles.read_path(name) == (number, width)


@pytest.mark.parametrize(
    "name", ["", "1", "0001", "x001", "001/002", "x000/001", "000.p/0", "000.p/256", "000.p/01", "000.p/", "../000",
             "٠٠٠", "x" * 50, "000.p/1.p/1", "x001/x234/067/", "9" * 200]
)  # fmt: skip
def test_other_names_are_no_tiles(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a tile"):
        tiles.read_path(name)


def test_entries_come_out_of_a_bundle_as_they_went_in() -> None:
    entries = [b"", b"a", b"b" * 65_535]
    data = tiles.bundle(entries)
    assert tiles.unbundle(data) == entries
    for cut in (1, 3, 4, len(data) - 1):
        with pytest.raises(ValueError, match="breaks off"):
            tiles.unbundle(data[:cut])
    with pytest.raises(ValueError, match="at most"):
        tiles.bundle([b"c" * 65_536])


def test_the_published_note_opens_with_its_published_key() -> None:
    verifier = notes.read_verifier("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    note = f"This is an example message.\n\n— example.com/foo {signature}\n"
    assert notes.opened(note, [verifier]) == ("This is an example message.\n", [verifier])
    with pytest.raises(notes.BadNote, match="does not hold"):
        notes.opened(note.replace("an example", "no example"), [verifier])


def test_a_note_counts_only_where_somebody_known_signed_it() -> None:
    stranger = notes.new_signer("log.example/shop", bytes(32))
    note = notes.sign("one\n\ntwo\n", [SIGNER, stranger])
    assert notes.opened(note, [SIGNER.verifier])[0] == "one\n\ntwo\n"
    assert notes.opened(note, [stranger.verifier, SIGNER.verifier])[1] == [SIGNER.verifier, stranger.verifier]
    with pytest.raises(notes.BadNote, match="no key that is known"):
        notes.opened(note, [WITNESS.verifier])
    assert notes.read_verifier(SIGNER.verifier.text) == SIGNER.verifier
    assert SIGNER.secret.hex() not in repr(SIGNER)


@pytest.mark.parametrize("text", ["", "no end", "a\tb\n", "bell\x07\n"])
def test_what_no_note_can_carry_is_not_signed(text: str) -> None:
    with pytest.raises(notes.BadNote):
        notes.sign(text, [SIGNER])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n"])
def test_a_name_that_no_note_can_carry_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        notes.new_signer(name, bytes(32))


@pytest.mark.parametrize(
    "key", ["", "a", "a+00000000+AQ==", "log.example+00000000+" + SIGNER.verifier.text.split("+", 2)[2], "a+b+c+d"]
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(notes.BadNote, match="NAME"):
        notes.read_verifier(key)


def test_a_witness_signs_a_checkpoint_and_a_time() -> None:
    text = checkpoints.Checkpoint("log.example/shop", 700, tree.root(700, HASH_AT)).text
    note = notes.sign(text, [SIGNER]) + WITNESS.line(text, at=AT)
    assert notes.opened(note, [WITNESS.verifier])[1] == [WITNESS.verifier]
    signature = notes.read(note).signatures[1]
    assert notes.signed_at(signature) == AT
    later = signature.signature[:7] + bytes([signature.signature[7] ^ 1]) + signature.signature[8:]
    assert not WITNESS.verifier.holds(text, later), "the time is signed, too"
    with pytest.raises(ValueError, match="when"):
        WITNESS.line(text)


def test_a_proof_is_a_file_that_holds_by_itself() -> None:
    signed = notes.sign(checkpoints.Checkpoint("log.example/shop", 700, tree.root(700, HASH_AT)).text, [SIGNER])
    proof = checkpoints.Proof(41, tuple(tree.inclusion(41, 700, HASH_AT)), signed)
    again = checkpoints.read_proof(proof.text)
    assert again == proof
    found = checkpoints.check(again, ENTRIES[41], [SIGNER.verifier], origin="log.example/shop")
    assert found.size == 700
    assert checkpoints.read_proof(proof.text.replace("index", "extra QUJD\nindex", 1)) == proof
    with pytest.raises(tree.BadProof):
        checkpoints.check(again, ENTRIES[42], [SIGNER.verifier], origin="log.example/shop")
    with pytest.raises(notes.BadNote, match="another log"):
        checkpoints.check(again, ENTRIES[41], [SIGNER.verifier], origin="log.example/other")


def test_no_changed_bit_of_a_proof_is_accepted() -> None:
    signed = notes.sign(checkpoints.Checkpoint("log.example/shop", 700, tree.root(700, HASH_AT)).text, [SIGNER])
    data = checkpoints.Proof(41, tuple(tree.inclusion(41, 700, HASH_AT)), signed).text.encode()
    mixed, accepted = random.Random(1), 0
    for _ in range(examples(2_000)):
        place = mixed.randrange(8 * len(data))
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        try:
            checkpoints.check(
                checkpoints.read_proof(changed.decode()), ENTRIES[41], [SIGNER.verifier], origin="log.example/shop"
            )
        except (notes.BadNote, tree.BadProof, UnicodeDecodeError):
            continue
        accepted += 1
    assert accepted == 0


@pytest.mark.parametrize(
    "text", ["", "a\n", "a\n1\n", "\n1\nAAAA\n", "a\n01\n" + "A" * 43 + "=\n", "a\n-1\n" + "A" * 43 + "=\n",
             "a\n1\nAAAA\n", "a\n9999999999999999999999\n" + "A" * 43 + "=\n"]
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(notes.BadNote, match="not a checkpoint"):
        checkpoints.read(text)
