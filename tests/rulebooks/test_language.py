"""The language's edges: bad rulebooks are refused with a line and a hint, or bounded; the schema fits what parses."""

from typing import Any

import jsonschema_rs
import pytest

from comity.lib.greetings import is_greeting
from comity.policy.powers import VERBS, lets
from comity.policy.rulebook import PowerRule
from comity.rulebooks import shelf
from comity.rulebooks.language import schema, tree
from comity.rulebooks.language.examples import whole
from comity.rulebooks.language.keys import FIELDS
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook
from tests.rulebooks.test_analysis import HEAD, LEDGER, REPLY

BASE = HEAD + REPLY + LEDGER
STANDARD = '[[standard]]\nname = "late"\ncounted = { fact = "order.paid" }\nfaulty = { fact = "dispute.opened" }\nwindow = "7 days"\n'
SECOND = REPLY.replace('"reply"', '"again"').replace(
    'opened_by = { fact = "message.sent", where = { by = "buyer" } }\n', ""
)


def mistakes(text: str) -> str:
    with pytest.raises(BadRulebook) as raised:
        parse(text)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BASE + STANDARD + 'limit = { rate = "<= 101%" }', "is over 100 %"),
        (BASE + STANDARD + 'limit = { rate = "5%" }', "'5%' is no bound"),
        (BASE + STANDARD + 'limit = { }', "a limit names at least one bound"),
        (BASE + STANDARD + 'limit = { rate = "<= 5%" }\nlevel = [{ name = "a", limit = { rate = "<= 9%" } }]', "either a limit or levels"),
        (BASE + STANDARD + 'evaluated = "hourly"', "is not a recurring day"),
        (BASE + STANDARD.replace('"7 days"', '"0 days"'), "more than nothing"),
        (BASE + STANDARD.replace('"7 days"', '[{ length = "7 days", weight = "60%" }]'), "weights of all windows sum to 100%"),
        (BASE + STANDARD.replace('"7 days"', '[{ length = "7 days", from = 4 }]'), "the last window is for all other volumes"),
        (BASE + STANDARD + 'lag = "5 hours"', "a lag is whole days"),
        (BASE + STANDARD + 'each = "dispute"\nlimit = { rate = "<= 2%", buyers = "<= 4", hold = "any" }', "buyers are known of a seller's orders"),
        (BASE + STANDARD + 'who = "buyer"\nlimit = { buyers = "<= 4" }', "buyers are known of a seller's orders"),
        (BASE + STANDARD.replace('"7 days"', '[{ length = "7 days", weight = "100%", latest = "50%" }]') + 'limit = { buyers = "<= 4" }', "buyers are not counted of the newest share"),
        (BASE + STANDARD + 'limit = { faulty = "<= 2" }\ndecides = "certain"', "certain tests one rate against one limit"),
        (BASE + STANDARD + 'limit = { rate = "<= 5%" }\ndecides = "certain"\nerror = 2', "a chance between 0 and 1"),
        (BASE + STANDARD + 'error = 0.1', 'error goes with decides = "certain"'),
        (BASE + STANDARD.replace("dispute.opened", "dispute.won"), "unknown fact 'dispute.won'"),
        (BASE + STANDARD.replace('dispute.opened" }', 'dispute.opened", unless = "forgotten" }'), "unknown kind of fact 'dispute.forgotten'"),
        (BASE + STANDARD.replace('"late"', '"reply"'), "a duty is named 'reply' already"),
        (BASE + STANDARD + 'breach = { escalate = true }\nlimit = { rate = "<= 5%" }', "a standard's breach has no 'escalate'"),
        (BASE + '[[clock]]\nname = "c"\ncutoff = "18:00"', "cutoff and answer_by go together"),
        (BASE + '[[clock]]\nname = "c"\ncutoff = "18:00"\nanswer_by = "17:00"', "the answer is due before the cut-off"),
        (BASE + '[[clock]]\nname = "c"\ndefer = { days = ["sat"], to = "sat 12:00" }', "is one of the days that wait"),
        (BASE + '[[clock]]\nname = "c"\nzone = "Europe/Berln"', "unknown time zone 'Europe/Berln'"),
        (BASE.replace('within = "72 hours"', 'within = "0 hours"'), "must be more than nothing"),
        (BASE.replace('within = "72 hours"', 'within = "72 hours"\nplus = "1 day"'), "plus goes with `by`"),
        (BASE.replace('who = "seller"', 'who = "buyer"'), "points and measures would go to the seller"),
        (BASE + SECOND, "missing opened_by"),
        (BASE.replace('met_by = { fact = "message.sent",', 'met_by = { fact = "message.sent", unless = "x",'), "unless goes with the faulty facts"),
        (BASE.replace("points = 1 }", 'points = 1 }, opens = "again"') + SECOND.replace("points = 1 }", 'points = 1 }, opens = "reply"'), "duties open one another in a circle: reply, again, reply"),
        (BASE.replace("points = 1 }", 'points = 1 }, opens = "again"') + SECOND.replace('within = "72 hours"', 'by = "due"'), "is opened by a breach, which has no moment of its own"),
        (BASE + '[[ledger.rung]]\nat = 2\nmeasure = "warning"\n[[ledger.rung]]\nat = 2\nmeasure = "freeze"\nnotice = "1 day"', "rung at 2 follows rung at 2"),
        (BASE + '[[ledger]]\nname = "x"', "missing expires_after"),
        (BASE + '[[ledger]]\nname = "x"\nexpires_after = "9 days"\nscore = { start = 5, most = 4 }', "is above its top"),
        (BASE + '[[ledger]]\nname = "x"\nexpires_after = "9 days"\nscore = { start = 5, most = 9, rises = { points = 1, every = 1, of = "no" } }', "unknown standard 'no'"),
        (BASE + '[[conduct]]\nname = "x"\ntitle = "X"\nseverity = "low"\ncharge = { ledger = "points", points = [3, 2] }', "points are a number, or [fewest, most]"),
        (BASE + '[[conduct]]\nname = "x"\ntitle = "X"\nseverity = "low"\nabove = "120%"', "is no share"),
        (BASE + '[dispute]\ninputs = { a = ["x", "x"] }', "an input lists its answers, each once"),
        (BASE + '[dispute]\ninputs = { a = ["x"] }\nrow = [{ name = "r", when = { b = "x" }, outcome = "buyer" }]', "unknown input 'b'"),
        (BASE + '[dispute]\nopening = [{ name = "o", after = { fact = "order.paid", field = "colour" } }]', "order.paid has no moment 'colour'"),
        (BASE + "[dispute.inputs]\n" + "\n".join(f'i{n} = ["a", "b", "c"]' for n in range(11)), "more than 100,000 cases"),
        (BASE + '[[power]]\nwho = "agent"\nmay = ["fly"]', "unknown 'fly' in may"),
        (BASE.replace("2026-01-01", "2026-01-01\ncharges_from = 2025-01-01"), "charges before it is in force"),
        (BASE.replace("2026-01-01", '2026-01-01\nannounced_on = 2025-12-25\nnotice = "15 days"'), "in force before its notice has run"),
        (HEAD, "a rulebook says at least one thing"),
        ("x = " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("#" * 5_000_000, "larger than 2,000,000 bytes"),
        (HEAD + REPLY * 10_000, "larger than 2,000,000 bytes"),
        (HEAD + '[[power]]\nwho = "agent"\n' * 10_000, "10,000 rules; at most 2,000 are read"),
    ],
)  # fmt: skip
def test_bad_rulebooks_are_refused_with_what_to_do(text: str, problem: str) -> None:
    said = mistakes(text)
    assert problem in said
    assert said.startswith("line ")


