"""Decisions: by a mediator along the table, by the facts alone, by silence."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.disputes import agreeing, worth
from comity.actions.disputes.cases import Held, Verb, Words, tell, written
from comity.actions.disputes.record import digest_of
from comity.actions.doing import require_one_of
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.lib import moments
from comity.lib.money import Money
from comity.policy.disputes import inputs
from comity.policy.disputes.rule import Row
from comity.policy.facts import FAULTS, OUTCOMES, Scalar
from comity.records.models import Dispute, DraftDecision, Evidence, Party

DECIDE = Verb("decide", "dispute.decide")
CLOSE = Verb("close-without-winner", "dispute.decide")
PAY_LATE = Verb("pay-late", "dispute.decide")
#: Ways to end a case without a winner; none counts as lost.
NO_WINNER = ("cannot_judge", "not_decided", "split_up")
#: What a writer meant to fill in: [name], {{sum}}, ____, …… or XX.
_BLANK = re.compile(r"\[[^\]\n]{0,60}\]|\{\{[^}\n]{0,60}\}\}|_{3,}|…{2,}|\bX{2,}\b|\bTODO\b", re.IGNORECASE)
_KEY = re.compile(r"\b[DOC]-[2-9A-HJKMNP-TV-Z]{6,12}\b")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a mediator decides.

    outcome    for whom: buyer, seller, both, nobody
    amount     what goes back to the buyer; None for nothing
    fault      whose fault it was; "" as the row says
    goes_back  whether the goods go back first
    inputs     answers to what the table asks and the facts do not know
    text       the decision in plain words, for both sides
    reason     why it differs from the row, where it does
    weighed    what was not relied on, by the evidence's id, with the reason; all other evidence counts as cited
    cost       who pays: seller, platform or carrier
    """

    outcome: str
    amount: Money | None = None
    fault: str = ""
    goes_back: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    reason: str = ""
    weighed: Mapping[str, str] = field(default_factory=dict)
    cost: str = "seller"


def considered(now: Held, given: Mapping[str, str], *, at: datetime) -> inputs.Applied:
    """Return what the table says of a case: the answers that facts know, those given, the row, and why no other."""
    return inputs.row_for(now.rules, known(now, at=at), given)


def known(now: Held, *, at: datetime) -> Mapping[str, inputs.Known]:
    """Return what the facts fill in of the table."""
    above = now.rules.signature_above.get(now.order.currency)
    signed = above is not None and now.order.amount > above
    return inputs.known_inputs(now.rules, now.facts, dispute=now.dispute.ref, at=at, needs_signature=signed)


def by_row(now: Held, row: Row) -> int:
    """Return what goes back by a row of the table, minor units: all that is asked, a share of it, or nothing."""
    if row.outcome not in ("buyer", "both") or row.offer == "nothing":
        return 0
    asked = now.case.amount
    share = row.share if row.share is not None else 1
    limit = worth.most(now.order, worth.pieces_of(now.dispute), now.case).minor
    return min(int(asked * share), limit)


def decide(
    actor: Actor, dispute: Dispute, judged: Judgement, *, at: datetime, noted_at: datetime | None = None,
    shown: str = "",
) -> datetime | None:  # fmt: skip
    """Decide a case. Everything that can refuse is asked before anything is written or sent.

    Returns when the decision leaves, where the rules hold it; None where it has left. Raises Refused with all that is
    wrong, NotNow (`changed` where something is new since `shown`), Forbidden.
    """
    with DECIDE.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        row, deviates = _checked(now, judged, at)
        data = _data(now, actor, judged, row, deviates)
        _weigh(now, judged)
        record = digest_of(now)
        now = tell(now, actor, "dispute.record_closed", {"digest": record}, at=at, noted_at=noted_at)
        data["record"] = record
        leaves_at = _leaves(now, at, judged)
        if leaves_at is not None:
            draft = DraftDecision(
                dispute=dispute, agent=actor.party, data=data, text=judged.text.strip(), reason=judged.reason.strip(),
                written_at=at, leaves_at=leaves_at,
            )  # fmt: skip
            draft.save(force_insert=True)
            held: dict[str, Scalar] = {"agent": actor.party.ref, "leaves_at": moments.to_text(leaves_at)}
            tell(now, actor, "dispute.drafted", held, at=at, noted_at=noted_at)
            return leaves_at
        leave(now, actor, data, judged.text, judged.reason, at=at, noted_at=noted_at)
        return None


