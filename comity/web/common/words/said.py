"""How a kind is said: the leaf that all words import."""

from typing import Any, NamedTuple


class Words(NamedTuple):
    """A kind's icon (of `icons.PATHS`), its sentence with named values, and its tone: plain, good, warn or bad.

    A ruling's tone is its own, and is not said again.
    """

    icon: str
    sentence: Any
    tone: str = "plain"
