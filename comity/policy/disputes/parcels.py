"""What the facts know of an order's parcels: where each is, what the carrier says of it, what went back. Pure.

Facts may come in any order; they are looked at in the order of time. Ids of facts go with everything that they show.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comity.policy import deliveries
from comity.policy.deliveries import AT_SENDER, DELIVERED, ELSEWHERE, SCANNED, TURNED_ROUND
from comity.policy.facts import Fact, moment_of, subject_kind

#: Where a parcel or an order is, the worst first: what is behind says how the whole is doing.
STATES = ("unsent", "declared", "returned", "elsewhere", "lost", "transit", "delivered")
DISPATCHED, HANDED_OVER, NOTED = "shipment.dispatched", "shipment.handed_over", "shipment.noted"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel on its way to the buyer, by what facts know of it.

    state      of STATES; unsent for one of which there is only a label
    at         since when; of one that is with its sender again, since when it is there; of a delivery that is dated
               nowhere, None
    because    ids of the facts that show it
    replaces   the dispute because of which it replaces what was sent before; empty for none
    pieces     how many pieces it holds, `of_pieces` of the order; None where it holds all, as far as is known
    seen_at    when its carrier had it first, by the fact `seen_by`; None where nobody but the seller says so
    at_sender  whether one that turned round is with its sender again
    """

    subject: str
    state: str = "unsent"
    at: datetime | None = None
    because: tuple[str, ...] = ()
    replaces: str = ""
    pieces: int | None = None
    of_pieces: int | None = None
    tracked: bool = False
    sent_at: datetime | None = None
    seen_at: datetime | None = None
    seen_by: str = ""
    signed: bool = False
    at_sender: bool = False
    differs: str = ""
    weight_g: int | None = None
    weighed_by: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """How an order is doing as a whole: the state of what is behind, since when, and by which facts.

    parcels  those that count, the first sent first; `there`: how many of them have arrived
    signed   whether the carrier has a signature for every one that arrived
    """

    state: str
    at: datetime | None
    because: tuple[str, ...]
    parcels: tuple[Parcel, ...]
    there: int
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Return:
    """What goes back to the seller, by what facts know: moments and the ids of the facts; None for not yet.

    `posted_by` is the carrier's first scan, or the arrival: a buyer's word that it was sent is `sent_at` alone.
    """

    sent_at: datetime | None = None
    sent_by: str = ""
    posted_at: datetime | None = None
    posted_by: str = ""
    arrived_at: datetime | None = None
    arrived_by: str = ""
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    contested_by: str = ""
    weight_g: int | None = None
    weighed_by: str = ""


def in_time(facts: Iterable[Fact]) -> list[Fact]:
    """Return facts in the order of time, each once."""
    return sorted({fact.id: fact for fact in facts}.values(), key=lambda fact: fact.place)


def parcels_of(facts: Iterable[Fact]) -> list[Parcel]:
    """Return the parcels that go to the buyer, the first named first."""
    known = deliveries.without_undone(in_time(facts))
    by_parcel: dict[str, list[Fact]] = {}
    for fact in known:
        if fact.kind.startswith("shipment.") and subject_kind(fact.subject) == "shipment":
            by_parcel.setdefault(fact.subject, []).append(fact)
    return [_parcel(subject, told) for subject, told in by_parcel.items()]


def _parcel(subject: str, told: Sequence[Fact]) -> Parcel:
    parcel = Parcel(subject)
    for fact in told:
        parcel = _told(parcel, fact)
    return parcel


def _told(parcel: Parcel, fact: Fact) -> Parcel:
    """Return a parcel after one more fact of its own."""
    data, weight = fact.data, fact.data.get("weight_g")
    if isinstance(weight, int):
        parcel = replace(parcel, weight_g=weight, weighed_by=fact.id)
    pieces, of_pieces = data.get("pieces"), data.get("of_pieces")
    if isinstance(pieces, int) and isinstance(of_pieces, int):
        parcel = replace(parcel, pieces=pieces, of_pieces=of_pieces)
    if fact.kind == DISPATCHED:
        parcel = replace(
            parcel,
            replaces=str(data.get("dispute") or ""),
            tracked=data.get("tracked") is True,
            sent_at=parcel.sent_at or fact.at,
        )
        return _now(parcel, fact, "declared") if parcel.state == "unsent" else parcel
    by_carrier = fact.kind in (HANDED_OVER, DELIVERED) or (fact.kind == SCANNED and data.get("source") == "carrier")
    if not by_carrier:
        return parcel
    if parcel.seen_at is None:
        parcel = replace(parcel, seen_at=fact.at, seen_by=fact.id)
    if parcel.state == "delivered":  # a later scan undoes no delivery; what does was left out
        return parcel
    if fact.kind == DELIVERED:
        dated = fact.at if data.get("date_known") is not False else None
        return replace(_now(parcel, fact, "delivered"), at=dated, signed=data.get("signed") is True)
    return _scanned(parcel, fact, str(data.get("status") or ""))


