"""What a side says against what the facts show: marked for whoever judges, decided by nobody here. Pure.

A claim counts against what had happened when it was made: "not shipped" of Monday is not contradicted by a scan of
Tuesday.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from comity.lib import moments
from comity.policy.disputes.parcels import Parcel, Return, course, goes_back, in_time, parcels_of, promised
from comity.policy.facts import Fact

#: What a side can say in codes, and which side's word it is.
SAYS: Mapping[str, str] = {
    "says_not_shipped": "buyer", "says_not_received": "buyer", "says_late": "buyer", "says_never_answered": "buyer",
    "says_sent_back": "buyer", "says_contained": "buyer", "says_got_empty_box": "buyer", "says_not_refunded": "buyer",
    "says_shipped": "seller", "says_delivered": "seller", "says_in_time": "seller", "says_answered": "seller",
    "says_never_asked": "seller", "says_return_not_received": "seller", "says_empty": "seller",
    "says_refunded": "seller", "says_address_changed": "seller",
}  # fmt: skip
#: A parcel that weighs no more of what its goods do was hardly full; one that weighs no less was hardly empty.
LIGHT_PERCENT, FULL_PERCENT = 50, 90

Value: TypeAlias = str | int | bool | datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """What a side said, as a code of SAYS; `at`: when."""

    code: str
    side: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Contradiction:
    """That a claim does not go with the facts.

    code     what the facts show instead
    claim    the code of what was said, by `side` at `said_at`
    because  ids of the facts that show it; empty where it is that nothing was told
    values   what a sentence about it needs: moments, grams, postcodes
    """

    code: str
    claim: str
    side: str
    said_at: datetime
    because: tuple[str, ...]
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the facts, for these hold no places and no goods.

    places   where parcels were delivered elsewhere, and where they were to go (`actions.scans.elsewhere`)
    goods_g  what the goods in question weigh, packed, in grams; None where nobody said
    """

    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    goods_g: int | None = None


@dataclass(frozen=True, slots=True)
class _Then:
    """What was known when something was said."""

    facts: Sequence[Fact]
    parcels: Sequence[Parcel]
    back: Return
    beside: Beside


#: What the facts show instead: a code, the facts, the values.
_Shown = tuple[str, tuple[str, ...], dict[str, Value]]


def place_key(subject: str, at: datetime) -> str:
    """Return how an event of a parcel is named where its places are told beside the facts."""
    return f"{subject}@{moments.to_text(at)}"


def contradictions(
    claims: Iterable[Claim], facts: Iterable[Fact], *, dispute: str = "", beside: Beside | None = None
) -> list[Contradiction]:
    """Return what claims say against the facts of an order's matter, in the order in which it was said.

    `dispute`: the case, as dispute:id, so that another's return is not held against it. Codes that are not known here
    contradict nothing.
    """
    known, found = in_time(facts), []
    for claim in sorted(set(claims), key=lambda each: (each.at, each.side, each.code)):
        if (against := _AGAINST.get(claim.code)) is None:
            continue
        so_far = [fact for fact in known if fact.at <= claim.at]
        back = goes_back(so_far, dispute)
        for code, because, values in against(_Then(so_far, parcels_of(so_far), back, beside or Beside())):
            found.append(Contradiction(code, claim.code, claim.side, claim.at, because, values))
    return found


def _not_shipped(then: _Then) -> Iterator[_Shown]:
    seen = [parcel for parcel in then.parcels if parcel.seen_at is not None]
    if first := min(seen, key=lambda parcel: (parcel.seen_at, parcel.seen_by), default=None):
        yield "carrier_has_it", (first.seen_by,), {"at": first.seen_at or first.sent_at or ""}


def _shipped(then: _Then) -> Iterator[_Shown]:
    if any(parcel.seen_at for parcel in then.parcels) or course(then.facts).state == "delivered":
        return
    labels = [fact for fact in then.facts if fact.kind == "shipment.noted" and fact.data.get("status") == "label_made"]
    sent = [fact for fact in then.facts if fact.kind == "shipment.dispatched"]
    if labels:
        yield "only_a_label", (labels[-1].id,), {"at": labels[-1].at}
    elif not sent:
        yield "nothing_sent", (), {}


def _delivered(then: _Then) -> Iterator[_Shown]:
    way = course(then.facts)
    if way.state == "delivered":
        return
    for parcel in way.parcels:
        values: dict[str, Value] = {"at": parcel.at} if parcel.at else {}
        if parcel.state == "elsewhere" and parcel.at is not None:
            told, wanted = then.beside.places.get(place_key(parcel.subject, parcel.at), ("", ""))
            values |= {"differs": parcel.differs, "told": told, "wanted": wanted}
            yield "delivered_elsewhere", parcel.because, values
        elif parcel.state == "returned":
            yield "went_back", parcel.because, {**values, "at_sender": parcel.at_sender}
        elif parcel.state == "lost":
            yield "lost", parcel.because, values
        elif parcel.state in ("unsent", "declared"):
            yield "no_scan", (), {}
        elif parcel.state == "transit":
            yield "on_its_way", parcel.because, values


def _not_received(then: _Then) -> Iterator[_Shown]:
    way = course(then.facts)
    if way.state == "delivered":
        values: dict[str, Value] = {"signed": way.signed}
        yield "delivered", way.because, values | ({"at": way.at} if way.at else {})
    for fact in then.facts:
        if fact.kind == "order.receipt_confirmed":
            yield "receipt_confirmed", (fact.id,), {"at": fact.at}
        elif fact.kind == "delivery.judged" and fact.data.get("on_time") is True:
            yield "judged_in_time", (fact.id,), {"at": fact.at}


