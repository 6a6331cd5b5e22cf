"""Duties: opened, met, waived, voided, breached, cured.

`step` says what one fact does to a matter's duties, and `fall` what a passed moment does to one of them. Folding the
two over a matter's facts in the order of time is the definition of its duties (`unfold`); live judging takes one step
of that fold, and a late fact unfolds the matter anew.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from comity.lib import moments
from comity.lib.ids import name_of
from comity.policy.dossier import DutyState, DutyStatus, Stretch
from comity.policy.duties import verdicts
from comity.policy.duties.matter import Matter
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import Fact, subject_kind
from comity.policy.matching import accepted
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Breach, Cure, Meet, Move, Open, Overturn, Ruling, Unknown, Void, Waive, Warn
from comity.policy.time import deadlines

_concerns = verdicts.concerns  # the innermost of a replay: no look-up in another module


def step(
    rulebooks: Rulebooks,
    current: Collection[DutyState],
    fact: Fact,
    *,
    earlier: Sequence[Fact],
    pauses: Sequence[Stretch],
) -> list[Ruling]:
    """Return what `fact` does to the duties of its matter.

    `current` holds the newest duty for each rule and subject, `earlier` the matter's facts before in the order of time.
    """
    rulings: list[Ruling] = []
    ended: set[str] = set()
    newest = {(duty.rule, duty.subject): duty for duty in current} if current else {}
    for duty in sorted(current, key=_by_key) if len(current) > 1 else current:
        if duty.live and _concerns(fact, duty.subject):
            rule = rulebooks.version(duty.rulebook).by_name[duty.rule]
            if outcome := _outcome(rulebooks, rule, duty, fact, newest, dated=fact.at, earlier=earlier, pauses=pauses):
                rulings += outcome
                ended.add(duty.key)
            elif rule.latest:
                rulings += _later(rule, duty, fact, earlier, pauses)
    book = rulebooks.in_force(fact.at)
    if book is not None and (rules := book.opened_by_kind.get(fact.kind)):
        for rule in rules:
            rulings += _opening(rulebooks, book, rule, newest, fact, ended, earlier=earlier, pauses=pauses)
    return rulings


def _by_key(duty: DutyState) -> str:
    """The order in which one fact's effects on several duties are ruled: the same wherever the duties were kept."""
    return duty.key


def fall(
    rulebooks: Rulebooks,
    duty: DutyState,
    current: Iterable[DutyState] = (),
    pauses: Sequence[Stretch] = (),
    known: Sequence[Fact] = (),
) -> list[Ruling]:
    """Return what follows when the moment `duty.next_at` has passed: a warning, or the breach and what it opens.

    `current` holds the matter's duties, at least the newest; they count where the breach opens another. `known` are
    the matter's facts in the order of time; they count where the duty is decided by what is known.
    """
    if duty.status is not DutyStatus.OPEN or duty.next_at is None:
        return []
    rule = rulebooks.version(duty.rulebook).by_name[duty.rule]
    warnings = _warnings(rule, duty.opened_at, duty.due)
    if duty.warned < len(warnings):
        warned = duty.warned + 1
        return [
            Warn(
                at=duty.next_at, matter=duty.matter, rule=duty.rule, rulebook=duty.rulebook, key=duty.key,
                due=duty.due, warned=warned, next_at=_timer(rule, duty.opened_at, duty.due, warned),
            )
        ]  # fmt: skip
    newest = dict(Matter(current).current) if rule.breach.opens else {}
    if rule.decided_after is not None:
        verdict = verdicts.decide(rule, duty, known, pauses)
        if not isinstance(verdict, Breach):
            return [verdict]
        return [verdict, *_breached(rulebooks, duty, duty.next_at, newest, pauses)[1:]]
    return _breached(rulebooks, duty, duty.next_at, newest, pauses)


def unfold(
    rulebooks: Rulebooks, facts: Sequence[Fact], *, until: datetime, pauses: Sequence[Stretch]
) -> tuple[Matter, dict[str, list[Ruling]]]:
    """Judge a whole matter from its facts in the order of time, moments before `until` having passed.

    Returns the duties, and for each duty's key the rulings that made it what it is.
    """
    matter = Matter()
    by_duty: dict[str, list[Ruling]] = {}

    def settle(rulings: list[Ruling]) -> None:
        for ruling in rulings:
            key: str = getattr(ruling, "key")  # noqa: B009  (every ruling on a duty has one)
            by_duty.setdefault(key, []).append(ruling)
            matter.put(apply(matter.by_key.get(key), ruling))

    for position, fact in enumerate(facts):
        for duty in _fallen(matter, fact.at):
            settle(fall(rulebooks, duty, matter.current.values(), pauses, facts[:position]))
        settle(step(rulebooks, matter.current.values(), fact, earlier=facts[:position], pauses=pauses))
    for duty in _fallen(matter, until):
        settle(fall(rulebooks, duty, matter.current.values(), pauses, facts))
    return matter, by_duty


