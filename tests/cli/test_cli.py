"""The command as a person and as a program uses it: output, exit codes, clear sentences."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.cli import show
from comity.cli.main import COMMANDS, run
from comity.cli.main import comity as comity_command
from comity.history import source
from comity.history.errors import BadFile
from comity.policy.facts import Fact
from comity.rulebooks import shelf

ROOT = Path(__file__).resolve().parents[2]


def comity(*arguments: str, data: Path, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "COMITY_TEST_DATABASE")}
    environment |= {
        "COMITY_DATA": str(data),
        "COMITY_DATABASE_URL": "",
        "COMITY_SECRET_KEY": "",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, "-m", "comity", *arguments], env=environment, text=True, capture_output=True, input=stdin,
        timeout=120, cwd=data, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("number", "said"), [(0, "0 duties"), (1, "1 duty"), (2_000, "2,000 duties")])
def test_things_are_counted(number: int, said: str) -> None:
    assert show.many(number, "duty", "duties") == said


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


def test_rulebooks_are_checked_with_lines_and_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rulebook", "check", "aliexpress"]) == 0
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('name = "x"\nversion = "1"\nin_force_from = 2026-01-01\n[[duty]]\nwithin = "0 hours"\n')
    assert run(["rulebook", "check", str(wrong)]) == 1
    assert "line 5: '0 hours' must be more than nothing" in capsys.readouterr().out
    assert run(["rulebook", "check", str(wrong), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert {"line", "problem", "hint"} <= set(told["mistakes"][0])
    assert run(["rulebook", "check", "no such thing"]) == 2
    assert "aliexpress" in capsys.readouterr().err
    assert run(["rulebook", "show", "aliexpress", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["duty"][0]["within"] == "72 hours"
    assert run(["rulebook", "show", "olist"]) == 0
    assert "Hand the order to the carrier" in capsys.readouterr().out


def told(order: str, data: str) -> str:
    """A fact's body."""
    at = "2026-03-02T09:00:00Z"
    return (
        f'{{"id":"{order}","kind":"order.paid","at":"{at}","noted_at":"{at}","subject":"order:{order}",'
        f'"matter":"order:{order}","party":"seller:1","data":{data}}}'
    )


def facts_file(path: Path, **columns: object) -> Path:
    table = {
        "id": ["a", "b"], "kind": ["order.paid", "order.paid"], "at": [1_772_442_000_000_000] * 2, "noted_at": [1_772_442_000_000_000] * 2,
        "subject": ["order:1", "order:2"], "matter": ["order:1", "order:2"], "party": ["seller:1"] * 2,
        "seq": [0, 1], "body": [told("1", '{"dispatch_by":"2026-03-05T10:00:00.000000Z"}'), told("2", "{}")], **columns,
    }  # fmt: skip
    schema = pa.schema([field for field in source.SCHEMA if field.name in table])
    pq.write_table(
        pa.table(
            {k: v for k, v in table.items() if v is not None},
            schema=pa.schema([f for f in schema if table[f.name] is not None]),
        ),
        path,
    )
    return path


