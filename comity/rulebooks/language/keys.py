"""The rulebook language: every table and every key, what it says, and an example of it.

The one list: the parser knows no other keys, docs/rulebook.md and the JSON Schema are made from it, and the docs check
executes every example.
"""

from collections.abc import Mapping
from typing import NamedTuple

from comity.policy.disputes.rule import MENDED_WITHIN
from comity.policy.sanctions.measures import MEASURES

LANGUAGE = 1


class Key(NamedTuple):
    """A key: what it says, and an example as TOML.

    instead_of  keys of the table's frame whose place it takes
    holds       the kind of tables that it holds, one or a list
    frame       of a key that its table needs: what stands in the examples of the table's other keys
    """

    doc: str
    example: str
    instead_of: str = ""
    holds: str = ""
    frame: str = ""


def _needed(doc: str, example: str, *, holds: str = "") -> Key:
    """Return a key that its table needs, with the same example everywhere."""
    return Key(doc, example, holds=holds, frame=example)


_MATCH = '{ fact = "course.passed" }'
_BUYER_WRITES = 'opened_by = { fact = "message.sent", where = { by = "buyer" } }'
_SOURCE = Key(
    "Where the number comes from, and how sure that is.", 'source = "A: https://example.org/rules (72 hours)"'
)
_TITLE = Key("What people read.", 'title = "Reply within 72 hours"')
_NAME = Key(
    "Its name. Small letters, digits, spaces, - and _. No two duties, standards or conduct rules share one.",
    'name = "something else"',
)


def _name(usual: str) -> Key:
    """Return the key of a name, with what the table is called in the examples of its other keys."""
    return _NAME._replace(frame=f'name = "{usual}"')


_MEASURE = {
    "measure": _needed(
        f"One of {', '.join(MEASURES)}: good ones first, then from mild to grave.", 'measure = "restriction"'
    ),
    "length": Key("How long it lasts from when it takes effect. Default: without end.", 'length = "7 days"'),
    "notice": Key(
        "How long before it takes effect the party is told. Every measure but a warning needs one.",
        'notice = "48 hours"',
        frame='notice = "24 hours"',
    ),
    "decided_by": Key(
        "automatic, reviewer (default: a person approves) or two reviewers. A closure is never automatic.",
        'decided_by = "two reviewers"',
    ),
    "restored_by": Key(
        "Facts of which one must happen before it ends, though its length be over.",
        f"restored_by = {_MATCH}",
        holds="match",
    ),
    "appeals": Key(
        "How long there is for each appeal, in their order; as many appeals as lengths.",
        'appeals = ["30 days", "15 days"]',
    ),
    "needs": Key(
        "What it waits for: a warning of the same ladder that has reached the party, and a charge after that "
        '("warning"), such a warning alone ("told warning"), or that the improvement plan has failed for which its '
        'level asks ("failed plan"). Default: nothing.',
        'needs = "warning"',
    ),
    "most": Key(
        "How many orders a day are left, where the measure is orders capped.",
        'measure = "orders capped"\nmost = 20',
        instead_of="measure",
    ),
    "source": _SOURCE,
}

