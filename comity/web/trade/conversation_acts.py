"""What may be done with a conversation from its page: each deed with its form, and what is said once it is done."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions import conversations
from comity.actions.guard import Actor
from comity.records.models import Conversation
from comity.web.common import words
from comity.web.common.acts import Act, Field
from comity.web.common.gate import typed


def _no_reply_needed(request: HttpRequest, actor: Actor, conversation: Conversation, now: datetime) -> str:
    conversations.no_reply_needed(actor, conversation, reason=typed(request, "reason"), at=now)
    return _("Noted. If the buyer writes again, the time to reply begins anew.")


def _end(request: HttpRequest, actor: Actor, conversation: Conversation, now: datetime) -> str:
    conversations.close(actor, conversation, reason="solved", at=now)
    return _("Ended. Whoever writes again opens it again.")


def _ask_agent(request: HttpRequest, actor: Actor, conversation: Conversation, now: datetime) -> str:
    conversations.ask_agent(actor, conversation, at=now)
    return _("The platform was asked. An agent will join this conversation.")


def _join(request: HttpRequest, actor: Actor, conversation: Conversation, now: datetime) -> str:
    conversations.join(actor, conversation, at=now)
    return _("You joined.")


_REASON = Field(
    "reason",
    gettext_lazy("No reply needed:"),
    "select",
    choices=lambda *_: [(code, words.code(code)) for code in conversations.NO_REPLY_REASONS],
)

ACTS: tuple[Act[Conversation], ...] = (
    Act(
        conversations.NO_REPLY_NEEDED,
        _no_reply_needed,
        button=gettext_lazy("Say so"),
        fields=(_REASON,),
        roles=("seller",),
    ),
    Act(conversations.CLOSE, _end, button=gettext_lazy("End the conversation")),
    Act(conversations.ASK_AGENT, _ask_agent, button=gettext_lazy("Ask the platform for help")),
    Act(conversations.JOIN, _join, button=gettext_lazy("Join"), primary=True),
)
