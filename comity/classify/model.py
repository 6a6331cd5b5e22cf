"""A model of routine questions: linear, on words and groups of signs, with a certainty that means what it says.

The certainty is a softmax of the linear scores, sharpened or softened by a temperature that is found on texts that the
scores were not learnt from. Texts that are no routine question at all are learnt as a class of their own, whose share
is kept back from every answer.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from comity.classify.features import Embeds, Features
from comity.lib.ids import name_of

#: The label of texts that none of the answers is for.
NOTHING = ""
FOLDS = 4
_FORM = 1
_SOFTNESS = 1.0
#: Logarithm of the sharpest temperature: examples that are easy to tell apart would else make it boundless.
_SHARPEST = 2.1


class TooLittle(ValueError):
    """There are not enough examples to learn from; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Guess:
    """The likeliest label, and how certain it is, from 0 to 1."""

    label: str
    certainty: float


@dataclass(frozen=True)
class Tried:
    """Guesses on texts that the guessing model had not seen: what is true, what was guessed, how certain."""

    truth: np.ndarray
    guessed: np.ndarray
    certainty: np.ndarray


class TextModel:
    """What was learnt. `weights` has a row for each feature and a column for each class of `classes`."""

    def __init__(
        self, features: Features, classes: Sequence[str], weights: np.ndarray, bias: np.ndarray, temperature: float
    ):
        self.features, self.classes = features, tuple(classes)
        self.weights, self.bias, self.temperature = weights, bias, temperature
        self._answers = [number for number, label in enumerate(self.classes) if label != NOTHING]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that may be guessed."""
        return tuple(self.classes[number] for number in self._answers)

    def certainties(self, texts: Sequence[str]) -> np.ndarray:
        """Return how certain each label is for each text: (texts, labels), each row summing to at most 1."""
        scores = self.features.rows(texts).times(self.weights) + self.bias
        return _softmax(scores * self.temperature)[:, self._answers]

    def guesses(self, texts: Sequence[str]) -> list[Guess]:
        """Return the likeliest label for each text."""
        certainties = self.certainties(texts)
        best = certainties.argmax(axis=1)
        return [Guess(self.labels[label], float(certainties[row, label])) for row, label in enumerate(best)]

    def guess(self, text: str) -> Guess:
        """Return the likeliest label for one text."""
        return self.guesses([text])[0]

    def tried(self, texts: Sequence[str], labels: Sequence[str]) -> Tried:
        """Guess texts that the model has not seen, beside their true labels."""
        certainties = self.certainties(texts)
        best = np.array(self.labels, dtype=object)[certainties.argmax(axis=1)]
        return Tried(np.array(labels, dtype=object), best, certainties.max(axis=1))

    def explain(self, text: str, label: str, *, most: int = 8) -> list[tuple[str, float]]:
        """Return what in `text` speaks for `label` (above 0) and against it, the weightiest first."""
        row = self.features.rows([text])
        column = self.weights[:, self.classes.index(label)]
        names = self.features.names()
        shares = [
            (names[feature], float(value * column[feature]))
            for feature, value in zip(row.places, row.values, strict=True)
            if feature < len(names)
        ]
        return sorted(shares, key=lambda share: -abs(share[1]))[:most]

    def to_bytes(self) -> bytes:
        """Return the model as bytes that `from_bytes` reads: arrays and texts only."""
        file = io.BytesIO()
        np.savez_compressed(
            # Half precision: a fraction of the size, and certainties that differ in the third digit (a test).
            file,
            form=_FORM,
            classes=json.dumps(self.classes),
            weights=self.weights.astype("float16"),
            bias=self.bias.astype("float32"),
            temperature=self.temperature,
            embeds=self.features.embedder is not None,
            **self.features.state(),
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, held: bytes, embedder: Embeds | None = None) -> "TextModel":
        """Read a model. Raises ValueError for bytes that are none, or that need an embedder that is not given."""
        try:
            # A pickle could run code; a model is arrays and texts.
            state = np.load(io.BytesIO(held), allow_pickle=False)
            if int(state["form"]) != _FORM:
                raise ValueError("the model is of another version of Comity; train it again")
            if bool(state["embeds"]) != (embedder is not None):
                raise ValueError("the model was trained with an embedder; give the same one")
            return cls(
                Features.restored(state, embedder),
                json.loads(str(state["classes"])),
                state["weights"].astype("float32"),
                state["bias"],
                float(state["temperature"]),
            )
        except (KeyError, OSError, EOFError) as error:
            raise ValueError(f"this is no model of Comity's: {error}") from None

    @classmethod
    def load(cls, path: Path, embedder: Embeds | None = None) -> "TextModel":
        """Read a model from a file. Raises ValueError, OSError."""
        return cls.from_bytes(path.read_bytes(), embedder)


def version_of(texts: Sequence[str], labels: Sequence[str]) -> str:
    """Return the name of the model that these examples give: the same examples, the same name."""
    return name_of("model", *(f"{label}\x1e{text}" for text, label in zip(texts, labels, strict=True)))


class _Once:
    """An embedder that is asked for each text once, however many folds take it."""

    def __init__(self, embedder: Embeds):
        self.embedder = embedder
        self._held: dict[str, np.ndarray] = {}

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._held]
        if new:
            self._held.update(zip(new, self.embedder.embed(new), strict=True))
        return np.vstack([self._held[text] for text in texts])


def train(
    texts: Sequence[str], labels: Sequence[str], *, embedder: Embeds | None = None, folds: int = FOLDS
) -> tuple[TextModel, Tried]:
    """Learn from examples (label NOTHING: no routine question), and try the model on examples kept from it in turn.

    Raises TooLittle for fewer than two classes, or a class with a single example.
    """
    truth, embedder = np.array(labels, dtype=object), _Once(embedder) if embedder else None
    classes, counts = np.unique(truth.astype(str), return_counts=True)
    if len(classes) < 2:
        raise TooLittle("a model needs examples of at least two kinds; add questions that need no answer of yours")
    if counts.min() < 2:
        lonely = ", ".join(repr(str(name)) for name in classes[counts < 2])
        raise TooLittle(f"at least two examples each are needed; only one for {lonely}")
    fold = _folds(truth, folds)
    scores = np.zeros((len(texts), len(classes)))
    for number in range(folds):
        kept, tried = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        # A fold without examples of some class cannot be learnt from; its texts count as fully unsure.
        if len(tried) and len(np.unique(truth[kept].astype(str))) == len(classes):
            part = _fit([texts[int(i)] for i in kept], truth[kept], embedder, 1.0)
            rows = part.features.rows([texts[int(i)] for i in tried])
            scores[tried] = rows.times(part.weights) + part.bias
    places = {str(name): place for place, name in enumerate(classes)}
    temperature = _temperature(scores, np.array([places[str(label)] for label in truth]))
    model = _fit(texts, truth, embedder, temperature)
    # What it remembers of the examples is not kept with the model.
    model.features.embedder = embedder.embedder if embedder else None
    certainty = _softmax(scores * temperature)[:, model._answers]
    best = certainty.argmax(axis=1)
    return model, Tried(truth, np.array(model.labels, dtype=object)[best], certainty.max(axis=1))


def _fit(texts: Sequence[str], truth: np.ndarray, embedder: Embeds | None, temperature: float) -> TextModel:
    from sklearn.svm import LinearSVC

    features = Features(embedder)
    rows = features.fit(texts).sparse()
    # Balanced: what is no routine question has far more examples than any answer.
    learnt = LinearSVC(C=_SOFTNESS, class_weight="balanced", random_state=0).fit(rows, truth.astype(str))
    weights, bias = learnt.coef_.T, learnt.intercept_
    if weights.shape[1] == 1:  # two classes have one plane; the other's is its mirror
        weights, bias = np.hstack([-weights, weights]), np.array([-bias[0], bias[0]])
    return TextModel(features, [str(name) for name in learnt.classes_], weights, bias, temperature)


def _folds(truth: np.ndarray, folds: int) -> np.ndarray:
    """Deal the examples of each class out in turn, so that every fold has its share of all."""
    seen: dict[str, int] = {}
    fold = np.zeros(len(truth), dtype=int)
    for place, label in enumerate(truth):
        fold[place] = seen.get(label, 0) % folds
        seen[label] = seen.get(label, 0) + 1
    return fold


def _temperature(scores: np.ndarray, places: np.ndarray) -> float:
    """Return the sharpness at which the certainties of unseen texts have the least log loss."""
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        shares = _softmax(scores * np.exp(log_temperature))
        return float(-np.log(np.maximum(shares[np.arange(len(places)), places], 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(0.0, _SHARPEST), method="bounded").x))


def _softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: np.ndarray = raised / raised.sum(axis=1, keepdims=True)
    return shares
