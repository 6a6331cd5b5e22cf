"""Notices: who must be told of which ruling. Rows are written in the transaction of the ruling itself."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from comity.lib import moments
from comity.policy.disputes.case import IN_PARTS
from comity.policy.disputes.telling import is_mailed, whose_act
from comity.policy.duties.rulings import Warn
from comity.policy.facts import KINDS, PAUSES, Fact, reference, subject_kind
from comity.policy.facts.standing import BY_CARRIER, PLACES
from comity.policy.follows import Follow
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.outcome import APPEALED
from comity.policy.sanctions.rulings import OverturnMeasure
from comity.records import refs
from comity.records.models import Dispute
from comity.records.statements import NewNotice

#: A warning that the clock notices later than this is no help any more; it stays in the journal.
STALE = timedelta(hours=1)
#: What follows a breach and concerns both sides.
_BOTH = ("decide", "escalate", "cancel", "close", "hand_over", "refund", "revive")
_TRADERS = frozenset({"buyer", "seller"})
#: Parts of a ruling of which no sentence is made: the matter stands beside it, the facts in the record.
_NOT_SAID = frozenset({"matter", "because", "origin", "seen"})


class Told(NamedTuple):
    """Rulings on one party that were noted at one moment, and the facts that brought them."""

    party_id: int
    rulings: Iterable[Ruling]
    noted_at: datetime
    facts: Iterable[Fact] = ()


def for_rulings(rulebooks: Rulebooks, told: Iterable[Told]) -> list[NewNotice]:
    """Return the notices that rulings ask for: to the party whom they concern, and to the buyer of the matter."""
    asked = [
        (role, party_id, ruling, noted_at)
        for party_id, rulings, noted_at, facts in told
        for ruling in rulings
        if not (isinstance(ruling, Warn) and noted_at - ruling.at > STALE) and not _is_said_by(facts, ruling)
        for role in _told(rulebooks, ruling)
    ]
    buyers = _buyers_of((party_id, ruling.matter) for role, party_id, ruling, _ in asked if role == "buyer")
    notices = []
    for role, party_id, ruling, noted_at in asked:
        to = party_id if role == "seller" else buyers.get((party_id, ruling.matter))
        if to is not None:
            # Who is under a measure is written to of all that becomes of it.
            of_measure = subject_kind(ruling.matter) == "sanction"
            unsent = of_measure or (isinstance(ruling, Warn) and _is_mailed(rulebooks, ruling))
            notices.append(NewNotice(to, ruling.kind, ruling.matter, noted_at, _values(ruling), unsent))
    return notices


def _is_said_by(facts: Iterable[Fact], ruling: Ruling) -> bool:
    """Whether a decided appeal tells the same: who is given back a measure's worth is told so once."""
    if not isinstance(ruling, OverturnMeasure):
        return False
    return any(fact.kind == APPEALED and fact.id == ruling.because for fact in facts)


def _is_mailed(rulebooks: Rulebooks, warning: Warn) -> bool:
    """Whether a warning is of a time that runs in a dispute or for a plan: who is warned of that is written to, too."""
    rule = rulebooks.version(warning.rulebook).by_name.get(warning.rule)
    return rule is not None and rule.each in ("dispute", "plan")


class Heard(NamedTuple):
    """Facts of one party that were noted at one moment."""

    party_id: int
    facts: Iterable[Fact]
    noted_at: datetime


def for_facts(heard: Iterable[Heard]) -> list[NewNotice]:
    """Return the notices of what happened, to those whom its kind tells: both sides, and the agent who has the case."""
    asked = [
        (party_id, fact, noted_at)
        for party_id, facts, noted_at in heard
        for fact in facts
        if KINDS[fact.kind].tells and (fact.kind not in _OF_A_CASE or fact.data.get("refund"))
        if fact.kind not in PAUSES or not _is_of_many(fact)
        # An offer in parts is told once.
        if fact.kind != "dispute.offered" or fact.data.get("part") == fact.data.get("parts")
    ]
    if not asked:
        return []
    buyers = _buyers_of((party_id, fact.matter) for party_id, fact, _ in asked)
    notices = []
    for party_id, fact, noted_at in asked:
        to = {"seller": party_id, "buyer": buyers.get((party_id, fact.matter)), "holder": _holder(fact)}
        values = {**_said(fact), "at": moments.to_text(fact.at), "subject": fact.subject}
        for role in KINDS[fact.kind].tells:
            if (who := to[role]) is not None:
                is_own = not fact.follows and whose_act(fact.kind, fact.data) == role
                tells = is_mailed(fact) or subject_kind(fact.subject) in ("sanction", "plan")
                unsent = role in _TRADERS and tells and not is_own
                read_at = noted_at if is_own else None
                notices.append(NewNotice(who, fact.kind, fact.matter, noted_at, values, unsent, read_at))
    return notices


def _is_of_many(fact: Fact) -> bool:
    """Whether it is one of an order among many: of those, the moved deadlines tell on each order's page."""
    if fact.data.get("alone") or fact.matter != fact.subject:
        return False
    return subject_kind(fact.subject) == "order" and fact.data["cause"] in _OF_MANY


def _said(fact: Fact) -> dict[str, Any]:
    """Return what a fact says; of an offer in parts, told with its last, that it has parts, not what one says."""
    if "part" not in fact.data:
        return dict(fact.data)
    said = {name: value for name, value in fact.data.items() if name not in _OF_ONE_PART}
    return said | {"offer": IN_PARTS}


_OF_ONE_PART = frozenset({"part", "parts", "line", "quantity", "amount", "currency", "act_by", "return_postage"})
#: Causes that excuse orders of many at once: a seller would be told a thousand times.
_OF_MANY = frozenset({BY_CARRIER, PLACES})
#: Told of where Comity itself had asked for it: shops that keep their own money tell of much more.
_OF_A_CASE = frozenset({"order.refunded"})


def _holder(fact: Fact) -> int | None:
    """Return the agent who has the case that a fact is about."""
    kind, identity = reference(fact.subject)
    uuid = refs.uuid_of(identity) if kind == "dispute" else None
    if uuid is None or "holder" not in KINDS[fact.kind].tells:
        return None
    return Dispute.objects.filter(uuid=uuid).values_list("holder_id", flat=True).first()


def _told(rulebooks: Rulebooks, ruling: Ruling) -> Iterator[str]:
    """Yield the roles that a ruling is told to. Who works for the platform reads queues, not notices."""
    match ruling.told:
        case "seller":
            yield "seller"
        case "who":
            rule = rulebooks.version(ruling.rulebook).by_name.get(ruling.rule)
            yield from _TRADERS & {rule.who if rule else "seller"}
        case "names" if isinstance(ruling, Follow):
            yield from _named(ruling)


def _named(ruling: Follow) -> Iterator[str]:
    """Yield whom what follows a breach concerns. Of plans, the facts tell that follow."""
    if ruling.what == "plan":
        return
    if ruling.what in ("notify", "remind"):
        yield from (role for role in ruling.value.split() if role in _TRADERS)
    else:
        yield from ("seller", "buyer") if ruling.what in _BOTH else ("seller",)


def _buyers_of(asked: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Return the buyers of the orders and conversations that matters of sellers are."""
    return {(party, matter): thing.buyer_id for (party, matter), thing in refs.things(asked).items()}


def _values(ruling: Ruling) -> dict[str, Any]:
    """Return the codes and values from which a sentence is made for the reader."""
    fields = {name: getattr(ruling, name) for name in ruling.__struct_fields__ if name not in _NOT_SAID}
    return {k: moments.to_text(v) if isinstance(v, datetime) else v for k, v in fields.items()}
