"""Mails about disputes and measures, each written by its own room."""

from comity.actions.letters import Letter, MeasureLetter
from comity.web.trade import dispute_mails, measure_mails


def write(letter: Letter | MeasureLetter) -> tuple[str, str]:
    """Return subject and body of a mail, as its reader reads."""
    return measure_mails.write(letter) if isinstance(letter, MeasureLetter) else dispute_mails.write(letter)
