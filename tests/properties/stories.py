"""Random stories lived through the real actions, for the properties that hold for ever."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from hypothesis import strategies as st

from comity.actions.enact import enact
from comity.lib import canonical
from comity.lib.moments import to_text
from comity.policy.facts import DEADLINE, Fact
from comity.policy.memory import Memory
from comity.policy.sanctions.measures import MeasureStatus
from comity.records import journal, rulebooks, tallies
from comity.records.models import Charge, Duty, Party, Rating, Sanction
from tests.policy.strategies import PARTY, late_histories

Histories = st.SearchStrategy[list[Fact]]


def noted(facts: list[Fact], seller: Party) -> None:
    """Tell Comity each fact, in the order in which they were noted."""
    for fact in facts:
        enact(seller, of(fact, seller), once=True)


def of(fact: Fact, seller: Party) -> Fact:
    """The fact as one of `seller`'s, whose id a test database gives."""
    own = {name: getattr(fact, name).replace(PARTY, seller.ref) for name in ("subject", "matter", "party")}
    data = dict(fact.data)
    if "dispatch_by" in data:  # the judge bears a date before the payment; the door does not take it
        data["dispatch_by"] = max(str(data["dispatch_by"]), to_text(fact.at))
    return Fact(id=fact.id, kind=fact.kind, at=fact.at, noted_at=fact.noted_at, data=data, **own)


def standing(seller: Party) -> dict[str, Any]:
    """What stands in the database. Of a duty taken back, or open again, a row may be left that counts nowhere.

    Whether a measure is over depends on when its party was told of it, and so on when the facts were noted. So does for
    which evaluation a plan is asked, and what is due for it: what is due for plans is left out.
    """
    placed = {MeasureStatus.LIFTED: MeasureStatus.PLACED}
    measures = Sanction.objects.filter(party=seller).exclude(status=MeasureStatus.OVERTURNED)
    rows = tallies.as_they_are(seller.pk).values()
    return {
        "duties": set(Duty.objects.filter(party=seller).exclude(Q(status="overturned") | Q(matter__startswith="plan:")).values_list("key", "status", "due", "ended_at", "rulebook")),
        "charges": set(Charge.objects.filter(party=seller, overturned_at=None).values_list("key", "points", "at")),
        "ratings": set(Rating.objects.filter(party=seller, overturned_at=None).values_list("key", "level", "counted", "faulty", "rulebook")),
        "rows": {row for row in rows if row.counted_at or row.faulty_at or row.cleared_at or row.excluded_at},
        "measures": {(row.key, row.rung, placed.get(MeasureStatus(row.status), row.status), row.at) for row in measures},
    }  # fmt: skip


def replayed(seller: Party, *, until: datetime) -> list[dict[str, Any]]:
    """Judge the facts of a seller's journal again, from the record alone; return the rulings as the journal has them."""
    memory = Memory(rulebooks.current(), seller.ref)
    told = [fact for fact in journal.facts_of(seller) if fact.kind != DEADLINE]
    return [plain(ruling) for ruling in [*memory.replay(told), *memory.turn(until)]]


def plain(ruling: Any) -> dict[str, Any]:
    """A ruling as the journal holds it, without when it was noted."""
    body: dict[str, Any] = canonical.decode(canonical.text(journal.body_of(ruling, ruling.at)))
    body.pop("noted_at")
    return body


def ruled(seller: Party) -> list[dict[str, Any]]:
    """The rulings in a seller's journal, without when they were noted."""
    return [{k: v for k, v in body.items() if k != "noted_at"} for body in journal.rulings_of(seller)]


histories: Histories = late_histories()
