"""Appeals against measures: filed once, added to, decided by an agent who had no part in the measure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from comity.actions.disputes.interests import has_interest
from comity.actions.doing import Deed, WhyNot, not_before, require_one_of
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.measured import Words, appeal_of, facts_of, is_said, require_some, tell, written
from comity.actions.sanctions import interested, take_off
from comity.policy.facts.measures import RESULTS
from comity.policy.sanctions.appeals import Appeal, Window, fold, took_part, window
from comity.policy.sanctions.measures import MeasureState, MeasureStatus, Rung
from comity.policy.sanctions.outcome import rung_of
from comity.records import rulebooks
from comity.records.carry_out import ROWS
from comity.records.carry_out.rows import Rows
from comity.records.models import Charge, Party, Sanction


def state_of(sanction: Sanction) -> MeasureState:
    """Return a measure as the judge knows it."""
    rows = ROWS["sanction"]
    assert isinstance(rows, Rows)
    found: MeasureState = rows.read(sanction.party_id, " AND key = %s", [sanction.key])[0]
    return found


def rung(sanction: Sanction) -> Rung:
    """Return the rung behind a measure: the rulebook's, or what an agent asked for. Raises LookupError."""
    return rung_of(rulebooks.current(), state_of(sanction))


def notice_ends(sanction: Sanction) -> datetime | None:
    """Return when the notice of a measure has run; None where it is not told."""
    return None if sanction.told_at is None else sanction.told_at + rung(sanction).notice


def appeals_of(sanction: Sanction) -> list[Appeal]:
    """Return the appeals against a measure, in the order of time."""
    return fold(facts_of(sanction))


def window_of(sanction: Sanction) -> Window | None:
    """Return when an appeal may be filed; None where none may be (any more)."""
    books = rulebooks.current()
    measure = state_of(sanction)
    return window(measure, rung_of(books, measure), appeals_of(sanction), books.version(measure.rulebook).zone)


def _open(sanction: Sanction) -> Appeal | None:
    last = appeals_of(sanction)[-1:]
    return last[0] if last and last[0].is_open else None


