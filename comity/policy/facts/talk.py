"""What is said in conversations."""

from datetime import datetime

from comity.policy.facts.kind import Field, kind
from comity.policy.powers import ROLES

ALL = (
    kind("message.sent", "Somebody wrote in a conversation.", "conversation",
         by=Field(str, "the writer's role", choices=ROLES),
         automatic=Field(bool, "true for an answer that no person wrote"),
         greeting=Field(bool, "true where the text is a greeting and nothing else", required=False),
         message=Field(str, "the message's id", required=False),
         digest=Field(str, "salted digest of the text, of what it quotes and of its files' digests", required=False),
         files=Field(int, "how many files came with it", required=False, least=0),
         buyer=Field(str, "the buyer, as role:id, where the conversation is about no order", required=False,
                     names="buyer"),
         order=Field(str, "the order that the conversation is about, as order:id", required=False, names="order"),
         channel=Field(str, "the way it came in", required=False, choices=("page", "api", "mail")),
         drafted=Field(bool, "true where a drafting helper wrote a first version", required=False),
         answer=Field(str, "id of the saved answer that was sent", required=False),
         model=Field(str, "version of the model that chose the answer", required=False)),
    kind("message.edited", "The writer changed a message; its earlier text is kept beside it.", "conversation",
         by=Field(str, "the writer's role", choices=ROLES),
         message=Field(str, "the message's id", required=False),
         digest=Field(str, "salted digest of the new text, likewise", required=False)),
    kind("answer.rejected", "The buyer said that an automatic answer did not help: it counts as no answer.",
         "conversation",
         of=Field(str, "id of the fact that the answer was sent"),
         asked_at=Field(datetime, "when the question was asked", required=False)),
    kind("conversation.closed", "Somebody ended the conversation; the next message opens it again.", "conversation",
         by=Field(str, "who ended it", choices=ROLES),
         reason=Field(str, "a code: solved or silent", required=False)),
    kind("conversation.agent_asked", "A side asked for the platform's help.", "conversation",
         by=Field(str, "who asked", choices=ROLES)),
    kind("conversation.agent_joined", "An agent of the platform joined the conversation.", "conversation",
         agent=Field(str, "who joined, as role:id", names="agent platform")),
    kind("conversation.no_reply_needed", "The last message asks for no answer, says who is named.", "conversation",
         by=Field(str, "who says so", choices=ROLES),
         reason=Field(str, "a code: thanks, spam, duplicate, answered or other", required=False),
         helped=Field(str, "id of the automatic answer that helped, where one did", required=False),
         of=Field(str, "id of the fact that the one question was asked that needs no answer; without it, none does",
                  required=False),
         open_since=Field(datetime, "when the oldest other question was asked that still waits", required=False)),
)  # fmt: skip
