"""After a decision: appeals, heard by somebody else; and decisions by silence, set aside for who had a reason."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.disputes import agreeing, worth
from comity.actions.disputes.cases import Held, Verb, Words, tell, written
from comity.actions.disputes.deciding import against_its_fault, carried_out, wrong_words
from comity.actions.disputes.faults import of_decision
from comity.actions.disputes.mediation import escalated
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot, require_one_of
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.lib.money import Money
from comity.policy.facts import FAULTS, OUTCOMES, Scalar
from comity.policy.time.calendars import later
from comity.records.models import Dispute

APPEAL = Verb("appeal", "dispute.appeal")
ANSWER = Verb("answer-appeal", "dispute.appeal")
TAKE = Verb("take-appeal", "dispute.hear_appeal")
DECIDE = Verb("decide-appeal", "dispute.hear_appeal")
ASK_SET_ASIDE = Verb("ask-set-aside", "dispute.appeal")
SET_ASIDE = Verb("set-aside", "dispute.hear_appeal")
RESULTS = ("upheld", "changed", "sent_back")


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of an appeal. For `changed`: for whom, how much in all goes back to the buyer, whose fault it was."""

    result: str
    text: str
    outcome: str = ""
    amount: Money | None = None
    fault: str = ""


def appeal_until(now: Held) -> datetime | None:
    """Return until when the decision that stands may be appealed against; None where no appeal is left."""
    decision, used = now.case.decision, len(now.case.appeals)
    if decision is None or used >= len(now.rules.appeals):
        return None
    decided_at = max([decision.at, *(each.decided_at for each in now.case.appeals if each.decided_at)])
    return later(decided_at, now.rules.appeals[used], now.book.zone if now.book else "UTC")


def appeal(
    actor: Actor, dispute: Dispute, *, text: str, ground: str = "", at: datetime, noted_at: datetime | None = None
) -> None:
    """Appeal against a decision: within its window, as often as the rules say, on a ground that they list."""
    with APPEAL.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        until = appeal_until(now)
        if until is not None and at > until:
            raise NotNow(WhyNot("appeal_over", sentence("appeal_over")))
        grounds = [each.name for each in now.rules.grounds]
        if grounds and ground not in grounds:
            raise Refused([_("Name a ground that the rules list: %(grounds)s.") % {"grounds": ", ".join(grounds)}])
        if ground and any(each.ground == ground and each.result for each in now.case.appeals):
            raise NotNow(WhyNot("same_ground", sentence("same_ground")))
        words = Words("appeal", written(text, needed=_("Write what is new, or what was wrong in the decision.")))
        data: dict[str, Scalar] = {"by": actor.role, "ground": ground}
        tell(now, actor, "dispute.appealed", data, at=at, noted_at=noted_at, words=words)


def answer(actor: Actor, dispute: Dispute, *, text: str, at: datetime, noted_at: datetime | None = None) -> None:
    """Answer the other side's appeal."""
    with ANSWER.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        words = Words("appeal_answer", written(text, needed=_("Write your answer.")))
        tell(now, actor, "dispute.appeal_answered", {"by": actor.role}, at=at, noted_at=noted_at, words=words)