def _fallen(matter: Matter, before: datetime) -> Iterator[DutyState]:
    """Yield duties with a moment passed before `before`, in the order of those moments, until there are none."""
    while True:
        due = [duty for duty in matter.current.values() if duty.next_at is not None and duty.next_at < before]
        if not due:
            return
        yield min(due, key=lambda duty: (duty.next_at, duty.key))


def apply(duty: DutyState | None, ruling: Ruling) -> DutyState:
    """Return the duty as it stands after `ruling`. The one definition of what each ruling does to a duty."""
    if isinstance(ruling, Open):
        return DutyState(
            key=ruling.key, rule=ruling.rule, rulebook=ruling.rulebook, matter=ruling.matter, subject=ruling.subject,
            opened_at=ruling.at, opened_by=ruling.opened_by, due=ruling.due, next_at=ruling.next_at,
        )  # fmt: skip
    if duty is None:
        raise LookupError(f"{type(ruling).__name__} is about a duty that was never opened")
    changes = _changes(duty, ruling)
    return DutyState(
        key=duty.key, rule=duty.rule, rulebook=duty.rulebook, matter=duty.matter, subject=duty.subject,
        opened_at=duty.opened_at, opened_by=duty.opened_by, due=changes.get("due", duty.due),
        status=changes.get("status", duty.status), warned=changes.get("warned", duty.warned),
        next_at=changes.get("next_at", duty.next_at), ended_at=changes.get("ended_at", duty.ended_at),
    )  # fmt: skip


def _changes(duty: DutyState, ruling: Ruling) -> dict[str, Any]:
    match ruling:
        case Warn():
            return {"warned": ruling.warned, "next_at": ruling.next_at}
        case Move():
            return {"due": ruling.due, "next_at": ruling.next_at, "warned": ruling.warned}
        case Breach():
            ended = {"ended_at": ruling.at} if ruling.final else {}
            return {"status": DutyStatus.BREACHED, "next_at": None, **ended}
        case Cure():
            return {"status": DutyStatus.CURED, "ended_at": ruling.at, "next_at": None}
        case Overturn(next_at=None):
            return {"status": DutyStatus.OVERTURNED, "ended_at": ruling.at, "next_at": None}
        case Overturn():
            return {"status": DutyStatus.OPEN, "ended_at": None, "next_at": ruling.next_at, "warned": ruling.warned}
        case Meet() | Waive() | Void() | Unknown():
            status = duty.status if duty.status is DutyStatus.BREACHED else _ENDS[type(ruling)]
            return {"status": status, "ended_at": ruling.at, "next_at": None}
    raise TypeError(f"{type(ruling).__name__} is not a ruling on a duty")


_ENDS: dict[type[Ruling], DutyStatus] = {
    Meet: DutyStatus.MET,
    Waive: DutyStatus.WAIVED,
    Void: DutyStatus.VOIDED,
    Unknown: DutyStatus.UNKNOWN,
}


def _opening(
    rulebooks: Rulebooks,
    book: Rulebook,
    rule: DutyRule,
    current: dict[tuple[str, str], DutyState],
    fact: Fact,
    ended: set[str],
    *,
    earlier: Sequence[Fact],
    pauses: Sequence[Stretch],
) -> list[Ruling]:
    subject = _counted_by(rule, fact)
    if subject is None or not accepted(rule.opened_by, fact):
        return []
    newest = current.get((rule.name, subject))
    if newest is not None and (not rule.repeats or (newest.live and newest.key not in ended)):
        return []
    if rule.not_after and any(_concerns(act, subject) and accepted(rule.not_after, act) for act in earlier):
        return []
    due = deadlines.due(rule, fact, earlier, pauses)
    if due is None:
        return []
    duty = DutyState(
        key=name_of("duty", rule.name, fact.id), rule=rule.name, rulebook=book.ref, matter=fact.matter,
        subject=subject, opened_at=fact.at, opened_by=fact.id, due=due,
        next_at=_timer(rule, fact.at, due, 0),
    )  # fmt: skip
    opened = Open(
        at=fact.at, matter=fact.matter, rule=rule.name, rulebook=book.ref, key=duty.key, subject=subject,
        opened_by=fact.id, due=due, next_at=_timer(rule, fact.at, due, 0),
    )  # fmt: skip
    if rule.counts_before:
        for position, act in enumerate(earlier):
            if _concerns(act, subject) and (
                outcome := _outcome(
                    rulebooks, rule, duty, act, current, dated=fact.at, earlier=earlier[:position], pauses=pauses
                )
            ):
                return [opened, *outcome]
    return [opened]


