"""[dispute]: reasons, when to open, phases, offers, and the mediator's decision table."""

from datetime import timedelta
from math import prod
from typing import Any

from comity.policy.disputes.rule import SIDES, DisputeRules, Edge, Opening, Phase, Reason, Row
from comity.policy.facts import FAULTS, KINDS, OUTCOMES
from comity.policy.time.clocks import ALWAYS
from comity.rulebooks.language.grammar.parts import Known, match, matches
from comity.rulebooks.language.reading import Table

#: Cases of a decision table that are looked at one by one.
MAX_CASES = 100_000


def dispute(table: Table, known: Known) -> DisputeRules:
    """Read the rules of disputes."""
    table.known("dispute")
    reasons = {reason.name: reason for reason in table.each("reason", _reason)}
    inputs = _inputs(table)
    offers = tuple(table.texts("offers", default=[]))
    return DisputeRules(
        reasons=reasons,
        openings=tuple(table.each("opening", lambda inner: _opening(inner, known, reasons))),
        offers=offers,
        phases=tuple(table.each("phase", _phase)),
        inputs=inputs,
        table=tuple(table.each("row", lambda inner: _row(inner, inputs, offers))),
        appeals=table.lengths("appeals"),
        source=table.text("source"),
    )


def _reason(inner: Table) -> Reason:
    inner.known("reason")
    return Reason(
        inner.name("name") or "?",
        inner.text("title", required=True),
        tuple(inner.texts("buyer_evidence", default=[])),
        tuple(inner.texts("seller_evidence", default=[])),
        inner.text("source"),
    )


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
        meant = {name: value for name, value in inner.values.items() if name in ("fact", "where")}
        field = inner.text("field")
        clock = known.clocks.get(inner.text("clock", choices=tuple(known.clocks)) or "always", ALWAYS)
        # An edge is a fact and more; only the first is read as facts are read elsewhere.
        for by in match(Table(table.reader, meant, inner.path)):
            if field and field not in KINDS[by.fact].fields:
                inner.wrong("field", f"{by.fact} has no moment {field!r}")
            edges.append(Edge(by, field, inner.length("plus") or timedelta(0), clock, known.zone))
    return tuple(edges)


def _phase(inner: Table) -> Phase:
    inner.known("phase")
    may = {side: tuple(inner.texts(side, default=[])) for side in SIDES}
    return Phase(inner.name("name") or "?", matches(inner, "begun_by", required=True), may)


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
    )
