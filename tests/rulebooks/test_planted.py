"""Flaws planted into rulebooks that come with Comity are found, each alone; changes that do no harm find nothing."""

import re
from functools import cache

import pytest

from comity.rulebooks import shelf
from comity.rulebooks.language.extending import whole
from comity.rulebooks.language.parse import parse
from comity.rulebooks.workbench.analysis import Finding, analyse

Edits = tuple[tuple[str, str], ...]


@cache
def _before(stem: str) -> frozenset[str]:
    return frozenset(finding.name for finding in analyse(shelf.load(stem)))


def planted(stem: str, edits: Edits = (), add: str = "") -> list[Finding]:
    """Return what is found in a rulebook with these edits that was not found in it before."""
    text = shelf.text_of(stem)
    for old, new in edits:
        assert old in text, f"{stem} says no longer: {old}"
        text = text.replace(old, new, 1)
    found = [finding for finding in analyse(parse(text + add)) if finding.name not in _before(stem)]
    assert all(finding.confirmed for finding in found), found
    return found


def without(stem: str, table: str, name: str) -> Edits:
    """Return the edit that takes one rule away."""
    text = shelf.text_of(stem)
    begin = text.index(f'[[{table}]]\nname = "{name}"')
    following = re.compile(rf"\n\[(?!\[{re.escape(table)}\.)").search(text, begin + 3)
    return ((text[begin : following.start() + 1 if following else len(text)], ""),)


def rung(at: int, measure: str, more: str = "") -> str:
    return f'[[ledger.rung]]\nat = {at}\nmeasure = "{measure}"\n{more}'


def ledger(points: str, *rungs: str, keys: str = 'expires_after = "90 days"\n') -> str:
    """A further ledger with a rule of conduct that charges it."""
    rule = f'[[conduct]]\nname = "fakes"\ntitle = "F"\nseverity = "low"\ncharge = {{ ledger = "new", points = {points} }}\n'
    return f'\n{rule}[[ledger]]\nname = "new"\n{keys}{"".join(rungs)}'


WARNING = rung(3, "warning")
ENDS = 'length = "9 days"\nnotice = "2 days"\n'
CLOSURE = rung(8, "closure", 'notice = "31 days"\nappeals = ["30 days"]\n')
AUTOMATIC = 'decided_by = "automatic"\n'
SHUT = '{{ measure = {{ measure = "{}", notice = "31 days", length = "9 days" }} }}'
CHARGED = 'breach = { charge = { ledger = "performance", points = 1 } }'
CANCELLED = 'limit = { rate = "<= 2%", at_least = 10 }'
BOTH = 'limit = { rate = "<= 10%", faulty = "<= 30", hold = "any" }'
REVIEWS = 'limit = [{ faulty = "<= 4", below = 40, at_least = 5 }, { rate = "< 10%", from = 40 }]'
FORFEIT = 'breach = { charge = { ledger = "new", points = 6 } }\n[[ledger]]\nname = "new"\nexpires_after = "90 days"\n'
DUTY = '\n[[duty]]\nname = "thing"\ntitle = "T"\nwho = "seller"\nopened_by = { fact = "order.paid" }\nmet_by = { fact = "shipment.dispatched" }\nwithin = "2 days"\n'
ASKED = '\n[[duty]]\nname = "asked"\ntitle = "A"\nwho = "seller"\neach = "dispute"\nopened_by = {{ fact = "{}" }}\nmet_by = {{ fact = "{}" }}\nwithin = "9 days"\n{}'
STARS = '\n[[standard]]\nname = "stars"\ncounted = { fact = "review.written" }\nvalue = "score"\nwindow = "30 days"\nlimit = { mean = "%s" }\n'
LEVELS = '\n[[standard]]\nname = "new"\ncounted = { fact = "order.paid" }\nfaulty = { fact = "dispute.opened" }\nwindow = "30 days"\n%s'


def level(name: str, limit: str, follows: str) -> str:
    return f'[[standard.level]]\nname = "{name}"\nlimit = {{ {limit} }}\n{follows}\n'


TELLS, RANKS = (
    'measure = { measure = "warning", decided_by = "automatic" }',
    'measure = { measure = "lower ranking", length = "9 days", notice = "2 days" }',
)
NEVER = 'opened_by = { fact = "message.sent", where = { by = "buyer" } }'