def test_a_thousand_rules_are_read() -> None:
    text = HEAD + LEDGER + '[[clock]]\nname = "c"\nzone = "Europe/Berlin"\n'
    text += "".join(REPLY.replace('"reply"', f'"reply {n}"') + 'clock = "c"\n' for n in range(1_000))
    assert len(parse(text).duties) == 1_000


def valid(document: Any) -> list[str]:
    return [str(error) for error in jsonschema_rs.validator_for(schema.schema()).iter_errors(document)]


def test_the_schema_accepts_every_rulebook_that_comes_with_comity() -> None:
    for stem in shelf.all_names():
        assert valid(tree.plain(shelf.text_of(stem))) == [], stem


def test_the_schema_accepts_every_example_and_refuses_what_is_misspelt() -> None:
    for table in FIELDS:
        for key in FIELDS[table]:
            assert valid(tree.plain(whole(table, key))) == [], (table, key)
    for wrong in ({"duty": [{"naem": "x"}]}, {"name": 3}, {"standard": [{"name": "x"}]}):
        assert valid({"name": "a", "version": "1", "in_force_from": "2026-01-01", **wrong})


def test_the_rulebooks_powers_forbid_and_allow() -> None:
    agent = PowerRule("agent", ("pause", "suspend"), ("publish",))
    assert lets([], "agent", "rulebook.publish"), "no powers: the built-in table alone"
    assert lets([agent], "agent", "pause.record")
    assert not lets([agent], "agent", "rulebook.publish"), "forbidden"
    assert not lets([agent], "agent", "conversation.close_turn"), "silence means no"
    both = PowerRule("agent", ("publish",), ("publish",))
    assert not lets([both], "agent", "rulebook.publish"), "forbidding wins"
    assert all(actions for actions in VERBS.values())
    # How colleagues decide is for whom the rulebook names.
    assert not lets([], "agent", "dispute.deciders")
    assert lets([PowerRule("agent", ("compare",), ())], "agent", "dispute.deciders")


