"""What can be proved of a rulebook before it is published: over all cases, not only those of the past.

Each finding has a name, by which a rulebook may accept it with a reason, and a witness: a worked case, which is run
through the judge to confirm it. That a rule is dead is proved by there being no case at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from comity.policy.conduct.rule import ConductRule
from comity.policy.disputes.rule import DisputeRules
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import KINDS
from comity.policy.matching import Match
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.sanctions.measures import MEASURES, Rung
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards import sequential
from comity.policy.standards.levels import rate_limit
from comity.policy.standards.rule import StandardRule
from comity.rulebooks.workbench import silences, solving, tries

#: Beginnings of kinds of facts whose duties are about disputes: somebody's silence must lead somewhere.
_ASKS = ("dispute.", "return.", "cancellation.", "carrier.")
#: What happens only while the platform has the case.
_WITHIN_MEDIATION = frozenset({"dispute.escalated", "dispute.taken", "dispute.handed_over", "dispute.progress_told",
                               "dispute.information_asked", "carrier.claimed", "carrier.asked"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is so, or can happen, under a rulebook.

    witness    a worked case in which it happens; "" where it is proved that there is none
    confirmed  whether the judge, run on the witness, does what the finding says
    accepted   why the rulebook accepts it, or ""
    """

    name: str
    says: str
    witness: str = ""
    confirmed: bool = True
    accepted: str = ""


def analyse(book: Rulebook) -> list[Finding]:
    """Return the findings on `book`, those that it accepts marked; and acceptances that speak of nothing."""
    reasons = {each.finding: each.reason for each in book.accepted}
    findings = []
    for finding in _all(book):
        confirmed = _confirm(book, finding)
        findings.append(Finding(finding.name, finding.says, finding.witness, confirmed, reasons.pop(finding.name, "")))
    findings += [Finding(f"accepted:{name}", f"{name} is accepted, but is not a finding") for name in reasons]
    return findings


def _all(book: Rulebook) -> Iterator[Finding]:
    yield from _dead_duties(book)
    for rule in book.standards.values():
        yield from _dead_levels(rule)
    for ledger in book.ledgers.values():
        yield from _ladder(book, ledger)
    if book.dispute is not None:
        yield from _table(book.dispute)
        yield from _reasons(book.dispute)
    yield from _powers(book)
    yield from _silences(book)


def _confirm(book: Rulebook, finding: Finding) -> bool:
    """Run the witness through the judge. A finding without one rests on the solver's proof alone."""
    if not finding.witness:
        return True
    return all(outcome.passed for outcome in tries.attempt_all(finding.witness, _Own(book), own=book.name))


class _Own(tries.Shelf):
    def __init__(self, book: Rulebook):
        self._book = book

    def books(self, name: str, version: str = "") -> Rulebooks:
        return Rulebooks([self._book])


# Dead rules


def _dead_duties(book: Rulebook) -> Iterator[Finding]:
    opened = {rule.breach.opens for rule in book.duties}
    for rule in book.duties:
        if rule.opened_by and not any(_bears_on(match, rule.each) for match in rule.opened_by):
            yield Finding(f"dead:{rule.name}", f"no fact that opens {rule.name} is about a {rule.each}")
        if not rule.opened_by and rule.name not in opened:
            yield Finding(f"dead:{rule.name}", f"nothing opens {rule.name}")
        if not any(_bears_on(match, rule.each) for match in rule.met_by):
            yield Finding(f"unmeetable:{rule.name}", f"no fact that meets {rule.name} is about a {rule.each}")
    for standard in book.standards.values():
        if not standard.of_duty:
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


