"""A life: what the judge keeps of a party, what changes it, and what each ruling does to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from comity.policy.dossier import Dossier
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling

Kinds = Callable[[Rulebooks], frozenset[str]]
Deaf = Callable[[Rulebooks], frozenset[type[Ruling]]]
Rule = Callable[[Rulebooks, Dossier, Fact, Sequence[Ruling]], list[Ruling]]
#: Facts, the one that changed rows of standards last, and what was ruled above; gives facts with what each brings.
Together = Callable[[Rulebooks, Dossier, Sequence[Fact], Fact, Sequence[Ruling]], Iterable[tuple[Fact, list[Ruling]]]]


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """One of `lives.LIVES`. States have `key`, `matter`, `subject`, `next_at`, `turn`; None is one not there yet.

    name        what an overturning says of it; the first word of the matters of states that are matters by themselves
    rulings     what changes its states
    has_work    whether these rulebooks give it anything to do
    kinds       the kinds of facts that it looks at under these rulebooks, moments apart
    remembers   those of them that it may look at again, when a state of it comes to be known later than they
    moments     the matters of whose moments it hears, by their first word; "" for those of all others
    after       the rulings of lives above it that it looks at
    deaf        those of them from which nothing can follow for it under these rulebooks
    after_rows  whether it looks at rows of standards that changed
    quiet       pure: a state as it stands after its moment, where nothing follows from that for any life; None where
                something may. Without a journal such a moment is passed over
    rule        pure: what follows here, also when a moment of its own has passed
    together    the same for all facts of a sitting at once, where one after another would say too much
    apply       the one definition of what each ruling does to a state; None where nothing is kept
    state       the type of its states; None likewise
    shelf       what they are kept in
    """

    name: str
    rulings: tuple[type[Ruling], ...]
    rule: Rule
    has_work: Callable[[Rulebooks], bool] = lambda books: True
    kinds: Kinds = lambda books: frozenset()
    remembers: Kinds = lambda books: frozenset()
    moments: str | None = None
    after: tuple[type[Ruling], ...] = ()
    deaf: Deaf = lambda books: frozenset()
    after_rows: bool = False
    quiet: Callable[[Rulebooks, Dossier, Any], Any] | None = None
    together: Together | None = None
    apply: Callable[[Any, Any], Any] | None = None
    state: type | None = None
    shelf: Callable[[], Any] = dict
