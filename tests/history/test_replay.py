"""Replays of a live marketplace's journal, under its own rulebook and under any other."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.actions import clock, sanctions
from comity.cli.main import run
from comity.history import replay, source
from comity.policy.facts import DEADLINE
from comity.records import journal
from comity.rulebooks.shelf import all_names, text_of
from tests.actions.test_standards import BOOK, live, next_monday, sell
from tests.cast import START, Cast, hours, tell

__all__ = ["live"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(live: Cast, tmp_path: Path) -> Path:
    """A seller who was rated, found, frozen and declined, as facts in a file."""
    sell(live, 4, 1)
    tell(live, "violation.found", "listing:1", hours(3), rule="spam", by="reviewer")
    clock.turn(next_monday(START) + timedelta(hours=1))
    at = next_monday(START) + timedelta(hours=2)
    sanctions.decline(live.ken, live.seller.sanctions.get(measure="restriction"), reason="mistake", at=at)
    path = tmp_path / "facts.parquet"
    source.write(path, (fact for fact in journal.facts_of(live.seller) if fact.kind != DEADLINE))
    return path


def judged(path: Path, *texts: str, as_if_in_force: bool = False) -> dict[str, Any]:
    return replay.replay(path, texts, path.parent / "out", processes=1, as_if_in_force=as_if_in_force).plain()


def test_a_summary_has_all_lives(exported: Path) -> None:
    summary = judged(exported, BOOK)
    assert summary["standards"] == {"disputes: limit": 1}
    assert summary["conduct"] == {"spam": 1}
    assert summary["measures"] == {"restriction declined": 1, "warning placed": 1}
    assert summary["rungs"] == {"points 2 warning": 1}
    assert (summary["before_any_rulebook"], summary["decisions_about_nothing"]) == (0, 0)


@pytest.mark.parametrize("name", all_names())
def test_any_rulebook_judges_what_happened_under_another(exported: Path, name: str) -> None:
    """An agent decided about a measure that these rules never asked for."""
    summary = judged(exported, text_of(name), as_if_in_force=True)
    assert summary["before_any_rulebook"] == 0
    assert summary["decisions_about_nothing"] == 1
    assert summary["facts"] == 8, "that the measure was told, too"


def test_a_rulebook_in_force_only_later_says_so(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = exported.with_name("later.toml")
    later.write_text(BOOK.replace("in_force_from = 2026-01-01", "in_force_from = 2030-01-01"))
    arguments = ["replay", str(exported), "--rulebook", str(later), "--out", str(exported.parent / "out")]
    assert run([*arguments, "--processes", "1"]) == 0
    said = capsys.readouterr().out
    assert "0 rulings" in said
    assert "8 facts lie before any of these rulebooks was in force" in said
    assert run([*arguments, "--processes", "1", "--as-if-in-force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["conduct"] == {"spam": 1}
