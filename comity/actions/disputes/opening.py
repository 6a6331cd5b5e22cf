"""Opening a dispute: for a reason, about pieces of an order, within the window that the rules give."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from comity.actions.disputes import deciding, guided, worth
from comity.actions.disputes.cases import Verb, Words, around, held, not_told_yet, tell, written
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot
from comity.actions.enact import Refused, catch_up
from comity.actions.guard import Actor, require
from comity.lib.ids import short_key, uuid7
from comity.lib.money import Money
from comity.policy.disputes import openings
from comity.policy.disputes.case import Case, Stage
from comity.policy.disputes.rule import DisputeRules
from comity.policy.facts import Scalar
from comity.policy.rulebook import Rulebook
from comity.records import rulebooks, statements
from comity.records.models import Dispute, DisputePiece, Order, OrderLine


@dataclass(frozen=True, slots=True)
class Claim:
    """What a buyer claims.

    reason   a name of the rulebook's
    pieces   how many pieces of which line, by the line's key; None for all that can be disputed
    wants    a kind of offer of the rulebook's; empty for what is usual for the reason
    amount   what is to go back; None for all that was paid for the pieces
    text     what happened, in the buyer's words
    """

    reason: str
    pieces: Mapping[int, int] | None = None
    wants: str = ""
    amount: Money | None = None
    text: str = ""


#: What is no wish for money.
ACTS = {"replacement": "replacement", "resend": "resend", "repair": "repair"}
INQUIRE = "dispute.inquired"
REOPEN = Verb("reopen", "dispute.claim")
CLAIM = Verb("claim", "dispute.claim")


def rules_for(order: Order, at: datetime) -> tuple[Rulebook, DisputeRules]:
    """Return the version in force, and what it says of disputes. Raises Refused where it says nothing."""
    book = rulebooks.current().in_force(at)
    if book is None or book.dispute is None:
        raise Refused([_("The rules in force provide for no disputes.")])
    return book, book.dispute


def inquire(
    actor: Actor, order: Order, *, reason: str, text: str, at: datetime, noted_at: datetime | None = None
) -> Dispute:
    """Ask what is the matter, before there is a claim: it counts in no rate. Raises Refused, Forbidden."""
    return _begin(actor, order, Claim(reason=reason, text=text), INQUIRE, at, noted_at)


def inquire_as(
    actor: Actor, order: Order, uuid: UUID, *, reason: str, text: str, at: datetime, noted_at: datetime
) -> Dispute:
    """Ask as `inquire` does, under an id that follows from what it is called elsewhere."""
    return _begin(actor, order, Claim(reason=reason, text=text), INQUIRE, at, noted_at, uuid)


def open_(actor: Actor, order: Order, claim: Claim, *, at: datetime, noted_at: datetime | None = None) -> Dispute:
    """Open a dispute. The same claim once more, while it is open, returns the dispute that is there.

    Raises Refused with what is wrong (a reason that is not there, a window that is not open, pieces that are already in
    a dispute, more than was paid), NotNow with a code, Forbidden.
    """
    return _begin(actor, order, claim, "dispute.opened", at, noted_at)


def _begin(
    actor: Actor, order: Order, claim: Claim, kind: str, at: datetime, noted_at: datetime | None,
    uuid: UUID | None = None,
) -> Dispute:  # fmt: skip
    require(actor, "dispute.open", order, at=at)
    with transaction.atomic():
        statements.lock(order.seller_id)
        catch_up(order.seller, noted_at or at)
        order.refresh_from_db()
        book, rules = rules_for(order, at)
        require_reason(rules, claim.reason)
        if kind != INQUIRE:
            require_window(rules, claim.reason, order, at)
        pieces = pieces_for(order, claim)
        require_not_over(order, claim.reason, pieces)
        dispute = Dispute(
            uuid=uuid or uuid7(at), key=short_key("D"), order=order, stage=Stage.NEGOTIATION, since=at, opened_at=at
        )
        now = not_told_yet(dispute, order, book)
        text = Words("claim", written(claim.text))
        data = {"reason": claim.reason} if kind == INQUIRE else said(order, rules, claim, pieces)
        now = tell(now, actor, kind, data, at=at, noted_at=noted_at, words=text, rows=(dispute,))
        DisputePiece.objects.bulk_create(
            DisputePiece(dispute=dispute, line=line, quantity=count) for line, count in pieces.items()
        )
        guided.followed(order, dispute, is_claim=kind != INQUIRE, at=noted_at or at)
        if kind != INQUIRE:
            deciding.small_claim(now, at=at, noted_at=noted_at)
    dispute.refresh_from_db()
    return dispute


def claim_it(actor: Actor, dispute: Dispute, claim: Claim, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Make an inquiry a claim, or open a dispute again that was withdrawn. Raises Refused, NotNow, Forbidden."""
    verb = CLAIM if dispute.stage == Stage.INQUIRY else REOPEN
    with verb.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        require_reason(now.rules, claim.reason)
        require_window(now.rules, claim.reason, now.order, at)
        own = worth.pieces_of(dispute)
        pieces = pieces_for(now.order, claim) if claim.pieces else own
        if any(worth.left_of(now.order).get(line, 0) < count for line, count in own.items()):
            raise NotNow(WhyNot("no_pieces_left", sentence("no_pieces_left")))
        require_not_over(now.order, claim.reason, pieces, now.case)
        again = dispute.stage != Stage.INQUIRY
        data = {**said(now.order, now.rules, claim, pieces, now.case), "again": again or None}
        words = Words("claim", written(claim.text))
        tell(now, actor, "dispute.opened", data, at=at, noted_at=noted_at, words=words)
        guided.followed(now.order, dispute, is_claim=True, at=noted_at or at)
        if pieces != own:
            replace_pieces(dispute, pieces)


