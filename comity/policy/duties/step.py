"""Duties: opened, met, waived, voided, breached, cured.

`step` says what one fact does to a matter's duties, and `fall` what a passed moment does to one of them. Folding the
two over a matter's facts in the order of time is the definition of its duties (`unfold`); live judging takes one step
of that fold, and a late fact unfolds the matter anew.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.lib import moments
from comity.lib.ids import name_of
from comity.policy.duties import answers, instants, verdicts
from comity.policy.duties.matter import DutyState, DutyStatus, Matter
from comity.policy.duties.rule import DutyRule
from comity.policy.duties.rulings import Breach, Cure, Meet, Move, Open, Unknown, Void, Waive, Warn
from comity.policy.facts import NO_REPLY, Fact, subject_kind
from comity.policy.matching import accepted
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Overturn, Ruling
from comity.policy.time import deadlines, stops
from comity.policy.time.clocks import Stretch

_concerns = verdicts.concerns  # the innermost of a replay: no look-up in another module
_replace = msgspec.structs.replace

#: The newest duty for each rule and subject.
Newest = Mapping[tuple[str, str], DutyState]


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One act, and what is known when it is looked at.

    earlier  the matter's facts before the act, in the order of time
    dated    the moment of what follows: the act's own, or later where it counts for a duty that began after it
    """

    books: Rulebooks
    act: Fact
    earlier: Sequence[Fact]
    pauses: Sequence[Stretch]
    newest: Newest
    dated: datetime


def step(
    books: Rulebooks,
    current: Newest,
    fact: Fact,
    *,
    earlier: Sequence[Fact],
    pauses: Sequence[Stretch],
    book: Rulebook | None = None,
    only: str = "",
) -> list[Ruling]:
    """Return what `fact` does to the duties of its matter; with `only`, to those of that rule.

    `current` holds the newest duty for each rule and subject, `earlier` the matter's facts before in the order of time;
    `book` is the version in force, where the caller knows it already.
    """
    book = book or books.in_force(fact.at)
    opens = book.opened_by_kind.get(fact.kind, ()) if book is not None else ()
    touched = _touched(books, current, fact)
    if only:
        opens = tuple(rule for rule in opens if rule.name == only)
        touched = [(duty, rule) for duty, rule in touched if rule.name == only]
    if not touched and not opens:
        return []
    here = Step(books=books, act=fact, earlier=earlier, pauses=pauses, newest=current, dated=fact.at)
    rulings: list[Ruling] = []
    ended: set[str] = set()
    # First what the fact ends: a duty that repeats may then begin anew by the same fact.
    for duty, rule in touched:
        if outcome := _outcome(here, rule, duty):
            rulings += outcome
            ended.add(duty.key)
            if len(outcome) > 1:
                here = _with_begun(here, outcome)
        elif rule.latest:
            rulings += _later(here, rule, duty)
        elif fact.kind == NO_REPLY and accepted(rule.waived_by, fact):
            rulings += _for_the_next(here, rule, duty)
    if book is not None:
        for rule in opens:
            if opening := _opening(here, book, rule, ended):
                rulings += opening
                if len(opening) > 1:
                    here = _with_begun(here, opening[1:])
    return rulings


def _touched(books: Rulebooks, current: Newest, fact: Fact) -> list[tuple[DutyState, DutyRule]]:
    """Return the live duties that a fact of this kind and subject may change, with their rules.

    By key: one fact's effects on several duties come in the same order wherever the duties were kept.
    """
    touched = []
    for duty in current.values():
        if duty.live and _concerns(fact, duty.subject):
            rule = books.version(duty.rulebook).by_name[duty.rule]
            if fact.kind in rule.ended_by or rule.latest:
                touched.append((duty, rule))
    return sorted(touched, key=_by_key) if len(touched) > 1 else touched


def _by_key(touched: tuple[DutyState, DutyRule]) -> str:
    return touched[0].key


def _with_begun(here: Step, rulings: Sequence[Ruling]) -> Step:
    """Return the step with the duties that breaches opened, so that the same fact opens no second one."""
    begun = [apply(None, ruling) for ruling in rulings if type(ruling) is Open]
    return _replace(here, newest={**here.newest, **{duty.about: duty for duty in begun}}) if begun else here


