"""What tables of several kinds share: which facts are meant, points, measures, consequences."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from comity.policy.disputes.rule import BEARERS
from comity.policy.facts import KINDS, Scalar
from comity.policy.facts import Field as FactField
from comity.policy.matching import Match, Test
from comity.policy.plans.rule import SILENCES as PLAN_ENDS
from comity.policy.powers import ROLES
from comity.policy.sanctions.measures import DECIDERS, MEASURES, NEEDS, ChargeOf, Consequences, Rung
from comity.policy.time.clocks import Clock
from comity.rulebooks.language.reading import MAX_POINTS, Table

_BOUND = re.compile(r"(<=|>=|<|>) (-?\d{1,12})\Z")


@dataclass(frozen=True, slots=True)
class Known:
    """What the tables of a rulebook may name: its clocks, and the names of its ledgers, standards and duties."""

    zone: str
    clocks: dict[str, Clock]
    ledgers: Collection[str]
    standards: Collection[str]
    duties: Collection[str]
    conduct: Collection[str] = ()


def matches(table: Table, key: str, *, required: bool = False) -> tuple[Match, ...]:
    """Read the facts that are meant: a table, or a list of them; each may name several kinds."""
    hint = f'{key} = {{ fact = "message.sent" }}'
    if required and table.values.get(key) is None:
        table.wrong(key, f"missing {key}", hint)
    meant: list[Match] = []
    for inner in table.one_or_more(key, hint):
        inner.known("match")
        if "unless" in inner.values:
            inner.wrong("unless", "unless goes with the faulty facts of a standard", "leave it out")
        if "no_later_than" in inner.values and key != "met_by":
            inner.wrong("no_later_than", "no_later_than goes with the facts that meet a duty", "leave it out")
        meant += match(inner)
    return tuple(meant)


def match(inner: Table) -> list[Match]:
    """Read one table of facts that are meant: one Match for each kind."""
    value = inner.values.get("fact")
    kinds = inner.texts("fact", default=[]) if isinstance(value, list) else [inner.text("fact", required=True)]
    where = inner.values.get("where", {})
    if not isinstance(where, dict):
        inner.wrong("where", "where must be a table", 'where = { by = "seller" }')
        where = {}
    by_kind = []
    for kind in kinds:
        if kind in KINDS:
            equal, tests = _conditions(inner, kind, where)
            by_kind.append(Match(kind, equal, tests, inner.text("no_later_than")))
        elif kind:
            close = get_close_matches(kind, KINDS, n=1)
            hint = f"did you mean {close[0]}?" if close else "see docs/facts.md"
            inner.wrong("fact", f"unknown fact {kind!r}", hint)
    return by_kind


def _conditions(inner: Table, kind: str, where: dict[str, Any]) -> tuple[dict[str, Scalar], tuple[Test, ...]]:
    """Read what a fact's data must say: fields that equal one value, and tests of the others."""
    equal: dict[str, Scalar] = {}
    tests: list[Test] = []
    for name, wanted in where.items():
        field = KINDS[kind].fields.get(name)
        if field is None:
            has = ", ".join(KINDS[kind].fields) or "none"
            inner.wrong("where", f"{kind} has no field {name!r}", f"it has: {has}")
            continue
        test = _test(inner, name, wanted, field)
        # One value is compared as it is: that is the usual case, and the judge's quickest.
        if test is not None and len(test.values) == 1:
            equal[name] = test.values[0]
        elif test is not None:
            tests.append(test)
    return equal, tuple(tests)


def _test(inner: Table, name: str, wanted: Any, field: FactField) -> Test | None:
    """Read what a field must say: a value, a list of values, or a bound on a whole number."""
    if field.type is int and isinstance(wanted, str) and (bound := _BOUND.match(wanted)):
        op, number = bound.group(1), int(bound.group(2))
        if op.startswith("<"):
            # Whole numbers: below 5 is at most 4.
            return Test(name, most=number if op == "<=" else number - 1)
        return Test(name, least=number if op == ">=" else number + 1)
    values = wanted if isinstance(wanted, list) else [wanted]
    kind = str if field.type is datetime else field.type
    for value in values:
        fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        if not fits or (field.choices and value not in field.choices):
            hint = f"one of {', '.join(field.choices)}" if field.choices else f"a {field.type.__name__}"
            inner.wrong("where", f"{name} cannot be {value!r}", hint + (', or such as ">= 4"' if kind is int else ""))
            return None
    if not values:
        inner.wrong("where", f"{name} lists no value", "name at least one")
        return None
    return Test(name, tuple(values))


