"""What can be proved of duties: those that nothing opens or meets, and those that contradict each other."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations, product

from comity.policy.duties.rule import DutyRule
from comity.policy.duties.rulings import Breach, Open
from comity.policy.facts import KINDS, NEVER
from comity.policy.follows import Follow
from comity.policy.matching import Match
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.measures import Rung
from comity.policy.time.days import DAY, day_of
from comity.rulebooks.words import length
from comity.rulebooks.workbench import silences
from comity.rulebooks.workbench.analysis.findings import Finding, case, happens, quoted
from comity.rulebooks.workbench.analysis.severe import SEVERE, unprotected, unwarned
from comity.rulebooks.workbench.saying import wall


def findings(book: Rulebook) -> Iterator[Finding]:
    """Yield what is found."""
    yield from _dead_duties(book)
    for rule in book.duties:
        yield from _warnings(book, rule)
        yield from _seasons(book, rule)
        if rule.breach.measure is not None and rule.breach.measure.measure in SEVERE:
            yield from _severe(book, rule, rule.breach.measure)
    yield from _opposites(book)


def _dead_duties(book: Rulebook) -> Iterator[Finding]:
    opened = {rule.breach.opens for rule in book.duties}
    for rule in book.duties:
        if rule.opened_by and not any(_bears_on(match, rule.each) for match in rule.opened_by):
            yield Finding(f"dead:{rule.name}", f"no fact that opens {rule.name} is about a {rule.each}")
        if not rule.opened_by and rule.name not in opened:
            yield Finding(f"dead:{rule.name}", f"nothing opens {rule.name}")
        if not any(_bears_on(match, rule.each) for match in rule.met_by):
            yield Finding(f"unmeetable:{rule.name}", f"no fact that meets {rule.name} is about a {rule.each}")
    yield from _dead_ways(book)


def _dead_ways(book: Rulebook) -> Iterator[Finding]:
    """Yield the ways to count, or to be faulty, that never come about."""
    for standard in book.standards.values():
        if not standard.of_duty:
            out = (*standard.excluded, *standard.cleared)
            for match in standard.faulty:
                if any(_covers(other, match) for other in out):
                    name = f"dead:{standard.name}:faulty:{match.fact}"
                    yield Finding(name, f"what {match.fact} makes faulty, it takes out again")
            for what, matches in (("counted", standard.counted), ("faulty", standard.faulty)):
                for match in matches:
                    if standard.each != "fact" and not _bears_on(match, standard.each):
                        name = f"dead:{standard.name}:{what}:{match.fact}"
                        yield Finding(name, f"{match.fact} is never about a {standard.each}")
            continue
        duty = book.by_name[standard.of_duty]
        ways = {"waived": duty.waived_by, "voided": duty.voided_by, "unknown": duty.unknown_by}
        for outcome in {*standard.counted_outcomes, *standard.faulty_outcomes} & ways.keys():
            if not ways[outcome] and not (outcome == "unknown" and duty.decided_after is not None):
                yield Finding(f"dead:{standard.name}:{outcome}", f"{standard.of_duty} is never {outcome}")


def _bears_on(match: Match, each: str) -> bool:
    """Whether a fact of that kind can be about something that is counted by `each`: itself, or its whole."""
    subjects = set(KINDS[match.fact].subjects)
    if each == "order" and subjects & {"shipment", "dispute"}:
        return True
    # A fact about the whole (an order) bears on each of its parts, too.
    return each in subjects or (each in ("shipment", "dispute") and "order" in subjects)


def _covers(wide: Match, narrow: Match) -> bool:
    """Whether every fact that `narrow` means is meant by `wide`."""
    said = {**narrow.where, **{test.field: test.values[0] for test in narrow.tests if len(test.values) == 1}}
    return (
        wide.fact == narrow.fact
        and all(said.get(name) == value for name, value in wide.where.items())
        and set(wide.tests) <= set(narrow.tests)
    )


def _warnings(book: Rulebook, rule: DutyRule) -> Iterator[Finding]:
    """Yield warnings that come before there is anything to be warned of: longer than it lasts."""
    lengths = [each for each in (rule.within, *(season.within for season in rule.seasons)) if each is not None]
    if (cutoff := rule.clock.cutoff) is not None:
        # What comes at the cut-off has a day and more, where no day is closed.
        asked, answered = (timedelta(hours=each.hour, minutes=each.minute) for each in cutoff)
        lengths = [DAY + answered - asked]
    for warning in rule.warn_before if lengths and not rule.by else ():
        if warning > min(lengths):
            says = f"{rule.name} is warned of {length(warning)} before, and lasts {length(min(lengths))}"
            yield Finding(f"late-warning:{rule.name}:{length(warning)}", says, _due(book, rule))


def _seasons(book: Rulebook, rule: DutyRule) -> Iterator[Finding]:
    first = day_of(book.in_force_from, book.zone)
    for season in rule.seasons:
        if not season.yearly and season.last < first:
            yield Finding(
                f"dead:{rule.name}:season:{season.first}", f"a season of {rule.name} ends before the rulebook begins"
            )


def _severe(book: Rulebook, rule: DutyRule, rung: Rung) -> Iterator[Finding]:
    """Yield what a measure that shuts a party out lacks, where one breach brings it."""
    yield from unprotected(f"a breach of {rule.name}", rule.name, rung)
    if not rung.needs:
        says = f"one breach of {rule.name} brings a {rung.measure}, without any warning before it"
        yield unwarned(rung.measure, rule.name, says, _due(book, rule, breached=True))


def _due(book: Rulebook, rule: DutyRule, *, breached: bool = False) -> str:
    """Return a case in which the duty is open, or breached; none where no single fact opens it."""
    for match in rule.opened_by:
        line = happens(match, each=rule.each, says=(rule.by,))
        opened = [r for r in silences.ruled(book, [line]) if r.rule == rule.name]
        broken = [r for r in opened if isinstance(r, Breach)]
        due = next((r.due for r in opened if isinstance(r, Open)), None)
        if due is None or due == NEVER or (breached and not broken):
            continue
        at = broken[0].at + timedelta(minutes=1) if breached else opened[0].at
        expect = f'{{ "{rule.name}" = "{"breached" if breached else "open"}" }}'
        return case(facts=[line], at=wall(at, book.zone), expect={"duty": expect})
    return ""


def _opposites(book: Rulebook) -> Iterator[Finding]:
    """Yield two duties that decide a dispute for opposite sides after the same silence, as a run shows."""
    deciding = [rule for rule in book.duties if rule.breach.decide in ("buyer", "seller")]
    for one, other in combinations(deciding, 2):
        if one.breach.decide == other.breach.decide:
            continue
        for match, line in _both_open(one, other):
            lines = _both_decide(book, line, one, other)
            if lines:
                found = ", ".join(quoted(f"{what} {value}".strip()) for what, value in silences.follows(book, lines))
                says = f"after {match.fact} the same silence decides for the {one.breach.decide} by {one.name}"
                says += f" and for the {other.breach.decide} by {other.name}"
                witness = case(facts=lines, at=silences.LAST, expect={"follows": f"[{found}]"})
                yield Finding(f"conflict:duty:{one.name}:{other.name}", says, witness)
                break


def _both_open(one: DutyRule, other: DutyRule) -> Iterator[tuple[Match, str]]:
    """Yield facts that open both duties."""
    for first, second in product(one.opened_by, other.opened_by):
        differ = any(first.where.get(name, value) != value for name, value in second.where.items())
        if first.fact == second.fact and not differ and one.each == other.each:
            yield first, happens(first, each=one.each, says=(one.by, other.by), where=second.where)


def _both_decide(book: Rulebook, line: str, one: DutyRule, other: DutyRule) -> list[str]:
    """Return the lines after which both duties decide if nobody says anything: the second though the first has."""
    first = _decides(book, [line], {one.name, other.name})
    if not first:
        return []
    if len({ruling.value for ruling in first if ruling.at == first[0].at}) == 2:
        return [line]
    at = wall(first[0].at + timedelta(minutes=1), book.zone)
    decided = happens(Match("dispute.decided", {"outcome": first[0].value}), each=one.each).replace("day 0", at, 1)
    values = {ruling.value for ruling in _decides(book, [line, decided], {one.name, other.name})}
    return [line, decided] if len(values) == 2 else []


def _decides(book: Rulebook, lines: list[str], names: set[str]) -> list[Follow]:
    found = [each for each in silences.ruled(book, lines) if isinstance(each, Follow) and each.what == "decide"]
    return [each for each in found if each.rule in names and each.value in ("buyer", "seller")]
