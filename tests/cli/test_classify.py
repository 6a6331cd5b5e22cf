"""comity classify: train, evaluate, explain."""

import json
from pathlib import Path

import pytest

from comity.cli.main import run
from comity.cli.show import FINE, WRONG
from tests.classify.test_model import examples


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "examples.jsonl"
    texts, labels = examples()
    path.write_text(
        "".join(json.dumps({"text": t, "label": label or "oos"}) + "\n" for t, label in zip(texts, labels, strict=True))
    )
    return path


def test_train_evaluate_explain(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, plot = tmp_path / "m.npz", tmp_path / "curve.svg"
    assert run(["classify", "train", str(file), "--nothing", "oos", "--out", str(model), "--json"]) == FINE
    trained = json.loads(capsys.readouterr().out)
    assert trained["wrong_of_answered"] <= 0.02
    assert trained["curve"][0]["coverage"] == 0
    assert run(["classify", "evaluate", str(model), str(file), "--nothing", "oos", "--plot", str(plot)]) == FINE
    said = capsys.readouterr().out
    assert "examples tried" in said
    assert "not proven that at most 2% are wrong: of " in said
    many = tmp_path / "many.jsonl"
    many.write_text((json.dumps({"text": "where is my parcel", "label": "parcel"}) + "\n") * 170)
    assert run(["classify", "evaluate", str(model), str(many)]) == FINE
    assert "proven: at most 2% are wrong, with 95% confidence" in capsys.readouterr().out
    assert plot.read_text().startswith("<svg")
    assert run(["classify", "explain", str(model), "where is my parcel", "--json"]) == FINE
    assert json.loads(capsys.readouterr().out)["label"] == "parcel"


def test_what_cannot_be_used_is_said(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    for arguments in (
        ["train", str(file)], ["train", str(tmp_path / "none.csv"), "--out", str(tmp_path / "m")],
        ["train", str(tmp_path / "bad.csv"), "--out", str(tmp_path / "m")], ["explain", str(file), "x"],
        ["train", str(file), "--out", str(tmp_path / "m"), "--embedder", str(tmp_path)],
    ):  # fmt: skip
        assert run(["classify", *arguments]) == WRONG
        assert capsys.readouterr().err.startswith("comity: ")
