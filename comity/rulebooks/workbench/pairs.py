"""Two rulebooks taken apart: for each rule that differs, two that differ in it alone, with what it needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from comity.policy.conduct.rule import ConductRule
from comity.policy.disputes.rule import DisputeRules
from comity.policy.duties.rule import DutyRule
from comity.policy.identity.rule import EvasionRule
from comity.policy.matching import Match
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards.rule import StandardRule
from comity.rulebooks.workbench.ingredients import Ingredients, matches_in

#: Brings points on a ledger that is looked at, where nothing else is left that would.
_CHARGED = "charged"
#: What people read of a rule, and nothing asks.
_ONLY_READ = frozenset({"title", "source", "examples"})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rulebooks that differ in one rule, and what histories that touch it are made of."""

    kind: str
    name: str
    old: Rulebook
    new: Rulebook
    of: Ingredients


def pairs(old: Rulebook, new: Rulebook) -> Iterator[Pair]:
    """Yield a pair for each rule that differs, in the order of the new rulebook, those removed last."""
    begins = max(old.in_force_from, new.in_force_from)
    bare = replace(
        old,
        in_force_from=begins,
        duties=(),
        standards={},
        conduct={},
        ledgers={**new.ledgers, **old.ledgers},
        dispute=None,
        reviews=None,
        evasion=None,
        charges_from=None,
    )
    around = replace(
        new, duties=tuple({**new.by_name, **old.by_name}.values()), standards={**new.standards, **old.standards}
    )
    for kind, one, other in (
        ("duty", old.by_name, new.by_name),
        ("standard", old.standards, new.standards),
        ("conduct", old.conduct, new.conduct),
        ("ledger", old.ledgers, new.ledgers),
        ("disputes", _only("disputes", old.dispute), _only("disputes", new.dispute)),
        ("evasion", _only("evasion", old.evasion), _only("evasion", new.evasion)),
    ):
        both: list[Mapping[str, Any]] = [one, other]
        for name in dict.fromkeys((*other, *one)):
            rules = [each.get(name) for each in both]
            if _judged(rules[0]) != _judged(rules[1]):
                built = [_with(bare, kind, name, rule, around) for rule in rules]
                yield Pair(kind, name, built[0], built[1], _ingredients(kind, rules, built, new.zone))
    if old.charges_from != new.charges_from:
        ledger = next(iter(bare.ledgers.values()), None)
        if ledger is not None:
            yield _from_when(old, new, replace(bare, conduct={_CHARGED: _charging(ledger)}))


def _judged(value: Any) -> Any:
    """Return what a rule says, without what is only read."""
    if is_dataclass(value):
        return [_judged(getattr(value, each.name)) for each in fields(value) if each.name not in _ONLY_READ]
    if isinstance(value, Mapping):
        return {key: _judged(each) for key, each in value.items()}
    return [_judged(each) for each in value] if isinstance(value, tuple) else value


def _only(name: str, rules: DisputeRules | EvasionRule | None) -> Mapping[str, Any]:
    return {} if rules is None else {name: rules}


def _with(bare: Rulebook, kind: str, name: str, rule: Any, around: Rulebook) -> Rulebook:
    """Return the bare rulebook with one rule, and what that one needs."""
    if rule is None:
        left = {key: value for key, value in bare.ledgers.items() if key != name}
        return replace(bare, ledgers=left) if kind == "ledger" else bare
    if kind == "duty":
        opens = [each for each in around.duties if each.breach.opens == name and each.name != name]
        opened = [each for each in around.duties if each.name == rule.breach.opens and each.name != name]
        return replace(bare, duties=(*opens, rule, *opened))
    if kind == "standard":
        return replace(bare, standards={name: rule}, duties=_counted_by(rule, around))
    if kind == "conduct":
        return replace(bare, conduct={name: rule})
    if kind == "ledger":
        rises = [around.standards[rule.accrual.of]] if rule.accrual else []
        return replace(
            bare,
            ledgers={**bare.ledgers, name: rule},
            conduct={_CHARGED: _charging(rule)},
            standards={each.name: each for each in rises},
            duties=tuple(duty for each in rises for duty in _counted_by(each, around)),
        )
    if kind == "disputes":
        return replace(bare, dispute=rule)
    return replace(bare, evasion=rule)


def _counted_by(rule: StandardRule, around: Rulebook) -> tuple[DutyRule, ...]:
    return (around.by_name[rule.of_duty],) if rule.of_duty in around.by_name else ()


def _charging(ledger: LedgerRule) -> ConductRule:
    most = 2 * max([rung.at for rung in ledger.rungs] + [ledger.start or 1]) + max(
        [rung.every for rung in ledger.rungs] or [0]
    )
    return ConductRule(_CHARGED, "Charged", "seller", "low", (), ("reviewer",), 0, ledger.name, (1, most))


def _ingredients(kind: str, rules: list[Any], built: list[Rulebook], zone: str) -> Ingredients:
    there = [rule for rule in rules if rule is not None]
    values: list[Any] = [*there, *(duty for book in built for duty in book.duties)]
    if kind == "duty":
        first = [match for rule in there for match in rule.opened_by]
        first += [match for book in built for duty in book.duties if duty.breach.opens for match in duty.opened_by]
    elif kind == "standard":
        first = [match for rule in there for match in rule.counted]
        first += [match for book in built for duty in book.duties for match in duty.opened_by]
    elif kind == "disputes":
        first = [edge.by for rule in there for opening in rule.openings for edge in opening.after]
        first.append(Match("dispute.opened"))
        values += [Match("dispute.decided"), Match("dispute.appealed")]
    elif kind == "evasion":
        first = [Match("account.matched")]
    else:
        rises = [each for book in built for each in book.standards.values()]
        values += rises
        first = [match for each in rises for match in each.counted]
        first += _charges(there) if kind == "ledger" else [Match("violation.found", {"rule": there[0].name})]
        values.append(Match("violation.cleared"))
    first = list({str(match): match for match in first}.values())
    others = [match for match in matches_in(values) if match not in first] or first
    return Ingredients(tuple(first), tuple(others), tuple(values), zone, built[0].in_force_from)


def _charges(ledgers: list[LedgerRule]) -> list[Match]:
    """Return findings that bring one point, and all that lie at and before a rung or a step of one."""
    reached = {rung.at for ledger in ledgers for rung in ledger.rungs}
    reached |= {each.at + each.every for ledger in ledgers for each in ledger.rungs}
    # A score is lowered to its rungs.
    reached |= {ledger.start - each.at for ledger in ledgers if ledger.start for each in ledger.rungs}
    points = sorted({1} | {max(1, each + by) for each in reached for by in (-1, 0)})
    return [Match("violation.found", {"rule": _CHARGED, "points": each, "by": "reviewer"}) for each in points]


def _from_when(old: Rulebook, new: Rulebook, bare: Rulebook) -> Pair:
    """Return two that differ in from when on breaches bring points."""
    one, other = (replace(bare, charges_from=book.charges_from) for book in (old, new))
    dates = tuple(book.charges_from.date() for book in (old, new) if book.charges_from)
    first = (Match("violation.found", {"rule": _CHARGED, "by": "reviewer"}),)
    return Pair("rulebook", new.name, one, other, Ingredients(first, first, dates, new.zone, bare.in_force_from))
