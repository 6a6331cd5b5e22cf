"""The platform asked, and asked again: escalation, appeals, decisions by silence, as the page has them."""

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions.disputes import (
    appealing,
    mediation,
)  # fmt: skip
from comity.actions.guard import Actor
from comity.records.models import Dispute
from comity.web.common.gate import typed
from comity.web.trade.dispute_forms import (
    DisputeAct,
    Form,
    Sight,
    choice,
    one,
    text,
)


def _escalate(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    mediation.escalate(actor, dispute, text=typed(request, "text"), at=at, shown=typed(request, "shown"))
    return _("The platform is asked to decide.")


def _needed(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    mediation.needed(actor, dispute, needed=typed(request, "needed") != "no", at=at)
    return _("Thank you. That is noted.")


def _need(sight: Sight) -> Iterator[Form]:
    answers = (("yes", _("Yes, the platform is to decide")), ("no", _("No, it is settled between us")))
    hint = _("If you do not need it, the dispute is withdrawn.") if sight.actor.role == "buyer" else ""
    yield Form("needed", _("Is the platform still needed?"), _("Answer"), (choice("needed", "", answers),), says=hint)


def _appealing(sight: Sight) -> Iterator[Form]:
    grounds = [(each.name, f"{each.title} ({each.proof})" if each.proof else each.title)
               for each in sight.view.now.rules.grounds]  # fmt: skip
    asks = (
        *((choice("ground", _("On which ground"), grounds),) if grounds else ()),
        text(_("What is new, or what was wrong"), required=True),
    )
    says = _("Somebody who did not decide looks at it again. It can also turn out worse for you.")
    yield Form("appeal", _("Appeal against the decision"), _("Appeal"), asks, says=says)


def _appeal(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    appealing.appeal(actor, dispute, text=typed(request, "text"), ground=typed(request, "ground"), at=at)
    return _("The appeal is filed; somebody who did not decide will hear it.")


def _answer_appeal(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    appealing.answer(actor, dispute, text=typed(request, "text"), at=at)
    return _("Your answer to the appeal is noted.")


def _ask_set_aside(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    appealing.ask_set_aside(actor, dispute, reason=typed(request, "reason"), answer=typed(request, "answer"), at=at)
    return _("The platform is asked to set the decision aside.")


def _setting_aside(sight: Sight) -> Iterator[Form]:
    asks = (
        text(_("Why you did not answer in time"), name="reason", required=True),
        text(_("The answer that is missing"), name="answer", required=True),
    )
    says = _("For who had a reason to be silent. If it is granted, the case is heard.")
    yield Form("ask-set-aside", _("Ask to set the decision by silence aside"), _("Ask for it"), asks, says=says)


ACTS: tuple[DisputeAct, ...] = (
    DisputeAct("needed", _need, _needed),
    DisputeAct("escalate", one("escalate", gettext_lazy("Ask the platform to decide"), gettext_lazy("Ask the platform"),
               text(gettext_lazy("What the platform should know")),
               says=gettext_lazy("An agent of the platform reads both sides and decides.")), _escalate),
    DisputeAct("answer-appeal", one("answer-appeal", gettext_lazy("Answer the appeal"), gettext_lazy("Send the answer"),
               text(gettext_lazy("Your answer"), required=True)), _answer_appeal),
    DisputeAct("appeal", _appealing, _appeal),
    DisputeAct("ask-set-aside", _setting_aside, _ask_set_aside),
)  # fmt: skip
