"""A sitting: many facts of a party judged together, so that nobody is accused of what the next fact clears.

All facts are known before any is judged, life by life. Each matter that they touch is judged once, in the order of
time; then each life below looks at each fact with what came of it. Moments that have passed meanwhile are ruled on
afterwards. What is then in force is what the same facts, one by one and in time, would have brought; the lines on the
way there are fewer.
"""

from collections.abc import Iterable, Iterator, Sequence

from comity.lib import moments
from comity.policy.dossier import Dossier
from comity.policy.facts import IMPORTED, Fact
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


def import_of(facts: Sequence[Fact], number: int) -> Fact:
    """Return the fact that `facts` of a party's past, in the order of time, are imported in the sitting `number`."""
    first = facts[0]
    return Fact(
        id=f"{IMPORTED}:{number}",
        kind=IMPORTED,
        at=first.noted_at,
        noted_at=first.noted_at,
        subject=first.party,
        matter=first.party,
        party=first.party,
        data={"facts": len(facts), "from": moments.to_text(first.at), "until": moments.to_text(facts[-1].at)},
    )


def judge_together(books: Rulebooks, dossier: Dossier, facts: Sequence[Fact]) -> list[Ruling]:
    """Return what follows from `facts`, which `dossier` knows already; it knows the rulings then.

    They are in the order of time and were noted at one moment. A life looks at each fact with what it has brought so
    far. Rows that changed are looked at with the last fact: which of them changed rows, some who keep rows only guess.
    """
    last = facts[-1]
    dossier.begin(books, last)
    rulings: list[Ruling] = []
    brought: dict[str, list[Ruling]] = {fact.id: [] for fact in facts}

    def take(life: Life, fact: Fact, new: list[Ruling]) -> None:
        dossier.take(life.name, life.apply, new)
        brought[fact.id] += new
        rulings.extend(new)

    for life in (life for life in LIVES if life.has_work(books)):
        if life.together is not None:
            for fact, new in life.together(books, dossier, facts, last, tuple(rulings)):
                take(life, fact, new)
            continue
        kinds = life.kinds(books)
        for fact in facts:
            came = [ruling for ruling in brought[fact.id] if type(ruling) in life.after]
            if came or fact.kind in kinds:
                dossier.book = books.in_force(fact.at)
                take(life, fact, life.rule(books, dossier, fact, came))
        if life.after_rows and dossier.changed:
            dossier.book = books.in_force(last.at)
            take(life, last, life.rule(books, dossier, last, []))
    return rulings
