"""Random rulebooks' worth of trouble: histories of one seller's conversations and orders, on a coarse grid of time.

The grid is coarse on purpose, so that acts fall on deadlines, on each other and on the edges of pauses.
"""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from comity.lib import moments
from comity.lib.moments import UTC
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.rulebooks.language.parse import parse

START = datetime(2026, 3, 2, tzinfo=UTC)
PARTY = "seller:s1"

FIRST = """
name = "test"
version = "1"
in_force_from = 2026-01-01

[[clock]]
name = "office"
days = ["mon", "tue", "wed", "thu", "fri"]
hours = ["09:00-12:00", "13:00-18:00"]
zone = "Europe/Berlin"

[[duty]]
name = "reply"
title = "Reply"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller", automatic = false } }
waived_by = { fact = "conversation.no_reply_needed" }
within = "12 hours"
repeats = true
warn_before = ["6 hours", "2 hours"]
breach = { charge = { ledger = "service", points = 1 } }

[[duty]]
name = "answer in office hours"
title = "Answer in office hours"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "4 hours"
clock = "office"
repeats = true

[[duty]]
name = "dispatch"
title = "Dispatch"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched", where = { tracked = true } }
voided_by = { fact = "order.cancelled" }
counts_before = true
by = "dispatch_by"
warn_before = ["12 hours"]
breach = { charge = { ledger = "service", points = 2 } }

[[duty]]
name = "tracking"
title = "Tracking"
who = "seller"
each = "shipment"
opened_by = { fact = "shipment.scanned" }
met_by = [{ fact = "shipment.scanned" }, { fact = "shipment.delivered" }]
not_after = { fact = "shipment.delivered" }
voided_by = { fact = "order.cancelled" }
repeats = true
within = "1 day"
breach = { charge = { ledger = "care", points = 1 } }

[[duty]]
name = "deliver"
title = "Deliver"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.delivered" }
unknown_by = { fact = "shipment.delivered", where = { date_known = false } }
voided_by = { fact = "order.cancelled" }
by = "deliver_by"
breach = { charge = { ledger = "service", points = 1 } }

[[duty]]
name = "on time"
title = "On time, by what is known"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = [{ fact = "shipment.scanned", no_later_than = "dispatch_by" }, { fact = "shipment.delivered", no_later_than = "due" }]
broken_by = { fact = "shipment.delivered" }
voided_by = { fact = "order.cancelled" }
by = "deliver_by"
decided_after = "1 day"
breach = { charge = { ledger = "care", points = 1 } }

[[standard]]
name = "late"
of_duty = "on time"
window = "3 days"
evaluated = "daily"
limit = { rate = "<= 10%" }

[[standard]]
name = "late replies"
of_duty = "reply"
window = "3 days"
evaluated = "daily"
limit = { rate = "<= 50%" }

[[standard]]
name = "cancellations"
counted = { fact = "order.paid" }
faulty = { fact = "order.cancelled" }
window = "2 days"
evaluated = "continuous"
limit = { rate = "<= 20%" }

[[ledger]]
name = "service"
expires_after = "3 days"
[[ledger.rung]]
at = 1
measure = "warning"
length = "1 day"
decided_by = "automatic"
[[ledger.rung]]
at = 3
measure = "restriction"
notice = "6 hours"
length = "2 days"
decided_by = "automatic"
[[ledger.rung]]
at = 5
measure = "freeze"
notice = "1 day"
length = "2 days"

[[ledger]]
name = "care"
expires_after = "30 days"
[[ledger.rung]]
at = 2
measure = "warning"
decided_by = "automatic"
"""
SECOND = FIRST.replace('version = "1"', 'version = "2"').replace("2026-01-01", "2026-03-04").replace(
    'within = "12 hours"', 'within = "6 hours"').replace("points = 2", "points = 3")  # fmt: skip


def books() -> list[Rulebook]:
    """Two versions of a small rulebook; the second comes into force in the middle of every history."""
    return [parse(FIRST), parse(SECOND)]


