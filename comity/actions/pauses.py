"""Pauses: times that count against nobody. Our outage is not their breach."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from comity.actions.enact import Refused, enact, sit
from comity.actions.guard import Actor, require
from comity.actions.telling import fact_about
from comity.lib import moments
from comity.lib.ids import uuid7
from comity.policy.facts import EARLIEST, KINDS, LATEST, MAX_ID_CHARS, PAUSE, PAUSE_ENDED, Fact, Scalar, moment_of
from comity.records import statements
from comity.records.models import Conversation, Order, Party

_ENDED = ":ended"
CAUSES = KINDS[PAUSE].fields["cause"].choices


def record(
    actor: Actor, about: Party | Order | Conversation, *, begins: datetime, ends: datetime, cause: str, at: datetime
) -> None:
    """Record a pause for all matters of a party, or for one order or conversation. Only ever appended.

    Deadlines move; a breach that the pause excuses is overturned, with its points and what followed from them.
    """
    require(actor, "pause.record", about, at=at)
    data = _said(actor, begins, ends, cause)
    party = about if isinstance(about, Party) else about.seller
    enact(party, _fact(about, data, at))


def record_of_several(
    actor: Actor, orders: Sequence[Order], *, begins: datetime, ends: datetime, cause: str, at: datetime
) -> None:
    """Record one pause for several orders of a seller, as for a mistake of ours that concerns just these.

    All are excused before anything is judged again: excused one after another, a rate that falls order by order could
    break its limit on another night, and a measure would come and go of which the seller were told. Raises Refused
    where they are not all of one seller.
    """
    for order in orders:
        require(actor, "pause.record", order, at=at)
    data = _said(actor, begins, ends, cause)
    if len({order.seller_id for order in orders}) != 1:
        raise Refused(["a pause of several orders is for orders of one seller"])
    sit(orders[0].seller, [_fact(order, data, at) for order in orders])


def _said(actor: Actor, begins: datetime, ends: datetime, cause: str) -> Mapping[str, Scalar]:
    wrong = []
    if cause not in CAUSES:
        wrong.append(f"cause must be one of {', '.join(CAUSES)}, not {cause!r:.60}")
    if ends <= begins:
        wrong.append("a pause must end after it begins")
    if begins < EARLIEST or ends > LATEST:
        wrong.append(f"a pause must lie between {EARLIEST.year} and {LATEST.year}")
    if wrong:
        raise Refused(wrong)
    return {"from": moments.to_text(begins), "until": moments.to_text(ends), "cause": cause, "by": actor.role}


def _fact(about: Party | Order | Conversation, data: Mapping[str, Scalar], at: datetime) -> Fact:
    return fact_about(about, PAUSE, at=at, data=data, identity=f"{PAUSE}:{uuid7(at)}")


def end(actor: Actor, about: Party | Order | Conversation, recorded: str, *, at: datetime) -> None:
    """End a pause early, or take it back: the fact `recorded` recorded it. From now on time counts again.

    What it stopped until now stays stopped: nobody is accused of what they were told had time. Raises Refused where
    there is no such pause of `about`, or it is over.
    """
    require(actor, "pause.record", about, at=at)
    party = about if isinstance(about, Party) else about.seller
    known = next(iter(statements.facts_of_ids(party.pk, [recorded])), None)
    if known is None or known.kind != PAUSE or known.matter != about.ref:
        raise Refused([f"no pause {recorded!r:.80} was recorded here"])
    enact(party, ended(about, known, by=actor.role, at=at, actor=actor), once=True)


def ended(
    about: Party | Order | Conversation, recorded: Fact, *, by: str, at: datetime, actor: Actor | None = None
) -> Fact:
    """Return the fact that ends a pause that was recorded; raise Refused where it is over already."""
    begins, ends = (moment_of(str(recorded.data[name])) for name in ("from", "until"))
    if ends <= at:
        raise Refused([f"the pause ended at {moments.to_text(ends)}"])
    data: dict[str, Scalar] = {
        "of": recorded.id, "from": moments.to_text(max(begins, at)), "until": moments.to_text(ends),
        "cause": recorded.data["cause"], "by": by,
    }  # fmt: skip
    if recorded.data.get("alone"):
        data["alone"] = True
    return fact_about(about, PAUSE_ENDED, at=at, data=data, identity=ended_name(recorded.id), actor=actor)


def ended_name(recorded: str) -> str:
    """Return the id of the fact that ends the pause which the fact `recorded` recorded: it ends once."""
    return f"{recorded[: MAX_ID_CHARS - len(_ENDED)]}{_ENDED}"
