"""The judge: by the rules in force, what follows from a fact?

One pure function for live traffic, the clock and history. It reads nothing but its arguments, and returns rulings.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from comity.lib.ids import name_of
from comity.policy.conduct import findings
from comity.policy.dossier import Dossier, DutyState, MeasureState
from comity.policy.duties import answers, revisions, step
from comity.policy.facts import DEADLINE, PAUSE, REJECTED, Fact
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Breach, Find, Follow, Overturn, Rate, Ruling
from comity.policy.sanctions import accounts
from comity.policy.standards import rating
from comity.policy.time import deadlines

DECISIONS = frozenset({"sanction.approved", "sanction.declined"})
#: Kinds of facts that ask for the party's ledgers whatever else they do.
_ON_ACCOUNTS = frozenset({findings.FOUND, findings.CLEARED})


#: Kinds of facts that change how earlier ones count.
TURNS_BACK = frozenset({PAUSE, REJECTED})


class ThinDossier(ValueError):
    """The dossier lacks what judging this fact takes; whoever built it has a mistake."""


def judge(rulebooks: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    """Return what follows from `fact`, in the order in which it is to be carried out.

    A fact that came late, a pause and the rejection of an answer have the whole matter judged anew: what was ruled too
    early is overturned.
    Raises ThinDossier where the matter's history is needed and not given.
    """
    if fact.kind == DEADLINE:
        return _fallen(rulebooks, dossier, fact)
    if fact.kind in DECISIONS:
        return accounts.decide(rulebooks, _measure(dossier, fact.matter), fact)
    if needs_history(rulebooks, dossier, fact):
        if dossier.history is None:
            raise ThinDossier(f"judging {fact.kind} {fact.id} takes the history of {dossier.matter}")
        if fact.kind in TURNS_BACK or dossier.is_late(fact):
            return _anew(rulebooks, dossier, fact)
    earlier, _ = answers.without_rejected(dossier.history or ())
    rulings = step.step(rulebooks, dossier.duties, fact, earlier=earlier, pauses=dossier.pauses)
    return _with_accounts(rulebooks, dossier, fact, rulings)


def judge_ratings(
    rulebooks: Rulebooks, dossier: Dossier, fact: Fact, names: Collection[str], *, since: datetime, before: datetime
) -> list[Ruling]:
    """Return what `fact`, which changed rows of the standards `names`, does to evaluations that were held before it.

    Looks at the evaluations from `since` on and before `before`. Rows are already as the fact left them.
    """
    counting = dossier.counting or accounts.NO_ROWS
    rulings: list[Ruling] = []
    for name in sorted(names):
        held = {rated.at: rated for rated in dossier.ratings if rated.standard == name}
        for at in rating.evaluations(rulebooks, name, since, before):
            was, now = held.get(at), rating.rate(rulebooks, name, at, counting, dossier.peers)
            if (was and (was.level, was.counted, was.faulty)) == (now and (now.level, now.counted, now.faulty)):
                continue
            if was is not None:
                rulings.append(
                    Overturn(at=fact.noted_at, matter=f"standard:{name}", rule=name, rulebook=was.rulebook,
                             what="rating", key=was.key, was=str(was.level), because=fact.id)
                )  # fmt: skip
            if now is not None:
                rulings.append(now)
    again = frozenset(
        charge.ledger for charge in dossier.charges
        if charge.at >= since and _rises_with(rulebooks.version(charge.rulebook), charge.ledger, names)
    )  # fmt: skip
    return _with_accounts(rulebooks, dossier, fact, rulings, again=again)


def _rises_with(book: Rulebook, ledger: str, names: Collection[str]) -> bool:
    accrual = book.ledgers[ledger].accrual
    return accrual is not None and accrual.of in names


def needs_history(rulebooks: Rulebooks, dossier: Dossier, fact: Fact) -> bool:
    """Whether judging `fact` takes the earlier facts of its matter."""
    return dossier.is_late(fact) or looks_back(rulebooks, fact)


def looks_back(rulebooks: Rulebooks, fact: Fact) -> bool:
    """Whether judging `fact` takes the earlier facts of its matter, though it came in its turn."""
    if fact.kind in TURNS_BACK or "of_pieces" in fact.data:  # a part: its siblings count
        return True
    book = rulebooks.in_force(fact.at)
    return book is not None and fact.kind in book.looks_back


def asks_for_accounts(rulebooks: Rulebooks, fact: Fact) -> bool:
    """Whether judging `fact` takes the party's ledgers and measures, whatever its duties do."""
    book = rulebooks.in_force(fact.at)
    return fact.kind in _ON_ACCOUNTS or (book is not None and fact.kind in book.account_kinds)


