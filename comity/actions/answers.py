"""Saved answers: kept by sellers, learnt from, suggested, sent at once where that is proven, judged by the buyer.

Sent only where questions of buyers have proven that few such answers are wrong (`actions.evidence`); until then, and
where the model is less sure, an answer is suggested to the seller; further down, nothing. An answer with a placeholder
that cannot be filled is not sent.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _

from comity.actions import evidence, messages
from comity.actions.doing import Deed, WhyNot
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.classify import background, risk
from comity.classify.model import NOTHING, TextModel, TooLittle, train, version_of
from comity.lib import canonical, moments
from comity.lib.ids import uuid7
from comity.policy.facts import NO_REPLY, REJECTED, Scalar
from comity.records import placeholders, statements
from comity.records.models import Answer, AnswerModel, Conversation, JournalLine, Message, Party, SentAnswer

logger = logging.getLogger(__name__)

MAX_TITLE_CHARS, MAX_TEXT_CHARS, MAX_EXAMPLES, MAX_EXAMPLE_CHARS, MAX_ANSWERS = 100, 4_000, 200, 300, 200
#: What suggestions need at the least, whatever the trial says, in thousandths.
LEAST_SUGGESTED = 350


@dataclass(frozen=True, slots=True)
class Wording:
    """What a saved answer says, and to which questions.

    texts      for each language code, a text with placeholders
    examples   ways of asking, from which the model learns
    automatic  whether it may be sent without a person
    """

    title: str
    texts: dict[str, str]
    examples: list[str]
    automatic: bool


def save(actor: Actor, wording: Wording, *, at: datetime, answer: Answer | None = None) -> Answer:
    """Add a saved answer, or change `answer`. Raises Refused with everything that is wrong.

    The model learns of it when it is trained next.
    """
    require(actor, "answer.edit", answer.seller if answer else actor.party)
    title = _storable(wording.title)
    # Each way of asking once: said twice, it would be learnt from in one fold and tried in another.
    examples = [each for each in dict.fromkeys(" ".join(_storable(each).split()) for each in wording.examples) if each]
    texts = {code: text for code, text in ((code, _storable(text)) for code, text in wording.texts.items()) if text}
    row = answer or Answer(uuid=uuid7(at), seller=actor.party)
    row.title, row.texts, row.examples = title, texts, examples
    row.automatic, row.changed_at = wording.automatic, at
    with transaction.atomic():
        statements.lock(row.seller_id)
        if wrong := [*_problems(title, texts, examples), *_too_many(row)]:
            raise Refused(wrong)
        if answer is None:
            row.save(force_insert=True)
        # What was removed meanwhile stays removed.
        else:
            row.save(update_fields=["title", "texts", "examples", "automatic", "changed_at"])
    return row


def _too_many(row: Answer) -> Iterator[str]:
    if row._state.adding and Answer.objects.filter(seller=row.seller_id, removed_at=None).count() >= MAX_ANSWERS:
        yield _("A shop keeps at most %(most)s answers; remove one first.") % {"most": MAX_ANSWERS}


def _problems(title: str, texts: dict[str, str], examples: list[str]) -> Iterator[str]:
    languages = dict(settings.LANGUAGES)
    if unknown := sorted(set(texts) - set(languages)):
        yield f"unknown languages: {', '.join(unknown)[:100]}; known: {', '.join(languages)}"
    if not title or len(title) > MAX_TITLE_CHARS:
        yield _("A title has 1 to %(most)s characters.") % {"most": MAX_TITLE_CHARS}
    if not texts:
        yield _("Write the text of the answer in at least one language.")
    for code, text in texts.items():
        language = languages.get(code, code)
        if len(text) > MAX_TEXT_CHARS:
            values = {"language": language, "most": MAX_TEXT_CHARS}
            yield _("The text (%(language)s) is longer than %(most)s characters.") % values
        if unknown := placeholders.unknown(text):
            said = _("The text (%(language)s) has unknown placeholders: %(unknown)s. There are: %(known)s.")
            known = ", ".join(f"{{{name}}}" for name in placeholders.NAMES)
            yield said % {"language": language, "unknown": ", ".join(unknown), "known": known}
    if len(examples) > MAX_EXAMPLES or any(len(each) > MAX_EXAMPLE_CHARS for each in examples):
        said = _("At most %(most)s example questions, of at most %(chars)s characters each.")
        yield said % {"most": MAX_EXAMPLES, "chars": MAX_EXAMPLE_CHARS}


def _storable(text: str) -> str:
    return text.strip().replace("\x00", "")


def kept(seller: Party) -> QuerySet[Answer]:
    """Return a seller's answers in use, each with `times_sent`, `times_helped` and `times_rejected`."""
    return Answer.objects.filter(seller=seller, removed_at=None).annotate(
        times_sent=Count("sent"),
        times_helped=Count("sent", filter=Q(sent__helped_at__isnull=False)),
        times_rejected=Count("sent", filter=Q(sent__rejected_at__isnull=False)),
    )


