"""What a rule brings is carried out by the verb that it names, in the same transaction, dated when it fell.

`enact` calls this after each ruling; a moment that brings such a thing is the last that is ruled on before it is
carried out, so that what comes after sees what followed.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from comity.actions import cancellations, identity
from comity.actions.disputes import agreeing, appealing, deciding, drafts, interests, mediation, reaching
from comity.actions.disputes.cases import Gone, Held, held, tell
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.actions.plans import following as plans
from comity.actions.telling import micros
from comity.lib.ids import name_of
from comity.policy.disputes.case import CONTESTED, Stage
from comity.policy.facts import Fact, Scalar, subject_kind
from comity.policy.follows import Decision, Follow, OverturnConsequence
from comity.policy.rulings import Ruling
from comity.records import refs, rulebooks, statements
from comity.records.models import Dispute, Duty, Order, Party, Sanction

logger = logging.getLogger(__name__)


def act_upon(party: Party, ruling: Follow | OverturnConsequence, *, noted_at: datetime) -> None:
    """Do what a ruling on one of `party`'s matters brings, or undo what one that fell away had brought."""
    if isinstance(ruling, Follow):
        carry_out(party, ruling, noted_at=noted_at)
    else:
        take_back(party, ruling, noted_at=noted_at)


def carry_out(party: Party, follow: Follow, *, noted_at: datetime) -> None:
    """Do what follows a breach of one of `party`'s matters. It is locked; time has not passed beyond the breach."""
    if follow.what == "assign":
        _assign(party, follow, noted_at)
        return
    if follow.what == "plan":
        plans.carry_out(party, follow, noted_at=noted_at)
        return
    duty = Duty.objects.filter(party=party, key=follow.because).first()
    if duty is None or not _could_be_kept(party, duty, follow):
        return
    if follow.what == "cancel":
        _cancel(party, duty, follow, noted_at)
        return
    if (now := _case(party, duty)) is None:
        return
    # What fell due meanwhile may already be over: settled, withdrawn, decided.
    _VERBS[follow.what](now, duty, follow, noted_at)


def _could_be_kept(party: Party, duty: Duty, follow: Follow) -> bool:
    """Whether the duty was known here before its deadline: of what is told of the past, nothing is acted upon."""
    opened = statements.facts_of_ids(party.pk, [duty.opened_by])
    # One that a breach opened is as old as what it is about.
    known = opened or [
        fact for fact in statements.facts_of_matter(party.pk, duty.matter) if fact.subject == duty.subject
    ]
    return not known or min(fact.noted_at for fact in known) <= follow.at


def take_back(party: Party, overturned: OverturnConsequence, *, noted_at: datetime) -> None:
    """Undo what followed a breach or a rating that was none: a decision by a silence that did not happen falls."""
    if overturned.was == "plan":
        plans.take_back(party, overturned, noted_at=noted_at)
    if overturned.was != "decide":
        return
    for dispute in Dispute.objects.filter(order__seller=party, order__in=_orders(party, overturned.matter)):
        now = held(dispute)
        decision = now.case.decision
        brought = {fact.id for fact in now.facts if name_of("decide", fact.follows) == overturned.key}
        if decision is not None and decision.fact in brought:
            system = Actor(platform(noted_at))
            appealing.falls(now, system, granted=True, because="late_fact", at=noted_at, noted_at=noted_at)


def _orders(party: Party, matter: str) -> Iterable[Order]:
    thing = refs.thing(party, matter)
    return [thing] if isinstance(thing, Order) else []


def _case(party: Party, duty: Duty) -> Held | None:
    """Return the case that a duty is about: its subject; or, of an order, the one that is open."""
    order = refs.thing(party, duty.matter)
    if not isinstance(order, Order):
        return None
    disputes = Dispute.objects.filter(order=order).select_related("order__seller", "order__buyer")
    mine = [each for each in disputes if each.ref == duty.subject or subject_kind(duty.subject) == "order"]
    try:
        return next((now for now in map(held, mine) if now.case.is_open or now.case.appeal is not None), None)
    except Gone:
        return None


def _who(duty: Duty) -> str:
    rule = rulebooks.current().version(duty.rulebook).by_name[duty.rule]
    return rule.who


def _decide(now: Held, duty: Duty, follow: Follow, noted_at: datetime) -> None:
    said = Decision.read(follow.value)
    draft = drafts.draft_of(now)
    # One that leaves by itself is waited for; where nobody stands by it as the second, that is a silence as well.
    if now.case.stage is Stage.CARRYING_OUT or (draft is not None and not drafts.lacks_second(now, draft)):
        return
    silent = _who(duty)
    if silent in ("buyer", "seller") and not reaching.reach(now, silent).is_reached:
        _ask_the_platform(now, "not_reached", follow, noted_at)
        return
    deciding.by_silence(
        now, side=said.side, silent=silent, cost=said.cost, amount=said.amount, at=follow.at, noted_at=noted_at
    )


