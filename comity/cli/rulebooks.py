"""comity rulebook check | show | publish"""

import argparse
from dataclasses import asdict
from datetime import UTC, datetime

from comity.cli import setup, show
from comity.cli.main import FINE, FOUND
from comity.rulebooks import shelf, words
from comity.rulebooks.language import parse as parsing
from comity.rulebooks.language import schema, tree
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook
from comity.rulebooks.workbench import tries


def check(options: argparse.Namespace) -> int:
    """Report every mistake; exit 1 if there is any."""
    text = shelf.text_of(options.rulebook)
    try:
        book = parse(text)
    except BadRulebook as error:
        if options.json:
            mistakes = [{"line": m.line, "problem": m.problem, "hint": m.hint} for m in error.mistakes]
            show.as_json({"ok": False, "mistakes": mistakes})
        else:
            print("\n".join(f"{options.rulebook}:{mistake}" for mistake in error.mistakes))
        return FOUND
    if options.json:
        show.as_json({"ok": True, "rulebook": book.ref, "duties": len(book.duties), "mistakes": []})
    else:
        print(f"{book.ref}: {len(book.duties)} duties, {len(book.ledgers)} ledgers, no mistakes")
    return FINE


def show_(options: argparse.Namespace) -> int:
    """Say what the rulebook asks for: in words, or as the machine reads it."""
    form = "json" if options.json else options.form
    text = shelf.text_of(options.rulebook)
    book = parse(text)
    if form == "toml":
        print(text, end="")
    elif form == "json":
        show.as_json(tree.plain(text))
    else:
        print("\n".join(words.sentences(book)))
    return FINE


def schema_(options: argparse.Namespace) -> int:
    """Print the JSON Schema of the language, for editors."""
    show.as_json(schema.schema())
    return FINE


def test(options: argparse.Namespace) -> int:
    """Run worked cases: of all rulebooks, or of the ones named; exit 1 if any comes out otherwise."""
    outcomes = [outcome for name in options.names or [None] for outcome in _tries(name)]
    failed = [outcome for outcome in outcomes if not outcome.passed]
    if options.json:
        show.as_json(
            {
                "ok": not failed,
                "cases": len(outcomes),
                "failed": [
                    {
                        "case": each.case.name,
                        "rulebook": each.case.rulebook,
                        "line": each.case.line,
                        "wrong": list(each.wrong),
                    }
                    for each in failed
                ],
            }
        )
        return FOUND if failed else FINE
    for each in failed:
        print(f"{each.case.rulebook}: line {each.case.line}: {each.case.name}")
        print("\n".join(f"  {problem}" for problem in each.wrong))
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} worked cases come out as they must")
    return FOUND if failed else FINE


def _tries(name: str | None) -> list[tries.Outcome]:
    """The outcomes of a rulebook's cases, of a file's, or of all that come with Comity."""
    if name is None:
        return [outcome for each in shelf.example_names() for outcome in _tries_of(shelf.example_text(each))]
    if name in shelf.example_names():
        return _tries_of(shelf.example_text(name))
    text = shelf.text_of(name)
    if "in_force_from" not in parsing.tree_of(text, parsing.MAX_BYTES):
        return _tries_of(text)
    book = parse(text)
    return tries.attempt_all(text, shelf.Shelf(book), own=book.name)


def _tries_of(text: str) -> list[tries.Outcome]:
    return tries.attempt_all(text, shelf.Shelf())


def analyse(options: argparse.Namespace) -> int:
    """Report what can be proved of a rulebook; exit 1 if it has a finding that it does not accept."""
    from comity.rulebooks.workbench import analysis

    book = shelf.load(options.rulebook)
    findings = analysis.analyse(book)
    open_ = [finding for finding in findings if not finding.accepted]
    if options.json:
        show.as_json({"ok": not open_, "rulebook": book.ref, "findings": [asdict(each) for each in findings]})
        return FOUND if open_ else FINE
    for finding in findings:
        print(f"{finding.name}: {finding.says}")
        if finding.accepted:
            print(f"  accepted: {finding.accepted}")
        elif finding.witness:
            print("  for example, and the judge confirms it:" if finding.confirmed else "  NOT confirmed by the judge:")
            print("\n".join(f"    {line}" for line in finding.witness.splitlines()))
        else:
            print("  proved: there is no case in which it is otherwise")
    print(f"{book.ref}: {len(findings)} findings, {len(open_)} not accepted")
    return FOUND if open_ else FINE


def diff(options: argparse.Namespace) -> int:
    """Say what changed from one rulebook to another, and show smallest cases that are treated differently."""
    from comity.rulebooks.workbench import difference, witnesses

    old, new = shelf.load(options.old), shelf.load(options.new)
    changes, cases = difference.changes(old, new), list(witnesses.witnesses(old, new))
    if options.json:
        show.as_json(
            {
                "old": old.ref,
                "new": new.ref,
                "changes": [{**asdict(each), "lines": each.lines} for each in changes],
                "witnesses": [asdict(each) for each in cases],
            }
        )
        return FINE
    print(f"{old.ref} -> {new.ref}")
    for change in changes:
        print(f"{change.what}: {change.kind} {change.name}")
        print("\n".join(f"  {line}" for line in change.lines))
    for case in cases:
        print(f"For example: {case}.")
    if not changes:
        print("no rule differs")
    return FINE


def publish(options: argparse.Namespace) -> int:
    """Publish a version in the platform's name."""
    setup.django()
    from comity.actions import parties
    from comity.actions import rulebooks as actions
    from comity.actions.guard import Actor

    now = datetime.now(UTC)
    version = actions.publish(Actor(parties.platform(now)), shelf.text_of(options.rulebook), at=now)
    print(f"{version} is published and in force from {version.in_force_from:%Y-%m-%d %H:%M} UTC")
    return FINE
