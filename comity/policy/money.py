"""The money of one order: what its facts say was paid, went back, is to go back, and belongs to the seller.

All amounts are whole numbers of minor units of the order's currency. `policy.shares` says what a part of it is worth.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from comity.policy.facts import Fact

#: Kinds of fact that move money. Of these an order's `Ledger` is made, with `order.placed` and `order.paid`.
MONEY_KINDS = frozenset(
    {
        "order.paid_more", "refund.instructed", "refund.failed", "order.refunded", "order.charged_back",
        "order.charge_back_reversed", "payout.made", "platform.paid",
    }
)  # fmt: skip
#: The reason of a refund that was taken back before anybody was asked for it.
WITHDRAWN = "withdrawn"
State = Literal["instructed", "confirmed", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back to the buyer, on our instruction or made outside.

    ref         refund:id of our instruction; else "outside:" and what the shop or the provider calls it
    asked       what was instructed; None for one made outside
    confirmed   what the payment system says has gone back
    instructed  what is neither confirmed nor failed yet
    reference   the payment system's id, the newest; empty where it told none
    failed_at   when it failed, as a whole or a part; None where it did not
    """

    ref: str
    asked: int | None
    confirmed: int
    instructed: int
    reference: str = ""
    cost: str = "seller"
    because: str = ""
    dispute: str = ""
    instructed_at: datetime | None = None
    confirmed_at: datetime | None = None
    failed_at: datetime | None = None
    failed_why: str = ""

    @property
    def state(self) -> State:
        """Where it stands. One of which a part failed has failed: that part is still to be given back."""
        if self.instructed:
            return "instructed"
        if self.confirmed and self.confirmed >= (self.asked or 0):
            return "confirmed"
        return "cancelled" if self.failed_why == WITHDRAWN else "failed"


@dataclass(frozen=True, slots=True)
class ChargeBack:
    """What the buyer's bank took, and gave back of it."""

    reference: str
    amount: int
    reversed: int
    at: datetime

    @property
    def left(self) -> int:
        """What the bank still has."""
        return max(self.amount - self.reversed, 0)


