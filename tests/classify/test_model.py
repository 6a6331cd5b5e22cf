"""Models of routine questions: what they learn, when they abstain, how they are kept."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from comity.classify import background, features, risk
from comity.classify.model import NOTHING, TextModel, TooLittle, Tried, train, version_of
from tests.data import real

ROOT = Path(__file__).resolve().parents[2]
PARCEL = [f"{ask} my {thing}{end}" for ask in ("where is", "when will I get", "do you know where") for thing in ("parcel", "order", "package") for end in ("", "?", " please")]  # fmt: skip
RETURN = [f"{ask} {thing}{end}" for ask in ("how can I return", "I want to send back", "can I give back") for thing in ("the lamp", "this", "my order") for end in ("", "?", " please")]  # fmt: skip


def examples() -> tuple[list[str], list[str]]:
    nothing = background.texts()
    texts = [*PARCEL, *RETURN, *nothing]
    return texts, ["parcel"] * len(PARCEL) + ["return"] * len(RETURN) + [NOTHING] * len(nothing)


def test_a_model_knows_routine_questions_and_is_not_sure_of_others() -> None:
    model, tried = train(*examples())
    assert model.labels == ("parcel", "return")
    assert model.guess("Hello, where is my package?").label == "parcel"
    sure = model.guess("where is my parcel").certainty
    unsure = model.guess("The glass is broken and I am angry").certainty
    assert unsure < 0.5 < sure
    assert len(tried.truth) == len(examples()[0])
    assert "parcel" in dict(model.explain("where is my parcel", "parcel"))
    for odd in ("", " ", "\x00", "😀" * 50, "包裹" * 10_000, "مرحبا"):
        assert 0 <= model.guess(odd).certainty <= 1


def test_a_kept_model_guesses_the_same_and_runs_no_code() -> None:
    model, _ = train(*examples())
    again = TextModel.from_bytes(model.to_bytes())
    asked = ["where is my parcel", "can I give back this?", "nice weather"]
    assert np.allclose(model.certainties(asked), again.certainties(asked), atol=0.01)
    with pytest.raises(ValueError, match=r"pickle|model"):
        TextModel.from_bytes(b"something else")


ODD = [
    "",
    " ",
    "a",
    "I am",
    "it's 5-year-old",
    "包裹 在哪里",
    "¿Dónde está?",
    "x" * 9,
    "a\tb\u2003c",
    "_ __ é",
    "😀 ok",
    "a.b",
]


def test_groups_are_those_of_scikit_learn() -> None:
    texts = [features.plain(text) for text in [*examples()[0], *ODD]]
    words = CountVectorizer(ngram_range=(1, 2), lowercase=False, token_pattern=r"(?u)\b\w+\b").build_analyzer()
    signs = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5), lowercase=False).build_analyzer()
    for text in texts:
        assert features.words(text) == list(words(text))
        assert sorted(features.signs(text)) == sorted(signs(text)), text


def test_rows_multiply_as_scipy_has_it() -> None:
    seen = features.Features()
    rows = seen.fit([*examples()[0], *ODD])
    weights = np.random.default_rng(1).normal(size=(rows.width, 3))
    assert rows.width == len(seen.names())
    assert np.allclose(rows.times(weights), rows.sparse() @ weights)
    assert rows.sparse().has_canonical_format


ASKED = """
import sys, django
from pathlib import Path
django.setup()
import comity.config.urls, comity.config.wsgi
from comity.classify.model import TextModel
from comity.cli import errands
assert TextModel.load(Path(sys.argv[1])).guess("where is my parcel").label == "parcel"
print({"sklearn", "scipy"} & set(sys.modules))
"""


def test_whoever_asks_a_model_or_serves_a_page_loads_no_scikit_learn(tmp_path: Path) -> None:
    model, _ = train(*examples())
    (tmp_path / "model.npz").write_bytes(model.to_bytes())
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "comity.config.settings", "COMITY_DATA": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", ASKED, str(tmp_path / "model.npz")], env=environment, cwd=ROOT, text=True, check=True,
        stdout=subprocess.PIPE,
    ).stdout  # fmt: skip
    assert said.strip() == "set()"


class Lengths:
    """An embedder that knows how long a text is."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[len(text) % 2, 1 - len(text) % 2] for text in texts], dtype=np.float32)


def test_an_embedder_counts_beside_the_words() -> None:
    model, _ = train(*examples(), embedder=Lengths())
    again = TextModel.from_bytes(model.to_bytes(), Lengths())
    assert model.weights.shape[0] == len(model.features.names()) + 2
    assert np.allclose(model.certainties(["where is it"]), again.certainties(["where is it"]), atol=0.01)
    assert "parcel" in dict(model.explain("where is my parcel", "parcel"))


