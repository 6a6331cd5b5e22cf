"""[[ledger]] and [[conduct]]: points, how long they live, what they lead to, and what is not allowed."""

from functools import partial
from itertools import pairwise

from comity.policy.conduct.rule import ConductRule
from comity.policy.sanctions.measures import WEIGHTS, Rung
from comity.policy.sanctions.rule import Accrual, Earning, LedgerRule, reminds
from comity.policy.standards.rates import share
from comity.policy.time import calendars
from comity.rulebooks.language.grammar.parts import Known, ledger, matches, measure
from comity.rulebooks.language.reading import MAX_POINTS, Table

MAX_RUNGS = 60
SEVERITIES = ("low", "medium", "high", "critical")
PROOFS = ("reviewer", "report", "classifier")


def ledger_rule(table: Table, known: Known) -> LedgerRule:
    """Read a ledger with its ladder."""
    table.known("ledger")
    name = table.name("name") or "?"
    expires, resets = table.length("expires_after"), _resets(table, known.zone)
    if expires is None and resets is None and not {"expires_after", "resets"} & table.values.keys():
        table.wrong("name", "missing expires_after", 'expires_after = "365 days", or resets = "yearly on 01-01"')
    score = table.table("score")
    start, most, accrual = (None, 0, None) if score is None else _score(score, known)
    # No points reach nothing; a score may fall to 0.
    rungs = table.each("rung", partial(_rung, low=1 if score is None else 0))
    if len(rungs) > MAX_RUNGS:
        table.wrong("rung", f"{len(rungs)} rungs; at most {MAX_RUNGS} are read", "use `every` for repeated ones")
        rungs = rungs[:MAX_RUNGS]
    _check_order(table, rungs, falling=score is not None)
    return LedgerRule(
        name=name,
        title=table.text("title") or name,
        expires_after=expires,
        rungs=tuple(rungs),
        resets=resets,
        cap=table.number("cap_a_day", low=1) if "cap_a_day" in table.values else None,
        merges=table.length("merges_within"),
        strikes=table.text("counts", choices=("points", "strikes")) == "strikes",
        earns=_earns(table),
        start=start,
        most=most,
        accrual=accrual,
        zone=known.zone,
        source=table.text("source"),
    )


def _resets(table: Table, zone: str) -> calendars.Recurring | None:
    text = table.text("resets")
    if not text:
        return None
    try:
        return calendars.recurring(text, zone)
    except ValueError as error:
        table.wrong("resets", str(error))
        return None


def _score(score: Table, known: Known) -> tuple[int, int, Accrual | None]:
    score.known("score")
    start, most = score.number("start", high=MAX_POINTS), score.number("most", low=1, high=MAX_POINTS)
    if start > most:
        score.wrong("start", f"a score that begins at {start} is above its top of {most}", "raise `most`")
    rises = score.table("rises")
    if rises is None:
        return start, most, None
    rises.known("rises")
    of = rises.text("of", required=True, choices=tuple(known.standards))
    if of and not known.standards:
        rises.wrong("of", f"unknown standard {of!r}", "add it as [[standard]]")
    return start, most, Accrual(rises.number("points", low=1), rises.number("every", low=1), of)


def _earns(table: Table) -> tuple[Earning, ...]:
    earns = []
    for inner in table.one_or_more("earn", 'earn = [{ by = { fact = "course.passed" }, points = 2 }]'):
        inner.known("earn")
        points = inner.number("points", low=1, high=MAX_POINTS)
        earns += [Earning(by, points) for by in matches(inner, "by", required=True)]
    return tuple(earns)


def _rung(table: Table, *, low: int) -> Rung:
    table.known("ledger.rung")
    at = table.number("at", low=low, high=MAX_POINTS)
    every = table.number("every", low=1, high=MAX_POINTS) if "every" in table.values else 0
    return measure(table, at=at, every=every)


def _check_order(table: Table, rungs: list[Rung], *, falling: bool) -> None:
    """Rungs stand from mild to grave: higher points, or a lower score, are never treated more mildly.

    A warning may stand between graver ones, as a reminder.
    """
    gravest = rungs[0] if rungs else None
    for position, (milder, graver) in enumerate(pairwise(rungs), start=1):
        place = (*table.path, "rung", position)
        if (milder.at <= graver.at) if falling else (milder.at >= graver.at):
            problem = f"rung at {graver.at} follows rung at {milder.at}"
            order = "high to low" if falling else "low to high"
            table.reader.note((*place, "at"), problem, f"order rungs from {order}")
        elif gravest is not None and not reminds(rungs, graver):
            if WEIGHTS[gravest.measure] > WEIGHTS[graver.measure]:
                problem = f"{graver.at} points are treated more mildly than {gravest.at}"
                hint = "a higher rung cannot have a milder measure; only a warning may stand between graver ones"
                table.reader.note((*place, "measure"), problem, hint)
            gravest = graver
    for position, rung in enumerate(rungs):
        place = (*table.path, "rung", position)
        if falling and rung.every:
            table.reader.note((*place, "every"), "a score's rungs do not repeat", "leave out `every`")


def conduct_rule(table: Table, known: Known) -> ConductRule:
    """Read a conduct rule."""
    table.known("conduct")
    name = table.name("name") or "?"
    fewest, most, of = 1, 1, ""
    inner = table.table("charge")
    if inner is not None:
        inner.known("charge")
        of = ledger(inner, known)
        fewest, most = _points(inner)
    above = table.text("above") or "95%"
    try:
        thousandths = int(share(above) * 1000)
    except ValueError as error:
        table.wrong("above", str(error))
        thousandths = 950
    return ConductRule(
        name=name,
        title=table.text("title", required=True) or name,
        who=table.text("who", choices=("seller", "buyer")) or "seller",
        severity=table.text("severity", required=True, choices=SEVERITIES) or "low",
        examples=tuple(table.texts("examples", default=[])),
        proved_by=tuple(table.texts("proved_by", default=["reviewer"], choices=PROOFS)),
        above=thousandths,
        ledger=of,
        points=(fewest, most),
        source=table.text("source"),
    )


def _points(inner: Table) -> tuple[int, int]:
    value = inner.values.get("points")
    if not isinstance(value, list):
        points = inner.number("points", low=1, high=MAX_POINTS)
        return points, points
    if (
        len(value) != 2
        or not all(isinstance(each, int) for each in value)
        or not 1 <= value[0] <= value[1] <= MAX_POINTS
    ):
        inner.wrong("points", "points are a number, or [fewest, most]", "points = [1, 48]")
        return 1, 1
    return value[0], value[1]
