"""Reading the body of a message of the network."""

from collections.abc import Mapping
from typing import Any

from comity.actions.network.issue import Invalid
from comity.integrations import bodies


def read(raw: bytes) -> Mapping[str, Any]:
    """Return the object that a body is. Raises Invalid for what cannot be read or kept."""
    try:
        return bodies.read(raw)
    except bodies.Unreadable as wrong:
        raise Invalid(str(wrong)) from None
