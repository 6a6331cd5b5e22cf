"""[evasion]: what is proposed against an account that is linked to one under a closure or a freeze."""

from datetime import timedelta

from comity.policy.identity.links import KINDS_OF_LINKS
from comity.policy.identity.rule import EvasionRule
from comity.rulebooks.language.grammar.parts import Known, direct_measure
from comity.rulebooks.language.reading import Table

_HINT = 'measure = { measure = "freeze", length = "30 days", notice = "7 days", decided_by = "reviewer" }'


def evasion(table: Table, known: Known) -> EvasionRule | None:
    """Read the rule of evasion; None where it lacks what it needs."""
    table.known("evasion")
    rule = table.text("rule", required=True, choices=tuple(known.conduct))
    if rule and rule not in known.conduct:
        table.wrong("rule", f"unknown conduct rule {rule!r}", "add it as [[conduct]]")
    least = table.number("least", low=2, high=len(KINDS_OF_LINKS), default=2)
    if "measure" not in table.values:
        table.wrong("rule", "missing measure", _HINT)
    measure = direct_measure(table)
    if measure is None:
        return None
    if measure.automatic:
        table.wrong("measure", "a person decides whether two accounts are one person's", _HINT)
    if measure.notice <= timedelta(0):
        table.wrong("measure", "without a notice nobody could answer", _HINT)
    if measure.needs:
        table.wrong("measure", f"it cannot wait for a {measure.needs}", _HINT)
    return EvasionRule(rule, measure, least, table.text("source"))
