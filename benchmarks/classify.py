"""Routine questions: how many are known, how many of the others are held back, how fast.

CLINC150: trained on its training part with the 100 training texts out of scope, tried on its validation part.
Banking77: five-fold cross-validation of its training part. With a folder of an embedder as argument, both are tried
with it as well.
"""

import csv
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import stage
from comity.classify import risk
from comity.classify.embedding import Embedder
from comity.classify.model import NOTHING, TextModel, train
from tests.data import DATA


def main(embedder: str = "") -> None:
    data = json.loads((DATA / "intents" / "clinc150" / "data_full.json").read_text())
    found: dict[str, Any] = {
        "compares": "answers held back and given, with the labels of people", "clinc150": _clinc(data, None),
        "banking77": _banking(None),
    }  # fmt: skip
    if embedder:
        found["clinc150_with_embedder"] = _clinc(data, Embedder(Path(embedder)))
        found["banking77_with_embedder"] = _banking(Embedder(Path(embedder)))
    found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    stage.say(found)


def _clinc(data: dict[str, Any], embedder: Embedder | None) -> dict[str, Any]:
    pairs = [*data["train"], *((text, NOTHING) for text, _ in data["oos_train"])]
    began = time.perf_counter()
    model, tried = train([text for text, _ in pairs], [label for _, label in pairs], embedder=embedder)
    took = time.perf_counter() - began
    kept = model.to_bytes()
    model = TextModel.from_bytes(kept, embedder)
    asked = [*data["val"], *((text, NOTHING) for text, _ in data["oos_val"])]
    seen = model.tried([text for text, _ in asked], [label for _, label in asked])
    began = time.perf_counter()
    for text, _ in asked[:1000]:
        model.guess(text)
    each = (time.perf_counter() - began) / min(1000, len(asked))
    auto_at = risk.threshold(tried)
    there = risk.at(seen, auto_at if auto_at is not None else 1.0)
    at_75 = risk.accuracy_at(seen, recall=0.75)
    return {
        "train_seconds": round(took, 1), "examples": len(pairs), "model_mb": round(len(kept) / 1e6, 1),
        "ms_a_message": round(1000 * each, 2), "accuracy_without_threshold": round(float(risk.at(seen, 0).accuracy), 4),
        "accuracy_at_recall_75": round(float(at_75.accuracy), 4), "recall_there": round(float(at_75.recall), 4),
        "auto_at": round(auto_at, 4) if auto_at is not None else None,
        "at_auto": {name: round(float(getattr(there, name)), 4) for name in ("coverage", "wrong", "accuracy", "recall")},
        "curve": risk.as_json(risk.curve(seen), most=50),
    }  # fmt: skip


def _banking(embedder: Embedder | None) -> dict[str, Any]:
    with (DATA / "intents" / "banking77" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    _, tried = train([row["text"] for row in rows], [row["category"] for row in rows], folds=5, embedder=embedder)
    right = float((tried.truth == tried.guessed).mean())
    return {"folds": 5, "examples": len(rows), "accuracy": round(right, 4)}


if __name__ == "__main__":
    main(*sys.argv[1:2])
