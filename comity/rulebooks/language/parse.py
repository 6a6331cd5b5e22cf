"""TOML -> Rulebook. Reports every mistake at once, each with its line and a hint, or returns a sound rulebook."""

import re
import tomllib
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from comity.policy.duties.rule import DutyRule
from comity.policy.powers import ROLES, VERBS
from comity.policy.rulebook import Accepted, PowerRule, Rulebook
from comity.policy.time.clocks import ALWAYS
from comity.rulebooks.language.grammar.checks import checklist
from comity.rulebooks.language.grammar.clocks import clock, zone
from comity.rulebooks.language.grammar.disputes import dispute
from comity.rulebooks.language.grammar.duties import chains, duty
from comity.rulebooks.language.grammar.identity import evasion
from comity.rulebooks.language.grammar.ledgers import conduct_rule, ledger_rule
from comity.rulebooks.language.grammar.parts import Known
from comity.rulebooks.language.grammar.reviews import reviews
from comity.rulebooks.language.grammar.standards import standard
from comity.rulebooks.language.keys import LANGUAGE, LISTS
from comity.rulebooks.language.lines import Lines
from comity.rulebooks.language.reading import BadRulebook, Mistake, Reader, Table

MAX_BYTES = 2_000_000
MAX_RULES = 2_000
_RULES = ("duty", "standard", "conduct", "ledger", "checklist")


def parse(text: str) -> Rulebook:
    """Read a rulebook; raise BadRulebook with every mistake there is."""
    tree = tree_of(text, MAX_BYTES)
    reader = Reader(Lines(text))
    book = _rulebook(Table(reader, tree, ()))
    if reader.mistakes or book is None:
        raise BadRulebook(reader.mistakes)
    return book


def tree_of(text: str, most_bytes: int) -> dict[str, Any]:
    """Read TOML, numbers with a point as exact decimals; raise BadRulebook where it is too large, or none."""
    if len(text.encode()) > most_bytes:
        raise BadRulebook([Mistake(1, f"larger than {most_bytes:,} bytes", "split it, or remove what is not a rule")])
    try:
        # As decimals: 0.05 is to be a twentieth, which no float is.
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadRulebook([_syntax_mistake(error)]) from None
    except RecursionError:
        raise BadRulebook([Mistake(1, "nested too deeply", "a rulebook is at most four tables deep")]) from None


def _syntax_mistake(error: tomllib.TOMLDecodeError) -> Mistake:
    # Python 3.11 tells the place in its message alone.
    line = re.search(r"\(at line (\d+)", str(error))
    problem = re.sub(r" \(at .*\)$", "", str(error))
    return Mistake(int(line.group(1)) if line else 1, f"not TOML: {problem}", "see https://toml.io")


def _rulebook(head: Table) -> Rulebook | None:
    """Read the head and every part; None where the head is too broken to go on."""
    tree, reader = head.values, head.reader
    head.known("", *LISTS, "dispute", "reviews", "evasion", "case", "extends")
    if "extends" in tree:  # `extending.whole` takes it over, and leaves the key out
        head.wrong("extends", "what it extends is not taken over", "publish it, or read it with comity rulebook")
    rules = sum(len(value) for value in tree.values() if isinstance(value, list))
    if rules > MAX_RULES:
        reader.note((), f"{rules:,} rules; at most {MAX_RULES:,} are read", "split the rulebook")
        return None
    if head.number("language", default=LANGUAGE) != LANGUAGE:
        reader.note(("language",), "an unknown version of the rulebook language", f"this Comity reads {LANGUAGE}")
    home = zone(head, "zone") or "UTC"
    # The built-in clock, too, has the days of the rulebook's zone.
    always = replace(ALWAYS, zone=home)
    clocks = {always.name: always} | {c.name: c for c in head.each("clock", lambda table: clock(table, home))}
    known = Known(home, clocks, *(_names(tree.get(kind)) for kind in ("ledger", "standard", "duty", "conduct")))
    if not any(tree.get(kind) for kind in _RULES) and not {"dispute", "reviews"} & tree.keys():
        reader.note(
            ("duty",) if "duty" in tree else (), "no [[duty]], nor any other rule", "a rulebook says at least one thing"
        )
    _check_names(head)
    duties = head.each("duty", lambda table: duty(table, known))
    _check_openings(head, duties)
    disputes, of_reviews, coming_back = head.table("dispute"), head.table("reviews"), head.table("evasion")
    parts: dict[str, Any] = {
        "duties": tuple(duties),
        "clocks": clocks,
        "ledgers": {each.name: each for each in head.each("ledger", lambda table: ledger_rule(table, known))},
        "standards": {each.name: each for each in head.each("standard", lambda table: standard(table, known))},
        "conduct": {each.name: each for each in head.each("conduct", lambda table: conduct_rule(table, known))},
        "dispute": dispute(disputes, known) if disputes is not None else None,
        "reviews": reviews(of_reviews, known) if of_reviews is not None else None,
        "evasion": evasion(coming_back, known) if coming_back is not None else None,
        "checklists": tuple(head.each("checklist", checklist)),
        "powers": tuple(head.each("power", _power)),
        "accepted": tuple(head.each("accepted", _accepted)),
    }
    return _with_head(head, home, parts)