def _fallen(rulebooks: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    """A moment that a rule had set has passed. One that was moved or settled meanwhile has no consequence."""
    kind, _, name = fact.matter.partition(":")
    if kind == "sanction":
        measure = _measure(dossier, fact.matter)
        return accounts.end(rulebooks, measure) if measure.next_at == fact.at else []
    if kind == "standard":
        rated = rating.rate(rulebooks, name, fact.at, dossier.counting or accounts.NO_ROWS, dossier.peers)
        return _with_accounts(rulebooks, dossier, fact, [rated] if rated else [])
    duty = next((duty for duty in dossier.duties if duty.key == fact.data["of"]), None)
    if duty is None or duty.next_at != fact.at:
        return []
    known, _ = answers.without_rejected(dossier.history or ())
    fallen = step.fall(rulebooks, duty, dossier.duties, dossier.pauses, known)
    return _with_accounts(rulebooks, dossier, fact, fallen)


def _anew(rulebooks: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    facts = list(dossier.history or ())
    pauses = dossier.pauses
    if fact.kind == PAUSE:
        pauses = (*pauses, *deadlines.pauses_of([fact]))
    if fact.matter == dossier.matter:
        facts = sorted([*facts, fact], key=lambda each: each.place)
    counted, stood = answers.without_rejected(facts)
    after, by_duty = step.unfold(rulebooks, counted, until=fact.noted_at, pauses=(*pauses, *stood))
    return _with_accounts(rulebooks, dossier, fact, revisions.changes(dossier.duties, after, by_duty, fact))


def _with_accounts(
    rulebooks: Rulebooks, dossier: Dossier, fact: Fact, rulings: list[Ruling], *, again: frozenset[str] = frozenset()
) -> list[Ruling]:
    """Return the rulings with all that they bring: consequences, points, measures."""
    asks = asks_for_accounts(rulebooks, fact)
    if not asks and not again and not touches_accounts(rulings):
        return rulings
    book = rulebooks.in_force(fact.at)
    if fact.kind == findings.FOUND and book is not None:
        found = findings.find(book, fact, dossier.history or ())
        rulings = rulings + ([found] if found else [])
    elif fact.kind == findings.CLEARED:
        rulings = [*rulings, *findings.clear(fact, dossier.charges)]
    earned = accounts.credits(book, fact) if book is not None else []
    lasting = accounts.restored(rulebooks, dossier.measures, fact) if asks else []
    causes = [ruling for ruling in rulings if isinstance(ruling, Breach | Find | Rate)]
    gone = frozenset(r.key for r in rulings if isinstance(r, Overturn) and r.what in ("duty", "finding", "rating"))
    rulings = rulings + _followed(rulebooks, rulings, fact)
    rulings = rulings + accounts.account(
        rulebooks, dossier, fact, causes=causes, gone=gone, earned=earned, again=again
    )  # fmt: skip
    return rulings + lasting


def _followed(rulebooks: Rulebooks, rulings: Sequence[Ruling], because: Fact) -> list[Ruling]:
    """Return what else each breach and rating brings; what one that was overturned had brought goes with it."""
    followed: list[Ruling] = []
    for ruling in rulings:
        if isinstance(ruling, Overturn):
            if ruling.what != "rating" and not (ruling.what == "duty" and ruling.was in ("breached", "cured")):
                continue
            for what, _ in _brings(rulebooks, ruling):
                followed.append(
                    Overturn(at=because.noted_at, matter=ruling.matter, rule=ruling.rule, rulebook=ruling.rulebook,
                             what="consequence", key=name_of(what, ruling.key), was=what, because=because.id)
                )  # fmt: skip
        elif isinstance(ruling, Breach | Rate):
            for what, value in _brings(rulebooks, ruling):
                followed.append(
                    Follow(at=ruling.at, matter=ruling.matter, rule=ruling.rule, rulebook=ruling.rulebook,
                           key=name_of(what, ruling.key), what=what, value=value, because=ruling.key)
                )  # fmt: skip
    return followed


def _brings(rulebooks: Rulebooks, ruling: Ruling) -> list[tuple[str, str]]:
    book = rulebooks.version(ruling.rulebook)
    level = ruling.level if isinstance(ruling, Rate) else _level_of(ruling)
    if level is not None:
        told = book.standards[ruling.rule].levels[level].notify
        return [("notify", " ".join(told))] if told else []
    breach = book.by_name[ruling.rule].breach
    brings = [("decide", breach.decide), ("escalate", "agent" if breach.escalate else ""),
              ("cancel", "platform" if breach.cancel else ""), ("assign", breach.assign),
              ("notify", " ".join(breach.notify))]  # fmt: skip
    return [(what, value) for what, value in brings if value]


def _level_of(ruling: Ruling) -> int | None:
    """Return the level of a rating that is overturned; None for what is no rating."""
    return int(ruling.was) if isinstance(ruling, Overturn) and ruling.what == "rating" else None


def touches_accounts(rulings: Sequence[Ruling]) -> bool:
    """Whether any of `rulings` brings or takes away what points are for, so that ledgers must be looked at."""
    return any(isinstance(ruling, Breach | Overturn | Find | Rate) for ruling in rulings)


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
    subject = duty.subject if isinstance(duty, DutyState) else matter
    return _deadline(duty.key, turn, duty.next_at, party, noted_at=noted_at, matter=matter, subject=subject)


def evaluation(name: str, at: datetime, party: str, *, noted_at: datetime) -> Fact:
    """Return the fact that the standard `name` is to be evaluated at `at`."""
    matter = f"standard:{name}"
    return _deadline(matter, 0, at, party, noted_at=noted_at, matter=matter, subject=matter)


def _deadline(
    key: str, turn: int, at: datetime, party: str, *, noted_at: datetime, matter: str, subject: str
) -> Fact:  # fmt: skip
    return Fact(
        id=f"{key}#{turn}#{int(at.timestamp() * 1_000_000):x}", kind=DEADLINE, at=at, noted_at=noted_at,
        subject=subject, matter=matter, party=party, data={"of": key, "turn": turn},
    )  # fmt: skip
