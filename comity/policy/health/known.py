"""What is looked at: what the judge knows of a party at one moment."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from comity.policy.dossier import Dossier
from comity.policy.duties.matter import DutyState, DutyStatus
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import NEVER
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.sanctions.measures import MeasureState
from comity.policy.sanctions.points import ChargeState
from comity.policy.standards.rating import RatingState
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.tally import Counting, PeerState


class Known(NamedTuple):
    """A party's states at the moment `at`, under the version `book` that is in force then.

    role      buyer or seller
    charges   in force, of all ledgers
    measures  all there ever were
    duties    its own that are open
    ratings   in force
    """

    books: Rulebooks
    book: Rulebook
    role: str
    at: datetime
    charges: Sequence[ChargeState]
    measures: Sequence[MeasureState]
    duties: Sequence[DutyState]
    ratings: Sequence[RatingState]
    counting: Counting
    peers: Collection[PeerState] = ()

    def on_ledger(self, name: str) -> list[ChargeState]:
        """Return the charges in force on a ledger."""
        return [charge for charge in self.charges if charge.ledger == name]

    @property
    def standards(self) -> list[StandardRule]:
        """The standards that its role is held to."""
        return [rule for rule in self.book.standards.values() if rule.who == self.role]


def known(books: Rulebooks, dossier: Dossier, at: datetime) -> Known | None:
    """Return what a dossier knows at `at`; None where no version is in force then."""
    book = books.in_force(at)
    if book is None:
        return None
    role = dossier.party.partition(":")[0]
    return Known(
        books=books, book=book, role=role, at=at,
        charges=[charge for charge in dossier.in_force("charge") if charge.since <= at],
        measures=list(dossier.of("sanction").values()),
        duties=own_open(books, role, dossier.duties.values()),
        ratings=dossier.in_force("rating"),
        counting=dossier.counting,
        peers=list(dossier.of("peer").values()),
    )  # fmt: skip


def own_open(books: Rulebooks, role: str, duties: Collection[DutyState]) -> list[DutyState]:
    """Return the open duties of a role itself: in a seller's record stand those of buyers and of the platform, too.

    One that waits for something cannot be missed before: it is left out.
    """
    waiting = (duty for duty in duties if duty.status is DutyStatus.OPEN and duty.due < NEVER)
    return [duty for duty in waiting if (rule := rule_of(books, duty)) is not None and rule.who == role]


def rule_of(books: Rulebooks, duty: DutyState) -> DutyRule | None:
    """Return the rule of a duty at its version; None where the books do not hold it any more."""
    try:
        return books.version(duty.rulebook).by_name.get(duty.rule)
    except LookupError:
        return None
