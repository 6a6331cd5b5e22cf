"""Evidence, information and words in a dispute, as its page has them."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions.disputes import (
    disclosing,
    evidence,
    mediation,
)  # fmt: skip
from comity.actions.disputes.cases import held
from comity.actions.guard import Actor
from comity.records.models import Dispute
from comity.web.common import words
from comity.web.common.gate import typed
from comity.web.trade.dispute_forms import (
    Ask,
    DisputeAct,
    Form,
    Sight,
    choice,
    moment_typed,
    one,
    text,
)  # fmt: skip


def _giving(sight: Sight) -> Iterator[Form]:
    now = sight.view.now
    expected = evidence.expected_of(now, sight.actor.role)
    scans = [
        (str(scan.pk), f"{words.code(scan.status)} {scan.place}".strip())
        for parcel in now.order.shipments.prefetch_related("scans")
        for scan in parcel.scans.all()
    ]
    sees = (("all", _("Both sides")), ("mediator", _("The platform alone")))
    asks = (
        Ask("files", _("Pictures and files"), "files"),
        text(_("A statement")),
        *((choice("item", _("It is"), [("", _("something else")), *((each, words.code(each)) for each in expected)]),)
          if expected else ()),
        *((Ask("scans", _("Events of the carrier"), "several", value=[], choices=scans),) if scans else ()),
        Ask("listing", _("What was ordered, as it stood then"), "check"),
        choice("sees", _("Who may see it"), sees),
        Ask("why", _("Why the other side may not see it"), most=300,
            hint=_("The other side learns that it is there, and this reason.")),
    )  # fmt: skip
    yield Form("give-evidence", _("Give evidence"), _("Give it"), asks, says=_("It is never changed afterwards."))


def give(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    """Give evidence: good files are kept, bad ones named."""
    taken = evidence.give(actor, dispute, given_typed(request), at=at)
    kept = _("Kept: %(count)s.") % {"count": len(taken.pieces)}
    return " ".join([kept, *(_("Not kept: %(why)s") % {"why": why} for why in taken.wrong)])


def given_typed(request: HttpRequest) -> evidence.Given:
    """Return the evidence that a form brings."""
    scans = [int(key) for key in request.POST.getlist("scans") if key.isascii() and key.isdecimal() and len(key) < 16]
    return evidence.Given(
        files=[(file.name or "", file.read()) for file in request.FILES.getlist("files")], text=typed(request, "text"),
        messages=_uuids(request.POST.getlist("messages")), scans=scans, listing="listing" in request.POST,
        item=typed(request, "item"), sees=typed(request, "sees") or "all", why=typed(request, "why"),
    )  # fmt: skip


def _uuids(given: list[str]) -> list[UUID]:
    found = []
    for each in given:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return found


def _promising(sight: Sight) -> Iterator[Form]:
    expected = evidence.expected_of(sight.view.now, sight.actor.role)
    if expected:
        asks = (
            choice("item", _("What is expected"), [(each, words.code(each)) for each in expected]),
            Ask("until", _("It comes by"), "moment", hint=_("Empty: it is not to be had.")),
        )
        yield Form("promise-evidence", _("Say when evidence comes, or that there is none"), _("Say so"), asks)


def _promise(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    evidence.promise(actor, dispute, item=typed(request, "item"), until=moment_typed(request, actor, "until"), at=at)
    return _("That is noted.")


def _informing(sight: Sight) -> Iterator[Form]:
    asked_for = {each.fact: each.text for each in sight.view.texts if each.kind == "request"}
    facts = {str(fact.data.get("request")): fact.id for fact in sight.view.now.facts}
    for each in sight.view.now.case.waiting(sight.actor.role):
        asks = (text(_("Your answer")), Ask("unavailable", _("It is not to be had"), "check"))
        lead = asked_for.get(facts.get(each.id, ""), "")
        hidden = (("request", each.id),)
        yield Form("give-information", _("Answer the platform"), _("Send the answer"), asks, hidden, lead=lead)


def _inform(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    there = "unavailable" not in request.POST
    mediation.give(
        actor, dispute, request=typed(request, "request"), text=typed(request, "text"), available=there, at=at
    )
    return _("Your answer is with the platform.")


def _saying(sight: Sight) -> Iterator[Form]:
    sees = (("all", _("All")), (sight.actor.role, _("The platform alone")))
    yield Form("say", _("Write"), _("Send"), (text(_("Your message"), required=True), choice("sees", _("To"), sees)))


def say(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    """Write in a case."""
    mediation.say(actor, dispute, text=typed(request, "text"), sees=typed(request, "sees") or "all", at=at)
    return _("Sent.")


def _disclose(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    disclosing.disclose(actor, dispute, at=at)
    if {"buyer", "seller"} <= set(held(dispute).case.disclosed):
        return _("Both of you agreed: offers stand in case files from now on.")
    return _("Noted. Once the other side agrees, too, offers stand in case files.")


ACTS: tuple[DisputeAct, ...] = (
    DisputeAct("give-information", _informing, _inform),
    DisputeAct("give-evidence", _giving, give),
    DisputeAct("promise-evidence", _promising, _promise),
    DisputeAct("say", _saying, say),
    DisputeAct("disclose", one("disclose", gettext_lazy("Disclose settlement talk"), gettext_lazy("Agree to it"),
               says=gettext_lazy("Offers are in no case file unless both of you agree. It cannot be taken back.")),
               _disclose),
)  # fmt: skip
