"""The witness as a command: how it begins, what it takes for a reason to say that something was taken back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from comity.cli.main import run
from comity.integrations.tlog import following
from comity.lib import sealed
from comity.lib.tlog import notes, tiles
from tests.lib.case_made import KEY, ORIGIN, Log

URL = "https://service.example.com/journal"
LOG = Log([sealed.statement({}), sealed.statement({})])
VERIFIER = LOG.signer.verifier.text


class Answers:
    """A log that answers, or is away."""

    away = False

    def fetch(self, path: str) -> bytes:
        if Answers.away:
            raise OSError(f"{path}: ConnectError")
        served = {
            "keys": f"{VERIFIER} 0\n".encode(),
            "checkpoint": LOG.note().encode(),
            f"tile/entries/{tiles.path(0, 2)}": tiles.bundle(LOG.entries),
        }
        return served[path]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(following, "Client", lambda url: Answers())
    monkeypatch.setattr(Answers, "away", False)
    return tmp_path


def witness(*more: str) -> int:
    return run(["journal", "witness", URL, *more])


def test_a_witness_follows_and_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (witness(), witness()) == (0, 0)
    assert [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()] == [
        "2 entries, 2 more; nothing was taken back", "2 entries, 0 more; nothing was taken back",
    ]  # fmt: skip
    assert json.loads((folder / "witness.json").read_text())["keys"] == [VERIFIER]


def test_what_keeps_it_from_beginning_is_no_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bytes").write_bytes(b"\xcf\xff")
    (folder / "words").write_text("hello")
    (folder / "spoilt.json").write_text("{")
    other = notes.new_signer("other.example.com/journal", KEY).verifier.text
    wrong = {
        "is no key of a log": ["--key", "service.example.com"],
        "the keys are not of one log": ["--key", VERIFIER, "--key", other],
        "is no head of a log": ["--against", "bytes"],
        "words is no head of a log": ["--against", "words"],
        "is no receipt": ["--receipt", "words"],
        "spoilt.json cannot be read": ["--state", "spoilt.json"],
        "cannot be written": ["--state", "nowhere/witness.json"],
    }
    for says, more in wrong.items():
        assert witness(*more) == 2, says
        assert says in capsys.readouterr().err
    Answers.away = True
    assert witness() == 2
    assert "does not answer" in capsys.readouterr().err
    assert not (folder / "witness.json").exists()


def test_a_mistyped_key_is_not_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert witness() == 0
    before = (folder / "witness.json").read_text()
    other = notes.new_signer("other.example.com/journal", KEY).verifier.text
    assert (witness("--key", VERIFIER[:-2]), witness("--key", other)) == (2, 2)
    assert f"follows {ORIGIN}, and the key is of another log" in capsys.readouterr().err
    assert (folder / "witness.json").read_text() == before
    assert witness("--key", VERIFIER) == 0


def test_two_witnesses_of_one_file_are_kept_apart(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    holds = "import sys, pathlib; from comity.integrations.tlog import following as f\n"
    holds += "with f.alone(pathlib.Path('witness.json')): print('held', flush=True); sys.stdin.readline()"
    with subprocess.Popen([sys.executable, "-c", holds], stdin=-1, stdout=-1, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        assert witness() == 2
        assert "witness.json is in use by another witness" in capsys.readouterr().err
        assert witness("--state", "mine.json") == 0
        first.kill()
    assert witness() == 0, "the lock went with the process"
