"""What can be proved of duties: those that nothing opens or meets, and those that contradict each other."""

from collections.abc import Iterator

from comity.policy.facts import KINDS
from comity.policy.matching import Match
from comity.policy.rulebook import Rulebook
from comity.rulebooks.workbench.analysis.findings import Finding


def findings(book: Rulebook) -> Iterator[Finding]:
    """Yield what is found."""
    yield from _dead_duties(book)


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
