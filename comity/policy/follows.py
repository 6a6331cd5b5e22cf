"""What else a breach and a rating bring: a decision, a course, a word to somebody. Nothing is kept of it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

from comity.lib.ids import name_of
from comity.policy.dossier import Dossier
from comity.policy.duties.rule import DutyRule
from comity.policy.duties.rulings import Breach, OverturnDuty
from comity.policy.facts import Fact
from comity.policy.life import Life
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Overturn, Ruling
from comity.policy.sanctions.rulings import Place, Propose
from comity.policy.standards.rule import Level
from comity.policy.standards.rulings import OverturnRating, Rate

#: What is carried out by a verb; the rest is told.
ACTED_UPON = frozenset({"decide", "escalate", "hand_over", "close", "refund", "revive", "cancel", "assign", "plan"})


class Follow(Ruling, frozen=True, kw_only=True, tag="Follow"):
    """What else a breached duty, or a level that is reached (`because`), brings: what, and its value.

    decide     for whom, at whose cost where not the silent side's, and "nothing" where nothing is paid: `Decision`
    escalate   "agent"
    hand_over  "agent": the case goes to another
    close      "for good" or "open again"
    refund     "buyer": what was agreed is paid
    revive     "claim"
    plan       "asked" by a level; what its silence means, "failed", "accepted" or "checked", by a breach
    remind     who is told once more
    cancel     "platform"
    assign     the course
    notify     roles, with spaces between
    """

    kind = "breach.followed"
    told = "names"
    tone = "warn"
    what: str
    value: str
    because: str


def told_by(books: Rulebooks, ruling: Ruling) -> str:
    """Return what the fact that tells of a measure `follows`, where that is told late; "" for any other ruling.

    Nothing after it is ruled on before it is told: what tells it says from when its notice and its length run. When a
    warning was told matters where something waits for one.
    """
    if not isinstance(ruling, Place | Propose) or (isinstance(ruling, Propose) and ruling.quiet):
        return ""
    if ruling.measure == "warning" and not books.warning_first:
        return ""
    return name_of("told", ruling.key, ruling.at.isoformat())


class Decision(NamedTuple):
    """How a silence decides a dispute: for whom, at whose cost ("": who was silent), for "asked" or "nothing"."""

    side: str
    cost: str = ""
    amount: str = "asked"

    @classmethod
    def read(cls, value: str) -> Self:
        """Return what the value of a Follow says; one of before 0.1.0, too, which names the side alone."""
        side, *more = value.split()
        said = dict(each.split("=", 1) for each in more)
        return cls(side, said.get("cost", ""), said.get("amount", "asked"))

    def __str__(self) -> str:
        said = [f"cost={self.cost}"] if self.cost else []
        said += [f"amount={self.amount}"] if self.amount != "asked" else []
        return " ".join([self.side, *said])


class OverturnConsequence(Overturn, frozen=True, kw_only=True, tag="Overturn"):
    """What followed a breach or a rating falls away with it."""

    what: Literal["consequence"] = "consequence"


# A duty that was cured had been breached before: what that brought goes with it.
_BREACHED = ("breached", "cured")


def _rule(books: Rulebooks, dossier: Dossier, fact: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    """Return what else each breach and rating brings; what one that was overturned had brought goes with it."""
    followed: list[Ruling] = []
    for ruling in so_far:
        match ruling:
            case Breach() | Rate():
                followed += [
                    Follow(
                        at=ruling.at,
                        matter=ruling.matter,
                        rule=ruling.rule,
                        rulebook=ruling.rulebook,
                        key=name_of(what, ruling.key),
                        what=what,
                        value=value,
                        because=ruling.key,
                    )
                    for what, value in _brings(books, ruling)
                ]
            # A duty that was met or waived had brought nothing.
            case OverturnDuty() if ruling.was not in _BREACHED:
                pass
            case OverturnDuty() | OverturnRating():
                followed += [
                    OverturnConsequence(
                        at=fact.undone_at,
                        matter=ruling.matter,
                        rule=ruling.rule,
                        rulebook=ruling.rulebook,
                        key=name_of(what, ruling.key),
                        was=what,
                        because=fact.id,
                    )
                    for what, _ in _brings(books, ruling)
                ]
    return followed


def _brings(books: Rulebooks, ruling: Breach | Rate | OverturnDuty | OverturnRating) -> list[tuple[str, str]]:
    """Return what the rule behind `ruling` brings: what it is, and for whom or which."""
    book = books.version(ruling.rulebook)
    if isinstance(ruling, Rate | OverturnRating):
        return _of_level(book.standards[ruling.rule].levels[ruling.level])
    return of_breach(book.by_name[ruling.rule])


def _of_level(level: Level) -> list[tuple[str, str]]:
    brings = [("plan", "asked" if level.plan else ""), ("notify", " ".join(level.notify))]
    return [(what, value) for what, value in brings if value]


def of_breach(rule: DutyRule) -> list[tuple[str, str]]:
    """Return what else follows where `rule` is not kept, as `what` and `value` of a Follow: what pages say, too."""
    breach = rule.breach
    # In the order in which they are carried out: a claim lives again before it is decided.
    brings = [
        ("revive", "claim" if breach.revive else ""),
        ("decide", str(Decision(breach.decide, breach.cost, breach.amount)) if breach.decide else ""),
        ("escalate", "agent" if breach.escalate else ""),
        ("hand_over", "agent" if breach.hand_over else ""),
        ("close", breach.close),
        ("refund", "buyer" if breach.refund else ""),
        ("plan", breach.plan),
        ("cancel", "platform" if breach.cancel else ""),
        ("assign", breach.assign),
        ("remind", rule.who if breach.remind else ""),
        ("notify", " ".join(breach.notify)),
    ]
    return [(what, value) for what, value in brings if value]


def _deaf(books: Rulebooks) -> frozenset[type[Ruling]]:
    """Return breaches where none brings anything, and ratings likewise."""
    deaf: set[type[Ruling]] = set()
    if not any(of_breach(rule) for book in books for rule in book.duties):
        deaf |= {Breach, OverturnDuty}
    if not any(_of_level(level) for book in books for rule in book.standards.values() for level in rule.levels):
        deaf |= {Rate, OverturnRating}
    return frozenset(deaf)


FOLLOWS = Life(
    name="consequence",
    rulings=(Follow, OverturnConsequence),
    after=(Breach, Rate, OverturnDuty, OverturnRating),
    deaf=_deaf,
    rule=_rule,
)