def _against_filing(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if _open(sanction) is not None:
        return not_before(at, last_said_at(sanction))  # it is added to
    if (opens := window_of(sanction)) is None:
        decided = [appeal for appeal in appeals_of(sanction) if appeal.decided_at is not None]
        if decided:
            said = _("This appeal has been decided. What is still open to you is the out-of-court body.")
            return WhyNot("appeal_decided", said)
        return WhyNot("nothing_to_appeal", _("There is nothing to appeal against: the measure is not placed."))
    if at > opens.end:
        return WhyNot("appeal_over", _("The time for this appeal is over."))
    return not_before(at, opens.begin)


def _against_withdrawing(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if _open(sanction) is None:
        return WhyNot("no_appeal", _("There is no open appeal."))
    return not_before(at, last_said_at(sanction))


def _against_deciding(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if _open(sanction) is None:
        return WhyNot("no_appeal", _("There is no open appeal."))
    part = took_part(state_of(sanction), appeals_of(sanction))
    if actor.party.ref in part:
        return had_part()
    return not_before(at, last_said_at(sanction)) or interested(actor, sanction.party)


def had_part() -> WhyNot:
    """Return why who decided before does not decide on an appeal, whatever it is about."""
    return WhyNot("took_part", _("You had a part in this decision; somebody who had none decides the appeal."))


def last_said_at(sanction: Sanction) -> datetime | None:
    """Return when the newest of an open appeal was said; None where none is open."""
    there = _open(sanction)
    return (there.filed_at, *there.added_at)[-1] if there is not None else None


FILE = Deed(Sanction, "appeal", "appeal.file", _against_filing)
WITHDRAW = Deed(Sanction, "withdraw_appeal", "appeal.file", _against_withdrawing)
DECIDE = Deed(Sanction, "decide_appeal", "appeal.decide", _against_deciding, last_said_at)


def file(actor: Actor, sanction: Sanction, *, words: Words, at: datetime) -> Appeal:
    """Appeal against a measure, or add to the appeal that is open. The same words again change nothing.

    Raises NotNow, Refused, Forbidden.
    """
    require_some(words)
    with FILE.doing(actor, sanction, at=at):
        there = _open(sanction)
        if there is None or not is_said(sanction, words, ("filed", "added"), since=there.filed_at):
            tell(
                actor, sanction.party, "appeal.added" if there else "appeal.filed", at=at, about=sanction.ref,
                matter=appeal_of(sanction), words=words,
            )  # fmt: skip
        return appeals_of(sanction)[-1]


def withdraw(actor: Actor, sanction: Sanction, *, at: datetime) -> None:
    """Take an open appeal back. Raises NotNow, Forbidden."""
    with WITHDRAW.doing(actor, sanction, at=at):
        tell(actor, sanction.party, "appeal.withdrawn", at=at, about=sanction.ref, matter=appeal_of(sanction))


def results_of(sanction: Sanction, at: datetime) -> tuple[str, ...]:
    """Return what an appeal can come to: what can still become of its measure.

    Of one that has fallen otherwise meanwhile it is left to say that it falls; one without an end ahead, because it has
    not begun or is over, cannot be shortened.
    """
    if sanction.status == MeasureStatus.OVERTURNED:
        return ("falls",)
    may_end = sanction.until is None or sanction.until > at
    if sanction.status == MeasureStatus.PLACED and sanction.effective_at is not None and may_end:
        return RESULTS
    return ("stands", "falls")


def _require_possible(sanction: Sanction, result: str, length: timedelta | None, at: datetime) -> None:
    """Return if a measure can come to this; else raise Refused."""
    require_one_of("result", result, RESULTS)
    if (result == "shortened") != (length is not None) or (length is not None and length < timedelta(0)):
        raise Refused([_("Say how long it lasts where it is shortened, and only there.")])
    possible = results_of(sanction, at)
    if possible == ("falls",) and result != "falls":
        raise Refused([_("The measure has fallen meanwhile: what is left to say is that it falls.")])
    if result not in possible:
        raise Refused([_("This measure has no end that could come sooner: it stands, or it falls.")])
    if length is None or sanction.effective_at is None or sanction.until is None:
        return
    if max(sanction.effective_at + length, at) >= sanction.until:
        end = formats.date_format(timezone.localtime(sanction.until), "DATETIME_FORMAT")
        raise Refused([_("Shortened, it must end sooner than it would: before %(end)s.") % {"end": end}])


def decide(
    actor: Actor,
    sanction: Sanction,
    *,
    result: str,
    because: str,
    at: datetime,
    length: timedelta | None = None,
    charges: Sequence[Charge] = (),
    shown: datetime | None = None,
) -> None:
    """Decide an open appeal: the measure stands, is shortened to `length`, or falls.

    With `charges`, points are taken off, and every measure falls with them that would not have come without.
    `shown`: when the newest was said that the agent has read; None for what is said by now. Raises NotNow, Refused,
    Forbidden.
    """
    with DECIDE.doing(actor, sanction, at=at, shown=shown):
        _require_possible(sanction, result, length, at)
        words = written(because, needed=True)
        if charges and result == "stands":
            raise Refused([_("Where points are taken off, the measure does not stand as it was.")])
        if any(charge.party_id != sanction.party_id or charge.key not in sanction.because for charge in charges):
            raise Refused([_("Only points that counted for this measure can be taken off with it.")])
        for charge in charges:
            if charge.overturned_at is None:
                take_off(actor, charge, reason="mistake", at=at)
        sanction.refresh_from_db(fields=["status"])
        if result not in results_of(sanction, at):
            raise Refused([_("Without these points the measure falls: say that it falls.")])
        tell(
            actor, sanction.party, "appeal.decided", at=at, about=sanction.ref, matter=appeal_of(sanction), words=words,
            data={
                "agent": actor.party.ref, "result": result, "charges": " ".join(charge.key for charge in charges),
                "length": int(length.total_seconds()) if length is not None else None,
            },
        )  # fmt: skip


def who_may_decide(sanction: Sanction) -> list[Party]:
    """Return the agents who had no part in a measure, and no interest in its party."""
    part = took_part(state_of(sanction), appeals_of(sanction))
    agents = Party.objects.filter(role="agent", user__is_active=True).order_by("pk")
    return [agent for agent in agents if agent.ref not in part and not has_interest(agent, sanction.party)]
