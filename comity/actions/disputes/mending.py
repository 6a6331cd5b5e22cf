"""Slips of a decision that are mended, and words of it that are explained; for whom it was stays."""

from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.disputes import worth
from comity.actions.disputes.cases import Held, Verb, Words, tell, written
from comity.actions.disputes.deciding import carried_out, wrong_words
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.policy.disputes.case import Decision
from comity.policy.facts import Scalar
from comity.policy.time.calendars import later
from comity.records.models import Dispute

CORRECT = Verb("correct", "dispute.mend")
CLARIFY = Verb("clarify", "dispute.mend")


def correct(
    actor: Actor, dispute: Dispute, *, text: str, amount: Money | None = None, at: datetime,
    noted_at: datetime | None = None,
) -> None:  # fmt: skip
    """Mend a slip: a sum, a name, an omission; by the decider, within the days that the rules give."""
    with CORRECT.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        decision = now.case.decision
        assert decision is not None
        _require_within(now, decision.at, at)
        kept = written(text, needed=_("Write what is corrected."))
        if wrong := list(wrong_words(now, kept)):
            raise Refused(wrong)
        if amount is not None:
            _require_a_slip(now, decision, amount)
        data: dict[str, Scalar] = {
            "agent": actor.party.ref, "amount": amount.minor if amount else None,
            "currency": amount.currency if amount else None,
        }  # fmt: skip
        now = tell(now, actor, "dispute.corrected", data, at=at, noted_at=noted_at, words=Words("correction", kept))
        carried_out(now, actor, at=at, noted_at=noted_at)


def _require_a_slip(now: Held, decision: Decision, amount: Money) -> None:
    """Return if a sum may take the place of a decision's: it stays for whom it was. Raises Refused.

    At least what has gone back; at the most that and what is left for the pieces.
    """
    if amount.currency != now.order.currency or amount.minor < 0:
        raise Refused([_("Name the sum in the order's currency.")])
    if (amount.minor > 0) != (decision.amount > 0):
        raise Refused([_("For whom it is decided is no slip: that takes an appeal.")])
    gone = now.case.asked_for - now.case.kept
    limit = worth.most(now.order, worth.pieces_of(now.dispute), now.case).minor
    if not gone <= amount.minor <= limit:
        least, most = (money.said(Money(each, amount.currency)) for each in (gone, limit))
        raise Refused(
            [_("At least %(least)s, which has gone back, and at most %(most)s.") % {"least": least, "most": most}]
        )


def _require_within(now: Held, decided_at: datetime, at: datetime) -> None:
    if at > later(decided_at, now.rules.correct_within, now.book.zone if now.book else "UTC"):
        raise NotNow(WhyNot("correction_over", sentence("correction_over")))


def clarify(actor: Actor, dispute: Dispute, *, text: str, at: datetime, noted_at: datetime | None = None) -> None:
    """Explain words of a decision; nothing of it changes."""
    with CLARIFY.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        words = Words("clarification", written(text, needed=_("Write what you explain.")))
        tell(now, actor, "dispute.clarified", {"agent": actor.party.ref}, at=at, noted_at=noted_at, words=words)