def _checked(now: Held, judged: Judgement, at: datetime) -> tuple[Row | None, bool]:
    """Return the row that applies and whether the judgement differs from it; raise Refused with all that is wrong."""
    wrong: list[str] = []
    require_one_of("outcome", judged.outcome, OUTCOMES)
    if judged.fault:
        require_one_of("fault", judged.fault, FAULTS)
    found = considered(now, judged.inputs, at=at)
    wrong += _not_listed(now, judged.inputs)
    if found.asks:
        wrong.append(_("Answer first what the table asks: %(names)s.") % {"names": ", ".join(found.asks)})
    amount = judged.amount
    if judged.outcome in ("seller", "nobody") and amount is not None and amount.minor:
        wrong.append(_("A decision that is not for the buyer gives no money back."))
    if judged.outcome == "buyer" and (amount is None or amount.minor <= 0) and not judged.goes_back:
        wrong.append(_("Say how much the buyer gets."))
    wrong += list(wrong_words(now, judged.text))
    row = found.row
    deviates = row is not None and not _as_row(now, judged, row)
    if deviates:
        wrong += against_its_fault(judged.outcome, judged.fault)
    if deviates and now.rules.deviation == "never":
        wrong.append(_("The rules leave no room: decide as the row says."))
    elif deviates and not judged.reason.strip():
        wrong.append(_("This differs from the table's row “%(row)s”: write why.") % {"row": row.name if row else ""})
    if wrong:
        raise Refused(wrong)
    if amount is not None and amount.minor:
        worth.require_left(now.order, worth.pieces_of(now.dispute), amount, now.case)
        if amount.minor > now.case.amount and not judged.reason.strip():
            raise Refused([_("That is more than the buyer asks for: write why.")])
    return row, deviates


def _not_listed(now: Held, given: Mapping[str, str]) -> Iterator[str]:
    """Yield which answers the table does not list: by one of them no row would speak of the case."""
    for name, value in given.items():
        if name not in now.rules.inputs:
            yield _("The table asks for no %(name)s.") % {"name": name}
        elif value not in now.rules.inputs[name]:
            words = {"name": name, "values": ", ".join(now.rules.inputs[name])}
            yield _("The table lists no such answer for %(name)s. It lists: %(values)s.") % words


def against_its_fault(outcome: str, fault: str) -> Iterator[str]:
    """Yield what is wrong where whose fault it was is left as it stood, and the decision is for that side."""
    if outcome == fault == "seller":
        yield _("It is decided for the seller, and said to be the seller's fault: say whose fault it was.")


def _as_row(now: Held, judged: Judgement, row: Row) -> bool:
    amount = judged.amount.minor if judged.amount else 0
    if judged.outcome != row.outcome or (judged.fault or row.fault) != row.fault:
        return False
    # A partial refund whose share the row leaves open is the mediator's to set.
    is_open = row.offer == "partial refund" and row.share is None
    return is_open or amount == by_row(now, row)


def wrong_words(now: Held, text: str) -> Iterator[str]:
    """Yield what is wrong with the words of a decision: none, a blank left open, another case's key or name."""
    kept = written(text)
    if not kept:
        yield _("Write the decision in plain words, for both sides.")
        return
    if blank := _BLANK.search(kept):
        yield _("A blank is not filled in: %(blank)s.") % {"blank": blank.group()}
    own = {now.dispute.key, now.order.key}
    if other := next((key for key in _KEY.findall(kept) if key not in own), None):
        yield _("%(key)s is another case or order: it does not belong here.") % {"key": other}
    if name := next(_strangers(now, kept), None):
        yield _("%(name)s has nothing to do with this case: the name does not belong here.") % {"name": name}


