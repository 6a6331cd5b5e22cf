"""What was agreed in a dispute as its page has it: goods that go back, what was promised, claims on the carrier."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions.disputes import (
    carriers,
    returning,
    worth,
)  # fmt: skip
from comity.actions.disputes.cases import held
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.money import said
from comity.actions.shipments import Parcel
from comity.policy.disputes.case import GOES_BACK, Case, Stage
from comity.policy.rulebook import Rulebook
from comity.records.models import Dispute
from comity.web.common import words
from comity.web.common.gate import typed
from comity.web.trade.dispute_forms import (
    Ask,
    DisputeAct,
    Form,
    Sight,
    amount,
    choice,
    moment_typed,
    money_typed,
    one,
    text,
)


def _label(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    returning.label(actor, dispute, until=moment_typed(request, actor, "until"), text=typed(request, "text"), at=at)
    if _waits_for_label(held(dispute).book):
        return _("The buyer is told that there is a label; the time to send it back begins.")
    return _("The buyer is told that there is a label.")


def _labelling(sight: Sight) -> Iterator[Form]:
    asks = (
        Ask("until", _("It is valid until"), "moment"),
        text(_("Where the buyer finds it"), hint=_("A link, a code for the counter, or that it lay in the parcel.")),
    )
    says = _("Only then the buyer's time to send it back begins.") if _waits_for_label(sight.view.now.book) else ""
    yield Form("label", _("Give a label for the way back"), _("There is a label"), asks, says=says)


def _waits_for_label(book: Rulebook | None) -> bool:
    """Whether a buyer's time to send goods back begins with a label, by the rules."""
    return book is not None and any(
        rule.who == "buyer" and any(match.fact == "return.labelled" for match in rule.opened_by) for rule in book.duties
    )


def _parcel_asks() -> tuple[Ask, ...]:
    sure = _("I compared it with the label; it is right. That is noted.")
    return (
        Ask("carrier", _("Carrier"), required=True, most=50),
        Ask("number", _("Tracking number"), required=True, most=60),
        Ask("sure", sure, "check"),
    )  # fmt: skip


def going_back(sight: Sight) -> tuple[str, ...]:
    """Return which pieces go back: of an agreement in parts those that it says, else all that the dispute is about."""
    case = sight.view.now.case
    counts = {str(line.pk): count for line, count in worth.pieces_of(sight.dispute).items()}
    if case.decision is None and case.agreement is not None and case.agreement.parts:
        counts = Counter()
        for part in case.agreement.parts:
            counts[part.line] += part.quantity if part.kind in GOES_BACK else 0
    titles = {str(pk): title for pk, title in sight.view.now.order.lines.values_list("pk", "title")}
    return tuple(f"{count} × {titles.get(line, line)}" for line, count in counts.items() if count)


def _parcel(request: HttpRequest) -> Parcel:
    return Parcel(typed(request, "carrier"), typed(request, "number"), sure="sure" in request.POST)


