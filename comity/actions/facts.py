"""Facts from outside: CloudEvents, each through the one door."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from comity.actions.enact import Refused, enact, happened
from comity.actions.guard import Actor, require
from comity.lib import moments
from comity.policy.facts import KINDS, MAX_ID_CHARS, Fact, Scalar, reference
from comity.records import statements
from comity.records.models import Party

_ABOUT = ("party", "matter")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is not JSON; `why` says where."""

    why: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an event: recorded, known (nothing changed) or refused with its problems."""

    id: str
    status: str
    problems: tuple[str, ...] = ()


def record(actor: Actor, event: Any, *, now: datetime) -> Recorded:
    """Record one CloudEvent as a fact: `type` is its kind, `time` when it happened, `subject` what it is about.

    `data.party` says whose matter it is (role:uuid or role:external id), `data.matter` the subject under which it is
    judged (default: the subject itself); the rest of `data` are the fact's own fields. Raises Forbidden.
    """
    require(actor, "fact.record")
    if isinstance(event, Unreadable):
        return Recorded("", "refused", (f"not JSON: {event.why}",))
    if not isinstance(event, dict):
        return Recorded("", "refused", ("each item must be a JSON object, a CloudEvent",))
    identity = str(event.get("id", ""))[:MAX_ID_CHARS]
    try:
        party, fact = _read(event, now)
        if enact(party, fact, once=True) is not None:
            return Recorded(identity, "recorded")
        _same(fact, statements.fact(party.pk, fact.id))
    except Refused as refused:
        return Recorded(identity, "refused", refused.problems)
    return Recorded(identity, "known")


def _same(told: Fact, known: Fact) -> None:
    """Return if an event tells again what is known by its id; else raise Refused: a fact is never changed."""
    differs = [name for name in ("kind", "subject", "matter", "data") if getattr(told, name) != getattr(known, name)]
    if told.at != known.at and known.at != known.noted_at:  # a little in the future counted as the moment it was told
        differs.append("time")
    if differs:
        raise Refused(
            [
                f"this source and id was told on {moments.to_text(known.noted_at)} with another {', '.join(differs)}; "
                "what is new needs an id of its own"
            ]
        )


def _read(event: dict[str, Any], now: datetime) -> tuple[Party, Fact]:
    wrong = [f"{name} is missing" for name in ("id", "source", "type", "subject", "time") if not event.get(name)]
    wrong += [
        f"{name} must be a text"
        for name in ("id", "source", "type", "subject", "time")
        if event.get(name) and not isinstance(event[name], str)
    ]
    if event.get("specversion") != "1.0":
        wrong.append('specversion must be "1.0"')
    data = event.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("party"), str):
        wrong.append("data.party is missing: whose matter it is, such as seller:0191…")
    if wrong:
        raise Refused(wrong)
    assert isinstance(data, dict)
    kind = KINDS.get(event["type"])
    if kind is not None and not kind.from_outside:
        raise Refused([f"{kind.name} cannot come from outside; it follows from an action"])
    party = _party(data["party"])
    fact = Fact(
        # CloudEvents 1.0: an event is known by its source and id together.
        id=f"{event['source']}|{event['id']}",
        kind=event["type"],
        at=_happened(event["time"], now),
        noted_at=now,
        subject=event["subject"],
        matter=_matter(data, event["subject"]),
        party=party.ref,
        data=_fields(data),
    )
    return party, fact


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
    role, identity = reference(ref)
    parties = Party.objects.filter(role=role)
    # The shop's own id first, for it may look like one of ours. PostgreSQL does not take NUL in a text.
    party = parties.filter(external_id=identity).first() if "\x00" not in identity else None
    if party is None:
        try:
            party = parties.filter(uuid=UUID(identity)).first()
        except ValueError:
            party = None
    if party is None:
        raise Refused([f"data.party: there is no {ref:.100}; add it first (POST /api/v1/parties)"])
    return party
