"""Trying worked cases: run each through the judge, and say where what comes out is not what must."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from comity.lib.ids import name_of
from comity.lib.moments import UTC
from comity.policy.disputes import openings, table
from comity.policy.disputes.rule import DisputeRules
from comity.policy.duties.matter import DutyState
from comity.policy.facts import NEVER, Fact
from comity.policy.follows import Follow, OverturnConsequence
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions import points
from comity.policy.sanctions.accounts import CHARGES
from comity.policy.sanctions.measures import MEASURES, MeasureStatus, Rung
from comity.policy.sanctions.outcome import rung_of, term
from comity.policy.sanctions.points import ChargeState, Crossing
from comity.policy.standards import levels, rating
from comity.policy.standards.counting import TALLIES, EvaluationState, evaluation_of
from comity.policy.standards.levels import Verdict
from comity.policy.standards.rates import Reading, percent
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.tally import PeerState
from comity.rulebooks import words
from comity.rulebooks.language.reading import duration
from comity.rulebooks.workbench import saying
from comity.rulebooks.workbench.cases import PARTY, Case, Expectation, Setting, Settings, read, setting_of
from comity.rulebooks.workbench.given import GivenRows

_TICK = timedelta(microseconds=1)
#: Consequences of which a case need not say the value: there is one.
_FOLLOWS = {
    "escalate": "escalate agent", "cancel": "cancel platform", "hand over": "hand_over agent", "refund": "refund buyer",
    "revive": "revive claim",
}  # fmt: skip
_GONE = (MeasureStatus.OVERTURNED, MeasureStatus.DECLINED)
_OVER = (MeasureStatus.OVERTURNED, MeasureStatus.DECLINED, MeasureStatus.LIFTED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try gave: nothing wrong, or what came out otherwise than it must."""

    case: Case
    wrong: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as it must."""
        return not self.wrong


def attempt(case: Case, rulebooks: Rulebooks) -> Outcome:
    """Run a case; a rule that it names and there is not counts as wrong, and so does a case that cannot be run."""
    try:
        return Outcome(case, tuple(_Try(case, rulebooks).run()))
    except (LookupError, ValueError) as error:
        return Outcome(case, (f"cannot be run: {error}",))


class Shelf(Settings):
    """Where cases find their rulebooks, too."""

    def books(self, name: str, version: str = "") -> Rulebooks:
        """Return the versions of `name`, or one alone; raise LookupError."""
        raise NotImplementedError

    def of(self, rulebook: str, version: str) -> Setting:
        """Return the time zone and the first day of the newest of these versions; raise LookupError."""
        return setting_of(list(self.books(rulebook, version))[-1])


def attempt_all(text: str, shelf: Shelf, *, own: str = "") -> list[Outcome]:
    """Read and run the cases of a file, or of a rulebook named `own`; raise BadRulebook where they cannot be read."""
    return [attempt(case, shelf.books(case.rulebook, case.version)) for case in read(text, shelf, own=own)]


class _Try:
    """One run of a case."""

    def __init__(self, case: Case, rulebooks: Rulebooks):
        self.case, self.books = case, rulebooks
        looks = [each.at for each in case.expectations if each.at is not None]
        self.last = max(looks, default=next(iter(rulebooks)).in_force_from)
        self.rulings: list[Ruling] = []
        self.memory = Memory(rulebooks, PARTY)
        self.rows = GivenRows(case, rulebooks, self.last)
        self.memory.counting = self.rows
        self.facts: list[Fact] = []

    def run(self) -> Iterator[str]:
        self._take_up_charges()
        for name, given in self.case.peers.items():
            self.memory.of("peer")[name] = PeerState(
                # Long before, so that every evaluation of the case finds it.
                key=name,
                standard=name,
                at=self.last - timedelta(days=400),
                counted=given.counted,
                faulty=given.faulty,
            )
        # In the order in which they were noted: what comes late is judged late.
        coming = sorted(self.case.facts, key=lambda fact: (fact.noted_at, fact.id))
        for each in self.case.expectations or (Expectation(self.last, {}),):
            at = each.at or self.last
            while coming and coming[0].noted_at <= at:
                fact = coming.pop(0)
                self.facts.append(fact)
                self.rulings += self.memory.note(fact)
            self.rulings += self.memory.turn(at)
            if at == self.last and self.case.counts:
                self._evaluate_counts(at)
            when = f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}: " if len(self.case.expectations) > 1 else ""
            problems = list(self._check(each, at))
            yield from (f"{when}{problem}" for problem in problems)
            if problems and each.day_alone:
                day = f"{at.astimezone(self._zone):%Y-%m-%d}"
                yield f'{when}this is the end of {day}; for what is seen as it begins write at = "{day} 00:00"'

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.case.zone)

    def _take_up_charges(self) -> None:
        """Let each charge that the case gives come as a charge of no rule in particular, and climb the ladder."""
        for number, (at, worth, ledger) in enumerate(self.case.charges):
            book = self._book(at)
            if ledger not in book.ledgers:
                raise LookupError(f"{book.ref} has no ledger {ledger!r}; it has: {', '.join(book.ledgers) or 'none'}")
            key = name_of("given", str(number))
            charge = ChargeState(
                key=key,
                ledger=ledger,
                points=worth,
                rulebook=book.ref,
                rule="given",
                matter=PARTY,
                because=f"{number:06d}",
                at=at,
                expires_at=book.ledgers[ledger].ends(at),
            )
            self.memory.load(CHARGES.name, [charge])

    def _book(self, at: datetime) -> Rulebook:
        book = self.books.in_force(at)
        if book is None:
            first = next(iter(self.books))
            begins = f"the first, {first.ref}, is from {first.in_force_from:%Y-%m-%d} on"
            raise LookupError(f"no version is in force at {at:%Y-%m-%d}; {begins}")
        return book

    def _evaluate_counts(self, at: datetime) -> None:
        for name in self.case.counts:
            _standard(self._book(at), name)
        coming = [EvaluationState(key=evaluation_of(name), next_at=at) for name in self.case.counts]
        self.memory.load(TALLIES.name, coming)
        self.rulings += self.memory.turn(at + _TICK)

    def _check(self, expected: Expectation, at: datetime) -> Iterator[str]:
        checks: dict[str, Callable[[Any, datetime, str], Iterator[str]]] = {
            "duty": self._check_duties,
            "standard": self._check_standards,
            "points": self._check_points,
            "measures": self._check_measures,
            "runs": self._check_runs,
            "follows": self._check_follows,
            "decision": self._check_decision,
            "may_open": self._check_opening,
            "opens": self._check_window,
            "closes": self._check_window,
            "waits": self._check_waits,
            "phase": self._check_phase,
            "may": self._check_may,
            "appeals": self._check_appeals,
            "appeal_until": self._check_appeal,
        }
        for key, value in expected.values.items():
            yield from checks[key](value, at, key)

    # Duties

    def _check_duties(self, value: Mapping[str, Any], at: datetime, _: str) -> Iterator[str]:
        for name, wanted in value.items():
            if not any(name in book.by_name for book in self.books):
                raise LookupError(f"there is no duty {name!r}")
            duties = [duty for duty in self.memory.all_duties() if duty.rule == name]
            # Of several subjects the first, of which the case speaks where it names none.
            first = min((duty.subject for duty in duties), default="")
            latest = max((duty for duty in duties if duty.subject == first), key=lambda duty: duty.place, default=None)
            table = wanted if isinstance(wanted, dict) else {"status": wanted}
            yield from self._check_duty(name, latest, table)

    def _check_duty(self, name: str, duty: DutyState | None, table: Mapping[str, Any]) -> Iterator[str]:
        status = duty.status.value if duty else "none"
        if "status" in table and table["status"] != status:
            yield f"duty {name}: must be {table['status']}, is {status}"
        for key in ("due", "ended"):
            if key in table:
                is_ = None if duty is None else duty.due if key == "due" else duty.ended_at
                # One that waits without a known end has no deadline to show.
                is_ = None if is_ == NEVER else is_
                yield from self._same_moment(f"duty {name}: {key}", table[key], is_)

    def _same_moment(self, what: str, wanted: Any, found: datetime | None) -> Iterator[str]:
        local = found.astimezone(self._zone) if found else None
        if wanted == "never" or local is None:
            same = wanted == "never" and local is None
        elif isinstance(wanted, datetime):
            # Moments in UTC: of two with other zones, Python calls none equal in an hour that comes twice.
            here = local.replace(tzinfo=None) if wanted.tzinfo is None else local.astimezone(UTC)
            same = (wanted if wanted.tzinfo is None else wanted.astimezone(UTC)) == here
        elif isinstance(wanted, date):
            same = wanted == local.date()
        else:
            same = saying.is_same(str(wanted), local, self.case.zone)
        if not same:
            yield (
                f"{what} must be {wanted}, is {local:%Y-%m-%d %H:%M:%S}"
                if local
                else f"{what} must be {wanted}, is never"
            )

    # Standards

    def _check_standards(self, value: Mapping[str, Any], at: datetime, _: str) -> Iterator[str]:
        book = self._book(at)
        for name, wanted in value.items():
            rule = _standard(book, name)
            verdict = rating.verdict_at(book, rule, at, self.rows, self.memory.of("peer").values())
            table = wanted if isinstance(wanted, dict) else {"level": wanted}
            for key, must in table.items():
                is_ = self._seen(book, rule, verdict, key, at)
                if str(must) != is_ and not _near(str(must), verdict.outcome.telling, key):
                    yield f"standard {name}: {key} must be {must}, is {is_}"

    def _seen(self, book: Rulebook, rule: StandardRule, verdict: Verdict, key: str, at: datetime) -> str:
        seen = verdict.outcome.telling
        if key == "level":
            if verdict.level is not None:
                return rule.levels[verdict.level].name
            return "kept" if verdict.outcome.enough else "not enough data"
        if key == "window":
            begin, end = levels.stretch(rule, rule.windows[0], at, book.in_force_from)
            zone = ZoneInfo(rule.zone)
            return f"{begin.astimezone(zone):%Y-%m-%d}..{(end - _TICK).astimezone(zone):%Y-%m-%d}"
        if key in ("rate", "kept"):
            share = seen.value(key)
            return "unknown" if share is None else percent(share)
        return str(getattr(seen, key))

    # Points and measures

    def _check_points(self, value: Mapping[str, Any], at: datetime, _: str) -> Iterator[str]:
        book = self._book(at)
        for name, wanted in value.items():
            if name not in book.ledgers:
                raise LookupError(f"{book.ref} has no ledger {name!r}; it has: {', '.join(book.ledgers) or 'none'}")
            found = points.standing(book, name, self.memory.charges.values(), at, self.rows)
            if found != wanted:
                yield f"points on {name}: must be {wanted}, are {found}"

    def _check_measures(self, value: list[str], at: datetime, _: str) -> Iterator[str]:
        found = [(rung.measure, rung.length) for rung in self._measures(at)]
        if not _are_these(found, value):
            are = [measure + (f" {words.length(span)}" if span else "") for measure, span in found]
            yield f"measures must be {_listed(value)}, are {_listed(are)}"

    def _check_runs(self, value: Mapping[str, Any], at: datetime, _: str) -> Iterator[str]:
        for kind, wanted in value.items():
            if kind not in MEASURES:
                raise LookupError(f"there is no measure {kind!r}; there are: {', '.join(MEASURES)}")
            begin, end = self._stretch(kind, at)
            asked = wanted if isinstance(wanted, dict) else {"from": wanted}
            for key, found in (("from", begin), ("until", end)):
                if key in asked:
                    yield from self._same_moment(f"{kind} runs {key}", asked[key], found)

    def _stretch(self, kind: str, at: datetime) -> tuple[datetime | None, datetime | None]:
        """Return from when until when the latest measure of a kind is in effect; None for never, and without end."""
        stretches: list[tuple[datetime, datetime | None]] = []
        for measure in self.memory.measures.values():
            if measure.measure != kind or measure.status in _GONE:
                continue
            if measure.effective_at is not None:
                stretches.append((measure.effective_at, measure.until))
            else:  # as if it were approved, and its party told, at once
                stretches.append(_term(rung_of(self.books, measure), measure.placed_at or measure.at))
        given = (each for each in self._reached_by_given(at) if each.rung.measure == kind)
        stretches += [_term(each.rung, each.charge.at) for each in given]
        return max(stretches, key=lambda each: each[0], default=(None, None))

    def _check_appeals(self, value: list[str], at: datetime, _: str) -> Iterator[str]:
        gravest = max(self._measures(at), key=lambda rung: rung.weight, default=None)
        found = list(gravest.appeals) if gravest else []
        if found != [duration(text) for text in value]:
            yield f"appeals must be {_listed(value)}, are {_listed(list(map(words.length, found)))}"

    def _measures(self, at: datetime) -> Iterator[Rung]:
        """Every measure that is proposed or placed and not over, those that the given charges reach included.

        One that reviewers decide counts as approved at once.
        """
        for measure in self.memory.measures.values():
            rung = self.books.version(measure.rulebook).rung(measure.origin, measure.rung)
            waits = measure.status is MeasureStatus.PROPOSED
            if measure.status not in _OVER and not (waits and _over(rung, measure.at, at)):
                yield rung
        for crossing in self._reached_by_given(at):
            if not _over(crossing.rung, crossing.charge.at, at):
                yield crossing.rung

    def _reached_by_given(self, at: datetime) -> Iterator[Crossing]:
        """Yield the rungs that given charges reach, where the judge has not placed them."""
        given = [charge for charge in self.memory.charges.values() if charge.rule == "given" and charge.at <= at]
        placed = {measure.key for measure in self.memory.measures.values()}
        for ledger in sorted({charge.ledger for charge in given}):
            on_ledger = [c for c in self.memory.charges.values() if c.ledger == ledger and c.at <= at]
            for crossing in points.crossings(self.books, on_ledger, self.rows):
                if crossing.key not in placed:
                    yield crossing

    def _check_follows(self, value: list[str], at: datetime, _: str) -> Iterator[str]:
        gone = {r.key for r in self.rulings if isinstance(r, OverturnConsequence)}
        found = sorted(
            f"{ruling.what} {ruling.value}"
            for ruling in self.rulings
            if isinstance(ruling, Follow) and ruling.key not in gone and ruling.at <= at
        )
        wanted = sorted(_FOLLOWS.get(each, each) for each in value)
        if found != wanted:
            yield f"what follows must be {_listed(wanted)}, is {_listed(found)}"

    # Disputes

    def _rules(self, at: datetime) -> DisputeRules:
        rules = self._book(at).dispute
        if rules is None:
            raise LookupError(f"{self._book(at).ref} has no [dispute]")
        return rules

    def _check_decision(self, value: Any, at: datetime, _: str) -> Iterator[str]:
        rules = self._rules(at)
        for name, answer in self.case.inputs.items():
            if answer not in rules.inputs.get(name, ()):
                raise LookupError(f"the decision table has no input {name} = {answer!r}")
        row = table.decide(rules, self.case.inputs)
        asked = value if isinstance(value, dict) else {"outcome": value}
        for key, wanted in asked.items():
            is_ = "none" if row is None else row.name if key == "row" else getattr(row, key)
            if is_ != wanted:
                yield f"decision: {key} must be {wanted}, is {is_}"

    def _check_opening(self, value: Any, at: datetime, _: str) -> Iterator[str]:
        found = openings.may_open(self._rules(at), self.case.reason, self.facts, at)
        if found != value:
            yield f"a dispute {'may' if value else 'may not'} be opened here, but it {'may' if found else 'may not'}"

    def _check_window(self, value: Any, at: datetime, key: str) -> Iterator[str]:
        window = openings.window(self._rules(at), self.case.reason, self.facts)
        yield from self._same_moment(f"a dispute {key}", value, window[0] if key == "opens" else window[1])

    def _check_waits(self, value: str, at: datetime, _: str) -> Iterator[str]:
        found = openings.window_of(self._rules(at), self.case.reason, self.facts).waits_for or "nothing"
        if found != value:
            yield f"the end of the time to open must wait for {value}, waits for {found}"

    def _check_appeal(self, value: Any, at: datetime, _: str) -> Iterator[str]:
        until = openings.appeal_until(self._rules(at), self.facts, self._book(at).zone)
        yield from self._same_moment("the decision may be appealed against until", value, until)

    def _check_phase(self, value: str, at: datetime, _: str) -> Iterator[str]:
        phase = openings.phase(self._rules(at), self.facts)
        name = phase.name if phase else "none"
        if name != value:
            yield f"the phase must be {value}, is {name}"

    def _check_may(self, value: Mapping[str, list[str]], at: datetime, _: str) -> Iterator[str]:
        phase = openings.phase(self._rules(at), self.facts)
        for side, wanted in value.items():
            found = sorted(phase.may.get(side, ())) if phase else []
            if found != sorted(wanted):
                yield f"the {side} may {_listed(wanted)}, but may {_listed(found)}"


def _are_these(found: Sequence[tuple[str, timedelta | None]], wanted: Iterable[str]) -> bool:
    """Whether the measures are those wanted ("freeze", or "freeze 7 days"), each once and none beside them."""
    left = list(found)
    for text in sorted(wanted, key=len, reverse=True):  # those with a length first: a bare name takes what is left
        measure = next((name for name in MEASURES if f"{text} ".startswith(f"{name} ")), text)
        rest = text.removeprefix(measure).strip()
        span = duration(rest) if rest else None
        match = next((each for each in left if each[0] == measure and span in (None, each[1])), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _term(rung: Rung, at: datetime) -> tuple[datetime, datetime | None]:
    """Return from when until when a measure is in effect that is placed, and told, at `at`."""
    return term(rung, told_at=at, placed_at=at)


def _over(rung: Rung, since: datetime, at: datetime) -> bool:
    """Whether a measure reached at `since` is over at `at`, its notice and its length having run."""
    return rung.length is not None and at >= since + rung.notice + rung.length


def _standard(book: Rulebook, name: str) -> StandardRule:
    if name not in book.standards:
        raise LookupError(f"{book.ref} has no standard {name!r}; it has: {', '.join(book.standards) or 'none'}")
    return book.standards[name]


def _near(must: str, seen: Reading, key: str) -> bool:
    """Whether a share that a source gives rounded, as 14.3% or 0.143, is the one that came out."""
    share = seen.value(key) if key in ("rate", "kept") else None
    if share is None:
        return False
    try:
        number = Fraction(must.rstrip("%"))
    except ValueError:
        return False
    # Half a unit of the last digit that is given.
    decimals = len(must.rstrip("%").partition(".")[2])
    return abs(number - share * (100 if "%" in must else 1)) <= Fraction(1, 2 * 10**decimals)


def _listed(values: list[str]) -> str:
    return ", ".join(values) or "none"
