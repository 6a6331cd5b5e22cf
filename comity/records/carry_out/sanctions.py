"""Sanctions: charges, and measures with their statements of reasons."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from comity.policy.rulings import Ruling
from comity.policy.sanctions import reasons
from comity.policy.sanctions.ladder import SANCTIONS
from comity.policy.sanctions.measures import MeasureState, MeasureStatus
from comity.policy.sanctions.rulings import Begin, Miss, Place, Propose, Tell
from comity.records.carry_out.rows import Rows, Sitting
from comity.records.models import Sanction

#: What says when a measure is in effect, or that it is there.
_SPEAK = (Propose, Place, Tell, Miss, Begin)


class MeasureRows(Rows):
    """Measures. Each has its statement of reasons, written in the same statement as the measure itself."""

    extra = ("statement",)

    def __init__(self) -> None:
        super().__init__(SANCTIONS, Sanction)

    def more(self, sitting: Sitting, state: MeasureState, rulings: Sequence[Ruling]) -> Mapping[str, Any]:
        """Return the statement of reasons: from the proposal on, and while it is placed.

        Once it is over nothing changes what it was for; of one that was taken back the charges may be gone.
        """
        speaks = state.status is MeasureStatus.PLACED or any(isinstance(ruling, _SPEAK) for ruling in rulings)
        if state.status is MeasureStatus.OVERTURNED or not speaks:
            return {}
        charges = sitting.memory.of("charge").on_ledger(state.origin.name) if state.origin.kind == "ledger" else ()
        return {"statement": json.dumps(reasons.statement(sitting.memory.rulebooks, state, charges))}
