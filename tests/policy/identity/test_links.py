"""When links between accounts are enough, and how a rulebook says so."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy.identity import links
from comity.policy.identity.rule import EvasionRule
from comity.policy.sanctions.measures import Origin, Rung
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook
from tests.actions.identity.rules import EVASION, text

RUNG = Rung(0, "freeze", timedelta(days=7), timedelta(days=7), "reviewer")


@pytest.mark.parametrize(
    ("kinds", "least", "enough"),
    [
        ("network", 2, False),
        ("payout", 2, False),
        ("network device address", 2, False),
        ("network payout", 2, True),
        ("document admission", 2, True),
        ("network payout", 3, False),
        ("network device document", 3, True),
    ],
)
def test_links_are_enough_where_several_kinds_join_and_one_is_strong(kinds: str, least: int, enough: bool) -> None:
    assert links.suffice(EvasionRule("evasion", RUNG, least), links.read(kinds)) is enough


@given(st.lists(st.sampled_from(sorted(links.KINDS_OF_LINKS)), min_size=1, max_size=12))
def test_the_same_link_told_often_is_one_and_strong_ones_come_first(told: list[str]) -> None:
    kinds = links.together(told)
    assert set(kinds) == set(told)
    assert len(kinds) == len(set(told))
    strong = [links.KINDS_OF_LINKS[kind] for kind in kinds]
    assert strong == sorted(strong, reverse=True)


@pytest.mark.parametrize("told", ["", "  ", "telepathy", "payout telepathy"])
def test_an_unknown_kind_of_link_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match="there are: payout, document"):
        links.read(told)


def test_a_rulebook_says_what_is_proposed() -> None:
    rule = parse(text()).evasion
    assert rule is not None
    assert (rule.rule, rule.least, rule.measure.measure) == ("evasion", 2, "freeze")
    assert parse(text()).rung(Origin("evasion", "evasion"), 0) == rule.measure


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('decided_by = "reviewer"', 'decided_by = "automatic"', "a person decides"),
        ('notice = "7 days"', 'notice = "0 days"', "nobody could answer"),
        ('rule = "evasion"', 'rule = "evadion"', "evadion"),
        ("least = 2", "least = 1", "least"),
        ('measure = { measure = "freeze", length = "90 days", notice = "7 days", decided_by = "reviewer" }', "", "missing measure"),
    ],
)  # fmt: skip
def test_a_rule_that_would_hit_the_wrong_person_is_no_rule(before: str, after: str, says: str) -> None:
    assert before in EVASION
    with pytest.raises(BadRulebook, match=says):
        parse(text(EVASION.replace(before, after)))
