"""A rulebook as JSON has it: lengths in seconds, moments as text."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from comity.lib import moments
from comity.policy.duties.rule import DutyRule
from comity.policy.matching import Match
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards.rates import percent
from comity.rulebooks.words.parts import Line, Part, head, sections


def plain(book: Rulebook) -> dict[str, Any]:
    """Return a rulebook: its head, duties and ledgers with their chief values, and all `rules` line by line."""
    return {
        "name": book.name,
        "version": book.version,
        "title": book.title,
        "in_force_from": moments.to_text(book.in_force_from),
        "announced_on": moments.to_text(book.announced_on),
        "notice_seconds": moments.seconds(book.notice),
        "duties": [_duty(rule) for rule in book.duties],
        "ledgers": [_ledger(ledger) for ledger in book.ledgers.values()],
        "rules": [_part(part) for part in (head(book), *sections(book))],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "name": part.name,
        "title": part.title,
        "source": part.source,
        "lines": [_line(line) for line in part.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    step = {} if line.entry is None else {"entry": line.entry, "source": line.source}
    return {"code": line.code, "label": line.told.label, **step, "value": value(line.value), "text": line.text()}


def value(it: Any) -> Any:
    """Return a value of a rule as JSON has it: a noun by its fields, a length in seconds, a share as a percentage."""
    if isinstance(it, timedelta):
        return moments.seconds(it)
    # Before dates: to Python a datetime is one.
    if isinstance(it, datetime):
        return moments.to_text(it)
    if isinstance(it, date | time):
        return it.isoformat()
    if isinstance(it, Fraction):
        return percent(it)
    if isinstance(it, Mapping):
        return {str(key): value(each) for key, each in it.items()}
    if isinstance(it, frozenset):
        # A set has no order of its own, and the same rulebook gives the same JSON.
        return [value(each) for each in sorted(it)]
    if isinstance(it, tuple):
        return [value(each) for each in it]
    if is_dataclass(it):
        return {field.name: value(getattr(it, field.name)) for field in fields(it)}
    return it


def _duty(rule: DutyRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "title": rule.title,
        "who": rule.who,
        "each": rule.each,
        "opened_by": [_match(match) for match in rule.opened_by],
        "met_by": [_match(match) for match in rule.met_by],
        "within_seconds": moments.seconds(rule.within) if rule.within else None,
        "by": rule.by or None,
        "clock": rule.clock.name,
        "warn_before_seconds": [moments.seconds(before) for before in rule.warn_before],
        "charge": value(rule.charge),
        "source": rule.source,
    }


def _match(match: Match) -> dict[str, Any]:
    until = {"no_later_than": match.no_later_than} if match.no_later_than else {}
    unless = {"unless": list(map(_match, match.unless))} if match.unless else {}
    return {"fact": match.fact, "where": dict(match.where), **until, **unless}


def _ledger(ledger: LedgerRule) -> dict[str, Any]:
    return {
        "name": ledger.name,
        "title": ledger.title,
        "expires_after_seconds": moments.seconds(ledger.expires_after) if ledger.expires_after else None,
        "resets": ledger.resets.text if ledger.resets else None,
        "rungs": [
            {
                **value(rung),
                "length_seconds": moments.seconds(rung.length) if rung.length else None,
                "notice_seconds": moments.seconds(rung.notice),
            }
            for rung in ledger.rungs
        ],
    }
