"""Every kind of finding, on a rulebook that has it and nothing else; each witness is confirmed by the judge."""

from dataclasses import fields, replace

import pytest

from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.measures import ChargeOf
from comity.policy.standards.rule import Level
from comity.rulebooks import shelf
from comity.rulebooks.language.parse import parse
from comity.rulebooks.words.labels import TOLD
from comity.rulebooks.workbench.analysis import analyse
from comity.rulebooks.workbench.difference import changes
from comity.rulebooks.workbench.witnesses import witnesses

HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\n'
REPLY = """
[[duty]]
name = "reply"
title = "Reply"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "72 hours"
breach = { charge = { ledger = "points", points = 1 } }
"""
LEDGER = '[[ledger]]\nname = "points"\nexpires_after = "365 days"\n'
CLOSURE = '[[ledger.rung]]\nat = 48\nmeasure = "closure"\nnotice = "30 days"\nappeals = ["30 days"]\n'
WARNING = '[[ledger.rung]]\nat = 12\nmeasure = "warning"\n'
CONDUCT = '[[conduct]]\nname = "fakes"\ntitle = "No fakes"\nseverity = "high"\ncharge = { ledger = "points", points = [1, 48] }\n'
DISPUTE = '[dispute]\ninputs = { tracking = ["valid", "late", "none"], photo = ["yes", "no"] }\n'
ANSWER = """
[[duty]]
name = "answer"
title = "Answer"
who = "seller"
opened_by = { fact = "dispute.opened" }
met_by = { fact = "dispute.answered" }
within = "5 days"
"""
STANDARD = '[[standard]]\nname = "late"\ncounted = { fact = "order.paid" }\nfaulty = { fact = "order.cancelled" }\nwindow = "30 days"\n'
LIMIT = 'limit = { rate = "<= 10%" }\n'
SHUTS = 'breach = {{ measure = {{ measure = "{}", notice = "30 days", decided_by = "two reviewers"{} }} }}\n'
#: A warning always comes first: it takes less, and one evaluation fewer.
WARNED = """
[[standard.level]]
name = "bad"
limit = { rate = "<= 10%" }
measure = { measure = "warning", decided_by = "automatic" }
[[standard.level]]
name = "worse"
limit = { rate = "<= 20%" }
running = 2
measure = { measure = "freeze", notice = "1 day", length = "7 days" }
"""
FREEZES = 'measure = { measure = "freeze", notice = "1 day", length = "7 days" }'
FAKES = '[[conduct]]\nname = "fakes"\ntitle = "No fakes"\nseverity = "high"\ncharge = { ledger = "points", points = [1, 6] }\n'
_RUNGS = '[[ledger.rung]]\nat = 2\nmeasure = "warning"\n[[ledger.rung]]\nat = 12\nmeasure = "restriction"\nlength = "7 days"\nnotice = "1 day"\n'
OFTEN = (
    '[[conduct]]\nname = "small"\ntitle = "Small"\nseverity = "low"\ncharge = {{ ledger = "often", points = 1 }}\n[[ledger]]\nname = "often"\n{}\n'
    + _RUNGS
)
MONTHLY = (
    STANDARD.replace("{", "{{").replace("}", "}}")
    + 'evaluated = "monthly on 1"\nlimit = {{ rate = "<= 10%" }}\nbreach = {{ charge = {{ ledger = "often", points = 2 }} }}\n[[ledger]]\nname = "often"\nexpires_after = "{}"\n'
    + _RUNGS
)
REMINDED = '[[ledger.rung]]\nat = 4\nmeasure = "warning"\n' + "".join(
    f'[[ledger.rung]]\nat = {at}\nmeasure = "{measure}"\n'
    for at, measure in (
        (12, 'restriction"\nlength = "7 days"\nnotice = "1 day'),
        (18, "warning"),
        (24, 'restriction"\nlength = "9 days"\nnotice = "1 day'),
    )
)


def names(text: str) -> list[str]:
    findings = analyse(parse(HEAD + text))
    assert all(finding.confirmed for finding in findings), findings
    return [finding.name for finding in findings]


