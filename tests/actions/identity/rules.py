"""A stage on which accounts are linked: one of them was closed."""

from datetime import datetime, timedelta

from comity.actions import parties, rulebooks, sanctions
from comity.actions.guard import Actor
from comity.records.models import Party, Sanction
from tests.actions.sanctions.rules import BOOK, FREEZE, agent
from tests.cast import START, Cast, assemble, hours, tell

EVASION = """
[[conduct]]
name = "evasion"
title = "No second account after a closure"
severity = "high"
proved_by = ["reviewer"]

[evasion]
rule = "evasion"
measure = { measure = "freeze", length = "90 days", notice = "7 days", decided_by = "reviewer" }
least = 2
"""
DAY = 24


def text(evasion: str = EVASION) -> str:
    """A small rulebook with a rule of evasion."""
    return BOOK % FREEZE + evasion


def staged(evasion: str = EVASION) -> Cast:
    """The cast under rules that propose a freeze for coming back with another account."""
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, text(evasion), at=START)
    return cast


def joined(cast: Cast, name: str, role: str = "seller") -> Actor:
    """Somebody more."""
    return Actor(parties.add(cast.platform, parties.NewParty(role=role, name=name, external_id=name.lower()), at=START))


def shut_out(cast: Cast, whose: Party, at: float, length: timedelta | None = None) -> Sanction:
    """The account is frozen at once, without end where none is named; Noor asked for it, Omar approved it."""
    wanted = sanctions.Wanted("freeze", "spam", "Thirty people got it.", length)
    row = sanctions.ask(agent(cast, "Noor"), whose, wanted, at=hours(at))
    sanctions.approve(agent(cast, "Omar"), row, at=hours(at))
    return Sanction.objects.select_related("party").get(pk=row.pk)


def link(cast: Cast, whose: Party, to: Party, kinds: str, at: datetime, *, now: datetime | None = None) -> None:
    """The shop found that an account is linked to another one."""
    tell(cast, "account.linked", whose.ref, at, now, whose=whose, **{"with": to.ref, "kinds": kinds})
