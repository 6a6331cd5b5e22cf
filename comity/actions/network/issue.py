"""An issue as the protocol has it: what a message says of it, and what may be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
#: All that an issue and an action may have, where the protocol allows no more.
_FIELDS: Final = (
    "id", "issue_id", "expected_response_time", "expected_resolution_time", "status", "level", "created_at",
    "updated_at", "source_id", "complainant_id", "respondent_ids", "resolver_ids", "last_action_id", "actions",
    "descriptor", "actors", "resolutions", "refs", "tags",
)  # fmt: skip
_ACTION: Final = ("id", "ref_id", "ref_type", "descriptor", "updated_at", "action_by", "tags", "actor_details")
MAX_ACTIONS, MAX_CHARS, MAX_EXPECTED = 500, 10_000, timedelta(days=3_650)


class Invalid(ValueError):
    """Not a message of the protocol: answered by NACK with IGM001; the message says what is wrong."""


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


def exact(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an issue as it may be sent: with the fields of the protocol and no others."""
    found = {name: body[name] for name in _FIELDS if name in body}
    if "actions" in found:
        found["actions"] = [{name: each[name] for name in _ACTION if name in each} for each in found["actions"]]
    return found


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
