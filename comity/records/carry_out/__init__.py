"""Rulings move the rows of the rules: the twin table of `policy.lives.LIVES`."""

from collections.abc import Mapping

from comity.policy.conduct.findings import FINDINGS
from comity.policy.sanctions import accounts
from comity.records.carry_out.duties import DutyRows
from comity.records.carry_out.rows import Kept, Rows
from comity.records.carry_out.sanctions import MeasureRows
from comity.records.carry_out.standards import Evaluations, RatingRows
from comity.records.models import Charge, Finding

DUTIES = DutyRows()
CHARGES = Rows(accounts.CHARGES, Charge)
#: In the order of the lives.
ROWS: Mapping[str, Kept] = {
    kept.life.name: kept
    for kept in (DUTIES, Rows(FINDINGS, Finding), Evaluations(), RatingRows(), CHARGES, MeasureRows())
}
