"""What a model sees of a text: words and pairs of words, groups of signs within words, and optionally an embedding.

The groups are those of scikit-learn's CountVectorizer (a test holds them equal), but counted here: whoever only asks a
model, as every message and page does, need not wait a second for scikit-learn to be loaded.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, Protocol

import numpy as np

#: Nobody asks a routine question at greater length; what is further on is not looked at.
MAX_CHARS = 2_000
#: How heavy an embedding weighs beside the words.
EMBEDDING_WEIGHT = 2.0
#: How long groups of signs are.
SIGNS = range(2, 6)
_WORD = re.compile(r"\b\w+\b")


class Embeds(Protocol):
    """Turns texts into rows of numbers of length 1: (texts, dimensions)."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row for each text."""


def plain(text: str) -> str:
    """Return `text` as models read it: one form of each sign, small letters, single spaces, cut to MAX_CHARS."""
    # NFKC: full-width letters and ligatures are the letters that they look like.
    return " ".join(unicodedata.normalize("NFKC", text[:MAX_CHARS]).lower().split())


def words(text: str) -> list[str]:
    """Return the words of `text`, then each pair of neighbours."""
    single = _WORD.findall(text)
    return single + [f"{first} {second}" for first, second in pairwise(single)]


def signs(text: str) -> list[str]:
    """Return all groups of SIGNS signs within each word; a space stands for the word's edge."""
    groups = []
    for word in text.split():
        edged = f" {word} "
        for length in SIGNS:
            groups += [edged[first : first + length] for first in range(max(len(edged) - length, 0) + 1)]
            if length >= len(edged):  # a short word counts as a whole, once
                break
    return groups


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse rows, as compressed in the usual way: row n has `values` in `places` from starts[n] to starts[n + 1]."""

    values: np.ndarray
    places: np.ndarray
    starts: np.ndarray
    width: int

    @classmethod
    def of(cls, rows: Sequence[tuple[np.ndarray, np.ndarray]], width: int) -> "Rows":
        """Put rows of (places, values) together."""
        starts = np.cumsum([0, *(len(places) for places, _ in rows)])
        places = np.concatenate([np.zeros(0, dtype=np.int32), *(places for places, _ in rows)])
        values = np.concatenate([np.zeros(0, dtype=np.float32), *(values for _, values in rows)])
        return cls(values, places, starts, width)

    def times(self, weights: np.ndarray) -> np.ndarray:
        """Multiply by `weights` (width, classes): (rows, classes)."""
        parts = [slice(first, last) for first, last in pairwise(self.starts)]
        return np.array([self.values[part] @ weights[self.places[part]] for part in parts])

    def sparse(self) -> Any:
        """Return a matrix of scipy's, for training."""
        from scipy.sparse import csr_matrix

        return csr_matrix((self.values, self.places, self.starts), shape=(len(self.starts) - 1, self.width))


class _Grams:
    """One kind of groups: how often each is in a text, damped, and weighted by how rare it is (TF-IDF)."""

    def __init__(self, *, least: int = 1):
        self.least = least
        self.names: list[str] = []
        self.weights = np.zeros(0)
        self._places: dict[str, int] = {}

    def fit(self, grams: Sequence[list[str]]) -> None:
        """Learn the groups that are in at least `least` of the texts, from the groups of each."""
        texts_with = Counter(chain.from_iterable(map(set, grams)))
        names = sorted(group for group, count in texts_with.items() if count >= self.least)
        self.know(names, np.log((1 + len(grams)) / (1 + np.array([texts_with[name] for name in names]))) + 1)

    def know(self, names: list[str], weights: np.ndarray) -> None:
        """Take over what was learnt."""
        self.names, self.weights = names, weights
        self._places = {name: place for place, name in enumerate(names)}

    def row(self, grams: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of those groups that are known and their weights, of length 1 together."""
        counts = Counter(map(self._places.get, grams))
        counts.pop(None, None)
        places, often = np.array([*counts.keys()], dtype=np.int32), np.array([*counts.values()])
        order = places.argsort()
        places, often = places[order], often[order]
        values = (1 + np.log(often)) * self.weights[places]
        length = np.sqrt((values**2).sum())
        return places, (values / length if length else values).astype(np.float32)


class Features:
    """Texts to sparse rows. Fitted on the texts of the training; kept without pickles, so that loading runs no code."""

    def __init__(self, embedder: Embeds | None = None):
        self.embedder = embedder
        self._words, self._signs = _Grams(), _Grams(least=2)

    def fit(self, texts: Sequence[str]) -> Rows:
        """Learn the vocabulary of `texts` and return their rows (texts, features)."""
        read = [plain(text) for text in texts]
        said, written = [words(text) for text in read], [signs(text) for text in read]
        self._words.fit(said)
        self._signs.fit(written)
        return self._rows(texts, map(self._row, said, written))

    def rows(self, texts: Sequence[str]) -> Rows:
        """Return the rows of `texts` (texts, features)."""
        read = [plain(text) for text in texts]
        return self._rows(texts, (self._row(words(text), signs(text)) for text in read))

    def _row(self, said: list[str], written: list[str]) -> tuple[np.ndarray, np.ndarray]:
        (places, values), (behind, more) = self._words.row(said), self._signs.row(written)
        return np.append(places, behind + len(self._words.names)), np.append(values, more)

    def _rows(self, texts: Sequence[str], counted: Iterable[tuple[np.ndarray, np.ndarray]]) -> Rows:
        rows, width = list(counted), len(self._words.names) + len(self._signs.names)
        if self.embedder is None:
            return Rows.of(rows, width)
        embedded = np.asarray(self.embedder.embed(texts) * EMBEDDING_WEIGHT, dtype=np.float32)
        behind = np.arange(width, width + embedded.shape[1], dtype=np.int32)
        both = zip(rows, embedded, strict=True)
        longer = [(np.append(places, behind), np.append(values, more)) for (places, values), more in both]
        return Rows.of(longer, width + len(behind))

    def names(self) -> list[str]:
        """Return what each column stands for; groups of signs are written between ‹ and ›."""
        return self._words.names + [f"‹{name}›" for name in self._signs.names]

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs: vocabularies and weights as plain arrays."""
        return {
            "words": "\n".join(self._words.names),
            "word_weights": self._words.weights.astype("float32"),
            "signs": "\n".join(self._signs.names),
            "sign_weights": self._signs.weights.astype("float32"),
        }

    @classmethod
    def restored(cls, state: Any, embedder: Embeds | None) -> "Features":
        """Return features as `state` was taken from them."""
        features = cls(embedder)
        for grams, names, weights in (
            (features._words, "words", "word_weights"),
            (features._signs, "signs", "sign_weights"),
        ):
            grams.know(str(state[names]).split("\n") if str(state[names]) else [], state[weights].astype("float64"))
        return features