def _strangers(now: Held, text: str) -> Iterator[str]:
    """Yield names in a text of parties of other recent cases: what was copied from another decision."""
    recent = Dispute.objects.exclude(pk=now.dispute.pk).order_by("-opened_at")
    pairs = recent.values_list("order__buyer__name", "order__seller__name")[:200]
    own = {now.buyer.name, now.seller.name}
    for name in {each for pair in pairs for each in pair} - own:
        inside_own = any(name in each for each in own)
        if len(name) >= 4 and not inside_own and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            yield name


def _data(now: Held, actor: Actor, judged: Judgement, row: Row | None, deviates: bool) -> dict[str, Scalar]:
    amount = judged.amount.minor if judged.amount else 0
    return {
        "outcome": judged.outcome,
        "fault": judged.fault or (row.fault if row and not deviates else "") or "nobody",
        "amount": amount or None,
        "currency": now.order.currency if amount else None,
        "row": row.name if row else None,
        "because": "mediator",
        "agent": actor.party.ref,
        "cost": judged.cost if judged.cost != "seller" else None,
        "goes_back": judged.goes_back or None,
        "deviates": deviates or None,
    }


def _weigh(now: Held, judged: Judgement) -> None:
    """Say of each piece of evidence whether the decision cites it, or sets it aside and why."""
    pieces = {str(piece.uuid): piece for piece in now.dispute.evidence.all()}
    if unknown := set(judged.weighed) - set(pieces):
        raise Refused([_("No such evidence in this case: %(ids)s.") % {"ids": ", ".join(sorted(unknown))}])
    for uuid, piece in pieces.items():
        why = judged.weighed.get(uuid, "").strip()
        piece.weighed, piece.weighed_why = ("set_aside", why[:500]) if why else ("cited", "")
    Evidence.objects.bulk_update(pieces.values(), ["weighed", "weighed_why"])


def _leaves(now: Held, at: datetime, judged: Judgement) -> datetime | None:
    """Return when the decision leaves: after the hold of the rules; at once where they have none."""
    hold = now.rules.hold
    if hold is not None:
        return hold.leaves(at)
    return at if needs_second(now, judged.amount.minor if judged.amount else now.case.amount) else None


def needs_second(now: Held, amount: int) -> bool:
    """Whether two names must stand on a decision about so much."""
    above = now.rules.two_mediators_above.get(now.order.currency)
    return above is not None and max(amount, now.case.amount) > above


def leave(
    now: Held, actor: Actor, data: Mapping[str, Scalar], text: str, reason: str, *, at: datetime,
    noted_at: datetime | None = None,
) -> Held:  # fmt: skip
    """Let a decision leave: note it, and have it carried out."""
    now = tell(now, actor, "dispute.decided", data, at=at, noted_at=noted_at, words=Words("decision", written(text)))
    if reason.strip():
        row = Words("deviation", written(reason)).row(now.dispute, actor, now.case.last, at)
        row.save(force_insert=True)
    return carried_out(now, actor, at=at, noted_at=noted_at)


def carried_out(now: Held, actor: Actor, *, at: datetime, noted_at: datetime | None = None) -> Held:
    """Have a decision carried out: money, and what it brings the seller. Never twice: what is asked for counts."""
    from comity.actions.disputes.faults import of_decision

    decision = now.case.decision
    if decision is None:
        return now
    if now.case.asked_for > now.case.to_pay:
        now = agreeing.recall(now, at=at, noted_at=noted_at)
    if not waits_for_appeal(now, "money"):
        now = agreeing.pay(now, because="decided", cost=decision.cost, at=at, noted_at=noted_at)
    agreeing.bear(now, at=at, noted_at=noted_at)
    if not waits_for_appeal(now, "points"):
        of_decision(now, at=at, noted_at=noted_at)
    agreeing.drop_what_is_not_left(now.order, at=at, noted_at=noted_at)
    return now


