"""Sanctions: charges, and measures with their statements of reasons."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from comity.policy.rulings import Ruling
from comity.policy.sanctions.ladder import SANCTIONS
from comity.policy.sanctions.measures import MeasureState, MeasureStatus
from comity.policy.sanctions.rulings import Place
from comity.records import statements
from comity.records.carry_out.rows import Rows, Sitting
from comity.records.models import Sanction


class MeasureRows(Rows):
    """Measures. A placed one has its statement of reasons, written in the same statement as the measure itself."""

    extra = ("statement", "effective_at")

    def __init__(self) -> None:
        super().__init__(SANCTIONS, Sanction)

    def more(self, sitting: Sitting, state: MeasureState, rulings: Sequence[Ruling]) -> Mapping[str, Any]:
        """Return the statement of reasons of a measure that stands, and of one just placed when it takes effect.

        Its notice runs from when the party is told: a measure ruled late does not take effect before it was known.
        """
        placing = next((ruling for ruling in reversed(rulings) if isinstance(ruling, Place)), None)
        more: dict[str, Any] = {}
        if state.status is MeasureStatus.PLACED:
            more["statement"] = json.dumps(statement(state))
        if placing is not None:
            effective = effective_at(placing, told_at=sitting.noted_at)
            more["effective_at"] = statements.adapter()(effective)
        return more


def effective_at(ruling: Place, *, told_at: datetime) -> datetime:
    """Return when a measure takes effect whose party was told at `told_at`."""
    # The length of the notice, counted anew from when the party could know of it.
    notice = ruling.effective_at - ruling.at
    return max(ruling.effective_at, told_at + notice) if notice else ruling.effective_at


def statement(measure: MeasureState) -> dict[str, object]:
    """Return the statement of reasons as codes and values (EU 2022/2065 art. 17; EU 2019/1150 art. 4)."""
    return {
        "measure": measure.measure,
        "ground": {"rulebook": measure.rulebook, "ledger": measure.origin.label, "rung": measure.rung},
        "points": measure.points,
        "facts": list(measure.because),
        # Art. 17(3)(c) of EU 2022/2065: whether a machine found it, and whether a machine decided.
        "automated_detection": True,
        "automated_decision": measure.decided_by.startswith("platform:"),
        # Art. 20(1): complaints are open for at least six months.
        "redress": {"internal_complaint_days": 183},
    }  # fmt: skip
