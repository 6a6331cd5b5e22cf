"""Whose turn is it in a conversation? Never ambiguous: a duty that is open says so; where no rule sets a clock, the
oldest message that nobody has answered does. Notes and automatic answers hand the turn to nobody.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from comity.policy.duties.matter import DutyState
from comity.policy.facts import NO_REPLY, REJECTED, Fact, moment_of
from comity.policy.rulebook import Rulebooks


class Turn(NamedTuple):
    """Who is to act: a role, or "" for nobody; since when; and by when, where a rule says so."""

    who: str = ""
    since: datetime | None = None
    due: datetime | None = None


NOBODY = Turn()
_SETTLES = frozenset({NO_REPLY, "conversation.closed"})


def of_duties(rulebooks: Rulebooks, duties: Iterable[DutyState]) -> Turn | None:
    """Return whose turn the live ones of `duties` say it is, by the one that is due first; None where none is live."""
    first = min((duty for duty in duties if duty.live), key=lambda duty: (duty.due, duty.key), default=None)
    if first is None:
        return None
    rule = rulebooks.version(first.rulebook).by_name.get(first.rule)
    return Turn(rule.who if rule else "seller", first.opened_at, first.due)


def after(rulebooks: Rulebooks, duties: Iterable[DutyState], fact: Fact) -> Turn | None:
    """Return whose turn it is once `fact` was judged and `duties` stand; None where the fact changes nothing."""
    # What a rule says goes before what the messages say, so that the inbox never differs from the clock.
    if (turn := of_duties(rulebooks, duties)) is not None:
        return turn
    by = fact.data.get("by")
    if fact.kind in _SETTLES:
        # Where one question alone is settled, the oldest of the others keeps the turn where it is.
        others = fact.data.get("open_since")
        return Turn("seller", moment_of(others)) if isinstance(others, str) else NOBODY
    if fact.kind == REJECTED:
        asked = fact.data.get("asked_at")
        return Turn("seller", moment_of(asked) if isinstance(asked, str) else fact.at)
    if fact.kind == "message.sent" and by in ("buyer", "seller"):
        return Turn("seller" if by == "buyer" else "buyer", fact.at)
    return None
