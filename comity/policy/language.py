"""The rulebook language: every table and every key, what it says. The parser knows no others; docs/rulebook.md is
generated from here."""

from collections.abc import Mapping

LANGUAGE = 1

FIELDS: Mapping[str, Mapping[str, str]] = {
    "": {
        "name": "Name of the rulebook; versions of one rulebook share it. Small letters, digits, spaces, - and _.",
        "version": "Name of this version, such as \"2026-01\". Everything it opens is pinned to name@version.",
        "title": "What people read.",
        "language": "Version of this language: 1.",
        "in_force_from": "A date (midnight in `zone`) or a time with its zone, from which the version judges.",
        "announced_on": "When it was announced. In force at the earliest `notice` after that.",
        "notice": "How long before it is in force everyone is told, such as \"15 days\".",
        "zone": "Time zone of dates and clocks that name none. Default: UTC.",
        "source": "Where the rules come from.",
    },
    "clock": {
        "name": "Name by which duties ask for it. \"always\" is built in.",
        "zone": "Time zone of its hours.",
        "days": "Days on which it is open: mon tue wed thu fri sat sun. Default: all.",
        "hours": "Open stretches of each open day, in order, such as [\"09:00-12:00\", \"13:00-18:00\"]. Default: all day.",
        "holidays": "A country, as ISO 3166 with a subdivision where there is one (CN, BR-SP): its public holidays are closed.",
        "closed": "Further closed dates.",
        "quiet": "A daily stretch that does not count, such as \"21:00-08:00\".",
    },
    "duty": {
        "name": "Name of the duty, unique in the rulebook.",
        "title": "What it asks, in words.",
        "who": "Who must act: buyer, seller, agent or platform.",
        "each": "One duty for each: conversation, order or shipment.",
        "opened_by": "The fact that opens it: { fact = \"message.sent\", where = { by = \"buyer\" } }, or a list of such.",
        "met_by": "The facts that meet it.",
        "waived_by": "Facts after which it is no longer asked for.",
        "voided_by": "Facts after which it falls away, such as order.cancelled.",
        "unknown_by": "Facts that say it was done, but not when: then it is not judged.",
        "not_after": "After such a fact it opens no more.",
        "within": "How long there is, such as \"72 hours\", on `clock`. Either this or `by`.",
        "by": "Name of a moment in the opening fact, such as deliver_by. Either this or `within`.",
        "clock": "Name of the clock on which `within` runs. Default: always.",
        "warn_before": "How long before the deadline to warn, such as [\"24 hours\", \"4 hours\"].",
        "repeats": "true: opens again after it has ended, as each unanswered message does. Default: once for each.",
        "counts_before": "true: an act dated before the duty opened meets it. Default: false.",
        "breach": "What follows when the deadline passes: { charge = { ledger = \"service\", points = 1 } }.",
        "source": "Where the number comes from.",
    },
    "ledger": {
        "name": "Name of the ledger, unique in the rulebook.",
        "title": "What people read.",
        "expires_after": "How long each charge lives from its own date, such as \"365 days\".",
        "source": "Where the number comes from.",
        "rung": "Its rungs, from low to high: [[ledger.rung]].",
    },
    "ledger.rung": {
        "at": "Points at which it is reached. Where one charge crosses several rungs, only the heaviest is executed.",
        "measure": "warning, restriction, freeze or closure; never milder than a lower rung.",
        "length": "How long it lasts from when it takes effect. Default: without end.",
        "notice": "How long before it takes effect the party is told. Every measure but a warning needs one.",
        "decided_by": "automatic, or reviewer (default): a person approves. A closure is never automatic.",
        "source": "Where the number comes from.",
    },
    "match": {
        "fact": "A kind of fact, see facts.md.",
        "where": "Values that the fact's data must have. A field that the fact lacks equals no value.",
    },
    "breach": {"charge": "Points on a ledger."},
    "charge": {"ledger": "Name of a ledger.", "points": "How many points, at least 1."},
}  # fmt: skip
