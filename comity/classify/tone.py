"""Tone by a model that the operator trained: `comity classify train tone.csv --nothing fine --out tone.npz`.

The examples are texts with a label; the label given as --nothing is what needs no remark. A message is looked at
sentence by sentence, for one hard word among friendly ones is one too many.
"""

import logging
import re
from functools import lru_cache
from pathlib import Path

from comity.classify.model import TextModel
from comity.classify.remarks import Remark

logger = logging.getLogger(__name__)

_SENTENCES = re.compile(r"(?<=[.!?。！？\n])\s*")
MOST_SENTENCES = 40


def remarks(text: str, path: Path, *, sure: float) -> list[Remark]:
    """Return a remark for each sentence that the model in `path` is `sure` (0 to 1) hurts; none without a model."""
    model = _model(path)
    sentences = [part.strip() for part in _SENTENCES.split(text) if part.strip()][:MOST_SENTENCES]
    if model is None or not sentences:
        return []
    guesses = zip(sentences, model.guesses(sentences), strict=True)
    return [Remark("tone", sentence[:60]) for sentence, guess in guesses if guess.certainty >= sure]


def _model(path: Path) -> TextModel | None:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        logger.warning("the model of tone in %s cannot be used: %s", path, error)
        return None


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> TextModel:
    """Read a model; one that was changed is read again."""
    del changed
    return TextModel.from_bytes(path.read_bytes())
