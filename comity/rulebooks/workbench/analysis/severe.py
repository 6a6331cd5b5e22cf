"""Measures that shut a party out: what each needs, wherever it comes from."""

from collections.abc import Iterator

from comity.policy.sanctions.measures import MEASURES, Rung
from comity.rulebooks.workbench.analysis.findings import Finding

#: Whoever comes under one of these cannot trade.
SEVERE = ("freeze", "closure")


def unwarned(measure: str, name: str, says: str, witness: str) -> Finding:
    """Return that a measure comes without a warning. A freeze may: it ends, and there is a notice before it."""
    return Finding(f"{measure}-without-warning:{name}", says, witness, hinders=measure == "closure")


def unprotected(what: str, name: str, rung: Rung) -> Iterator[Finding]:
    """Yield what a closure lacks. Against a freeze one may appeal by law where the rulebook says nothing."""
    if rung.notice < MEASURES[rung.measure].least_notice:
        yield Finding(f"{rung.measure}-without-notice:{name}", f"the {rung.measure} by {what} has too short a notice")
    if rung.measure == "closure" and not rung.appeals:
        yield Finding(
            f"closure-without-appeal:{name}", f"nothing says how long one can appeal against the closure by {what}"
        )
