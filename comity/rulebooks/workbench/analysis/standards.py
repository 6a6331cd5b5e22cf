"""What can be proved of standards: levels that nobody reaches, sizes of which no limit speaks, measures unannounced."""

from collections.abc import Iterator
from itertools import combinations

from comity.policy.facts import KINDS
from comity.policy.rulebook import Rulebook
from comity.policy.sanctions.measures import Rung
from comity.policy.standards import sequential
from comity.policy.standards.levels import rate_limit
from comity.policy.standards.rates import Limit
from comity.policy.standards.rule import Level, StandardRule
from comity.rulebooks.workbench import solving
from comity.rulebooks.workbench.analysis.findings import Finding, case, quoted
from comity.rulebooks.workbench.analysis.severe import SEVERE, unprotected, unwarned


def findings(book: Rulebook) -> Iterator[Finding]:
    """Yield what is found."""
    for rule in book.standards.values():
        yield from _dead_levels(rule)
        yield from _idle(rule)
        yield from _milder(rule)
        for index, level in enumerate(rule.levels):
            yield from _gaps(rule, level)
            if level.measure is not None and level.measure.measure in SEVERE:
                yield from _severe(rule, index, level, level.measure)


def _dead_levels(rule: StandardRule) -> Iterator[Finding]:
    if rule.certain:
        for level in rule.levels:
            if not any(_ever_certain(rule, level, limit) for limit in level.limits):
                yield Finding(f"dead:{rule.name}:{level.name}", "no evidence could ever be enough")
        return
    counts = _counts(rule)
    broken = [counts.breaks(level) for level in rule.levels]
    for index, level in enumerate(rule.levels):
        # A graver level that must be broken several times running leaves this one reachable meanwhile.
        graver = [each for other, each in enumerate(broken) if other > index and rule.levels[other].running == 1]
        if solving.find(counts.sound, broken[index], solving.none_of(graver)) is None:
            says = "is never the gravest level reached" if graver else "can never be broken"
            yield Finding(f"dead:{rule.name}:{level.name}", f"{level.name} of {rule.name} {says}")


def _idle(rule: StandardRule) -> Iterator[Finding]:
    """Yield what can do nothing where each fact counts by itself: no other fact bears on it."""
    if rule.each != "fact":
        return
    counted = {match.fact for match in rule.counted}
    beside = {
        "unless": {each.fact for match in rule.faulty for each in match.unless},
        "cleared": {match.fact for match in rule.cleared},
        "excluded": {match.fact for match in rule.excluded},
    }
    for key, kinds in beside.items():
        for kind in sorted(kinds - counted):
            says = f"each fact of {rule.name} counts by itself: {kind} in {key} does nothing to another"
            yield Finding(f"dead:{rule.name}:{key}:{kind}", says)


def _ever_certain(rule: StandardRule, level: Level, limit: Limit) -> bool:
    """Whether the strongest evidence that a limit lets come about is enough: all faulty, two thousand or fewer."""
    most = 2_000 if limit.below is None else min(2_000, limit.below - 1)
    return most >= max(level.at_least, limit.from_volume) and sequential.is_certain(
        most, most, rate_limit(limit), rule.error
    )


def _counts(rule: StandardRule) -> solving.Counts:
    """Return a case of the standard, each of whose values is as its facts may say it."""
    fields = [KINDS[match.fact].fields[rule.value] for match in rule.counted if rule.value]
    least = [field.least for field in fields if field.least is not None]
    most = [field.most for field in fields if field.most is not None]
    return solving.Counts(
        least=min(least) if fields and len(least) == len(fields) else None,
        most=max(most) if fields and len(most) == len(fields) else None,
    )