def _dead_levels(rule: StandardRule) -> Iterator[Finding]:
    if rule.certain:
        for level in rule.levels:
            limits = [rate_limit(limit) for limit in level.limits]
            # The strongest evidence there is: two thousand of two thousand.
            if not any(sequential.is_certain(2_000, 2_000, limit, rule.error) for limit in limits):
                yield Finding(f"dead:{rule.name}:{level.name}", "no evidence could ever be enough")
        return
    counts = solving.Counts()
    broken = [counts.breaks(level) for level in rule.levels]
    for index, level in enumerate(rule.levels):
        # A graver level that must be broken several times running leaves this one reachable meanwhile.
        graver = [each for other, each in enumerate(broken) if other > index and rule.levels[other].running == 1]
        if solving.find(counts.sound, broken[index], solving.none_of(graver)) is None:
            says = "is never the gravest level reached" if graver else "can never be broken"
            yield Finding(f"dead:{rule.name}:{level.name}", f"{level.name} of {rule.name} {says}")


# Ladders


#: What brings points, by the range of points that one charge of it may bring.
Charges = dict[tuple[int, int], list[DutyRule | StandardRule | ConductRule]]


def charges_of(book: Rulebook, ledger: str) -> Charges:
    """Return the ranges of points that one charge on `ledger` may add, each with the rules that bring it."""
    rule = book.ledgers[ledger]
    charges: Charges = {}

    def bring(fewest: int, most: int, by: DutyRule | StandardRule | ConductRule) -> None:
        # Strikes count breaches, however many points each would bring.
        if rule.strikes:
            fewest = most = 1
        if rule.cap is not None:
            fewest, most = min(fewest, rule.cap), min(most, rule.cap)
        charges.setdefault((fewest, most), []).append(by)

    for duty in book.duties:
        if duty.charge and duty.charge.ledger == ledger:
            bring(duty.charge.points, duty.charge.points, duty)
    for standard in book.standards.values():
        for level in standard.levels:
            if level.charge and level.charge.ledger == ledger:
                bring(level.charge.points, level.charge.points, standard)
    for conduct in book.conduct.values():
        if conduct.ledger == ledger:
            bring(*conduct.points, conduct)
    return charges


def _ladder(book: Rulebook, ledger: LedgerRule) -> Iterator[Finding]:
    charges = charges_of(book, ledger.name)
    if not charges:
        yield Finding(f"dead:{ledger.name}", f"nothing charges the ledger {ledger.name}")
        return
    points = solving.Points(charges)
    for index, rung in enumerate(ledger.rungs):
        heavier = [other for other in ledger.rungs[index + 1 :] if other.weight >= rung.weight]
        if (
            solving.find(
                points.sound,
                _crosses(ledger, rung, points),
                solving.none_of(_crosses(ledger, other, points) for other in heavier),
            )
            is None
        ):
            yield Finding(f"dead:{ledger.name}:{rung.at}", f"no charge stops at {rung.at} of {ledger.name}")
    yield from _milder(ledger)
    for rung in ledger.rungs:
        if rung.measure == "closure":
            yield from _closure(book, ledger, rung, points, charges)


def _crosses(ledger: LedgerRule, rung: Rung, points: solving.Points) -> object:
    """Whether the charge reaches the rung. A score begins at its start, whatever it has risen by since."""
    if ledger.start is not None:
        fall = ledger.start - rung.at
        return solving.both(points.before < fall, points.after >= fall)
    return solving.both(points.before < rung.at, points.after >= rung.at)


def _milder(ledger: LedgerRule) -> Iterator[Finding]:
    """More points are never treated more mildly: by length, where the measure is the same."""
    for milder, graver in zip(ledger.rungs, ledger.rungs[1:], strict=False):
        if graver.weight < milder.weight:
            witness = ""
            if ledger.start is None:
                witness = _case(
                    charges=[
                        f"day {day} {worth} points on {ledger.name}"
                        for day, worth in enumerate((milder.at, graver.at - milder.at))
                    ],
                    at="day 1",
                    expect={"points": f'{{ "{ledger.name}" = {graver.at} }}'},
                )
            name = f"milder:{ledger.name}:{graver.at}"
            yield Finding(name, f"{graver.at} is treated more mildly than {milder.at} on {ledger.name}", witness)


