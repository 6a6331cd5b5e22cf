"""The title of an order of several things: the first of them, and how many more there are.

It is kept in one way, so that a page can say the second half in its reader's language.
"""

import re

_MORE = re.compile(r"(?P<first>.+) and (?P<more>[1-9][0-9]{0,5}) more", re.DOTALL)


def joined(first: str, more: int) -> str:
    """Return the title as it is kept."""
    return f"{first} and {more} more" if more else first


def parted(title: str) -> tuple[str, int]:
    """Return the first thing of a title, and how many more there are; of a title that names none, all of it and 0."""
    found = _MORE.fullmatch(title)
    return (found["first"], int(found["more"])) if found else (title, 0)
