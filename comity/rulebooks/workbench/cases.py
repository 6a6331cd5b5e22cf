"""Worked cases: what a rulebook must make of given facts or counts, as data (docs/worked-cases.md).

Reading a case is here, with every mistake and its line; `rulebooks.workbench.tries` runs it.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count as numbers
from typing import Any

from comity.lib import moments
from comity.lib.moments import UTC
from comity.policy.facts import KINDS, Fact, Scalar, problems
from comity.policy.rulebook import Rulebook
from comity.policy.time.days import day_of
from comity.rulebooks.language.lines import Lines
from comity.rulebooks.language.parse import tree_of
from comity.rulebooks.language.reading import BadCases, Reader, Table
from comity.rulebooks.workbench import saying

PARTY = "seller:case"
MAX_BYTES = 1_000_000
MAX_FACTS = 20_000
KEYS: Mapping[str, str] = {
    "name": "Its name, unique in the file.",
    "title": "What it shows, in words.",
    "rulebook": "Name of the rulebook; once at the top of the file it stands for all cases.",
    "version": "Which version alone is in force. Default: all versions of that name, each from its date on.",
    "source": "Where the expected outcome comes from; or \"derived\" from which rule.",
    "start": "The date of \"day 0\". Default: the day on which the version comes into force.",
    "at": "The moment to look at: a time, or a day, which means its end; for what is seen as the day begins write its 00:00.",
    "facts": "What happened, one line each: \"2026-01-02 20:00 message.sent by=buyer\".",
    "charges": "Points that are there already: \"2026-01-02 6 points on service\", with x4 at the end four times.",
    "counts": "Per standard, what is counted at `at`: \"25 faulty of 200\", \"190 kept of 200\", \"3 faulty of 100, from 2 buyers\" (else each from another); a table per window; a list, the latest last.",
    "peers": "Per standard, what is counted of the peers: \"3 faulty of 100\".",
    "inputs": "Answers to the inputs of the decision table.",
    "reason": "The reason of the dispute, for `opens`, `closes` and `may_open`.",
    "expect": "What must come out: a table, or a list of tables each with its own `at`.",
}  # fmt: skip
EXPECTED: Mapping[str, str] = {
    "at": "The moment to look at, instead of the case's.",
    "duty": "Per duty: its state (open, met, breached, cured, waived, voided, unknown, none), or a table of status, due, ended. Its latest on the first subject.",
    "standard": "Per standard: \"kept\", the name of the level reached or \"not enough data\"; or a table of level, rate, kept, counted, faulty, buyers, window (\"2019-04-01..2019-04-30\").",
    "points": "Per ledger: the points, or the score.",
    "measures": "All measures reached and not over, those that reviewers decide as if they approved at once: \"freeze 7 days\", or \"freeze\" alone.",
    "runs": "Per measure, from when to when the latest of its kind is in effect, those that reviewers decide as if they approved at once: { freeze = { from = 2026-01-03, until = 2026-01-10 } }; \"never\" for one that never is.",
    "follows": "Further consequences of breaches: \"decide buyer\", \"escalate\", \"cancel\", \"assign COURSE\", \"notify ROLE\", \"hand over\", \"close for good\", \"refund\", \"revive\", \"remind ROLE\"; a decision with its cost and amount where the rule names them: \"decide buyer cost=platform amount=nothing\".",
    "decision": "The decision table's outcome: buyer, seller, both, nobody or none; or a table of outcome, offer, fault, row.",
    "may_open": "Whether a dispute for `reason` may be opened at that moment.",
    "opens": "From when on it may be opened; \"never\".",
    "closes": "Until when it may be opened; \"never\".",
    "waits": "For what the end of that time is not known yet: parcel, stop, a kind of fact, or \"nothing\".",
    "appeals": "How long there is for each appeal against the gravest measure that stands: [\"30 days\", \"15 days\"].",
    "appeal_until": "Until when the dispute's latest decision may be appealed against, appeals so far taken into account; \"never\".",
    "phase": "The phase that the dispute is in, or \"none\".",
    "may": "Per side, what it may do in that phase.",
}  # fmt: skip

#: What a fact says where a line leaves it out.
_DEFAULTS: Mapping[str, Mapping[str, Scalar]] = {
    "message.sent": {"automatic": False},
    "shipment.dispatched": {"tracked": True},
    "violation.found": {"by": "reviewer"},
}
_LINE = re.compile(rf"({saying.PATTERN}) (.+)\Z")
_DAY_ALONE = re.compile(r"(?:\d{4}-\d\d-\d\d|day -?\d{1,4})\Z")
_CHARGE = re.compile(r"(\d{1,7}) points? on ([a-z][a-z0-9 _-]*?)(?: x(\d{1,4}))?\Z")
_COUNT = re.compile(r"(\d{1,9}) (faulty|kept) of (\d{1,9})(?:, sum (\d{1,15}))?(?:, from (\d{1,9}) buyers?)?\Z")
_RANGE = re.compile(r"(.+:)(\d{1,6})\.\.(\d{1,6})\Z")
COUNT_HINT = '"25 faulty of 200" or "190 kept of 200"'


@dataclass(frozen=True, slots=True)
class Given:
    """A count that a case gives: faulty of counted, for a mean the sum of the values, and from how many buyers."""

    counted: int
    faulty: int
    total: int = 0
    buyers: int = 0


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come out at one moment; `values` as the keys of EXPECTED have them, moments read.

    day_alone  it was written as a day, whose end is meant
    """

    at: datetime | None
    values: Mapping[str, Any]
    day_alone: bool = False