@pytest.mark.parametrize(
    ("stem", "edits", "add", "found"),
    [
        # Duties that nothing opens or meets.
        ("shopee", ((NEVER, 'opened_by = { fact = "order.paid" }'),), "", ["dead:reply"]),
        ("lazada", ((NEVER, 'opened_by = { fact = "shipment.delivered" }'),), "", ["dead:reply"]),
        ("walmart", (('each = "order"\nopened_by', 'each = "conversation"\nopened_by'),), "", ["dead:deliver", "unmeetable:deliver"]),
        ("walmart", (('met_by = { fact = "shipment.delivered" }\nv', 'met_by = { fact = "message.sent" }\nv'),), "", ["unmeetable:deliver"]),
        # Levels that nobody reaches, by rate, count, size, value and evidence.
        ("shopee", ((BOTH, 'limit = { rate = "<= 8%" }'),), "", ["dead:non-fulfilment:over 10 percent"]),
        ("walmart", ((CANCELLED, 'limit = { rate = "<= 100%", at_least = 10 }'),), "", ["dead:cancellations:limit"]),
        ("walmart", ((CANCELLED, 'limit = { faulty = "<= 9", below = 10 }'),), "", ["dead:cancellations:limit"]),
        ("walmart", ((CANCELLED, 'limit = { rate = "<= 2%", below = 10, at_least = 10 }'),), "", ["dead:cancellations:limit"]),
        ("etsy", (), STARS % ">= 1", ["dead:stars:limit"]),
        ("etsy", (), STARS % "<= 5", ["dead:stars:limit"]),
        ("etsy", (), STARS % "< 6", ["dead:stars:limit"]),
        ("walmart", ((CANCELLED, 'decides = "certain"\nlimit = { rate = "<= 99.99%" }'),), "", ["dead:cancellations:limit"]),
        ("walmart", ((CANCELLED, 'decides = "certain"\nlimit = { rate = "<= 50%", below = 3 }'),), "", ["dead:cancellations:limit"]),
        ("walmart", ((CANCELLED, 'decides = "certain"\nlimit = { rate = "<= 5%", below = 10, at_least = 10 }'),), "", ["dead:cancellations:limit"]),
        # Ways to count that never come about, or are taken out again by what brings them.
        ("lazada", (('of_duty = "reply"', 'of_duty = "reply"\ncounted = ["met", "voided"]'),), "", ["dead:chat response:voided"]),
        ("shopee", (('of_duty = "ship"', 'of_duty = "ship"\ncounted = ["met", "waived"]'),), "", ["dead:late shipment:waived"]),
        ("walmart", (('faulty = { fact = "shipment.dispatched", where', 'faulty = { fact = "message.sent" }\n#'),), "", ["dead:valid tracking:faulty:message.sent"]),
        ("walmart", (('excluded = { fact = "order.cancelled", where = { by = "buyer" } }', 'excluded = { fact = "order.cancelled" }'),), "", ["dead:cancellations:faulty:order.cancelled"]),
        ("walmart", (('where = { fault = "seller" } }', 'where = { fault = "seller" } }\ncleared = { fact = "order.refunded" }'),), "", ["dead:refunds:faulty:order.refunded"]),
        ("lazada", (('name = "mall returns"', 'name = "mall returns"\ncleared = { fact = "order.returned" }'),), "", ["dead:mall returns:faulty:order.returned"]),
        # Warnings that come too early, in a season and before a cut-off too; seasons that are over.
        ("walmart", (('warn_before = ["12 hours"]', 'warn_before = ["49 hours"]'),), "", ["late-warning:reply:49 hours"]),
        ("shopee", (('within = "12 hours"', 'within = "12 hours"\nseason = [{ from = "11-01", until = "12-31", within = "1 hour" }]'),), "", ["late-warning:reply:2 hours"]),
        ("lazada", (('warn_before = ["1 hour"]', 'warn_before = ["26 hours"]'),), "", ["late-warning:reply:26 hours"]),
        ("etsy", (('within = "24 hours"', 'within = "24 hours"\nseason = [{ from = 2022-11-01, until = 2024-08-31, within = "3 days" }]'),), "", ["dead:first reply in a day:season:2022-11-01"]),
        # Rungs that charges jump over, or that lie out of reach.
        ("lazada", (), ledger("6", WARNING, rung(6, "restriction", ENDS)), ["dead:new:3"]),
        ("walmart", (), ledger("4", WARNING, rung(4, "restriction", ENDS)), ["dead:new:3"]),
        ("lazada", (), '\n[[ledger]]\nname = "idle"\nexpires_after = "9 days"\n', ["dead:idle"]),
        ("walmart", (), ledger("[1, 9]", WARNING, rung(9, "restriction", ENDS), keys='expires_after = "3 days"\ncap_a_day = 2\n'), ["unreachable:new:9"]),
        ("shopee", (), ledger("[1, 3]", WARNING, rung(9, "restriction", ENDS), keys='resets = "weekly on monday"\ncap_a_day = 1\n'), ["unreachable:new:9"]),
        ("etsy", (), ledger("[1, 50]", rung(1, "warning"), rung(3, "restriction", ENDS), keys='expires_after = "10 days"\ncounts = "strikes"\nmerges_within = "5 days"\n'), ["unreachable:new:3"]),
        ("amazon", (), ledger("[1, 9]", rung(15, "warning"), rung(5, "restriction", ENDS), keys='expires_after = "3 days"\ncap_a_day = 2\nscore = { start = 20, most = 100 }\n'), ["unreachable:new:5"]),
        ("walmart", (('expires_after = "90 days"', 'expires_after = "1 day"'),), "", ["unreachable:performance:5", "unreachable:performance:8"]),
        ("walmart", (('expires_after = "90 days"', 'expires_after = "2 days"'),), "", ["unreachable:performance:5", "unreachable:performance:8"]),
        # More that costs less, on ledgers, scores and levels.
        ("lazada", (('at = 24\nmeasure = "no new listings"\nlength = "14 days"', 'at = 24\nmeasure = "no new listings"\nlength = "5 days"'),), "", ["milder:non-compliance:24"]),
        ("tiktok", (), ledger("[1, 9]", rung(15, "restriction", ENDS), rung(10, "restriction", ENDS.replace("9", "5")), keys='expires_after = "90 days"\nscore = { start = 20, most = 100 }\n'), ["milder:new:10"]),
        ("shopee", (('points = 2 }', 'points = 1 }'), ('points = 1 }', 'points = 3 }')), "", ["milder:non-fulfilment:over 10 percent and over 30"]),
        ("etsy", (), LEVELS % (level("bad", 'rate = "<= 1%"', RANKS) + level("worse", 'rate = "<= 5%"', TELLS)), ["milder:new:worse"]),
        ("etsy", (), LEVELS % (level("bad", 'rate = "<= 1%"', RANKS) + level("worse", 'rate = "<= 5%", faulty = "<= 3", hold = "any"', RANKS.replace("9", "5"))), ["milder:new:worse"]),
        # Whoever is shut out was warned.
        ("walmart", (), ledger("[1, 9]", WARNING, CLOSURE), ["closure-without-warning:new:8"]),
        ("walmart", (), ledger("1", rung(1, "badge", AUTOMATIC), CLOSURE), ["closure-without-warning:new:8"]),
        ("lazada", (), ledger("2", rung(2, "lower fee", AUTOMATIC), CLOSURE), ["closure-without-warning:new:8"]),
        ("walmart", (('breach = { charge', 'breach = ' + SHUT.format("freeze") + "\n#"),), "", ["freeze-without-warning:cancellations:limit"]),
        ("lazada", (("breach = { cancel = true }", "breach = " + SHUT.format("freeze")),), "", ["freeze-without-warning:ship at last"]),
        ("etsy", (), ledger("[1, 6]", WARNING, rung(6, "freeze", ENDS)), ["freeze-without-warning:new:6"]),
        ("etsy", (), ledger("[1, 5]", rung(1, "badge", AUTOMATIC), rung(6, "freeze", ENDS)), ["freeze-without-warning:new:6"]),
        ("etsy", (), DUTY + FORFEIT + rung(6, "freeze", ENDS), ["freeze-without-warning:new:6"]),
        ("walmart", (("points = 1 }", "points = 9 }"), ('counts = "strikes"\n', ""), ('at = 5\nmeasure = "freeze"', 'at = 5\nmeasure = "restriction"')), "", ["closure-without-warning:performance:8"]),
        ("lazada", (('decided_by = "two reviewers"\nappeals = ["30 days"]', 'decided_by = "two reviewers"'),), "", ["closure-without-appeal:non-compliance:48"]),
        # Sizes of which nothing speaks.
        ("etsy", (('{ rate = "< 10%", from = 40 }', '{ rate = "< 10%", from = 50 }'),), "", ["gap:reviews:limit:40-49"]),
        ("etsy", ((REVIEWS, 'limit = [{ rate = "< 10%", from = 60 }, { faulty = "<= 4", below = 40, at_least = 5 }]'),), "", ["gap:reviews:limit:40-59"]),
        ("etsy", ((REVIEWS, REVIEWS[:-2] + ', below = 100 }, { rate = "< 5%", from = 200 }]'),), "", ["gap:reviews:limit:100-199"]),
        # Disputes: rows, reasons and silences.
        ("shopee", without("shopee", "dispute.row", "not shown"), "", ["uncovered:yes,yes,unclear"]),
        ("ebay", without("ebay", "dispute.row", "returned"), "", ["uncovered:yes,yes,yes"]),
        ("amazon", (), '\n[[dispute.row]]\nname = "again"\noutcome = "buyer"\noffer = "refund"\n', ["conflict:row:delivered in time:again", "dead:row:again"]),
        ("mercadolibre", (), '\n[[dispute.reason]]\nname = "dislike"\ntitle = "D"\n', ["dead:reason:dislike"]),
        ("shopee", without("shopee", "duty", "platform decides"), "", ["silence:after:escalated"]),
        ("ebay", without("ebay", "duty", "refund return"), "", ["silence:after:returned"]),
        ("mercadolibre", without("mercadolibre", "duty", "answer claim"), "", ["silence:dispute"]),
        ("shopee", (), ASKED.format("dispute.modified", "dispute.answered", ""), ["silence:asked"]),
        ("walmart", (), ASKED.format("return.delivered", "return.confirmed", 'breach = { notify = ["buyer"] }\n'), ["silence:asked"]),
        ("ebay", (), ASKED.format("dispute.answered", "dispute.settled", "breach = { remind = true }\n"), ["silence:asked"]),
        # Two duties that decide one silence differently, at once or one after the other.
        ("shopee", (), ASKED.format("dispute.opened", "dispute.answered", 'breach = { decide = "seller" }\n'), ["conflict:duty:answer return:asked"]),
        ("shopee", (), ASKED.format("dispute.opened", "dispute.answered", 'breach = { decide = "seller" }\n').replace("9", "2"), ["conflict:duty:answer return:asked"]),
        ("shopee", (), ASKED.format("return.contested", "return.contest_answered", 'breach = { decide = "seller" }\n') + ASKED.format("return.contested", "return.contest_answered", 'breach = { decide = "buyer" }\n').replace('"asked"', '"asked too"'), ["conflict:duty:asked:asked too"]),
        ("lazada", (), '\n[[power]]\nwho = "agent"\nmay = ["publish"]\n[[power]]\nwho = "agent"\nmay_not = ["publish"]\n', ["conflict:power:agent:publish"]),
    ],
)  # fmt: skip
def test_a_flaw_is_found(stem: str, edits: Edits, add: str, found: list[str]) -> None:
    assert sorted(finding.name for finding in planted(stem, edits, add)) == found


