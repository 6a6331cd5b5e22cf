"""Saved answers to routine questions, the models that choose among them, and what became of each that was sent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.conversations import Message
from comity.records.models.parties import Party
from comity.records.models.things import Thing


class Answer(models.Model):
    """A seller's reply to a routine question: a text with placeholders for each language, and questions it answers.

    automatic   whether it may be sent without a person, where the model is sure; else it is only suggested
    learnt_at   when it was last taken into a model, or found to be too little for one
    """

    uuid = models.UUIDField(unique=True, editable=False)
    seller = models.ForeignKey(Party, models.PROTECT, related_name="answers")
    title = models.CharField(max_length=100)
    texts = models.JSONField(default=dict)
    examples = models.JSONField(default=list)
    automatic = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    learnt_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["seller"], condition=Q(removed_at__isnull=True), name="answer_of_seller")
        ]
        ordering: ClassVar = ["title", "id"]

    def __str__(self) -> str:
        return self.title


class AnswerModel(models.Model):
    """A trained model of one seller's answers; `suggest_at`: the least certainty to suggest at.

    `measured` holds how it did on its examples, and the proof on which answers are sent (`actions.evidence`).
    Certainties are whole thousandths. `version` follows from what it was trained on: the same answers, the same name.
    """

    seller = models.ForeignKey(Party, models.PROTECT, related_name="answer_models")
    version = models.CharField(max_length=20)
    trained_at = models.DateTimeField()
    suggest_at = models.PositiveSmallIntegerField()
    measured = models.JSONField(default=dict)
    weights = models.BinaryField()
    current = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seller"], condition=Q(current=True), name="answer_model_one_current")
        ]


class SentAnswer(Thing):
    """That a saved answer was sent automatically: which, by which model, how certain, and what the buyer said of it."""

    message = models.OneToOneField(Message, models.PROTECT, to_field="uuid", related_name="sent_answer")
    answer = models.ForeignKey(Answer, models.PROTECT, related_name="sent")
    question = models.ForeignKey(Message, models.PROTECT, related_name="+")
    model = models.CharField(max_length=20)
    certainty = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    helped_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                # It helped or it did not; never both.
                condition=Q(helped_at__isnull=True) | Q(rejected_at__isnull=True),
                name="sent_answer_one_verdict",
            )
        ]

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return self.message.conversation.relation(party)

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.message.conversation.seller_id
