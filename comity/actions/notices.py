"""Notices: who must be told of which ruling. Rows are written in the transaction of the ruling itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from comity.lib import moments
from comity.policy.rulings import Breach, Charge, Decline, Lift, Move, Open, Overturn, Place, Propose, Ruling, Warn
from comity.records.models import Standing
from comity.records.statements import NewNotice

#: A warning that the clock notices later than this is no help any more; it stays in the journal.
STALE = timedelta(hours=1)
TELLS = (Open, Warn, Move, Breach, Charge, Propose, Place, Decline, Lift, Overturn)


def for_rulings(standing: Standing, rulings: Iterable[Ruling], noted_at: datetime) -> list[NewNotice]:
    """Return the notices that `rulings` ask for, to the party whom they concern."""
    return [
        NewNotice(standing.party_id, ruling.kind, ruling.matter, noted_at, _values(ruling))
        for ruling in rulings
        if isinstance(ruling, TELLS) and not (isinstance(ruling, Warn) and noted_at - ruling.at > STALE)
    ]


def _values(ruling: Ruling) -> dict[str, Any]:
    """Return the codes and values from which a sentence is made for the reader."""
    wanted = ("key", "due", "ledger", "points", "rung", "measure", "effective_at", "until", "what", "was")
    found = {name: getattr(ruling, name) for name in wanted if hasattr(ruling, name)}
    plain = {k: moments.to_text(v) if isinstance(v, datetime) else v for k, v in found.items()}
    return plain | {"rule": ruling.rule, "rulebook": ruling.rulebook, "at": moments.to_text(ruling.at)}
