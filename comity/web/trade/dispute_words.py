"""Sentences about disputes, made from codes and values: for whoever reads, in their zone and tongue."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.utils.translation import gettext, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from comity.actions.disputes.cases import Held
from comity.actions.money import said as money_said
from comity.lib.money import Money
from comity.policy.disputes.case import CONTESTED, Case, Stage
from comity.policy.disputes.contradictions import Contradiction
from comity.policy.disputes.edges import Step
from comity.policy.disputes.guide import Said
from comity.policy.disputes.openings import Window
from comity.policy.disputes.rule import DisputeRules
from comity.policy.disputes.turn import Turn
from comity.policy.disputes.turn import otherwise as by_rule
from comity.policy.follows import Decision
from comity.web.common import words
from comity.web.common.times import day, moment, until

_SIDES = {
    "buyer": gettext_lazy("the buyer"), "seller": gettext_lazy("the seller"), "mediator": gettext_lazy("the platform"),
    "agent": gettext_lazy("the platform"), "platform": gettext_lazy("the platform"),
    "carrier": gettext_lazy("the carrier"), "both": gettext_lazy("both sides"), "nobody": gettext_lazy("nobody"),
}  # fmt: skip


def side(who: str) -> str:
    """Return who somebody is, inside a sentence."""
    return str(_SIDES.get(who, who))


def length(span: timedelta) -> str:
    """Return a length of time in words: whole days as days, the rest as hours."""
    if span.days and not span.seconds:
        return ngettext("%(n)s day", "%(n)s days", span.days) % {"n": span.days}
    whole = int(span.total_seconds() // 3600)
    if not whole:
        return _("%(n)s min") % {"n": int(span.total_seconds() // 60)}
    return ngettext("%(n)s hour", "%(n)s hours", whole) % {"n": whole}


def reason_title(rules: DisputeRules, reason: str) -> str:
    """Return what a reason is called in its rulebook, translated where it is one of ours."""
    found = rules.reasons.get(reason)
    return gettext(found.title) if found is not None and found.title else reason


def turn(who: str, reader: str, *, waits: str = "") -> str:
    """Return whose turn it is; `reader`: the role of who reads."""
    if waits:
        return _("Time stands still: %(why)s.") % {"why": words.code(waits)}
    mine = "mediator" if reader in ("agent", "platform") else reader
    if who in (mine, "both") and mine != "mediator":
        return _("It is your turn.")
    return {
        "buyer": _("It is the buyer's turn."),
        "seller": _("It is the seller's turn."),
        "mediator": _("It is the platform's turn."),
        "both": _("It is the turn of both sides."),
    }.get(who, _("Nobody has to do anything now."))


def longer(causes: Iterable[tuple[str, timedelta]]) -> list[str]:
    """Return by how much a time is longer than the rule says, and why: a sentence for each cause."""
    said = _("The time is longer by %(length)s: %(why)s.")
    return [said % {"length": length(span), "why": words.code(cause, "pause")} for cause, span in causes]


def if_nobody_acts(now: Held, whose: Turn, amount: Money) -> str:
    """Return what happens in a case if nobody acts, whether a rule says so or not; empty where nothing does."""
    said = otherwise(whose.what, whose.value, amount, went=now.case.asked_for > 0)
    return said or goes_on(now.case.stage, whose.who)


def goes_on(stage: str, who: str) -> str:
    """Return what happens where the platform asked a side something and no rule says what follows from silence."""
    is_asked = stage == Stage.MEDIATION and who in ("buyer", "seller", "both")
    return _("the platform goes on without it") if is_asked else ""


def comes_next(now: Held, amount: Money) -> list[str]:
    """Return which time begins by the rules once goods that are on their way back arrive."""
    case = now.case
    is_under_way = case.stage is Stage.RETURNING and case.back.sent_at is not None and case.back.arrived_at is None
    if not is_under_way or case.back.stated_at is not None or now.book is None:
        return []
    found = []
    for rule in now.book.duties:
        if rule.each == "dispute" and any(match.fact == "return.delivered" for match in rule.opened_by):
            then = otherwise(*by_rule(rule), amount)
            said = _("Once the goods arrive: %(what)s (%(who)s). If not: %(then)s.")
            if then:
                found.append(said % {"what": gettext(rule.title), "who": side(rule.who), "then": then})
    return found


def label_ends(case: Case, whose: Turn) -> list[str]:
    """Return that a label ends before the time to send the goods back does."""
    ends = case.back.label_until
    if case.stage is not Stage.RETURNING or whose.who != "buyer" or ends is None or whose.until is None:
        return []
    if case.back.sent_at is not None or ends >= whose.until:
        return []
    return [_("The label can be used only until %(at)s: send it before.") % {"at": until(ends)}]


def sealed(case: Case, rounds: int) -> list[str]:
    """Return how it stands with sealed limits, where somebody began with them."""
    if case.stage not in CONTESTED or case.bid_round > rounds:
        return []
    if case.bids:
        who = next(iter(case.bids))
        other = "seller" if who == "buyer" else "buyer"
        said = _("A limit was sealed by %(who)s; if %(other)s seals one too, it may be settled in the middle.")
        return [said % {"who": side(who), "other": side(other)}]
    if case.bid_round > 1:
        return [
            _("The sealed limits were too far apart; both may seal others, in round %(n)s.") % {"n": case.bid_round}
        ]
    return []


def otherwise(what: str, value: str, amount: Money, *, went: bool = False) -> str:
    """Return what happens if nobody acts, with the amount; empty where nothing does. `went`: some went back already."""
    if what == "decide":
        return _decided(Decision.read(value), amount, went=went)
    if what == "close":
        if value == "for good":
            return _("the dispute is closed for good")
        return _("the dispute is closed; it may be opened again")
    said = {
        "escalate": _("the platform takes the case over"),
        "hand_over": _("the case goes to another agent"),
        "refund": _("%(amount)s goes back to the buyer") % {"amount": money_said(amount)},
        "revive": _("the claim lives again as it stood"),
        "cancel": _("the order is cancelled"),
        "assign": _("a course is to be taken"),
        "remind": _("a reminder is sent"),
    }
    return said.get(what, "")


def _decided(by: Decision, amount: Money, *, went: bool) -> str:
    if by.side == "buyer" and amount.minor:
        if by.cost in ("platform", "carrier"):
            said = _("it is decided for the buyer: %(amount)s goes back, at the cost of %(who)s")
            return said % {"amount": money_said(amount), "who": side(by.cost)}
        return _("it is decided for the buyer: %(amount)s goes back") % {"amount": money_said(amount)}
    if by.side == "buyer":
        return _("it is decided for the buyer, without a sum")
    if by.side == "seller" and went:
        return _("it is decided for the seller: nothing more goes back")
    if by.side == "seller":
        return _("it is decided for the seller: nothing goes back")
    return _("it is decided for %(who)s") % {"who": side(by.side)}


# Before a dispute

_NOW = {
    "cancelled": gettext_lazy("The order was cancelled."),
    "refunded": gettext_lazy("Money went back on %(at)s."),
    "refund_under_way": gettext_lazy("A refund is on its way since %(at)s."),
    "refund_awaited": gettext_lazy("The order was cancelled, and no refund has been seen yet."),
    "not_paid": gettext_lazy("Nobody has told yet that the order is paid."),
    "delivered": gettext_lazy("The carrier says: delivered on %(at)s."),
    "delivered_elsewhere": gettext_lazy("The carrier delivered it on %(at)s, but not to the address of the order."),
    "back_at_sender": gettext_lazy("The parcel is back with the seller."),
    "went_back": gettext_lazy("The parcel is on its way back to the seller."),
    "lost": gettext_lazy("The carrier says that the parcel is lost."),
    "carrier_has_it": gettext_lazy("The carrier has it."),
    "sent_without_scan": gettext_lazy("The seller says that it was sent; the carrier has reported nothing yet."),
    "not_sent": gettext_lazy("It has not been sent yet."),
    "partly_there": gettext_lazy("%(there)s of %(of)s parcels have arrived."),
    "return_confirmed": gettext_lazy("The seller has what you sent back."),
    "return_arrived": gettext_lazy("What you sent back reached the seller on %(at)s."),
    "return_on_its_way": gettext_lazy("What you sent back is on its way."),
    "promise_running": gettext_lazy("It was promised by %(until)s; there is still time."),
    "promise_broken": gettext_lazy("It was promised by %(until)s; that was not kept."),
    "promise_kept": gettext_lazy("It was promised by %(until)s; that was kept."),
    "promise_unknown": gettext_lazy("It was promised by %(until)s; when it arrived is not known."),
}
_UNTIL = {
    "carrier_has_it": gettext_lazy("It may arrive until %(until)s."),
    "not_sent": gettext_lazy("The seller has until %(until)s to send it."),
    "refund_awaited": gettext_lazy("It is to be there by %(until)s."),
    "refund_under_way": gettext_lazy("It is to be there by %(until)s."),
}
HELPS = {
    "wait": gettext_lazy("Wait: it may still come in time."),
    "follow_the_parcel": gettext_lazy("Follow the parcel on the order's page."),
    "ask_seller": gettext_lazy("Ask the seller."),
    "ask_carrier": gettext_lazy("Ask the carrier where exactly it was left."),
    "cancel": gettext_lazy("Ask the seller to cancel the order."),
    "look_around": gettext_lazy("Look where parcels are left: the door, the garage, the letter box."),
    "ask_neighbours": gettext_lazy("Ask your neighbours and those who live with you."),
    "check_address": gettext_lazy("Check the address of the order."),
    "ask_for_new_tracking": gettext_lazy("Ask the seller for another tracking number."),
    "ask_to_send_again": gettext_lazy("Ask the seller to send it once more."),
    "wait_for_other_parcels": gettext_lazy("Wait for the other parcels of the order."),
    "show_photos": gettext_lazy("Show the seller photos of it."),
    "ask_for_replacement": gettext_lazy("Ask the seller for a replacement."),
    "ask_for_discount": gettext_lazy("Ask the seller for a discount, and keep it."),
    "ask_for_missing_part": gettext_lazy("Ask the seller for the missing part."),
    "send_back": gettext_lazy("Send it back from the order's page."),
    "wait_for_refund": gettext_lazy("Wait for the refund."),
}


_UNTIL_OVER = {
    "carrier_has_it": gettext_lazy("It was to arrive until %(until)s."),
    "not_sent": gettext_lazy("The seller was to send it by %(until)s."),
    "refund_awaited": gettext_lazy("It was to be there by %(until)s."),
    "refund_under_way": gettext_lazy("It was to be there by %(until)s."),
}


def guide(said: Said, at: datetime) -> str:
    """Return one thing that is so before a dispute at a moment, with what is expected of it."""
    values = {name: moment(value) if isinstance(value, datetime) else value for name, value in said.values.items()}
    sentence = str(_NOW[said.code]) % {"at": "…", "until": "…", **values}
    end = said.values.get("until")
    if isinstance(end, datetime) and said.code in _UNTIL:
        sentence += " " + str((_UNTIL if at <= end else _UNTIL_OVER)[said.code]) % values
    return sentence


_WAITS_FOR = {
    "parcel": gettext_lazy("every parcel of the order has arrived"),
    "stop": gettext_lazy("what stops the time is over"),
    "order.paid": gettext_lazy("the order is paid"),
    "shipment.delivered": gettext_lazy("the parcel is delivered"),
    "shipment.dispatched": gettext_lazy("the order is sent"),
    "order.cancelled": gettext_lazy("the order is cancelled"),
}


def window(found: Window, at: datetime) -> str:
    """Return from when until when a dispute may be opened, and how that stands at a moment."""
    if found.begin is None:
        if not found.waits_for:
            return _("For this reason no dispute can be opened about this order.")
        why = str(_WAITS_FOR.get(found.waits_for, words.code(found.waits_for)))
        return _("You can open a dispute for this once %(what)s.") % {"what": why}
    if at < found.begin:
        return _("You can open a dispute for this from %(begin)s on.") % {"begin": moment(found.begin)}
    if found.end is None:
        return _("You can open a dispute for this now; its end is not fixed yet.")
    if at > found.end:
        return _("The time to open a dispute for this ended on %(end)s.") % {"end": moment(found.end)}
    return _("You can open a dispute for this until %(end)s.") % {"end": until(found.end)}


def counted(steps: tuple[Step, ...]) -> Iterator[str]:
    """Yield how the end of a window was counted, step by step."""
    for code, value in steps:
        shown = _counted_value(value)
        match code:
            case "from":
                yield _("counted from %(value)s") % {"value": shown}
            case "plus":
                yield _("plus %(value)s") % {"value": shown}
            case "end_of_day":
                yield _("to the end of %(value)s") % {"value": shown}
            case "stopped":
                yield _("without %(value)s in which time stood still") % {"value": shown}
            case "least":
                yield _("at least %(value)s after it went on") % {"value": shown}
            case "last_day":
                yield _("the last day is %(value)s") % {"value": shown}
            case "moved":
                yield _("moved to the working day %(value)s") % {"value": shown}


def _counted_value(value: object) -> str:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, timedelta):
        return length(value)
    return str(value)


# Words against facts

_SHOWN = {
    "carrier_has_it": gettext_lazy("a carrier's scan of %(at)s exists"),
    "only_a_label": gettext_lazy("there is only a label, of %(at)s"),
    "nothing_sent": gettext_lazy("no parcel was ever noted as sent"),
    "delivered_elsewhere": gettext_lazy("the carrier delivered it to %(told)s; it was to go to %(wanted)s"),
    "went_back": gettext_lazy("the parcel went back to the sender"),
    "lost": gettext_lazy("the carrier says that it is lost"),
    "no_scan": gettext_lazy("no carrier's scan exists"),
    "on_its_way": gettext_lazy("the carrier still has it"),
    "delivered": gettext_lazy("the carrier delivered it on %(at)s"),
    "receipt_confirmed": gettext_lazy("the buyer confirmed the receipt on %(at)s"),
    "judged_in_time": gettext_lazy("the buyer said on %(at)s that it came in time"),
    "in_time": gettext_lazy("it came on %(at)s, and was promised by %(promised)s"),
    "late": gettext_lazy("it came on %(at)s, and was promised by %(promised)s"),
    "answered": gettext_lazy("an answer of %(at)s exists"),
    "no_answer": gettext_lazy("no answer of a person exists"),
    "asked": gettext_lazy("a question of %(at)s exists"),
    "no_scan_of_return": gettext_lazy("no carrier's scan of the return exists"),
    "nothing_sent_back": gettext_lazy("nothing was noted as sent back"),
    "return_delivered": gettext_lazy("the carrier delivered the return on %(at)s"),
    "return_confirmed": gettext_lazy("the return was confirmed on %(at)s"),
    "return_weighed_less": gettext_lazy("the return weighed %(weighed_g)s g; the goods weigh %(goods_g)s g"),
    "return_weighed_full": gettext_lazy("the return weighed %(weighed_g)s g; the goods weigh %(goods_g)s g"),
    "weighed_full": gettext_lazy("the parcel weighed %(weighed_g)s g; the goods weigh %(goods_g)s g"),
    "refunded": gettext_lazy("money went back on %(at)s"),
    "no_refund": gettext_lazy("no refund was noted"),
    "address_not_changed": gettext_lazy("the address was never changed"),
}


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def claimed(code: str) -> str:
    """Return what a side said, as a sentence."""
    return words.code(code)


def contradiction(found: Contradiction) -> str:
    """Return what a side said, and what the facts show instead."""
    values = {name: moment(value) if isinstance(value, datetime) else value for name, value in found.values.items()}
    shown = str(_SHOWN.get(found.code, found.code)) % _Blank(values)
    said = _("%(side)s says: “%(claim)s” But %(shown)s.")
    return said % {"side": words.code(found.side), "claim": claimed(found.claim), "shown": shown}
