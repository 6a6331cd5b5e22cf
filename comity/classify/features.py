"""What a model sees of a text: words and pairs of words, groups of signs within words, and optionally an embedding."""

import unicodedata
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

#: Nobody asks a routine question at greater length; what is further on is not looked at.
MAX_CHARS = 2_000
#: How heavy an embedding weighs beside the words.
EMBEDDING_WEIGHT = 2.0


class Embeds(Protocol):
    """Turns texts into rows of numbers of length 1: (texts, dimensions)."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row for each text."""


def plain(text: str) -> str:
    """Return `text` as models read it: one form of each sign, small letters, single spaces, cut to MAX_CHARS."""
    return " ".join(unicodedata.normalize("NFKC", text[:MAX_CHARS]).lower().split())


class _Grams:
    """One kind of groups: how often each is in a text, damped, and weighted by how rare it is (TF-IDF)."""

    def __init__(self, kind: str):
        self.kind = kind
        self._counter = _counter(kind)
        self.weights = np.zeros(0)

    def fit(self, texts: Sequence[str]) -> Any:
        counts = self._counter.fit_transform(texts)
        held = np.bincount(counts.indices, minlength=counts.shape[1])
        self.weights = np.log((1 + len(texts)) / (1 + held)) + 1
        return self._weighted(counts)

    def rows(self, texts: Sequence[str]) -> Any:
        return self._weighted(self._counter.transform(texts))

    def _weighted(self, counts: Any) -> Any:
        values = (1 + np.log(counts.data)) * self.weights[counts.indices]
        lengths = np.sqrt(np.add.reduceat(np.append(values**2, 0), counts.indptr[:-1]))
        lengths[np.diff(counts.indptr) == 0] = 1
        values /= np.repeat(lengths, np.diff(counts.indptr))
        return sparse.csr_matrix((values.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape)

    def names(self) -> list[str]:
        return [str(name) for name in self._counter.get_feature_names_out()]

    @classmethod
    def restored(cls, kind: str, names: str, weights: np.ndarray) -> "_Grams":
        found = cls(kind)
        found._counter = _counter(kind, names.split("\n"))
        found.weights = weights.astype("float64")
        return found


def _counter(kind: str, vocabulary: list[str] | None = None) -> CountVectorizer:
    if kind == "word":
        return CountVectorizer(
            ngram_range=(1, 2), lowercase=False, token_pattern=r"(?u)\b\w+\b", vocabulary=vocabulary
        )  # fmt: skip
    return CountVectorizer(analyzer="char_wb", ngram_range=(2, 5), lowercase=False, min_df=2, vocabulary=vocabulary)


class Features:
    """Texts to sparse rows. Fitted on the texts of the training; kept without pickles, so that loading runs no code."""

    def __init__(self, embedder: Embeds | None = None):
        self.embedder = embedder
        self._words, self._signs = _Grams("word"), _Grams("char_wb")

    def fit(self, texts: Sequence[str]) -> Any:
        """Learn the vocabulary of `texts` and return their rows (texts, features), sparse."""
        read = [plain(text) for text in texts]
        return self._joined(self._words.fit(read), self._signs.fit(read), texts)

    def rows(self, texts: Sequence[str]) -> Any:
        """Return the rows of `texts` (texts, features), sparse."""
        read = [plain(text) for text in texts]
        return self._joined(self._words.rows(read), self._signs.rows(read), texts)

    def _joined(self, words: Any, signs: Any, texts: Sequence[str]) -> Any:
        parts = [words, signs]
        if self.embedder is not None:
            parts.append(sparse.csr_matrix(self.embedder.embed(texts) * EMBEDDING_WEIGHT))
        return sparse.hstack(parts, format="csr", dtype=np.float32)

    def names(self) -> list[str]:
        """Return what each column stands for; groups of signs are written between ‹ and ›."""
        return self._words.names() + [f"‹{name}›" for name in self._signs.names()]

    def state(self) -> dict[str, Any]:
        """Return what `restored` needs: vocabularies and weights as plain arrays."""
        return {
            "words": "\n".join(self._words.names()), "word_weights": self._words.weights.astype("float32"),
            "signs": "\n".join(self._signs.names()), "sign_weights": self._signs.weights.astype("float32"),
        }  # fmt: skip

    @classmethod
    def restored(cls, state: Any, embedder: Embeds | None) -> "Features":
        """Return features as `state` was taken from them."""
        found = cls(embedder)
        found._words = _Grams.restored("word", str(state["words"]), state["word_weights"])
        found._signs = _Grams.restored("char_wb", str(state["signs"]), state["sign_weights"])
        return found