FIELDS: Mapping[str, Mapping[str, Key]] = {
    "": {
        "name": _needed("Name of the rulebook; versions of one rulebook share it. Small letters, digits, spaces, - and _.", 'name = "shop"'),
        "version": Key("Name of this version. Everything it opens is pinned to name@version.", 'version = "2026-01"', frame='version = "1"'),
        "title": Key("What people read.", 'title = "Service rules of the shop"'),
        "language": Key("Version of this language: 1.", "language = 1"),
        "in_force_from": _needed("A date (midnight in `zone`) or a time with its zone, from which the version judges.", "in_force_from = 2026-01-01"),
        "announced_on": Key("When it was announced. In force at the earliest `notice` after that.", "announced_on = 2025-12-01"),
        "notice": Key("How long before it is in force everyone is told.", 'notice = "15 days"'),
        "change": Key("material (default) or editorial: whether anybody's duties change.", 'change = "editorial"'),
        "charges_from": Key("Until then breaches are reported and not charged.", "charges_from = 2026-02-01"),
        "markets": Key("Countries or sites it is for.", 'markets = ["PH", "SG"]'),
        "zone": Key("Time zone of all dates and days, seasons, years and evaluations too, and of clocks that name none. Default: UTC.", 'zone = "Asia/Manila"'),
        "left_out": Key("Published rules that it does not model, each with the reason.", 'left_out = ["fees: not about service"]'),
        "source": Key("Where the rules come from.", 'source = "https://example.org/rules"'),
    },
    "clock": {
        "name": _needed('Name by which duties ask for it. "always" is built in.', 'name = "office"'),
        "zone": Key("Time zone of its hours.", 'zone = "Europe/Berlin"'),
        "days": Key("Days on which it is open: mon tue wed thu fri sat sun. Default: all.", 'days = ["mon", "tue", "wed", "thu", "fri"]'),
        "hours": Key("Open stretches of each open day, in order. Default: all day.", 'hours = ["09:00-12:00", "13:00-18:00"]'),
        "holidays": Key("A country, as ISO 3166 with a subdivision where there is one: its public holidays are closed.", 'holidays = "BR-SP"'),
        "closed": Key("Further closed dates.", "closed = [2026-12-24]"),
        "quiet": Key("A daily stretch that does not count.", 'quiet = "21:00-08:00"'),
        "cutoff": Key("Daily cut-off: what begins before it is due the same open day at `answer_by`, else the next open day. A duty on such a clock has no `within`.", 'cutoff = "18:00"\nanswer_by = "19:00"'),
        "answer_by": Key("By when on that day. Goes with `cutoff`.", 'cutoff = "18:00"\nanswer_by = "19:00"'),
        "defer": Key("Weekend deferral: what begins on these days is due on the next such weekday, at that hour.", 'defer = { days = ["sat", "sun"], to = "mon 12:00" }', holds="defer"),
    },
    "defer": {
        "days": _needed("Days on which what begins waits.", 'days = ["sat", "sun"]'),
        "to": _needed("The weekday and hour at which it is due.", 'to = "mon 12:00"'),
    },
    "duty": {
        "name": _name("answer"),
        "title": Key("What it asks, in words.", 'title = "Reply within 72 hours"', frame='title = "Answer"'),
        "who": _needed("Who must act: buyer, seller, agent or platform.", 'who = "seller"'),
        "each": Key("One duty for each: conversation, order, shipment, dispute, listing, seller, sanction or plan. Default: what the opening fact is about.", 'each = "conversation"'),
        "opened_by": _needed("The fact that opens it, or a list of such. Left out where another duty `opens` it.", _BUYER_WRITES, holds="match"),
        "met_by": Key("The facts that meet it.", 'met_by = { fact = "message.sent", where = { by = "seller", automatic = false } }', holds="match", frame='met_by = { fact = "message.sent", where = { by = "seller" } }'),
        "waived_by": Key("Facts after which it is no longer asked for.", 'waived_by = { fact = "conversation.no_reply_needed" }', holds="match"),
        "voided_by": Key("Facts after which it falls away.", 'voided_by = { fact = "order.cancelled" }', holds="match"),
        "unknown_by": Key("Facts that say it was done, but not when: then it is not judged.", 'unknown_by = { fact = "shipment.delivered", where = { date_known = false } }', holds="match"),
        "not_after": Key("After such a fact it opens no more.", 'not_after = { fact = "shipment.delivered" }', holds="match"),
        "anew_after": Key("With such a fact all begins anew: of `not_after` counts what came since.", 'not_after = { fact = "dispute.escalated" }\nanew_after = { fact = "dispute.opened" }', holds="match"),
        "within": _needed("How long there is, on `clock`. Days are days of the calendar in `zone`, to the same time of the day; 72 hours are hours. Either this or `by`.", 'within = "72 hours"'),
        "by": Key("Name of a moment in the opening fact, or in the latest fact `by_fact`. Either this or `within`.", 'opened_by = { fact = "order.paid" }\nby = "dispatch_by"', "within"),
        "or_within": Key("How long there is where the fact names no such moment as `by`. Default: then it does not begin.", 'opened_by = { fact = "order.paid" }\nby = "dispatch_by"\nor_within = "5 days"', "within"),
        "by_fact": Key("The kind of the earlier fact in which `by` stands.", 'opened_by = { fact = "dispute.opened" }\nby = "deliver_by"\nby_fact = "order.paid"', "within"),
        "plus": Key("A length on the clock after `by`.", 'opened_by = { fact = "order.paid" }\nby = "dispatch_by"\nplus = "7 days"', "within"),
        "season": Key("Another length between dates: [[duty.season]], or a list of tables.", 'season = [{ from = 2015-11-15, until = 2015-12-31, within = "12 hours" }]', holds="season"),
        "counts_from": Key("first (default): the oldest opening fact starts it, later ones do not move it; latest: each moves the deadline.", 'counts_from = "latest"'),
        "clock": Key("Name of the clock it runs on. Default: always.", 'clock = "weekdays"'),
        "pauses": Key("Which causes of pauses stop it: platform_outage, carrier_outage, force_majeure, waiting_for_buyer, holiday, and of a duty about a dispute charge_back (while the bank has the money), all by default; only where they are named: carrier_claim (until the carrier has answered) and repair.", 'pauses = ["platform_outage", "force_majeure"]'),
        "holiday_limit": Key("How long a seller's holidays stop it, at most, in a calendar year of the rulebook's `zone`. One over New Year is of both; what was noted first is used up first.", 'holiday_limit = "14 days"'),
        "warn_before": Key("How long before the deadline to warn, on `clock`: two working hours are not two hours of a night.", 'warn_before = ["24 hours", "4 hours"]'),
        "repeats": Key("true: opens again after it has ended, as each unanswered message does. Default: once for each.", "repeats = true"),
        "counts_before": Key("true: an act dated before the duty opened meets it. Default: false.", "counts_before = true"),
        "decided_after": Key("So long after the deadline it is decided once, by what is known then: in time if a fact of `met_by` came no later than it had to, too late if one of `broken_by` came, else not counted.", 'decided_after = "3 days"\nbroken_by = { fact = "message.sent", where = { by = "seller" } }'),
        "broken_by": Key("Facts that show that it was not kept. Goes with `decided_after`.", 'decided_after = "3 days"\nbroken_by = { fact = "message.sent", where = { by = "seller" } }', holds="match"),
        "breach": Key("What follows when the deadline passes.", 'breach = { charge = { ledger = "service", points = 1 } }', holds="breach"),
        "source": _SOURCE,
    },
    "season": {
        "from": _needed('First day: a date, or "month-day" for every year.', 'from = "11-15"'),
        "until": _needed("Last day, included.", 'until = "12-31"'),
        "within": _needed("How long there is for what begins in between.", 'within = "12 hours"'),
    },
    "breach": {
        "charge": Key("Points on a ledger.", 'charge = { ledger = "service", points = 1 }', holds="charge"),
        "decide": Key("The dispute is decided for this side: buyer or seller.", 'decide = "buyer"'),
        "cost": Key("At whose cost it is decided: platform, seller or carrier. Default: of who was silent.", 'decide = "buyer"\ncost = "platform"'),
        "amount": Key("What is paid: asked (default) or nothing. Silence proves fault, not amount: never more than was asked.", 'decide = "buyer"\namount = "nothing"'),
        "escalate": Key("true: the platform takes the dispute over.", "escalate = true"),
        "hand_over": Key("true: the case goes to another agent.", "hand_over = true"),
        "close": Key("The dispute ends without a winner: \"for good\", or \"open again\" where a new one may be opened.", 'close = "for good"'),
        "refund": Key("true: what was agreed is paid.", "refund = true"),
        "revive": Key("true: a promise was not kept, and the claim lives again as it stood.", "revive = true"),
        "remind": Key("true: who must act is told once more.", "remind = true"),
        "plan": Key("What it means for an improvement plan: it failed, it is accepted, or it is checked by its standard.", 'plan = "failed"'),
        "cancel": Key("true: the platform cancels the order.", "cancel = true"),
        "opens": Key("Another duty that begins.", 'opens = "reply"'),
        "assign": Key("A course that must be taken.", 'assign = "shipping basics"'),
        "measure": Key("A measure, without any points.", 'measure = { measure = "warning", decided_by = "automatic" }', holds="measure"),
        "notify": Key("Roles that are told besides the party itself.", 'notify = ["buyer"]'),
    },
    "charge": {
        "ledger": _needed("Name of a ledger.", 'ledger = "service"'),
        "points": Key("How many points, at least 1. In a conduct rule also [fewest, most].", "points = 2", frame='points = 1'),
    },
    "measure": _MEASURE,
    "match": {
        "fact": _needed("A kind of fact, see facts.md; or a list of kinds.", 'fact = "message.sent"'),
        "where": Key('What the fact\'s data must say: a value, a list of values, or ">= 4" for a whole number. A field that the fact lacks equals no value.', 'where = { by = "buyer" }'),
        "no_later_than": Key('In `met_by` of a duty with `decided_after`: until when the fact counts: "due", or a moment that the opening fact names.', 'fact = "shipment.delivered"\nno_later_than = "due"', "fact"),
        "unless": Key("In `faulty`: what takes this fault away again, and no other: its verb alone, its kind, a table such as `counted` has, or a list. A fault about one of several things, such as a dispute, is cleared by what is about the same.", 'fact = "dispute.opened"\nunless = "withdrawn"', "fact"),
    },
    "standard": {
        "name": _name("complaints"),
        "title": _TITLE,
        "who": Key("Whose standard it is: seller (default) or buyer.", 'who = "seller"'),
        "each": Key("What counts once, however many faults it has: order (default), conversation, shipment, dispute, listing or fact.", 'each = "order"'),
        "counted": _needed("Facts by which a subject counts; with `of_duty`, outcomes that count.", 'counted = { fact = "order.paid" }', holds="match"),
        "faulty": Key("Facts by which it is faulty; with `of_duty`, outcomes that are faulty.", 'faulty = { fact = "dispute.opened", unless = "withdrawn" }', holds="match", frame='faulty = { fact = "dispute.opened" }'),
        "excluded": Key("Facts by which it does not count after all.", 'excluded = { fact = "order.cancelled", where = { by = "buyer" } }', holds="match"),
        "cleared": Key("Facts that take every fault of the subject away again, those that come later too. With `each = \"fact\"` nothing else bears on a fact.", 'cleared = { fact = "dispute.withdrawn" }', holds="match"),
        "basis": Key("By which moment a subject falls into a window: a fact's own, or a `field` of it; with `of_duty`: opened, due or ended (default). Default: the fact by which it counts. No such moment: not counted.", 'basis = { fact = "order.paid", field = "deliver_by" }'),
        "value": Key("For a mean or a sum: a whole-number field of the fact by which it counts. The smallest of several counts.", 'counted = { fact = "review.written" }\nfaulty = { fact = "review.written", where = { score = "<= 2" } }\nvalue = "score"', "counted"),
        "of_duty": Key("Counts what became of a duty, one row for each: by default met and breached ones count, and breached ones are faulty.", 'of_duty = "reply"', "counted faulty"),
        "window": Key("How far back it looks, in whole days of `zone`; a list: all must keep the limit, or with `from` the first with enough volume is chosen, or with `weight` they are weighted.", 'window = ["10 days", "30 days"]', holds="window", frame='window = "30 days"'),
        "lag": Key("The window ends so many days before the evaluation.", 'lag = "14 days"'),
        "evaluated": Key("When: daily, weekly on monday, monthly on 20, quarterly on first monday, yearly on 01-01; or continuous (default): every midnight, with consequences only when the level rises.", 'evaluated = "weekly on monday"'),
        "limit": Key("What must be kept. With [[standard.level]] instead, there are several; with neither, it is only counted.", 'limit = { rate = "<= 2.5%", at_least = 20 }', holds="limit", frame='limit = { rate = "<= 4%" }'),
        "breach": Key("What follows when `limit` is broken: charge, measure, notify.", 'breach = { charge = { ledger = "service", points = 1 } }'),
        "running": Key("`limit` must be broken at so many evaluations one after another.", "running = 3"),
        "level": Key("Its levels, from mild to grave; only the gravest one reached is executed: [[standard.level]].", 'level = [{ name = "warning", limit = { rate = "<= 4%" } }]', "limit", holds="level"),
        "decides": Key("raw (default) compares the numbers; certain asks for evidence that the true rate is above the limit, however often one looks.", 'decides = "certain"'),
        "error": Key("With certain: the chance, in each season as long as the window, of ever flagging a party that keeps the limit. Default: 0.05.", 'decides = "certain"\nerror = 0.01'),
        "source": _SOURCE,
    },
    "window": {
        "length": Key('"30 days", "3 months" back; "last month", "last 3 months": whole ones before that of the evaluation, on March 1 up to the end of February; "... and current"; "ever".', 'length = "3 months"', frame='length = "30 days"'),
        "from": Key("Chosen where at least so many subjects count in it; the last window needs none.", "from = 400"),
        "weight": Key("Its share of the weighted rate; the weights of all sum to 100%.", 'weight = "100%"'),
        "latest": Key("Only the latest share of the subjects in it.", 'weight = "100%"\nlatest = "25%"'),
    },
    "limit": {
        "rate": Key("Bound on the share that is faulty. <, <=, > and >= differ.", 'rate = "<= 2.5%"', frame='rate = "<= 4%"'),
        "kept": Key("Bound on the share that is not faulty.", 'kept = ">= 95%"'),
        "faulty": Key("Bound on how many are faulty.", 'faulty = "<= 3"'),
        "good": Key("Bound on how many are not faulty.", 'good = ">= 10"'),
        "buyers": Key("Bound on how many different buyers the faulty orders have, as far as they are known. With `hold = \"any\"` beside a rate, both must be passed.", 'rate = "<= 2%"\nbuyers = "<= 4"\nhold = "any"'),
        "counted": Key("Bound on how many count.", 'counted = ">= 100"'),
        "mean": Key("Bound on the mean of `value`.", 'mean = ">= 4.8"'),
        "sum": Key("Bound on the sum of `value`.", 'sum = ">= 100000"'),
        "hold": Key("all (default): every bound must hold; any: one is enough, so that a rate bites only above a count.", 'rate = "<= 0.5%"\nfaulty = "<= 3"\nhold = "any"'),
        "from": Key("Speaks only of parties with at least so many that count.", 'rate = "< 10%"\nfrom = 40'),
        "below": Key("Speaks only of parties with fewer that count.", 'faulty = "<= 4"\nbelow = 40'),
        "at_least": Key("Not judged where fewer count: not enough data.", 'rate = "<= 2.5%"\nat_least = 20'),
    },
    "level": {
        "name": _name("warning"),
        "limit": Key("What must be kept; a list where it differs by volume.", 'limit = [{ faulty = "<= 4", below = 40 }, { rate = "< 10%", from = 40 }]', holds="limit", frame='limit = { rate = "<= 4%" }'),
        "running": Key("Must be broken at so many evaluations one after another.", "running = 3"),
        "charge": Key("Points on a ledger.", 'charge = { ledger = "service", points = 2 }', holds="charge"),
        "measure": Key("A measure, without any points.", 'measure = { measure = "restriction", length = "7 days", notice = "24 hours" }', holds="measure"),
        "plan": Key("The improvement plan that it asks for. With `needs = \"failed plan\"` its measure waits for that.", 'plan = { runs = "60 days" }', holds="plan"),
        "notify": Key("Roles that are told besides the party itself.", 'notify = ["agent"]'),
        "source": _SOURCE,
    },
    "plan": {
        "runs": _needed("How long it runs, from its acceptance to its check.", 'runs = "60 days"'),
    },
    "conduct": {
        "name": _name("abuse"),
        "title": _needed("What is not allowed.", 'title = "No abuse"'),
        "who": Key("Whom it binds: seller (default) or buyer.", 'who = "seller"'),
        "severity": _needed("low, medium, high or critical.", 'severity = "high"'),
        "examples": Key("What it means.", 'examples = ["insults", "threats"]'),
        "proved_by": Key("What proves it: reviewer, report, classifier.", 'proved_by = ["reviewer", "classifier"]'),
        "above": Key("From which probability on a classifier's word is proof. Default: 95%.", 'above = "98%"'),
        "charge": Key("Points on a ledger; [1, 48] lets the finding choose.", 'charge = { ledger = "service", points = [1, 12] }', holds="charge"),
        "source": _SOURCE,
    },
    "ledger": {
        "name": _name("other"),
        "title": _TITLE,
        "expires_after": _needed("How long each charge lives from its own date. This, `resets` or both.", 'expires_after = "365 days"'),
        "resets": Key("All charges end on that day.", 'resets = "quarterly on first monday"', "expires_after"),
        "cap_a_day": Key("Most points that the charges of one day add.", "cap_a_day = 6"),
        "merges_within": Key("Charges within so long of the first count as that one.", 'merges_within = "3 days"'),
        "counts": Key("points (default), or strikes: each charge counts one.", 'counts = "strikes"'),
        "earn": Key("Facts that take points off, for as long as a charge lives: [[ledger.earn]], or a list of tables.", f"earn = [{{ by = {_MATCH}, points = 2 }}]", holds="earn"),
        "score": Key("A positive score instead of points: charges lower it, and its rungs are reached from above.", "score = { start = 200, most = 1000 }", holds="score"),
        "rung": Key("Its rungs, from mild to grave; where one charge reaches several, only the heaviest is executed: [[ledger.rung]].", 'rung = [{ at = 12, measure = "warning", decided_by = "automatic" }]', holds="ledger.rung"),
        "source": _SOURCE,
    },
    "earn": {
        "by": _needed("The fact.", f"by = {_MATCH}", holds="match"),
        "points": _needed("How many points it takes off.", "points = 2"),
    },
    "score": {
        "start": _needed("Where it begins.", "start = 200"),
        "most": _needed("Its top.", "most = 1000"),
        "rises": Key("Rises for good subjects of a standard, counted in its first window.", 'rises = { points = 4, every = 200, of = "late dispatch" }', holds="rises"),
    },
    "rises": {
        "points": _needed("By how many points.", "points = 4"),
        "every": _needed("For each so many good subjects.", "every = 200"),
        "of": _needed("Name of the standard.", 'of = "late dispatch"'),
    },
    "ledger.rung": {
        "at": _needed("Points at which it is reached; of a score: the score, from above.", "at = 12"),
        "every": Key("Reached again at each further so many points.", "every = 12"),
        **_MEASURE,
    },
    "dispute": {
        "reason": Key("Reasons for which a dispute may be opened: [[dispute.reason]].", 'reason = [{ name = "not received", title = "Not received" }]', holds="reason"),
        "opening": Key("When it may be opened: [[dispute.opening]].", 'opening = [{ name = "after shipping", after = { fact = "shipment.dispatched", plus = "10 days" } }]', holds="opening"),
        "phase": Key("What each side may do when: [[dispute.phase]].", 'phase = [{ name = "negotiation", begun_by = { fact = "dispute.opened" }, seller = ["accept", "reject"] }]', holds="phase"),
        "offers": Key("Kinds of offers: refund, partial refund, return and refund, replacement, resend, repair, discount, nothing.", 'offers = ["refund", "partial refund", "return and refund", "replacement", "nothing"]'),
        "inputs": _needed("What the mediator's decision table asks, with all the answers there are.", 'inputs = { tracking = ["valid", "none"] }'),
        "row": Key("The mediator's decision table: [[dispute.row]]. Every case must have one row.", 'inputs = { tracking = ["valid", "none"] }\nrow = [{ name = "any", outcome = "buyer" }]', holds="row"),
        "appeals": Key("How long there is for each appeal, in their order.", 'appeals = ["30 days"]'),
        "ground": Key("Grounds of appeal: [[dispute.ground]]. Default: any.", 'ground = [{ name = "new facts", title = "New facts" }]', holds="ground"),
        "appeal_waits": Key("What waits while an appeal is possible or open: money, points, measure.", 'appeal_waits = ["money", "points"]'),
        "reversal_of_money": Key("Who bears what was paid, where an appeal takes the decision back: platform (default) or seller.", 'reversal_of_money = "seller"'),
        "set_aside": Key("How long a side that was silent has to ask that the decision be set aside.", 'set_aside = "14 days"'),
        "correct_within": Key(f"How long who decided may mend a slip: a sum, a name, an omission; {MENDED_WITHIN.days} days where it is left out.", 'correct_within = "7 days"'),
        "deviation": Key("reason (default): a mediator who writes why may decide otherwise than the table; never.", 'deviation = "never"'),
        "by_facts": Key("true: where facts alone answer all that the table asks, it is decided without a mediator. Default: a mediator decides.", "by_facts = true"),
        "hold": Key("How long a decision that a person wrote waits, and can be stopped, before it leaves: a length, or an hour of the next morning.", 'hold = "next morning 09:00"'),
        "still_needed": Key("true: both sides are asked whether the platform is still needed, before a mediator works.", "still_needed = true"),
        "who_heard_may_decide": Key("true: who heard private or settlement talk may decide. Default: false.", "who_heard_may_decide = true"),
        "two_mediators_above": Key("By currency, in minor units: above such a claim two names must stand on the decision.", "two_mediators_above = { EUR = 50000 }"),
        "signature_above": Key("By currency, in minor units: above such a price only a signature shows the delivery.", "signature_above = { EUR = 75000 }"),
        "evidence_until": Key("The phase or the duty with which the time for evidence ends. Default: the decision.", 'evidence_until = "reply"'),
        "return_postage": Key("By reason, who pays the way back: buyer, seller or platform. Default: the seller.", 'reason = [{ name = "changed mind", title = "Changed mind" }]\nreturn_postage = { "changed mind" = "buyer" }'),
        "offer_expires": Key("How long an offer can be accepted that names no end of its own.", 'offer_expires = "3 days"'),
        "refund_order": Key("With several means of payment: proportion (default), or \"in order\": from the first as far as it goes.", 'refund_order = "in order"'),
        "small_claims": Key("Claims up to an amount are decided at once.", "small_claims = { most = { EUR = 1000 } }", holds="small_claims"),
        "bidding": Key("Sealed limits of both sides, which settle at the midpoint where they are close.", 'bidding = { margin = "10%", rounds = 2 }', holds="bidding"),
        "against_seller": Key("The conduct rule that a decision against the seller brings.", 'against_seller = "bad faith"'),
        "received": Key("From when on an order counts as received: its money is held before that. A moment reckoned from a fact, or a list of which the first counts. Default: at once.", 'received = [{ fact = "order.receipt_confirmed" }, { fact = "shipment.delivered", every = "parcel", plus = "7 days" }]', holds="edge"),
        "inquiry": Key("true: a buyer may ask first; an inquiry is no claim and counts in no rate.", "inquiry = true"),
        "source": _SOURCE,
    },
    "reviews": {
        "window": Key("How long both sides may rate an order: from its delivery on, or, where nothing came, from when it was promised. Default: 60 days. Without this table nobody writes reviews here; those that the shop tells count all the same.", 'window = "30 days"'),
        "hidden": Key("until both (default): a review is shown once both sides have rated, or nobody can any more; never: it is shown at once.", 'hidden = "never"'),
        "revise": Key("How long after writing it the writer may change or remove it. Default: until the window ends.", 'revise = "7 days"'),
        "after_dispute": Key("How long after a dispute about the order ended the writer may change it once more. Default: 14 days.", 'after_dispute = "30 days"'),
        "source": _SOURCE,
    },
    "evasion": {
        "rule": _needed("The conduct rule that names it: what it is called, and its text.", 'rule = "bad faith"'),
        "measure": _needed("What is proposed against an account that is linked to one under a closure or a freeze. A person decides, after a notice in which its party is heard.", 'measure = { measure = "closure", notice = "30 days", decided_by = "two reviewers" }', holds="measure"),
        "least": Key("How many different kinds of links there must be at least, 2 (default) or more; one of them is always a pay-out account, a document or an own admission.", "least = 3"),
        "source": _SOURCE,
    },
    "small_claims": {
        "most": _needed("By currency, in minor units: up to this it is decided at once.", "most = { EUR = 1000 }"),
        "outcome": Key("For whom: buyer (default) or seller.", 'outcome = "seller"'),
        "cost": Key("At whose cost: platform (default), seller or carrier.", 'cost = "seller"'),
    },
    "bidding": {
        "margin": _needed("How far apart the limits may be, as a share of the claim.", 'margin = "10%"'),
        "rounds": Key("How often, at most: 1 or 2 (default).", "rounds = 1"),
    },
    "ground": {
        "name": _name("new facts"),
        "title": _needed("What people read.", 'title = "New facts"'),
        "proof": Key("What has to be shown for it.", 'proof = "what was not known before, and why not"'),
    },
    "reason": {
        "name": _name("not received"),
        "title": _needed("What people read.", 'title = "Not received"'),
        "buyer_evidence": Key("What the buyer must show.", 'buyer_evidence = ["photo of the parcel"]'),
        "seller_evidence": Key("What the seller must show.", 'seller_evidence = ["tracking number"]'),
        "weights": Key("How much a piece of evidence weighs. Default: 1.", 'buyer_evidence = ["photo of the parcel"]\nweights = { "photo of the parcel" = 3 }'),
        "prove": Key("Who must show that it is so: buyer or seller. Default: neither.", 'prove = "seller"'),
        "wants": Key("Kinds of offers that are offered first to who opens one.", 'wants = ["resend", "refund"]'),
        "code": Key("How others call the reason, such as a payment provider.", 'code = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"'),
        "source": _SOURCE,
    },
    "opening": {
        "name": _name("after shipping"),
        "reasons": Key("For which reasons. Default: all.", 'reasons = ["not received"]'),
        "after": Key("From when on: a moment reckoned from a fact, or a list of which the latest counts.", 'after = { fact = "shipment.dispatched", plus = "10 days" }', holds="edge", frame='after = { fact = "shipment.dispatched" }'),
        "until": Key("Until when: the latest of these.", 'until = { fact = "order.paid", field = "deliver_by", plus = "15 days" }', holds="edge"),
        "unless": Key("Facts after which it may not be opened.", 'unless = { fact = "dispute.settled" }', holds="match"),
        "only_if": Key("Facts of which one must have happened.", 'only_if = { fact = "message.sent", where = { by = "buyer" } }', holds="match"),
        "source": _SOURCE,
    },
    "edge": {
        "fact": _needed("The latest fact of this kind.", 'fact = "order.paid"'),
        "where": Key("What its data must say.", 'where = { date_known = true }'),
        "field": Key("A moment in its data, instead of its own.", 'field = "deliver_by"'),
        "plus": Key("So much later.", 'plus = "10 days"'),
        "clock": Key("The clock on which `plus` runs.", 'plus = "3 days"\nclock = "weekdays"'),
        "count": Key("law: the day of the fact is out, the last day ends at midnight, and one on which `clock` is closed moves on to the next that is open (Regulation 1182/71 art. 3). Default: to the same time of the day.", 'plus = "14 days"\ncount = "law"'),
        "every": Key("parcel: from the last parcel of the order; the end is not known before all have arrived.", 'fact = "shipment.delivered"\nevery = "parcel"', "fact"),
        "end_of_day": Key("true: from the end of that day.", "end_of_day = true"),
        "stops": Key("Stretches that do not count, or a list of such. By the law's count both their days are out.", 'stops = [{ from = { fact = "carrier.claimed" }, until = { fact = "carrier.answered" } }]', holds="stop"),
    },
    "stop": {
        "from": _needed("The facts that begin it.", 'from = { fact = "carrier.claimed" }', holds="match"),
        "until": _needed("The facts that end it.", 'until = { fact = "carrier.answered" }', holds="match"),
        "least": Key("How much is left after it, at the least.", 'least = "7 days"'),
    },
    "phase": {
        "name": _name("negotiation"),
        "begun_by": _needed("The facts that begin it.", 'begun_by = { fact = "dispute.opened" }', holds="match"),
        "buyer": Key("What the buyer may do: modify, accept, reject, offer, withdraw, give evidence, escalate, propose, decide, appeal, hear appeal, send back, confirm return, ask for information, give information, settle.", 'buyer = ["offer", "withdraw"]'),
        "seller": Key("What the seller may do.", 'seller = ["accept", "reject", "offer"]'),
        "agent": Key("What the platform may do.", 'agent = ["decide"]'),
        "after": Key("Of a verb, how long after the phase began it may be done.", 'buyer = ["escalate"]\nafter = { escalate = "3 days" }'),
        "clock": Key("The clock on which `after` runs. Default: always.", 'buyer = ["escalate"]\nafter = { escalate = "3 days" }\nclock = "weekdays"'),
    },
    "row": {
        "name": _name("any"),
        "when": Key("Answers to the inputs, one or a list each; one left out may be anything.", 'when = { tracking = "valid" }'),
        "outcome": Key("For whom: buyer, seller, both or nobody.", 'outcome = "seller"', frame='outcome = "buyer"'),
        "offer": Key("What is executed, of the kinds of offers.", 'offer = "refund"'),
        "fault": Key("Whose fault it is: buyer, seller, carrier or nobody.", 'fault = "carrier"'),
        "share": Key("How much of what is asked is paid, where a part is. Default: the mediator says.", 'share = "50%"'),
        "returns": Key("true: the goods go back first.", "returns = true"),
        "code": Key("A published reason code, of PayPal's list of adjudication reasons.", 'code = "VALID_PROOF_OF_DELIVERY"'),
        "source": _SOURCE,
    },
    "checklist": {
        "name": _needed("Its name. Small letters, digits, spaces, - and _.", 'name = "before it leaves"'),
        "title": Key("What people read.", 'title = "Look at the goods before they leave"'),
        "item": Key("What is looked at, 1 to 12 items, at most 10 of them photos.", 'item = [{ name = "count", title = "All pieces are in the parcel" }]', holds="item", frame='item = [{ name = "count", title = "All pieces are in the parcel" }]'),
        "categories": Key("Categories of listings for whose goods it is asked, as the shop calls them. Default: all goods.", 'categories = ["lamps", "glass"]'),
        "under_plan": Key("true: asked only of a seller with a running improvement plan that says so.", "under_plan = true"),
        "without": Key("What becomes of a parcel that is declared sent without it: marked (default), or refused. What a shop tells as a fact is never refused.", 'without = "refused"'),
        "source": _SOURCE,
    },
    "item": {
        "name": _needed("Its name, in this checklist.", 'name = "count"'),
        "title": Key("What people read.", 'title = "All pieces are in the parcel"'),
        "asks": Key("yes (default): that it is so; number: a number, such as a weight; photo: a photo.", 'asks = "photo"'),
    },
    "power": {
        "who": _needed("A role: buyer, seller, agent or platform.", 'who = "agent"'),
        "may": Key("What it may do: waive, pause, excuse, suspend, lift, reverse, publish, compare (see how each agent decides, which has to be named). Once any power is named, silence means no.", 'may = ["pause", "suspend"]'),
        "may_not": Key("What it may not do, whatever else allows it.", 'may_not = ["publish"]'),
    },
    "accepted": {
        "finding": _needed("A finding of `comity rulebook analyse` that is accepted, by its name.", 'finding = "silence:reply"'),
        "reason": _needed("Why.", 'reason = "a reply decides nothing"'),
    },
}  # fmt: skip
#: What a table needs, as it stands in the examples of its other keys.
FRAMES: Mapping[str, Mapping[str, str]] = {
    table: {name: key.frame for name, key in keys.items() if key.frame} for table, keys in FIELDS.items()
}


def _inside() -> Mapping[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for table, keys in FIELDS.items():
        for name, key in keys.items():
            found.setdefault(key.holds, (table, name))
    del found[""]
    return found


#: Where a kind of table stands in examples: the first key that holds it.
INSIDE: Mapping[str, tuple[str, str]] = _inside()
#: Tables that are written [[like this]] at the top.
LISTS = ("clock", "duty", "standard", "conduct", "ledger", "checklist", "power", "accepted")
