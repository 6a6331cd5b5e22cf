"""What the facts fill in of the decision table, and which row follows: the mediator is asked for the rest. Pure.

A rulebook names its inputs and lists their values; here the inputs are read whose names are known. Of the values that
fit what the facts show, the most exact one that the rulebook lists is taken; what they do not show is left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.policy.disputes.parcels import Course, Return, course, goes_back, in_time, promised
from comity.policy.disputes.rule import DisputeRules, Row
from comity.policy.facts import Fact


@dataclass(frozen=True, slots=True)
class Known:
    """The value of an input, and the ids of the facts that show it; none where nothing was told to the contrary."""

    value: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a row does not apply.

    differs  by input, what the case has ("" for not known) and what the row asks for; empty for one that would speak of
             the case, too, and stands behind the row that applies
    """

    row: str
    differs: Mapping[str, tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Applied:
    """Which row of the table applies; None while inputs are missing that could lead to another, or where none does.

    asks      inputs that have to be given first, in the rulebook's order
    why_not   of every other row, in the table's order
    by_facts  whether facts alone lead to the row: nobody need be asked
    because   ids of the facts that lead there
    """

    row: Row | None
    asks: tuple[str, ...]
    why_not: tuple[WhyNot, ...]
    by_facts: bool
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """What is looked at: the matter's facts in the order of time, and what was made of them."""

    facts: Sequence[Fact]
    dispute: str
    at: datetime
    needs_signature: bool
    course: Course
    back: Return
    promise: tuple[datetime | None, str]

    def own(self, *kinds: str) -> list[Fact]:
        """Return the dispute's own facts of some kinds."""
        return [
            f for f in self.facts if f.kind in kinds and (f.subject in (self.dispute, f.matter) or not self.dispute)
        ]

    @property
    def shows_delivery(self) -> bool:
        """Whether it was delivered, and with a signature where only that shows it."""
        return self.course.state == "delivered" and (self.course.signed or not self.needs_signature)


#: What may be, from the most exact word for it to the widest, and the facts that show it.
_Fitting = tuple[Sequence[str], tuple[str, ...]]


def known_inputs(
    rules: DisputeRules, facts: Iterable[Fact], *, dispute: str = "", at: datetime, needs_signature: bool = False
) -> dict[str, Known]:
    """Return what the facts of an order's matter fill in, by input; `at`: the moment at which they are looked at.

    dispute          the case, as dispute:id; empty before there is one
    needs_signature  only a signature shows the delivery: the order is worth more than the rulebook's limit
    """
    known = [fact for fact in in_time(facts) if fact.at <= at]
    case = _Case(known, dispute, at, needs_signature, course(known), goes_back(known, dispute), promised(known))
    filled: dict[str, Known] = {}
    for name, listed in rules.inputs.items():
        if (read := _READ.get(_word(name))) is None or (fitting := read(case)) is None:
            continue
        values = {_word(value): value for value in listed}
        words, because = fitting
        if (value := next((values[word] for word in words if word in values), None)) is not None:
            filled[name] = Known(value, because)
    return filled


def _word(text: str) -> str:
    """Return a value as facts and rulebooks both write it: not_received, Not received."""
    return " ".join(text.lower().replace("_", " ").split())


_HERE = ("delivered at the order's place", "delivered")


def _tracking(case: _Case) -> _Fitting | None:
    way, (by, said) = case.course, case.promise
    if way.state == "delivered":
        if not case.shows_delivery:
            return ("delivered without signature", "no signature", "none"), way.because
        if way.at is None or by is None:
            return _HERE, way.because
        both = (*way.because, said)
        return (("delivered in time", *_HERE) if way.at <= by else ("delivered late", "late", *_HERE)), both
    if way.state == "transit":
        # Only where it is late by what was promised is it any of the values that speak of time.
        is_late = by is not None and case.at > by
        return (("in transit", "late") if is_late else ("in transit",)), (*way.because, *([said] if is_late else ()))
    # Where the rulebook has no word for it, no tracking shows that the buyer got it.
    words = {"elsewhere": "delivered elsewhere", "returned": "returned", "lost": "lost"}
    exact = [words[way.state]] if way.state in words else []
    exact += ["returned to sender", "returned to the sender"] if way.state == "returned" else []
    return (*exact, "none"), way.because


def _delivery(case: _Case) -> _Fitting | None:
    """Where the goods are: what `tracking` says, in five words."""
    words = {"delivered": "delivered", "elsewhere": "elsewhere", "returned": "back", "transit": "on the way"}
    way = case.course
    if way.state == "delivered" and not case.shows_delivery:
        return ("none",), way.because
    return (words.get(way.state, "none"),), way.because


def _delivered(case: _Case) -> _Fitting | None:
    way = case.course
    if case.shows_delivery:
        return ("yes",), way.because
    # The buyer's own word that it came.
    came = [f for f in case.facts if f.kind == "order.receipt_confirmed"]
    came += [f for f in case.facts if f.kind == "delivery.judged" and f.data.get("on_time") is True]
    if came:
        return ("yes",), (came[0].id,)
    if way.state in ("delivered", "declared"):  # no carrier says either
        return None
    return ("no",), way.because


def _returned(case: _Case) -> _Fitting | None:
    if told := next((f for f in case.facts if f.kind == "order.returned"), None):
        return ("yes",), (told.id,)
    if case.back.confirmed_by:
        return ("yes",), (case.back.confirmed_by,)
    if case.back.contested_by:
        return None
    if case.back.arrived_by:
        return ("yes",), (case.back.arrived_by,)
    return ("no",), tuple(each for each in (case.back.sent_by,) if each)


def _answered(case: _Case) -> _Fitting | None:
    answers = [f for f in case.own("dispute.answered", "dispute.offered") if f.data.get("by", "seller") == "seller"]
    if answers:
        return ("yes",), (answers[0].id,)
    opened = case.own("dispute.opened")
    return (("no",), (opened[-1].id,)) if opened else None


def _reason(case: _Case) -> _Fitting | None:
    told = [f for f in case.own("dispute.opened", "dispute.modified") if f.data.get("reason")]
    return ((_word(str(told[-1].data["reason"])),), (told[-1].id,)) if told else None


def _promise(case: _Case) -> _Fitting | None:
    (by, said), way = case.promise, case.course
    if by is None:
        return None
    if way.state == "delivered":
        if way.at is None:
            return None
        return (("kept",) if way.at <= by else ("broken",)), (*way.because, said)
    return (("broken",) if case.at > by else ("running",)), (said,)


def _signature(case: _Case) -> _Fitting | None:
    if case.course.state != "delivered":
        return None
    return (("yes", "signed") if case.course.signed else ("no", "none")), case.course.because


def _refunded(case: _Case) -> _Fitting | None:
    refunds = [f for f in case.facts if f.kind == "order.refunded"]
    placed = next((f.data.get("amount") for f in case.facts if f.kind == "order.placed"), None)
    amounts = [f.data.get("amount") for f in refunds]
    because = tuple(f.id for f in refunds)
    if not refunds:
        return ("no", "none"), ()
    numbers = [amount for amount in amounts if isinstance(amount, int)]
    if len(numbers) < len(amounts) or not isinstance(placed, int):
        return ("yes",), because  # how much is not told
    return (("in full", "yes") if sum(numbers) >= placed else ("in part",)), because


_READ: Mapping[str, Callable[[_Case], _Fitting | None]] = {
    "tracking": _tracking,
    "delivery": _delivery,
    "delivered": _delivered,
    "returned": _returned,
    "answered": _answered,
    "reason": _reason,
    "promise": _promise,
    "signature": _signature,
    "refunded": _refunded,
}


def row_for(rules: DisputeRules, known: Mapping[str, Known], given: Mapping[str, str]) -> Applied:
    """Return which row of the decision table applies, and why the others do not.

    `given` is what a person answered; where facts know an input, they stand. A row behind others applies once none of
    those could.
    """
    inputs = {**given, **{name: each.value for name, each in known.items()}}
    row, asks = _first(rules, inputs)
    alone, _ = _first(rules, {name: each.value for name, each in known.items()})
    used = {name for each in rules.table[: _place(rules, row)] for name in each.when} | set(row.when if row else ())
    because = {fact for name in sorted(used) if name in known for fact in known[name].because}
    return Applied(
        row=row,
        asks=tuple(name for name in rules.inputs if name in asks),
        why_not=tuple(WhyNot(each.name, _differs(each, inputs)) for each in rules.table if each is not row),
        by_facts=row is not None and alone is row,
        because=tuple(sorted(because)) if row is not None else (),
    )


def _first(rules: DisputeRules, inputs: Mapping[str, str]) -> tuple[Row | None, set[str]]:
    """Return the first row that applies whatever is still unknown; else None, and the inputs that are asked for."""
    asks: set[str] = set()
    for row in rules.table:
        if any(inputs.get(name, values[0]) not in values for name, values in row.when.items()):
            continue
        missing = row.when.keys() - inputs.keys()
        asks |= missing
        if not missing:
            return (None, asks) if asks else (row, set())
    return None, asks


def _place(rules: DisputeRules, row: Row | None) -> int:
    return next((place for place, each in enumerate(rules.table) if each is row), 0)


def _differs(row: Row, inputs: Mapping[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {name: (inputs.get(name, ""), values) for name, values in row.when.items() if inputs.get(name) not in values}
