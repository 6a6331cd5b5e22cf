"""A wrong rulebook: every mistake at once, each with its line and a hint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cli.docs import EXAMPLE
from comity.rulebooks import shelf, words
from comity.rulebooks.language.parse import MAX_BYTES, parse
from comity.rulebooks.language.reading import BadRulebook, duration

HEAD = 'name = "t"\nversion = "1"\nin_force_from = 2026-01-01\n'
DUTY = """
[[duty]]
name = "d"
title = "D"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.delivered" }
within = "2 days"
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(BadRulebook) as caught:
        parse(text)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_examples_and_shipped_rulebooks_parse() -> None:
    assert parse(EXAMPLE).ref == "my shop@2027-01"
    for name in shelf.names():
        book = shelf.load(name)
        assert book.duties
        assert "\n".join(words.sentences(book))
        assert words.plain(book)["name"] == name


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (HEAD + DUTY.replace("2 days", "0 hours"), 12, "more than nothing"),
        (HEAD + DUTY.replace("2 days", "9999 days"), 12, "at most 3650 days"),
        (HEAD + DUTY.replace("2 days", "soon"), 12, "72 hours, 15 days or 30 minutes"),
        (HEAD + DUTY.replace("order.paid", "order.pai"), 10, "did you mean order.paid?"),
        (HEAD + DUTY.replace('"seller"', '"sellers"'), 8, "did you mean seller?"),
        (HEAD + DUTY + 'cloc = "always"\n', 13, "did you mean clock?"),
        (HEAD + DUTY + 'clock = "office"\n', 13, "unknown clock 'office'"),
        (HEAD + DUTY + 'by = "deliver_by"\n', 13, "either `within` or `by`"),
        (HEAD + DUTY.replace('within = "2 days"', 'by = "promised"'), 12, "it has: dispatch_by, deliver_by"),
        (HEAD + DUTY + 'breach = { charge = { ledger = "none", points = 1 } }\n', 13, "unknown ledger 'none'"),
        (HEAD + DUTY + 'breach = { charge = { ledger = "l", points = 0 } }\n[[ledger]]\nname = "l"\nexpires_after = "1 day"\n',
         13, "points must be a whole number from 1"),
        (HEAD + DUTY + 'met_by = { fact = "message.sent" }\n', 13, "not TOML"),
        (HEAD + DUTY.replace('fact = "order.paid"', 'fact = "order.paid", where = { colour = 1 }'), 10, "no field 'colour'"),
        (HEAD + DUTY.replace('fact = "order.paid"', 'fact = "order.cancelled", where = { by = "me" }'), 10, "by cannot be 'me'"),
        (HEAD.replace("2026-01-01", '"soon"') + DUTY, 3, "must be a date"),
        (HEAD.replace("2026-01-01", "2026-01-01T00:00:00") + DUTY, 3, "a time with its zone"),
        (HEAD + 'announced_on = 2025-12-30\nnotice = "15 days"\n' + DUTY, 3, "before its notice has run (from 2026-01-14 on)"),
        (HEAD + "announced_on = 2026-02-01\n" + DUTY, 4, "announced after it is in force"),
        (HEAD + 'zone = "Europe/Berln"\n' + DUTY, 4, "did you mean Europe/Berlin?"),
        (HEAD + "language = 2\n" + DUTY, 4, "this Comity reads 1"),
        (HEAD + '[[clock]]\nname = "c"\ndays = []\n' + DUTY, 6, "never open"),
        (HEAD + '[[clock]]\nname = "c"\nhours = ["18:00-09:00"]\n' + DUTY, 6, "in order, apart"),
        (HEAD + '[[clock]]\nname = "c"\nhours = ["9-12"]\n' + DUTY, 6, '"09:00-18:00"'),
        (HEAD + '[[clock]]\nname = "c"\nhours = ["09:00-25:00"]\n' + DUTY, 6, "after midnight"),
        (HEAD + '[[clock]]\nname = "c"\nholidays = "XX"\n' + DUTY, 6, "no holiday calendar"),
        (HEAD + '[[clock]]\nname = "c"\nquiet = "00:00-00:00"\n' + DUTY, 6, "whole day is quiet"),
        (HEAD + '[[clock]]\nname = "always"\n' + DUTY, 5, "built in"),
        (HEAD + '[[clock]]\nname = "c"\nhours = ["09:00-17:00"]\n' + DUTY + 'clock = "c"\n', 15, "give the length in hours"),
        (HEAD + DUTY + DUTY, 15, "a second duty named 'd'"),
        (HEAD + DUTY + '[[ledger]]\nname = "l"\nexpires_after = "1 day"\n[[ledger.rung]]\nat = 3\nmeasure = "freeze"\n', 16,
         "a freeze needs a notice"),
        (HEAD + DUTY + '[[ledger]]\nname = "l"\nexpires_after = "1 day"\n[[ledger.rung]]\nat = 3\nmeasure = "closure"\n'
         'notice = "30 days"\ndecided_by = "automatic"\n', 20, "without a person"),
        (HEAD + DUTY + '[[ledger]]\nname = "l"\nexpires_after = "1 day"\n[[ledger.rung]]\nat = 3\nmeasure = "freeze"\n'
         'notice = "1 day"\n[[ledger.rung]]\nat = 5\nmeasure = "warning"\n', 22, "treated more mildly"),
        ("name = ", 1, "not TOML"), ("", 1, "missing name"), ('name = "a"\nduty = 5\n', 2, "must be written [[duty]]"),
        (HEAD, 1, "no [[duty]]"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line(text: str, line: int, says: str) -> None:
    found = mistakes(text)
    assert any(mistake.startswith(f"line {line}:") and says in mistake for mistake in found), found


def test_all_mistakes_are_reported_at_once_in_order() -> None:
    text = HEAD + DUTY.replace("2 days", "0 hours").replace('"seller"', '"sellers"').replace(
        "order.paid", "order.payed"
    )
    lines = [int(mistake.split()[1].rstrip(":")) for mistake in mistakes(text)]
    assert lines == sorted(lines)
    assert {8, 10, 12} <= set(lines)


def test_huge_rulebooks_are_refused_without_being_read() -> None:
    assert "larger than" in mistakes(HEAD + "#" * MAX_BYTES)[0]
    assert "at most 2,000" in mistakes(HEAD + DUTY * 2001)[0]


@given(st.text(max_size=200))
def test_any_text_is_a_rulebook_or_a_list_of_mistakes(text: str) -> None:
    with pytest.raises(BadRulebook):
        parse(text)


@given(st.data())
def test_a_rulebook_with_any_line_lost_never_crashes(data: st.DataObject) -> None:
    lines = EXAMPLE.splitlines()
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    try:
        parse("\n".join(lines))
    except BadRulebook as error:
        assert all(1 <= mistake.line <= len(lines) for mistake in error.mistakes)


@pytest.mark.parametrize("text", ["", "72", "hours", "1.5 hours", "-1 hours", "72  hours", "0 days", "1 week"])
def test_lengths_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"length of time|more than nothing"):
        duration(text)
