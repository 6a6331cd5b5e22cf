"""A dispute as one reader may see it: where it stands, whose turn it is, what they may do and what if they do not."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from comity.actions import money
from comity.actions.disputes import appealing, evidence, interests, keeping, offers
from comity.actions.disputes.cases import Held, Verb, held, look
from comity.actions.disputes.verbs import VERBS
from comity.actions.guard import Actor, allows, require
from comity.policy.disputes import moves
from comity.policy.disputes.case import OPEN, Stage
from comity.policy.disputes.turn import MEDIATOR, NOBODY, Turn, turn
from comity.policy.follows import Decision
from comity.policy.time.calendars import later
from comity.policy.time.clocks import Stretch
from comity.policy.time.deadlines import without_ended
from comity.policy.time.stops import BANK, derived, of_subject
from comity.records import rulebooks
from comity.records.carry_out import DUTIES
from comity.records.models import Dispute, DisputeText, Duty, Evidence, Message, Pause, Refund

#: Messages from before a dispute that are shown with it.
MOST_BEFORE = 500


@dataclass(frozen=True, slots=True)
class May:
    """Something that the reader may do now, until when, and what happens if nobody does it.

    until      None where no time is set
    what, value, amount   what follows: as `policy.disputes.turn.Turn` has it, and how much the buyer gets by it
    """

    verb: str
    until: datetime | None = None
    what: str = ""
    value: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """What one reader sees of a case.

    turn       whose turn it is; `amount`: what the buyer gets if nobody acts
    may        what the reader may do
    texts      the words that the reader may read
    unheard    whether there are words in private that this agent has not heard
    evidence   all pieces; `hidden`: those of which the reader sees only the digest
    appeal_until, evidence_until, set_aside_until   until when the reader may
    kept_until  until when the evidence stays at least; None while the case is open
    """

    now: Held
    turn: Turn
    amount: int
    may: tuple[May, ...]
    texts: tuple[DisputeText, ...]
    unheard: bool
    evidence: tuple[Evidence, ...]
    hidden: frozenset[int]
    appeal_until: datetime | None
    evidence_until: datetime | None
    set_aside_until: datetime | None
    kept_until: datetime | None


def of(actor: Actor, dispute: Dispute, *, at: datetime) -> View:
    """Return what `actor` sees of a dispute. Raises Forbidden."""
    require(actor, "dispute.read", dispute)
    now = held(dispute)
    whose = turn_of(now, at, reader=actor.role)
    pieces = tuple(dispute.evidence.select_related("by"))
    words = list(dispute.texts.select_related("author"))
    readable = tuple(text for text in words if may_read(actor, text, now))
    return View(
        now=now,
        turn=whose,
        amount=amount_otherwise(now, whose),
        may=tuple(_may(actor, now, whose, at)),
        texts=readable,
        unheard=actor.role == "agent" and now.case.is_open and len(readable) < len(words),
        evidence=pieces,
        hidden=frozenset(piece.pk for piece in pieces if not evidence.may_see(actor, piece)),
        appeal_until=appealing.appeal_until(now),
        evidence_until=evidence.deadline(now, actor.role) if actor.role in ("buyer", "seller") else None,
        set_aside_until=_set_aside_until(now),
        kept_until=keeping.kept_until(now),
    )


def turn_of(now: Held, at: datetime, *, reader: str = "") -> Turn:
    """Return whose turn it is in a case; `reader`: the role of who reads."""
    states = DUTIES.read(now.order.seller_id, " AND matter = %s AND subject = %s", [now.order.ref, now.dispute.ref])
    whose = turn(rulebooks.current(), now.case, states, at, reader=reader, waits=waits(now), pauses=_pauses(now))
    if whose == Turn(NOBODY) and now.case.stage is Stage.CARRYING_OUT and _has_failed(now):
        return Turn(MEDIATOR)
    return whose


def _has_failed(now: Held) -> bool:
    """Whether a refund of a case did not go through, and none was sent in its place: that waits at the desk."""
    failed = Refund.objects.filter(order=now.order, state="failed", replaced_by=None)
    return failed.filter(dispute_ref__in=now.dispute.names).exists()


def _pauses(now: Held) -> list[Stretch]:
    """Return the stretches that may have stopped a window of a case: those recorded, and those that facts began."""
    recorded = Pause.objects.filter(
        party=now.order.seller_id, matter__in=("", now.order.ref), ends__gt=now.case.opened_at
    )
    known = without_ended(list(recorded.order_by("pk").values_list("begins", "ends", "cause")))
    return [*known, *of_subject(derived(now.facts), now.dispute.ref)]


def waits(now: Held) -> str:
    """Return why time stands still in a case: while the bank has all that could go back, nothing is refunded here."""
    if now.case.stage not in OPEN:
        return ""
    ledger = money.of(now.order)
    return BANK if ledger.charged_back and not ledger.refundable else ""


def amount_otherwise(now: Held, whose: Turn) -> int:
    """Return what the buyer gets where nobody acts: what is asked or agreed, and never more than is left."""
    case = now.case
    if whose.what == "refund":
        return case.still_to_pay
    if whose.what != "decide":
        return 0
    said = Decision.read(whose.value)
    if said.side != "buyer" or said.amount != "asked":
        return 0
    return min(case.in_question, money.of(now.order).refundable)


def messages_before(now: Held) -> list[Message]:
    """Return what the two had written about the order before the dispute: it belongs to the case by itself."""
    rows = Message.objects.filter(conversation__order=now.order, at__lt=now.case.opened_at)
    return list(
        rows.select_related("author", "conversation").prefetch_related("files", "versions").order_by("at")[:MOST_BEFORE]
    )


def of_others(now: Held, duties: QuerySet[Duty]) -> set[str]:
    """Return the keys of those duties about a case's order that are of no such case, and of the points for them."""
    keys = set(duties.filter(matter=now.order.ref).exclude(subject__in=now.dispute.names).values_list("key", flat=True))
    charges = now.seller.charges.filter(matter=now.order.ref, because__in=keys)
    return keys | set(charges.values_list("key", flat=True))