def _scanned(parcel: Parcel, fact: Fact, status: str) -> Parcel:
    """Return a parcel after a scan by its carrier."""
    if status in TURNED_ROUND:
        back = _now(parcel, fact, "returned")
        is_there = status == AT_SENDER and not parcel.at_sender
        since = fact.at if is_there or parcel.state != "returned" else parcel.at
        return replace(back, at=since, at_sender=parcel.at_sender or is_there)
    if parcel.state == "returned":
        return replace(parcel, because=(*parcel.because, fact.id)) if status == ELSEWHERE else parcel
    if status == ELSEWHERE:
        return replace(_now(parcel, fact, "elsewhere"), differs=str(fact.data.get("differs") or ""))
    return _now(parcel, fact, "lost" if status == "lost" else "transit")


def _now(parcel: Parcel, fact: Fact, state: str) -> Parcel:
    """Return a parcel in a state that a fact shows; facts that showed the same stay beside it."""
    because = (*parcel.because, fact.id) if parcel.state == state == "returned" else (fact.id,)
    since = parcel.at if parcel.state == state == "transit" else fact.at
    return replace(parcel, state=state, at=since, because=because)


def course(facts: Iterable[Fact]) -> Course:
    """Return how an order is doing: of its own parcels, and where these did not arrive, of those that replace them."""
    known = in_time(facts)
    parcels = parcels_of(known)
    own = _together([parcel for parcel in parcels if not parcel.replaces])
    if own.state == "delivered":
        return own
    # The shop tells of the order, not of its parcels: all of it is there.
    if whole := next((f for f in known if f.kind == DELIVERED and subject_kind(f.subject) == "order"), None):
        dated = whole.at if whole.data.get("date_known") is not False else None
        return replace(own, state="delivered", at=dated, because=(whole.id,), signed=whole.data.get("signed") is True)
    instead = [parcel for parcel in parcels if parcel.replaces]
    return _together(instead[-1:]) if instead else own


def _together(parcels: Sequence[Parcel]) -> Course:
    there = [parcel for parcel in parcels if parcel.state == "delivered"]
    if not parcels:
        return Course("unsent", None, (), (), 0)
    missing = _missing(parcels, there)
    if not missing and there:
        dated = [parcel.at for parcel in there if parcel.at is not None]
        because = tuple(name for parcel in there for name in parcel.because)
        last = max(dated) if len(dated) == len(there) else None
        signed = all(parcel.signed for parcel in there)
        return Course("delivered", last, because, tuple(parcels), len(there), signed)
    behind = min(missing or parcels, key=lambda parcel: STATES.index(parcel.state))
    return Course(behind.state, behind.at, behind.because, tuple(parcels), len(there))


def _missing(parcels: Sequence[Parcel], there: Sequence[Parcel]) -> list[Parcel]:
    """Return the parcels that are still missing; none where what arrived is all of the order, however often sent."""
    of = next((parcel.of_pieces for parcel in parcels if parcel.of_pieces is not None), None)
    if any(parcel.pieces is None for parcel in there):
        return []
    if of is not None and sum(parcel.pieces or 0 for parcel in there) >= of:
        return []
    left = [parcel for parcel in parcels if parcel.state != "delivered"]
    return left or [Parcel("", "unsent")]


def goes_back(facts: Iterable[Fact], dispute: str = "") -> Return:
    """Return what facts know of the goods that go back for a dispute; those that name no dispute count for each."""
    back = Return()
    for fact in in_time(facts):
        if fact.kind.startswith("return.") and _is_for(fact, dispute):
            back = _went(back, fact)
    return back


def _is_for(fact: Fact, dispute: str) -> bool:
    named = fact.data.get("dispute") or (fact.subject if subject_kind(fact.subject) == "dispute" else "")
    return not named or not dispute or named == dispute


def _went(back: Return, fact: Fact) -> Return:
    weight, by_carrier = fact.data.get("weight_g"), fact.data.get("source") != "seller"
    if isinstance(weight, int) and back.weight_g is None:  # as it was posted
        back = replace(back, weight_g=weight, weighed_by=fact.id)
    if fact.kind == "return.sent" and back.sent_at is None:
        return replace(back, sent_at=fact.at, sent_by=fact.id)
    if fact.kind in ("return.scanned", "return.delivered") and by_carrier and back.posted_at is None:
        if fact.data.get("status") not in ("label_made", "unknown"):
            back = replace(back, posted_at=fact.at, posted_by=fact.id)
    if fact.kind == "return.delivered" and back.arrived_at is None:  # at the gate and at the check, it arrived once
        return replace(back, arrived_at=fact.at, arrived_by=fact.id)
    if fact.kind == "return.confirmed" and back.confirmed_at is None:
        return replace(back, confirmed_at=fact.at, confirmed_by=fact.id)
    return replace(back, contested_by=fact.id) if fact.kind == "return.contested" else back


def promised(facts: Iterable[Fact]) -> tuple[datetime | None, str]:
    """Return until when the order was to arrive, and the id of the fact that says so; None where nothing says so."""
    latest: tuple[datetime | None, str] = (None, "")
    for fact in in_time(facts):
        if fact.kind in ("order.placed", "order.paid", "delay.accepted"):
            text = fact.data.get("deliver_by")
            if isinstance(text, str):
                latest = (moment_of(text), fact.id)
    return latest
