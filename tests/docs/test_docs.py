"""Docs fail the build: generated pages are fresh, every kind and field has its heading, links lead somewhere, examples run."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from comity.cli import docs
from comity.cli.main import comity
from comity.lib.options import OPTIONS
from comity.policy.facts import KINDS
from comity.policy.lives import RULINGS
from comity.rulebooks.language.examples import whole
from comity.rulebooks.language.keys import FIELDS
from comity.rulebooks.language.parse import parse
from comity.rulebooks.shelf import Shelf
from comity.rulebooks.workbench.tries import attempt_all

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("name", docs.PAGES)
def test_generated_pages_are_fresh(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == docs.PAGES[name](), "run: make docs"


def test_everything_has_a_heading() -> None:
    facts, rulings = (ROOT / "docs" / "facts.md").read_text(), (ROOT / "docs" / "rulings.md").read_text()
    rulebook, settings = (ROOT / "docs" / "rulebook.md").read_text(), (ROOT / "docs" / "settings.md").read_text()
    assert all(f"## `{kind}`" in facts for kind in KINDS)
    assert all(f"## `{ruling.__name__}`" in rulings for ruling in RULINGS.values())
    assert all(f"| `{field}` |" in rulebook for fields in FIELDS.values() for field in fields)
    assert all(f"| `{option.name}` |" in settings for option in OPTIONS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_index_leads_to_every_page_and_says_what_is_there() -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    linked = set(re.findall(r"\]\(([^)#]+)\)", index))
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert pages - {"index.md"} <= linked
    assert all(re.search(r": .+\.$", line) for line in index.splitlines() if line.startswith("- ["))


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda page: page.name)
def test_decisions_have_one_form(page: Path) -> None:
    head, *sections = re.split(r"^## (.+)\n", page.read_text("utf-8"), flags=re.MULTILINE)
    number = int(page.name.partition("-")[0])
    assert re.fullmatch(
        rf"# {number}\. .+\n\n- Date: \d{{4}}-\d\d-\d\d\n- Status: (accepted|superseded by \[\d+\]\(.+\))\n\n", head
    )
    names, texts = sections[::2], sections[1::2]
    allowed = ["Context", "Decision", "Consequences", "Rejected"]
    assert names == [name for name in allowed if name in names], "in this order, each once"
    assert {"Context", "Decision"} < set(names), "and what follows from it, or what was rejected"
    assert all(text.strip() for text in texts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tables_are_whole(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for table in re.findall(r"(?:^\|.*\n?)+", text, flags=re.MULTILINE):
        head, rule, *rows = table.splitlines()
        assert re.fullmatch(r"\|( :?-+:? \|)+", rule), f"no table begins with: {head}"
        assert [row for row in rows if _cells(row) != _cells(head)] == []
        assert _cells(rule) == _cells(head)


def _cells(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row.rstrip())) - 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_rulebooks_and_worked_cases_in_the_docs_are_executed(page: Path) -> None:
    for example in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL):
        if "[[case]]" in example:
            assert [outcome.wrong for outcome in attempt_all(example, Shelf()) if not outcome.passed] == []
        else:
            parse(example)


@pytest.mark.parametrize("table", FIELDS)
def test_the_example_of_every_field_is_executed(table: str) -> None:
    for key, field in FIELDS[table].items():
        book = whole(table, key)
        assert all(line.strip() in book for line in field.example.splitlines())
        parse(book)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_docs_exist(page: Path) -> None:
    said = re.findall(r"(?:^|`)comity ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*))?", page.read_text("utf-8"), flags=re.MULTILINE)
    top = click.Context(comity)
    for name, part in said:
        command = comity.get_command(top, name)
        assert command is not None, name
        assert not isinstance(command, click.Group) or not part or part in command.commands, f"{name} {part}"


def test_the_repository_names_no_registry_host() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    hosts = ["py" + "pi.org", "python" + "hosted.org", "registry.npm" + "js", "deb.debian" + ".org"]
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and path.suffix not in (".png", ".mo"):
            text = path.read_text("utf-8")
            assert not [host for host in hosts if host in text], name


@pytest.mark.parametrize(
    "module",
    ["policy.judge", "policy.memory", "rulebooks.language.parse", "history.replay", "lib.canonical", "rulebooks.shelf"],
)
def test_the_core_and_history_run_without_django(module: str) -> None:
    code = f"import sys, comity.{module}; sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_changelog_has_its_form() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
    versions = [line for line in lines if line.startswith("## ")]
    assert all(re.fullmatch(r"## \[\d+\.\d+\.\d+\] - (unreleased|\d{4}-\d\d-\d\d)", line) for line in versions)
    groups = {line.removeprefix("### ") for line in lines if line.startswith("### ")}
    assert groups <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert lines.index("### Added") < next(n for n, line in enumerate(lines) if line.startswith("- "))
