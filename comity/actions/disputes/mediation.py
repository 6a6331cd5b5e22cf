"""Mediation: asked for by a side, taken by one agent, who asks, listens, tells how it stands, and proposes."""

import json
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.actions.disputes.cases import Held, Verb, Words, require_ahead, tell, written
from comity.actions.disputes.interests import has_conflict
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.lib import moments
from comity.lib.ids import uuid7
from comity.policy.disputes.case import ENDED
from comity.policy.facts import Scalar
from comity.records.models import Dispute, JournalLine, Party
from comity.records.refs import by_ref

ESCALATE = Verb("escalate", "dispute.escalate")
TAKE = Verb("take", "dispute.mediate")
GIVE_BACK = Verb("give-back", "dispute.mediate")
HAND_OVER = Verb("hand-over", "dispute.mediate")
ASK_NEEDED = Verb("ask-needed", "dispute.mediate")
NEEDED = Verb("needed", "dispute.escalate")
ASK = Verb("ask-information", "dispute.mediate")
GIVE = Verb("give-information", "dispute.evidence")
PROGRESS = Verb("tell-progress", "dispute.mediate")
SAY = Verb("say", "dispute.say")
JOIN = Verb("join", "dispute.mediate")
SEES = ("all", "buyer", "seller", "agent")


def escalate(
    actor: Actor, dispute: Dispute, *, text: str = "", at: datetime, noted_at: datetime | None = None, shown: str = ""
) -> None:
    """Ask the platform to decide. Where facts alone decide, and the rules say so, it is decided at once."""
    with ESCALATE.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        words = Words("escalation", written(text))
        escalated(now, actor, by=actor.role, because="asked", words=words, at=at, noted_at=noted_at)


def escalated(
    now: Held, actor: Actor, *, by: str, because: str, words: Words | None = None, at: datetime,
    noted_at: datetime | None = None,
) -> Held:  # fmt: skip
    """Note that the platform has the case; ask both whether it is needed, where the rules want that."""
    from comity.actions.disputes.deciding import decide_by_facts

    data: dict[str, Scalar] = {"by": by, "because": because}
    now = tell(now, actor, "dispute.escalated", data, at=at, noted_at=noted_at, words=words)
    if now.rules.still_needed:
        now = tell(now, actor, "dispute.needed_asked", {}, at=at, noted_at=noted_at)
    return decide_by_facts(now, at=at, noted_at=noted_at)


def needed(actor: Actor, dispute: Dispute, *, needed: bool, at: datetime, noted_at: datetime | None = None) -> None:
    """Say whether the platform is still needed. Where the buyer does not need it, the dispute is withdrawn.

    Not by who has the money of a decision that was taken back.
    """
    with NEEDED.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        data: dict[str, Scalar] = {"by": actor.role, "needed": needed}
        now = tell(now, actor, "dispute.needed_answered", data, at=at, noted_at=noted_at)
        if not needed and actor.role == "buyer" and not now.case.holds_money:
            tell(now, actor, "dispute.withdrawn", {"reason": "solved"}, at=at, noted_at=noted_at)


