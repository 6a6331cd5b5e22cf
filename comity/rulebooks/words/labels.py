"""What each field of a rule is called, and the phrase in which its value stands: one line for each key of the language.

Here are codes and texts alone. `tongue` makes sentences of them, `parts` puts a rulebook together. Texts are marked
by `_` for the catalogue: pages translate them, the terminal shows them as they stand.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field
from datetime import timedelta
from typing import Any, NamedTuple

from comity.policy.checks import Checklist, Item
from comity.policy.conduct.rule import ConductRule
from comity.policy.disputes.edges import Edge, Stop
from comity.policy.disputes.rule import (
    Bidding,
    DisputeRules,
    Ground,
    Hold,
    Opening,
    Phase,
    Reason,
    Row,
    SmallClaims,
)
from comity.policy.duties.rule import DutyRule, Season
from comity.policy.facts import DERIVED_CAUSES
from comity.policy.facts.standing import HOLIDAY
from comity.policy.identity.rule import EvasionRule
from comity.policy.plans.rule import PlanRule
from comity.policy.reviews.rule import ReviewRules
from comity.policy.rulebook import Accepted, PowerRule, Rulebook
from comity.policy.sanctions.measures import NOTHING, ChargeOf, Consequences, Rung
from comity.policy.sanctions.rule import Accrual, Earning, LedgerRule
from comity.policy.standards.rates import Bound, Limit
from comity.policy.standards.rule import Basis, Level, StandardRule, Window
from comity.policy.time.clocks import ALWAYS, Clock, Deferral


class Told(NamedTuple):
    """How a field is told.

    label    what it is called
    phrase   in what its value stands; of a field that is true or false, what is said where it is true
    empty    what is said where it has no value; "" is silence
    how      how its value is meant, a method of `Tongue`; "" goes by the value's type
    words    the texts of its values, where these are a few codes
    place    where it stands: a `line` of its own or a part of its noun's phrase; `follows` after "if not"; the rule's
             `heading` or `source`; the name of an `entry` of a ladder; a `ladder` of such entries; a `section` of
             the rulebook; `told` where another field's words say it
    joint    what stands between it and the phrase before it
    """

    label: str
    phrase: str = "%(value)s"
    empty: str = ""
    how: str = ""
    words: Mapping[str, str] = {}
    place: str = "line"
    joint: str = ", "


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


_EACH = {
    "conversation": _("conversation"), "order": _("order"), "shipment": _("parcel"), "dispute": _("dispute"),
    "listing": _("listing"), "seller": _("seller"), "sanction": _("measure"), "fact": _("fact"), "duty": _("duty"),
    "plan": _("improvement plan"),
}  # fmt: skip
_OUTCOMES = {
    "met": _("done in time"), "breached": _("not done in time"), "waived": _("no longer asked for"),
    "voided": _("fell away"), "unknown": _("not known"),
}  # fmt: skip
_VERBS = {
    "waive": _("waive duties"), "pause": _("pause duties"), "excuse": _("excuse"), "suspend": _("decide on measures"),
    "lift": _("lift measures"), "reverse": _("reverse measures"), "publish": _("publish rules"),
    "compare": _("see how each agent decides"),
}  # fmt: skip
_OFFERS = {
    "refund": _("all the money back"), "partial refund": _("a part of the money back"),
    "return and refund": _("goods back, money back"), "replacement": _("another one"), "resend": _("sent once more"),
    "repair": _("a repair"), "discount": _("kept, at a lower price"), "nothing": _("nothing"),
}  # fmt: skip
MAY = {
    "modify": _("change the claim"), "accept": _("accept"), "reject": _("reject"), "offer": _("make an offer"),
    "withdraw": _("withdraw"), "give evidence": _("give evidence"), "escalate": _("ask the platform"),
    "propose": _("propose"), "decide": _("decide"), "appeal": _("appeal"), "hear appeal": _("hear an appeal"),
    "send back": _("send the goods back"), "confirm return": _("confirm the goods that came back"),
    "ask for information": _("ask for information"), "give information": _("give information"),
    "settle": _("pay all that is asked"),
}  # fmt: skip
_NAME = Told(_("Name"), how="text", place="heading")
_TITLE = Told(_("Title"), how="title", place="heading")
_ENTRY = Told(_("Name"), how="text", place="entry")
SOURCE = Told(_("Source"), how="text", place="source")
#: The head says in which zone all of it is meant.
_ZONE = Told(_("Time zone"), how="text", place="told")
_NOTIFY = Told(_("Who is told"), _("told: %(value)s"))

TOLD: Mapping[type, Mapping[str, Told]] = {
    Rulebook: {
        "name": _NAME,
        "version": Told(_("Version"), how="text", place="heading"),
        "title": _TITLE,
        "in_force_from": Told(_("In force from"), place="heading"),
        "announced_on": Told(_("Announced")),
        "notice": Told(_("Notice"), _("everyone is told %(value)s before")),
        "change": Told(_("Kind of change"), words={
            "material": _("what is due changes"), "editorial": _("the wording alone"),
        }),
        "charges_from": Told(_("Breaches are charged from"), place="heading"),
        "markets": Told(_("For"), how="text"),
        "zone": Told(_("Time zone"), how="text"),
        "language": Told(_("Version of the language"), place="told"),
        "left_out": Told(_("Left out"), how="text", place="ladder"),
        "source": SOURCE,
        "duties": Told(_("What is due"), place="section"),
        "standards": Told(_("Standards"), place="section"),
        "conduct": Told(_("Conduct"), place="section"),
        "ledgers": Told(_("Ledgers and what they lead to"), place="section"),
        "clocks": Told(_("Clocks"), place="section"),
        "dispute": Told(_("Disputes"), place="section"),
        "reviews": Told(_("Reviews"), place="section"),
        "evasion": Told(_("Coming back with another account"), place="section"),
        "checklists": Told(_("Checks before shipping"), place="section"),
        "powers": Told(_("Who may do what"), place="section"),
        "accepted": Told(_("What is known and accepted"), place="section"),
    },
    PowerRule: {
        "who": Told(_("Who"), place="entry"),
        "may": Told(_("May"), _("may %(value)s"), empty=_("may do none of this"), words=_VERBS),
        "may_not": Told(_("May not"), _("may not %(value)s"), words=_VERBS),
    },
    Accepted: {
        "finding": Told(_("Finding"), how="text", place="entry"),
        "reason": Told(_("Reason"), how="text"),
    },
    DutyRule: {
        "name": _NAME,
        "title": _TITLE,
        "who": Told(_("Who")),
        "each": Told(_("For each"), words=_EACH),
        "within": Told(_("How long")),
        "by": Told(_("By when"), how="named"),
        "by_fact": Told(_("As promised when"), how="kind"),
        "plus": Told(_("How much later"), _("%(value)s more")),
        "clock": Told(_("Clock")),
        "seasons": Told(_("In season")),
        "opened_by": Told(_("Begins when"), empty=_("another duty was not done")),
        "latest": Told(_("Counted from"), _("the latest such event")),
        "counts_before": Told(_("If done earlier"), _("it counts too")),
        "repeats": Told(_("Again"), _("each time after it has ended")),
        "not_after": Told(_("Does not begin after")),
        "anew_after": Told(_("But does again after")),
        "met_by": Told(_("Done by")),
        "decided_after": Told(_("Decided"), _("%(value)s after the deadline, by what is known then; else not counted")),
        "broken_by": Told(_("Too late by")),
        "waived_by": Told(_("No longer asked for when")),
        "voided_by": Told(_("Falls away when")),
        "unknown_by": Told(_("Not judged when")),
        "pauses": Told(_("Paused by"), empty=_("nothing")),
        "holiday_limit": Told(
            _("Holidays pause it"), _("for at most %(value)s in a year"), empty=_("without a limit"), how="days"
        ),
        "warn_before": Told(_("Warned"), _("%(value)s before")),
        "breach": Told(_("If not"), empty=_("it is noted, nothing else")),
        "zone": _ZONE,
        "source": SOURCE,
    },
    Season: {
        "first": Told(_("From"), _("from %(value)s"), how="month_day"),
        "last": Told(_("Until"), _("to %(value)s"), how="month_day", joint=" "),
        "within": Told(_("How long"), joint=": "),
        "yearly": Told(_("Every year"), _("every year")),
    },
    Consequences: {
        "charge": Told(_("Points")),
        "decide": Told(_("Decision"), _("the dispute is decided for the %(value)s"), how="side", joint="; "),
        "cost": Told(_("At whose cost"), _("at the cost of the %(value)s"), how="side"),
        "amount": Told(_("What is paid"), words={"asked": _("all that is asked"), "nothing": _("nothing is paid")}),
        "revive": Told(_("The claim"), _("the claim lives again as it stood"), joint="; "),
        "escalate": Told(_("Escalation"), _("the platform takes the dispute over"), joint="; "),
        "hand_over": Told(_("Handing over"), _("the case goes to another agent"), joint="; "),
        "close": Told(_("Closing"), joint="; ", words={
            "for good": _("the dispute is closed for good"),
            "open again": _("the dispute is closed, and may be opened again"),
        }),
        "refund": Told(_("Refund"), _("what was agreed is paid"), joint="; "),
        "remind": Told(_("Reminder"), _("who is late is told once more"), joint="; "),
        "plan": Told(_("Improvement plan"), joint="; ", words={
            "failed": _("the improvement plan has failed"),
            "accepted": _("the improvement plan is accepted"),
            "checked": _("the improvement plan is held against its standard"),
        }),
        "cancel": Told(_("Cancellation"), _("the order is cancelled"), joint="; "),
        "opens": Told(_("Next duty"), _("another duty begins: %(value)s"), how="text", joint="; "),
        "assign": Told(_("Course"), _("a course must be taken: %(value)s"), how="text", joint="; "),
        "measure": Told(_("Measure"), joint="; "),
        "notify": _NOTIFY._replace(joint="; "),
    },
    ChargeOf: {
        "ledger": Told(_("Ledger"), how="text"),
        "points": Told(_("Points")),
    },
    Rung: {
        "at": Told(_("At"), place="entry"),
        "every": Told(_("Again at each further"), _("and each further %(value)s"), place="entry"),
        "measure": Told(_("Measure")),
        "length": Told(_("Length"), _("for %(value)s"), empty=_("without end"), how="days", joint=" "),
        "notice": Told(_("Notice"), _("after a notice of %(value)s")),
        "decided_by": Told(_("Decided by"), words={
            "automatic": _("by the rule alone"), "reviewer": _("if a person approves"),
            "two reviewers": _("if two people approve"),
        }),
        "restored_by": Told(_("Until"), _("until: %(value)s")),
        "appeals": Told(_("Appeals"), _("appeal within %(value)s")),
        "needs": Told(_("Waits for"), words={
            "warning": _("only after a warning that was received and not heeded"),
            "told warning": _("only after a warning that was received"),
            "failed plan": _("only after the improvement plan has failed"),
        }),
        "most": Told(_("Orders a day"), _("at most %(value)s orders a day")),
        "source": SOURCE,
    },
    StandardRule: {
        "name": _NAME,
        "title": _TITLE,
        "who": Told(_("Who")),
        "of_duty": Told(_("Counts"), _("what became of the duty %(value)s"), how="text"),
        "each": Told(_("Counts once for each"), words=_EACH),
        "counted": Told(_("Counts when")),
        "faulty": Told(_("Faulty when")),
        "excluded": Told(_("Not counted when")),
        "cleared": Told(_("Not faulty after all when")),
        "counted_outcomes": Told(_("Outcomes that count"), words=_OUTCOMES),
        "faulty_outcomes": Told(_("Faulty outcomes"), words=_OUTCOMES),
        "basis": Told(_("Dated by")),
        "duty_basis": Told(_("Dated by"), words={
            "opened": _("when the duty began"), "due": _("when it was due"), "ended": _("when it ended"),
        }),
        "value": Told(_("Value"), how="named"),
        "windows": Told(_("Looks back")),
        "mode": Told(_("Of several windows"), words={
            "all": _("all must keep the limit"), "choose": _("the first with enough in it counts"),
            "weighted": _("all count by their weight"),
        }),
        "lag": Told(_("Ends before"), _("ending %(value)s before"), how="days"),
        "evaluated": Told(_("Evaluated")),
        "continuous": Told(_("Evaluated"), _("every midnight; follows when it gets worse"), place="told"),
        "certain": Told(_("Decides"), _("by evidence"), place="told"),
        "error": Told(
            _("Decided"), _("only on evidence that would mislead in at most %(value)s of cases"), how="share"
        ),
        "levels": Told(_("Levels"), place="ladder"),
        "zone": _ZONE,
        "source": SOURCE,
    },
    Basis: {
        "by": Told(_("Fact")),
        "field": Told(_("Moment"), how="named", joint=": "),
    },
    Window: {
        "span": Told(_("Length")),
        "from_volume": Told(_("From"), _("from %(value)s on")),
        "weight": Told(_("Weight"), _("weight %(value)s"), how="share"),
        "latest": Told(_("The latest"), _("the latest %(value)s of it"), how="share"),
    },
    Level: {
        "name": _ENTRY,
        "limits": Told(_("Limit"), _("keep %(value)s")),
        "at_least": Told(_("Judged from"), _("judged from %(value)s on")),
        "running": Told(_("Times running"), _("%(value)s times running")),
        "charge": Told(_("Points"), place="follows"),
        "measure": Told(_("Measure"), place="follows", joint="; "),
        "plan": Told(
            _("Improvement plan"), _("an improvement plan is asked for: %(value)s"), place="follows", joint="; "
        ),
        "notify": _NOTIFY._replace(place="follows", joint="; "),
        "source": SOURCE,
    },
    PlanRule: {
        "runs": Told(_("Runs"), _("it runs for %(value)s"), how="days"),
    },
    Limit: {
        "bounds": Told(_("Bounds")),
        "either": Told(_("One bound is enough"), _("yes")),
        "from_volume": Told(_("From")),
        "below": Told(_("Below")),
    },
    Bound: {
        "what": Told(_("What")),
        "op": Told(_("At most, or at least")),
        "value": Told(_("Value"), how="share"),
        "of_peers": Told(_("Of what peers have"), _("yes")),
    },
    ConductRule: {
        "name": _NAME,
        "title": _TITLE,
        "who": Told(_("Who")),
        "severity": Told(_("Severity")),
        "examples": Told(_("Such as"), how="text"),
        "proved_by": Told(_("Proved by")),
        "above": Told(_("A classifier's word is proof from"), how="thousandths"),
        "points": Told(_("Brings points"), how="between"),
        "ledger": Told(_("On the ledger"), how="text"),
        "source": SOURCE,
    },
    LedgerRule: {
        "name": _NAME,
        "title": _TITLE,
        "expires_after": Told(_("A charge counts"), how="days"),
        "resets": Told(_("All end")),
        "cap": Told(_("At most a day")),
        "merges": Told(_("Count as one within")),
        "strikes": Told(_("Counted"), _("each charge counts one")),
        "earns": Told(_("Takes points off")),
        "start": Told(_("A score"), _("begins at %(value)s; charges lower it")),
        "most": Told(_("Its top")),
        "accrual": Told(_("Rises")),
        "rungs": Told(_("Rungs"), place="ladder"),
        "zone": _ZONE,
        "source": SOURCE,
    },
    Earning: {
        "by": Told(_("Fact")),
        "points": Told(_("Points"), joint=": "),
    },
    Accrual: {
        "points": Told(_("Points"), _("by %(value)s")),
        "every": Told(_("For each"), _("for each %(value)s good ones"), joint=" "),
        "of": Told(_("Of the standard"), _("of the standard %(value)s"), how="text", joint=" "),
    },
    Clock: {
        "name": _NAME,
        "week": Told(_("Open"), how="week"),
        "zone": Told(_("Time zone"), how="text"),
        "country": Told(_("Closed on public holidays of"), how="text"),
        "closed": Told(_("Closed on")),
        "quiet": Told(_("Does not count"), how="stretch"),
        "cutoff": Told(_("Cut-off"), how="cutoff"),
        "defer": Told(_("Deferral")),
    },
    Deferral: {
        "days": Told(_("Days"), how="weekday"),
        "weekday": Told(_("Day"), _("due on the following %(value)s"), how="weekday", joint=": "),
        "at": Told(_("Hour"), joint=" "),
    },
    DisputeRules: {
        "reasons": Told(_("Reasons"), place="ladder"),
        "openings": Told(_("May be opened"), place="ladder"),
        "offers": Told(_("Offers"), words=_OFFERS),
        "phases": Told(_("Phases"), place="ladder"),
        "inputs": Told(_("The decision asks"), how="text", place="ladder"),
        "table": Told(_("Decisions"), place="ladder"),
        "evidence_until": Told(_("Evidence until"), _("until the end of: %(value)s"), how="text"),
        "return_postage": Told(_("Who pays the way back")),
        "offer_expires": Told(_("An offer counts"), _("for %(value)s, unless it says otherwise")),
        "refund_order": Told(_("Refunds to several means of payment"), words={
            "proportion": _("to each in its share"), "in order": _("to the first as far as it goes"),
        }),
        "small_claims": Told(_("Small claims")),
        "bidding": Told(_("Sealed limits")),
        "signature_above": Told(_("A signature shows the delivery"), _("above %(value)s"), how="amounts"),
        "received": Told(_("Counts as received"), _("with the first of: %(value)s"), joint="; "),
        "inquiry": Told(_("Asking first"), _("a buyer may ask before there is a claim; that counts in no rate")),
        "still_needed": Told(_("Before a mediator works"), _("both are asked whether the platform is still needed")),
        "who_heard_may_decide": Told(_("Who heard private talk"), _("may decide")),
        "two_mediators_above": Told(_("Two names stand on the decision"), _("above %(value)s"), how="amounts"),
        "deviation": Told(_("Deciding otherwise than the table"), words={
            "reason": _("with a written reason"), "never": _("never"),
        }),
        "by_facts": Told(_("Where facts answer all that is asked"), _("it is decided without a mediator")),
        "hold": Told(_("Before a decision leaves")),
        "correct_within": Told(_("Slips are mended"), _("within %(value)s")),
        "set_aside": Told(_("Setting aside a decision by silence"), _("asked for within %(value)s")),
        "appeals": Told(_("Appeals")),
        "grounds": Told(_("Grounds of appeal"), place="ladder"),
        "appeal_waits": Told(_("Waits for the appeal"), words={
            "money": _("the money"), "points": _("the points"), "measure": _("the measure"),
        }),
        "reversal_of_money": Told(_("Where an appeal takes the decision back"), _("the %(value)s bears what was paid"),
                                  how="side"),
        "against_seller": Told(_("A decision against the seller"), _("counts as: %(value)s"), how="text"),
        "source": SOURCE,
    },
    ReviewRules: {
        "window": Told(_("Both sides may rate"),
                       _("for %(value)s from the delivery on; where nothing came, from when it was promised")),
        "hidden": Told(_("A review is shown"), words={
            "until both": _("once both sides have rated, or the time for it is over"), "never": _("at once"),
        }),
        "revise": Told(_("The writer may change it"), _("for %(value)s"), empty=_("until the time for rating is over")),
        "after_dispute": Told(_("Once more after a dispute"), _("for %(value)s")),
        "zone": _ZONE,
        "source": SOURCE,
    },
    EvasionRule: {
        "rule": Told(_("For"), how="text"),
        "measure": Told(_("Proposed, to a person")),
        "least": Told(_("Kinds of links"),
                      _("at least %(value)s different ones, of which one is a pay-out account, a document or an own "
                        "admission")),
        "source": SOURCE,
    },
    Checklist: {
        "name": _NAME,
        "title": _TITLE,
        "items": Told(_("What is looked at"), place="ladder"),
        "categories": Told(_("Asked for"), _("goods of these kinds: %(value)s"), empty=_("all goods"), how="text"),
        "under_plan": Told(_("Asked of"), _("sellers whose improvement plan says so")),
        "without": Told(_("Sent without it"), words={
            "marked": _("it is noted with the parcel"), "refused": _("the parcel cannot be declared sent"),
        }),
        "source": SOURCE,
    },
    Item: {
        "name": _ENTRY,
        "title": Told(_("What"), how="title"),
        "asks": Told(_("Answered by"), joint=": ", words={
            "yes": _("yes or no"), "number": _("a number"), "photo": _("a photo"),
        }),
    },
    SmallClaims: {
        "most": Told(_("Up to"), _("up to %(value)s"), how="amounts"),
        "outcome": Told(_("Decided for"), _("decided at once for the %(value)s"), how="side"),
        "cost": Told(_("At whose cost"), _("at the cost of the %(value)s"), how="side"),
    },
    Bidding: {
        "margin": Told(_("Margin"), _("settled at the midpoint where they are at most %(value)s of the claim apart"),
                       how="share"),
        "rounds": Told(_("Rounds"), _("at most %(value)s times")),
    },
    Ground: {
        "name": _ENTRY,
        "title": Told(_("Title"), how="title"),
        "proof": Told(_("To be shown"), _("to be shown: %(value)s"), how="text", joint="; "),
    },
    Hold: {
        "length": Told(_("How long"), _("it waits %(value)s")),
        "at": Told(_("Until"), _("it waits until %(value)s of the next morning")),
        "zone": _ZONE,
    },
    Reason: {
        "name": _ENTRY,
        "title": Told(_("Title"), how="title"),
        "buyer_evidence": Told(_("The buyer shows"), _("the buyer shows %(value)s"), how="text", joint="; "),
        "seller_evidence": Told(_("The seller shows"), _("the seller shows %(value)s"), how="text", joint="; "),
        "weights": Told(_("Weights"), _("weighing: %(value)s"), how="text", joint="; "),
        "prove": Told(_("Who must prove it"), _("the %(value)s must prove it"), how="side", joint="; "),
        "wants": Told(_("Offered first"), _("offered first: %(value)s"), words=_OFFERS, joint="; "),
        "code": Told(_("Elsewhere called"), _("elsewhere called %(value)s"), how="text", joint="; "),
        "source": SOURCE,
    },
    Opening: {
        "name": _ENTRY,
        "reasons": Told(_("Reasons"), _("for %(value)s"), how="text"),
        "after": Told(_("From"), _("from: %(value)s"), joint="; "),
        "until": Told(_("Until"), _("until: %(value)s"), joint="; "),
        "unless": Told(_("Not once"), _("not once: %(value)s"), joint="; "),
        "only_if": Told(_("Only if"), _("only if: %(value)s"), joint="; "),
        "source": SOURCE,
    },
    Edge: {
        "by": Told(_("Fact")),
        "field": Told(_("Moment"), how="named", joint=": "),
        "plus": Told(_("Later by"), _("%(value)s later"), how="days"),
        "clock": Told(_("Clock"), _("on the clock %(value)s"), joint=" "),
        "zone": _ZONE,
        "count": Told(_("Counted"), words={"law": _("by the law's count of days, to the end of the last day")}),
        "every": Told(_("Parcels"), words={"parcel": _("from the last parcel of the order")}),
        "end_of_day": Told(_("End of the day"), _("from the end of that day")),
        "stops": Told(_("Not counted"), _("not counted: %(value)s"), joint="; "),
    },
    Stop: {
        "begun_by": Told(_("From"), _("from: %(value)s")),
        "ended_by": Told(_("Until"), _("until: %(value)s")),
        "least": Told(_("At least"), _("at least %(value)s after it"), how="days"),
    },
    Phase: {
        "name": _ENTRY,
        "begun_by": Told(_("Begun by"), _("begun by: %(value)s")),
        "may": Told(_("Who may do what"), words=MAY, joint="; "),
        "after": Told(_("Not at once"), _("not at once: %(value)s"), how="verbs", joint="; "),
        "clock": Told(_("Clock"), _("on the clock %(value)s"), joint=" "),
        "zone": _ZONE,
    },
    Row: {
        "name": _ENTRY,
        "when": Told(_("When"), empty=_("any case"), how="text"),
        "outcome": Told(_("Decided for"), _("for %(value)s"), how="side", joint=": "),
        "offer": Told(_("Offer"), words=_OFFERS),
        "fault": Told(_("Fault"), _("whose fault: %(value)s"), how="side"),
        "share": Told(_("Share"), _("%(value)s of what is asked"), how="share"),
        "returns": Told(_("Goods"), _("the goods go back first")),
        "code": Told(_("Reason code"), _("reason code %(value)s"), how="text"),
        "source": SOURCE,
    },
}  # fmt: skip

#: Moments and values of facts that rules name. Others stand as they are.
NAMED: Mapping[str, str] = {
    "due": _("by the deadline"), "dispatch_by": _("within the handling time"), "deliver_by": _("by the promised date"),
    "act_by": _("by the date that was agreed, where there is one"),
    "score": _("the stars of the review"), "amount": _("the amount"), "pieces": _("the pieces"),
}  # fmt: skip
_USUAL_PROOF = 950
#: Fields that speak only of some rules; of the others, a value that is the default goes without saying.
_SPEAKS: Mapping[tuple[type, str], Callable[[Any], bool]] = {
    (StandardRule, "counted_outcomes"): lambda rule: bool(rule.of_duty),
    (StandardRule, "faulty_outcomes"): lambda rule: bool(rule.of_duty),
    (StandardRule, "duty_basis"): lambda rule: bool(rule.of_duty),
    (StandardRule, "error"): lambda rule: bool(rule.certain),
    (StandardRule, "mode"): lambda rule: len(rule.windows) > 1 or rule.mode != "all",
    (ConductRule, "points"): lambda rule: bool(rule.ledger),
    (ConductRule, "above"): lambda rule: "classifier" in rule.proved_by or rule.above != _USUAL_PROOF,
    # What stops a clock is said of every duty: nobody would look for it behind a default.
    (DutyRule, "pauses"): lambda rule: True,
    (DutyRule, "holiday_limit"): lambda rule: HOLIDAY in rule.pauses,
    **{(ReviewRules, name): (lambda rule: True) for name in ("window", "hidden", "revise", "after_dispute")},
    (EvasionRule, "least"): lambda rule: True,
    (SmallClaims, "outcome"): lambda rule: True,
    (SmallClaims, "cost"): lambda rule: True,
    (LedgerRule, "most"): lambda rule: bool(rule.is_score),
    # The built-in clock differs from rulebook to rulebook in its zone alone, which the head says.
    **{(noun, "clock"): (lambda rule: rule.clock.name != ALWAYS.name) for noun in (DutyRule, Edge, Phase)},
}
#: Fields of which not all counts for every rule: what is said of them.
_MEANT: Mapping[tuple[type, str], Callable[[Any], Any]] = {
    (DutyRule, "pauses"): lambda rule: tuple(
        cause for cause in rule.pauses if cause not in DERIVED_CAUSES or cause in rule.stopped_by
    ),
}
_PLAIN = Told("")


def told_of(noun: object, field: "Field[Any]") -> Told:
    """Return how a field of `noun` is told; one that no rule is made of by its name."""
    told = TOLD.get(type(noun), {}).get(field.name, _PLAIN._replace(label=field.name.replace("_", " ")))
    if isinstance(noun, DutyRule) and field.name == "within" and noun.by:
        told = told._replace(label=_("How long, where no date is told"))
    if isinstance(noun, DutyRule) and field.name == "within" and not noun.clock.plain and noun.clock.whole_days:
        return told._replace(how="days")  # "2 days" are working days, "48 hours" would read as two dates
    if isinstance(noun, Season) and not noun.yearly and told.how == "month_day":
        return told._replace(how="day")
    return told


def speaks(noun: object, field: "Field[Any]") -> bool:
    """Whether a field of `noun` says anything, and is not just what it is where nobody writes it."""
    only = _SPEAKS.get((type(noun), field.name))
    if only is not None:
        return only(noun)
    value = getattr(noun, field.name)
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return bool(value != default or (is_empty(value) and told_of(noun, field).empty))


def meant(noun: object, field: "Field[Any]") -> Any:
    """Return the value of a field of `noun`, without what does not count for this rule."""
    found = _MEANT.get((type(noun), field.name))
    return getattr(noun, field.name) if found is None else found(noun)


def is_empty(value: object) -> bool:
    """Whether a field has no value."""
    return value is None or value is False or value in ("", (), timedelta(0)) or value in ({}, frozenset(), NOTHING)
