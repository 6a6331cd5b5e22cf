"""What a rulebook may say about disputes: read, refused with its line, told in words, and seen by `diff`."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction

import pytest

from comity.policy.disputes.edges import Edge
from comity.policy.disputes.rule import CODES, Bidding, Ground, Hold, SmallClaims
from comity.policy.follows import Decision, Follow, of_breach
from comity.policy.lives import read_ruling
from comity.policy.matching import Match
from comity.policy.rulebook import Rulebook
from comity.policy.time.calendars import Days
from comity.policy.time.clocks import ALWAYS
from comity.rulebooks import shelf
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook, duration
from comity.rulebooks.words import ENGLISH, part_of, sentences
from comity.rulebooks.workbench import silences
from comity.rulebooks.workbench.analysis import analyse
from comity.rulebooks.workbench.difference import changes
from comity.rulebooks.workbench.witnesses import witnesses

HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\nzone = "Europe/Berlin"\n'
DUTY = """
[[duty]]
name = "answer"
title = "Answer"
who = "seller"
each = "dispute"
opened_by = { fact = "dispute.opened" }
met_by = { fact = "dispute.answered" }
within = "5 days"
"""
DECIDES = DUTY + 'breach = { decide = "buyer" }\n'
REASON = '[[dispute.reason]]\nname = "damaged"\ntitle = "Damaged"\nbuyer_evidence = ["photo"]\n'
RECEIPT = Edge(Match("order.receipt_confirmed"), clock=replace(ALWAYS, zone="Europe/Berlin"), zone="Europe/Berlin")
HOUSE = shelf.load("comity")


def book(dispute: str, duty: str = DECIDES) -> Rulebook:
    return parse(HEAD + duty + "[dispute]\n" + dispute)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ('hold = "12 hours"', "hold", Hold(timedelta(hours=12), zone="Europe/Berlin")),
        ('hold = "next morning 09:00"', "hold", Hold(at=time(9), zone="Europe/Berlin")),
        ("small_claims = { most = { EUR = 1000, JPY = 1500 } }", "small_claims", SmallClaims({"EUR": 1000, "JPY": 1500})),
        ('bidding = { margin = "10%" }', "bidding", Bidding(Fraction(1, 10))),
        ('appeal_waits = ["money", "points"]', "appeal_waits", ("money", "points")),
        ('set_aside = "14 days"', "set_aside", Days(14)),
        ('refund_order = "in order"', "refund_order", "in order"),
        ("by_facts = true", "by_facts", True),
        ('received = { fact = "order.receipt_confirmed" }', "received", (RECEIPT,)),
        ("two_mediators_above = { EUR = 50000 }", "two_mediators_above", {"EUR": 50_000}),
        ('evidence_until = "answer"', "evidence_until", "answer"),
        ('[[dispute.ground]]\nname = "new"\ntitle = "New"\nproof = "what"', "grounds", (Ground("new", "New", "what"),)),
        (REASON + '[dispute.return_postage]\ndamaged = "platform"', "return_postage", {"damaged": "platform"}),
    ],
)  # fmt: skip
def test_what_is_written_is_read(text: str, field: str, value: object) -> None:
    rules = book(text + "\n").dispute
    assert rules is not None
    assert getattr(rules, field) == value


def test_what_nobody_writes_is_at_its_default() -> None:
    rules = book("").dispute
    assert rules is not None
    assert (rules.deviation, rules.refund_order, rules.reversal_of_money) == ("reason", "proportion", "platform")
    assert (rules.hold, rules.small_claims, rules.bidding, rules.set_aside) == (None, None, None, None)
    assert not rules.who_heard_may_decide
    assert rules.pays_way_back("anything") == "seller"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('hold = "tomorrow"', "line 16: 'tomorrow' is not a length of time"),
        ('hold = "next morning 25:00"', "line 16: hour must be in 0..23"),
        ("small_claims = { most = { EURO = 1000 } }", "'EURO' is no currency"),
        ("small_claims = { outcome = \"buyer\" }", "missing most"),
        ("bidding = { margin = \"10%\", rounds = 3 }", "rounds must be a whole number from 1 to 2"),
        ('evidence_until = "nothing"', "unknown evidence_until 'nothing'"),
        ('against_seller = "abuse"', "unknown conduct rule 'abuse'"),
        ('offers = ["refnd"]', "unknown 'refnd' in offers"),
        ('appeal_waits = ["time"]', "unknown 'time' in appeal_waits"),
        ('return_postage = { lost = "buyer" }', "unknown reason 'lost'"),
        (REASON + "weights = { film = 2 }", "'film' is no evidence of this reason"),
        (REASON + 'prove = "agent"', "unknown prove 'agent'"),
        ('[[dispute.row]]\nname = "any"\noutcome = "buyer"\ncode = "VALID_PROOF"', "unknown code 'VALID_PROOF'"),
        ('[[dispute.row]]\nname = "any"\noutcome = "both"\nshare = "150%"', "share must be a chance"),
        ('[[dispute.phase]]\nname = "n"\nbegun_by = { fact = "dispute.opened" }\nbuyer = ["shout"]', "unknown 'shout' in buyer"),
        ('[[dispute.phase]]\nname = "n"\nbegun_by = { fact = "dispute.opened" }\nafter = { escalate = "3 days" }', "nobody may 'escalate' in this phase"),
        ('[[dispute.opening]]\nname = "o"\nafter = { fact = "shipment.delivered", plus = "72 hours", count = "law" }', "the law counts days"),
        ('[[dispute.opening]]\nname = "o"\nafter = { fact = "order.paid", every = "parcel" }', "every parcel of an order is one that is delivered"),
        ('[[dispute.opening]]\nname = "o"\nafter = { fact = "order.paid", stops = { from = { fact = "carrier.claimed" } } }', "missing until"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text: str, mistake: str) -> None:
    with pytest.raises(BadRulebook) as raised:
        book(text + "\n")
    assert mistake in str(raised.value)


@pytest.mark.parametrize(
    ("breach", "mistake"),
    [
        ('cost = "platform"', "cost goes with `decide`"),
        ('amount = "nothing"', "amount goes with `decide`"),
        ('decide = "buyer", cost = "buyer"', "unknown cost 'buyer'"),
        ('close = "perhaps"', "unknown close 'perhaps'"),
    ],
)
def test_consequences_that_cannot_be(breach: str, mistake: str) -> None:
    with pytest.raises(BadRulebook) as raised:
        parse(HEAD + DUTY + f"breach = {{ {breach} }}\n")
    assert mistake in str(raised.value)


@pytest.mark.parametrize(
    ("breach", "brings", "words"),
    [
        ('decide = "buyer"', [("decide", "buyer")], "the dispute is decided for the buyer"),
        ('decide = "buyer", cost = "platform"', [("decide", "buyer cost=platform")], "at the cost of the platform"),
        ('decide = "seller", amount = "nothing"', [("decide", "seller amount=nothing")], "nothing is paid"),
        ('revive = true, decide = "buyer"', [("revive", "claim"), ("decide", "buyer")], "the claim lives again"),
        ("hand_over = true", [("hand_over", "agent")], "the case goes to another agent"),
        ('close = "for good"', [("close", "for good")], "the dispute is closed for good"),
        ('close = "open again"', [("close", "open again")], "and may be opened again"),
        ("refund = true", [("refund", "buyer")], "what was agreed is paid"),
        ("remind = true", [("remind", "seller")], "who is late is told once more"),
    ],
)
def test_each_consequence_is_brought_and_told(breach: str, brings: list[tuple[str, str]], words: str) -> None:
    (rule,) = parse(HEAD + DUTY + f"breach = {{ {breach} }}\n").duties
    assert of_breach(rule) == brings
    told = {line.told.label: line.text() for line in part_of(rule).lines}
    assert words in told["If not"]


@pytest.mark.parametrize(
    "said", [Decision("buyer"), Decision("buyer", "platform"), Decision("seller", "carrier", "nothing")]
)
def test_a_decision_is_read_as_it_was_written(said: Decision) -> None:
    assert Decision.read(str(said)) == said


def test_a_decision_of_an_old_journal_names_the_side_alone() -> None:
    line = (
        '{"ruling":"Follow","at":"2026-03-02T10:00:00Z","matter":"order:1","rule":"answer","rulebook":"b@1",'
        '"key":"k","what":"decide","value":"buyer","because":"d"}'
    )
    ruling = read_ruling(line)
    assert isinstance(ruling, Follow)
    assert Decision.read(ruling.value) == Decision("buyer", "", "asked")


# Lengths


def test_days_and_hours_are_not_the_same() -> None:
    assert duration("3 days") == Days(3)
    assert duration("3 days") != duration("72 hours")
    assert not {duration("3 days")} & {duration("72 hours")}
    assert duration("72 hours") == timedelta(hours=72)
    assert sorted([duration("4 days"), duration("72 hours")]) == [timedelta(hours=72), Days(4)]
    assert [ENGLISH.length(duration(text)) for text in ("3 days", "72 hours", "96 hours")] == [
        "3 days",
        "72 hours",
        "96 hours",
    ]


def test_diff_sees_that_hours_became_days() -> None:
    old, new = (parse(HEAD + DUTY.replace("5 days", within)) for within in ("120 hours", "5 days"))
    (change,) = changes(old, new)
    assert [(each.label, each.before, each.after) for each in change.fields] == [("How long", "120 hours", "5 days")]
    (witness,) = witnesses(old, new)
    hours, days = (re.search(r"due ([0-9-]+ [0-9:]+)", said) for said in (witness.before, witness.after))
    assert hours is not None
    assert days is not None
    apart = datetime.fromisoformat(days[1]) - datetime.fromisoformat(hours[1])
    assert abs(apart) == timedelta(hours=1), "as long, but where clocks change"


def test_the_hold_leaves_at_the_hour_of_the_next_morning() -> None:
    written = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)  # 23:30 in Berlin, whose clocks go forward in the night
    assert Hold(at=time(9), zone="Europe/Berlin").leaves(written) == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert Hold(timedelta(hours=12)).leaves(written) == written + timedelta(hours=12)


def test_small_claims_are_those_up_to_the_limit_of_their_currency() -> None:
    small = SmallClaims({"EUR": 1000})
    assert [small.covers(amount, "EUR") for amount in (0, 1, 1000, 1001)] == [False, True, True, False]
    assert not small.covers(1, "JPY")


# Silences


def without(name: str) -> list[str]:
    """The findings of the house rules without the duty `name`; each is confirmed by the judge."""
    left = replace(HOUSE, duties=tuple(rule for rule in HOUSE.duties if rule.name != name))
    found = [finding for finding in analyse(left) if finding.name.startswith("silence:after:")]
    assert all(finding.confirmed and finding.witness for finding in found)
    return [finding.name.removeprefix("silence:after:") for finding in found]


@pytest.mark.parametrize(
    ("duty", "silent"),
    [
        ("platform decides", ["escalated"]),
        ("give the label", ["return at seller's cost", "return at platform's cost"]),
        ("send back", ["return at buyer's cost", "label"]),
        ("confirm return", ["returned"]),
        ("answer the contest", ["contested"]),
        ("keep the promise", ["promise of replacement", "promise of resend", "promise of repair"]),
        ("hear the appeal", ["appeal"]),
        # Another duty ends what these would: the negotiation lasts 20 days at the most.
        ("answer the seller", []),
        ("answer the other offer", []),
        ("mediator acts", []),
    ],
)
def test_a_silence_that_nothing_ends_is_found(duty: str, silent: list[str]) -> None:
    assert without(duty) == silent


def test_handing_over_alone_ends_nothing() -> None:
    changed = [
        replace(rule, breach=replace(rule.breach, decide="", cost="", hand_over=True)) if rule.name == "platform decides" else rule
        for rule in HOUSE.duties
    ]  # fmt: skip
    (found,) = silences.endless(replace(HOUSE, duties=tuple(changed)))
    assert found.silence.name == "escalated"
    assert "hand_over agent" in found.follows


def test_the_house_rules_accept_what_is_found_and_cover_every_reason() -> None:
    assert [finding.name for finding in analyse(HOUSE) if not finding.accepted] == []
    rules = HOUSE.dispute
    assert rules is not None
    assert set(rules.inputs["reason"]) == set(rules.reasons)
    opened = {reason for opening in rules.openings for reason in opening.reasons}
    assert opened == set(rules.reasons)
    assert {row.code for row in rules.table if row.code} <= set(CODES)
    assert rules.grounds
    assert all(rule.source for rule in HOUSE.duties)


def test_the_house_rules_are_told() -> None:
    said = "\n".join(sentences(HOUSE))
    for text in (
        "Before a decision leaves: it waits until 09:00 of the next morning",
        "Small claims: up to 10.00 EUR, decided at once for the buyer, at the cost of the platform",
        "by the law's count of days, to the end of the last day, from the last parcel of the order",
        "reason code VALID_PROOF_OF_DELIVERY",
        "the seller must prove it",
    ):
        assert text in said
