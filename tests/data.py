"""Where the real data sets are. They are no part of the project; tests that read them skip where they are absent."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("COMITY_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def real(folder: str) -> Path:
    """Return the folder of a real data set, or skip the test with the reason."""
    path = DATA / folder
    if not path.is_dir():
        pytest.skip(f"real data absent: no folder {folder} in $COMITY_REAL_DATA")
    return path
