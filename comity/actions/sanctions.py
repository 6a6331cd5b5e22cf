"""Sanctions: an agent asks for a measure, another approves or declines it, its party is heard, and one may be ended.

What the judge proposes is decided the same way. Each verb acts on the one measure that it names.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from comity.actions.disputes.interests import has_interest
from comity.actions.doing import Deed, NotNow, WhyNot, not_before, require_one_of
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.measured import Words, fact_of, is_said, require_some, tell, texts_of, written
from comity.actions.telling import micros
from comity.lib import texts
from comity.policy.sanctions.ladder import key_of_asked
from comity.policy.sanctions.measures import MEASURES, MeasureStatus
from comity.policy.sanctions.outcome import SYSTEM
from comity.policy.sanctions.rulings import Place
from comity.records import merges, rulebooks
from comity.records.models import Charge, Listing, Party, Sanction

REASONS = ("not_proportionate", "mistake", "outside_influence", "other")
MAX_LENGTH = timedelta(days=3_650)
_BEGUN = (MeasureStatus.PROPOSED, MeasureStatus.PLACED)


def interested(actor: Actor, party: Party) -> WhyNot | None:
    """Return why an agent with an interest in an account decides nothing on it; None where there is none."""
    if has_interest(actor.party, party):
        return WhyNot("interest", _("You have an interest in this account: somebody else decides on it."))
    return None


def _against_deciding(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if sanction.status == MeasureStatus.DECLINED and sanction.decided_by == SYSTEM:
        return WhyNot(
            "overtaken", _("A graver measure for the same points was placed: there is nothing left to decide.")
        )
    if sanction.status != MeasureStatus.PROPOSED:
        return WhyNot("decided_already", _("This measure has already been decided; only a proposed one can be."))
    return not_before(at, sanction.at) or interested(actor, sanction.party)


def _against_approving(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if (why := _against_deciding(actor, sanction, at)) is not None:
        return why
    if sanction.asked_by == actor.party.ref:
        return WhyNot("asked_yourself", _("You asked for this measure yourself; somebody else approves it."))
    if sanction.seconded_by == actor.party.ref:
        said = _("You have already approved this measure; it is waiting for another reviewer.")
        return WhyNot("approved_already", said)
    return None


def _against_answering(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if sanction.status not in _BEGUN or sanction.is_in_force(at) or sanction.is_over(at):
        return WhyNot("too_late_to_answer", _("This can be answered before it takes effect; after that, appeal."))
    return not_before(at, sanction.at)


def _against_releasing(actor: Actor, sanction: Sanction, at: datetime) -> WhyNot | None:
    if sanction.status != MeasureStatus.PLACED or sanction.is_over(at):
        return WhyNot("not_in_force", _("Only a measure that has been placed, and is not over, can be ended."))
    return not_before(at, sanction.placed_at) or interested(actor, sanction.party)


def _proposed_at(sanction: Sanction) -> datetime | None:
    return sanction.at if sanction.status == MeasureStatus.PROPOSED else None


APPROVE = Deed(Sanction, "approve", "sanction.decide", _against_approving, _proposed_at)
DECLINE = Deed(Sanction, "decline", "sanction.decide", _against_deciding, _proposed_at)
ANSWER = Deed(Sanction, "answer", "sanction.answer", _against_answering)
RELEASE = Deed(Sanction, "release", "sanction.lift", _against_releasing)


def approve(
    actor: Actor, sanction: Sanction, *, at: datetime, shown: datetime | None = None, because: str = ""
) -> bool:
    """Approve a proposed measure; return whether it is placed, or waits for a second reviewer.

    Once placed, it takes effect when its notice has run since its party was told. `shown`: when that was proposed which
    is approved; None for what is proposed now. `because`: the agent's own words, needed where the party has answered.
    """
    with APPROVE.doing(actor, sanction, at=at, shown=shown):
        words = _weighed(sanction, because)
        # A measure that is issued anew, at another moment, can be decided again.
        rulings = tell(
            actor, sanction.party, "sanction.approved", at=at, about=sanction.ref, words=words,
            data={"agent": actor.party.ref}, apart=micros(sanction.at),
        )  # fmt: skip
    return any(isinstance(ruling, Place) for ruling in rulings)


def decline(
    actor: Actor, sanction: Sanction, *, reason: str, at: datetime, shown: datetime | None = None, because: str = ""
) -> None:
    """Decline a proposed measure. `shown`: when that was proposed which is declined; None for what is proposed now."""
    with DECLINE.doing(actor, sanction, at=at, shown=shown):
        require_one_of("reason", reason, REASONS)
        tell(
            actor, sanction.party, "sanction.declined", at=at, about=sanction.ref, words=written(because),
            data={"agent": actor.party.ref, "reason": reason}, apart=micros(sanction.at),
        )  # fmt: skip


def _weighed(sanction: Sanction, because: str) -> Words:
    """Return the agent's words on a measure; without any where the party has said something, Refused."""
    words = written(because)
    if words.are_empty and any(text.kind == "answered" for text in texts_of(sanction)):
        raise Refused([_("The party has answered: say what you make of that.")])
    return words