def row(name: str, when: str, outcome: str) -> str:
    return f'[[dispute.row]]\nname = "{name}"\n{when}\noutcome = "{outcome}"\n'


DECIDES = ANSWER + 'breach = { decide = "buyer" }\n'
COVERED = row("valid", 'when = { tracking = "valid" }', "seller") + row(
    "rest", 'when = { tracking = ["late", "none"] }', "buyer"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (REPLY + LEDGER + WARNING, []),
        (REPLY.replace("message.sent\", where = { by = \"buyer\" }", "order.paid\"").replace('who = "seller"', 'who = "seller"\neach = "conversation"') + LEDGER, ["dead:reply"]),
        (REPLY.replace('who = "seller"', 'who = "seller"\neach = "conversation"').replace('met_by = { fact = "message.sent", where = { by = "seller" } }', 'met_by = { fact = "order.paid" }') + LEDGER, ["unmeetable:reply"]),
        (REPLY + LEDGER + '[[ledger]]\nname = "idle"\nexpires_after = "9 days"\n', ["dead:idle"]),
        (REPLY.replace("points = 1", "points = 12") + LEDGER + '[[ledger.rung]]\nat = 6\nmeasure = "warning"\n' + WARNING, ["dead:points:6"]),
        (REPLY + LEDGER + '[[standard]]\nname = "late"\nof_duty = "reply"\nwindow = "7 days"\nlevel = [{ name = "one", limit = { rate = "<= 10%" } }, { name = "two", limit = { rate = "<= 10%" } }]\n', ["dead:late:one"]),
        (REPLY + LEDGER + '[[standard]]\nname = "late"\nof_duty = "reply"\nwindow = "7 days"\nlimit = { faulty = ">= 0" }\n', ["dead:late:limit"]),
        (REPLY + LEDGER + '[[standard]]\nname = "late"\nof_duty = "reply"\ncounted = ["met", "voided"]\nwindow = "7 days"\n', ["dead:late:voided"]),
        (REPLY + LEDGER + '[[standard]]\nname = "stars"\neach = "conversation"\ncounted = { fact = "review.written" }\nwindow = "7 days"\n', ["dead:stars:counted:review.written"]),
        (REPLY + LEDGER + STANDARD.replace('name = "late"', 'name = "late"\neach = "fact"').replace('paid" }\nf', 'paid" }\ncleared = { fact = "order.paid" }\nexcluded = { fact = "review.written" }\nf').replace('cancelled" }', 'cancelled", unless = "refunded" }'), ["dead:late:unless:order.refunded", "dead:late:excluded:review.written"]),
        (REPLY + LEDGER + '[[ledger.rung]]\nat = 12\nmeasure = "freeze"\nlength = "30 days"\nnotice = "1 day"\n[[ledger.rung]]\nat = 24\nmeasure = "freeze"\nlength = "7 days"\nnotice = "1 day"\n', ["milder:points:24", "freeze-without-warning:points:12"]),
        (REPLY + CONDUCT + LEDGER + WARNING + CLOSURE, ["closure-without-warning:points:48"]),
        (REPLY + LEDGER + WARNING + CLOSURE.replace('appeals = ["30 days"]\n', ""), ["closure-without-appeal:points:48"]),
        (ANSWER, ["silence:answer"]),
        (DECIDES + DISPUTE + COVERED, []),
        (REPLY + LEDGER + DISPUTE + COVERED, ["silence:dispute"]),
        (DECIDES + DISPUTE + row("valid", 'when = { tracking = "valid" }', "seller") + row("late", 'when = { tracking = "late" }', "buyer"), ["uncovered:none,yes"]),
        (DECIDES + DISPUTE + COVERED + row("never", 'when = { photo = "yes" }', "buyer"), ["dead:row:never", "conflict:row:valid:never"]),
        (DECIDES + DISPUTE + row("photo", 'when = { photo = "yes" }', "buyer") + COVERED, ["conflict:row:photo:valid"]),
        (DECIDES + '[dispute]\nreason = [{ name = "lost", title = "Lost" }, { name = "fake", title = "Fake" }]\nopening = [{ name = "o", reasons = ["lost"], after = { fact = "order.paid" } }]\n', ["dead:reason:fake"]),
        (REPLY + LEDGER + '[[power]]\nwho = "agent"\nmay = ["pause", "publish"]\nmay_not = ["publish"]\n', ["conflict:power:agent:publish"]),
        (REPLY + LEDGER + STANDARD + 'limit = [{ faulty = "<= 3", below = 30 }, { rate = "<= 10%", from = 40 }]\n', ["gap:late:limit:30-39"]),
        (REPLY + LEDGER + STANDARD + 'limit = [{ faulty = "<= 3", below = 30 }, { rate = "<= 10%", from = 30, below = 50 }, { rate = "<= 5%", from = 50 }]\n', []),
        (REPLY + LEDGER + STANDARD + 'limit = { rate = "<= 10%", from = 40 }\n', []),
        (REPLY + LEDGER + STANDARD + LIMIT + SHUTS.format("closure", ', appeals = ["30 days"]'), ["closure-without-warning:late:limit"]),
        (REPLY + LEDGER + STANDARD + LIMIT + SHUTS.format("closure", ', needs = "told warning"'), ["closure-without-appeal:late:limit"]),
        (REPLY + LEDGER + STANDARD + LIMIT + SHUTS.format("freeze", ""), ["freeze-without-warning:late:limit"]),
        (REPLY + LEDGER + STANDARD + WARNED, []),
        (REPLY + LEDGER + STANDARD + WARNED.replace("running = 2\n", ""), ["freeze-without-warning:late:worse"]),
        (REPLY.replace("charge = { ledger = \"points\", points = 1 }", FREEZES) , ["freeze-without-warning:reply"]),
        (REPLY + FAKES + LEDGER + '[[ledger.rung]]\nat = 2\nmeasure = "warning"\n[[ledger.rung]]\nat = 6\nmeasure = "freeze"\nlength = "7 days"\nnotice = "1 day"\n', ["freeze-without-warning:points:6"]),
        (REPLY + LEDGER + OFTEN.format('cap_a_day = 1\nexpires_after = "7 days"'), ["unreachable:often:12"]),
        (REPLY + LEDGER + OFTEN.format('cap_a_day = 2\nexpires_after = "7 days"'), []),
        (REPLY + LEDGER + OFTEN.format('merges_within = "3 days"\nexpires_after = "30 days"'), ["unreachable:often:12"]),
        (REPLY + LEDGER + OFTEN.format('counts = "strikes"\nexpires_after = "7 days"'), []),
        (REPLY + LEDGER + MONTHLY.format("60 days"), ["unreachable:often:12"]),
        (REPLY + LEDGER + MONTHLY.format("365 days"), []),
        (ANSWER + 'breach = { decide = "buyer" }\n' + ANSWER.replace('"answer"', '"other"') + 'breach = { decide = "seller" }\n', ["conflict:duty:answer:other"]),
        (ANSWER + 'breach = { decide = "buyer" }\n' + ANSWER.replace('"answer"', '"other"') + 'breach = { decide = "buyer" }\n', []),
        (ANSWER + 'breach = { decide = "buyer" }\n' + ANSWER.replace('"answer"', '"other"').replace("5 days", "9 days") + 'breach = { decide = "seller" }\n', ["conflict:duty:answer:other"]),
        (ANSWER + 'breach = { decide = "buyer" }\n' + ANSWER.replace('"answer"', '"other"').replace("5 days", "9 days") + 'voided_by = { fact = "dispute.decided" }\nbreach = { decide = "seller" }\n', []),
        (REPLY + LEDGER + 'warn_before = ["73 hours"]\n'.join(REPLY.replace('"reply"', '"late reply"').split("breach")[:1]) + 'warn_before = ["73 hours"]\n', ["late-warning:late reply:73 hours"]),
        (REPLY.replace('within = "72 hours"', 'within = "72 hours"\nseason = [{ from = 2025-11-01, until = 2025-12-31, within = "1 day" }]') + LEDGER, ["dead:reply:season:2025-11-01"]),
        (REPLY.replace('within = "72 hours"', 'within = "72 hours"\nseason = [{ from = "11-01", until = "12-31", within = "1 day" }]') + LEDGER, []),
        (REPLY + LEDGER + REMINDED, []),
        (REPLY + LEDGER + '[[accepted]]\nfinding = "dead:nothing"\nreason = "none"\n', ["accepted:dead:nothing"]),
    ],
)  # fmt: skip
def test_each_kind_of_finding(text: str, expected: list[str]) -> None:
    assert sorted(names(text)) == sorted(expected)