def remove(actor: Actor, answer: Answer, *, at: datetime) -> None:
    """Stop using an answer. What was sent with it stays."""
    require(actor, "answer.edit", answer.seller)
    # Changed, too: the model must be trained without it.
    Answer.objects.filter(pk=answer.pk, removed_at=None).update(removed_at=at, changed_at=at)


def learn(seller: Party, *, at: datetime) -> AnswerModel | None:
    """Train the model of a seller's answers; None where there is too little to learn from, or nothing new.

    An answer with a single example is left out. Called by the worker and the command line, never by a request. Takes
    some seconds at most.
    """
    rows = list(Answer.objects.filter(seller=seller, removed_at=None))
    pairs = [(text, str(row.uuid)) for row in rows if len(row.examples) > 1 for text in row.examples]
    # What buyers write that nobody's answer is for, so that the model can be unsure of it.
    pairs += [(text, NOTHING) for text in background.texts()]
    texts, labels = [text for text, _ in pairs], [label for _, label in pairs]
    version, current = version_of(texts, labels), AnswerModel.objects.filter(seller=seller, current=True)
    made = None
    if not current.filter(version=version).exists():
        try:
            made = _trained(seller, texts, labels, version, at)
        except TooLittle:
            current.update(current=False)
    # An answer that is changed while the model learns has a later `changed_at`, and stays to be learnt.
    Answer.objects.filter(seller=seller, changed_at__lte=at).update(learnt_at=at)
    return made


def _trained(seller: Party, texts: list[str], labels: list[str], version: str, at: datetime) -> AnswerModel:
    model, tried = train(texts, labels)
    suggest = risk.threshold(tried, most_wrong=risk.MOST_WRONG_SUGGESTED, least=1, lowest=LEAST_SUGGESTED / 1000)
    with transaction.atomic():
        AnswerModel.objects.filter(seller=seller, current=True).update(current=False)
        return AnswerModel.objects.create(
            seller=seller,
            version=version,
            trained_at=at,
            measured=risk.summary(tried, None),
            weights=model.to_bytes(),
            suggest_at=thousandths(suggest if suggest is not None else 1.0),
        )


def learn_all(*, at: datetime) -> int:
    """Train the models of all sellers whose answers changed since; return how many were trained."""
    sellers = Party.objects.filter(pk__in=_to_learn().values("seller"))
    return sum(learn(seller, at=at) is not None for seller in sellers)


def prove_all(*, at: datetime) -> int:
    """Count anew for each model in use what buyers asked, where that is some time ago; return for how many."""
    rows = AnswerModel.objects.filter(current=True).defer("weights")
    return sum(_proven(row, at) for row in rows if evidence.is_due(row, at))


def _proven(row: AnswerModel, at: datetime) -> bool:
    """Count for one model; whether that was possible. One that cannot be read keeps no other from it."""
    try:
        model = _model(row.pk)[0]
    except (ValueError, AnswerModel.DoesNotExist) as error:
        logger.warning("the model %s cannot be used: %s", row.version, error)
        return False
    evidence.count(row, model, at=at)
    return True