def answer(actor: Actor, sanction: Sanction, *, words: Words, at: datetime) -> None:
    """Say something to a measure before it takes effect; as often as its party likes. The same again changes nothing.

    Raises NotNow, Refused.
    """
    require_some(words)
    with ANSWER.doing(actor, sanction, at=at):
        if not is_said(sanction, words, ("answered",)):
            tell(actor, sanction.party, "sanction.answered", at=at, about=sanction.ref, words=words)


def release(actor: Actor, sanction: Sanction, *, reason: str, at: datetime, because: str = "") -> None:
    """End a placed measure before its time: this one, whatever else its party is under."""
    with RELEASE.doing(actor, sanction, at=at):
        require_one_of("reason", reason, REASONS)
        tell(
            actor, sanction.party, "sanction.released", at=at, about=sanction.ref, words=written(because),
            data={"agent": actor.party.ref, "reason": reason}, apart=micros(sanction.at),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """A measure that an agent asks for.

    rule            the conduct rule that it is for
    length, notice  how long it lasts, None for without end; how long before it takes effect its party is told
    of              the listings that it is about, for "listing off"
    """

    measure: str
    rule: str
    because: str
    length: timedelta | None = None
    notice: timedelta = timedelta(0)
    of: tuple[Listing, ...] = ()


def ask(actor: Actor, party: Party, wanted: Wanted, *, at: datetime, identity: str = "") -> Sanction:
    """Ask for a measure on a party; another agent approves it. The same `identity` again is the same measure.

    Raises Refused with everything that is wrong, Forbidden.
    """
    require(actor, "sanction.ask", at=at)
    if (why := interested(actor, party)) is not None:
        raise NotNow(why)
    if wrong := _problems(party, wanted, at):
        raise Refused(wrong)
    apart = identity or micros(at)
    tell(
        actor, party, "sanction.asked", at=at, about=party.ref, apart=apart, words=written(wanted.because),
        data={
            "agent": actor.party.ref, "measure": wanted.measure, "rule": wanted.rule,
            "length": int(wanted.length.total_seconds()) if wanted.length else 0,
            "notice": int(wanted.notice.total_seconds()), "of": " ".join(each.ref for each in wanted.of),
        },
    )  # fmt: skip
    return Sanction.objects.get(party=party, key=key_of_asked(fact_of(actor, "sanction.asked", party.ref, apart)))


def _problems(party: Party, wanted: Wanted, at: datetime) -> list[str]:
    wrong: list[str] = []
    kind, book = MEASURES.get(wanted.measure), rulebooks.current().in_force(at)
    if party.role not in ("buyer", "seller"):
        wrong.append(_("Measures are for buyers and sellers."))
    if Sanction.objects.filter(Sanction.in_force(at), party=party, measure="closure").exists():
        wrong.append(_("This account is closed: nothing more can be asked for."))
    elif wanted.measure == "closure" and _is_being_closed(party):
        wrong.append(_("That this account is closed has been asked for already."))
    if kind is None or kind.is_good or wanted.measure == "orders capped":
        wrong.append(_("%(measure)s is no measure that a person asks for.") % {"measure": wanted.measure[:40]})
    if book is None or wanted.rule not in book.conduct:
        wrong.append(
            _("Name the rule of conduct that it is for: %(rules)s.")
            % {"rules": ", ".join(book.conduct) if book else "–"}
        )
    if texts.is_blank(wanted.because):
        wrong.append(_("Say why: the party reads it."))
    if wanted.length is not None and not timedelta(0) < wanted.length <= MAX_LENGTH:
        wrong.append(_("A measure lasts at most ten years, or has no end."))
    if kind is not None and timedelta(0) <= wanted.notice < kind.least_notice:
        wrong.append(_("It needs a notice of at least %(days)s days.") % {"days": kind.least_notice.days})
    if not timedelta(0) <= wanted.notice <= MAX_LENGTH:
        wrong.append(_("A notice cannot be below nothing, or longer than ten years."))
    if (wanted.measure == "listing off") != bool(wanted.of):
        wrong.append(_("Name the listings that are taken off, and none for any other measure."))
    if any(each.seller_id != party.pk for each in wanted.of):
        wrong.append(_("These listings are somebody else's."))
    return wrong


def _is_being_closed(party: Party) -> bool:
    return Sanction.objects.filter(party=party, measure="closure", status__in=_BEGUN).exists()


def take_off(actor: Actor, charge: Charge, *, reason: str, at: datetime, because: str = "") -> None:
    """Take a charge off: its points, and every measure that would not have come without it, fall. Raises Refused.

    One that came with another account is taken off there, and so goes from here.
    """
    require(actor, "sanction.reverse", at=at)
    if (why := interested(actor, charge.party)) is not None:
        raise NotNow(why)
    require_one_of("reason", reason, REASONS)
    if charge.overturned_at is not None:
        raise NotNow(WhyNot("gone_already", _("These points are gone already.")))
    charge = merges.root_of(charge)
    if (why := interested(actor, charge.party)) is not None:
        raise NotNow(why)
    tell(
        actor, charge.party, "charge.taken_off", at=at, about=charge.party.ref, words=written(because),
        data={"agent": actor.party.ref, "of": charge.key, "reason": reason}, apart=charge.key,
    )  # fmt: skip