@pytest.mark.parametrize("text", ["Hi", "hello there!", "您好！", "Xin chào", "สวัสดีค่ะ", "Good morning, dear friend"])
def test_greetings(text: str) -> None:
    assert is_greeting(text)


@pytest.mark.parametrize("text", ["", "👋", "ok", "Hi, it was sent today", "你好，已发货", "x" * 100_000])
def test_what_is_no_greeting(text: str) -> None:
    assert not is_greeting(text)


def test_many_rungs_are_bounded_and_said() -> None:
    rungs = "".join(f'[[ledger.rung]]\nat = {n}\nmeasure = "warning"\n' for n in range(1, 100))
    assert "99 rungs; at most 60 are read" in mistakes(BASE + rungs)
    levels = "".join(f'[[standard.level]]\nname = "l{n}"\nlimit = {{ rate = "<= {n}%" }}\n' for n in range(1, 60))
    assert "59 levels; at most 40 are read" in mistakes(BASE + STANDARD + levels)
    assert "a chance between 0 and 1" in mistakes(
        BASE + STANDARD + 'limit = { rate = "<= 5%" }\ndecides = "certain"\nerror = inf'
    )


@pytest.mark.parametrize("at", ["-3", "0", '"x"', "1000001", "true"])
def test_one_mistake_is_said_once(at: str) -> None:
    """What stands in for a wrong number is in no wrong order, and too small for nothing."""
    rungs = "".join(f'[[ledger.rung]]\nat = {each}\nmeasure = "warning"\n' for each in (6, at, 12))
    (said,) = [line for line in mistakes(BASE + rungs).splitlines() if line.strip()]
    assert "at must be a whole number from 1 to 1,000,000" in said


def test_a_score_may_fall_to_nothing() -> None:
    score = "score = { start = 48, most = 48 }\n"
    rungs = "".join(f'[[ledger.rung]]\nat = {each}\nmeasure = "warning"\n' for each in (6, 0))
    assert parse(BASE + score + rungs).ledgers