def has_to_learn() -> bool:
    """Whether answers changed since their seller's model was trained."""
    return _to_learn().exists()


def _to_learn() -> QuerySet[Answer]:
    return Answer.objects.filter(Q(learnt_at=None) | Q(learnt_at__lt=F("changed_at")))


def thousandths(certainty: float) -> int:
    """Return a certainty as it is kept: whole thousandths, never more than there is."""
    return int(certainty * 1000)


@lru_cache(maxsize=64)
def _model(key: int) -> tuple[TextModel, int, str]:
    """Return a model, what its suggestions need, and its version. A model never changes; a new one has a new key."""
    row = AnswerModel.objects.get(pk=key)
    return TextModel.from_bytes(bytes(row.weights)), row.suggest_at, row.version


def forget() -> None:
    """Drop the models that are held in memory: for tests, whose databases give the same keys again."""
    _model.cache_clear()


@dataclass(frozen=True, slots=True)
class Fitting:
    """The saved answer that fits a question best: filled in, and how certain its model is, in thousandths."""

    answer: Answer
    text: str
    certainty: int
    model: str


def fitting(conversation: Conversation, question: str, *, at: datetime) -> Fitting | None:
    """Return the answer to suggest for `question`; None where the model is not sure enough even for that.

    None, too, where a placeholder cannot be filled.
    """
    if (key := _key_of(conversation)) is None:
        return None
    model, suggest_at, version = _model(key)
    guess = model.guess(question)
    certainty = thousandths(guess.certainty)
    if certainty < suggest_at:
        return None
    answer = Answer.objects.filter(uuid=guess.label, removed_at=None).first()
    text = placeholders.fill(answer.texts, conversation, at) if answer else None
    return Fitting(answer, text, certainty, version) if answer and text else None


def ask(
    actor: Actor,
    conversation: Conversation,
    *,
    text: str,
    at: datetime,
    arrival: messages.Arrival = messages.AT_ONCE,
    extras: messages.Extras = messages.PLAIN,
) -> Message:
    """Write in a conversation; a buyer's routine question is answered at once. Raises what `messages.send` raises.

    The question is safe whatever becomes of the answer: they are two transactions.
    """
    message = messages.send(actor, conversation, text=text, at=at, arrival=arrival, extras=extras)
    if actor.role == "buyer":
        # A mail that was written yesterday is answered now, not yesterday.
        respond(conversation, message, at=arrival.noted_at or at)
    return message


def respond(conversation: Conversation, question: Message, *, at: datetime) -> Message | None:
    """Answer a buyer's question at once where few are proven to be answered wrongly; return what was sent, or None.

    At most one answer until a person has written, and never again in a conversation one that was rejected there.
    """
    fit = fitting(conversation, question.text, at=at)
    key = _key_of(conversation)
    if fit is None or key is None or not fit.answer.automatic or not evidence.bears(key, question.text, fit.certainty):
        return None
    if _holds_back(conversation, fit.answer):
        return None
    sent = SentAnswer(answer=fit.answer, question=question, model=fit.model, certainty=fit.certainty, at=at)
    return messages.send(
        Actor(conversation.seller),
        conversation,
        text=fit.text,
        at=at,
        # It follows from the question's id: the same question handed in again is not answered again.
        arrival=messages.Arrival(identity=uuid5(question.uuid, "answer")),
        extras=messages.Extras(automatic=True, answer=sent),
    )


def _holds_back(conversation: Conversation, answer: Answer) -> bool:
    """Whether no person has written since an automatic answer, or the buyer rejected this very one."""
    before = SentAnswer.objects.filter(message__conversation=conversation)
    if before.filter(answer=answer, rejected_at__isnull=False).exists():
        return True
    last = before.order_by("-at").first()
    if last is None:
        return False
    people = Message.objects.filter(conversation=conversation, role="seller", automatic=False, at__gt=last.at)
    return not people.exists()


