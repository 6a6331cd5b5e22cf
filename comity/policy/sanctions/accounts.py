"""Accounts: points come with what they are for, and go with it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from comity.lib.ids import name_of
from comity.policy.conduct.findings import FOUND
from comity.policy.conduct.rulings import Find, OverturnFinding
from comity.policy.dossier import EARLIEST, Dossier
from comity.policy.duties.rulings import Breach, OverturnDuty
from comity.policy.facts import Fact
from comity.policy.life import Life
from comity.policy.reviews import counting as reviews
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions import taken_over
from comity.policy.sanctions.measures import ChargeOf, Origin, Rung
from comity.policy.sanctions.points import Charges, ChargeState, order
from comity.policy.sanctions.rulings import Charge, Credit, OverturnCharge, TakeOver
from comity.policy.standards.rulings import OverturnRating, Rate

#: What points and measures can be for, and what takes it away.
Cause = Breach | Find | Rate
_TAKES_AWAY = (OverturnDuty, OverturnFinding, OverturnRating)
#: A person took a charge off: "charge.taken_off" of the charge's key.
TAKEN_OFF = "charge.taken_off"
#: How credits cite what they follow from: the ledger, and this.
EARNED = "earned"
MOVE_POINTS: tuple[type[Ruling], ...] = (Breach, Find, Rate, *_TAKES_AWAY)


class Brings(NamedTuple):
    """What a cause brings by the rule it follows from: points, and a measure named by where its rung is."""

    charge: ChargeOf | None
    origin: Origin | None = None
    at: int = 0
    rung: Rung | None = None


def causes(so_far: Sequence[Ruling]) -> list[Cause]:
    """Return what has just come for which there may be points."""
    return [ruling for ruling in so_far if isinstance(ruling, Cause)]


def gone(so_far: Sequence[Ruling]) -> frozenset[str]:
    """Return the keys of what has just been taken back for which there may have been points."""
    return frozenset(ruling.key for ruling in so_far if isinstance(ruling, _TAKES_AWAY))


def brought(book: Rulebook, cause: Cause, points: int | None = None) -> Brings:
    """Return what `cause` brings under `book`; nothing in the time in which breaches are reported alone."""
    if not book.charges(cause.at):
        return Brings(None)
    if isinstance(cause, Breach):
        breach = book.by_name[cause.rule].breach
        return Brings(breach.charge, Origin("duty", cause.rule), 0, breach.measure)
    if isinstance(cause, Rate):
        level = book.standards[cause.rule].levels[cause.level]
        return Brings(level.charge, Origin("standard", cause.rule), cause.level, level.measure)
    rule = book.conduct[cause.rule]
    return Brings(ChargeOf(rule.ledger, points or rule.points[0]) if rule.ledger else None)


def deaf(books: Rulebooks, what: Literal["charge", "measure"]) -> frozenset[type[Ruling]]:
    """Return breaches where none brings points (or a measure by itself) under these rulebooks, and ratings likewise."""
    found: set[type[Ruling]] = set()
    if not any(getattr(rule.breach, what) for book in books for rule in book.duties):
        found |= {Breach, OverturnDuty}
    levels = (level for book in books for rule in book.standards.values() for level in rule.levels)
    if not any(getattr(level, what) for level in levels):
        found |= {Rate, OverturnRating}
    return frozenset(found)


def charge_for(books: Rulebooks, cause: Cause, points: int | None = None) -> Charge | None:
    """Return the charge that `cause` brings by the rule it follows from, or None."""
    book = books.version(cause.rulebook)
    charge = brought(book, cause, points).charge
    if charge is None:
        return None
    return Charge(
        at=cause.at,
        matter=cause.matter,
        rule=cause.rule,
        rulebook=cause.rulebook,
        key=name_of("charge", charge.ledger, cause.key),
        ledger=charge.ledger,
        points=charge.points,
        because=cause.key,
        expires_at=book.ledgers[charge.ledger].ends(cause.at),
    )


def credits(book: Rulebook, fact: Fact) -> list[Credit]:
    """Return the points that `fact` takes off."""
    if fact.kind not in book.earning_kinds:
        return []
    own = fact.kind in reviews.KINDS and reviews.is_own(fact.party, fact)
    return [
        Credit(
            at=fact.at,
            matter=fact.matter,
            rule=f"{ledger.name}:{EARNED}",
            rulebook=book.ref,
            key=name_of("credit", ledger.name, str(number), fact.id),
            ledger=ledger.name,
            points=earning.points,
            because=fact.id,
            expires_at=ledger.ends(fact.at),
        )
        for ledger in book.ledgers.values()
        for number, earning in enumerate(ledger.earns)
        if earning.by.accepts(fact) and (not own or reviews.asks_whose([earning.by]))
    ]


def _taken_off(dossier: Dossier) -> frozenset[str]:
    """Return the keys of the charges that people took off: what they were for brings them no more."""
    return frozenset(str(act.data["of"]) for act in dossier.remembered(EARLIEST) if act.kind == TAKEN_OFF)


def _moved(books: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    """Return the charges that a fact takes off, or moves from one account to another, by itself."""
    if fact.kind == TAKEN_OFF:
        return _take_off(dossier, fact)
    if fact.kind not in taken_over.KINDS:
        return []
    leaving, coming = taken_over.moved(books, dossier.of("charge"), fact)
    return [*(_reverse(charge, fact) for charge in sorted(leaving, key=order)), *coming]


def _take_off(dossier: Dossier, fact: Fact) -> list[Ruling]:
    charge = _in_force(dossier.of("charge"), str(fact.data["of"]))
    return [] if charge is None else [_reverse(charge, fact)]


def _of_reviews(books: Rulebooks, dossier: Dossier, fact: Fact) -> tuple[list[Credit], list[ChargeState]]:
    """Return what the reviews of a matter earn as they stand now, and the credits in force that they earn no more."""
    told = reviews.in_time(dossier.facts_of(fact.matter), fact)
    stand = [each for each in reviews.as_they_stand(told) if each.kind in reviews.KINDS]
    earned = [
        credit for each in stand if (book := books.in_force(each.at)) is not None for credit in credits(book, each)
    ]
    about = {name_of("fact", each.id) for each in told if each.kind in reviews.KINDS}
    keys = {credit.key for credit in earned}
    in_force = dossier.in_force("charge")
    return earned, [charge for charge in in_force if charge.because in about and charge.key not in keys]


def _kinds(books: Rulebooks) -> frozenset[str]:
    return (
        books.earning_kinds
        | {TAKEN_OFF, *taken_over.KINDS}
        | (reviews.CORRECTIONS if books.earning_kinds & reviews.KINDS else frozenset())
    )


def _rule(books: Rulebooks, dossier: Dossier, fact: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    """Take off the points of what is gone, and charge or credit what came.

    A charge that a person took off stays off, though what it was for is ruled on again. What was taken back and came
    again with the same key, moment and points keeps its charge: a breach whose deadline moved and moved back is charged
    once. An evaluation that comes to another level has other points.
    """
    moved = _moved(books, dossier, fact)
    points = fact.data.get("points") if fact.kind == FOUND else None
    # Only a finding may ask for points of its own, within the range that its rule gives.
    asked = points if isinstance(points, int) and not isinstance(points, bool) else None
    wanted = [charge for cause in causes(so_far) if (charge := charge_for(books, cause, asked)) is not None]
    earned = credits(dossier.book, fact) if dossier.book is not None else []
    unearned: list[ChargeState] = []
    if dossier.reviews_changed(fact):
        earned, unearned = _of_reviews(books, dossier, fact)
    taken_back = gone(so_far)
    if not wanted and not earned and not taken_back and not unearned:
        return moved
    charges: Charges = dossier.of("charge")
    # Only one that was there can have been taken off; what was done by people is looked up for no other.
    if any(charge.key in charges and _in_force(charges, charge.key) is None for charge in wanted):
        off = _taken_off(dossier)
        wanted = [charge for charge in wanted if charge.key not in off]
    stay = {
        charge.key
        for charge in wanted
        if (old := _in_force(charges, charge.key)) and (old.at, old.points) == (charge.at, charge.points)
    }
    going = [charge for charge in dossier.in_force("charge") if charge.because in taken_back] if taken_back else []
    going += unearned
    return [
        *moved,
        *(_reverse(charge, fact) for charge in sorted(going, key=order) if charge.key not in stay),
        *(charge for charge in wanted if charge.key not in stay),
        *(credit for credit in earned if _in_force(charges, credit.key) is None),
    ]


def _in_force(charges: Charges, key: str) -> ChargeState | None:
    charge = charges.get(key)
    return charge if charge is not None and charge.overturned_at is None else None


def _reverse(charge: ChargeState, because: Fact) -> OverturnCharge:
    return OverturnCharge(
        at=because.undone_at,
        matter=charge.matter,
        rule=charge.rule,
        rulebook=charge.rulebook,
        key=charge.key,
        was="charged",
        because=because.id,
    )


def apply(charge: ChargeState | None, ruling: Ruling) -> ChargeState:
    """Return the charge as it stands after `ruling`. The one definition of what each ruling does to a charge.

    A credit's points are below zero; it names its fact by a key.
    """
    match ruling:
        case Charge() | Credit():
            earned = isinstance(ruling, Credit)
            return ChargeState(
                key=ruling.key,
                ledger=ruling.ledger,
                points=-ruling.points if earned else ruling.points,
                rulebook=ruling.rulebook,
                rule=ruling.rule,
                matter=ruling.matter,
                # By a key: a fact's id may be ten times as long as the column.
                because=name_of("fact", ruling.because) if earned else ruling.because,
                at=ruling.at,
                expires_at=ruling.expires_at,
            )
        case TakeOver():
            return ChargeState(
                key=ruling.key,
                ledger=ruling.ledger,
                points=ruling.points,
                rulebook=ruling.rulebook,
                rule=ruling.rule,
                matter=ruling.matter,
                because=ruling.because,
                at=ruling.at,
                expires_at=ruling.expires_at,
                taken_from=ruling.taken_from,
                counts_from=ruling.counts_from,
            )
        case OverturnCharge() if charge is not None:
            return msgspec.structs.replace(charge, overturned_at=ruling.at)
    raise TypeError(f"{type(ruling).__name__} is not a ruling on a charge that is there")


CHARGES = Life(
    name="charge",
    rulings=(Charge, Credit, TakeOver, OverturnCharge),
    kinds=_kinds,
    remembers=lambda books: frozenset({TAKEN_OFF}),
    after=MOVE_POINTS,
    deaf=lambda books: deaf(books, "charge"),
    rule=_rule,
    apply=apply,
    state=ChargeState,
    shelf=Charges,
)
