"""Pauses and stuck moments by the command: looked at, recorded, listed, ended, taken back, tried again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from comity.actions import clock
from comity.cli.main import run
from comity.records.models import Duty, Excuse, JournalLine, MeasureFile
from tests.cast import START, Cast

pytestmark = pytest.mark.django_db


def span(*days: float) -> list[str]:
    begins, ends = (f"{datetime.now(UTC) + timedelta(days=each):%Y-%m-%dT%H:%MZ}" for each in days)
    return ["--from", begins, "--until", ends]


def test_a_pause_from_looking_to_taking_back(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = ["pause", "record", "platform_outage", *span(-1, 1), "--evidence", "status page"]
    lines = JournalLine.objects.count()
    assert run([*record, "--dry-run"]) == 0
    assert "Nothing was recorded" in capsys.readouterr().out
    assert (Excuse.objects.count(), JournalLine.objects.count()) == (0, lines)
    shows = tmp_path / "page.txt"
    shows.write_text("Down from noon")
    assert run([*record, "--file", str(shows)]) == 0
    assert MeasureFile.objects.get().name == "page.txt"
    row = Excuse.objects.get()
    assert capsys.readouterr().out.strip() == str(row.uuid)
    assert run(["pause", "list", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["cause"], told["whom"], told["state"]) == ("platform_outage", "everybody", "")
    assert run(["pause", "take-back", str(row.uuid), "--because", "it was up"]) == 0
    row.refresh_from_db()
    assert (row.ended_as, row.ended_why) == (Excuse.MISTAKEN, "it was up")
    capsys.readouterr()
    for wrong, said in (
        (["pause", "end", str(row.uuid)], "taken back already"),
        (["pause", "end", "x"], "there is no pause 'x'"),
        (["pause", "record", "holiday", *span(0, 1), "--about", "seller:nobody"], "there is no 'seller:nobody'"),
        (["pause", "record", "tea", *span(0, 1)], "must be one of"),
        (["pause", "record", "platform_outage", "--from", "soon", "--until", "later"], "'soon' is not a time"),
        (["pause", "record", "platform_outage", *span(1, 0)], "must end after it begins"),
    ):
        assert run(wrong) == 2, wrong
        assert said in capsys.readouterr().err


def test_all_that_is_stuck_is_tried_again(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    for at in (0, 1):
        cast.order(at=at)
    Duty.objects.update(stuck_at=START, stuck_why="a mistake of ours")
    keys = [row.key for row in clock.stuck(cast.ken)]
    assert len(keys) > 1
    assert run(["clock", "stuck"]) == 1
    assert "a mistake of ours" in capsys.readouterr().out
    assert run(["clock", "retry", keys[0]]) == 0
    assert [row.key for row in clock.stuck(cast.ken)] == keys[1:]
    assert run(["clock", "retry", keys[0]]) == 2
    assert "stepped aside" in capsys.readouterr().err
    assert run(["clock", "retry", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ruled": len(keys) - 1, "again": {}}
    assert run(["clock", "stuck"]) == 0
