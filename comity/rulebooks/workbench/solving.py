"""Rules as formulas for an SMT solver (Z3): what holds of every case, and the smallest case of which it does not."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import z3

from comity.policy.disputes.rule import DisputeRules, Row
from comity.policy.standards.rates import Bound, Limit
from comity.policy.standards.rule import Level

#: How large the numbers of a case may be, and how long one question may take.
MOST_COUNTED = 1_000_000
MOST_CHARGES = 1_000
TIMEOUT_MS = 2_000


class Counts:
    """A case of a standard: how many count, how many are faulty, of how many buyers.

    The sum of values and the peers' rate are free; each value is from `least` to `most`, where these are known.
    """

    def __init__(self, *, least: int | None = None, most: int | None = None) -> None:
        self.counted, self.faulty, self.buyers = z3.Ints("counted faulty buyers")
        self.total = z3.Int("total")
        self.peers = z3.Real("peers")
        self.sound = z3.And(
            self.counted >= 1,
            self.counted <= MOST_COUNTED,
            self.faulty >= 0,
            self.faulty <= self.counted,
            self.buyers >= 0,
            self.buyers <= self.faulty,
            self.total >= self.counted * least if least is not None else True,
            self.total <= self.counted * most if most is not None else True,
            self.peers >= 0,
            self.peers <= 1,
        )

    def breaks(self, level: Level) -> Any:
        """Whether the level is reached."""
        broken = z3.Or([z3.And(self._applies(limit), z3.Not(self._kept(limit))) for limit in level.limits])
        return z3.And(self.counted >= level.at_least, broken)

    def _applies(self, limit: Limit) -> Any:
        within = [self.counted >= limit.from_volume]
        return z3.And(within + ([self.counted < limit.below] if limit.below is not None else []))

    def _kept(self, limit: Limit) -> Any:
        bounds = [self._holds(bound) for bound in limit.bounds]
        return z3.Or(bounds) if limit.either else z3.And(bounds)

    def _holds(self, bound: Bound) -> Any:
        """A bound without division: shares are multiplied out."""
        limit: Any = _number(bound.value)
        if bound.of_peers:
            limit = limit * self.peers
        left: Any = {
            "rate": self.faulty,
            "kept": self.counted - self.faulty,
            "faulty": self.faulty,
            "good": self.counted - self.faulty,
            "buyers": self.buyers,
            "counted": self.counted,
            "mean": self.total,
            "sum": self.total,
        }[bound.what]
        # A rate of faulty/counted <= limit is faulty <= limit * counted: no division, no rounding.
        right = limit * self.counted if bound.what in ("rate", "kept", "mean") else limit
        left = z3.ToReal(left)
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[bound.op]


class Inputs:
    """A case of a decision table: one answer to each input."""

    def __init__(self, rules: DisputeRules):
        self._rules = rules
        self._answers = {name: z3.Int(name) for name in rules.inputs}
        self.sound = z3.And(
            [z3.And(answer >= 0, answer < len(rules.inputs[name])) for name, answer in self._answers.items()]
        )

    def accepts(self, row: Row) -> Any:
        """Whether the row speaks of the case."""
        return z3.And(
            [
                z3.Or([self._answers[name] == self._rules.inputs[name].index(value) for value in values])
                for name, values in row.when.items()
            ]
        )

    def read(self, model: Any) -> dict[str, str]:
        """Return the answers of a case that was found."""
        return {
            name: self._rules.inputs[name][model.eval(answer, model_completion=True).as_long()]
            for name, answer in self._answers.items()
        }


class Points:
    """A case of a ledger: what it stood at before a charge, as a sum of charges that there are, and the charge.

    `charges` are the points that one charge may bring, as ranges from fewest to most.
    """

    def __init__(self, charges: Iterable[tuple[int, int]]):
        self._ranges = sorted(set(charges))
        self._times = [z3.Int(f"times{index}") for index in range(len(self._ranges))]
        self._sums = [z3.Int(f"sum{index}") for index in range(len(self._ranges))]
        self.charge = z3.Int("charge")
        self.before = z3.Sum(self._sums or [z3.IntVal(0)])
        self.after = self.before + self.charge
        each = zip(self._ranges, self._times, self._sums, strict=True)
        self.sound = z3.And(
            z3.Or([z3.And(self.charge >= fewest, self.charge <= most) for fewest, most in self._ranges]),
            *[
                # A sum for each range, not each charge: any sum between these can be dealt out among so many charges.
                z3.And(times >= 0, times <= MOST_CHARGES, total >= times * fewest, total <= times * most)
                for (fewest, most), times, total in each
            ],
        )

    def read(self, model: Any) -> tuple[list[int], int]:
        """Return the charges before, and the charge, of a case that was found."""
        before: list[int] = []
        for times, total in zip(self._times, self._sums, strict=True):
            number, left = whole(model, times), whole(model, total)
            before += [left // number + (1 if n < left % number else 0) for n in range(number)]
        return before, whole(model, self.charge)


def find(*conditions: Any) -> Any:
    """Return a model in which all conditions hold, or None: then they hold of no case at all."""
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(*conditions)
    answer = solver.check()
    if answer == z3.unknown:
        raise TimeoutError(f"the solver gave up: {solver.reason_unknown()}")
    return solver.model() if answer == z3.sat else None


def smallest(conditions: Sequence[Any], *amounts: Any) -> Any:
    """Return the model that makes `amounts` smallest, the first one first; None where no case fits."""
    optimizer = z3.Optimize()
    optimizer.set("timeout", TIMEOUT_MS)
    optimizer.add(*conditions)
    for amount in amounts:
        optimizer.minimize(amount)
    answer = optimizer.check()
    if answer == z3.unknown:
        # Too hard to make smallest: any case is better than none.
        return find(*conditions)
    return optimizer.model() if answer == z3.sat else None


def whole(model: Any, amount: Any) -> int:
    """Return a whole number of a model."""
    value: int = model.eval(amount, model_completion=True).as_long()
    return value


def none_of(conditions: Iterable[Any]) -> Any:
    """None of the conditions holds."""
    return z3.And([z3.Not(each) for each in conditions])


def any_of(conditions: Iterable[Any]) -> Any:
    """One of the conditions holds."""
    return z3.Or(list(conditions))


def both(*conditions: Any) -> Any:
    """All of the conditions hold."""
    return z3.And(*conditions)


def _number(value: Fraction) -> Any:
    return z3.Q(value.numerator, value.denominator)
