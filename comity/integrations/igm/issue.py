"""An issue as the protocol has it: what a message says, what may follow what, and how what is refused is called.

An issue grows by actions that are appended; every message carries all of it. What stood before stands for ever: who
sends fewer actions was late, who sends other ones is refused. Two may append at once: what we appended meanwhile need
not be in what the other side sends. Action ids and who acted are not consistent even in the published examples, so
actions are told apart by their order and code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from comity.lib import moments

LEVELS: Final = ("ISSUE", "GRIEVANCE", "DISPUTE")
STATUSES: Final = ("OPEN", "PROCESSING", "RESOLVED", "CLOSED")
#: What each side may append: who complains by /issue, who answers by /on_issue.
ACTIONS: Final[Mapping[str, frozenset[str]]] = {
    "issue": frozenset({
        "OPEN", "INFO_REQUESTED", "INFO_PROVIDED", "INFO_NOT_AVAILABLE", "RESOLUTION_ACCEPTED", "RESOLUTION_REJECTED",
        "ESCALATED", "CLOSED",
    }),
    "on_issue": frozenset({
        "PROCESSING", "INFO_REQUESTED", "INFO_PROVIDED", "INFO_NOT_AVAILABLE", "INFO_PROCESSING", "CASCADED",
        "RESOLUTION_PROPOSED", "RESOLUTION_CASCADED", "RESOLUTION_FORWARDED", "RESOLUTION_PROCESSING", "RESOLVED",
    }),
}  # fmt: skip
#: What stays as it was said first.
_STAYS: Final = (
    "created_at", "refs", "expected_response_time", "expected_resolution_time", "source_id", "complainant_id",
    "descriptor",
)  # fmt: skip
#: All that an issue and an action may have, where the protocol allows no more.
_FIELDS: Final = (
    "id", "issue_id", "expected_response_time", "expected_resolution_time", "status", "level", "created_at",
    "updated_at", "source_id", "complainant_id", "respondent_ids", "resolver_ids", "last_action_id", "actions",
    "descriptor", "actors", "resolutions", "refs", "tags",
)  # fmt: skip
_ACTION: Final = ("id", "ref_id", "ref_type", "descriptor", "updated_at", "action_by", "tags", "actor_details")
#: What may not become another, and how the network calls it.
_MISMATCHED: Final[Mapping[str, str]] = {"ORDER": "IGM002", "FULFILLMENT": "IGM003", "ITEM": "IGM004"}
_PAYS: Final = frozenset({"RESOLUTION_PROPOSED", "RESOLUTION_CASCADED", "RESOLUTION_ACCEPTED"})
MAX_ACTIONS, MAX_CHARS, MAX_EXPECTED = 500, 10_000, timedelta(days=3_650)


class Invalid(ValueError):
    """Not a message of the protocol: answered by NACK with IGM001; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message that can be read changes nothing: the network's code where it has one, and a sentence."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Action:
    """One step: its id, its code, who did it, what it refers to, what is said with it; and all of it as it came."""

    id: str
    code: str
    by: str
    ref: str
    text: str
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Resolution:
    """A way out that is proposed: its code, of a refund the amount as it was written; and all of it as it came."""

    id: str
    code: str
    amount: str
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as one message tells it.

    expected   how long a resolution may take
    category   what it is about, such as ITM004
    refs       what it is about, by kind: ORDER, ITEM, FULFILLMENT …
    counts     how many pieces of an item, where it says
    body       all of it as it came
    """

    id: str
    level: str
    created_at: datetime
    expected: timedelta | None
    category: str
    text: str
    refs: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, int]
    actions: tuple[Action, ...]
    resolutions: tuple[Resolution, ...]
    body: Mapping[str, Any] = field(repr=False)

    @property
    def codes(self) -> list[str]:
        """What was done, in order."""
        return [action.code for action in self.actions]

    @property
    def status(self) -> str:
        """Where it stands, by its last steps: closed for ever; resolved until it is escalated; else open or in hand."""
        return status_of(self.codes)

    @property
    def about(self) -> tuple[str, tuple[str, ...], str]:
        """The order, items and category that a second complaint must not be about while the first is open."""
        items = tuple(sorted(self.refs.get("ITEM", ()) or self.refs.get("FULFILLMENT", ())))
        return ",".join(sorted(self.refs.get("ORDER", ()))), items, self.category


def status_of(codes: Sequence[str]) -> str:
    """Return the status that follows from what was done."""
    if "CLOSED" in codes:
        return "CLOSED"
    for code in reversed(codes):
        if code == "RESOLVED":
            return "RESOLVED"
        if code == "ESCALATED":
            return "PROCESSING"
    return "OPEN" if all(code == "OPEN" for code in codes) else "PROCESSING"


def read(said: object) -> Issue:
    """Read the issue of a message. Raises Invalid."""
    issue = object_(said, "message.issue")
    id_, level = text(issue, "id", needed=True), text(issue, "level", needed=True)
    if level not in LEVELS:
        raise Invalid(f"issue.level is one of {', '.join(LEVELS)}")
    if issue.get("status") not in STATUSES:
        raise Invalid(f"issue.status is one of {', '.join(STATUSES)}")
    try:
        created_at = moments.parse(text(issue, "created_at", needed=True))
    except (ValueError, OverflowError):
        raise Invalid("issue.created_at is no moment") from None
    actions = tuple(_action(each) for each in _list(issue, "actions"))
    if not 0 < len(actions) <= MAX_ACTIONS:
        raise Invalid(f"an issue has 1 to {MAX_ACTIONS} actions")
    descriptor = object_(issue.get("descriptor", {}), "issue.descriptor")
    refs, counts = _refs(issue)
    return Issue(
        id=id_, level=level, created_at=created_at, expected=_expected(issue), category=text(descriptor, "code"),
        text=text(descriptor, "long_desc") or text(descriptor, "short_desc"), refs=refs, counts=counts,
        actions=actions, resolutions=tuple(_resolution(each) for each in _list(issue, "resolutions")), body=issue,
    )  # fmt: skip


def against(
    known: Issue | None, told: Issue, api: str, since: datetime, now: datetime, own: str = ""
) -> Refusal | None:
    """Return why a message may not be followed; None where it may, also where it brings nothing new.

    known  the issue as it stands; None for a new one
    since  when it was first heard of here
    own    who we are
    """
    if known is None:
        if api != "issue" or told.codes[0] != "OPEN":
            return Refusal("IGM005", "there is no such issue here; it begins with OPEN by /issue")
        if told.level != "ISSUE":
            return Refusal("IGM007", "an issue begins at the level ISSUE")
        if told.codes.count("OPEN") > 1:
            return Refusal("IGM001", "an issue is opened once")
    elif (other := _other_than(known, told)) is not None:
        return other
    new = fresh(known, told, own)
    if new is None:
        return Refusal("IGM001", "what was done before never changes; actions are appended")
    if known is not None and "CLOSED" in known.codes and new:
        return Refusal("IGM001", "the issue is closed")
    for action in new:
        if action.code not in ACTIONS[api]:
            return Refusal("IGM001", f"{action.code} is not done by /{api}")
    if known is not None and new and "OPEN" in [action.code for action in new]:
        return Refusal("IGM001", "an issue is opened once")
    if "CLOSED" in [action.code for action in new[:-1]]:
        return Refusal("IGM001", "nothing is done to an issue after CLOSED")
    return _level_against(known, told, new, since, now) or _resolutions_against(known, told, new)


def merged(known: Issue | None, told: Issue, new: Sequence[Action]) -> dict[str, Any]:
    """Return an issue after a message that appends `new`: what was said first of what stood before stays."""
    codes = [*(known.codes if known is not None else ()), *(action.code for action in new)]
    if known is None:  # who complains proposes nothing
        return {name: told.body[name] for name in told.body if name != "resolutions"} | {"status": status_of(codes)}
    kept = {name: known.body[name] for name in _STAYS if name in known.body}
    body = {**told.body, **kept, "status": status_of(codes)}
    body["actions"] = [*(action.body for action in known.actions), *(action.body for action in new)]
    if "ESCALATED" not in [action.code for action in new]:
        body["level"] = known.level
    body["resolutions"] = [each.body for each in _proposed(known, told, new)]
    return body if body["resolutions"] else {name: body[name] for name in body if name != "resolutions"}


def exact(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an issue as it may be sent: with the fields of the protocol and no others."""
    found = {name: body[name] for name in _FIELDS if name in body}
    if "actions" in found:
        found["actions"] = [{name: each[name] for name in _ACTION if name in each} for each in found["actions"]]
    return found


