"""Duties: the rows of the hot path. A fact in its turn reads the newest of its matter, with one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from comity.policy.duties.life import DUTIES
from comity.policy.duties.matter import DutyState
from comity.records import statements
from comity.records.carry_out.rows import Change, Rows, Sitting
from comity.records.models import Duty, Standing


class Falling(NamedTuple):
    """A duty of a party with a moment that has passed."""

    party_id: int
    duty: DutyState
    current: bool


class DutyRows(Rows):
    """Duties. `current`: the newest of its rule and subject; one that stepped aside is not."""

    extra = ("current",)

    def __init__(self) -> None:
        super().__init__(DUTIES, Duty)
        mine = ", ".join(f"d.{name}" for name in self.columns)
        # One row at least, so that the latest moment comes even where no duty is current.
        self._matter = f"""
SELECT (SELECT MAX(at) FROM records_journalline WHERE party_id = %s AND matter = %s), {mine}
FROM (SELECT 1 AS one) AS always
LEFT JOIN records_duty d ON d.party_id = %s AND d.matter = %s AND d.current AND d.stuck_at IS NULL
"""
        self._current = f"""
SELECT d.party_id, {mine} FROM ({{rows}}) AS asked JOIN records_duty d
ON d.party_id = asked.column1 AND d.matter = asked.column2 AND d.current AND d.stuck_at IS NULL
"""
        self._earliest = f"""
SELECT party_id, current, {", ".join(self.columns)} FROM records_duty
WHERE party_id IN ({{marks}}) AND next_at < %s AND next_at IS NOT NULL AND stuck_at IS NULL
ORDER BY party_id, next_at LIMIT %s
"""

    def leave_word(self, sittings: Sequence[Sitting]) -> None:
        """Duties are read by the matter, before the fact is judged (`records.dossiers`)."""

    def of_matter(self, party_id: int, matter: str) -> tuple[datetime | None, list[DutyState]]:
        """Return the latest moment of which a matter has a line, and its current duties. One statement."""
        rows = statements.fetch(self._matter, [party_id, matter, party_id, matter])
        return statements.moment(rows[0][0]), [self.read_row(row[1:]) for row in rows if row[1] is not None]

    def all_of_matter(self, party_id: int, matter: str) -> list[DutyState]:
        """Return all duties of a matter, ended ones too. One statement."""
        return self.read(party_id, " AND matter = %s", [matter])

    def all_of_matters(self, party_id: int, matters: Sequence[str]) -> list[DutyState]:
        """Return all duties of matters, ended ones too. One statement for every few thousand."""
        return self.read_in(party_id, "matter", matters)

    def current_of(self, matters: Sequence[tuple[int, str]]) -> list[tuple[int, DutyState]]:
        """Return the current duties of matters, each named by its party and itself. One statement."""
        rows = statements.fetch_rows(self._current, matters, self.model, ("party_id", "matter"))
        return [(row[0], self.read_row(row[1:])) for row in rows]

    def earliest(self, party_ids: Sequence[int], before: datetime, limit: int) -> list[Falling]:
        """Return the first `limit` duties of parties with a moment before `before`, party by party. One statement."""
        rows = statements.fetch_in(self._earliest, (), party_ids, [statements.adapter()(before), limit])
        return [Falling(row[0], self.read_row(row[2:]), bool(row[1])) for row in rows]

    def write(self, changes: Sequence[Change]) -> None:
        """Write the duties that changed, and those of their rule and subject: one may have taken another's place."""
        rows: dict[tuple[int, str], tuple[int, DutyState, dict[str, bool]]] = {}
        for sitting, changed in changes:
            duties, party_id = sitting.memory.duties, sitting.standing.party_id
            for key in changed:
                duty = duties[key]
                matter = duties.matter(duty.matter)
                newest = matter.current.get(duty.about)
                for each in matter.by_key.values():
                    if each.about == duty.about:
                        current = newest is not None and newest.key == each.key
                        rows[party_id, each.key] = (party_id, each, {"current": current})
        # Those that are no longer current first: the database allows one current duty for a rule and subject.
        self.put(sorted(rows.values(), key=lambda row: row[2]["current"]))

    def begin_again(self, party_id: int) -> None:
        """None is current until it is written: the database allows one for a rule and subject."""
        Duty.objects.filter(party_id=party_id).update(current=False)

    def step_aside(self, standing: Standing, key: str, *, at: datetime, why: str) -> None:
        """Set a duty aside whose moment could not be ruled on; another may take its place."""
        super().step_aside(standing, key, at=at, why=why)
        Duty.objects.filter(party_id=standing.party_id, key=key).update(current=False)

    def take_back(self, row: Duty) -> None:
        """Let a duty wait for its moment again, current unless another has taken its place."""
        super().take_back(row)
        same = Duty.objects.filter(party_id=row.party_id, matter=row.matter, subject=row.subject, rule=row.rule)
        if not same.filter(current=True).exists():
            Duty.objects.filter(pk=row.pk).update(current=True)
