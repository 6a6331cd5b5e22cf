"""What a decision brings the seller beside money: the conduct rule that the rulebook names, found, or cleared again."""

from datetime import datetime

from comity.actions.disputes.cases import Held
from comity.actions.enact import enact
from comity.policy.facts import Fact
from comity.records import statements


def of_decision(now: Held, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Bring the seller's finding into line with the decision that stands: found where it is the seller's fault."""
    rule = now.rules.against_seller
    if not rule or now.book is None or rule not in now.book.conduct:
        return
    decision = now.case.decision
    is_fault = decision is not None and decision.fault == "seller" and decision.outcome in ("buyer", "both")
    found = standing(now)
    if is_fault and not found:
        _note(now, "violation.found", {"rule": rule, "by": "reviewer"}, at=at, noted_at=noted_at)
    for fact in found if not is_fault else ():
        _note(now, "violation.cleared", {"of": fact.id}, at=at, noted_at=noted_at)


def standing(now: Held) -> list[Fact]:
    """Return the facts that found the seller's fault in this case and were not cleared."""
    facts = statements.facts_of_matter(now.order.seller_id, now.order.ref)
    cleared = {str(fact.data.get("of")) for fact in facts if fact.kind == "violation.cleared"}
    mine = f"violation.found:{now.dispute.uuid}:"
    found = (fact for fact in facts if fact.kind == "violation.found" and fact.id.startswith(mine))
    return [fact for fact in found if fact.id not in cleared]


def _note(now: Held, kind: str, data: dict[str, str], *, at: datetime, noted_at: datetime | None) -> None:
    fact = Fact(
        id=f"{kind}:{now.dispute.uuid}:{now.case.last}",
        kind=kind,
        at=at,
        noted_at=noted_at or at,
        subject=now.order.ref,
        matter=now.order.ref,
        party=now.seller.ref,
        data=dict(data),
    )
    enact(now.seller, fact, about=(now.order,), once=True)
