"""Keyset pagination: a page begins after the last row that was seen, however many were added meanwhile.

docs/dependencies.md says why it is not Ninja's.
"""

import base64
import json
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from ninja import Query

from comity.actions.enact import Refused

MAX_LIMIT = 200

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="how many rows at most")]
After = Annotated[str, Query(max_length=300, description="the `next` of the page before")]
ExternalId = Annotated[str, Query(max_length=200, description="the shop's own id; several sellers may have the same")]
M = TypeVar("M", bound=Model)
_NOT_OURS = "after: this is not a cursor of this list"


def named(rows: QuerySet[M], external_id: str, seller: UUID | None) -> QuerySet[M]:
    """Return those of `rows` that have the shop's own id, and are a seller's; where either is not said, all."""
    if seller is not None:
        rows = rows.filter(seller__uuid=seller)
    # PostgreSQL does not take NUL in a text.
    return rows.filter(external_id=external_id.replace("\x00", "")) if external_id else rows


def page(rows: QuerySet[M], *, by: str, limit: int, after: str, descending: bool = True) -> tuple[list[M], str]:
    """Return up to `limit` rows in the order of `by` and id, those after the cursor `after`, and the next cursor.

    The cursor is empty on the last page. Raises Refused for a cursor that no page gave.
    """
    sign, way = ("-", "lt") if descending else ("", "gt")
    if after:
        value, pk = _read(after)
        try:
            # By the id as well: many rows may share a moment.
            rows = rows.filter(Q(**{f"{by}__{way}": value}) | Q(**{by: value, f"pk__{way}": pk}))
        except (ValueError, TypeError, OverflowError, ValidationError):  # the last: a value that is not a moment
            raise Refused([_NOT_OURS]) from None
    try:
        # One row more than asked for tells whether there is a next page.
        some = list(rows.order_by(f"{sign}{by}", f"{sign}pk")[: limit + 1])
    except OverflowError:  # an id that no column can hold
        raise Refused([_NOT_OURS]) from None
    if len(some) <= limit:
        return some, ""
    last = some[limit - 1]
    return some[:limit], _write(getattr(last, by), last.pk)


def _write(value: Any, pk: int) -> str:
    text = value if isinstance(value, int | str) else value.isoformat()
    # Without the padding: `=` has a meaning of its own in a query.
    return base64.urlsafe_b64encode(json.dumps([text, pk]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[Any, int]:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(value, int | str) or not isinstance(pk, int):
            raise ValueError
    except (ValueError, TypeError, UnicodeDecodeError):
        raise Refused([_NOT_OURS]) from None
    return value, pk