@dataclass(frozen=True, slots=True)
class PayOut:
    """What a pay-out brought the seller for the order, took off for what was owed, and brought from the platform."""

    reference: str
    amount: int
    netted: int
    platform: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """The money of one order, in minor units of `currency` (empty where nobody told one).

    paid           by the buyer, for lines and postage, and later
    refunded       confirmed by the payment system
    instructed     asked of the payment system, neither confirmed nor failed
    charged_back   with the buyer's bank
    paid_out       to the seller, less what later pay-outs took back
    platform_pays  goes to the seller from the platform's own money, beside all this; `platform_paid` has gone
    ignored        ids of facts in another currency: these count nowhere

    Always paid == refunded + instructed + charged_back + free + paid_out - owed.
    """

    currency: str = ""
    paid: int = 0
    refunded: int = 0
    instructed: int = 0
    charged_back: int = 0
    paid_out: int = 0
    platform_pays: int = 0
    platform_paid: int = 0
    refunds: tuple[Refund, ...] = ()
    charge_backs: tuple[ChargeBack, ...] = ()
    pay_outs: tuple[PayOut, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def went_back(self) -> int:
        """What is not the seller's any more: refunded, to be refunded, or with the bank."""
        return self.refunded + self.instructed + self.charged_back

    @property
    def refundable(self) -> int:
        """What may still be refunded."""
        return max(self.paid - self.went_back, 0)

    @property
    def owed(self) -> int:
        """What the seller owes: it went back after he had been paid."""
        return max(self.went_back + self.paid_out - self.paid, 0)

    @property
    def free(self) -> int:
        """What is the seller's and has not been paid out: held, or due."""
        return max(self.paid - self.went_back - self.paid_out, 0)

    @property
    def platform_due(self) -> int:
        """What the platform still pays the seller of its own money."""
        return max(self.platform_pays - self.platform_paid, 0)

    @property
    def platform_owed(self) -> int:
        """What the platform paid the seller and bears no more: he owes it."""
        return max(self.platform_paid - self.platform_pays, 0)


def held_and_due(ledger: Ledger, open_disputes: bool, received: bool | None = None) -> tuple[int, int]:
    """Return what is kept back from the seller, and what goes to him with the next pay-out.

    open_disputes  whether a dispute is open, or one that ended is not carried out yet
    received       whether the order counts as received, where the rulebook waits for that; None where it does not
    """
    held = open_disputes or received is False
    return (ledger.free, 0) if held else (0, ledger.free)


# What facts say


@dataclass
class _Move:
    """What the payment system did by one id: how much, whether it still counts, and since when."""

    amount: int | None
    counts: bool
    at: datetime


@dataclass
class _Gathered:
    """What facts say of one refund, while they are read."""

    ref: str
    told: dict[str, Any] = field(default_factory=dict)
    asked: int | None = None
    moves: dict[str, _Move] = field(default_factory=dict)
    failed_part: int = 0
    failed_whole_at: datetime | None = None
    failed_at: datetime | None = None

    def instruct(self, fact: Fact) -> None:
        if self.asked is None:
            self.asked = _whole(fact, "amount")
            self.told |= {name: fact.data.get(name) or "" for name in ("because", "dispute")}
            self.told |= {"cost": fact.data.get("cost") or "seller", "instructed_at": fact.at}

    def refund(self, fact: Fact) -> None:
        reference, amount = str(fact.data.get("reference") or ""), fact.data.get("amount")
        known = self.moves.get(reference)
        if known is None:
            self.moves[reference] = _Move(amount if isinstance(amount, int) else None, True, fact.at)
            return
        known.amount = amount if known.amount is None and isinstance(amount, int) else known.amount
        if not known.counts or (self.failed_whole_at or known.at) > known.at:  # it went through after all
            known.counts, known.at = True, fact.at

    def fail(self, fact: Fact) -> None:
        move = self.moves.get(str(fact.data.get("reference") or ""))
        part = _whole(fact, "amount")
        if move is not None:
            move.counts = False
        elif part and (self.asked is None or part < self.asked):
            self.failed_part += part
        else:
            self.failed_whole_at = fact.at
        self.failed_at = self.failed_at or fact.at
        reason = str(fact.data.get("reason") or "")
        # What failed and is then not wanted any more is taken back all the same.
        self.told["failed_why"] = reason if reason == WITHDRAWN else self.told.get("failed_why", reason)

    def seen(self) -> Refund:
        """Return it as it stands once all is read."""
        named = {reference: move for reference, move in self.moves.items() if reference}
        # The same movement told with its id and without counts once.
        moves = named or self.moves
        since = self.failed_whole_at
        counted = [move for move in moves.values() if move.counts and (since is None or move.at > since)]
        sums = {id(move): self.asked or 0 if move.amount is None else move.amount for move in moves.values()}
        confirmed = sum(sums[id(move)] for move in counted)
        over = self.asked is None or since is not None
        return Refund(
            ref=self.ref,
            asked=self.asked,
            confirmed=confirmed,
            instructed=0 if over else max((self.asked or 0) - sum(sums.values()) - self.failed_part, 0),
            reference=list(named)[-1] if named else "",
            confirmed_at=max((move.at for move in counted), default=None),
            failed_at=self.failed_at,
            **self.told,
        )


def ledger(facts: Iterable[Fact]) -> Ledger:
    """Return the money of one order by its facts, which may come in any order; facts of other kinds say nothing here.

    A refund is known by our instruction (`refund`) or by the payment system's id (`reference`); told twice, it counts
    once, and one told by both is one. What failed counts nowhere, also where it had been confirmed before; the last
    word counts, by when it was spoken. A charge-back without an amount is all that had not gone back.
    """
    in_time = sorted(facts, key=lambda fact: fact.place)
    currency = next((str(fact.data["currency"]) for fact in in_time if _tells_currency(fact)), "")
    other = [fact for fact in in_time if fact.kind in MONEY_KINDS and fact.data.get("currency") not in (None, currency)]
    ignored = {fact.id for fact in other}
    counted = [fact for fact in in_time if fact.id not in ignored]
    refunds = _refunds([fact for fact in counted if fact.kind in _OF_REFUNDS])
    paid = _paid(counted)
    refunded = sum(each.confirmed for each in refunds)
    charge_backs = _charge_backs(counted, left=max(paid - refunded, 0))
    pay_outs = _pay_outs(counted)
    gone = sum(each.amount for each in pay_outs)
    return Ledger(
        currency=currency,
        paid=paid,
        refunded=refunded,
        instructed=sum(each.instructed for each in refunds),
        charged_back=sum(each.left for each in charge_backs),
        # No pay-out takes back more than the seller was given.
        paid_out=max(gone - sum(each.netted for each in pay_outs), 0),
        platform_pays=_platform_pays(counted, refunds),
        platform_paid=max(sum(each.platform for each in pay_outs), 0),
        refunds=refunds,
        charge_backs=charge_backs,
        pay_outs=pay_outs,
        ignored=tuple(fact.id for fact in other),
    )


_OF_REFUNDS = frozenset({"refund.instructed", "refund.failed", "order.refunded"})


def _tells_currency(fact: Fact) -> bool:
    return (fact.kind in MONEY_KINDS or fact.kind == "order.placed") and bool(fact.data.get("currency"))


def _whole(fact: Fact, name: str) -> int:
    value = fact.data.get(name)
    return value if isinstance(value, int) else 0


def _paid(facts: Sequence[Fact]) -> int:
    """Return what the buyer paid: the order's price once anybody said so, or once money of it moved."""
    price = next((_whole(fact, "amount") for fact in facts if fact.kind == "order.placed"), 0)
    moved = any(fact.kind == "order.paid" or fact.kind in MONEY_KINDS for fact in facts)
    more = {fact.data.get("reference") or fact.id: fact for fact in facts if fact.kind == "order.paid_more"}
    return (price if moved else 0) + sum(_whole(fact, "amount") for fact in more.values())


def _refunds(facts: Sequence[Fact]) -> tuple[Refund, ...]:
    ours = {fact.data["reference"]: fact.data["refund"] for fact in facts if _joins(fact)}
    gathered: dict[str, _Gathered] = {}
    for fact in facts:
        reference = fact.data.get("reference")
        # Of two instructions that one id was said to be of, the last word counts: before there was an answer, whose a
        # report was could only be guessed.
        ref = str(ours.get(reference) or fact.data.get("refund") or f"outside:{reference or fact.id}")
        of_it = gathered.setdefault(ref, _Gathered(ref))
        if fact.kind == "refund.instructed":
            of_it.instruct(fact)
        elif fact.kind == "order.refunded":
            of_it.refund(fact)
        else:
            of_it.fail(fact)
    return tuple(each.seen() for each in gathered.values())


def _joins(fact: Fact) -> bool:
    return bool(fact.data.get("reference") and fact.data.get("refund"))


def _charge_backs(facts: Sequence[Fact], *, left: int) -> tuple[ChargeBack, ...]:
    """Return what the bank took and gave back. `left`: what it can have taken where nobody says how much."""
    taken: dict[str, tuple[int, datetime]] = {}
    back: dict[str, int] = {}
    for fact in facts:
        name = str(fact.data.get("reference") or "")
        if fact.kind == "order.charged_back" and (key := name or fact.id) not in taken:
            amount = fact.data.get("amount")
            taken[key] = (amount if isinstance(amount, int) else left, fact.at)
            left = max(left - taken[key][0], 0)
        elif fact.kind == "order.charge_back_reversed":
            told = fact.data.get("amount")
            back[name] = back.get(name, 0) + (told if isinstance(told, int) else _EVERYTHING)
    unnamed, found = back.pop("", 0), []
    for key, (amount, at) in taken.items():
        given = min(amount, back.get(key, 0))
        # What nobody says of which it was is of the oldest.
        more = min(amount - given, unnamed)
        unnamed -= more
        found.append(ChargeBack(key, amount, given + more, at))
    return tuple(found)


_EVERYTHING = 10**18


def _pay_outs(facts: Sequence[Fact]) -> tuple[PayOut, ...]:
    made: dict[tuple[str, bool], PayOut] = {}
    for fact in facts:
        if fact.kind == "payout.made":
            amounts = (_whole(fact, "amount"), _whole(fact, "netted"), _whole(fact, "platform"))
            reference = str(fact.data.get("reference") or fact.id)
            made.setdefault((reference, amounts[1] > 0), PayOut(reference, *amounts, fact.at))
    return tuple(made.values())


def _platform_pays(facts: Sequence[Fact], refunds: Sequence[Refund]) -> int:
    refunded = sum(each.confirmed + each.instructed for each in refunds if each.cost == "platform")
    return refunded + sum(borne(facts).values())


def borne(facts: Sequence[Fact]) -> Mapping[str, int]:
    """Return what the platform said that it bears beside refunds at its cost, by what it follows from: the last word.

    Minor units of the order's currency. What follows from nothing that is named stands by itself.
    """
    told = (fact for fact in facts if fact.kind == "platform.paid")
    return {str(fact.data.get("reference") or fact.id): _whole(fact, "amount") for fact in told}
