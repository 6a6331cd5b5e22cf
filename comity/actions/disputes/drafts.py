"""Decisions that are written and have not left: released, stopped, stood by with a second name."""

from datetime import datetime

from comity.actions.disputes.cases import Held, Verb, held, tell
from comity.actions.disputes.deciding import leave, needs_second
from comity.actions.disputes.interests import has_conflict
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.records.models import Dispute, DraftDecision, Party
from comity.records.refs import named

STOP = Verb("stop-draft", "dispute.decide")
SECOND = Verb("second", "dispute.mediate")
RELEASE = Verb("stop-draft", "dispute.decide")


def draft_of(now: Held) -> DraftDecision | None:
    """Return the decision that is written and has not left."""
    return DraftDecision.objects.filter(dispute=now.dispute).select_related("agent").first()


def lacks_second(now: Held, draft: DraftDecision) -> bool:
    """Whether a decision that is written waits for the name of a second mediator."""
    amount = draft.data.get("amount")
    return needs_second(now, amount if isinstance(amount, int) else 0) and not now.case.seconded_by


def is_without_second(dispute: Dispute) -> bool:
    """Whether a dispute has a decision that is written and does not leave without a second name."""
    now = held(dispute)
    draft = draft_of(now)
    return draft is not None and lacks_second(now, draft)


def seconder(now: Held) -> Party | None:
    """Return the agent who stands by a decision as the second."""
    uuid = now.case.seconded_by.partition(":")[2]
    return Party.objects.filter(uuid=uuid).first() if uuid else None


def release(dispute: Dispute, *, now_is: datetime) -> bool:
    """Let a decision leave whose time has come, dated at that time; return whether it left.

    One that waits for a second name stays. One on which the name of an agent stands who has an interest of the own, as
    was declared meanwhile, falls. Called by errands and by the clock.
    """
    system = Actor(platform(now_is))
    with RELEASE.doing(system, dispute, at=now_is) as now:
        draft = draft_of(now)
        if draft is None or draft.leaves_at > now_is:
            return False
        if _is_partial(draft.agent.ref, now) or _is_partial(now.case.seconded_by, now):
            _fall(now, system, draft, at=now_is)
            return False
        if lacks_second(now, draft):
            return False
        leave(now, Actor(draft.agent), draft.data, draft.text, draft.reason, at=draft.leaves_at, noted_at=now_is)
        return True


def _is_partial(ref: str, now: Held) -> bool:
    agent = named(ref) if ref else None
    return agent is not None and has_conflict(agent, now.order)


def _fall(now: Held, system: Actor, draft: DraftDecision, *, at: datetime) -> None:
    """Stop a decision that must not leave; the case of an agent with an interest goes back to the queue."""
    now = tell(now, system, "dispute.draft_stopped", {"agent": draft.agent.ref}, at=at)
    if _is_partial(now.case.holder, now):
        tell(now, system, "dispute.given_back", {"agent": now.case.holder}, at=at)


def stop(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Stop a decision before it leaves; the case can be decided anew."""
    with STOP.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        tell(now, actor, "dispute.draft_stopped", {"agent": actor.party.ref}, at=at, noted_at=noted_at)


def second(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Stand by another agent's draft as a second mediator: both names stand on the decision."""
    with SECOND.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        tell(now, actor, "dispute.seconded", {"agent": actor.party.ref}, at=at, noted_at=noted_at)
    release(dispute, now_is=noted_at or at)
