"""[[standard]]: a rate or count over a window, held against limits."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from comity.policy.facts import KINDS
from comity.policy.matching import Match
from comity.policy.plans.rule import PlanRule
from comity.policy.standards.rates import BOUND_HINT, MEASURES_OF, Bound, Limit, bound, share
from comity.policy.standards.rule import EACH, MODES, OUTCOMES, Basis, Level, StandardRule, Window
from comity.policy.time import calendars
from comity.rulebooks.language.grammar.parts import Known, charge, direct_measure, match, matches, roles
from comity.rulebooks.language.reading import Table

MAX_WINDOWS = 8
MAX_LEVELS = 40
MIN_RUN, MAX_RUN = timedelta(days=1), timedelta(days=730)
_DUTY_BASIS = ("opened", "due", "ended")


def standard(table: Table, known: Known) -> StandardRule:
    """Read a standard."""
    table.known("standard")
    name = table.name("name") or "?"
    of_duty = table.text("of_duty", choices=tuple(known.duties))
    every = table.text("evaluated") or "continuous"
    windows, mode = _windows(table)
    counted, faulty, cleared = _facts(table, of_duty=bool(of_duty))
    rule = StandardRule(
        name=name,
        title=table.text("title") or name,
        who=table.text("who", choices=("seller", "buyer")) or "seller",
        each="duty" if of_duty else table.text("each", choices=EACH) or "order",
        windows=windows,
        levels=_levels(table, known),
        evaluated=_evaluated(table, every, known.zone),
        counted=counted,
        faulty=faulty,
        cleared=cleared,
        excluded=() if of_duty else matches(table, "excluded"),
        basis=None if of_duty else _basis(table),
        value=_value(table, counted),
        of_duty=of_duty,
        counted_outcomes=_outcomes(table, "counted", of_duty, ("met", "breached")),
        faulty_outcomes=_outcomes(table, "faulty", of_duty, ("breached",)),
        duty_basis=(table.text("basis", choices=_DUTY_BASIS) if of_duty else "") or "ended",
        mode=mode,
        lag=_lag(table),
        continuous=every == "continuous",
        certain=table.text("decides", choices=("raw", "certain")) == "certain",
        error=table.fraction("error", default=Fraction(1, 20)),
        zone=known.zone,
        source=table.text("source"),
    )
    _check_certain(table, rule)
    _check_buyers(table, rule)
    if rule.who != "seller" and any(level.plan for level in rule.levels):
        table.wrong("who", "only sellers are asked for a plan", "leave the plan out")
    return rule


def _facts(table: Table, *, of_duty: bool) -> tuple[tuple[Match, ...], tuple[Match, ...], tuple[Match, ...]]:
    """Read which facts count, which are faulty, and which take a fault away."""
    if of_duty:
        for key in ("each", "excluded", "cleared", "value"):
            if key in table.values:
                table.wrong(key, f"{key} is for standards that count facts", "leave it out beside of_duty")
        return (), (), ()
    cleared = list(matches(table, "cleared"))
    faulty: list[Match] = []
    hint = 'faulty = { fact = "dispute.opened", unless = "withdrawn" }'
    for inner in table.one_or_more("faulty", hint):
        inner.known("match")
        faulty += [replace(each, unless=_unless(inner, each)) for each in match(inner)]
    return matches(table, "counted", required=True), tuple(faulty), tuple(cleared)


def _unless(inner: Table, fault: Match) -> tuple[Match, ...]:
    """Read which facts clear a fault: kinds or, of the fault's own noun, verbs; or tables of facts that are meant."""
    value = inner.values.get("unless")
    if value is None:
        return ()
    found: list[Match] = []
    for number, item in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(item, dict):
            each = Table(inner.reader, item, (*inner.path, "unless", number))
            each.known("match")
            for key in ("unless", "no_later_than"):
                if key in item:
                    each.wrong(key, f"what clears a fault has no {key}", "leave it out")
            found += match(each)
            continue
        # "withdrawn" after dispute.opened is dispute.withdrawn.
        kind = item if isinstance(item, str) and "." in item else f"{fault.fact.partition('.')[0]}.{item}"
        if kind in KINDS:
            found.append(Match(kind))
        else:
            inner.wrong("unless", f"unknown kind of fact {kind!r}", "see docs/facts.md")
    return tuple(found)


