"""What we add to an issue and send: actions, resolutions, and the message that tells them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from comity.actions.network import issue as issues
from comity.actions.network.issue import exact
from comity.lib import moments
from comity.lib.money import Money
from comity.records import errands
from comity.records.models import Order, Standing
from comity.records.models.network import NetworkIssue, NetworkReply

#: What a resolution of the network is to our kinds of offers, by what the kind does.
_CODES = {
    "replacement": "REPLACEMENT", "resend": "REPLACEMENT", "repair": "REPLACEMENT", "nothing": "NO_ACTION",
    "discount": "REFUND",
}  # fmt: skip


def answering(context: Mapping[str, Any], action: str, now: datetime) -> dict[str, Any]:
    """Return the context of an answer: of the same transaction and message."""
    return {**context, "action": action, "timestamp": moments.to_text(now)}


def append(
    row: NetworkIssue, added: list[dict[str, Any]], resolutions: list[dict[str, Any]], now: datetime, *,
    answers: bool = False,
) -> None:  # fmt: skip
    """Append actions of ours to an issue, and have it sent to the other side.

    resolutions   those that the actions refer to; of one that is known nothing changes
    answers       whether it answers the message that came last, and so is of the same id
    """
    body = dict(row.body)
    body["actions"] = [*body.get("actions", []), *added]
    if resolutions:
        by_id: dict[str, Any] = {}
        for each in (*(body.get("resolutions") or []), *resolutions):
            by_id.setdefault(each["id"], each)
        body["resolutions"] = list(by_id.values())
    told = issues.read(body)
    body |= {"status": told.status, "updated_at": moments.to_text(now), "last_action_id": added[-1]["id"]}
    row.body, row.status, row.level = body, told.status, told.level
    api, to = ("on_issue", row.complainant) if row.ours == "respondent" else ("issue", row.respondent)
    context = answering(row.context, api, now) | ({} if answers else {"message_id": str(uuid4())})
    message: dict[str, Any] = {"issue": exact(body)}
    if api == "on_issue":
        message["update_target"] = [{"path": "issue.actions", "action": "APPENDED"}]
    row.save()
    reply(row, to, api, {"context": context, "message": message}, now)


def reply(row: NetworkIssue | None, to: str, api: str, body: dict[str, Any], now: datetime) -> None:
    """Have a message sent; `row`: the issue that it tells, where one is kept."""
    NetworkReply.objects.create(issue=row, to=to, api=api, body=body, made_at=now, **errands.anew(now))


def head_of(order: Order) -> int:
    """Return the number of the newest line of its seller's journal: what an issue was told up to."""
    return int(Standing.objects.values_list("chain_seq", flat=True).get(party=order.seller_id))


def step(row: NetworkIssue, code: str, now: datetime, number: int = 0, *, ref: str = "") -> dict[str, Any]:
    """Return an action of ours, with an id that none has yet."""
    named = {
        "id": f"C{len(row.body.get('actions', [])) + 1}_{number}", "descriptor": {"code": code},
        "updated_at": moments.to_text(now), "action_by": row.respondent,
    }  # fmt: skip
    return named | ({"ref_id": ref, "ref_type": "RESOLUTIONS"} if ref else {})


def resolution(id_: str, offer: str, amount: object, currency: object, now: datetime) -> dict[str, Any]:
    """Return a resolution; one that pays is a refund, with its amount."""
    paid = amount if isinstance(amount, int) and amount and isinstance(currency, str) and currency else 0
    code = "REFUND" if paid else _CODES.get(offer, "NO_ACTION")
    found: dict[str, Any] = {
        "id": id_, "descriptor": {"code": code}, "updated_at": moments.to_text(now), "proposed_by": "respondent",
    }  # fmt: skip
    if paid:
        written = str(Money(paid, str(currency)).major)
        tags = [{"descriptor": {"code": "REFUND_AMOUNT"}, "value": written}]
        found["tags"] = [{"descriptor": {"code": "RESOLUTION_DETAILS"}, "list": tags}]
    return found
