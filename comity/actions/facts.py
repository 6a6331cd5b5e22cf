"""Facts from outside: CloudEvents, each through the one door."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import DataError, IntegrityError

from comity.actions.enact import Refused, happened, sit, sit_together
from comity.actions.guard import Actor, require
from comity.lib import moments
from comity.policy.facts import CLOCK_SKEW_SECONDS, KINDS, MAX_ID_CHARS, Fact, Scalar, problems
from comity.records.models import Party
from comity.records.refs import named

logger = logging.getLogger(__name__)

_ABOUT = ("party", "matter")
#: What judging or keeping a fact raises that does not fit. A lost database, or a deadlock, is not the fact's fault.
_NOT_JUDGED = (LookupError, ArithmeticError, TypeError, ValueError, DataError, IntegrityError)
#: About how many facts are judged together: the party is locked meanwhile, on SQLite everybody.
SITTING = 500


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is not JSON; `why` says where."""

    why: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an event: recorded, known (nothing changed) or refused with its problems.

    judge_at  when it is judged at the latest, where it waits for what else may come; None where it is judged
    """

    id: str
    status: str
    problems: tuple[str, ...] = ()
    judge_at: datetime | None = None


def record(actor: Actor, event: Any, *, now: datetime) -> Recorded:
    """Record one CloudEvent as a fact, as `record_all` does."""
    return record_all(actor, [event], now=now)[0]


def record_all(actor: Actor, events: Iterable[Any], *, now: datetime, waits: bool = False) -> list[Recorded]:
    """Record CloudEvents as facts; return what became of each. One that is refused harms no other. Raises Forbidden.

    With `waits`, those of the past may be a part of what is told: they are judged with what comes within a minute.

    `type` is a fact's kind, `time` when it happened, `subject` what it is about; `data.party` says whose matter it is
    (role:uuid or role:external id; a list where it counts for several: then it is noted for all of them or for none),
    `data.matter` the subject under which it is judged (default: the subject itself);
    the rest of `data` are the fact's own fields. Facts of one party are judged together, about
    SITTING at a time, each matter whole.
    """
    require(actor, "fact.record")
    parties: dict[str, Party] = {}
    answers: dict[int, Recorded] = {}
    told: dict[Party, list[_Told]] = {}
    across: list[tuple[int, str, dict[Party, Fact]]] = []
    for number, event in enumerate(events):
        try:
            read = _read(event, now, parties)
            if len(read) > 1:
                across.append((number, event["id"], read))
            for party, fact in read.items() if len(read) == 1 else ():
                told.setdefault(party, []).append(_Told(number, event["id"], fact))
        except Refused as refused:
            identity = str(event.get("id", "")) if isinstance(event, dict) else ""
            answers[number] = Recorded(identity[:MAX_ID_CHARS], "refused", refused.problems)
    for party, items in told.items():
        for slice_ in _slices(items):
            answers |= _sit(party, slice_, waits=waits)
    for number, identity, counts_for in across:
        answers[number] = _sit_together(identity, counts_for)
    return [answers[number] for number in sorted(answers)]


def record_past(party: Party, facts: Iterable[tuple[int, Fact]]) -> Iterator[dict[int, Recorded]]:
    """Record facts of a party's past, each with its number; yield what became of them, slice by slice.

    They are judged as those of `record_all`, but nobody is told, and what would be placed for them is proposed.
    """
    for slice_ in _slices([_Told(number, fact.id, fact) for number, fact in facts]):
        yield _sit(party, slice_, imported=True)


class _Told(NamedTuple):
    """A fact, its place among the events, and its id there."""

    number: int
    identity: str
    fact: Fact


def _slices(items: Sequence[_Told]) -> Iterator[list[_Told]]:
    """Yield items in slices of about SITTING, no matter cut in two: half an order would be judged as if it were all."""
    matters: dict[str, list[_Told]] = {}
    for item in sorted(items, key=lambda item: (item.fact.place, item.number)):
        matters.setdefault(item.fact.matter, []).append(item)
    slice_: list[_Told] = []
    for of_one in matters.values():
        slice_ += of_one
        if len(slice_) >= SITTING:
            yield slice_
            slice_ = []
    if slice_:
        yield slice_


def _sit(party: Party, items: Sequence[_Told], *, imported: bool = False, waits: bool = False) -> dict[int, Recorded]:
    """Have facts of one party judged together; return what became of each, by its number.

    Where they cannot be judged, each is tried alone, so that none takes others with it.
    """
    try:
        sat = sit(party, [item.fact for item in items], imported=imported, waits=waits)
    except _NOT_JUDGED as error:
        if len(items) > 1:
            alone = (_sit(party, [item], imported=imported, waits=waits) for item in items)
            return {number: answer for answers in alone for number, answer in answers.items()}
        return {items[0].number: _not_judged(items[0].identity, error)}
    answers, seen = {}, dict(sat.known)
    for number, identity, fact in items:
        if wrong := sat.refused.get(fact.id):
            answers[number] = Recorded(identity, "refused", (wrong,))
        elif fact.id not in seen:
            seen[fact.id] = sat.own_words(fact)  # told twice in one request, it is known the second time
            answers[number] = Recorded(identity, "recorded", judge_at=sat.judge_at)
        elif differs := _differs(sat.own_words(fact), seen[fact.id]):
            answers[number] = Recorded(identity, "refused", (differs,))
        else:
            answers[number] = Recorded(identity, "known")
    return answers


def _not_judged(identity: str, error: Exception) -> Recorded:
    """Refuse what cannot be judged. Whoever calls this handles `error`."""
    logger.exception("the event %s cannot be judged", identity)
    why = f"it cannot be judged: {type(error).__name__}; it was not recorded, and can be told again"
    return Recorded(identity, "refused", (why,))


def _sit_together(identity: str, counts_for: dict[Party, Fact]) -> Recorded:
    """Have an event judged that counts for several parties; return what became of it."""
    try:
        sat = sit_together(counts_for)
    except Refused as refused:
        return Recorded(identity, "refused", refused.problems)
    except _NOT_JUDGED as error:
        return _not_judged(identity, error)
    known = [
        (each.own_words(counts_for[party]), each.known[fact_id])
        for party, each in sat.items()
        for fact_id in each.known
    ]
    if differs := next((text for told, before in known if (text := _differs(told, before))), ""):
        return Recorded(identity, "refused", (differs,))
    return Recorded(identity, "known" if len(known) == len(sat) else "recorded")


def _differs(told: Fact, known: Fact) -> str:
    """Return what is against an event whose id is known: another content, for a fact is never changed; else nothing."""
    differs = [name for name in ("kind", "subject", "matter", "data") if getattr(told, name) != getattr(known, name)]
    skew = timedelta(seconds=CLOCK_SKEW_SECONDS)
    # One a little in the future counted as the moment at which it was told.
    if told.at != known.at and not (timedelta() < told.at - known.at <= skew and known.noted_at - known.at <= skew):
        differs.append("time")
    if not differs:
        return ""
    return (
        f"this source and id was told on {moments.to_text(known.noted_at)} with another {', '.join(differs)}; "
        "what is new needs an id of its own"
    )


def _read(event: Any, now: datetime, parties: dict[str, Party]) -> dict[Party, Fact]:
    """Return an event as a fact of each party for which it counts; raise Refused.

    `parties` keeps those that were looked up.
    """
    if isinstance(event, Unreadable):
        raise Refused([f"not JSON: {event.why}"])
    if not isinstance(event, dict):
        raise Refused(["each item must be a JSON object, a CloudEvent"])
    wrong = [f"{name} is missing" for name in ("id", "source", "type", "subject", "time") if not event.get(name)]
    wrong += [
        f"{name} must be a text"
        for name in ("id", "source", "type", "subject", "time")
        if event.get(name) and not isinstance(event[name], str)
    ]
    if event.get("specversion") != "1.0":
        wrong.append('specversion must be "1.0"')
    data = event.get("data")
    named = data.get("party") if isinstance(data, dict) else None
    refs = [named] if isinstance(named, str) else named
    if not isinstance(refs, list) or not refs or not all(isinstance(ref, str) for ref in refs):
        wrong.append("data.party is missing: whose matter it is, such as seller:0191…, or a list of several")
    if wrong:
        raise Refused(wrong)
    assert isinstance(data, dict)
    assert isinstance(refs, list)
    kind = KINDS.get(event["type"])
    if kind is not None and not kind.from_outside:
        raise Refused([f"{kind.name} cannot come from outside; it follows from an action"])
    read: dict[Party, Fact] = {}
    for ref in dict.fromkeys(refs):
        party = parties.get(ref) or _party(ref)
        parties[ref] = party
        read[party] = _fact(event, data, party, ref, now)
    if wrong := list(dict.fromkeys(problem for fact in read.values() for problem in problems(fact, now=now))):
        raise Refused(wrong)
    return read


def _fact(event: dict[str, Any], data: dict[str, Any], party: Party, ref: str, now: datetime) -> Fact:
    def own(name: str) -> str:
        return party.ref if name == ref else name  # a party named by the shop's own id

    return Fact(
        # CloudEvents 1.0: an event is known by its source and id together.
        id=f"{event['source'].replace('|', '%7C')}|{event['id']}",
        kind=event["type"],
        at=_happened(event["time"], now),
        noted_at=now,
        subject=own(event["subject"]),
        matter=own(_matter(data, event["subject"])),
        party=party.ref,
        data=_fields(data),
    )


def _matter(data: dict[str, Any], subject: str) -> str:
    matter = data.get("matter", subject)
    if not isinstance(matter, str):
        raise Refused(["data.matter must be a text, such as order:1234"])
    return matter


def _fields(data: dict[str, Any]) -> dict[str, Scalar]:
    fields = {name: value for name, value in data.items() if name not in _ABOUT}
    wrong = [
        f"data.{name} must be a text, a whole number, true, false or null"
        for name, value in fields.items()
        if not isinstance(value, str | int | bool | None)
    ]
    wrong += [
        f"data.{name} is too large a number"
        for name, value in fields.items()
        # The databases' integers have 64 bits.
        if isinstance(value, int) and abs(value) > 2**62
    ]
    if wrong:
        raise Refused(wrong)
    return fields


def _happened(text: str, now: datetime) -> datetime:
    try:
        at = moments.parse(text)
    except (ValueError, OverflowError) as error:
        raise Refused([f"time: {error}"]) from None
    return happened(at, now)


def _party(ref: str) -> Party:
    party = named(ref)
    if party is None:
        raise Refused([f"data.party: there is no {ref:.100}; add it first (POST /api/v1/parties)"])
    return party
