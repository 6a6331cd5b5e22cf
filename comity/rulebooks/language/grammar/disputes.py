"""[dispute]: reasons, when to open, phases, offers, and the mediator's decision table."""

import re
from datetime import time, timedelta
from fractions import Fraction
from math import prod
from typing import Any

from comity.lib.money import is_currency
from comity.policy.disputes.edges import DELIVERED, Edge, Stop
from comity.policy.disputes.rule import (
    BEARERS,
    CODES,
    MENDED_WITHIN,
    OFFERS,
    PAY_WAY_BACK,
    SIDES,
    VERBS,
    WAITING,
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
from comity.policy.facts import FAULTS, KINDS, MAX_AMOUNT, OUTCOMES
from comity.policy.time.calendars import Days
from comity.rulebooks.language.grammar.parts import Known, match, matches
from comity.rulebooks.language.reading import Table, duration

MAX_WEIGHT = 100
_MORNING = re.compile(r"next morning (\d\d):(\d\d)\Z")
#: Cases of a decision table that are looked at one by one.
MAX_CASES = 100_000


def dispute(table: Table, known: Known) -> DisputeRules:
    """Read the rules of disputes."""
    table.known("dispute")
    offers = tuple(table.texts("offers", default=[], choices=OFFERS))
    reasons = {reason.name: reason for reason in table.each("reason", lambda inner: _reason(inner, offers))}
    inputs = _inputs(table)
    phases = tuple(table.each("phase", lambda inner: _phase(inner, known)))
    return DisputeRules(
        reasons=reasons,
        openings=tuple(table.each("opening", lambda inner: _opening(inner, known, reasons))),
        offers=offers,
        phases=phases,
        inputs=inputs,
        table=tuple(table.each("row", lambda inner: _row(inner, inputs, offers))),
        appeals=table.lengths("appeals"),
        source=table.text("source"),
        grounds=tuple(table.each("ground", _ground)),
        evidence_until=table.text("evidence_until", choices=(*known.duties, *(phase.name for phase in phases))),
        return_postage=_postage(table, reasons),
        **_money(table, known),
        **_decisions(table, known),
    )


def _money(table: Table, known: Known) -> dict[str, Any]:
    """Read how offers and refunds go, and when the money is the seller's."""
    return {
        "offer_expires": table.length("offer_expires"),
        "refund_order": table.text("refund_order", choices=("proportion", "in order")) or "proportion",
        "small_claims": _small_claims(table),
        "bidding": _bidding(table),
        "signature_above": _amounts(table, "signature_above"),
        "reversal_of_money": table.text("reversal_of_money", choices=("platform", "seller")) or "platform",
        "received": _edges(table, "received", known),
    }


def _decisions(table: Table, known: Known) -> dict[str, Any]:
    """Read how it is decided, and what can be done about a decision."""
    return {
        "deviation": table.text("deviation", choices=("reason", "never")) or "reason",
        "by_facts": table.flag("by_facts"),
        "hold": _hold(table, known),
        "appeal_waits": tuple(table.texts("appeal_waits", default=[], choices=WAITING)),
        "set_aside": table.length("set_aside"),
        "correct_within": table.length("correct_within", default=MENDED_WITHIN),
        "still_needed": table.flag("still_needed"),
        "who_heard_may_decide": table.flag("who_heard_may_decide"),
        "two_mediators_above": _amounts(table, "two_mediators_above"),
        "against_seller": _conduct(table, known),
        "inquiry": table.flag("inquiry"),
    }


def _conduct(table: Table, known: Known) -> str:
    name = table.text("against_seller")
    if name and name not in known.conduct:
        hint = f"one of: {', '.join(known.conduct)}" if known.conduct else "add it as [[conduct]]"
        table.wrong("against_seller", f"unknown conduct rule {name!r}", hint)
    return name


def _reason(inner: Table, offers: tuple[str, ...]) -> Reason:
    inner.known("reason")
    buyer, seller = (tuple(inner.texts(f"{side}_evidence", default=[])) for side in ("buyer", "seller"))
    weights: dict[str, int] = {}
    if (weighing := inner.table("weights")) is not None:
        weights = {name: weighing.number(name, low=0, high=MAX_WEIGHT) for name in weighing.values}
        for name in weights.keys() - {*buyer, *seller}:
            weighing.wrong(name, f"{name!r} is no evidence of this reason", f"one of: {', '.join((*buyer, *seller))}")
    return Reason(
        name=inner.name("name") or "?",
        title=inner.text("title", required=True),
        buyer_evidence=buyer,
        seller_evidence=seller,
        source=inner.text("source"),
        wants=tuple(inner.texts("wants", default=[], choices=offers or OFFERS)),
        prove=inner.text("prove", choices=("buyer", "seller")),
        code=inner.text("code"),
        weights=weights,
    )


def _ground(inner: Table) -> Ground:
    inner.known("ground")
    return Ground(inner.name("name") or "?", inner.text("title", required=True), inner.text("proof"))


def _postage(table: Table, reasons: dict[str, Reason]) -> dict[str, str]:
    inner = table.table("return_postage")
    if inner is None:
        return {}
    for name in inner.values.keys() - reasons.keys():
        inner.wrong(name, f"unknown reason {name!r}", f"one of: {', '.join(reasons) or 'none'}")
    return {name: inner.text(name, choices=PAY_WAY_BACK) for name in inner.values}


def _amounts(table: Table, key: str) -> dict[str, int]:
    """Read amounts in minor units by currency."""
    inner = table.table(key)
    if inner is None:
        return {}
    for code in inner.values:
        if not is_currency(code):
            inner.wrong(code, f"{code!r} is no currency of ISO 4217", f"{key} = {{ EUR = 1000 }}, in minor units")
    return {code: inner.number(code, low=1, high=MAX_AMOUNT) for code in inner.values}


def _small_claims(table: Table) -> SmallClaims | None:
    inner = table.table("small_claims")
    if inner is None:
        return None
    inner.known("small_claims")
    if "most" not in inner.values:
        inner.wrong("most", "missing most", "most = { EUR = 1000 }, in minor units")
    return SmallClaims(
        _amounts(inner, "most"),
        inner.text("outcome", choices=("buyer", "seller")) or "buyer",
        inner.text("cost", choices=BEARERS) or "platform",
    )


def _bidding(table: Table) -> Bidding | None:
    inner = table.table("bidding")
    if inner is None:
        return None
    inner.known("bidding")
    margin = inner.fraction("margin", default=Fraction(1, 10))
    return Bidding(margin, inner.number("rounds", low=1, high=2, default=2))


def _hold(table: Table, known: Known) -> Hold | None:
    text = table.text("hold")
    if not text:
        return None
    try:
        if (morning := _MORNING.match(text)) is not None:
            return Hold(at=time(int(morning[1]), int(morning[2])), zone=known.zone)
        return Hold(duration(text), zone=known.zone)
    except ValueError as error:
        table.wrong("hold", str(error), 'hold = "12 hours", or hold = "next morning 09:00"')
        return None


def _opening(inner: Table, known: Known, reasons: dict[str, Reason]) -> Opening:
    inner.known("opening")
    if inner.values.get("after") is None:
        inner.wrong("name", "missing after", 'after = { fact = "shipment.dispatched", plus = "10 days" }')
    return Opening(
        inner.name("name") or "?",
        tuple(inner.texts("reasons", default=[], choices=tuple(reasons))),
        _edges(inner, "after", known),
        _edges(inner, "until", known),
        matches(inner, "unless"),
        matches(inner, "only_if"),
        inner.text("source"),
    )


def _edges(table: Table, key: str, known: Known) -> tuple[Edge, ...]:
    edges = []
    for inner in table.one_or_more(key, f'{key} = {{ fact = "shipment.dispatched", plus = "10 days" }}'):
        inner.known("edge")
        end = inner.flag("end_of_day")
        count = inner.text("count", choices=("law",))
        plus = inner.length("plus") or timedelta(0)
        meant = {name: value for name, value in inner.values.items() if name in ("fact", "where")}
        field, every = inner.text("field"), inner.text("every", choices=("parcel",))
        clock = known.clocks.get(inner.text("clock", choices=tuple(known.clocks)) or "always", known.clocks["always"])
        # An edge is a fact and more; only the first is read as facts are read elsewhere.
        for by in match(Table(table.reader, meant, inner.path)):
            if field and field not in KINDS[by.fact].fields:
                inner.wrong("field", f"{by.fact} has no moment {field!r}")
            if every and by.fact != DELIVERED:
                inner.wrong("every", "every parcel of an order is one that is delivered", f'fact = "{DELIVERED}"')
            edges.append(Edge(by, field, plus, clock, known.zone, count, every, end, _stops(inner)))
        if count and not isinstance(plus, Days):
            inner.wrong("count", "the law counts days", 'plus = "14 days"')
    return tuple(edges)


def _stops(table: Table) -> tuple[Stop, ...]:
    stops = []
    for inner in table.one_or_more(
        "stops", 'stops = [{ from = { fact = "carrier.claimed" }, until = { fact = "carrier.answered" } }]'
    ):
        inner.known("stop")
        begun, ended = matches(inner, "from", required=True), matches(inner, "until", required=True)
        stops.append(Stop(begun, ended, inner.length("least") or timedelta(0)))
    return tuple(stops)


def _phase(inner: Table, known: Known) -> Phase:
    inner.known("phase")
    may = {side: tuple(inner.texts(side, default=[], choices=VERBS)) for side in SIDES}
    after: dict[str, timedelta] = {}
    if (waits := inner.table("after")) is not None:
        verbs = {verb for verbs in may.values() for verb in verbs}
        for verb in waits.values:
            if verb not in verbs:
                waits.wrong(verb, f"nobody may {verb!r} in this phase", f"one of: {', '.join(sorted(verbs)) or 'none'}")
            after[verb] = waits.length(verb) or timedelta(0)
    clock = known.clocks.get(inner.text("clock", choices=tuple(known.clocks)) or "always", known.clocks["always"])
    name, begun_by = inner.name("name") or "?", matches(inner, "begun_by", required=True)
    return Phase(name, begun_by, may, after, clock, known.zone)


def _inputs(table: Table) -> dict[str, tuple[str, ...]]:
    inner = table.table("inputs")
    if inner is None:
        return {}
    inputs = {name: tuple(inner.texts(name, default=[])) for name in inner.values}
    for name, values in inputs.items():
        if not values or len(set(values)) != len(values):
            inner.wrong(name, "an input lists its answers, each once", f'{name} = ["yes", "no"]')
    # `witnesses` looks at every case; the solver alone would not need the limit.
    if prod(len(values) for values in inputs.values()) > MAX_CASES:
        table.wrong("inputs", f"the decision table has more than {MAX_CASES:,} cases", "ask fewer questions")
    return inputs


def _row(inner: Table, inputs: dict[str, tuple[str, ...]], offers: tuple[str, ...]) -> Row:
    inner.known("row")
    when: Any = inner.values.get("when", {})
    answers: dict[str, tuple[str, ...]] = {}
    if not isinstance(when, dict):
        inner.wrong("when", "when must be a table", 'when = { tracking = "valid" }')
        when = {}
    for name, value in when.items():
        values = tuple(value) if isinstance(value, list) else (value,)
        if name not in inputs:
            inner.wrong("when", f"unknown input {name!r}", f"known: {', '.join(inputs) or 'none'}")
        elif not values or not all(each in inputs[name] for each in values):
            inner.wrong("when", f"{name} cannot be {value!r}", f"one of: {', '.join(inputs[name])}")
        else:
            answers[name] = values
    return Row(
        inner.name("name") or "?",
        answers,
        inner.text("outcome", required=True, choices=OUTCOMES) or "nobody",
        inner.text("offer", choices=offers),
        inner.text("fault", choices=FAULTS),
        inner.text("source"),
        inner.fraction("share", default=None),
        inner.flag("returns"),
        inner.text("code", choices=CODES),
    )