BOOKS = Rulebooks(books())


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def _data(draw: st.DrawFn, kind: str, at: int) -> dict[str, str | int | bool | None]:
    if kind == "message.sent":
        by = draw(st.sampled_from(["buyer", "buyer", "seller"]))
        return {"by": by, "automatic": by == "seller" and draw(st.booleans())}
    if kind == "conversation.no_reply_needed":
        return {"by": "seller"} | _one_question(draw, at)
    if kind == "order.paid":
        return {
            "dispatch_by": moments.to_text(hour(at + draw(st.integers(-3, 30)))),
            "deliver_by": moments.to_text(hour(at + draw(st.integers(0, 60)))),
        }
    if kind == "shipment.dispatched":
        return {"tracked": draw(st.booleans()), **_part(draw)}
    if kind == "shipment.scanned":
        return {"source": draw(st.sampled_from(["carrier", "carrier", "seller"])), **_said(draw)}
    if kind == "shipment.delivered":
        return {"date_known": draw(st.sampled_from([True, True, True, False])), **_part(draw)}
    if kind == "pause.recorded":
        return {
            "from": moments.to_text(hour(at)), "until": moments.to_text(hour(at + draw(st.integers(1, 20)))),
            "cause": "platform_outage", "by": "platform",
        }  # fmt: skip
    return {}


def _said(draw: st.DrawFn) -> dict[str, str | int | bool | None]:
    """Now and then a carrier says what makes a delivery none, at a time that is sure or not."""
    status = draw(st.sampled_from([None, "in_transit", "returned", "back_at_sender", "out_for_delivery", "attempted"]))
    if status is None:
        return {}
    return {"status": status} | ({"zone_assumed": True} if not draw(st.integers(0, 3)) else {})


def _one_question(draw: st.DrawFn, at: int) -> dict[str, str | int | bool | None]:
    """Said of one question alone, sometimes while another waits; or of all."""
    data: dict[str, str | int | bool | None] = {}
    if draw(st.booleans()):
        data["of"] = f"f{draw(st.integers(0, 4)):03d}"
        if draw(st.booleans()):
            data["open_since"] = moments.to_text(hour(at))
    return data


def _part(draw: st.DrawFn) -> dict[str, str | int | bool | None]:
    """Now and then a parcel holds a part of its order."""
    if draw(st.integers(0, 2)):
        return {}
    return {"pieces": draw(st.integers(1, 3)), "of_pieces": 3}


_TALK = ("message.sent", "message.sent", "message.sent", "conversation.no_reply_needed", "pause.recorded")
_TRADE = ("order.paid", "shipment.dispatched", "shipment.scanned", "shipment.scanned", "shipment.delivered",
          "order.cancelled", "pause.recorded")  # fmt: skip


@st.composite
def histories(draw: st.DrawFn, *, size: int = 14) -> list[Fact]:
    """Facts of one seller, in the order of time, each noted when it happened."""
    facts = []
    for number in range(draw(st.integers(1, size))):
        at = draw(st.integers(0, 100))
        talk = draw(st.booleans())
        kind = draw(st.sampled_from(_TALK if talk else _TRADE))
        matter = f"conversation:{draw(st.integers(1, 2))}" if talk else f"order:{draw(st.integers(1, 2))}"
        subject = matter
        if kind.startswith("shipment."):
            subject = f"shipment:{matter[-1]}{draw(st.integers(1, 2))}"
        if kind == "pause.recorded" and draw(st.booleans()):
            subject = matter = PARTY
        facts.append(
            Fact(id=f"f{number:03d}", kind=kind, at=hour(at), noted_at=hour(at), subject=subject, matter=matter,
                 party=PARTY, data=_data(draw, kind, at))
        )  # fmt: skip
    return sorted(facts, key=lambda fact: fact.place)


@st.composite
def late_histories(draw: st.DrawFn) -> list[Fact]:
    """The same, each fact noted up to three days after it happened; in the order in which they were noted."""
    facts = [
        Fact(id=f.id, kind=f.kind, at=f.at, noted_at=f.at + timedelta(hours=draw(st.sampled_from([0, 0, 1, 10, 72]))),
             subject=f.subject, matter=f.matter, party=f.party, data=f.data)
        for f in draw(histories())
    ]  # fmt: skip
    return sorted(facts, key=lambda fact: (fact.noted_at, fact.id))
