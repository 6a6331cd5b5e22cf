"""Mails about disputes, measures and improvement plans, each written by its own room."""

from comity.actions.letters import Letter, MeasureLetter, PlanLetter
from comity.web.trade import dispute_mails, measure_mails, plan_mails


def write(letter: Letter | MeasureLetter | PlanLetter) -> tuple[str, str]:
    """Return subject and body of a mail, as its reader reads."""
    if isinstance(letter, PlanLetter):
        return plan_mails.write(letter)
    return measure_mails.write(letter) if isinstance(letter, MeasureLetter) else dispute_mails.write(letter)
