"""Whether a fact is sound: everything that is wrong with it, a sentence each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from comity.lib import moments
from comity.lib.money import is_currency
from comity.policy.facts.fact import EARLIEST, LATEST, PARTIES, Fact, reference, subject_kind
from comity.policy.facts.kind import ANYTHING, Field, Kind
from comity.policy.facts.kinds import KINDS, PAUSES

MAX_ID_CHARS = 200
MAX_TEXT_CHARS = 500
#: One of several that a text holds, with spaces between: a digest, a key, kind:id.
MAX_ONE_OF_SEVERAL_CHARS = 100
#: Ids of what a fact names.
MAX_NAMED_CHARS = 190
#: How far ahead of our clock another's may run before we call a time "in the future".
CLOCK_SKEW_SECONDS = 300


def problems(fact: Fact, *, now: datetime | None = None) -> Iterator[str]:
    """Yield, one sentence each, everything that is wrong with `fact`; nothing where it is sound.

    With `now`, a time more than CLOCK_SKEW_SECONDS ahead of it is wrong too.
    """
    kind = KINDS.get(fact.kind)
    if kind is None:
        yield f"unknown kind {fact.kind!r}; known kinds: {', '.join(KINDS)}"
        return
    yield from _bad_names(fact, kind)
    yield from _bad_times(fact, now)
    yield from _bad_data(fact, kind)


def _bad_names(fact: Fact, kind: Kind) -> Iterator[str]:
    for name in ("id", "subject", "matter", "party"):
        value = getattr(fact, name)
        if "\x00" in value:
            yield f"{name} cannot hold a NUL character"
        elif not value or len(value) > MAX_ID_CHARS:
            yield f"{name} must have 1 to {MAX_ID_CHARS} characters"
        elif name != "id" and not all(part.strip() for part in value.partition(":")):
            yield f"{name} must be written kind:id, such as order:1234; got {value!r}"
    if kind.subjects != ANYTHING and subject_kind(fact.subject) not in kind.subjects:
        yield f"{kind.name} is about {' or '.join(kind.subjects)}, not about {fact.subject!r}"
    if kind.matters != ANYTHING and subject_kind(fact.matter) not in kind.matters:
        yield f"the matter of {kind.name} must be {' or '.join(kind.matters)}:id, not {fact.matter!r}"
    if subject_kind(fact.subject) == subject_kind(fact.matter) and fact.subject != fact.matter:
        yield f"{kind.name} is about {fact.subject!r}, and cannot be judged under {fact.matter!r}"
    if any(subject_kind(each) in PARTIES and each != fact.party for each in (fact.subject, fact.matter)):
        yield f"{kind.name} of {fact.party!r} cannot be about another party"
    if subject_kind(fact.party) not in kind.parties:
        yield f"{kind.name} is a matter of the {' or '.join(kind.parties)}, not of {fact.party!r}"


def _bad_times(fact: Fact, now: datetime | None) -> Iterator[str]:
    if not EARLIEST <= fact.at <= LATEST:
        yield f"at ({fact.at.isoformat()}) must lie between {EARLIEST.year} and {LATEST.year}"
    if fact.at > fact.noted_at:
        yield f"at ({fact.at.isoformat()}) is after noted_at ({fact.noted_at.isoformat()})"
    if now is not None and (fact.at - now).total_seconds() > CLOCK_SKEW_SECONDS:
        yield f"at ({fact.at.isoformat()}) is in the future; now it is {now.isoformat()}"


def _bad_data(fact: Fact, kind: Kind) -> Iterator[str]:
    for name, field in kind.fields.items():
        # `from_` stands for `from`, which is a word of Python's.
        if field.required and fact.data.get(name.rstrip("_")) is None:
            yield f"{kind.name} needs data.{name.rstrip('_')}: {field.doc}"
    known = {name.rstrip("_"): field for name, field in kind.fields.items()}
    if fact.data.get("amount") is not None and "currency" in known and fact.data.get("currency") is None:
        yield "data.amount needs its data.currency"
    if fact.kind in PAUSES and (wrong := _no_stretch(fact)):
        yield wrong
    for name, value in fact.data.items():
        takes = known.get(name)
        if takes is None:
            yield f"{kind.name} has no field {name!r}; it has: {', '.join(known) or 'none'}"
        elif value is not None:
            yield from _bad_value(name, value, takes, fact)


def _no_stretch(fact: Fact) -> str:
    """Return what is wrong with the stretch of a pause; "" where it has one, or what is no moment is said elsewhere."""
    try:
        begin, end = (moments.parse(str(fact.data[name])) for name in ("from", "until"))
    except (LookupError, ValueError):
        return ""
    return "" if begin < end else "data.until must be after data.from"


def _bad_value(name: str, value: Any, field: Field, fact: Fact) -> Iterator[str]:
    wanted = str if field.type is datetime else field.type
    # In Python true and false are numbers, too.
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        yield f"data.{name} must be {_WORDS[field.type]}, not {value!r:.60}"
    else:
        yield from _out_of_bounds(name, value, field, fact)


def _out_of_bounds(name: str, value: Any, field: Field, fact: Fact) -> Iterator[str]:
    if field.type is datetime:
        try:
            moment = moments.parse(value)
            if not EARLIEST <= moment <= LATEST:
                yield f"data.{name} ({value}) must lie between {EARLIEST.year} and {LATEST.year}"
            elif moment < fact.at and field.not_before:
                yield f"data.{name} ({value}) is before the {fact.kind} itself ({moments.to_text(fact.at)})"
        except (ValueError, OverflowError) as error:
            yield f"data.{name}: {error}"
    elif field.choices and value not in field.choices:
        yield f"data.{name} must be one of {', '.join(field.choices)}, not {value!r:.60}"
    elif field.names and not _is_named(value, field.names.split()):
        written = " or ".join(f"{kind}:id" for kind in field.names.split())
        yield f"data.{name} must be written {written}, with 1 to {MAX_NAMED_CHARS} characters, not {value!r:.60}"
    elif field.currency and not is_currency(value):
        yield f"data.{name} must be a code of ISO 4217, such as EUR, not {value!r:.60}"
    elif field.least is not None and value < field.least:
        yield f"data.{name} must be at least {field.least}, not {value}"
    elif field.most is not None and value > field.most:
        yield f"data.{name} must be at most {field.most}, not {value}"
    elif isinstance(value, str) and "\x00" in value:
        yield f"data.{name} cannot hold a NUL character"
    elif field.several:
        given = value.split(" ")
        if len(given) > field.several:
            yield f"data.{name} holds {len(given)}, and at most {field.several}"
        elif max(map(len, given)) > MAX_ONE_OF_SEVERAL_CHARS:
            yield f"data.{name} holds one of more than {MAX_ONE_OF_SEVERAL_CHARS} characters"
    elif isinstance(value, str) and len(value) > MAX_TEXT_CHARS:
        yield f"data.{name} is longer than {MAX_TEXT_CHARS} characters"


def _is_named(value: str, kinds: Sequence[str]) -> bool:
    kind, identity = reference(value)
    return kind in kinds and 0 < len(identity) <= MAX_NAMED_CHARS


_WORDS = {str: "a text", int: "a whole number", bool: "true or false", datetime: "a time with its zone"}
