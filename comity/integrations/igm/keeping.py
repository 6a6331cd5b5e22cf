"""Taking messages in: each once, in one transaction, and what is answered to it.

A message that can be read and is signed is acknowledged. What may not be followed is refused by the answering call, as
the protocol has it: on_issue with an error. Nothing is changed by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.actions.network import issue as issues
from comity.actions.network.issue import Action, Invalid, Issue, exact
from comity.actions.network.saying import answering, reply
from comity.integrations.igm import following, reading, signing
from comity.integrations.igm.following import Refusal
from comity.records.models import Order
from comity.records.models.network import ID_CHARS, NetworkIssue, NetworkMessage

#: What the network calls a failure of our own; a message may then come again.
SIGNATURE = {"issue": "30016", "issue_status": "30016", "on_issue": "20001", "on_issue_status": "20001"}
INTERNAL = {"issue": "31001", "issue_status": "31001", "on_issue": "23001", "on_issue_status": "23001"}
#: Carries out what was appended to an issue of ours to answer; raises what says no.
Carry = Callable[[NetworkIssue, Issue, tuple[Action, ...], datetime], None]
_CONTEXT = ("domain", "action", "transaction_id", "message_id", "bap_id", "bap_uri", "timestamp")


@dataclass(frozen=True, slots=True)
class Taken:
    """What is answered at once: nothing wrong is an ACK, else a NACK with its code."""

    code: str = ""
    why: str = ""
    kind: str = "JSON-SCHEMA-ERROR"

    @property
    def answer(self) -> dict[str, Any]:
        """The answer as the protocol has it."""
        if not self.code:
            return {"message": {"ack": {"status": "ACK"}}}
        return {"message": {"ack": {"status": "NACK"}}, "error": error(self.code, self.why, self.kind)}


def error(code: str, why: str, kind: str = "DOMAIN-ERROR") -> dict[str, str]:
    """Return an error object."""
    return {"type": kind, "code": code, "message": why}


def take(own: str, api: str, sender: str, raw: bytes, now: datetime, carry: Carry) -> Taken:
    """Take a message in that `sender` signed; `own`: the subscriber that this installation is.

    Raises DatabaseError where it could not be kept: then nothing was done, and it may come again.
    """
    try:
        context, message = _read(raw)
        other = _other(context, own, sender)
        if api in ("issue_status", "on_issue_status"):
            named = issues.object_(message.get("issue", {}), "message.issue")
            number = issues.text(message, "issue_id") or issues.text(named, "id")
            told = None
        else:
            told = issues.read(message.get("issue"))
            number = told.id
        if not 0 < len(number) <= ID_CHARS:
            raise Invalid(f"the id of an issue has 1 to {ID_CHARS} characters")
    except Invalid as wrong:
        return Taken("IGM001", str(wrong))
    except _Stranger as wrong:
        return Taken("IGM006", str(wrong), "CONTEXT-ERROR")
    with transaction.atomic():
        if (known := _taken_before(sender, api, number, context, raw, now)) is not None:
            return known
        if told is None:
            if api == "issue_status":
                _tell_status(sender, number, context, now)
            return Taken()
        return _follow(Step(own, api, sender, other, context, told, now), carry)


@dataclass(frozen=True, slots=True)
class Step:
    """A message with all that is known about it: the call, who sent it, who the other side is."""

    own: str
    api: str
    sender: str
    other: str
    context: Mapping[str, Any]
    told: Issue
    now: datetime


def _follow(step: Step, carry: Carry) -> Taken:
    told, api, now = step.told, step.api, step.now
    complainant = step.sender if api == "issue" else step.other
    row = NetworkIssue.objects.select_for_update().filter(number=told.id, complainant=complainant).first()
    known = issues.read(row.body) if row is not None else None
    refusal = following.against(known, told, api, row.at if row is not None else now, now, step.own)
    if refusal is None and row is not None and row.transaction != step.context["transaction_id"]:
        refusal = Refusal("IGM009", "the transaction of an issue never changes")
    if refusal is None and row is not None and api == "on_issue" and step.sender != row.respondent:
        refusal = Refusal("IGM006", f"{row.respondent} answers this issue")
    if refusal is None and row is None and _is_double(step):
        refusal = Refusal("IGM008", "an issue about the same is open")
    if refusal is not None:
        return _refused(step, refusal, row)
    new = following.fresh(known, told, step.own) or ()
    if not new:
        return Taken()
    if row is None:
        row = NetworkIssue(
            number=told.id, transaction=step.context["transaction_id"], complainant=complainant, respondent=step.other,
            ours="respondent", at=now,
        )  # fmt: skip
    stood = row if row.pk else None
    row.body, row.context, row.forgotten_at = following.merged(known, told, new), dict(step.context), None
    stands = issues.read(row.body)
    order, items, category = stands.about
    row.level, row.status, row.about = stands.level, stands.status, f"{order}|{','.join(items)}|{category}"[:1_000]
    try:
        with transaction.atomic():
            row.save()
            if row.ours == "respondent":
                carry(row, told, new, now)
    except NotOurs as wrong:
        return _refused(step, wrong.refusal, stood)
    except (Refused, Forbidden) as wrong:
        double = isinstance(wrong, NotNow) and wrong.code == "no_pieces_left"
        return _refused(step, Refusal("IGM008" if double else "IGM001", str(wrong)), stood, kind="POLICY-ERROR")
    return Taken()


class NotOurs(ValueError):
    """What an issue names is not here."""

    def __init__(self, code: str, why: str):
        super().__init__(why)
        self.refusal = Refusal(code, why)


class _Stranger(ValueError):
    """Who signed it is not who it says, or it is not for us."""


def _is_double(step: Step) -> bool:
    """Return if the complainant has an open issue about the same order and category, and one of the same items."""
    order, items, category = step.told.about
    if not order:
        return False
    # Two at once about the same order: the second waits here until the first is kept.
    list(Order.objects.select_for_update().filter(external_id__in=step.told.refs["ORDER"]).order_by("pk").values("pk"))
    there = NetworkIssue.objects.filter(complainant=step.sender, about__startswith=f"{order}|"[:1_000])
    for body in there.exclude(status="CLOSED").values_list("body", flat=True):
        _, others, sort = issues.read(body).about
        if sort == category and (items == others or set(items) & set(others)):
            return True
    return False


def _refused(step: Step, refusal: Refusal, row: NetworkIssue | None, kind: str = "DOMAIN-ERROR") -> Taken:
    """Refuse by the answering call, with the issue as it stands; of an answer it is said at once.

    An issue that is not kept is named by its id alone: what is wrong in it is not said again in our name.
    """
    if step.api != "issue":
        return Taken(refusal.code, refusal.why, kind)
    issue = NetworkIssue.objects.get(pk=row.pk).body if row is not None else {"id": step.told.id}
    body = {
        "context": answering(step.context, "on_issue", step.now),
        "message": {"issue": exact(issue)},
        "error": error(refusal.code, refusal.why, kind),
    }
    reply(row, step.sender, "on_issue", body, step.now)
    return Taken()


def _tell_status(sender: str, number: str, context: Mapping[str, Any], now: datetime) -> None:
    """Answer by the issue as it stands, or that there is none of this number between the two."""
    own = NetworkIssue.objects.filter(number=number)
    row = own.filter(complainant=sender).first() or own.filter(respondent=sender).first()
    body: dict[str, Any] = {"context": answering(context, "on_issue_status", now)}
    body["message"] = {"issue": exact(row.body) if row is not None else {"id": number}}
    if row is None:
        body["error"] = error("IGM005", "there is no issue of this id between us")
    reply(row, sender, "on_issue_status", body, now)


def _taken_before(
    sender: str, api: str, number: str, context: Mapping[str, Any], raw: bytes, now: datetime
) -> Taken | None:
    """Note a message as taken in; return what is answered to one that was before."""
    digest, message = signing.digest(raw), str(context["message_id"])
    noted = {"sender": sender, "api": api, "number": number, "message": message}
    before = NetworkMessage.objects.filter(**noted).first()
    if before is None:
        try:
            with transaction.atomic():
                NetworkMessage.objects.create(**noted, digest=digest, at=now)
        except IntegrityError:  # the same a moment earlier
            before = NetworkMessage.objects.get(**noted)
    if before is None:
        return None
    return Taken() if before.digest == digest else Taken("IGM001", "this message_id came before with another message")


def _read(raw: bytes) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    body = reading.read(raw)
    context, message = issues.object_(body.get("context"), "context"), issues.object_(body.get("message"), "message")
    for name in _CONTEXT:
        if len(issues.text(context, name, needed=True)) > ID_CHARS:
            raise Invalid(f"context.{name} has at most {ID_CHARS} characters")
    issues.text(context, "bpp_id")
    return context, message


def _other(context: Mapping[str, Any], own: str, sender: str) -> str:
    """Return the other side of a message: it is between who signed it and this installation."""
    sides = {str(context["bap_id"]), str(context.get("bpp_id") or own)}
    if sender not in sides:
        raise _Stranger(f"{sender} is neither bap_id nor bpp_id")
    if own not in sides:
        raise _Stranger(f"{own} is neither bap_id nor bpp_id")
    return own
