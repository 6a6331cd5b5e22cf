"""What judges is said: no default of a rule that moves a deadline or proves a fault goes without saying."""

import pytest

from comity.rulebooks.language.parse import parse
from comity.rulebooks.words import part_of

DUTY = """
name = "shop"
version = "1"
in_force_from = 2026-01-01
[[duty]]
name = "ship"
title = "Sent"
who = "seller"
each = "EACH"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched" }
"""
USUAL = "platform_outage, carrier_outage, force_majeure, waiting_for_buyer, holiday"


def said(text: str) -> dict[str, str]:
    (rule,) = parse(text).duties
    return {line.told.label: line.text() for line in part_of(rule).lines}


@pytest.mark.parametrize(
    ("each", "more", "paused", "holidays"),
    [
        ("order", "", USUAL, "without a limit"),
        ("dispute", "", f"{USUAL}, charge_back", "without a limit"),
        ("order", 'holiday_limit = "14 days"', USUAL, "for at most 14 days in a year"),
        ("order", 'pauses = ["force_majeure"]', "force_majeure", None),
        ("order", "pauses = []", "nothing", None),
    ],
)
def test_what_stops_a_clock_is_said_of_every_duty(each: str, more: str, paused: str, holidays: str | None) -> None:
    lines = said(DUTY.replace("EACH", each) + 'within = "2 days"\n' + more)
    assert (lines["Paused by"], lines.get("Holidays pause it")) == (paused, holidays)


def test_a_length_that_counts_only_without_a_date_says_so() -> None:
    lines = said(DUTY.replace("EACH", "order") + 'by = "dispatch_by"\nor_within = "5 days"')
    assert lines["How long, where no date is told"] == "5 days"
    assert "How long" not in lines


def test_from_when_on_a_classifier_proves_is_said() -> None:
    text = (
        DUTY.replace("EACH", "order")
        + 'within = "2 days"\n[[ledger]]\nname = "service"\ntitle = "Service"\nexpires_after = "1 days"\n'
    )
    text += '[[conduct]]\nname = "abuse"\ntitle = "None"\nseverity = "high"\nproved_by = ["classifier"]\n'
    text += 'charge = { ledger = "service", points = 1 }\n'
    (rule,) = parse(text).conduct.values()
    assert {line.told.label: line.text() for line in part_of(rule).lines}["A classifier's word is proof from"] == "95%"
