"""Sanctions: charges, and measures with their statements of reasons."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from comity.policy.rulings import Ruling
from comity.policy.sanctions.ladder import SANCTIONS
from comity.policy.sanctions.measures import MeasureState
from comity.records.carry_out.rows import Rows, Sitting
from comity.records.models import Sanction


class MeasureRows(Rows):
    """Measures. A placed one has its statement of reasons, written in the same statement as the measure itself."""

    extra = ("statement",)

    def __init__(self) -> None:
        super().__init__(SANCTIONS, Sanction)

    def more(self, sitting: Sitting, state: MeasureState, rulings: Sequence[Ruling]) -> Mapping[str, Any]:
        """Return the statement of reasons: from the proposal on, for there is nothing that it could be later."""
        return {"statement": json.dumps(statement(state))}


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
