"""What people do with an improvement plan: its party writes it, an agent accepts it or sends it back."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot, not_before
from comity.actions.enact import Refused, catch_up
from comity.actions.guard import Actor
from comity.actions.measured import Words, tell, written
from comity.actions.plans.reading import last_words, would_end
from comity.actions.sanctions import interested
from comity.lib.moments import to_text
from comity.policy.facts.plans import ACTIONS, MOST_VERSIONS
from comity.policy.plans.fold import TO_WRITE, Stage
from comity.records.models import ImprovementPlan


def _against_writing(actor: Actor, plan: ImprovementPlan, at: datetime) -> WhyNot | None:
    if plan.stage in TO_WRITE or plan.stage == Stage.WRITTEN:
        return not_before(at, plan.since)
    if plan.stage == Stage.FAILED and plan.because == "not_written":
        return WhyNot("plan_too_late", _("The time to write this plan is over: it has failed."))
    if plan.stage == Stage.RUNNING:
        return WhyNot("plan_runs", _("This plan has been accepted and is running: it is not written anew."))
    return WhyNot("plan_over", _("This plan is over."))


def _against_deciding(actor: Actor, plan: ImprovementPlan, at: datetime) -> WhyNot | None:
    if plan.stage != Stage.WRITTEN:
        return WhyNot("plan_not_waiting", _("This plan is not waiting to be looked at."))
    return not_before(at, plan.since) or interested(actor, plan.party)


def _written_at(plan: ImprovementPlan) -> datetime | None:
    return plan.written_at if plan.stage == Stage.WRITTEN else None


WRITE = Deed(ImprovementPlan, "write", "plan.write", _against_writing)
ACCEPT = Deed(ImprovementPlan, "accept", "plan.decide", _against_deciding, _written_at)
SEND_BACK = Deed(ImprovementPlan, "send_back", "plan.decide", _against_deciding, _written_at)

#: What may be done with a plan.
DEEDS = (ACCEPT, SEND_BACK, WRITE)


def write(actor: Actor, plan: ImprovementPlan, *, text: str, actions: Sequence[str], at: datetime) -> None:
    """Write a plan, or a further version of it: what will be done, as codes (`facts.plans.ACTIONS`) and in words.

    The same again changes nothing. Raises NotNow once its time is over, Refused, Forbidden.
    """
    catch_up(plan.party, at)  # what fell due by now has happened, whether a clock has looked or not
    with WRITE.doing(actor, plan, at=at):
        words, codes = written(text, needed=True), _actions(actions)
        if plan.stage == Stage.WRITTEN and list(codes) == plan.codes and last_words(plan) == words.text:
            return
        if plan.version >= MOST_VERSIONS:
            raise Refused([_("This plan has been written too often.")])
        version = plan.version + 1
        tell(
            actor, plan.party, "plan.written", at=at, about=plan.ref, words=words, apart=str(version),
            data={"version": version, "actions": " ".join(codes)},
        )  # fmt: skip


def _actions(actions: Sequence[str]) -> tuple[str, ...]:
    """Return codes of actions in the order of the table. Raises Refused."""
    if unknown := sorted(set(actions) - set(ACTIONS)):
        raise Refused([f"actions must be of {', '.join(ACTIONS)}, not {unknown[0]!r:.60}"])
    if not actions:
        raise Refused([_("Say at least one thing that you will do.")])
    return tuple(code for code in ACTIONS if code in actions)


def accept(
    actor: Actor, plan: ImprovementPlan, *, at: datetime, shown: datetime | None = None, because: str = ""
) -> None:
    """Accept a plan that was written: it runs from now on. `shown`: when that version was written which is accepted.

    Raises NotNow, Refused, Forbidden.
    """
    catch_up(plan.party, at)
    with ACCEPT.doing(actor, plan, at=at, shown=shown):
        words = written(because)
        data = {"by": "agent", "check_at": to_text(would_end(plan, at))}
        _decided(actor, plan, "plan.accepted", data, words, at)


def send_back(
    actor: Actor, plan: ImprovementPlan, *, because: str, at: datetime, shown: datetime | None = None
) -> None:
    """Send a plan that was written back, with words: its party writes it anew. Raises NotNow, Refused, Forbidden."""
    catch_up(plan.party, at)
    with SEND_BACK.doing(actor, plan, at=at, shown=shown):
        _decided(actor, plan, "plan.sent_back", {}, written(because, needed=True), at)


def _decided(actor: Actor, plan: ImprovementPlan, kind: str, data: dict[str, str], words: Words, at: datetime) -> None:
    tell(
        actor, plan.party, kind, at=at, about=plan.ref, words=words,
        apart=str(plan.version), data={**data, "agent": actor.party.ref, "version": plan.version},
    )  # fmt: skip