def _outcomes(table: Table, key: str, of_duty: str, default: tuple[str, ...]) -> tuple[str, ...]:
    if not of_duty or key not in table.values:
        return default
    value = table.values[key]
    if isinstance(value, str):
        return (table.text(key, choices=OUTCOMES) or default[0],)
    return tuple(table.texts(key, default=list(default), choices=OUTCOMES))


def _basis(table: Table) -> Basis | None:
    if "basis" not in table.values:
        return None
    inner = table.table("basis")
    if inner is None:
        return None
    field = inner.text("field")
    plain = Table(table.reader, {key: value for key, value in inner.values.items() if key != "field"}, inner.path)
    meant = match(plain)
    if len(meant) != 1:
        table.wrong("basis", "a basis is one kind of fact", 'basis = { fact = "order.paid", field = "deliver_by" }')
        return None
    if field and field not in KINDS[meant[0].fact].fields:
        inner.wrong("field", f"{meant[0].fact} has no moment {field!r}")
    return Basis(meant[0], field)


def _value(table: Table, counted: tuple[Match, ...]) -> str:
    value = table.text("value")
    for each in counted if value else ():
        field = KINDS[each.fact].fields.get(value)
        if field is None or field.type is not int:
            table.wrong("value", f"{each.fact} has no whole number {value!r}")
    return value


def _windows(table: Table) -> tuple[tuple[Window, ...], str]:
    value = table.values.get("window")
    items = value if isinstance(value, list) else [value]
    if value is None:
        table.wrong("name", "missing window", 'window = "30 days"')
        return (Window(calendars.span("30 days")),), MODES[0]
    if not 1 <= len(items) <= MAX_WINDOWS:
        table.wrong("window", f"1 to {MAX_WINDOWS} windows")
    windows = []
    for number, item in enumerate(items[:MAX_WINDOWS]):
        values = {"length": item} if isinstance(item, str) else item if isinstance(item, dict) else {}
        windows.append(_window(Table(table.reader, values, (*table.path, "window", number))))
    weights = [window.weight for window in windows if window.weight is not None]
    if weights:
        # Exact: weights are fractions.
        if sum(weights) != 1 or len(weights) != len(windows):
            table.wrong("window", "the weights of all windows sum to 100%", "give each a weight")
        return tuple(windows), "weighted"
    if any(window.from_volume for window in windows):
        if windows[-1].from_volume:
            table.wrong("window", "the last window is for all other volumes", "leave out its `from`")
        return tuple(windows), "choose"
    return tuple(windows), "all"


def _window(inner: Table) -> Window:
    inner.known("window")
    span = calendars.Span("30 days", "day", 30)
    try:
        span = calendars.span(inner.text("length", required=True))
    except ValueError as error:
        inner.wrong("length", str(error))
    return Window(span, inner.number("from", default=0), _share(inner, "weight"), _share(inner, "latest"))


def _share(inner: Table, key: str) -> Fraction | None:
    text = inner.text(key)
    if not text:
        return None
    try:
        return share(text)
    except ValueError as error:
        inner.wrong(key, str(error))
        return None


def _lag(table: Table) -> timedelta:
    lag = table.length("lag") or timedelta(0)
    if lag % timedelta(days=1):
        table.wrong("lag", "a lag is whole days", 'lag = "14 days"')
    return lag


def _evaluated(table: Table, text: str, zone: str) -> calendars.Recurring:
    try:
        return calendars.recurring(text, zone)
    except ValueError as error:
        table.wrong("evaluated", str(error))
        # Something sound in its place, so that the mistakes further on are found as well.
        return calendars.recurring("daily", zone)


def _levels(table: Table, known: Known) -> tuple[Level, ...]:
    if "limit" in table.values and "level" in table.values:
        table.wrong("limit", "a standard has either a limit or levels", "put the limit into a [[standard.level]]")
        return ()
    if "limit" not in table.values and "level" not in table.values:
        for key in ("breach", "running"):
            if key in table.values:
                table.wrong(key, f"{key} goes with a limit", 'limit = { rate = "<= 2.5%" }')
        return ()
    if "level" in table.values:
        if "breach" in table.values:
            table.wrong("breach", "with levels, each says what follows", "move it into [[standard.level]]")
        levels = table.each("level", lambda inner: _level(inner, known))
        if len(levels) > MAX_LEVELS:
            table.wrong("level", f"{len(levels)} levels; at most {MAX_LEVELS} are read", "leave out what nobody needs")
        return tuple(_numbered(levels))
    limits, at_least = _limits(table)
    breach = table.table("breach")
    running = table.number("running", low=1, high=60, default=1)
    if breach is None:
        return (Level("limit", limits, at_least, running),)
    for key in breach.values:
        if key not in ("charge", "measure", "notify"):
            breach.wrong(key, f"a standard's breach has no {key!r}", "it has: charge, measure, notify")
    return (
        Level(
            "limit",
            limits,
            at_least,
            running,
            charge(breach, known),
            direct_measure(breach),
            notify=roles(breach, "notify"),
        ),
    )