def _escalate(now: Held, duty: Duty, follow: Follow, noted_at: datetime) -> None:
    _ask_the_platform(now, "silence", follow, noted_at)


def _ask_the_platform(now: Held, because: str, follow: Follow, noted_at: datetime) -> None:
    if now.case.stage in (Stage.NEGOTIATION, Stage.RETURNING, Stage.SETTLED):
        system = Actor(platform(noted_at))
        mediation.escalated(now, system, by="platform", because=because, at=follow.at, noted_at=noted_at)


def _hand_over(now: Held, duty: Duty, follow: Follow, noted_at: datetime) -> None:
    if now.case.stage is not Stage.MEDIATION:
        return
    to = _another(now)
    data: dict[str, Scalar] = {"agent": now.case.holder, "to": to.ref if to else "", "because": "silence"}
    tell(now, Actor(platform(noted_at)), "dispute.handed_over", data, at=follow.at, noted_at=noted_at)


def _another(now: Held) -> Party | None:
    """Return the agent with the fewest cases who has not lost this one, and has no interest of the own in it."""
    agents = Party.objects.filter(role="agent", user__is_active=True).order_by("pk")
    gone = {now.case.holder, *now.case.lost}
    free = [agent for agent in agents if agent.ref not in gone and not interests.has_conflict(agent, now.order)]
    counts = {agent.pk: Dispute.objects.filter(holder=agent, stage=Stage.MEDIATION).count() for agent in free}
    return min(free, key=lambda agent: (counts[agent.pk], agent.pk), default=None)


def _close(now: Held, duty: Duty, follow: Follow, noted_at: datetime) -> None:
    system = Actor(platform(noted_at))
    if now.case.appeal is not None:  # nobody heard it: the decision stands
        heard: dict[str, Scalar] = {"result": "upheld", "agent": system.party.ref}
        tell(now, system, "dispute.appeal_decided", heard, at=follow.at, noted_at=noted_at)
        return
    if now.case.stage in CONTESTED:
        data: dict[str, Scalar] = {"because": "nobody_asked", "again": follow.value == "open again"}
        tell(now, system, "dispute.closed", data, at=follow.at, noted_at=noted_at)


def _refund(now: Held, duty: Duty, follow: Follow, noted_at: datetime) -> None:
    system = Actor(platform(noted_at))
    if now.case.stage is Stage.RETURNING:
        now = tell(now, system, "return.confirmed", {"dispute": now.dispute.ref}, at=follow.at, noted_at=noted_at)
    agreeing.pay(now, because="silence", at=follow.at, noted_at=noted_at)


def _revive(now: Held, duty: Duty, follow: Follow, noted_at: datetime) -> None:
    if now.case.agreement is not None and now.case.stage in (Stage.SETTLED, Stage.RETURNING):
        tell(now, Actor(platform(noted_at)), "dispute.revived", {}, at=follow.at, noted_at=noted_at)


def _cancel(party: Party, duty: Duty, follow: Follow, noted_at: datetime) -> None:
    order = refs.thing(party, duty.matter)
    if isinstance(order, Order):
        cancellations.accept_by_silence(order, at=follow.at, noted_at=noted_at)


def tell_late(party: Party, issued: Ruling, *, at: datetime, noted_at: datetime) -> None:
    """Note when a party was told of a measure that counts from earlier: its notice and its length run from then."""
    from comity.actions.enact import enact

    fact = Fact(
        id=f"sanction.told:{issued.key}:{micros(issued.at)}:late",
        kind="sanction.told",
        at=at,
        noted_at=noted_at,
        subject=issued.matter,
        matter=issued.matter,
        party=party.ref,
        data={"how": "late"},
    )
    enact(party, fact, once=True)


def clear(party: Party, ruling: Ruling, *, at: datetime) -> None:
    """Take back what hangs on a measure that was taken back, where it stays so."""
    for measure in Sanction.objects.filter(party=party, key=ruling.key).select_related("party"):
        identity.clear(measure, at=at)


def _assign(party: Party, follow: Follow, noted_at: datetime) -> None:
    from comity.actions.enact import enact

    fact = Fact(
        id=f"course.assigned:{follow.key}",
        kind="course.assigned",
        at=follow.at,
        noted_at=noted_at,
        subject=party.ref,
        matter=party.ref,
        party=party.ref,
        data={"course": follow.value, "because": follow.because},
    )
    enact(party, fact, once=True)


_VERBS: Mapping[str, Callable[[Held, Duty, Follow, datetime], None]] = {
    "decide": _decide,
    "escalate": _escalate,
    "hand_over": _hand_over,
    "close": _close,
    "refund": _refund,
    "revive": _revive,
}
