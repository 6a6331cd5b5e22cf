"""What a request may bring."""

from django.http import HttpRequest

from comity.actions import files

#: Facts in bulk, in bytes.
LARGEST_BULK = 32_000_000


def largest() -> int:
    """Return how many bytes a request may have: all files of a message together, or facts in bulk."""
    return max(files.MAX_FILES * files.max_bytes(), LARGEST_BULK)


def says_too_much(request: HttpRequest) -> bool:
    """Whether a request says that it brings more. Asked before its body is read."""
    said = request.META.get("CONTENT_LENGTH") or "0"
    return said.isdecimal() and int(said) > largest()