def _milder(rule: StandardRule) -> Iterator[Finding]:
    """Yield the levels that cost less than one that is reached whenever they are, and as soon."""
    counts = _counts(rule)
    for milder, graver in combinations(rule.levels, 2):
        if rule.certain or milder.running > graver.running or not _costs_less(graver, milder):
            continue
        if solving.find(counts.sound, counts.breaks(graver), solving.none_of([counts.breaks(milder)])) is None:
            says = f"{graver.name} of {rule.name} costs less than {milder.name}, which it takes the place of"
            yield Finding(f"milder:{rule.name}:{graver.name}", says)


def _costs_less(one: Level, other: Level) -> bool:
    """Whether one level costs less than another, where both cost the same kind of thing."""
    if one.charge and other.charge and one.charge.ledger == other.charge.ledger:
        return one.charge.points < other.charge.points
    measures = one.measure, other.measure
    if one.charge or other.charge or measures[0] is None or measures[1] is None:
        return False
    return measures[0].weight < measures[1].weight


def _gaps(rule: StandardRule, level: Level) -> Iterator[Finding]:
    """Yield the sizes between those of which a level's limits speak: smaller and larger ones are judged."""
    bands = sorted((limit.from_volume, limit.below) for limit in level.limits)
    reached = bands[0][1] if bands else None
    for begins, below in bands[1:]:
        if reached is not None and begins > reached:
            size = max(reached, level.at_least)
            if size < begins:
                name = f"gap:{rule.name}:{level.name}:{size}-{begins - 1}"
                alone = len(rule.levels) == 1 and _plain(rule)
                witness = _counted(rule, size, size, {"level": "kept"}) if alone else ""
                yield Finding(name, f"no limit of {rule.name} speaks of {size} to {begins - 1} subjects", witness)
        reached = None if below is None or reached is None else max(reached, below)


def _severe(rule: StandardRule, index: int, level: Level, rung: Rung) -> Iterator[Finding]:
    """Yield what a measure that shuts a party out lacks: a warning before it, a way to object, time to prepare."""
    name = f"{rule.name}:{level.name}"
    yield from unprotected(f"the level {level.name} of {rule.name}", name, rung)
    if not rung.needs and not _warned_before(rule, index):
        counts = solving.Counts()
        graver = [counts.breaks(other) for other in rule.levels[index + 1 :]]
        conditions = [counts.sound, counts.breaks(level), solving.none_of(graver)]
        model = None if rule.certain else solving.smallest(conditions, counts.counted, counts.faulty)
        if model is None and not rule.certain:
            return
        witness = ""
        if model is not None and _plain(rule) and level.running == 1:
            counted, faulty = solving.whole(model, counts.counted), solving.whole(model, counts.faulty)
            witness = _counted(rule, counted, faulty, {"level": level.name}, measure=rung.measure)
        says = f"{rung.measure} by {rule.name} comes without any warning before it"
        yield unwarned(rung.measure, name, says, witness)


def _warned_before(rule: StandardRule, index: int) -> bool:
    """Whether a warning of the same standard always comes first: it takes fewer evaluations running, and less."""
    level = rule.levels[index]
    counts = solving.Counts()
    return any(
        milder.measure is not None
        and milder.measure.measure == "warning"
        and milder.running < level.running
        and solving.find(counts.sound, counts.breaks(level), solving.none_of([counts.breaks(milder)])) is None
        for milder in rule.levels[:index]
    )


def _plain(rule: StandardRule) -> bool:
    """Whether one count for all windows says everything."""
    return not (rule.certain or rule.compares_with_peers or rule.value or rule.mode == "weighted")


def _counted(rule: StandardRule, counted: int, faulty: int, expect: dict[str, str], *, measure: str = "") -> str:
    said = ", ".join(f'{key} = "{value}"' for key, value in expect.items())
    return case(
        counts={rule.name: f"{faulty} faulty of {counted}"},
        at="day 400",
        expect={
            "standard": f'{{ "{rule.name}" = {{ {said} }} }}',
            **({"measures": f"[{quoted(measure)}]"} if measure else {}),
        },
    )
