"""The statement of reasons of a measure: codes and values, from rulings and rules alone.

It says what EU 2022/2065 art. 17 and EU 2019/1150 art. 4 ask for: the measure, its scope and length, every infringement
that counted, the numbers and how they were computed, what a machine did, what would have changed it, and the redress.
What would have changed it is found by judging again. Moments are texts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from comity.lib.moments import to_text
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.sanctions import appeals, grounds
from comity.policy.sanctions.measures import MEASURES, MeasureState, Rung
from comity.policy.sanctions.outcome import lasts, rung_of
from comity.policy.sanctions.points import ChargeState, come_to, newest, order, weights
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards import levels, rates
from comity.policy.standards.rule import Level, StandardRule

#: Most charges that are left out one after another to see what would have changed.
MOST_TRIED = 100
#: With very many charges fewer are tried, for each try looks at all of them.
MOST_STEPS = 10_000
#: Most charges that are named as enough, alone or together.
MOST_NAMED = 20
#: Out-of-court bodies decide within so many days (EU 2022/2065 art. 21).
OUT_OF_COURT_DAYS = 90


def statement(books: Rulebooks, measure: MeasureState, charges: Sequence[ChargeState]) -> dict[str, Any]:
    """Return the statement of reasons of a measure that was proposed or placed.

    `charges`: those in force on the ledger that it comes from; none are needed of what comes from elsewhere.
    """
    book, rung = books.version(measure.rulebook), rung_of(books, measure)
    said = {
        "measure": measure.measure,
        "ground": {"rulebook": measure.rulebook, "ledger": measure.origin.label, "rung": measure.rung},
        "origin": measure.origin.kind,
        "scope": list(measure.of),
        "forbids": sorted(MEASURES[measure.measure].forbids),
        **_when(measure, rung),
        "points": measure.points,
        "facts": list(measure.because),
        "automated_detection": _found_by_machine(book, measure, charges),
        "automated_decision": _decided(measure),
        "redress": _redress(book, measure, rung),
    }
    match measure.origin.kind:
        case "ledger":
            return said | _of_ledger(book, measure, charges)
        case "standard":
            return said | _of_standard(book, measure)
        case "duty":
            return said | {"duty": {"rule": measure.origin.name, "broken_at": _text(measure.at), **_first(measure)}}
        case "evasion":
            return said | {"evasion": {"rule": measure.origin.name, **_first(measure)}}
    return said | {"agent": {"asked_by": measure.asked_by, "rule": measure.origin.name}}


def _when(measure: MeasureState, rung: Rung) -> dict[str, Any]:
    length = lasts(rung, measure.shortened)
    return {
        "issued_at": _text(measure.at),
        "told_at": _text(measure.told_at),
        "placed_at": _text(measure.placed_at),
        "effective_at": _text(measure.effective_at),
        "until": _text(measure.until),
        "notice_seconds": int(rung.notice.total_seconds()),
        "length_seconds": None if length is None else int(length.total_seconds()),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else to_text(moment)


def _first(measure: MeasureState) -> dict[str, Any]:
    return next(iter(grounds.read(measure)), {})


def _decided(measure: MeasureState) -> str:
    """Return who decided: a machine ("fully"), a person what a machine proposed ("partially"), or people ("not")."""
    if measure.asked_by:
        return "not"
    return "fully" if measure.decided_by.startswith("platform:") else "partially"


def _found_by_machine(book: Rulebook, measure: MeasureState, charges: Iterable[ChargeState]) -> bool:
    """Whether clocks and counts found what it is for; conduct is found by people, or for them to look at."""
    if measure.origin.kind != "ledger":
        return measure.origin.kind in ("standard", "duty", "evasion")
    counted = set(measure.because)
    return any(charge.rule not in book.conduct for charge in charges if charge.key in counted)


def _redress(book: Rulebook, measure: MeasureState, rung: Rung) -> dict[str, Any]:
    window = appeals.window(measure, rung, (), book.zone)
    return {
        "appeal_until": None if window is None else _text(window.end),
        "appeals": max(len(rung.appeals), 1),
        "out_of_court_days": OUT_OF_COURT_DAYS,
    }


# What comes of points


def _of_ledger(book: Rulebook, measure: MeasureState, charges: Sequence[ChargeState]) -> dict[str, Any]:
    rule = book.ledgers[measure.origin.name]
    charged = _up_to(measure, charges)
    adds = weights(rule, charged)
    last = charged[-1].at if charged else measure.at
    counted = [
        _infringement(book, charge, weighed)
        for charge, weighed in zip(charged, adds, strict=True)
        if weighed and charge.expires_at > last
    ]
    merged = [
        _infringement(book, charge, 0)
        for charge, weighed in zip(charged, adds, strict=True)
        if not weighed and charge.expires_at > last
    ]
    risen = _first(measure).get("risen", 0)
    return {
        "charges": counted,
        "added_nothing": merged[-MOST_NAMED:],
        "sum": {"points": measure.points, "threshold": measure.rung, "start": rule.start, "risen": risen},
        "below": _rung_beside(rule, measure, lighter=True),
        "above": _rung_beside(rule, measure, lighter=False),
        "changed_by": changed_by(book, measure, charged),
    }


def _up_to(measure: MeasureState, charges: Iterable[ChargeState]) -> list[ChargeState]:
    """Return the charges that counted by then in their order, up to the one that reached the rung."""
    ordered = sorted(charges, key=order)
    reaching = measure.because[-1]
    place = next((place for place, charge in enumerate(ordered) if charge.key == reaching), None)
    if place is None:
        return []
    return [charge for charge in ordered[: place + 1] if charge.counted_by(ordered[place].at)]


def _infringement(book: Rulebook, charge: ChargeState, weighed: int) -> dict[str, Any]:
    rules = (("duty", book.by_name), ("standard", book.standards), ("conduct", book.conduct))
    return {
        "key": charge.key,
        "of": next((kind for kind, names in rules if charge.rule in names), "credit" if charge.points < 0 else ""),
        "rule": charge.rule,
        "rulebook": charge.rulebook,
        "matter": charge.matter,
        "because": charge.because,
        "at": to_text(charge.at),
        "expires_at": to_text(charge.expires_at),
        "points": charge.points,
        "weighed": weighed,
        "taken_over": bool(charge.taken_from),
    }


def _rung_beside(rule: LedgerRule, measure: MeasureState, *, lighter: bool) -> dict[str, Any] | None:
    """Return the nearest rung that is lighter than the one reached, or the nearest that was not reached yet."""
    further = -1 if rule.is_score else 1
    on_its_way = [
        rung for rung in rule.rungs
        if (further * rung.at < further * measure.rung if lighter else further * rung.at > further * measure.points)
    ]  # fmt: skip
    nearest = max if lighter else min
    found = nearest(on_its_way, key=lambda rung: further * rung.at, default=None)
    return None if found is None else {"at": found.at, "measure": found.measure}


class Without(NamedTuple):
    """What would have been without some charges: the points, and the measure that they reach; "" for none."""

    points: int
    measure: str
    suffices: bool


def without(book: Rulebook, measure: MeasureState, charged: Sequence[ChargeState], gone: frozenset[str]) -> Without:
    """Judge a ledger again without the charges `gone`, at the moment at which `measure` came.

    charged  the charges in their order, up to the one that reached the rung
    """
    last, risen = charged[-1], _first(measure).get("risen", 0)
    rest = [charge for charge in charged if charge.key not in gone]
    if last.key in gone:
        # What is left was judged before, and had not reached the rung: nothing comes at this moment.
        return Without(come_to(book.ledgers[last.ledger], rest, last.at, risen), "", suffices=True)
    crossing, points = newest(book, rest, risen)
    reached = crossing.rung if crossing is not None else None
    suffices = reached is None or reached.weight < book.rung(measure.origin, measure.rung).weight
    return Without(points, reached.measure if reached else "", suffices)


def changed_by(book: Rulebook, measure: MeasureState, charged: Sequence[ChargeState]) -> dict[str, Any]:
    """Return what would have changed a measure of a ledger, found by judging again.

    alone     keys of charges of which each one missing would have been enough, the newest first
    together  where only the last charge is enough alone: few earlier ones that are enough together; else none
    points    what the points would have come to without the first of `alone`, or without `together`
    measure   the lesser measure that would have come then, if any
    """
    if not charged:
        return {"alone": [], "together": [], "points": None, "measure": ""}

    def judged(gone: Iterable[str]) -> Without:
        return without(book, measure, charged, frozenset(gone))

    counted = set(measure.because)
    tried = min(MOST_TRIED, max(MOST_STEPS // len(charged), 1))
    candidates = [charge.key for charge in reversed(charged) if charge.key in counted][:tried]
    alone = [key for key in candidates if judged([key]).suffices][:MOST_NAMED]
    together = _together(candidates[1:], charged, judged) if len(alone) < 2 else []
    told = judged(together or alone[:1])
    return {"alone": alone, "together": together, "points": told.points, "measure": told.measure}


def _together(
    candidates: Sequence[str], charged: Sequence[ChargeState], judged: Callable[[Iterable[str]], Without]
) -> list[str]:
    """Return few charges that are enough together, the heaviest first; none where these do not suffice."""
    points = {charge.key: charge.points for charge in charged}
    gone: list[str] = []
    for key in sorted(candidates, key=lambda key: -points[key])[:MOST_NAMED]:
        gone.append(key)
        if judged(gone).suffices:
            # One that was taken before a heavier need may not be needed any more.
            for other in gone[:-1]:
                if judged(rest := [each for each in gone if each != other]).suffices:
                    gone = rest
            return gone
    return []


# What comes of counts


def _of_standard(book: Rulebook, measure: MeasureState) -> dict[str, Any]:
    rule = book.standards[measure.origin.name]
    level = rule.levels[measure.rung]
    return {
        "standard": {
            "rule": rule.name,
            "level": level.name,
            "mode": rule.mode,
            "certain": rule.certain,
            "at_least": level.at_least,
            "running": level.running,
            "zone": rule.zone,
        },
        "windows": [_window(rule, level, seen) for seen in grounds.read(measure)],
    }


def _window(rule: StandardRule, level: Level, seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return one window: what was read in it, held against each limit, exactly, and what would have kept it."""
    counted, faulty, total, valued = (seen[name] for name in ("counted", "faulty", "total", "valued"))
    peers = Fraction(seen["peers"]) if seen["peers"] is not None else None
    here = rates.reading(rates.Count(counted, faulty, total, valued, seen.get("buyers", 0)))
    # Windows that are weighed together are not held against a limit one by one.
    broken = None if rule.mode == "weighted" else levels.breaks(rule, level, here, peers)
    return {
        "span": rule.windows[seen["window"]].span.text,
        "begin": seen["begin"],
        "end": seen["end"],
        "counted": counted,
        "faulty": faulty,
        "rate": None if here.rate is None else str(here.rate),
        "mean": None if here.mean is None else str(here.mean),
        "total": total,
        "buyers": seen.get("buyers"),
        "peers": seen["peers"],
        "limits": [str(limit) for limit in level.limits if limit.applies(counted)],
        "kept": None if broken is None else not broken,
        "would_keep": most_faulty(rule, level, here, peers) if broken else None,
    }


def most_faulty(rule: StandardRule, level: Level, here: rates.Reading, peers: Fraction | None) -> int | None:
    """Return the most faulty subjects, of as many as count, with which a broken level would have been kept.

    None where no number of them would have been enough: the limit is on something else. Fewer faults have no more
    buyers than before, and no more than there are of them.
    """

    def broken(faulty: int) -> bool:
        rate = Fraction(faulty, here.counted) if here.counted else None
        reading = rates.Reading(here.counted, faulty, rate, here.mean, here.total, min(faulty, here.buyers))
        return levels.breaks(rule, level, reading, peers)

    if not here.counted or broken(0):
        return None
    kept, breaking = 0, here.faulty
    while breaking - kept > 1:
        middle = (kept + breaking) // 2
        kept, breaking = (kept, middle) if broken(middle) else (middle, breaking)
    return kept
