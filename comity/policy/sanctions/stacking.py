"""A measure that runs is not stacked: while one as heavy of the same standard runs, a further evaluation brings none.

By the rule's own times, counted from the evaluation: so it follows from the ratings in force alone, in whichever order
they came to be known, and whatever people decided meanwhile.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.measures import WEIGHTS, Rung
from comity.policy.standards.rating import RatingState


def stacked(books: Rulebooks, ratings: Iterable[RatingState]) -> frozenset[str]:
    """Return the keys of those ratings of one standard that bring no measure, for one of an earlier rating runs."""
    return frozenset(_stacked(books, sorted(ratings, key=lambda rating: (rating.at, rating.key))))


def _stacked(books: Rulebooks, in_time: Iterable[RatingState]) -> Iterator[str]:
    until: datetime | None = None
    weight = -1
    for rating in in_time:
        rung = _rung(books, rating)
        if rung is None or rung.length is None:
            continue  # one without an end is over when people say so, or at once, as a warning is
        if until is not None and rating.at < until and WEIGHTS[rung.measure] <= weight:
            yield rating.key
        else:
            until, weight = rating.at + rung.notice + rung.length, WEIGHTS[rung.measure]


def _rung(books: Rulebooks, rating: RatingState) -> Rung | None:
    """Return the measure of the level that was reached; None in the time in which breaches are reported alone."""
    book = books.version(rating.rulebook)
    return book.standards[rating.standard].levels[rating.level].measure if book.charges(rating.at) else None
