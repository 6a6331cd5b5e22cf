"""What is tried outside, as agents see it: what failed, and trying it anew."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.records import errands
from comity.records.models import OutgoingMail, Webhook
from comity.records.models.errands import Errand

#: What is tried again at an agent's wish, by its name in addresses.
KINDS: Mapping[str, type[Errand]] = {"mail": OutgoingMail, "webhook": Webhook}


def failing(actor: Actor, kind: str) -> QuerySet[Errand]:
    """Return what failed at its last try, given up or not, the newest first."""
    require(actor, "errand.read")
    return KINDS[kind]._default_manager.exclude(failed_why="").order_by("-pk")


def again(actor: Actor, kind: str, key: int, *, at: datetime) -> None:
    """Have something tried now that failed or was given up. Raises Refused where it is done meanwhile, or gone."""
    require(actor, "errand.again", at=at)
    row = failing(actor, kind).filter(pk=key).first() if kind in KINDS else None
    if row is None:
        raise Refused(["it is done, or gone; load the page again"])
    errands.again(row, at)


def again_all(actor: Actor, kind: str, *, at: datetime) -> int:
    """Have all of a kind tried now that was given up; return how many."""
    require(actor, "errand.again", at=at)
    given_up = failing(actor, kind).filter(due_at=None) if kind in KINDS else None
    if given_up is None:
        raise Refused([f"there is no kind of errand {kind!r:.40}"])
    return given_up.update(attempts=0, due_at=at, failed_why="")
