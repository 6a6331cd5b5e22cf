"""A rulebook in plain words and plain values. English only: these are the rule-makers' own words, for the terminal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from comity.lib import moments
from comity.policy.rulebook import DutyRule, LedgerRule, Match, Rulebook


def sentences(book: Rulebook) -> Iterator[str]:
    """Yield the lines that say what `book` asks for, what follows, and from where each number comes."""
    yield f"{book.title} ({book.ref}), in force from {book.in_force_from:%Y-%m-%d %H:%M} UTC"
    for rule in book.duties:
        yield ""
        yield f"{rule.title}  [{rule.name}]"
        yield f"  The {rule.who}, for each {rule.each}, {_time(rule)}."
        yield f"  Opened by {_facts(rule.opened_by)}; met by {_facts(rule.met_by)}."
        if rule.voided_by or rule.waived_by:
            yield f"  Falls away by {_facts((*rule.voided_by, *rule.waived_by))}."
        if rule.charge:
            yield f"  If not: {rule.charge.points} on the ledger {rule.charge.ledger}."
        if rule.source:
            yield f"  Source: {rule.source}"
    for ledger in book.ledgers.values():
        yield ""
        yield f"Ledger {ledger.title}: a charge lives {length(ledger.expires_after)}"
        yield from (f"  {line}" for line in _rungs(ledger))


def plain(book: Rulebook) -> dict[str, Any]:
    """Return the rulebook as JSON has it; lengths in seconds, moments as text."""
    return {
        "name": book.name, "version": book.version, "title": book.title,
        "in_force_from": moments.to_text(book.in_force_from), "announced_on": moments.to_text(book.announced_on),
        "notice_seconds": moments.seconds(book.notice),
        "duties": [_plain_duty(rule) for rule in book.duties],
        "ledgers": [_plain_ledger(ledger) for ledger in book.ledgers.values()],
    }  # fmt: skip


def length(span: timedelta) -> str:
    """Return "72 hours" or "15 days": the largest unit that says it exactly."""
    for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        count, rest = divmod(span, size)
        if not rest and (unit != "day" or count > 3):
            return f"{count} {unit}" + ("" if count == 1 else "s")
    return f"{moments.seconds(span)} seconds"


def _time(rule: DutyRule) -> str:
    if rule.within is None:
        return f"by {rule.by}"
    clock = "" if rule.clock.name == "always" else f" on the clock {rule.clock.name}"
    return f"within {rule.within_text or length(rule.within)}{clock}"


def _facts(matches: tuple[Match, ...]) -> str:
    return " or ".join(
        match.fact
        + (f" ({', '.join(f'{name} = {value}' for name, value in match.where.items())})" if match.where else "")
        for match in matches
    )


def _rungs(ledger: LedgerRule) -> Iterator[str]:
    for rung in ledger.rungs:
        ends = f" for {length(rung.length)}" if rung.length else " without end"
        notice = f", after a notice of {length(rung.notice)}" if rung.notice else ""
        who = "at once" if rung.automatic else "if a reviewer approves"
        yield f"{rung.at} points: {rung.measure}{ends}{notice}, {who}"


def _plain_duty(rule: DutyRule) -> dict[str, Any]:
    return {
        "name": rule.name, "title": rule.title, "who": rule.who, "each": rule.each,
        "opened_by": [_plain_match(match) for match in rule.opened_by],
        "met_by": [_plain_match(match) for match in rule.met_by],
        "within_seconds": moments.seconds(rule.within) if rule.within else None, "by": rule.by or None,
        "clock": rule.clock.name,
        "warn_before_seconds": [moments.seconds(before) for before in rule.warn_before],
        "charge": {"ledger": rule.charge.ledger, "points": rule.charge.points} if rule.charge else None,
        "source": rule.source,
    }  # fmt: skip


def _plain_match(match: Match) -> dict[str, Any]:
    return {"fact": match.fact, "where": dict(match.where)}


def _plain_ledger(ledger: LedgerRule) -> dict[str, Any]:
    return {
        "name": ledger.name, "title": ledger.title, "expires_after_seconds": moments.seconds(ledger.expires_after),
        "rungs": [
            {
                "at": rung.at, "measure": rung.measure,
                "length_seconds": moments.seconds(rung.length) if rung.length else None,
                "notice_seconds": moments.seconds(rung.notice), "decided_by": rung.decided_by,
            }
            for rung in ledger.rungs
        ],
    }  # fmt: skip
