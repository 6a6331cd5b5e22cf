"""All deeds by noun, in the order in which pages show them. `actions.doing` says what a deed is."""

from comity.actions import (
    addresses,
    answers,
    cancellations,
    conversations,
    delays,
    deliveries,
    messages,
    orders,
    returns,
    sanctions,
    scans,
    shipments,
)
from comity.actions.doing import Deed
from comity.records.models import Conversation, Message, Order, Sanction, SentAnswer

OF_ORDERS: tuple[Deed[Order], ...] = (
    orders.PAY,
    shipments.DISPATCH,
    delays.ANSWER,
    cancellations.ANSWER,
    addresses.ANSWER,
    deliveries.JUDGE,
    delays.ANNOUNCE,
    scans.SCAN,
    addresses.ASK,
    returns.SEND,
    returns.CONFIRM,
    cancellations.ASK,
    orders.CANCEL,
)
OF_CONVERSATIONS: tuple[Deed[Conversation], ...] = (
    conversations.NO_REPLY_NEEDED,
    conversations.CLOSE,
    conversations.ASK_AGENT,
    conversations.JOIN,
)
OF_MESSAGES: tuple[Deed[Message], ...] = (messages.EDIT,)
OF_ANSWERS: tuple[Deed[SentAnswer], ...] = (answers.JUDGE,)
OF_SANCTIONS: tuple[Deed[Sanction], ...] = (sanctions.APPROVE, sanctions.DECLINE)
