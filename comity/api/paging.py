"""Keyset pagination: a page begins after the last row that was seen, however many were added meanwhile."""

import base64
import json
from typing import Annotated, Any, TypeVar

from django.db.models import Model, Q, QuerySet
from ninja import Query

from comity.actions.enact import Refused

MAX_LIMIT = 200

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="how many rows at most")]
After = Annotated[str, Query(max_length=300, description="the `next` of the page before")]
M = TypeVar("M", bound=Model)


def page(rows: QuerySet[M], *, by: str, limit: int, after: str, descending: bool = True) -> tuple[list[M], str]:
    """Return up to `limit` rows in the order of `by` and id, those after the cursor `after`, and the next cursor.

    The cursor is empty on the last page. Raises Refused for a cursor that no page gave.
    """
    sign, way = ("-", "lt") if descending else ("", "gt")
    if after:
        value, pk = _read(after)
        try:
            rows = rows.filter(Q(**{f"{by}__{way}": value}) | Q(**{by: value, f"pk__{way}": pk}))
            found = list(rows.order_by(f"{sign}{by}", f"{sign}pk")[: limit + 1])
        except (ValueError, TypeError, OverflowError):
            raise Refused(["after: this is not a cursor of this list"]) from None
        except Exception as error:
            if type(error).__name__ == "ValidationError":  # Django's, for a value that is no moment
                raise Refused(["after: this is not a cursor of this list"]) from None
            raise
    else:
        found = list(rows.order_by(f"{sign}{by}", f"{sign}pk")[: limit + 1])
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1]
    return found[:limit], _write(getattr(last, by), last.pk)


def _write(value: Any, pk: int) -> str:
    text = value if isinstance(value, int | str) else value.isoformat()
    return base64.urlsafe_b64encode(json.dumps([text, pk]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[Any, int]:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(value, int | str) or not isinstance(pk, int):
            raise ValueError
    except (ValueError, TypeError, UnicodeDecodeError):
        raise Refused(["after: this is not a cursor of this list"]) from None
    return value, pk