def _key_of(conversation: Conversation) -> int | None:
    """Return the current model's key; a conversation read by `statements` brings it along."""
    if "answer_model_id" in conversation.__dict__:
        key: int | None = conversation.__dict__["answer_model_id"]
        return key
    rows = AnswerModel.objects.filter(seller=conversation.seller_id, current=True)
    return rows.values_list("pk", flat=True).first()


def _against_judging(actor: Actor, sent: SentAnswer, at: datetime) -> WhyNot | None:
    if sent.helped_at is not None or sent.rejected_at is not None:
        return WhyNot("judged_already", _("You have already said whether it helped."), done=True)
    return None


JUDGE = Deed(SentAnswer, "verdict", "answer.judge", _against_judging)


def helped(
    actor: Actor, conversation: Conversation, message: UUID, *, at: datetime, noted_at: datetime | None = None
) -> None:
    """The buyer says that an automatic answer helped: the question that it answered needs no other.

    What else was asked stays open. A second verdict changes nothing.
    """
    # To say that it helped ends the seller's turn, and a rulebook may keep that from buyers (`powers.VERBS`).
    require(actor, "conversation.close_turn", conversation, at=at)
    sent = _sent(actor, conversation, message)
    with JUDGE.doing(actor, sent, at=at) as to_do:
        if to_do:
            data: dict[str, Scalar] = {"by": actor.role, "reason": "answered", "helped": str(message)}
            data |= {"of": sent.question.ref} | _open_beside(conversation, sent.question)
            arrival = messages.Arrival(noted_at)
            messages.tell(actor, conversation, NO_REPLY, data, at=at, arrival=arrival)


def _open_beside(conversation: Conversation, question: Message) -> dict[str, Scalar]:
    """Return since when another question waits: the oldest that nobody has answered, settled or found helped."""
    said = conversation.messages.exclude(pk=question.pk)
    answered = said.filter(role="seller", automatic=False).aggregate(last=Max("at"))["last"]
    helped = SentAnswer.objects.filter(message__conversation=conversation, helped_at__isnull=False)
    asked = said.filter(role="buyer").exclude(pk__in=helped.values("question"))
    for moment in filter(None, (answered, _all_settled_at(conversation))):
        asked = asked.filter(at__gt=moment)
    oldest = asked.aggregate(first=Min("at"))["first"]
    return {"open_since": moments.to_text(oldest)} if oldest else {}


def _all_settled_at(conversation: Conversation) -> datetime | None:
    """Return when somebody last said that nothing in a conversation needs an answer, by a word or by ending it."""
    kinds = (NO_REPLY, "conversation.closed")
    lines = JournalLine.objects.filter(party=conversation.seller_id, matter=conversation.ref, kind__in=kinds)
    return max((line.at for line in lines if "of" not in canonical.decode(line.body)["data"]), default=None)


def reject(
    actor: Actor, conversation: Conversation, message: UUID, *, at: datetime, noted_at: datetime | None = None
) -> None:
    """The buyer says that an automatic answer did not help: the question is open since it was asked.

    A second verdict changes nothing.
    """
    sent = _sent(actor, conversation, message)
    with JUDGE.doing(actor, sent, at=at) as to_do:
        if to_do:
            # The question's own moment goes with it: whose turn it is counts from there (`policy.turns`).
            data: dict[str, Scalar] = {"of": sent.message.ref, "asked_at": moments.to_text(sent.question.at)}
            arrival = messages.Arrival(noted_at, message)
            messages.tell(actor, conversation, REJECTED, data, at=at, arrival=arrival)


def _sent(actor: Actor, conversation: Conversation, message: UUID) -> SentAnswer:
    """Return an automatic answer of a conversation. Raises Refused for what is not one, Forbidden."""
    require(actor, JUDGE.power, conversation)
    rows = SentAnswer.objects.select_related("message__conversation", "question")
    sent = rows.filter(message__uuid=message, message__conversation=conversation).first()
    if sent is None:
        raise Refused([_("This is not an automatic answer of this conversation.")])
    return sent
