"""Shapes that several nouns share."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field

from comity.api.problems import Problem

#: What every endpoint may answer beside its own.
ERRORS: dict[Any, Any] = {frozenset({400, 401, 403, 404, 409, 422}): Problem}


def storable(text: str) -> str:
    """Return a text that a database can hold."""
    if "\x00" in text:
        raise ValueError("a text cannot hold a NUL character")
    return text


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]
Moment = AwareDatetime


class Done(Schema):
    """Something was done."""

    ok: bool = True


class DutyOut(Schema):
    """A duty: who owes what, by when, under which rule and version."""

    key: str
    rule: str
    rulebook: str
    matter: str
    subject: str
    status: str
    opened_at: datetime
    due: datetime
    ended_at: datetime | None
