"""What may follow what in an issue, how what may not is called by the network, and what stands after a message.

An issue grows by actions that are appended; every message carries all of it. What stood before stands for ever: who
sends fewer actions was late, who sends other ones is refused. Two may append at once: what we appended meanwhile need
not be in what the other side sends. Action ids and who acted are not consistent even in the published examples, so
actions are told apart by their order and code; ours by their id too, which nobody else gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from comity.actions.network.issue import ACTIONS, LEVELS, Action, Issue, Resolution, status_of
from comity.lib import moments

#: What stays as it was said first.
_STAYS: Final = (
    "created_at", "refs", "expected_response_time", "expected_resolution_time", "source_id", "complainant_id",
    "descriptor",
)  # fmt: skip
#: What may not become another, and how the network calls it.
_MISMATCHED: Final[Mapping[str, str]] = {"ORDER": "IGM002", "FULFILLMENT": "IGM003", "ITEM": "IGM004"}
_PAYS: Final = frozenset({"RESOLUTION_PROPOSED", "RESOLUTION_CASCADED", "RESOLUTION_ACCEPTED"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message that can be read changes nothing: the network's code where it has one, and a sentence."""

    code: str
    why: str


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