def replace_pieces(dispute: Dispute, pieces: worth.Pieces) -> None:
    """Let a dispute be about other pieces."""
    dispute.about.all().delete()
    DisputePiece.objects.bulk_create(
        DisputePiece(dispute=dispute, line=line, quantity=count) for line, count in pieces.items()
    )


def require_reason(rules: DisputeRules, reason: str) -> None:
    """Return if the rulebook lists a reason; raise Refused with those it lists."""
    if reason not in rules.reasons:
        listed = ", ".join(rules.reasons)
        raise Refused([_("The rules list no such reason. They list: %(reasons)s.") % {"reasons": listed}])


def require_window(rules: DisputeRules, reason: str, order: Order, at: datetime) -> None:
    """Return if a dispute for a reason may be opened about an order; raise NotNow with the code of why not."""
    if code := window_against(rules, reason, order, at):
        raise NotNow(WhyNot(code, sentence(code)))


def window_against(rules: DisputeRules, reason: str, order: Order, at: datetime) -> str:
    """Return what is against opening now: not_open_here, not_open_yet, not_open_any_more; empty where nothing is."""
    facts = [fact for fact in around(order) if fact.at <= at]
    if openings.may_open(rules, reason, facts, at):
        return ""
    begin, _end = openings.window(rules, reason, facts)
    if begin is None:
        return "not_open_here"
    return "not_open_yet" if at < begin else "not_open_any_more"


def pieces_for(order: Order, claim: Claim, *, of: Dispute | None = None) -> dict[OrderLine, int]:
    """Return the pieces that a claim is about, checked. `of`: whose own count as free. Raises Refused, NotNow."""
    left = worth.left_of(order)
    if of is not None and claim.pieces is None:
        return worth.pieces_of(of)
    for line, count in (worth.pieces_of(of) if of is not None else {}).items():
        left[line] = left.get(line, 0) + count
    if claim.pieces is None:
        pieces = {line: count for line, count in left.items() if count}
    else:
        by_key = {line.pk: line for line in left}
        if wrong := list(_wrong_pieces(by_key, left, claim.pieces)):
            raise Refused(wrong)
        pieces = {by_key[key]: count for key, count in claim.pieces.items() if count}
    if not pieces:
        raise NotNow(WhyNot("no_pieces_left", sentence("no_pieces_left")))
    return pieces


