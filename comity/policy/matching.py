"""Which facts a rule means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.policy.facts import Fact, Scalar


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on one field of a fact's data: one of some values, or a whole number within bounds."""

    field: str
    values: tuple[Scalar, ...] = ()
    least: int | None = None
    most: int | None = None

    def accepts(self, value: Scalar) -> bool:
        """Whether a field's value is meant. No value is not."""
        if self.values:
            return value in self.values
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        if self.values:
            return f"{self.field} is {' or '.join(map(str, self.values))}"
        return f"{self.field} >= {self.least}" if self.most is None else f"{self.field} <= {self.most}"


#: `no_later_than` the duty's own deadline, wherever that has moved.
DUE = "due"


@dataclass(frozen=True, slots=True)
class Match:
    """Which facts are meant: their kind and, where given, what their data must say.

    no_later_than   for a duty that is decided by what is known: until when such a fact counts: the name of a moment
                    in the fact that opened the duty, or "due"
    unless          for a fault of a standard: the facts that take this fault away again, and no other
    """

    fact: str
    where: Mapping[str, Scalar] = field(default_factory=dict)
    tests: tuple[Test, ...] = ()
    no_later_than: str = ""
    unless: "tuple[Match, ...]" = ()

    def accepts(self, fact: Fact) -> bool:
        """Whether `fact` is meant. A field that the fact does not have equals no value."""
        if fact.kind != self.fact:
            return False
        if self.where and not all(name in fact.data and fact.data[name] == v for name, v in self.where.items()):
            return False
        return not self.tests or all(test.accepts(fact.data.get(test.field)) for test in self.tests)

    @property
    def meaning(self) -> str:
        """Which facts are meant, whatever takes them back."""
        said = [*(f"{name} is {str(value).lower()}" for name, value in self.where.items()), *map(str, self.tests)]
        said += [f"by {self.no_later_than}"] if self.no_later_than else []
        return self.fact + (f" ({', '.join(said)})" if said else "")

    def __str__(self) -> str:
        return self.meaning + (f", unless {' or '.join(map(str, self.unless))}" if self.unless else "")


def accepted(matches: tuple[Match, ...], fact: Fact) -> bool:
    """Whether any of `matches` means `fact`."""
    for match in matches:  # a loop, not any(): this is the innermost of a replay
        if match.accepts(fact):
            return True
    return False
