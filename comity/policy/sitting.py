"""A sitting: many facts of a party judged together, so that nobody is accused of what the next fact clears.

All facts are known before any is judged, life by life. Each matter that they touch is judged once, in the order of
time; then each life below looks at what came of its own facts, and once at the rest. Moments that have passed
meanwhile are ruled on afterwards. What is then in force is what the same facts, one by one and in time, would have
brought; the lines on the way there are fewer.
"""

from collections.abc import Iterable, Iterator, Sequence

from comity.policy.dossier import Dossier
from comity.policy.facts import Fact
from comity.policy.life import Life
from comity.policy.lives import LIVES
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling


def sittings(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    """Yield facts in the groups in which they were judged: most alone, those of a sitting together."""
    group: list[Fact] = []
    for fact in facts:
        if group and not (fact.sitting and fact.sitting == group[0].sitting):
            yield group
            group = []
        group.append(fact)
    if group:
        yield group


def judge_together(books: Rulebooks, dossier: Dossier, facts: Sequence[Fact]) -> list[Ruling]:
    """Return what follows from `facts`, which `dossier` knows already; it knows the rulings then.

    They are in the order of time and were noted at one moment.
    """
    dossier.begin(books, facts[-1])
    rulings: list[Ruling] = []
    by_fact: dict[str, list[Ruling]] = {}
    for life in LIVES:
        if not life.has_work(books):
            continue
        if life.together is not None:
            ruled = life.together(books, dossier, facts, rulings)
            dossier.take(life.name, life.apply, ruled)
        else:
            ruled = _one_after_another(books, dossier, life, facts, rulings, by_fact)
        rulings += ruled
    return rulings


def _one_after_another(
    books: Rulebooks,
    dossier: Dossier,
    life: Life,
    facts: Sequence[Fact],
    so_far: Sequence[Ruling],
    by_fact: dict[str, list[Ruling]],
) -> list[Ruling]:
    """Let a life look at each fact with what came of it, and then once at what came of all together."""
    kinds, ruled = life.kinds(books), []
    for fact in facts:
        came = [ruling for ruling in by_fact.get(fact.id, ()) if type(ruling) in life.after]
        if came or fact.kind in kinds:
            dossier.book = books.in_force(fact.at)
            new = life.rule(books, dossier, fact, came)
            dossier.take(life.name, life.apply, new)
            by_fact.setdefault(fact.id, []).extend(new)
            ruled += new
    known = {id(ruling) for rulings in by_fact.values() for ruling in rulings}
    rest = [ruling for ruling in so_far if type(ruling) in life.after and id(ruling) not in known]
    if rest or (life.after_rows and dossier.changed):
        dossier.book = books.in_force(facts[-1].at)
        new = life.rule(books, dossier, facts[-1], rest)
        dossier.take(life.name, life.apply, new)
        ruled += new
    return ruled
