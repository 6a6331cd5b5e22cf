"""A rulebook in plain words and plain values. English only: these are the rule-makers' own words, for the terminal."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from comity.lib import moments
from comity.policy.conduct.rule import ConductRule
from comity.policy.disputes import DisputeRules, Edge
from comity.policy.duties.rule import DutyRule
from comity.policy.matching import Match
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.measures import ChargeOf, Consequences, Rung
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards.rule import Level, StandardRule
from comity.rulebooks.workbench.illustrate import illustrate


def sentences(book: Rulebook) -> Iterator[str]:
    """Yield the lines that say what `book` asks for, what follows, and from where each number comes."""
    yield f"{book.title} ({book.ref}), in force from {book.in_force_from:%Y-%m-%d %H:%M} UTC"
    if book.charges_from:
        yield f"Breaches before {book.charges_from:%Y-%m-%d %H:%M} UTC are reported and not charged."
    for part in sections(book):
        yield ""
        yield f"{part.title}  [{part.kind}{f' {part.name}' if part.name != part.kind else ''}]"
        yield from (f"  {line}" for line in part.lines)
    if book.left_out:
        yield ""
        yield "Left out:"
        yield from (f"  {line}" for line in book.left_out)


class Part(NamedTuple):
    """One rule in words: its kind, its name (by which worked cases and findings name it), its title, its lines."""

    kind: str
    name: str
    title: str
    lines: list[str]


def sections(book: Rulebook) -> Iterator[Part]:
    """Yield every rule in words, kind by kind."""
    for duty in book.duties:
        yield Part("duty", duty.name, duty.title, list(_duty(duty)))
    for standard in book.standards.values():
        yield Part("standard", standard.name, standard.title, list(_standard(standard)))
    for conduct in book.conduct.values():
        yield Part("conduct", conduct.name, conduct.title, list(_conduct(conduct)))
    for ledger in book.ledgers.values():
        yield Part("ledger", ledger.name, ledger.title, list(_ledger(ledger)))
    if book.dispute is not None:
        yield Part("disputes", "disputes", "Disputes", list(_disputes(book.dispute)))
    if book.powers:
        said = [
            f"{power.who} may {', '.join(power.may) or 'nothing'}"
            + (f", and may not {', '.join(power.may_not)}" if power.may_not else "")
            for power in book.powers
        ]
        yield Part("powers", "powers", "Who may do what", said)


def plain(book: Rulebook) -> dict[str, Any]:
    """Return the duties and ledgers as JSON has them; lengths in seconds, moments as text."""
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


def lives(ledger: LedgerRule) -> str:
    """Return how long a charge lives, in words."""
    said = [f"a charge lives {length(ledger.expires_after)}"] if ledger.expires_after else []
    if ledger.resets:
        said.append(f"all charges end {ledger.resets.text}")
    return ", ".join(said)


def _duty(rule: DutyRule) -> Iterator[str]:
    yield f"The {rule.who}, for each {rule.each}, {time_of(rule)}."
    begins = facts(rule.opened_by) if rule.opened_by else "another duty's breach"
    yield f"Opened by {begins}; met by {facts(rule.met_by)}."
    if rule.decided_after is not None:
        yield (
            f"Decided {length(rule.decided_after)} after that by what is known: in time by the above, "
            f"too late by {facts(rule.broken_by)}, else not counted."
        )
    if rule.voided_by or rule.waived_by:
        yield f"Falls away by {facts((*rule.voided_by, *rule.waived_by))}."
    if rule.repeats:
        yield "Opens again after it has ended" + (", and the latest counts." if rule.latest else ".")
    for season in rule.seasons:
        yield f"From {season.first:%m-%d} to {season.last:%m-%d}: {length(season.within)}."
    if said := ", ".join(consequences(rule.breach)):
        yield f"If not: {said}."
    yield from illustrate(rule)
    if rule.source:
        yield f"Source: {rule.source}"


def time_of(rule: DutyRule) -> str:
    """Return how long there is, in words."""
    clock = "" if rule.clock.name == "always" else f" on the clock {rule.clock.name}"
    if rule.clock.cutoff is not None:
        asked, answered = rule.clock.cutoff
        return f"asked before {asked:%H:%M}, by {answered:%H:%M} the same day, else the next{clock}"
    if rule.within is None:
        where = f" of {rule.by_fact}" if rule.by_fact else ""
        return f"by {rule.by}{where}" + (f" plus {length(rule.plus)}{clock}" if rule.plus else "")
    return f"within {rule.within_text or length(rule.within)}{clock}"


def consequences(breach: Consequences) -> Iterator[str]:
    """Yield what a breach brings, in words."""
    if breach.charge:
        yield points(breach.charge)
    if breach.decide:
        yield f"the dispute is decided for the {breach.decide}"
    if breach.escalate:
        yield "the platform takes the dispute over"
    if breach.cancel:
        yield "the order is cancelled"
    if breach.opens:
        yield f"the duty {breach.opens} begins"
    if breach.assign:
        yield f"the course {breach.assign} must be taken"
    if breach.measure:
        yield measure(breach.measure)
    if breach.notify:
        yield f"{' and '.join(breach.notify)} told"


def points(charge: ChargeOf) -> str:
    """Return "2 points on the ledger service"."""
    return f"{charge.points} {'point' if charge.points == 1 else 'points'} on the ledger {charge.ledger}"


def facts(matches: Iterable[Match]) -> str:
    """Return which facts are meant."""
    return " or ".join(map(str, matches))


def _standard(rule: StandardRule) -> Iterator[str]:
    if rule.of_duty:
        outcomes = " or ".join(rule.counted_outcomes), " or ".join(rule.faulty_outcomes)
        yield f"Of the duty {rule.of_duty}: {outcomes[0]} ones count, {outcomes[1]} ones are faulty."
    else:
        yield f"Each {rule.each} counts once by {facts(rule.counted)}; faulty by {facts(rule.faulty) or 'nothing'}."
        if rule.cleared:
            yield f"Not faulty after {facts(rule.cleared)}."
        if rule.excluded:
            yield f"Not counted after {facts(rule.excluded)}."
    yield f"Over {window(rule)}" + (f", ending {length(rule.lag)} before" if rule.lag else "") + "."
    yield f"Evaluated {rule.evaluated.text if not rule.continuous else 'every midnight, when the level rises'}" + (
        f", on evidence with an error of at most {float(rule.error):g}." if rule.certain else "."
    )
    for level in rule.levels:
        yield f"{level.name}: {level_of(level)}"
    yield from illustrate(rule)
    if rule.source:
        yield f"Source: {rule.source}"


def window(rule: StandardRule) -> str:
    """Return how far back a standard looks, in words."""
    said = []
    for each in rule.windows:
        text = each.span.text
        text += f" from {each.from_volume} on" if each.from_volume else ""
        text += f", the latest {each.latest * 100}%" if each.latest is not None else ""
        text += f" (weight {each.weight * 100}%)" if each.weight is not None else ""
        said.append(text)
    return {"choose": ", else ", "weighted": " and "}.get(rule.mode, " and ").join(said)


def level_of(level: Level) -> str:
    """Return a level's limit and what follows, in words."""
    said = [f"must keep {'; '.join(map(str, level.limits))}"]
    if level.at_least > 1:
        said.append(f"judged from {level.at_least} on")
    if level.running > 1:
        said.append(f"{level.running} times running")
    follows = [points(level.charge)] if level.charge else []
    follows += [measure(level.measure)] if level.measure else []
    follows += [f"{' and '.join(level.notify)} told"] if level.notify else []
    return ", ".join(said) + (f"; else {', '.join(follows)}" if follows else "; shown")


