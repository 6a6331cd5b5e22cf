"""Files in requests: in base64 beside what is said."""

from base64 import b64decode
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from comity.actions.enact import Refused
from comity.api.shapes import In, storable


class FileIn(In):
    """A file: its name, and its content in base64."""

    name: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(storable)]
    content: str


def decoded(given: Iterable[FileIn]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file. Raises Refused."""
    for each in given:
        try:
            yield each.name, b64decode(each.content, validate=True)
        except ValueError:  # binascii.Error is one
            raise Refused(["files: the content of a file is given in base64"]) from None
