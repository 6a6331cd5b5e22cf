"""comity classify train | evaluate | explain"""

import argparse
import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from comity.classify import embedding, risk
from comity.classify.model import NOTHING, TextModel, TooLittle, Tried
from comity.classify.model import train as learn
from comity.cli import setup, show
from comity.cli.main import FINE, Failure

_TEXT, _LABEL = "text", ("label", "category", "intent")


def train(options: argparse.Namespace) -> int:
    """Train the models of all sellers whose answers changed; or, with a file of examples, one model to a file."""
    if options.examples is None:
        setup.django()
        from comity.actions import answers

        print(f"{answers.learn_all(at=datetime.now(UTC))} models trained")
        return FINE
    if options.out is None:
        raise Failure("say where the model goes: --out FILE")
    texts, labels = _examples(options.examples, options.nothing)
    try:
        model, tried = learn(texts, labels, embedder=_embedder(options))
    except TooLittle as error:
        raise Failure(str(error)) from None
    options.out.write_bytes(model.to_bytes())
    _tell(options, tried, risk.threshold(tried))
    return FINE


def evaluate(options: argparse.Namespace) -> int:
    """Try a model on examples that it was not trained on: the whole curve of risk against coverage."""
    model = _model(options)
    texts, labels = _examples(options.examples, options.nothing)
    tried = model.tried(texts, labels)
    auto_at = options.threshold if options.threshold is not None else risk.threshold(tried)
    _tell(options, tried, auto_at)
    return FINE


def explain(options: argparse.Namespace) -> int:
    """Say what a model takes a text for, how certain it is, and what in the text speaks for and against it."""
    model = _model(options)
    guess = model.guess(options.text)
    shares = model.explain(options.text, guess.label)
    if options.json:
        show.as_json({"label": guess.label, "certainty": round(guess.certainty, 4), "because": shares})
        return FINE
    print(f"{guess.label}  ({guess.certainty:.1%} certain)")
    for name, weight in shares:
        print(f"  {weight:+.3f}  {name}")
    return FINE


def _tell(options: argparse.Namespace, tried: Tried, auto_at: float | None) -> None:
    points = risk.curve(tried)
    found = risk.summary(tried, auto_at)
    if options.plot is not None:
        options.plot.write_text(risk.as_svg(points, marked=auto_at))
    if options.json:
        show.as_json(found | {"curve": risk.as_json(points)})
        return
    print(f"{found['tried']} examples tried; {found['right_without_threshold']:.1%} right if all were answered")
    if auto_at is None:
        print("no threshold keeps wrong answers within 2%: nothing would be sent automatically")
    else:
        print(
            f"from {auto_at:.3f} on: {found['answered']:.1%} answered, {found['wrong_of_answered']:.1%} of these wrong"
        )


def _model(options: argparse.Namespace) -> TextModel:
    try:
        return TextModel.load(options.model, _embedder(options))
    except (OSError, ValueError) as error:
        raise Failure(f"cannot use {options.model}: {error}") from None


def _embedder(options: argparse.Namespace) -> embedding.Embedder | None:
    try:
        return embedding.Embedder(options.embedder) if options.embedder else None
    except ValueError as error:
        raise Failure(str(error)) from None


def _examples(path: Path, nothing: str) -> tuple[list[str], list[str]]:
    """Read examples; those labelled `nothing` are no routine question."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(_jsonl(file) if path.suffix == ".jsonl" else csv.DictReader(file))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise Failure(f"cannot read {path}: {error}") from None
    name = next((each for each in _LABEL if rows and each in rows[0]), None)
    if name is None or _TEXT not in rows[0]:
        raise Failure(f"{path} needs a column `text` and one of {', '.join(_LABEL)}, as CSV or as lines of JSON")
    labels = [str(row[name]) for row in rows]
    return [str(row[_TEXT]) for row in rows], [NOTHING if label == nothing else label for label in labels]


def _jsonl(file: Iterator[str]) -> Iterator[dict[str, str]]:
    for line in file:
        if line.strip():
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("each line must be an object with text and label")
            yield row
