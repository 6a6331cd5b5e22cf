"""What a payment system is asked, whichever it is, and how it answers."""

from dataclasses import dataclass
from typing import Protocol

from comity.actions.reports import Outcome
from comity.lib.money import Money


@dataclass(frozen=True, slots=True)
class Asked:
    """Give so much of a payment back.

    key        the same at every try: what was carried out under it is not carried out again
    payment    the payment system's id of the payment; empty where the shop told none
    amount     never all by being left out
    refund     the refund as facts name it, refund:id; order: what the shop calls the order
    reference  the payment system's id of it, once it has taken it
    sent       whether it may have been sent before
    """

    key: str
    payment: str
    amount: Money
    refund: str
    order: str
    reference: str = ""
    sent: bool = False


class Provider(Protocol):
    """A payment system. Neither function raises for what goes wrong outside: then the outcome is unknown."""

    def refund(self, asked: Asked) -> Outcome:
        """Give money back; what was carried out under the key already is told, and not done again."""
        ...

    def look(self, asked: Asked) -> Outcome:
        """Tell what became of a refund that was taken: `asked.reference` says which."""
        ...


class ToldByWebhook:
    """No payment system is connected: the shop hears of instructions, carries them out, and reports."""

    def refund(self, asked: Asked) -> Outcome:
        """It was told in the journal; a report will follow."""
        return Outcome("pending")

    look = refund
