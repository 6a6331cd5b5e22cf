"""Of what happens in a dispute, what its sides are told by mail, and what is told once it has ended."""

from collections.abc import Mapping

from comity.policy.disputes.case import ENDED, Case
from comity.policy.facts import Fact, subject_kind

#: What ends a case, or changes afterwards how it ended: told to both sides, whoever lost.
ENDS = frozenset(
    {
        "dispute.withdrawn", "dispute.settled", "dispute.fulfilled", "dispute.decided", "dispute.corrected",
        "dispute.clarified", "dispute.appeal_decided", "dispute.set_aside", "dispute.closed", "order.refunded",
        "refund.failed",
    }
)  # fmt: skip

#: Who does what names nobody.
_DONE_BY = {
    "dispute.inquired": "buyer", "dispute.opened": "buyer", "dispute.modified": "buyer",
    "dispute.answered": "seller", "dispute.acted": "seller",
}  # fmt: skip

#: Whose act a fact about an order or a dispute is, where it does not say.
_WHOSE = {
    "dispute.opened": "buyer", "dispute.modified": "buyer", "dispute.inquired": "buyer", "dispute.withdrawn": "buyer",
    "return.sent": "buyer", "return.contest_answered": "buyer", "dispute.answered": "seller",
    "return.labelled": "seller", "return.confirmed": "seller", "return.contested": "seller",
    "shipment.dispatched": "seller", "carrier.claimed": "seller", "dispute.acted": "seller",
}  # fmt: skip


def side_of(kind: str, data: Mapping[str, object]) -> str:
    """Return which side of a trade did what a fact says: buyer, seller, or "" for neither."""
    by = data.get("by")
    return by if by in ("buyer", "seller") else _WHOSE.get(kind, "")


def is_mailed(fact: Fact) -> bool:
    """Whether a fact that tells a side of it is one about a dispute, and may stand in a mail.

    Of evidence for the mediator alone the pages say that it is there; no mail does. A refund follows from a dispute
    or from something else: who plans the mail looks.
    """
    if fact.data.get("sees") == "mediator":
        return False
    return subject_kind(fact.subject) == "dispute" or bool(fact.data.get("dispute") or fact.data.get("refund"))


def whose_act(kind: str, values: Mapping[str, object]) -> str:
    """Return the side that did what is told, buyer or seller: nobody is told by mail or bell what they did themselves.

    Empty where nobody did it, or it ends the case: of that both sides keep a mail, whoever did it.

    kind, values  of a fact, or of the notice that tells of it
    """
    if kind in ENDS:
        return ""
    by = values.get("by")
    return by if by in ("buyer", "seller") else _DONE_BY.get(kind, "")


def is_quiet(case: Case) -> bool:
    """Whether a case has ended and nothing about it waits to be decided anew: then only its end is told."""
    return case.stage in ENDED and case.appeal is None and not case.set_aside_by


def is_told(kind: str, case: Case) -> bool:
    """Whether a mail tells of a fact of that kind, as the case stands when the mail goes out."""
    return kind in ENDS or not is_quiet(case)
