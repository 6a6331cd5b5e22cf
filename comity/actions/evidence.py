"""What buyers have asked since a model was learnt: the proof on which saved answers are sent by themselves.

A question counts RIPENS after it was asked, whatever has become of it by then, so that what was easy to answer does not
count before what was not. It would have been answered rightly where the first person of the shop who replied said that
very answer; in any other case wrongly, also where nobody replied. Where the answer was sent by itself, the buyer's
verdict counts, and silence neither way.

Only what came after the last change counts, of the model and of any answer: what was chosen by looking at questions
proves nothing on them. Of each buyer the first question for each answer counts, for whoever asks again asks the same.
Each language is proven by itself. `classify.risk` has the test, docs/answers.md what is assumed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Max

from comity.classify import risk
from comity.classify.model import TextModel
from comity.lib import moments
from comity.lib.languages import UNKNOWN, language_of
from comity.records import placeholders
from comity.records.models import Answer, AnswerModel, Message, SentAnswer

#: How long after it was asked a question counts: most are answered by then.
RIPENS = timedelta(hours=72)
#: How often it is counted anew.
EVERY = timedelta(hours=6)
_CHUNK = 500
#: More than one question: an answer to one of them is none to the others.
_ASKED = re.compile(r"[?？؟]+")
_KEPT = "evidence"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the proof is in one language: what was counted for each step of the ladder."""

    language: str
    counts: tuple[risk.Count, ...]

    @property
    def sure_from(self) -> float | None:
        """From which certainty on answers are sent by themselves; None: not at all."""
        return risk.sure_from(self.counts)

    @property
    def shown(self) -> risk.Count:
        """The count of the last step that is proven; of the first where none is."""
        return self.counts[max(0, risk.step_to_prove(self.counts) - 1)]

    @property
    def missing(self) -> int:
        """How many more questions the first step takes, if none of them would be answered wrongly; 0 once proven."""
        return 0 if self.sure_from is not None else risk.missing(self.counts[0])


def asks_one_thing(text: str) -> bool:
    """Whether a text asks no more than one question, as far as its question marks tell."""
    return len(_ASKED.findall(text)) <= 1


def begins(model: AnswerModel) -> datetime:
    """Return from when on questions count: the last change of the model or of one of its seller's answers."""
    changed: datetime | None = Answer.objects.filter(seller=model.seller_id).aggregate(last=Max("changed_at"))["last"]
    return max(model.trained_at, changed or model.trained_at)


def standings(model: AnswerModel) -> list[Standing]:
    """Return how far the proof is in each language, as last counted; of nothing that was changed since."""
    kept = model.measured.get(_KEPT)
    if kept is None or kept["since"] != moments.to_text(begins(model)):
        return []
    return [Standing(name, _read(counts)) for name, counts in sorted(kept["languages"].items())]


def bears(key: int, text: str, certainty: int) -> bool:
    """Whether a question may be answered without a person: its certainty, in thousandths, is proven in its language."""
    language = language_of(text)
    if certainty < _thousandths(risk.LADDER[-1]) or language == UNKNOWN or not asks_one_thing(text):
        return False
    model = AnswerModel.objects.defer("weights").get(pk=key)
    sure_from = next((each.sure_from for each in standings(model) if each.language == language), None)
    return sure_from is not None and certainty >= _thousandths(sure_from)


def is_due(model: AnswerModel, at: datetime) -> bool:
    """Whether a model's proof was last counted some time ago, before the last change, or never."""
    kept = model.measured.get(_KEPT)
    if kept is None or moments.parse(kept["at"]) <= at - EVERY:
        return True
    return bool(kept["since"] != moments.to_text(begins(model)))


def keep(model: AnswerModel, languages: Mapping[str, Sequence[risk.Count]], *, since: datetime, at: datetime) -> None:
    """Keep a model's proof as counted."""
    plain = {name: [list(count) for count in counts] for name, counts in languages.items()}
    kept = {"at": moments.to_text(at), "since": moments.to_text(since), "languages": plain}
    model.measured = model.measured | {_KEPT: kept}
    AnswerModel.objects.filter(pk=model.pk).update(measured=model.measured)


