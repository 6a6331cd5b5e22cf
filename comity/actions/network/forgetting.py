"""Forgetting what is personal in issues: names, contacts and words, in the issue and in what was sent of it.

What was done, when, about what and how it ended stays: ids, codes, moments. Once the evidence of its dispute need not
stay any longer, an issue is forgotten by itself; one without a dispute, as long after it was last heard of. A buyer
who asks for it is forgotten at once, of an open issue only by name, for it must still be answered.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from comity.actions.disputes.cases import Gone, held
from comity.actions.disputes.keeping import kept_until
from comity.lib import options
from comity.policy.disputes.keeping import CHARGE_BACK
from comity.records.models import Party
from comity.records.models.network import NetworkIssue, NetworkMessage, NetworkReply

MOST = 200
_KEPT = (
    "id", "status", "level", "created_at", "updated_at", "expected_response_time", "expected_resolution_time",
    "source_id", "complainant_id", "respondent_ids", "resolver_ids", "last_action_id",
)  # fmt: skip
_OF_ACTION = ("id", "ref_id", "ref_type", "updated_at", "action_by")
_OF_RESOLUTION = ("id", "updated_at", "proposed_by")
Body = dict[str, Any]


def forget_due(now: datetime) -> int:
    """Forget issues that need not stay any longer; return how many. Called by errands."""
    law = now - timedelta(days=options.number("COMITY_KEEP_DAYS"))
    heard = NetworkMessage.objects.filter(sender=OuterRef("complainant"), number=OuterRef("number"), at__gt=law)
    paid = Q(dispute__order__paid_at=None) | Q(dispute__order__paid_at__lte=now - CHARGE_BACK)
    over = Q(dispute=None) | Q(dispute__ended_at__lte=law) & paid
    rows = NetworkIssue.objects.filter(over, ~Exists(heard), forgotten_at=None, at__lte=law).order_by("at", "pk")
    return sum(_forget(pk, now, due=True) for pk in rows.values_list("pk", flat=True)[:MOST] if not _is_kept(pk, now))


def forget_buyer(buyer: Party, at: datetime) -> tuple[int, int]:
    """Forget the issues about a buyer's orders; return how many wholly, and how many by name, since they are open."""
    rows = NetworkIssue.objects.filter(order__buyer=buyer).values_list("pk", flat=True)
    done = [_forget(pk, at) for pk in rows.order_by("pk")]
    return done.count(True), done.count(False)


def bare(issue: Mapping[str, Any]) -> Body:
    """Return an issue without anything that somebody wrote, or that says who somebody is."""
    found = _only(issue, _KEPT)
    found["descriptor"] = _coded(issue)
    found["refs"] = [_only(each, ("ref_id", "ref_type")) for each in issue.get("refs") or ()]
    for name, kept in (("actions", _OF_ACTION), ("resolutions", _OF_RESOLUTION)):
        if steps := issue.get(name):
            found[name] = [_only(each, kept) | {"descriptor": _coded(each)} for each in steps]
    return found


def nameless(issue: Mapping[str, Any]) -> Body:
    """Return an issue without the names and contacts of persons: ids and words stay."""
    found = dict(issue)
    if isinstance(actors := issue.get("actors"), list):
        found["actors"] = [_only(each, ("id", "type")) for each in actors if isinstance(each, dict)]
    elif actors is not None:
        del found["actors"]
    found["actions"] = [
        _only(each, (name for name in each if name != "actor_details")) for each in issue.get("actions") or ()
    ]
    return found


def _only(said: Mapping[str, Any], names: Iterable[str]) -> Body:
    return {name: said[name] for name in names if name in said}


def _coded(said: Mapping[str, Any]) -> Body:
    descriptor = said.get("descriptor") or {}
    return {"code": descriptor["code"]} if "code" in descriptor else {}


def _is_kept(pk: int, now: datetime) -> bool:
    """Whether an appeal may still need it."""
    dispute = NetworkIssue.objects.select_related("dispute__order__seller").get(pk=pk).dispute
    try:
        until = kept_until(held(dispute)) if dispute is not None else None
    except Gone:
        return False
    return dispute is not None and (until is None or until > now)


@transaction.atomic
def _forget(pk: int, now: datetime, *, due: bool = False) -> bool:
    """Forget an issue: wholly, where it is closed or `due`; else by name. Return whether wholly."""
    row = NetworkIssue.objects.select_for_update().get(pk=pk)
    wholly = due or row.status == "CLOSED"
    how = bare if wholly else nameless
    row.body = how(row.body)
    row.forgotten_at = now if wholly else None
    row.save(update_fields=["body", "forgotten_at"])
    _forget_sent(row.replies.all(), how)
    return wholly


def _forget_sent(replies: Iterable[NetworkReply], how: Callable[[Mapping[str, Any]], Body]) -> None:
    """Take out of messages what is forgotten; of those that are not to be sent any more, everything."""
    for each in replies:
        if each.due_at is None:
            each.body = {}
        elif issue := each.body.get("message", {}).get("issue"):
            each.body = {**each.body, "message": {**each.body["message"], "issue": how(issue)}}
        each.save(update_fields=["body"])
