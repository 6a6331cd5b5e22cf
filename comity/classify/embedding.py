"""An optional embedder from a folder that the operator gives: `model.onnx` and `tokenizer.json`. Nothing is shipped.

Needs the extra `embeddings` (onnxruntime, tokenizers). Any sentence encoder will do whose first output is a row for
each token; rows are averaged over the text's own tokens and brought to length 1.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

MAX_TOKENS = 128
_BATCH = 64


class Embedder:
    """Reads the two files once, and turns texts into rows."""

    def __init__(self, folder: Path, *, threads: int = 1):
        """Raise ValueError where a file or the extra is missing."""
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError:
            raise ValueError("an embedder needs the extra: pip install comity[embeddings]") from None
        model, tokens = folder / "model.onnx", folder / "tokenizer.json"
        if not model.exists() or not tokens.exists():
            raise ValueError(f"{folder} must hold model.onnx and tokenizer.json")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._takes = {each.name for each in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(tokens))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return one row of length 1 for each text, as float32."""
        rows = [self._some(texts[first : first + _BATCH]) for first in range(0, len(texts), _BATCH)]
        return np.vstack(rows)

    def _some(self, texts: Sequence[str]) -> np.ndarray:
        read = self._tokenizer.encode_batch(list(texts))
        mask = np.array([each.attention_mask for each in read], dtype=np.int64)
        given = {
            "input_ids": np.array([each.ids for each in read], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        tokens = self._session.run(None, {name: value for name, value in given.items() if name in self._takes})[0]
        counted = mask[:, :, None].astype(np.float32)
        mean = (tokens * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
        row: np.ndarray = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)
        return row.astype(np.float32)