def test_a_finding_is_accepted_with_its_reason() -> None:
    book = parse(HEAD + ANSWER + '[[accepted]]\nfinding = "silence:answer"\nreason = "we ask again"\n')
    (finding,) = analyse(book)
    assert finding.accepted == "we ask again"
    assert 'facts = ["day 0 dispute.opened on=dispute:1"]' in finding.witness


@pytest.mark.parametrize("stem", shelf.all_names())
def test_all_rulebooks_that_come_with_comity_are_clean_or_say_why(stem: str) -> None:
    book = shelf.load(stem)
    open_ = [finding for finding in analyse(book) if not finding.accepted or not finding.confirmed]
    assert not open_
    sources = {name: rule.source for name, rule in book.rules.items()} | {
        n: each.source for n, each in book.ledgers.items()
    }
    assert [name for name, source in sources.items() if not source] == [], "where the numbers come from"


def small(limit: str, within: str = "72 hours", points: int = 12) -> Rulebook:
    standard = f'[[standard]]\nname = "late"\ncounted = {{ fact = "order.paid" }}\nfaulty = {{ fact = "dispute.opened" }}\nwindow = "7 days"\nlimit = {limit}\nbreach = {{ measure = {{ measure = "warning", decided_by = "automatic" }} }}\n'
    return parse(HEAD + REPLY.replace("72 hours", within) + standard + LEDGER + WARNING.replace("12", str(points)))