def _closure(
    book: Rulebook,
    ledger: LedgerRule,
    rung: Rung,
    points: solving.Points,
    charges: Charges,
) -> Iterator[Finding]:
    name = f"{ledger.name}:{rung.at}"
    if rung.notice < MEASURES[rung.measure].least_notice:
        yield Finding(f"closure-without-notice:{name}", f"the closure at {rung.at} has too short a notice")
    if not rung.appeals:
        yield Finding(f"closure-without-appeal:{name}", f"nobody can appeal against the closure at {rung.at}")
    lighter = [other for other in ledger.rungs if other is not rung]
    untouched = solving.none_of(_reached_before(ledger, other, points) for other in lighter)
    model = solving.smallest([points.sound, untouched, _crosses(ledger, rung, points)], points.before, points.charge)
    if model is not None:
        before, charge = points.read(model)
        yield Finding(
            f"closure-without-warning:{name}",
            f"one charge of {charge} closes an account that was never warned on {ledger.name}",
            _closing_case(ledger, before, charge, _bringing(charges, charge)),
        )


def _bringing(charges: Charges, points: int) -> list[DutyRule | StandardRule | ConductRule]:
    return [rule for (fewest, most), rules in charges.items() if fewest <= points <= most for rule in rules]


def _reached_before(ledger: LedgerRule, rung: Rung, points: solving.Points) -> object:
    if ledger.start is not None:
        return points.before >= ledger.start - rung.at
    return points.before >= rung.at


def _closing_case(
    ledger: LedgerRule, before: Iterable[int], charge: int, rules: list[DutyRule | StandardRule | ConductRule]
) -> str:
    """Return the case by facts where conduct brings the charge, else by charges."""
    conduct = next((rule for rule in rules if isinstance(rule, ConductRule)), None)
    earlier = [f"day {day} {points} points on {ledger.name}" for day, points in enumerate(before)]
    # Where points are capped, counted as strikes or there before, the case says the charges themselves.
    if conduct is None or earlier or ledger.strikes or ledger.cap:
        charges = [*earlier, f"day {len(earlier)} {charge} points on {ledger.name}"]
        return _case(charges=charges, at=f"day {len(earlier)}", expect={"measures": '["closure"]'})
    proof = "by=reviewer" if "reviewer" in conduct.proved_by else f"by={conduct.proved_by[0]} score=1000"
    fact = f"day 0 violation.found rule='{conduct.name}' points={charge} {proof} on=listing:1"
    return _case(facts=[fact], at="day 0", expect={"measures": '["closure"]'})


# Disputes


def _table(rules: DisputeRules) -> Iterator[Finding]:
    if not rules.table and not rules.inputs:
        return
    inputs = solving.Inputs(rules)
    accepts = [inputs.accepts(row) for row in rules.table]
    model = solving.find(inputs.sound, solving.none_of(accepts))
    if model is not None:
        case = inputs.read(model)
        yield Finding(
            "uncovered:" + ",".join(case.values()),
            f"no row decides {_said(case)}",
            _case(inputs=case, expect={"decision": '"none"'}),
        )
    for index, row in enumerate(rules.table):
        if solving.find(inputs.sound, accepts[index], solving.none_of(accepts[:index])) is None:
            yield Finding(f"dead:row:{row.name}", f"rows before it decide every case of the row {row.name}")
        for other in range(index):
            earlier = rules.table[other]
            # Both apply, and say the same: that is no conflict.
            if (earlier.outcome, earlier.offer) == (row.outcome, row.offer):
                continue
            model = solving.find(inputs.sound, accepts[index], accepts[other])
            if model is not None:
                case = inputs.read(model)
                yield Finding(
                    f"conflict:row:{earlier.name}:{row.name}",
                    f"{earlier.name} and {row.name} decide {_said(case)} differently; the first row wins",
                    _case(inputs=case, expect={"decision": f'"{_first(rules, case)}"'}),
                )


def _first(rules: DisputeRules, case: Mapping[str, str]) -> str:
    return next(row.outcome for row in rules.table if row.accepts(case))


