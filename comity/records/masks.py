"""Lines of a journal as somebody may read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comity.records import identity, reviews
from comity.records.models import Party


def masked(body: Mapping[str, Any], whose: Party, reader: Party | None, at: datetime) -> dict[str, Any]:
    """Return a line of a party's journal as `reader` may read it at `at`; None: whoever may read all of it."""
    return reviews.masked(identity.masked(body, reader), whose, reader, at)
