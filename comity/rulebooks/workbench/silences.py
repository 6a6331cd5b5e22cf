"""Silences in a dispute: whether each leads somewhere, whoever is silent, the platform too.

A silence is tried, not guessed: the judge runs the few facts after which somebody must act, and time alone after them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.policy.disputes.rule import PAY_WAY_BACK, DisputeRules
from comity.policy.follows import Follow
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Ruling
from comity.rulebooks.workbench import cases

#: After so long whoever was to act has not acted.
LAST = "day 3000"
#: What ends a silence: somebody decides, pays, closes, or the case goes to who must.
_ENDS = frozenset({"decide", "close", "refund", "cancel", "revive", "escalate"})
#: Once the platform has the case, nobody else can take it.
_ENDS_OF_PLATFORM = _ENDS - {"escalate"}
_ACTS = {"replacement": "replacement", "resend": "resend", "repair": "repair"}
_OPENED = "day 0 dispute.opened"
_REJECTED = "day 0 12:00 dispute.answered answer=rejected"
_SENT = "day 1 dispute.settled by=seller offer='return and refund' goes_back=true"


@dataclass(frozen=True, slots=True)
class Silence:
    """A moment from which on nobody acts: what it is called, what happened before, and what would end it."""

    name: str
    says: str
    facts: tuple[str, ...]
    ends: frozenset[str] = _ENDS


@dataclass(frozen=True, slots=True)
class Endless:
    """A silence that nothing ends: what follows all the same, as worked cases have it."""

    silence: Silence
    follows: tuple[str, ...]


def endless(book: Rulebook) -> Iterator[Endless]:
    """Yield the silences that nothing ends under a rulebook, of those that it lets come about."""
    if book.dispute is None:
        return
    for silence in _possible(book, book.dispute):
        found = follows(book, silence.facts)
        if not any(what in silence.ends for what, _ in found):
            yield Endless(silence, tuple(f"{what} {value}" for what, value in found))


def follows(book: Rulebook, facts: Sequence[str]) -> list[tuple[str, str]]:
    """Return what follows from the lines `facts` of a worked case and long silence, in the order of time."""
    return [(ruling.what, ruling.value) for ruling in ruled(book, facts) if isinstance(ruling, Follow)]


def ruled(book: Rulebook, facts: Sequence[str]) -> list[Ruling]:
    """Return what is ruled of the lines `facts` of a worked case and long silence, in the order of time."""
    lines = ", ".join(f'"{line}"' for line in facts)
    text = f'[[case]]\nname = "silence"\nat = "{LAST}"\nfacts = [{lines}]\n[case.expect]\n'
    (case,) = cases.read(text, _Setting(book), own=book.name)
    memory = Memory(Rulebooks([book]), cases.PARTY)
    rulings = [ruling for fact in case.facts for ruling in memory.note(fact)]
    at = case.expectations[0].at
    return rulings + (memory.turn(at) if at is not None else [])


class _Setting(cases.Settings):
    def __init__(self, book: Rulebook):
        self._book = book

    def of(self, rulebook: str, version: str) -> cases.Setting:
        return cases.setting_of(self._book)


def _possible(book: Rulebook, rules: DisputeRules) -> Iterator[Silence]:
    """Yield the silences that can come about: what no phase lets anybody do, and no offer promises, cannot."""
    facts: tuple[str, ...]
    may = {(side, verb) for phase in rules.phases for side, verbs in phase.may.items() for verb in verbs}
    if ("seller", "reject") in may:
        facts = (_OPENED, _REJECTED)
        yield Silence("rejected", "the seller rejects, and the buyer says nothing", facts)
    if ("buyer", "offer") in may:
        facts = (_OPENED, _REJECTED, "day 1 dispute.offered by=buyer number=1")
        yield Silence("countered", "the buyer makes another offer, and the seller says nothing", facts)
    if ("seller", "offer") in may:
        facts = (_OPENED, "day 1 dispute.answered answer=offered", "day 1 dispute.offered by=seller number=1")
        yield Silence("offered", "the seller makes an offer, and the buyer says nothing", facts)
    if any(verb == "escalate" for _, verb in may) or any(rule.breach.escalate for rule in book.duties):
        facts = (_OPENED, _REJECTED, "day 1 dispute.escalated by=buyer")
        yield Silence("escalated", "the platform has the case, and does nothing", facts, _ENDS_OF_PLATFORM)
    if "return and refund" in rules.offers:
        for payer in PAY_WAY_BACK:
            facts = (_OPENED, f"{_SENT} return_postage={payer}")
            yield Silence(f"return at {payer}'s cost", "a return is agreed, and nobody does anything", facts)
        yield Silence(
            "label", "the way back is open, and the buyer sends nothing", (_OPENED, _SENT, "day 2 return.labelled")
        )
        back = (_OPENED, _SENT, "day 2 return.sent", "day 4 return.delivered")
        yield Silence("returned", "the goods are back, and the seller says nothing", back)
        facts = (*back, "day 5 return.contested state=empty")
        yield Silence("contested", "the seller contests the return, and the buyer says nothing", facts)
    for offer, act in _ACTS.items():
        if offer in rules.offers:
            facts = (_OPENED, f"day 1 dispute.settled by=buyer offer={offer} act={act}")
            yield Silence(f"promise of {act}", f"a {act} is agreed, and the seller does nothing", facts)
    if rules.appeals:
        decided = (_OPENED, _REJECTED, "day 1 dispute.escalated by=buyer", "day 2 dispute.decided outcome=buyer")
        facts = (*decided, "day 3 dispute.appealed by=seller")
        yield Silence("appeal", "somebody appeals, and nobody hears it", facts, _ENDS_OF_PLATFORM)