def fresh(known: Issue | None, told: Issue, own: str = "") -> tuple[Action, ...] | None:
    """Return what a message appends; nothing where it came late or again; None where it tells the past otherwise.

    own  who we are: what we did meanwhile may not have been heard of, or stand behind what they did meanwhile
    """
    before, place = list(known.actions) if known is not None else [], 0
    ours = {(action.id, action.code) for action in before if own and action.by == own}
    for number, action in enumerate(told.actions):
        while place < len(before) and not _same(before[place], action, own) and own and before[place].by == own:
            place += 1
        if place == len(before):
            return tuple(each for each in told.actions[number:] if (each.id, each.code) not in ours)
        if before[place].code != action.code:
            return None
        place += 1
    return ()


def _same(before: Action, action: Action, own: str) -> bool:
    """Return if an action is the one that stood before: by its code, and an own one by its id too."""
    theirs = before.by == own and action.by != own and action.id != before.id
    return before.code == action.code and not theirs


def _other_than(known: Issue, told: Issue) -> Refusal | None:
    """Return the refusal of a message whose issue is about something else than it was."""
    if told.category and told.category != known.category:
        return Refusal("IGM001", "what an issue is about never changes; what is about something else is another issue")
    for kind, code in _MISMATCHED.items():
        named = known.refs.get(kind)
        if named and not set(told.refs.get(kind, ())) <= set(named):
            return Refusal(code, f"the issue is about {kind} {', '.join(named)}"[:300])
    return None