def count(row: AnswerModel, model: TextModel, *, at: datetime) -> None:
    """Count what buyers have asked since the last change, and keep it."""
    since = begins(row)
    kept = Answer.objects.filter(seller=row.seller_id, removed_at=None)
    # A language in which the seller has examples is shown before anybody asked in it.
    found = {language_of(text): _none() for answer in kept for text in answer.examples}
    found.pop(UNKNOWN, None)
    sendable = {str(answer.uuid): answer for answer in kept if answer.automatic}
    asked = _sure(row, model, sendable, since, at - RIPENS)
    while sure := list(islice(asked, _CHUNK)):
        for (question, _, certainty), right in zip(sure, _verdicts(sure, sendable), strict=True):
            if right is not None:
                counts = found.setdefault(language_of(question.text), _none())
                for step, least in enumerate(risk.LADDER):
                    if certainty >= _thousandths(least):
                        counts[step] = risk.Count(counts[step].asked + 1, counts[step].wrong + (not right))
    keep(row, found, since=since, at=at)


_Sure = tuple[Message, str, int]


def _sure(
    row: AnswerModel, model: TextModel, sendable: Mapping[str, Answer], since: datetime, until: datetime
) -> Iterator[_Sure]:
    """Yield the questions that could have been answered by themselves, as asked: with the label and its certainty."""
    asked = Message.objects.filter(conversation__seller=row.seller_id, role="buyer", at__gt=since, at__lte=until)
    known: set[tuple[int, str]] = set()
    rows = asked.exclude(text="").order_by("at", "pk").iterator(_CHUNK)
    while questions := list(islice(rows, _CHUNK)):
        for question, guess in zip(questions, model.guesses([each.text for each in questions]), strict=True):
            certainty = int(guess.certainty * 1000)
            if guess.label not in sendable or certainty < _thousandths(risk.LADDER[-1]):
                continue
            if language_of(question.text) == UNKNOWN or not asks_one_thing(question.text):
                continue
            if (once := (question.author_id, guess.label)) not in known:
                known.add(once)
                yield question, guess.label, certainty


def _verdicts(sure: Sequence[_Sure], sendable: Mapping[str, Answer]) -> list[bool | None]:
    """Return for each question whether its answer was right; None where that is not known."""
    sent = {each.question_id: each for each in SentAnswer.objects.filter(question__in=[each[0].pk for each in sure])}
    talks = {question.conversation_id for question, _, _ in sure}
    by_people = Message.objects.filter(conversation__in=talks, role="seller", automatic=False).order_by("at", "pk")
    replies: dict[int, list[Message]] = {}
    for reply in by_people:
        replies.setdefault(reply.conversation_id, []).append(reply)
    return [
        _by_buyer(sent[question.pk])
        if question.pk in sent
        else _by_person(question, sendable[label], replies.get(question.conversation_id, []))
        for question, label, _ in sure
    ]


def _by_buyer(sent: SentAnswer) -> bool | None:
    if sent.rejected_at is not None:
        return False
    return True if sent.helped_at is not None else None


def _by_person(question: Message, answer: Answer, replies: Sequence[Message]) -> bool:
    """Whether the first person who replied in time said that answer."""
    in_time = (reply for reply in replies if question.at < reply.at <= question.at + RIPENS)
    first = next(in_time, None)
    return first is not None and any(placeholders.is_said(first.text, text) for text in answer.texts.values())


def _none() -> list[risk.Count]:
    return [risk.Count()] * len(risk.LADDER)


def _read(counts: Sequence[Any]) -> tuple[risk.Count, ...]:
    """Return counts as kept; none where the ladder was another then."""
    read = tuple(risk.Count(*each) for each in counts)
    return read if len(read) == len(risk.LADDER) else tuple(_none())


def _thousandths(least: float) -> int:
    return round(least * 1000)
