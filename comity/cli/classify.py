"""comity classify train | evaluate | explain"""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli import setup, show
from comity.cli.show import FINE, Failure

if TYPE_CHECKING:
    from comity.classify.embedding import Embedder
    from comity.classify.model import TextModel, Tried

# As public sets of examples call their columns; Banking77 says `category`.
_TEXT, _LABEL = "text", ("label", "category", "intent")


_FILE = click.Path(path_type=Path)
_nothing = click.option("--nothing", default="", metavar="LABEL", help="The label of what is no routine question.")
_plot = click.option("--plot", type=_FILE, metavar="FILE.svg", help="Risk against coverage, as a picture.")
_embedder = click.option("--embedder", type=_FILE, metavar="DIR", help="A folder with model.onnx and tokenizer.json.")


@click.group()
def classify() -> None:
    """Models of routine questions: train, try and explain them."""


@classify.command()
@click.argument("examples", type=_FILE, required=False, metavar="[FILE]")
@click.option("--out", type=_FILE, metavar="MODEL", help="Where the model goes.")
@_nothing
@_plot
@_embedder
@show.json_option
def train(
    examples: Path | None, out: Path | None, nothing: str, plot: Path | None, embedder: Path | None, in_json: bool
) -> int:
    """Train the models of all sellers whose answers changed; or one model from FILE.

    FILE: CSV or JSON lines with text and label.
    """
    if examples is None:
        return _train_sellers()
    if out is None:
        raise Failure("say where the model goes: --out FILE")
    from comity.classify import risk
    from comity.classify.model import TooLittle
    from comity.classify.model import train as learn

    texts, labels = _examples(examples, nothing)
    try:
        model, tried = learn(texts, labels, embedder=_opened(embedder))
    except TooLittle as error:
        raise Failure(str(error)) from None
    out.write_bytes(model.to_bytes())
    _tell(tried, risk.threshold(tried), plot, in_json)
    if not in_json:
        print("chosen on these very examples, that promises nothing of others: comity classify evaluate MODEL OTHERS")
    return FINE


def _train_sellers() -> int:
    setup.django()
    from comity.actions import answers

    now = datetime.now(UTC)
    print(f"{show.many(answers.learn_all(at=now), 'model')} trained")
    print(f"{show.many(answers.prove_all(at=now), 'proof')} counted")
    return FINE


@classify.command()
@click.argument("model", type=_FILE, metavar="MODEL")
@click.argument("examples", type=_FILE, metavar="FILE")
@click.option(
    "--threshold", type=float, help="Default: the lowest proven to keep wrong answers within 2%, with 95% confidence."
)
@_nothing
@_plot
@_embedder
@show.json_option
def evaluate(
    model: Path,
    examples: Path,
    threshold: float | None,
    nothing: str,
    plot: Path | None,
    embedder: Path | None,
    in_json: bool,
) -> int:
    """Try a model on questions it has not seen: the whole curve of risk against coverage, and what that proves.

    A proof takes questions as they really came, each asked by itself; of ways of saying the same it says too much.
    """
    from comity.classify import risk

    loaded = _loaded(model, embedder)
    tried = loaded.tried(*_examples(examples, nothing))
    auto_at = threshold if threshold is not None else risk.proven(tried)
    _tell(tried, auto_at, plot, in_json)
    if threshold is None and not in_json:
        _tell_proof(tried, auto_at)
    return FINE


@classify.command()
@click.argument("model", type=_FILE, metavar="MODEL")
@click.argument("text")
@_embedder
@show.json_option
def explain(model: Path, text: str, embedder: Path | None, in_json: bool) -> int:
    """Say what a model takes a text for, how certain it is, and what in the text speaks for and against it."""
    loaded = _loaded(model, embedder)
    guess = loaded.guess(text)
    shares = loaded.explain(text, guess.label)
    if in_json:
        show.as_json({"label": guess.label, "certainty": round(guess.certainty, 4), "because": shares})
        return FINE
    print(f"{guess.label}  ({guess.certainty:.1%} certain)")
    for name, weight in shares:
        print(f"  {weight:+.3f}  {name}")
    return FINE


def _tell(tried: "Tried", auto_at: float | None, plot: Path | None, in_json: bool) -> None:
    from comity.classify import risk

    points = risk.curve(tried)
    summary = risk.summary(tried, auto_at)
    if plot is not None:
        plot.write_text(risk.as_svg(points, marked=auto_at))
    if in_json:
        show.as_json(summary | {"curve": risk.as_json(points)})
        return
    tries = show.many(summary["tried"], "example")
    print(f"{tries} tried; {summary['right_without_threshold']:.1%} right if all were answered")
    if auto_at is None:
        print("no threshold: nothing would be sent automatically")
    else:
        answered, wrong = summary["answered"], summary["wrong_of_answered"]
        print(f"from {auto_at:.3f} on: {answered:.1%} answered, {wrong:.1%} of these wrong")


def _tell_proof(tried: "Tried", auto_at: float | None) -> None:
    from comity.classify import risk

    if auto_at is not None:
        print("proven: at most 2% are wrong, with 95% confidence")
        return
    first = risk.counted(tried)[0]
    more = show.many(risk.missing(first), "question")
    print(
        f"not proven that at most 2% are wrong: of {first.asked} at least {risk.LADDER[0]:.1%} certain, "
        f"{first.wrong} were; needed: {more} more, none of them wrong"
    )


def _loaded(model: Path, embedder: Path | None) -> "TextModel":
    from comity.classify.model import TextModel

    try:
        return TextModel.load(model, _opened(embedder))
    except (OSError, ValueError) as error:
        raise Failure(f"cannot use {model}: {error}") from None


def _opened(embedder: Path | None) -> "Embedder | None":
    from comity.classify.embedding import Embedder

    try:
        return Embedder(embedder) if embedder else None
    except ValueError as error:
        raise Failure(str(error)) from None


def _examples(path: Path, nothing: str) -> tuple[list[str], list[str]]:
    """Read examples; those labelled `nothing` are no routine question."""
    from comity.classify.model import NOTHING

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