def _said(case: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in case.items())


def _reasons(rules: DisputeRules) -> Iterator[Finding]:
    for name in rules.reasons:
        if rules.openings and not any(not opening.reasons or name in opening.reasons for opening in rules.openings):
            yield Finding(
                f"dead:reason:{name}",
                f"a dispute for {name} may never be opened",
                _case(reason=name, expect={"opens": '"never"'}),
            )


def _powers(book: Rulebook) -> Iterator[Finding]:
    for role in sorted({power.who for power in book.powers}):
        may = {verb for power in book.powers if power.who == role for verb in power.may}
        may_not = {verb for power in book.powers if power.who == role for verb in power.may_not}
        for verb in sorted(may & may_not):
            yield Finding(f"conflict:power:{role}:{verb}", f"{role} may and may not {verb}; forbidding wins")


def _silences(book: Rulebook) -> Iterator[Finding]:
    """Every silence in a dispute has an outcome: it decides, escalates, cancels, or somebody else must act."""
    for rule in book.duties:
        asks = [match for match in rule.opened_by if match.fact.startswith(_ASKS)]
        ends = rule.breach.settles or rule.breach.charge or rule.breach.measure
        if asks and not ends and not all(_ended_anyway(book, match) for match in rule.opened_by):
            says = f"nothing follows if {rule.name} is not done"
            yield Finding(f"silence:{rule.name}", says, _silent_case(rule, asks[0]))
    if book.dispute is not None and not any(
        match.fact == "dispute.opened" for rule in book.duties for match in rule.opened_by
    ):
        witness = _case(facts=["day 0 dispute.opened"], at="day 365", expect={"follows": "[]"})
        yield Finding("silence:dispute", "nobody must ever answer a dispute", witness)
    for each in silences.endless(book):
        expect = {"follows": f"[{', '.join(map(_quoted, each.follows))}]"}
        witness = _case(facts=each.silence.facts, at=silences.LAST, expect=expect)
        yield Finding(f"silence:after:{each.silence.name}", f"nothing ends it: {each.silence.says}", witness)


def _ended_anyway(book: Rulebook, match: Match) -> bool:
    """Whether what a fact asks for happens only while something else runs that ends by the platform's own silence."""
    within = "dispute.escalated" if match.fact in _WITHIN_MEDIATION or match.where.get("by") == "agent" else ""
    within = "dispute.appealed" if match.fact == "dispute.appealed" else within
    return any(
        rule.who in ("agent", "platform") and rule.breach.settles
        for rule in book.duties
        if any(opening.fact == within for opening in rule.opened_by)
    )


def _silent_case(rule: DutyRule, match: Match) -> str:
    fields = "".join(f" {name}={str(value).lower()}" for name, value in match.where.items())
    needed = {name: field for name, field in KINDS[match.fact].fields.items() if field.required}
    fields += "".join(
        f" {name}={field.choices[0]}" for name, field in needed.items() if name not in match.where and field.choices
    )
    return _case(
        facts=[f"day 0 {match.fact}{fields}"], at="day 3000" if rule.within else "day 0", expect={"follows": "[]"}
    )


def _case(
    *,
    facts: Iterable[str] = (),
    charges: Iterable[str] = (),
    inputs: Mapping[str, str] | None = None,
    reason: str = "",
    at: str = "day 0",
    expect: Mapping[str, str],
) -> str:
    """Return a worked case as TOML."""
    lines = ["[[case]]", 'name = "witness"', f'at = "{at}"']
    for key, texts in (("facts", list(facts)), ("charges", list(charges))):
        if texts:
            lines.append(f"{key} = [{', '.join(_quoted(text) for text in texts)}]")
    if inputs:
        lines.append("inputs = { " + ", ".join(f"{_quoted(name)} = {_quoted(v)}" for name, v in inputs.items()) + " }")
    if reason:
        lines.append(f"reason = {_quoted(reason)}")
    lines += ["[case.expect]", *(f"{key} = {value}" for key, value in expect.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
