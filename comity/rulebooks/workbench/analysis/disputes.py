"""What can be proved of disputes: cases that no row decides, rows that none needs, silences that nothing ends."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from comity.policy.disputes.rule import DisputeRules
from comity.policy.duties.rule import DutyRule
from comity.policy.matching import Match
from comity.policy.rulebook import Rulebook
from comity.rulebooks.workbench import silences, solving
from comity.rulebooks.workbench.analysis.findings import Finding, case, happens, quoted

#: Beginnings of kinds of facts whose duties are about disputes: somebody's silence must lead somewhere.
_ASKS = ("dispute.", "return.", "cancellation.", "carrier.")
#: What happens only while the platform has the case.
_WITHIN_MEDIATION = frozenset({"dispute.escalated", "dispute.taken", "dispute.handed_over", "dispute.progress_told",
                               "dispute.information_asked", "carrier.claimed", "carrier.asked"})  # fmt: skip


def findings(book: Rulebook) -> Iterator[Finding]:
    """Yield what is found."""
    if book.dispute is not None:
        yield from _table(book.dispute)
        yield from _reasons(book.dispute)
    yield from _silences(book)


def _table(rules: DisputeRules) -> Iterator[Finding]:
    if not rules.table and not rules.inputs:
        return
    inputs = solving.Inputs(rules)
    accepts = [inputs.accepts(row) for row in rules.table]
    model = solving.find(inputs.sound, solving.none_of(accepts))
    if model is not None:
        found = inputs.read(model)
        yield Finding(
            "uncovered:" + ",".join(found.values()),
            f"no row decides {_said(found)}",
            case(inputs=found, expect={"decision": '"none"'}),
        )
    for index, row in enumerate(rules.table):
        if solving.find(inputs.sound, accepts[index], solving.none_of(accepts[:index])) is None:
            yield Finding(f"dead:row:{row.name}", f"rows before it decide every case of the row {row.name}")
        for other in range(index):
            earlier = rules.table[other]
            # Both apply, and say the same: that is no conflict.
            if (earlier.outcome, earlier.offer) == (row.outcome, row.offer):
                continue
            model = solving.find(inputs.sound, accepts[index], accepts[other])
            if model is not None:
                found = inputs.read(model)
                yield Finding(
                    f"conflict:row:{earlier.name}:{row.name}",
                    f"{earlier.name} and {row.name} decide {_said(found)} differently; the first row wins",
                    case(inputs=found, expect={"decision": f'"{_first(rules, found)}"'}),
                )


def _first(rules: DisputeRules, case: Mapping[str, str]) -> str:
    return next(row.outcome for row in rules.table if row.accepts(case))


def _said(case: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in case.items())


def _reasons(rules: DisputeRules) -> Iterator[Finding]:
    for name in rules.reasons:
        if rules.openings and not any(not opening.reasons or name in opening.reasons for opening in rules.openings):
            yield Finding(
                f"dead:reason:{name}",
                f"a dispute for {name} may never be opened",
                case(reason=name, expect={"opens": '"never"'}),
            )


def _silences(book: Rulebook) -> Iterator[Finding]:
    """Every silence in a dispute has an outcome: it decides, escalates, cancels, or somebody else must act."""
    for rule in book.duties:
        asks = [match for match in rule.opened_by if match.fact.startswith(_ASKS)]
        ends = rule.breach.settles or rule.breach.charge or rule.breach.measure
        if asks and not ends and not all(_ended_anyway(book, match) for match in rule.opened_by):
            says = f"nothing follows if {rule.name} is not done"
            yield Finding(f"silence:{rule.name}", says, _silent_case(book, rule, asks[0]))
    if book.dispute is not None and not any(
        match.fact == "dispute.opened" for rule in book.duties for match in rule.opened_by
    ):
        witness = case(facts=["day 0 dispute.opened"], at="day 365", expect={"follows": "[]"})
        yield Finding("silence:dispute", "nobody must ever answer a dispute", witness)
    for each in silences.endless(book):
        witness = _followed(each.silence.facts, each.follows)
        yield Finding(f"silence:after:{each.silence.name}", f"nothing ends it: {each.silence.says}", witness)


def _ended_anyway(book: Rulebook, match: Match) -> bool:
    """Whether what a fact asks for happens only while something else runs that ends by the platform's own silence."""
    within = "dispute.escalated" if match.fact in _WITHIN_MEDIATION or match.where.get("by") == "agent" else ""
    within = "dispute.appealed" if match.fact == "dispute.appealed" else within
    return any(
        rule.who in ("agent", "platform") and rule.breach.settles
        for rule in book.duties
        if any(opening.fact == within for opening in rule.opened_by)
    )


def _silent_case(book: Rulebook, rule: DutyRule, match: Match) -> str:
    """Return a case in which nobody acts: somebody may be told, or reminded, all the same."""
    line = happens(match, each=rule.each, says=(rule.by,))
    return _followed([line], [f"{what} {value}".strip() for what, value in silences.follows(book, [line])])


def _followed(facts: Sequence[str], follows: Iterable[str]) -> str:
    """Return a case in which time alone follows the facts, and what comes of it."""
    return case(facts=facts, at=silences.LAST, expect={"follows": f"[{', '.join(map(quoted, follows))}]"})