def _conduct(rule: ConductRule) -> Iterator[str]:
    yield f"Severity {rule.severity}; binds the {rule.who}; proved by {' or '.join(rule.proved_by)}."
    if rule.examples:
        yield f"Such as {', '.join(rule.examples)}."
    if rule.ledger:
        fewest, most = rule.points
        yield f"Brings {fewest if fewest == most else f'{fewest} to {most}'} on the ledger {rule.ledger}."
    if rule.source:
        yield f"Source: {rule.source}"


def _ledger(ledger: LedgerRule) -> Iterator[str]:
    yield f"{lives(ledger)[:1].upper()}{lives(ledger)[1:]}."
    if ledger.is_score:
        yield f"A score: begins at {ledger.start}, at most {ledger.most}; charges lower it."
    if ledger.accrual:
        yield f"+{ledger.accrual.points} for each {ledger.accrual.every} of {ledger.accrual.of}."
    if ledger.cap is not None:
        yield f"At most {ledger.cap} a day."
    if ledger.merges is not None:
        yield f"Within {length(ledger.merges)} of the first they count as one."
    if ledger.strikes:
        yield "Each charge counts one."
    for earning in ledger.earns:
        yield f"{earning.by} takes {earning.points} off."
    for rung in ledger.rungs:
        at = f"{rung.at}" + (f" and every {rung.every} more" if rung.every else "")
        yield f"{'Down to' if ledger.is_score else 'From'} {at}: {measure(rung)}"
    if ledger.source:
        yield f"Source: {ledger.source}"