def _late(then: _Then) -> Iterator[_Shown]:
    way, (by, said) = course(then.facts), promised(then.facts)
    if way.state == "delivered" and way.at is not None and by is not None and way.at <= by:
        yield "in_time", (*way.because, said), {"at": way.at, "promised": by}


def _in_time(then: _Then) -> Iterator[_Shown]:
    way, (by, said) = course(then.facts), promised(then.facts)
    if way.state == "delivered" and way.at is not None and by is not None and way.at > by:
        yield "late", (*way.because, said), {"at": way.at, "promised": by}


def _never_answered(then: _Then) -> Iterator[_Shown]:
    if (answer := next(iter(_words_of(then, "seller")), None)) is not None:
        yield "answered", (answer.id,), {"at": answer.at}


def _answered(then: _Then) -> Iterator[_Shown]:
    if not _words_of(then, "seller"):
        yield "no_answer", (), {}


def _never_asked(then: _Then) -> Iterator[_Shown]:
    if (asked := next(iter(_words_of(then, "buyer")), None)) is not None:
        yield "asked", (asked.id,), {"at": asked.at}


def _words_of(then: _Then, side: str) -> list[Fact]:
    """Return what a side wrote or answered, a person's words alone: of the seller, once the buyer had asked."""
    told = [f for f in then.facts if f.kind == "message.sent" and f.data.get("automatic") is not True]
    asked = next((f for f in told if f.data.get("by") == "buyer"), None)
    opened = next((f for f in then.facts if f.kind in ("dispute.opened", "dispute.inquired")), None)
    begun = min((f.at for f in (asked, opened) if f is not None), default=None)
    if side == "buyer":
        return [f for f in told if f.data.get("by") == "buyer"]
    words = [f for f in told if f.data.get("by") == "seller"]
    words += [f for f in then.facts if f.kind == "dispute.answered"]
    words += [f for f in then.facts if f.kind == "dispute.offered" and f.data.get("by") == "seller"]
    return sorted((f for f in words if begun is None or f.at >= begun), key=lambda f: f.place)


def _sent_back(then: _Then) -> Iterator[_Shown]:
    if then.back.posted_at is None and then.back.confirmed_at is None:
        sent = (then.back.sent_by,) if then.back.sent_by else ()
        yield ("no_scan_of_return" if sent else "nothing_sent_back"), sent, {}


def _return_not_received(then: _Then) -> Iterator[_Shown]:
    if then.back.arrived_at is not None:
        yield "return_delivered", (then.back.arrived_by,), {"at": then.back.arrived_at}
    if then.back.confirmed_at is not None:
        yield "return_confirmed", (then.back.confirmed_by,), {"at": then.back.confirmed_at}


def _contained(then: _Then) -> Iterator[_Shown]:
    if (weighed := _of_goods(then.back.weight_g, then.beside.goods_g)) is not None and weighed <= LIGHT_PERCENT:
        yield "return_weighed_less", (then.back.weighed_by,), _weights(then.back.weight_g, then.beside.goods_g)


def _empty(then: _Then) -> Iterator[_Shown]:
    if (weighed := _of_goods(then.back.weight_g, then.beside.goods_g)) is not None and weighed >= FULL_PERCENT:
        yield "return_weighed_full", (then.back.weighed_by,), _weights(then.back.weight_g, then.beside.goods_g)


def _got_empty_box(then: _Then) -> Iterator[_Shown]:
    for parcel in then.parcels:
        weighed = _of_goods(parcel.weight_g, then.beside.goods_g)
        if parcel.state == "delivered" and weighed is not None and weighed >= FULL_PERCENT:
            yield "weighed_full", (parcel.weighed_by,), _weights(parcel.weight_g, then.beside.goods_g)


def _of_goods(weight: int | None, goods: int | None) -> int | None:
    """Return how many hundredths of its goods' weight a parcel weighs; None where either is not known."""
    return None if weight is None or not goods else weight * 100 // goods


def _weights(weight: int | None, goods: int | None) -> dict[str, Value]:
    return {"weighed_g": weight or 0, "goods_g": goods or 0}


def _not_refunded(then: _Then) -> Iterator[_Shown]:
    for fact in then.facts:
        if fact.kind == "order.refunded":
            values: dict[str, Value] = {"at": fact.at}
            for name in ("amount", "currency"):
                if (value := fact.data.get(name)) is not None:
                    values[name] = value
            yield "refunded", (fact.id,), values


def _refunded(then: _Then) -> Iterator[_Shown]:
    if not any(fact.kind == "order.refunded" for fact in then.facts):
        yield "no_refund", (), {}


def _address_changed(then: _Then) -> Iterator[_Shown]:
    if not any(fact.kind == "address.changed" for fact in then.facts):
        asked = tuple(fact.id for fact in then.facts if fact.kind == "address.asked")
        yield "address_not_changed", asked, {}


_AGAINST: Mapping[str, Callable[[_Then], Iterator[_Shown]]] = {
    "says_not_shipped": _not_shipped,
    "says_not_received": _not_received,
    "says_late": _late,
    "says_never_answered": _never_answered,
    "says_sent_back": _sent_back,
    "says_contained": _contained,
    "says_got_empty_box": _got_empty_box,
    "says_not_refunded": _not_refunded,
    "says_shipped": _shipped,
    "says_delivered": _delivered,
    "says_in_time": _in_time,
    "says_answered": _answered,
    "says_never_asked": _never_asked,
    "says_return_not_received": _return_not_received,
    "says_empty": _empty,
    "says_refunded": _refunded,
    "says_address_changed": _address_changed,
}
