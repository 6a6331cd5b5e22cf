"""The judge: by the rules in force, what follows from a fact?

One pure function for live traffic, the clock and history. It reads nothing but its arguments, and returns rulings.
"""

from collections.abc import Sequence
from datetime import datetime

from comity.policy import duties, ledgers
from comity.policy.dossier import Dossier, DutyState, MeasureState
from comity.policy.facts import DEADLINE, PAUSE, Fact
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Breach, Overturn, Ruling

DECISIONS = frozenset({"sanction.approved", "sanction.declined"})


class ThinDossier(ValueError):
    """The dossier lacks what judging this fact takes; whoever built it has a mistake."""


def judge(rulebooks: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    """Return what follows from `fact`, in the order in which it is to be carried out.

    A fact that came late, and a pause, have the whole matter judged anew: what was ruled too early is overturned.
    Raises ThinDossier where the matter's history is needed and not given.
    """
    if fact.kind == DEADLINE:
        return _fallen(rulebooks, dossier, fact)
    if fact.kind in DECISIONS:
        return ledgers.decide(rulebooks, _measure(dossier, fact.matter), fact)
    if needs_history(rulebooks, dossier, fact):
        if dossier.history is None:
            raise ThinDossier(f"judging {fact.kind} {fact.id} takes the history of {dossier.matter}")
        if fact.kind == PAUSE or dossier.is_late(fact):
            return _anew(rulebooks, dossier, fact)
    rulings = duties.step(rulebooks, dossier.duties, fact, earlier=dossier.history or (), pauses=dossier.pauses)
    return _with_accounts(rulebooks, dossier, fact, rulings)


def needs_history(rulebooks: Rulebooks, dossier: Dossier, fact: Fact) -> bool:
    """Whether judging `fact` takes the earlier facts of its matter."""
    if fact.kind == PAUSE or dossier.is_late(fact):
        return True
    book = rulebooks.in_force(fact.at)
    return book is not None and fact.kind in book.looks_back


def _fallen(rulebooks: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    """A moment that a rule had set has passed. One that was moved or settled meanwhile has no consequence."""
    if fact.matter.startswith("sanction:"):
        measure = _measure(dossier, fact.matter)
        return ledgers.end(measure) if measure.next_at == fact.at else []
    duty = next((duty for duty in dossier.duties if duty.key == fact.data["of"]), None)
    if duty is None or duty.next_at != fact.at:
        return []
    return _with_accounts(rulebooks, dossier, fact, duties.fall(rulebooks, duty))


def _anew(rulebooks: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    facts = list(dossier.history or ())
    pauses = dossier.pauses
    if fact.kind == PAUSE:
        pauses = (*pauses, *duties.pauses_of([fact]))
    if fact.matter == dossier.matter:
        facts = sorted([*facts, fact], key=lambda each: each.place)
    after, by_duty = duties.unfold(rulebooks, facts, until=fact.noted_at, pauses=pauses)
    return _with_accounts(rulebooks, dossier, fact, duties.changes(dossier.duties, after, by_duty, fact))


def _with_accounts(rulebooks: Rulebooks, dossier: Dossier, fact: Fact, rulings: list[Ruling]) -> list[Ruling]:
    if not touches_accounts(rulings):
        return rulings
    breaches = [ruling for ruling in rulings if isinstance(ruling, Breach)]
    gone = frozenset(ruling.key for ruling in rulings if isinstance(ruling, Overturn) and ruling.what == "duty")
    return rulings + ledgers.account(rulebooks, breaches, gone, dossier.charges, dossier.measures, fact)


def touches_accounts(rulings: Sequence[Ruling]) -> bool:
    """Whether any of `rulings` brings or takes away a breach, so that ledgers and ladders must be looked at."""
    return any(isinstance(ruling, Breach | Overturn) for ruling in rulings)


def _measure(dossier: Dossier, matter: str) -> MeasureState:
    for measure in dossier.measures:
        if f"sanction:{measure.key}" == matter:
            return measure
    raise ThinDossier(f"{matter} is not in the dossier")


def deadline(duty: DutyState | MeasureState, party: str, *, noted_at: datetime) -> Fact:
    """Return the fact that the moment `duty.next_at` has passed. Its id makes sure that it is noted once."""
    if duty.next_at is None:
        raise ValueError(f"{duty.key} waits for no moment")
    turn = duty.warned if isinstance(duty, DutyState) else duty.issue
    matter = duty.matter if isinstance(duty, DutyState) else f"sanction:{duty.key}"
    at = duty.next_at
    return Fact(
        id=f"{duty.key}#{turn}#{int(at.timestamp() * 1_000_000):x}", kind=DEADLINE, at=at, noted_at=noted_at,
        subject=duty.subject if isinstance(duty, DutyState) else matter, matter=matter, party=party,
        data={"of": duty.key, "turn": turn},
    )  # fmt: skip