def may_read(actor: Actor, text: DisputeText, now: Held) -> bool:
    """Whether somebody who may read the case may read these words: of agents, who chose to hear one side alone."""
    if actor.role == "platform" or text.sees in ("all", actor.role):
        return True
    return actor.role == "agent" and (now.rules.who_heard_may_decide or actor.party.ref in now.case.heard)


def _may(actor: Actor, now: Held, whose: Turn, at: datetime) -> list[May]:
    found = []
    glance = look(actor, now, at)
    is_partial = actor.role == "agent" and interests.has_conflict(actor.party, now.order)
    for verb in VERBS:
        if verb.slug in _BY_ITSELF or not allows(actor, verb.power, now.dispute) or moves.against(verb.slug, glance):
            continue
        if _is_late(actor, now, verb, at) or (is_partial and verb.is_judging):
            continue
        found.append(_with_until(actor, now, verb, whose, at))
    return found


#: Verbs of the platform itself.
_BY_ITSELF = frozenset({"pay-late"})


def _is_late(actor: Actor, now: Held, verb: Verb, at: datetime) -> bool:
    """Whether the time of a verb is over, of those that have one of their own."""
    until = _own_until(actor, now, verb)
    if until is not None and at > until:
        return True
    return verb.slug == "ask-set-aside" and now.rules.set_aside is None


def _own_until(actor: Actor, now: Held, verb: Verb) -> datetime | None:
    if verb.slug == "appeal":
        return appealing.appeal_until(now)
    if verb.slug == "ask-set-aside":
        return _set_aside_until(now)
    if verb.slug in ("give-evidence", "give-information") and actor.role in ("buyer", "seller"):
        return evidence.deadline(now, actor.role)
    return None


def _with_until(actor: Actor, now: Held, verb: Verb, whose: Turn, at: datetime) -> May:
    if (until := _own_until(actor, now, verb)) is not None:
        return May(verb.slug, until)
    if verb == offers.ACCEPT:
        waiting = [each for each in now.case.open_offers(at) if each.by != actor.role]
        ends = [each.until for each in waiting if each.until is not None]
        if ends:
            return May(verb.slug, max(ends))
    mine = "mediator" if actor.role in ("agent", "platform") else actor.role
    if whose.who in (mine, "both") and verb.slug in _ANSWERS:
        return May(verb.slug, whose.until, whose.what, whose.value, amount_otherwise(now, whose))
    return May(verb.slug)


#: Verbs by which a turn is taken.
_ANSWERS = frozenset(
    {
        "accept-claim", "reject", "offer", "accept-offer", "decline-offer", "escalate", "label", "send-back",
        "confirm-return", "contest-return", "answer-contest", "act", "take", "decide", "propose", "give-information",
        "withdraw", "modify",
    }
)  # fmt: skip


def _set_aside_until(now: Held) -> datetime | None:
    decision, length = now.case.decision, now.rules.set_aside
    if decision is None or decision.because != "silence" or length is None or now.case.stage is Stage.MEDIATION:
        return None
    if decision.silent not in ("buyer", "seller"):
        return None
    return later(decision.at, length, now.book.zone if now.book else "UTC")