HARMLESS: list[tuple[str, Edits, str]] = [
    ("shopee", (('within = "12 hours"', 'within = "13 hours"'), ('kept = "> 20%"', 'kept = "> 25%"')), ""),
    ("shopee", (('points = 2 }', 'points = 3 }'),), ""),
    ("lazada", (('at = 12\n', 'at = 10\n'), ('length = "14 days"', 'length = "15 days"')), ""),
    ("lazada", (('warn_before = ["1 hour"]', 'warn_before = ["4 hours"]'),), ""),
    ("walmart", ((CANCELLED, 'limit = { rate = "<= 3%", at_least = 20 }'), ('expires_after = "90 days"', 'expires_after = "60 days"')), ""),
    ("walmart", ((CANCELLED, 'decides = "certain"\nlimit = { rate = "<= 5%", below = 40 }'),), ""),
    ("walmart", (('excluded = { fact = "order.cancelled", where = { by = "buyer" } }', 'cleared = { fact = "order.cancelled", where = { by = "buyer" } }'),), ""),
    ("etsy", ((REVIEWS, 'limit = [{ faulty = "<= 4", below = 60, at_least = 5 }, { rate = "< 10%", from = 40 }]'),), ""),
    ("etsy", ((REVIEWS, 'limit = [{ rate = "< 10%", from = 41 }, { faulty = "<= 4", below = 41, at_least = 5 }]'),), ""),
    ("etsy", (), STARS % ">= 4.5"),
    ("etsy", (), LEVELS % (level("bad", 'rate = "<= 1%"', TELLS) + level("worse", 'rate = "<= 5%"', RANKS))),
    # What costs less is reached by other sellers, or sooner.
    ("etsy", (), LEVELS % (level("many", 'faulty = "<= 9"', RANKS) + level("often", 'rate = "<= 5%"', TELLS))),
    ("etsy", (), LEVELS % (level("bad", 'rate = "<= 1%"', RANKS).replace("\nmeasure", "\nrunning = 2\nmeasure") + level("worse", 'rate = "<= 5%"', TELLS))),
    # A closure that waits for a warning; a freeze below which one was told.
    ("walmart", (), ledger("[1, 9]", WARNING, CLOSURE + 'needs = "told warning"\n')),
    ("walmart", (), ledger("[1, 9]", WARNING, CLOSURE + 'needs = "warning"\n')),
    ("walmart", (), ledger("1", WARNING, rung(6, "freeze", ENDS), CLOSURE)),
    ("etsy", (), ledger("[1, 9]", WARNING, keys='expires_after = "3 days"\ncap_a_day = 2\n')),
    ("walmart", (('expires_after = "90 days"', 'expires_after = "5 days"'),), ""),
    ("lazada", (), '\n[[power]]\nwho = "agent"\nmay = ["publish"]\n[[power]]\nwho = "platform"\nmay_not = ["pause"]\n'),
    ("mercadolibre", (), '\n[[dispute.row]]\nname = "as shown"\nwhen = { delivered = "no" }\noutcome = "buyer"\noffer = "refund"\n'),
]  # fmt: skip


