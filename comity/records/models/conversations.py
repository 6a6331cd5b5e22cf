"""Conversations between a buyer and a seller, and their messages. Texts live here and nowhere else."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from comity.records.models.listings import Listing
from comity.records.models.orders import Order
from comity.records.models.parties import Party
from comity.records.models.things import Named, Thing, side_of


class Conversation(Named):
    """What a buyer and a seller say to each other about one thing.

    turn, turn_since, due_at   whose turn it is, since when, and by when: what `policy.turns` says of its duties and
                               messages, kept here so that an inbox need not ask
    last_message, last_at      the newest message by the time it was written, however late it was noted; before any,
                               `last_at` is when it was opened
    joined_by                  the agent who joined it, once a side asked for one (`asked_agent_at`)
    """

    key = models.CharField(max_length=12, unique=True)
    # An index of its own only where no other begins with it: each message changes a row here, and each index with it.
    buyer = models.ForeignKey(Party, models.PROTECT, related_name="conversations_as_buyer", db_index=False)
    seller = models.ForeignKey(Party, models.PROTECT, related_name="conversations_as_seller", db_index=False)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="conversations", db_index=False
    )
    listing = models.ForeignKey(
        Listing, models.PROTECT, null=True, blank=True, related_name="conversations", db_index=False
    )
    topic = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    turn = models.CharField(max_length=10, blank=True, default="")
    turn_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    last_message = models.ForeignKey("Message", models.SET_NULL, null=True, related_name="+", db_index=False)
    last_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    asked_agent_at = models.DateTimeField(null=True)
    joined_by = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seller", "external_id"], name="conversation_external_id")
        ]
        indexes: ClassVar = [
            models.Index(fields=["buyer", "-last_at"], name="conversation_of_buyer"),
            models.Index(fields=["seller", "-last_at"], name="conversation_of_seller"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="conversation_of_order"),
            models.Index(fields=["listing"], condition=Q(listing__isnull=False), name="conversation_of_listing"),
            # The API lists by when they were opened: a page of it must not move when somebody writes.
            models.Index(fields=["buyer", "-opened_at"], name="conversation_begun_by_buyer"),
            models.Index(fields=["seller", "-opened_at"], name="conversation_begun_with"),
            models.Index(
                # The inbox: what waits for the seller, soonest due first.
                F("seller"),
                F("due_at").asc(),
                F("id").asc(),
                condition=Q(turn="seller"),
                name="conversation_waits",
            ),
            models.Index(
                fields=["asked_agent_at"],
                condition=Q(asked_agent_at__isnull=False, joined_by__isnull=True),
                name="conversation_asks_agent",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        if self.joined_by_id == party.pk:
            return "has_joined"
        return side_of(party, buyer=self.buyer_id, seller=self.seller_id)

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.seller_id

    @property
    def is_untitled(self) -> bool:
        """Whether nobody told what it is about: then it is called as the shop calls it."""
        return self.named_by_shop and self.topic == self.external_id


class Message(Thing):
    """One message. The journal holds its id and a digest made with `salt`; erasing both erases what was said.

    channel     the way it came in: page, api or mail; empty where nobody said
    quoted      the order or listing as it stood when this was written: JSON of codes and values; empty for none
    unsent      whether somebody may still have to be told of it by mail (integrations.mail)
    edited_at   when its writer changed it last; what it said before is kept as versions
    """

    uuid = models.UUIDField(unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="messages", db_index=False)
    author = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=10)
    automatic = models.BooleanField(default=False)
    text = models.TextField()
    salt = models.BinaryField(max_length=16)
    at = models.DateTimeField()
    channel = models.CharField(max_length=4, blank=True, default="")
    quoted = models.TextField(blank=True, default="")
    edited_at = models.DateTimeField(null=True)
    unsent = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["conversation", "at"], name="message_in_time"),
            # For `mail.plan`, which every few seconds asks for these alone.
            models.Index(fields=["id"], condition=Q(unsent=True), name="message_unsent"),
        ]
        ordering: ClassVar = ["at", "id"]

    @property
    def is_kept_by_shop(self) -> bool:
        """Whether the shop told that it was written, and keeps what it says."""
        return not self.salt

    @property
    def ref(self) -> str:
        """Id of the fact that it was sent."""
        return f"message.sent:{self.uuid}"

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it: what another wrote is nobody else's to change."""
        return self.conversation.relation(party) if self.author_id == party.pk else "none"

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.conversation.seller_id


class MessageVersion(models.Model):
    """What a message said until it was changed."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="versions")
    text = models.TextField()
    salt = models.BinaryField(max_length=16)
    until = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["until", "id"]


class Attachment(models.Model):
    """A file that came with a message, made safe before it was kept (`files.uploads`), under its digest (`files`).

    width, height   in pixels, for a picture; 0 for anything else
    """

    uuid = models.UUIDField(unique=True, editable=False)
    message = models.ForeignKey(Message, models.PROTECT, to_field="uuid", related_name="files")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["id"]

    @property
    def is_picture(self) -> bool:
        """Whether pages show it."""
        return self.width > 0


class ReadMark(models.Model):
    """Up to when a party has read a conversation."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="read_marks")
    party = models.ForeignKey(Party, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["conversation", "party"], name="read_mark_once")]


class Note(models.Model):
    """A note that one side keeps for itself: agents for agents, a seller for the own shop. It stops no clock."""

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="notes")
    author = models.ForeignKey(Party, models.PROTECT, related_name="+")
    side = models.CharField(max_length=10)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]