def _proposed(known: Issue | None, told: Issue, new: Sequence[Action]) -> tuple[Resolution, ...]:
    """Return the resolutions after a message: who answers adds to them, and none of them changes afterwards."""
    before = {each.id: each for each in known.resolutions} if known is not None else {}
    answers = any(action.code not in ACTIONS["issue"] for action in new)
    added = {each.id: each for each in told.resolutions if answers and each.id not in before}
    return (*before.values(), *added.values())


def _level_against(
    known: Issue | None, told: Issue, new: Sequence[Action], since: datetime, now: datetime
) -> Refusal | None:
    before = known.level if known is not None else "ISSUE"
    rises = any(action.code == "ESCALATED" for action in new)
    step = LEVELS.index(told.level) - LEVELS.index(before)
    if not rises:
        # A message that came late still says the level of before.
        return Refusal("IGM001", "a level rises by ESCALATED alone") if step > 0 and new else None
    if step > 1 or (before == "ISSUE" and told.level == "DISPUTE"):
        return Refusal("IGM007", "an issue goes to the grievance officer before it goes to a dispute")
    if step < 1:
        return Refusal("IGM007", "who escalates says the next level")
    assert known is not None
    if known.status == "RESOLVED" or known.expected is None:
        return None
    if now < since + known.expected:
        due = moments.to_text(since + known.expected)
        return Refusal("IGM007", f"the expected resolution time runs until {due}: it can be escalated then")
    return None


def _resolutions_against(known: Issue | None, told: Issue, new: Sequence[Action]) -> Refusal | None:
    proposed = {each.id: each for each in _proposed(known, told, new)}
    for action in new:
        accepts, found = action.code == "RESOLUTION_ACCEPTED", proposed.get(action.ref)
        if (accepts or action.code == "RESOLUTION_REJECTED") and found is None:
            return Refusal("IGM001", f"there is no resolution {action.ref[:60]!r}")
        if accepts and found is not None and found.code == "PARENT":
            return Refusal("IGM001", "one of the proposed resolutions is accepted, not all of them")
        if found is not None and found.code == "REFUND" and action.code in _PAYS and not _is_amount(found.amount):
            return Refusal("IGM001", "a refund needs an amount")
    return None


