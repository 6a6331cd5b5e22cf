"""All worked cases come out as they must; and a case that should fail, fails."""

import re

import pytest

from comity.policy.rulebook import Rulebooks
from comity.rulebooks import shelf
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook
from comity.rulebooks.shelf import Shelf
from comity.rulebooks.workbench import cases, tries

SHELF = Shelf()
ALL = [case for name in shelf.example_names() for case in cases.read(shelf.example_text(name), SHELF)]

SMALL = """
name = "small"
version = "1"
in_force_from = 2026-01-01
zone = "Europe/Berlin"

[[duty]]
name = "reply"
title = "Reply"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "12 hours"
breach = { charge = { ledger = "points", points = 2 } }

[[standard]]
name = "late"
of_duty = "reply"
window = "7 days"
evaluated = "weekly on monday"
limit = { rate = "<= 10%" }
breach = { charge = { ledger = "points", points = 3 } }

[[ledger]]
name = "points"
expires_after = "30 days"
[[ledger.rung]]
at = 2
measure = "warning"
length = "5 days"
decided_by = "automatic"
"""


def outcome(text: str, book: str = SMALL) -> tries.Outcome:
    from comity.rulebooks.language.parse import parse

    own = parse(book)
    (found,) = tries.attempt_all(text, Shelf(own), own=own.name)
    return found


@pytest.mark.parametrize("case", ALL, ids=[f"{case.rulebook}: {case.name}" for case in ALL])
def test_each_case_comes_out_as_it_must(case: cases.Case) -> None:
    assert tries.attempt(case, SHELF.books(case.rulebook, case.version)).wrong == ()
    assert case.source, "where the expected outcome comes from"