def charge(table: Table, known: Known) -> ChargeOf | None:
    """Read points on a ledger."""
    inner = table.table("charge")
    if inner is None:
        return None
    inner.known("charge")
    name = ledger(inner, known)
    points = inner.number("points", low=1, high=MAX_POINTS)
    return ChargeOf(name, points) if name else None


def ledger(inner: Table, known: Known) -> str:
    """Read the name of a ledger that there is."""
    name = inner.text("ledger", required=True, choices=tuple(known.ledgers))
    if name and not known.ledgers:
        inner.wrong("ledger", f"unknown ledger {name!r}", "add it as [[ledger]]")
        return ""
    return name


def measure(table: Table, *, at: int, every: int = 0, after_plan: bool = False) -> Rung:
    """Read a measure and how it comes about. `after_plan`: whether an improvement plan is asked for beside it."""
    named = table.text("measure", required=True, choices=MEASURES) or "warning"
    length = table.length("length")
    notice = table.length("notice", default=timedelta(0)) or timedelta(0)
    decided_by = table.text("decided_by", choices=DECIDERS) or "reviewer"
    kind = MEASURES[named]
    if not kind.automatic and decided_by == "automatic":
        table.wrong("decided_by", f"no {named} comes without a person", 'use decided_by = "two reviewers"')
    if notice < kind.least_notice:
        days = kind.least_notice.days
        table.wrong("notice", f"a {named} needs at least {days} days of notice", f'{kind.source}: "{days} days"')
    elif kind.needs_notice and "notice" not in table.values:
        table.wrong("notice", f"a {named} needs a notice", 'add notice = "24 hours" or longer')
    most = table.number("most", low=1) if "most" in table.values else 0
    if (named == "orders capped") != bool(most):
        problem = "orders capped needs the number" if named == "orders capped" else f"a {named} has no number of orders"
        table.wrong("most", problem, 'most = 20, with measure = "orders capped"')
    if kind.is_good and decided_by != "automatic":
        table.wrong("decided_by", f"a {named} needs nobody's approval", 'decided_by = "automatic"')
    needs = table.text("needs", choices=NEEDS)
    if needs == "failed plan" and not after_plan:
        table.wrong("needs", "no plan is asked for that could fail", 'add plan = { runs = "60 days" } to the level')
    return Rung(
        at=at,
        measure=named,
        length=length,
        notice=notice,
        decided_by=decided_by,
        every=every,
        restored_by=matches(table, "restored_by"),
        appeals=table.lengths("appeals"),
        source=table.text("source"),
        needs=needs,
        most=most,
    )


def direct_measure(table: Table, *, at: int = 0, after_plan: bool = False) -> Rung | None:
    """Read a measure that follows without points, under the key "measure"."""
    inner = table.table("measure")
    if inner is None:
        return None
    inner.known("measure")
    return measure(inner, at=at, after_plan=after_plan)


def roles(table: Table, key: str) -> tuple[str, ...]:
    """Read a list of roles."""
    return tuple(table.texts(key, default=[], choices=ROLES))


def consequences(table: Table, known: Known) -> Consequences:
    """Read what a breached duty brings."""
    inner = table.table("breach")
    if inner is None:
        return Consequences()
    inner.known("breach")
    decide = inner.text("decide", choices=("buyer", "seller"))
    for key in ("cost", "amount"):
        if key in inner.values and not decide:
            inner.wrong(key, f"{key} goes with `decide`", 'decide = "buyer"')
    return Consequences(
        charge=charge(inner, known),
        decide=decide,
        cost=inner.text("cost", choices=BEARERS),
        amount=inner.text("amount", choices=("asked", "nothing")) or "asked",
        escalate=inner.flag("escalate"),
        hand_over=inner.flag("hand_over"),
        close=inner.text("close", choices=("for good", "open again")),
        refund=inner.flag("refund"),
        revive=inner.flag("revive"),
        remind=inner.flag("remind"),
        plan=inner.text("plan", choices=PLAN_ENDS),
        cancel=inner.flag("cancel"),
        opens=inner.text("opens", choices=tuple(known.duties)),
        assign=inner.text("assign"),
        measure=direct_measure(inner),
        notify=roles(inner, "notify"),
    )
