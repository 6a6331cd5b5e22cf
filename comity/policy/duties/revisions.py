"""What a late fact changes: from the duties as they stood to those of the matter judged anew, as rulings.

Nothing is edited: what no longer holds is overturned by a new ruling, and what holds instead follows it.
"""

from collections.abc import Iterable
from datetime import datetime

from comity.policy.duties.matter import DutyState, DutyStatus, Matter
from comity.policy.duties.rulings import Breach, Move, Open, OverturnDuty, Warn
from comity.policy.facts import Fact
from comity.policy.rulings import Ruling


def changes(
    before: Iterable[DutyState], after: Matter, by_duty: dict[str, list[Ruling]], because: Fact
) -> list[Ruling]:
    """Return the rulings that lead from the duties `before` to those of the matter judged anew.

    Nothing is edited: what no longer holds is overturned by a new ruling, and what holds instead follows it.
    """
    old = {duty.key: duty for duty in before}
    rulings: list[Ruling] = []
    for key in sorted({*old, *after.by_key}, key=lambda key: _opened(key, old, after)):
        was, now = old.get(key), after.by_key.get(key)
        if now is None:
            if was is not None and was.status is not DutyStatus.OVERTURNED:
                rulings.append(_overturn(was, because, None))
        elif was is None or was.status is DutyStatus.OVERTURNED:
            rulings += by_duty[key]
        else:
            rulings += _difference(was, now, by_duty[key], because)
    return rulings


def _opened(key: str, old: dict[str, DutyState], after: Matter) -> tuple[datetime, str, str]:
    duty = after.by_key.get(key) or old[key]
    return (*duty.place, key)


def _difference(was: DutyState, now: DutyState, anew: list[Ruling], because: Fact) -> list[Ruling]:
    if (was.status, was.due, was.ended_at) == (now.status, now.due, now.ended_at):
        return []
    outcome = [ruling for ruling in anew if not isinstance(ruling, Open | Warn)]
    first = next((ruling for ruling in anew if isinstance(ruling, Open)), None)
    if first is None:
        raise LookupError(f"duty {now.key} was judged anew without being opened")
    # The breach stands as it was ruled; only what came after it, such as a cure, is new.
    if was.status is DutyStatus.BREACHED and was.ended_at is None and was.due == now.due:
        after_moves = [ruling for ruling in outcome if not isinstance(ruling, Move)]
        if after_moves and isinstance(after_moves[0], Breach):
            return after_moves[1:]
    # Overturned, it is open again, if only until the next line: and what is open waits for a moment.
    next_at = now.next_at or first.next_at
    rulings: list[Ruling] = []
    if was.status is not DutyStatus.OPEN:
        rulings.append(_overturn(was, because, next_at, now.warned))
    if was.due != now.due:
        rulings.append(
            Move(
                at=because.noted_at,
                matter=now.matter,
                rule=now.rule,
                rulebook=now.rulebook,
                key=now.key,
                was=was.due,
                due=now.due,
                next_at=next_at,
                warned=now.warned,
            )
        )
    return rulings + outcome


def _overturn(was: DutyState, because: Fact, next_at: datetime | None, warned: int = 0) -> OverturnDuty:
    return OverturnDuty(
        at=because.noted_at,
        matter=was.matter,
        rule=was.rule,
        rulebook=was.rulebook,
        key=was.key,
        was=was.status.value,
        because=because.id,
        next_at=next_at,
        warned=warned,
    )