def test_every_worked_example_of_the_marketplaces_is_there() -> None:
    named = {case.name.split(" ")[0].rstrip(",") for case in ALL}
    published = [
        "X1",
        "X2",
        "X3",
        "X4",
        "X7",
        "X9",
        "X10",
        "X11",
        "X12",
        "X13",
        "X14",
        "X15",
        "X19",
        "X20",
        "X23",
        "X24",
        "X25",
        "X26",
        "X27",
        "X29",
        "X30",
        "X31",
        "X33",
    ]
    assert set(published) <= named


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        ('duty = { reply = "met" }', "duty reply: must be met, is breached"),
        ('duty = { reply = { due = "2026-01-06 23:00" } }', "due must be 2026-01-06 23:00, is 2026-01-06 22:00:00"),
        ("points = { points = 3 }", "points on points: must be 3, are 2"),
        ("measures = []", "measures must be none, are warning 5 days"),
        ('measures = ["warning 6 days"]', "measures must be warning 6 days, are warning 5 days"),
        (
            'runs = { warning = { from = "2026-01-06 21:00" } }',
            "warning runs from must be 2026-01-06 21:00, is 2026-01-06 2",
        ),
        ('runs = { warning = { until = "never" } }', "warning runs until must be never, is 2026-01-1"),
        ('runs = { freeze = { from = "2026-01-06" } }', "freeze runs from must be 2026-01-06, is never"),
        ('runs = { frost = { from = "never" } }', "there is no measure 'frost'"),
        ('follows = ["escalate"]', "what follows must be escalate agent, is none"),
        ('standard = { late = "kept" }', "standard late: level must be kept, is limit"),
        ('standard = { late = { rate = "99%" } }', "rate must be 99%, is 100%"),
        ("points = { other = 1 }", "has no ledger 'other'; it has: points"),
        ('duty = { other = "met" }', "there is no duty 'other'"),
        ('decision = "buyer"', "has no [dispute]"),
    ],
)
def test_what_comes_out_otherwise_is_said(expected: str, wrong: str) -> None:
    text = f"""
[[case]]
name = "late"
facts = ["2026-01-06 10:00 message.sent by=buyer"]
at = 2026-01-07
[case.expect]
{expected}
"""
    assert any(wrong in each for each in outcome(text).wrong), outcome(text).wrong


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('facts = ["10:00 message.sent by=buyer"]', 'a fact is written "2026-01-02 20:00 message.sent by=buyer"'),
        ('facts = ["2026-01-06 message.shouted"]', "unknown kind of fact 'message.shouted'"),
        ('facts = ["2026-01-06 message.sent to=buyer"]', "message.sent has no field 'to'"),
        ('facts = ["2026-01-06 message.sent by=nobody"]', "data.by must be one of"),
        ('facts = ["2026-13-06 message.sent by=buyer"]', "month must be in 1..12"),
        ('facts = ["2026-01-06 10:00 message.sent by=buyer noted=2026-01-05"]', "is after noted_at"),
        ('facts = ["2026-01-06 order.paid on=order:1..99999"]', "is not a range"),
        ('charges = ["2026-01-06 lots on points"]', "is not a charge"),
        ('counts = { late = "25 of 200" }', "is not a count (\"25 faulty of 200\""),
        ('counts = { late = "201 faulty of 200" }', "is not a count"),
        ('at = "tomorrow"', "'tomorrow' is not a moment"),
        ('colour = "red"', "unknown key 'colour'"),
        ('rulebook = "nowhere"', "'nowhere' is not a rulebook that comes with Comity"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_case_is_named_with_its_line(line: str, problem: str) -> None:
    text = f'[[case]]\nname = "x"\n{line}\n[case.expect]\npoints = {{ points = 0 }}\n'
    with pytest.raises(BadRulebook) as raised:
        outcome(text)
    assert problem in str(raised.value)
    assert raised.value.mistakes[0].line in (1, 2, 3)


def test_an_expectation_is_asked_for_and_known() -> None:
    with pytest.raises(BadRulebook, match="missing expect"):
        outcome('[[case]]\nname = "x"\n')
    with pytest.raises(BadRulebook, match="unknown expectation 'colour'"):
        outcome('[[case]]\nname = "x"\n[case.expect]\ncolour = 1\n')


def test_cases_may_stand_in_the_rulebook_itself() -> None:
    own = '\n[[case]]\nname = "in time"\nfacts = ["2026-01-06 10:00 message.sent by=buyer", "2026-01-06 22:00 message.sent by=seller"]\nat = 2026-01-07\n[case.expect]\nduty = { reply = "met" }\n'
    assert outcome(SMALL + own, SMALL + own).passed


def test_versions_are_told_apart_by_date_and_by_name() -> None:
    books = SHELF.books("tiktok")
    assert [book.version for book in books] == ["2026-01", "2026-03"], "versions for other markets are asked for"
    assert next(iter(SHELF.books("tiktok", "2025-08-sea"))).markets == ("TH", "VN", "PH", "MY", "ID")
    with pytest.raises(LookupError, match="tiktok has no version '1999'; it has: 2025-08-sea"):
        SHELF.books("tiktok", "1999")


ZONED = """name = "zoned"
version = "1"
in_force_from = 2025-01-01
zone = "Europe/Berlin"
[[duty]]
name = "reply"
title = "Reply"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "3 hours"
[[standard]]
name = "answers"
title = "Answers"
of_duty = "reply"
window = "1 day"
evaluated = "daily"
limit = { rate = "<= 5%" }
"""


def zoned(case: str) -> tuple[str, ...]:
    outcomes = tries.attempt_all(ZONED + case, tries_shelf(ZONED), own="zoned")
    return tuple(line for outcome in outcomes for line in outcome.wrong)


def tries_shelf(text: str) -> tries.Shelf:
    class Own(tries.Shelf):
        def books(self, name: str, version: str = "") -> Rulebooks:
            return Rulebooks([parse(text)])

    return Own()


CASE = """[[case]]
name = "c"
facts = ["{fact} message.sent by=buyer"]
[case.expect]
duty = {{ reply = {{ due = {due} }} }}
"""


@pytest.mark.parametrize(
    ("fact", "due"),
    [
        # the hour that comes twice, by its offset; moments are compared, whatever the zone they are written in
        ("2025-10-26 02:30+02:00", "2025-10-26T04:30:00+01:00"),
        ("2025-10-26 02:30 +01:00", '"2025-10-26 05:30"'),
        ("2025-10-26T00:30:00Z", '"2025-10-26 03:30Z"'),
        ("2025-10-26 00:30", "2025-10-26T02:30:00+01:00"),
        ("2025-10-26 00:30", '"2025-10-26 02:30:00+01:00"'),
        ("2025-10-25 23:30", '"2025-10-26 02:30+02:00"'),
        ("2025-10-25 23:30", "2025-10-26T00:30:00Z"),
    ],
)
def test_moments_of_the_hour_that_comes_twice_are_written_with_their_offset(fact: str, due: str) -> None:
    assert not zoned(CASE.format(fact=fact, due=due))


def test_the_other_of_two_moments_is_not_the_one_that_must_come_out() -> None:
    assert zoned(CASE.format(fact="2025-10-25 23:30", due="2025-10-26T02:30:00+01:00"))
    assert zoned(CASE.format(fact="2025-10-26 00:30", due='"2025-10-26 02:30+02:00"'))


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        ("2025-10-26 02:30", "comes twice in Europe/Berlin; write 2025-10-26 02:30+02:00 or 2025-10-26 02:30+01:00"),
        ("2025-03-30 02:30", "never was in Europe/Berlin"),
        ("0001-01-01 00:00", "must lie between 1970 and 2999"),
        ("9999-12-31 23:00", "must lie between 1970 and 2999"),
        ("2025-03-30 03:30+25:00", "is no offset"),
    ],
)
def test_a_time_that_means_no_moment_or_two_is_refused(fact: str, why: str) -> None:
    with pytest.raises(BadRulebook, match=re.escape(why)):
        zoned(CASE.format(fact=fact, due='"2025-10-26 05:30"'))


def test_what_is_looked_at_on_a_day_alone_is_said_to_be_its_end() -> None:
    case = '[[case]]\nname = "c"\nat = {at}\n[case.expect]\nstandard = {{ answers = {{ window = "2025-03-04..2025-03-04" }} }}\n'
    assert not zoned(case.format(at='"2025-03-05 00:00"'))
    (wrong, said) = zoned(case.format(at="2025-03-05"))
    assert "is 2025-03-05..2025-03-05" in wrong
    assert 'write at = "2025-03-05 00:00"' in said


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31", '"day 9999999"']
)
def test_moments_beyond_all_calendars_are_refused(at: str) -> None:
    with pytest.raises(BadRulebook):
        zoned(f'[[case]]\nname = "c"\nat = {at}\n[case.expect]\nduty = {{ reply = "none" }}\n')


def test_a_pause_may_be_noted_of_the_seller_by_any_number() -> None:
    facts = [
        "2025-03-05 10:00 message.sent by=buyer",
        "2025-03-05 11:00 pause.recorded from='2025-03-05 11:00' until='2025-03-05 12:00' cause=holiday by=agent on=seller:1",
    ]
    assert not zoned(
        f'[[case]]\nname = "c"\nfacts = {facts}\n[case.expect]\nduty = {{ reply = {{ due = "2025-03-05 14:00" }} }}\n'
    )