def take(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Take an appeal: never who decided, nor with an interest of one's own."""
    with TAKE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        tell(now, actor, "dispute.appeal_taken", {"agent": actor.party.ref}, at=at, noted_at=noted_at)


def decide(
    actor: Actor, dispute: Dispute, heard: Heard, *, at: datetime, noted_at: datetime | None = None, shown: str = ""
) -> None:
    """Decide an appeal: the decision stands, is changed, or the case is heard anew.

    What follows is brought into line at once, all of it: money, points, rates, measures. What the buyer has got and
    should not have is borne by whom the rules name. Raises Refused, NotNow, Forbidden.
    """
    with DECIDE.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        _check(now, heard)
        if _too_much(now, heard):
            now = agreeing.recall(now, at=at, noted_at=noted_at)
        data = _data(now, actor, heard)
        words = Words("appeal_decision", written(heard.text))
        now = tell(now, actor, "dispute.appeal_decided", data, at=at, noted_at=noted_at, words=words)
        if heard.result == "changed":
            carried_out(now, actor, at=at, noted_at=noted_at)
        elif heard.result == "upheld":
            now = agreeing.pay(now, because="decided", at=at, noted_at=noted_at)
        of_decision(now, at=at, noted_at=noted_at)
        if heard.result == "sent_back":
            system = Actor(platform(noted_at or at))
            escalated(now, system, by="platform", because="sent_back", at=at, noted_at=noted_at)


def _check(now: Held, heard: Heard) -> None:
    require_one_of("result", heard.result, RESULTS)
    wrong = list(wrong_words(now, heard.text))
    if heard.result == "changed":
        if heard.outcome:
            require_one_of("outcome", heard.outcome, OUTCOMES)
        else:
            wrong.append(_("Say for whom it is decided instead."))
        if heard.fault:
            require_one_of("fault", heard.fault, FAULTS)
        wrong += against_its_fault(heard.outcome, heard.fault)
        amount = heard.amount
        if amount is not None:
            if amount.currency != now.order.currency or amount.minor < 0:
                wrong.append(_("Name the sum in the order's currency."))
            limit = worth.most(now.order, worth.pieces_of(now.dispute), now.case).minor
            if amount.minor > limit:
                most = money.said(Money(limit, now.order.paid_in))
                wrong.append(_("At most %(sum)s can go back.") % {"sum": most})
        if heard.outcome == "buyer" and (amount is None or not amount.minor):
            wrong.append(_("Say how much the buyer gets."))
    if wrong:
        raise Refused(wrong)


def _data(now: Held, actor: Actor, heard: Heard) -> dict[str, Scalar]:
    data: dict[str, Scalar] = {"result": heard.result, "agent": actor.party.ref}
    if heard.result == "changed":
        amount = heard.amount.minor if heard.amount else 0
        data |= {
            "outcome": heard.outcome, "fault": heard.fault or "nobody", "amount": amount or None,
            "currency": now.order.currency if amount else None,
            "bears": now.rules.reversal_of_money if _too_much(now, heard) else None,
        }  # fmt: skip
    return data


def _too_much(now: Held, heard: Heard) -> int:
    """Return what the buyer has got, or is on its way, that the changed decision does not give."""
    if heard.result != "changed":
        return 0
    return max(now.case.asked_for - now.case.kept - (heard.amount.minor if heard.amount else 0), 0)


def ask_set_aside(
    actor: Actor, dispute: Dispute, *, reason: str, answer: str, at: datetime, noted_at: datetime | None = None
) -> None:
    """Ask that a decision by one's silence be set aside: with the reason for the silence, and the missing answer."""
    with ASK_SET_ASIDE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        decision, length = now.case.decision, now.rules.set_aside
        assert decision is not None
        if length is None:
            raise NotNow(WhyNot("not_offered_here", sentence("not_offered_here")))
        if at > later(decision.at, length, now.book.zone if now.book else "UTC"):
            raise NotNow(WhyNot("set_aside_over", sentence("set_aside_over")))
        why = written(reason, needed=_("Write why you did not answer in time."))
        missing = written(answer, needed=_("Write the answer that is missing."))
        words = Words("set_aside", f"{why}\n\n{missing}")
        tell(now, actor, "dispute.set_aside_asked", {"by": actor.role}, at=at, noted_at=noted_at, words=words)


def set_aside(
    actor: Actor, dispute: Dispute, *, granted: bool, text: str, at: datetime, noted_at: datetime | None = None
) -> None:
    """Set a decision by silence aside, or not. Granted, the platform hears the case; points go back."""
    with SET_ASIDE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        if wrong := list(wrong_words(now, text)):
            raise Refused(wrong)
        falls(now, actor, granted=granted, because="asked", text=text, at=at, noted_at=noted_at)


def falls(
    now: Held, actor: Actor, *, granted: bool, because: str, text: str = "", at: datetime,
    noted_at: datetime | None = None,
) -> Held:  # fmt: skip
    """Note whether a decision by silence falls, and bring what it brought into line."""
    data: dict[str, Scalar] = {"granted": granted, "because": because, "agent": actor.party.ref}
    now = tell(now, actor, "dispute.set_aside", data, at=at, noted_at=noted_at, words=Words("set_aside", text))
    of_decision(now, at=at, noted_at=noted_at)
    if not granted:
        return now
    system = Actor(platform(noted_at or at))
    return escalated(now, system, by="platform", because="set_aside", at=at, noted_at=noted_at)
