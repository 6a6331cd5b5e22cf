"""When a dispute may be opened, and until when: by the exact hour, by the law's days, and while something stops it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.lib.moments import UTC
from comity.policy.disputes import openings
from comity.policy.disputes.edges import Edge, Stop
from comity.policy.disputes.rule import DisputeRules, Opening, Phase
from comity.policy.facts import Fact, Scalar
from comity.policy.matching import Match
from comity.policy.time.calendars import Days
from comity.policy.time.clocks import ALWAYS, FULL_DAY, Clock
from comity.policy.time.days import begin_of

BERLIN, LONDON = "Europe/Berlin", "Europe/London"
GERMAN = Clock("working days", (FULL_DAY,) * 5 + ((), ()), BERLIN, "DE")
DELIVERED = Match("shipment.delivered")
REPAIR = Stop((Match("dispute.settled", {"act": "repair"}),), (Match("dispute.fulfilled"),), Days(7))


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def fact(kind: str, when: datetime, about: str = "order:1", **data: Scalar) -> Fact:
    return Fact(
        id=f"{kind}:{when.isoformat()}:{about}", kind=kind, at=when, noted_at=when, subject=about, matter="order:1",
        party="seller:1", data=data,
    )  # fmt: skip


def rules(*openings_: Opening, phases: tuple[Phase, ...] = ()) -> DisputeRules:
    return DisputeRules({}, openings_, (), phases, {}, ())


def until(*edges: Edge, after: Edge | None = None) -> DisputeRules:
    return rules(Opening("only", (), (after or Edge(DELIVERED),), edges))


def window(of: DisputeRules, *facts: Fact) -> openings.Window:
    return openings.window_of(of, "any", sorted(facts, key=lambda each: each.place))


LAW = Edge(DELIVERED, plus=Days(14), clock=GERMAN, zone=BERLIN, count="law", every="parcel")
TABLE = fact("shipment.delivered", at("2026-03-03T11:00", BERLIN), "shipment:1", pieces=1, of_pieces=2)
BENCH = fact("shipment.delivered", at("2026-03-20T16:30", BERLIN), "shipment:2", pieces=1, of_pieces=2)


def test_the_end_is_not_known_before_the_last_parcel_has_come() -> None:
    found = window(until(LAW), TABLE)
    assert (found.begin, found.end, found.waits_for) == (TABLE.at, None, "parcel")
    assert found.holds(at("2030-01-01"))


def test_the_day_of_the_event_is_out_and_easter_moves_the_end() -> None:
    found = window(until(LAW), TABLE, BENCH)
    assert found.end == at("2026-04-08", BERLIN)
    assert found.waits_for == ""
    assert dict(found.counted) == {
        "from": BENCH.at, "plus": Days(14), "last_day": date(2026, 4, 3), "moved": date(2026, 4, 7),
    }  # fmt: skip
    assert found.holds(at("2026-04-07T23:59:59", BERLIN))
    assert found.holds(at("2026-04-08", BERLIN)), "at the deadline itself an act is in time"
    assert not found.holds(at("2026-04-08T00:00:01", BERLIN))


@pytest.mark.parametrize(
    ("parcels", "arrived", "known"),
    [
        ((1, 2), (1,), False),
        ((1, 2), (1, 2), True),
        ((1,), (1,), True),
        ((), (1,), True),  # nobody said how many there are: the one that came is all
    ],
)
def test_without_pieces_every_parcel_that_was_sent_counts(
    parcels: tuple[int, ...], arrived: tuple[int, ...], known: bool
) -> None:
    sent = [fact("shipment.dispatched", at("2026-03-01"), f"shipment:{n}") for n in parcels]
    came = [fact("shipment.delivered", at(f"2026-03-0{n + 2}"), f"shipment:{n}") for n in arrived]
    assert (window(until(LAW), *sent, *came).end is not None) is known


def test_a_replacement_that_arrives_begins_it_anew() -> None:
    of = until(Edge(DELIVERED, plus=Days(30)))
    first, again = (fact("shipment.delivered", at(day), f"shipment:{day}") for day in ("2026-03-03", "2026-03-20"))
    assert window(of, first).end == at("2026-04-02")
    assert window(of, first, again).end == at("2026-04-19")


REJECT = Edge(DELIVERED, plus=Days(30), zone=LONDON, count="law", stops=(REPAIR,))
COFFEE = fact("shipment.delivered", at("2026-03-02T11:00"))
ASKED = fact("dispute.settled", at("2026-03-20T18:00"), act="repair")
BACK = fact("dispute.fulfilled", at("2026-04-10T09:00", LONDON))


def test_a_repair_stops_the_clock_both_its_days_out() -> None:
    assert window(until(REJECT), COFFEE).end == at("2026-04-02", LONDON)
    assert window(until(REJECT), COFFEE, ASKED).waits_for == "stop"
    found = window(until(REJECT), COFFEE, ASKED, BACK)
    assert found.end == at("2026-04-24", LONDON), "until the end of 23 April"
    assert ("stopped", Days(22)) in found.counted


def test_at_least_seven_days_are_left_after_a_repair() -> None:
    late = fact("dispute.settled", at("2026-04-01T18:00", LONDON), act="repair")
    done = fact("dispute.fulfilled", at("2026-04-02T09:00", LONDON))
    found = window(until(REJECT), COFFEE, late, done)
    assert found.end == at("2026-04-10", LONDON), "7 days after 2 April, and not 3 April"
    assert ("least", Days(7)) in found.counted


def test_a_repair_after_the_end_changes_nothing() -> None:
    late = fact("dispute.settled", at("2026-05-01"), act="repair")
    assert window(until(REJECT), COFFEE, late).end == at("2026-04-02", LONDON)


def test_without_the_laws_count_a_stop_is_exact() -> None:
    of = until(Edge(DELIVERED, plus=Days(30), stops=(REPAIR,)))
    found = window(of, COFFEE, ASKED, fact("dispute.fulfilled", at("2026-03-22T20:00")))
    assert found.end == at("2026-04-01T11:00") + timedelta(days=2, hours=2)


@pytest.mark.parametrize(
    ("plus", "expected"),
    [(Days(3), "2026-03-30T09:00"), (timedelta(hours=72), "2026-03-30T10:00"), (timedelta(0), "2026-03-27T09:00")],
)
def test_days_are_of_the_calendar_and_hours_are_hours(plus: timedelta, expected: str) -> None:
    """The clocks of Berlin go forward on 29 March."""
    found = window(
        until(Edge(DELIVERED, plus=plus, zone=BERLIN)), fact("shipment.delivered", at("2026-03-27T09:00", BERLIN))
    )
    assert found.end == at(expected, BERLIN)


PROMISED = Match("order.paid")
PAID = fact("order.paid", at("2026-05-01"), deliver_by="2026-05-20T10:00:00Z")
LATE = Edge(PROMISED, "deliver_by", zone="Europe/Brussels", end_of_day=True)
TURNED = Match("shipment.scanned", {"status": "back_at_sender"})


def test_a_parcel_that_turned_round_opens_at_once_and_the_promise_else_at_the_end_of_its_day() -> None:
    of = rules(
        Opening(
            "late", (), (LATE,), (Edge(PROMISED, "deliver_by", Days(15), zone="Europe/Brussels", end_of_day=True),)
        ),
        Opening("back", (), (Edge(TURNED),), (Edge(PROMISED, "deliver_by", Days(15), end_of_day=True),)),
    )
    promised = window(of, PAID)
    assert promised.begin == at("2026-05-21", "Europe/Brussels")
    assert promised.end == at("2026-06-05", "Europe/Brussels")
    back = window(of, PAID, fact("shipment.scanned", at("2026-05-12T10:00"), "shipment:1", status="back_at_sender"))
    assert back.begin == at("2026-05-12T10:00")
    assert back.opening is not None
    assert back.opening.name == "back"


def test_what_has_not_begun_says_for_what_it_waits() -> None:
    found = window(until(LAW), PAID)
    assert (found.begin, found.waits_for) == (None, "shipment.delivered")
    only = Opening("asked", (), (Edge(PROMISED),), (), only_if=(Match("message.sent"),))
    assert window(rules(only), PAID).waits_for == "message.sent"
    never = Opening("never", (), (Edge(PROMISED),), (), unless=(PROMISED,))
    assert window(rules(never), PAID) == openings.Window()


def test_an_edge_whose_fact_never_comes_does_not_keep_the_end_open() -> None:
    of = until(Edge(DELIVERED, plus=Days(5)), Edge(Match("order.receipt_confirmed"), plus=Days(90)))
    assert window(of, COFFEE).end == COFFEE.at + timedelta(days=5)


def test_an_offer_before_the_mediator_does_not_lead_back_to_negotiation() -> None:
    begun = (Match("dispute.opened"), Match("dispute.offered"))
    of = rules(
        phases=(Phase("negotiation", begun, {}), Phase("mediation", (Match("dispute.escalated"),), {})),
    )
    facts = [
        fact(f"dispute.{verb}", at(f"2026-03-0{n}")) for n, verb in enumerate(("opened", "escalated", "offered"), 1)
    ]
    found = [openings.phase(of, facts[:count]) for count in (0, 1, 2, 3)]
    assert [each.name if each else "" for each in found] == ["", "negotiation", "mediation", "mediation"]


def test_a_verb_may_wait_for_a_while_after_its_phase_began() -> None:
    phase = Phase("n", (), {"buyer": ("escalate",)}, {"escalate": Days(3)}, zone=BERLIN)
    begun = at("2026-03-27T09:00", BERLIN)
    assert phase.from_when("escalate", begun) == at("2026-03-30T09:00", BERLIN)
    assert phase.from_when("offer", begun) == begun


@given(
    st.integers(0, 1800 * 24 * 60).map(lambda minutes: at("2024-01-01") + timedelta(minutes=minutes)),
    st.integers(1, 60),
    st.sampled_from([(BERLIN, "DE"), ("America/Sao_Paulo", "BR"), ("Asia/Tokyo", "JP")]),
)
def test_the_laws_days_never_end_early_and_end_on_a_working_day(
    begun: datetime, days: int, where: tuple[str, str]
) -> None:
    zone, country = where
    clock = Clock("working days", (FULL_DAY,) * 5 + ((), ()), zone, country)
    exact = Edge(DELIVERED, plus=Days(days), zone=zone)
    law = Edge(DELIVERED, plus=Days(days), clock=clock, zone=zone, count="law")
    facts = [fact("shipment.delivered", begun)]
    plain, end = exact.moment(facts), law.moment(facts)
    assert plain is not None
    assert end is not None
    assert end > plain, "never before the plain count"
    last = (end - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
    assert clock.is_open(last)
    assert end == begin_of(last + timedelta(1), zone)
    first = begun.astimezone(ZoneInfo(zone)).date()
    between = [first + timedelta(days) + timedelta(n) for n in range((last - first).days - days)]
    assert not any(map(clock.is_open, between)), "moved over closed days alone"


def test_where_no_day_is_open_the_last_day_of_the_laws_count_stays() -> None:
    closed = Clock("closed", ((),) * 7)
    never, always = (Edge(DELIVERED, plus=Days(1), clock=clock, count="law") for clock in (closed, ALWAYS))
    assert never.moment([COFFEE]) == always.moment([COFFEE])
