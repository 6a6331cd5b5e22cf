"""How long the tests look: `make check` takes the short profile, `make test` the long one (COMITY_TEST_PROFILE=long)."""

import os

LONG = os.environ.get("COMITY_TEST_PROFILE") == "long"
#: What is judged is judged the same on every engine: the second one is tried on a quarter as many.
AGAIN = os.environ.get("COMITY_TEST_DATABASE") == "postgresql"
MOST_EXAMPLES_WHEN_SHORT = 200


def examples(most: int) -> int:
    """Return how many random examples a property is tried on; `most` in the long profile, a quarter with PostgreSQL."""
    many = most if LONG else min(most, MOST_EXAMPLES_WHEN_SHORT)
    return max(many // 4, 1) if AGAIN else many
