"""A payment system that only plays: for trying an installation, for the demo and for tests.

It keeps its books by key, as real ones do: what was carried out under a key is told again, and not done twice. What
befalls the next tries can be written down for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from comity.actions.reports import Outcome, Report
from comity.integrations.payments.asking import Asked

#: What befalls one try: it is carried out; carried out, and the answer is lost; taken, to be settled later; taken, to
#: fail later; refused; nobody is there.
Befalls = Literal["succeed", "lose", "pend", "fail_later", "refuse", "down"]


@dataclass
class Entry:
    """A refund in its books."""

    asked: Asked
    reference: str
    state: Literal["confirmed", "pending", "failed"]
    fails: bool = False
    tries: int = 1

    @property
    def outcome(self) -> Outcome:
        """As it stands."""
        return Outcome(self.state, self.reference, "account_closed" if self.state == "failed" else "")


@dataclass
class FakePayments:
    """`script`: what befalls the next tries, one after the other; once it is used up, all succeed."""

    script: list[Befalls] = field(default_factory=list)
    books: dict[str, Entry] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def refund(self, asked: Asked) -> Outcome:
        """Carry out what is asked, or what befalls."""
        self.asked.append(asked)
        befalls = self.script.pop(0) if self.script else "succeed"
        if befalls == "down":
            return Outcome("unknown", reason="no whole answer within 20 s")
        if (known := self.books.get(asked.key)) is not None:
            known.tries += 1
            if (known.asked.payment, known.asked.amount) != (asked.payment, asked.amount):
                return Outcome("unknown", reason="another refund was asked for under this key")
            return Outcome("unknown", reason="no whole answer within 20 s") if befalls == "lose" else known.outcome
        if befalls == "refuse":
            return Outcome("failed", reason="account_closed")
        later = befalls in ("pend", "fail_later")
        made = Entry(asked, f"fake_{asked.key}", "pending" if later else "confirmed", befalls == "fail_later")
        self.books[asked.key] = made
        return Outcome("unknown", reason="no whole answer within 20 s") if befalls == "lose" else made.outcome

    def look(self, asked: Asked) -> Outcome:
        """Tell how a refund stands."""
        entry = next((each for each in self.books.values() if each.reference == asked.reference), None)
        return entry.outcome if entry else Outcome("unknown", reason=f"it knows no refund {asked.reference}")

    def settle(self) -> Iterator[Report]:
        """Settle what was taken, and yield a report of each."""
        for entry in self.books.values():
            if entry.state == "pending":
                entry.state = "failed" if entry.fails else "confirmed"
                yield self.report(entry)

    def report(self, entry: Entry) -> Report:
        """Return the report of a refund as it stands; it may be sent twice, and late."""
        kind = "refunded" if entry.state == "confirmed" else "failed"
        return Report(
            kind, key=entry.asked.key, reference=entry.reference, amount=entry.asked.amount,
            reason=entry.outcome.reason,
        )  # fmt: skip

    @property
    def given(self) -> int:
        """What it gave back in all, in minor units."""
        return sum(entry.asked.amount.minor for entry in self.books.values() if entry.state == "confirmed")
