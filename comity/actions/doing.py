"""Deeds: what a person may do with a thing that is there, with who may, when, and why not, each said once.

The action asks its deed before it changes anything; a page shows a form where nothing stands against it; the API
tells what does. `actions.deeds` finds them by what they are done to.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden, require
from comity.records import statements
from comity.records.models.things import Thing

T = TypeVar("T", bound=Thing)

#: What never changes of a thing, and is not read anew.
_FIXED = frozenset(
    {"buyer", "seller", "party", "order", "listing", "conversation", "author", "message", "question", "answer"}
)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why something cannot be done now: a code for programs, a sentence for people.

    done   it is so already: to ask for it again changes nothing, and is not refused
    """

    code: str
    sentence: str
    done: bool = False


def changed() -> WhyNot:
    """Return that what was shown is not what there is now."""
    return WhyNot("changed", _("It has changed meanwhile, and nothing was done. Look at it again."))


def not_before(at: datetime, *happened: datetime | None) -> WhyNot | None:
    """Return why something cannot be done at a moment before what it is done to has happened; None where it has.

    Only a clock that runs behind, or was ahead, can say so; what is dated before it would change nothing.
    """
    if all(each is None or each <= at for each in happened):
        return None
    return WhyNot("clock_behind", _("By the clock this has not happened yet. Try again in a moment."))


class NotNow(Refused):
    """The state of the thing is against it; `code` says what."""

    def __init__(self, why: WhyNot):
        super().__init__([why.sentence])
        self.code = why.code


@dataclass(frozen=True, slots=True)
class Deed(Generic[T]):
    """One thing that may be done.

    of        the type of what it is done to
    slug      its name in addresses
    power     the action of `policy.powers` that allows it
    against   what the state of the thing has against it, for this actor at this moment; None for nothing
    asked_at  when that was asked which waits to be answered by it, None while nothing waits; None for what is no answer
    until     until when it can be done, as things stand at a moment; None where no time runs
    """

    of: type[T]
    slug: str
    power: str
    against: Callable[[Actor, T, datetime], WhyNot | None]
    asked_at: Callable[[T], datetime | None] | None = None
    until: Callable[[T, datetime], datetime | None] | None = None

    def why_not(self, actor: Actor, thing: T, *, at: datetime) -> WhyNot | None:
        """Return why `actor` cannot do it now, be it the guard's reason or the thing's; None where it can be done."""
        try:
            require(actor, self.power, thing, at=at)
        except Forbidden as error:
            return WhyNot(error.reason, str(error))
        return self.against(actor, thing, at)

    @contextmanager
    def doing(self, actor: Actor, thing: T, *, at: datetime, shown: datetime | None = None) -> Iterator[bool]:
        """Hold a thing still while the deed is done to it, and give whether there is anything to do.

        The seller is locked, as `enact` locks it, and the thing read anew: of two at once, the second sees what the
        first has done. Gives False for what is done already. `shown`: when that was asked which the actor saw and
        answers; what has been asked, answered or withdrawn since is not answered by it. Raises Forbidden, NotNow.
        """
        require(actor, self.power, thing, at=at)
        with transaction.atomic():
            # The seller before the thing, in every action: in two orders, two at once could wait for each other for
            # ever.
            statements.lock(thing.whose)
            columns = [field.name for field in thing._meta.concrete_fields if field.name not in _FIXED]
            thing.refresh_from_db(fields=columns)
            why = self.against(actor, thing, at)
            if why is not None and not why.done:
                raise NotNow(why)
            if shown is not None and self.asked_at is not None and not _is_same(self.asked_at(thing), shown):
                raise NotNow(changed())
            yield why is None


def _is_same(asked_at: datetime | None, shown: datetime) -> bool:
    """Whether a moment is the one that was shown, as far as the API and browsers tell it: to the millisecond."""
    return asked_at is not None and _milliseconds(asked_at) == _milliseconds(shown)


def _milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def require_one_of(name: str, value: str, choices: Collection[str]) -> None:
    """Return if a value that was given is among its choices; else raise Refused with all of them."""
    if value not in choices:
        raise Refused([f"{name} must be one of {', '.join(choices)}, not {value!r:.60}"])