def _later(
    rule: DutyRule, duty: DutyState, fact: Fact, earlier: Sequence[Fact], pauses: Sequence[Stretch]
) -> list[Ruling]:
    """Where the latest opening fact counts: it moves the deadline of the duty that is open, by its own version."""
    if duty.status is not DutyStatus.OPEN or not accepted(rule.opened_by, fact):
        return []
    due = deadlines.due(rule, fact, earlier, pauses) if _counted_by(rule, fact) == duty.subject else None
    if due is None or max(due, fact.at) == duty.due:
        return []
    due = max(due, fact.at)
    warned = sum(moment < fact.at for moment in _warnings(rule, duty.opened_at, due))
    return [
        Move(
            at=fact.at, matter=duty.matter, rule=duty.rule, rulebook=duty.rulebook, key=duty.key, was=duty.due,
            due=due, next_at=_timer(rule, duty.opened_at, due, warned), warned=warned,
        )
    ]  # fmt: skip


def _outcome(
    rulebooks: Rulebooks,
    rule: DutyRule,
    duty: DutyState,
    act: Fact,
    current: dict[tuple[str, str], DutyState],
    *,
    dated: datetime,
    earlier: Sequence[Fact],
    pauses: Sequence[Stretch],
) -> list[Ruling]:
    """Return what `act` makes of a live duty, as rulings dated `dated`; an empty list if nothing.

    `earlier` are the matter's facts before the act. An act about a part of an order meets nothing before the whole.
    """
    if act.kind not in rule.ended_by:
        return []
    common: dict[str, Any] = {
        "at": dated,
        "matter": duty.matter,
        "rule": duty.rule,
        "rulebook": duty.rulebook,
        "key": duty.key,
    }
    if accepted(rule.unknown_by, act):
        return [Unknown(**common, unknown_by=act.id)]
    if rule.decided_after is None and accepted(rule.met_by, act):
        if "of_pieces" in act.data and not verdicts.is_whole(rule.met_by, act, earlier, duty.subject):
            return []
        if duty.status is DutyStatus.OPEN and act.at <= duty.due:
            return [Meet(**common, met_by=act.id)]
        late = int((act.at - duty.due).total_seconds())
        cure = Cure(**common, cured_by=act.id, late_seconds=late)
        if duty.status is DutyStatus.BREACHED:
            return [cure]
        return [*_breached(rulebooks, duty, max(duty.due, duty.opened_at), current, pauses), cure]
    if accepted(rule.waived_by, act):
        return [Waive(**common, waived_by=act.id)]
    if accepted(rule.voided_by, act):
        return [Void(**common, voided_by=act.id)]
    return []


def _breached(
    rulebooks: Rulebooks,
    duty: DutyState,
    at: datetime,
    current: dict[tuple[str, str], DutyState],
    pauses: Sequence[Stretch],
) -> list[Ruling]:
    """Return the breach of `duty`, and the opening of the duty that its rule names: where a fact would open it, too."""
    breach = Breach(at=at, matter=duty.matter, rule=duty.rule, rulebook=duty.rulebook, key=duty.key, due=duty.due)
    book = rulebooks.version(duty.rulebook)
    following = book.by_name[duty.rule].breach.opens
    if not following:
        return [breach]
    rule = book.by_name[following]
    newest = current.get((rule.name, duty.subject))
    if newest is not None and (newest.live or not rule.repeats):
        return [breach]
    due = deadlines.after(rule, at, pauses)
    opened = Open(
        at=at, matter=duty.matter, rule=rule.name, rulebook=book.ref,
        key=name_of("duty", rule.name, duty.key, moments.to_text(at)),
        subject=duty.subject, opened_by=duty.key, due=due, next_at=_timer(rule, at, due, 0),
    )  # fmt: skip
    current[(rule.name, duty.subject)] = apply(None, opened)  # so that the same fact opens no second one
    return [breach, opened]


def _counted_by(rule: DutyRule, fact: Fact) -> str | None:
    if subject_kind(fact.subject) == rule.each:
        return fact.subject
    return fact.matter if subject_kind(fact.matter) == rule.each else None


def _warnings(rule: DutyRule, opened_at: datetime, due: datetime) -> list[datetime]:
    return [due - before for before in rule.warn_before if due - before > opened_at]


def _timer(rule: DutyRule, opened_at: datetime, due: datetime, warned: int) -> datetime:
    """Return the moment after `warned` warnings at which the clock looks again: the next warning, or the ruling."""
    if rule.warn_before:
        warnings = _warnings(rule, opened_at, due)
        if warned < len(warnings):
            return warnings[warned]
    return deadlines.decided_at(rule, opened_at, due)