def ask_needed(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Ask both sides whether the platform is still needed, before anybody works."""
    with ASK_NEEDED.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        tell(now, actor, "dispute.needed_asked", {}, at=at, noted_at=noted_at)


def take(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Take a case: one agent has it, and both sides hear who. Not with an interest of one's own. Raises NotNow."""
    with TAKE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        tell(now, actor, "dispute.taken", {"agent": actor.party.ref}, at=at, noted_at=noted_at)


def give_back(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Give a case back to the queue."""
    with GIVE_BACK.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        tell(now, actor, "dispute.given_back", {"agent": actor.party.ref}, at=at, noted_at=noted_at)


def hand_over(actor: Actor, dispute: Dispute, *, to: Party, at: datetime, noted_at: datetime | None = None) -> None:
    """Hand a case over to another agent. Raises Refused for somebody who is none, or has an interest of the own."""
    with HAND_OVER.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        if to.role != "agent" or to.pk == actor.party.pk:
            raise Refused([_("Name another agent.")])
        if has_conflict(to, now.order):
            raise Refused([_("%(name)s has traded with one of the two: name another agent.") % {"name": to.name}])
        data: dict[str, Scalar] = {"agent": now.case.holder, "to": to.ref, "because": "wish"}
        tell(now, actor, "dispute.handed_over", data, at=at, noted_at=noted_at)


def ask(
    actor: Actor, dispute: Dispute, *, of: str, text: str, until: datetime | None = None, at: datetime,
    noted_at: datetime | None = None,
) -> str:  # fmt: skip
    """Ask a side for information, by a clear deadline; return the request's id. Each is answered by itself."""
    if of not in ("buyer", "seller"):
        raise Refused([_("Ask the buyer or the seller.")])
    require_ahead(until, at=at)
    with ASK.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        request = str(uuid7(at))
        words = Words("request", written(text, needed=_("Write what you need to know.")))
        data: dict[str, Scalar] = {
            "of": of, "request": request, "until": moments.to_text(until) if until else None
        }  # fmt: skip
        tell(now, actor, "dispute.information_asked", data, at=at, noted_at=noted_at, words=words)
        return request


def give(
    actor: Actor, dispute: Dispute, *, request: str, text: str, available: bool = True, at: datetime,
    noted_at: datetime | None = None,
) -> None:  # fmt: skip
    """Answer a request for information; that it is not to be had is an answer, too. Raises Refused, NotNow."""
    with GIVE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        if request not in {each.id for each in now.case.waiting(actor.role)}:
            raise NotNow(WhyNot("nothing_asked", sentence("nothing_asked")))
        words = Words("information", written(text, needed=_("Write your answer.") if available else ""))
        kind = "dispute.information_given" if available else "dispute.information_unavailable"
        data: dict[str, Scalar] = {"by": actor.role, "request": request}
        tell(now, actor, kind, data, at=at, noted_at=noted_at, words=words)


def tell_progress(actor: Actor, dispute: Dispute, *, text: str, at: datetime, noted_at: datetime | None = None) -> None:
    """Tell both sides how the case stands: the platform owes it to them every so many days."""
    with PROGRESS.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        words = Words("progress", written(text, needed=_("Write how the case stands.")))
        tell(now, actor, "dispute.progress_told", {"agent": actor.party.ref}, at=at, noted_at=noted_at, words=words)


def say(
    actor: Actor, dispute: Dispute, *, text: str, sees: str = "all", at: datetime, noted_at: datetime | None = None
) -> None:
    """Write in a case: to all, or in private between one side and the agents, or among agents.

    What is written to all is a fact, with the digest of its words: it can be receipted and stands in case files.
    An agent hears what sides write in private by writing to one of them alone. That is noted: who has heard it does not
    decide, unless the rulebook lets them. Else a side could take a mediator out by writing a line.
    """
    if sees not in SEES:
        raise Refused([_("Write to all, or to one side.")])
    if actor.role in ("buyer", "seller") and sees not in ("all", actor.role):
        raise Refused([_("Write to all, or to the platform alone.")])
    with SAY.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        words = Words("talk", written(text, needed=_("Write something first.")), sees)
        if sees == "all":
            tell(now, actor, "dispute.written", {"by": actor.role}, at=at, noted_at=noted_at, words=words)
            return
        words.row(dispute, actor, "", at).save(force_insert=True)
        if actor.role == "agent" and sees in ("buyer", "seller"):
            heard(now, actor, actor.party.ref, at=at, noted_at=noted_at)


def heard(now: Held, actor: Actor, agent: str, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Note that an agent has heard private or settlement talk; once is enough."""
    if agent not in now.case.heard:
        tell(now, actor, "dispute.heard_in_private", {"agent": agent}, at=at, noted_at=noted_at)


def join(
    actor: Actor, dispute: Dispute, other: Dispute, *, because: str, at: datetime, noted_at: datetime | None = None
) -> None:
    """Have a case decided together with another: a counter-claim, a repeat, one bad batch. Twice changes nothing.

    Raises Refused for a case of another seller, in whose journal the first would be named, for one that is over, and
    without a reason; NotNow for one that the agent may not judge.
    """
    with JOIN.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        if other.pk == dispute.pk:
            raise Refused([_("Name another case.")])
        if other.order.seller_id != now.order.seller_id:
            raise Refused([_("Only cases of the same seller are decided together.")])
        because = written(because, needed=_("Say why they belong together."))
        if actor.role == "agent" and has_conflict(actor.party, other.order):
            raise NotNow(WhyNot("conflict", sentence("conflict")))
        if other.ref in now.case.joined:
            return
        if other.stage in ENDED:
            raise Refused([_("That case is over: only open cases are decided together.")])
        data: dict[str, Scalar] = {"other": other.ref, "because": because}
        tell(now, actor, "dispute.joined", data, at=at, noted_at=noted_at)


def joined(now: Held) -> list[Dispute]:
    """Return the cases that are decided together with one, whichever of them was joined to the other."""
    names = {*now.case.joined}
    for line in JournalLine.objects.filter(party=now.order.seller_id, kind="dispute.joined"):
        told = json.loads(line.body)
        if told["data"]["other"] in now.dispute.names:
            names.add(told["subject"])
    found = by_ref(Dispute.objects.select_related("order__buyer", "order__seller"), names)
    return sorted(found.values(), key=lambda each: each.pk)


def candidates(dispute: Dispute, *, most: int = 20) -> Iterable[Dispute]:
    """Return cases that may belong together with one: about the same order, the same two, the same listing."""
    listings = [line.listing_id for line in dispute.order.lines.all() if line.listing_id]
    near = Q(order=dispute.order) | Q(order__buyer=dispute.order.buyer_id, order__seller=dispute.order.seller_id)
    near |= Q(order__lines__listing__in=listings, reason=dispute.reason)
    found = Dispute.objects.filter(near).exclude(pk=dispute.pk).distinct().order_by("-opened_at")
    return found.select_related("order__buyer", "order__seller")[:most]
