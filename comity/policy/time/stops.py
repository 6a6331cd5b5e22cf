"""Time that stops by itself: while the bank has the money, a carrier looks into a claim, or the goods are repaired.

Nobody records such a pause. One fact of the matter begins it and another ends it; until then it has no end, and what
it stops has none to show (`waits`). After it the time that was left runs on.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from comity.policy import money
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import NEVER, Fact
from comity.policy.matching import Match, accepted
from comity.policy.time import deadlines
from comity.policy.time.clocks import Stretch


class Cause(NamedTuple):
    """What begins and what ends a stretch. `named`: the field by which one end belongs to one beginning, if both say.

    `whole`: it stops all disputes of the order, not only the one that the facts are about. `moved_by`: kinds of other
    facts by which it may begin or end.
    """

    begun_by: tuple[Match, ...]
    ended_by: tuple[Match, ...]
    named: str = ""
    whole: bool = False
    moved_by: tuple[str, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of facts that begin or end it."""
        return frozenset((*(match.fact for match in (*self.begun_by, *self.ended_by)), *self.moved_by))


BANK = "charge_back"
CAUSES = {
    # It has all, or not, by what went back besides: a refund that failed frees what it was for.
    BANK: Cause(
        (Match("order.charged_back"),),
        (Match("order.charge_back_reversed"),),
        named="reference",
        whole=True,
        moved_by=("refund.instructed", "refund.failed", "order.refunded"),
    ),
    "carrier_claim": Cause((Match("carrier.claimed"),), (Match("carrier.answered"),), named="claim"),
    # A promise that was broken, and a decision, end the wait for the repair as the goods do.
    "repair": Cause(
        (Match("dispute.settled", {"act": "repair"}),),
        (Match("dispute.fulfilled"), Match("dispute.revived"), Match("dispute.decided")),
    ),
}
#: Kinds of facts that begin or end a stretch.
KINDS = frozenset(kind for cause in CAUSES.values() for kind in cause.kinds)
#: What is looked at to see them: whether the bank has all, the rest of the money says.
READ = KINDS | money.MONEY_KINDS | {"order.placed", "order.paid"}
#: Those of them that begin one; most matters have none.
BEGIN = frozenset(match.fact for cause in CAUSES.values() for match in cause.begun_by)
#: Between a cause and the one dispute that it stops.
_OF = "@"


def derived(facts: Iterable[Fact]) -> tuple[Stretch, ...]:
    """Return the stretches that a matter's facts, in the order of time, begin and end; NEVER ends those that go on.

    The cause of one that stops a single dispute names it; `of_subject` reads that.
    """
    told = list(facts)
    by_facts = (stretch for name, cause in CAUSES.items() if name != BANK for stretch in _of_cause(name, cause, told))
    return (*_of_bank(told), *by_facts)


def _of_bank(facts: Sequence[Fact]) -> Iterator[Stretch]:
    """Yield the stretches in which the bank has all that could go back: while it has a part, the rest is argued."""
    cause, begun, taken = CAUSES[BANK], None, list[Fact]()
    for number, fact in enumerate(facts, 1):
        if fact.kind not in cause.kinds:
            continue
        if accepted(cause.begun_by, fact):
            taken.append(fact)
        elif accepted(cause.ended_by, fact) and (back := _begun(cause, taken, fact)) is not None:
            taken.remove(back)
        if begun is None and not taken:
            continue
        ledger = money.ledger(facts[:number])
        # Where nobody told what was paid, a charge-back is of all of it.
        gone = not ledger.refundable and (ledger.charged_back > 0 or (not ledger.paid and bool(taken)))
        if gone and begun is None:
            begun = fact.at
        elif not gone and begun is not None:
            yield begun, fact.at, BANK
            begun = None
    if begun is not None:
        yield begun, NEVER, BANK


def _of_cause(name: str, cause: Cause, facts: Sequence[Fact]) -> Iterator[Stretch]:
    going: list[Fact] = []
    for fact in facts:
        if accepted(cause.begun_by, fact):
            going.append(fact)
        elif accepted(cause.ended_by, fact) and (begun := _begun(cause, going, fact)) is not None:
            going.remove(begun)
            yield begun.at, fact.at, _said(name, cause, begun)
    for begun in going:
        yield begun.at, NEVER, _said(name, cause, begun)


def _begun(cause: Cause, going: Sequence[Fact], end: Fact) -> Fact | None:
    """Return the beginning that `end` ends: the one of its name, else the latest of its subject."""
    name = end.data.get(cause.named)
    for begun in reversed(going):
        named = begun.data.get(cause.named)
        same = name is None or named is None or name == named
        if same and (cause.whole or begun.subject == end.subject):
            return begun
    return None


def _said(name: str, cause: Cause, begun: Fact) -> str:
    return name if cause.whole else f"{name}{_OF}{begun.subject}"


def of_subject(pauses: Sequence[Stretch], subject: str) -> Sequence[Stretch]:
    """Return the stretches that can stop something counted by `subject`, with their plain causes."""
    if not any(_OF in cause for _, _, cause in pauses):
        return pauses
    split = [(begin, end, cause.partition(_OF)) for begin, end, cause in pauses]
    return [(begin, end, cause) for begin, end, (cause, _, about) in split if about in ("", subject)]


def waits(rule: DutyRule, subject: str, due: datetime, pauses: Sequence[Stretch]) -> str:
    """Return the cause for which a duty of `subject`, due at `due`, waits without a known end; "" where it has one."""
    if due < NEVER:
        return ""
    going = [stretch for stretch in of_subject(pauses, subject) if stretch[1] >= NEVER]
    return next((cause for begin, end, cause in sorted(going) if deadlines.counting(rule, [(begin, end, cause)])), "")