def _is_amount(written: str) -> bool:
    try:
        found = Decimal(written)
    except InvalidOperation:
        return False
    return found.is_finite() and found > 0


def _action(said: object) -> Action:
    action = object_(said, "issue.actions")
    descriptor = object_(action.get("descriptor", {}), "action.descriptor")
    code = text(descriptor, "code", needed=True)
    if not any(code in codes for codes in ACTIONS.values()):
        raise Invalid(f"there is no action {code[:60]!r}")
    words = text(descriptor, "long_desc") or text(descriptor, "short_desc")
    return Action(
        text(action, "id", needed=True), code, text(action, "action_by"), text(action, "ref_id"), words, action
    )


def _resolution(said: object) -> Resolution:
    resolution = object_(said, "issue.resolutions")
    code = text(object_(resolution.get("descriptor", {}), "resolution.descriptor"), "code", needed=True)
    amount = ""
    for group in _list(resolution, "tags"):
        for tag in _list(object_(group, "resolution.tags"), "list"):
            named = object_(object_(tag, "resolution.tags").get("descriptor", {}), "tag.descriptor")
            if named.get("code") in ("REFUND_AMOUNT", "AMOUNT"):
                amount = text(tag, "value")
    return Resolution(text(resolution, "id", needed=True), code, amount, resolution)


def _refs(issue: Mapping[str, Any]) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    refs: dict[str, tuple[str, ...]] = {}
    counts: dict[str, int] = {}
    for each in _list(issue, "refs"):
        ref = object_(each, "issue.refs")
        kind, id_ = text(ref, "ref_type", needed=True), text(ref, "ref_id", needed=True)
        refs[kind] = (*refs.get(kind, ()), id_)
        for group in _list(ref, "tags"):
            for tag in _list(object_(group, "refs.tags"), "list"):
                named = object_(object_(tag, "refs.tags").get("descriptor", {}), "tag.descriptor").get("code")
                value = str(tag.get("value", ""))
                if named == "quantity.selected.count":
                    if not (value.isascii() and value.isdecimal() and 0 < len(value) < 6 and int(value)):
                        raise Invalid("a count of pieces is a whole number from 1")
                    counts[id_] = int(value)
    return refs, counts


def _expected(issue: Mapping[str, Any]) -> timedelta | None:
    said = object_(issue.get("expected_resolution_time", {}), "issue.expected_resolution_time")
    if not (duration := text(said, "duration")):
        return None
    try:
        found = msgspec.convert(duration, timedelta)
    except (msgspec.ValidationError, OverflowError):
        raise Invalid("issue.expected_resolution_time is no duration of days, hours, minutes and seconds") from None
    if not timedelta() <= found <= MAX_EXPECTED:
        raise Invalid(f"issue.expected_resolution_time is between none and {MAX_EXPECTED.days} days")
    return found


def object_(said: object, where: str) -> Mapping[str, Any]:
    """Return what is an object. Raises Invalid."""
    if not isinstance(said, dict):
        raise Invalid(f"{where} is an object")
    return said


def _list(said: Mapping[str, Any], name: str) -> list[Any]:
    found = said.get(name) or []
    if not isinstance(found, list) or len(found) > MAX_ACTIONS:
        raise Invalid(f"{name} is a list of at most {MAX_ACTIONS}")
    return found


def text(said: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    """Return a text of an object, empty where there is none. Raises Invalid."""
    found = said.get(name, "")
    if not isinstance(found, str) or len(found) > MAX_CHARS or "\x00" in found:
        raise Invalid(f"{name} is a text of at most {MAX_CHARS} characters")
    if needed and not found:
        raise Invalid(f"{name} is missing")
    return found