def _names(value: Any) -> Collection[str]:
    """The names of a list of tables, good or bad: what other tables may refer to."""
    tables = value if isinstance(value, list) else []
    names = [table.get("name") for table in tables if isinstance(table, dict)]
    return dict.fromkeys(name for name in names if isinstance(name, str))


def _check_names(head: Table) -> None:
    """A name says which rule is meant, whatever its kind."""
    seen: dict[str, str] = {}
    for kind in ("duty", "standard", "conduct"):
        for number, name in enumerate(_names(head.values.get(kind))):
            if seen.setdefault(name, kind) != kind:
                head.reader.note((kind, number, "name"), f"a {seen[name]} is named {name!r} already", "choose another")


def _check_openings(head: Table, duties: list[DutyRule]) -> None:
    """Every duty is opened by a fact or by another duty's breach, and no breaches open one another in a circle."""
    opened = {rule.breach.opens for rule in duties}
    tables = head.values.get("duty")
    for number, table in enumerate(tables if isinstance(tables, list) else []):
        if isinstance(table, dict) and "opened_by" not in table and table.get("name") not in opened:
            path = ("duty", number)
            head.reader.note(path, "missing opened_by", 'opened_by = { fact = "order.paid" }, or another duty opens it')
    for rule in duties:
        # A breach is dated, but has no data in which a moment could stand.
        if rule.name in opened and (rule.by or rule.clock.cutoff):
            problem = f"{rule.name!r} is opened by a breach, which has no moment of its own"
            head.reader.note(_path(head, rule.name), problem, "give it `within`")
    if circle := chains(duties):
        head.reader.note(
            _path(head, circle.split(", ")[0]), f"duties open one another in a circle: {circle}", "break the circle"
        )


def _path(head: Table, name: str) -> tuple[str | int, ...]:
    numbers = [
        n for n, table in enumerate(head.values["duty"]) if isinstance(table, dict) and table.get("name") == name
    ]
    return ("duty", numbers[0]) if numbers else ("duty",)


def _power(table: Table) -> PowerRule:
    table.known("power")
    return PowerRule(
        table.text("who", required=True, choices=ROLES) or "agent",
        tuple(table.texts("may", default=[], choices=tuple(VERBS))),
        tuple(table.texts("may_not", default=[], choices=tuple(VERBS))),
    )


def _accepted(table: Table) -> Accepted:
    table.known("accepted")
    return Accepted(table.text("finding", required=True), table.text("reason", required=True))


def _with_head(head: Table, home: str, parts: dict[str, Any]) -> Rulebook | None:
    name, version = head.name("name"), head.text("version", required=True)
    start = head.moment("in_force_from", home)
    announced = head.moment("announced_on", home, default=start) if start or "announced_on" in head.values else None
    notice = head.length("notice", default=timedelta(0))
    charges_from = head.moment("charges_from", home, default=start) if "charges_from" in head.values else None
    title, source = head.text("title") or name, head.text("source")
    change = head.text("change", choices=("material", "editorial")) or "material"
    markets, left_out = head.texts("markets", default=[]), head.texts("left_out", default=[])
    if start is None or announced is None or notice is None or name is None or not version:
        return None
    if announced > start:
        head.wrong("announced_on", "announced after it is in force", "announce first")
    # Without a date of its own it counts as announced when it begins; `actions.publish` asks for the notice then.
    elif announced != start and start - announced < notice:
        head.wrong("in_force_from", "in force before its notice has run", f"from {announced + notice:%Y-%m-%d} on")
    if charges_from is not None and charges_from < start:
        head.wrong("charges_from", "charges before it is in force", "a date from in_force_from on")
    return Rulebook(
        name=name,
        version=version,
        title=title or name,
        in_force_from=start,
        announced_on=announced,
        notice=notice,
        markets=tuple(markets),
        change=change,
        charges_from=charges_from,
        left_out=tuple(left_out),
        zone=home,
        source=source,
        **parts,
    )
