"""The key that signs checkpoints: a file beside the database, for the eyes of the process alone."""

import base64
import binascii
import os
from contextlib import suppress
from pathlib import Path

from comity.lib import options
from comity.lib.ids import entropy
from comity.lib.tlog import notes

FILE = "seal_key"


class KeyTrouble(RuntimeError):
    """The key is not where it was, or is none; the message says what to do. Nothing is sealed meanwhile."""


def path() -> Path:
    """Return where the key lies."""
    return options.data_folder() / FILE


def load(name: str, verifiers: set[str]) -> notes.Signer:
    """Return the key that signs for `name`; one of `verifiers` checks it. Raises KeyTrouble.

    Whoever began a new key and was stopped in the middle left the one that still signs beside it: that one is taken.
    """
    try:
        return _read(path(), name, verifiers)
    except KeyTrouble:
        for beside in sorted(path().parent.glob(f"{FILE}.before-*")):
            with suppress(KeyTrouble):
                return _read(beside, name, verifiers)
        raise


def _read(where: Path, name: str, verifiers: set[str]) -> notes.Signer:
    try:
        secret = base64.b64decode(where.read_text().strip(), validate=True)
        signer = notes.new_signer(name, secret)
        known = signer.verifier.text in verifiers
    except FileNotFoundError:
        raise KeyTrouble(
            f"{where} is not there: put the key back from your copy, or begin a new one with"
            " comity journal rotate --lost"
        ) from None
    except (OSError, ValueError, binascii.Error):
        raise KeyTrouble(f"{where} cannot be read as a key: put it back from your copy") from None
    if not known:
        raise KeyTrouble(f"{where} holds another key than the one that signs here: put it back from your copy")
    return signer


def make(name: str) -> notes.Signer:
    """Make a key that signs for `name`, and keep it; one that was there before is kept beside it, with its id.

    Raises KeyTrouble where it cannot be written.
    """
    signer = notes.new_signer(name, entropy(notes.KEY_BYTES))
    try:
        _keep(signer)
    except OSError as wrong:
        raise KeyTrouble(
            f"{path()} cannot be written ({wrong.strerror}): let Comity write in its data folder"
        ) from None
    return signer


def _keep(signer: notes.Signer) -> None:
    where = path()
    where.parent.mkdir(parents=True, exist_ok=True)
    if where.exists():
        os.replace(where, where.with_name(f"{FILE}.before-{signer.verifier.id.hex()}"))
    new = where.with_name(f"{FILE}.new")
    new.unlink(missing_ok=True)
    # Never readable by others, not even for a moment; and whole, or not there.
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(base64.b64encode(signer.secret).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, where)
