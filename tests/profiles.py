"""How long the tests look: `make check` takes the short profile, `make test` the long one (COMITY_TEST_PROFILE=long)."""

import os

LONG = os.environ.get("COMITY_TEST_PROFILE") == "long"
MOST_EXAMPLES_WHEN_SHORT = 200


def examples(most: int) -> int:
    """Return how many random examples a property is tried on; `most` in the long profile."""
    return most if LONG else min(most, MOST_EXAMPLES_WHEN_SHORT)
