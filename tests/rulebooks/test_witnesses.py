"""Two rulebooks that treat a case differently have a witness: a small case, in words and as lines of a worked case."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from comity.policy.facts import Fact
from comity.policy.memory import fold
from comity.policy.rulebook import Rulebooks
from comity.rulebooks import shelf
from comity.rulebooks.language.parse import parse
from comity.rulebooks.workbench import cases
from comity.rulebooks.workbench.contrasts import line
from comity.rulebooks.workbench.difference import changes
from comity.rulebooks.workbench.pairs import pairs
from comity.rulebooks.workbench.witnesses import Witness, witnesses
from tests.policy.random_rulebooks import END, noted, rulebooks
from tests.policy.strategies import PARTY
from tests.profiles import examples

BOOK = """
name = "shop"
version = "1"
in_force_from = 2026-01-01
zone = "Europe/Berlin"
charges_from = 2026-02-01

[[clock]]
name = "office"
days = ["mon", "tue", "wed", "thu", "fri"]
hours = ["09:00-12:00", "13:00-18:00"]
holidays = "DE"
[[clock]]
name = "night"
quiet = "22:00-07:00"
[[clock]]
name = "cut"
cutoff = "14:00"
answer_by = "18:00"

[[duty]]
name = "reply"
title = "Reply"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller", automatic = false } }
within = "10 hours"
season = [{ from = "11-15", until = "12-31", within = "4 hours" }]
clock = "office"
pauses = ["holiday", "platform_outage"]
holiday_limit = "14 days"
warn_before = ["2 hours"]
repeats = true
breach = { charge = { ledger = "service", points = 2 }, notify = ["buyer"] }
[[duty]]
name = "at night"
title = "At night"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "8 hours"
clock = "night"
[[duty]]
name = "same day"
title = "The same day"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
clock = "cut"
[[duty]]
name = "deliver"
title = "Deliver"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.delivered", no_later_than = "due" }
broken_by = { fact = "shipment.delivered" }
voided_by = { fact = "order.cancelled" }
by = "deliver_by"
plus = "1 day"
decided_after = "3 days"

[[standard]]
name = "late"
title = "Late"
of_duty = "deliver"
window = [{ length = "3 months", from = 40 }, { length = "12 months" }]
evaluated = "monthly on 20"
limit = { rate = "<= 10%", at_least = 10 }
running = 2
breach = { measure = { measure = "restriction", length = "7 days", notice = "24 hours" } }
[[standard]]
name = "disputes"
title = "Disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened", unless = "withdrawn" }
excluded = { fact = "order.cancelled" }
basis = { fact = "order.paid", field = "deliver_by" }
window = "30 days"
lag = "7 days"
evaluated = "weekly on monday"
limit = { rate = "<= 20%" }
breach = { charge = { ledger = "service", points = 3 } }
[[standard]]
name = "sure"
title = "Sure"
counted = { fact = "order.paid" }
faulty = { fact = "review.written", where = { score = "<= 2" } }
window = "90 days"
evaluated = "daily"
limit = { rate = "<= 5%" }
decides = "certain"
error = 0.05
breach = { charge = { ledger = "service", points = 1 } }

[[conduct]]
name = "spam"
title = "No spam"
severity = "low"
proved_by = ["reviewer", "classifier"]
above = "95%"
charge = { ledger = "service", points = [1, 4] }

[[ledger]]
name = "service"
expires_after = "180 days"
cap_a_day = 6
merges_within = "3 days"
earn = [{ by = { fact = "course.passed" }, points = 1 }]
[[ledger.rung]]
at = 3
measure = "warning"
decided_by = "automatic"
length = "30 days"
[[ledger.rung]]
at = 12
every = 6
measure = "freeze"
length = "7 days"
notice = "48 hours"
decided_by = "reviewer"
restored_by = { fact = "course.passed" }
appeals = ["30 days"]

[reviews]
window = "60 days"

