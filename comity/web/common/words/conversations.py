"""Messages and conversations."""

from django.utils.translation import gettext_lazy as _

from comity.web.common.words.said import Words

SENTENCES = {
    "message.sent": Words("chat", _("%(by)s wrote")),
    "message.edited": Words("pen", _("%(by)s changed a message")),
    "answer.rejected": Words("cross", _("The buyer said that the automatic answer did not help")),
    "conversation.closed": Words("check", _("%(by)s ended the conversation")),
    "conversation.agent_asked": Words("question", _("%(by)s asked the platform for help"), "warn"),
    "conversation.agent_joined": Words("scale", _("An agent of the platform joined")),
    "conversation.no_reply_needed": Words("check", _("%(by)s said that no reply is needed")),
}
CODES = {
    # reasons
    "thanks": _("only thanks"), "spam": _("spam"), "duplicate": _("asked twice"), "answered": _("answered"),
    "solved": _("solved"), "silent": _("nobody wrote any more"), "other": _("another reason"),
}  # fmt: skip
