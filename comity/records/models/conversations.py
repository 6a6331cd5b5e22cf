"""Conversations between a buyer and a seller, and their messages. Texts live here and nowhere else."""

from typing import ClassVar

from django.db import models

from comity.records.models.orders import Order
from comity.records.models.parties import Party


class Conversation(models.Model):
    """What a buyer and a seller say to each other about one thing. Whose turn it is follows from its duties."""

    uuid = models.UUIDField(unique=True, editable=False)
    key = models.CharField(max_length=12, unique=True)
    buyer = models.ForeignKey(Party, models.PROTECT, related_name="conversations_as_buyer")
    seller = models.ForeignKey(Party, models.PROTECT, related_name="conversations_as_seller")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="conversations")
    topic = models.CharField(max_length=200)
    opened_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["buyer", "-opened_at"], name="conversation_of_buyer"),
            models.Index(fields=["seller", "-opened_at"], name="conversation_of_seller"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def ref(self) -> str:
        """The conversation as facts name it."""
        return f"conversation:{self.uuid}"


class Message(models.Model):
    """One message. The journal holds its id and a digest made with `salt`; erasing both erases what was said."""

    uuid = models.UUIDField(unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="messages")
    author = models.ForeignKey(Party, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10)
    automatic = models.BooleanField(default=False)
    text = models.TextField()
    salt = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["conversation", "at"], name="message_in_time")]
        ordering: ClassVar = ["at", "id"]
