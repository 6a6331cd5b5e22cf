"""A stage with small rules of measures, and what happens on it."""

from datetime import datetime, timedelta

from comity.actions import parties, rulebooks, sanctions
from comity.actions.guard import Actor
from comity.records.models import Charge, Party, Sanction
from tests.cast import START, Cast, assemble, hours, tell

BOOK = """
name = "small"
version = "1"
in_force_from = 2026-01-01

[[duty]]
name = "decide on a measure"
title = "An appeal is decided within 7 days"
who = "platform"
each = "sanction"
opened_by = { fact = "appeal.filed" }
met_by = { fact = "appeal.decided" }
voided_by = { fact = "appeal.withdrawn" }
within = "7 days"
repeats = true

[[ledger]]
name = "conduct"
title = "Conduct"
expires_after = "180 days"

%s

[[conduct]]
name = "spam"
title = "No spam"
severity = "high"
proved_by = ["reviewer"]
charge = { ledger = "conduct", points = [1, 48] }

[[conduct]]
name = "buyer spam"
title = "No spam by buyers"
who = "buyer"
severity = "high"
proved_by = ["reviewer"]
charge = { ledger = "conduct", points = [1, 48] }
"""
FREEZE = """
[[ledger.rung]]
at = 12
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "reviewer"
"""


def staged(rungs: str = FREEZE) -> Cast:
    """The cast under rules with these rungs."""
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, BOOK % rungs, at=START)
    return cast


def agent(cast: Cast, name: str) -> Actor:
    new = parties.NewParty(role="agent", name=name, external_id=name.lower())
    return Actor(parties.add(cast.platform, new, at=START))


def violation(cast: Cast, at: datetime, points: int, *, of: Party | None = None, now: datetime | None = None) -> Charge:
    """Something is found of a party (of the seller where no other is named) that brings points."""
    whose = of or cast.seller
    rule = "buyer spam" if whose.role == "buyer" else "spam"
    tell(
        cast, "violation.found", f"listing:{at.isoformat()}" if whose.role == "seller" else whose.ref, at, now=now,
        whose=whose, rule=rule, by="reviewer", points=points,
    )  # fmt: skip
    return Charge.objects.filter(party=whose).latest("pk")


def asked(cast: Cast, who: Actor, measure: str, at: datetime, length: timedelta, notice: int = 0) -> Sanction:
    wanted = sanctions.Wanted(measure, "spam", "Seen by us.", length, timedelta(hours=notice))
    return sanctions.ask(who, cast.seller, wanted, at=at)


def in_force(cast: Cast, at: float) -> list[tuple[str, datetime | None]]:
    """The measures that the seller is under, by what is heavier than a warning, each with its end."""
    rows = Sanction.objects.filter(Sanction.in_force(hours(at)), party=cast.seller).exclude(measure="warning")
    return sorted((row.measure, row.until) for row in rows)