def measure(rung: Rung) -> str:
    """Return "freeze for 7 days, after a notice of 48 hours, if a reviewer approves"."""
    ends = f" for {length(rung.length)}" if rung.length else " without end"
    notice = f", after a notice of {length(rung.notice)}" if rung.notice else ""
    who = {"automatic": "at once", "reviewer": "if a reviewer approves"}
    approval = who.get(rung.decided_by, "if two reviewers approve")
    restored = f", until {facts(rung.restored_by)}" if rung.restored_by else ""
    appeals = f"; appeals: {', '.join(map(length, rung.appeals))}" if rung.appeals else ""
    return f"{rung.measure}{ends}{notice}, {approval}{restored}{appeals}"


def _disputes(rules: DisputeRules) -> Iterator[str]:
    for reason in rules.reasons.values():
        shown = [f"the {who} shows {', '.join(what)}" for who, what in
                 (("buyer", reason.buyer_evidence), ("seller", reason.seller_evidence)) if what]  # fmt: skip
        yield f"Reason {reason.name}: {reason.title}" + (f" ({'; '.join(shown)})" if shown else "")
    for opening in rules.openings:
        until = f" until {' or '.join(map(edge, opening.until))}" if opening.until else ""
        about = f" ({', '.join(opening.reasons)})" if opening.reasons else ""
        yield f"May be opened{about} from {' and '.join(map(edge, opening.after))}{until}."
    if rules.offers:
        yield f"Offers: {', '.join(rules.offers)}."
    for phase in rules.phases:
        may = "; ".join(f"the {side} may {', '.join(what)}" for side, what in phase.may.items() if what)
        yield f"Phase {phase.name}, begun by {facts(phase.begun_by)}: {may}."
    for name, answers in rules.inputs.items():
        yield f"The decision asks {name}: {', '.join(answers)}."
    for row in rules.table:
        when = ", ".join(f"{name} is {' or '.join(values)}" for name, values in row.when.items()) or "any case"
        yield f"{when}: for {row.outcome}" + (f", {row.offer}" if row.offer else "")
    if rules.appeals:
        yield f"Appeals: {', '.join(map(length, rules.appeals))}."
    if rules.source:
        yield f"Source: {rules.source}"


def edge(at: Edge) -> str:
    """Return "10 days after shipment.dispatched"."""
    moment = f"{at.field} of {at.by}" if at.field else str(at.by)
    return f"{length(at.plus)} after {moment}" if at.plus else moment


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
    until = {"no_later_than": match.no_later_than} if match.no_later_than else {}
    return {"fact": match.fact, "where": dict(match.where), **until}


def _plain_ledger(ledger: LedgerRule) -> dict[str, Any]:
    return {
        "name": ledger.name, "title": ledger.title,
        "expires_after_seconds": moments.seconds(ledger.expires_after) if ledger.expires_after else None,
        "resets": ledger.resets.text if ledger.resets else None,
        "rungs": [
            {
                "at": rung.at, "measure": rung.measure,
                "length_seconds": moments.seconds(rung.length) if rung.length else None,
                "notice_seconds": moments.seconds(rung.notice), "decided_by": rung.decided_by,
            }
            for rung in ledger.rungs
        ],
    }  # fmt: skip
