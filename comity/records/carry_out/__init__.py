"""Rulings move the rows of the rules: the twin table of `policy.lives.LIVES`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from comity.policy.conduct.findings import FINDINGS
from comity.policy.lives import LIVES
from comity.policy.sanctions import accounts
from comity.records.carry_out.duties import DutyRows
from comity.records.carry_out.rows import Kept, Rows
from comity.records.carry_out.sanctions import MeasureRows
from comity.records.carry_out.standards import Evaluations, RatingRows
from comity.records.models import Charge, Finding, Standing

DUTIES = DutyRows()
CHARGES = Rows(accounts.CHARGES, Charge)
EVALUATIONS = Evaluations()
#: In the order of the lives.
ROWS: Mapping[str, Kept] = {
    kept.life.name: kept
    for kept in (DUTIES, Rows(FINDINGS, Finding), EVALUATIONS, RatingRows(), CHARGES, MeasureRows())
}
#: By ruling, the life whose states it changes.
LIFE_OF = {ruling: life for life in LIVES for ruling in life.rulings}


def set_next_due(standings: Sequence[Standing]) -> None:
    """Read from the rows what locked parties wait for next. One statement for each life that waits."""
    moments = [kept.next_moments(standings) for kept in ROWS.values()]
    for standing in standings:
        standing.next_due = earliest(of_life.get(standing.party_id) for of_life in moments)


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the first of moments, None being none."""
    return min((moment for moment in moments if moment is not None), default=None)
