"""A transparency log: a Merkle tree of entries whose head is signed, in formats that others' programs read.

`tree` is RFC 6962: hashes, and proofs that an entry is in a tree and that one tree goes on another. `tiles` cut it into
files, `notes` sign texts, `checkpoints` are the signed heads and the proofs of single entries (C2SP: tlog-tiles,
signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof). Nothing here knows what an entry says.
"""