def _numbered(levels: list[Level]) -> list[Level]:
    """Let each level's measure know its place, by which it is found again."""
    return [
        replace(level, measure=replace(level.measure, at=number)) if level.measure else level
        for number, level in enumerate(levels)
    ]


def _level(inner: Table, known: Known) -> Level:
    inner.known("level")
    limits, at_least = _limits(inner)
    plan = _plan(inner)
    return Level(
        inner.name("name") or "?",
        limits,
        at_least,
        inner.number("running", low=1, high=60, default=1),
        charge(inner, known),
        direct_measure(inner, after_plan=plan is not None),
        plan,
        roles(inner, "notify"),
        inner.text("source"),
    )


def _plan(table: Table) -> PlanRule | None:
    """Read the improvement plan that a level asks for."""
    inner = table.table("plan")
    if inner is None:
        return None
    inner.known("plan")
    runs = inner.length("runs", required=True)
    if runs is not None and not MIN_RUN <= runs <= MAX_RUN:
        inner.wrong("runs", f"a plan runs from {MIN_RUN.days} to {MAX_RUN.days} days", 'runs = "60 days"')
    return PlanRule(runs or MIN_RUN)


def _limits(table: Table) -> tuple[tuple[Limit, ...], int]:
    """Read what must be kept, and from which volume on it is judged."""
    if table.values.get("limit") is None:
        table.wrong("name", "missing limit", 'limit = { rate = "<= 2.5%" }')
    limits = []
    at_least = 1
    for inner in table.one_or_more("limit", 'limit = { rate = "<= 2.5%", at_least = 20 }'):
        inner.known("limit")
        bounds = _bounds(inner)
        below = inner.number("below", low=1, default=0) if "below" in inner.values else None
        at_least = max(at_least, inner.number("at_least", low=1, default=1))
        either = inner.text("hold", choices=("all", "any")) == "any"
        limits.append(Limit(bounds, either, inner.number("from", default=0), below))
    return tuple(limits), at_least


def _bounds(inner: Table) -> tuple[Bound, ...]:
    bounds = []
    for what in MEASURES_OF:
        if text := inner.text(what):
            try:
                bounds.append(bound(what, text))
            except ValueError as error:
                inner.wrong(what, str(error))
    if not any(what in inner.values for what in MEASURES_OF):
        inner.wrong("rate", "a limit names at least one bound", BOUND_HINT)
    return tuple(bounds)


def _check_buyers(table: Table, rule: StandardRule) -> None:
    """Who bought is told of a seller's orders; of the newest share of them nobody counts it."""
    if not rule.asks_for_buyers:
        return
    key = "level" if "level" in table.values else "limit"
    if rule.who != "seller" or rule.each != "order":
        table.wrong(key, "buyers are known of a seller's orders", 'who = "seller" and each = "order", without of_duty')
    elif any(window.latest is not None for window in rule.windows):
        table.wrong(key, "buyers are not counted of the newest share", "leave out latest, or the bound on buyers")


def _check_certain(table: Table, rule: StandardRule) -> None:
    """A test of evidence is about one rate over one window."""
    if "error" in table.values and not rule.certain:
        table.wrong("error", 'error goes with decides = "certain"')
    if not rule.certain:
        return
    if len(rule.windows) != 1 or rule.windows[0].latest is not None:
        table.wrong("decides", "certain looks at one window", 'window = "365 days"')
    for level in rule.levels:
        for limit in level.limits:
            if len(limit.bounds) != 1 or limit.bounds[0].what not in ("rate", "kept") or limit.bounds[0].of_peers:
                table.wrong("decides", "certain tests one rate against one limit", 'limit = { rate = "<= 2.5%" }')
                return
