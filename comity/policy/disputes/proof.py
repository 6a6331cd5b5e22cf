"""What a reason asks each side to show, what of it is there, and how much each piece weighs. Pure.

Both sides see it before they open or answer. What the facts show by themselves, such as a tracking number, nobody need
give.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.policy.disputes.parcels import course, in_time, parcels_of, promised
from comity.policy.disputes.rule import Reason
from comity.policy.facts import Fact, moment_of

GIVEN, LATER, NOT_AVAILABLE, MISSING = "given", "later", "not_available", "missing"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence that is expected of a side.

    state    given, later (by `until`), not_available, missing
    weight   its share of what is expected of its side, 0 to 1; a side's pieces weigh 1 together
    because  ids of the facts by which it is given, promised or not to be had
    """

    name: str
    side: str
    state: str
    weight: float
    because: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """The evidence of a case: what is expected of whom, and who must show that it is so ("" where neither must)."""

    pieces: tuple[Piece, ...]
    prove: str = ""

    def missing(self, side: str) -> tuple[str, ...]:
        """Return what is expected of a side and was neither given nor promised nor said to be not available."""
        return tuple(piece.name for piece in self.pieces if piece.side == side and piece.state == MISSING)

    def shown(self, side: str) -> float:
        """Return how much of what is expected of a side is there: 0 to 1; 1 where nothing is expected."""
        mine = [piece for piece in self.pieces if piece.side == side]
        return sum(piece.weight for piece in mine if piece.state == GIVEN) if mine else 1.0

    @property
    def is_answered(self) -> bool:
        """Whether each expected piece is answered: given, promised or not to be had."""
        return all(piece.state != MISSING for piece in self.pieces)


def proof(
    reason: Reason,
    facts: Iterable[Fact],
    *,
    dispute: str = "",
    prove: str = "",
    weights: Mapping[str, float] | None = None,
) -> Proof:
    """Return the evidence for a reason by the facts of an order's matter; `dispute`: the case, as dispute:id.

    prove    who must show that it is so, by the rulebook
    weights  by piece of evidence, as the rulebook lists them, on any scale; those that are not named weigh 1
    """
    known = in_time(facts)
    own = [fact for fact in known if not dispute or fact.subject in (dispute, fact.matter)]
    pieces = []
    for side, names in (("buyer", reason.buyer_evidence), ("seller", reason.seller_evidence)):
        shares = _shares(names, weights or {})
        pieces += [_piece(name, side, shares[name], own, known) for name in dict.fromkeys(names)]
    return Proof(tuple(pieces), prove)


def _shares(names: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    """Return each piece's share of 1. Without a weight above nothing, all weigh the same."""
    given = {name: max(float(weights.get(name, 1)), 0.0) for name in names}
    total = sum(given.values())
    return {name: weight / total if total else 1 / len(given) for name, weight in given.items()}


def _piece(name: str, side: str, weight: float, own: Sequence[Fact], known: Sequence[Fact]) -> Piece:
    about = [fact for fact in own if fact.data.get("by") == side and _word(fact.data.get("item")) == _word(name)]
    given = tuple(fact.id for fact in about if fact.kind == "dispute.evidence_given")
    if not given:
        given = _shown(name, side, known)
    if given:
        return Piece(name, side, GIVEN, weight, given)
    if said := next((fact for fact in reversed(about) if fact.kind == "dispute.evidence_promised"), None):
        until = said.data.get("until")
        if isinstance(until, str):
            return Piece(name, side, LATER, weight, (said.id,), moment_of(until))
        return Piece(name, side, NOT_AVAILABLE, weight, (said.id,))
    return Piece(name, side, MISSING, weight)


def _word(text: object) -> str:
    return " ".join(str(text or "").lower().replace("_", " ").split())


def _shown(name: str, side: str, facts: Sequence[Fact]) -> tuple[str, ...]:
    """Return the facts that show an expected piece by themselves."""
    read = _BY_FACTS.get(_word(name)) if side == "seller" else None
    return read(facts) if read is not None else ()


def _tracked(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(f.id for f in facts if f.kind == "shipment.dispatched" and f.data.get("tracked") is True)


def _posted(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(parcel.seen_by for parcel in parcels_of(facts) if parcel.seen_by)


def _arrived(facts: Sequence[Fact]) -> tuple[str, ...]:
    way = course(facts)
    return way.because if way.state == "delivered" else ()


def _arrived_in_time(facts: Sequence[Fact]) -> tuple[str, ...]:
    way, (by, said) = course(facts), promised(facts)
    is_in_time = way.state == "delivered" and way.at is not None and by is not None and way.at <= by
    return (*way.because, said) if is_in_time else ()


def _signed(facts: Sequence[Fact]) -> tuple[str, ...]:
    way = course(facts)
    return way.because if way.state == "delivered" and way.signed else ()


_BY_FACTS: Mapping[str, Callable[[Sequence[Fact]], tuple[str, ...]]] = {
    "tracking number": _tracked,
    "proof of shipment": _posted,
    "proof of posting": _posted,
    "proof of delivery": _arrived,
    "tracking that shows delivery": _arrived,
    "tracking that shows delivery in time": _arrived_in_time,
    "signature": _signed,
    "proof of delivery with signature": _signed,
}
