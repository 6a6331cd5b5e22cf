"""What can be proved of ledgers: rungs that nothing reaches, jumps to the top, more points treated more mildly."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from comity.policy.conduct.rule import ConductRule
from comity.policy.duties.rule import DutyRule
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.measures import MEASURES, Rung
from comity.policy.sanctions.rule import LedgerRule, reminds
from comity.policy.standards.rule import StandardRule
from comity.rulebooks.workbench import solving
from comity.rulebooks.workbench.analysis import reach
from comity.rulebooks.workbench.analysis.findings import Finding, case
from comity.rulebooks.workbench.analysis.severe import SEVERE, unprotected, unwarned


def charges_of(book: Rulebook, ledger: str) -> reach.Charges:
    """Return the ranges of points that one charge on `ledger` may add, each with the rules that bring it."""
    rule = book.ledgers[ledger]
    charges: reach.Charges = {}

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


def findings(book: Rulebook) -> Iterator[Finding]:
    """Yield what is found."""
    for ledger in book.ledgers.values():
        yield from _ladder(book, ledger)


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
    yield from reach.findings(ledger, charges)
    for rung in ledger.rungs:
        if rung.measure in SEVERE:
            yield from _severe(ledger, rung, points, charges)


def _crosses(ledger: LedgerRule, rung: Rung, points: solving.Points) -> object:
    """Whether the charge reaches the rung. A score begins at its start, whatever it has risen by since."""
    if ledger.start is not None:
        fall = ledger.start - rung.at
        return solving.both(points.before < fall, points.after >= fall)
    return solving.both(points.before < rung.at, points.after >= rung.at)


def _milder(ledger: LedgerRule) -> Iterator[Finding]:
    """More points are never treated more mildly: by length, where the measure is the same."""
    for milder, graver in pairwise(rung for rung in ledger.rungs if not reminds(ledger.rungs, rung)):
        if graver.weight < milder.weight:
            witness = ""
            if ledger.start is None:
                witness = case(
                    charges=[
                        f"day {day} {worth} points on {ledger.name}"
                        for day, worth in enumerate((milder.at, graver.at - milder.at))
                    ],
                    at="day 1",
                    expect={"points": f'{{ "{ledger.name}" = {graver.at} }}'},
                )
            name = f"milder:{ledger.name}:{graver.at}"
            yield Finding(name, f"{graver.at} is treated more mildly than {milder.at} on {ledger.name}", witness)


def _severe(ledger: LedgerRule, rung: Rung, points: solving.Points, charges: reach.Charges) -> Iterator[Finding]:
    name = f"{ledger.name}:{rung.at}"
    yield from unprotected(f"{rung.at} points on {ledger.name}", name, rung)
    if rung.needs:
        return
    # What one is glad of warns nobody.
    lighter = [other for other in ledger.rungs if other is not rung and not MEASURES[other.measure].is_good]
    untouched = solving.none_of(_reached_before(ledger, other, points) for other in lighter)
    heavier = solving.none_of(_crosses(ledger, other, points) for other in lighter if other.weight > rung.weight)
    conditions = [points.sound, untouched, heavier, _crosses(ledger, rung, points)]
    model = solving.smallest(conditions, points.before, points.charge)
    if model is not None:
        before, charge = points.read(model)
        does = "closes" if rung.measure == "closure" else "freezes"
        says = f"one charge of {charge} {does} an account that was never warned on {ledger.name}"
        yield unwarned(rung.measure, name, says, _severe_case(ledger, rung, before, charge, _bringing(charges, charge)))


def _reached_by(ledger: LedgerRule, points: int) -> list[str]:
    """Return the measures, good ones all, that stand with so many points."""
    fallen = (ledger.start or 0) - points
    return [rung.measure for rung in ledger.rungs if (fallen <= rung.at if ledger.is_score else rung.at <= points)]


def _bringing(charges: reach.Charges, points: int) -> list[DutyRule | StandardRule | ConductRule]:
    return [rule for (fewest, most), rules in charges.items() if fewest <= points <= most for rule in rules]


def _reached_before(ledger: LedgerRule, rung: Rung, points: solving.Points) -> object:
    if ledger.start is not None:
        return points.before >= ledger.start - rung.at
    return points.before >= rung.at


def _severe_case(
    ledger: LedgerRule,
    rung: Rung,
    before: Iterable[int],
    charge: int,
    rules: list[DutyRule | StandardRule | ConductRule],
) -> str:
    """Return the case by facts where conduct brings the charge, else by charges."""
    conduct = next((rule for rule in rules if isinstance(rule, ConductRule)), None)
    earlier = [f"day {day} {points} points on {ledger.name}" for day, points in enumerate(before)]
    # Where points are capped, counted as strikes or there before, the case says the charges themselves.
    if conduct is None or earlier or ledger.strikes or ledger.cap:
        charges = [*earlier, f"day {len(earlier)} {charge} points on {ledger.name}"]
        stand = [f'"{measure}"' for measure in (*_reached_by(ledger, sum(before)), rung.measure)]
        return case(charges=charges, at=f"day {len(earlier)}", expect={"measures": f"[{', '.join(stand)}]"})
    proof = "by=reviewer" if "reviewer" in conduct.proved_by else f"by={conduct.proved_by[0]} score=1000"
    fact = f"day 0 violation.found rule='{conduct.name}' points={charge} {proof} on=listing:1"
    return case(facts=[fact], at="day 0", expect={"measures": f'["{rung.measure}"]'})
