"""Where files are kept: by the digest of what they hold, in the data folder. The same file is kept once."""

import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from comity.files.uploads import SafeFile
from comity.lib import options


class Lost(FileNotFoundError):
    """A file that the tables speak of is not in the data folder."""


def keep(file: SafeFile) -> str:
    """Keep a file and return its digest. Written beside and moved, so that nobody reads half of one."""
    digest = file.sha256
    path = path_of(digest)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(file.data)
            # On disk before it has its name: after a power cut, a name never stands for half a file.
            out.flush()
            os.fsync(out.fileno())
        Path(beside).replace(path)
    # Also where the process is told to stop: nothing half-written stays.
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return digest


def opened(digest: str) -> BinaryIO:
    """Open a file that is kept. Raises Lost."""
    try:
        return path_of(digest).open("rb")
    except FileNotFoundError:
        raise Lost(f"the file {digest} is not in {_folder()}; restore the data folder's files") from None


def path_of(digest: str) -> Path:
    """Return where a file of that digest is kept."""
    return _folder() / digest[:2] / digest[2:]


def _folder() -> Path:
    return options.data_folder() / "files"