def test_a_smallest_witness_of_what_changed() -> None:
    old, new = small('{ rate = "<= 10%", at_least = 25 }'), small('{ rate = "<= 5%", at_least = 25 }', "48 hours", 6)
    assert [(change.what, change.kind, change.name) for change in changes(old, new)] == [
        ("changed", "duty", "reply"), ("changed", "standard", "late"), ("changed", "ledger", "points"),
    ]  # fmt: skip
    said = {witness.rule: str(witness) for witness in witnesses(old, new)}
    seen = "a seller with 2 of 25 faulty (8%) was fine, and would now be limit: warning without end, by the rule alone"
    assert said["late"] == seen
    assert said["points"].startswith(
        "a party with 5 points on points and 1 more was left as it is, and would now be warning"
    )
    assert "done 48 hours and a minute after it began" in said["reply"]


def test_a_witness_says_all_that_follows_from_a_level() -> None:
    conditions = {"name", "limits", "at_least", "running", "source"}
    follows = {name for name, told in TOLD[Level].items() if told.place == "follows"}
    assert follows == {field.name for field in fields(Level)} - conditions, "no witness would tell it"
    limit = '{ rate = "<= 5%", at_least = 25 }'
    old = small(limit)
    late = old.standards["late"]
    louder = replace(late.levels[0], notify=("agent",), charge=ChargeOf("points", 2))
    new = replace(old, standards={"late": replace(late, levels=(louder,))})
    (said,) = map(str, witnesses(old, new))
    warning = "warning without end, by the rule alone"
    assert said.endswith(
        f"was limit: {warning}, and would now be limit: 2 points on the ledger points; {warning}; told: agent"
    )


def test_nothing_changed_has_no_witness() -> None:
    book = small('{ rate = "<= 10%" }')
    assert changes(book, book) == []
    assert list(witnesses(book, book)) == []


def test_a_decision_table_that_changed_has_a_case() -> None:
    old, new = (
        parse(HEAD + DECIDES + DISPUTE + COVERED),
        parse(
            HEAD + DECIDES + DISPUTE + COVERED.replace('"valid" }\noutcome = "seller"', '"valid" }\noutcome = "both"')
        ),
    )
    (found,) = witnesses(old, new)
    assert (
        str(found)
        == "a dispute with tracking = valid, photo = yes was decided for seller, and would now be decided for both"
    )