def _send_back(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    returning.send_back(actor, dispute, _parcel(request), at=at)
    return _("The seller is told that the goods are on their way back.")


def _confirm(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    returning.confirm(actor, dispute, at=at, shown=typed(request, "shown"))
    return _("The goods are back; the money goes to the buyer.")


def _confirming(sight: Sight) -> Iterator[Form]:
    case = sight.view.now.case
    sum_ = {"sum": said(sight.money(case.still_to_pay))}
    says = _("%(sum)s goes back to the buyer, and the dispute ends.") % sum_
    if case.owes_act:
        says = _("%(sum)s goes back to the buyer. What was promised is still to be done.") % sum_
    yield Form("confirm-return", _("The goods are back as they should be"), _("Confirm the return"), says=says)


def _contest(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    state = typed(request, "state")
    if not state:
        raise Refused([_("Say what is wrong with it.")])
    returning.contest(actor, dispute, state=state, text=typed(request, "text"), at=at)
    return _("The buyer is asked what happened; nothing is paid by itself.")


def _contesting(sight: Sight) -> Iterator[Form]:
    states = [("", "—"), *((each, words.code(each)) for each in returning.STATES)]
    asks = (choice("state", _("What is wrong"), states), text(_("What you found")))
    yield Form("contest-return", _("Something is wrong with the return"), _("Say so"), asks)


def _answer_contest(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    returning.answer_contest(actor, dispute, text=typed(request, "text"), at=at)
    return _("Your answer is noted; the platform decides.")


def _act(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    returning.act(actor, dispute, _parcel(request), at=at)
    return _("What you promised is noted as sent.")


def _fulfilling(sight: Sight) -> Iterator[Form]:
    says = _("Say so once you have it; then the dispute ends.")
    if sight.view.now.case.stage is Stage.RETURNING:
        says = _("Say so once you have it. The goods that are to go back are still to be confirmed by the seller.")
    yield Form("fulfil", _("What was promised is done"), _("It is done"), says=says)


def _fulfil(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    returning.fulfil(actor, dispute, at=at)
    return _("Good to hear. What was promised is done.")


def _claim_carrier(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    carriers.claim(actor, dispute, carrier=typed(request, "carrier"), text=typed(request, "text"), at=at)
    return _("The complaint is noted as passed on to the carrier. The buyer's time does not wait for it.")


def _carrier_waits(case: Case) -> str:
    return next((each.id for each in case.carrier if each.answered_at is None), "")


def _hearing_carrier(sight: Sight) -> Iterator[Form]:
    heard = (("yes", _("It pays")), ("no", _("It does not pay")), ("asks", _("It asks for something")),
             ("told", _("I gave it what it had asked for")))  # fmt: skip
    asks = (choice("heard", _("What it answered"), heard), amount(_("How much it pays")), text(_("Its words")))
    hidden = (("claim", _carrier_waits(sight.view.now.case)),)
    yield Form("carrier-answers", _("What the carrier answered"), _("Note it"), asks, hidden)


def carrier_answers(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    """Note what the carrier asked or answered."""
    claim, heard, words_ = typed(request, "claim"), typed(request, "heard"), typed(request, "text")
    if heard == "asks":
        carriers.asks(actor, dispute, claim=claim, text=words_, at=at)
    elif heard == "told":
        carriers.tells(actor, dispute, claim=claim, request=_asked_by(actor, dispute, claim), text=words_, at=at)
    else:
        paid = money_typed(request, dispute.order.currency)
        carriers.answers(actor, dispute, claim=claim, accepted=heard == "yes", amount=paid, text=words_, at=at)
    return _("That is noted.")


def _asked_by(actor: Actor, dispute: Dispute, claim: str) -> str:
    case = held(dispute).case
    return next((ask for each in case.carrier if each.id == claim for ask in each.asks), "")


ACTS: tuple[DisputeAct, ...] = (
    DisputeAct("confirm-return", _confirming, _confirm),
    DisputeAct("answer-contest", one("answer-contest", gettext_lazy("Answer what the seller says of the return"),
               gettext_lazy("Send the answer"), text(gettext_lazy("Your answer"), required=True),
               says=gettext_lazy("Then the platform decides.")), _answer_contest),
    DisputeAct("send-back", lambda sight: iter([Form(
        "send-back", _("Send it back"), _("Note it as sent back"), _parcel_asks(), items=going_back(sight),
        says=_("Sent in time is in time, whenever it arrives."))]), _send_back),
    DisputeAct("act", lambda sight: iter([Form(
        "act", _("Send what you promised"), _("Note it as sent"), _parcel_asks(),
        says=_("It counts with a number that its carrier knows."))]), _act),
    DisputeAct("label", _labelling, _label),
    DisputeAct("contest-return", _contesting, _contest),
    DisputeAct("fulfil", _fulfilling, _fulfil),
    DisputeAct("claim-carrier", one("claim-carrier",
               gettext_lazy("Pass it on to the carrier"), gettext_lazy("Note it"),
               Ask("carrier", gettext_lazy("Carrier"), required=True, most=50),
               text(gettext_lazy("What you wrote to it")),
               says=gettext_lazy("A claim of your own; the buyer's time does not wait for it.")), _claim_carrier),
    DisputeAct("carrier-answers", _hearing_carrier, carrier_answers),
)  # fmt: skip
