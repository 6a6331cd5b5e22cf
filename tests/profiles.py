"""How long the tests look: `make check` the short profile, `make test` the long one, before a release the longest.

By COMITY_TEST_PROFILE, long or longest; `make test COMITY_TEST_PROFILE=longest`.
"""

import os

PROFILE = os.environ.get("COMITY_TEST_PROFILE")
LONG = PROFILE in ("long", "longest")
#: What is judged is judged the same on every engine: the second one is tried on a quarter as many.
AGAIN = os.environ.get("COMITY_TEST_DATABASE") == "postgresql"
MOST_EXAMPLES_WHEN_SHORT = 200


def examples(most: int) -> int:
    """Return how many random examples a property is tried on: `most` in the longest profile, half of it in the long one.

    Not fewer than in the short one; a quarter of it with PostgreSQL.
    """
    short = min(most, MOST_EXAMPLES_WHEN_SHORT)
    many = most if PROFILE == "longest" else max(most // 2, short) if LONG else short
    return max(many // 4 if AGAIN else many, 1)
