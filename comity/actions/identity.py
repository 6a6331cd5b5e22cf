"""Whose account an account is: a measure is proposed where links are enough, and falls with what it hangs on.

That is the other account's measure, and the links themselves: one that was told in error is taken back.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.doing import Deed, NotNow, WhyNot, not_before
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.measured import Words, require_some, tell
from comity.actions.parties import platform
from comity.actions.sanctions import interested
from comity.actions.telling import micros
from comity.lib.ids import name_of
from comity.lib.moments import to_text
from comity.policy.facts import Fact
from comity.policy.identity import links
from comity.policy.sanctions.measures import MeasureStatus
from comity.records import identity, merges, rulebooks
from comity.records.models import AccountLink, Party, Sanction

_STANDS = (MeasureStatus.PROPOSED, MeasureStatus.PLACED, MeasureStatus.LIFTED)
_FELL = (MeasureStatus.DECLINED, MeasureStatus.OVERTURNED)


def look(party: Party, linked: Fact, *, noted_at: datetime) -> bool:
    """Propose what the rulebook says where the links to another account are enough; return whether that is new.

    `linked` is the newest of the links. The other account must be under a closure or a freeze, or have been when it was
    linked. Once for each pair of accounts, whichever of them was linked to the other, unless what was proposed fell
    because links were taken back. Never for two that were made one.
    """
    row = AccountLink.objects.filter(party=party, fact=linked.id).select_related("other").first()
    book = rulebooks.current().in_force(noted_at)
    if row is None or book is None or book.evasion is None:
        return False
    if row.other_id in merges.one_with([party.pk]):
        return False  # two agents have made them one, which is no offence
    kinds = identity.between(party, row.other)
    if not links.suffice(book.evasion, kinds) or identity.are_matched(party, row.other):
        return False
    found = AccountLink.objects.filter(party=party, other=row.other, undoes=False)
    on = _shut_out(
        row.other, [noted_at, *(each.at for each in found if not kinds.keys().isdisjoint(each.kinds.split()))]
    )
    if on is None or on.effective_at is None:
        return False
    tell(
        Actor(platform(noted_at)), party, links.MATCHED, at=noted_at, about=party.ref, apart=name_of(linked.id),
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


def look_again(party: Party, unlinked: Fact, *, noted_at: datetime) -> bool:
    """Close what is proposed and rests on links that were taken back; return whether that brought a fact.

    What a person decided is not taken back by a machine: it is shown to an agent (`records.identity.unfounded`).
    """
    row = AccountLink.objects.filter(party=party, fact=unlinked.id).select_related("other").first()
    if row is None:
        return False
    rows = party.sanctions.filter(status=MeasureStatus.PROPOSED, origin__startswith="evasion:")
    gone = [each for each in rows if not identity.is_founded(each)]
    for each in gone:
        tell(
            Actor(platform(noted_at)), party, links.CLEARED, at=noted_at, about=each.ref,
            data={"because": "unlinked"}, apart=f"{each.issue}:unlinked",
        )  # fmt: skip
    return bool(gone)


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


def unlink(actor: Actor, party: Party, other: Party, kinds: Sequence[str], *, words: Words, at: datetime) -> None:
    """Take links back that were told of `party` to `other`, and say why. Raises Refused, Forbidden."""
    require(actor, "link.take_back", at=at)
    for each in (party, other):
        if (why := interested(actor, each)) is not None:
            raise NotNow(why)
    stand = identity.between(party, other)
    wrong: list[str] = []
    if not kinds:
        wrong.append(_("Name the kinds of links that are taken back."))
    elif missing := [kind for kind in kinds if kind not in stand]:
        wrong.append(
            _("%(missing)s does not join these accounts; what does: %(stand)s.")
            % {"missing": ", ".join(missing)[:100], "stand": ", ".join(stand) or "–"}
        )
    if words.are_empty:
        wrong.append(_("Say why the link is wrong."))
    if wrong:
        raise Refused(wrong)
    tell(
        actor, party, links.UNLINKED, at=at, about=party.ref, words=words, apart=f"{other.pk}:{micros(at)}",
        data={"with": other.ref, "kinds": " ".join(links.together(kinds)), "agent": actor.party.ref},
    )  # fmt: skip


def _against_judging_anew(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if not identity.is_to_be_looked_at(sanction):
        said = _("Nothing that this measure rests on was taken back, or somebody has looked at it since.")
        return WhyNot("rests_still", said)
    return not_before(at, sanction.placed_at) or interested(actor, sanction.party)


TAKE_BACK = Deed(Sanction, "take_back", "sanction.reverse", _against_judging_anew)
KEEP = Deed(Sanction, "keep", "sanction.reverse", _against_judging_anew)


def take_back(actor: Actor, sanction: Sanction, *, words: Words, at: datetime) -> None:
    """Take a measure back that rests on links that were taken back, as if it had never been. Say why.

    Raises NotNow, Refused, Forbidden.
    """
    require_some(words)
    with TAKE_BACK.doing(actor, sanction, at=at):
        tell(
            actor, sanction.party, links.CLEARED, at=at, about=sanction.ref, words=words, apart=micros(at),
            data={"because": "unlinked", "agent": actor.party.ref},
        )  # fmt: skip


def keep(actor: Actor, sanction: Sanction, *, words: Words, at: datetime) -> None:
    """Note that a measure stays, though links on which it rests were taken back, and say why.

    Raises NotNow, Refused, Forbidden.
    """
    require_some(words)
    with KEEP.doing(actor, sanction, at=at):
        tell(
            actor, sanction.party, "sanction.kept", at=at, about=sanction.ref, words=words, apart=micros(at),
            data={"agent": actor.party.ref},
        )  # fmt: skip