def test_the_name_follows_from_the_examples() -> None:
    assert version_of(["a"], ["x"]) == version_of(["a"], ["x"]) != version_of(["a"], ["y"])


def test_too_little_is_said() -> None:
    with pytest.raises(TooLittle, match="at least two kinds"):
        train(["a", "b"], ["x", "x"])
    with pytest.raises(TooLittle, match="'y'"):
        train(["a", "b", "c"], ["x", "x", "y"])


def tried(*rows: tuple[str, str, float]) -> Tried:
    truth, guessed, certainty = zip(*rows, strict=True)
    return Tried(np.array(truth, dtype=object), np.array(guessed, dtype=object), np.array(certainty))


def test_the_threshold_is_the_lowest_with_few_wrong_answers() -> None:
    rows = [("a", "a", 0.9)] * 98 + [("b", "a", 0.8)] * 2 + [("b", "a", 0.7)]
    assert risk.threshold(tried(*rows)) == pytest.approx(0.75)
    assert risk.threshold(tried(*rows), most_wrong=0.01) == pytest.approx(0.85)
    assert risk.threshold(tried(*rows[:10])) is None, "ten examples prove nothing"
    assert risk.threshold(tried(*[(NOTHING, "a", 0.9)] * 100)) is None, "what is no question counts as wrong"


def test_a_proof_takes_many_questions_that_nobody_chose_by() -> None:
    enough = risk.missing(risk.Count())
    assert enough == 170
    few, many = [("a", "a", 0.999)] * (enough - 1), [("a", "a", 0.999)] * enough
    assert risk.proven(tried(*few)) is None, "not a single one is wrong, and yet it may be chance"
    assert risk.proven(tried(*many)) == 0.8, "nothing less certain was wrong either"
    assert risk.proven(tried(*many, ("b", "a", 0.85))) == 0.9
    assert risk.proven(tried(*many, (NOTHING, "a", 0.999))) is None, "what is no question counts as wrong"
    sure_of_little = [("a", "a", 0.99)] * 1000 + [("b", "a", 0.999)] * 10
    assert risk.proven(tried(*sure_of_little)) is None, "in order: the surest first"
    assert risk.missing(risk.Count(300, 9)) > risk.missing(risk.Count(300, 3)) > 0
    for count in (risk.Count(0, 0), risk.Count(50, 1), risk.Count(400, 8)):
        more = risk.missing(count)
        assert risk.is_proven(risk.Count(count.asked + more, count.wrong))
        assert not risk.is_proven(risk.Count(count.asked + more - 1, count.wrong))


def test_looking_after_every_question_deceives_in_fewer_than_one_of_twenty() -> None:
    """Shops whose answers are wrong exactly as often as the limit, or more: how many are ever taken for proven?"""
    chance, most = np.random.default_rng(7), 150
    until = np.array([wrong + risk.missing(risk.Count(wrong, wrong)) for wrong in range(most)])
    for rate, ever in ((risk.MOST_WRONG, risk.ERROR), (0.03, 0.02), (0.005, 1.0)):
        # The proof is as good as it gets just before the next wrong answer.
        wrong_at = chance.geometric(rate, (4000, most)).cumsum(axis=1)
        deceived = float((wrong_at - 1 >= until).any(axis=1).mean())
        assert deceived <= ever
    assert deceived > 0.95, "a good shop gets there"


def test_a_held_back_answer_is_a_miss_in_scope_and_right_out_of_scope() -> None:
    found = risk.at(tried(("a", "a", 0.9), ("a", "a", 0.2), (NOTHING, "a", 0.3), (NOTHING, "a", 0.95)), 0.5)
    assert (found.coverage, found.wrong, found.accuracy, found.recall) == (0.5, 0.5, 0.5, 0.5)
    points = risk.curve(tried(("a", "a", 0.9), (NOTHING, "a", 0.95)))
    assert json.dumps(risk.as_json(points))
    assert "<svg" in risk.as_svg(points, marked=0.9)


def test_real_questions_out_of_scope_are_held_back() -> None:
    data = json.loads((real("intents") / "clinc150" / "data_full.json").read_text())
    some = {"balance", "order_status", "shopping_list", "weather", "translate", "exchange_rate"}
    pairs = [(text, label) for text, label in data["train"] if label in some]
    pairs += [(text, NOTHING) for text, _ in data["oos_train"]]
    model, _ = train([text for text, _ in pairs], [label for _, label in pairs])
    asked = [(text, label) for text, label in data["val"] if label in some]
    guesses = model.guesses([text for text, _ in asked])
    right = sum(g.label == label and g.certainty >= 0.5 for g, (_, label) in zip(guesses, asked, strict=True))
    assert right / len(asked) > 0.85
    outside = model.guesses([text for text, _ in data["oos_val"]])
    assert sum(g.certainty < 0.5 for g in outside) / len(outside) > 0.8
