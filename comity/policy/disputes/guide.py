"""What stands before a dispute: where the order is, what was promised, from when one may be opened, what helps. Pure.

Codes and values, no sentences: the guided opening says them in the reader's language. Most cases end with what is
suggested here, before anything is opened.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from comity.policy.disputes.openings import window
from comity.policy.disputes.parcels import Course, Return, course, goes_back, in_time, promised
from comity.policy.disputes.rule import DisputeRules
from comity.policy.facts import Fact, moment_of

Value: TypeAlias = str | int | bool | datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is so: a code, what a sentence about it needs, the ids of the facts that show it."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opens:
    """From when until when a dispute for a reason may be opened, and how that stands now.

    state    open, ahead (`begin` is still to come), over, or never (nothing that has happened lets it be opened)
    helps    what usually settles such a case before there is one, the first best: codes of HELPS
    """

    reason: str
    state: str
    begin: datetime | None
    end: datetime | None
    helps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """What the guided opening shows: what is so, the promise, and each reason with its window."""

    now: tuple[Said, ...]
    promise: Said | None
    opens: tuple[Opens, ...]


HELPS = (
    "wait", "follow_the_parcel", "ask_seller", "ask_carrier", "cancel", "look_around", "ask_neighbours",
    "check_address", "ask_for_new_tracking", "ask_to_send_again", "wait_for_other_parcels", "show_photos",
    "ask_for_replacement", "ask_for_discount", "ask_for_missing_part", "send_back", "wait_for_refund",
)  # fmt: skip


def guide(rules: DisputeRules, facts: Iterable[Fact], *, at: datetime, refund_until: datetime | None = None) -> Guide:
    """Return what stands before a dispute about an order, by its matter's facts up to `at`.

    `refund_until`: until when the refund of a cancelled order is to be there, where the marketplace says so.
    """
    known = [fact for fact in in_time(facts) if fact.at <= at]
    way, back, (by, said) = course(known), goes_back(known), promised(known)
    promise = None
    if by is not None:
        promise = Said(f"promise_{_kept(way, by, at)}", {"until": by}, (said,))
    now = tuple(_now(known, way, back, by, refund_until))
    codes = {each.code for each in now}
    opens = tuple(_opens(rules, reason, known, codes, at) for reason in rules.reasons)
    return Guide(now, promise, opens)


def _kept(way: Course, by: datetime, at: datetime) -> str:
    if way.state != "delivered":
        return "running" if at <= by else "broken"
    if way.at is None:  # nobody told when it arrived
        return "unknown"
    return "kept" if way.at <= by else "broken"


def _now(
    facts: Sequence[Fact], way: Course, back: Return, by: datetime | None, refund_until: datetime | None
) -> Iterator[Said]:
    """Yield what is so of an order: its end first, then where it is, then what goes back."""
    newest = {fact.kind: fact for fact in facts}
    cancelled = newest.get("order.cancelled")
    if cancelled is not None:
        yield Said("cancelled", {"at": cancelled.at}, (cancelled.id,))
    yield from _money(newest, is_cancelled=cancelled is not None, until=refund_until)
    if "order.paid" not in newest and cancelled is None:
        yield Said("not_paid")
    elif cancelled is None or way.state != "unsent":
        yield _where(newest, way, by)
    if 0 < way.there < len(way.parcels):
        yield Said("partly_there", {"there": way.there, "of": len(way.parcels)})
    if back.confirmed_at is not None:
        yield Said("return_confirmed", {"at": back.confirmed_at}, (back.confirmed_by,))
    elif back.arrived_at is not None:
        yield Said("return_arrived", {"at": back.arrived_at}, (back.arrived_by,))
    elif back.sent_at is not None:
        yield Said("return_on_its_way", {"at": back.posted_at or back.sent_at}, (back.posted_by or back.sent_by,))


def _money(newest: Mapping[str, Fact], *, is_cancelled: bool, until: datetime | None) -> Iterator[Said]:
    told = [newest[kind] for kind in ("refund.instructed", "order.refunded", "refund.failed") if kind in newest]
    last = max(told, key=lambda fact: fact.place, default=None)
    if last is not None and last.kind == "order.refunded":
        amount = {name: last.data[name] for name in ("amount", "currency") if last.data.get(name) is not None}
        yield Said("refunded", {"at": last.at, **{name: value or 0 for name, value in amount.items()}}, (last.id,))
    elif last is not None and last.kind == "refund.instructed":
        yield Said("refund_under_way", {"at": last.at} | ({"until": until} if until else {}), (last.id,))
    elif is_cancelled and "order.paid" in newest:
        yield Said("refund_awaited", {"until": until} if until else {})


def _where(newest: Mapping[str, Fact], way: Course, by: datetime | None) -> Said:
    """Return where the order is: of several parcels, the one that is behind."""
    since: dict[str, Value] = {"at": way.at} if way.at is not None else {}
    match way.state:
        case "delivered":
            return Said("delivered", {**since, "signed": way.signed}, way.because)
        case "elsewhere":
            differs = next((parcel.differs for parcel in way.parcels if parcel.state == "elsewhere"), "")
            return Said("delivered_elsewhere", {**since, "differs": differs}, way.because)
        case "returned":
            is_there = any(parcel.at_sender for parcel in way.parcels if parcel.state == "returned")
            return Said("back_at_sender" if is_there else "went_back", since, way.because)
        case "lost":
            return Said("lost", since, way.because)
        case "transit":
            return Said("carrier_has_it", since | ({"until": by} if by is not None else {}), way.because)
        case "declared":
            return Said("sent_without_scan", since, way.because)
    paid = newest.get("order.paid")
    text = paid.data.get("dispatch_by") if paid is not None else None
    return Said("not_sent", {"until": moment_of(text)} if isinstance(text, str) else {})


def _opens(rules: DisputeRules, reason: str, facts: Sequence[Fact], codes: set[str], at: datetime) -> Opens:
    begin, end = window(rules, reason, facts)
    if begin is None:
        state = "never"
    elif at < begin:
        state = "ahead"
    else:
        state = "over" if end is not None and at > end else "open"
    return Opens(reason, state, begin, end, tuple(_helps(reason, codes, is_open=state == "open")))


def _helps(reason: str, codes: set[str], *, is_open: bool) -> Iterator[str]:
    """Yield what usually settles a case: by where the order is for one that did not come, else by what is wrong."""
    kind = " ".join(reason.lower().replace("_", " ").split())
    if codes & {"refund_awaited", "refund_under_way"}:
        yield "wait_for_refund"
        yield "ask_seller"
        return
    if "partly_there" in codes and kind in _SOMETHING_MISSING:
        yield "wait_for_other_parcels"
    named = _BY_REASON.get(kind)
    if named is not None:
        yield from named
        return
    for code, helps in _BY_PLACE.items():
        if code in codes:
            yield from (each for each in helps if each != "wait" or not is_open)
            return
    yield "ask_seller"


_SOMETHING_MISSING = ("not received", "incomplete", "missing", "missing pieces")
_BY_REASON: Mapping[str, tuple[str, ...]] = {
    "not as described": ("show_photos", "ask_seller", "ask_for_discount", "send_back"),
    "damaged": ("show_photos", "ask_for_replacement", "ask_for_discount"),
    "defective": ("show_photos", "ask_seller", "ask_for_replacement"),
    "incomplete": ("show_photos", "ask_for_missing_part"),
    "missing": ("show_photos", "ask_for_missing_part"),
    "missing pieces": ("show_photos", "ask_for_missing_part"),
    "wrong item": ("show_photos", "ask_for_replacement", "send_back"),
    "counterfeit": ("show_photos", "ask_seller"),
    "changed mind": ("send_back",),
    "refund not received": ("wait_for_refund", "ask_seller"),
}
#: Where the order is, what helps one who waits for it; `wait` no longer, once a dispute may be opened.
_BY_PLACE: Mapping[str, tuple[str, ...]] = {
    "delivered": ("look_around", "ask_neighbours", "ask_carrier", "ask_seller"),
    "delivered_elsewhere": ("check_address", "ask_seller", "ask_carrier"),
    "back_at_sender": ("check_address", "ask_to_send_again", "ask_seller"),
    "went_back": ("check_address", "ask_to_send_again", "ask_seller"),
    "lost": ("ask_to_send_again", "ask_seller"),
    "carrier_has_it": ("wait", "follow_the_parcel", "ask_seller"),
    "sent_without_scan": ("wait", "ask_for_new_tracking", "ask_seller"),
    "not_sent": ("wait", "ask_seller", "cancel"),
    "not_paid": ("ask_seller",),
    "cancelled": ("ask_seller",),
}
