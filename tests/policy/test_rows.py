"""What a fact, a duty or a message about peers says of the rows of standards, one by one."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from comity.lib.moments import UTC, to_text
from comity.policy.duties.matter import DutyState, DutyStatus
from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.policy.standards import tally
from comity.policy.standards.rates import Count
from comity.policy.standards.rating import peers_at
from comity.policy.standards.rule import Level, StandardRule
from comity.policy.standards.running import Tallies
from comity.policy.standards.tally import PeerState, Tally, differs_from, merged
from comity.rulebooks.language.parse import parse

HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\n'
STANDARD = """
[[standard]]
name = "s"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
cleared = { fact = "dispute.withdrawn" }
excluded = { fact = "order.cancelled", where = { by = "buyer" } }
window = "30 days"
"""


def day(number: float) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=number)


def rule(more: str = "", of: str = STANDARD) -> StandardRule:
    return parse(HEAD + of + more).standards["s"]


def fact(kind: str, at: float = 1, about: str = "order:1", **data: Scalar) -> Fact:
    return Fact(
        id=f"{kind}:{at}", kind=kind, at=day(at), noted_at=day(at), subject=about, matter="order:1", party="seller:s",
        data=data,
    )  # fmt: skip


def row(**moments: object) -> Tally:
    return Tally(**({"standard": "s", "subject": "order:1"} | moments))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        (fact("order.paid"), {"basis": day(1), "counted_at": day(1)}),
        (fact("dispute.opened", about="dispute:1"), {"faulty_at": day(1)}),
        (fact("dispute.withdrawn", about="dispute:1"), {"cleared_at": day(1)}),
        (fact("order.cancelled", by="buyer"), {"excluded_at": day(1)}),
        (fact("order.cancelled", by="seller"), None),
        (fact("shipment.delivered"), None),
        (fact("order.placed", buyer="buyer:ana"), None),
    ],
    ids=lambda each: each.kind if isinstance(each, Fact) else "",
)
def test_what_a_fact_says_of_a_row(happened: Fact, expected: dict[str, datetime] | None) -> None:
    assert tally.of_fact(rule(), happened) == (None if expected is None else row(**expected))


def test_a_fact_about_nothing_that_is_counted_makes_no_row() -> None:
    talks = rule(
        of=STANDARD.replace('name = "s"', 'name = "s"\neach = "conversation"').replace("order.paid", "message.sent")
    )
    said = fact("message.sent", about="conversation:7", by="buyer")
    assert tally.of_fact(talks, said) == row(subject="conversation:7", basis=day(1), counted_at=day(1))
    assert tally.of_fact(talks, fact("message.sent", about="order:1", by="buyer")) is None
    each = rule(of=STANDARD.replace('name = "s"', 'name = "s"\neach = "fact"'))
    assert tally.of_fact(each, fact("order.paid")) == row(subject="order.paid:1", basis=day(1), counted_at=day(1))


def test_the_date_by_which_a_row_is_looked_up() -> None:
    promised = rule('basis = { fact = "order.placed", field = "deliver_by" }\n')
    assert promised.fact_kinds == {
        "order.paid",
        "dispute.opened",
        "dispute.withdrawn",
        "order.cancelled",
        "order.placed",
    }
    assert tally.of_fact(promised, fact("order.placed", deliver_by=to_text(day(9)))) == row(basis=day(9))
    assert tally.of_fact(promised, fact("order.placed")) is None, "no such moment"
    assert tally.of_fact(promised, fact("order.paid")) == row(counted_at=day(1)), "not by when it counts"
    own = rule('basis = { fact = "dispute.opened" }\n')
    assert tally.of_fact(own, fact("dispute.opened", about="dispute:1")) == row(basis=day(1), faulty_at=day(1))


@pytest.mark.parametrize(("score", "value"), [(4, 4), (0, 0), (True, None), ("4", None), (None, None)])
def test_the_value_of_a_row_is_a_whole_number(score: Scalar, value: int | None) -> None:
    stars = rule('value = "score"\n', STANDARD.replace("order.paid", "review.written"))
    read = tally.of_fact(stars, fact("review.written", score=score) if score is not None else fact("review.written"))
    assert read == row(basis=day(1), counted_at=day(1), value=value)
    marked = tally.of_fact(stars, fact("dispute.opened", score=3))
    assert marked is not None
    assert marked.value is None, "only of what counts"


def test_who_bought_is_known_where_a_limit_asks_for_it() -> None:
    asks = rule('limit = { rate = "<= 2%", buyers = "<= 4", hold = "any" }\n')
    assert asks.asks_for_buyers
    assert not rule('limit = { rate = "<= 2%" }\n').asks_for_buyers
    assert "order.placed" in asks.fact_kinds
    assert rule().fact_kinds == {"order.paid", "dispute.opened", "dispute.withdrawn", "order.cancelled"}
    assert tally.of_fact(asks, fact("order.placed", buyer="buyer:ana")) == row(buyer="buyer:ana")
    assert tally.of_fact(asks, fact("order.placed", buyer=7)) is None
    assert tally.of_fact(asks, fact("order.paid", buyer="buyer:ana")) == row(basis=day(1), counted_at=day(1))


def test_what_a_standard_says_of_itself() -> None:
    plain = rule()
    assert (plain.mode, plain.lag, plain.continuous, plain.certain, plain.error, plain.zone) == (
        "all", timedelta(0), True, False, Fraction(1, 20), "UTC",
    )  # fmt: skip
    bare = StandardRule("s", "", "seller", "order", (), (), plain.evaluated)
    assert (bare.error, bare.lag) == (Fraction(1, 20), timedelta(0))
    assert (Level("l", ()).at_least, Level("l", ()).running) == (1, 1)
    assert not plain.compares_with_peers
    assert rule('limit = { rate = "<= 150% of peers" }\n').compares_with_peers
    assert not plain.asks_whose_review
    (level,) = rule('limit = { rate = "<= 2%" }\n').levels
    assert (level.at_least, level.running, level.bites) == (1, 1, False)
    assert rule('limit = { rate = "<= 2%" }\nbreach = { notify = ["agent"] }\n').levels[0].bites


@pytest.mark.parametrize(
    ("moments", "at", "counts", "faulty"),
    [
        ({}, 5, False, False),
        ({"counted_at": day(5), "faulty_at": day(5)}, 5, True, True),
        ({"counted_at": day(6), "faulty_at": day(6)}, 5, False, False),
        ({"counted_at": day(1), "faulty_at": day(1), "cleared_at": day(5), "excluded_at": day(5)}, 5, False, False),
        ({"counted_at": day(1), "faulty_at": day(1), "cleared_at": day(6), "excluded_at": day(6)}, 5, True, True),
    ],
)
def test_a_row_at_the_very_moment(moments: dict[str, datetime], at: float, counts: bool, faulty: bool) -> None:
    assert (row(**moments).counts(day(at)), row(**moments).is_faulty(day(at))) == (counts, faulty)


@pytest.mark.parametrize("name", ["basis", "counted_at", "faulty_at", "cleared_at", "excluded_at", "value", "buyer"])
def test_two_rows_of_a_subject_make_one(name: str) -> None:
    less, more = {"value": (1, 5), "buyer": ("buyer:ana", "buyer:bo")}.get(name, (day(1), day(5)))
    assert merged(row(**{name: less}), row(**{name: more})) == row(**{name: less})
    assert merged(row(**{name: more}), row(**{name: less})) == row(**{name: less})
    assert merged(row(), row(**{name: more})) == row(**{name: more})
    assert merged(row(**{name: more}), row()) == row(**{name: more})
    assert merged(None, row(**{name: more})) == row(**{name: more})


@pytest.mark.parametrize(
    ("old", "new", "since"),
    [
        (None, row(), None),
        (None, row(basis=day(0), counted_at=day(3), faulty_at=day(2)), day(2)),
        (row(counted_at=day(3)), row(counted_at=day(3)), None),
        (row(counted_at=day(3)), row(counted_at=day(3), faulty_at=day(5)), day(5)),
        (row(counted_at=day(3), cleared_at=day(9)), row(counted_at=day(3), cleared_at=day(7)), day(7)),
        (row(counted_at=day(3), excluded_at=day(7)), row(counted_at=day(3)), day(7)),
        # Another date, value or buyer, since it counts; where it never does, never.
        (row(basis=day(1), counted_at=day(3)), row(basis=day(2), counted_at=day(3)), day(3)),
        (row(counted_at=day(3), value=1), row(counted_at=day(4), value=2), day(3)),
        (row(counted_at=day(3), buyer="buyer:ana"), row(counted_at=day(3)), day(3)),
        (row(basis=day(1)), row(basis=day(2)), None),
    ],
)
def test_since_when_a_subject_is_seen_otherwise(old: Tally | None, new: Tally, since: datetime | None) -> None:
    assert differs_from(old, new) == since
    rows = Tallies([] if old is None else [old])
    assert rows.put(new, instead=True) == since
    assert rows.rows["s"]["order:1"] == new


REPLY = """
[[duty]]
name = "reply"
title = "Reply"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "72 hours"
[[standard]]
name = "s"
of_duty = "reply"
window = "30 days"
"""


@pytest.mark.parametrize(
    ("status", "ended", "counted", "faulty"),
    [
        (DutyStatus.OPEN, None, None, None),
        (DutyStatus.MET, day(3), day(3), None),
        (DutyStatus.BREACHED, None, day(4), day(4)),
        (DutyStatus.CURED, day(8), day(4), day(4)),  # when it was due, however late it was done
        (DutyStatus.WAIVED, day(3), None, None),
        (DutyStatus.VOIDED, day(3), None, None),
        (DutyStatus.UNKNOWN, day(3), None, None),
        (DutyStatus.OVERTURNED, day(3), None, None),
    ],
)
def test_what_became_of_a_duty(
    status: DutyStatus, ended: datetime | None, counted: datetime | None, faulty: datetime | None
) -> None:
    duty = DutyState(
        key="k", rule="reply", rulebook="b@1", matter="m", subject="conversation:1", opened_at=day(1), opened_by="f",
        due=day(4), status=status, ended_at=ended,
    )  # fmt: skip
    for basis, moment in (("opened", day(1)), ("due", day(4)), ("ended", day(4) if faulty else ended)):
        read = tally.of_duty(rule(f'basis = "{basis}"\n', REPLY), duty, day(4))
        assert read == row(subject="duty:k", basis=moment, counted_at=counted, faulty_at=faulty)
    waived = tally.of_duty(
        rule('counted = ["met", "waived", "voided", "unknown"]\nfaulty = ["unknown"]\n', REPLY), duty, day(4)
    )
    assert (waived.counted_at is None) is (status.value in ("open", "breached", "cured", "overturned"))
    assert (waived.faulty_at is not None) is (status is DutyStatus.UNKNOWN)


def test_what_is_said_of_peers_and_the_last_word_that_counts() -> None:
    told = [
        fact("peers.measured", 1, standard="s", counted=100, faulty=5),
        fact("peers.measured", 3, standard="s", counted=100, faulty=7),
        fact("peers.measured", 4, standard="s", counted=0, faulty=0),
        fact("peers.measured", 2, standard="other", counted=10, faulty=9),
        fact("peers.measured", 9, standard="s", counted="many", faulty=None),
    ]
    states = [tally.of_peers(each) for each in told]
    assert states[0] == PeerState(key="peers.measured:1", standard="s", at=day(1), counted=100, faulty=5)
    assert (states[4].counted, states[4].faulty) == (0, 0), "no numbers, no peers"
    asks = rule('limit = { rate = "<= 150% of peers" }\n')
    found = [peers_at(asks, states, day(at)) for at in (0, 1, 2.9, 3, 9)]
    assert found == [None, Fraction(1, 20), Fraction(1, 20), Fraction(7, 100), Fraction(7, 100)]
    assert peers_at(rule(), states, day(9)) is None, "who does not ask is not told"


def test_the_newest_share_of_a_window() -> None:
    rows = Tallies(
        row(subject=f"order:{n}", basis=day(n), counted_at=day(n), faulty_at=day(n) if n >= 6 else None, value=n)
        for n in range(10)
    )
    window = (day(0), day(9))
    assert rows.count("s", window, day(20)) == Count(9, 3, 36, 9)
    assert rows.count("s", window, day(20), Fraction(1, 4)) == Count(3, 3, 21, 3), "2.25 of nine are three"
    assert rows.count("s", window, day(6.5), Fraction(1, 2)) == Count(4, 1, 18, 4), "of those that count by then"
    assert rows.count("s", (day(50), day(60)), day(70), Fraction(1, 4)) == Count()
    assert rows.count("other", window, day(20)) == Count()
    assert rows.any_from("s", day(9))
    assert not rows.any_from("s", day(9.1))
    assert not rows.any_from("other", day(0))


def test_how_many_buyers_the_faulty_ones_have() -> None:
    rows = Tallies(
        row(subject=f"order:{n}", basis=day(n), counted_at=day(n), faulty_at=day(n), buyer=buyer)
        for n, buyer in enumerate(("buyer:ana", "buyer:bo", "buyer:ana", None))
    )
    assert rows.buyers("s", (day(0), day(9)), day(9)) == {"buyer:ana": 2, "buyer:bo": 1}
    assert rows.buyers("s", (day(1), day(9)), day(9)) == {"buyer:ana": 1, "buyer:bo": 1}
    assert rows.buyers("s", (day(2), day(9)), day(9)) == {"buyer:ana": 1}
    assert rows.buyers("other", (day(0), day(9)), day(9)) == {}


def test_a_row_of_an_earlier_version_counts_by_its_rules_and_reviews_of_ones_own_do_not() -> None:
    stars = STANDARD.replace("order.paid", "review.written")
    memory = Memory(Rulebooks([parse(HEAD + stars)]), "seller:s")
    memory.note(fact("review.written", 1, score=1))
    memory.note(fact("review.written", 2, about="order:2", score=1, by="seller"))
    memory.note(fact("order.cancelled", 3, by="buyer"))
    rows = memory.counting.rows["s"]  # type: ignore[attr-defined]
    assert rows == {"order:1": row(basis=day(1), counted_at=day(1), excluded_at=day(3))}