def test_a_replay_writes_rulings_and_a_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = facts_file(tmp_path / "facts.parquet")
    assert (
        run(
            [
                "replay",
                str(path),
                "--rulebook",
                "aliexpress",
                "--out",
                str(tmp_path / "out"),
                "--json",
                "--processes",
                "1",
            ]
        )
        == 0
    )
    summary = json.loads(capsys.readouterr().out)
    assert (summary["facts"], summary["rules"]["dispatch"]["opened"], summary["rules"]["dispatch"]["open"]) == (2, 1, 1)
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == summary
    rulings = pq.read_table(tmp_path / "out" / "rulings")
    assert rulings["kind"].to_pylist() == ["duty.opened"]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.write_bytes(b"not parquet"), "is not a Parquet file"),
        (lambda path: path.unlink(), "there is no file"),
        (lambda path: facts_file(path, party=None), "has no column party"),
    ],
)  # fmt: skip
def test_a_replay_of_what_is_no_facts_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: object, says: str
) -> None:
    path = facts_file(tmp_path / "facts.parquet")
    assert callable(spoil)
    spoil(path)
    assert run(["replay", str(path), "--rulebook", "aliexpress", "--out", str(tmp_path / "out")]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out" / "summary.json").exists()


def test_importing_what_is_no_olist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "olist", str(tmp_path), "--out", str(tmp_path / "x.parquet")]) == 2
    assert "neither orders.parquet nor olist_orders_dataset.csv" in capsys.readouterr().err
    assert not (tmp_path / "x.parquet").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Commands:"), (["rulebook"], "analyse"), (["unheard"], "No such command 'unheard'. See: comity --help"),
        (["replay"], "Missing argument 'FACTS.parquet'. See: comity replay --help"),
        (["rulebook", "check"], "Missing argument 'NAME'"), (["worker", "--twice"], "Did you mean '--once'?"),
        (["carriers", "play", "by_drone", "1", "--since", "2026-03-02"], "'in_time', 'slow'"),
        (["replay", "x", "--rulebook", "olist", "--out", "y", "--processes", "0"], "0 is not in the range x>=1"),
    ],
)  # fmt: skip
def test_wrong_use_is_exit_code_two(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert says in capsys.readouterr().err


HEAVY = {"django", "numpy", "scipy", "sklearn", "pyarrow", "duckdb", "z3", "PIL", "rich", "httpx"}


def test_help_is_quick_and_names_every_command(tmp_path: Path) -> None:
    code = f"import sys; from comity.cli.main import run; run(['--help']); sys.exit(str({HEAVY} & set(sys.modules)))"
    asked = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=False)
    assert asked.stderr.strip() == "set()"
    for name in COMMANDS:
        assert f"\n  {name}  " in asked.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "-h"]) == 0
    assert f"Usage: comity {name}" in capsys.readouterr().out
    command = comity_command.get_command(click.Context(comity_command), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_an_installation_from_nothing(data: Path) -> None:
    """What an operator does: migrate, publish, add people, make a token, verify, export, replay."""
    early = comity("journal", "verify", data=data)
    assert early.returncode == 2
    assert f"there is no database at {data / 'comity.sqlite3'}; run: comity migrate" in early.stderr
    assert not (data / "comity.sqlite3").exists(), "nothing is made by looking"
    assert comity("migrate", data=data).returncode == 0
    assert "in force from" in comity("rulebook", "publish", "aliexpress", data=data).stdout
    again = comity("rulebook", "publish", "aliexpress", data=data)
    assert again.returncode == 2
    assert "Traceback" not in again.stderr
    weak = comity("party", "add", "agent", "Ken", "--email", "ken@example.org", data=data, stdin="short\n")
    assert (weak.returncode, "password" in weak.stderr) == (2, True)
    added = comity("party", "add", "agent", "Ken", "--email", "ken@example.org", data=data, stdin="a long enough one\n")
    assert added.returncode == 0, added.stderr
    token = comity("token", "make", "platform", "--label", "shop", "--scope", "fact.record", data=data)
    assert token.stdout.startswith("comity_")
    assert comity("token", "make", "nobody", "--label", "x", "--scope", "fact.record", data=data).returncode == 2
    assert comity("token", "make", "platform", "--label", "x", "--scope", "everything", data=data).returncode == 2
    turned = comity("worker", "--once", "--json", data=data)
    assert json.loads(turned.stdout) == {"parties": 0, "rulings": 0}
    verified = json.loads(comity("journal", "verify", "--json", data=data).stdout)
    assert verified["ok"] is True
    exported = comity("export", "facts", str(data / "facts.parquet"), "--json", data=data)
    assert json.loads(exported.stdout)["facts"] == 0
    assert (data / "secret_key").stat().st_mode & 0o077 == 0


def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    target = tmp_path / "facts.parquet"
    (tmp_path / ".facts.parquet.partial").symlink_to(full)
    with pytest.raises(BadFile, match="cannot write"):
        source.write(target, iter([_fact()]))
    assert not target.exists()


def _fact() -> Fact:
    from tests.policy.strategies import PARTY, hour

    return Fact(
        id="a",
        kind="order.paid",
        at=hour(0),
        noted_at=hour(0),
        subject="order:1",
        matter="order:1",
        party=PARTY,
        data={},
    )


def test_worked_cases_are_run_with_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rulebook", "test"]) == 0
    assert "of" in capsys.readouterr().out
    assert run(["rulebook", "test", "shopee", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'rulebook = "shopee"\n[[case]]\nname = "too good"\nat = 2025-08-11\ncounts = { non-fulfilment = "40 faulty of 250" }\n[case.expect]\npoints = { "penalty points" = 1 }\n'
    )
    assert run(["rulebook", "test", str(mine)]) == 1
    assert "points on penalty points: must be 1, are 2" in capsys.readouterr().out
    mine.write_text("rulebook = 3\n")
    assert run(["rulebook", "test", str(mine)]) == 2
    assert "rulebook must be a text" in capsys.readouterr().err
    assert run(["rulebook", "test", "no such thing"]) == 2


def test_findings_and_differences_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rulebook", "analyse", "lazada", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "closure-without-warning:non-compliance:48" in {finding["name"] for finding in told["findings"]}
    assert told["findings"][0]["confirmed"] is True
    open_ = tmp_path / "open.toml"
    open_.write_text(
        'name = "x"\nversion = "1"\nin_force_from = 2026-01-01\n[[ledger]]\nname = "idle"\nexpires_after = "9 days"\n'
    )
    assert run(["rulebook", "analyse", str(open_)]) == 1
    assert "dead:idle: nothing charges the ledger idle" in capsys.readouterr().out
    renamed = tmp_path / "renamed.toml"
    renamed.write_text(shelf.text_of("lazada").replace('title = "', 'title = "A ', 1))
    assert run(["rulebook", "diff", "lazada", str(renamed)]) == 0
    assert "No case was found that the two treat differently." in capsys.readouterr().out
    assert run(["rulebook", "diff", "tiktok@2026-01", "tiktok"]) == 0
    said = capsys.readouterr().out
    assert "changed: standard late dispatch" in said
    assert "a seller with 1 of 10 faulty (10%) was enforcement" in said
    assert run(["rulebook", "diff", "tiktok", "tiktok", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []


def test_a_rulebook_is_shown_in_each_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rulebook", "show", "ebay", "--as", "toml"]) == 0
    assert capsys.readouterr().out.startswith("# eBay")
    assert run(["rulebook", "show", "ebay"]) == 0
    assert "Few transactions are defective  [standard defects]" in capsys.readouterr().out
    assert run(["rulebook", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["additionalProperties"] is False


def test_carriers_are_compared_and_one_plays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from comity.history import parcels
    from tests.history.test_parcels import row

    file = tmp_path / "parcels.parquet"
    parcels.write(file, [row(number) for number in range(80)])
    assert run(["carriers", "scorecards", str(file), "--now", "2026-03-01"]) == 0
    assert "post            everywhere" in capsys.readouterr().out
    assert run(["carriers", "scorecards", str(file), "--json"]) == 0
    assert {card["parcels"] for card in json.loads(capsys.readouterr().out)["by_lane"]} == {40}
    assert run(["--data", str(tmp_path), "carriers", "scorecards"]) == 2
    assert "comity import olist" in capsys.readouterr().err
    play = ["carriers", "play", "in_time", "RR1", "--since", "2026-03-02", "--until", "2026-03-03T21:00Z"]
    assert run([*play, "--as", "shippo"]) == 0
    assert len(json.loads(capsys.readouterr().out)["data"]["tracking_history"]) == 2
    assert run([*play, "--to", "http://127.0.0.1:9"]) == 2
    assert "COMITY_EASYPOST_SECRET" in capsys.readouterr().err
    assert run([*play[:-1], "soon"]) == 2
    assert "is no time" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serve", "--port", "99999"], "is not in the range 1<=x<=65535"),
        (["--data", "/dev/null", "worker", "--once"], "cannot read /dev/null/secret_key"),
        (["--data", "/dev/null/x", "migrate"], "Not a directory"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(arguments: list[str], says: str, tmp_path: Path) -> None:
    """In a process of its own, in which nothing has set Django up."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COMITY_", "DJANGO_"))}
    told = subprocess.run(
        [sys.executable, "-m", "comity", *arguments], cwd=tmp_path, env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, "Traceback" in told.stderr) == (2, False), told.stderr
    assert says in told.stderr
