"""A rulebook that extends another: whole, its own rules in the place of the other's, and nothing hidden elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.rulebooks import shelf
from comity.rulebooks.language.extending import whole
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook

BASE = '''# House rules.
name = "house"
version = "1"
title = "The house"
in_force_from = 2026-01-01
zone = "Asia/Manila"
markets = ["PH"]
notice = "15 days"
source = """of
[[duty]] many lines"""

[[clock]]
name = "day"
quiet = "21:00-08:00"

# Replies.
[[duty]]
name = "reply"
title = "Reply"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "72 hours"
clock = "day"

[[standard]]
name = "late"
of_duty = "reply"
window = "30 days"
[[standard.level]]
name = "bad"
limit = { rate = "<= 10%" }

[[power]]
who = "agent"
may = ["pause"]

[dispute]
offers = ["refund"]
[[dispute.reason]]
name = "lost"
title = "Lost"

[[case]]
name = "theirs"
facts = ["2026-01-02 10:00 message.sent by=buyer"]
[case.expect]
duty = { reply = "open" }
'''
HEAD = 'name = "mine"\nversion = "2"\nextends = "house@1"\nin_force_from = 2026-02-01\n'
REPLY = BASE[BASE.index("[[duty]]\nname") : BASE.index("[[standard]]")].replace("72 hours", "24 hours")


def known(name: str) -> str:
    return {"house@1": BASE, "mine@2": HEAD}[name]


def test_what_it_does_not_say_is_the_others() -> None:
    book, base = parse(whole(HEAD, known)), parse(BASE)
    assert (book.ref, book.title, book.zone, book.notice) == ("mine@2", "The house", "Asia/Manila", base.notice)
    assert (book.markets, book.charges_from) == ((), None)
    assert (book.duties, book.standards, book.dispute) == (base.duties, base.standards, base.dispute)
    assert "theirs" not in whole(HEAD, known)


def test_its_own_rules_stand_in_their_places_and_further_ones_come_last() -> None:
    more = REPLY.replace('"reply"', '"reply to strangers"')
    text = whole(HEAD + '[[power]]\nwho = "agent"\nmay = ["suspend"]\n' + more + REPLY, known)
    book = parse(text)
    assert [(duty.name, str(duty.within)) for duty in book.duties] == [
        ("reply", "1 day, 0:00:00"),
        ("reply to strangers", "1 day, 0:00:00"),
    ]
    assert [power.may for power in book.powers] == [("suspend",)]
    assert "extends" not in text
    assert text.index('"reply"') < text.index("[[standard]]"), "in the place of the other's"


def test_what_there_is_once_is_replaced_whole() -> None:
    mine = '[dispute]\noffers = ["resend"]\n[[dispute.reason]]\nname = "broken"\ntitle = "Broken"\n'
    book = parse(whole(HEAD + mine, known))
    assert book.dispute is not None
    assert (list(book.dispute.reasons), book.dispute.offers) == (["broken"], ("resend",))


def test_names_are_read_however_they_are_written() -> None:
    text = whole(HEAD + REPLY.replace('name = "reply"', "name = 'reply'").replace("24 hours", "12 hours"), known)
    assert [str(duty.within) for duty in parse(text).duties] == ["12:00:00"]


def test_one_that_extends_none_stays_as_it_is() -> None:
    assert whole(BASE, known) == BASE


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD.replace("house@1", "none"), "line 3: extends 'none', which is not known"),
        (HEAD.replace('"house@1"', "1"), "line 3: extends must be a text"),
        (HEAD.replace("house@1", "mine@2"), "line 3: rulebooks extend one another in a circle"),
        ("extends = [", "line 1: not TOML"),
    ],
)
def test_what_cannot_be_taken_over_is_said(text: str, says: str) -> None:
    names = {"mine@2": text, "house@1": BASE}
    with pytest.raises(BadRulebook) as caught:
        whole(text, names.__getitem__)
    assert str(caught.value.mistakes[0]).startswith(says.partition(": ")[2]) or says in str(caught.value)


def test_a_circle_of_two_is_found() -> None:
    texts = {"a": HEAD.replace("house@1", "b"), "b": HEAD.replace("house@1", "a")}
    with pytest.raises(BadRulebook, match="circle"):
        whole(texts["a"], texts.__getitem__)


@given(st.text(max_size=200), st.integers(0, len(BASE)))
def test_whatever_is_written_is_read_or_refused(junk: str, place: int) -> None:
    text = HEAD + BASE[place:] + junk
    try:
        parse(whole(text, known))
    except BadRulebook as error:
        assert error.mistakes


def test_without_being_taken_over_it_is_no_rulebook() -> None:
    with pytest.raises(BadRulebook, match="not taken over"):
        parse(HEAD + REPLY.replace('clock = "day"\n', ""))


@pytest.mark.parametrize("country", ["cl", "br", "co"])
def test_versions_for_a_country_hold_every_rule(country: str) -> None:
    one, other = shelf.load(f"mercadolibre@2025-01-{country}"), shelf.load("mercadolibre")
    assert set(one.rules) == set(other.rules)
    assert one.standards["claims"] != other.standards["claims"]
    assert one.by_name["reply"].clock.zone != other.by_name["reply"].clock.zone
