"""What is tried outside, as agents see it: what failed, and trying it anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from comity.actions import money
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.records.errands import anew
from comity.records.models import (
    IncomingMail,
    NoticeMail,
    OutgoingMail,
    Refund,
    TrackingBody,
    TransparencyStatement,
    UnreadMail,
    Webhook,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is tried of one kind: where it stands, which rows failed, which of them were given up, what tries anew.

    verb   what tries one row anew, where more follows from it than that it is due
    """

    of: type[Model]
    failed: Q
    given_up: Q
    anew: Callable[[datetime], Mapping[str, Any]]
    verb: Callable[[Actor, Any, datetime], Any] | None = None


_FAILED, _GIVEN_UP = ~Q(failed_why=""), Q(due_at=None)


#: By their names in addresses.
KINDS: Mapping[str, Kind] = {
    "mail": Kind(OutgoingMail, _FAILED, _GIVEN_UP, anew),
    "told": Kind(NoticeMail, _FAILED, _GIVEN_UP, anew),
    "transparency": Kind(TransparencyStatement, _FAILED, _GIVEN_UP, anew),
    "webhook": Kind(Webhook, _FAILED, _GIVEN_UP, anew),
    "refund": Kind(
        Refund,
        Q(state="instructed") & _FAILED | Q(state="failed", outside=False, replaced_by=None),
        Q(state="instructed", due_at=None),
        anew,
        lambda actor, row, at: money.again(actor, row, at=at),
    ),
    "mailbox": Kind(UnreadMail, _FAILED, _GIVEN_UP, anew),
    "incoming": Kind(IncomingMail, Q(outcome="failed"), Q(), lambda at: {"outcome": "again"}),
    "tracking": Kind(TrackingBody, Q(outcome__in=["failed", "unreadable"]), Q(), lambda at: {"outcome": "", "why": ""}),
}


def failing(actor: Actor, kind: str) -> QuerySet[Any]:
    """Return what failed at its last try, given up or not, the newest first."""
    require(actor, "errand.read")
    return KINDS[kind].of._default_manager.filter(KINDS[kind].failed).order_by("-pk")


def given_up(actor: Actor, kind: str) -> QuerySet[Any]:
    """Return what is not tried any more."""
    return failing(actor, kind).filter(KINDS[kind].given_up)


def again(actor: Actor, kind: str, key: int, *, at: datetime) -> None:
    """Have something tried now that failed or was given up. Raises Refused where it is done meanwhile, or gone."""
    require(actor, "errand.again", at=at)
    found = failing(actor, kind).filter(pk=key)
    if (verb := KINDS[kind].verb) is not None and (row := found.first()) is not None:
        verb(actor, row, at)
    elif not found.update(**KINDS[kind].anew(at)):
        raise Refused(["it is done, or gone; load the page again"])


def again_all(actor: Actor, kind: str, *, at: datetime) -> int:
    """Have all of a kind tried now that was given up; return how many."""
    require(actor, "errand.again", at=at)
    return given_up(actor, kind).update(**KINDS[kind].anew(at))
