"""The reference interpreter: what stands, straight from the definitions, quadratic, without a shortcut.

It knows nothing of lateness: it looks at all facts in the order of time, once, and says what is in force at the end.
It shares with the judge the values of a rulebook and how keys are named; nothing else. Time it walks (`reference_time`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from comity.lib import moments
from comity.lib.ids import name_of
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import KINDS, Fact
from comity.policy.matching import Match
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.sanctions.measures import WEIGHTS, Rung
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards import sequential
from comity.policy.standards.rates import Count, Reading
from comity.policy.standards.rule import Level, StandardRule
from tests.policy import reference_time as walked

OUTCOME = {
    "met": "met",
    "breached": "breached",
    "cured": "breached",
    "waived": "waived",
    "voided": "voided",
    "unknown": "unknown",
}
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Duty:
    key: str
    rule: DutyRule
    book: Rulebook
    subject: str
    opened_at: datetime
    opened_by: str
    due: datetime
    status: str = "open"
    ended: datetime | None = None

    @property
    def breaks_at(self) -> datetime:
        return max(self.due, self.opened_at) + (self.rule.decided_after or timedelta(0))

    @property
    def waits(self) -> bool:
        return self.ended is None and self.status in ("open", "breached")


@dataclass(frozen=True)
class Charge:
    key: str
    ledger: str
    points: int
    book: Rulebook
    because: str
    at: datetime
    ends: datetime


@dataclass
class Standing:
    duties: set[tuple[Any, ...]]
    charges: set[tuple[Any, ...]]
    measures: set[tuple[Any, ...]]
    ratings: set[tuple[Any, ...]]


def means(matches: Iterable[Match], fact: Fact) -> bool:
    return any(match.accepts(fact) for match in matches)


def concerns(fact: Fact, subject: str) -> bool:
    return subject in (fact.subject, fact.matter) or fact.subject == fact.matter


def whole(matches: Iterable[Match], facts: list[Fact], subject: str) -> bool:
    """Whether the last of `facts`, with those before it, is about the whole subject: their pieces add up."""
    last = facts[-1]
    if last.subject == subject or "of_pieces" not in last.data:
        return True
    newest = {f.subject: f.data["pieces"] for f in facts if means(matches, f) and "pieces" in f.data}
    return sum(int(str(number)) for number in newest.values()) >= int(str(last.data["of_pieces"]))


def false_deliveries(facts: list[Fact]) -> set[str]:
    """Deliveries of parcels that had turned round before, or were brought to the door half a day later or more."""
    false: set[str] = set()
    for parcel in {fact.subject for fact in facts if fact.subject.startswith("shipment:")}:
        back: datetime | None = None
        since: datetime | None = None
        group: set[str] = set()
        for fact in (each for each in facts if each.subject == parcel):
            status = fact.data.get("status") if fact.data.get("source") == "carrier" else None
            if fact.kind == "shipment.delivered":
                if back is not None and back < fact.at:
                    false.add(fact.id)
                else:
                    group.add(fact.id)
                    since = since or fact.at
            elif fact.kind == "shipment.scanned" and status in ("returned", "back_at_sender"):
                back = back or fact.at
            elif fact.kind == "shipment.scanned" and status in ("out_for_delivery", "attempted"):
                if since is not None and not fact.data.get("zone_assumed") and fact.at - since >= timedelta(hours=12):
                    false, since, group = false | group, None, set()
    return false


class Reference:
    """What stands at `until` for a party with these facts."""

    def __init__(self, books: Rulebooks, party: str, facts: Iterable[Fact], until: datetime):
        self.books, self.party, self.until = books, party, until
        self.noted = list(facts)
        self.facts = sorted(self.noted, key=lambda fact: (fact.at, fact.id))
        self.kept_stops: dict[tuple[Any, ...], list[walked.Stretch]] = {}
        self.false = false_deliveries(self.facts)
        self.duties = [duty for matter in sorted({f.matter for f in self.facts}) for duty in self.duties_of(matter)]

    # Duties

    def pauses(self, matter: str) -> list[tuple[datetime, datetime, str]]:
        return [
            (moments.parse(str(f.data["from"])), moments.parse(str(f.data["until"])), str(f.data["cause"]))
            for f in self.noted
            if f.kind == "pause.recorded" and f.matter in (matter, self.party)
        ]

    def stops(self, rule: DutyRule, matter: str) -> list[walked.Stretch]:
        """What stops a duty: of holidays, in the order in which they were noted, so much a year."""
        key = (rule.pauses, rule.holiday_limit, rule.zone, matter)
        if key not in self.kept_stops:
            told = self.pauses(matter)
            stops = [(b, e) for b, e, cause in told if cause in rule.pauses and cause != "holiday"]
            off = [(b, e) for b, e, cause in told if cause == "holiday" and "holiday" in rule.pauses]
            limit = rule.holiday_limit
            self.kept_stops[key] = stops + (off if limit is None else walked.limited(off, limit, rule.zone))
        return self.kept_stops[key]

    def due(self, rule: DutyRule, at: datetime, fact: Fact | None, earlier: list[Fact], matter: str) -> datetime | None:
        stops = self.stops(rule, matter)
        if not rule.by:
            within = rule.within or timedelta(0)
            for season in rule.seasons:
                if season.first <= walked.wall_day(at, rule.zone) <= season.last:
                    within = season.within
                    break
            return walked.due(rule.clock, at, within, stops)
        assert fact is not None
        source = fact if not rule.by_fact else next((f for f in reversed(earlier) if f.kind == rule.by_fact), None)
        promised = source.data.get(rule.by) if source is not None else None
        if not isinstance(promised, str):
            return None
        moment = moments.parse(promised)
        if moment > fact.at:
            moment = walked.pushed(fact.at, moment, stops)
        return walked.due(rule.clock, moment, rule.plus, stops) if rule.plus else moment

    def duties_of(self, matter: str) -> list[Duty]:
        facts = [fact for fact in self.facts if fact.matter == matter and fact.id not in self.false]
        duties: list[Duty] = []
        done = 0
        for position, fact in enumerate(facts):
            together = [each for each in facts[position:] if each.at == fact.at]
            if position < done:
                continue
            self.break_before(duties, fact.at, matter)
            if len(together) > 1:
                self.at_once(duties, facts[:position], together, matter)
                done = position + len(together)
                continue
            ended = []
            for duty in [duty for duty in duties if self.newest(duties, duty)]:
                if self.act(duties, duty, facts[: position + 1], fact.at, matter):
                    ended.append(duty.key)
                else:
                    self.move(duties, duty, fact, facts[:position], matter)
            book = self.books.in_force(fact.at)
            for rule in book.duties if book else ():
                self.open(duties, rule, book, fact, facts[:position], ended, matter)
        self.break_before(duties, self.until, matter)
        return duties

    def at_once(self, duties: list[Duty], earlier: list[Fact], together: list[Fact], matter: str) -> None:
        """Facts of one moment, duty by duty: what is needed is known first, then it begins, then it ends."""
        book = self.books.in_force(together[0].at)
        rules = {rule.name: rule for each in self.books for rule in each.duties} | dict(book.by_name if book else {})

        def follows(name: str) -> int:
            opens = rules[name].breach.opens if name in rules else ""
            return 1 + follows(opens) if opens else 0

        for name in sorted(rules, key=lambda name: (-follows(name), name)):
            rule, ended = rules[name], list[str]()
            in_turn = sorted(together, key=lambda fact: meaning(rule, fact))
            for number, fact in enumerate(in_turn):
                known, ended = [*earlier, *in_turn[:number]], []
                for duty in [d for d in duties if d.rule.name == name and self.newest(duties, d)]:
                    if self.act(duties, duty, [*known, fact], fact.at, matter):
                        ended.append(duty.key)
                    else:
                        self.move(duties, duty, fact, known, matter)
                if book is not None and name in book.by_name:
                    self.open(duties, book.by_name[name], book, fact, known, ended, matter)

    def newest(self, duties: list[Duty], duty: Duty) -> bool:
        return (
            max(
                (d for d in duties if (d.rule.name, d.subject) == (duty.rule.name, duty.subject)),
                key=lambda d: (d.opened_at, d.waits, d.opened_by),
            ).key
            == duty.key
        )

    def put(self, duties: list[Duty], duty: Duty) -> None:
        duties[[d.key for d in duties].index(duty.key)] = duty

    def break_before(self, duties: list[Duty], before: datetime, matter: str) -> None:
        while True:
            due = [
                d
                for d in duties
                if d.status == "open" and d.ended is None and d.breaks_at < before and self.newest(duties, d)
            ]
            if not due:
                return
            first = min(due, key=lambda d: (d.breaks_at, d.key))
            self.break_(duties, first, matter)

    def verdict(self, duty: Duty, matter: str) -> str:
        """In time by any fact that came no later than it had to; else too late by any that shows it; else unknown."""
        facts = [f for f in self.facts if f.matter == matter and f.id not in self.false]
        facts = [f for f in facts if f.at <= duty.breaks_at and concerns(f, duty.subject)]
        opening = next((f for f in facts if f.id == duty.opened_by), None)
        if not duty.rule.counts_before:
            facts = [f for f in facts if f.at >= duty.opened_at and f.id != duty.opened_by]
        for position, fact in enumerate(facts):
            for match in duty.rule.met_by:
                if not match.accepts(fact) or not whole([match], facts[: position + 1], duty.subject):
                    continue
                latest: datetime | None = duty.breaks_at
                if match.no_later_than == "due":
                    latest = duty.due
                elif match.no_later_than:
                    named = opening.data.get(match.no_later_than) if opening is not None else None
                    stops = self.stops(duty.rule, matter)
                    moment = moments.parse(named) if isinstance(named, str) else None
                    late = opening is not None and moment is not None and moment > opening.at
                    latest = walked.pushed(opening.at, moment, stops) if late and opening and moment else moment
                if latest is not None and fact.at <= latest:
                    return "met"
        return "breached" if any(means(duty.rule.broken_by, f) for f in facts) else "unknown"

    def break_(self, duties: list[Duty], duty: Duty, matter: str) -> None:
        if duty.rule.decided_after is not None:
            status = self.verdict(duty, matter)
            self.put(duties, replace(duty, status=status, ended=duty.breaks_at))
            if status != "breached":
                return
        else:
            self.put(duties, replace(duty, status="breached"))
        following = duty.rule.breach.opens
        if following:
            rule = duty.book.by_name[following]
            same = [d for d in duties if (d.rule.name, d.subject) == (following, duty.subject)]
            if same and (not rule.repeats or max(same, key=lambda d: (d.opened_at, d.waits, d.opened_by)).waits):
                return
            due = self.due(rule, duty.breaks_at, None, [], matter)
            assert due is not None
            duties.append(
                Duty(
                    name_of("duty", rule.name, duty.key, moments.to_text(duty.breaks_at)),
                    rule,
                    duty.book,
                    duty.subject,
                    duty.breaks_at,
                    duty.key,
                    due,
                )
            )

    def act(self, duties: list[Duty], duty: Duty, facts: list[Fact], dated: datetime, matter: str) -> bool:
        """Whether the last of `facts` ends the duty; the others came before it."""
        fact = facts[-1]
        if not duty.waits or not concerns(fact, duty.subject):
            return False
        breached = duty.status == "breached"
        if means(duty.rule.unknown_by, fact):
            status = "unknown"
        elif duty.rule.decided_after is None and means(duty.rule.met_by, fact):
            if not whole(duty.rule.met_by, facts, duty.subject):
                return False
            if not breached and fact.at <= duty.due:
                status = "met"
            else:
                if not breached:
                    self.break_(duties, duty, matter)
                self.put(duties, replace(duty, status="cured", ended=dated))
                return True
        elif means(duty.rule.waived_by, fact):
            if self.keeps_asking(duties, duty, facts, matter):
                return False
            status = "waived"
        elif means(duty.rule.voided_by, fact):
            status = "voided"
        else:
            return False
        self.put(duties, replace(duty, status="breached" if breached else status, ended=dated))
        return True

    def keeps_asking(self, duties: list[Duty], duty: Duty, facts: list[Fact], matter: str) -> bool:
        """Whether the last of `facts` settles one question alone and others wait; then the oldest of them counts."""
        fact, earlier = facts[-1], facts[:-1]
        if "of" not in fact.data:
            return False
        if duty.opened_at > fact.at:
            return True
        settled = {f.data["of"] for f in facts if f.kind == "conversation.no_reply_needed" and "of" in f.data}
        begins = next(
            (n for n, f in enumerate(earlier) if f.at == duty.opened_at and means(duty.rule.opened_by, f)), None
        )
        if not any(f.id == duty.opened_by for f in earlier):
            begins = None
        if begins is None:
            return "open_since" in fact.data
        waiting = [
            n
            for n in range(begins, len(earlier))
            if earlier[n].id not in settled
            and means(duty.rule.opened_by, earlier[n])
            and concerns(earlier[n], duty.subject)
        ]
        if not waiting:
            return False
        if earlier[waiting[0]].id != duty.opened_by and not duty.rule.latest and duty.status == "open":
            due = self.due(duty.rule, earlier[waiting[0]].at, earlier[waiting[0]], earlier[: waiting[0]], matter)
            if due is not None:
                self.put(duties, replace(duty, due=max(due, fact.at)))
        return True

    def move(self, duties: list[Duty], duty: Duty, fact: Fact, earlier: list[Fact], matter: str) -> None:
        rule = duty.rule
        about = fact.subject if fact.subject.split(":")[0] == rule.each else fact.matter
        if (
            rule.latest
            and duty.status == "open"
            and duty.waits
            and about == duty.subject
            and means(rule.opened_by, fact)
        ):
            due = self.due(rule, fact.at, fact, earlier, matter)
            if due is not None:
                self.put(duties, replace(duty, due=max(due, fact.at)))

    def open(
        self,
        duties: list[Duty],
        rule: DutyRule,
        book: Rulebook | None,
        fact: Fact,
        earlier: list[Fact],
        ended: list[str],
        matter: str,
    ) -> None:
        assert book is not None
        kind = rule.each
        subject = (
            fact.subject
            if fact.subject.split(":")[0] == kind
            else fact.matter
            if fact.matter.split(":")[0] == kind
            else None
        )
        if subject is None or not means(rule.opened_by, fact):
            return
        same = [d for d in duties if (d.rule.name, d.subject) == (rule.name, subject)]
        last = max(same, key=lambda d: (d.opened_at, d.waits, d.opened_by)) if same else None
        if last is not None:
            if last.waits and last.key not in ended:
                return
            if not rule.repeats:
                return
        told = [act for act in earlier if concerns(act, subject)]
        anew = max((n for n, act in enumerate(told) if means(rule.anew_after, act)), default=-1)
        over = max((n for n, act in enumerate(told) if means(rule.not_after, act)), default=-1)
        # Of a fact that is both, the new beginning counts.
        if over > anew and not means(rule.anew_after, fact):
            return
        due = self.due(rule, fact.at, fact, earlier, matter)
        if due is None:
            return
        duties.append(Duty(name_of("duty", rule.name, fact.id), rule, book, subject, fact.at, fact.id, due))
        if rule.counts_before:
            for position in range(len(earlier)):
                if self.act(duties, duties[-1], earlier[: position + 1], fact.at, matter):
                    return

    # Standards

    def names(self) -> set[str]:
        return {name for book in self.books for name in book.standards}

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for fact in self.facts:
            book = self.books.in_force(fact.at)
            rule = book.standards.get(name) if book else None
            if rule is None or rule.of_duty:
                continue
            subject = (
                fact.id
                if rule.each == "fact"
                else fact.subject
                if fact.subject.split(":")[0] == rule.each
                else fact.matter
                if fact.matter.split(":")[0] == rule.each
                else None
            )
            if subject is None:
                continue
            row = found.setdefault(subject, {"subject": subject})
            if fact.kind == "order.placed" and rule.asks_for_buyers and "buyer" in fact.data:
                named = str(fact.data["buyer"])
                row["buyer"] = min(row.get("buyer", named), named)
            for column, matches in (
                ("counted", rule.counted),
                ("faulty", rule.faulty),
                ("cleared", rule.cleared),
                ("excluded", rule.excluded),
            ):
                if column == "faulty":
                    self.fault(rule, row, fact)
                if means([m for m in matches if column != "faulty" or not m.unless], fact):
                    row[column] = min(row.get(column, fact.at), fact.at)
            if means(rule.counted, fact):
                if rule.basis is None:
                    row["basis"] = min(row.get("basis", fact.at), fact.at)
                if rule.value and isinstance(fact.data.get(rule.value), int):
                    number: Any = fact.data[rule.value]
                    row["value"] = min(row.get("value", number), number)
            if rule.basis is not None and rule.basis.by.accepts(fact):
                text = fact.data.get(rule.basis.field)
                moment = fact.at if not rule.basis.field else moments.parse(text) if isinstance(text, str) else None
                if moment is not None:
                    row["basis"] = min(row.get("basis", moment), moment)
        yield from found.values()
        for duty in self.duties:
            rule = duty.book.standards.get(name)
            if rule is None or rule.of_duty != duty.rule.name:
                continue
            outcome = OUTCOME.get(duty.status, "")
            at = duty.breaks_at if outcome == "breached" else duty.ended
            row = {
                "subject": f"duty:{duty.key}",
                "basis": {"opened": duty.opened_at, "due": duty.due, "ended": at}[rule.duty_basis],
            }
            if outcome in rule.counted_outcomes:
                row["counted"] = at
            if outcome in rule.faulty_outcomes:
                row["faulty"] = at
            yield row

    def fault(self, rule: StandardRule, row: dict[str, Any], fact: Fact) -> None:
        """Note a fault that something of its own clears, and what clears it: told apart by what they are about."""
        for match in rule.faulty:
            named = (match.fact, repr(match.where), match.tests)
            thing = None if fact.subject == row["subject"] or rule.each == "fact" else fact.subject
            if match.unless and match.accepts(fact):
                row.setdefault("faults", []).append((named, thing, fact.at))
            if means(match.unless, fact):
                one_of_its_kind = thing is not None and thing.split(":")[0] in KINDS[match.fact].subjects
                row.setdefault("clearings", []).append((named, thing if one_of_its_kind else None, fact.at))

    def is_faulty(self, row: dict[str, Any], at: datetime) -> bool:
        if "cleared" in row and row["cleared"] <= at:
            return False
        left = [
            thing
            for named, thing, since in row.get("faults", ())
            if since <= at
            and not any(
                other == named and gone <= at and (about is None or thing is None or about == thing)
                for other, about, gone in row.get("clearings", ())
            )
        ]
        return bool(left) or ("faulty" in row and row["faulty"] <= at)

    def count(self, name: str, begin: datetime, end: datetime, at: datetime, latest: Fraction | None) -> Count:
        seen = [
            r
            for r in self.rows(name)
            if r.get("basis")
            and r.get("counted")
            and begin <= r["basis"] < end
            and r["counted"] <= at
            and not ("excluded" in r and r["excluded"] <= at)
        ]
        if latest is not None:
            seen = sorted(seen, key=lambda r: (r["basis"], r["subject"]), reverse=True)[: ceil(len(seen) * latest)]
        faulty = [r for r in seen if self.is_faulty(r, at)]
        values = [r["value"] for r in seen if "value" in r]
        buyers = {r["buyer"] for r in faulty if "buyer" in r}
        return Count(len(seen), len(faulty), sum(values), len(values), len(buyers))

    def read(self, rule: StandardRule, book: Rulebook, at: datetime) -> list[Reading]:
        rate: Any
        seen = []
        for window in rule.windows:
            begin, end = walked.window(window.span.text, at, rule.zone, rule.lag.days)
            if rule.certain:
                season = book.in_force_from
                while season + (end - begin) < end:
                    season += end - begin
                begin = season
            count = self.count(rule.name, begin, end, at, window.latest)
            rate = Fraction(count.faulty, count.counted) if count.counted else None
            seen.append(
                Reading(
                    count.counted,
                    count.faulty,
                    rate,
                    Fraction(count.total, count.valued) if count.valued else None,
                    count.total,
                    count.buyers,
                )
            )
            if rule.mode == "choose" and count.counted >= window.from_volume:
                return seen[-1:]
        if rule.mode == "choose":
            return seen[-1:]
        if rule.mode == "weighted":
            rates = [s.rate for s in seen]
            rate = (
                None
                if None in rates
                else sum((r or 0) * (w.weight or 0) for r, w in zip(rates, rule.windows, strict=True))
            )
            return [
                Reading(
                    seen[0].counted,
                    seen[0].faulty,
                    rate if rate is None else Fraction(rate),
                    seen[0].mean,
                    seen[0].total,
                    seen[0].buyers,
                )
            ]
        return seen

    def broken(self, rule: StandardRule, level: Level, book: Rulebook, at: datetime) -> bool:
        for seen in self.read(rule, book, at):
            if seen.counted < level.at_least:
                continue
            for limit in level.limits:
                if seen.counted < limit.from_volume or (limit.below is not None and seen.counted >= limit.below):
                    continue
                if rule.certain:
                    bound = limit.bounds[0]
                    q = bound.value if bound.what == "rate" else 1 - bound.value
                    if sequential.log_evidence(seen.counted, seen.faulty, q) >= -float_log(rule.error):
                        return True
                    continue
                kept = [self.holds(bound.what, bound.op, bound.value, seen) for bound in limit.bounds]
                if not (any(kept) if limit.either else all(kept)):
                    return True
        return False

    def holds(self, what: str, op: str, value: Fraction, seen: Reading) -> bool:
        number = {
            "rate": seen.rate, "kept": None if seen.rate is None else 1 - seen.rate, "faulty": Fraction(seen.faulty),
            "buyers": Fraction(seen.buyers), "good": Fraction(seen.counted - seen.faulty), "counted": Fraction(seen.counted), "mean": seen.mean,
            "sum": Fraction(seen.total),
        }[what]  # fmt: skip
        if number is None:
            return True
        return {"<": number < value, "<=": number <= value, ">": number > value, ">=": number >= value}[op]

    def level(self, rule: StandardRule, book: Rulebook, at: datetime) -> int | None:
        for index in range(len(rule.levels) - 1, -1, -1):
            times, moment = [], at
            for _ in range(rule.levels[index].running):
                times.append(moment)
                moment = walked.before(rule.evaluated.text, moment, rule.zone)
            if all(self.broken(rule, rule.levels[index], book, moment) for moment in times):
                return index
        return None

    def ratings(self) -> Iterator[tuple[str, datetime, Rulebook, int]]:
        first = min((f.at for f in self.facts), default=self.until) - timedelta(days=2)
        for name in sorted(self.names()):
            for day in self.midnights(first):
                book = self.books.in_force(day)
                rule = book.standards.get(name) if book else None
                if book is not None and rule is not None and walked.is_one(rule.evaluated.text, day, rule.zone):
                    found = self.level(rule, book, day)
                    night = walked.before(rule.evaluated.text, day, rule.zone)
                    before = self.level(rule, book, night) if rule.continuous else None
                    if found is not None and (before is None or found > before):
                        yield name, day, book, found

    def midnights(self, first: datetime) -> list[datetime]:
        """When a day begins in any zone of the rulebooks."""
        found = set()
        for zone in {book.zone for book in self.books}:
            day = walked.wall_day(first, zone)
            while (at := walked.midnight(day, zone)) < self.until:
                found |= {at} if at >= first else set()
                day += walked.DAY
        return sorted(found)

    # Points and measures

    def charges(self) -> Iterator[Charge]:
        def charge(
            book: Rulebook, ledger: str, points: int, because: str, at: datetime, what: str = "charge", more: str = ""
        ) -> Charge:
            key = name_of(what, ledger, *([more] if more else []), because)
            return Charge(key, ledger, points, book, because, at, book.ledgers[ledger].ends(at))

        for duty in self.duties:
            rule = duty.rule
            if duty.status in ("breached", "cured") and rule.charge and duty.book.charges(duty.breaks_at):
                yield charge(duty.book, rule.charge.ledger, rule.charge.points, duty.key, duty.breaks_at)
        for name, at, book, level in self.ratings():
            of = book.standards[name].levels[level].charge
            if of and book.charges(at):
                yield charge(book, of.ledger, of.points, name_of("rating", name, moments.to_text(at)), at)
        for fact in self.facts:
            book_ = self.books.in_force(fact.at)
            if book_ is None:
                continue
            if fact.kind == "violation.found" and (conduct := book_.conduct.get(str(fact.data["rule"]))):
                proved = fact.data["by"] in conduct.proved_by and (
                    fact.data["by"] != "classifier" or int(fact.data.get("score") or 0) >= conduct.above
                )
                cleared = any(
                    f.kind == "violation.cleared" and f.data["of"] == fact.id and f.at >= fact.at
                    for f in self.facts
                    if f.matter == fact.matter
                )
                if proved and not cleared and book_.charges(fact.at):
                    yield charge(book_, conduct.ledger, conduct.points[0], name_of("finding", fact.id), fact.at)
            for ledger in book_.ledgers.values():
                for number, earning in enumerate(ledger.earns):
                    if earning.by.accepts(fact):
                        credit = charge(book_, ledger.name, -earning.points, fact.id, fact.at, "credit", str(number))
                        yield replace(credit, because=name_of("fact", fact.id))

    def worth(self, rule: LedgerRule, charges: list[Charge], position: int) -> int:
        """What one charge adds, looking at all before it."""
        this = charges[position]
        if this.points <= 0:
            return this.points
        points = 1 if rule.strikes else this.points
        if rule.merges is not None:
            head: datetime | None = None
            for charge in charges[: position + 1]:
                if charge.points > 0 and (head is None or charge.at - head >= rule.merges):
                    head, is_head = charge.at, charge is this
                elif charge is this:
                    is_head = False
            if not is_head:
                return 0
        if rule.cap is not None:
            day = walked.wall_day(this.at, rule.zone)
            used = sum(
                self.worth(rule, charges, p)
                for p in range(position)
                if charges[p].points > 0 and walked.wall_day(charges[p].at, rule.zone) == day
            )
            points = min(points, rule.cap - used)
        return points

    def score(self, book: Rulebook, rule: LedgerRule, total: int, at: datetime) -> int:
        if rule.start is None:
            return max(total, 0)
        risen = 0
        if rule.accrual:
            seen = self.read(book.standards[rule.accrual.of], book, at)[0]
            risen = (seen.counted - seen.faulty) // rule.accrual.every * rule.accrual.points
        return min(max(rule.start + risen - total, 0), rule.most)

    def measures(self, all_charges: list[Charge]) -> Iterator[tuple[str, int, datetime, tuple[str, ...]]]:
        for ledger in sorted({charge.ledger for charge in all_charges}):
            charges = sorted((c for c in all_charges if c.ledger == ledger), key=lambda c: (c.at, c.because))
            for position, charge in enumerate(charges):
                rule = charge.book.ledgers[ledger]
                adds = self.worth(rule, charges, position)
                if adds <= 0:
                    continue
                live = [p for p in range(position) if charges[p].ends > charge.at]
                total = sum(self.worth(rule, charges, p) for p in live)
                was, now = (
                    self.score(charge.book, rule, total, charge.at),
                    self.score(charge.book, rule, total + adds, charge.at),
                )
                reached = [(at, rung) for rung in rule.rungs for at in self.thresholds(rule, rung, was, now)]
                if reached:
                    at, _ = max(
                        reached,
                        key=lambda each: (
                            WEIGHTS[each[1].measure],
                            each[1].length or timedelta.max,
                            -each[0] if rule.is_score else each[0],
                        ),
                    )
                    because = (*(charges[p].key for p in live if self.worth(rule, charges, p) > 0), charge.key)
                    yield name_of("sanction", ledger, str(at), charge.key), at, charge.at, because
        for duty in self.duties:
            if duty.status in ("breached", "cured") and duty.rule.breach.measure and duty.book.charges(duty.breaks_at):
                yield name_of("sanction", duty.key), 0, duty.breaks_at, (duty.key,)
        runs: dict[str, tuple[datetime, int]] = {}
        rated = sorted(self.ratings(), key=lambda each: each[:2])
        asking: dict[str, tuple[datetime, int]] = {}  # for which evaluation a plan is asked: the first that wants one
        for name, at_, book, level in rated:
            if book.standards[name].levels[level].plan is not None:
                asking.setdefault(name, (at_, level))
        for name, at_, book, level in rated:
            rung = book.standards[name].levels[level].measure
            if rung and book.charges(at_):
                until, weight = runs.get(name, (at_, -1))
                if rung.length is not None and at_ < until and WEIGHTS[rung.measure] <= weight:
                    continue  # one as heavy runs
                if rung.length is not None:
                    runs[name] = at_ + rung.notice + rung.length, WEIGHTS[rung.measure]
                asked_at, for_level = asking.get(name, (at_, level))
                if rung.needs == "failed plan" and asked_at != at_ and level <= for_level:
                    continue  # that plan stands for it, too
                key = name_of("rating", name, moments.to_text(at_))
                yield name_of("sanction", key), level, at_, (key,)

    def thresholds(self, rule: LedgerRule, rung: Rung, was: int, now: int) -> list[int]:
        if rule.is_score:
            return [rung.at] if now <= rung.at < was else []
        every = [rung.at]
        while rung.every and every[-1] + rung.every <= now:
            every.append(every[-1] + rung.every)
        return [at for at in every if was < at <= now][-1:]

    def standing(self) -> Standing:
        charges = list(self.charges())
        return Standing(
            duties={(d.key, d.book.ref, d.due, d.status, d.ended, d.opened_at) for d in self.duties},
            charges={(c.key, c.points, c.at, c.ends) for c in charges},
            measures=set(self.measures(charges)),
            ratings={(name, at, book.ref, level) for name, at, book, level in self.ratings()},
        )


def meaning(rule: DutyRule, fact: Fact) -> tuple[Any, ...]:
    """When a fact counts for a duty among those of its moment."""
    ways = [rule.unknown_by, rule.met_by, rule.waived_by, rule.voided_by]
    ends = [number for number, matches in enumerate(ways) if means(matches, fact)][:1]
    opens = means(rule.opened_by, fact)
    said = (fact.kind, fact.subject, sorted(map(repr, fact.data.items())))
    if opens and ends:
        return (2, ends[0], fact.id)
    if opens:
        return (1, 0, *said, fact.id)
    if ends:
        return (3, ends[0], *said, fact.id)
    return (0 if fact.kind == rule.by_fact or means(rule.anew_after, fact) else 2, 0, *said, fact.id)


def float_log(value: Fraction) -> float:
    from math import log

    return log(value)