def fall(
    books: Rulebooks,
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
    rule = books.version(duty.rulebook).by_name[duty.rule]
    stopped = stops.of_subject(pauses, duty.subject)
    warnings = deadlines.warnings(rule, duty.opened_at, duty.due, stopped)
    if duty.warned < len(warnings):
        warned = duty.warned + 1
        return [
            Warn(
                at=duty.next_at,
                matter=duty.matter,
                rule=duty.rule,
                rulebook=duty.rulebook,
                key=duty.key,
                due=duty.due,
                warned=warned,
                next_at=_timer(rule, duty.opened_at, duty.due, warned, stopped),
            )
        ]
    newest = Matter(current).current if rule.breach.opens else {}
    breached = _breached(books, duty, duty.next_at, newest, pauses)
    if rule.decided_after is None:
        return breached
    verdict = verdicts.decide(rule, duty, known, stopped)
    return [verdict, *breached[1:]] if isinstance(verdict, Breach) else [verdict]


def unfold(
    books: Rulebooks, facts: Sequence[Fact], *, until: datetime, pauses: Sequence[Stretch]
) -> tuple[Matter, dict[str, list[Ruling]]]:
    """Judge a whole matter from its facts in the order of time, moments before `until` having passed.

    Returns the duties, and for each duty's key the rulings that made it what it is.
    """
    matter = Matter()
    by_duty: dict[str, list[Ruling]] = {}

    def settle(rulings: list[Ruling]) -> None:
        for ruling in rulings:
            by_duty.setdefault(ruling.key, []).append(ruling)
            matter.put(apply(matter.by_key.get(ruling.key), ruling))

    for position, together in instants.by_moment(facts):
        fact, before = together[0], facts[:position]
        for duty in _fallen(matter, fact.at, brought=fact.follows):
            settle(fall(books, duty, matter.current.values(), pauses, before))
        if len(together) == 1:
            settle(step(books, matter.current, fact, earlier=before, pauses=pauses))
            continue
        for name in instants.rules(books, matter.current.values(), together):
            known = list(before)
            for each in instants.in_turn(books, name, together):
                settle(step(books, matter.current, each, earlier=known, pauses=pauses, only=name))
                known.append(each)
    for duty in _fallen(matter, until):
        settle(fall(books, duty, matter.current.values(), pauses, facts))
    return matter, by_duty


def _fallen(matter: Matter, before: datetime, *, brought: str = "") -> Iterator[DutyState]:
    """Yield duties with a moment passed before `before`, in the order of those moments, until there are none.

    `brought`: the duty whose breach brought what happened at `before`: it has fallen, and what fell with it before it.
    """
    while True:
        source = matter.by_key.get(brought)
        at_it = source is not None and source.next_at is not None and source.next_at <= before
        # Strictly before: what happens at the deadline itself is in time.
        due = [
            duty
            for duty in matter.current.values()
            if duty.next_at is not None and (duty.next_at < before or (at_it and duty.next_at == before))
        ]
        if not due:
            return
        yield min(due, key=lambda duty: (duty.next_at, duty.key))


def apply(duty: DutyState | None, ruling: Ruling) -> DutyState:
    """Return the duty as it stands after `ruling`. The one definition of what each ruling does to a duty."""
    if isinstance(ruling, Open):
        return DutyState(
            key=ruling.key,
            rule=ruling.rule,
            rulebook=ruling.rulebook,
            matter=ruling.matter,
            subject=ruling.subject,
            opened_at=ruling.at,
            opened_by=ruling.opened_by,
            due=ruling.due,
            next_at=ruling.next_at,
        )
    if duty is None:
        raise LookupError(f"{type(ruling).__name__} is about a duty that was never opened")
    return _replace(duty, **_changes(duty, ruling))


def _changes(duty: DutyState, ruling: Ruling) -> dict[str, Any]:
    match ruling:
        case Meet() | Waive() | Void() | Unknown():
            # What was broken stays broken, even if nobody asks for it any more.
            status = duty.status if duty.status is DutyStatus.BREACHED else _ENDS[type(ruling)]
            return {"status": status, "ended_at": ruling.at, "next_at": None}
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
    raise TypeError(f"{type(ruling).__name__} is not a ruling on a duty")


_ENDS: dict[type[Ruling], DutyStatus] = {
    Meet: DutyStatus.MET,
    Waive: DutyStatus.WAIVED,
    Void: DutyStatus.VOIDED,
    Unknown: DutyStatus.UNKNOWN,
}


def _opens_no_more(rule: DutyRule, subject: str, told: Sequence[Fact]) -> bool:
    """Whether a fact came after which the duty opens no more, and none since with which all begins anew."""
    for act in reversed([act for act in told if _concerns(act, subject)]):
        if accepted(rule.anew_after, act):
            return False
        if act is not told[-1] and accepted(rule.not_after, act):
            return True
    return False


def _opening(here: Step, book: Rulebook, rule: DutyRule, ended: set[str]) -> list[Ruling]:
    """Return the opening of a duty by the act, and what an earlier act makes of it where such counts."""
    fact, earlier = here.act, here.earlier
    subject = _counted_by(rule, fact)
    if subject is None or not accepted(rule.opened_by, fact):
        return []
    newest = here.newest.get((rule.name, subject))
    if newest is not None and (not rule.repeats or (newest.live and newest.key not in ended)):
        return []
    if rule.not_after and _opens_no_more(rule, subject, [*earlier, fact]):
        return []
    pauses = stops.of_subject(here.pauses, subject)
    due = deadlines.due(rule, fact, earlier, pauses)
    if due is None:
        return []
    opened = Open(
        at=fact.at,
        matter=fact.matter,
        rule=rule.name,
        rulebook=book.ref,
        key=name_of("duty", rule.name, fact.id),
        subject=subject,
        opened_by=fact.id,
        due=due,
        next_at=_timer(rule, fact.at, due, 0, pauses),
    )
    if rule.counts_before:
        for position, act in enumerate(earlier):
            if act.kind in rule.ended_by and _concerns(act, subject):
                before = _replace(here, act=act, earlier=earlier[:position])
                if outcome := _outcome(before, rule, apply(None, opened)):
                    return [opened, *outcome]
    return [opened]


def _later(here: Step, rule: DutyRule, duty: DutyState) -> list[Ruling]:
    """Where the latest opening fact counts: it moves the deadline of the duty that is open, by its own version."""
    fact = here.act
    if duty.status is not DutyStatus.OPEN or not accepted(rule.opened_by, fact):
        return []
    pauses = stops.of_subject(here.pauses, duty.subject)
    due = deadlines.due(rule, fact, here.earlier, pauses) if _counted_by(rule, fact) == duty.subject else None
    if due is None or max(due, fact.at) == duty.due:
        return []
    return _moved(here, rule, duty, due)


def _moved(here: Step, rule: DutyRule, duty: DutyState, due: datetime) -> list[Ruling]:
    """Return that the act moves the deadline of a duty; one that now lies behind falls here, not before the act."""
    fact, due = here.act, max(due, here.act.at)
    pauses = stops.of_subject(here.pauses, duty.subject)
    warned = sum(moment < fact.at for moment in deadlines.warnings(rule, duty.opened_at, due, pauses))
    return [
        Move(
            at=fact.at,
            matter=duty.matter,
            rule=duty.rule,
            rulebook=duty.rulebook,
            key=duty.key,
            was=duty.due,
            due=due,
            next_at=_timer(rule, duty.opened_at, due, warned, pauses),
            warned=warned,
        )
    ]


def _stands(here: Step, rule: DutyRule, duty: DutyState) -> bool:
    """Whether an act that settles one question leaves a duty as it is: another is asked that nobody settled."""
    act, settled = here.act, answers.settled(here.act, here.earlier)
    if not settled:
        return False
    if duty.opened_at > act.at:  # it began after the act, with a question that the act cannot mean
        return True
    asked = _asked(here, rule, duty)
    # A duty that a breach opened knows no questions of its own; then the act says whether any other waits.
    return any(fact.id not in settled for fact in asked) if asked else "open_since" in act.data


def _for_the_next(here: Step, rule: DutyRule, duty: DutyState) -> list[Ruling]:
    """Where the oldest question was settled by itself: the duty is to be met by when the next one asks for it."""
    if duty.status is not DutyStatus.OPEN:
        return []
    settled = answers.settled(here.act, here.earlier)
    first = next((fact for fact in _asked(here, rule, duty) if fact.id not in settled), None)
    if first is None or first.id == duty.opened_by:
        return []
    before = [fact for fact in here.earlier if fact.at <= first.at and fact.id != first.id]
    due = deadlines.due(rule, first, before, stops.of_subject(here.pauses, duty.subject))
    return [] if due is None or max(due, here.act.at) == duty.due else _moved(here, rule, duty, due)


def _asked(here: Step, rule: DutyRule, duty: DutyState) -> list[Fact]:
    """Return the facts of before for which a duty is asked for: the one that opened it, and others like it since."""
    return [
        fact
        for fact in here.earlier
        if fact.id == duty.opened_by
        or (fact.at >= duty.opened_at and _concerns(fact, duty.subject) and accepted(rule.opened_by, fact))
    ]


def _outcome(here: Step, rule: DutyRule, duty: DutyState) -> list[Ruling]:
    """Return what the act makes of a live duty; an empty list if nothing.

    An act about a part of an order meets nothing before the whole.
    """
    act = here.act
    if act.kind not in rule.ended_by:
        return []
    common: dict[str, Any] = {
        "at": here.dated,
        "matter": duty.matter,
        "rule": duty.rule,
        "rulebook": duty.rulebook,
        "key": duty.key,
    }
    # Before all else: what was done nobody knows when can be neither in time nor late.
    if accepted(rule.unknown_by, act):
        return [Unknown(**common, unknown_by=act.id)]
    if rule.decided_after is None and accepted(rule.met_by, act):
        if "of_pieces" in act.data and not verdicts.is_whole(rule.met_by, act, here.earlier, duty.subject):
            return []
        if duty.status is DutyStatus.OPEN and act.at <= duty.due:
            return [Meet(**common, met_by=act.id)]
        late = moments.seconds(act.at - duty.due)
        pauses = stops.of_subject(here.pauses, duty.subject)
        on_clock = moments.seconds(deadlines.late_on_clock(rule, duty.due, act.at, pauses))
        cure = Cure(**common, cured_by=act.id, late_seconds=late, late_seconds_on_clock=on_clock)
        if duty.status is DutyStatus.BREACHED:
            return [cure]
        return [*_breached(here.books, duty, max(duty.due, duty.opened_at), here.newest, here.pauses), cure]
    if accepted(rule.waived_by, act):
        return [] if _stands(here, rule, duty) else [Waive(**common, waived_by=act.id)]
    if accepted(rule.voided_by, act):
        return [Void(**common, voided_by=act.id)]
    return []


def _breached(
    books: Rulebooks, duty: DutyState, at: datetime, newest: Newest, pauses: Sequence[Stretch]
) -> list[Ruling]:
    """Return the breach of `duty`, and the opening of the duty that its rule names: where a fact would open it, too."""
    breach = Breach(at=at, matter=duty.matter, rule=duty.rule, rulebook=duty.rulebook, key=duty.key, due=duty.due)
    book = books.version(duty.rulebook)
    following = book.by_name[duty.rule].breach.opens
    if not following:
        return [breach]
    rule = book.by_name[following]
    last = newest.get((rule.name, duty.subject))
    if last is not None and (last.live or not rule.repeats):
        return [breach]
    stopped = stops.of_subject(pauses, duty.subject)
    due = deadlines.after(rule, at, stopped)
    opened = Open(
        at=at,
        matter=duty.matter,
        rule=rule.name,
        rulebook=book.ref,
        # By the moment, too: a breach that moves opens another duty (decision 8).
        key=name_of("duty", rule.name, duty.key, moments.to_text(at)),
        subject=duty.subject,
        opened_by=duty.key,
        due=due,
        next_at=_timer(rule, at, due, 0, stopped),
    )
    return [breach, opened]


def _counted_by(rule: DutyRule, fact: Fact) -> str | None:
    if subject_kind(fact.subject) == rule.each:
        return fact.subject
    named = fact.data.get("dispute")
    if rule.each == "dispute" and isinstance(named, str):
        return named
    return fact.matter if subject_kind(fact.matter) == rule.each else None


def _timer(rule: DutyRule, opened_at: datetime, due: datetime, warned: int, pauses: Sequence[Stretch]) -> datetime:
    """Return the moment after `warned` warnings at which the clock looks again: the next warning, or the ruling."""
    if rule.warn_before:
        warnings = deadlines.warnings(rule, opened_at, due, pauses)
        if warned < len(warnings):
            return warnings[warned]
    return deadlines.decided_at(rule, opened_at, due)
