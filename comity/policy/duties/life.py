"""The life of duties: what a fact, late or in its turn, does to those of the matters that it bears on."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from comity.policy import deliveries
from comity.policy.dossier import Dossier
from comity.policy.duties import revisions, step
from comity.policy.duties.echoes import Echoes
from comity.policy.duties.matter import Duties, DutyState
from comity.policy.duties.rulings import Breach, Cure, Meet, Move, Open, OverturnDuty, Unknown, Void, Waive, Warn
from comity.policy.facts import DEADLINE, NO_REPLY, PAUSES, REJECTED, Fact
from comity.policy.life import Life
from comity.policy.reviews import counting as reviews
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.time import deadlines
from comity.policy.time.clocks import Stretch

#: Kinds of facts that change how earlier ones count.
TURNS_BACK = frozenset({*PAUSES, REJECTED})


def looks_back(books: Rulebooks, fact: Fact) -> bool:
    """Whether judging `fact` takes the earlier facts of its matter, though it came in its turn."""
    if fact.kind in TURNS_BACK or "of_pieces" in fact.data:  # a part: its siblings count
        return True
    if fact.kind in reviews.KINDS:  # whether what it is about was removed
        return True
    if fact.kind == NO_REPLY and "of" in fact.data:  # one question: the others count
        return True
    if fact.kind in books.stopping_kinds:
        return True
    if fact.kind == deliveries.DELIVERED or deliveries.may_undo(fact):  # whether it was one, the carrier's words say
        return True
    # A duty goes on under the version by which it opened.
    return fact.kind in books.looking_back


def _kinds(books: Rulebooks) -> frozenset[str]:
    corrections = reviews.CORRECTIONS if books.duty_kinds & reviews.KINDS else frozenset()
    return books.duty_kinds | TURNS_BACK | books.stopping_kinds | corrections


def _rule(books: Rulebooks, dossier: Dossier, fact: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    if fact.kind == DEADLINE:
        return _fell(books, dossier, fact)
    if fact.kind in TURNS_BACK:
        dossier.echoes.pop(fact.matter, None)
        found = _each(dossier, fact, dossier.matters_of(fact), lambda name: _anew(books, dossier, name, fact))
        return [ruling for _, rulings in found for ruling in rulings]
    name = fact.matter
    late = dossier.is_late(name, fact)
    if late and _is_echo(books, dossier, fact):
        return []
    if late or fact.kind in books.stopping_kinds or dossier.reviews_changed(fact):
        return _anew(books, dossier, name, fact)
    if _changes_what_arrived(dossier, fact):
        # A delivery that was none meets nothing; and one that is none any more has met nothing.
        return [] if fact.kind == deliveries.DELIVERED else _anew(books, dossier, name, fact)
    return step.step(
        books,
        dossier.duties.current(name),
        fact,
        earlier=dossier.counting_facts(name)[0],
        pauses=dossier.pauses_of(name),
        book=dossier.book,
    )


def _is_echo(books: Rulebooks, dossier: Dossier, fact: Fact) -> bool:
    """Whether a fact comes behind one of the same moment that means the same, so that it changes nothing."""
    name, at = fact.matter, fact.at
    if not dossier.is_newest(name, at):
        return False
    echoes = dossier.echoes.get(name)
    if echoes is None or echoes.at != at:
        echoes = dossier.echoes[name] = Echoes(at)
        for each in dossier.facts_at(name, at):
            echoes.take(books, each, looks_back=looks_back(books, each))
    return echoes.take(books, fact, looks_back=looks_back(books, fact))


def _changes_what_arrived(dossier: Dossier, fact: Fact) -> bool:
    """Whether a fact, the newest of its matter, makes more deliveries none than the facts before it."""
    if fact.kind != deliveries.DELIVERED and not deliveries.may_undo(fact):
        return False
    before = dossier.facts_of(fact.matter)
    return deliveries.undone([*before, fact]) != deliveries.undone(before)


def _fell(books: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    """A moment that a duty had set has passed. One that was moved or settled meanwhile has no consequence."""
    duty = dossier.duties.get(str(fact.data["of"]))
    if duty is None or duty.next_at != fact.at:
        return []
    known, _ = dossier.counting_facts(duty.matter)
    current = dossier.matter(duty.matter).current.values()
    return step.fall(books, duty, current, dossier.pauses_of(duty.matter), known)


def _each(
    dossier: Dossier, because: Fact, matters: Iterable[str], rule: Callable[[str], list[Ruling]]
) -> Iterator[tuple[str, list[Ruling]]]:
    """Yield what is ruled of each matter. One that a pause of the whole party breaks in is left out, and remembered."""
    for name in matters:
        try:
            yield name, rule(name)
        except (LookupError, ValueError, TypeError, ArithmeticError) as error:
            if because.matter != dossier.party:
                raise
            dossier.broken[name] = error


def _anew(books: Rulebooks, dossier: Dossier, name: str, fact: Fact) -> list[Ruling]:
    """Judge a whole matter again with what is known now, and return what differs."""
    pauses = dossier.pauses_of(name, with_=fact)
    if fact.kind in PAUSES:
        # It is remembered only once it has been judged.
        pauses = (*pauses, *deadlines.pauses_of([fact]))
    # A pause of the whole party is of no matter's facts; it counts by its stretch alone.
    return _unfolded(books, dossier, name, fact, with_=fact if fact.matter == name else None, pauses=pauses)


def _unfolded(
    books: Rulebooks,
    dossier: Dossier,
    name: str,
    because: Fact,
    *,
    with_: Fact | None = None,
    pauses: Sequence[Stretch] | None = None,
) -> list[Ruling]:
    """Return what differs when a matter is judged anew; `with_`, `pauses`: what the dossier does not know yet."""
    counted, stood = dossier.counting_facts(name, with_=with_)
    excused = (*(dossier.pauses_of(name) if pauses is None else pauses), *stood)
    after, by_duty = step.unfold(books, counted, until=because.noted_at, pauses=excused)
    return revisions.changes(dossier.matter(name).by_key.values(), after, by_duty, because)


def _together(
    books: Rulebooks, dossier: Dossier, facts: Sequence[Fact], because: Fact, so_far: Sequence[Ruling]
) -> list[tuple[Fact, list[Ruling]]]:
    """Judge each matter that any of the facts bears on once, up to when they were noted; its newest fact brings it."""
    touched = {name: fact for fact in facts if fact.kind in _kinds(books) for name in _touched(dossier, fact)}
    ruled: list[tuple[Fact, list[Ruling]]] = []
    for name in sorted(touched):
        dossier.echoes.pop(name, None)
        fact = touched[name]
        found = _each(dossier, fact, [name], lambda name: _unfolded(books, dossier, name, touched[name]))
        ruled += [(fact, rulings) for _, rulings in found]
    return ruled


def _touched(dossier: Dossier, fact: Fact) -> list[str]:
    """Return the matters on which a fact bears; of a pause of the party those alone whose time it may lengthen."""
    if fact.kind in PAUSES and fact.matter == dossier.party:
        begin, end = deadlines.reach(fact)
        return [duty.matter for duty in dossier.duties.values() if duty.due > begin and duty.opened_at < end]
    return [fact.matter]


DUTIES = Life(
    name="duty",
    rulings=(Open, Warn, Move, Meet, Waive, Void, Unknown, Breach, Cure, OverturnDuty),
    kinds=_kinds,
    moments="",
    rule=_rule,
    together=_together,
    apply=step.apply,
    state=DutyState,
    shelf=Duties,
)
