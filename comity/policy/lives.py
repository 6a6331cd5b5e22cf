"""The table of lives, each below those on which it depends: they flow downhill.

What flows up is a fact: it is judged from the top. The twin table, of rows, is `records.carry_out.ROWS`.
"""

from collections.abc import Mapping

import msgspec

from comity.policy.conduct.findings import FINDINGS
from comity.policy.duties.life import DUTIES
from comity.policy.follows import FOLLOWS
from comity.policy.life import Life
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Overturn, Ruling
from comity.policy.sanctions.accounts import CHARGES
from comity.policy.sanctions.ladder import SANCTIONS
from comity.policy.sanctions.measures import Origin
from comity.policy.sanctions.rulings import Place, Propose
from comity.policy.standards.counting import TALLIES
from comity.policy.standards.rating import RATINGS

LIVES: tuple[Life, ...] = (DUTIES, FINDINGS, TALLIES, RATINGS, FOLLOWS, CHARGES, SANCTIONS)
#: Every ruling by its name in the journal, in the order of the lives. All overturnings share one name and one form.
RULINGS: Mapping[str, type[Ruling]] = {
    ruling.kind: Overturn if issubclass(ruling, Overturn) else ruling for life in LIVES for ruling in life.rulings
}
_BY_TAG: dict[str, type[Ruling]] = {ruling.__name__: ruling for ruling in RULINGS.values()}
_OVERTURNINGS: dict[str, type[Overturn]] = {
    field.default: overturning
    for overturning in Overturn.__subclasses__()
    for field in msgspec.structs.fields(overturning)
    if field.name == "what"
}


def remembered(books: Rulebooks) -> frozenset[str]:
    """Return the kinds of facts that any life may look at again, whatever matter they are of."""
    kinds: frozenset[str] | None = books.kept.get("remembered")
    if kinds is None:
        kinds = books.kept["remembered"] = frozenset().union(*(life.remembers(books) for life in LIVES))
    return kinds


def read_ruling(text: str) -> Ruling:
    """Return the ruling that a line of the journal says, one of before 0.1.0 too: its `origin` was a text, `ledger`.

    Raises ValueError for what is no ruling.
    """
    plain = msgspec.json.decode(text)
    tag = plain.get("ruling") if isinstance(plain, dict) else None
    ruling = _OVERTURNINGS.get(plain["what"]) if tag == "Overturn" else _BY_TAG.get(str(tag))
    if ruling is None:
        raise ValueError(f"{tag!r} is no ruling")
    if ruling in (Propose, Place) and "origin" not in plain:
        said = plain["ledger"]
        plain["origin"] = Origin.read(said if ":" in said else f"ledger:{said}")
    return msgspec.convert(plain, ruling)