def waits_for_appeal(now: Held, what: str) -> bool:
    """Whether money or points wait until no appeal can come any more."""
    return what in now.rules.appeal_waits and len(now.case.appeals) < len(now.rules.appeals)


def by_silence(
    now: Held, *, side: str, silent: str, cost: str = "", amount: str = "asked", at: datetime, noted_at: datetime,
) -> Held:  # fmt: skip
    """Decide for a side because the other, or the platform, was silent. Silence proves fault, never more than asked."""
    system = Actor(platform(noted_at))
    case = now.case
    if not case.is_open or (case.decision is not None and case.asked_for >= case.to_pay):
        return now
    give = side == "buyer" and amount == "asked"
    limit = worth.most(now.order, worth.pieces_of(now.dispute), case).minor if give else 0
    sum_ = min(case.in_question, limit) if give else 0
    fault = silent if silent in ("buyer", "seller") else "nobody"
    data: dict[str, Scalar] = {
        "outcome": side, "fault": fault, "amount": sum_ or None, "currency": now.order.currency if sum_ else None,
        "because": "silence", "silent": silent, "cost": cost or None,
    }  # fmt: skip
    now = tell(now, system, "dispute.decided", data, at=at, noted_at=noted_at)
    return carried_out(now, system, at=at, noted_at=noted_at)


def decide_by_facts(now: Held, *, at: datetime, noted_at: datetime | None = None) -> Held:
    """Decide at once where the table needs nobody: all that it asks is in the facts. Else leave the case as it is.

    Only where the rules say so.
    """
    if not now.rules.by_facts:
        return now
    found = considered(now, {}, at=at)
    if found.row is None or not found.by_facts:
        return now
    row = found.row
    sum_ = by_row(now, row)
    data: dict[str, Scalar] = {
        "outcome": row.outcome, "fault": row.fault or "nobody", "amount": sum_ or None,
        "currency": now.order.currency if sum_ else None, "row": row.name, "because": "facts",
        "goes_back": row.returns or None,
    }  # fmt: skip
    system = Actor(platform(noted_at or at))
    now = tell(now, system, "dispute.decided", data, at=at, noted_at=noted_at)
    return carried_out(now, system, at=at, noted_at=noted_at)


def small_claim(now: Held, *, at: datetime, noted_at: datetime | None = None) -> Held:
    """Pay a claim at once that is small by the rules. Else leave it as it is."""
    rules = now.rules.small_claims
    if rules is None or not rules.covers(now.case.amount, now.order.currency):
        return now
    data: dict[str, Scalar] = {
        "outcome": rules.outcome, "fault": "nobody", "amount": now.case.amount, "currency": now.order.currency,
        "because": "small_claim", "cost": rules.cost,
    }  # fmt: skip
    system = Actor(platform(noted_at or at))
    now = tell(now, system, "dispute.decided", data, at=at, noted_at=noted_at)
    return carried_out(now, system, at=at, noted_at=noted_at)


def close(
    actor: Actor, dispute: Dispute, *, because: str, text: str, again: bool, at: datetime,
    noted_at: datetime | None = None,
) -> None:  # fmt: skip
    """End a case without a winner: it cannot be judged, or is not for the platform. No rate counts it as lost."""
    require_one_of("because", because, NO_WINNER)
    with CLOSE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        if wrong := list(wrong_words(now, text)):
            raise Refused(wrong)
        data: dict[str, Scalar] = {"because": because, "again": again}
        tell(now, actor, "dispute.closed", data, at=at, noted_at=noted_at, words=Words("decision", written(text)))


def decider(now: Held) -> Party | None:
    """Return who decided, where a person did."""
    decision = now.case.decision
    uuid = decision.agent.partition(":")[2] if decision and decision.agent else ""
    return Party.objects.filter(uuid=uuid).first() if uuid else None
