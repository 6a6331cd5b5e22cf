"""Windows that users of other systems lost money in: who must act until when, to the second, and what silence brings."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from comity.lib.moments import UTC, to_text
from comity.policy.disputes import openings
from comity.policy.duties.rulings import Warn
from comity.policy.facts import Fact, Scalar
from comity.policy.follows import Follow
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.rulebooks.language.parse import parse

HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\nzone = "{zone}"\n[[duty]]\nname = "window"\ntitle = "W"\nwho = "seller"\neach = "dispute"\n'
ENDS = 'voided_by = [{ fact = "dispute.withdrawn" }, { fact = "dispute.decided" }]\n'
ANSWER = (
    'opened_by = [{ fact = "dispute.opened" }, { fact = "dispute.modified" }]\ncounts_from = "latest"\n'
    'met_by = [{ fact = "dispute.answered" }, { fact = "dispute.offered" }]\nbreach = { decide = "buyer" }\n' + ENDS
)
ASK = (
    'opened_by = { fact = "dispute.opened" }\nmet_by = { fact = "dispute.escalated" }\nwithin = "20 days"\n'
    'warn_before = ["3 days"]\nbreach = { close = "for good" }\n' + ENDS
)
SHOW = (
    'opened_by = { fact = "dispute.information_asked" }\nmet_by = { fact = "dispute.information_given" }\n'
    'within = "72 hours"\nbreach = { remind = true }\n'
)
HANDED = (
    'opened_by = { fact = "dispute.escalated" }\nmet_by = { fact = "dispute.decided" }\nwithin = "3 days"\n'
    "breach = { hand_over = true }\n"
)
SEND = (
    'opened_by = { fact = "dispute.settled" }\nmet_by = { fact = "return.sent" }\nwithin = "10 days"\n'
    'breach = { decide = "seller", amount = "nothing" }\n'
)
CONFIRM = (
    'opened_by = { fact = "return.delivered" }\nmet_by = [{ fact = "return.confirmed" }, { fact = "return.contested" }]\n'
    'within = "5 days"\nbreach = { refund = true }\n'
)
CONTEST = (
    'opened_by = { fact = "return.contested" }\nmet_by = { fact = "return.contest_answered" }\nwithin = "3 days"\n'
    "breach = { escalate = true }\n"
)
PROMISE = (
    'opened_by = { fact = "dispute.settled" }\nmet_by = { fact = "dispute.acted" }\nwithin = "3 days"\n'
    'breach = { revive = true, decide = "buyer" }\n'
)
FIVE, THREE = 'within = "5 days"\n', 'within = "72 hours"\n'
PAUSED: dict[str, Scalar] = {"cause": "platform_outage", "by": "agent"}


class Case:
    """One duty in a zone, and what happened, in local time."""

    def __init__(self, zone: str, duty: str, *facts: str):
        self.zone = ZoneInfo(zone)
        self.memory = Memory(Rulebooks([parse(HEAD.format(zone=zone) + duty)]), "seller:1")
        self.rulings: list[Ruling] = self.memory.replay([self.fact(line) for line in facts])

    def at(self, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=self.zone).astimezone(UTC)

    def fact(self, line: str) -> Fact:
        when, kind, *said = line.split()
        data: dict[str, Scalar] = {}
        for word in said:
            name, _, value = word.partition("=")
            data[name] = to_text(self.at(value)) if name in ("from", "until") else value
        order = kind == "pause.recorded"
        about = "order:1" if order else "dispute:1"
        moment = self.at(when)
        return Fact(
            id=f"{kind}:{when}", kind=kind, at=moment, noted_at=moment, subject=about, matter="order:1", party="seller:1",
            data=data | (PAUSED if order else {}),
        )  # fmt: skip

    def follows(self, until: str) -> list[tuple[str, str]]:
        self.rulings += self.memory.turn(self.at(until))
        return [(ruling.what, ruling.value) for ruling in self.rulings if isinstance(ruling, Follow)]

    def state(self) -> tuple[str, datetime]:
        (duty,) = self.memory.all_duties()
        return duty.status.value, duty.due


@pytest.mark.parametrize(
    ("zone", "duty", "facts", "due", "brings"),
    [
        # A changed claim begins the time anew.
        ("Asia/Shanghai", ANSWER + FIVE, ["2026-03-01T10:00 dispute.opened", "2026-03-04T12:00 dispute.modified"], "2026-03-09T12:00", [("decide", "buyer")]),
        # 72 real hours, over the change of clocks of whoever reads in Los Angeles.
        ("America/Los_Angeles", ANSWER + THREE, ["2026-03-06T19:00 dispute.opened"], "2026-03-09T20:00", [("decide", "buyer")]),
        ("America/Los_Angeles", ANSWER + 'within = "3 days"\n', ["2026-03-06T19:00 dispute.opened"], "2026-03-09T19:00", [("decide", "buyer")]),
        # Twelve hours in which the platform could not be reached are given back.
        ("Asia/Kolkata", ANSWER + FIVE, ["2026-03-10T09:00 dispute.opened", "2026-03-15T08:30 pause.recorded from=2026-03-14T20:00 until=2026-03-15T08:00"], "2026-03-15T21:00", [("decide", "buyer")]),
        # Nobody asks the platform: closed, for good.
        ("America/Los_Angeles", ASK, ["2026-01-31T15:00 dispute.opened"], "2026-02-20T15:00", [("close", "for good")]),
        ("Europe/Madrid", SHOW, ["2026-05-04T09:00 dispute.information_asked"], "2026-05-07T09:00", [("remind", "seller")]),
        ("Europe/Athens", HANDED, ["2026-03-02T09:00 dispute.escalated"], "2026-03-05T09:00", [("hand_over", "agent")]),
        ("Europe/Prague", SEND, ["2026-03-02T10:00 dispute.settled"], "2026-03-12T10:00", [("decide", "seller amount=nothing")]),
        ("Europe/Prague", CONFIRM, ["2026-03-18T10:00 return.delivered"], "2026-03-23T10:00", [("refund", "buyer")]),
        ("Europe/Warsaw", CONTEST, ["2026-03-04T10:00 return.contested state=empty"], "2026-03-07T10:00", [("escalate", "agent")]),
        ("Europe/Sofia", PROMISE, ["2026-03-03T12:00 dispute.settled act=resend"], "2026-03-06T12:00", [("revive", "claim"), ("decide", "buyer")]),
    ],
)  # fmt: skip
def test_a_window_ends_at_its_moment_and_silence_brings_what_is_said(
    zone: str, duty: str, facts: list[str], due: str, brings: list[tuple[str, str]]
) -> None:
    case = Case(zone, duty, *facts)
    assert case.follows(due) == [], "at the deadline itself one is in time"
    assert case.state() == ("open", case.at(due))
    assert case.follows(f"{due}:01") == brings
    assert case.state()[0] == "breached"
    assert {ruling.at for ruling in case.rulings if isinstance(ruling, Follow)} == {case.at(due)}, (
        "dated at the deadline"
    )


@pytest.mark.parametrize(
    ("zone", "duty", "opened", "act", "status"),
    [
        ("Europe/Madrid", SHOW, "2026-05-04T09:00 dispute.information_asked", "2026-05-07T08:36 dispute.information_given", "met"),
        ("Europe/Madrid", SHOW, "2026-05-04T09:00 dispute.information_asked", "2026-05-07T09:00 dispute.information_given", "met"),
        ("Europe/Madrid", SHOW, "2026-05-04T09:00 dispute.information_asked", "2026-05-07T09:00:01 dispute.information_given", "cured"),
        # Sent on the ninth day, there on the sixteenth: sent in time is in time.
        ("Europe/Prague", SEND, "2026-03-02T10:00 dispute.settled", "2026-03-11T17:00 return.sent", "met"),
        ("Europe/Warsaw", CONTEST, "2026-03-04T10:00 return.contested state=empty", "2026-03-06T09:00 return.contest_answered", "met"),
        ("Europe/Prague", CONFIRM, "2026-03-18T10:00 return.delivered", "2026-03-20T10:00 return.contested state=damaged", "met"),
        ("America/Los_Angeles", ASK, "2026-01-31T15:00 dispute.opened", "2026-02-20T15:00:01 dispute.escalated", "cured"),
        ("UTC", ANSWER + FIVE, "2026-03-02T10:00 dispute.opened", "2026-03-04T10:00 dispute.withdrawn", "voided"),
    ],
)  # fmt: skip
def test_what_is_done_at_the_deadline_is_in_time_and_a_second_later_is_not(
    zone: str, duty: str, opened: str, act: str, status: str
) -> None:
    case = Case(zone, duty, opened, act)
    follows = case.follows("2026-06-30")
    assert case.state()[0] == status
    assert (follows == []) is (status != "cured")


def test_three_days_before_the_end_it_is_said_once() -> None:
    case = Case("America/Los_Angeles", ASK, "2026-01-31T15:00 dispute.opened", "2026-02-05T10:00 dispute.answered")
    case.follows("2026-03-30")
    assert [ruling.at for ruling in case.rulings if isinstance(ruling, Warn)] == [case.at("2026-02-17T15:00")]


def test_after_the_end_nobody_is_reminded() -> None:
    duty = ANSWER + FIVE + 'warn_before = ["24 hours", "4 hours"]\n'
    case = Case("UTC", duty, "2026-03-02T10:00 dispute.opened", "2026-03-04T10:00 dispute.withdrawn")
    assert case.follows("2026-03-20") == []
    assert not [ruling for ruling in case.rulings if isinstance(ruling, Warn)]


def test_an_appeal_is_possible_until_the_same_time_of_the_seventh_day_and_once() -> None:
    book = parse(HEAD.format(zone="America/New_York") + ANSWER + FIVE + '[dispute]\nappeals = ["7 days"]\n')
    assert book.dispute is not None
    decided = datetime(2026, 3, 5, 14, tzinfo=ZoneInfo("America/New_York"))  # clocks go forward on the 8th
    case = Case("America/New_York", ANSWER + FIVE)
    facts = [case.fact("2026-03-05T14:00 dispute.decided outcome=buyer")]
    until = openings.appeal_until(book.dispute, facts, book.zone)
    assert until == datetime(2026, 3, 12, 14, tzinfo=ZoneInfo("America/New_York"))
    assert until - decided.astimezone(UTC) == timedelta(days=7, hours=-1)
    facts.append(case.fact("2026-03-06T14:00 dispute.appealed by=seller"))
    assert openings.appeal_until(book.dispute, facts, book.zone) is None
