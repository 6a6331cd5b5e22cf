"""Whose account an account is: a measure is proposed where links are enough, and falls with the one it hangs on."""

from datetime import datetime

from comity.actions.guard import Actor
from comity.actions.measured import tell
from comity.actions.parties import platform
from comity.lib.ids import name_of
from comity.lib.moments import to_text
from comity.policy.facts import Fact
from comity.policy.identity import links
from comity.policy.sanctions.measures import MeasureStatus
from comity.records import identity, rulebooks
from comity.records.models import AccountLink, Party, Sanction

_STANDS = (MeasureStatus.PROPOSED, MeasureStatus.PLACED, MeasureStatus.LIFTED)
_FELL = (MeasureStatus.DECLINED, MeasureStatus.OVERTURNED)


def look(party: Party, linked: Fact, *, noted_at: datetime) -> bool:
    """Propose what the rulebook says where the links to another account are enough; return whether that is new.

    `linked` is the newest of the links. The other account must be under a closure or a freeze, or have been when it was
    linked. Once for each pair of accounts, whichever of them was linked to the other.
    """
    row = AccountLink.objects.filter(party=party, fact=linked.id).select_related("other").first()
    book = rulebooks.current().in_force(noted_at)
    if row is None or book is None or book.evasion is None:
        return False
    between = list(AccountLink.objects.filter(party=party, other=row.other))
    kinds = links.together(each.kinds for each in between)
    if not links.suffice(book.evasion, kinds) or identity.are_matched(party, row.other):
        return False
    on = _shut_out(row.other, [noted_at, *(each.at for each in between)])
    if on is None or on.effective_at is None:
        return False
    tell(
        Actor(platform(noted_at)), party, links.MATCHED, at=noted_at, about=party.ref, apart=name_of(between[0].fact),
        data={
            "with": row.other.ref, "kinds": " ".join(kinds), "on": on.ref, "measure": on.measure,
            "since": to_text(on.effective_at),
        },
    )  # fmt: skip
    return True


def _shut_out(party: Party, moments: list[datetime]) -> Sanction | None:
    """Return the newest measure that shut an account out at one of the moments, and was not taken back.

    Its row is held until the transaction ends: taken back meanwhile, it takes back what hangs on it.
    """
    rows = Sanction.objects.filter(party=party, measure__in=links.SHUTS_OUT).exclude(status__in=_FELL)
    found = [row for row in rows.select_for_update() if any(row.is_in_force(moment) for moment in moments)]
    return max(found, key=lambda row: (row.effective_at is not None and row.effective_at, row.key), default=None)


def clear(measure: Sanction, *, at: datetime) -> int:
    """Take back what hangs on a measure that was taken back, or declined when it was made anew; return how many.

    Nothing is noted of a measure that stands.
    """
    if measure.measure not in links.SHUTS_OUT or measure.status not in _FELL:
        return 0
    hanging = [row for row in identity.hanging_on(measure) if row.status in _STANDS]
    for row in hanging:
        tell(Actor(platform(at)), row.party, links.CLEARED, at=at, about=row.ref, apart=str(row.issue))
    return len(hanging)
