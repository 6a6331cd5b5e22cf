"""Whether a crowd makes each further fact dearer: many facts of one moment, and many breaches of one seller.

Each crowd is judged in growing sizes by the code that judges live traffic (policy.memory), one core, with the shipped
rulebook `comity`; ids come in a mixed order. The ratio is the microseconds a fact of each size by those of the
smallest: 1 where a further fact costs as much as those before it.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from benchmarks import stage
from comity.lib.ids import name_of
from comity.policy.facts import Fact
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.rulebooks.shelf import load

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
SELLER = "seller:s"
SIZES = {"one moment": (500, 1_000, 2_000, 4_000), "breaches": (2_500, 5_000, 10_000, 20_000)}


def main() -> None:
    books = Rulebooks([load("comity")])
    found = {
        name: _grow(books, crowd, SIZES[name], end)
        for name, crowd, end in (
            ("one moment", _one_moment, BEGIN + timedelta(days=30)),
            ("breaches", _breaches, BEGIN + timedelta(days=400)),
        )
        if name in (sys.argv[1:] or SIZES)
    }
    stage.say(
        {"compares": "a fact in a crowd, with one in a small crowd (1 is flat)", "machine": stage.machine(), **found}
    )


def _grow(
    books: Rulebooks, crowd: Callable[[int], Sequence[Fact]], sizes: Sequence[int], end: datetime
) -> list[dict[str, float]]:
    """Judge crowds of each size, time passing to `end`, and say what one fact costs."""
    told: list[dict[str, float]] = []
    for size in sizes:
        facts = crowd(size)
        memory = Memory(books, SELLER)
        began = time.process_time()
        rulings = len(memory.replay(facts)) + len(memory.turn(end))
        each = (time.process_time() - began) / size * 1e6
        first = told[0]["us_a_fact"] if told else each
        told.append({"facts": size, "rulings": rulings, "us_a_fact": round(each, 1), "ratio": round(each / first, 2)})
    return told


def _fact(number: int, kind: str, at: datetime, matter: str, **data: str) -> Fact:
    said = name_of("crowd", str(number))
    return Fact(id=said, kind=kind, at=at, noted_at=at, subject=matter, matter=matter, party=SELLER, data=data)


def _one_moment(size: int) -> list[Fact]:
    """Questions and answers of one conversation, all of one second."""
    mixed = random.Random(size)
    return [
        _fact(number, "message.sent", BEGIN, "conversation:c", by=mixed.choice(("buyer", "buyer", "seller")))
        for number in range(size)
    ]


def _breaches(size: int) -> list[Fact]:
    """A question each, over a year, that nobody ever answers."""
    apart = timedelta(days=365) / size
    return [
        _fact(number, "message.sent", BEGIN + number * apart, f"conversation:{number}", by="buyer")
        for number in range(size)
    ]


if __name__ == "__main__":
    main()