def _wrong_pieces(
    by_key: Mapping[int, OrderLine], left: Mapping[OrderLine, int], asked: Mapping[int, int]
) -> Iterator[str]:
    for key, count in asked.items():
        line = by_key.get(key)
        if line is None:
            yield _("Line %(key)s is not one of this order.") % {"key": key}
        elif count < 0 or count > left[line]:
            values = {"asked": count, "left": left[line], "title": line.title}
            yield _("%(title)s: %(left)s can be disputed, not %(asked)s.") % values


def require_not_over(order: Order, reason: str, pieces: worth.Pieces, case: Case | None = None) -> None:
    """Return if so many pieces of each line were in no dispute for that reason which is over for good.

    Raises NotNow where one of them was: closed for good or decided, or the two agreed on money for it that was paid.

    case  the dispute itself, where it is there already
    """
    over: Counter[OrderLine] = Counter()
    ended = Dispute.objects.filter(order=order, reason=reason, again=False, ended_at__isnull=False)
    for dispute in ended.exclude(ended_how="settled"):
        over.update(worth.pieces_of(dispute))
    if any(count > line.quantity - over[line] for line, count in pieces.items() if over[line]):
        raise NotNow(WhyNot("closed_for_good", sentence("closed_for_good")))
    for dispute in Dispute.objects.filter(order=order).select_related("order"):
        if case is None or dispute.ref != case.ref:
            over.update(_paid_for(dispute, reason))
    is_own = case is not None and reason in (*case.paid_for, case.reason if case.is_paid_off else "")
    if is_own or any(count > line.quantity - over[line] for line, count in pieces.items() if over[line]):
        raise NotNow(WhyNot("paid_as_agreed", sentence("paid_as_agreed")))


def _paid_for(dispute: Dispute, reason: str) -> Mapping[OrderLine, int]:
    """Return the pieces of a dispute for which the two agreed on money, for a reason, and that was paid."""
    case, pieces = held(dispute).case, worth.pieces_of(dispute)
    if reason in case.paid_for:
        return pieces
    if not case.is_paid_off or case.reason != reason or case.agreement is None:
        return {}
    parts = Counter[str]()
    for part in case.agreement.parts:
        parts[part.line] += part.quantity if part.amount else 0
    return {line: parts[str(line.pk)] for line in pieces} if case.agreement.parts else pieces


def said(
    order: Order, rules: DisputeRules, claim: Claim, pieces: worth.Pieces, case: Case | None = None
) -> dict[str, Scalar]:  # fmt: skip
    """Return what a claim says, checked: its amount can go back for these pieces. Raises Refused.

    case  the dispute as it stands before the claim; None for one that is opened
    """
    wants = claim.wants or _usual(rules, claim.reason)
    if wants not in (wishes := [each for each in rules.offers if each != "nothing"]):
        said_ = _("The rules list no such wish. They list: %(offers)s.")
        raise Refused([said_ % {"offers": ", ".join(wishes)}])
    if not order.currency:
        raise Refused([_("What was paid for this order is not known here. The shop has to tell it first.")])
    full = worth.goods(order, pieces, case)
    if claim.amount is not None:
        worth.require_left(order, pieces, claim.amount, case)
    elif full.minor <= 0:
        raise Refused([_("Nothing is left that could go back for this: all of it has been refunded.")])
    return {
        "reason": claim.reason,
        "wants": wants,
        "amount": (claim.amount or full).minor,
        "currency": order.currency,
        "pieces": sum(pieces.values()),
        "worth": full.minor,
    }


def _usual(rules: DisputeRules, reason: str) -> str:
    """Return what is usually asked for a reason: what the rulebook says of it, else a refund."""
    if wants := rules.reasons[reason].wants:
        return wants[0]
    return "refund" if "refund" in rules.offers else next(iter(rules.offers), "")
