"""The table of lives, each below those on which it depends: they flow downhill.

What flows up is a fact: it is judged from the top. The twin table, of rows, is `records.carry_out.ROWS`.
"""

from comity.policy.conduct.findings import FINDINGS
from comity.policy.duties.life import DUTIES
from comity.policy.follows import FOLLOWS
from comity.policy.life import Life
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.accounts import CHARGES
from comity.policy.sanctions.ladder import SANCTIONS
from comity.policy.standards.counting import TALLIES
from comity.policy.standards.rating import RATINGS

LIVES: tuple[Life, ...] = (DUTIES, FINDINGS, TALLIES, RATINGS, FOLLOWS, CHARGES, SANCTIONS)


def remembered(books: Rulebooks) -> frozenset[str]:
    """Return the kinds of facts that any life may look at again, whatever matter they are of."""
    kinds: frozenset[str] | None = books.kept.get("remembered")
    if kinds is None:
        kinds = books.kept["remembered"] = frozenset().union(*(life.remembers(books) for life in LIVES))
    return kinds
