"""[reviews]: for how long both sides may rate, when reviews are shown, and until when they may be changed."""

from comity.policy.reviews.rule import AFTER_DISPUTE, HIDDEN, WINDOW, ReviewRules
from comity.rulebooks.language.grammar.parts import Known
from comity.rulebooks.language.reading import Table


def reviews(table: Table, known: Known) -> ReviewRules:
    """Read the rules of reviews."""
    table.known("reviews")
    return ReviewRules(
        window=table.length("window", default=WINDOW) or WINDOW,
        hidden=table.text("hidden", choices=HIDDEN) or HIDDEN[0],
        revise=table.length("revise"),
        after_dispute=table.length("after_dispute", default=AFTER_DISPUTE) or AFTER_DISPUTE,
        zone=known.zone,
        source=table.text("source"),
    )