@pytest.mark.parametrize(("stem", "edits", "add"), HARMLESS[:-1])
def test_a_change_that_does_no_harm_finds_nothing(stem: str, edits: Edits, add: str) -> None:
    assert planted(stem, edits, add) == []


def test_a_row_again_is_dead_and_no_conflict() -> None:
    assert [finding.name for finding in planted(*HARMLESS[-1])] == ["dead:row:as shown"]


@pytest.mark.parametrize("stem", ["shopee", "lazada", "walmart", "etsy", "ebay"])
def test_other_names_find_nothing_more(stem: str) -> None:
    """Every duty, standard and ledger has another name; what was accepted is accepted by it."""
    text = shelf.text_of(stem)
    named = re.findall(r'\[\[(?:duty|standard|ledger)\]\]\nname = "([^"]+)"', text)
    for name in {*named} - {"send back", "confirm return"}:  # phases let these be done
        text = text.replace(f'"{name}"', f'"{name} of ours"').replace(f":{name}:", f":{name} of ours:")
    found = analyse(parse(text))
    assert [finding.name for finding in found if not finding.accepted] == []
    assert len(found) == len(_before(stem))


def test_what_is_taken_over_is_looked_at_too() -> None:
    """A version that says one thing anew inherits what makes that a flaw."""
    head = 'extends = "walmart@2024-10"\nname = "walmart"\nversion = "ours"\nin_force_from = 2026-01-01\n'
    own = '[[ledger]]\nname = "performance"\nexpires_after = "90 days"\ncounts = "strikes"\n'
    later = rung(2, "closure", 'notice = "31 days"\nappeals = ["30 days"]\n')
    for rungs, found in (
        (rung(1, "warning") + later, []),
        (later, ["closure-without-warning:performance:2"]),
        (rung(1, "badge", AUTOMATIC) + later, ["closure-without-warning:performance:2"]),
    ):
        book = parse(whole(head + own + rungs, shelf.shipped_text))
        assert [finding.name for finding in analyse(book)] == found
