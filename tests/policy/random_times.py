"""Random rulebooks and histories with all that time can do: zones, quiet hours, public holidays, the seller's own up to
a limit, seasons, periods, hours that are skipped or come twice, turns of quarters and years, many facts of one moment.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from msgspec.structs import replace

from comity.lib import moments
from comity.policy.facts import PAUSE, Fact, Scalar
from comity.policy.rulebook import Rulebooks
from comity.policy.time.clocks import Clock
from comity.rulebooks.language.parse import parse
from tests.policy.random_rulebooks import CLOCKS, END, noted, texts
from tests.policy.strategies import PARTY, START

#: Weeks from the Monday on which histories begin to one near a change: of clocks in America (none), of those in Europe
#: and the quarter; of Europe's back to winter, and of the year.
SPRING, WINTER = (0, 3), (33, 43)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Asia/Manila", "Asia/Kolkata")
_PERIODS = (
    '"last month"',
    '"last 2 months"',
    '"last quarter"',
    '"last year"',
    '"last month and current"',
    '"1 month"',
    '"2 weeks"',
)
_EVALUATED = (
    "monthly on 1",
    "quarterly on 1",
    "yearly on 01-01",
    "quarterly on first monday",
    "weekly on thursday",
    "daily",
)
_OFFICE = (
    'hours = ["09:00-12:00", "13:00-18:00"]',
    'hours = ["00:00-02:30", "03:00-24:00"]',
    'hours = ["02:20-03:10", "22:30-24:00"]',
    'quiet = "21:00-02:30"',
    'quiet = "02:00-03:00"',
    'hours = ["00:00-12:00"]\nquiet = "23:00-01:40"',
)
_DATE, _MOMENT = re.compile(r"2026-03-\d\d"), re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


class Told(NamedTuple):
    """Rulebooks, facts in the order in which they were noted, and up to when time passes."""

    books: Rulebooks
    facts: list[Fact]
    until: datetime


def _one(draw: st.DrawFn, *some: str) -> str:
    return draw(st.sampled_from(some))


def _clocks(draw: st.DrawFn) -> str:
    office = _one(draw, *_OFFICE) + _one(
        draw, "", "", '\nholidays = "DE"', '\nholidays = "US"', "\nclosed = [2026-03-04]"
    )
    office += _one(draw, "", "", '\nzone = "America/New_York"')
    return CLOCKS.replace('hours = ["09:00-12:00", "13:00-18:00"]', office)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    """One clock of a rulebook in some zone."""
    head = f'name = "c"\nversion = "1"\nin_force_from = 2026-01-01\nzone = "{_one(draw, *ZONES)}"\n'
    book = parse(f'{head}{_clocks(draw)}[[ledger]]\nname = "points"\nexpires_after = "1 day"\n')
    return book.clocks[_one(draw, "always", "office", "office", "office", "cut", "late")]


def _timed(draw: st.DrawFn, text: str, weeks: int, zone: str) -> str:
    """Return a rulebook with other zones, clocks and periods, its dates moved by weeks."""
    text = text.replace(CLOCKS, _clocks(draw)).replace("in_force_from", f'zone = "{zone}"\nin_force_from', 1)
    if draw(st.booleans()):
        limit = _one(draw, "6 hours", "1 day", "40 hours")
        text = text.replace('pauses = ["force_majeure"]', "", 1)
        rule = f'title = "Reply"\npauses = ["force_majeure", "holiday"]\nholiday_limit = "{limit}"'
        text = text.replace('title = "Reply"', rule, 1)
    if draw(st.booleans()):
        head, _, rest = text.partition('name = "disputes"')
        period, every = _one(draw, *_PERIODS), _one(draw, *_EVALUATED)
        rest = re.sub(r'window = "(2 days|ever|1 week|last month)"', f"window = {period}", rest, count=1)
        if f"window = {period}" in rest:
            rest = re.sub(r'evaluated = "[^"]+"', f'evaluated = "{every}"', rest, count=1)
        text = head + 'name = "disputes"' + rest
    for was, instead in (
        ("30 hours", _one(draw, "30 hours", "2 days", "90 minutes")),
        ("4 hours", _one(draw, "4 hours", "1 day")),
    ):
        # Days need a clock of whole days.
        if not (instead.endswith(("day", "days")) and 'clock = "office"' in text):
            text = text.replace(f'within = "{was}"', f'within = "{instead}"')
    return _DATE.sub(lambda found: str(date.fromisoformat(found[0]) + timedelta(weeks=weeks)), text)


def _moved(fact: Fact, by: timedelta, rounded: bool) -> Fact:
    """Return a fact moved by weeks; rounded, to the quarter of a day."""

    def later(at: datetime) -> datetime:
        if rounded:
            at = START + (at - START) // timedelta(hours=6) * timedelta(hours=6)
        return at + by

    data = {
        name: moments.to_text(moments.parse(value) + by)
        if isinstance(value, str) and _MOMENT.fullmatch(value)
        else value
        for name, value in fact.data.items()
    }
    return replace(fact, at=later(fact.at), noted_at=later(fact.noted_at), data=data)


@st.composite
def timed(draw: st.DrawFn, near: tuple[int, ...]) -> Told:
    """Rulebooks with zones of their own, and what happened some weeks on, near a change of clocks or of periods."""
    weeks, zone = draw(st.sampled_from(near)), _one(draw, *ZONES)
    books = Rulebooks([parse(_timed(draw, text, weeks, zone)) for text in draw(texts())])
    by, rounded = timedelta(weeks=weeks), draw(st.booleans())
    facts = [_moved(fact, by, rounded) for fact in draw(noted())]
    for number in range(draw(st.integers(0, 3))):
        at = START + by + timedelta(hours=draw(st.integers(0, 100)))
        begin = at + timedelta(hours=draw(st.integers(-40, 40)))
        data = {
            "from": moments.to_text(begin),
            "until": moments.to_text(begin + timedelta(hours=draw(st.integers(1, 60)))),
        }
        matter = _one(draw, PARTY, PARTY, "conversation:1")
        facts.append(Fact(id=f"p{number}", kind=PAUSE, at=at, noted_at=at, subject=matter, matter=matter, party=PARTY, data={**data, "cause": "holiday", "by": "agent"}))  # fmt: skip
    for number in range(draw(st.integers(0, 3))):  # about midnight, by the wall of the rulebook
        day = (START + by).date() + timedelta(days=draw(st.integers(0, 4)))
        midnight = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
        at = max(midnight + timedelta(minutes=draw(st.sampled_from([-60, -10, 0, 0, 10, 120]))), START + by)
        who: dict[str, Scalar] = {"by": _one(draw, "buyer", "buyer", "seller"), "automatic": False}
        facts.append(Fact(id=f"e{number}", kind="message.sent", at=at, noted_at=at, subject="conversation:1", matter="conversation:1", party=PARTY, data=who))  # fmt: skip
    # As they come: of two that were noted at one moment, any may be first.
    return Told(books, sorted(facts, key=lambda fact: fact.noted_at), END + by)