[[checklist]]
name = "glass"
title = "Glass"
categories = ["glass"]
item = [{ name = "packed", title = "Packed?" }]

[dispute]
offers = ["refund"]
appeals = ["30 days"]
inputs = { tracking = ["valid", "none"] }
hold = "next morning 09:00"
[[dispute.reason]]
name = "not received"
title = "Not received"
[[dispute.opening]]
name = "after"
after = { fact = "shipment.dispatched", plus = "10 days" }
until = { fact = "order.paid", field = "deliver_by", plus = "15 days" }
[[dispute.phase]]
name = "talk"
begun_by = { fact = "dispute.opened" }
seller = ["accept"]
buyer = ["escalate"]
after = { escalate = "3 days" }
[[dispute.row]]
name = "there"
when = { tracking = "valid" }
outcome = "seller"
[[dispute.row]]
name = "not there"
when = { tracking = "none" }
outcome = "buyer"
offer = "refund"

[[power]]
who = "agent"
may = ["pause", "suspend"]
"""
#: What is changed, and the rule that treats somebody differently then.
CHANGED = [
    ('"13:00-18:00"', '"13:00-17:00"', "reply"),
    ('holidays = "DE"\n', "", "reply"),
    ('"22:00-07:00"', '"22:00-06:00"', "at night"),
    ('cutoff = "14:00"', 'cutoff = "15:00"', "same day"),
    ('zone = "Europe/Berlin"', 'zone = "Asia/Manila"', "disputes"),
    ('"11-15", until', '"11-20", until', "reply"),
    ('pauses = ["holiday", "platform_outage"]', 'pauses = ["holiday"]', "reply"),
    ('warn_before = ["2 hours"]\n', "", "reply"),
    ("repeats = true\n", "", "reply"),
    (', notify = ["buyer"]', "", "reply"),
    (", automatic = false", "", "reply"),
    ('plus = "1 day"', 'plus = "24 hours"', "deliver"),
    ('decided_after = "3 days"', 'decided_after = "4 days"', "deliver"),
    ('voided_by = { fact = "order.cancelled" }\n', "", "deliver"),
    ("from = 40", "from = 41", "late"),
    ("running = 2\n", "", "late"),
    (', unless = "withdrawn"', "", "disputes"),
    ('excluded = { fact = "order.cancelled" }\n', "", "disputes"),
    (', field = "deliver_by" }\nwindow', " }\nwindow", "disputes"),
    ('lag = "7 days"', 'lag = "8 days"', "disputes"),
    ("weekly on monday", "weekly on tuesday", "disputes"),
    ('"<= 5%"', '"<= 6%"', "sure"),
    ("error = 0.05", "error = 0.01", "sure"),
    ('above = "95%"', 'above = "96%"', "spam"),
    ('"180 days"', '"181 days"', "service"),
    ("cap_a_day = 6", "cap_a_day = 5", "service"),
    ('merges_within = "3 days"', 'merges_within = "4 days"', "service"),
    ("points = 1 }]", "points = 2 }]", "service"),
    ("every = 6\n", "", "service"),
    ('notice = "48 hours"', 'notice = "50 hours"', "service"),
    ('restored_by = { fact = "course.passed" }\n', "", "service"),
    ('reviewer"\nrestored_by', 'two reviewers"\nrestored_by', "service"),
    ('"60 days"', '"61 days"', "reviews"),
    ('categories = ["glass"]', 'categories = ["china"]', "checklists"),
    ('plus = "10 days"', 'plus = "11 days"', "disputes"),
    ('escalate = "3 days"', 'escalate = "4 days"', "disputes"),
    ("09:00\"\n[[dispute.reason]]", "09:01\"\n[[dispute.reason]]", "disputes"),
    ('outcome = "buyer"', 'outcome = "nobody"', "disputes"),
    ('"pause", "suspend"', '"pause"', "powers"),
    ("charges_from = 2026-02-01", "charges_from = 2026-02-02", "shop"),
    ("in_force_from = 2026-01-01", "in_force_from = 2026-01-02", "shop"),
]  # fmt: skip


class Setting(cases.Settings):
    def of(self, rulebook: str, version: str) -> cases.Setting:
        return cases.setting_of(parse(BOOK))


def facts_of(witness: Witness) -> tuple[Fact, ...]:
    lines = ", ".join(f'"{line}"' for line in witness.facts)
    (case,) = cases.read(f'[[case]]\nname = "x"\nfacts = [{lines}]\n[case.expect]\n', Setting(), own="shop")
    return case.facts


@pytest.mark.parametrize(("was", "now", "rule"), CHANGED, ids=[f"{was} {now}".strip() for was, now, _ in CHANGED])
def test_a_change_that_treats_somebody_differently_has_a_witness(was: str, now: str, rule: str) -> None:
    assert BOOK.count(was) == 1 or rule in ("disputes", "service"), was
    old, new = parse(BOOK), parse(BOOK.replace(was, now, 1))
    assert changes(old, new)
    found = {witness.rule: witness for witness in witnesses(old, new)}
    assert rule in found, list(found)
    assert found[rule].before != found[rule].after
    if found[rule].facts:
        assert len(facts_of(found[rule])) >= len(found[rule].facts), "its lines are a worked case"


def test_the_lines_of_a_witness_are_treated_differently_when_they_are_read() -> None:
    old, new = parse(BOOK), parse(BOOK.replace('decided_after = "3 days"', 'decided_after = "4 days"'))
    (pair,) = (pair for pair in pairs(old, new) if pair.name == "deliver")
    (witness,) = (each for each in witnesses(old, new) if each.rule == "deliver")
    facts = facts_of(witness)
    until = facts[-1].noted_at.replace(year=2028)
    seen = [
        {
            (duty.status, duty.ended_at, duty.next_at)
            for duty in fold(Rulebooks([book]), PARTY, facts, until=until).all_duties()
        }
        for book in (pair.old, pair.new)
    ]
    assert seen[0] != seen[1]


@pytest.mark.parametrize("hour", [0, 1])
def test_a_line_of_an_hour_that_comes_twice_says_which(hour: int) -> None:
    at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)  # 02:30 in Berlin, twice
    fact = Fact(
        id="f1", kind="order.paid", at=at, noted_at=at, subject="order:1", matter="order:1", party=PARTY, data={}
    )
    read = facts_of(Witness("deliver", "", "", "", (line(fact, "Europe/Berlin"),)))
    assert [each.at for each in read] == [at]


def test_what_is_only_read_has_none() -> None:
    old = shelf.load("etsy")
    renamed = replace(old, duties=tuple(replace(duty, title="Other", source="elsewhere") for duty in old.duties))
    assert changes(old, renamed)
    assert list(witnesses(old, renamed)) == []


@given(rulebooks(), rulebooks(), noted())
@settings(max_examples=examples(60))
def test_whatever_differs_in_the_judge_is_named(one: Rulebooks, other: Rulebooks, facts: list[Fact]) -> None:
    """A duty that two rulebooks judge differently is named by `diff`, or one is whose breach opens it."""
    books = [next(iter(each)) for each in (one, other)]
    judged: list[dict[str, set[object]]] = []
    for book in books:
        of_rule: dict[str, set[object]] = {}
        for duty in fold(Rulebooks([book]), PARTY, facts, until=END).all_duties():
            of_rule.setdefault(duty.rule, set()).add((duty.subject, duty.opened_at, duty.due, duty.status))
        judged.append(of_rule)
    named = {change.name for change in changes(*books) if change.kind == "duty"}
    for name in {*judged[0], *judged[1]}:
        if judged[0].get(name) != judged[1].get(name):
            openers = {rule.name for book in books for rule in book.duties if rule.breach.opens == name}
            assert named & {name, *openers}, name
