"""How a party stands, as pages show it: ledgers with their rungs, charges, measures."""

from dataclasses import dataclass
from datetime import datetime

from comity.policy.sanctions.measures import MeasureStatus
from comity.policy.sanctions.rule import LedgerRule
from comity.records import dossiers, rulebooks
from comity.records.models import Party, Sanction
from comity.web.common.shown import Section, sections


@dataclass(frozen=True, slots=True)
class LedgerView:
    """A ledger of a party: live points, the rungs, and how many points are missing to the next."""

    rule: LedgerRule
    points: int
    next_rung: int | None
    next_measure: str

    @property
    def touched(self) -> bool:
        """Whether it stands elsewhere than where everyone begins."""
        return self.points != (self.rule.start or 0)

    @property
    def top(self) -> int:
        """The end of the line that is drawn."""
        if self.rule.is_score:
            return self.rule.most
        return max([rung.at for rung in self.rule.rungs] + [self.points, 1])


@dataclass(frozen=True, slots=True)
class Standing:
    """A party's ledgers and measures at one moment.

    judged_by   until when facts of the past wait to be judged with what else may come; None where none do
    """

    ledgers: list[LedgerView]
    in_effect: list[Sanction]
    proposed: list[Sanction]
    judged_by: datetime | None


@dataclass(frozen=True, slots=True)
class States:
    """The states of a party, page by page: its whole history. `judged_by` as for a `Standing`."""

    party: Party
    judged_by: datetime | None
    sections: list[Section]
    page: int

    @property
    def newer(self) -> int:
        """The page before; 0 for none."""
        return self.page - 1

    @property
    def older(self) -> int:
        """The next page; 0 for none."""
        return self.page + 1 if any(section.has_older for section in self.sections) else 0


def _ahead(ledger: LedgerRule, points: int) -> tuple[int | None, str]:
    """Return how far it is to the next rung, and the measure there; None where there is none."""
    if ledger.is_score:
        below = [rung for rung in ledger.rungs if rung.at < points]
        return (points - below[0].at, below[0].measure) if below else (None, "")
    ahead = [(at, rung) for rung in ledger.rungs if (at := rung.following(points)) is not None]
    following = min(ahead, key=lambda each: each[0], default=None)
    return (following[0] - points, following[1].measure) if following else (None, "")


def standing_of(party: Party, now: datetime) -> Standing:
    """Return how `party` stands at `now` under the rules in force."""
    counted = dossiers.points_of(party.pk, now)
    book = rulebooks.current().in_force(now)
    views = []
    for ledger in book.ledgers.values() if book else ():
        points = counted[ledger.name]
        missing, measure = _ahead(ledger, points)
        views.append(LedgerView(ledger, points, missing, measure))
    standing = (MeasureStatus.PLACED, MeasureStatus.PROPOSED)
    measures = list(party.sanctions.filter(status__in=standing).order_by("-at")[:50])
    placed = [each for each in measures if each.status == MeasureStatus.PLACED and not each.is_over(now)]
    proposed = [each for each in measures if each.status == MeasureStatus.PROPOSED]
    # Of the ledgers without points only the first is drawn.
    drawn = [view for number, view in enumerate(views) if view.touched or number == 0]
    return Standing(drawn, placed, proposed, _judged_by(party))


def _judged_by(party: Party) -> datetime | None:
    return Party.objects.filter(pk=party.pk).values_list("standing__judge_at", flat=True).first()


def states_of(party: Party, page: str = "") -> States:
    """Return a page of the states of a party, and until when what was told of its past waits to be judged.

    `page`: its number, as an address has it; the first for anything else.
    """
    number = int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 5 else 1
    return States(party, _judged_by(party), list(sections(party, max(number, 1))), max(number, 1))