@dataclass(frozen=True)
class Case:
    """A worked case. `counts` holds, for each standard, per window ("" for any), the counts with the latest last."""

    name: str
    title: str
    rulebook: str
    version: str
    source: str
    line: int
    zone: str
    facts: tuple[Fact, ...]
    charges: tuple[tuple[datetime, int, str], ...]
    counts: Mapping[str, Mapping[str, tuple[Given, ...]]]
    peers: Mapping[str, Given]
    inputs: Mapping[str, str]
    reason: str
    expectations: tuple[Expectation, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Setting:
    """What a case's short forms are read against: the rulebook's time zone, and its day 0 by version."""

    zone: str
    day_zero: date


class Settings:
    """Tells the setting of a rulebook's version; raises LookupError for one that there is not."""

    def of(self, rulebook: str, version: str) -> Setting:
        """Return the setting of the rulebook `rulebook`, of its first version where none is named."""
        raise NotImplementedError


def setting_of(book: Rulebook) -> Setting:
    """Return the setting of one version: its zone, and its first day as day 0."""
    return Setting(book.zone, day_of(book.in_force_from, book.zone))


def read(text: str, settings: Settings, *, own: str = "") -> list[Case]:
    """Read the worked cases of a file, or of a rulebook named `own`; raise BadCases with every mistake."""
    tree = tree_of(text, MAX_BYTES * 2)
    reader = Reader(Lines(text))
    head = Table(reader, tree, ())
    default = own or head.text("rulebook")
    if not own:
        for key in tree:
            if key not in ("rulebook", "case"):
                head.wrong(key, f"unknown key {key!r}", "a file of worked cases has: rulebook, case")
    cases = head.each("case", lambda table: _case(table, settings, default))
    if reader.mistakes:
        raise BadCases(reader.mistakes)
    return cases


def _case(table: Table, settings: Settings, default: str) -> Case:
    for key in table.values:
        if key not in KEYS:
            table.wrong(key, f"unknown key {key!r}", f"a case has: {', '.join(KEYS)}")
    rulebook, version = table.text("rulebook") or default, table.text("version")
    try:
        setting = settings.of(rulebook, version)
    except LookupError as error:
        table.fail("rulebook" if "rulebook" in table.values else "name", str(error))
    start = table.values.get("start")
    if type(start) is date:
        setting = Setting(setting.zone, start)
    reading = _Reading(table, setting)
    at = reading.moment("at", end=True)
    facts = reading.facts()
    return Case(
        name=table.text("name", required=True),
        title=table.text("title"),
        rulebook=rulebook,
        version=version,
        source=table.text("source"),
        line=table.reader.lines.of(table.path),
        zone=setting.zone,
        facts=facts,
        charges=reading.charges(),
        counts=reading.counts(),
        peers=reading.peers(),
        inputs=reading.texts("inputs"),
        reason=table.text("reason"),
        expectations=reading.expectations(at, facts),
    )


class _Reading:
    """Reads one case's short forms."""

    def __init__(self, table: Table, setting: Setting):
        self.table, self.setting = table, setting

    def moment(self, key: str, *, end: bool = False, table: Table | None = None) -> datetime | None:
        """Read a moment: a TOML date or time, or "day 3 10:00". A day alone is its beginning, or its end."""
        table = table or self.table
        value = table.values.get(key)
        if value is None:
            return None
        try:
            if isinstance(value, datetime):
                return moments.believable(value) if value.tzinfo else saying.at_wall(value, self.setting.zone)
            return self.spoken(value.isoformat() if type(value) is date else str(value), end=end)
        except (ValueError, OverflowError) as error:
            table.wrong(key, str(error))
            return None

    def spoken(self, text: str, *, end: bool = False) -> datetime:
        """Read "2026-01-02 10:00", "2026-01-02" or "day 3 10:00"; raise ValueError."""
        return saying.moment(text, self.setting.zone, self.setting.day_zero, end=end)

    def facts(self) -> tuple[Fact, ...]:
        """Read the lines of `facts`, ids by their place."""
        facts: list[Fact] = []
        serial = numbers(1)
        for line in self.table.texts("facts", default=[]):
            try:
                facts += self.fact_line(line, serial)
            except ValueError as error:
                self.table.wrong("facts", f"{line!r}: {error}")
        if len(facts) > MAX_FACTS:
            self.table.fail("facts", f"more than {MAX_FACTS:,} facts", "use counts")
        return tuple(facts)

    def fact_line(self, line: str, serial: Any) -> list[Fact]:
        """Read one line of `facts`; several facts where its subject is a range."""
        parts = _LINE.match(line)
        if parts is None:
            raise ValueError('a fact is written "2026-01-02 20:00 message.sent by=buyer"')
        at = self.spoken(parts.group(1))
        # As in a shell: values with spaces stand in quotes.
        words = shlex.split(parts.group(2))
        kind = KINDS.get(words[0])
        if kind is None:
            raise ValueError(f"unknown kind of fact {words[0]!r}; see docs/facts.md")
        pairs = dict(word.partition("=")[::2] for word in words[1:])
        # A case may say when a fact was noted: late facts are cases, too.
        noted = self.spoken(pairs.pop("noted")) if "noted" in pairs else at
        data = dict(_DEFAULTS.get(kind.name, {}))
        fields = {name.rstrip("_"): each for name, each in kind.fields.items()}
        # "of" names the whole, as kind:id; without a colon it is a field of the fact, where it has one.
        of = pairs.pop("of") if ":" in pairs.get("of", "") or ("of" not in fields and "of" in pairs) else ""
        of = _the_seller(of)
        on = pairs.pop("on", f"{kind.subjects[0]}:1")
        for name, value in pairs.items():
            if name not in fields:
                raise ValueError(f"{kind.name} has no field {name!r}; it has: {', '.join(fields) or 'none'}")
            data[name] = self.value(value, fields[name].type)
        facts = []
        for subject in _subjects(on):
            fact = Fact(
                id=f"f{next(serial):06d}",
                kind=kind.name,
                at=at,
                noted_at=noted,
                subject=subject,
                matter=of or matter_of(subject),
                party=PARTY,
                data=data,
            )
            if wrong := next(problems(fact), None):
                raise ValueError(wrong)
            facts.append(fact)
        return facts

    def value(self, text: str, kind: type) -> Scalar:
        """Read a field's value by its type; a day alone is its end: a promise for a day is kept on that day."""
        if kind is datetime:
            return moments.to_text(self.spoken(text, end=True))
        if kind is bool:
            if text not in ("true", "false"):
                raise ValueError(f"{text!r} is neither true nor false")
            return text == "true"
        return int(text) if kind is int else text

    def charges(self) -> tuple[tuple[datetime, int, str], ...]:
        """Read the lines of `charges`."""
        charges = []
        for line in self.table.texts("charges", default=[]):
            parts = _LINE.match(line)
            points = _CHARGE.match(parts.group(2)) if parts else None
            if parts is None or points is None:
                self.table.wrong("charges", f"{line!r} is not a charge", '"2026-01-02 6 points on service"')
                continue
            try:
                at = self.spoken(parts.group(1))
            except ValueError as error:
                self.table.wrong("charges", str(error))
                continue
            charges += [(at, int(points.group(1)), points.group(2))] * int(points.group(3) or 1)
        return tuple(charges)

    def counts(self) -> dict[str, dict[str, tuple[Given, ...]]]:
        """Read `counts`: for each standard, per window, one count or a list of them."""
        inner = self.table.table("counts")
        by_standard: dict[str, dict[str, tuple[Given, ...]]] = {}
        for name, value in inner.values.items() if inner else ():
            windows = value if isinstance(value, dict) else {"": value}
            by_standard[name] = {
                window: tuple(self.count(each) for each in (counts if isinstance(counts, list) else [counts]))
                for window, counts in windows.items()
            }
        return by_standard

    def peers(self) -> dict[str, Given]:
        """Read `peers`."""
        inner = self.table.table("peers")
        return {name: self.count(value) for name, value in (inner.values.items() if inner else ())}

    def count(self, value: Any) -> Given:
        """Read "25 faulty of 200"."""
        parts = _COUNT.match(value) if isinstance(value, str) else None
        if parts is None or int(parts.group(1)) > int(parts.group(3)):
            self.table.fail("counts", f"{value!r} is not a count", COUNT_HINT)
        some, counted = int(parts.group(1)), int(parts.group(3))
        # Marketplaces publish either; kept as faults alone.
        faulty = some if parts.group(2) == "faulty" else counted - some
        return Given(counted, faulty, int(parts.group(4) or 0), int(parts.group(5) or faulty))

    def texts(self, key: str) -> dict[str, str]:
        """Read a table of texts."""
        inner = self.table.table(key)
        return {name: inner.text(name) for name in inner.values} if inner else {}

    def expectations(self, at: datetime | None, facts: tuple[Fact, ...]) -> tuple[Expectation, ...]:
        """Read what must come out, in the order of the moments."""
        if self.table.values.get("expect") is None:
            self.table.wrong("name", "missing expect", "[case.expect]")
        last = max((fact.noted_at for fact in facts), default=None)
        expected = []
        for inner in self.table.one_or_more("expect", "[case.expect]"):
            values = {}
            for key in inner.values:
                if key not in EXPECTED:
                    inner.wrong(key, f"unknown expectation {key!r}", f"there are: {', '.join(EXPECTED)}")
                elif key != "at":
                    values[key] = self.expected(inner, key)
            said = inner.values.get("at", self.table.values.get("at"))
            day_alone = type(said) is date or (isinstance(said, str) and _DAY_ALONE.match(said) is not None)
            expected.append(Expectation(self.moment("at", end=True, table=inner) or at or last, values, day_alone))
        return tuple(sorted(expected, key=lambda each: each.at or datetime.min.replace(tzinfo=UTC)))

    def expected(self, inner: Table, key: str) -> Any:
        """Return an expected value; days and times as they stand, tables with all of their keys known."""
        value = inner.values[key]
        allowed = {
            "duty": ("status", "due", "ended"),
            "standard": ("level", "rate", "kept", "counted", "faulty", "buyers", "window"),
            "decision": ("outcome", "offer", "fault", "row"),
            "runs": ("from", "until"),
        }.get(key)
        tables = [value] if key == "decision" else list(value.values()) if isinstance(value, dict) else []
        for each in tables:
            for name in each if isinstance(each, dict) else ():
                if allowed is not None and name not in allowed:
                    inner.wrong(key, f"unknown {name!r} in {key}", f"there are: {', '.join(allowed)}")
        if key in ("duty", "standard", "points", "may", "runs") and not isinstance(value, dict):
            inner.fail(key, f"{key} must be a table", f"{key} = {{ NAME = … }}")
        if key in ("measures", "follows", "appeals"):
            return inner.texts(key, default=[])
        if key == "may" and not all(isinstance(each, list) for each in value.values()):
            inner.fail(key, "may holds a list for each side", 'may = { seller = ["accept"] }')
        if key == "may_open" and not isinstance(value, bool):
            inner.fail(key, "may_open must be true or false")
        if key == "decision" and not isinstance(value, str | dict):
            inner.fail(key, "decision must be an outcome, or a table", 'decision = "buyer"')
        return value


def _subjects(on: str) -> list[str]:
    parts = _RANGE.match(on)
    if parts is None:
        return [_the_seller(on)]
    first, last = int(parts.group(2)), int(parts.group(3))
    if last < first or last - first >= MAX_FACTS:
        raise ValueError(f"{on!r} is not a range")
    return [f"{parts.group(1)}{number}" for number in range(first, last + 1)]


def _the_seller(name: str) -> str:
    """Return how the seller of a case is named, whatever number a line gives it: there is one."""
    return PARTY if name.partition(":")[0] == "seller" else name


def matter_of(subject: str) -> str:
    """The matter of a subject: shipments, disputes and returns belong to the order of the same number."""
    kind, _, number = subject.partition(":")
    if kind in ("shipment", "dispute"):
        return f"order:{number}"
    return PARTY if kind in ("seller", "buyer") else subject
