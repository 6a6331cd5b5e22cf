"""What may be done with a thing, as the API tells it: the same conditions that the actions and the pages ask."""

from collections.abc import Iterable
from datetime import datetime

from ninja import Schema

from comity.actions.doing import Deed, T
from comity.actions.guard import Actor, allows


class DeedOut(Schema):
    """Something that your role may do. `possible` now; else `code` and `why` say what is against it.

    `asked_at`: of an answer, when that was asked which it would answer now; to be said with it. `until`: until when it
    can be done, where a time runs.
    """

    deed: str
    possible: bool
    code: str = ""
    why: str = ""
    asked_at: datetime | None = None
    until: datetime | None = None


def told(deeds: Iterable[Deed[T]], who: Actor, thing: T, at: datetime) -> list[DeedOut]:
    """Return the deeds that `who` has the power for, each with what the state of the thing has against it."""
    possible = []
    for deed in deeds:
        if allows(who, deed.power, thing):
            why = deed.why_not(who, thing, at=at)
            said = (why.code, why.sentence) if why else ("", "")
            asked_at = deed.asked_at(thing) if deed.asked_at and why is None else None
            until = deed.until(thing, at) if deed.until and why is None else None
            possible.append(
                DeedOut(deed=deed.slug, possible=why is None, code=said[0], why=said[1], asked_at=asked_at, until=until)
            )
    return possible
