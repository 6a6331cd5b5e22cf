"""The key that signs checkpoints: a file beside the database, for the eyes of the process alone."""

import base64
import binascii
import os
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
    """Return the key that signs for `name`; one of `verifiers` checks it. Raises KeyTrouble."""
    where = path()
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
    """Make a key that signs for `name`, and keep it; one that was there before is kept beside it, with its id."""
    where = path()
    where.parent.mkdir(parents=True, exist_ok=True)
    signer = notes.new_signer(name, entropy(notes.KEY_BYTES))
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
    return signer
